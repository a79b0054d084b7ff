//! The record of responses: per department and local month, how many alerts were answered and how soon.
//! Computed from the journal alone; time is an argument.

use std::collections::BTreeMap;

use analyzer::concern::Concern;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::alert::{Alert, State};
use crate::clock::{began, stamps};
use crate::format;
use crate::message::Language;

/// How one department answered the alerts that were raised in one month.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Record {
    /// First day of the local month.
    pub month: Date,
    /// The department of their concerns; `None` where none is named.
    pub department: Option<String>,
    /// Alerts raised, without those judged false alarms.
    pub alerts: usize,
    /// Of these, those that are not answered and whose answer is not due yet: they count nowhere below.
    pub pending: usize,
    /// Those that were answered.
    pub answered: usize,
    /// Those that were answered before the deadline.
    pub in_time: usize,
    /// Median seconds from the first notice until somebody took it; `None` where most were never taken.
    pub median_seconds_to_acknowledge: Option<f64>,
    /// Median seconds from the first notice until the answer; `None` where most were never answered.
    pub median_seconds_to_answer: Option<f64>,
}

/// The records of all months, newest month first, departments by name.
pub fn records(alerts: &[Alert], concerns: &[Concern], zone: &TimeZone, now: Timestamp) -> Vec<Record> {
    let mut groups: BTreeMap<(Date, Option<String>), Vec<Case>> = BTreeMap::new();
    for alert in alerts.iter().filter(|alert| alert.state != State::FalseAlarm) {
        let department = alert.concern_among(concerns).department.clone();
        let month = zone.to_datetime(alert.raised_at).date().first_of_month();
        groups.entry((month, department)).or_default().push(Case::of(alert, now));
    }
    let mut records: Vec<Record> =
        groups.into_iter().map(|((month, department), cases)| record(month, department, &cases)).collect();
    records.sort_by_key(|record| std::cmp::Reverse(record.month));
    records
}

/// The middle one, what never came being infinite; of two in the middle the later one counts, so that a miss
/// is never made up for by a value just below it. `None` where it is infinite.
pub fn median(values: &[Option<f64>]) -> Option<f64> {
    let mut ordered: Vec<f64> = values.iter().map(|value| value.unwrap_or(f64::INFINITY)).collect();
    ordered.sort_by(f64::total_cmp);
    ordered.get(values.len() / 2).copied().filter(|value| value.is_finite())
}

/// The records as sentences, one for each department.
pub fn sentences(records: &[Record], language: Language) -> Vec<String> {
    records.iter().map(|record| sentence(record, language)).collect()
}

/// One alert, as the record counts it. Times are seconds from the first notice.
struct Case {
    taken: Option<f64>,
    answered: Option<f64>,
    in_time: bool,
    is_pending: bool,
}

impl Case {
    fn of(alert: &Alert, now: Timestamp) -> Case {
        let stamps = stamps(alert);
        // An alert whose mail the server never took has been known since that was written, or since it rose.
        let notice = stamps.mailed.unwrap_or_else(|| began(alert));
        let since = |at: Timestamp| at.duration_since(notice).max(SignedDuration::ZERO).as_secs_f64();
        // Whoever answered without taking it first has taken it by that.
        let recorded = alert.answers().first().map(|answer| answer.recorded);
        let taken = stamps.acknowledged.into_iter().chain(recorded).min();
        Case {
            taken: taken.map(since),
            answered: stamps.answered.map(since),
            in_time: stamps.answered.is_some_and(|at| at <= alert.deadline),
            is_pending: stamps.answered.is_none() && alert.is_open() && now < alert.deadline,
        }
    }
}

fn record(month: Date, department: Option<String>, cases: &[Case]) -> Record {
    let due: Vec<&Case> = cases.iter().filter(|case| !case.is_pending).collect();
    let taken: Vec<Option<f64>> = due.iter().map(|case| case.taken).collect();
    let answered: Vec<Option<f64>> = due.iter().map(|case| case.answered).collect();
    Record {
        month,
        department,
        alerts: cases.len(),
        pending: cases.len() - due.len(),
        answered: answered.iter().flatten().count(),
        in_time: due.iter().filter(|case| case.in_time).count(),
        median_seconds_to_acknowledge: median(&taken),
        median_seconds_to_answer: median(&answered),
    }
}

