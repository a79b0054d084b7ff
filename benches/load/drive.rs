//! Asks at a steady rate whatever the answers take: an open loop, so that a slow answer delays no other question, and
//! every answer is timed from the moment its question was due (no coordinated omission).

use std::collections::BTreeMap;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::stream::Random;

/// How often, how long.
pub(crate) struct Load {
    pub(crate) a_second: f64,
    pub(crate) length: Duration,
    pub(crate) seed: u64,
}

/// How long answers took.
#[derive(Default)]
pub(crate) struct Timed {
    /// Number of the question, and seconds.
    pub(crate) times: Vec<(usize, f64)>,
    pub(crate) failed: usize,
    /// The last page.
    pub(crate) body: String,
}

impl Timed {
    /// Milliseconds within which that share of the answers came.
    pub(crate) fn at(&self, share: f64) -> f64 {
        let mut times: Vec<f64> = self.times.iter().map(|(_, seconds)| *seconds).collect();
        times.sort_by(f64::total_cmp);
        let place = (times.len() as f64 * share).ceil() as usize;
        times.get(place.clamp(1, times.len().max(1)) - 1).copied().unwrap_or(f64::NAN) * 1e3
    }

    /// Prints which questions were slowest, by their median.
    pub(crate) fn slowest_by(&self, asked: &[String]) {
        let mut by_question: BTreeMap<usize, Timed> = BTreeMap::new();
        for (number, seconds) in &self.times {
            by_question.entry(*number).or_default().times.push((*number, *seconds));
        }
        let mut medians: Vec<(f64, f64, usize)> =
            by_question.iter().map(|(number, timed)| (timed.at(0.5), timed.at(0.99), *number)).collect();
        medians.sort_by(|a, b| b.0.total_cmp(&a.0));
        for (median, longest, number) in medians.iter().take(40) {
            let asked = asked.get(*number).map(String::as_str).unwrap_or_default();
            let shown = url::form_urlencoded::parse(asked.trim_start_matches("/search?").as_bytes());
            let shown: Vec<String> = shown.map(|(name, value)| format!("{name}={value}")).collect();
            eprintln!("  {median:7.1} ms, p99 {longest:7.1} ms: {}", shown.join("&"));
        }
    }
}

/// Connections that wait for the next question.
type Idle = Arc<Mutex<Vec<TcpStream>>>;

/// Asks a server for pages.
pub(crate) async fn pages(load: &Load, server: SocketAddr, asked: &[String]) -> Timed {
    let idle: Idle = Arc::default();
    let asked: Arc<[String]> = asked.into();
    let count = asked.len();
    drive(load, count, |number| {
        let (idle, asked) = (Arc::clone(&idle), Arc::clone(&asked));
        async move {
            let head = format!("GET {} HTTP/1.1\r\nHost: {server}\r\n\r\n", asked.get(number)?);
            get(server, &head, &idle).await
        }
    })
    .await
}

/// Calls a function on a thread of its own.
pub(crate) async fn calls<F>(load: &Load, call: impl Fn(usize) -> F) -> Timed
where
    F: FnOnce() + Send + 'static,
{
    drive(load, super::wanted::words().len(), |number| {
        let call = call(number);
        async move { tokio::task::spawn_blocking(call).await.ok().map(|()| String::new()) }
    })
    .await
}

async fn drive<F>(load: &Load, count: usize, ask: impl Fn(usize) -> F) -> Timed
where
    F: Future<Output = Option<String>> + Send + 'static,
{
    let mut random = Random(load.seed);
    let (begun, mut due) = (Instant::now(), Duration::ZERO);
    let mut asked: JoinSet<(usize, f64, Option<String>)> = JoinSet::new();
    let mut timed = Timed::default();
    if count == 0 || load.a_second <= 0.0 {
        return timed;
    }
    while due < load.length {
        tokio::time::sleep_until((begun + due).into()).await;
        let (number, moment) = (random.below(count), begun + due);
        let answer = ask(number);
        asked.spawn(async move {
            let body = answer.await;
            (number, moment.elapsed().as_secs_f64(), body)
        });
        while let Some(Ok(answer)) = asked.try_join_next() {
            timed.note(answer);
        }
        // Arrivals of people who know nothing of each other: exponential gaps.
        due += Duration::from_secs_f64(-(1.0 - random.share()).ln() / load.a_second);
    }
    while let Some(Ok(answer)) = asked.join_next().await {
        timed.note(answer);
    }
    timed
}

impl Timed {
    fn note(&mut self, (number, seconds, body): (usize, f64, Option<String>)) {
        self.times.push((number, seconds));
        match body {
            Some(body) => self.body = body,
            None => self.failed += 1,
        }
    }
}

/// One page; a connection that was closed meanwhile is made anew.
pub(crate) async fn get(server: SocketAddr, head: &str, idle: &Idle) -> Option<String> {
    let waiting = idle.lock().unwrap().pop();
    if let Some(mut stream) = waiting
        && let Some(answer) = converse(&mut stream, head.as_bytes()).await
    {
        idle.lock().unwrap().push(stream);
        return Some(answer);
    }
    let mut stream = TcpStream::connect(server).await.ok()?;
    stream.set_nodelay(true).ok()?;
    let answer = converse(&mut stream, head.as_bytes()).await?;
    idle.lock().unwrap().push(stream);
    Some(answer)
}

/// Sends a request and reads the whole answer; none unless it is 200.
pub(crate) async fn converse(stream: &mut TcpStream, request: &[u8]) -> Option<String> {
    stream.write_all(request).await.ok()?;
    let mut answer = Vec::with_capacity(1 << 16);
    let (end, length) = loop {
        if stream.read_buf(&mut answer).await.ok()? == 0 {
            return None;
        }
        if let Some(end) = answer.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(answer.get(..end)?).to_ascii_lowercase();
            let length =
                head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
            break (end + 4, length.unwrap_or(0_usize));
        }
    };
    while answer.len() < end + length {
        if stream.read_buf(&mut answer).await.ok()? == 0 {
            return None;
        }
    }
    let is_good = answer.starts_with(b"HTTP/1.1 200");
    is_good.then(|| String::from_utf8_lossy(answer.get(end..).unwrap_or_default()).into_owned())
}
