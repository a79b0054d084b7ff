//! How the alerts of the last week were answered, against their deadlines.

use alerts::alert::{Alert, State};
use alerts::clock::{began, stamps};
use alerts::format;
use alerts::message::{Language, concern_name};
use alerts::record::median;
use jiff::SignedDuration;

use super::super::Chrome;
use super::OverviewData;

/// Alerts listed; the others are counted.
const LISTED: usize = 10;
/// The deadline stands at so much of the bar's width; what is beyond it is late.
const DUE_AT: i64 = 92;

/// The panel; there is none while no alert was raised.
pub(super) struct Replies {
    pub(super) finding: String,
    pub(super) note: String,
    pub(super) rows: Vec<Row>,
}

pub(super) struct Row {
    pub(super) name: String,
    pub(super) link: String,
    pub(super) date: String,
    pub(super) took: String,
    /// Said before the time it took.
    pub(super) mark: &'static str,
    pub(super) is_late: bool,
    pub(super) allowed: String,
    /// Width of the bar, of 100.
    pub(super) width: i64,
}

/// One alert with its clock.
struct Case<'a> {
    alert: &'a Alert,
    allowed: SignedDuration,
    /// Until the answer, or until now while there is none.
    took: SignedDuration,
    how: How,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    InTime,
    Late,
    /// No answer, and there is still time for one.
    Waiting,
    /// No answer, and the time for one is over, or the alert was closed without one.
    Never,
}

impl Replies {
    pub(super) fn of(chrome: &Chrome, data: &OverviewData<'_>) -> Option<Replies> {
        let cases: Vec<Case<'_>> = data
            .lately
            .iter()
            .filter(|alert| alert.state != State::FalseAlarm)
            .map(|alert| Case::of(alert, chrome.now))
            .collect();
        if cases.is_empty() {
            return None;
        }
        let rows = cases.iter().take(LISTED).map(|case| case.row(chrome, data)).collect();
        Some(Replies { finding: finding(&cases, chrome.language), note: note(&cases, chrome.language), rows })
    }
}

impl Case<'_> {
    fn of(alert: &Alert, now: jiff::Timestamp) -> Case<'_> {
        let answered = stamps(alert).answered;
        let end = answered.or(alert.closed_at).unwrap_or(now);
        let how = match answered {
            Some(at) if at <= alert.deadline => How::InTime,
            Some(_) => How::Late,
            None if alert.is_open() && now < alert.deadline => How::Waiting,
            None => How::Never,
        };
        Case {
            alert,
            allowed: alert.deadline.duration_since(began(alert)).max(SignedDuration::from_secs(1)),
            took: end.duration_since(began(alert)).max(SignedDuration::ZERO),
            how,
        }
    }

    fn row(&self, chrome: &Chrome, data: &OverviewData<'_>) -> Row {
        let Case { alert, allowed, took, how } = self;
        let concern = alert.concern_among(data.standings.iter().map(|one| one.concern));
        let took_words = format::duration(*took, chrome.language);
        let width = (took.as_secs().saturating_mul(DUE_AT) / allowed.as_secs()).clamp(1, 100);
        let late = chrome.say("超时 ", "late: ");
        let (mark, took) = match how {
            How::InTime => ("", took_words),
            How::Late => (late, took_words),
            How::Waiting => (chrome.say("未回应 ", "waits: "), took_words),
            How::Never if alert.is_open() => (chrome.say("超时未回应 ", "overdue: "), took_words),
            How::Never => (chrome.say("关闭前未回应", "closed without an answer"), String::new()),
        };
        Row {
            name: concern_name(&concern, chrome.language),
            link: chrome.to(&format!("/a/{}", alert.id)),
            date: format::date(alert.raised_at, chrome.now, &data.site.zone, chrome.language),
            took,
            mark,
            is_late: matches!(how, How::Late | How::Never),
            allowed: format::duration(*allowed, chrome.language),
            width: if *how == How::Never && !alert.is_open() { 0 } else { width },
        }
    }
}

/// `近 7 天：7 次预警，6 次按时回应，1 次未到期`.
fn finding(cases: &[Case<'_>], language: Language) -> String {
    let count = |how: How| cases.iter().filter(|case| case.how == how).count();
    let (all, in_time, waiting) = (cases.len(), count(How::InTime), count(How::Waiting));
    match language {
        Language::Chinese => {
            let waiting = if waiting > 0 { format!("，{waiting} 次未到期") } else { String::new() };
            format!("近 7 天：{all} 次预警，{in_time} 次按时回应{waiting}")
        }
        Language::English => {
            let waiting = if waiting > 0 { format!(", not due yet {waiting}") } else { String::new() };
            format!("Last 7 days: alerts {all}, answered in time {in_time}{waiting}")
        }
    }
}

/// What the times are, with the median of those that were due: what never came is longer than any other.
fn note(cases: &[Case<'_>], language: Language) -> String {
    let due = cases.iter().filter(|case| case.how != How::Waiting);
    let times: Vec<Option<f64>> =
        due.map(|case| (case.how != How::Never).then(|| case.took.as_secs_f64())).collect();
    let length = |seconds: f64| format::duration(SignedDuration::from_secs(seconds as i64), language);
    let middle = median(&times).map(length);
    match (language, middle) {
        (Language::Chinese, Some(middle)) => {
            format!("从首次通知到首次权威回应的用时，中位数 {middle}。竖线为时限。")
        }
        (Language::Chinese, None) => "从首次通知到首次权威回应的用时。竖线为时限。".to_owned(),
        (Language::English, Some(middle)) => {
            format!("From the first notice to the first answer, median {middle}. The mark is the deadline.")
        }
        (Language::English, None) => {
            "From the first notice to the first answer. The mark is the deadline.".to_owned()
        }
    }
}
