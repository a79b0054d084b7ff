//! A server that misbehaves in every way we could think of (`tests/sites/hostile.py`): each case as a source
//! of its own at an address of its own, and what stopped it in words; then all of them at once.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::support::{Installation, code, eventually, said, stdout};

/// Short limits, so that what would take minutes takes seconds, but long enough for a machine that does
/// much else; the sizes are the usual ones.
const LIMITS: &str = "[fetch]\nconnect_timeout = \"3s\"\nheader_timeout = \"6s\"\nidle_timeout = \"6s\"\n\
                      timeout = \"20s\"\ndelay = \"1s\"\n";
/// Nothing may take longer than the whole-request limit, however the server drags it out; and a margin.
const LONGEST_SECONDS: f64 = 20.0 + 15.0;
/// The largest page that is read is a feed of 20 MiB; sockets on the way hold some more, and a flood of
/// interim answers is cut by time.
const MOST_BYTES: u64 = 64 << 20;
/// Pages without end, and how many of them are enough.
const TRAPS: [(&str, u64); 3] = [("calendar", 500), ("session_trap", 100), ("path_trap", 100)];
/// Cases tried side by side.
const AT_ONCE: usize = 16;
const MEBIBYTE: u64 = 1024;

struct Case {
    name: String,
    kind: String,
    expected: String,
    url: String,
}

/// The server, its cases, and what it has seen.
struct Hostile {
    child: Child,
    port: u16,
    authority: Option<String>,
    cases: Vec<Case>,
}

impl Hostile {
    fn start(slot: u16) -> Hostile {
        // It needs some seventy ports in a row; two tests and two runs must not meet, nor outgoing connections.
        let port = 20_000 + 200 * (std::process::id() % 60) as u16 + 100 * slot + 1;
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sites/hostile.py");
        let mut child = Command::new("/usr/bin/python3")
            .args([script, "--port", &port.to_string(), "--ttl", "600", "--case-secs", "60"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3 starts");
        let mut said = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut said).unwrap();
        assert!(said.contains("listening"), "the hostile server did not start: {said}");
        let mut hostile = Hostile { child, port, authority: None, cases: Vec::new() };
        let index = hostile.ask("/");
        hostile.cases = cases(&index);
        hostile.authority = authority(&index);
        hostile
    }

    fn ask(&self, path: &str) -> Value {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
    }

    /// An installation that has every case as a source.
    fn installation(&self, every: &str) -> Installation {
        let mut installation = Installation::new();
        // What fetching leaves behind is measured here; the table of topics fills up to a budget of its own.
        let mut sections = format!("[topics]\nmemory = 8\n{LIMITS}");
        if let Some(authority) = &self.authority {
            writeln!(sections, "ca_file = \"{authority}\"").unwrap();
        }
        for case in &self.cases {
            sections.push_str(&case.section(every));
        }
        installation.add(&sections);
        installation
    }
}

impl Drop for Hostile {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Case {
    fn section(&self, every: &str) -> String {
        let host = self.url.split("//").nth(1).unwrap().split('/').next().unwrap();
        let kind = match self.kind.as_str() {
            "html" => {
                "kind = \"html\"\nitem = \"article\"\ntitle = \"h1\"\ntext = \"p\"\narticle = \"none\"\n"
            }
            "links" => "kind = \"html\"\nitem = \"a\"\narticle = \"auto\"\n",
            "json" => {
                "kind = \"json\"\nitems = \"data[*]\"\nmap = { title = \"title\", url = \"url\", heat = \"hot\" }\n"
            }
            "sitemap" => "kind = \"sitemap\"\narticle = \"auto\"\n",
            _ => "kind = \"rss\"\n",
        };
        format!(
            "[[source]]\nid = \"{}\"\n{kind}url = \"{}\"\nevery = \"{every}\"\npublisher = \"media\"\nallow = [\"{host}\"]\n",
            self.id(),
            self.url
        )
    }

    fn id(&self) -> String {
        self.name.replace('_', "-")
    }

    /// What is wrong with what the source test said, if anything.
    fn judge(&self, installation: &Installation) -> Option<String> {
        let output = installation.guanlan(&["--lang", "en", "source", "test", &self.id()]);
        // Its own name and address prove nothing.
        let all = (stdout(&output) + &said(&output)).replace(&self.url, "").replace(&self.id(), "");
        let wrong =
            |why: &str| Some(format!("{}: {why}; expected \"{}\", got:\n{all}", self.name, self.expected));
        if all.contains("panicked") || !matches!(output.status.code(), Some(0 | 1 | 3)) {
            return wrong(&format!("it ended with {:?}", output.status.code()));
        }
        let fits = |expected: &str| match expected.split_once(" items") {
            Some(("0", _)) if code(&output) == 1 => true,
            Some((number, rest)) => all.contains(&format!(" {number} items")) && all.contains(rest.trim()),
            None => all.contains(expected),
        };
        if self.expected.split(" | ").all(fits) { None } else { wrong("other words") }
    }
}

/// The cases of the list, with the addresses the server gives them. Both must name the same cases.
fn cases(index: &Value) -> Vec<Case> {
    let mut urls: BTreeMap<String, String> = BTreeMap::new();
    for case in index["cases"].as_array().unwrap() {
        urls.insert(case["name"].as_str().unwrap().to_owned(), case["url"].as_str().unwrap().to_owned());
    }
    let list =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sites/hostile.cases")).unwrap();
    let lines = list.lines().filter(|line| !line.starts_with('#'));
    let cases: Vec<Case> = lines
        .map(|line| {
            let (name, rest) = line.split_once(' ').unwrap();
            let (kind, expected) = rest.trim_start().split_once(' ').unwrap();
            let url = urls.remove(name).unwrap_or_else(|| panic!("the server has no case {name}"));
            Case { name: name.into(), kind: kind.into(), expected: expected.trim().into(), url }
        })
        .collect();
    assert!(urls.is_empty(), "cases without an expectation: {urls:?}");
    cases
}

/// Where the server keeps the certificate of its own authority.
fn authority(index: &Value) -> Option<String> {
    let good = index["cases"].as_array()?.iter().find(|case| case["name"] == "tls_good")?;
    good["expect"].as_str()?.split_whitespace().last().map(str::to_owned)
}

/// The two tests ask much of a machine: one after the other.
static ALONE: Mutex<()> = Mutex::new(());

#[test]
fn every_case_is_stopped_by_its_limit_and_says_so() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let hostile = Hostile::start(0);
    let installation = hostile.installation("10m");
    let next = AtomicUsize::new(0);
    let mut wrong: Vec<String> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..AT_ONCE)
            .map(|_| {
                scope.spawn(|| {
                    let mut wrong = Vec::new();
                    while let Some(case) = hostile.cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                        wrong.extend(case.judge(&installation));
                    }
                    wrong
                })
            })
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    wrong.sort();
    assert!(wrong.is_empty(), "{} of {}:\n\n{}", wrong.len(), hostile.cases.len(), wrong.join("\n"));
    check_server(&hostile);
}

