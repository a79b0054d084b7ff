//! How seldom chance alone brings a score: the curve counted on series without events, and whether it holds on
//! others, with the thresholds in force. `guanlan backtest --rarity`.

use analyzer::rarity::Rarity;

use super::*;

/// Scores at which promise and count are compared.
const SCORES: [f64; 7] = [1.0, 1.2, 1.4, 1.6, 1.8, 2.0, 2.5];

/// One pair of windows: its curve, and what became of it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Curve {
    /// The pair.
    pub windows: [Window; 2],
    /// Concern-weeks it was counted in.
    pub counted_in: f64,
    /// As counted there; `None` where there were too few rises.
    pub counted: Option<Rarity>,
    /// The curve in force.
    pub in_force: Option<Rarity>,
    /// Concern-weeks of the other sets.
    pub concern_weeks: f64,
    /// What the curve in force promises of scores, and how often they came there.
    pub rows: Vec<Promise>,
}

/// One score.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Promise {
    /// This score or a higher one.
    pub score: f64,
    /// Promised once in so many weeks.
    pub weeks: f64,
    /// Promised to be more seldom than that.
    pub or_more: bool,
    /// Episodes that this makes in the other sets, at most where it is more seldom.
    pub expected: f64,
    /// Episodes there were.
    pub seen: usize,
    /// Once in so many weeks, as seen: 95 % interval, the number of episodes being a Poisson variable.
    pub seen_weeks_95: Interval,
}

/// Episodes with their scores, of both pairs.
#[derive(Default)]
struct Seldom {
    concern_weeks: [f64; 2],
    /// By pair, folder and concern.
    grids: [Vec<(usize, Vec<Vec<f64>>)>; 2],
}

/// Counts the curve on some folders and holds the one in force against others.
///
/// # Errors
/// A file that is missing or not as the format says.
pub(crate) fn rarity(
    counted: &[PathBuf],
    others: &[PathBuf],
    detection: &Detection,
    zone: &TimeZone,
) -> Result<[Curve; 2], SetError> {
    let (counted, others) = (seldom(counted, detection, zone)?, seldom(others, detection, zone)?);
    Ok([true, false].map(|fast| {
        let in_force = if fast { detection.fast_rarity } else { detection.slow_rarity };
        let concern_weeks = others.weeks(fast);
        let row = |score: f64| {
            let once = in_force?.once_in(score);
            let seen = others.episodes(fast, score);
            let (low, high) = poisson_95(seen);
            let seen_weeks_95 = (concern_weeks / high, concern_weeks / low);
            let expected = concern_weeks / once.weeks;
            Some(Promise { score, weeks: once.weeks, or_more: once.or_more, expected, seen, seen_weeks_95 })
        };
        Curve {
            windows: if fast { Window::FAST } else { Window::SLOW },
            counted_in: counted.weeks(fast),
            counted: Rarity::of(counted.peaks(fast), counted.weeks(fast)),
            in_force,
            concern_weeks,
            rows: SCORES.into_iter().filter_map(row).collect(),
        }
    }))
}

fn seldom(folders: &[PathBuf], detection: &Detection, zone: &TimeZone) -> Result<Seldom, SetError> {
    let mut seldom = Seldom::default();
    for folder in folders {
        let input = Input::of(set::read(folder)?, Kind::Gated, zone);
        let seen = own::watch(&input, detection);
        for (pair, fast) in [true, false].into_iter().enumerate() {
            let of = |concern: usize| {
                let windows = seen.alarming(concern).into_iter().filter(|window| window.is_fast() == fast);
                windows.map(|window| (window, detection.threshold(window))).collect::<Vec<_>>()
            };
            let concerns = (0..input.counts.len()).filter(|concern| !of(*concern).is_empty()).count();
            let share = concerns as f64 / input.counts.len().max(1) as f64;
            seldom.concern_weeks[pair] += share * input.concern_weeks();
            seldom.grids[pair].push((input.warm_up, own::scores((&input, &seen), &of)));
        }
    }
    Ok(seldom)
}

impl Seldom {
    fn weeks(&self, fast: bool) -> f64 {
        self.concern_weeks[usize::from(!fast)]
    }

    fn episodes(&self, fast: bool, score: f64) -> usize {
        let grids = self.grids[usize::from(!fast)].iter();
        grids.map(|(warm_up, grid)| judge::episodes(grid, score, *warm_up)).sum()
    }

    /// Of the episodes from half the threshold on: rarer ones are told from them.
    fn peaks(&self, fast: bool) -> Vec<f64> {
        let grids = self.grids[usize::from(!fast)].iter();
        grids.flat_map(|(warm_up, grid)| judge::peaks(grid, 0.5, *warm_up)).collect()
    }
}

/// 95 % interval of the mean of a Poisson variable that was `seen` once (F. Byar's approximation).
pub(super) fn poisson_95(seen: usize) -> Interval {
    let bound =
        |count: f64, z: f64| count * (1.0 - 1.0 / (9.0 * count) + z / (3.0 * count.sqrt())).max(0.0).powi(3);
    let seen = seen as f64;
    (if seen > 0.0 { bound(seen, -1.96) } else { 0.0 }, bound(seen + 1.0, 1.96))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_that_of_the_tables() {
        // Exact: 0 to 3.69, 0.62 to 8.77, 12.22 to 28.39... of 0, 3 and 19.
        let near = |seen, low: f64, high: f64| {
            let found = poisson_95(seen);
            assert!((found.0 - low).abs() < 0.05 && (found.1 - high).abs() < 0.05, "{seen}: {found:?}");
        };
        near(0, 0.0, 3.69);
        near(3, 0.62, 8.77);
        near(19, 11.44, 29.67);
    }
}
