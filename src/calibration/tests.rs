//! Thresholds from four weeks of bundled hot lists.

use std::path::Path;

use jiff::Timestamp;

use super::*;
use crate::backtest::Files;
use crate::scenario::HOTLISTS;

fn time(text: &str) -> Timestamp {
    format!("{text}T00:00:00+08:00").parse().unwrap()
}

fn history(folder: &Path) -> (Material, Orders, Span) {
    let file = |name: &str, text: &str| config::File { name: name.into(), bytes: text.as_bytes().to_vec() };
    let (guanlan, concerns) =
        (file("guanlan.toml", HOTLISTS.guanlan), file("concerns.toml", HOTLISTS.concerns));
    let config = config::read(Some(&guanlan), Some(&concerns), &Default::default()).config;
    let posts = folder.join("posts.jsonl.zst");
    std::fs::write(&posts, HOTLISTS.posts).unwrap();
    let span = Span { from: time("2021-01-05"), told_from: time("2021-01-19"), to: time("2021-02-16") };
    let files = Files {
        posts: vec![posts],
        heartbeats: Vec::new(),
        rename: Vec::new(),
        publisher: crawler::post::Publisher::Platform,
        zone: config.site.zone.clone(),
        now: time("2021-03-02"),
    };
    let material = Material::read(&files, &config.sources, span.from, span.to).unwrap();
    (material, Orders::new(&config, alerts::staging::Staging::Real), span)
}

#[test]
fn thresholds_keep_to_the_budget_and_more_allowed_alarms_lower_them() {
    let folder = tempfile::tempdir().unwrap();
    let (material, orders, span) = history(folder.path());
    let slow = |budget: f64, known: &[Known]| {
        let [_, slow] = calibrate(&material, &orders, span, budget, known).unwrap();
        slow
    };
    let (strict, lax) = (slow(4.0, &[]), slow(14.0, &[]));
    assert!(strict.concern_weeks > 50.0, "{strict:?}");
    let (few, many) = (strict.found.unwrap(), lax.found.unwrap());
    assert!(few.thresholds[0] > many.thresholds[0], "{few:?} {many:?}");
    assert!(few.alarms as f64 <= strict.allowed + 1.0 && few.alarms < many.alarms, "{few:?} {many:?}");
    // A rise that people knew is no false alarm.
    let all: Vec<Known> = orders
        .concerns
        .iter()
        .map(|concern| Known { concern: concern.id.clone(), from: span.from, to: span.to })
        .collect();
    let none = slow(4.0, &all);
    assert_eq!((none.now, none.found.unwrap().alarms), (0, 0));
    assert!(none.found.unwrap().thresholds[0] <= orders.detection.six_hours * LOWERED + 1e-9);
}

#[test]
fn less_than_one_allowed_alarm_says_nothing() {
    let scores = Scores { concerns: vec![vec![(0.0, false); 1_008]; 90] };
    assert_eq!(scores.class(false, 1.0).1, None);
    assert_eq!(scores.class(false, 2.0).1, Some(LOWERED));
}

#[test]
fn how_seldom_a_score_is_comes_from_the_rises_of_the_replay() {
    // Ten weeks of forty concerns, one rise in each: 1.05, 1.1, … 3.
    let rise = |concern: usize| {
        let score = 1.0 + 0.05 * (concern + 1) as f64;
        (0..10_080).map(|bucket| (if bucket == 5_000 { score } else { 0.0 }, false)).collect()
    };
    let scores = Scores { concerns: (0..40).map(rise).collect() };
    let rarity = scores.rarity(false).unwrap();
    // The lowest of the forty comes once in ten concern-weeks, half of them once in twenty.
    assert!((rarity.once_in(1.05).weeks - 10.0).abs() < 0.1, "{rarity:?}");
    assert!((rarity.once_in(2.0).weeks / 20.0).ln().abs() < 0.4, "{rarity:?}");
    assert_eq!(rarity.most, 400.0);
    assert_eq!(scores.rarity(true), None);
}

#[test]
fn thresholds_are_kept_whole_and_nonsense_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(Thresholds::read(folder.path()).unwrap(), None);
    let kept = Thresholds {
        false_alarms: 2.0,
        from: time("2021-01-01"),
        to: time("2021-02-01"),
        half_hour: 2.5,
        ninety_minutes: 1.7,
        six_hours: 1.9,
        day: 1.6,
        fast_rarity: None,
        slow_rarity: Some(Rarity { weeks: 30.0, growth: 6.0, most: 400.0 }),
    };
    kept.keep(folder.path()).unwrap();
    assert_eq!(Thresholds::read(folder.path()).unwrap(), Some(kept));
    assert_eq!(kept.over(Detection::default()).half_hour, 2.5);
    Thresholds { day: 0.0, ..kept }.keep(folder.path()).unwrap();
    assert!(Thresholds::read(folder.path()).unwrap_err().to_string().contains("guanlan calibrate"));
    std::fs::write(folder.path().join("thresholds.json"), "{").unwrap();
    assert!(Thresholds::read(folder.path()).is_err());
}
