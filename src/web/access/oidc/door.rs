//! The addresses of a login at the provider: out, back, and off again.

use alerts::audit::Deed;
use alerts::format;
use axum::extract::{Query as Parameters, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use crawler::words::Words;
use jiff::Timestamp;
use serde::Deserialize;
use tracing::warn;

use super::super::super::pages::{ask, spoken};
use super::super::super::view::{Button, Chrome, Here, LoginData, encoded, login_page};
use super::super::login::{Given, Turned, in_language, with_cookie, within};
use super::super::{Access, Peer};
use super::pending::Pending;
use super::{Named, Oidc, Trouble};
use crate::daemon::Running;

/// Where a login begins.
const OUT: &str = "/login/oidc";

/// What it is begun with.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct Asked {
    next: String,
    lang: Option<String>,
}

/// What a provider sends a browser back with.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct Came {
    code: String,
    state: String,
    error: Option<String>,
    /// Who sends it back (RFC 9207), where a provider says so.
    iss: Option<String>,
}

/// The button that leads to the provider.
pub(in super::super) fn button(next: &str, lang: Option<&str>) -> Button {
    let lang = if lang == Some("en") { "&lang=en" } else { "" };
    Button {
        href: format!("{OUT}?next={}{lang}", encoded(next)),
        label: Words::new("统一登录", "Log in with single sign-on"),
    }
}

/// `GET /login/oidc`: to the provider. A link, not a form: browsers hold a form's redirects against `form-action`.
pub(in crate::web) async fn begin(
    State(running): State<Running>,
    peer: Peer,
    Parameters(asked): Parameters<Asked>,
) -> Response {
    let Some(oidc) = running.access.oidc() else { return Redirect::to("/login").into_response() };
    let now = running.clock.now();
    let next = in_language(within(&asked.next), asked.lang.as_deref());
    match way_out(&running.access, &oidc, &next, now).await {
        Ok((way, cookie)) => with_cookie(Redirect::to(way.as_str()).into_response(), cookie),
        Err(trouble) => told(&running, &peer, &next, trouble).await,
    }
}

async fn way_out(
    access: &Access,
    oidc: &Oidc,
    next: &str,
    now: Timestamp,
) -> Result<(url::Url, Option<HeaderValue>), Trouble> {
    let provider = oidc.provider(now).await?;
    let pending = Pending::new(access.key(), next, now).ok_or(Trouble::Busy)?;
    Ok((oidc.way_out(&provider, &pending), access.pending_cookie().give(&pending.cookie, "; Max-Age=600")))
}

/// `GET /login/oidc/callback`: back from the provider.
pub(in crate::web) async fn back(
    State(running): State<Running>,
    peer: Peer,
    Parameters(came): Parameters<Came>,
    request: Request,
) -> Response {
    let Some(oidc) = running.access.oidc() else { return Redirect::to("/login").into_response() };
    let (headers, now) = (request.headers().clone(), running.clock.now());
    let cookie = running.access.pending_cookie();
    let begun = cookie.values(&headers).find_map(|kept| {
        Pending::read(running.access.key(), kept, now).filter(|pending| pending.is_of(&came.state))
    });
    let next = begun.as_ref().map_or("/", |pending| within(&pending.next)).to_owned();
    let entered = enter(&running, &oidc, (came, &peer), begun.as_ref(), now).await;
    let response = match entered {
        Ok(token) => {
            leave_others(&running, &headers).await;
            let response = Redirect::to(&next).into_response();
            with_cookie(response, running.access.cookie().set(&token))
        }
        Err(trouble) => told(&running, &peer, &next, trouble).await,
    };
    // One login is one way there and one way back.
    with_cookie(response, cookie.clear())
}

