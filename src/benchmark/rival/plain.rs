//! Rules without a model of time: a number, a ratio, a z-score of the last hour.

use super::super::input::rolling;
use super::{DAY, HOUR, View, WEEK};

/// Ratios of fewer posts than this mean nothing (ElastAlert2's `threshold_cur`).
const LEAST: f64 = 10.0;

/// Posts of the last hour.
pub(super) fn number(view: View<'_>) -> Vec<f64> {
    rolling(view.counts, HOUR)
}

/// The last hour against the concern's own mean hour of the first four weeks.
pub(super) fn multiple(view: View<'_>) -> Vec<f64> {
    let hour = rolling(view.counts, HOUR);
    let first = hour.get(..4 * WEEK).unwrap_or(&hour);
    let mean = first.iter().sum::<f64>() / first.len().max(1) as f64;
    hour.iter().map(|posts| posts / (mean + 1.0)).collect()
}

/// ElastAlert2's rule type `spike`: the last hour against the hour before it.
pub(super) fn spike(view: View<'_>) -> Vec<f64> {
    let hour = rolling(view.counts, HOUR);
    let ratio = |place: usize| match place.checked_sub(HOUR) {
        Some(before) if hour[place] >= LEAST => hour[place] / hour[before].max(1.0),
        _ => 0.0,
    };
    (0..hour.len()).map(ratio).collect()
}

/// The last hour against the mean hour of the 24 hours before it, as PostHog and many dashboards do.
pub(super) fn multiplier(view: View<'_>) -> Vec<f64> {
    let (hour, day) = (rolling(view.counts, HOUR), rolling(view.counts, DAY));
    let ratio = |place: usize| {
        if place < DAY + HOUR || hour[place] < LEAST {
            return 0.0;
        }
        let usual = day[place - HOUR] * HOUR as f64 / DAY as f64;
        hour[place] / usual.max(1.0)
    };
    (0..hour.len()).map(ratio).collect()
}

/// Deviations of the last hour from the hours of the last days, in standard deviations and one.
pub(super) fn z_score(view: View<'_>, days: usize) -> Vec<f64> {
    let hour = rolling(view.counts, HOUR);
    let squares: Vec<f64> = hour.iter().map(|posts| posts * posts).collect();
    let length = days * DAY;
    let (sums, squares) = (rolling(&hour, length), rolling(&squares, length));
    let z = |place: usize| {
        if place < length + HOUR {
            return 0.0;
        }
        let before = place - HOUR;
        let mean = sums[before] / length as f64;
        let variance = (squares[before] / length as f64 - mean * mean).max(0.0);
        (hour[place] - mean) / (variance.sqrt() + 1.0)
    };
    (0..hour.len()).map(z).collect()
}
