//! The shipped story through the real counting, near-duplicate groups and detector: it must end as it is told.

use std::collections::BTreeMap;

use analyzer::analyst::Analyst;
use analyzer::detect::Detection;
use analyzer::duplicate::Duplicates;
use analyzer::level::Level;
use analyzer::signal::Signal;
use crawler::post::Stored;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::scenario::{QINGLAN, Scenario};

/// Every signal from the moment the story is worth watching.
fn signals(scenario: &str) -> Vec<Signal> {
    let story = Scenario::parse(scenario).unwrap();
    let file = |name: &str, text: &str| config::File { name: name.into(), bytes: text.as_bytes().to_vec() };
    let (guanlan, concerns) =
        (file("guanlan.toml", QINGLAN.guanlan), file("concerns.toml", QINGLAN.concerns));
    let loaded = config::read(Some(&guanlan), Some(&concerns), &BTreeMap::new());
    let feeds = crate::orders::Orders::new(&loaded.config, alerts::staging::Staging::Demo).feeds;
    let zone = TimeZone::get("Asia/Shanghai").unwrap();
    let mut analyst = Analyst::new(loaded.config.concerns, feeds, Detection::default(), zone);
    let mut duplicates = Duplicates::new(64 << 20);
    let heartbeats = story.heartbeats();
    let mut visits = heartbeats.iter().peekable();
    let mut posts = story.posts().iter().zip(1..).peekable();
    let mut now = story.start();
    let mut signals = Vec::new();
    while now < story.end() {
        now += SignedDuration::from_mins(10);
        while let Some((source, at, ok)) = visits.next_if(|visit| visit.1 <= now) {
            analyst.heartbeat(source, *at, *ok);
        }
        while let Some((post, sequence)) = posts.next_if(|(post, _)| post.time <= now) {
            let voice = duplicates.assign(post);
            analyst.observe(&Stored { sequence, revision: 0, voice, post: post.clone() });
        }
        signals.extend(analyst.close(now));
    }
    signals.retain(|signal| signal.at > story.show_from());
    signals
}

/// When each level was first reached.
fn reached(signals: &[Signal], concern: &str) -> BTreeMap<Level, Timestamp> {
    let mut reached = BTreeMap::new();
    for signal in signals.iter().filter(|signal| signal.concern == concern) {
        if let Ok(level) = signal.level {
            for lower in Level::ALL.into_iter().filter(|lower| *lower <= level) {
                reached.entry(lower).or_insert(signal.at);
            }
        }
    }
    reached
}

fn at(clock: &str) -> Timestamp {
    format!("2026-11-24T{clock}:00+08:00").parse().unwrap()
}

fn check(scenario: &str) {
    let signals = signals(scenario);
    let data = reached(&signals, "数据公布");
    assert!((at("13:00")..=at("13:30")).contains(&data[&Level::Blue]), "{data:?}");
    assert!(
        data[&Level::Blue] < data[&Level::Yellow] && data[&Level::Yellow] < data[&Level::Orange],
        "{data:?}"
    );
    assert!(data[&Level::Orange] <= at("14:00"), "{data:?}");
    assert!(!data.contains_key(&Level::Red), "{data:?}");

    let returning = reached(&signals, "返岚人员政策");
    assert!((at("12:40")..=at("14:00")).contains(&returning[&Level::Yellow]), "{returning:?}");
    assert!(!returning.contains_key(&Level::Orange), "{returning:?}");

    let water = reached(&signals, "供水水质");
    assert!((at("08:20")..=at("09:10")).contains(&water[&Level::Blue]), "{water:?}");
    assert!(!water.contains_key(&Level::Orange), "{water:?}");
    let falls = |signal: &&Signal| signal.concern == "供水水质" && signal.at > at("13:50");
    assert!(signals.iter().filter(falls).all(|signal| signal.level.is_err()));

    for quiet in ["学校复课", "门诊报销", "物价保供", "公交线路调整", "停电检修"] {
        assert_eq!(reached(&signals, quiet), BTreeMap::new(), "{quiet}");
    }
}

#[test]
fn the_story_ends_as_it_is_told() {
    check(QINGLAN.scenario);
}
