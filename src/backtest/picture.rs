//! A replay as one picture: incidents as spans on top, a row for each concern with its counts in grey and its
//! alerts in the colours of their levels. SVG without scripts, fonts or links.

use std::fmt::Write;

use alerts::format;
use alerts::message::Language;
use analyzer::level::Level;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::incident::Incident;
use super::score::{Counted, Score};
use super::{Outcome, Raised, Series};

const WIDTH: f64 = 1400.0;
const LEFT: f64 = 170.0;
const RIGHT: f64 = 76.0;
/// Height of a row of a concern, and of a lane of incidents.
const ROW: f64 = 34.0;
const LANE: f64 = 17.0;
/// Counts are summed over columns of so many units of width.
const COLUMN: f64 = 3.0;
/// Months are named where a month is at least so wide, else years; days where they are.
const LABEL: f64 = 44.0;
/// An alert is never drawn narrower.
const NARROWEST: f64 = 3.0;

/// Everything the picture shows.
pub(crate) struct Lane<'a> {
    /// Alerts and counts.
    pub outcome: &'a Outcome,
    /// Incidents.
    pub incidents: &'a [Incident],
    /// How the alerts did against them.
    pub score: &'a Score,
    /// From when to when.
    pub counted: &'a Counted,
    /// Zone of the axis.
    pub zone: &'a TimeZone,
    /// Language of our words.
    pub language: Language,
}

/// Draws it.
pub(crate) fn picture(lane: &Lane<'_>) -> String {
    let lanes = lane.lanes();
    let rows = lane.rows();
    let incidents_top = 78.0;
    let depth = lanes.iter().map(|(depth, _)| depth + 1).max().unwrap_or(0);
    let rows_top = incidents_top + depth as f64 * LANE + if depth > 0 { 14.0 } else { 0.0 };
    let height = rows_top + rows.len() as f64 * ROW + 34.0;
    let mut out = String::new();
    // Writing into a string never fails.
    let _ = write!(
        out,
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img" font-family="'Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei',sans-serif" font-size="12"><rect width="100%" height="100%" fill="#fff"/>"##
    );
    lane.head(&mut out);
    lane.axis(&mut out, 62.0, height - 26.0);
    for (depth, incident) in &lanes {
        lane.incident(&mut out, incident, incidents_top + *depth as f64 * LANE);
    }
    for (place, row) in rows.iter().enumerate() {
        lane.row(&mut out, row, rows_top + place as f64 * ROW);
    }
    out.push_str("</svg>\n");
    out
}

/// One row: a concern's counts, if it has any, and its alerts.
struct Row<'a> {
    name: String,
    series: Option<&'a Series>,
    alerts: Vec<(usize, &'a Raised)>,
}

