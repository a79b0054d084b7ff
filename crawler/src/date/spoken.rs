//! Times as people say them, reckoned from `now`: 3分钟前, 昨天 08:05, 2月3日, 上周五, 刚刚.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};

use super::between::{clock_behind, weekday};
use super::clock::Clock;
use super::cursor::Cursor;
use super::written::{date, month_name};
use super::{Found, Miss, TOLERATED_FUTURE};

/// What "now" is, and where.
#[derive(Clone, Copy, Debug)]
pub(super) struct Here<'a> {
    pub(super) now: Timestamp,
    pub(super) zone: &'a TimeZone,
}

impl Here<'_> {
    fn today(&self) -> Date {
        self.zone.to_datetime(self.now).date()
    }

    fn days_from_today(&self, days: i64) -> Result<Date, Miss> {
        self.today()
            .checked_add(Span::new().try_days(days).map_err(|_| Miss::Impossible)?)
            .map_err(|_| Miss::Impossible)
    }

    /// Whether a post may bear this day, and this time of it.
    fn has_come(&self, date: Date, clock: Option<&Clock>) -> bool {
        let Some(clock) = clock else { return date <= self.today() };
        let latest = self.now.checked_add(TOLERATED_FUTURE).unwrap_or(Timestamp::MAX);
        clock.on(date, self.zone).is_ok_and(|at| at <= latest)
    }
}

/// A span before now: `3分钟前`, `1天2小时前`, `两个半小时前`, `3 minutes ago`.
pub(super) fn ago(start: Cursor<'_>, here: Here<'_>) -> Result<Found, Miss> {
    let before = start.before().chars().next_back();
    if before.is_some_and(|c| c.is_ascii_digit() || c == '.') {
        return Err(Miss::Nothing);
    }
    let mut cursor = start;
    let mut back = Back::default();
    while back.part(&mut cursor) {
        cursor.spaces();
        cursor.eat_any(&[", ", "and ", "零"]);
    }
    let is_span = cursor.before().len() > start.before().len();
    if !is_span || cursor.eat_any(&["之前", "以前", "前", "ago"]).is_none() {
        return Err(Miss::Nothing);
    }
    Ok(Found::Moment { at: back.from(here).ok_or(Miss::Impossible)?, moves: true })
}

/// How far back: parts of days in seconds, the rest as the calendar counts.
#[derive(Clone, Copy, Debug, Default)]
struct Back {
    seconds: f64,
    days: f64,
    months: f64,
}

#[derive(Clone, Copy)]
enum Unit {
    Seconds(f64),
    Days(f64),
    Months(f64),
}

const UNITS: &[(&str, Unit)] = &[
    ("秒钟", Unit::Seconds(1.0)),
    ("秒", Unit::Seconds(1.0)),
    ("分钟", Unit::Seconds(60.0)),
    ("分", Unit::Seconds(60.0)),
    ("个小时", Unit::Seconds(3600.0)),
    ("小时", Unit::Seconds(3600.0)),
    ("个钟头", Unit::Seconds(3600.0)),
    ("钟头", Unit::Seconds(3600.0)),
    ("天", Unit::Days(1.0)),
    ("日", Unit::Days(1.0)),
    ("个星期", Unit::Days(7.0)),
    ("星期", Unit::Days(7.0)),
    ("个礼拜", Unit::Days(7.0)),
    ("礼拜", Unit::Days(7.0)),
    ("周", Unit::Days(7.0)),
    ("个月", Unit::Months(1.0)),
    ("年", Unit::Months(12.0)),
];

const ENGLISH_UNITS: &[(&str, Unit)] = &[
    ("second", Unit::Seconds(1.0)),
    ("sec", Unit::Seconds(1.0)),
    ("minute", Unit::Seconds(60.0)),
    ("min", Unit::Seconds(60.0)),
    ("hour", Unit::Seconds(3600.0)),
    ("hr", Unit::Seconds(3600.0)),
    ("day", Unit::Days(1.0)),
    ("week", Unit::Days(7.0)),
    ("month", Unit::Months(1.0)),
    ("year", Unit::Months(12.0)),
];

impl Back {
    /// One number with its unit; `false` and nothing moved where there is none.
    fn part(&mut self, cursor: &mut Cursor<'_>) -> bool {
        let mut ahead = *cursor;
        let Some(mut number) = amount(&mut ahead) else { return false };
        ahead.spaces();
        // 两个半小时
        if ahead.eat("个半") {
            number += 0.5;
        }
        let unit = ahead.eat_named(UNITS).or_else(|| english_unit(&mut ahead));
        let Some(unit) = unit else { return false };
        // 两小时半, but not the half of what follows: 1天半小时
        if ahead.rest().starts_with("半前") || ahead.rest().starts_with("半以前") {
            ahead.eat("半");
            number += 0.5;
        }
        *cursor = ahead;
        match unit {
            Unit::Seconds(seconds) => self.seconds += number * seconds,
            Unit::Days(days) => self.days += number * days,
            Unit::Months(months) => self.months += number * months,
        }
        true
    }

