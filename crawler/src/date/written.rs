//! Days written out with their year, and the time behind them: 2020-02-03T08:15:00Z, 2020年2月3日 08时15分,
//! Mon, 03 Feb 2020 08:15:00 GMT, 2/3/2020 8:15 AM. Reads no `now`.

use std::ops::Range;

use jiff::civil::{Date, ISOWeekDate, Weekday};
use jiff::tz::TimeZone;

use super::between::{clock_behind, weekday};
use super::clock::{Clock, Zone};
use super::cursor::Cursor;
use super::{Found, Miss, month};

/// What is more likely a year than any other number of four digits.
const OUR_TIME: Range<i64> = 1900..2100;

/// A day with its year that begins exactly here.
pub(super) fn dated(start: Cursor<'_>) -> Result<Found, Miss> {
    let before = start.before().chars().next_back();
    // Inside a word or a longer chain of numbers nothing begins, and a minus in front of all is no dash.
    let chain = start.before().trim_end_matches(['-', '.', '/']);
    if before.is_some_and(|c| c.is_ascii_alphanumeric())
        || start.before() == "-"
        || (chain.len() < start.before().len() && chain.ends_with(|c: char| c.is_ascii_digit()))
    {
        return Err(Miss::Nothing);
    }
    if start.letter_follows() {
        return month_first(start);
    }
    if !start.digit_follows() {
        return Err(Miss::Nothing);
    }
    let ways = [
        year_first,
        week_or_ordinal,
        in_one,
        day_month_name,
        chinese_month_first,
        year_last,
        short_year,
        minguo,
    ];
    for way in ways {
        match way(start) {
            Err(Miss::Nothing) => {}
            found => return found,
        }
    }
    Err(Miss::Nothing)
}

/// `2020-2-3`, `2020/02/03`, `2020. 2. 3`, `2020年2月3日`, `2020 02/03`, `2020-Feb-3`.
fn year_first(mut cursor: Cursor<'_>) -> Result<Found, Miss> {
    let (year, _) = cursor.digits(4, 4).ok_or(Miss::Nothing)?;
    let (month, day) = month_and_day(&mut cursor)?;
    let is_longer = |separator: &str| {
        let mut ahead = cursor;
        ahead.eat(separator)
            && ahead.digit_follows()
            && cursor.before().ends_with(|c: char| c.is_ascii_digit())
    };
    // 2020-02-03-16 and 2020.2.3.4 are numbers of something else.
    if is_longer("-") || is_longer(".") {
        return Err(Miss::Nothing);
    }
    with_clock(date(year, month, day)?, cursor)
}

fn month_and_day(cursor: &mut Cursor<'_>) -> Result<(i64, i64), Miss> {
    let is_apart = cursor.spaces();
    let separator = cursor.eat_any(&["年", "-", "/", "."]);
    if separator.is_none() && !is_apart {
        return Err(Miss::Nothing);
    }
    cursor.spaces();
    let month = match month::name(cursor) {
        Some(month) => month,
        None => cursor.digits(1, 2).ok_or(Miss::Nothing)?.0,
    };
    cursor.spaces();
    let second = cursor.eat_any(&["月", "-", "/", "."]).ok_or(Miss::Nothing)?;
    let is_one_way = match separator {
        Some("年") => true,
        Some(separator) => separator == second || second == "月",
        None => second == "/" || second == "-" || second == "月",
    };
    cursor.spaces();
    let (day, _) = cursor.digits(1, 2).filter(|_| is_one_way).ok_or(Miss::Nothing)?;
    let mut behind = *cursor;
    behind.spaces();
    if behind.eat_any(&["日", "号"]).is_some() {
        *cursor = behind;
    }
    Ok((month, day))
}

/// `2020-W06-1`, `2020W061`, `2020-034`, `2020034`.
fn week_or_ordinal(mut cursor: Cursor<'_>) -> Result<Found, Miss> {
    let year = cursor.exactly(4).ok_or(Miss::Nothing)?;
    cursor.eat("-");
    if cursor.eat("w") {
        let year = i16::try_from(year).map_err(|_| Miss::Nothing)?;
        let week = cursor.exactly(2).ok_or(Miss::Nothing)?;
        cursor.eat("-");
        let (day, _) = cursor.digits(1, 1).ok_or(Miss::Nothing)?;
        let week = i8::try_from(week).map_err(|_| Miss::Nothing)?;
        let day = Weekday::from_monday_one_offset(day as i8).map_err(|_| Miss::Impossible)?;
        let date = ISOWeekDate::new(year, week, day).map_err(|_| Miss::Impossible)?.date();
        return with_clock(date, cursor);
    }
    let (day, _) = cursor.digits(3, 3).ok_or(Miss::Nothing)?;
    let is_whole = cursor.is_at_end() || cursor.next() == Some('t');
    if !is_whole {
        return Err(Miss::Nothing);
    }
    day_of_year(year, day, cursor)
}

