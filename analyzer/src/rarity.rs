//! How seldom chance alone brings a score: "by chance about once in N weeks".
//!
//! What calibration counted, as a curve: the logarithm of the weeks grows with the root of the score
//! (docs/detection.md). Where history ends the curve ends, and "more than so many weeks" is said instead.

use serde::{Deserialize, Serialize};

/// Highest peaks the curve is laid through: it is about rare scores, not about the many small ones.
const PEAKS: usize = 200;
/// Fewer tell nothing.
const FEWEST_PEAKS: usize = 10;
/// Twenty years: nobody has a use for more.
const LONGEST: f64 = 1_000.0;

/// How often one concern has such a score although nothing is the matter, for one pair of windows.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rarity {
    /// A score of 1, at which the test fires, comes once in so many weeks.
    pub weeks: f64,
    /// Growth of their logarithm with the root of the score.
    pub growth: f64,
    /// Nothing more seldom than this was seen.
    pub most: f64,
}

/// By chance about once in so many weeks.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct OnceIn {
    /// How many weeks.
    pub weeks: f64,
    /// More seldom than that, which is all that history can tell.
    pub or_more: bool,
}

impl Rarity {
    /// The curve through the highest scores of the episodes of some concern-weeks in which nothing was the
    /// matter; `None` where there are too few to tell.
    pub fn of(mut peaks: Vec<f64>, concern_weeks: f64) -> Option<Rarity> {
        peaks.retain(|peak| *peak > 0.0);
        peaks.sort_by(|one, other| other.total_cmp(one));
        peaks.truncate(PEAKS);
        let lowest = peaks.last().filter(|_| peaks.len() >= FEWEST_PEAKS)?.sqrt();
        // Beyond the lowest the roots lie like waiting times: their mean tells how fast peaks get rarer.
        let beyond: f64 = peaks.iter().map(|peak| peak.sqrt() - lowest).sum();
        let growth = (peaks.len() - 1) as f64 / beyond.max(1e-3);
        let weeks = concern_weeks / peaks.len() as f64 * (growth * (1.0 - lowest)).exp();
        Some(Rarity { weeks, growth, most: concern_weeks.min(LONGEST) })
    }

    /// Whether these are numbers that some history may give.
    pub fn is_sound(&self) -> bool {
        let sound = |number: f64, most: f64| number > 0.0 && number <= most;
        sound(self.weeks, 1e12) && sound(self.growth, 1e6) && sound(self.most, 1e6)
    }

    /// How seldom a score is.
    pub fn once_in(&self, score: f64) -> OnceIn {
        let weeks = self.weeks * (self.growth * (score.max(0.0).sqrt() - 1.0)).exp();
        OnceIn { weeks: weeks.min(self.most), or_more: weeks > self.most }
    }

    /// The same curve for scores in units of thresholds that are so many times as high.
    pub fn scaled(&self, factor: f64) -> Rarity {
        let root = factor.sqrt();
        let weeks = self.weeks * (self.growth * (root - 1.0)).exp();
        Rarity { weeks, growth: self.growth * root, most: self.most }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A thousand episodes whose peaks are one in `n` above `(1 + ln n / 8)²`.
    fn peaks() -> Vec<f64> {
        (1..=1_000).map(|place| (1.0 + (1_000.0 / f64::from(place)).ln() / 8.0).powi(2)).collect()
    }

    #[test]
    fn the_curve_says_what_was_counted() {
        let rarity = Rarity::of(peaks(), 5_000.0).unwrap();
        for place in [10, 50, 190] {
            let counted = 5_000.0 / f64::from(place);
            let said = rarity.once_in(peaks()[place as usize - 1]);
            assert!(!said.or_more && (said.weeks / counted).ln().abs() < 0.1, "{place}: {said:?}");
        }
        // One in a thousand weeks was seen five times; what came once is told as "more than".
        assert_eq!(rarity.once_in(9.0), OnceIn { weeks: 1_000.0, or_more: true });
        assert_eq!(Rarity::of(peaks(), 300.0).unwrap().once_in(9.0).weeks, 300.0);
    }

    #[test]
    fn higher_thresholds_change_the_score_and_not_what_is_said() {
        let rarity = Rarity::of(peaks(), 5_000.0).unwrap();
        let (before, after) = (rarity.once_in(1.6), rarity.scaled(1.25).once_in(1.6 / 1.25));
        assert!((before.weeks / after.weeks - 1.0).abs() < 1e-9, "{before:?} {after:?}");
    }

    #[test]
    fn few_episodes_tell_nothing() {
        assert_eq!(Rarity::of(vec![2.0; 9], 100.0), None);
        // Equal peaks have no growth to measure, and yet every number is one.
        let equal = Rarity::of(vec![1.5; 20], 100.0).unwrap();
        assert!([0.0, 1.0, 50.0].iter().all(|score| equal.once_in(*score).weeks.is_finite()), "{equal:?}");
    }
}
