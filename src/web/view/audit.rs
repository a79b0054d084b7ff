//! The audit log as a page.

use alerts::audit::Audited;
use alerts::format;
use alerts::message::Language;
use askama::Template;
use jiff::tz::TimeZone;

use super::{Chrome, set};

/// What the page shows.
pub(crate) struct AuditData<'a> {
    /// The lines, newest first.
    pub(crate) lines: &'a [Audited],
    /// The installation's zone.
    pub(crate) zone: &'a TimeZone,
    /// Whether older ones may follow.
    pub(crate) is_full: bool,
}

#[derive(Template)]
#[template(path = "audit.html")]
struct AuditHtml<'a> {
    chrome: &'a Chrome,
    title: &'static str,
    note: &'static str,
    heads: [&'static str; 4],
    none: &'static str,
    rows: Vec<Row>,
    older: Option<(String, &'static str)>,
}

struct Row {
    time: String,
    post: String,
    deed: String,
    subject: String,
}

/// Who did what.
pub(crate) fn audit_page(chrome: &Chrome, data: &AuditData<'_>) -> String {
    let is_chinese = chrome.language == Language::Chinese;
    let (title, note, heads, none, unknown, older) = if is_chinese {
        let note = "登录、对预警的处置，以及账号、信源、设置的变动。只记岗位，不记地址；保存期同预警。";
        ("操作记录", note, ["时间", "岗位", "操作", "对象"], "还没有记录。", "（没有这个账号）", "更早的")
    } else {
        let note = "Logins, what was done with alerts, changes of accounts, sources and settings. Posts held and no addresses; kept as long as alerts.";
        let heads = ["Time", "Post", "Action", "Subject"];
        ("Audit log", note, heads, "Nothing yet.", "(no such account)", "Older")
    };
    let row = |line: &Audited| Row {
        time: format::full_date_time(line.time, data.zone, chrome.language),
        post: if line.post.is_empty() { unknown.to_owned() } else { format::one_line(&line.post, 40) },
        deed: chrome.language.say(&line.deed.name()).to_owned(),
        subject: format::one_line(&line.subject, 60),
    };
    let last = data.lines.last().filter(|_| data.is_full);
    let older = last.map(|line| (chrome.to(&format!("/audit?before={}", line.id)), older));
    set(AuditHtml { chrome, title, note, heads, none, rows: data.lines.iter().map(row).collect(), older })
}
