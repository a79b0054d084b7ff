//! The time of day and its zone: 08:15:00 +0800, 下午3点, 晚上8点半, 8:15 AM GMT. Knows no days.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};

use super::Miss;
use super::cursor::Cursor;

/// A time of day as written.
#[derive(Clone, Debug)]
pub(super) struct Clock {
    pub(super) time: Time,
    /// 24:00 and 晚上12点 belong to the next day.
    pub(super) is_next_day: bool,
    pub(super) zone: Option<Zone>,
}

/// A zone as written.
#[derive(Clone, Debug)]
pub(super) enum Zone {
    Known(TimeZone),
    /// Central North America to the standard, China to a Chinese site.
    Cst,
}

/// Which part of the day an hour of the twelve-hour clock lies in.
#[derive(Clone, Copy)]
enum Part {
    Morning,
    Noon,
    Afternoon,
    Evening,
}

const PARTS: &[(&str, Part)] = &[
    ("上午", Part::Morning),
    ("凌晨", Part::Morning),
    ("早上", Part::Morning),
    ("早晨", Part::Morning),
    ("清晨", Part::Morning),
    ("清早", Part::Morning),
    ("今早", Part::Morning),
    ("午前", Part::Morning),
    ("오전", Part::Morning),
    ("中午", Part::Noon),
    ("正午", Part::Noon),
    ("下午", Part::Afternoon),
    ("午后", Part::Afternoon),
    ("오후", Part::Afternoon),
    ("傍晚", Part::Evening),
    ("晚上", Part::Evening),
    ("晚间", Part::Evening),
    ("夜间", Part::Evening),
    ("夜里", Part::Evening),
    ("深夜", Part::Evening),
    ("午夜", Part::Evening),
    ("半夜", Part::Evening),
    ("早", Part::Morning),
    ("晚", Part::Evening),
    ("夜", Part::Evening),
];

const HALVES: &[(&str, Part)] =
    &[("a.m.", Part::Morning), ("p.m.", Part::Afternoon), ("am", Part::Morning), ("pm", Part::Afternoon)];

/// Hours, minutes, seconds and nanoseconds as written.
type Written = (i64, i64, i64, i32);

impl Clock {
    /// The time of day that stands here, with its zone.
    pub(super) fn read(cursor: &mut Cursor<'_>) -> Result<Clock, Miss> {
        let mut ahead = *cursor;
        let mut part = ahead.eat_named(PARTS).or_else(|| half(&mut ahead));
        ahead.spaces();
        let start = ahead;
        let written = match hours(&mut ahead) {
            Err(Miss::Nothing) => {
                ahead = start;
                // 中午 needs no hour.
                let is_noon = matches!(part, Some(Part::Noon)) && !ahead.digit_follows();
                if is_noon { (12, 0, 0, 0) } else { bare_hour(&mut ahead, part)? }
            }
            written => written?,
        };
        let mut behind = ahead;
        behind.spaces();
        if let Some(later) = half(&mut behind).or_else(|| behind.eat_named(&PARTS[..13])) {
            part = part.or(Some(later));
            ahead = behind;
        }
        let mut clock = on_the_day(written, part)?;
        clock.zone = zone(&mut ahead)?;
        *cursor = ahead;
        Ok(clock)
    }

    /// The moment that this time of that day is; `zone` where it names none.
    pub(super) fn on(&self, date: Date, zone: &TimeZone) -> Result<Timestamp, Miss> {
        let date = if self.is_next_day { date.tomorrow().map_err(|_| Miss::Impossible)? } else { date };
        let local = DateTime::from_parts(date, self.time);
        let america = || fixed(-6 * 3600).unwrap_or(TimeZone::UTC);
        let at = match &self.zone {
            None => zone.to_timestamp(local),
            Some(Zone::Known(zone)) => zone.to_timestamp(local),
            Some(Zone::Cst) if is_chinese(zone, local) => zone.to_timestamp(local),
            Some(Zone::Cst) => america().to_timestamp(local),
        };
        at.map_err(|_| Miss::Impossible)
    }

    /// The digits behind an ISO date's `T`: 08, 0815, 081500, 08:15:00.
    pub(super) fn iso(cursor: &mut Cursor<'_>) -> Result<Clock, Miss> {
        let digits = cursor.rest().bytes().take_while(u8::is_ascii_digit).count();
        if digits > 2 || hours(&mut { *cursor }) == Err(Miss::Nothing) {
            return Clock::compact(cursor);
        }
        Clock::read(cursor)
    }

    /// `081500`, `0815` or `08`, with a zone.
    pub(super) fn compact(cursor: &mut Cursor<'_>) -> Result<Clock, Miss> {
        let mut ahead = *cursor;
        let hour = ahead.exactly(2).ok_or(Miss::Nothing)?;
        let minute = ahead.exactly(2).unwrap_or(0);
        let second = ahead.exactly(2).unwrap_or(0);
        let fraction = fraction(&mut ahead);
        if ahead.digit_follows() || ahead.next() == Some(':') {
            return Err(Miss::Impossible);
        }
        let mut clock = on_the_day((hour, minute, second, fraction), None)?;
        clock.zone = zone(&mut ahead)?;
        *cursor = ahead;
        Ok(clock)
    }
}

