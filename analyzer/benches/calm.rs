//! How often streams that never change alarm by chance, over 10,000 concern-weeks of simulated time through the
//! very baseline and windows that posts go through, and what a bucket costs. Prints the table of
//! docs/detection.md.
//!
//! `cargo bench -p analyzer --bench calm`
#![allow(clippy::disallowed_methods)]

use std::time::Instant;

use analyzer::calendar::Slot;
use analyzer::course::{Counted, Moment, OPEN};
use analyzer::detect::Detection;
use analyzer::series::Bucket;

const WEEK: i64 = 1_008;
/// Weeks that teach and do not count.
const WARM_UP: i64 = 4;
/// Weeks that count, of each rate.
const WEEKS: i64 = 2_000;
/// Voices in ten minutes: from one in three hours to four in ten minutes.
const RATES: [f64; 5] = [0.05, 0.1, 0.3, 1.0, 4.0];
const EXPOSURE: f64 = 10.0;
const LEAST_VOICES: f64 = 5.0;

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

    fn poisson(&mut self, mean: f64) -> f64 {
        let (limit, mut product, mut count) = ((-mean).exp(), self.next(), 0.0);
        while product > limit {
            product *= self.next();
            count += 1.0;
        }
        count
    }
}

fn main() {
    println!(
        "| voices in ten minutes | concern-weeks | alarms | in 100 concern-weeks (95 %) | µs a bucket |"
    );
    println!("|---|---|---|---|---|");
    let mut all = 0;
    for (rate, seed) in RATES.into_iter().zip(1..) {
        let begun = Instant::now();
        let alarms = alarms(rate, &mut Random(seed));
        let micros = begun.elapsed().as_secs_f64() * 1e6 / ((WEEKS + WARM_UP) * WEEK) as f64;
        row(&rate.to_string(), alarms, WEEKS, &format!("{micros:.2}"));
        all += alarms;
    }
    row("all", all, WEEKS * RATES.len() as i64, "");
}

fn row(name: &str, alarms: u32, weeks: i64, micros: &str) {
    let rate = |alarms: f64| 100.0 * alarms / weeks as f64;
    let [low, high] = interval(f64::from(alarms));
    println!(
        "| {name} | {weeks} | {alarms} | {:.2} ({:.2}–{:.2}) | {micros} |",
        rate(f64::from(alarms)),
        rate(low),
        rate(high)
    );
}

/// 95 % interval of a Poisson mean from one count (E. B. Wilson and M. M. Hilferty, 1931).
fn interval(count: f64) -> [f64; 2] {
    let bound = |count: f64, z: f64| {
        if count == 0.0 {
            return 0.0;
        }
        count * (1.0 - 1.0 / (9.0 * count) + z / (3.0 * count.sqrt())).powi(3)
    };
    [bound(count, -1.96), bound(count + 1.0, 1.96)]
}

/// Episodes, six quiet hours apart, of a stream that never changes.
fn alarms(mean: f64, random: &mut Random) -> u32 {
    let settings = Detection::default();
    let mut stream = Counted::new(&settings);
    let (mut alarms, mut last) = (0, None);
    for bucket in 0..(WEEKS + WARM_UP) * WEEK {
        let slot = Slot { hour: (bucket / 6 % 24) as usize, minute: (bucket % 144) as usize };
        let moment = Moment { bucket: Bucket(bucket), slot, exposure: EXPOSURE, coverage: 1.0 };
        let young = stream.close(&moment, random.poisson(mean), &settings).young;
        let course = stream.course();
        let over =
            course.alarming().any(|window| course.score(window.window(), LEAST_VOICES, &settings) >= 1.0);
        if over && !young {
            stream.over(moment.bucket);
            let begins = last.is_none_or(|last| bucket - last > OPEN as i64);
            alarms += u32::from(begins && bucket >= WARM_UP * WEEK);
            last = Some(bucket);
        }
    }
    alarms
}
