//! Who may do what on the pages, decided in one place before any handler is asked: reading needs the role view,
//! every form needs duty, comes from a page of ours and carries that page's token. What needs more says so with
//! [`Admin`]; what needs nobody stands in `need.rs`.

mod form;
mod need;
mod refusal;
mod visitor;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::Response;

use self::form::Key;
use self::need::Need;
use self::refusal::Refusal;
pub(crate) use self::visitor::{Admin, OnDuty, Visitor};
use crate::daemon::Running;

/// Knows who visits. Cloning it is cheap.
#[derive(Clone)]
pub(crate) struct Access(Arc<Inner>);

struct Inner {
    key: Key,
    /// Host of `[web] public_url`.
    public_host: Option<String>,
}

impl Access {
    /// Everybody who reaches the pages may do everything: on a loopback address only. `key` signs the forms.
    pub(crate) fn local(key: [u8; 32], public_url: Option<&str>) -> Access {
        let public_host = public_url.and_then(form::host_of).map(str::to_owned);
        Access(Arc::new(Inner { key: Key::new(key), public_host }))
    }

    /// Who sends a request.
    fn visitor(&self, headers: &HeaderMap) -> Result<Visitor, Refusal> {
        // Another site's name may be made to lead here, and its pages then read ours: names we do not know
        // are turned away. An address written out cannot be.
        let host = headers.get(header::HOST).and_then(|value| value.to_str().ok());
        let is_ours = host.is_none_or(|host| self.is_known(host));
        if is_ours { Ok(Visitor::local(&self.0.key)) } else { Err(Refusal::UnknownHost) }
    }

    fn is_known(&self, host: &str) -> bool {
        let name = form::without_port(host);
        let is_address = name.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok();
        let is_public = self.0.public_host.as_deref().is_some_and(|public| public.eq_ignore_ascii_case(host));
        is_address || is_public || name.eq_ignore_ascii_case("localhost")
    }

    /// Lets a request pass, with its visitor, or says why not.
    async fn admit(&self, request: Request) -> Result<Request, Refusal> {
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
        let visitor = self.visitor(request.headers());
        let Need::Role(role) = need else {
            return Ok(known(request, visitor.ok()));
        };
        let visitor = visitor?;
        if visitor.role < role {
            return Err(Refusal::NotAllowed { needs: role, post: visitor.post });
        }
        let request = if changes && !is_program { self.signed(request, &visitor).await? } else { request };
        Ok(known(request, Some(visitor)))
    }

    /// The request, if it is a form that carries the visitor's token.
    async fn signed(&self, request: Request, visitor: &Visitor) -> Result<Request, Refusal> {
        let (parts, body) = request.into_parts();
        if !form::is_form(&parts.headers) {
            return Err(Refusal::NoForm);
        }
        let body = axum::body::to_bytes(body, form::LONGEST).await.map_err(|_| Refusal::TooLong)?;
        if !form::carries(&body, &visitor.form_token) {
            return Err(Refusal::OldForm);
        }
        Ok(Request::from_parts(parts, Body::from(body)))
    }
}

fn known(mut request: Request, visitor: Option<Visitor>) -> Request {
    if let Some(visitor) = visitor {
        request.extensions_mut().insert(visitor);
    }
    request
}

/// Stands before every address of the pages.
pub(super) async fn guard(State(running): State<Running>, request: Request, next: Next) -> Response {
    let asker = refusal::Asker::of(&request);
    match running.access.admit(request).await {
        Ok(request) => next.run(request).await,
        Err(refusal) => refusal.answer(&running, &asker).await,
    }
}

#[cfg(test)]
mod tests;
