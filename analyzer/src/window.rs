//! One exponentially weighted window of the statistical test, and the score it gives.
//!
//! A gap freezes it: nobody calls `add` for a bucket that was not covered.

use crate::detect::Detection;
use crate::signal::{Span, Window};
use crate::tail::NegativeBinomial;

/// Dispersion before anything is learnt, and how many windows that guess is worth.
const DISPERSION_START: f64 = 0.15;
const DISPERSION_WEIGHT: f64 = 200.0;
const DISPERSION_RANGE: (f64, f64) = (0.02, 1.5);
/// Forgetting of the dispersion, in buckets: half of it after two weeks.
const DISPERSION_HALF_LIFE: f64 = 14.0 * 144.0;
/// Squared deviations count at most like so many standard deviations.
const CLIP: f64 = 3.0;
/// Windows that expect less teach nothing about dispersion.
const TOO_FEW: f64 = 0.5;

/// Observed and expected voices of one window, weighted, and the dispersion seen in it.
#[derive(Clone, Copy, Debug)]
pub struct Weighted {
    window: Window,
    observed: f64,
    expected: f64,
    dispersion: (f64, f64),
}

impl Window {
    /// All windows, fastest first.
    pub const ALL: [Window; 4] = [Window::HalfHour, Window::NinetyMinutes, Window::SixHours, Window::Day];

    /// The pair for concerns with many posts.
    pub const FAST: [Window; 2] = [Window::HalfHour, Window::NinetyMinutes];

    /// The pair for the others.
    pub const SLOW: [Window; 2] = [Window::SixHours, Window::Day];

    /// Half-life in buckets.
    pub fn half_life(self) -> i64 {
        match self {
            Window::HalfHour => 3,
            Window::NinetyMinutes => 9,
            Window::SixHours => 36,
            Window::Day => 144,
        }
    }

    /// Span in which its posts are counted plainly.
    pub fn span(self) -> Span {
        match self {
            Window::HalfHour | Window::NinetyMinutes => Span::Hour,
            Window::SixHours => Span::SixHours,
            Window::Day => Span::Day,
        }
    }

    /// Whether it is one of the two windows for concerns with many posts.
    pub fn is_fast(self) -> bool {
        self <= Window::NinetyMinutes
    }

    fn keep(self) -> f64 {
        0.5f64.powf(1.0 / self.half_life() as f64)
    }
}

impl Span {
    /// Length in buckets.
    pub fn buckets(self) -> i64 {
        match self {
            Span::Hour => 6,
            Span::SixHours => 36,
            Span::Day => 144,
        }
    }
}

impl Weighted {
    /// An empty window.
    pub fn new(window: Window) -> Weighted {
        let dispersion = (DISPERSION_START * DISPERSION_WEIGHT, DISPERSION_WEIGHT);
        Weighted { window, observed: 0.0, expected: 0.0, dispersion }
    }

    /// Which window this is.
    pub fn window(&self) -> Window {
        self.window
    }

    /// Adds one covered bucket.
    pub fn add(&mut self, observed: f64, expected: f64) {
        let keep = self.window.keep();
        self.observed = self.observed * keep + observed;
        self.expected = self.expected * keep + expected;
    }

    /// Over-dispersion relative to the squared mean.
    pub fn dispersion(&self) -> f64 {
        (self.dispersion.0 / self.dispersion.1).clamp(DISPERSION_RANGE.0, DISPERSION_RANGE.1)
    }

    /// −log₁₀ of the chance of so many voices or more if twice the usual number were usual, ÷ its threshold.
    /// `doubt` is the baseline's about its level; fewer than `least` weighted voices score nought.
    pub fn score(&self, doubt: f64, least: f64, settings: &Detection) -> f64 {
        let (observed, expected) = self.effective();
        let lifted = settings.lift * expected;
        let bar = lifted + self.floor(settings.floor);
        if observed < least || observed <= bar {
            return 0.0;
        }
        // The doubt is about the level, so it weighs on the lifted part of the bar and not on the floor.
        let dispersion = self.dispersion() + doubt * (lifted / bar).powi(2);
        NegativeBinomial { mean: bar, dispersion }.minus_log10_tail(observed)
            / settings.threshold(self.window)
    }

    /// Learns the dispersion from the window as it stands, once per half-life.
    pub fn learn(&mut self, doubt: f64, weight: f64) {
        let (observed, expected) = self.effective();
        if expected < TOO_FEW {
            return;
        }
        let variance = expected + expected * expected * (self.dispersion() + doubt);
        let excess = (observed - expected).powi(2).min(CLIP * CLIP * variance) - expected;
        // A window with few voices says little about dispersion.
        let trust = weight * (expected / 5.0).min(1.0);
        let keep = 0.5f64.powf(self.window.half_life() as f64 / DISPERSION_HALF_LIFE);
        let back = DISPERSION_WEIGHT * (1.0 - keep);
        let seen =
            self.dispersion.0 * keep + trust * excess / (expected * expected) + DISPERSION_START * back;
        self.dispersion = (seen.max(0.0), self.dispersion.1 * keep + trust + back);
    }

    /// Weighted counts scaled to the plain counts that have the same relative variance.
    fn effective(&self) -> (f64, f64) {
        let scale = 1.0 + self.window.keep();
        (self.observed * scale, (self.expected * scale).max(0.02))
    }

    /// The floor grows with the length of the two fast windows; in the slow ones it is flat, since there
    /// half a post is much.
    fn floor(&self, floor: f64) -> f64 {
        if self.window.is_fast() {
            floor * (self.window.half_life() as f64 / std::f64::consts::LN_2).sqrt()
        } else {
            floor
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(window: Window, observed: f64, expected: f64) -> Weighted {
        let mut weighted = Weighted::new(window);
        (0..2000).for_each(|_| weighted.add(observed, expected));
        weighted
    }

    #[test]
    fn usual_counts_score_nought_and_tenfold_counts_fire() {
        let settings = Detection::default();
        for window in Window::ALL {
            assert_eq!(filled(window, 2.0, 2.0).score(0.05, 5.0, &settings), 0.0, "{window:?}");
            assert!(filled(window, 20.0, 2.0).score(0.05, 5.0, &settings) > 1.0, "{window:?}");
        }
    }

    #[test]
    fn doubt_about_the_level_lowers_the_score() {
        let settings = Detection::default();
        let window = filled(Window::NinetyMinutes, 6.0, 1.0);
        assert!(window.score(0.5, 5.0, &settings) < window.score(0.0, 5.0, &settings));
    }

    #[test]
    fn few_voices_score_nought_however_unusual() {
        let settings = Detection::default();
        let mut window = Weighted::new(Window::SixHours);
        window.add(2.0, 0.0);
        assert_eq!(window.score(0.1, 5.0, &settings), 0.0);
        assert!(window.score(0.1, 3.0, &settings) > 0.0);
    }

    #[test]
    fn a_restless_concern_has_more_dispersion_than_a_steady_one() {
        let taught = |wild: f64| {
            let mut window = Weighted::new(Window::HalfHour);
            for bucket in 0..6000 {
                let busy = bucket / 18 % 2 == 0;
                window.add(if busy { 5.0 * (1.0 + wild) } else { 5.0 * (1.0 - wild) }, 5.0);
                if bucket % 3 == 0 {
                    window.learn(0.0, 1.0);
                }
            }
            window.dispersion()
        };
        assert!(taught(0.9) > 3.0 * taught(0.0), "{} {}", taught(0.9), taught(0.0));
    }
}
