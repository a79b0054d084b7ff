//! What one tick costs: 1,000 concerns over 5,000 sources, all judged once, with the memory they take.
//!
//! `cargo bench -p analyzer --bench tick`; after `--`: `concerns=N`, `sources=N`.
#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

use analyzer::analyst::{Analyst, Feed, Footprint};
use analyzer::concern::Concern;
use analyzer::detect::Detection;
use analyzer::level::Needs;
use crawler::post::{Post, PostId, Publisher, Stored};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// Enough to learn, and to fill the open buckets.
const TICKS: i64 = 130;
/// Of these the last ones are timed.
const TIMED: i64 = 12;
/// Posts in ten minutes, over all sources.
const POSTS: u64 = 3_000;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str, default: u64| {
        let typed = arguments.iter().find_map(|argument| argument.strip_prefix(name)?.strip_prefix('='));
        typed.map_or(default, |typed| typed.parse().unwrap())
    };
    let (concerns, sources) = (value("concerns", 1_000), value("sources", 5_000));
    let before = resident();
    let zone = TimeZone::get("Asia/Shanghai").unwrap();
    let mut analyst = Analyst::new(
        (0..concerns).map(concern).collect(),
        (0..sources).map(feed).collect(),
        Detection::default(),
        zone,
    );
    let start: Timestamp = "2026-10-12T00:00:00Z".parse().unwrap();
    let (mut number, mut seconds) = (0, Vec::new());
    for tick in 0..TICKS {
        let begin = start + SignedDuration::from_mins(10 * tick);
        (0..sources).for_each(|source| analyst.heartbeat(&id(source), begin, true));
        for _ in 0..POSTS {
            number += 1;
            analyst.observe(&stored(number, begin, concerns, sources));
        }
        let begun = processor();
        let signals = analyst.close(begin + SignedDuration::from_mins(12));
        seconds.push(processor() - begun);
        assert_eq!(signals.len() as u64, concerns);
    }
    let timed = seconds.iter().rev().take(TIMED as usize);
    println!("{concerns} concerns, {sources} sources, {POSTS} posts in ten minutes");
    println!("tick: {:.1} ms of the processor (mean of {TIMED})", timed.sum::<f64>() * 1e3 / TIMED as f64);
    println!("memory: {:.1} KiB a concern, sources and counts included", kib(before) / concerns as f64);
    tell_footprint(&analyst);
}

/// Bytes of one part.
type Part = fn(&Footprint) -> usize;

/// Bytes of a concern by what they are for, the mean of all and the most of any.
fn tell_footprint(analyst: &Analyst) {
    let parts: [(&str, Part); 7] = [
        ("season", |bytes| bytes.season),
        ("windows", |bytes| bytes.windows),
        ("sources", |bytes| bytes.sources),
        ("open buckets", |bytes| bytes.open),
        ("what a tick touches", Footprint::state),
        ("expected of the past", |bytes| bytes.history),
        ("counted posts", |bytes| bytes.counts),
    ];
    for (name, part) in parts {
        let bytes: Vec<usize> = analyst.footprints().map(|footprint| part(&footprint)).collect();
        let mean = bytes.iter().sum::<usize>() as f64 / bytes.len().max(1) as f64;
        println!("{name}: {mean:.0} bytes a concern, {} at most", bytes.iter().max().unwrap_or(&0));
    }
}

fn id(source: u64) -> String {
    format!("source-{source}")
}

fn feed(source: u64) -> Feed {
    let id = id(source);
    Feed {
        name: id.clone(),
        group: format!("group-{}", source % 50),
        every: SignedDuration::from_mins(10),
        publisher: Publisher::Individual,
        id,
    }
}

fn concern(number: u64) -> Concern {
    serde_json::from_value(serde_json::json!({
        "id": format!("concern-{number}"), "name": format!("关切{number}"), "words": [format!("关切{number}号")],
        "not": [], "scope": "all", "asks": [], "needs": Needs::default(), "min_voices": 5,
    }))
    .unwrap()
}

fn stored(number: u64, begin: Timestamp, concerns: u64, sources: u64) -> Stored {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    let id = PostId::from_bytes(&bytes).unwrap();
    let mixed = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20;
    let time = begin + SignedDuration::from_secs(i64::try_from(number % 600).unwrap());
    let source = self::id(mixed % sources);
    let post = Post {
        id,
        group: source.clone(),
        source,
        publisher: Publisher::Individual,
        time,
        first_seen: time,
        title: String::new(),
        text: format!("大家都在说关切{}号的事", (mixed >> 13) % concerns),
        address: None,
        rank: None,
        heat: None,
        claimed: None,
    };
    Stored { sequence: number, revision: 0, voice: id.voice(), post }
}

fn kib(before: f64) -> f64 {
    resident() - before
}

/// Seconds this thread has run: on a busy machine the clock says more about its other programs.
fn processor() -> f64 {
    let status = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    status.split(' ').next().and_then(|nanoseconds| nanoseconds.parse::<f64>().ok()).unwrap_or(0.0) / 1e9
}

/// Memory of this process in KiB, where the system tells.
fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0.0)
}
