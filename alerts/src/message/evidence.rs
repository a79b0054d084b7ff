//! The evidence part of an alert mail: last values, questions, quotations, official texts, thresholds.

use analyzer::explain::{Explanation, Point, Quote};
use analyzer::level::Level;
use analyzer::rarity::OnceIn;
use crawler::post::Publisher;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::Language::{self, Chinese, English};
use super::labels::Labels;
use super::letter::{Ask, Cited, CurveRow, Why};
use super::{AlertMail, sentences};
use crate::format;

/// Individuals' posts are quoted only from groups of at least this many (docs/architecture.md, "Never people").
const QUOTABLE: u32 = 5;
/// Longest quotation.
const EXCERPT: usize = 160;
/// Rows of the table of last values.
const ROWS: usize = 6;

/// The last values: full hours, the newest count, and the moments at which something changed.
pub(super) fn curve(mail: &AlertMail<'_>, language: Language) -> Vec<CurveRow> {
    let curve = &mail.explanation.curve;
    let Some(last) = curve.last() else { return Vec::new() };
    // Behind a gap it may be long ago; it is what the picture's words tell.
    let counted = curve.iter().rev().find(|point| point.posts.is_some()).map(|point| point.at);
    let mut rows: Vec<(Timestamp, CurveRow)> = Vec::new();
    let mut before = curve.first().map_or(Timestamp::MIN, |point| point.at);
    for point in curve {
        // The level is judged a little after the counts are complete.
        let until = if point.at == last.at { Timestamp::MAX } else { point.at };
        let changes = changes_between(mail, point.at, (before, until), language);
        let full_hour = mail.site.zone.to_datetime(point.at).minute() == 0;
        before = point.at;
        if full_hour || !changes.is_empty() || point.at == last.at || Some(point.at) == counted {
            rows.push((point.at, row(mail, point, changes, language)));
        }
    }
    let first_shown = rows.len().saturating_sub(ROWS);
    let is_shown = |(number, at): (usize, Timestamp)| number >= first_shown || Some(at) == counted;
    rows.into_iter()
        .enumerate()
        .filter(|(number, (at, _))| is_shown((*number, *at)))
        .map(|(_, (_, row))| row)
        .collect()
}

fn row(mail: &AlertMail<'_>, point: &Point, mut changes: Vec<String>, language: Language) -> CurveRow {
    let expected = point.expected;
    let (mean, low, high) =
        (format::expected(expected.mean), format::expected(expected.low), format::expected(expected.high));
    changes.push(match language {
        Chinese => format!("预期 {mean}，区间 {low}–{high}"),
        English => format!("expected {mean}, range {low}–{high}"),
    });
    let no_data = Labels::of(language).no_data;
    CurveRow {
        time: format::moment(point.at, mail.signal.at, &mail.site.zone, language),
        posts: point.posts.map_or(no_data.to_owned(), |posts| format::exact(posts.into())),
        note: changes.join(if language == Chinese { "；" } else { "; " }),
    }
}

/// What happened after one moment, up to another; with its time where that is not the row's.
fn changes_between(
    mail: &AlertMail<'_>,
    row_at: Timestamp,
    (after, until): (Timestamp, Timestamp),
    language: Language,
) -> Vec<String> {
    let mut changes = Vec::new();
    if mail.alert.onset > after && mail.alert.onset <= until {
        changes.push(Labels::of(language).rising.to_owned());
    }
    let mut before = None;
    for (at, level) in mail.levels {
        if *at > after && *at <= until {
            let change = sentences::level_change(before, *level, language);
            let clock = format::clock(*at, &mail.site.zone);
            changes.push(if *at == row_at { change } else { format!("{clock} {change}") });
        }
        before = Some(*level);
    }
    changes
}

/// What people ask, most first, the rest in one line.
pub fn asks(explanation: &Explanation, language: Language) -> Vec<Ask> {
    let mut asks: Vec<(String, u32)> = explanation
        .asks
        .iter()
        .filter(|ask| ask.posts > 0)
        .take(5)
        .map(|ask| (format::one_line(&ask.label, 60), ask.posts))
        .collect();
    if !asks.is_empty() && explanation.asks_other > 0 {
        asks.push((Labels::of(language).asks_other.to_owned(), explanation.asks_other));
    }
    let most = asks.iter().map(|(_, posts)| *posts).max().unwrap_or_default().max(1);
    let ask = |(label, posts): (String, u32)| {
        let width = u32::try_from(u64::from(posts) * 100 / u64::from(most)).unwrap_or(100).clamp(1, 100);
        Ask { label, posts: format::exact(posts.into()), width }
    };
    asks.into_iter().map(ask).collect()
}

/// Representative posts, as they read at a moment.
pub fn quotes(
    explanation: &Explanation,
    (zone, at): (&TimeZone, Timestamp),
    language: Language,
) -> Vec<Cited> {
    let quotes = explanation.quotes.iter().filter(|quote| may_quote(quote)).take(5);
    quotes.map(|quote| cite(quote, (zone, at), language)).collect()
}

/// The analyst leaves such quotations out already; a mail that has left the house cannot be mended.
pub(crate) fn may_quote(quote: &Quote) -> bool {
    quote.publisher != Publisher::Individual || quote.similar >= QUOTABLE
}

