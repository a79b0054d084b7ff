//! How earlier rises went on, as a table: quantiles of the growth by what the rise looked like.
//!
//! The shipped table was fitted by `guanlan backtest --growth` (docs/detection.md); its head names the source.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::LazyLock;

use super::{Horizon, Rise};

/// Shares of the cases below each quantile of a row.
pub const SHARES: [f64; 9] = [0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975];
/// Posts added to both sides of a growth, so that nought has a logarithm.
pub const SOME: f64 = 5.0;
/// Borders of the growth of the last hour over the hour before, logarithms.
const GROWTHS: [f64; 4] = [-0.7, -0.25, 0.1, 0.6];
/// Borders of the usual of the time ahead over the usual of the last hour.
const SEASONS: [f64; 3] = [0.5, 0.9, 1.2];
/// Borders of the age in hours of its own pace, logarithms: all posts over those of the last hour.
const PACES: [f64; 5] = [0.3, 0.9, 1.6, 2.4, 3.4];
/// Borders of the posts of the last hour: small numbers are restless by chance alone.
const SIZES: [f64; 4] = [15.0, 50.0, 250.0, 1200.0];
/// The usual ahead is taken for at most so many times more, or less, than that of the last hour.
const STEEPEST: f64 = 20.0;
/// Place of a growth that is not known.
const UNKNOWN_GROWTH: u8 = 5;

static SHIPPED: LazyLock<Growth> = LazyLock::new(|| Growth::read(include_str!("growth.csv")));

/// What is measured in the time ahead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Measure {
    /// All posts.
    Sum,
    /// Posts of the busiest hour.
    Busiest,
}

/// What a rise looks like, as far as the table tells rises apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cell {
    /// What is measured.
    pub measure: Measure,
    /// How far ahead.
    pub horizon: Horizon,
    /// Posts of the last hour.
    pub size: u8,
    /// Shape of the day and pace; `None` in a row of all of them.
    pub place: Option<(u8, u8)>,
    /// Growth; `None` in a row of all of them.
    pub growth: Option<u8>,
}

/// One row: quantiles of ln((posts ahead + 5) / (posts at the present pace, as the day goes + 5)).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row {
    /// Earlier rises it rests on.
    pub cases: usize,
    /// One for each of [`SHARES`].
    pub quantiles: [f64; SHARES.len()],
}

/// The table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Growth {
    /// Rows by what a rise looks like.
    pub rows: BTreeMap<Cell, Row>,
}

impl Cell {
    /// The finest cell of a rise; `season` is the usual of the time ahead over that of the last hour.
    pub fn of(measure: Measure, horizon: Horizon, rise: &Rise, season: f64) -> Cell {
        let growth = rise.hour_before.map_or(UNKNOWN_GROWTH, |before| {
            place(&GROWTHS, ((rise.last_hour + 2.0) / (before.max(0.0) + 2.0)).ln())
        });
        let pace = place(&PACES, (rise.total.max(rise.last_hour) / rise.last_hour).ln());
        Cell {
            measure,
            horizon,
            size: place(&SIZES, rise.last_hour),
            place: Some((place(&SEASONS, season), pace)),
            growth: Some(growth),
        }
    }

    /// The cell itself, then coarser ones.
    pub fn widening(self) -> [Cell; 3] {
        [self, Cell { growth: None, ..self }, Cell { growth: None, place: None, ..self }]
    }
}

impl Growth {
    /// The table that comes with the program.
    pub fn shipped() -> &'static Growth {
        &SHIPPED
    }

    /// The row of the finest cell that has one.
    pub fn row(&self, finest: Cell) -> Option<&Row> {
        finest.widening().into_iter().find_map(|cell| self.rows.get(&cell))
    }

    /// Posts above the usual in the time ahead, by [`SHARES`]; `span` is the hours that are counted together.
    pub fn excess(
        &self,
        measure: Measure,
        horizon: Horizon,
        rise: &Rise,
        season: f64,
        span: f64,
    ) -> Option<[f64; SHARES.len()]> {
        let row = self.row(Cell::of(measure, horizon, rise, season))?;
        let present = as_the_day_goes(rise, season, span) + SOME;
        Some(row.quantiles.map(|quantile| (quantile.exp() * present - SOME).max(0.0)))
    }

    /// Reads a table; lines that are none are left out.
    pub fn read(text: &str) -> Growth {
        let rows = text.lines().filter(|line| !line.starts_with('#')).filter_map(read_row);
        Growth { rows: rows.collect() }
    }

    /// The table as a file, without its head.
    pub fn write(&self) -> String {
        let mut text = String::from("measure,hours,size,season,pace,growth,cases");
        for share in SHARES {
            let _ = write!(text, ",p{}", share * 100.0);
        }
        text.push('\n');
        for (cell, row) in &self.rows {
            let measure = if cell.measure == Measure::Sum { "sum" } else { "busiest" };
            let or_all = |place: Option<u8>| place.map_or("*".to_owned(), |place| place.to_string());
            let (season, pace) = (cell.place.map(|(season, _)| season), cell.place.map(|(_, pace)| pace));
            let _ = write!(
                text,
                "{measure},{},{},{},{},{},{}",
                cell.horizon.hours(),
                cell.size,
                or_all(season),
                or_all(pace),
                or_all(cell.growth),
                row.cases
            );
            for quantile in row.quantiles {
                let _ = write!(text, ",{quantile:.3}");
            }
            text.push('\n');
        }
        text
    }
}

