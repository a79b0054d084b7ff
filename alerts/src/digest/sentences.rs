//! Sentences of the digest, computed from its figures.

use analyzer::digest::{AskShare, Outage};
use jiff::Timestamp;

use super::{Digest, Scope, content, facts, replies};
use crate::format;
use crate::message::Language::{self, Chinese, English};
use crate::message::concern_name;

/// Longest overview, ready to paste.
const OVERVIEW: usize = 200;

pub(super) fn title(digest: &Digest<'_>, language: Language) -> String {
    let org = format::one_line(&digest.site.org, 40);
    match (language, digest.scope) {
        (Chinese, Scope::Day) => format!("{org}网络关切日报"),
        (Chinese, Scope::Week) => format!("{org}网络关切周报"),
        (Chinese, Scope::Concern(concern)) => {
            format!("关于“{}”的网络关切专报", concern_name(concern, Chinese))
        }
        (English, Scope::Day) => format!("{org}: daily digest of public concerns"),
        (English, Scope::Week) => format!("{org}: weekly digest of public concerns"),
        (English, Scope::Concern(concern)) => format!("{org}: report on {}", concern_name(concern, English)),
    }
}

pub(super) fn subject(digest: &Digest<'_>, title: &str, language: Language) -> String {
    let day = digest.day;
    match (language, digest.issue) {
        (Chinese, Some(issue)) => format!("{title} {}（总第{issue}期）", day.strftime("%-m月%-d日")),
        (Chinese, None) => format!("{title} {}", day.strftime("%-m月%-d日")),
        (English, Some(issue)) => format!("{title}, {} (no. {issue})", day.strftime("%-d %b")),
        (English, None) => format!("{title}, {}", day.strftime("%-d %b")),
    }
}

pub(super) fn subtitle(digest: &Digest<'_>, language: Language) -> String {
    let mut parts = vec![match language {
        Chinese => {
            let weekday = ["一", "二", "三", "四", "五", "六", "日"];
            let number = usize::try_from(digest.day.weekday().to_monday_zero_offset()).unwrap_or_default();
            let weekday = weekday.get(number).unwrap_or(&"");
            format!("{} 星期{weekday}", digest.day.strftime("%Y年%-m月%-d日"))
        }
        English => digest.day.strftime("%A, %-d %B %Y").to_string(),
    }];
    parts.extend(digest.issue.map(|issue| match language {
        Chinese => format!("总第 {issue} 期"),
        English => format!("no. {issue}"),
    }));
    parts.push(match language {
        Chinese => format!("统计 {}", period(digest, language)),
        English => format!("covers {}", period(digest, language)),
    });
    parts.join(" · ")
}

/// `11月23日 08:00 至 11月24日 08:00`.
fn period(digest: &Digest<'_>, language: Language) -> String {
    let moment = |at: Timestamp| format::date_time(at, &digest.site.zone, language);
    let (from, to) = (moment(digest.figures.from), moment(digest.figures.to));
    match language {
        Chinese => format!("{from} 至 {to}"),
        English => format!("{from} to {to}"),
    }
}

/// Section one: what fits of the facts in order of weight.
pub(super) fn overview(digest: &Digest<'_>, quiet: bool, language: Language) -> String {
    if quiet {
        let concerns = digest.figures.concerns.len();
        let is_one_day = digest.figures.to.duration_since(digest.figures.from).as_hours() <= 25;
        // Where nobody said anything, or nothing was read, nobody knows what is within its range.
        if digest.figures.posts == 0 {
            return match language {
                Chinese => format!("统计期间没有采到与 {concerns} 项关切有关的帖文；请核对信源是否正常。"),
                English => {
                    format!("No post on any of {concerns} concerns came in; see whether the sources work.")
                }
            };
        }
        // Above its range for an hour is not above it for the day: both cannot be said of it.
        if digest.figures.concerns.iter().any(|figures| figures.above.is_some()) {
            return match (language, is_one_day) {
                (Chinese, true) => format!("昨日 {concerns} 项关切均无预警，个别时段高于预期区间。"),
                (Chinese, false) => format!("统计期间 {concerns} 项关切均无预警，个别时段高于预期区间。"),
                (English, true) => format!(
                    "Yesterday no alert on any of {concerns} concerns; some hours were above the expected range."
                ),
                (English, false) => format!(
                    "No alert on any of {concerns} concerns in the period; some hours were above the expected range."
                ),
            };
        }
        return match (language, is_one_day) {
            (Chinese, true) => format!("昨日 {concerns} 项关切均在预期区间内。"),
            (Chinese, false) => format!("统计期间 {concerns} 项关切均在预期区间内。"),
            (English, true) => format!("Yesterday all {concerns} concerns stayed in their expected range."),
            (English, false) => {
                format!("All {concerns} concerns stayed in their expected range in the period.")
            }
        };
    }
    let space = if language == English { " " } else { "" };
    let mut overview = String::new();
    for part in [
        total(digest, language),
        foremost(digest, language),
        alerted(digest, language),
        found(digest, language),
    ] {
        let length = overview.chars().count() + space.len() + part.chars().count();
        // The limit is for Chinese, where a character says as much as an English word.
        if part.is_empty() || language == Chinese && length > OVERVIEW {
            continue;
        }
        if !overview.is_empty() {
            overview.push_str(space);
        }
        overview.push_str(&part);
    }
    overview
}