fn is_chinese(zone: &TimeZone, local: DateTime) -> bool {
    zone.to_timestamp(local).is_ok_and(|at| matches!(zone.to_offset(at).seconds(), 28_800 | 32_400))
}

/// am and pm, in front or behind; not the beginning of a word.
fn half(cursor: &mut Cursor<'_>) -> Option<Part> {
    let mut ahead = *cursor;
    let part = ahead.eat_named(HALVES).filter(|_| !ahead.letter_follows())?;
    *cursor = ahead;
    Some(part)
}

/// `8:15[:00[.5]]`, `8时15分[0秒]`, `8点半`, `8点`.
fn hours(cursor: &mut Cursor<'_>) -> Result<Written, Miss> {
    let (hour, _) = cursor.digits(1, 2).ok_or(Miss::Nothing)?;
    let mut ahead = *cursor;
    ahead.spaces();
    if ahead.eat_any(&["点钟", "点整", "时整", "时许", "点", "时"]).is_some() {
        *cursor = ahead;
        let (minute, second) = minutes_in_words(cursor);
        return Ok((hour, minute, second, 0));
    }
    if !cursor.eat(":") {
        return Err(Miss::Nothing);
    }
    cursor.spaces();
    let (minute, _) = cursor.digits(1, 2).ok_or(Miss::Nothing)?;
    let mut ahead = *cursor;
    let second = match (ahead.eat_any(&[":", "分"]), ahead.digits(1, 2)) {
        (Some(_), Some((second, _))) => {
            *cursor = ahead;
            second
        }
        _ => 0,
    };
    let fraction = fraction(cursor);
    cursor.eat("秒");
    cursor.eat("分");
    Ok((hour, minute, second, fraction))
}

/// What follows 8点: 半, 一刻, 15分30秒, 15.
fn minutes_in_words(cursor: &mut Cursor<'_>) -> (i64, i64) {
    let mut ahead = *cursor;
    ahead.spaces();
    let quarters = [("半", 30), ("一刻", 15), ("1刻", 15), ("三刻", 45), ("3刻", 45)];
    if let Some(minute) = ahead.eat_named(&quarters) {
        *cursor = ahead;
        return (minute, 0);
    }
    let Some((minute, digits)) = ahead.digits(1, 2) else { return (0, 0) };
    let mut behind = ahead;
    behind.spaces();
    if !behind.eat("分") {
        // 8时15 is a time, 8时 3 评论 is not.
        if digits == 2 && cursor.digit_follows() {
            *cursor = ahead;
            return (minute, 0);
        }
        return (0, 0);
    }
    *cursor = behind;
    behind.spaces();
    let Some((second, _)) = behind.digits(1, 2) else { return (minute, 0) };
    behind.spaces();
    if behind.eat("秒") {
        *cursor = behind;
        return (minute, second);
    }
    (minute, 0)
}

/// `8 AM`, and nothing shorter.
fn bare_hour(cursor: &mut Cursor<'_>, part: Option<Part>) -> Result<Written, Miss> {
    let (hour, _) = cursor.digits(1, 2).ok_or(Miss::Nothing)?;
    let mut behind = *cursor;
    behind.spaces();
    if part.is_none() && half(&mut behind).is_some() { Ok((hour, 0, 0, 0)) } else { Err(Miss::Nothing) }
}

/// Nanoseconds behind the seconds.
fn fraction(cursor: &mut Cursor<'_>) -> i32 {
    let mut ahead = *cursor;
    if ahead.eat_any(&[".", ","]).is_none() {
        return 0;
    }
    let digits = ahead.rest().bytes().take_while(u8::is_ascii_digit).count();
    let Some(written) = ahead.rest().get(..digits).filter(|written| !written.is_empty()) else { return 0 };
    let nanoseconds = format!("{written:0<9}").get(..9).and_then(|nine| nine.parse().ok());
    ahead.skip(digits);
    *cursor = ahead;
    nanoseconds.unwrap_or(0)
}

fn on_the_day((hour, minute, second, fraction): Written, part: Option<Part>) -> Result<Clock, Miss> {
    let hour = match (part, hour) {
        (Some(Part::Morning), 12) => 0,
        (Some(Part::Noon), 1..=4) | (Some(Part::Afternoon), 1..=11) => hour + 12,
        // The evening's one o'clock is the night's.
        (Some(Part::Evening), 5..=11) => hour + 12,
        (Some(Part::Evening), 12) => 24,
        _ => hour,
    };
    let is_next_day = hour == 24;
    // After 24:00 the clock reads 0:30 unless an evening was named.
    if is_next_day && part.is_none() && (minute, second) != (0, 0) {
        return Err(Miss::Impossible);
    }
    let small = |number: i64| i8::try_from(number).map_err(|_| Miss::Impossible);
    let hour = if is_next_day { 0 } else { small(hour)? };
    // A leap second is its minute's last.
    let time =
        Time::new(hour, small(minute)?, small(second)?.min(if second == 60 { 59 } else { 127 }), fraction);
    Ok(Clock { time: time.map_err(|_| Miss::Impossible)?, is_next_day, zone: None })
}

