//! Fits the table of growth to earlier rises.
//!
//! A row needs enough cases; its intervals are then widened or narrowed by what they held of the last third of
//! the cases, which the first fit had not seen (split conformal prediction). Of halves, thirds and fifths, thirds
//! held their promise best on later months of the training part alone.

use std::collections::BTreeMap;

use super::growth::{Cell, Growth, Row, SHARES};

/// A row rests on at least so many cases.
const LEAST_CASES: usize = 200;
/// One of so many parts is kept back to see whether the intervals hold.
const KEPT_BACK: usize = 3;

/// One earlier rise: what it looked like, and ln((posts ahead + 5) / (posts at its pace, as the day goes + 5)).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Case {
    /// The finest cell it belongs to.
    pub cell: Cell,
    /// How it went on.
    pub growth: f64,
}

/// Fits a table to cases, oldest first.
pub fn fit(cases: &[Case]) -> Growth {
    let (earlier, later) = cases.split_at(cases.len() - cases.len() / KEPT_BACK);
    let first = rows(earlier);
    let widths = widths(&first, later);
    let mut all = rows(cases);
    for (cell, row) in &mut all.rows {
        if let Some(widths) = widths.get(&coarsest(*cell)) {
            row.quantiles = widened(&row.quantiles, widths);
        }
    }
    all
}

fn rows(cases: &[Case]) -> Growth {
    let mut growths: BTreeMap<Cell, Vec<f64>> = BTreeMap::new();
    for case in cases {
        for cell in case.cell.widening() {
            growths.entry(cell).or_default().push(case.growth);
        }
    }
    let enough = growths.into_iter().filter(|(_, growths)| growths.len() >= LEAST_CASES);
    let row = |(cell, mut growths): (Cell, Vec<f64>)| {
        growths.sort_by(f64::total_cmp);
        (cell, Row { cases: growths.len(), quantiles: SHARES.map(|share| quantile(&growths, share)) })
    };
    Growth { rows: enough.map(row).collect() }
}

/// By what factor the distance of each pair of quantiles from the median must grow to hold its share, in each
/// coarsest cell: outermost pair first.
fn widths(growth: &Growth, cases: &[Case]) -> BTreeMap<Cell, Vec<f64>> {
    let mut strains: BTreeMap<Cell, Vec<Vec<f64>>> = BTreeMap::new();
    for case in cases {
        let Some(row) = growth.row(case.cell) else { continue };
        let pairs = strains.entry(coarsest(case.cell)).or_insert_with(|| vec![Vec::new(); SHARES.len() / 2]);
        for (strains, (low, median, high)) in pairs.iter_mut().zip(pairs_of(&row.quantiles)) {
            let reach = if case.growth < median { median - low } else { high - median };
            strains.push((case.growth - median).abs() / reach.max(1e-3));
        }
    }
    let width = |(strains, share): (&mut Vec<f64>, &f64)| {
        strains.sort_by(f64::total_cmp);
        if strains.len() < LEAST_CASES { 1.0 } else { quantile(strains, 1.0 - 2.0 * share) }
    };
    strains
        .into_iter()
        .map(|(cell, mut pairs)| (cell, pairs.iter_mut().zip(&SHARES).map(width).collect()))
        .collect()
}

fn widened(quantiles: &[f64; SHARES.len()], widths: &[f64]) -> [f64; SHARES.len()] {
    let middle = SHARES.len() / 2;
    let median = quantiles.get(middle).copied().unwrap_or(0.0);
    let mut widened = *quantiles;
    for (place, quantile) in widened.iter_mut().enumerate() {
        let pair = place.min(SHARES.len() - 1 - place);
        *quantile = median + (*quantile - median) * widths.get(pair).copied().unwrap_or(1.0);
    }
    // Pairs widened by different factors must not cross.
    widened.sort_by(f64::total_cmp);
    widened
}

/// Lower quantile, median and upper quantile, outermost pair first.
fn pairs_of(quantiles: &[f64; SHARES.len()]) -> impl Iterator<Item = (f64, f64, f64)> {
    let median = quantiles.get(SHARES.len() / 2).copied().unwrap_or(0.0);
    let pairs = quantiles.iter().zip(quantiles.iter().rev()).take(SHARES.len() / 2);
    pairs.map(move |(low, high)| (*low, median, *high))
}

fn coarsest(cell: Cell) -> Cell {
    Cell { place: None, growth: None, ..cell }
}

/// Quantile of sorted values, between neighbours.
pub fn quantile(sorted: &[f64], share: f64) -> f64 {
    let last = sorted.len().saturating_sub(1) as f64;
    let place = share.clamp(0.0, 1.0) * last;
    let value = |place: f64| sorted.get(place as usize).copied().unwrap_or(0.0);
    let (low, high) = (value(place.floor()), value(place.ceil()));
    low + (high - low) * (place - place.floor())
}

#[cfg(test)]
mod tests {
    use super::super::growth::Measure;
    use super::super::{Horizon, Rise};
    use super::*;

    /// Evenly spread growths from −`width` to `width`, in an order without a trend.
    fn cases(number: usize, width: f64) -> Vec<Case> {
        let rise = Rise { last_hour: 60.0, hour_before: Some(60.0), total: 200.0 };
        let cell = Cell::of(Measure::Sum, Horizon::OneHour, &rise, 1.0);
        let spread = |place: usize| (place * 617 % number) as f64 / number as f64;
        (0..number).map(|place| Case { cell, growth: width * (2.0 * spread(place) - 1.0) }).collect()
    }

    #[test]
    fn rows_hold_the_shares_they_name() {
        let growth = fit(&cases(5000, 1.0));
        assert_eq!(growth.rows.len(), 3);
        for row in growth.rows.values() {
            for (share, quantile) in SHARES.iter().zip(row.quantiles) {
                assert!((quantile - (2.0 * share - 1.0)).abs() < 0.05, "{share} {quantile}");
            }
        }
    }

    #[test]
    fn what_the_kept_back_cases_show_widens_the_intervals() {
        let later_is_wilder = [cases(4000, 1.0), cases(1000, 2.0)].concat();
        let growth = fit(&later_is_wilder);
        let all = growth.rows.values().next().unwrap();
        let plain = rows(&later_is_wilder);
        let as_counted = plain.rows.values().next().unwrap();
        assert!(all.quantiles[0] < 1.4 * as_counted.quantiles[0], "{all:?} {as_counted:?}");
    }

    #[test]
    fn few_cases_make_no_row() {
        assert!(fit(&cases(LEAST_CASES - 1, 1.0)).rows.is_empty());
    }
}
