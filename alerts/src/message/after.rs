//! What came after an answer, as mails and pages say it: a small table and what it comes to.

use analyzer::effect::interval::Interval;
use analyzer::effect::{Against, Effect, Measured, Unmeasured};
use analyzer::forecast::Unforeseen;
use jiff::SignedDuration;

use super::Language::{self, Chinese, English};
use super::outlook::{between, rounded};
use crate::format;

/// Questions named that go on.
const STILL_ASKED: usize = 3;

/// What came after an answer.
pub struct After {
    /// Heads of the columns: what, before, after.
    pub heads: [String; 3],
    /// One row a figure; empty where nothing can be said.
    pub rows: Vec<[String; 3]>,
    /// What the figures come to, or why there are none.
    pub notes: Vec<String>,
}

/// Words for what came after an answer.
pub(super) fn after(effect: &Measured<Effect>, language: Language) -> After {
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

/// The same in a few words, for a table: `6 小时 0.31 倍（0.26–0.37），明显低于预测`, or that nobody can say yet.
pub fn in_a_cell(effect: &Measured<Effect>, language: Language) -> String {
    let effect = match (effect, language) {
        (Ok(effect), _) => effect,
        (Err(Unmeasured::TooEarly { .. }), Chinese) => return "尚早".to_owned(),
        (Err(Unmeasured::TooEarly { .. }), English) => return "too early".to_owned(),
        (Err(reason), _) => return why(*reason, language),
    };
    let hours = effect.hours;
    let change = match effect.change {
        Ok(change) => {
            let [value, low, high] =
                [change.value, change.low, change.high].map(|ratio| format!("{ratio:.2}"));
            match language {
                Chinese => format!("{hours} 小时 {value} 倍（{low}–{high}）"),
                English => format!("{hours} h: × {value} ({low}–{high})"),
            }
        }
        Err(reason) => why(reason, language),
    };
    let verdict = effect.without.as_ref().ok().map(|without| against(without.verdict, language).to_owned());
    let asked = effect.questions_go_on().then(|| match language {
        Chinese => "仍有人问".to_owned(),
        English => "questions go on".to_owned(),
    });
    let parts: Vec<String> = std::iter::once(change).chain(verdict).chain(asked).collect();
    parts.join(if language == Chinese { "，" } else { ", " })
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

/// Why a figure is not said.
pub(super) fn why(reason: Unmeasured, language: Language) -> String {
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

#[cfg(test)]
mod tests;