/// What the server itself saw: nobody reached the inner port, no request outlived its deadline, and
/// what lies beyond the redirect got no cookie.
fn check_server(hostile: &Hostile) {
    let stats = hostile.ask("/stats");
    assert_eq!(stats["internal_hits"], 0, "the inner port was reached");
    for (name, case) in stats["cases"].as_object().unwrap() {
        let seconds = case["max_secs"].as_f64().unwrap();
        assert!(seconds <= LONGEST_SECONDS, "{name} was listened to for {seconds} s");
        assert_eq!(case["max_concurrent"], 1, "{name} was asked twice at once");
        let bytes = case["max_bytes"].as_u64().unwrap();
        assert!(bytes <= MOST_BYTES, "{name} sent {bytes} bytes");
    }
    for (name, most) in TRAPS {
        let hits = stats["cases"][name]["hits"].as_u64().unwrap();
        assert!(hits <= most, "{name} was asked for {hits} pages");
    }
    let log = hostile.ask("/log");
    for request in log["log"].as_array().unwrap() {
        assert!(request["cookie"].is_null() && request["auth"] == false, "{request}");
        assert!(request["ua"].as_str().unwrap().starts_with("Guanlan/"), "{request}");
    }
}

/// By the server's own stamps no host was asked again sooner than `pause` (seconds) after it was asked.
fn check_pauses(log: &Value, pause: f64) {
    let mut last: BTreeMap<(&str, u64), f64> = BTreeMap::new();
    for request in log["log"].as_array().unwrap() {
        let host = (request["host"].as_str().unwrap(), request["port"].as_u64().unwrap());
        let at = request["t"].as_f64().unwrap();
        if let Some(before) = last.insert(host, at) {
            assert!(at - before >= pause, "{host:?} was asked again after {:.3} s: {request}", at - before);
        }
    }
    assert!(last.len() > 100, "{} hosts were asked", last.len());
}

/// A line of /proc/PID/status in KiB.
fn memory(pid: u32, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Sources that always answer: what others do must not hold them up.
const HEALTHY: [&str; 6] =
    ["etag_feed", "lastmod_feed", "growing_feed", "hotlist", "guid_shared", "dates_old"];

#[test]
fn all_at_once_leave_the_healthy_ones_in_time_and_the_memory_small() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let mut hostile = Hostile::start(1);
    let installation = hostile.installation("1m");
    // Five simulated minutes a real one.
    let (interval, program) = (Duration::from_secs(12), installation.run("2026-11-24T08:00:00+08:00 x5"));
    // Of what is the program's own: pages of its code and of files go by themselves when somebody needs the room.
    let idle = memory(program.id(), "RssAnon");
    std::thread::sleep(interval * 6);
    let peak = memory(program.id(), "VmHWM");
    assert!(peak <= 512 * MEBIBYTE, "{} MiB at most", peak / MEBIBYTE);
    check_server(&hostile);
    let log = hostile.ask("/log");
    // A second of the simulated clock, and a little for the rounding of stamps.
    check_pauses(&log, 1.0 / 5.0 - 0.02);
    for name in HEALTHY {
        let case = hostile.cases.iter().find(|case| case.name == name).unwrap();
        let at_its_address = |request: &&Value| {
            let (host, path) = (request["host"].as_str().unwrap(), request["path"].as_str().unwrap());
            case.url.contains(&format!("//{host}:")) && path.starts_with("/case/")
        };
        let asked = log["log"].as_array().unwrap().iter().filter(at_its_address);
        let times: Vec<f64> = asked.map(|request| request["t"].as_f64().unwrap()).collect();
        assert!(times.len() >= 2, "{name} was asked {} times in six intervals", times.len());
        for pair in times.windows(2) {
            let late = pair[1] - pair[0] - interval.as_secs_f64();
            assert!(late <= 2.0 * interval.as_secs_f64(), "{name} was {late} s late");
        }
    }
    let _ = hostile.child.kill();
    let start = Instant::now();
    eventually("the memory given back", || {
        let now = memory(program.id(), "RssAnon");
        if start.elapsed() > Duration::from_secs(80) {
            panic!("{} MiB when idle, {} MiB afterwards", idle / MEBIBYTE, now / MEBIBYTE);
        }
        // Measured: 60 MiB more than at the start, the same for the last half minute of the eighty seconds.
        (now <= idle + 96 * MEBIBYTE).then_some(())
    });
}
