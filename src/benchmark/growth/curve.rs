//! Curves of real topics, and the moments in them at which somebody could have made a forecast.
//!
//! Numbers from ten thousand on were published in thousands, so a rate read off two of them is only used where
//! it is five of their steps or more; a topic past a hundred thousand is a standing one and no rise.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use analyzer::forecast::fit::Case;
use analyzer::forecast::growth::{Cell, Growth, Measure, SHARES, SOME, as_the_day_goes};
use analyzer::forecast::{Horizon, LEAST_RISE, Rise};
use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use serde::Deserialize;

use crate::scenario::Chance;

/// Distance of two points between which a rate is read, hours.
const RATE: std::ops::Range<f64> = 0.4..2.6;
/// From here on numbers were rounded to [`ROUNDED_TO`].
const ROUNDED_FROM: f64 = 10_000.0;
const ROUNDED_TO: f64 = 1_000.0;
/// So many steps of rounding a growth must have.
const LEAST_STEPS: f64 = 5.0;
/// Larger topics are standing ones.
const LARGEST: f64 = 100_000.0;
/// A rate counts at most like this in the shape of the day, or a few topics would draw it.
const SHAPED_BY: f64 = 5_000.0;
/// Longest distance of two points that tells of the shape of the day, hours.
const SHAPED_WITHIN: f64 = 6.0;

/// Why there are no curves.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CurveError {
    /// The file is missing or cannot be unpacked.
    #[error("{path}: {source}")]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A line that is no topic.
    #[error(
        "{path}, line {line}: {why}; each line is {{\"start\":TIME,\"points\":[[minutes,heat,read,discussions]]}}"
    )]
    Format {
        /// Which file.
        path: PathBuf,
        /// Which line.
        line: usize,
        /// What is wrong.
        why: String,
    },
    /// Nothing to learn from, or nothing to judge by.
    #[error("{path}: no topics on one side of {day}; choose another --train-before")]
    OneSided {
        /// Which file.
        path: PathBuf,
        /// The day.
        day: String,
    },
}

/// One topic.
#[derive(Clone, Debug)]
pub(crate) struct Curve {
    /// Local day on which it was first seen, `2025-01-31`.
    pub first_seen: String,
    /// Local hour of the day then, with its minutes.
    hour: f64,
    points: Vec<Point>,
}

#[derive(Clone, Copy, Debug)]
struct Point {
    /// Hours since the topic was first seen.
    hours: f64,
    /// Discussions so far.
    total: f64,
    /// Whether the growth up to here is known well enough for a rate.
    is_sharp: bool,
}

/// Usual shape of the day: topics' growth by hour, 1 on average.
pub(crate) struct Day {
    hours: [f64; 24],
}

/// A moment at which a forecast could be made, and what came of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Turn {
    pub horizon: Horizon,
    pub rise: Rise,
    /// Usual of the time ahead over that of the last hour.
    pub season: f64,
    /// Hours that the count ahead really spans.
    pub span: f64,
    /// Discussions in that time.
    pub ahead: f64,
    /// Discussions of its busiest hour, where every part of it is known.
    pub busiest: Option<f64>,
}

#[derive(Deserialize)]
struct Line {
    start: String,
    points: Vec<(f64, Option<f64>, Option<f64>, f64)>,
}

/// Reads JSON lines, packed with zstd or not, oldest topic first.
pub(crate) fn read(path: &Path) -> Result<Vec<Curve>, CurveError> {
    let file_error = |source| CurveError::File { path: path.to_path_buf(), source };
    let file = File::open(path).map_err(file_error)?;
    let is_packed = path.extension().is_some_and(|ending| ending == "zst");
    let bytes: Box<dyn Read> =
        if is_packed { Box::new(zstd::Decoder::new(file).map_err(file_error)?) } else { Box::new(file) };
    let mut curves = Vec::new();
    for (number, line) in BufReader::new(bytes).lines().enumerate() {
        let line = line.map_err(file_error)?;
        if line.trim().is_empty() {
            continue;
        }
        let wrong = |why: String| CurveError::Format { path: path.to_path_buf(), line: number + 1, why };
        let line: Line = serde_json::from_str(&line).map_err(|error| wrong(error.to_string()))?;
        let start: Timestamp = line.start.parse().map_err(|error: jiff::Error| wrong(error.to_string()))?;
        // A count that falls was another topic's or a mistake of the page.
        if line.points.is_sorted_by(|one, other| one.0 < other.0 && one.3 <= other.3) {
            curves.push((start, Curve::of(start, &line)));
        }
    }
    curves.sort_by_key(|(start, _)| *start);
    Ok(curves.into_iter().map(|(_, curve)| curve).collect())
}

impl Curve {
    fn of(start: Timestamp, line: &Line) -> Curve {
        // The archive's own zone.
        let local = TimeZone::fixed(Offset::constant(8)).to_datetime(start);
        let mut points: Vec<Point> = Vec::with_capacity(line.points.len());
        for (minutes, _, _, total) in &line.points {
            let step = if *total < ROUNDED_FROM { 1.0 } else { ROUNDED_TO };
            let grown = points.last().map_or(0.0, |last| total - last.total);
            let is_sharp = grown >= LEAST_STEPS * step && *total <= LARGEST;
            points.push(Point { hours: minutes / 60.0, total: *total, is_sharp });
        }
        Curve {
            first_seen: local.date().to_string(),
            hour: f64::from(local.hour()) + f64::from(local.minute()) / 60.0,
            points,
        }
    }