    fn from(self, here: Here<'_>) -> Option<Timestamp> {
        // Half a month is fifteen days and half a day twelve hours; half a year is six months.
        let days = self.days + self.months.fract() * 30.0;
        let seconds = self.seconds + days.fract() * 86_400.0;
        let span = Span::new().try_months(self.months as i64).ok()?.try_days(days as i64).ok()?;
        let start = here.zone.to_datetime(here.now).checked_sub(span).ok()?;
        let is_same = self.months < 1.0 && days < 1.0;
        let start = if is_same { here.now } else { here.zone.to_timestamp(start).ok()? };
        start.checked_sub(SignedDuration::from_millis((seconds * 1000.0) as i64)).ok()
    }
}

fn amount(cursor: &mut Cursor<'_>) -> Option<f64> {
    if cursor.eat("半") {
        return Some(0.5);
    }
    let mut english = *cursor;
    if matches!(english.word(), "a" | "an") && english.spaces() {
        *cursor = english;
        return Some(1.0);
    }
    let (whole, _) = cursor.digits(1, 4)?;
    let mut ahead = *cursor;
    let tenth = if ahead.eat(".") { ahead.digits(1, 1) } else { None };
    if let Some((tenth, _)) = tenth {
        *cursor = ahead;
        return Some(whole as f64 + tenth as f64 / 10.0);
    }
    Some(whole as f64)
}

fn english_unit(cursor: &mut Cursor<'_>) -> Option<Unit> {
    let mut ahead = *cursor;
    let unit = ahead.eat_named(ENGLISH_UNITS)?;
    ahead.eat_any(&["s.", "s", "."]);
    if ahead.letter_follows() {
        return None;
    }
    *cursor = ahead;
    Some(unit)
}

const YEARS: &[(&str, i64)] = &[("今年", 0), ("本年", 0), ("去年", -1), ("前年", -2), ("明年", 1)];

/// A month and a day: `2月3日`, `去年12月31日`, `02-03 08:15`, `Feb 3`. Without a year it is the latest
/// that is not still to come.
pub(super) fn month_and_day(start: Cursor<'_>, here: Here<'_>) -> Result<Found, Miss> {
    let before = start.before().chars().next_back();
    if before.is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '/' | '年' | ':')) {
        // `发布时间:02-03` ends in a colon too, but no digit stands before it.
        let is_label = before == Some(':')
            && !start.before().trim_end_matches(':').ends_with(|c: char| c.is_ascii_digit());
        if !is_label {
            return Err(Miss::Nothing);
        }
    }
    let mut cursor = start;
    let year = cursor.eat_named(YEARS);
    let (month, day, in_words) = month_day(&mut cursor)?;
    let clock = clock_behind(&mut cursor)?;
    if !in_words && clock.is_none() && !is_alone(start, cursor) {
        return Err(Miss::Nothing);
    }
    // A leap day proves that month and day can be.
    let possible = date(2020, month, day);
    if !in_words && clock.is_none() && possible.is_err() && !cursor.is_at_end() {
        return Err(Miss::Nothing);
    }
    possible?;
    let this_year = i64::from(here.today().year());
    if let Some(offset) = year {
        let date = date(this_year + offset, month, day)?;
        return Ok(Found::Day { date, clock, moves: true });
    }
    // 29 February may lie eight years back.
    for year in (this_year - 8..=this_year + 1).rev() {
        if let Ok(date) = date(year, month, day)
            && here.has_come(date, clock.as_ref())
        {
            return Ok(Found::Day { date, clock, moves: true });
        }
    }
    Err(Miss::Impossible)
}

fn month_day(cursor: &mut Cursor<'_>) -> Result<(i64, i64, bool), Miss> {
    if cursor.letter_follows() {
        let month = month_name(cursor).ok_or(Miss::Nothing)?;
        cursor.eat(".");
        cursor.spaces();
        let (day, _) = cursor.digits(1, 2).ok_or(Miss::Nothing)?;
        cursor.eat_any(&["st", "nd", "rd", "th"]);
        return Ok((month, day, true));
    }
    cursor.spaces();
    let (month, _) = cursor.digits(1, 2).ok_or(Miss::Nothing)?;
    cursor.spaces();
    let separator = cursor.eat_any(&["月", "-", "/", "."]).ok_or(Miss::Nothing)?;
    cursor.spaces();
    let (day, digits) = cursor.digits(1, 2).ok_or(Miss::Nothing)?;
    cursor.spaces();
    let in_words = separator == "月" && cursor.eat_any(&["日", "号"]).is_some();
    // 1.5 is a number; 01.05 08:15 may be a day.
    if separator == "." && digits < 2 || (separator == "月" && !in_words && cursor.letter_follows()) {
        return Err(Miss::Nothing);
    }
    Ok((month, day, in_words))
}

