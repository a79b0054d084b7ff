//! What offices have said, and what came after it, as mails and pages say it.

use analyzer::agreement::{Difference, Measure, Side};
use analyzer::explain::{Explanation, Statement, StatementKind};
use analyzer::statement::{Answer, Answered, Asking, Basis};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::Language::{self, Chinese, English};
use super::after::{After, after, why};
use super::letter::Cited;
use super::{AlertMail, sentences};
use crate::format;

/// Statements of each kind shown.
const MOST: usize = 5;

/// What offices have said.
pub struct Offices {
    /// Whether they have answered, with the reason.
    pub verdict: String,
    /// Official texts found, newest first.
    pub official: Vec<Cited>,
    /// Titles that report a reply, newest first.
    pub reports: Vec<Cited>,
    /// What came after the answer; `None` without one.
    pub after: Option<After>,
    /// What statements do not say alike.
    pub differences: Vec<Compared>,
}

/// One thing of which statements do not say the same.
pub struct Compared {
    /// `时间：居家隔离`.
    pub title: String,
    /// What each says, newest first.
    pub sides: Vec<Cited>,
}

pub(super) fn offices(mail: &AlertMail<'_>, now: Timestamp, language: Language) -> Offices {
    Offices::of(mail.explanation, &mail.site.zone, now, language)
}

impl Offices {
    /// What an explanation says of offices, as it reads at a moment.
    pub fn of(explanation: &Explanation, zone: &TimeZone, now: Timestamp, language: Language) -> Offices {
        let moment = |at: Timestamp| format::moment(at, now, zone, language);
        let cited = |kind: StatementKind| -> Vec<Cited> {
            let of_kind = explanation.statements.iter().filter(|statement| statement.kind == kind);
            of_kind.take(MOST).map(|statement| cite(statement, &moment, language)).collect()
        };
        let (official, reports) = (cited(StatementKind::Official), cited(StatementKind::Report));
        let none = Answered::NotFound {
            since: None,
            reports: u32::try_from(reports.len()).unwrap_or(u32::MAX),
            earlier: None,
        };
        let verdict = match (&explanation.answered, official.is_empty(), language) {
            (Some(answered), ..) => verdict(answered, &moment, language),
            (None, true, _) => verdict(&none, &moment, language),
            // Evidence of an earlier version lists texts without a verdict on them.
            (None, false, Chinese) => "已找到下列官方信息。".to_owned(),
            (None, false, English) => "Official information was found.".to_owned(),
        };
        Offices {
            verdict,
            official,
            reports,
            after: explanation.effect.as_ref().map(|effect| after(effect, language)),
            differences: explanation.differences.iter().map(|it| compared(it, &moment, language)).collect(),
        }
    }
}

fn cite(statement: &Statement, moment: &dyn Fn(Timestamp) -> String, language: Language) -> Cited {
    Cited {
        text: format::one_line(&statement.title, 100),
        origin: origin(statement.kind, &statement.source, &moment(statement.time), language),
        link: format::link(statement.address.as_deref()),
    }
}

fn origin(kind: StatementKind, source: &str, time: &str, language: Language) -> String {
    let source = format::one_line(source, sentences::NAME);
    match (kind, language) {
        (StatementKind::Official, _) => format!("{source} · {time}"),
        (StatementKind::Report, Chinese) => format!("{source} · {time} · 报道"),
        (StatementKind::Report, English) => format!("{source} · {time} · report"),
    }
}

fn compared(difference: &Difference, moment: &dyn Fn(Timestamp) -> String, language: Language) -> Compared {
    let measure = match (difference.measure, language) {
        (Measure::Duration, Chinese) => "时长",
        (Measure::Date, Chinese) => "日期",
        (Measure::Clock, Chinese) => "时间",
        (Measure::Money, Chinese) => "金额",
        (Measure::Count, Chinese) => "次数",
        (Measure::Condition, Chinese) => "条件",
        (Measure::Duration, English) => "How long",
        (Measure::Date, English) => "Date",
        (Measure::Clock, English) => "Time",
        (Measure::Money, English) => "Money",
        (Measure::Count, English) => "How many",
        (Measure::Condition, English) => "Condition",
    };
    let values: Vec<String> = difference.sides.iter().map(|side| format::one_line(&side.value, 24)).collect();
    let about = format::one_line(&difference.about, 24);
    let title = match language {
        Chinese => format!("{measure}·{about}：{}", values.join(" / ")),
        English => format!("{measure}, {about}: {}", values.join(" / ")),
    };
    let side = |side: &Side| Cited {
        text: format::one_line(&side.sentence, 100),
        origin: origin(side.kind, &side.source, &moment(side.time), language),
        link: format::link(side.address.as_deref()),
    };
    Compared { title, sides: difference.sides.iter().map(side).collect() }
}

