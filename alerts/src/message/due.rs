//! The response clock in words: when an answer is due, how much time is left, or who answered.

use jiff::{SignedDuration, Timestamp};

use super::Language::{self, Chinese, English};
use super::{Matter, sentences};
use crate::alert::Step;
use crate::clock::began;
use crate::format;

/// The response clock in words: `lead`, then `strong`, then `rest`.
#[derive(Default)]
pub struct Due {
    /// Before the moment.
    pub lead: String,
    /// The moment.
    pub strong: String,
    /// After it.
    pub rest: String,
}

/// Who answered and when: of an open alert only what holds for its level.
pub(super) fn answer<'a>(mail: &Matter<'a>) -> Option<(&'a str, Timestamp)> {
    let alert = mail.alert;
    let answer = if alert.is_open() { alert.answer() } else { alert.answers().pop() };
    answer.map(|answer| (answer.by, answer.at))
}

pub(super) fn due(mail: &Matter<'_>, now: Timestamp, language: Language) -> Due {
    let department = mail.concern.department.as_deref().map(|name| format::one_line(name, sentences::NAME));
    let department = match (department, language) {
        (None, _) => String::new(),
        (Some(name), Chinese) => format!("责任单位：{name}。"),
        (Some(name), English) => format!(" Responsible: {name}."),
    };
    let zone = &mail.site.zone;
    if let Some((by, at)) = answer(mail) {
        let moment = format::moment(at, now, zone, language);
        let by = format::one_line(by, sentences::NAME);
        let used = format::duration(at.duration_since(began(mail.alert)).max(SignedDuration::ZERO), language);
        return match language {
            Chinese => {
                Due::new("已回应：", format!("{by} {moment}"), format!("，首次提示后 {used}。{department}"))
            }
            English => Due::new(
                "Answered by ",
                format!("{by} {moment}"),
                format!(", {used} after the first notice.{department}"),
            ),
        };
    }
    if mail.step == Step::Resolved {
        return match language {
            Chinese => Due::new("", String::new(), format!("预警期间没有登记回应。{department}")),
            English => Due::new("", String::new(), format!("No response was registered.{department}")),
        };
    }
    let deadline = mail.alert.deadline;
    if mail.alert.noticed_at().is_none() {
        let given = format::duration(deadline.duration_since(mail.alert.deadline_set_at()), language);
        return match language {
            Chinese => Due::new(
                "回应时限 ",
                format!("首次提示后 {given}"),
                format!("（尚未通知任何人）。{department}"),
            ),
            English => Due::new(
                "Reply due ",
                format!("{given} after the first notice"),
                format!(" (nobody has been told yet).{department}"),
            ),
        };
    }
    let moment = format::moment_with_today(deadline, now, zone, language);
    let allowed = format::duration(deadline.duration_since(began(mail.alert)), language);
    let left = deadline.duration_since(now);
    let length = format::duration(left, language);
    match (language, left.is_negative()) {
        (Chinese, false) => {
            Due::new("回应时限 ", moment, format!("（首次提示起 {allowed}），还剩 {length}。{department}"))
        }
        (Chinese, true) => {
            Due::new("回应时限 ", moment, format!("（首次提示起 {allowed}），已超 {length}。{department}"))
        }
        (English, false) => Due::new(
            "Reply due ",
            moment,
            format!(" ({allowed} after the first notice); {length} left.{department}"),
        ),
        (English, true) => Due::new(
            "Reply due ",
            moment,
            format!(" ({allowed} after the first notice); overdue by {length}.{department}"),
        ),
    }
}

impl Due {
    fn new(lead: &str, strong: String, rest: String) -> Due {
        Due { lead: lead.to_owned(), strong, rest }
    }
}
