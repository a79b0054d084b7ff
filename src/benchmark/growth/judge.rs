//! How good forecasts were: pinball loss, cover, and the Brier score of one yes-or-no question.

use analyzer::forecast::Horizon;
use analyzer::forecast::growth::{SHARES, at, chance_of};
use serde::Serialize;

use super::curve::Turn;

/// Quantiles over which the pinball loss is the mean.
const JUDGED: [f64; 7] = [0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975];

/// How one forecast did at one horizon.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Judged {
    pub name: String,
    /// Hours ahead.
    pub hours: u8,
    /// Forecasts judged.
    pub forecasts: usize,
    /// Mean pinball loss, discussions.
    pub pinball: f64,
    /// Mean distance of the median from what came.
    pub median_error: f64,
    /// Share of what came inside the 80 % interval.
    pub cover_80: f64,
    /// Inside the 95 % interval.
    pub cover_95: f64,
    /// Share of cases in which the question was answered yes: as many again as so far, or a busiest hour twice the last.
    pub doubled: f64,
    /// Brier score of the forecast probability.
    pub brier: f64,
    /// 1 − Brier score ÷ that of always saying the share above.
    pub brier_skill: f64,
}

type Quantiles = [f64; SHARES.len()];

/// Judges forecasts of all discussions of the time ahead; the question is whether they double those so far.
pub(crate) fn sums(name: &str, turns: &[Turn], told: &dyn Fn(&Turn) -> Option<Quantiles>) -> Judged {
    let cases = turns.iter().filter_map(|turn| Some((told(turn)?, turn.ahead, turn.rise.total)));
    judge(name, turns.first().map(|turn| turn.horizon), cases)
}

/// Judges forecasts of the busiest hour ahead; the question is whether it is twice the last hour.
pub(crate) fn busiest(name: &str, turns: &[Turn], told: &dyn Fn(&Turn) -> Option<Quantiles>) -> Judged {
    let cases = turns.iter().filter_map(|turn| Some((told(turn)?, turn.busiest?, 2.0 * turn.rise.last_hour)));
    judge(name, turns.first().map(|turn| turn.horizon), cases)
}

fn judge(name: &str, horizon: Option<Horizon>, cases: impl Iterator<Item = (Quantiles, f64, f64)>) -> Judged {
    let mut judged = Judged {
        name: name.to_owned(),
        hours: horizon.map_or(0, Horizon::hours),
        forecasts: 0,
        pinball: 0.0,
        median_error: 0.0,
        cover_80: 0.0,
        cover_95: 0.0,
        doubled: 0.0,
        brier: 0.0,
        brier_skill: 0.0,
    };
    for (told, came, bar) in cases {
        judged.forecasts += 1;
        let losses = JUDGED.map(|share| {
            let over = came - at(&told, share);
            (share * over).max((share - 1.0) * over)
        });
        judged.pinball += losses.iter().sum::<f64>() / JUDGED.len() as f64;
        judged.median_error += (came - at(&told, 0.5)).abs();
        let is_within = |low, high| f64::from(u8::from(came >= at(&told, low) && came <= at(&told, high)));
        judged.cover_80 += is_within(0.1, 0.9);
        judged.cover_95 += is_within(0.025, 0.975);
        let came_true = f64::from(u8::from(came >= bar));
        judged.doubled += came_true;
        judged.brier += (chance_of(&told, bar) - came_true).powi(2);
    }
    let number = judged.forecasts.max(1) as f64;
    for sum in [
        &mut judged.pinball,
        &mut judged.median_error,
        &mut judged.cover_80,
        &mut judged.cover_95,
        &mut judged.doubled,
        &mut judged.brier,
    ] {
        *sum /= number;
    }
    let climatology = judged.doubled * (1.0 - judged.doubled);
    judged.brier_skill = 1.0 - judged.brier / climatology.max(f64::MIN_POSITIVE);
    judged
}
