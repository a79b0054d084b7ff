//! What offices have said, and what came after it, as mails and pages say it.

use analyzer::agreement::{Difference, Measure, Side};
use analyzer::effect::interval::Interval;
use analyzer::effect::{Against, Effect, Measured, Unmeasured};
use analyzer::explain::{Explanation, Statement, StatementKind};
use analyzer::forecast::Unforeseen;
use analyzer::statement::{Answer, Answered, Asking, Basis};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::Language::{self, Chinese, English};
use super::letter::Cited;
use super::outlook::{between, rounded};
use super::{AlertMail, sentences};
use crate::format;

/// Statements of each kind shown.
const MOST: usize = 5;
/// Questions named that go on.
const STILL_ASKED: usize = 3;

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

/// What came after an answer.
pub struct After {
    /// Heads of the columns: what, before, after.
    pub heads: [String; 3],
    /// One row a figure; empty where nothing can be said.
    pub rows: Vec<[String; 3]>,
    /// What the figures come to, or why there are none.
    pub notes: Vec<String>,
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
        let none =
            Answered::NotFound { reports: u32::try_from(reports.len()).unwrap_or(u32::MAX), earlier: None };
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
        Answered::NotFound { reports, earlier } => not_found(*reports, *earlier, moment, language),
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
    reports: u32,
    earlier: Option<Timestamp>,
    moment: &dyn Fn(Timestamp) -> String,
    language: Language,
) -> String {
    let mut said = match (language, earlier) {
        (Chinese, None) => "近 24 小时采集的内容中，未找到与此相符的官方信息。".to_owned(),
        (English, None) => {
            "No matching official information in what was collected in the last 24 hours.".to_owned()
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

fn why(reason: Unmeasured, language: Language) -> String {
    match (reason, language) {
        (Unmeasured::TooEarly { passed, needed }, Chinese) => {
            format!("才过去 {}，满 {needed} 小时再比较", minutes(passed, language))
        }
        (Unmeasured::TooEarly { passed, needed }, English) => {
            format!("{} have passed, {needed} h are needed", minutes(passed, language))
        }
        (Unmeasured::TooFew { found, needed }, Chinese) => format!("太少（{found}，至少要 {needed}）"),
        (Unmeasured::TooFew { found, needed }, English) => format!("too few ({found} of {needed})"),
        (Unmeasured::Gap, Chinese) => "其间采集不全".to_owned(),
        (Unmeasured::Gap, English) => "not all of that time was collected".to_owned(),
    }
}

fn minutes(minutes: u32, language: Language) -> String {
    format::duration(SignedDuration::from_mins(minutes.into()), language)
}

fn after(effect: &Measured<Effect>, language: Language) -> After {
    match effect {
        Err(reason) => {
            let note = match language {
                Chinese => format!("还说不准：{}。", why(*reason, language)),
                English => format!("Too early or too little to say: {}.", why(*reason, language)),
            };
            After { heads: heads(0, language), rows: Vec::new(), notes: vec![note] }
        }
        Ok(effect) => After {
            heads: heads(effect.hours, language),
            rows: rows(effect, language),
            notes: notes(effect, language),
        },
    }
}

fn heads(hours: u8, language: Language) -> [String; 3] {
    match language {
        Chinese => [String::new(), format!("回应前 {hours} 小时"), format!("回应后 {hours} 小时")],
        English => [String::new(), format!("{hours} h before"), format!("{hours} h after")],
    }
}

fn rows(effect: &Effect, language: Language) -> Vec<[String; 3]> {
    let [posts, shares, pace] = match language {
        Chinese => ["帖数", "提问的占比", "涨落"],
        English => ["Posts", "Share that asks", "Pace"],
    };
    let number = |posts: u32| format::exact(posts.into());
    let mut rows = vec![[posts.to_owned(), number(effect.posts.0), number(effect.posts.1)]];
    rows.push(match &effect.share {
        Ok(told) => [shares.to_owned(), percents(told.before), percents(told.after)],
        Err(reason) => [shares.to_owned(), why(*reason, language), why(*reason, language)],
    });
    let told = |pace: &Measured<Interval>| match pace {
        Ok(growth) => in_half_lives(*growth, language),
        Err(reason) => why(*reason, language),
    };
    rows.push([pace.to_owned(), told(&effect.pace.before), told(&effect.pace.after)]);
    rows
}

fn percents(share: Interval) -> String {
    let [value, low, high] =
        [share.value, share.low, share.high].map(|share| format!("{:.0}", share * 100.0));
    format!("{value}%（{low}–{high}%）")
}

/// `每 1.9 小时减半（1.5–2.5）`, `每 3 小时翻倍`; an interval with both signs says neither.
fn in_half_lives(growth: Interval, language: Language) -> String {
    let hours = |rate: f64| format::expected(std::f64::consts::LN_2 / rate.abs());
    let (value, low, high) = (hours(growth.value), hours(growth.high), hours(growth.low));
    match language {
        Chinese if growth.is_under(0.0) => format!("每 {value} 小时减半（{high}–{low}）"),
        Chinese if growth.is_over(0.0) => format!("每 {value} 小时翻倍（{low}–{high}）"),
        English if growth.is_under(0.0) => format!("halved every {value} h ({high}–{low})"),
        English if growth.is_over(0.0) => format!("doubled every {value} h ({low}–{high})"),
        Chinese => "看不出涨落".to_owned(),
        English => "no clear trend".to_owned(),
    }
}

fn notes(effect: &Effect, language: Language) -> Vec<String> {
    let mut notes = vec![against_forecast(effect, language)];
    if let Ok(change) = effect.change {
        let [value, low, high] = [change.value, change.low, change.high].map(|ratio| format!("{ratio:.2}"));
        notes.push(match language {
            Chinese => format!("帖数是此前的 {value} 倍（{low}–{high}）。"),
            English => format!("Posts are {value} times those before ({low}–{high})."),
        });
    }
    if let Ok(shares) = effect.share {
        notes.push(change_of_share(shares.change, language));
    }
    if let Some(rate) = effect.pace.without {
        let pace = in_half_lives(Interval { value: rate, low: rate, high: rate }, language);
        // A forecast's pace is that of its medians: no interval is claimed.
        let pace = pace.split(['（', '(']).next().unwrap_or_default().trim_end().to_owned();
        notes.push(match language {
            Chinese => format!("预测的涨落约为{pace}。"),
            English => format!("The forecast had posts about {pace}."),
        });
    }
    notes.extend(still_asked(effect, language));
    notes.push(match language {
        Chinese => "括号内是九成五区间。这里只说前后发生了什么，不说明原因。".to_owned(),
        English => "Ranges hold nineteen times in twenty. This says what happened, not why.".to_owned(),
    });
    notes
}

fn change_of_share(change: Interval, language: Language) -> String {
    let points = |share: f64| format!("{:.0}", share * 100.0);
    let (low, high) = (points(change.low), points(change.high));
    match language {
        Chinese if change.is_under(0.0) => format!("提问的占比下降（{low} 到 {high} 个百分点）。"),
        Chinese if change.is_over(0.0) => format!("提问的占比上升（{low} 到 {high} 个百分点）。"),
        Chinese => format!("提问的占比看不出变化（{low} 到 {high} 个百分点）。"),
        English if change.is_under(0.0) => {
            format!("The share that asks has fallen ({low} to {high} points).")
        }
        English if change.is_over(0.0) => format!("The share that asks has risen ({low} to {high} points)."),
        English => format!("No change of the share that asks can be told ({low} to {high} points)."),
    }
}

/// `没有回应时预测约 520 帖（八成可能 380–700），实际 170 帖：明显低于预测。`
fn against_forecast(effect: &Effect, language: Language) -> String {
    let without = match &effect.without {
        Ok(without) => without,
        Err(reason) => return unforeseen(*reason, effect, language),
    };
    let (median, likely) = (rounded(without.forecast.median), between(without.forecast.likely));
    let posts = format::exact(effect.posts.1.into());
    let verdict = against(without.verdict, language);
    match language {
        Chinese => format!("回应时的预测约 {median} 帖（八成可能 {likely}），实际 {posts} 帖：{verdict}。"),
        English => format!(
            "The forecast made at the answer: about {median} posts (80 % likely {likely}); {posts} came: {verdict}."
        ),
    }
}

/// How a count lies to its forecast.
pub(crate) fn against(verdict: Against, language: Language) -> &'static str {
    match (verdict, language) {
        (Against::FarBelow, Chinese) => "明显低于预测",
        (Against::Below, Chinese) => "低于预测",
        (Against::Within, Chinese) => "与预测相符",
        (Against::Above, Chinese) => "高于预测",
        (Against::FarAbove, Chinese) => "明显高于预测",
        (Against::FarBelow, English) => "far fewer than forecast",
        (Against::Below, English) => "fewer than forecast",
        (Against::Within, English) => "as forecast",
        (Against::Above, English) => "more than forecast",
        (Against::FarAbove, English) => "far more than forecast",
    }
}

fn unforeseen(reason: Unforeseen, effect: &Effect, language: Language) -> String {
    let usual = format::expected(effect.usual);
    match (reason, language) {
        (Unforeseen::Gap, Chinese) => format!("回应前采集不全，没有预测可比；往常 {usual} 帖。"),
        (Unforeseen::Gap, English) => {
            format!("Not enough was collected before the answer for a forecast; {usual} posts are usual.")
        }
        (_, Chinese) => format!("帖数太少，没有预测可比；往常 {usual} 帖。"),
        (_, English) => format!("Too few posts for a forecast to compare with; {usual} posts are usual."),
    }
}

fn still_asked(effect: &Effect, language: Language) -> Option<String> {
    let asks = effect.still_asked.iter().filter(|ask| ask.posts > 0).take(STILL_ASKED);
    let ask = |(label, posts): (String, u32)| match language {
        Chinese => format!("{label}（{posts} 帖）"),
        English => format!("{label} ({posts})"),
    };
    let told: Vec<String> = asks.map(|it| (format::one_line(&it.label, 60), it.posts)).map(ask).collect();
    match language {
        _ if told.is_empty() => None,
        Chinese => Some(format!("之后仍在问：{}。", told.join("、"))),
        English => Some(format!("Still asked: {}.", told.join(", "))),
    }
}

#[cfg(test)]
mod tests;
