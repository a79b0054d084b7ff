//! The forecast on real topics: fitted to those before a day, judged on those after it, beside forecasts by
//! formula: `guanlan backtest --growth`.
//!
//! Knows curves of how often a topic was discussed; no posts, no concerns, no alerts.

mod curve;
mod judge;
mod rival;
#[cfg(test)]
mod tests;

use std::path::Path;

use analyzer::forecast::Horizon;
use analyzer::forecast::fit::{Case, fit};
use analyzer::forecast::growth::{Growth, Measure};
use serde::Serialize;

pub(crate) use curve::CurveError;
use curve::{Curve, Day, Turn};
use judge::Judged;
use rival::Rival;

/// Topics are discussed a hundred times as much as a city's concern: copies of each curve that keep one
/// discussion in ten, in thirty and in a hundred teach the table small numbers.
const THINNED: [f64; 3] = [0.1, 1.0 / 30.0, 0.01];
/// Of these, the copies on which the forecast of small numbers is judged.
const JUDGED_THIN: f64 = 1.0 / 30.0;

/// Everything the run found.
#[derive(Serialize)]
pub(crate) struct Report {
    /// Topics before the day, and from it on.
    pub topics: (usize, usize),
    /// First and last month of the part judged.
    pub judged: (String, String),
    /// Forecasts that the table was fitted to, thinned copies included.
    pub cases: usize,
    /// Rows of the table.
    pub rows: usize,
    /// Each forecast at each horizon.
    pub results: Vec<Judged>,
    /// The table.
    #[serde(skip)]
    pub growth: Growth,
}

/// Fits and judges. Nothing from the day on is looked at before the table is done.
///
/// # Errors
/// A file that cannot be read or holds no topics on one side of the day.
pub(crate) fn run(path: &Path, train_before: &str) -> Result<Report, CurveError> {
    let curves = curve::read(path)?;
    let (earlier, later): (Vec<Curve>, Vec<Curve>) =
        curves.into_iter().partition(|curve| curve.first_seen.as_str() < train_before);
    if earlier.is_empty() || later.is_empty() {
        return Err(CurveError::OneSided { path: path.to_path_buf(), day: train_before.to_owned() });
    }
    let day = Day::of(&earlier);
    let cases = cases(&earlier, &day);
    let growth = fit(&cases);
    let rivals = rivals(&turns(&earlier, &day));
    let results = judged(&growth, &rivals, &later, &day);
    let month = |curve: Option<&Curve>| curve.map(|curve| curve.first_seen.chars().take(7).collect());
    Ok(Report {
        topics: (earlier.len(), later.len()),
        judged: (month(later.first()).unwrap_or_default(), month(later.last()).unwrap_or_default()),
        cases: cases.len(),
        rows: growth.rows.len(),
        results,
        growth,
    })
}

fn turns(curves: &[Curve], day: &Day) -> Vec<Turn> {
    curves.iter().flat_map(|curve| curve.turns(day)).collect()
}

/// Every turn of every curve and of its thinned copies, in the order of the curves.
fn cases(curves: &[Curve], day: &Day) -> Vec<Case> {
    let mut cases = Vec::new();
    for curve in curves {
        let copies = THINNED.map(|share| curve.thinned(share));
        for turn in std::iter::once(curve).chain(&copies).flat_map(|curve| curve.turns(day)) {
            cases.extend(
                [Measure::Sum, Measure::Busiest].into_iter().filter_map(|measure| turn.case(measure)),
            );
        }
    }
    cases
}

fn rivals(turns: &[Turn]) -> Vec<Vec<Rival>> {
    let at = |horizon: &Horizon| -> Vec<Turn> {
        turns.iter().filter(|turn| turn.horizon == *horizon).copied().collect()
    };
    Horizon::ALL.iter().map(|horizon| rival::all(&at(horizon))).collect()
}

fn judged(growth: &Growth, rivals: &[Vec<Rival>], later: &[Curve], day: &Day) -> Vec<Judged> {
    let real = turns(later, day);
    let thin: Vec<Turn> = later.iter().flat_map(|curve| curve.thinned(JUDGED_THIN).turns(day)).collect();
    let mut results = Vec::new();
    for (horizon, rivals) in Horizon::ALL.into_iter().zip(rivals) {
        let at = |turns: &[Turn]| -> Vec<Turn> {
            turns.iter().filter(|turn| turn.horizon == horizon).copied().collect()
        };
        let (real, thin) = (at(&real), at(&thin));
        let ours = |measure| move |turn: &Turn| turn.told_by(growth, measure);
        results.push(judge::sums("guanlan", &real, &ours(Measure::Sum)));
        for rival in rivals {
            results.push(judge::sums(rival.name, &real, &|turn| Some(rival.told(turn))));
        }
        results.push(judge::sums("guanlan, 1/30", &thin, &ours(Measure::Sum)));
        results.push(judge::busiest("guanlan, busiest hour", &real, &ours(Measure::Busiest)));
        results.push(judge::busiest("guanlan, busiest hour, 1/30", &thin, &ours(Measure::Busiest)));
    }
    results
}
