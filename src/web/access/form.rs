//! Forms: whether one comes from a page of ours, and the token that such a page puts into it.

use std::time::Duration;

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, header};
use ring::hmac;

use super::refusal::Refusal;
use super::session;

/// Bytes of a form: a word list of a concern has room.
pub(super) const LONGEST: usize = 256 << 10;
/// A form has to be here within this time.
pub(super) const WITHIN: Duration = Duration::from_secs(15);
/// Name of the field that holds the token.
pub(super) const FIELD: &str = "form_token";
/// Where a browser says how the page that sends a form relates to us, on TLS and on this machine.
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Makes the tokens.
pub(super) struct Key(hmac::Key);

impl Key {
    /// From a key of this installation.
    pub(super) fn new(key: [u8; 32]) -> Key {
        Key(hmac::Key::new(hmac::HMAC_SHA256, &key))
    }

    /// The token of whoever is known by that.
    pub(super) fn token(&self, whose: &[u8]) -> String {
        let tag = hmac::sign(&self.0, whose);
        session::hex(tag.as_ref().get(..16).unwrap_or_default())
    }
}

/// Whether a form was sent by a page of ours. Browsers that do not say how the page relates to us name where it
/// was; a gateway may have given us another name than the browser knows.
pub(super) fn is_from_here(headers: &HeaderMap, public_host: Option<&str>) -> bool {
    let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text(&FETCH_SITE) {
        return site == "same-origin";
    }
    let Some(origin) = text(&header::ORIGIN).and_then(host_of) else { return false };
    [text(&header::HOST), public_host].into_iter().flatten().any(|host| host.eq_ignore_ascii_case(origin))
}

/// Whether a request of a program may be what it seems: sent by a page of another site it would say so, since the API
/// takes nothing but JSON, and a browser names the site before it sends that.
pub(super) fn is_from_no_other(headers: &HeaderMap, public_host: Option<&str>) -> bool {
    let says_nothing = !headers.contains_key(&FETCH_SITE) && !headers.contains_key(header::ORIGIN);
    says_nothing || is_from_here(headers, public_host)
}

/// The request, if its body is the usual form of a page.
pub(super) fn checked(request: Request) -> Result<Request, Refusal> {
    if is_form(request.headers()) { Ok(request) } else { Err(Refusal::NoForm) }
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// Whether a form has that token.
pub(super) fn carries(body: &[u8], token: &str) -> bool {
    let sent = url::form_urlencoded::parse(body).find(|(name, _)| name == FIELD);
    sent.is_some_and(|(_, sent)| session::is_same(&sent, token))
}

/// Host and port of an address: `https://guanlan.example.cn/x` → `guanlan.example.cn`.
pub(super) fn host_of(address: &str) -> Option<&str> {
    let (_, rest) = address.split_once("://")?;
    rest.split('/').next().filter(|host| !host.is_empty())
}

/// The host alone; an address of IPv6 keeps its brackets.
pub(super) fn without_port(host: &str) -> &str {
    let port = |(_, port): &(&str, &str)| port.bytes().all(|byte| byte.is_ascii_digit());
    host.rsplit_once(':').filter(port).map_or(host, |(name, _)| name)
}
