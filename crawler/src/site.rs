//! A small web site on the loopback for tests: what it answers is a function, what it was asked is kept.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

use crate::fetch::{Fetcher, Limits, Outside};

/// What a test site does with one request.
pub(crate) enum Answer {
    /// Sends these bytes and closes the connection.
    Send(Vec<u8>),
    /// Sends these bytes, then nothing, and keeps the connection open.
    SendAndHang(Vec<u8>),
}

/// A running site; it ends with the test.
pub(crate) struct Site {
    pub(crate) port: u16,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Site {
    /// Starts a site. `answer` gets the path and the whole head of each request. A request for
    /// robots.txt that it answers with nothing is answered 404.
    pub(crate) async fn start(answer: impl Fn(&str, &str) -> Answer + Send + Sync + 'static) -> Site {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (log, answer) = (Arc::clone(&requests), Arc::new(answer));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&log), Arc::clone(&answer)));
            }
        });
        Site { port, requests }
    }

    pub(crate) fn url(&self, path: &str) -> Url {
        Url::parse(&format!("http://127.0.0.1:{}{path}", self.port)).unwrap()
    }

    /// What a source must allow to reach this site.
    pub(crate) fn pair(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The heads of all requests so far.
    pub(crate) fn heads(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    /// The paths of all requests so far.
    pub(crate) fn paths(&self) -> Vec<String> {
        self.heads().iter().map(|head| path_of(head).to_owned()).collect()
    }
}

async fn serve(
    mut stream: TcpStream,
    log: Arc<Mutex<Vec<String>>>,
    answer: Arc<impl Fn(&str, &str) -> Answer>,
) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = stream.read_u8().await else { return };
        head.push(byte);
    }
    let head = String::from_utf8(head).unwrap();
    log.lock().unwrap().push(head.clone());
    match answer(path_of(&head), &head) {
        Answer::Send(bytes) if bytes.is_empty() => {
            let _ = stream.write_all(&status("404 Not Found", "")).await;
        }
        Answer::Send(bytes) => {
            // The client may hang up in the middle: that is what some tests are about.
            let _ = stream.write_all(&bytes).await;
        }
        Answer::SendAndHang(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.read_u8().await;
        }
    }
}

fn path_of(head: &str) -> &str {
    head.split(' ').nth(1).unwrap()
}

/// A complete answer without a body; `headers` are lines that end in `\r\n`.
pub(crate) fn status(line: &str, headers: &str) -> Vec<u8> {
    format!("HTTP/1.1 {line}\r\n{headers}Content-Length: 0\r\nConnection: close\r\n\r\n").into_bytes()
}

/// A complete 200.
pub(crate) fn page(headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!("HTTP/1.1 200 OK\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n");
    [head.as_bytes(), body].concat()
}

/// Short limits, and no pause between two requests.
pub(crate) fn limits() -> Limits {
    Limits {
        headers: Duration::from_millis(300),
        idle: Duration::from_millis(300),
        whole: Duration::from_millis(2000),
        minimum_delay: Duration::ZERO,
        patience: Duration::from_millis(50),
        ..Limits::default()
    }
}

pub(crate) fn fetcher(limits: Limits) -> Fetcher {
    // Fails when another test was first, which is all the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let contact = Some("https://guanlan.example/bot".to_owned());
    Fetcher::new(limits, Outside { contact, ..Outside::default() }).unwrap()
}
