//! Sentences of alert mails and pages, computed from a signal, an alert and the evidence.

use analyzer::concern::Concern;
use analyzer::explain::{Explanation, GroupShare};
use analyzer::intent::IntentCounts;
use analyzer::level::Level;
use analyzer::signal::{Signal, SourceState};
use jiff::Timestamp;

use super::AlertMail;
use super::Language::{self, Chinese, English};
use crate::format;

/// Longest concern name shown.
pub(crate) const NAME: usize = 40;
/// Characters of a reason.
pub(crate) const REASON: usize = 100;

/// Of fewer posts no shares are told.
const FEWEST_FOR_SHARES: u32 = 10;

/// Changes of level told in one sentence: the last ones.
const CHANGES: usize = 5;

/// `数据公布`, `数据公布 (Data disclosure)`.
pub fn concern_name(concern: &Concern, language: Language) -> String {
    let name = format::one_line(&concern.name, NAME);
    match (&concern.name_en, language) {
        (Some(english), English) => format!("{name} ({})", format::one_line(english, NAME)),
        _ => name,
    }
}

/// `219 帖，为预期的 5.1 倍`; too few for a ratio: `4 帖（预期 1）`.
pub fn against_expected(signal: &Signal, language: Language) -> String {
    let posts = signal.observed.posts;
    let number = format::exact(posts.into());
    let expected = format::expected(signal.expected.mean);
    let span = format::span(signal.span, language);
    let ratio_says_something =
        posts >= format::FEWEST_FOR_RATIO && expected != "0" && signal.ratio.is_finite();
    match (language, ratio_says_something) {
        (Chinese, true) => format!("{span} {number} 帖，为预期的 {} 倍", format::ratio(signal.ratio)),
        (Chinese, false) => format!("{span} {number} 帖（预期 {expected}）"),
        (English, true) => {
            format!("{number} posts in {span}, {} times the expected number", format::ratio(signal.ratio))
        }
        (English, false) => format!("{number} posts in {span} ({expected} expected)"),
    }
}

/// `219 帖中 63 帖是相似帖，合并后 156 组，来自 4 个信源；预期 43 帖，区间 23–66。`
pub fn counts(signal: &Signal, language: Language) -> String {
    let seen = signal.observed;
    let number = |count: u32| format::exact(count.into());
    let (posts, copies, voices, sources) =
        (number(seen.posts), number(seen.copies), number(seen.voices), number(seen.sources));
    let mean = format::expected(signal.expected.mean);
    let (low, high) = (format::expected(signal.expected.low), format::expected(signal.expected.high));
    match (language, seen.copies > 0) {
        (Chinese, true) => format!(
            "{posts} 帖中有 {copies} 帖是相似的重复，合并后 {voices} 组，来自 {sources} 个信源；预期 {mean} 帖，区间 {low}–{high}。"
        ),
        (Chinese, false) => {
            format!("{posts} 帖互不相似，来自 {sources} 个信源；预期 {mean} 帖，区间 {low}–{high}。")
        }
        (English, true) => format!(
            "{copies} of the {posts} posts repeat similar ones: {voices} groups, from {sources} sources. Expected {mean}, range {low}–{high}."
        ),
        (English, false) => {
            format!(
                "No two of the {posts} posts are alike; {sources} sources. Expected {mean}, range {low}–{high}."
            )
        }
    }
}

/// `13:15 起上升，13:30 升为黄色，14:00 升为橙色。`
pub(crate) fn rise(
    onset: Timestamp,
    levels: &[(Timestamp, Level)],
    clock: &dyn Fn(Timestamp) -> String,
    language: Language,
) -> String {
    let mut parts = vec![match language {
        Chinese => format!("{} 起上升", clock(onset)),
        English => format!("Rising since {}", clock(onset)),
    }];
    let earlier = levels.len().saturating_sub(CHANGES);
    let mut before = earlier.checked_sub(1).and_then(|index| levels.get(index)).map(|(_, level)| *level);
    for (at, level) in levels.iter().skip(earlier) {
        parts.push(format!("{} {}", clock(*at), level_change(before, *level, language)));
        before = Some(*level);
    }
    match language {
        Chinese => format!("{}。", parts.join("，")),
        English => format!("{}.", parts.join(", ")),
    }
}

