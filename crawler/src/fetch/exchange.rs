//! One request and its answer within the limits of time and size. Follows nothing and judges nothing.

use std::error::Error;
use std::future::Future;
use std::time::Duration;

use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap};
use reqwest::{Client, Response};
use tokio::time::timeout;
use url::Url;

use super::error::Stage;
use super::proxy::Proxy;
use super::{FetchError, Limits};
use crate::attachment::Attachment;
use crate::guard::Refusal;
use crate::words::Words;

/// What to do with a body that is longer than wanted.
#[derive(Clone, Copy)]
pub(super) enum Size {
    /// It is an error.
    AtMost(usize),
    /// The beginning is enough.
    CutAt(usize),
}

/// An answer whose body was read if it is a page (2xx).
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// A header as text; `None` if it is missing or not ASCII.
    pub(super) fn header(&self, name: impl reqwest::header::AsHeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// Sends one request and reads the answer.
pub(super) async fn exchange(
    (client, proxy): (&Client, Option<&Proxy>),
    url: &Url,
    headers: HeaderMap,
    (size, limits): (Size, &Limits),
) -> Result<Answer, FetchError> {
    let all = async {
        let send = client.get(url.clone()).headers(headers).send();
        let sent = within(limits.headers, url, Stage::Headers, send).await?;
        let response = sent.map_err(|error| no_answer(url, &error, (proxy, limits)))?;
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        refuse_long_headers(url, &headers, limits)?;
        let has_page = (200..300).contains(&status) && status != 204;
        if has_page {
            refuse_what_is_no_text(url, &headers)?;
        }
        let body = if has_page { read(response, url, size, limits).await? } else { Vec::new() };
        if let Some(what) = Attachment::of_bytes(&body) {
            return Err(FetchError::NoText { url: url.to_string(), what });
        }
        Ok(Answer { status, headers, body })
    };
    within(limits.whole, url, Stage::Whole, all).await?
}

async fn read(mut response: Response, url: &Url, size: Size, limits: &Limits) -> Result<Vec<u8>, FetchError> {
    let mut body = Vec::new();
    loop {
        let chunk = within(limits.idle, url, Stage::Idle, response.chunk()).await?;
        let chunk = match chunk {
            Ok(Some(chunk)) => chunk,
            Ok(None) => return Ok(body),
            Err(error) => return Err(FetchError::Truncated { url: url.to_string(), why: cause(&error) }),
        };
        // Counted after unpacking: a small file may unpack to a huge one.
        match size {
            Size::AtMost(limit) if body.len() + chunk.len() > limit => {
                return Err(FetchError::TooLarge { url: url.to_string(), limit });
            }
            Size::CutAt(limit) if body.len() + chunk.len() > limit => {
                body.extend(chunk.iter().take(limit - body.len()));
                return Ok(body);
            }
            Size::AtMost(_) | Size::CutAt(_) => body.extend_from_slice(&chunk),
        }
    }
}

async fn within<T>(
    limit: Duration,
    url: &Url,
    stage: Stage,
    work: impl Future<Output = T>,
) -> Result<T, FetchError> {
    let late = |_| FetchError::Timeout { url: url.to_string(), stage, seconds: limit.as_secs() };
    timeout(limit, work).await.map_err(late)
}

/// The client gives up at about 400 KiB by itself; our own limit may be lower.
fn refuse_long_headers(url: &Url, headers: &HeaderMap, limits: &Limits) -> Result<(), FetchError> {
    // As they came over the line: `name: value` and the line's end.
    let bytes: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    if bytes <= limits.header_bytes {
        return Ok(());
    }
    let limit = limits.header_bytes;
    let why = Words::new(
        format!("回复的开头超过 {limit} 字节；请用浏览器看看网站是否正常"),
        format!(
            "the beginning of the answer is longer than {limit} bytes; see whether the site works in a browser"
        ),
    );
    Err(FetchError::Other { url: url.to_string(), why })
}

/// Documents, pictures and films are not read to their end just to find out that they are no feed.
fn refuse_what_is_no_text(url: &Url, headers: &HeaderMap) -> Result<(), FetchError> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if let Some(what) = Attachment::of_type(text(CONTENT_TYPE)) {
        return Err(FetchError::NoText { url: url.to_string(), what });
    }
    // What the client could unpack is no longer named here.
    let packing = text(CONTENT_ENCODING).trim().to_ascii_lowercase();
    if !packing.is_empty() && packing != "identity" {
        let why = Words::new(
            format!("内容用“{packing}”打包，没有要求过，也解不开"),
            format!("it is packed as \"{packing}\", which was not asked for and cannot be unpacked"),
        );
        return Err(FetchError::Other { url: url.to_string(), why });
    }
    Ok(())
}

fn no_answer(url: &Url, error: &reqwest::Error, (proxy, limits): (Option<&Proxy>, &Limits)) -> FetchError {
    if let Some(refusal) = find_refusal(error) {
        return FetchError::Blocked { url: url.to_string(), why: refusal.with_port(url) };
    }
    if error.is_timeout() {
        let stage = Stage::Connecting;
        return FetchError::Timeout { url: url.to_string(), stage, seconds: limits.connect.as_secs() };
    }
    let cause = cause(error);
    let why = if let (true, Some(proxy)) = (error.is_connect(), proxy) {
        Words::new(
            format!("经过代理 {proxy} 连不上（{cause}）；请看看代理是否正常、要不要登录"),
            format!(
                "cannot be reached through the proxy {proxy} ({cause}); see whether the proxy works and wants a login"
            ),
        )
    } else if error.is_connect() {
        Words::new(
            format!("连不上（{cause}）；请用浏览器看看网站是否正常"),
            format!("cannot be reached ({cause}); see whether the site works in a browser"),
        )
    } else {
        Words::new(
            format!("回复不合规矩（{cause}）；会再去"),
            format!("gave no proper answer ({cause}); it is asked again"),
        )
    };
    FetchError::Other { url: url.to_string(), why }
}

pub(super) fn find_refusal(error: &reqwest::Error) -> Option<&Refusal> {
    let mut next: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = next {
        if let Some(refusal) = error.downcast_ref() {
            return Some(refusal);
        }
        next = error.source();
    }
    None
}

/// The innermost cause in words: the outer ones only repeat the address.
pub(super) fn cause(error: &reqwest::Error) -> String {
    let mut innermost: &dyn Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
