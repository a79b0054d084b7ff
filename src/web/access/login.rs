//! The login page: a name and a password in, a session out.

use std::net::IpAddr;

use alerts::account::{Account, Role, Session};
use alerts::audit::Deed;
use alerts::format;
use alerts::journal::JournalError;
use axum::Form;
use axum::extract::{Query as Parameters, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use jiff::Timestamp;
use serde::Deserialize;
use tracing::error;

use super::super::pages::{ask, spoken};
use super::super::view::{Chrome, Here, LoginData, login_page, turned_away};
use super::lockout::Try;
use super::refusal::{Asker, Refusal};
use super::session::Token;
use super::{Access, Peer, Visitor};
use crate::daemon::Running;

/// What the page is asked with.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct Asked {
    lang: Option<String>,
    next: String,
}

/// The form.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct Filled {
    name: String,
    password: String,
    next: String,
    lang: Option<String>,
}

/// Why nobody was let in. One answer for a wrong password and for a name that nobody has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turned {
    /// Name or password is wrong.
    Away,
    /// Too many tries: not before so many seconds.
    Waiting(i64),
    /// Too many log in at once.
    Busy,
    /// It could not be written down.
    Failed,
}

/// What a provider gave a session.
#[derive(Default)]
pub(super) struct Given {
    /// A role instead of the account's own.
    pub(super) role: Option<Role>,
    /// Names the rules by which it was judged; none where a password was.
    pub(super) rules: Option<String>,
}

/// `GET /login`
pub(in crate::web) async fn page(
    State(running): State<Running>,
    peer: Peer,
    Parameters(asked): Parameters<Asked>,
    request: Request,
) -> Response {
    match running.access.visitor(request.headers(), &peer, running.clock.now()) {
        // Who is in already has no business here; with no login there is none.
        Ok(_) => Redirect::to(within(&asked.next)).into_response(),
        Err(Refusal::NoLogin) => shown(&running, &peer, asked, (String::new(), None)).await,
        // Nobody logs in here: the page says what is in force instead.
        Err(refusal) => refusal.answer(&running, &Asker::of(&request)).await,
    }
}

/// `POST /login`
pub(in crate::web) async fn enter(
    State(running): State<Running>,
    peer: Peer,
    asker: Asker,
    headers: HeaderMap,
    Form(filled): Form<Filled>,
) -> Response {
    let Filled { name, password, next, lang } = filled;
    let name = name.trim().to_owned();
    let now = running.clock.now();
    if !running.access.takes_passwords() {
        return Refusal::NoPasswords.answer(&running, &asker).await;
    }
    match running.access.log_in(&running, (&name, password), peer.from, now).await {
        Ok(token) => {
            // Whatever session the browser had before is over: it may be somebody else's.
            for hash in running.access.cookie().read(&headers) {
                running.access.end(&running, hash).await;
            }
            let cookie = running.access.cookie().set(&token);
            with_cookie(Redirect::to(&in_language(within(&next), lang.as_deref())).into_response(), cookie)
        }
        Err(turned) => shown(&running, &peer, Asked { lang, next }, (name, Some(turned))).await,
    }
}

/// `POST /logout`
pub(in crate::web) async fn leave(
    visitor: Visitor,
    State(running): State<Running>,
    Parameters(asked): Parameters<Asked>,
) -> Response {
    if let Some(hash) = visitor.session {
        running.access.end(&running, hash).await;
        let now = running.clock.now();
        let noted = move |lookout: &mut crate::lookout::Lookout| {
            lookout.desk.journal_mut().audit(now, &visitor.post, Deed::LoggedOut, "")
        };
        if let Ok(Err(error)) = running.lookout.ask(noted).await {
            error!(%error, "a logout could not be written down");
        }
    }
    let next = match running.access.oidc() {
        Some(_) => "/login/oidc/left",
        None if asked.lang.as_deref() == Some("en") => "/login?lang=en",
        None => "/login",
    };
    with_cookie(Redirect::to(next).into_response(), running.access.cookie().clear())
}