fn day_of_year(year: i64, day: i64, cursor: Cursor<'_>) -> Result<Found, Miss> {
    let first = date(year, 1, 1)?;
    let day = i16::try_from(day).map_err(|_| Miss::Impossible)?;
    with_clock(first.with().day_of_year(day).build().map_err(|_| Miss::Impossible)?, cursor)
}

/// `20200203`, `20200203T081500Z`, `20200203081500`, `202002030815`.
fn in_one(mut cursor: Cursor<'_>) -> Result<Found, Miss> {
    let digits = cursor.rest().bytes().take_while(u8::is_ascii_digit).count();
    if !matches!(digits, 8 | 12 | 14) {
        return Err(Miss::Nothing);
    }
    let mut part = |count| cursor.exactly(count).ok_or(Miss::Nothing);
    let (year, month, day) = (part(4)?, part(2)?, part(2)?);
    let is_whole_text = digits == 8 && cursor.before().len() == 8 && cursor.is_at_end();
    // Many long numbers are no dates: only what could be one is.
    let is_of_our_time = OUR_TIME.contains(&year);
    let date = match date(year, month, day) {
        Ok(date) if is_of_our_time || is_whole_text => date,
        Ok(_) => return Err(Miss::Nothing),
        Err(_) if is_of_our_time => return Err(Miss::Impossible),
        Err(_) => return Err(Miss::Nothing),
    };
    let mut behind = cursor;
    if digits == 8 && !(behind.spaces() && matches!(behind.digits(4, 6), Some((_, 4 | 6)))) {
        return with_clock(date, cursor);
    }
    cursor.spaces();
    let clock = Clock::compact(&mut cursor)?;
    Ok(Found::day(date, Some(clock)))
}

/// `03 Feb 2020`, `3-Feb-20`, `3rd February, 2020`, `03 2月 2020`.
fn day_month_name(mut cursor: Cursor<'_>) -> Result<Found, Miss> {
    let (day, _) = cursor.digits(1, 2).ok_or(Miss::Nothing)?;
    let mut behind = cursor;
    if behind.eat_any(&["st", "nd", "rd", "th"]).is_some() && !behind.letter_follows() {
        cursor = behind;
    }
    between_parts(&mut cursor);
    cursor.eat("of ");
    cursor.spaces();
    if let Some(month) = month::name(&mut cursor) {
        between_parts(&mut cursor);
        let year = year_of_mail(&mut cursor).ok_or(Miss::Nothing)?;
        return with_mail_clock(date(year, month, day)?, cursor);
    }
    let month = month::numbered(&mut cursor).ok_or(Miss::Nothing)?;
    between_parts(&mut cursor);
    let is_full = { cursor }.digits(4, 4).is_some();
    let year = year_of_mail(&mut cursor).ok_or(Miss::Nothing)?;
    // 03 2月 20 is no year without the time behind it.
    if !is_full && clock_behind(&mut { cursor })?.is_none() {
        return Err(Miss::Nothing);
    }
    with_mail_clock(date(year, month, day)?, cursor)
}

