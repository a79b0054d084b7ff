//! Rules with a running model: an average that forgets, an automaton, a likelihood ratio.

use analyzer::detect::GAP;

use super::{DAY, View, WEEK};

/// Dispersion of the likelihood-ratio rules.
const DISPERSION: f64 = 0.15;
/// GLR-NB looks back six hours …
const GLR_REACH: usize = 36;
/// … for at least so many times the usual.
const GLR_LIFT: f64 = 1.5;
/// Fewer posts of the whole platform than this are no bucket.
const LEAST_TOTAL: f64 = 100.0;

/// SigniTrend: significance over an exponentially weighted mean and variance of the share of all posts, in
/// epochs of `step` buckets, half forgotten in a day (E. Schubert, M. Weiler, H.-P. Kriegel, KDD 2014).
pub(super) fn signi_trend(view: View<'_>, step: usize, bias: f64) -> Vec<f64> {
    let mean_total = view.total.iter().sum::<f64>() / view.total.len().max(1) as f64 * step as f64;
    let rate = 1.0 - 0.5f64.powf(step as f64 / DAY as f64);
    let (mut mean, mut variance, mut begun) = (0.0, 0.0, false);
    let mut scores = vec![0.0; view.counts.len()];
    for (epoch, (counts, totals)) in view.counts.chunks(step).zip(view.total.chunks(step)).enumerate() {
        let (posts, total): (f64, f64) = (counts.iter().sum(), totals.iter().sum());
        if total < 0.02 * mean_total || counts.len() < step {
            continue;
        }
        let share = posts / total * mean_total;
        if !begun {
            (mean, begun) = (share, true);
        }
        scores[epoch * step + step - 1] = (share - f64::max(mean, bias)) / (f64::sqrt(variance) + bias);
        let difference = share - mean;
        mean += rate * difference;
        variance = (1.0 - rate) * (variance + rate * difference * difference);
    }
    scores
}

/// Kleinberg's two states, batched, run forward: the difference of the costs, reflected at nought (KDD 2002).
pub(super) fn kleinberg(view: View<'_>, ratio: f64) -> Vec<f64> {
    let keep = 0.5f64.powf(1.0 / WEEK as f64);
    let first_day = view.total.get(..DAY).unwrap_or(view.total);
    let (mut posts, mut all) = (1.0, first_day.iter().sum::<f64>() / first_day.len().max(1) as f64);
    let mut pile = 0.0;
    let step = |(count, total): (&f64, &f64)| {
        if *total >= LEAST_TOTAL {
            let usual = f64::min(posts / all, 0.2);
            let raised = f64::min(ratio * usual, 0.4);
            let gain =
                count * (raised / usual).ln() + (total - count) * ((1.0 - raised) / (1.0 - usual)).ln();
            pile = f64::clamp(pile + gain, 0.0, view.cap);
            posts = posts * keep + count;
            all = all * keep + total;
        }
        pile
    };
    view.counts.iter().zip(view.total).map(step).collect()
}

/// CUSUM of a negative binomial against `ratio` times our seasonal mean (M. Höhle, M. Paul 2008).
pub(super) fn cusum(view: View<'_>, ratio: f64) -> Vec<f64> {
    let mut pile = 0.0;
    let step = |place: usize| {
        if view.coverage[place] >= GAP {
            let (usual, doubt) = (view.own.expected[place].max(0.02), view.own.doubt[place]);
            let (count, size) = (view.counts[place], 1.0 / (DISPERSION + doubt));
            let gain = count * ratio.ln() - (count + size) * ((ratio * usual + size) / (usual + size)).ln();
            pile = f64::clamp(pile + gain, 0.0, view.cap);
        }
        pile
    };
    (0..view.counts.len()).map(step).collect()
}

/// Generalised likelihood ratio of a negative binomial over all onsets of the last six hours, on our seasonal
/// mean (M. Höhle, M. Paul 2008; R package surveillance, `algo.glrnb`).
pub(super) fn glr(view: View<'_>) -> Vec<f64> {
    let score = |place: usize| {
        if place < GLR_REACH || view.coverage[place] < GAP {
            return 0.0;
        }
        let size = 1.0 / (DISPERSION + view.own.doubt[place]);
        let (mut count, mut usual, mut best) = (0.0, 0.0, 0.0);
        for earlier in (place + 1 - GLR_REACH..=place).rev().filter(|place| view.coverage[*place] >= GAP) {
            count += view.counts[earlier];
            usual += view.own.expected[earlier];
            let mean = f64::max(usual, 0.02);
            if count >= 5.0 && count > GLR_LIFT * mean {
                let gain =
                    count * (count / mean).ln() - (count + size) * ((count + size) / (mean + size)).ln();
                best = f64::max(best, gain);
            }
        }
        best
    };
    (0..view.counts.len()).map(score).collect()
}
