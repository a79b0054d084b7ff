//! Every method against a series made by hand, and a whole comparison on a small one in files.

use std::io::Write;
use std::path::Path;

use super::set::{Event, Meta, Platform, Set};
use super::*;
use crate::scenario::Chance;

const WEEKS: usize = 6;
const BUCKETS: usize = WEEKS * 1_008;
/// In the last week, at noon.
const BURST: usize = 5 * 1_008 + 72;

/// Four posts in ten minutes at noon and one at night, and a rise in one concern if wanted.
fn set(seed: u64, concerns: usize, rising: bool) -> Set {
    let mut chance = Chance::of(seed, "series");
    let by_day = |bucket: usize| 2.5 - 1.5 * (bucket as f64 / 144.0 * std::f64::consts::TAU).cos();
    let grid: Vec<Vec<f64>> = (0..concerns)
        .map(|concern| {
            let count = |bucket: usize| {
                let noise = (0..40).filter(|_| chance.share() < by_day(bucket) / 40.0).count() as f64;
                let rises = rising && concern == 0 && (BURST..BURST + 12).contains(&bucket);
                noise + if rises { 60.0 } else { 0.0 }
            };
            (0..BUCKETS).map(count).collect()
        })
        .collect();
    let platform = |bucket: usize| {
        let posts = (8_000.0 * by_day(bucket)).round();
        Platform { bucket, arrived: posts, posts, coverage: 1.0 }
    };
    let (concern, start, peak) = (0.0, BURST as f64, BURST as f64 + 6.0);
    let event = Event {
        concern,
        start,
        peak,
        end: peak + 6.0,
        posts: 720.0,
        peak_over_base: 20.0,
        base_per_bucket: 3.0,
    };
    let meta = Meta {
        concerns,
        buckets: BUCKETS,
        bucket_seconds: 600,
        first_bucket: "2024-01-01T00:00:00+08:00".parse().unwrap(),
        warm_up_buckets: 4 * 1_008,
    };
    Set {
        meta,
        arrived: grid.clone(),
        posts: grid.clone(),
        independent: grid.clone(),
        largest: grid.iter().map(|counts| vec![0.0; counts.len()]).collect(),
        platform: (0..BUCKETS).map(platform).collect(),
        events: if rising { vec![event] } else { Vec::new() },
        outages: Vec::new(),
    }
}

fn zone() -> TimeZone {
    TimeZone::get("Asia/Shanghai").unwrap()
}

#[test]
fn every_method_says_most_of_a_rise_to_twenty_times_the_usual() {
    let input = Input::of(set(3, 1, true), Kind::Gated, &zone());
    let seen = own::watch(&input, &Detection::default());
    for method in methods() {
        let mut units = BTreeMap::new();
        if let Method::Own(_, windows) = &method {
            let windows = windows(&seen, 0);
            units.insert(windows.clone(), vec![1.0; windows.len()]);
        }
        let tuned = Tuned { method, units, cap: f64::INFINITY, thresholds: Vec::new() };
        let scores = tuned.scores((&input, &seen)).swap_remove(0);
        let highest = |range: std::ops::Range<usize>| scores[range].iter().copied().fold(0.0, f64::max);
        let (rise, before) = (highest(BURST..BURST + 24), highest(input.warm_up..BURST));
        assert!(rise > before, "{}: {rise} at the rise, {before} before", tuned.method.name());
    }
}

/// Writes a set as the benchmark's own tool does.
fn write(folder: &Path, set: &Set) {
    std::fs::create_dir_all(folder).unwrap();
    let file = |name: &str| zstd::Encoder::new(std::fs::File::create(folder.join(name)).unwrap(), 1).unwrap();
    let meta = serde_json::json!({ "concerns": set.meta.concerns, "buckets": BUCKETS, "bucket_seconds": 600,
        "first_bucket": "2024-01-01T00:00:00+08:00", "warm_up_buckets": 4_032, "dirty": false });
    std::fs::write(folder.join("meta.json"), meta.to_string()).unwrap();
    let mut series = file("series.csv.zst");
    writeln!(series, "concern,bucket,arrived,posts,distinct,independent,largest").unwrap();
    for (concern, counts) in set.posts.iter().enumerate() {
        for (bucket, posts) in counts.iter().enumerate().filter(|(_, posts)| **posts > 0.0) {
            writeln!(series, "{concern},{bucket},{posts},{posts},{posts},{posts},0").unwrap();
        }
    }
    series.finish().unwrap();
    let mut platform = file("platform.csv.zst");
    writeln!(platform, "bucket,arrived,posts,coverage").unwrap();
    for row in &set.platform {
        writeln!(platform, "{},{},{},{}", row.bucket, row.arrived, row.posts, row.coverage).unwrap();
    }
    platform.finish().unwrap();
    let mut events = file("events.csv.zst");
    let columns =
        "concern,start,peak,end,posts,doubling_hours,peak_per_bucket,peak_over_base,base_per_bucket";
    writeln!(events, "{columns}").unwrap();
    for event in &set.events {
        let Event { concern, start, peak, end, posts, peak_over_base, base_per_bucket } = event;
        writeln!(events, "{concern},{start},{peak},{end},{posts},1,60,{peak_over_base},{base_per_bucket}")
            .unwrap();
    }
    events.finish().unwrap();
    let mut outages = file("outages.csv.zst");
    writeln!(outages, "start").unwrap();
    set.outages.iter().for_each(|start| writeln!(outages, "{start}").unwrap());
    outages.finish().unwrap();
}