async fn shown(
    running: &Running,
    peer: &Peer,
    asked: Asked,
    (name, turned): (String, Option<Turned>),
) -> Response {
    let now = running.clock.now();
    let (is_empty, is_plain) = (running.access.register().is_empty(), running.access.is_plain(peer));
    let is_elsewhere = running.access.oidc().is_some();
    ask(running, move |lookout| {
        let site = &lookout.orders.site;
        let language = spoken(asked.lang.as_deref(), site);
        let next = within(&asked.next);
        let path = format!("/login?next={}", super::super::view::encoded(next));
        let chrome = Chrome::new(site, language, now, Here::Elsewhere, &path);
        // What was typed is collected text as any other.
        let name = format::one_line(&name, 80);
        let button = is_elsewhere.then(|| super::oidc::button(next, asked.lang.as_deref()));
        let said = turned.map(turned_away);
        let data = LoginData { name: &name, next, said, is_empty, is_plain, button: button.as_ref() };
        let status = match turned {
            None => StatusCode::OK,
            Some(Turned::Away) => StatusCode::UNAUTHORIZED,
            Some(Turned::Waiting(_)) => StatusCode::TOO_MANY_REQUESTS,
            Some(Turned::Busy | Turned::Failed) => StatusCode::SERVICE_UNAVAILABLE,
        };
        let mut response = (status, Html(login_page(&chrome, &data))).into_response();
        let wait = match turned {
            Some(Turned::Waiting(seconds)) => Some(seconds),
            Some(Turned::Busy) => Some(5),
            _ => None,
        };
        if let Some(seconds) = wait {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        Ok(response)
    })
    .await
}

pub(super) fn with_cookie(mut response: Response, cookie: Option<HeaderValue>) -> Response {
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// Where somebody wanted to go: a place on these pages and nowhere else. Browsers read `\` as `/` and leave line
/// breaks out, so whatever is not plain leads to the beginning.
pub(super) fn within(next: &str) -> &str {
    let is_plain = next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let is_here = next.starts_with('/') && !next.starts_with("//");
    let is_door = next.starts_with("/login") || next.starts_with("/logout");
    if is_plain && is_here && !is_door && next.len() <= 2000 { next } else { "/" }
}

pub(super) fn in_language(path: &str, lang: Option<&str>) -> String {
    match lang {
        Some("en") if !path.contains("lang=") => {
            format!("{path}{}lang=en", if path.contains('?') { '&' } else { '?' })
        }
        _ => path.to_owned(),
    }
}

impl Access {
    /// Lets somebody in who knows the password.
    async fn log_in(
        &self,
        running: &Running,
        (name, password): (&str, String),
        from: IpAddr,
        now: Timestamp,
    ) -> Result<Token, Turned> {
        let register = self.register();
        let account = register.account(name);
        let tried = register.lockouts().try_at(name, account.is_some(), from, now);
        let locks = match tried {
            Try::Wait { until } => return Err(Turned::Waiting(until.duration_since(now).as_secs().max(1))),
            Try::Allowed { locks } => locks,
        };
        // An account without a password is the gateway's: as good as none here.
        let is_account = account.is_some();
        let account = account.filter(|account| !account.password.is_empty());
        let kept = account.as_ref().map(|account| account.password.clone());
        let Ok(right) = self.checker().is_right(password, kept).await else {
            register.lockouts().untried(name, is_account, from, now);
            return Err(Turned::Busy);
        };
        let Some(account) = account.filter(|_| right) else {
            let deed = if locks { Deed::Locked } else { Deed::Refused };
            self.refused(running, name, deed, now).await;
            return Err(Turned::Away);
        };
        register.lockouts().right(name, from, now);
        self.begin(running, account, Given::default(), now).await
    }

    /// Begins a session of an account.
    pub(super) async fn begin(
        &self,
        running: &Running,
        account: Account,
        given: Given,
        now: Timestamp,
    ) -> Result<Token, Turned> {
        let token = Token::new().ok_or(Turned::Failed)?;
        let (hash, Given { role, rules }) = (token.hash(), given);
        let session = Session { hash, account: account.name, began: now, seen: now, role, rules };
        let access = self.clone();
        let written = running.lookout.ask(move |lookout| {
            // The file may have changed while the provider was asked.
            let is_in_force = session.rules == access.rules();
            let journal = lookout.desk.journal_mut();
            let begun = is_in_force && journal.begin_session(&session, &account.password)?;
            // Here, where accounts are changed: no session outlives the password it began with.
            if begun {
                access.register().begin(session);
            }
            Ok::<bool, JournalError>(begun)
        });
        match written.await {
            Ok(Ok(true)) => Ok(token),
            Ok(Ok(false)) => Err(Turned::Away),
            Ok(Err(error)) => {
                error!(%error, "a login could not be written down, so nobody was let in");
                Err(Turned::Failed)
            }
            Err(_) => Err(Turned::Failed),
        }
    }

    /// Writes a refused login down; a name that nobody has may be a password, so it is not kept.
    pub(super) async fn refused(&self, running: &Running, name: &str, deed: Deed, now: Timestamp) {
        let register = self.register();
        if !register.notes_refusal(now) {
            return;
        }
        let post = register.account(name).map(|account| account.name).unwrap_or_default();
        let noted =
            running.lookout.ask(move |lookout| lookout.desk.journal_mut().audit(now, &post, deed, "")).await;
        if let Ok(Err(error)) = noted {
            error!(%error, "a refused login could not be written down");
        }
    }

    /// Ends a session.
    pub(super) async fn end(&self, running: &Running, hash: super::session::Hash) {
        let access = self.clone();
        let ended = running.lookout.ask(move |lookout| {
            let ended = lookout.desk.journal_mut().end_session(&hash);
            // Here, after the file: an account that is changed meanwhile reads the sessions from there anew.
            access.register().end(&hash);
            ended
        });
        match ended.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => error!(%error, "the end of a session could not be written down"),
            Err(_) => self.register().end(&hash),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_leads_to_a_place_on_these_pages_and_nowhere_else() {
        for here in ["/", "/a/20261124-03", "/search?q=%E5%81%9C&lang=en"] {
            assert_eq!(within(here), here);
        }
        for elsewhere in [
            "",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "javascript:alert(1)",
            "/\t/evil.example",
            "\\\\evil.example",
            "/login?next=/login",
            "/logout",
            "/停水",
            "/a\r\nSet-Cookie: x=y",
        ] {
            assert_eq!(within(elsewhere), "/", "{elsewhere}");
        }
        assert_eq!(within(&format!("/{}", "x".repeat(3000))), "/");
        assert_eq!(in_language("/a/1?x=1", Some("en")), "/a/1?x=1&lang=en");
        assert_eq!(in_language("/a/1?lang=en", Some("en")), "/a/1?lang=en");
    }
}
