//! `时间:` and `级别:` values: what may be written, what it means, how it is echoed.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::What;
use crate::language::Language;
use crate::level::Level;
use crate::normalize::normalize;

/// A span of publication time, as typed: it becomes moments once the present and the zone are known.
#[derive(Clone, Debug, PartialEq)]
pub enum Span {
    /// The last minutes.
    Minutes(i64),
    /// The last hours.
    Hours(i64),
    /// The last days of 24 hours.
    Days(i64),
    /// A calendar day, so many days before today.
    DayBefore(i64),
    /// From the one local time until just before the other.
    Between(Option<DateTime>, Option<DateTime>),
}

impl Span {
    /// Reads a normalised value: `7天`, `48h`, `今天`, `2021-01-20`, `2021-01-20..2021-01-22`, an end left
    /// open, a time of day as `2021-01-20t16:48`.
    pub(super) fn read(typed: &str) -> Result<Span, What> {
        let wrong = || What::BadTime(typed.to_owned());
        let value = &*normalize(typed);
        match value {
            "今天" | "今日" | "today" => return Ok(Span::DayBefore(0)),
            "昨天" | "昨日" | "yesterday" => return Ok(Span::DayBefore(1)),
            "前天" => return Ok(Span::DayBefore(2)),
            _ => {}
        }
        if let Some(span) = last(value) {
            return Ok(span);
        }
        let (from, until) =
            ["..", "~", "至"].iter().find_map(|&mark| value.split_once(mark)).unwrap_or((value, value));
        let from = if from.is_empty() { None } else { Some(moment(from).ok_or_else(wrong)?.0) };
        let until = if until.is_empty() { None } else { Some(moment(until).ok_or_else(wrong)?.1) };
        match (from, until) {
            (None, None) => Err(wrong()),
            (Some(from), Some(until)) if until <= from => Err(What::EndsBefore(typed.to_owned())),
            bounds => Ok(Span::Between(bounds.0, bounds.1)),
        }
    }

    /// First moment inside and first moment after, where there is one.
    pub fn bounds(&self, now: Timestamp, zone: &TimeZone) -> (Option<Timestamp>, Option<Timestamp>) {
        let ago = |seconds: i64| now.checked_sub(SignedDuration::from_secs(seconds)).ok();
        let at = |local: DateTime| zone.to_timestamp(local).ok();
        match self {
            Span::Minutes(count) => (ago(count * 60), None),
            Span::Hours(count) => (ago(count * 3600), None),
            Span::Days(count) => (ago(count * 86_400), None),
            Span::DayBefore(count) => {
                let day = zone.to_datetime(now).date().checked_sub(count.days()).unwrap_or_default();
                (
                    at(day.to_datetime(Default::default())),
                    day.tomorrow().ok().and_then(|next| at(next.into())),
                )
            }
            Span::Between(from, until) => (from.and_then(at), until.and_then(at)),
        }
    }

    pub(super) fn echo(&self, language: Language) -> String {
        let chinese = language == Language::Chinese;
        match self {
            Span::Minutes(count) if chinese => format!("近 {count} 分钟"),
            Span::Hours(count) if chinese => format!("近 {count} 小时"),
            Span::Days(count) if chinese => format!("近 {count} 天"),
            Span::Minutes(count) => format!("last {count} min"),
            Span::Hours(count) => format!("last {count} h"),
            Span::Days(count) => format!("last {count} days"),
            Span::DayBefore(count) => {
                let names = if chinese {
                    ["今天", "昨天", "前天"]
                } else {
                    ["today", "yesterday", "two days ago"]
                };
                names.get(*count as usize).copied().unwrap_or_default().to_owned()
            }
            Span::Between(Some(from), Some(until)) if is_day(from, until) => from.date().to_string(),
            Span::Between(from, until) => {
                let from = from.map(|from| clock(from, false));
                let until = until.map(|until| clock(until, true));
                match (from, until, chinese) {
                    (Some(from), Some(until), true) => format!("{from} 至 {until}"),
                    (Some(from), Some(until), false) => format!("{from} to {until}"),
                    (Some(from), None, true) => format!("{from} 起"),
                    (Some(from), None, false) => format!("from {from}"),
                    (None, Some(until), true) => format!("到 {until} 为止"),
                    (None, until, _) => format!("until {}", until.unwrap_or_default()),
                }
            }
        }
    }
}

/// The level of a normalised name: 橙, 橙色, orange.
pub(super) fn read_level(value: &str) -> Option<Level> {
    let name = value.strip_suffix('色').unwrap_or(value);
    Level::ALL.into_iter().find(|&level| level_names(level).0 == name || level_names(level).1 == name)
}

/// Chinese and English name of a level.
pub(super) fn level_names(level: Level) -> (&'static str, &'static str) {
    match level {
        Level::Blue => ("蓝", "blue"),
        Level::Yellow => ("黄", "yellow"),
        Level::Orange => ("橙", "orange"),
        Level::Red => ("红", "red"),
    }
}

fn last(value: &str) -> Option<Span> {
    let digits = value.find(|char: char| !char.is_ascii_digit())?;
    let (number, unit) = value.split_at(digits);
    // Ten years at most: nobody means more, and sums stay small.
    let number: i64 = number.parse().ok().filter(|number| (1..=5_256_000).contains(number))?;
    let span = match unit.trim() {
        "分" | "分钟" | "m" | "min" => Span::Minutes(number),
        "时" | "小时" | "个小时" | "h" | "hour" | "hours" => Span::Hours(number),
        "天" | "日" | "d" | "day" | "days" => Span::Days(number),
        "周" | "星期" | "个星期" | "w" | "week" | "weeks" => Span::Days(number * 7),
        "月" | "个月" => Span::Days(number * 30),
        _ => return None,
    };
    Some(span)
}

/// First moment of what was written and first moment after it.
fn moment(value: &str) -> Option<(DateTime, DateTime)> {
    let value = value.replace('/', "-");
    if let Ok(day) = Date::strptime("%Y-%m-%d", &value) {
        return Some((day.into(), day.tomorrow().ok()?.into()));
    }
    let time = DateTime::strptime("%Y-%m-%dt%H:%M", &value).ok()?;
    Some((time, time))
}

fn is_day(from: &DateTime, until: &DateTime) -> bool {
    let midnights = from.time() == Default::default() && until.time() == Default::default();
    midnights && from.date().tomorrow().is_ok_and(|next| next == until.date())
}

/// A midnight is shown as a day: as the one it begins, or at an end the one it closes.
fn clock(time: DateTime, is_end: bool) -> String {
    match (time.time() == Default::default(), is_end) {
        (true, true) => time.date().yesterday().unwrap_or(time.date()).to_string(),
        (true, false) => time.date().to_string(),
        (false, _) => time.strftime("%Y-%m-%d %H:%M").to_string(),
    }
}
