//! What a week, or one concern, adds to the digest: days side by side, answers by department, health of
//! the sources.

use std::collections::{BTreeMap, BTreeSet};

use analyzer::digest::ConcernFigures;
use jiff::civil::{Date, Time};
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::content::ExtraTable;
use super::labels::DigestLabels;
use super::{Digest, Scope, answered_by, content, facts};
use crate::alert::Alert;
use crate::clock::{began, stamps};
use crate::format;
use crate::message::Language::{self, Chinese, English};

/// Days side by side at most.
const DAYS: i64 = 7;

pub(super) fn tables(digest: &Digest<'_>, language: Language) -> Vec<ExtraTable> {
    match digest.scope {
        Scope::Day => Vec::new(),
        Scope::Week => vec![trend(digest, language), record(digest, language), health(digest, language)],
        Scope::Concern(_) => vec![trend(digest, language), record(digest, language)],
    }
}

/// Posts of each concern, day by day.
fn trend(digest: &Digest<'_>, language: Language) -> ExtraTable {
    let days = days(digest);
    let mut heads = vec![match language {
        Chinese => "关切".to_owned(),
        English => "Concern".to_owned(),
    }];
    heads.extend(days.iter().map(|(start, _)| {
        let date = digest.site.zone.to_datetime(*start).date();
        match language {
            Chinese => date.strftime("%-m/%-d").to_string(),
            English => date.strftime("%-d %b").to_string(),
        }
    }));
    let row = |figures: &ConcernFigures| {
        let name = content::name(digest, &figures.concern, language);
        let counts = days.iter().map(|(start, end)| posts(figures, *start, *end));
        std::iter::once(name).chain(counts).collect()
    };
    let heard = digest.figures.concerns.iter().filter(|figures| figures.posts > 0);
    let title = match language {
        Chinese => "各项关切逐日帖数",
        English => "Posts of each concern, day by day",
    };
    let until = format::date_time(digest.figures.to, &digest.site.zone, language);
    let note = match (&digest.scope, language) {
        (Scope::Concern(_), Chinese) => {
            format!("每日从零点算起，最后一日到 {until} 为止；“—”表示当日没有采到数据。")
        }
        (Scope::Concern(_), English) => {
            format!("A day begins at midnight, the last ends at {until}; —: no data.")
        }
        (_, Chinese) => "每日从日界算起；“—”表示当日没有采到数据。".to_owned(),
        (_, English) => "A day begins at the digest's boundary; —: no data.".to_owned(),
    };
    ExtraTable { title: title.to_owned(), heads, rows: heard.map(row).collect(), note }
}

/// The days side by side, from and to: those of the digest, or of the calendar where it ends at any time of day.
fn days(digest: &Digest<'_>) -> Vec<(Timestamp, Timestamp)> {
    let (from, to) = (digest.figures.from, digest.figures.to);
    if let Scope::Concern(_) = digest.scope {
        let zone = &digest.site.zone;
        // The end of a day belongs to it.
        let last = zone.to_datetime(to - SignedDuration::from_secs(1)).date();
        let midnight = |date: Date| zone.to_timestamp(date.to_datetime(Time::midnight())).ok();
        let dates = (0..DAYS).rev().map(|back| last.saturating_sub(back.days()));
        let day = |date: Date| Some((midnight(date)?, midnight(date.tomorrow().ok()?)?.min(to)));
        return dates.filter_map(day).filter(|(_, end)| *end > from).collect();
    }
    let day = SignedDuration::from_hours(24);
    let days = ((to.duration_since(from).as_hours() + 23) / 24).clamp(1, DAYS);
    (0..days)
        .rev()
        .map(|back| {
            (to - day * i32::try_from(back + 1).unwrap_or(1), to - day * i32::try_from(back).unwrap_or(0))
        })
        .collect()
}

/// The full hours of a curve of 60-minute counts, added up; `—` without any.
fn posts(figures: &ConcernFigures, from: Timestamp, to: Timestamp) -> String {
    let is_full_hour = |at: Timestamp| at.duration_since(from).as_secs() % 3_600 == 0;
    let hours =
        figures.curve.iter().filter(|point| point.at > from && point.at <= to && is_full_hour(point.at));
    let counts: Vec<u32> = hours.filter_map(|point| point.posts).collect();
    if counts.is_empty() {
        "—".to_owned()
    } else {
        format::exact(counts.iter().map(|posts| u64::from(*posts)).sum())
    }
}

/// Answers by department, with the medians of the times taken.
fn record(digest: &Digest<'_>, language: Language) -> ExtraTable {
    let none = match language {
        Chinese => "（未指定单位）",
        English => "(no department)",
    };
    let department = |alert: &Alert| {
        let concern = alert.concern_among(digest.concerns);
        concern.department.clone().unwrap_or_else(|| none.to_owned())
    };
    let mut by_department: BTreeMap<String, Vec<&Alert>> = BTreeMap::new();
    for alert in facts::alerts(digest) {
        by_department.entry(department(alert)).or_default().push(alert);
    }
    let (title, heads, note) = match language {
        Chinese => (
            "各单位回应情况",
            ["责任单位", "预警", "已回应", "按时", "认领用时（中位数）", "回应用时（中位数）"],
            "用时从首次提示算起，只统计已认领、已登记回应的预警。",
        ),
        English => (
            "Responses by department",
            ["Department", "Alerts", "Answered", "In time", "Median time to take", "Median time to answer"],
            "Times run from the first notice and count alerts taken, or answered, only.",
        ),
    };
    let rows: Vec<_> =
        by_department.iter().map(|(name, alerts)| record_row(digest, name, alerts, language)).collect();
    let note = if rows.is_empty() { DigestLabels::of(language).no_alerts } else { note };
    ExtraTable {
        title: title.to_owned(),
        heads: heads.map(str::to_owned).to_vec(),
        rows,
        note: note.to_owned(),
    }
}

