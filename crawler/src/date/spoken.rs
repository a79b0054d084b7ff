//! Days as people say them, reckoned from `now`: 昨天 08:05, 2月3日, 本月3日, 上周五, 08:15.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};

use super::between::{clock_behind, weekday};
use super::clock::Clock;
use super::cursor::Cursor;
use super::written::date;
use super::{Found, Miss, month};

/// What is so little ahead comes from a site whose clock is fast, or was written across midnight: it is no
/// day of last year and no time of yesterday. The reading is then later than now, and what is stored is the
/// time of the fetch.
const FAST_CLOCK: SignedDuration = SignedDuration::from_mins(30);

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

    /// Whether what is written without its year or day may mean this day, and this time of it.
    fn may_mean(&self, date: Date, clock: Option<&Clock>, ahead: SignedDuration) -> bool {
        let at = match clock {
            Some(clock) => clock.on(date, self.zone),
            None => self.zone.to_timestamp(date.at(0, 0, 0, 0)).map_err(|_| Miss::Impossible),
        };
        let latest = self.now.checked_add(ahead).unwrap_or(Timestamp::MAX);
        at.is_ok_and(|at| at <= latest)
    }
}

const YEARS: &[(&str, i64)] = &[("今年", 0), ("本年", 0), ("去年", -1), ("前年", -2), ("明年", 1)];

/// A month and a day: `2月3日`, `去年12月31日`, `02-03 08:15`, `Feb 3`. Without a year it is the latest
/// that is not more than [`FAST_CLOCK`] ahead.
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
            && here.may_mean(date, clock.as_ref(), FAST_CLOCK)
        {
            return Ok(Found::Day { date, clock, moves: true });
        }
    }
    Err(Miss::Impossible)
}

fn month_day(cursor: &mut Cursor<'_>) -> Result<(i64, i64, bool), Miss> {
    if cursor.letter_follows() {
        let month = month::name(cursor).ok_or(Miss::Nothing)?;
        cursor.eat(".");
        cursor.spaces();
        let (day, _) = cursor.digits(1, 2).ok_or(Miss::Nothing)?;
        cursor.eat_any(&["st", "nd", "rd", "th"]);
        // 03 Feb 08:15 is no 8 February.
        return if cursor.next() == Some(':') { Err(Miss::Nothing) } else { Ok((month, day, true)) };
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

/// `今天 12:30`, `昨晚8点`, `yesterday`, `去年今日`.
pub(super) fn named_day(mut cursor: Cursor<'_>, here: Here<'_>) -> Result<Found, Miss> {
    let years = cursor.eat_named(YEARS).unwrap_or(0);
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
    let years = Span::new().try_years(years).map_err(|_| Miss::Impossible)?;
    let date = here.days_from_today(days)?.checked_add(years).map_err(|_| Miss::Impossible)?;
    Ok(Found::Day { date, clock, moves: true })
}

/// `本月3日`, `上个月3号`, and `23日10时`: without a month the latest such day that is not more than
/// [`FAST_CLOCK`] ahead.
pub(super) fn day_of_month(mut cursor: Cursor<'_>, here: Here<'_>) -> Result<Found, Miss> {
    let months = cursor.eat_named(&[
        ("上上个月", -2),
        ("上上月", -2),
        ("上个月", -1),
        ("上月", -1),
        ("这个月", 0),
        ("本月", 0),
    ]);
    cursor.spaces();
    let (day, _) = cursor.digits(1, 2).ok_or(Miss::Nothing)?;
    cursor.spaces();
    cursor.eat_any(&["日", "号"]).ok_or(Miss::Nothing)?;
    let clock = clock_behind(&mut cursor)?;
    // 23日 alone says too little.
    if months.is_none() && clock.is_none() {
        return Err(Miss::Nothing);
    }
    date(2020, 1, day)?;
    let in_month = |months: i64| {
        let first = here.today().first_of_month().checked_add(Span::new().try_months(months).ok()?).ok()?;
        date(first.year().into(), first.month().into(), day).ok()
    };
    let latest = || {
        let days = [1, 0, -1, -2].into_iter().filter_map(in_month);
        days.into_iter().find(|date| here.may_mean(*date, clock.as_ref(), FAST_CLOCK))
    };
    let date = months.map_or_else(latest, in_month).ok_or(Miss::Impossible)?;
    Ok(Found::Day { date, clock, moves: true })
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
    let before = cursor.before();
    let is_first = before.trim().is_empty();
    let day = weekday(&mut cursor).ok_or(Miss::Nothing)?;
    let clock = clock_behind(&mut cursor)?;
    // 周一汽车 is nobody's Monday, and The Sun no day.
    let is_part_of_a_word = clock.is_none() && cursor.next().is_some_and(|c| c.is_alphanumeric());
    // 周三 2020, 2020年2月 星期五 and 周一, 03 Foo 2020 say more than is understood.
    let says_more = clock.is_none()
        && (cursor.rest().contains(|c: char| c.is_ascii_digit()) || before.contains(['年', '月']));
    let is_all = is_first && cursor.is_at_end();
    if is_part_of_a_word || says_more || (is_english && !is_all) {
        return Err(Miss::Nothing);
    }
    let today = i64::from(here.today().weekday().to_monday_one_offset());
    let mut ahead = i64::from(day) - today;
    match weeks {
        Some(weeks) => ahead += 7 * weeks,
        None if !here.may_mean(here.days_from_today(ahead)?, clock.as_ref(), FAST_CLOCK) => ahead -= 7,
        None => {}
    }
    Ok(Found::Day { date: here.days_from_today(ahead)?, clock, moves: true })
}

/// A time and nothing else, as lists of today's posts have it: the latest that is not more than
/// [`FAST_CLOCK`] ahead.
pub(super) fn time_alone(mut cursor: Cursor<'_>, here: Here<'_>) -> Result<Found, Miss> {
    let minutes = cursor.rest().split_once(':').map_or("", |(_, minutes)| minutes);
    // 3:2 is a score.
    let is_score = minutes.len() == 1;
    let clock = Clock::read(&mut cursor)?;
    if is_score || !cursor.is_at_end() {
        return Err(Miss::Nothing);
    }
    let days = if here.may_mean(here.today(), Some(&clock), FAST_CLOCK) { 0 } else { -1 };
    Ok(Found::Day { date: here.days_from_today(days)?, clock: Some(clock), moves: true })
}
