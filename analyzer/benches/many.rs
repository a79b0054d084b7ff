//! Concerns over many sources of uneven size, heard everywhere, on thirty of them, or on three: false alarms, rises
//! found, their delay, and how well what was expected agrees with what came while large sources are not watched, at the
//! same hours of the other days, and at all other hours.
//! Prints the rows of docs/detection.md.
//!
//! `cargo bench -p analyzer --bench many`
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::indexing_slicing)]

use analyzer::analyst::{Analyst, Feed};
use analyzer::concern::Concern;
use analyzer::detect::Detection;
use analyzer::level::Needs;
use analyzer::series::{Bucket, BucketCount};
use crawler::post::{Publisher, Voice};
use jiff::SignedDuration;
use jiff::tz::TimeZone;

/// All of them together.
const SEEDS: [u64; 4] = [5, 6, 7, 8];
const SOURCES: usize = 400;
const CONCERNS: usize = 60;
/// Posts of all sources in ten minutes.
const POSTS: f64 = 400.0;
/// Voices of a concern in ten minutes.
const VOICES: f64 = 0.8;
const DAY: i64 = 144;
const DAYS: i64 = 24;
const WARM_UP: i64 = 10;
/// A rise: so many voices more in ten minutes, after three hours of growth, for six hours.
const RISE: f64 = 4.0;

/// SplitMix64, the same every time.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn poisson(&mut self, mean: f64) -> u32 {
        let (limit, mut product, mut count) = ((-mean).exp(), self.next(), 0);
        while product > limit {
            product *= self.next();
            count += 1;
        }
        count
    }

    /// A place drawn by weight.
    fn drawn(&mut self, sums: &[f64]) -> usize {
        let drawn = self.next() * sums.last().unwrap();
        sums.partition_point(|sum| *sum <= drawn).min(sums.len() - 1)
    }
}

/// What is counted of one kind of concern.
#[derive(Default)]
struct Outcome {
    weeks: f64,
    alarms: u32,
    rises: u32,
    delays: Vec<i64>,
    /// By [`part`] of the time.
    observed: [f64; 3],
    expected: [f64; 3],
}

fn main() {
    let mut outcomes: [Outcome; 3] = Default::default();
    SEEDS.into_iter().for_each(|seed| run(seed, &mut outcomes));
    println!(
        "| heard on | false alarms in 100 concern-weeks | rises found | median delay, min | mean | seen ÷ expected: at most hours | at the hours of the outages, nothing out | the eight largest sources out |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for (name, outcome) in ["all sources", "30 sources", "3 sources"].iter().zip(&mut outcomes) {
        outcome.delays.sort_unstable();
        let found = outcome.delays.len();
        let ratio = |part: usize| outcome.observed[part] / outcome.expected[part];
        println!(
            "| {name} | {:.1} | {found} of {} | {} | {:.0} | {:.3} | {:.3} | {:.3} |",
            100.0 * f64::from(outcome.alarms) / outcome.weeks,
            outcome.rises,
            outcome.delays.get(found / 2).copied().unwrap_or(0),
            outcome.delays.iter().sum::<i64>() as f64 / found.max(1) as f64,
            ratio(0),
            ratio(1),
            ratio(2),
        );
    }
}

/// Most hours, the hours of the outages on a day without one, an outage.
fn part(bucket: i64) -> usize {
    match bucket % (2 * DAY) {
        60..84 => 2,
        204..228 => 1,
        _ => 0,
    }
}