/// `2月3日，2020`, `2月 03 08:15:00 CST 2020`, and nothing else behind it: any other number there counts
/// readers.
fn chinese_month_first(mut cursor: Cursor<'_>) -> Result<Found, Miss> {
    let month = month::numbered(&mut cursor).ok_or(Miss::Nothing)?;
    cursor.spaces();
    let (day, _) = cursor.digits(1, 2).ok_or(Miss::Nothing)?;
    cursor.spaces();
    let in_words = cursor.eat_any(&["日", "号"]).is_some();
    let mut year_behind = cursor;
    between_parts(&mut year_behind);
    if weekday(&mut year_behind).is_some() {
        between_parts(&mut year_behind);
    }
    let year = year_behind.digits(4, 4).filter(|_| year_behind.next() != Some(':'));
    let (year, clock) = match year {
        Some((year, _)) => {
            cursor = year_behind;
            cursor.eat("年");
            (year, clock_behind(&mut cursor)?)
        }
        None if in_words => return Err(Miss::Nothing),
        None => {
            let clock = clock_behind(&mut cursor)?.ok_or(Miss::Nothing)?;
            cursor.spaces();
            (cursor.digits(4, 4).ok_or(Miss::Nothing)?.0, Some(clock))
        }
    };
    let is_year = OUR_TIME.contains(&year) && cursor.is_at_end();
    if is_year { Ok(Found::day(date(year, month, day)?, clock)) } else { Err(Miss::Nothing) }
}

/// `Feb 3, 2020`, `February 3rd 2020`, `Feb 03 08:15:00 +0800 2020`.
fn month_first(mut cursor: Cursor<'_>) -> Result<Found, Miss> {
    let month = month::name(&mut cursor).ok_or(Miss::Nothing)?;
    between_parts(&mut cursor);
    let (day, _) = cursor.digits(1, 2).ok_or(Miss::Nothing)?;
    cursor.eat_any(&["st", "nd", "rd", "th"]);
    let mut ahead = cursor;
    between_parts(&mut ahead);
    if let Some((year, _)) = ahead.digits(4, 4)
        && ahead.next() != Some(':')
    {
        return with_mail_clock(date(year, month, day)?, ahead);
    }
    let mut clock = clock_behind(&mut cursor)?.ok_or(Miss::Nothing)?;
    cursor.spaces();
    let mut year = cursor.digits(4, 4);
    if year.is_none() {
        // A zone that nobody knows between time and year.
        cursor.word();
        cursor.spaces();
        year = cursor.digits(4, 4);
    }
    let (year, _) = year.ok_or(Miss::Nothing)?;
    if clock.zone.is_none() {
        clock.zone = super::clock::zone(&mut cursor)?;
    }
    Ok(Found::day(date(year, month, day)?, Some(clock)))
}

/// `2/3/2020` is February in America, `03.02.2020` and `03-02-2020` in Europe.
fn year_last(mut cursor: Cursor<'_>) -> Result<Found, Miss> {
    let (first, _) = cursor.digits(1, 2).ok_or(Miss::Nothing)?;
    let separator = cursor.eat_any(&["/", ".", "-"]).ok_or(Miss::Nothing)?;
    let (second, _) = cursor.digits(1, 2).ok_or(Miss::Nothing)?;
    let year = if cursor.eat(separator) { cursor.digits(4, 4) } else { None };
    let (year, _) = year.ok_or(Miss::Nothing)?;
    let day_is_first = separator != "/" || first > 12;
    let (month, day) = if day_is_first { (second, first) } else { (first, second) };
    with_clock(date(year, month, day)?, cursor)
}

/// `20-02-03`, `20年2月3日`, `20-2-3 08:15`.
fn short_year(mut cursor: Cursor<'_>) -> Result<Found, Miss> {
    let year = cursor.exactly(2).filter(|_| !cursor.digit_follows()).ok_or(Miss::Nothing)?;
    let in_words = cursor.rest().trim_start().starts_with('年');
    let year = full_year(year);
    if in_words {
        let (month, day) = month_and_day(&mut cursor)?;
        return with_clock(date(year, month, day)?, cursor);
    }
    let mut part = || if cursor.eat("-") { cursor.digits(1, 2) } else { None };
    let ((month, wide), (day, broad)) = (part().ok_or(Miss::Nothing)?, part().ok_or(Miss::Nothing)?);
    if cursor.next().is_some_and(|c| !matches!(c, ' ' | 't' | ',')) {
        return Err(Miss::Nothing);
    }
    // 20-2-3 alone may be anything; with a time behind it is a day.
    let is_short = wide + broad < 4;
    if is_short && clock_behind(&mut { cursor })?.is_none() {
        return Err(Miss::Nothing);
    }
    with_clock(date(year, month, day)?, cursor)
}

