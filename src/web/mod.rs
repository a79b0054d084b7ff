//! The local pages: the only place that listens. Reads; what people do with alerts comes with the dashboard.

mod metrics;
mod pages;
mod view;

use axum::Router;
use axum::extract::Request;
use axum::http::header::{self, HeaderValue};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::daemon::{DaemonError, Running, until};
pub(crate) use view::{Part, rendered};

/// Serves the pages until the program stops.
pub(crate) async fn serve(
    running: Running,
    listener: TcpListener,
    stopped: watch::Receiver<bool>,
) -> Result<(), DaemonError> {
    axum::serve(listener, router(running)).with_graceful_shutdown(until(stopped)).await?;
    Ok(())
}

/// Every address there is.
pub(crate) fn router(running: Running) -> Router {
    Router::new()
        .route("/", get(pages::overview))
        .route("/a/{id}", get(pages::alert))
        .route("/search", get(pages::search))
        .route("/digest", get(pages::newest_digest))
        .route("/digest/{date}", get(pages::digest))
        .route("/static/guanlan.css", get(pages::stylesheet))
        .route("/healthz", get(metrics::health))
        .route("/metrics", get(metrics::metrics))
        .fallback(pages::not_found)
        .layer(middleware::from_fn(protect))
        .with_state(running)
}

/// Headers of every answer: collected text is hostile, so nothing may run and nobody may frame the pages.
async fn protect(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let policy = HeaderValue::from_static(view::CONTENT_SECURITY_POLICY);
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
