//! What has happened to an alert, a line each, mails in between left out.

use alerts::alert::{Alert, Event, Step};
use alerts::format;
use alerts::message::{Language, Site};
use analyzer::level::Level;
use jiff::Timestamp;

use super::acts::may_take;
use super::{Badge, Chrome};

/// Class suffix of what has not happened yet.
const AHEAD: &str = "ahead";

/// One thing that happened.
pub(super) struct LogLine {
    pub(super) time: String,
    /// Class suffix of its dot.
    pub(super) class: &'static str,
    pub(super) text: String,
    /// What was done about it at once; may be empty.
    pub(super) note: String,
    /// Where it can be read; may be none.
    pub(super) link: Option<String>,
}

/// What has happened to an alert, oldest first.
pub(super) fn log(chrome: &Chrome, site: &Site, alert: &Alert) -> Vec<LogLine> {
    let zone = &site.zone;
    let clock = |at: Timestamp| format::moment(at, chrome.now, zone, chrome.language);
    let mut before = None;
    let mut lines: Vec<LogLine> = Vec::new();
    for (at, event) in &alert.events {
        let Some((class, text)) = said(event, &mut before, chrome.language, &clock) else { continue };
        let (time, is_mail) = (clock(*at), matches!(event, Event::Mailed { .. }));
        match lines.last_mut() {
            Some(last) if is_mail && last.time == time => last.note = text,
            // One mail goes to many addresses: that is said once.
            Some(last) if last.text == text => {}
            _ => lines.push(LogLine { time, class, text, note: String::new(), link: place(event) }),
        }
    }
    lines
}

/// The same, with what is still to come.
pub(super) fn course(chrome: &Chrome, site: &Site, alert: &Alert) -> Vec<LogLine> {
    let waits = [
        (may_take(alert), chrome.say("待认领", "to be taken on")),
        (alert.is_open() && alert.answered_at().is_none(), chrome.say("待首次回应", "to be answered")),
    ];
    let ahead = waits.into_iter().filter(|(is_awaited, _)| *is_awaited);
    let ahead = ahead.map(|(_, text)| LogLine {
        time: String::new(),
        class: AHEAD,
        text: text.to_owned(),
        note: String::new(),
        link: None,
    });
    log(chrome, site, alert).into_iter().chain(ahead).collect()
}

/// Where an answer was published.
fn place(event: &Event) -> Option<String> {
    let Event::Responded { url, .. } = event else { return None };
    format::link(url.as_deref())
}

