//! Sentences about people and the clock: who took an alert, who answered, what is due, what has happened when.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::Language::{self, Chinese, English};
use super::{Beside, Matter, sentences};
use crate::alert::{Alert, Event, Recorded, Step};
use crate::clock::stamps as moments;
use crate::format;

/// What people did or the clock brought, and that the concern is gone; empty for mails about a level.
pub(super) fn told(mail: &Matter<'_>, now: Timestamp, language: Language) -> String {
    let parts = [happened(mail, now, language), unwatched(mail.alert, now, &mail.site.zone, language)];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(if language == English { " " } else { "" })
}

/// `11月24日 14:20 起，这项关切不在配置里（版本 1a2b3c4d），观澜不再为它计数。`; empty while its concern is configured.
pub fn unwatched(alert: &Alert, now: Timestamp, zone: &TimeZone, language: Language) -> String {
    let Some(lost) = &alert.unwatched else { return String::new() };
    let since = format::moment(lost.since, now, zone, language);
    let version = lost.version.as_deref();
    let version = version.map(|version| match language {
        Chinese => format!("（版本 {version}）"),
        English => format!(" (version {version})"),
    });
    let version = version.unwrap_or_default();
    match language {
        Chinese => format!("{since} 起，这项关切不在配置里{version}，观澜不再为它计数。"),
        English => {
            format!(
                "Its concern has not been in the configuration since {since}{version} and is not counted."
            )
        }
    }
}

fn happened(mail: &Matter<'_>, now: Timestamp, language: Language) -> String {
    let alert = mail.alert;
    let clock = |at: Timestamp| format::moment(at, now, &mail.site.zone, language);
    let name = |by: &str| format::one_line(by, sentences::NAME);
    let waited = format::duration(waited(alert, now), language);
    let left = format::duration(alert.deadline.duration_since(now).abs(), language);
    match (mail.step, language) {
        (Step::Unclaimed, Chinese) => format!("提示后 {waited}仍无人认领，请一个单位认领。"),
        (Step::Unclaimed, English) => format!("Nobody has taken this on for {waited}."),
        (Step::DueSoon, Chinese) => format!("离回应时限还有 {left}，还没有登记回应。"),
        (Step::DueSoon, English) => format!("A reply is due in {left} and none has been registered."),
        (Step::Overdue, Chinese) => format!("回应时限已过 {left}，还没有登记回应。"),
        (Step::Overdue, English) => format!("The reply is overdue by {left}; none has been registered."),
        (Step::Acknowledged, _) => match (alert.held_by(), language) {
            (Some((by, at)), Chinese) => format!("{} {} 认领。", name(by), clock(at)),
            (Some((by, at)), English) => format!("Taken on by {} at {}.", name(by), clock(at)),
            (None, _) => String::new(),
        },
        (Step::Responded, _) => answered(alert, &clock, language),
        (Step::Withdrawn, _) => withdrawn(alert, &clock, language),
        _ => String::new(),
    }
}

fn answered(alert: &Alert, clock: &dyn Fn(Timestamp) -> String, language: Language) -> String {
    let Some(Recorded { by, url, at, .. }) = alert.answers().pop() else { return String::new() };
    let by = format::one_line(by, sentences::NAME);
    let link = format::link(url);
    let link = link.map(|link| format!(" {link}")).unwrap_or_default();
    let is_late = at > alert.deadline;
    match language {
        Chinese if is_late => format!("{by} {} 已回应，晚于时限。{link}", clock(at)),
        English if is_late => format!("Answered by {by} at {}, after the time limit.{link}", clock(at)),
        Chinese => format!("{by} {} 已回应，计时停止。{link}", clock(at)),
        English => format!("Answered by {by} at {}; the clock has stopped.{link}", clock(at)),
    }
}

fn withdrawn(alert: &Alert, clock: &dyn Fn(Timestamp) -> String, language: Language) -> String {
    let last = alert.events.iter().rev().find_map(|(time, event)| match event {
        Event::Withdrawn { by, reason } => Some((*time, by, reason)),
        _ => None,
    });
    let Some((at, by, reason)) = last else { return String::new() };
    let (by, reason) = (format::one_line(by, sentences::NAME), format::one_line(reason, sentences::REASON));
    let stands = alert.answered_at().is_some();
    match language {
        Chinese if stands => format!("{by} {} 撤回了最后登记的回应：{reason}。此前的回应仍有效。", clock(at)),
        Chinese => format!("{by} {} 撤回了登记的回应：{reason}。计时继续，仍待回应。", clock(at)),
        English if stands => {
            format!("{by} withdrew the last answer at {}: {reason}. The one before it stands.", clock(at))
        }
        English => {
            format!(
                "{by} withdrew the answer at {}: {reason}. The clock runs again; a reply is due.",
                clock(at)
            )
        }
    }
}

