//! The local pages, and where other systems hand posts in: the only place that listens.
//! Who may see and do what is decided in `access`, before any page is asked.

pub(crate) mod access;
mod act;
mod api;
mod concern;
mod crowd;
mod duty;
mod glance;
mod latest;
mod lists;
mod metrics;
mod pace;
mod pages;
mod papers;
mod respond;
mod search;
mod serve;
mod tls;
mod topics;
mod trial;
mod view;

use std::net::IpAddr;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::Method;
use axum::http::header::{self, HeaderValue};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::daemon::{DaemonError, Running};
pub(crate) use view::{Part, rendered};

pub(crate) use api::{Caller, Reception};
pub(crate) use glance::Glance;
pub(crate) use tls::{Certificate, validity};

/// Where the pages are served.
pub(crate) struct Front {
    /// Bound already, so that a port in use stops the start.
    pub(crate) listener: TcpListener,
    /// TLS; without it plain HTTP.
    pub(crate) certificate: Option<Certificate>,
    /// Gateways, from which many connections come.
    pub(crate) gateways: Vec<IpAddr>,
}

impl Front {
    /// Plain HTTP, nobody in between.
    pub(crate) fn plain(listener: TcpListener) -> Front {
        Front { listener, certificate: None, gateways: Vec::new() }
    }
}

/// Serves the pages, and the API if there is somebody to receive, until the program stops.
pub(crate) async fn serve(
    running: Running,
    reception: Option<Reception>,
    front: Front,
    stopped: watch::Receiver<bool>,
) -> Result<(), DaemonError> {
    let Front { listener, certificate, gateways } = front;
    let router = router(running, reception, stopped.clone());
    let fresh = certificate.clone().map(|certificate| certificate.keep_fresh(stopped.clone()));
    let served = serve::serve(listener, router, (certificate, gateways), stopped);
    match fresh {
        Some(fresh) => tokio::try_join!(served, fresh).map(|_| ()),
        None => served.await,
    }
}

/// Serves the API alone, for other machines, until the program stops; by TLS if the pages are. Whoever serves those
/// keeps the certificate fresh.
pub(crate) async fn serve_api(
    reception: Reception,
    front: Front,
    stopped: watch::Receiver<bool>,
) -> Result<(), DaemonError> {
    let health =
        Router::new().route("/healthz", get(metrics::health)).with_state(reception.running().clone());
    let router = api::push_alone(health, reception).layer(middleware::from_fn(protect));
    let Front { listener, certificate, gateways } = front;
    serve::serve(listener, router, (certificate, gateways), stopped).await
}

/// Every address there is.
fn router(running: Running, reception: Option<Reception>, stopped: watch::Receiver<bool>) -> Router {
    let is_secure = running.access.is_secure();
    let strict =
        middleware::map_response(move |response: Response| async move { strict(response, is_secure) });
    let noting = middleware::from_fn_with_state(running.clone(), noting_acts);
    let guard = middleware::from_fn_with_state(running.clone(), access::guard);
    Router::new()
        .route("/", get(pages::overview))
        .route("/a/{id}", get(pages::alert))
        .route("/c/{id}", get(concern::concern))
        .route("/a/{id}/claim", get(duty::claim).post(duty::take))
        .route("/handover", get(duty::handover))
        .route("/a/{id}/respond", post(respond::respond))
        .route("/a/{id}/{action}", post(act::act))
        .route("/alerts", get(lists::alerts))
        .route("/sources", get(lists::sources))
        .route("/settings", get(lists::settings))
        .route("/digests", get(lists::digests))
        .route("/search", get(search::search))
        .route("/search/narrow", get(search::narrow))
        .route("/concerns", get(pages::concerns))
        .route("/concerns.csv", get(pages::concerns_table))
        .route("/concerns/new", get(trial::trial))
        .route("/search.csv", get(search::as_csv))
        .route("/search.json", get(search::as_json))
        .route("/search/save", post(search::save))
        .route("/search/forget", post(search::forget))
        .route("/topics", get(topics::topics))
        .route("/login", get(access::login_page).post(access::enter))
        .route("/login/oidc", get(access::oidc::begin))
        .route("/login/oidc/callback", get(access::oidc::back))
        .route("/login/oidc/left", get(access::oidc::left))
        .route("/logout", post(access::leave))
        .route("/audit", get(access::audit_page))
        .route("/topics/{id}/promote", post(topics::promote))
        .route("/digest", get(pages::newest_digest))
        .route("/digest/{date}", get(papers::digest))
        .route("/digest/week/{date}", get(papers::week))
        .route("/report/{concern}", get(papers::report))
        .route("/static/guanlan.css", get(pages::stylesheet))
        .route("/static/app.js", get(pages::script))
        .route("/static/icon.svg", get(pages::icon))
        .route("/healthz", get(metrics::health))
        // Nothing is served before the index and the counts are there, so whoever lives is ready.
        .route("/readyz", get(metrics::health))
        .route("/metrics", get(metrics::metrics))
        .fallback(pages::not_found)
        .with_state(running.clone())
        .layer(middleware::map_response(worded))
        .merge(api::router(running, reception, stopped))
        .layer(noting)
        .layer(guard)
        .layer(strict)
        .layer(middleware::from_fn(protect))
}

/// Headers of every answer: collected text is hostile, so nothing may run and nobody may frame the pages.
async fn protect(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let policy = HeaderValue::from_static(view::CONTENT_SECURITY_POLICY);
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // With no-referrer browsers send forms with the origin "null", and no form of ours would be taken.
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Whoever looks after something was done sees it. What is handed in by other systems is no act.
async fn noting_acts(State(running): State<Running>, request: Request, next: Next) -> Response {
    let is_act = !matches!(*request.method(), Method::GET | Method::HEAD)
        && !["/api/v1/posts", "/api/v1/counts"].contains(&request.uri().path());
    let response = next.run(request).await;
    if is_act {
        running.glance.acted();
    }
    response
}

/// What the framework says of an address or a form that it cannot read is for programmers: here are words for people.
async fn worded(response: Response) -> Response {
    let kind = response.headers().get(header::CONTENT_TYPE);
    let is_bare = kind.is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"));
    if !response.status().is_client_error() || !is_bare {
        return response;
    }
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    Response::from_parts(parts, Body::from(view::UNREAD))
}

/// Behind TLS: browsers come by TLS alone for a year.
fn strict(mut response: Response, is_secure: bool) -> Response {
    if is_secure {
        let value = HeaderValue::from_static("max-age=31536000");
        response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, value);
    }
    response
}
