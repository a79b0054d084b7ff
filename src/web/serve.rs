//! Connections to the pages and the API: TLS where there is a certificate; bounded in number, from one address, in
//! the length of headers, and in the time that a silent or slow other side may take.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tower_service::Service as _;
use tracing::{debug, warn};

use super::crowd::{Crowd, Guest};
use super::tls::Certificate;
use crate::daemon::{DaemonError, until};

/// Connections at once; who comes then waits in the queue of the operating system.
const MOST: usize = 1024;
/// Of these from one address, which may stand for an office.
const FROM_ONE: usize = 128;
/// Headers have to be here within this time, and a connection without a request is closed after it.
const HEADERS_WITHIN: Duration = Duration::from_secs(15);
/// A handshake is done within this time.
const HANDSHAKE_WITHIN: Duration = Duration::from_secs(10);
/// What was sent is taken within this time.
const TAKEN_WITHIN: Duration = Duration::from_secs(30);
/// Bytes of a request's head; hyper itself takes up to twice as much when it comes at once, and no more (431).
const LONGEST_HEAD: usize = 32 << 10;
/// Header lines of a request.
const MOST_HEADERS: usize = 64;
/// Answers under way may end within this time when the program stops.
const DRAIN: Duration = Duration::from_secs(10);

/// Serves until the program stops.
pub(super) async fn serve(
    listener: TcpListener,
    router: Router,
    (certificate, gateways): (Option<Certificate>, Vec<IpAddr>),
    stopped: watch::Receiver<bool>,
) -> Result<(), DaemonError> {
    let places = Arc::new(Semaphore::new(MOST));
    let crowd = Arc::new(Crowd::new(FROM_ONE, gateways));
    let mut connections = JoinSet::new();
    loop {
        let place = tokio::select! {
            Ok(place) = Arc::clone(&places).acquire_owned() => place,
            () = until(stopped.clone()) => break,
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = until(stopped.clone()) => break,
        };
        while connections.try_join_next().is_some() {}
        let (stream, from) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // No file left to open, or gone already: the next one may succeed.
                debug!(%error, "a connection could not be taken");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let Some(guest) = Guest::admitted(&crowd, from.ip(), place) else { continue };
        let (router, certificate, stopped) = (router.clone(), certificate.clone(), stopped.clone());
        connections.spawn(async move {
            connected(stream, from, router, certificate, stopped).await;
            drop(guest);
        });
    }
    // Answers end in order; who does not take them is not waited for.
    let drained = tokio::time::timeout(DRAIN, async { while connections.join_next().await.is_some() {} });
    if drained.await.is_err() {
        warn!("some answers were not taken before stopping");
    }
    Ok(())
}

async fn connected(
    stream: TcpStream,
    from: SocketAddr,
    router: Router,
    certificate: Option<Certificate>,
    stopped: watch::Receiver<bool>,
) {
    // Errors here mean that the other side is gone already.
    let _ = stream.set_nodelay(true);
    let _ = socket2::SockRef::from(&stream).set_tcp_user_timeout(Some(TAKEN_WITHIN));
    match certificate {
        None => converse(stream, from, router, stopped).await,
        Some(certificate) => {
            let handshake = tokio::time::timeout(HANDSHAKE_WITHIN, certificate.acceptor().accept(stream));
            match handshake.await {
                Ok(Ok(stream)) => converse(stream, from, router, stopped).await,
                // Whoever speaks plain HTTP to this port, or does not know the certificate.
                Ok(Err(error)) => debug!(%error, "no TLS"),
                Err(_) => debug!("no TLS in time"),
            }
        }
    }
}

async fn converse(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    from: SocketAddr,
    router: Router,
    stopped: watch::Receiver<bool>,
) {
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(from));
        answer(router.clone(), request)
    });
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS_WITHIN)
        .max_buf_size(LONGEST_HEAD)
        .max_headers(MOST_HEADERS);
    let mut connection = std::pin::pin!(builder.serve_connection(TokioIo::new(stream), service));
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = until(stopped) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        debug!(%error, "a connection broke off");
    }
}

/// A router is always ready.
async fn answer(mut router: Router, request: Request<Incoming>) -> Result<Response, Infallible> {
    if head_length(&request) > LONGEST_HEAD {
        return Ok(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE.into_response());
    }
    router.call(request.map(Body::new)).await
}

/// About as it came: the address, and each line with its colon, blank and end.
fn head_length(request: &Request<Incoming>) -> usize {
    let lines = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 4);
    let address = request.uri().path_and_query().map_or(0, |address| address.as_str().len());
    address + lines.sum::<usize>()
}
