//! How fast a rise grows and fades: the fitted curves of real public topics (data/growth.toml).

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

/// Shipped curves; `data/fit_growth.py` makes them from a public archive.
const FITTED: &str = include_str!("data/growth.toml");

/// One curve: hours since the onset and the share of the peak reached then.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(super) struct Curve {
    points: Vec<(f64, f64)>,
}

#[derive(Deserialize)]
struct Table {
    growth: BTreeMap<String, Curve>,
}

/// The shipped curves by name.
pub(super) fn fitted() -> Result<BTreeMap<String, Curve>> {
    let table: Table = toml::from_str(FITTED).context("the shipped growth curves cannot be read")?;
    for (name, curve) in &table.growth {
        let rising_hours = curve.points.windows(2).all(|pair| pair[0].0 < pair[1].0);
        ensure!(curve.points.len() >= 2 && rising_hours, "growth curve {name}: hours must increase");
    }
    Ok(table.growth)
}

impl Curve {
    /// Share of the peak `hours` after the onset: straight lines between the points, nothing before
    /// the first, and after the last a fade to nothing within as long as the curve has lasted.
    pub(super) fn share(&self, hours: f64) -> f64 {
        let after = self.points.partition_point(|point| point.0 <= hours);
        let Some(&(from, share)) = after.checked_sub(1).and_then(|before| self.points.get(before)) else {
            return 0.0;
        };
        match self.points.get(after) {
            Some(&(to, next)) => share + (next - share) * (hours - from) / (to - from),
            None => (share * (1.0 - (hours - from) / from)).max(0.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fitted_curve_starts_small_peaks_at_one_and_fades() {
        for (name, curve) in fitted().unwrap() {
            assert_eq!(curve.share(-0.1), 0.0, "{name}");
            assert_eq!(curve.share(0.0), 0.03, "{name}");
            let top = curve.points.iter().map(|point| point.1).fold(0.0, f64::max);
            assert_eq!(top, 1.0, "{name}");
            assert!(curve.share(11.5) < 0.2, "{name}");
            assert_eq!(curve.share(48.0), 0.0, "{name}");
        }
    }

    #[test]
    fn between_two_points_the_share_lies_on_the_line() {
        let curve = Curve { points: vec![(0.0, 0.0), (2.0, 1.0), (4.0, 0.5)] };
        assert_eq!(curve.share(1.0), 0.5);
        assert_eq!(curve.share(3.0), 0.75);
        assert_eq!(curve.share(6.0), 0.25);
    }
}