/// Whether offices have answered, in a sentence or two.
pub fn verdict(answered: &Answered, moment: &dyn Fn(Timestamp) -> String, language: Language) -> String {
    match answered {
        Answered::NotFound { since, reports, earlier } => {
            not_found((*since, *earlier), *reports, moment, language)
        }
        Answered::Answered { answer, asking } => {
            format!("{}{}", known(answer, moment, language), asked(*asking, language))
        }
        Answered::QuestionsGoOn { answer, before, after, hours } => {
            let (known, counts) =
                (known(answer, moment, language), counts(*before, *after, *hours, language));
            match language {
                Chinese => format!("{known}回应之后仍有人问：{counts}"),
                English => format!("{known} The questions go on: {counts}"),
            }
        }
    }
}

fn not_found(
    (since, earlier): (Option<Timestamp>, Option<Timestamp>),
    reports: u32,
    moment: &dyn Fn(Timestamp) -> String,
    language: Language,
) -> String {
    let since = match (language, since) {
        (Chinese, Some(since)) => format!("{} 以来", moment(since)),
        (English, Some(since)) => format!("since {}", moment(since)),
        (Chinese, None) => "近 24 小时".to_owned(),
        (English, None) => "in the last 24 hours".to_owned(),
    };
    let mut said = match (language, earlier) {
        (Chinese, None) => format!("{since}采集的内容中，未找到与此相符的官方信息。"),
        (English, None) => {
            format!("No matching official information in what was collected {since}.")
        }
        (Chinese, Some(earlier)) => {
            format!("上升以来未找到官方信息；最近的一篇在上升之前（{}）。", moment(earlier))
        }
        (English, Some(earlier)) => {
            format!(
                "No official information since the rise began; the latest is from before it ({}).",
                moment(earlier)
            )
        }
    };
    if reports > 0 {
        said += &match language {
            Chinese => format!("有 {reports} 条标题报道了回应，不是官方原文。"),
            English => format!(" Titles that report a reply, which are no official texts: {reports}."),
        };
    }
    said
}

fn known(answer: &Answer, moment: &dyn Fn(Timestamp) -> String, language: Language) -> String {
    let (by, at) = (format::one_line(&answer.by, sentences::NAME), moment(answer.at));
    match (answer.basis, language) {
        (Basis::Recorded, Chinese) => format!("{by}已于 {at} 回应（人工登记）。"),
        (Basis::Recorded, English) => format!("Answered by {by}, {at} (recorded by hand)."),
        (Basis::Published, Chinese) => format!("{by}已于 {at} 发布官方信息。"),
        (Basis::Published, English) => format!("Answered: {by} published an official text, {at}."),
    }
}

fn asked(asking: Asking, language: Language) -> String {
    match (asking, language) {
        (Asking::Unknown { reason }, Chinese) => {
            format!("之后是否仍有人问还说不准：{}。", why(reason, language))
        }
        (Asking::Unknown { reason }, English) => {
            format!(" Whether the questions go on cannot be said: {}.", why(reason, language))
        }
        (Asking::Few { after }, Chinese) => format!("之后在问的帖很少（{after} 帖）。"),
        (Asking::Few { after }, English) => format!(" Few posts ask after it ({after})."),
        (Asking::Fewer { before, after, hours }, Chinese) => {
            format!("之后问的人少了：{}", counts(before, after, hours, language))
        }
        (Asking::Fewer { before, after, hours }, English) => {
            format!(" Fewer ask after it: {}", counts(before, after, hours, language))
        }
    }
}

fn counts(before: u32, after: u32, hours: u8, language: Language) -> String {
    match language {
        Chinese => format!("此前 {hours} 小时在提问的有 {before} 帖，之后 {hours} 小时有 {after} 帖。"),
        English => {
            format!("{before} posts ask in the {hours} h before it, {after} in the {hours} h after it.")
        }
    }
}

#[cfg(test)]
mod tests;