    /// The same topic as somebody would have seen it who reads `share` of the discussions.
    pub(crate) fn thinned(&self, share: f64) -> Curve {
        let seed = self.points.iter().fold(0_u64, |seed, point| {
            seed.wrapping_mul(31).wrapping_add(point.total.to_bits() ^ point.hours.to_bits())
        });
        let mut chance = Chance::of(seed, &self.first_seen);
        let (mut before, mut total) = (0.0, 0.0);
        let thin = |point: &Point| {
            total += chance.poisson((point.total - before) * share);
            before = point.total;
            Point { total, ..*point }
        };
        Curve { points: self.points.iter().map(thin).collect(), ..self.clone() }
    }

    /// Every moment of it at which a forecast could be made and is known to have come true or not.
    pub(crate) fn turns(&self, day: &Day) -> Vec<Turn> {
        let mut turns = Vec::new();
        for (place, now) in self.points.iter().enumerate().skip(1) {
            let Some(last_hour) = self.rate(place).filter(|rate| now.is_sharp && *rate >= LEAST_RISE) else {
                continue;
            };
            let hour_before = place.checked_sub(1).and_then(|before| self.rate(before));
            let rise = Rise { last_hour, hour_before, total: now.total };
            for horizon in Horizon::ALL {
                if let Some(then) = self.place_at(place, horizon) {
                    turns.push(self.turn((place, then), horizon, rise, day));
                }
            }
        }
        turns
    }

    fn turn(&self, (now, then): (usize, usize), horizon: Horizon, rise: Rise, day: &Day) -> Turn {
        let (from, to) = (&self.points[now], &self.points[then]);
        let clock = self.hour + from.hours;
        let rates: Option<Vec<f64>> = (now + 1..=then).map(|place| self.rate(place)).collect();
        Turn {
            horizon,
            rise,
            season: day.usual(clock, clock + to.hours - from.hours) / day.usual(clock - 1.0, clock),
            span: to.hours - from.hours,
            ahead: to.total - from.total,
            busiest: rates.map(|rates| rates.into_iter().fold(0.0, f64::max)),
        }
    }

    /// Discussions an hour up to a point; `None` where the distance tells nothing.
    fn rate(&self, place: usize) -> Option<f64> {
        let (before, now) = (self.points.get(place.checked_sub(1)?)?, self.points.get(place)?);
        let hours = now.hours - before.hours;
        RATE.contains(&hours).then(|| (now.total - before.total) / hours)
    }

    /// The point nearest to so many hours later, if one is near.
    fn place_at(&self, now: usize, horizon: Horizon) -> Option<usize> {
        let wanted = self.points.get(now)?.hours + f64::from(horizon.hours());
        let near = if horizon == Horizon::OneHour { 0.3 } else { 0.5 };
        let distance = |place: &usize| (self.points[*place].hours - wanted).abs();
        let nearest =
            (now + 1..self.points.len()).min_by(|one, other| distance(one).total_cmp(&distance(other)))?;
        (distance(&nearest) < near).then_some(nearest)
    }
}

impl Turn {
    /// What the table learns from it.
    pub(crate) fn case(&self, measure: Measure) -> Option<Case> {
        let (came, span) = match measure {
            Measure::Sum => (self.ahead, self.span),
            Measure::Busiest => (self.busiest?, 1.0),
        };
        let present = as_the_day_goes(&self.rise, self.season, span);
        let growth = ((came + SOME) / (present + SOME)).ln();
        Some(Case { cell: Cell::of(measure, self.horizon, &self.rise, self.season), growth })
    }

    /// What the table would have said.
    pub(crate) fn told_by(&self, growth: &Growth, measure: Measure) -> Option<[f64; SHARES.len()]> {
        let span = if measure == Measure::Sum { self.span } else { 1.0 };
        growth.excess(measure, self.horizon, &self.rise, self.season, span)
    }
}

impl Day {
    /// The shape of the day of these topics.
    pub(crate) fn of(curves: &[Curve]) -> Day {
        let mut hours = [(0.0, 0.0); 24];
        for curve in curves {
            for (before, now) in curve.points.iter().zip(curve.points.iter().skip(1)) {
                let length = now.hours - before.hours;
                if !(RATE.start..=SHAPED_WITHIN).contains(&length) || now.total > LARGEST {
                    continue;
                }
                let rate = ((now.total - before.total) / length).min(SHAPED_BY);
                for (hour, part) in parts(curve.hour + before.hours, curve.hour + now.hours) {
                    hours[hour].0 += rate * part;
                    hours[hour].1 += part;
                }
            }
        }
        let mean = hours.iter().map(|(rate, part)| rate / f64::max(*part, 1.0)).sum::<f64>() / 24.0;
        // An hour in which nothing was seen counts as a usual one.
        let shape = |(rate, part): (f64, f64)| {
            if part < 1.0 { 1.0 } else { (rate / part / mean.max(1e-9)).max(0.02) }
        };
        Day { hours: hours.map(shape) }
    }

    /// Mean between two hours of the day; these may lie beyond midnight.
    fn usual(&self, from: f64, to: f64) -> f64 {
        let sum: f64 = parts(from, to).map(|(hour, part)| self.hours[hour] * part).sum();
        sum / (to - from)
    }
}

/// The hours of the day between two moments, each with how much of it.
fn parts(from: f64, to: f64) -> impl Iterator<Item = (usize, f64)> {
    let first = from.floor() as i64;
    (first..to.ceil() as i64).map(move |hour| {
        let part = (to.min(hour as f64 + 1.0) - from.max(hour as f64)).max(0.0);
        (hour.rem_euclid(24) as usize, part)
    })
}
