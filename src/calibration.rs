//! Thresholds that give the configured number of false alarms on an installation's own history: `guanlan
//! calibrate`. History is replayed through the code that runs live, with thresholds low enough to see what
//! stricter ones would keep, and once more with those found, to count what they really raise.

#[cfg(test)]
mod tests;
mod thresholds;

use analyzer::detect::Detection;
use analyzer::rarity::Rarity;
use analyzer::series::Bucket;
use analyzer::signal::{Signal, Window};
use jiff::Timestamp;
use serde::Serialize;

use crate::backtest::Material;
use crate::benchmark::{episodes, lowest_threshold, peaks};
use crate::lookout::{Lookout, LookoutError};
use crate::orders::Orders;
use crate::replay::{Arrivals, Span, replay};

pub(crate) use thresholds::{Thresholds, ThresholdsError};

/// The first replay halves the thresholds in force: none is proposed below that.
const LOWERED: f64 = 0.5;
/// No calmer than this many times the thresholds in force, whatever history says.
const HIGHEST: f64 = 4.0;
const BUCKETS_A_WEEK: f64 = 1_008.0;

/// A rise that people said was real: it is no false alarm.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    /// Id of the concern.
    pub concern: String,
    /// First moment.
    pub from: Timestamp,
    /// Last moment.
    pub to: Timestamp,
}

/// Why history can't be replayed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CalibrationError {
    /// The counts, the journal or the store.
    #[error(transparent)]
    Lookout(#[from] LookoutError),
    /// The folder in which the replay keeps its counts.
    #[error("a temporary folder: {0}")]
    Scratch(#[from] std::io::Error),
}

/// One pair of windows, and the concerns that these judge.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Class {
    /// The pair.
    pub windows: [Window; 2],
    /// Weeks that concerns were judged by them, all concerns together.
    pub concern_weeks: f64,
    /// Alarms the budget allows in that time.
    pub allowed: f64,
    /// Alarms with the thresholds in force.
    pub now: usize,
    /// Thresholds found and the alarms they raise; `None` where history is too short to tell.
    pub found: Option<Found>,
}

/// Thresholds of one pair of windows.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Found {
    /// In the order of the windows, −log₁₀ of the tail.
    pub thresholds: [f64; 2],
    /// Alarms they raise, counted in a replay of their own.
    pub alarms: usize,
    /// How seldom chance brings a score in their units; `None` where there were too few rises to tell.
    pub rarity: Option<Rarity>,
}

/// Thresholds for `budget` false alarms in 100 concern-weeks, for both pairs of windows.
///
/// # Errors
/// What the counts, the store or the file system answer.
pub(crate) fn calibrate(
    material: &Material,
    orders: &Orders,
    span: Span,
    budget: f64,
    known: &[Known],
) -> Result<[Class; 2], CalibrationError> {
    let low = scores(material, orders, span, known, &scaled(&orders.detection, [LOWERED; 2]))?;
    let classes = [true, false].map(|fast| low.class(fast, budget));
    let factors = classes.each_ref().map(|(_, factor)| factor.unwrap_or(1.0));
    let rarities = [true, false].map(|fast| low.rarity(fast));
    let detection = scaled(&orders.detection, factors);
    let high = scores(material, orders, span, known, &detection)?;
    let [fast, slow] = classes;
    let [fast_rarity, slow_rarity] = rarities;
    let found = |(class, factor): (Class, Option<f64>), rarity: Option<Rarity>, fast: bool| {
        let found = factor.map(|factor| Found {
            thresholds: class.windows.map(|window| detection.threshold(window)),
            alarms: episodes(&high.grid(fast), 1.0, 0),
            rarity: rarity.map(|rarity| rarity.scaled(factor / LOWERED)),
        });
        Class { found, ..class }
    };
    Ok([found(fast, fast_rarity, true), found(slow, slow_rarity, false)])
}