/// What an event says, with the class of its dot; mails in between are left out.
fn said(
    event: &Event,
    before: &mut Option<Level>,
    language: Language,
    clock: &dyn Fn(Timestamp) -> String,
) -> Option<(&'static str, String)> {
    use Language::{Chinese, English};
    let name = |level: Level| format::level_name(level, language);
    let line = |text: &str| format::one_line(text, 200);
    let mut changed = |level: Level| before.replace(level);
    let text = match (event, language) {
        (Event::Raised { level, .. } | Event::Escalated { level, .. } | Event::Lowered { level }, _) => {
            let text = match (changed(*level), language) {
                (None, Chinese) => format!("提示{}", name(*level)),
                (None, English) => format!("{} notice", name(*level)),
                (Some(old), Chinese) if old > *level => format!("降为{}", name(*level)),
                (Some(old), English) if old > *level => format!("lowered to {}", name(*level)),
                (Some(old), Chinese) if old < *level => format!("升为{}", name(*level)),
                (Some(old), English) if old < *level => format!("raised to {}", name(*level)),
                (Some(_), Chinese) => format!("再次提示{}", name(*level)),
                (Some(_), English) => format!("{} again", name(*level)),
            };
            return Some((Badge::of(*level, language).class, text));
        }
        (Event::Subsiding, Chinese) => "回到预期区间".to_owned(),
        (Event::Subsiding, English) => "back in the expected range".to_owned(),
        (Event::Resolved { by: None }, Chinese) => "自动关闭".to_owned(),
        (Event::Resolved { by: None }, English) => "closed by itself".to_owned(),
        (Event::Resolved { by: Some(by) }, Chinese) => format!("由{}关闭", line(by)),
        (Event::Resolved { by: Some(by) }, English) => format!("closed by {}", line(by)),
        (Event::Acknowledged { by }, Chinese) => format!("{}认领", line(by)),
        (Event::Acknowledged { by }, English) => format!("taken on by {}", line(by)),
        (Event::Responded { by, at, url }, Chinese) => {
            let spoken = if url.is_none() { "（没有网址）" } else { "" };
            format!("登记回应：{} {}{spoken}", line(by), clock(*at))
        }
        (Event::Responded { by, at, url }, English) => {
            let spoken = if url.is_none() { " (no address)" } else { "" };
            format!("answer registered: {} {}{spoken}", line(by), clock(*at))
        }
        (Event::Withdrawn { by, reason }, Chinese) => format!("{}撤回回应：{}", line(by), line(reason)),
        (Event::Withdrawn { by, reason }, English) => {
            format!("answer withdrawn by {}: {}", line(by), line(reason))
        }
        (Event::Muted { by, reason, until }, Chinese) => {
            format!("{}静默至 {}：{}", line(by), clock(*until), line(reason))
        }
        (Event::Muted { by, reason, until }, English) => {
            format!("muted by {} until {}: {}", line(by), clock(*until), line(reason))
        }
        (Event::Noted { by, text }, Chinese) => format!("{}：{}", line(by), line(text)),
        (Event::Noted { by, text }, English) => format!("{}: {}", line(by), line(text)),
        (Event::FalseAlarm { by, reason }, Chinese) => format!("{}标为误报：{}", line(by), line(reason)),
        (Event::FalseAlarm { by, reason }, English) => {
            format!("false alarm ({}): {}", line(by), line(reason))
        }
        (Event::Rated { by, worth }, Chinese) => {
            format!("{}反馈：{}", line(by), format::worth_name(*worth, Chinese))
        }
        (Event::Rated { by, worth }, English) => {
            format!("{} found it {}", line(by), format::worth_name(*worth, English))
        }
        (Event::Mailed { .. }, Chinese) => "邮件已发出".to_owned(),
        (Event::Mailed { .. }, English) => "mail sent".to_owned(),
        (Event::RisenAgain, Chinese) => "再次上升".to_owned(),
        (Event::RisenAgain, English) => "rising again".to_owned(),
        (Event::Refused { .. }, Chinese) => "有邮件被邮件服务器拒收".to_owned(),
        (Event::Refused { .. }, English) => "a mail was refused by the mail server".to_owned(),
        (Event::Held { .. }, Chinese) => "静默时段，待时段结束合并发出".to_owned(),
        (Event::Held { .. }, English) => "quiet hours: told when they end".to_owned(),
        (Event::Inhibited { by }, Chinese) => format!("与预警 {} 的帖文大多相同，不另发信", by.short()),
        (Event::Inhibited { by }, English) => {
            format!("most posts are those of alert {}: no mail of its own", by.short())
        }
        (Event::Unwatched { version }, Chinese) => {
            format!("关切已不在配置里{}", of_version(version, language))
        }
        (Event::Unwatched { version }, English) => {
            format!("its concern is not configured any more{}", of_version(version, language))
        }
        (Event::WatchedAgain { version }, Chinese) => {
            format!("关切又在配置里了，接着计数{}", of_version(version, language))
        }
        (Event::WatchedAgain { version }, English) => {
            format!("its concern is configured again{}", of_version(version, language))
        }
        (Event::Queued { step: Step::Unclaimed, .. }, Chinese) => "无人认领，再次提醒".to_owned(),
        (Event::Queued { step: Step::Unclaimed, .. }, English) => "not taken on: reminded".to_owned(),
        (Event::Queued { step: Step::DueSoon, .. }, Chinese) => "回应时限将到，提醒".to_owned(),
        (Event::Queued { step: Step::DueSoon, .. }, English) => "reply due soon: reminded".to_owned(),
        (Event::Queued { step: Step::Overdue, .. }, Chinese) => "回应时限已过，提醒".to_owned(),
        (Event::Queued { step: Step::Overdue, .. }, English) => "reply overdue: reminded".to_owned(),
        (Event::FirstNotice { .. } | Event::Queued { .. }, _) => return None,
    };
    Some(("none", text))
}

/// `（版本 1a2b3c4d）`.
fn of_version(version: &Option<String>, language: Language) -> String {
    match (version, language) {
        (None, _) => String::new(),
        (Some(version), Language::Chinese) => format!("（版本 {version}）"),
        (Some(version), Language::English) => format!(" (version {version})"),
    }
}