fn total(digest: &Digest<'_>, language: Language) -> String {
    let figures = digest.figures;
    let posts = format::posts(figures.posts.into(), language);
    let change = figures.previous.and_then(|previous| facts::change(figures.posts, previous));
    let change = change.map(|change| changed(change, language));
    let period = period(digest, language);
    let of = match (&digest.scope, language) {
        (Scope::Concern(_), Chinese) => "该关切",
        (Scope::Concern(_), English) => "this concern",
        (_, Chinese) => "所列关切",
        (_, English) => "the listed concerns",
    };
    match (language, change) {
        (Chinese, Some(change)) => {
            format!("{period}，共监测到涉及{of}的公开帖文 {posts}，比前一期{change}。")
        }
        (Chinese, None) => format!("{period}，共监测到涉及{of}的公开帖文 {posts}。"),
        (English, Some(change)) => format!("{period}: {posts} on {of}, {change} on the period before."),
        (English, None) => format!("{period}: {posts} on {of}."),
    }
}

fn changed(change: f64, language: Language) -> String {
    let percent = format::percent(change.abs());
    match (language, change) {
        (Chinese, change) if change > 0.0 => format!("增加 {percent}"),
        (Chinese, _) => format!("减少 {percent}"),
        (English, change) if change > 0.0 => format!("up {percent}"),
        (English, _) => format!("down {percent}"),
    }
}

/// The concern with most posts and what was asked about it most.
fn foremost(digest: &Digest<'_>, language: Language) -> String {
    let Some(first) = digest.figures.concerns.first().filter(|first| first.posts > 0) else {
        return String::new();
    };
    let name = content::name(digest, &first.concern, language);
    let posts = format::exact(first.posts.into());
    let change = facts::change(first.posts, first.previous).map(|change| changed(change, language));
    let ask = first.asks.first().map(|ask| (format::one_line(&ask.label, 30), format::percent(ask.share)));
    match language {
        Chinese => {
            let change = change.map(|change| format!("，{change}")).unwrap_or_default();
            let ask =
                ask.map(|(label, share)| format!("，问得最多的是“{label}”（{share}）")).unwrap_or_default();
            format!("帖数最多的是{name}（{posts} 帖{change}）{ask}。")
        }
        English => {
            let change = change.map(|change| format!(", {change}")).unwrap_or_default();
            let ask =
                ask.map(|(label, share)| format!("; asked most: “{label}” ({share})")).unwrap_or_default();
            format!("Most posts on {name} ({posts}{change}){ask}.")
        }
    }
}

fn alerted(digest: &Digest<'_>, language: Language) -> String {
    let Some(highest) = facts::highest_of_all(digest).map(|level| format::level_name(level, language)) else {
        return match language {
            Chinese => "期间没有预警。".to_owned(),
            English => "No alerts.".to_owned(),
        };
    };
    let sum = replies::sum(digest, language);
    match language {
        Chinese => format!("{}最高级别{highest}。", sum),
        English => format!("{sum} Highest level: {highest}."),
    }
}

fn found(digest: &Digest<'_>, language: Language) -> String {
    let found = content::official(digest, language).len();
    match (found, language) {
        (0, _) => String::new(),
        (_, Chinese) => format!("找到官方信息或报道官方回应的标题 {found} 条。"),
        (_, English) => format!("Official texts or titles reporting official replies found: {found}."),
    }
}

/// Under the chart: the liveliest hour.
pub(super) fn trend(digest: &Digest<'_>, language: Language) -> String {
    let peak = digest.figures.curve.iter().rev().max_by_key(|point| point.posts);
    let Some((at, posts)) = peak.and_then(|point| Some((point.at, point.posts.filter(|posts| *posts > 0)?)))
    else {
        return String::new();
    };
    let time = format::date_time(at, &digest.site.zone, language);
    let posts = format::exact(posts.into());
    match language {
        Chinese => format!("最高的 1 小时截至 {time}，{posts} 帖。"),
        English => format!("The liveliest hour ended at {time}: {posts} posts."),
    }
}

