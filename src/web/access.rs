//! Who may do what on the pages, decided in one place before any handler is asked: reading needs the role view,
//! every form needs duty, comes from a page of ours and carries that page's token. What needs more says so with
//! [`Admin`]; what needs nobody stands in `need.rs`.

mod audit;
mod form;
mod lockout;
mod login;
mod need;
pub(crate) mod oidc;
pub(crate) mod password;
mod peer;
mod refusal;
mod register;
mod session;
mod visitor;

use std::net::IpAddr;
use std::sync::{Arc, PoisonError, RwLock};

pub(crate) use alerts::account::LOCAL;
use alerts::account::{Account, AccountChange, AccountError};
use alerts::journal::{Journal, JournalError};
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, header};
use axum::middleware::Next;
use axum::response::Response;
use jiff::Timestamp;
use tracing::error;

pub(super) use self::audit::page as audit_page;
use self::form::Key;
pub(crate) use self::login::Turned;
pub(super) use self::login::{enter, leave, page as login_page};
use self::need::Need;
use self::oidc::Oidc;
use self::password::Checker;
pub(super) use self::peer::{Block, Peer};
use self::refusal::Refusal;
use self::register::Register;
use self::session::Cookie;
pub(crate) use self::session::Token;
pub(crate) use self::visitor::{Admin, OnDuty, Visitor};
use crate::daemon::Running;

/// With this header our script asks for a page again: nobody has done anything.
const REFRESH: HeaderName = HeaderName::from_static("guanlan-refresh");

/// Knows who visits. Cloning it is cheap.
#[derive(Clone)]
pub(crate) struct Access(Arc<Inner>);

/// How visitors are known.
#[derive(Clone, Debug)]
pub(crate) enum KnownBy {
    /// Not at all: everybody who reaches the pages may do everything. On a loopback address only.
    Local,
    /// By the session that a password began.
    Password,
    /// By the session that began at a provider of logins.
    Oidc(Oidc),
    /// By what a gateway that is trusted writes into this header: the name of an account.
    Header(HeaderName),
}

/// What [`Access`] is made from.
pub(crate) struct Door {
    /// How visitors are known.
    pub(crate) known_by: KnownBy,
    /// Signs the forms.
    pub(crate) key: [u8; 32],
    /// `[web] public_url`
    pub(crate) public_url: Option<String>,
    /// Whether we speak TLS ourselves.
    pub(crate) tls: bool,
    /// Gateways that are trusted: what they say of a visitor is believed.
    pub(crate) gateways: Vec<IpAddr>,
    /// Name of the cookie without its prefix.
    pub(crate) cookie: &'static str,
}

struct Inner {
    /// A changed provider is taken over while the program runs; another way to log in needs a restart.
    known_by: RwLock<KnownBy>,
    key: Key,
    /// Host of `[web] public_url`.
    public_host: Option<String>,
    gateways: Vec<IpAddr>,
    cookie: Cookie,
    /// Holds a login that is on its way to a provider and back.
    pending: Cookie,
    register: Register,
    checker: Checker,
}

impl Access {
    /// Knows nobody yet: see [`Access::fill`].
    pub(crate) fn new(door: Door) -> Access {
        let Door { known_by, key, public_url, tls, gateways, cookie } = door;
        let public_host = public_url.as_deref().and_then(form::host_of).map(str::to_owned);
        let secure = tls || public_url.is_some_and(|url| url.starts_with("https://"));
        Access(Arc::new(Inner {
            known_by: RwLock::new(known_by),
            key: Key::new(key),
            public_host,
            gateways,
            cookie: Cookie::new(cookie, secure),
            pending: Cookie::new(
                if cookie == "guanlan" { "guanlan-login" } else { "guanlan-drill-login" },
                secure,
            ),
            register: Register::default(),
            checker: Checker::new(),
        }))
    }

    /// The pages of a demonstration: whoever reaches them may do everything.
    pub(crate) fn local(key: [u8; 32]) -> Access {
        let (public_url, gateways) = (None, Vec::new());
        Access::new(Door {
            known_by: KnownBy::Local,
            key,
            public_url,
            tls: false,
            gateways,
            cookie: "guanlan",
        })
    }

    /// Takes over accounts and sessions from `alerts.db`. Sessions that another provider, or other groups, were the
    /// reason for are over: what they may do is not what the file says now.
    pub(crate) fn fill(&self, journal: &mut Journal) -> Result<(), JournalError> {
        journal.end_sessions_of_other_rules(self.rules().as_deref())?;
        self.0.register.fill(journal.accounts()?, journal.sessions()?, journal.tokens()?);
        Ok(())
    }