async fn enter(
    running: &Running,
    oidc: &Oidc,
    (came, peer): (Came, &Peer),
    begun: Option<&Pending>,
    now: Timestamp,
) -> Result<super::super::Token, Trouble> {
    // Nothing is asked, and no place taken, but for a login that this browser began.
    let pending = begun.ok_or(Trouble::Stale)?;
    if came.iss.as_deref().is_some_and(|issuer| !oidc.is(issuer)) {
        return Err(Trouble::Untrusted("it comes from another issuer"));
    }
    if came.error.is_some() || came.code.is_empty() {
        return Err(Trouble::Cancelled);
    }
    let Named { names, role } = oidc.named(came.code, pending, peer.from, now).await?;
    let Some(account) = names.iter().find_map(|name| running.access.account(name)) else {
        running.access.refused(running, "", Deed::Refused, now).await;
        let first = names.first().map(|name| format::one_line(name, 40));
        return Err(Trouble::Stranger(first.unwrap_or_default()));
    };
    let given = Given { role, rules: Some(oidc.rules().to_owned()) };
    running.access.begin(running, account, given, now).await.map_err(|turned| match turned {
        // Account or settings have changed meanwhile.
        Turned::Away => Trouble::Stale,
        _ => Trouble::Busy,
    })
}

/// Whatever session the browser had before is over: it may be somebody else's.
async fn leave_others(running: &Running, headers: &HeaderMap) {
    for hash in running.access.cookie().read(headers) {
        running.access.end(running, hash).await;
    }
}

/// `GET /login/oidc/left`: logged out here; the browser goes on to the provider, which remembers it otherwise. A page,
/// since the form that logged out may lead nowhere else.
pub(in crate::web) async fn left(
    State(running): State<Running>,
    peer: Peer,
    Parameters(asked): Parameters<Asked>,
) -> Response {
    let now = running.clock.now();
    let way = match running.access.oidc() {
        Some(oidc) => oidc.way_off(now).await,
        None => None,
    };
    let Some(way) = way else { return Redirect::to("/login").into_response() };
    let onward = HeaderValue::from_str(&format!("0; url={way}")).ok();
    let label = Words::new("退出统一登录", "Log out of the single sign-on");
    let button = Button { href: way.to_string(), label };
    let said = Words::new(
        "已退出观澜，正在退出统一登录。没有自动转过去，请点下面的按钮。",
        "Logged out of Guanlan; the single sign-on is next. If nothing happens, use the button.",
    );
    let mut response = page(&running, &peer, asked.lang, (StatusCode::OK, said), button).await;
    if let Some(onward) = onward {
        response.headers_mut().insert(header::REFRESH, onward);
    }
    response
}

/// The login page, with what went wrong.
async fn told(running: &Running, peer: &Peer, next: &str, trouble: Trouble) -> Response {
    let is_told = || running.access.register().notes_trouble(running.clock.now());
    if let Some(why) = trouble.cause().filter(|_| is_told()) {
        warn!(why, "a login at the provider came to nothing");
    }
    let status = match trouble {
        Trouble::Unreachable(_) | Trouble::Busy => StatusCode::SERVICE_UNAVAILABLE,
        Trouble::Stale => StatusCode::BAD_REQUEST,
        Trouble::Stranger(_) | Trouble::Groupless | Trouble::Nameless => StatusCode::FORBIDDEN,
        Trouble::Refused(_) | Trouble::Untrusted(_) | Trouble::Cancelled => StatusCode::UNAUTHORIZED,
    };
    let lang = next.contains("lang=en").then(|| "en".to_owned());
    let button = button(next, lang.as_deref());
    page(running, peer, lang, (status, trouble.said()), button).await
}

async fn page(
    running: &Running,
    peer: &Peer,
    lang: Option<String>,
    (status, said): (StatusCode, Words),
    button: Button,
) -> Response {
    let (now, is_plain) = (running.clock.now(), running.access.is_plain(peer));
    ask(running, move |lookout| {
        let site = &lookout.orders.site;
        let language = spoken(lang.as_deref(), site);
        let chrome = Chrome::new(site, language, now, Here::Elsewhere, "/login");
        let button = Some(&button);
        let data = LoginData { name: "", next: "/", said: Some(said), is_empty: false, is_plain, button };
        Ok((status, Html(login_page(&chrome, &data))).into_response())
    })
    .await
}