fn run(seed: u64, outcomes: &mut [Outcome; 3]) {
    let mut random = Random(seed);
    let volumes: Vec<f64> = (0..SOURCES).map(|source| 1.0 / (source + 10) as f64).collect();
    let all: f64 = volumes.iter().sum();
    let zone = TimeZone::get("Asia/Shanghai").unwrap();
    let concerns = (0..CONCERNS).map(concern).collect();
    let mut analyst = Analyst::new(concerns, (0..SOURCES).map(feed).collect(), Detection::default(), zone);
    // Where each concern is heard: the summed weights of its sources.
    let homes: Vec<Vec<f64>> = (0..CONCERNS).map(|concern| home(concern, &volumes, &mut random)).collect();
    let rises: Vec<i64> =
        (0..CONCERNS).map(|_| (16 * DAY) + (random.next() * (6 * DAY) as f64) as i64).collect();
    let start = Bucket::of("2026-10-08T00:00:00+08:00".parse().unwrap()).0;
    let mut last = [-10 * DAY; CONCERNS];
    let mut voice = 0;
    for bucket in 0..DAYS * DAY {
        let hour = bucket.rem_euclid(DAY) as f64 / 6.0;
        let shape = 1.0 + 0.7 * ((hour - 15.0) / 24.0 * std::f64::consts::TAU).cos();
        let outage = part(bucket) == 2;
        let is_out = |source: usize| outage && source < 8;
        let at = Bucket(start + bucket);
        let mut said = vec![0; SOURCES];
        for (source, volume) in volumes.iter().enumerate() {
            said[source] = random.poisson(shape * POSTS * volume / all);
            if !is_out(source) {
                analyst.heartbeat(&id(source), at.start(), true);
            }
        }
        for concern in 0..CONCERNS {
            let since = bucket - rises[concern];
            let rise = if (0..54).contains(&since) { RISE * (since as f64 / 18.0).min(1.0) } else { 0.0 };
            let mut count = BucketCount { bucket: at, posts: 0, voices: Vec::new(), sources: Vec::new() };
            for _ in 0..random.poisson(VOICES * shape + rise) {
                let source = random.drawn(&homes[concern]);
                said[source] += 1;
                if is_out(source) {
                    continue;
                }
                voice += 1;
                count.posts += 1;
                count.voices.push((Voice(voice), 1));
                let name = id(source);
                match count.sources.binary_search_by(|(other, _)| other.cmp(&name)) {
                    Ok(place) => count.sources[place].1 += 1,
                    Err(place) => count.sources.insert(place, (name, 1)),
                }
            }
            analyst.tally(&format!("concern-{concern}"), &count);
        }
        for (source, posts) in
            said.iter().enumerate().filter(|(source, posts)| **posts > 0 && !is_out(*source))
        {
            analyst.tally_volume(at, &id(source), *posts);
        }
        let signals = analyst.close(at.end() + SignedDuration::from_mins(2));
        for (concern, signal) in signals.iter().enumerate().filter(|_| bucket >= WARM_UP * DAY) {
            let outcome = &mut outcomes[concern % 3];
            let since = bucket - rises[concern];
            let calm = !(0..4 * DAY).contains(&since);
            outcome.weeks += if calm { 1.0 / (7 * DAY) as f64 } else { 0.0 };
            if calm && since < 0 {
                let hour = analyst.counts(&signal.concern, at.start(), at.end());
                let posts: u32 = hour.iter().map(|count| count.posts).sum();
                let point = analyst.curve(&signal.concern, at.start(), at.end());
                outcome.observed[part(bucket)] += f64::from(posts);
                outcome.expected[part(bucket)] += point[0].expected.mean / 6.0;
            }
            if signal.level.is_ok() {
                if bucket - last[concern] > DAY && calm {
                    outcome.alarms += 1;
                }
                if (0..54).contains(&since) && bucket - last[concern] > 54 {
                    outcome.delays.push(10 * (since + 1));
                }
                last[concern] = bucket;
            }
            outcome.rises += u32::from(since == 0);
        }
    }
}

fn home(concern: usize, volumes: &[f64], random: &mut Random) -> Vec<f64> {
    let heard = [SOURCES, 30, 3][concern % 3];
    let chance = heard as f64 / SOURCES as f64;
    let mut weights: Vec<f64> =
        volumes.iter().map(|volume| if random.next() < chance { *volume } else { 0.0 }).collect();
    if heard == 3 {
        weights = vec![0.0; SOURCES];
        (0..3).for_each(|_| weights[(random.next() * SOURCES as f64) as usize % SOURCES] = 1.0);
    }
    let mut sum = 0.0;
    weights
        .iter()
        .map(|weight| {
            sum += weight;
            sum
        })
        .collect()
}

fn id(source: usize) -> String {
    format!("source-{source:03}")
}

fn feed(source: usize) -> Feed {
    let id = id(source);
    Feed {
        name: id.clone(),
        group: id.clone(),
        every: SignedDuration::from_mins(10),
        publisher: Publisher::Individual,
        id,
    }
}

fn concern(number: usize) -> Concern {
    serde_json::from_value(serde_json::json!({
        "id": format!("concern-{number}"), "name": format!("关切{number}"), "words": [format!("关切{number}号")],
        "not": [], "scope": "all", "asks": [], "needs": Needs::default(), "min_voices": 5,
    }))
    .unwrap()
}
