//! Forecasts by formula: the present pace goes on, or its trend does and tires. Textbook numbers, or fitted to
//! the same earlier topics as our table.

use analyzer::forecast::fit::quantile;
use analyzer::forecast::growth::{SHARES, SOME};
use analyzer::tail::NegativeBinomial;

use super::curve::Turn;

/// Standard normal quantiles of [`SHARES`].
const NORMAL: [f64; SHARES.len()] =
    [-1.959964, -1.644854, -1.281552, -0.67449, 0.0, 0.67449, 1.281552, 1.644854, 1.959964];
/// How much of a trend is left after an hour, by the textbook.
const TEXTBOOK: f64 = 0.6;
/// Choices of the same when it is fitted.
const DAMPINGS: [f64; 5] = [0.0, 0.2, 0.4, 0.6, 0.8];
/// Growth of one hour over the one before counts at most like this, logarithm.
const STEEPEST: f64 = 1.5;
/// Means above this are spread like a gamma.
const MANY: f64 = 60.0;

/// One of them, for one horizon.
pub(crate) struct Rival {
    pub name: &'static str,
    damping: f64,
    is_seasonal: bool,
    scale: f64,
    spread: Spread,
}

enum Spread {
    /// Negative binomial of this dispersion.
    Counts(f64),
    /// Quantiles of ln((came + 5) / (forecast + 5)) among the earlier topics.
    Seen([f64; SHARES.len()]),
}

/// All of them, fitted to the turns of one horizon.
pub(crate) fn all(turns: &[Turn]) -> Vec<Rival> {
    let textbook =
        |name, damping| Rival { name, damping, is_seasonal: false, scale: 1.0, spread: Spread::Counts(0.5) };
    vec![
        textbook("persistence", 1.0),
        fitted("persistence, fitted", turns, &[1.0], false),
        textbook("damped trend, textbook", TEXTBOOK),
        fitted("damped trend × day, fitted", turns, &DAMPINGS, true),
        with_own_residuals(fitted("damped trend × day, own residuals", turns, &DAMPINGS, true), turns),
    ]
}

impl Rival {
    /// Its quantiles of the discussions ahead.
    pub(crate) fn told(&self, turn: &Turn) -> [f64; SHARES.len()] {
        let mean = self.mean(turn);
        match &self.spread {
            Spread::Counts(dispersion) => counts(mean, *dispersion),
            Spread::Seen(residuals) => residuals.map(|seen| (seen.exp() * (mean + SOME) - SOME).max(0.0)),
        }
    }

    fn mean(&self, turn: &Turn) -> f64 {
        let season = if self.is_seasonal { turn.season } else { 1.0 };
        turn.rise.last_hour * turn.span * trend(turn, self.damping) * season * self.scale
    }
}

/// Mean of the damped trend over the hours ahead, as a multiple of the last hour.
fn trend(turn: &Turn, damping: f64) -> f64 {
    let Some(before) = turn.rise.hour_before.filter(|_| damping < 1.0) else { return 1.0 };
    let slope = ((turn.rise.last_hour + 2.0) / (before + 2.0)).ln().clamp(-STEEPEST, STEEPEST);
    let hours = turn.horizon.hours();
    let (mut left, mut sum, mut climbed) = (1.0, 0.0, 0.0);
    for _ in 0..hours {
        left *= damping;
        climbed += left * slope;
        sum += f64::exp(climbed);
    }
    sum / f64::from(hours)
}

fn residuals(rival: &Rival, turns: &[Turn]) -> Vec<f64> {
    let residual = |turn: &Turn| ((turn.ahead + SOME) / (rival.mean(turn) + SOME)).ln();
    let mut residuals: Vec<f64> = turns.iter().map(residual).collect();
    residuals.sort_by(f64::total_cmp);
    residuals
}

/// The damping with the least spread of residuals; scale and dispersion by their median and median deviation.
fn fitted(name: &'static str, turns: &[Turn], dampings: &[f64], is_seasonal: bool) -> Rival {
    let candidate = |damping: &f64| {
        let spread = Spread::Counts(0.5);
        let rival = Rival { name, damping: *damping, is_seasonal, scale: 1.0, spread };
        let residuals = residuals(&rival, turns);
        let median = quantile(&residuals, 0.5);
        let mut deviations: Vec<f64> = residuals.iter().map(|residual| (residual - median).abs()).collect();
        deviations.sort_by(f64::total_cmp);
        let deviation = quantile(&deviations, 0.5);
        let dispersion = (1.48 * deviation).powi(2);
        (deviation, Rival { scale: median.exp(), spread: Spread::Counts(dispersion), ..rival })
    };
    let best = dampings.iter().map(candidate).min_by(|one, other| one.0.total_cmp(&other.0));
    let nothing = Rival { name, damping: 1.0, is_seasonal, scale: 1.0, spread: Spread::Counts(0.5) };
    best.map_or(nothing, |(_, rival)| rival)
}

fn with_own_residuals(rival: Rival, turns: &[Turn]) -> Rival {
    let residuals = residuals(&rival, turns);
    let seen = SHARES.map(|share| quantile(&residuals, share));
    Rival { spread: Spread::Seen(seen), ..rival }
}

fn counts(mean: f64, dispersion: f64) -> [f64; SHARES.len()] {
    if mean < MANY {
        let distribution = NegativeBinomial { mean, dispersion };
        return SHARES.map(|share| distribution.quantile(share));
    }
    // The cube root of a gamma is nearly normal (Wilson and Hilferty).
    let ninth = (1.0 / mean + dispersion) / 9.0;
    NORMAL.map(|normal| mean * (1.0 - ninth + normal * ninth.sqrt()).max(0.0).powi(3))
}
