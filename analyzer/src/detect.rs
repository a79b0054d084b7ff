//! Judges what the windows of one concern say: score, gate, levels, and the reason when there is no level.
//!
//! Reads no clock and no index. Scores come from voices; levels and every number shown count posts.

use serde::{Deserialize, Serialize};

use crate::concern::Concern;
use crate::level::{Level, Need, Needs};
use crate::rarity::{OnceIn, Rarity};
use crate::signal::{Calm, Expected, Observed, Window};

/// Share of the span's posts that one group of copies, or one feed, may bring.
const DOMINANT: f64 = 0.6;
/// A concern usually heard on so many feeds must not rise on one alone.
const USUAL_FEEDS: usize = 3;
/// Expectations below this are not divided by: "400 times nothing" tells nobody anything.
const LEAST_EXPECTED: f64 = 0.1;
/// Coverage under which a bucket is a gap.
pub const GAP: f64 = 0.3;

/// Counted on the dirty background of the benchmark with the shipped thresholds, by `guanlan backtest
/// --rarity` (docs/detection.md).
const FAST: Rarity = Rarity { weeks: 39.2, growth: 9.38, most: 1_000.0 };
const SLOW: Rarity = Rarity { weeks: 5.9, growth: 4.83, most: 500.0 };

/// Settings of the detector. `calibrate` proposes thresholds; the rest seldom needs a change.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Detection {
    /// A rise is at least so many times the usual (L).
    pub lift: f64,
    /// Posts added to the bar so that one post after none is no rise.
    pub floor: f64,
    /// Threshold of the window of 30 minutes, −log₁₀ of the tail.
    pub half_hour: f64,
    /// Threshold of the window of 90 minutes.
    pub ninety_minutes: f64,
    /// Threshold of the window of 6 hours.
    pub six_hours: f64,
    /// Threshold of the window of 24 hours.
    pub day: f64,
    /// Half-life of the level of a concern with many posts, days.
    pub level_half_life: f64,
    /// A concern with so many voices a day is judged by the fast windows …
    pub fast_from: f64,
    /// … until it has fewer than this; then by the slow ones.
    pub slow_below: f64,
    /// Hours of covered history before a concern may raise anything.
    pub learning_hours: u32,
    /// How seldom chance brings a score of the fast two windows; `None` where nobody has counted.
    pub fast_rarity: Option<Rarity>,
    /// The same of the slow two.
    pub slow_rarity: Option<Rarity>,
}

/// What one window saw, ready to be judged.
#[derive(Clone, Debug)]
pub(crate) struct Sight {
    pub(crate) window: Window,
    pub(crate) score: f64,
    pub(crate) observed: Observed,
    pub(crate) expected: Expected,
    /// Posts of the largest group of copies in the span.
    pub(crate) largest_voice: u32,
    /// Posts of the busiest feed in the span.
    pub(crate) largest_feed: u32,
}

impl Default for Sight {
    /// What a concern without windows would see: nothing.
    fn default() -> Self {
        Sight {
            window: Window::SixHours,
            score: 0.0,
            observed: Observed::default(),
            expected: Expected::default(),
            largest_voice: 0,
            largest_feed: 0,
        }
    }
}

impl Default for Detection {
    fn default() -> Self {
        Detection {
            lift: 2.0,
            floor: 0.5,
            half_hour: 2.2,
            ninety_minutes: 1.5,
            six_hours: 1.5,
            day: 1.5,
            level_half_life: 3.0,
            fast_from: 8.0,
            slow_below: 5.0,
            learning_hours: 12,
            fast_rarity: Some(FAST),
            slow_rarity: Some(SLOW),
        }
    }
}

impl Detection {
    /// Threshold of a window.
    pub fn threshold(&self, window: Window) -> f64 {
        match window {
            Window::HalfHour => self.half_hour,
            Window::NinetyMinutes => self.ninety_minutes,
            Window::SixHours => self.six_hours,
            Window::Day => self.day,
        }
    }

    /// How seldom chance alone brings a score of a window, from where the test fires.
    pub fn once_in_weeks(&self, window: Window, score: f64) -> Option<OnceIn> {
        let rarity = if window.is_fast() { self.fast_rarity } else { self.slow_rarity };
        rarity.filter(|_| score >= 1.0).map(|rarity| rarity.once_in(score))
    }

    /// Whether a concern with so many voices a day is judged by the fast windows. Two bounds, so that one
    /// lively day does not switch the windows to and fro. The fast pair finds more and sooner at the same
    /// budget even for the rarest concerns of the benchmark, five voices a day (docs/detection.md); what a hot
    /// list brings, nought to three titles a day, never makes five voices in its hours.
    pub(crate) fn is_fast(&self, fast_now: bool, voices_a_day: f64) -> bool {
        if fast_now { voices_a_day >= self.slow_below } else { voices_a_day >= self.fast_from }
    }
}

impl Sight {
    /// Observed ÷ expected posts.
    pub(crate) fn ratio(&self) -> f64 {
        f64::from(self.observed.posts) / self.expected.mean.max(LEAST_EXPECTED)
    }