#[test]
fn files_are_compared_and_a_wrong_line_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let sets =
        Sets { calibrate: at("calibrate"), check: vec![at("check"), at("calm")], events: at("events") };
    write(&sets.calibrate, &set(1, 4, false));
    // Nothing is seen for an hour in the last week; once in the warm-up counts for nothing.
    let mut check = set(2, 4, false);
    check.outages = vec![500, BURST];
    check.platform[BURST..BURST + 6].iter_mut().for_each(|row| row.coverage = 0.0);
    write(&at("check"), &check);
    write(&at("calm"), &set(4, 4, false));
    write(&sets.events, &set(3, 4, true));
    let compare = || run(&sets, &[50.0], Kind::Gated, &Detection::default(), &zone());
    let rows = compare().unwrap();
    let ours = rows.iter().find(|row| row.name == "guanlan").unwrap();
    assert_eq!((ours.recall_before_peak, ours.recall_24h, ours.events), (1.0, 1.0, 1));
    assert!(ours.delay_median_min.unwrap() <= 30.0, "{ours:?}");
    assert_eq!(ours.outages.map(|outages| (outages.outages, outages.false_alarms)), Some((1, 0.0)));
    assert_eq!((ours.ages[0].from_hours, ours.ages[0].without_history), (0, 0), "{:?}", ours.ages);
    assert!((ours.ages[0].concern_weeks - 8.0 * 12.0 / 168.0).abs() < 1e-9, "{:?}", ours.ages);
    // The rise comes in the second week of the concern that begins anew with the scored weeks.
    let last = ours.ages[4];
    assert_eq!((last.events, last.found_without_history, last.found_with_history), (1, 1, 1), "{last:?}");
    assert!(ours.concern_weeks == 16.0 && rows.iter().all(|row| row.threshold > 0.0), "{ours:?}");

    let broken = set(3, 1, true);
    write(&sets.events, &Set { meta: Meta { concerns: 0, ..broken.meta.clone() }, ..broken });
    let error = compare().err().unwrap().to_string();
    assert!(error.contains("series.csv.zst: line 2: concern 0"), "{error}");
    std::fs::remove_file(at("check").join("platform.csv.zst")).unwrap();
    assert!(compare().err().unwrap().to_string().contains("export_series.py"));
}

#[test]
fn an_event_brings_a_mail_through_the_very_desk_and_one_that_says_it_is_over() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &set(3, 1, true));
    let config = config::Config::default();
    let orders = crate::orders::Orders::new(&config, alerts::staging::Staging::Real);
    let life = life::run(folder.path(), orders.policy, &orders.site, orders.detection).unwrap();
    assert_eq!((life.events, life.mailed, life.flaps), (1, 1, 0), "{life:?}");
    assert!(life.rising.mean >= 1.0 && life.with_end.mean == life.rising.mean + 1.0, "{life:?}");
    let reached: Vec<usize> = life.levels.iter().map(|(_, _, events)| *events).collect();
    assert!(reached[0] == 1 && reached.is_sorted_by(|one, other| one >= other), "{life:?}");
}

#[test]
fn alarms_near_an_outage_are_put_down_to_it() {
    let input = Input::of(Set { outages: vec![BURST], ..set(3, 4, false) }, Kind::Gated, &zone());
    // Two within eighteen hours of its start, one before it, one after them; nothing in a second set.
    let alarms = [(0, BURST), (1, BURST + 107), (2, BURST - 1), (3, BURST + 108)];
    let mut around = trouble::Around::default();
    around.add(&input, &alarms);
    let outages = around.outages().unwrap();
    assert_eq!((outages.outages, outages.alarms, outages.false_alarms), (1, 2, 50.0));
    let (low, high) = outages.false_alarms_95;
    assert!((5.0..8.0).contains(&low) && (175.0..185.0).contains(&high), "{low} {high}");
    let other_hours = (2 * 1_008 - 108) as f64;
    assert!((outages.at_other_times - 2.0 / other_hours * 108.0 * 25.0).abs() < 1e-9, "{outages:?}");
    around.add(&input, &[]);
    assert_eq!(
        around.outages().map(|both| (both.outages, both.alarms, both.false_alarms)),
        Some((2, 2, 25.0))
    );
    around = trouble::Around::default();
    around.add(&Input::of(set(3, 4, false), Kind::Gated, &zone()), &alarms);
    assert_eq!(around.outages(), None);
}

#[test]
fn a_concern_that_begins_anew_has_an_age() {
    let input = Input::of(set(3, 4, false), Kind::Gated, &zone());
    let (first, second) = (input.warm_up, input.warm_up + 61);
    let without = [(0, first + 71), (1, second + 72), (1, second - 1)];
    let mut ages = trouble::ages();
    trouble::add_alarms(&mut ages, &input, &without, &[(0, first + 1_008)]);
    let counts: Vec<(usize, usize)> =
        ages.iter().map(|age| (age.without_history, age.with_history)).collect();
    assert_eq!(counts, [(1, 0), (1, 0), (0, 0), (0, 0), (0, 1)]);
    let born = trouble::births(&input);
    assert!(born(0, first) && born(1, second) && !born(1, first) && !born(0, first + 1));
}