/// What stands before and after the name in the subject of a mail about the clock.
pub(super) fn subject(mail: &Matter<'_>, language: Language) -> (String, String) {
    let level = format::level_name(mail.alert.level, language);
    let length = match mail.step {
        Step::Unclaimed => waited(mail.alert, mail.now),
        _ => mail.alert.deadline.duration_since(mail.now).abs(),
    };
    let length = format::duration(length, language);
    let (before, after) = match (mail.step, language) {
        (Step::Unclaimed, Chinese) => ("【请认领】", format!("（{level}，已 {length}）")),
        (Step::Unclaimed, English) => ("[NOT TAKEN] ", format!(" ({level}, for {length})")),
        (Step::DueSoon, Chinese) => ("【时限将到】", format!("（{level}，还剩 {length}）")),
        (Step::DueSoon, English) => ("[REPLY DUE] ", format!(" ({level}, {length} left)")),
        (_, Chinese) => ("【已过时限】", format!("（{level}，已过 {length}）")),
        (_, English) => ("[OVERDUE] ", format!(" ({level}, by {length})")),
    };
    (before.to_owned(), after)
}

/// Why a mail about people or the clock was written, in a word.
pub(super) fn change(step: Step, language: Language) -> Option<&'static str> {
    let words = match step {
        Step::Unclaimed => ("无人认领", "not taken on"),
        Step::DueSoon => ("回应时限将到", "reply due soon"),
        Step::Overdue => ("已过回应时限", "reply overdue"),
        Step::Acknowledged => ("有人认领", "taken on"),
        Step::Responded => ("已登记回应", "answered"),
        Step::Withdrawn => ("回应已撤回", "answer withdrawn"),
        Step::Raised | Step::Escalated | Step::Resolved | Step::Gathered => return None,
    };
    Some(if language == Chinese { words.0 } else { words.1 })
}

/// `首帖 13:02，发现 13:15，发信 13:15，认领 13:22，回应 16:10，回落 18:40。`: what has come so far.
pub(super) fn stamps(alert: &Alert, now: Timestamp, zone: &TimeZone, language: Language) -> String {
    let moments = moments(alert);
    let named = [
        ("首帖", "first post", moments.first_post),
        ("发现", "detected", Some(moments.detected)),
        ("发信", "mailed", moments.mailed),
        ("认领", "taken on", moments.acknowledged),
        ("回应", "answered", moments.answered),
        ("回落", "fell back", moments.fell_back),
    ];
    let came = named.iter().filter_map(|(chinese, english, at)| {
        let at = format::moment((*at)?, now, zone, language);
        Some(if language == Chinese { format!("{chinese} {at}") } else { format!("{english} {at}") })
    });
    let came: Vec<String> = came.collect();
    match language {
        Chinese => format!("{}。", came.join("，")),
        English => format!("So far: {}.", came.join(", ")),
    }
}

/// `“供水水质”也在上升，72% 的帖文同时属于本项，合并提示。`
pub(super) fn beside(beside: &[Beside], language: Language) -> String {
    let named = |other: &Beside| {
        let (name, share) = (format::one_line(&other.name, sentences::NAME), format::percent(other.share));
        match (language, other.is_part) {
            (Chinese, true) => format!("“{name}”也在上升，其 {share} 的帖文同时属于本项，合并提示。"),
            (Chinese, false) => format!("本项 {share} 的帖文同时属于正在上升的“{name}”。"),
            (English, true) => {
                format!(
                    "“{name}” is rising too; {share} of its posts belong here as well, so one mail names both. "
                )
            }
            (English, false) => {
                format!("{share} of these posts belong to “{name}” as well, which is rising too. ")
            }
        }
    };
    beside.iter().map(named).collect::<String>().trim_end().to_owned()
}

/// Since people were last told of a level.
fn waited(alert: &Alert, now: Timestamp) -> SignedDuration {
    let told = alert.current_events().iter().rev().find_map(|(time, event)| match event {
        Event::Queued { step, .. } if step.tells_level() => Some(*time),
        _ => None,
    });
    now.duration_since(told.unwrap_or(alert.raised_at))
}