/// `要不要提前报备（41%）、社区与热线说法不一（27%）。`
pub(super) fn asks(asks: &[AskShare], language: Language) -> String {
    let ask = |ask: &AskShare| {
        let (label, share) = (format::one_line(&ask.label, 40), format::percent(ask.share));
        match language {
            Chinese => format!("{label}（{share}）"),
            English => format!("{label} ({share})"),
        }
    };
    let parts: Vec<String> = asks.iter().filter(|ask| ask.posts > 0).take(3).map(ask).collect();
    match language {
        _ if parts.is_empty() => String::new(),
        Chinese => format!("{}。", parts.join("、")),
        English => format!("{}.", parts.join(", ")),
    }
}

pub(super) fn above(
    digest: &Digest<'_>,
    name: &str,
    (from, to): (Timestamp, Timestamp),
    language: Language,
) -> String {
    let moment = |at: Timestamp| format::date_time(at, &digest.site.zone, language);
    match language {
        Chinese => format!("{name}的每小时帖数在 {} 至 {} 高于预期区间。", moment(from), moment(to)),
        English => {
            format!("{name}: hourly posts above the expected range from {} to {}.", moment(from), moment(to))
        }
    }
}

pub(super) fn shifted(name: &str, ask: &AskShare, language: Language) -> String {
    let label = format::one_line(&ask.label, 40);
    let (before, now) = (format::percent(ask.previous_share.unwrap_or_default()), format::percent(ask.share));
    match language {
        Chinese => format!("{name}中，“{label}”的占比由前一期的 {before} 变为 {now}。"),
        English => format!("{name}: the share of “{label}” went from {before} to {now}."),
    }
}

pub(super) fn new_words(words: &[(String, u32)], language: Language) -> String {
    let word = |(word, posts): &(String, u32)| {
        let word = format::one_line(word, 20);
        match language {
            Chinese => format!("“{word}”（{posts} 帖）"),
            English => format!("“{word}” ({posts} posts)"),
        }
    };
    let words: Vec<String> = words.iter().take(6).map(word).collect();
    match language {
        Chinese => format!("前一期没有出现的词：{}。", words.join("、")),
        English => format!("Words the period before did not have: {}.", words.join(", ")),
    }
}

/// Section eight.
pub(super) fn notes(digest: &Digest<'_>, language: Language) -> Vec<String> {
    let figures = digest.figures;
    let mut down: Vec<&str> = figures.outages.iter().map(|outage| outage.source.as_str()).collect();
    down.sort_unstable();
    down.dedup();
    let good = (figures.sources as usize).saturating_sub(down.len());
    let outages: Vec<String> =
        figures.outages.iter().take(8).map(|outage| self::outage(digest, outage, language)).collect();
    let sources = match (language, outages.is_empty()) {
        (Chinese, true) => format!("{} 个信源在统计期间全部正常。", figures.sources),
        (Chinese, false) => {
            format!(
                "{} 个信源中 {good} 个全程正常；{}，期间数值可能偏低。",
                figures.sources,
                outages.join("、")
            )
        }
        (English, true) => format!("All {} sources worked throughout.", figures.sources),
        (English, false) => format!(
            "{good} of {} sources worked throughout; {}: numbers of that time may be low.",
            figures.sources,
            outages.join(", ")
        ),
    };
    let counting = match language {
        Chinese => "帖数包含相似的重复；一帖涉及几项关切时，在各项中分别计数，在合计中计一次。",
        English => {
            "Counts include similar posts. A post on several concerns counts once in each and once in the total."
        }
    };
    vec![sources, counting.to_owned()]
}

fn outage(digest: &Digest<'_>, outage: &Outage, language: Language) -> String {
    let zone = &digest.site.zone;
    let name = format::one_line(&outage.name, 40);
    let from = format::date_time(outage.from, zone, language);
    let [first, last] = [outage.from, outage.to].map(|at| zone.to_datetime(at).date());
    // A day is named, since nobody knows from which one "tomorrow" would count.
    let to = match first == last {
        true => format::moment(outage.to, outage.from, zone, language),
        false => format::date_time(outage.to, zone, language),
    };
    match language {
        Chinese => format!("“{name}”{from}–{to} 中断"),
        English => format!("“{name}” was down {from}–{to}"),
    }
}

/// Why somebody gets it; nothing for whoever is in no group and asked for it.
pub(super) fn why_you(digest: &Digest<'_>, group: &str, language: Language) -> String {
    if group.is_empty() {
        return String::new();
    }
    let group = format::one_line(group, 40);
    let kind = match digest.scope {
        Scope::Day => "日报",
        Scope::Week => "周报",
        Scope::Concern(_) => "专报",
    };
    match language {
        Chinese => format!("您在“{group}”组，所以收到{kind}。"),
        English => format!("You receive this digest because you are in the group “{group}”."),
    }
}