fn cite(quote: &Quote, (zone, at): (&TimeZone, Timestamp), language: Language) -> Cited {
    let group = format::one_line(&quote.group, sentences::NAME);
    let time = format::moment(quote.time, at, zone, language);
    let similar = format::exact(quote.similar.into());
    let origin = match (language, quote.similar > 1) {
        (Chinese, true) => format!("{group} · {time} · 相似 {similar} 帖"),
        (English, true) => format!("{group} · {time} · {similar} similar posts"),
        (_, false) => format!("{group} · {time}"),
    };
    let may_link = quote.publisher != Publisher::Individual;
    Cited {
        text: format::one_line(&quote.excerpt, EXCERPT),
        origin,
        link: format::link(quote.address.as_deref().filter(|_| may_link)),
    }
}

/// Every criterion of the level with its value and its threshold.
pub(super) fn why(mail: &AlertMail<'_>, language: Language) -> Why {
    let level = mail.alert.level;
    let (signal, need) = (mail.signal, mail.concern.needs.of(level));
    let name = format::level_name(level, language);
    let number = |count: u32| format::exact(count.into());
    let span = format::span(signal.span, language);
    let [test, ratio, posts, sources, voices] = match language {
        Chinese => ["统计检验得分", "与预期比", "帖", "信源", "不同说法（合并相似后）"].map(str::to_owned),
        English => {
            ["Test score", "Times expected", "posts", "Sources", "Different voices (similar posts merged)"]
                .map(str::to_owned)
        }
    };
    let posts = match language {
        Chinese => format!("{span}{posts}数"),
        English => format!("Posts in {span}"),
    };
    let mut rows = vec![
        (ratio, times(signal.ratio, language), times(need.ratio, language)),
        (posts, number(signal.observed.posts), number(need.posts)),
        (sources, number(signal.observed.sources), number(need.sources)),
        (voices, number(signal.observed.voices), number(mail.concern.min_voices)),
    ];
    rows.push((test, format!("{:.1}", signal.score), "1.0".to_owned()));
    let title = match language {
        Chinese => format!("为什么提示{name}"),
        English => format!("Why {name}"),
    };
    Why { title, rows, notes: notes(mail, level, language) }
}

fn notes(mail: &AlertMail<'_>, level: Level, language: Language) -> Vec<String> {
    let mut notes = Vec::new();
    if mail.alert.is_open() && mail.signal.level.ok() < Some(level) {
        let name = format::level_name(level, language);
        notes.push(match language {
            Chinese => format!("现在的数字已不到{name}的门槛；级别稳定低于门槛一段时间后才降，以免来回变动。"),
            English => format!("The numbers are below what {name} needs by now; a level falls only when they stay there for a while."),
        });
    }
    notes.extend(mail.signal.once_in_weeks.map(|once| once_in(once, language)));
    if mail.concern.max_level == Some(level) {
        notes.push(match language {
            Chinese => format!("该关切设定最高提示到{}。", format::level_name(level, language)),
            English => {
                format!("This concern is set to go no higher than {}.", format::level_name(level, language))
            }
        });
    }
    if mail.signal.coverage < 0.995 {
        let share = format::percent(mail.signal.coverage.max(0.0));
        notes.push(match language {
            Chinese => format!("判断时，平时帖量中 {share} 的来源正常。"),
            English => format!("Sources of {share} of the usual posts were covered."),
        });
    }
    notes
}

/// How seldom chance alone brings such a score; two digits say all that calibration knows.
pub(crate) fn once_in(once: OnceIn, language: Language) -> String {
    let digits = 10f64.powi((once.weeks.max(0.1).log10().floor() as i32 - 1).max(-1));
    let weeks = format::expected((once.weeks / digits).round() * digits);
    match (language, once.or_more) {
        (Chinese, false) => format!("按校准结果，这样高的得分在一项关切上约每 {weeks} 周偶然一次。"),
        (Chinese, true) => {
            format!("按校准结果，这样高的得分在一项关切上超过 {weeks} 周才会偶然一次。")
        }
        (English, false) => {
            format!(
                "By calibration, one concern has a score this high by chance about once in {weeks} weeks."
            )
        }
        (English, true) => format!(
            "By calibration, one concern has a score this high by chance less than once in {weeks} weeks."
        ),
    }
}

fn times(ratio: f64, language: Language) -> String {
    let number = if ratio.is_finite() { format::ratio(ratio) } else { "—".to_owned() };
    match language {
        Chinese => format!("{number} 倍"),
        English => number,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_seldom_a_score_is_has_two_digits_and_an_end() {
        let said = |weeks, or_more, language| once_in(OnceIn { weeks, or_more }, language);
        assert_eq!(said(263.4, false, Chinese), "按校准结果，这样高的得分在一项关切上约每 260 周偶然一次。");
        assert!(said(5.27, false, English).ends_with("by chance about once in 5.3 weeks."));
        assert!(said(1_000.0, true, Chinese).ends_with("超过 1,000 周才会偶然一次。"));
        assert!(said(1_000.0, true, English).ends_with("by chance less than once in 1,000 weeks."));
    }
}