/// `提示蓝色`, `升为黄色`, `降为蓝色`.
pub(crate) fn level_change(before: Option<Level>, level: Level, language: Language) -> String {
    let name = format::level_name(level, language);
    match (before, language) {
        (None, Chinese) => format!("提示{name}"),
        (Some(before), Chinese) if before > level => format!("降为{name}"),
        (Some(before), Chinese) if before < level => format!("升为{name}"),
        (Some(_), Chinese) => format!("再次提示{name}"),
        (None, English) => format!("{name} notice"),
        (Some(before), English) if before > level => format!("lowered to {name}"),
        (Some(before), English) if before < level => format!("raised to {name}"),
        (Some(_), English) => format!("{name} again"),
    }
}

/// `微博占 54%，青岚论坛占 28%。`; empty without posts.
pub fn shares(groups: &[GroupShare], language: Language) -> String {
    let total: u32 = groups.iter().map(|group| group.posts).sum();
    if total == 0 {
        return String::new();
    }
    let share = |group: &GroupShare| {
        let percent = format::percent(f64::from(group.posts) / f64::from(total));
        let name = format::one_line(&group.group, NAME);
        match language {
            Chinese => format!("{name}占 {percent}"),
            English => format!("{name} {percent}"),
        }
    };
    let parts: Vec<String> = groups.iter().filter(|group| group.posts > 0).take(2).map(share).collect();
    match language {
        Chinese => format!("{}。", parts.join("，")),
        English => format!("{}.", parts.join(", ")),
    }
}

/// What the posts of an explanation want, and of how many of them that was read.
pub fn wanted(explanation: &Explanation, language: Language) -> String {
    let shares = intents(&explanation.intents, language);
    match (explanation.sampled, language) {
        (None, _) => shares,
        (Some(each), Chinese) => {
            format!("{shares}帖文太多，所问、所求和升温的词按每 {each} 帖读 1 帖估计。")
        }
        (Some(each), English) => {
            let space = if shares.is_empty() { "" } else { " " };
            format!(
                "{shares}{space}There are too many posts: what is asked, wanted and on the rise was estimated from one in {each}."
            )
        }
    }
}

/// `62% 的帖在提问，18% 在投诉，5% 在求助。`; empty where nobody wants anything or few posts were looked at.
pub fn intents(counts: &IntentCounts, language: Language) -> String {
    if counts.posts < FEWEST_FOR_SHARES {
        return String::new();
    }
    let kinds = [
        (counts.questions, "在提问", "ask something"),
        (counts.complaints, "在投诉或抱怨", "complain"),
        (counts.help, "在求助", "ask for help"),
    ];
    let shares = kinds.iter().filter(|(posts, ..)| *posts > 0).enumerate();
    let said: Vec<String> = shares
        .map(|(place, (posts, chinese, english))| {
            let percent = format::percent(counts.share(*posts));
            match (language, place) {
                (Chinese, 0) => format!("{percent} 的帖{chinese}"),
                (Chinese, _) => format!("{percent} {chinese}"),
                (English, 0) => format!("{percent} of the posts {english}"),
                (English, _) => format!("{percent} {english}"),
            }
        })
        .collect();
    match language {
        _ if said.is_empty() => String::new(),
        Chinese => format!("{}。", said.join("，")),
        English => format!("{}.", said.join(", ")),
    }
}

/// `7 个信源中 5 个正常；“县区网站留言板”延迟 38 分，其间的帖文尚未计入；“论坛”已暂停采集。`
pub fn coverage(sources: &[SourceState], language: Language) -> String {
    if sources.is_empty() {
        return String::new();
    }
    let name = |source: &SourceState| format!("“{}”", format::one_line(&source.name, NAME));
    let (mut late, mut paused) = (Vec::new(), Vec::new());
    for source in sources {
        if source.pause.is_some() {
            paused.push(name(source));
        } else if let Some(minutes) = source.late_minutes {
            let minutes = jiff::SignedDuration::from_mins(i64::from(minutes));
            let length = format::duration(minutes, language);
            late.push(match language {
                Chinese => format!("{}延迟 {length}", name(source)),
                English => format!("{} is {length} late", name(source)),
            });
        }
    }
    let (all, good) = (sources.len(), sources.len() - late.len() - paused.len());
    if good == all {
        return match language {
            Chinese => format!("{all} 个信源全部正常。"),
            English => format!("All {all} sources are in time."),
        };
    }
    let (late, paused) = match language {
        Chinese => (
            (!late.is_empty()).then(|| format!("；{}，其间的帖文尚未计入", late.join("、"))),
            (!paused.is_empty()).then(|| format!("；{}已暂停采集", paused.join("、"))),
        ),
        English => (
            (!late.is_empty())
                .then(|| format!("; {}: posts of that time are not counted yet", late.join(", "))),
            (!paused.is_empty()).then(|| format!("; paused: {}", paused.join(", "))),
        ),
    };
    let (late, paused) = (late.unwrap_or_default(), paused.unwrap_or_default());
    match language {
        Chinese => format!("{all} 个信源中 {good} 个正常{late}{paused}。"),
        English => format!("{good} of {all} sources are in time{late}{paused}."),
    }
}

