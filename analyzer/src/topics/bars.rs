//! How many posts a pair must have at least to be taken at all, so that most of a busy stream's pairs need no
//! exact tail. Never too high: what is under its bar can't be among those taken.

use crate::tail::NegativeBinomial;

/// Expectations that have a bar of their own: from a tenth of a post, each a tenth more than the one before.
const LEAST: f64 = 0.1;
const STEP: f64 = 1.1;
const BARS: usize = 120;
/// Under this score the tail is too near the mean to be sure that a wider spread lowers it.
const SURE: f64 = 1.0;
/// Steps by which a bar is found.
const HALVINGS: usize = 20;

/// For each expectation the fewest posts that reach a score.
#[derive(Clone, Debug, Default)]
pub(super) struct Bars(Vec<f64>);

impl Bars {
    /// Bars for a score, where counts spread no less than by this dispersion.
    pub(super) fn of(score: f64, dispersion: f64) -> Bars {
        if score < SURE {
            return Bars::default();
        }
        let mut bars = Vec::with_capacity(BARS);
        let mut mean = LEAST;
        for _ in 0..BARS {
            bars.push(fewest(NegativeBinomial { mean, dispersion }, score));
            mean *= STEP;
        }
        Bars(bars)
    }

    /// Whether so many posts may reach the score where `mean` are expected.
    pub(super) fn may_reach(&self, mean: f64, posts: f64) -> bool {
        let step = ((mean / LEAST).ln() / STEP.ln()).floor();
        let bar = if step < 0.0 { None } else { self.0.get(step as usize) };
        bar.is_none_or(|bar| posts >= *bar)
    }
}

fn fewest(distribution: NegativeBinomial, score: f64) -> f64 {
    let (mut under, mut over) = (distribution.mean, distribution.mean + 1.0);
    while distribution.minus_log10_tail(over) < score && over < 1e9 {
        (under, over) = (over, 2.0 * over);
    }
    for _ in 0..HALVINGS {
        let middle = 0.5 * (under + over);
        if distribution.minus_log10_tail(middle) < score { under = middle } else { over = middle }
    }
    under
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_reaches_the_score_is_never_under_its_bar() {
        let bars = Bars::of(3.2, 0.3);
        let mut under = 0;
        for mean in (1..400).map(|tenth| f64::from(tenth) / 10.0) {
            for posts in (1..400).map(|half| f64::from(half) / 2.0).filter(|posts| *posts > mean) {
                for dispersion in [0.3, 0.5, 1.3] {
                    let reaches = NegativeBinomial { mean, dispersion }.minus_log10_tail(posts) >= 3.2;
                    assert!(bars.may_reach(mean, posts) || !reaches, "{mean} {posts} {dispersion}");
                }
                under += usize::from(!bars.may_reach(mean, posts));
            }
        }
        assert!(under > 10_000, "{under}");
        assert!(Bars::of(0.5, 0.3).may_reach(1.0, 0.1));
    }
}