    /// Goes on with a provider whose settings have changed; asked by the task that owns the file.
    ///
    /// # Errors
    /// The file cannot be written: then the provider stays as it was.
    pub(crate) fn follow(&self, oidc: Oidc, journal: &mut Journal) -> Result<(), JournalError> {
        let before = self.replace(KnownBy::Oidc(oidc));
        self.fill(journal).inspect_err(|_| drop(self.replace(before)))
    }

    fn replace(&self, known_by: KnownBy) -> KnownBy {
        let mut current = self.0.known_by.write().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *current, known_by)
    }

    /// Changes an account, there and here; asked by the task that owns the file.
    pub(crate) fn change(
        &self,
        journal: &mut Journal,
        change: &AccountChange,
        now: Timestamp,
    ) -> Result<(), AccountError> {
        journal.change_account(change, LOCAL, now)?;
        if let AccountChange::Unlock { name } = change {
            self.0.register.lockouts().unlock(name);
        }
        Ok(self.fill(journal)?)
    }

    /// Whether browsers reach the pages by TLS, here or at a gateway.
    pub(super) fn is_secure(&self) -> bool {
        self.0.cookie.is_secure()
    }

    /// Whether what this side sends and sees can be read on its way.
    fn is_plain(&self, peer: &Peer) -> bool {
        !self.0.cookie.is_secure() && !peer.from.is_loopback()
    }

    /// Whether people log in with a password here.
    fn takes_passwords(&self) -> bool {
        matches!(self.known_by(), KnownBy::Password)
    }

    fn known_by(&self) -> KnownBy {
        self.0.known_by.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The provider at which people log in, if there is one.
    fn oidc(&self) -> Option<Oidc> {
        if let KnownBy::Oidc(oidc) = self.known_by() { Some(oidc) } else { None }
    }

    /// Names the rules by which a session has to have begun.
    fn rules(&self) -> Option<String> {
        self.oidc().map(|oidc| oidc.rules().to_owned())
    }

    fn account(&self, name: &str) -> Option<Account> {
        self.0.register.account(name)
    }

    fn key(&self) -> &Key {
        &self.0.key
    }

    fn pending_cookie(&self) -> &Cookie {
        &self.0.pending
    }

    fn cookie(&self) -> &Cookie {
        &self.0.cookie
    }

    fn checker(&self) -> &Checker {
        &self.0.checker
    }

    /// Gives a program a token, or ends one; asked by the task that owns the file.
    pub(crate) fn change_tokens(
        &self,
        journal: &mut Journal,
        change: impl FnOnce(&mut Journal) -> Result<(), AccountError>,
    ) -> Result<(), AccountError> {
        change(journal)?;
        Ok(self.fill(journal)?)
    }

    fn register(&self) -> &Register {
        &self.0.register
    }

    /// Who sends a request.
    fn visitor(&self, headers: &HeaderMap, peer: &Peer, now: Timestamp) -> Result<Visitor, Refusal> {
        let is_plain = self.is_plain(peer);
        match self.known_by() {
            KnownBy::Local => {
                // Another site's name may be made to lead here, and its pages then read ours: names we do not
                // know are turned away. An address written out cannot be.
                let host = headers.get(header::HOST).and_then(|value| value.to_str().ok());
                let is_ours = host.is_none_or(|host| self.is_known(host));
                if is_ours { Ok(Visitor::local(&self.0.key)) } else { Err(Refusal::UnknownHost) }
            }
            KnownBy::Password | KnownBy::Oidc(_) => {
                let is_use = !headers.contains_key(REFRESH);
                let found = self.0.register.find(&self.0.cookie.read(headers), is_use, now);
                found.map(|found| Visitor::of_session(found, &self.0.key, is_plain)).ok_or(Refusal::NoLogin)
            }
            KnownBy::Header(name) => {
                if !self.0.gateways.contains(&peer.direct) {
                    return Err(Refusal::NoGateway);
                }
                // Of two names one may have come from the browser: whose it is nobody can tell.
                let mut named = headers.get_all(&name).iter().map(peer::decoded);
                let post = match (named.next(), named.next()) {
                    (Some(post), None) if !post.is_empty() => post,
                    (_, Some(_)) => return Err(Refusal::TwoNames),
                    _ => return Err(Refusal::NoName),
                };
                let account = self.0.register.account(&post);
                account
                    .map(|account| Visitor::of_account(account, &self.0.key, is_plain))
                    .ok_or(Refusal::NoAccount)
            }
        }
    }

    /// Which program shows that token.
    fn program(&self, token: &str, path: &str, now: Timestamp) -> Result<Visitor, Refusal> {
        let token = self.0.register.token(&session::hash(token), now).ok_or(Refusal::WrongToken)?;
        let role = token.scope.role_at(path).ok_or(Refusal::NotForThat)?;
        // In a file of an older program an account may have the same name: what is done here is not its doing.
        let is_shared = self.0.register.account(&token.name).is_some();
        let name = if is_shared { format!("{} (API)", token.name) } else { token.name };
        Ok(Visitor::new(&name, role, String::new()))
    }

    fn is_known(&self, host: &str) -> bool {
        let name = form::without_port(host);
        let is_address = name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok();
        let is_public = self.0.public_host.as_deref().is_some_and(|public| public.eq_ignore_ascii_case(host));
        is_address || is_public || name.eq_ignore_ascii_case("localhost")
    }

    /// Lets a request pass, with its visitor, or says why not.
    async fn admit(&self, mut request: Request, now: Timestamp) -> Result<Request, Refusal> {
        let peer = Peer::of(&request, &self.0.gateways);
        request.extensions_mut().insert(peer.clone());
        let need = Need::of(request.method(), request.uri().path());
        if need == Need::Nothing {
            return Ok(request);
        }
        let changes = !request.method().is_safe();
        let is_program = request.uri().path().starts_with("/api/v1/");
        let is_ours = if is_program { form::is_from_no_other } else { form::is_from_here };
        if changes && !is_ours(request.headers(), self.0.public_host.as_deref()) {
            return Err(Refusal::Elsewhere);
        }
        let visitor = match bearer(request.headers()).filter(|_| is_program_path(request.uri().path())) {
            Some(token) => self.program(token, request.uri().path(), now),
            None => self.visitor(request.headers(), &peer, now),
        };
        let Need::Role(role) = need else {
            let request = if changes { whole(form::checked(request)?).await? } else { request };
            return Ok(known(request, visitor.ok()));
        };
        let visitor = visitor?;
        if visitor.role < role {
            return Err(Refusal::NotAllowed { needs: role, post: visitor.post });
        }
        let request = match (changes, is_program) {
            (false, _) => request,
            (true, false) => signed(form::checked(request)?, &visitor).await?,
            (true, true) => whole(request).await?,
        };
        Ok(known(request, Some(visitor)))
    }
}