/// Two digits each with nothing beside them that makes them something else.
fn is_alone(start: Cursor<'_>, end: Cursor<'_>) -> bool {
    let written = end.before().get(start.before().len()..).unwrap_or_default().trim();
    let two_each = written.len() == 5 && !written.contains('.');
    let is_all = start.before().trim().is_empty() && end.is_at_end() && !written.contains('.');
    is_all
        || two_each && !end.next().is_some_and(|c| c.is_alphanumeric() || matches!(c, '-' | '.' | '/' | ':'))
}

const DAYS: &[(&str, i64)] = &[
    ("大前天", -3),
    ("前天", -2),
    ("前日", -2),
    ("前晚", -2),
    ("昨天", -1),
    ("昨日", -1),
    ("昨晚", -1),
    ("昨夜", -1),
    ("今天", 0),
    ("今日", 0),
    ("今晨", 0),
    ("今早", 0),
    ("今晚", 0),
    ("明天", 1),
    ("明日", 1),
    ("大后天", 3),
    ("后天", 2),
    ("yesterday", -1),
    ("today", 0),
];

/// `今天 12:30`, `昨晚8点`, `yesterday`.
pub(super) fn named_day(mut cursor: Cursor<'_>, here: Here<'_>) -> Result<Found, Miss> {
    let start = cursor;
    let days = cursor.eat_named(DAYS).ok_or(Miss::Nothing)?;
    let is_inside_a_word = start.before().ends_with(|c: char| c.is_ascii_alphabetic());
    if cursor.letter_follows() || (start.letter_follows() && is_inside_a_word) {
        return Err(Miss::Nothing);
    }
    let names_night = cursor.before().ends_with(['晚', '夜']);
    if names_night {
        // 晚 belongs to the time as well: 昨晚8点.
        let mut whole = start;
        whole.skip(cursor.before().len() - start.before().len() - '晚'.len_utf8());
        cursor = whole;
    }
    let clock = clock_behind(&mut cursor)?;
    // 今日头条 and 今晚报 are no days; 昨天发布 is one.
    let behind = if names_night { cursor.rest().chars().nth(1) } else { cursor.next() };
    let is_name = behind.is_some_and(|c| c.is_alphanumeric() && !"发更上下中早晚凌来回编修".contains(c));
    if clock.is_none() && is_name {
        return Err(Miss::Nothing);
    }
    Ok(Found::Day { date: here.days_from_today(days)?, clock, moves: true })
}

/// `周三 08:00`, `上周五`: without 上 the latest that is not still to come.
pub(super) fn named_weekday(mut cursor: Cursor<'_>, here: Here<'_>) -> Result<Found, Miss> {
    let weeks = cursor.eat_named(&[
        ("上上个", -2),
        ("上上", -2),
        ("上个", -1),
        ("上", -1),
        ("这个", 0),
        ("这", 0),
        ("本", 0),
        ("下个", 1),
        ("下", 1),
    ]);
    let is_english = cursor.letter_follows();
    let is_first = cursor.before().trim().is_empty();
    let day = weekday(&mut cursor).ok_or(Miss::Nothing)?;
    let clock = clock_behind(&mut cursor)?;
    // 周一汽车 is nobody's Monday, and The Sun no day.
    let is_part_of_a_word = clock.is_none() && cursor.next().is_some_and(|c| c.is_alphanumeric());
    let is_all = is_first && cursor.is_at_end();
    if is_part_of_a_word || (is_english && !is_all) {
        return Err(Miss::Nothing);
    }
    let today = i64::from(here.today().weekday().to_monday_one_offset());
    let mut ahead = i64::from(day) - today;
    match weeks {
        Some(weeks) => ahead += 7 * weeks,
        None if !here.has_come(here.days_from_today(ahead)?, clock.as_ref()) => ahead -= 7,
        None => {}
    }
    Ok(Found::Day { date: here.days_from_today(ahead)?, clock, moves: true })
}

/// `刚刚`, `几秒前`, `just now`.
pub(super) fn just_now(mut cursor: Cursor<'_>, here: Here<'_>) -> Result<Found, Miss> {
    let words = [
        "刚刚",
        "刚才",
        "方才",
        "几秒前",
        "几秒钟前",
        "数秒前",
        "几分钟前",
        "数分钟前",
        "just now",
        "moments ago",
    ];
    let is_now = cursor.eat_any(&words).is_some() || (cursor.eat("刚") && cursor.is_at_end());
    if is_now { Ok(Found::Moment { at: here.now, moves: true }) } else { Err(Miss::Nothing) }
}

/// A time and nothing else, as lists of today's posts have it: the latest that is not still to come.
pub(super) fn time_alone(mut cursor: Cursor<'_>, here: Here<'_>) -> Result<Found, Miss> {
    let minutes = cursor.rest().split_once(':').map_or("", |(_, minutes)| minutes);
    // 3:2 is a score.
    let is_score = minutes.len() == 1;
    let clock = Clock::read(&mut cursor)?;
    if is_score || !cursor.is_at_end() {
        return Err(Miss::Nothing);
    }
    let days = if here.has_come(here.today(), Some(&clock)) { 0 } else { -1 };
    Ok(Found::Day { date: here.days_from_today(days)?, clock: Some(clock), moves: true })
}
