//! Connections to the pages and the API: TLS where there is a certificate; bounded in number, from one address, in
//! the length of headers, and in the time that a silent or slow other side may take.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::response::Response;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tower_service::Service as _;
use tracing::{debug, warn};

use super::access::Block;
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
/// Bytes of a request's head; hyper answers longer ones itself (431).
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
    let crowd = Arc::new(Crowd { gateways, ..Crowd::default() });
    let mut connections = JoinSet::new();
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { break };
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
    router.call(request.map(Body::new)).await
}

/// Who is here.
#[derive(Default)]
struct Crowd {
    from: Mutex<HashMap<Block, usize>>,
    /// These stand for everybody.
    gateways: Vec<IpAddr>,
}

/// A place that is free again when dropped.
struct Guest {
    crowd: Arc<Crowd>,
    block: Block,
    _place: OwnedSemaphorePermit,
}

impl Guest {
    /// A place, unless this address, or its network of IPv6, has enough of them. An address of IPv4 is the same one
    /// when a socket of IPv6 writes it.
    fn admitted(crowd: &Arc<Crowd>, address: IpAddr, place: OwnedSemaphorePermit) -> Option<Guest> {
        let (address, block) = (address.to_canonical(), Block::of(address));
        let mut from = crowd.from.lock().unwrap_or_else(PoisonError::into_inner);
        let count = from.entry(block).or_insert(0);
        let is_gateway = address.is_loopback() || crowd.gateways.contains(&address);
        if *count >= FROM_ONE && !is_gateway {
            return None;
        }
        *count += 1;
        drop(from);
        Some(Guest { crowd: Arc::clone(crowd), block, _place: place })
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let mut from = self.crowd.from.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = from.get_mut(&self.block) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                from.remove(&self.block);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_network_does_not_take_all_places_however_its_addresses_are_written() {
        let places = Arc::new(Semaphore::new(MOST));
        let crowd = Arc::new(Crowd { gateways: vec!["10.0.0.2".parse().unwrap()], ..Crowd::default() });
        let guest = |address: &str| {
            let place = Arc::clone(&places).try_acquire_owned().unwrap();
            Guest::admitted(&crowd, address.parse().unwrap(), place)
        };
        let network: Vec<Guest> =
            (0..FROM_ONE).map(|number| guest(&format!("2001:db8::{number:x}")).unwrap()).collect();
        assert!(guest("2001:db8::ffff:1").is_none() && guest("2001:db8:0:1::1").is_some());
        let mapped: Vec<Guest> = (0..FROM_ONE).map(|_| guest("::ffff:203.0.113.7").unwrap()).collect();
        assert!(guest("203.0.113.7").is_none() && guest("::ffff:203.0.113.8").is_some());
        let through: Vec<Guest> = (0..FROM_ONE + 1).map(|_| guest("::ffff:10.0.0.2").unwrap()).collect();
        drop((network, mapped, through));
        assert!(crowd.from.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn one_address_does_not_take_all_places() {
        let places = Arc::new(Semaphore::new(MOST));
        let gateway: IpAddr = "10.0.0.2".parse().unwrap();
        let crowd = Arc::new(Crowd { gateways: vec![gateway], ..Crowd::default() });
        let guest = |address: IpAddr| {
            Guest::admitted(&crowd, address, Arc::clone(&places).try_acquire_owned().unwrap())
        };
        let other: IpAddr = "203.0.113.7".parse().unwrap();
        let mut guests: Vec<Guest> = (0..FROM_ONE).map(|_| guest(other).unwrap()).collect();
        assert!(guest(other).is_none());
        let through: Vec<Guest> = (0..FROM_ONE + 1).map(|_| guest(gateway).unwrap()).collect();
        assert!(guest("203.0.113.8".parse().unwrap()).is_some());
        guests.pop();
        assert!(guest(other).is_some());
        drop((guests, through));
        assert!(crowd.from.lock().unwrap().is_empty(), "who is gone is forgotten");
        assert_eq!(places.available_permits(), MOST);
    }
}