    /// The level that this window's counts justify, or why none. `usual_feeds`: feeds on which the concern
    /// is usually heard.
    pub(crate) fn level(&self, concern: &Concern, usual_feeds: usize) -> Result<Level, Calm> {
        if self.score < 1.0 {
            return Err(Calm::Usual);
        }
        if self.observed.voices < concern.min_voices {
            return Err(Calm::FewVoices);
        }
        let dominant = |posts: u32| f64::from(posts) > DOMINANT * f64::from(self.observed.posts);
        if self.largest_voice >= 2 && dominant(self.largest_voice) {
            return Err(Calm::OneVoice);
        }
        if usual_feeds >= USUAL_FEEDS && dominant(self.largest_feed) {
            return Err(Calm::OneSource);
        }
        let highest = concern.max_level.unwrap_or(Level::Red);
        let reached = |level: &Level| self.meets(concern.needs.of(*level), *level, concern.min_voices);
        let level = Level::ALL.into_iter().take_while(reached).last().ok_or(Calm::BelowNeed)?;
        Ok(level.min(highest))
    }

    /// The shipped five posts of blue repeat the five voices: a concern on hot lists that sets three means three.
    fn meets(&self, need: &Need, level: Level, min_voices: u32) -> bool {
        let is_shipped = level == Level::Blue && need.posts == Needs::default().blue.posts;
        let posts = if is_shipped { need.posts.min(min_voices) } else { need.posts };
        self.ratio() >= need.ratio && self.observed.posts >= posts && self.observed.sources >= need.sources
    }
}

/// Of several windows the one that decides: the highest level, then the highest score, then the fastest.
pub(crate) fn deciding<'a>(
    sights: &'a [Sight],
    concern: &Concern,
    usual_feeds: usize,
) -> Option<(&'a Sight, Result<Level, Calm>)> {
    let mut best: Option<(&Sight, Result<Level, Calm>)> = None;
    for sight in sights {
        let level = sight.level(concern, usual_feeds);
        let better = best.as_ref().is_none_or(|(other, other_level)| {
            let (now, before) = (level.ok(), other_level.ok());
            now > before || (now == before && sight.score > other.score)
        });
        if better {
            best = Some((sight, level));
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    fn concern(min_voices: u32, max_level: Option<Level>) -> Concern {
        serde_json::from_value(serde_json::json!({
            "id": "water", "name": "供水水质", "words": ["水"], "not": [], "scope": "all", "asks": [],
            "needs": Needs::default(), "min_voices": min_voices, "max_level": max_level,
        }))
        .unwrap()
    }

    /// A window that fired on `posts` posts of as many voices in three source groups, where ten are usual.
    fn sight(posts: u32) -> Sight {
        Sight {
            window: Window::HalfHour,
            score: 1.5,
            observed: Observed { posts, copies: 0, voices: posts, sources: 3 },
            expected: Expected { mean: 10.0, low: 5.0, high: 16.0 },
            largest_voice: 1,
            largest_feed: posts / 2,
        }
    }

    #[track_caller]
    fn check(sight: &Sight, expected: Result<Level, Calm>) {
        assert_eq!(sight.level(&concern(5, None), 3), expected, "{sight:?}");
    }

    #[test]
    fn levels_follow_the_plain_counts() {
        check(&sight(30), Ok(Level::Blue));
        check(&sight(40), Ok(Level::Yellow));
        check(&sight(100), Ok(Level::Orange));
        check(&sight(300), Ok(Level::Red));
        check(&Sight { score: 0.99, ..sight(300) }, Err(Calm::Usual));
        check(&sight(19), Err(Calm::BelowNeed));
        let one_group = Observed { sources: 1, ..sight(300).observed };
        check(&Sight { observed: one_group, ..sight(300) }, Ok(Level::Blue));
        assert_eq!(sight(300).level(&concern(5, Some(Level::Yellow)), 3), Ok(Level::Yellow));
    }

    #[test]
    fn the_gate_refuses_one_text_and_one_feed() {
        check(&Sight { largest_voice: 61, ..sight(100) }, Err(Calm::OneVoice));
        check(&Sight { largest_voice: 60, ..sight(100) }, Ok(Level::Orange));
        let one_feed = Sight { largest_feed: 61, ..sight(100) };
        check(&one_feed, Err(Calm::OneSource));
        // A concern usually heard on one or two feeds may rise there.
        assert_eq!(one_feed.level(&concern(5, None), 2), Ok(Level::Orange));
    }

    #[test]
    fn a_concern_on_hot_lists_may_do_with_three_voices() {
        let expected = Expected { mean: 0.2, low: 0.0, high: 1.0 };
        let three = Sight { window: Window::SixHours, expected, ..sight(3) };
        check(&three, Err(Calm::FewVoices));
        assert_eq!(three.level(&concern(3, None), 2), Ok(Level::Blue));
    }

    #[test]
    fn of_two_windows_the_one_with_a_level_decides() {
        let refused = Sight { score: 9.0, largest_voice: 90, ..sight(100) };
        let raised = Sight { window: Window::NinetyMinutes, ..sight(40) };
        let sights = [refused, raised];
        let (deciding, level) = deciding(&sights, &concern(5, None), 3).unwrap();
        assert_eq!((deciding.window, level), (Window::NinetyMinutes, Ok(Level::Yellow)));
    }

    #[test]
    fn one_lively_day_does_not_change_the_windows() {
        let settings = Detection::default();
        assert!(!settings.is_fast(false, 7.0) && settings.is_fast(true, 7.0));
        assert!(settings.is_fast(false, 8.0) && !settings.is_fast(true, 4.0));
    }
}
