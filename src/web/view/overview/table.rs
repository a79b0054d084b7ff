//! Every concern in one row: on the overview and as a table for a spreadsheet.

use alerts::alert::Alert;
use alerts::chart::Layout;
use alerts::format;
use alerts::message::{Language, Site, concern_name};
use analyzer::explain::Point;
use analyzer::signal::Signal;

use super::super::calm::without_alert;
use super::super::{Badge, Chrome};
use super::{Standing, chart};
use crate::find::row::csv_table;

/// Points of the curve in an hour; each counts the whole hour before it.
const POINTS_AN_HOUR: usize = 6;
/// Hours added up.
const HOURS: usize = 24;

/// A row of the overview.
pub(in super::super) struct Row {
    pub(in super::super) badge: Option<Badge>,
    /// Said where there is no alert: nothing is calm of which nothing is known.
    pub(in super::super) calm: &'static str,
    pub(in super::super) name: String,
    pub(in super::super) link: String,
    pub(in super::super) spark: String,
    pub(in super::super) span: &'static str,
    pub(in super::super) posts: String,
    pub(in super::super) expected: String,
    pub(in super::super) ratio: String,
    pub(in super::super) has_ratio: bool,
    pub(in super::super) day: String,
    pub(in super::super) department: String,
    pub(in super::super) state: &'static str,
}

/// Posts of one day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Day {
    posts: u64,
    /// Hours of which nothing is known.
    gaps: usize,
}

impl Day {
    /// Adds up the hours of a rolling curve, the newest first.
    fn of(curve: &[Point]) -> Day {
        let hours = curve.iter().rev().step_by(POINTS_AN_HOUR).take(HOURS);
        hours.fold(Day::default(), |day, point| match point.posts {
            Some(posts) => Day { posts: day.posts + u64::from(posts), ..day },
            None => Day { gaps: day.gaps + 1, ..day },
        })
    }

    /// What is not known is not zero: then it were at least so many.
    fn told(self) -> String {
        match self.gaps {
            0 => format::exact(self.posts),
            HOURS.. => "—".to_owned(),
            _ => format!("≥ {}", format::exact(self.posts)),
        }
    }
}