fn sentence(record: &Record, language: Language) -> String {
    let length = |seconds: Option<f64>| {
        seconds.map(|seconds| format::duration(SignedDuration::from_secs(seconds as i64), language))
    };
    let taken = length(record.median_seconds_to_acknowledge);
    let answered = length(record.median_seconds_to_answer);
    let (year, month) = (record.month.year(), record.month.month());
    let Record { alerts, pending, answered: answers, in_time, .. } = record;
    let is_early = alerts == pending;
    match language {
        Language::Chinese => {
            let who = record.department.as_deref().unwrap_or("未定责任单位");
            let never = |length: Option<String>| {
                length.unwrap_or_else(|| if is_early { "尚无" } else { "过半没有" }.to_owned())
            };
            let pending = if *pending > 0 { format!("，未到期 {pending}") } else { String::new() };
            format!(
                "{year} 年 {month} 月回应：{who}，预警 {alerts}，已回应 {answers}，按时 {in_time}{pending}；从首次通知起，认领用时中位数：{}，回应用时中位数：{}。",
                never(taken),
                never(answered)
            )
        }
        Language::English => {
            let who = record.department.as_deref().unwrap_or("no department");
            let never = |length: Option<String>| {
                length.unwrap_or_else(|| if is_early { "none yet" } else { "never for most" }.to_owned())
            };
            let pending = if *pending > 0 { format!(", not due yet {pending}") } else { String::new() };
            format!(
                "Answers in {year}-{month:02}: {who}: alerts {alerts}, answered {answers}, in time {in_time}{pending}; median from the first notice until taken: {}, until answered: {}.",
                never(taken),
                never(answered)
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use analyzer::level::Level;

    use super::*;
    use crate::alert::{AlertId, Event, fold};
    use crate::desk::tests::{at, concern};

    /// An alert of some concern that was mailed a minute after it was raised; `taken` and `answered` are minutes
    /// after the mail, and the answer is due an hour after it was raised.
    fn alert(
        number: u16,
        concern: &str,
        raised: &str,
        (taken, answered): (Option<i64>, Option<i64>),
    ) -> Alert {
        let raised_at = at(raised);
        let mailed = raised_at + SignedDuration::from_mins(1);
        let later = |minutes: i64| mailed + SignedDuration::from_mins(minutes);
        let deadline = raised_at + SignedDuration::from_mins(60);
        let concern = concern.to_owned();
        let level = Level::Yellow;
        let raise =
            Event::Raised { concern, level, onset: raised_at, deadline, first_post: None, under: None };
        let mut events = vec![(raised_at, raise), (mailed, Event::Mailed { message: String::new() })];
        events.extend(taken.map(|minutes| (later(minutes), Event::Acknowledged { by: "值班室".to_owned() })));
        let answer = |at| Event::Responded { by: "市卫健委".to_owned(), url: None, at };
        events.extend(answered.map(|minutes| (later(minutes), answer(later(minutes)))));
        let day = jiff::civil::date(2026, 11, 24);
        fold(AlertId { day, number }, events).unwrap()
    }

    #[test]
    fn months_are_local_and_what_was_never_answered_is_infinite() {
        let mut water = concern("供水");
        water.department = None;
        let concerns = [concern("数据公布"), water];
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let now = at("2026-12-01T00:00:00Z");
        let mut wrong = alert(6, "数据公布", "2026-11-05T00:00:00Z", (None, None));
        wrong.apply(now, Event::FalseAlarm { by: "值班室".to_owned(), reason: "广告".to_owned() });
        let alerts = [
            // Still October in London.
            alert(1, "数据公布", "2026-10-31T17:00:00Z", (Some(5), Some(30))),
            alert(2, "数据公布", "2026-11-02T00:00:00Z", (Some(15), Some(90))),
            alert(3, "数据公布", "2026-11-03T00:00:00Z", (Some(25), None)),
            alert(4, "供水", "2026-11-03T00:00:00Z", (None, Some(40))),
            alert(5, "供水", "2026-11-30T23:50:00Z", (None, None)),
            wrong,
        ];
        let found = records(&alerts, &concerns, &zone, now);
        let lines = sentences(&found, Language::Chinese);
        let expected = [
            "2026 年 12 月回应：未定责任单位，预警 1，已回应 0，按时 0，未到期 1；从首次通知起，认领用时中位数：尚无，回应用时中位数：尚无。",
            "2026 年 11 月回应：未定责任单位，预警 1，已回应 1，按时 1；从首次通知起，认领用时中位数：40 分，回应用时中位数：40 分。",
            "2026 年 11 月回应：市卫健委，预警 3，已回应 2，按时 1；从首次通知起，认领用时中位数：15 分，回应用时中位数：1 小时 30 分。",
        ];
        assert_eq!(lines, expected);
        let later = records(&alerts[2..3], &concerns, &zone, now);
        assert_eq!(later[0].median_seconds_to_answer, None);
        assert_eq!(later[0].median_seconds_to_acknowledge, Some(1500.0));
    }

    #[test]
    fn a_miss_is_infinite_in_the_median_and_of_two_the_later_counts() {
        assert_eq!(median(&[Some(10.0), None, Some(30.0), None, Some(20.0)]), Some(30.0));
        assert_eq!(median(&[Some(10.0), None]), None);
        assert_eq!(median(&[Some(20.0), Some(10.0)]), Some(20.0));
        assert_eq!(median(&[]), None);
    }
}