/// The settings with the thresholds of the fast and the slow windows multiplied.
fn scaled(detection: &Detection, [fast, slow]: [f64; 2]) -> Detection {
    Detection {
        half_hour: detection.half_hour * fast,
        ninety_minutes: detection.ninety_minutes * fast,
        six_hours: detection.six_hours * slow,
        day: detection.day * slow,
        ..*detection
    }
}

/// Scores by concern and bucket; nought where no level would have been raised.
struct Scores {
    /// The score, and whether the fast windows judged.
    concerns: Vec<Vec<(f64, bool)>>,
}

fn scores(
    material: &Material,
    orders: &Orders,
    span: Span,
    known: &[Known],
    detection: &Detection,
) -> Result<Scores, CalibrationError> {
    let scratch = tempfile::tempdir()?;
    let orders = Orders { detection: *detection, ..orders.clone() };
    let mut scores = Scores { concerns: vec![Vec::new(); orders.concerns.len()] };
    let mut lookout = Lookout::open(scratch.path(), material.archive.clone(), orders)?;
    let arrivals =
        Arrivals { posts: &material.posts, observations: &material.observations, counts: &material.counts };
    // Nobody is told anything: the replay only learns and judges.
    let silent = Span { told_from: span.to, ..span };
    replay(&mut lookout, &arrivals, silent, &mut |lookout, _| {
        for (scores, signal) in scores.concerns.iter_mut().zip(&lookout.newest) {
            if signal.at > span.told_from {
                let is_known = known.iter().any(|known| known.holds(signal));
                let score = if signal.level.is_ok() && !is_known { signal.score } else { 0.0 };
                scores.push((score, signal.window.is_fast()));
            }
        }
        Ok(())
    })?;
    Ok(scores)
}

impl Scores {
    /// Where the pair of windows judged, its scores.
    fn grid(&self, fast: bool) -> Vec<Vec<f64>> {
        let of = |(score, by_fast): &(f64, bool)| if *by_fast == fast { *score } else { 0.0 };
        self.concerns.iter().map(|concern| concern.iter().map(of).collect()).collect()
    }

    /// How seldom the pair has a score, in units of the lowered thresholds.
    fn rarity(&self, fast: bool) -> Option<Rarity> {
        Rarity::of(peaks(&self.grid(fast), 1.0, 0), self.concern_weeks(fast))
    }

    fn concern_weeks(&self, fast: bool) -> f64 {
        let judged = self.concerns.iter().flatten().filter(|(_, by_fast)| *by_fast == fast).count();
        judged as f64 / BUCKETS_A_WEEK
    }

    /// What the pair raised on lowered thresholds, and by what those in force are to be multiplied.
    fn class(&self, fast: bool, budget: f64) -> (Class, Option<f64>) {
        let concern_weeks = self.concern_weeks(fast);
        let allowed = budget * concern_weeks / 100.0;
        let grid = self.grid(fast);
        let class = Class {
            windows: if fast { Window::FAST } else { Window::SLOW },
            concern_weeks,
            allowed,
            now: episodes(&grid, 1.0 / LOWERED, 0),
            found: None,
        };
        // Less than one alarm allowed: no count of alarms can say whether a threshold keeps to it.
        let factor =
            (allowed >= 1.0).then(|| (lowest_threshold(&grid, allowed, 0) * LOWERED).clamp(LOWERED, HIGHEST));
        (class, factor)
    }
}

impl Known {
    fn holds(&self, signal: &Signal) -> bool {
        self.concern == signal.concern && self.from <= signal.at && signal.at <= self.to
    }
}

/// The last weeks before a moment, with the time before them that only teaches.
pub(crate) fn span(until: Timestamp, weeks: i64, warm_up: jiff::SignedDuration) -> Span {
    let to = Bucket::of(until).start();
    let told_from = to - jiff::SignedDuration::from_hours(24 * 7 * weeks);
    Span { from: told_from - warm_up, told_from, to }
}
