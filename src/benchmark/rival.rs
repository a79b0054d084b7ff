//! The rules people use today. Each is a function of one concern's counts; sources stand with each.

mod model;
mod plain;
mod seasonal;

use super::input::Input;
use super::own::{Concern, Seen};

/// Buckets of a day and of a week.
const DAY: usize = 144;
const WEEK: usize = 7 * DAY;
/// Most rules look at the last hour.
const HOUR: usize = 6;

/// What a rule sees of one concern.
#[derive(Clone, Copy)]
struct View<'a> {
    counts: &'a [f64],
    total: &'a [f64],
    coverage: &'a [f64],
    /// Our baseline, for the rules that want a seasonal mean and have none of their own.
    own: &'a Concern,
    /// The most a rule may pile up.
    cap: f64,
}

/// One rule.
#[derive(Clone, Copy)]
pub(super) struct Rival {
    pub(super) name: &'static str,
    /// Whether its score piles up over time.
    pub(super) piles_up: bool,
    score: fn(View<'_>) -> Vec<f64>,
}

impl Rival {
    pub(super) fn scores(&self, (input, seen): (&Input, &Seen), cap: f64) -> Vec<Vec<f64>> {
        input.score(&|concern| {
            (self.score)(View {
                counts: &input.counts[concern],
                total: &input.total,
                coverage: &input.coverage,
                own: seen.concern(concern),
                cap,
            })
        })
    }
}

/// All of them.
pub(super) fn all() -> Vec<Rival> {
    let rival = |name, score: fn(View<'_>) -> Vec<f64>| Rival { name, piles_up: false, score };
    let piling = |name, score: fn(View<'_>) -> Vec<f64>| Rival { name, piles_up: true, score };
    vec![
        rival("fixed number", plain::number),
        rival("multiple of own mean", plain::multiple),
        rival("ElastAlert2 spike", plain::spike),
        rival("multiplier against 24 h", plain::multiplier),
        rival("z-score 24 h", |view| plain::z_score(view, 1)),
        rival("z-score 7 d", |view| plain::z_score(view, 7)),
        rival("EARS C1", |view| seasonal::ears(view, 1)),
        rival("EARS C2", |view| seasonal::ears(view, 3)),
        rival("EARS C3", seasonal::ears_c3),
        rival("SigniTrend 10 min", |view| model::signi_trend(view, 1, 2.0)),
        rival("SigniTrend 1 h", |view| model::signi_trend(view, HOUR, 3.0)),
        piling("Kleinberg s=2", |view| model::kleinberg(view, 2.0)),
        piling("Kleinberg s=3", |view| model::kleinberg(view, 3.0)),
        rival("cycle-corrected Poisson", seasonal::poisson),
        rival("seasonal z", seasonal::z_score),
        rival("Farrington-flexible", seasonal::farrington),
        piling("CUSUM-NB k=2", |view| model::cusum(view, 2.0)),
        piling("CUSUM-NB k=4", |view| model::cusum(view, 4.0)),
        rival("GLR-NB", model::glr),
    ]
}
