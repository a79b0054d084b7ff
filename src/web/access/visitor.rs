//! Who visits: handlers take a [`Visitor`] to know, [`OnDuty`] or [`Admin`] to be sure.

use alerts::account::{Account, Role};
use axum::extract::{FromRef, FromRequestParts, OptionalFromRequestParts};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};

use super::LOCAL;
use super::form::Key;
use super::refusal::{Asker, Refusal};
use super::register::LoggedIn;
use super::session::Hash;
use crate::daemon::Running;

/// Somebody who was let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Visitor {
    /// Post held, such as 值班室; what is done is done in its name.
    pub post: String,
    /// What the post may do.
    pub role: Role,
    /// What its forms carry: see the macro `form_token` of `parts.html`.
    pub form_token: String,
    /// What its session is known by; none where nobody logs in here.
    pub(super) session: Option<Hash>,
    /// Its use is to be written down.
    pub(super) is_to_note: bool,
    /// What it sends and sees travels in the clear.
    pub is_plain: bool,
}

impl Visitor {
    /// Whoever sits at this machine, where no login is asked for.
    pub(super) fn local(key: &Key) -> Visitor {
        Visitor::new(LOCAL, Role::Admin, key.token(b"local"))
    }

    /// Somebody without a session of ours.
    pub(crate) fn new(post: &str, role: Role, form_token: String) -> Visitor {
        let (session, is_to_note, is_plain) = (None, false, false);
        Visitor { post: post.to_owned(), role, form_token, session, is_to_note, is_plain }
    }

    /// Whoever holds a session.
    pub(super) fn of_session(found: LoggedIn, key: &Key, is_plain: bool) -> Visitor {
        let LoggedIn { post, role, hash, noted } = found;
        let form_token = key.token(&hash);
        Visitor { post, role, form_token, session: Some(hash), is_to_note: noted, is_plain }
    }

    /// Whoever a gateway named.
    pub(super) fn of_account(account: Account, key: &Key, is_plain: bool) -> Visitor {
        let form_token = key.token(format!("account {}", account.name).as_bytes());
        Visitor { is_plain, ..Visitor::new(&account.name, account.role, form_token) }
    }

    /// The session, if its use is to be written down.
    pub(super) fn use_to_note(&self) -> Option<Hash> {
        self.session.filter(|_| self.is_to_note)
    }

    /// Whether it has a name of its own to be shown.
    pub(crate) fn is_named(&self) -> bool {
        self.post != LOCAL
    }

    /// Whether it can log out here.
    pub(crate) fn may_leave(&self) -> bool {
        self.session.is_some()
    }

    /// Whether it may act on alerts.
    pub(crate) fn may_act(&self) -> bool {
        self.role >= Role::Duty
    }

    /// Whether it may change concerns and see the audit log.
    pub(crate) fn may_administer(&self) -> bool {
        self.role >= Role::Admin
    }
}

/// A visitor who may act on alerts; anybody else is told so.
pub(crate) struct OnDuty(pub Visitor);

/// A visitor who may change how the installation works; anybody else is told so.
pub(crate) struct Admin(pub Visitor);

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Visitor, Response> {
        // Only an address that needs nobody gets here without one: a handler there must take Option<Visitor>.
        let visitor = parts.extensions.get::<Visitor>().cloned();
        visitor.ok_or_else(|| StatusCode::UNAUTHORIZED.into_response())
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for Visitor {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Visitor>, Self::Rejection> {
        Ok(parts.extensions.get::<Visitor>().cloned())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for OnDuty
where
    Running: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<OnDuty, Response> {
        allowed(parts, state, Role::Duty).await.map(OnDuty)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Admin
where
    Running: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Admin, Response> {
        allowed(parts, state, Role::Admin).await.map(Admin)
    }
}

async fn allowed<S: Send + Sync>(parts: &mut Parts, state: &S, needs: Role) -> Result<Visitor, Response>
where
    Running: FromRef<S>,
{
    let visitor = <Visitor as FromRequestParts<S>>::from_request_parts(parts, state).await?;
    if visitor.role >= needs {
        return Ok(visitor);
    }
    let refusal = Refusal::NotAllowed { needs, post: visitor.post };
    Err(refusal.answer(&Running::from_ref(state), &Asker::of_parts(parts)).await)
}
