//! The time of a list's entry as written: the one that says most, of what is told to machines and what is
//! shown to people.

use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use regex::Regex;
use scraper::ElementRef;

use crate::date;
use crate::format::plain;
use crate::markup::text;
use crate::source::Selector;

/// The time of an entry; `None` where nothing looks like one.
pub(super) fn of(item: ElementRef<'_>, chosen: Option<&Selector>) -> Option<String> {
    static TIME: LazyLock<Option<scraper::Selector>> =
        LazyLock::new(|| scraper::Selector::parse("time").ok());
    let element = match chosen {
        Some(chosen) => item.select(chosen.compiled()).next(),
        None => item.select(TIME.as_ref()?).next(),
    };
    let Some(element) = element else {
        return if chosen.is_some() { None } else { date_in(&text::of(item)) };
    };
    let shown = plain::from_text(&text::of(element), 100).replace('\n', " ");
    let time = match told(element) {
        Some(told) => more_exact(told, &shown),
        None => date_in(&shown).unwrap_or(shown),
    };
    Some(time).filter(|time| !time.is_empty())
}

/// The first thing in a text that looks like a day, with the time of day behind it.
pub(super) fn date_in(text: &str) -> Option<String> {
    dates_in(text).next().map(|(_, date)| date)
}

/// All that looks so, with the places where they begin.
pub(crate) fn dates_in(text: &str) -> impl Iterator<Item = (usize, String)> {
    static DATE: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r"(?x)(?:^|[^0-9])((?:19|20)\d{2}\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}\s?日?
              (?:[\sT\u{3000}]*\d{1,2}\s?[:：时]\s?\d{1,2}分?(?:\s?[:：]?\s?\d{1,2}秒?)?)?)",
        )
        .ok()
    });
    let found = DATE.as_ref().into_iter().flat_map(move |date| date.captures_iter(text));
    found.filter_map(|found| {
        let date = found.get(1)?;
        Some((date.start(), date.as_str().split_whitespace().collect::<Vec<_>>().join(" ")))
    })
}

/// What machines are told: `<time datetime>`, and a forum's `<span title="2024-1-2 08:05">昨天`.
fn told(element: ElementRef<'_>) -> Option<String> {
    let elements = element.descendants().filter_map(ElementRef::wrap);
    let told = elements.flat_map(|element| {
        ["datetime", "title", "data-time"].into_iter().filter_map(move |name| element.attr(name))
    });
    let mut dates = told.map(str::trim).filter(|told| told.starts_with(|c: char| c.is_ascii_digit()));
    dates.next().map(str::to_owned)
}

/// Machines are mostly told the minute and people the day. Where it is the other way round
/// (`title="2021-1-20"` of `2021-1-20 16:48`, or of `昨天 16:48`), the minute of that same day counts.
fn more_exact(told: String, shown: &str) -> String {
    let Some(day) = bare_day(&told) else { return told };
    if let Some(shown) = date_in(shown) {
        return if is_moment_of(day, &shown) { shown } else { told };
    }
    match clock_of_day(shown) {
        Some(clock) => format!("{day} {clock}"),
        None => told,
    }
}

/// The day, if nothing but a day is told; midnight is how programs write one.
fn bare_day(told: &str) -> Option<&str> {
    let (day, rest) = told.split_once(['T', ' ']).unwrap_or((told, ""));
    let is_day = || read(day).is_some_and(|(from, until)| from != until);
    ((rest.is_empty() || rest.starts_with("00:00")) && is_day()).then_some(day)
}

fn is_moment_of(day: &str, shown: &str) -> bool {
    let (Some((first, last)), Some((from, until))) = (read(day), read(shown)) else { return false };
    from == until && (first..=last).contains(&from)
}

/// Beginning and end of what is written, in whatever zone: two readings are compared.
fn read(text: &str) -> Option<(Timestamp, Timestamp)> {
    let reading = date::read(text, &TimeZone::UTC, Timestamp::MAX).ok()?;
    (!reading.moves).then_some((reading.from, reading.until))
}

/// 16:48 of `昨天 16:48`. What is so and so long ago (3小时前) has none.
fn clock_of_day(shown: &str) -> Option<&str> {
    static CLOCK: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"^(?:今天|昨天|前天)\s*(\d{1,2}:\d{2}(?::\d{2})?)$").ok());
    Some(CLOCK.as_ref()?.captures(shown.trim())?.get(1)?.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whichever_says_more_of_the_same_day_counts() {
        let cases = [
            ("2021-1-20", "2021-1-20 16:48", "2021-1-20 16:48"),
            ("2021-1-20", "发表于 2021-1-20 16:48:05", "2021-1-20 16:48:05"),
            ("2021-01-20T00:00:00+08:00", "2021年1月20日16时48分", "2021年1月20日16时48分"),
            ("2021-01-20 00:00", "2021-01-20", "2021-01-20 00:00"),
            ("2021-1-20", "昨天\u{a0}16:48", "2021-1-20 16:48"),
            ("2021-1-20", "3小时前", "2021-1-20"),
            ("2021-1-20", "昨天", "2021-1-20"),
            // Another day is another thing.
            ("2021-1-20", "2021-1-21 16:48", "2021-1-20"),
            ("2021-1-20 16:48", "2021-1-20", "2021-1-20 16:48"),
            ("2021-1-20 16:48", "昨天 17:00", "2021-1-20 16:48"),
            ("1611132480", "2021-1-20 16:48", "1611132480"),
        ];
        for (told, shown, expected) in cases {
            assert_eq!(more_exact(told.to_owned(), shown), expected, "{told} of {shown}");
        }
    }
}
