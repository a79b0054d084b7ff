//! The bundled hot lists through the real counting and detector: the alert of 20 January must come in time.

use std::collections::BTreeMap;

use analyzer::analyst::{Analyst, Feed};
use analyzer::detect::Detection;
use analyzer::duplicate::Duplicates;
use analyzer::matcher::{Matchers, Text};
use config::Config;
use crawler::post::Stored;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::scenario::HOTLISTS;
use crate::scenario::hotlists::Recorded;

fn configuration() -> Config {
    let file = |name: &str, text: &str| config::File { name: name.into(), bytes: text.as_bytes().to_vec() };
    let (guanlan, concerns) =
        (file("guanlan.toml", HOTLISTS.guanlan), file("concerns.toml", HOTLISTS.concerns));
    let loaded = config::read(Some(&guanlan), Some(&concerns), &BTreeMap::new());
    // Recipients are examples, which is the only thing there is to say of these files.
    let codes: Vec<_> = loaded.report.problems.iter().map(|problem| problem.code).collect();
    assert_eq!(codes, ["sample-address"]);
    loaded.config
}

fn unpacked(config: &Config) -> Recorded {
    let group = |id: &str| {
        let source = config.sources.iter().find(|source| source.id == id).unwrap();
        source.group.clone()
    };
    HOTLISTS.unpack(group).unwrap()
}

fn time(text: &str) -> Timestamp {
    format!("{text}:00+08:00").parse().unwrap()
}

/// When each concern was raised; risen again within a day it is the same alert.
fn raised(config: &Config, recorded: &Recorded) -> Vec<(Timestamp, String)> {
    let feed = |source: &config::Source| Feed {
        id: source.id.clone(),
        name: source.name.clone(),
        group: source.group.clone(),
        every: source.every,
        publisher: source.publisher,
    };
    let feeds = config.sources.iter().map(feed).collect();
    let zone = TimeZone::get("Asia/Shanghai").unwrap();
    let mut analyst = Analyst::new(config.concerns.clone(), feeds, Detection::default(), zone);
    let mut duplicates = Duplicates::new(64 << 20);
    let mut visits = recorded.observations.iter().peekable();
    let mut posts = recorded.posts.iter().zip(1..).peekable();
    let mut last: BTreeMap<String, Timestamp> = BTreeMap::new();
    let mut raised = Vec::new();
    let mut now = time("2020-12-01T00:00");
    while now < time("2021-03-01T00:00") {
        now += SignedDuration::from_mins(10);
        while let Some(visit) = visits.next_if(|visit| visit.at <= now) {
            analyst.heartbeat(&visit.source, visit.at, visit.ok);
        }
        while let Some((post, sequence)) = posts.next_if(|(post, _)| post.time <= now) {
            let voice = duplicates.assign(post);
            analyst.observe(&Stored { sequence, revision: 0, voice, post: post.clone() });
        }
        for signal in analyst.close(now) {
            if signal.level.is_ok() {
                let known = last.get(&signal.concern);
                if known.is_none_or(|last| now.duration_since(*last) > SignedDuration::from_hours(24)) {
                    raised.push((now, signal.concern.clone()));
                }
                last.insert(signal.concern, now);
            }
        }
    }
    raised
}

#[test]
fn the_sample_is_whole_and_ordered() {
    let recorded = unpacked(&configuration());
    assert_eq!(recorded.posts.len(), 26_303);
    assert_eq!(recorded.observations.len(), 3_257);
    assert!(recorded.posts.windows(2).all(|pair| pair[0].time <= pair[1].time));
    assert!(recorded.posts.iter().all(|post| post.text.is_empty() && post.rank.is_some()));
    assert!(HOTLISTS.posts.len() + HOTLISTS.heartbeats.len() < 2 << 20);
}

#[test]
fn six_titles_on_20_january_and_their_alert_before_22_h() {
    let config = configuration();
    let recorded = unpacked(&config);
    let matchers = Matchers::new(&config.concerns);
    let place = config.concerns.iter().position(|concern| concern.id == "return-home").unwrap();
    let evening = (time("2021-01-20T16:40"), time("2021-01-21T00:00"));
    let titles = recorded.posts.iter().filter(|post| evening.0 <= post.time && post.time < evening.1);
    let matching: Vec<_> =
        titles.filter(|post| matchers.matching(&Text::of(post)).contains(&place)).collect();
    assert_eq!(matching.len(), 6, "{matching:#?}");

    let raised = raised(&config, &recorded);
    let returning = |day: &str| {
        let (from, to) = (time(&format!("{day}T00:00")), time(&format!("{day}T22:00")));
        raised.iter().any(|(at, concern)| concern == "return-home" && from <= *at && *at <= to)
    };
    assert!(returning("2021-01-20"), "{raised:#?}");
    let wave = (time("2021-01-27T00:00"), time("2021-02-08T00:00"));
    let extra =
        raised.iter().filter(|(at, concern)| concern == "extra-conditions" && wave.0 <= *at && *at < wave.1);
    assert!(extra.count() <= 1, "{raised:#?}");
    assert!(raised.len() <= 45, "{} alerts in ninety days: {raised:#?}", raised.len());
}