fn record_row(digest: &Digest<'_>, name: &str, alerts: &[&Alert], language: Language) -> Vec<String> {
    let until = digest.figures.to;
    let answers: Vec<SignedDuration> = alerts.iter().filter_map(|alert| answered(alert, until)).collect();
    let taken = |alert: &&&Alert| stamps(alert).acknowledged.map(|at| at.duration_since(began(alert)));
    let in_time = alerts.iter().filter(|alert| answered_in_time(alert, until)).count();
    let shown = |times: Vec<SignedDuration>| {
        median(times).map_or("—".to_owned(), |time| format::duration(time, language))
    };
    vec![
        format::one_line(name, 40),
        alerts.len().to_string(),
        answers.len().to_string(),
        in_time.to_string(),
        shown(alerts.iter().filter_map(|alert| taken(&alert)).collect()),
        shown(answers),
    ]
}

/// Time from the first notice to the first answer registered by then.
fn answered(alert: &Alert, until: Timestamp) -> Option<SignedDuration> {
    answered_by(alert, until).map(|answer| answer.at.duration_since(began(alert)).max(SignedDuration::ZERO))
}

fn answered_in_time(alert: &Alert, until: Timestamp) -> bool {
    answered(alert, until).is_some_and(|time| began(alert) + time <= alert.deadline)
}

/// The middle one; of an even number the earlier of the two in the middle.
fn median(mut times: Vec<SignedDuration>) -> Option<SignedDuration> {
    times.sort_unstable();
    times.get(times.len().checked_sub(1)? / 2).copied()
}

/// Every source that was down, how often and for how long.
fn health(digest: &Digest<'_>, language: Language) -> ExtraTable {
    let span = digest.figures.to.duration_since(digest.figures.from);
    let outages = &digest.figures.outages;
    let sources: BTreeSet<&str> = outages.iter().map(|outage| outage.source.as_str()).collect();
    let mut rows: Vec<(SignedDuration, Vec<String>)> = Vec::new();
    for source in &sources {
        let own: Vec<_> = outages.iter().filter(|outage| outage.source == *source).collect();
        let down: SignedDuration = own.iter().fold(SignedDuration::ZERO, |sum, outage| {
            sum.saturating_add(outage.to.duration_since(outage.from))
        });
        let share = 1.0 - down.as_secs_f64() / span.as_secs_f64().max(1.0);
        let name = own.first().map_or(*source, |outage| outage.name.as_str());
        let cells = vec![
            format::one_line(name, 40),
            own.len().to_string(),
            format::duration(down, language),
            format::percent(share.clamp(0.0, 1.0)),
        ];
        rows.push((down, cells));
    }
    rows.sort_by_key(|(down, _)| std::cmp::Reverse(*down));
    let well = (digest.figures.sources as usize).saturating_sub(sources.len());
    let (title, heads, note) = match language {
        Chinese => (
            "信源运行情况",
            ["信源", "中断次数", "中断时间", "正常时间占比"],
            format!("其余 {well} 个信源全程正常。"),
        ),
        English => (
            "Sources",
            ["Source", "Outages", "Time down", "Time working"],
            format!("The other sources ({well}) worked throughout."),
        ),
    };
    ExtraTable {
        title: title.to_owned(),
        heads: heads.map(str::to_owned).to_vec(),
        rows: rows.into_iter().map(|(_, cells)| cells).collect(),
        note,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::tests::Day;
    use crate::message::sample::at;

    fn weekly(language: Language) -> Vec<ExtraTable> {
        let mut day = Day::lively();
        // The curve covers the last day and the hour before it; all else is a gap.
        day.figures.from = at("18T08:00");
        let digest = Digest { scope: Scope::Week, ..day.digest() };
        tables(&digest, language)
    }

    #[test]
    fn a_week_shows_days_answers_and_sources() {
        let [trend, record, health] = &weekly(Chinese)[..] else { unreachable!() };
        assert_eq!(trend.heads, ["关切", "11/18", "11/19", "11/20", "11/21", "11/22", "11/23", "11/24"]);
        assert_eq!(trend.rows[0][..7], ["数据公布", "—", "—", "—", "—", "—", "15"]);
        assert!(trend.rows[0][7].replace(',', "").parse::<u32>().unwrap() > 500, "{:?}", trend.rows);
        assert_eq!(record.rows.len(), 1);
        assert_eq!(record.rows[0][..4], ["市卫健委", "1", "1", "1"]);
        assert_eq!(health.rows, [["县区网站留言板", "1", "1 小时 15 分", "99%"]]);
        assert_eq!(health.note, "其余 6 个信源全程正常。");
        assert_eq!(weekly(English)[1].heads[0], "Department");
    }

    #[test]
    fn medians_are_times_that_were_really_taken() {
        let times =
            |minutes: &[i64]| minutes.iter().map(|m| SignedDuration::from_mins(*m)).collect::<Vec<_>>();
        assert_eq!(median(Vec::new()), None);
        assert_eq!(median(times(&[9, 1, 5])), Some(SignedDuration::from_mins(5)));
        assert_eq!(median(times(&[9, 1, 5, 7])), Some(SignedDuration::from_mins(5)));
    }
}