impl<'a> Lane<'a> {
    fn say(&self, chinese: &'static str, english: &'static str) -> &'static str {
        match self.language {
            Language::Chinese => chinese,
            Language::English => english,
        }
    }

    fn x(&self, at: Timestamp) -> f64 {
        let whole = self.counted.to.duration_since(self.counted.from).as_secs_f64().max(1.0);
        let share = at.duration_since(self.counted.from).as_secs_f64() / whole;
        LEFT + share.clamp(0.0, 1.0) * (WIDTH - LEFT - RIGHT)
    }

    /// Concerns with posts or alerts, and a row for alerts of nobody's.
    fn rows(&self) -> Vec<Row<'a>> {
        let all = || self.outcome.raised.iter().enumerate();
        let of = |series: &'a Series| Row {
            name: series.name.clone(),
            series: Some(series),
            alerts: all().filter(|(_, raised)| raised.alert.concern == series.concern).collect(),
        };
        let mut rows: Vec<Row<'_>> = self.outcome.series.iter().map(of).collect();
        let is_known =
            |raised: &Raised| self.outcome.series.iter().any(|series| series.concern == raised.alert.concern);
        let others: Vec<_> = all().filter(|(_, raised)| !is_known(raised)).collect();
        rows.retain(|row| {
            !row.alerts.is_empty() || row.series.is_some_and(|series| !series.counts.is_empty())
        });
        if !others.is_empty() {
            let name = self.say("新话题", "new topics").to_owned();
            rows.push(Row { name, series: None, alerts: others });
        }
        rows
    }

    /// Incidents in lanes, so that none covers another or its name.
    fn lanes(&self) -> Vec<(usize, &'a Incident)> {
        let mut ends: Vec<f64> = Vec::new();
        let mut lanes = Vec::new();
        let within =
            |incident: &&Incident| self.counted.from <= incident.to && incident.from <= self.counted.to;
        let mut incidents: Vec<&Incident> = self.incidents.iter().filter(within).collect();
        incidents.sort_by_key(|incident| incident.from);
        for incident in incidents {
            let (from, to) = (self.x(incident.from), self.x(incident.to));
            let end = f64::max(to, named_from(incident, from, to) + letters(incident)) + 6.0;
            let depth = ends.iter().position(|taken| *taken < from).unwrap_or(ends.len());
            match ends.get_mut(depth) {
                Some(taken) => *taken = end,
                None => ends.push(end),
            }
            lanes.push((depth, incident));
        }
        lanes
    }

    fn head(&self, out: &mut String) {
        let score = self.score;
        let title = match self.language {
            Language::Chinese => format!(
                "回放：预警 {} 次，每周 {:.1} 次；事件 {} 个，发现 {:.0} %，顶点之前 {:.0} %",
                score.alerts,
                score.alerts_a_week,
                score.incidents,
                100.0 * score.recall,
                100.0 * score.recall_before_peak
            ),
            Language::English => format!(
                "Replay: {} alerts, {:.1} a week; {} incidents, {:.0} % caught, {:.0} % before the peak",
                score.alerts,
                score.alerts_a_week,
                score.incidents,
                100.0 * score.recall,
                100.0 * score.recall_before_peak
            ),
        };
        let _ = write!(
            out,
            r##"<text x="16" y="26" font-size="17" font-weight="600" fill="#1b2733">{}</text>"##,
            escaped(&title)
        );
        let mut x = 16.0;
        for level in Level::ALL {
            let name = format::level_name(level, self.language);
            let text = format!("{name} {}", self.outcome.of_level(level));
            let _ = write!(
                out,
                r##"<rect x="{x}" y="37" width="10" height="10" rx="2" fill="{}"/><text x="{}" y="46.5" fill="#3d4b58">{}</text>"##,
                colour(level),
                x + 15.0,
                escaped(&text)
            );
            x += 34.0 + 9.0 * text.chars().count() as f64;
        }
        for (fill, edge, text) in [
            ("#dcefe1", "#2c7a4b", self.say("已发现的事件", "incident caught")),
            ("#fff", "#b3261e", self.say("漏掉的事件", "incident missed")),
            ("#f2f2f2", "#b5bcc3", self.say("不计入", "does not count")),
            ("#d5dbe1", "#d5dbe1", self.say("帖数", "posts")),
        ] {
            let _ = write!(
                out,
                r##"<rect x="{x}" y="37" width="16" height="10" rx="2" fill="{fill}" stroke="{edge}"/><text x="{}" y="46.5" fill="#3d4b58">{}</text>"##,
                x + 21.0,
                escaped(text)
            );
            x += 40.0 + 11.0 * text.chars().count() as f64;
        }
    }

    /// Lines at months or days, and what is left out as a grey band.
    fn axis(&self, out: &mut String, top: f64, bottom: f64) {
        for (from, to) in &self.counted.without {
            let (from, to) = (self.x(*from), self.x(*to));
            let _ = write!(
                out,
                r##"<rect x="{from:.1}" y="{top}" width="{:.1}" height="{:.1}" fill="#f2f2f2"/>"##,
                (to - from).max(0.0),
                bottom - top
            );
        }
        for (at, label) in self.ticks() {
            let x = self.x(at);
            let _ = write!(
                out,
                r##"<path d="M{x:.1} {top}V{bottom}" stroke="#e3e7eb"/><text x="{:.1}" y="{:.1}" fill="#5b6874" font-size="11">{label}</text>"##,
                x + 3.0,
                top + 9.0
            );
            let _ = write!(
                out,
                r##"<text x="{:.1}" y="{:.1}" fill="#5b6874" font-size="11">{label}</text>"##,
                x + 3.0,
                bottom + 14.0
            );
        }
    }

    /// Days where there is room for their names, else every so many days, else months.
    fn ticks(&self) -> Vec<(Timestamp, String)> {
        let local = |at: Timestamp| self.zone.to_datetime(at).date();
        let (first, last) = (local(self.counted.from), local(self.counted.to));
        let days = self.counted.to.duration_since(self.counted.from).as_hours() as f64 / 24.0;
        let a_day = (WIDTH - LEFT - RIGHT) / days.max(1.0);
        let every = [1, 2, 7, 14].into_iter().find(|days| f64::from(*days) * a_day >= LABEL);
        let mut ticks = Vec::new();
        let mut day = if every.is_some() { first } else { first.first_of_month() };
        while day <= last {
            let label = if every.is_some() {
                format!("{:02}-{:02}", day.month(), day.day())
            } else {
                format!("{}-{:02}", day.year(), day.month())
            };
            if let Ok(at) = self.zone.to_timestamp(day.at(0, 0, 0, 0)) {
                ticks.push((at, label));
            }
            let Some(next) = next(day, every) else { break };
            day = next;
        }
        ticks.retain(|(at, _)| self.counted.from <= *at && *at < self.counted.to);
        ticks
    }

    fn incident(&self, out: &mut String, incident: &Incident, top: f64) {
        let caught = self.score.caught.iter().find(|caught| caught.incident == incident.id);
        let is_missed = self.score.missed.contains(&incident.id);
        let (fill, edge) = match (caught, is_missed) {
            (Some(_), _) => ("#dcefe1", "#2c7a4b"),
            (None, true) => ("#fff", "#b3261e"),
            (None, false) => ("#f2f2f2", "#b5bcc3"),
        };
        let (from, to) = (self.x(incident.from), self.x(incident.to));
        let _ = write!(
            out,
            r##"<rect x="{from:.1}" y="{top:.1}" width="{:.1}" height="{}" rx="2" fill="{fill}" stroke="{edge}"/>"##,
            (to - from).max(NARROWEST),
            LANE - 4.0
        );
        if let Some(peak) = incident.peak {
            let _ = write!(
                out,
                r##"<path d="M{:.1} {top:.1}v{}" stroke="{edge}" stroke-dasharray="2 2"/>"##,
                self.x(peak),
                LANE - 4.0
            );
        }
        if let Some(caught) = caught {
            let _ = write!(
                out,
                r##"<path d="M{:.1} {top:.1}l4 6.5l-4 6.5z" fill="{edge}"/>"##,
                self.x(caught.at)
            );
        }
        let _ = write!(
            out,
            r##"<text x="{:.1}" y="{:.1}" fill="#1b2733" font-size="10.5">{}</text>"##,
            named_from(incident, from, to),
            top + 10.0,
            escaped(&incident.id)
        );
    }

    fn row(&self, out: &mut String, row: &Row<'_>, top: f64) {
        let base = top + ROW - 6.0;
        let _ = write!(
            out,
            r##"<path d="M{LEFT} {base:.1}H{}" stroke="#c9d0d7"/><text x="16" y="{:.1}" fill="#1b2733" font-size="12.5">{}</text>"##,
            WIDTH - RIGHT,
            base - 4.0,
            escaped(&format::one_line(&row.name, 12))
        );
        if let Some(series) = row.series {
            self.counts(out, series, base);
        }
        for (place, raised) in &row.alerts {
            self.alert(out, *place, raised, base);
        }
        let _ = write!(
            out,
            r##"<text x="{:.1}" y="{:.1}" fill="#3d4b58" text-anchor="end">{}</text>"##,
            WIDTH - 14.0,
            base - 4.0,
            row.alerts.len()
        );
    }

    fn counts(&self, out: &mut String, series: &Series, base: f64) {
        let columns = ((WIDTH - LEFT - RIGHT) / COLUMN) as usize + 1;
        let mut sums = vec![0_u32; columns];
        for (bucket, (posts, _)) in &series.counts {
            if bucket.start() >= self.counted.from {
                let column = ((self.x(bucket.start()) - LEFT) / COLUMN) as usize;
                if let Some(sum) = sums.get_mut(column) {
                    *sum += posts;
                }
            }
        }
        let most = sums.iter().copied().max().unwrap_or(0);
        if most == 0 {
            return;
        }
        out.push_str(r##"<path fill="#d5dbe1" d=""##);
        for (column, sum) in sums.iter().enumerate().filter(|(_, sum)| **sum > 0) {
            let height = (ROW - 9.0) * f64::from(*sum) / f64::from(most);
            let x = LEFT + column as f64 * COLUMN;
            let _ = write!(out, "M{x:.1} {base:.1}v-{height:.1}h{COLUMN}v{height:.1}z");
        }
        out.push_str(r##""/>"##);
        let _ = write!(
            out,
            r##"<text x="{:.1}" y="{:.1}" fill="#8693a0" font-size="9.5" text-anchor="end">{most}</text>"##,
            LEFT - 5.0,
            base - ROW + 15.0
        );
    }

    /// A full bar is about a marked incident, a hollow one about none.
    fn alert(&self, out: &mut String, place: usize, raised: &Raised, base: f64) {
        let alert = &raised.alert;
        let ends = alert.closed_at.unwrap_or(self.counted.to);
        let from = self.x(alert.raised_at);
        let width = (self.x(ends) - from).max(NARROWEST);
        let is_elsewhere = self.score.verdicts.get(place) == Some(&Some(false));
        let is_hollow = is_elsewhere && !self.incidents.is_empty();
        let _ = write!(
            out,
            r##"<rect x="{from:.1}" y="{:.1}" width="{width:.1}" height="{}" fill="{}" fill-opacity="{}"><title>{}</title></rect>"##,
            base - ROW + 9.0,
            ROW - 9.0,
            colour(alert.highest),
            if is_hollow { "0.55" } else { "0.95" },
            escaped(&format!(
                "{} {} {}",
                alert.id.short(),
                raised.name,
                raised.titles.first().map_or("", String::as_str)
            ))
        );
    }
}

/// The name stands within the span if there is room, else behind it.
fn named_from(incident: &Incident, from: f64, to: f64) -> f64 {
    if letters(incident) + 12.0 <= to - from { from + 7.0 } else { f64::max(to, from + NARROWEST) + 4.0 }
}

fn letters(incident: &Incident) -> f64 {
    incident.id.chars().map(|letter| if letter.is_ascii() { 6.2 } else { 10.8 }).sum()
}

fn next(day: Date, every: Option<i32>) -> Option<Date> {
    let step = every.map_or(1.month(), |days| days.days());
    day.checked_add(step).ok()
}

fn colour(level: Level) -> &'static str {
    match level {
        Level::Blue => "#1f5fb8",
        Level::Yellow => "#f7cf2e",
        Level::Orange => "#ef8a1f",
        Level::Red => "#be1520",
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