/// `收件人属于“值班室”组。` and when the next mail comes.
pub(crate) fn why_you(group: &str, language: Language) -> String {
    let group = format::one_line(group, NAME);
    match language {
        Chinese => format!(
            "您在“{group}”组，所以收到这封邮件。提示、升级、有人认领或回应、时限将到或已过、关闭时各发一封。"
        ),
        English => format!(
            "You receive this because you are in the group “{group}”. An alert is mailed when it is raised, rises further, is taken on or answered, nears or passes its time limit, and is closed."
        ),
    }
}

/// One line in the other language, for readers who do not read the mail's own.
pub(super) fn in_other_language(
    mail: &AlertMail<'_>,
    what: &str,
    due: Option<Timestamp>,
    other: Language,
) -> String {
    let level = mail.alert.level;
    let due = due.map(|due| format::date_time(due, &mail.site.zone, other));
    match other {
        English => {
            let name = mail.concern.name_en.as_deref().unwrap_or(&mail.concern.name);
            let due = due.map(|due| format!(" Reply due {due}.")).unwrap_or_default();
            let (level, numeral) = (format::level_name(level, English), format::level_numeral_ascii(level));
            format!("In English: {level} ({numeral}), “{}”: {what}.{due}", format::one_line(name, NAME))
        }
        Chinese => {
            let due = due.map(|due| format!("回应时限 {due}。")).unwrap_or_default();
            let (level, numeral) = (format::level_name(level, Chinese), format::level_numeral(level));
            format!(
                "中文：{level}{numeral}级，“{}”：{what}。{due}",
                format::one_line(&mail.concern.name, NAME)
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use crawler::pause::Pause;
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn what_posts_want_is_told_in_shares() {
        let counts = IntentCounts { posts: 50, questions: 31, complaints: 9, help: 0 };
        assert_eq!(intents(&counts, Chinese), "62% 的帖在提问，18% 在投诉或抱怨。");
        assert_eq!(intents(&counts, English), "62% of the posts ask something, 18% complain.");
        assert_eq!(intents(&IntentCounts { posts: 9, ..counts }, Chinese), "");
        assert_eq!(intents(&IntentCounts { posts: 50, ..IntentCounts::default() }, Chinese), "");
        let mut explanation = Explanation { intents: counts, ..Explanation::default() };
        assert_eq!(wanted(&explanation, Chinese), "62% 的帖在提问，18% 在投诉或抱怨。");
        explanation.sampled = Some(8);
        let told = wanted(&explanation, Chinese);
        assert_eq!(
            told,
            "62% 的帖在提问，18% 在投诉或抱怨。帖文太多，所问、所求和升温的词按每 8 帖读 1 帖估计。"
        );
    }

    #[test]
    fn a_paused_source_is_not_late() {
        let state = |name: &str, late_minutes, is_paused: bool| SourceState {
            id: name.to_owned(),
            name: name.to_owned(),
            late_minutes,
            pause: is_paused.then_some(Pause { since: Timestamp::UNIX_EPOCH, until: None, reason: None }),
        };
        let paused = [state("新闻", None, false), state("论坛", Some(600), true)];
        assert_eq!(coverage(&paused, Chinese), "2 个信源中 1 个正常；“论坛”已暂停采集。");
        assert_eq!(coverage(&paused, English), "1 of 2 sources are in time; paused: “论坛”.");
        let both = [&paused[..], &[state("留言板", Some(38), false)]].concat();
        let said = "3 个信源中 1 个正常；“留言板”延迟 38 分，其间的帖文尚未计入；“论坛”已暂停采集。";
        assert_eq!(coverage(&both, Chinese), said);
        assert_eq!(coverage(&paused[..1], Chinese), "1 个信源全部正常。");
    }
}
