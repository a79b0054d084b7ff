//! The local pages: the only place that listens.

mod view;

use tokio::net::TcpListener;
use tokio::sync::watch;

use axum::Router;
use axum::routing::get;

use crate::daemon::{DaemonError, Running, until};

/// Serves the pages until the program stops.
pub(crate) async fn serve(
    running: Running,
    listener: TcpListener,
    stopped: watch::Receiver<bool>,
) -> Result<(), DaemonError> {
    let router = Router::new().route("/healthz", get(async || "ok\n")).with_state(running);
    axum::serve(listener, router).with_graceful_shutdown(until(stopped)).await?;
    Ok(())
}