/// Every concern, those with an open alert first.
pub(in super::super) fn rows(chrome: &Chrome, site: &Site, standings: &[Standing<'_>]) -> Vec<Row> {
    let mut standings: Vec<&Standing<'_>> = standings.iter().collect();
    standings.sort_by_key(|standing| std::cmp::Reverse(standing.alert.map(|alert| alert.level)));
    standings.into_iter().map(|standing| Row::of(chrome, site, standing)).collect()
}

impl Row {
    fn of(chrome: &Chrome, site: &Site, standing: &Standing<'_>) -> Row {
        let language = chrome.language;
        let levels = standing.alert.map(Alert::levels).unwrap_or_default();
        let none = || "—".to_owned();
        let expected = |signal: &Signal| {
            let (low, high) = (format::expected(signal.expected.low), format::expected(signal.expected.high));
            format!("{} {} ({low}–{high})", chrome.labels.expected, format::expected(signal.expected.mean))
        };
        let ratio = |ratio: f64| match language {
            Language::Chinese => format!("{} 倍", format::ratio(ratio)),
            Language::English => format::ratio(ratio),
        };
        Row {
            calm: standing.signal.map_or("—", |signal| without_alert(chrome, signal)),
            badge: standing.alert.map(|alert| Badge::of(alert.level, language)),
            name: concern_name(standing.concern, language),
            link: chrome.to(&format!("/c/{}", format::path_segment(&standing.concern.id))),
            spark: chart(chrome, site, standing.curve, &levels, None).svg(Layout::Spark),
            span: standing.signal.map_or("", |signal| format::span(signal.span, language)),
            posts: standing.signal.map_or_else(none, |signal| format::exact(signal.observed.posts.into())),
            expected: standing.signal.map(expected).unwrap_or_default(),
            ratio: standing.signal.and_then(telling_ratio).map_or_else(none, ratio),
            has_ratio: standing.signal.and_then(telling_ratio).is_some(),
            day: Day::of(standing.curve).told(),
            department: standing
                .concern
                .department
                .as_deref()
                .map_or_else(none, |name| format::one_line(name, 40)),
            state: standing.alert.map_or("—", |alert| format::state_name(alert.state, language)),
        }
    }
}

/// The ratio, where there are posts enough for one.
fn telling_ratio(signal: &Signal) -> Option<f64> {
    let says_something = signal.observed.posts >= format::FEWEST_FOR_RATIO && signal.ratio.is_finite();
    says_something.then_some(signal.ratio)
}

/// `近 24 小时各项合计 5,504 帖`: a post that two concerns match is counted for each.
pub(super) fn all_day(chrome: &Chrome, standings: &[Standing<'_>]) -> String {
    let days: Vec<Day> = standings.iter().map(|standing| Day::of(standing.curve)).collect();
    // As many gaps as the concern has that is known least of.
    let gaps = days.iter().map(|day| day.gaps).max().unwrap_or_default();
    let posts = Day { posts: days.iter().map(|day| day.posts).sum(), gaps }.told();
    match chrome.language {
        Language::Chinese => format!("近 24 小时各项合计 {posts} 帖"),
        Language::English => format!("Last 24 hours: {posts} posts over all concerns"),
    }
}

/// The same rows for a spreadsheet, with numbers as programs read them.
pub(crate) fn concerns_csv(chrome: &Chrome, standings: &[Standing<'_>]) -> String {
    let columns = match chrome.language {
        Language::Chinese => [
            "级别",
            "关切",
            "统计时段",
            "帖数",
            "预期",
            "预期下限",
            "预期上限",
            "与预期比",
            "近 24 小时帖数",
            "责任单位",
            "状态",
        ],
        Language::English => [
            "level",
            "concern",
            "span",
            "posts",
            "expected",
            "expected_low",
            "expected_high",
            "ratio",
            "posts_24h",
            "department",
            "state",
        ],
    };
    let rows = standings.iter().map(|standing| cells(chrome, standing));
    csv_table(&columns, rows)
}

fn cells(chrome: &Chrome, standing: &Standing<'_>) -> Vec<String> {
    let language = chrome.language;
    let number = |value: Option<f64>| value.map(|value| format!("{value:.1}")).unwrap_or_default();
    let signal = standing.signal;
    let expected = signal.map(|signal| signal.expected);
    let day = Day::of(standing.curve);
    let calm = signal.map_or("", |signal| without_alert(chrome, signal));
    vec![
        standing.alert.map_or(calm, |alert| format::level_name(alert.level, language)).to_owned(),
        concern_name(standing.concern, language),
        signal.map_or("", |signal| format::span(signal.span, language)).to_owned(),
        signal.map(|signal| signal.observed.posts.to_string()).unwrap_or_default(),
        number(expected.map(|expected| expected.mean)),
        number(expected.map(|expected| expected.low)),
        number(expected.map(|expected| expected.high)),
        number(signal.and_then(telling_ratio)),
        if day.gaps < HOURS { day.posts.to_string() } else { String::new() },
        standing.concern.department.clone().unwrap_or_default(),
        standing.alert.map_or("", |alert| format::state_name(alert.state, language)).to_owned(),
    ]
}

#[cfg(test)]
mod tests {
    use analyzer::signal::Expected;
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn a_day_adds_up_hours_that_do_not_overlap_and_says_where_some_are_missing() {
        let point = |step: i64, posts| Point {
            at: Timestamp::from_second(step * 600).unwrap(),
            posts,
            expected: Expected { mean: 1.0, low: 0.0, high: 2.0 },
        };
        let full: Vec<Point> = (0..=144).map(|step| point(step, Some(10))).collect();
        assert_eq!(Day::of(&full), Day { posts: 240, gaps: 0 });
        let mut torn = full.clone();
        torn[144].posts = None;
        torn[141].posts = None;
        assert_eq!(
            (Day::of(&torn), Day::of(&torn).told()),
            (Day { posts: 230, gaps: 1 }, "≥ 230".to_owned())
        );
        assert_eq!(Day::of(&[]).told(), "0");
        let dark: Vec<Point> = (0..=144).map(|step| point(step, None)).collect();
        assert_eq!(Day::of(&dark).told(), "—");
    }
}
