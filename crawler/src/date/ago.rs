//! Spans before now: 3分钟前, 1天2小时前, two hours ago, 刚刚. Knows no days.

use jiff::{SignedDuration, Span, Timestamp};

use super::cursor::Cursor;
use super::spoken::Here;
use super::{Found, Miss};

/// A span before now: `3分钟前`, `1天2小时前`, `两个半小时前`, `3 minutes ago`.
pub(super) fn ago(start: Cursor<'_>, here: Here<'_>) -> Result<Found, Miss> {
    let before = start.before().chars().next_back();
    // 数十分钟前 is not ten minutes ago.
    if before.is_some_and(|c| c.is_ascii_digit() || matches!(c, '.' | '数' | '几')) {
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
    ("h", Unit::Seconds(3600.0)),
    ("d", Unit::Days(1.0)),
    ("w", Unit::Days(7.0)),
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