/// `民国109年2月3日`, `109年2月3日`.
fn minguo(mut cursor: Cursor<'_>) -> Result<Found, Miss> {
    let (year, digits) = cursor.digits(1, 3).ok_or(Miss::Nothing)?;
    if digits < 3 && !cursor.before().contains("民国") {
        return Err(Miss::Nothing);
    }
    cursor.spaces();
    if cursor.next() != Some('年') {
        return Err(Miss::Nothing);
    }
    let (month, day) = month_and_day(&mut cursor)?;
    with_clock(date(year + 1911, month, day)?, cursor)
}

/// `2020-02`, `2020年2月`, `Feb 2020`, `2020`, `03335`, and nothing else in the text.
pub(super) fn month_or_year(mut cursor: Cursor<'_>) -> Result<Found, Miss> {
    if cursor.letter_follows() {
        let month = month::name(&mut cursor).ok_or(Miss::Nothing)?;
        between_parts(&mut cursor);
        let (year, _) = cursor.digits(4, 4).filter(|_| cursor.is_at_end()).ok_or(Miss::Nothing)?;
        return month_of(year, month);
    }
    if let Some((number, _)) = cursor.digits(5, 5).filter(|_| cursor.is_at_end()) {
        return day_of_year(full_year(number / 1000), number % 1000, cursor);
    }
    let (year, _) = cursor.digits(4, 4).ok_or(Miss::Nothing)?;
    cursor.spaces();
    let separator = cursor.eat_any(&["年", "-", "/", "."]);
    cursor.spaces();
    let month = cursor.digits(1, 2);
    cursor.spaces();
    let is_month = separator.is_some() && month.is_some() && (cursor.eat("月") || separator != Some("年"));
    if !cursor.is_at_end() {
        return Err(Miss::Nothing);
    }
    match (separator, month) {
        (Some(_), Some((month, _))) if is_month => month_of(year, month),
        // 0312 may be a year's month and may be a number of anything.
        (None | Some("年"), None) if OUR_TIME.contains(&year) => {
            let first = date(year, 1, 1)?;
            Ok(Found::Span { first, last: first.last_of_year() })
        }
        _ => Err(Miss::Nothing),
    }
}

fn month_of(year: i64, month: i64) -> Result<Found, Miss> {
    let first = date(year, month, 1)?;
    Ok(Found::Span { first, last: first.last_of_month() })
}

pub(super) fn date(year: i64, month: i64, day: i64) -> Result<Date, Miss> {
    let read = || Date::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?).ok();
    // Year 0 is how databases write that there is no date.
    read().filter(|_| year > 0).ok_or(Miss::Impossible)
}

/// Two digits as mail understands them (RFC 5322 §4.3).
fn full_year(year: i64) -> i64 {
    match year {
        0..50 => year + 2000,
        50..100 => year + 1900,
        _ => year,
    }
}

fn year_of_mail(cursor: &mut Cursor<'_>) -> Option<i64> {
    let mut ahead = *cursor;
    let (year, digits) = ahead.digits(2, 4)?;
    if ahead.next() == Some(':') {
        return None;
    }
    *cursor = ahead;
    Some(match digits {
        2 => full_year(year),
        3 => year + 1900,
        _ => year,
    })
}

fn between_parts(cursor: &mut Cursor<'_>) {
    while cursor.eat_any(&[" ", "-", ".", ",", "/"]).is_some() {}
}

fn with_clock(date: Date, mut cursor: Cursor<'_>) -> Result<Found, Miss> {
    let clock = clock_behind(&mut cursor)?;
    let lone_number = cursor.rest().trim();
    // `2021-01-20 16` may be an hour and may be anything.
    if clock.is_none()
        && matches!(lone_number.len(), 1..=2)
        && lone_number.bytes().all(|b| b.is_ascii_digit())
    {
        return Err(Miss::Impossible);
    }
    Ok(Found::day(date, clock))
}

/// As [`with_clock`]; a zone nobody knows is UTC (RFC 5322 §4.3).
fn with_mail_clock(date: Date, mut cursor: Cursor<'_>) -> Result<Found, Miss> {
    let mut clock = clock_behind(&mut cursor)?;
    cursor.spaces();
    let word = cursor.word();
    let is_unknown_zone = matches!(word.len(), 1 | 3..=5) && cursor.is_at_end();
    if let Some(clock) = clock.as_mut().filter(|clock| clock.zone.is_none() && is_unknown_zone) {
        clock.zone = Some(Zone::Known(TimeZone::UTC));
    }
    Ok(Found::day(date, clock))
}
