//! The archive of digests: one line a day, with what that day brought.

use alerts::alert::Alert;
use alerts::message::Language;
use askama::Template;
use jiff::civil::{Date, Weekday};
use jiff::{Timestamp, ToSpan};

use super::{Badge, Chrome, set};

/// Days on a page.
pub(crate) const DAYS: i32 = 31;

/// Everything the archive is made from.
pub(crate) struct DigestsData<'a> {
    /// Every alert.
    pub(crate) alerts: &'a [Alert],
    /// What the digest of a day tells of, from and to; none of days that no calendar has.
    pub(crate) span: &'a dyn Fn(Date) -> Option<(Timestamp, Timestamp)>,
    /// The newest day listed.
    pub(crate) newest: Date,
    /// The day of the oldest post: before it there is nothing to tell.
    pub(crate) oldest: Date,
    /// When the week is told; Monday if it is never mailed.
    pub(crate) weekly: Weekday,
}

struct Row {
    link: String,
    day: String,
    alerts: String,
    badge: Option<Badge>,
    docx: String,
    week: Option<String>,
}

#[derive(Template)]
#[template(path = "digests.html")]
struct DigestsHtml<'a> {
    chrome: &'a Chrome,
    rows: Vec<Row>,
    earlier: Option<String>,
}

/// Sets the archive.
pub(crate) fn digests_page(chrome: &Chrome, data: &DigestsData<'_>) -> String {
    let days = (0..DAYS).map(|back| data.newest.saturating_sub(back.days()));
    let rows = days.take_while(|day| *day >= data.oldest).map(|day| row(chrome, data, day)).collect();
    let before = data.newest.saturating_sub(DAYS.days());
    let earlier = (before >= data.oldest).then(|| chrome.to(&format!("/digests?until={before}")));
    set(DigestsHtml { chrome, rows, earlier })
}

fn row(chrome: &Chrome, data: &DigestsData<'_>, day: Date) -> Row {
    let span = (data.span)(day);
    let of_day = |at: Timestamp| span.is_some_and(|(from, to)| from <= at && at < to);
    let raised: Vec<&Alert> = data.alerts.iter().filter(|alert| of_day(alert.raised_at)).collect();
    let highest = raised.iter().map(|alert| alert.highest).max();
    let weekday = match (chrome.language, day.weekday()) {
        (Language::Chinese, weekday) => ["一", "二", "三", "四", "五", "六", "日"]
            .get(weekday.to_monday_zero_offset() as usize)
            .map_or(String::new(), |it| format!("星期{it}")),
        (Language::English, _) => day.strftime("%A").to_string(),
    };
    let date = match chrome.language {
        Language::Chinese => format!("{}年{}月{}日 {weekday}", day.year(), day.month(), day.day()),
        Language::English => format!("{weekday}, {day}"),
    };
    let alerts = match (chrome.language, raised.len()) {
        (Language::Chinese, 0) => "没有新预警".to_owned(),
        (Language::Chinese, count) => format!("新预警 {count} 次，最高"),
        (Language::English, 0) => "no new alert".to_owned(),
        (Language::English, count) => format!("new alerts: {count}, highest"),
    };
    Row {
        link: chrome.to(&format!("/digest/{day}")),
        day: date,
        alerts,
        badge: highest.map(|level| Badge::of(level, chrome.language)),
        docx: chrome.to(&format!("/digest/{day}.docx")),
        week: (day.weekday() == data.weekly).then(|| chrome.to(&format!("/digest/week/{day}"))),
    }
}
