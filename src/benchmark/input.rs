//! What the methods are fed: counts by arrival, or independent counts at their own time with gaps known.

use analyzer::calendar::{Calendar, Slot};
use analyzer::detect::GAP;
use analyzer::series::Bucket;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::set::{Event, Platform, Set};

/// A source that brings more of the last hour's posts than this shuts the gate.
const DOMINANT: f64 = 0.6;
const HOUR: usize = 6;
const WEEK: f64 = 1_008.0;

/// What the methods are fed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// Posts by arrival; no gaps are known.
    Raw,
    /// Independent posts at their publication time, with coverage.
    Clean,
    /// The same, and no alarm while one source brings more than 60 % of the hour.
    Gated,
}

/// Counts of all concerns; grids are by concern, then by bucket.
pub(crate) struct Input {
    pub counts: Vec<Vec<f64>>,
    /// Where an alarm is possible.
    pub open: Vec<Vec<bool>>,
    /// All posts of the platform.
    pub total: Vec<f64>,
    pub coverage: Vec<f64>,
    /// Usual posts of the platform under full coverage.
    pub exposure: Vec<f64>,
    pub slots: Vec<Slot>,
    pub warm_up: usize,
    pub events: Vec<Event>,
    /// Buckets in which an outage begins.
    pub outages: Vec<usize>,
    pub first: Bucket,
}

impl Input {
    pub(crate) fn of(set: Set, kind: Kind, zone: &TimeZone) -> Input {
        let is_raw = kind == Kind::Raw;
        let total_of = |row: &Platform| if is_raw { row.arrived } else { row.posts };
        let total: Vec<f64> = set.platform.iter().map(total_of).collect();
        let coverage: Vec<f64> =
            set.platform.iter().map(|row| if is_raw { 1.0 } else { row.coverage.clamp(0.0, 1.0) }).collect();
        let exposure =
            total.iter().zip(&coverage).map(|(total, coverage)| total.max(1.0) / coverage.max(GAP)).collect();
        let open = match kind {
            Kind::Gated => {
                set.posts.iter().zip(&set.largest).map(|(all, largest)| gate(all, largest)).collect()
            }
            Kind::Raw | Kind::Clean => vec![vec![true; set.meta.buckets]; set.meta.concerns],
        };
        let calendar = Calendar::new(zone.clone());
        let first = Bucket::of(set.meta.first_bucket);
        let slots =
            (0..set.meta.buckets as i64).map(|bucket| calendar.slot(Bucket(first.0 + bucket))).collect();
        Input {
            counts: if is_raw { set.arrived } else { set.independent },
            open,
            total,
            coverage,
            exposure,
            slots,
            warm_up: set.meta.warm_up_buckets,
            events: set.events,
            outages: set.outages,
            first,
        }
    }

    /// Concern-weeks after the warm-up.
    pub(crate) fn concern_weeks(&self) -> f64 {
        self.counts.len() as f64 * self.total.len().saturating_sub(self.warm_up) as f64 / WEEK
    }

    /// Fills a grid of scores, half of the concerns on each core; shut gates score nought.
    pub(crate) fn score(&self, of: &(dyn Fn(usize) -> Vec<f64> + Sync)) -> Vec<Vec<f64>> {
        each(self.counts.len(), &|concern| {
            let mut scores = of(concern);
            for (score, open) in scores.iter_mut().zip(&self.open[concern]) {
                if !open {
                    *score = 0.0;
                }
            }
            scores
        })
    }
}

/// `of` each concern, in their order, on all cores.
pub(crate) fn each<T: Send>(concerns: usize, of: &(dyn Fn(usize) -> T + Sync)) -> Vec<T> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let share = concerns.div_ceil(cores).max(1);
    std::thread::scope(|scope| {
        let ranges = (0..concerns).step_by(share).map(|from| from..(from + share).min(concerns));
        let work = |range: std::ops::Range<usize>| scope.spawn(move || range.map(of).collect::<Vec<T>>());
        let workers: Vec<_> = ranges.map(work).collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}

fn gate(posts: &[f64], largest: &[f64]) -> Vec<bool> {
    let (all, largest) = (rolling(posts, HOUR), rolling(largest, HOUR));
    all.iter().zip(largest).map(|(all, largest)| largest <= DOMINANT * all.max(1.0)).collect()
}

/// Sums over the last `width` buckets.
pub(crate) fn rolling(counts: &[f64], width: usize) -> Vec<f64> {
    let mut sum = 0.0;
    let gone = std::iter::repeat_n(&0.0, width).chain(counts);
    let step = |(new, old): (&f64, &f64)| {
        sum += new - old;
        sum
    };
    counts.iter().zip(gone).map(step).collect()
}
