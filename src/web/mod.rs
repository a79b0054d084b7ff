//! The local pages, and where other systems hand posts in: the only place that listens.
//! Who may see and do what is decided in `access`, before any page is asked.

pub(crate) mod access;
mod api;
mod duty;
mod metrics;
mod pages;
mod papers;
mod respond;
mod topics;
mod view;

use axum::Router;
use axum::extract::Request;
use axum::http::header::{self, HeaderValue};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::daemon::{DaemonError, Running, until};
pub(crate) use view::{Part, rendered};

pub(crate) use api::{Caller, Reception};

/// Serves the pages, and the API if there is somebody to receive, until the program stops.
pub(crate) async fn serve(
    running: Running,
    reception: Option<Reception>,
    listener: TcpListener,
    stopped: watch::Receiver<bool>,
) -> Result<(), DaemonError> {
    let router = router(running, reception, stopped.clone());
    axum::serve(listener, router).with_graceful_shutdown(until(stopped)).await?;
    Ok(())
}

/// Serves the API alone, for other machines, until the program stops.
pub(crate) async fn serve_api(
    reception: Reception,
    listener: TcpListener,
    stopped: watch::Receiver<bool>,
) -> Result<(), DaemonError> {
    let health =
        Router::new().route("/healthz", get(metrics::health)).with_state(reception.running().clone());
    let router = api::push_alone(health, reception).layer(middleware::from_fn(protect));
    axum::serve(listener, router).with_graceful_shutdown(until(stopped)).await?;
    Ok(())
}

/// Every address there is.
fn router(running: Running, reception: Option<Reception>, stopped: watch::Receiver<bool>) -> Router {
    let guard = middleware::from_fn_with_state(running.clone(), access::guard);
    Router::new()
        .route("/", get(pages::overview))
        .route("/a/{id}", get(pages::alert))
        .route("/a/{id}/claim", get(duty::claim).post(duty::take))
        .route("/handover", get(duty::handover))
        .route("/a/{id}/respond", post(respond::respond))
        .route("/search", get(pages::search))
        .route("/topics", get(topics::topics))
        .route("/topics/{id}/promote", post(topics::promote))
        .route("/digest", get(pages::newest_digest))
        .route("/digest/{date}", get(papers::digest))
        .route("/digest/week/{date}", get(papers::week))
        .route("/report/{concern}", get(papers::report))
        .route("/static/guanlan.css", get(pages::stylesheet))
        .route("/healthz", get(metrics::health))
        .route("/metrics", get(metrics::metrics))
        .fallback(pages::not_found)
        .with_state(running.clone())
        .merge(api::router(running, reception, stopped))
        .layer(guard)
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
