//! 500 sources on the loopback, polled by one process: what a visit costs in CPU time, and the memory.
//! `cargo bench -p crawler --bench polling`. The peer is a bare HTTP client that asks for the same pages.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a benchmark measures"
)]

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crawler::crawl::{Crawl, Outcome, crawl};
use crawler::fetch::{Fetcher, Limits, Outside};
use crawler::format::Privacy;
use crawler::mask::Masks;
use crawler::pace::Now;
use crawler::pause::Pauses;
use crawler::post::{IdKey, Publisher};
use crawler::source::{Kind, Source};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

const SOURCES: usize = 500;
/// Visits counted.
const VISITS: usize = 5_000;
/// The clock runs that much faster: a minute between two visits takes two seconds.
const SPEED: i64 = 30;

fn host(number: usize) -> String {
    format!("127.2.{}.{}", number / 200, number % 200 + 1)
}

fn feed() -> String {
    let items: String = (0..20)
        .map(|item| {
            format!(
                "<item><title>青岚市第{item}条消息：二路公交车改道</title><link>/p/{item}</link><guid>{item}</guid>\
                 <description>{}</description><pubDate>Tue, 24 Nov 2026 0{}:30:00 +0800</pubDate></item>",
                "因青岚大道修路，二路公交车从今天起改走滨河路。".repeat(6),
                item % 9
            )
        })
        .collect();
    format!("<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>青岚</title>{items}</channel></rss>")
}

/// The other process: 500 hosts that answer every page but robots.txt with a feed.
async fn serve() {
    let body = Arc::new(feed());
    let mut port = 0;
    for number in 0..SOURCES {
        let listener = TcpListener::bind((host(number), port)).await.expect("a free port on every address");
        port = listener.local_addr().unwrap().port();
        let body = Arc::clone(&body);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, Arc::clone(&body)));
            }
        });
    }
    println!("{port}");
    std::future::pending::<()>().await;
}

async fn answer(mut stream: TcpStream, body: Arc<String>) {
    let mut buffer = vec![0; 8192];
    loop {
        let Ok(read @ 1..) = stream.read(&mut buffer).await else { return };
        let head = if buffer[..read].starts_with(b"GET /robots.txt") {
            "HTTP/1.1 404 x\r\nContent-Length: 0\r\n\r\n".to_owned()
        } else {
            format!(
                "HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            )
        };
        if stream.write_all(head.as_bytes()).await.is_err() {
            return;
        }
    }
}

/// CPU seconds this process has used, and its memory at most in MiB.
fn used() -> (f64, u64) {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    (ticks as f64 / 100.0, peak.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024)
}

fn sources(port: u16) -> Vec<Source> {
    (0..SOURCES)
        .map(|number| {
            let pair = format!("{}:{port}", host(number));
            let url = Url::parse(&format!("http://{pair}/feed")).unwrap();
            Source {
                id: format!("s{number}"),
                name: format!("s{number}"),
                kind: Kind::Feed { url },
                every: SignedDuration::from_mins(1),
                every_at_most: None,
                publisher: Publisher::Media,
                group: format!("s{number}"),
                encoding: None,
                zone: TimeZone::UTC,
                allow: vec![pair],
                proxy: None,
            }
        })
        .collect()
}

async fn poll(port: u16) -> (usize, usize) {
    let limits =
        Limits { minimum_delay: Duration::from_secs(2), requests_a_day: u32::MAX, ..Limits::default() };
    let (send, mut visits) = tokio::sync::mpsc::channel(64);
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let started = Instant::now();
    let now: Arc<Now> = Arc::new(move || {
        let passed = started.elapsed().as_millis() as i64 * SPEED;
        Timestamp::from_millisecond(1_795_500_000_000 + passed).unwrap()
    });
    let privacy = Privacy { key: IdKey::fixed([0; 32]), masks: Masks::default() };
    let fetcher = Fetcher::new(limits, Outside::default()).unwrap();
    let start = Crawl {
        sources: sources(port),
        fetcher,
        privacy,
        cursors: HashMap::new(),
        pauses: Pauses::default(),
    };
    let running = tokio::spawn(crawl(start, send, now, async {
        let _ = stopped.await;
    }));
    let (mut seen, mut posts) = (0, 0);
    while seen < VISITS {
        let visit = visits.recv().await.unwrap();
        assert_eq!(visit.outcome, Outcome::Fetched, "{}", visit.source);
        seen += 1;
        posts += visit.posts.len();
    }
    let _ = stop.send(());
    running.await.unwrap();
    (seen, posts)
}

async fn bare_client(port: u16) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    for visit in 0..VISITS {
        let url = format!("http://{}:{port}/feed", host(visit % SOURCES));
        assert!(client.get(url).send().await.unwrap().bytes().await.unwrap().len() > 1000);
    }
}

fn main() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    if std::env::args().any(|argument| argument == "serve") {
        return runtime.block_on(serve());
    }
    let mut server =
        Command::new(std::env::current_exe().unwrap()).arg("serve").stdout(Stdio::piped()).spawn().unwrap();
    let mut port = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut port).unwrap();
    let port = port.trim().parse().unwrap();
    let (before, _) = used();
    let started = Instant::now();
    let (visits, posts) = runtime.block_on(poll(port));
    let (seconds, (after, peak)) = (started.elapsed().as_secs_f64(), used());
    runtime.block_on(bare_client(port));
    let (bare, _) = used();
    let _ = server.kill();
    let _ = server.wait();
    let (visit, request) = ((after - before) * 1e3 / visits as f64, (bare - after) * 1e3 / visits as f64);
    println!(
        "{visits} visits of {SOURCES} sources, {posts} items, in {seconds:.1} s: {:.0} visits a second",
        visits as f64 / seconds
    );
    println!("CPU a visit {visit:.2} ms, of a bare request {request:.2} ms: {:.1} times", visit / request);
    println!(
        "500 sources once a minute: {:.1} % of one core; memory at most {peak} MiB",
        visit * 500.0 / 60.0 / 10.0
    );
}