/// The request, if it is a form that carries the visitor's token.
async fn signed(request: Request, visitor: &Visitor) -> Result<Request, Refusal> {
    let (parts, body) = read(request).await?;
    if !form::carries(&body, &visitor.form_token) {
        return Err(Refusal::OldForm);
    }
    Ok(Request::from_parts(parts, Body::from(body)))
}

/// The request with all that belongs to it, which was sent in time.
async fn whole(request: Request) -> Result<Request, Refusal> {
    let (parts, body) = read(request).await?;
    Ok(Request::from_parts(parts, Body::from(body)))
}

async fn read(request: Request) -> Result<(Parts, Bytes), Refusal> {
    let (parts, body) = request.into_parts();
    let body = tokio::time::timeout(form::WITHIN, axum::body::to_bytes(body, form::LONGEST)).await;
    let body = body.map_err(|_| Refusal::TooSlow)?.map_err(|_| Refusal::TooLong)?;
    Ok((parts, body))
}

/// Where programs come with a token of theirs.
fn is_program_path(path: &str) -> bool {
    path.starts_with("/api/v1/") || path == "/api/openapi.json" || path == "/metrics"
}

/// What stands behind `Authorization: Bearer`.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn known(mut request: Request, visitor: Option<Visitor>) -> Request {
    if let Some(visitor) = visitor {
        request.extensions_mut().insert(visitor);
    }
    request
}

/// Stands before every address of the pages.
pub(super) async fn guard(State(running): State<Running>, request: Request, next: Next) -> Response {
    let (asker, now) = (refusal::Asker::of(&request), running.clock.now());
    let request = match running.access.admit(request, now).await {
        Ok(request) => request,
        Err(refusal) => return refusal.answer(&running, &asker).await,
    };
    if let Some(hash) = request.extensions().get::<Visitor>().and_then(Visitor::use_to_note) {
        note_use(&running, hash, now);
    }
    next.run(request).await
}

/// Writes down that a session is used, while the page is made.
fn note_use(running: &Running, hash: session::Hash, now: Timestamp) {
    let lookout = running.lookout.clone();
    tokio::spawn(async move {
        let noted = lookout.ask(move |lookout| lookout.desk.journal_mut().touch_session(&hash, now)).await;
        if let Ok(Err(error)) = noted {
            error!(%error, "the use of a session could not be written down");
        }
    });
}

#[cfg(test)]
mod tests;