/// Hours from UTC of names that mail and feeds use. `BST` is Britain's.
const ZONES: &[(&str, i32)] = &[
    ("z", 0),
    ("ut", 0),
    ("utc", 0),
    ("gmt", 0),
    ("wet", 0),
    ("bst", 1),
    ("west", 1),
    ("cet", 1),
    ("met", 1),
    ("cest", 2),
    ("mest", 2),
    ("eet", 2),
    ("eest", 3),
    ("msk", 3),
    ("hkt", 8),
    ("sgt", 8),
    ("bjt", 8),
    ("awst", 8),
    ("jst", 9),
    ("kst", 9),
    ("aest", 10),
    ("aedt", 11),
    ("nzst", 12),
    ("nzdt", 13),
    ("ast", -4),
    ("adt", -3),
    ("est", -5),
    ("edt", -4),
    ("cdt", -5),
    ("mst", -7),
    ("mdt", -6),
    ("pst", -8),
    ("pdt", -7),
    ("akst", -9),
    ("akdt", -8),
    ("hst", -10),
];

/// The zone that stands here. No zone is no miss; one that cannot be is.
pub(super) fn zone(cursor: &mut Cursor<'_>) -> Result<Option<Zone>, Miss> {
    let mut ahead = *cursor;
    let is_apart = ahead.spaces();
    ahead.eat_any(&["(", "["]);
    if let Some(zone) = place(&mut ahead) {
        *cursor = ahead;
        return Ok(Some(Zone::Known(zone)));
    }
    let mut named = ahead;
    let word = named.word();
    if word.is_empty() {
        let zone = offset(&mut ahead, is_apart)?;
        if zone.is_some() {
            *cursor = ahead;
        }
        return Ok(zone.map(Zone::Known));
    }
    if word == "cst" {
        *cursor = named;
        return Ok(Some(Zone::Cst));
    }
    let Some((_, hours)) = ZONES.iter().find(|(name, _)| *name == word) else { return Ok(None) };
    let mut behind = named;
    let further = if *hours == 0 { offset(&mut behind, false)? } else { None };
    *cursor = if further.is_some() { behind } else { named };
    Ok(further.or_else(|| fixed(hours * 3600)).map(Zone::Known))
}

/// `Asia/Shanghai`, `Etc/GMT`.
fn place(cursor: &mut Cursor<'_>) -> Option<TimeZone> {
    let rest = cursor.rest();
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '-' | '+');
    let name = rest.get(..rest.find(|c| !is_part(c)).unwrap_or(rest.len()))?;
    if !name.contains('/') || name.len() > 40 || !cursor.letter_follows() {
        return None;
    }
    let zone = TimeZone::get(name).ok()?;
    cursor.skip(name.len());
    Some(zone)
}

/// `+0800`, `+08:00`, `+08`, `+8`; apart from the time only in full.
fn offset(cursor: &mut Cursor<'_>, is_apart: bool) -> Result<Option<TimeZone>, Miss> {
    let mut ahead = *cursor;
    let sign = match ahead.eat_any(&["+", "-"]) {
        Some("+") => 1,
        Some(_) => -1,
        None => return Ok(None),
    };
    let Some((number, digits)) = ahead.digits(1, 4) else { return Ok(None) };
    let (hours, minutes) = match digits {
        4 => (number / 100, number % 100),
        3 => (number / 100, number % 100),
        _ if ahead.eat(":") => match ahead.exactly(2) {
            Some(minutes) => (number, minutes),
            None => return Ok(None),
        },
        _ if is_apart && (digits < 2 || !ahead.is_at_end()) => return Ok(None),
        _ => (number, 0),
    };
    // `08:15 -2020-` is no zone, but the beginning of another date.
    if ahead.digit_follows() || (digits == 4 && ahead.next() == Some('-')) {
        return Ok(None);
    }
    // No zone lies so far west: 08:15-17:30 is from when till when, and so is 11:30-12:30.
    if sign < 0 && digits == 2 && (hours, minutes) > (12, 0) && hours < 24 {
        return Ok(None);
    }
    if hours > 23 || minutes > 59 {
        return Err(Miss::Impossible);
    }
    *cursor = ahead;
    let seconds = i32::try_from(hours * 3600 + minutes * 60).map_err(|_| Miss::Impossible)?;
    fixed(sign * seconds).map(Some).ok_or(Miss::Impossible)
}

fn fixed(seconds: i32) -> Option<TimeZone> {
    Offset::from_seconds(seconds).ok().map(TimeZone::fixed)
}
