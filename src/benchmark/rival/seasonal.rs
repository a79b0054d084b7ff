//! Rules that compare an hour with the same hour of earlier days and weeks.

use analyzer::tail::NegativeBinomial;

use super::super::input::rolling;
use super::{DAY, HOUR, View, WEEK};

/// EARS looks at seven earlier days.
const EARS_DAYS: usize = 7;
/// Anscombe residuals beyond this weigh less (Noufaily et al. 2013).
const OUTLIER: f64 = 2.58;

/// EARS C1 (`lag` 1) and C2 (`lag` 3): the last hour against the same hour of seven days, in standard
/// deviations of at least one (L. Hutwagner et al. 2003; R package surveillance, `earsC`).
pub(super) fn ears(view: View<'_>, lag: usize) -> Vec<f64> {
    let hour = rolling(view.counts, HOUR);
    let z = |place: usize| {
        if place < (EARS_DAYS + 3) * DAY {
            return 0.0;
        }
        let days = (0..EARS_DAYS).map(|day| hour[place - (lag + day) * DAY]);
        let (mean, variance) = moments(days);
        (hour[place] - mean) / variance.sqrt().max(1.0)
    };
    (0..hour.len()).map(z).collect()
}

/// EARS C3: what C2 exceeded one by, over three hours.
pub(super) fn ears_c3(view: View<'_>) -> Vec<f64> {
    let c2 = ears(view, 3);
    let excess = |place: Option<usize>| place.map_or(0.0, |place| (c2[place] - 1.0).max(0.0));
    let sum = |place: usize| (0..3).map(|hours| excess(place.checked_sub(hours * HOUR))).sum();
    (0..c2.len()).map(sum).collect()
}

/// The last hour against its usual self, in standard deviations of a Poisson count (J. Hendrickson et al.,
/// *Trend Detection in Social Data*, 2015).
pub(super) fn poisson(view: View<'_>) -> Vec<f64> {
    against_usual(view, |posts, usual| {
        let (mean, _) = moments(usual.iter().copied());
        (posts - mean) / mean.max(1.0).sqrt()
    })
}

/// The same in the standard deviations that were seen, and one.
pub(super) fn z_score(view: View<'_>) -> Vec<f64> {
    against_usual(view, |posts, usual| {
        let (mean, variance) = moments(usual.iter().copied());
        (posts - mean) / (variance.sqrt() + 1.0)
    })
}

/// Farrington-flexible in closed form: a reweighted quasi-Poisson mean of the same hours, and a negative
/// binomial tail (A. Noufaily et al. 2013).
pub(super) fn farrington(view: View<'_>) -> Vec<f64> {
    against_usual(view, |posts, usual| {
        let count = usual.len() as f64;
        let mean = (usual.iter().sum::<f64>() / count).max(0.1);
        let spread = |mean: f64| usual.iter().map(move |posts| (posts - mean).powi(2) / mean);
        let dispersion = (spread(mean).sum::<f64>() / (count - 1.0)).max(1.0);
        let weight = |posts: f64| {
            let residual = 1.5 * (posts.powf(2.0 / 3.0) - mean.powf(2.0 / 3.0))
                / (mean.powf(1.0 / 6.0) * dispersion.sqrt());
            if residual < OUTLIER { 1.0 } else { (OUTLIER / residual).powi(2) }
        };
        let weights: Vec<f64> = usual.iter().map(|posts| weight(*posts)).collect();
        let weighted = usual.iter().zip(&weights).map(|(posts, weight)| posts * weight);
        let all: f64 = weights.iter().sum();
        let mean = (weighted.sum::<f64>() / all).max(0.1);
        let dispersion = spread(mean).zip(&weights).map(|(square, weight)| square * weight).sum::<f64>();
        let dispersion = (dispersion / (all - 1.0)).max(1.05);
        if posts <= mean || posts < 5.0 {
            return 0.0;
        }
        NegativeBinomial { mean, dispersion: (dispersion - 1.0) / mean }.minus_log10_tail(posts)
    })
}

/// Scores each hour by the same time of day, half an hour to either side, of the last seven days and four weeks.
fn against_usual(view: View<'_>, score: impl Fn(f64, &[f64]) -> f64) -> Vec<f64> {
    let hour = rolling(view.counts, HOUR);
    let back = (1..5).map(|week| week * WEEK).chain((1..8).map(|day| day * DAY));
    let back: Vec<usize> = back.flat_map(|back| [back + 3, back, back - 3]).collect();
    let mut usual = Vec::with_capacity(back.len());
    let mut scores = vec![0.0; hour.len()];
    for place in 4 * WEEK + HOUR + 3..hour.len() {
        usual.clear();
        usual.extend(back.iter().map(|back| hour[place - back]));
        scores[place] = score(hour[place], &usual);
    }
    scores
}

fn moments(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (mut count, mut sum, mut squares) = (0.0, 0.0, 0.0);
    for value in values {
        count += 1.0;
        sum += value;
        squares += value * value;
    }
    let mean = sum / f64::max(count, 1.0);
    (mean, ((squares - count * mean * mean) / f64::max(count - 1.0, 1.0)).max(0.0))
}