/// Posts above the usual in `span` hours if the present pace goes on and only the day changes it.
pub fn as_the_day_goes(rise: &Rise, season: f64, span: f64) -> f64 {
    rise.last_hour * span * season.clamp(1.0 / STEEPEST, STEEPEST)
}

/// The quantile of one of [`SHARES`].
pub fn at(quantiles: &[f64; SHARES.len()], share: f64) -> f64 {
    SHARES.iter().zip(quantiles).find(|(known, _)| **known >= share - 1e-9).map_or(0.0, |(_, value)| *value)
}

/// Probability that `count` is reached.
pub fn chance_of(quantiles: &[f64; SHARES.len()], count: f64) -> f64 {
    let log = |value: f64| (value.max(0.0) + SOME).ln();
    let wanted = log(count);
    if wanted <= log(0.0) {
        return 1.0;
    }
    let mut below = (0.0, log(0.0));
    for (share, value) in SHARES.iter().zip(quantiles) {
        let value = log(*value);
        if wanted <= value {
            let part = if value > below.1 { (wanted - below.1) / (value - below.1) } else { 1.0 };
            return 1.0 - (below.0 + part * (share - below.0));
        }
        below = (*share, value);
    }
    beyond(quantiles, wanted)
}

/// Above the highest quantile the chance falls as it fell between the two highest ones.
fn beyond(quantiles: &[f64; SHARES.len()], wanted: f64) -> f64 {
    let log = |value: f64| (value.max(0.0) + SOME).ln();
    let [.., lower, higher] = quantiles.map(log);
    let [.., lower_share, higher_share] = SHARES;
    let step = (higher - lower).max(1e-6);
    let steps = (wanted - higher) / step;
    (1.0 - higher_share) * ((1.0 - higher_share) / (1.0 - lower_share)).powf(steps)
}

fn place(borders: &[f64], value: f64) -> u8 {
    borders.iter().map(|border| u8::from(value >= *border)).sum()
}

fn read_row(line: &str) -> Option<(Cell, Row)> {
    let mut fields = line.split(',');
    let measure = match fields.next()? {
        "sum" => Measure::Sum,
        "busiest" => Measure::Busiest,
        _ => return None,
    };
    let hours: u8 = fields.next()?.parse().ok()?;
    let horizon = Horizon::ALL.into_iter().find(|horizon| horizon.hours() == hours)?;
    let size = fields.next()?.parse().ok()?;
    let (season, pace) = (fields.next()?.parse().ok(), fields.next()?.parse().ok());
    let growth = fields.next()?.parse().ok();
    let cases = fields.next()?.parse().ok()?;
    let mut quantiles = [0.0; SHARES.len()];
    for quantile in &mut quantiles {
        *quantile = fields.next()?.parse().ok()?;
    }
    Some((Cell { measure, horizon, size, place: season.zip(pace), growth }, Row { cases, quantiles }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_table_answers_every_rise_and_reads_as_it_was_written() {
        let growth = Growth::shipped();
        for measure in [Measure::Sum, Measure::Busiest] {
            for horizon in Horizon::ALL {
                for size in 0..=SIZES.len() as u8 {
                    let all = Cell { measure, horizon, size, place: None, growth: None };
                    assert!(growth.rows.contains_key(&all), "{all:?}");
                }
            }
        }
        for (cell, row) in &growth.rows {
            assert!(row.quantiles.is_sorted(), "{cell:?} {row:?}");
        }
        assert_eq!(Growth::read(&growth.write()), *growth);
    }

    #[test]
    fn cells_widen_to_what_is_known() {
        let rise = Rise { last_hour: 60.0, hour_before: Some(20.0), total: 90.0 };
        let finest = Cell::of(Measure::Sum, Horizon::OneHour, &rise, 1.0);
        assert_eq!((finest.size, finest.place, finest.growth), (2, Some((2, 1)), Some(4)));
        let unknown = Cell::of(Measure::Sum, Horizon::OneHour, &Rise { hour_before: None, ..rise }, 1.0);
        assert_eq!(unknown.growth, Some(UNKNOWN_GROWTH));
        let row = Row { cases: 9, quantiles: [0.0; SHARES.len()] };
        let coarse = Cell { growth: None, place: None, ..finest };
        let growth = Growth { rows: [(coarse, row)].into() };
        assert_eq!(growth.row(finest), Some(&row));
        assert_eq!(growth.row(Cell { size: 0, ..finest }), None);
    }

    #[test]
    fn chances_fall_as_the_bar_rises_and_meet_the_quantiles() {
        let quantiles = [1.0, 2.0, 5.0, 20.0, 50.0, 90.0, 200.0, 300.0, 400.0];
        for (share, value) in SHARES.iter().zip(quantiles) {
            assert!((chance_of(&quantiles, value) - (1.0 - share)).abs() < 1e-9, "{value}");
        }
        let chances: Vec<f64> =
            [0.0, 3.0, 30.0, 250.0, 500.0, 5000.0].map(|count| chance_of(&quantiles, count)).into();
        assert!(chances.windows(2).all(|pair| pair[0] >= pair[1]), "{chances:?}");
        assert!(chances[0] >= 0.975 && chances[5] < 0.001, "{chances:?}");
    }
}
