//! When a text was published, out of the many ways files and feeds write it.
//! Reads no clock: `now` is the moment the text was first seen, and what lies after it is not taken.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use thiserror::Error;

/// Clocks differ by a little; a date further ahead than this is wrong.
const TOLERATED_FUTURE: SignedDuration = SignedDuration::from_mins(2);

/// Before this year nobody wrote for the web; 1970 is what a missing date looks like.
const EARLIEST_YEAR: i16 = 1990;

/// From here on a number counts milliseconds (as seconds it would be the year 5138).
const MILLISECONDS_FROM: f64 = 1e11;

/// The zone of texts that name none.
pub const DEFAULT_ZONE: &str = "Asia/Shanghai";

/// Why a date was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DateError {
    /// No known way of writing a date.
    #[error(
        "cannot read the time \"{0}\"; expected 2021-01-20T16:48:00+08:00, 2021-01-20 16:48, 2021-01-20 or epoch seconds"
    )]
    Unreadable(String),
    /// Later than now.
    #[error("the time {0} lies in the future")]
    Future(Timestamp),
    /// Too early to be true.
    #[error("the time {0} is before 1990, as if the date were missing")]
    TooEarly(Timestamp),
}

/// Reads a time written as text. `zone` applies where the text names none; a bare day counts at `now`
/// if that is the same local day, and at the local day's end otherwise.
pub fn parse(text: &str, zone: &TimeZone, now: Timestamp) -> Result<Timestamp, DateError> {
    let text = text.trim();
    let time = instant(text)
        .or_else(|| number(text))
        .or_else(|| local(text, zone, now))
        .ok_or_else(|| DateError::Unreadable(shortened(text)))?;
    plausible(time, now)
}

/// A time that may be stored: neither ahead of `now` nor from before there was a web.
pub fn plausible(time: Timestamp, now: Timestamp) -> Result<Timestamp, DateError> {
    if time > now.checked_add(TOLERATED_FUTURE).unwrap_or(Timestamp::MAX) {
        return Err(DateError::Future(time));
    }
    if TimeZone::UTC.to_datetime(time).year() < EARLIEST_YEAR {
        return Err(DateError::TooEarly(time));
    }
    Ok(time)
}

/// A time that carries its own zone: RFC 3339, RFC 2822.
fn instant(text: &str) -> Option<Timestamp> {
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time);
    }
    jiff::fmt::rfc2822::DateTimeParser::new().relaxed_weekday(true).parse_timestamp(text).ok()
}

fn number(text: &str) -> Option<Timestamp> {
    // Shorter numbers are days or years: 20210120.
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let is_number = digits >= 9 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if is_number { text.parse().ok().and_then(epoch) } else { None }
}

fn epoch(number: f64) -> Option<Timestamp> {
    if !number.is_finite() || number < 0.0 {
        return None;
    }
    let milliseconds = if number >= MILLISECONDS_FROM { number } else { number * 1000.0 };
    if milliseconds > 1e16 {
        return None;
    }
    Timestamp::from_millisecond(milliseconds.round() as i64).ok()
}

/// A local time, or a bare day.
fn local(text: &str, zone: &TimeZone, now: Timestamp) -> Option<Timestamp> {
    let numbers = Numbers::read(text)?;
    let date = numbers.date()?;
    let at = |time: Time| zone.to_timestamp(DateTime::from_parts(date, time)).ok();
    match numbers.time() {
        Some(time) => at(time?),
        None if zone.to_datetime(now).date() == date => Some(now),
        None => at(Time::constant(23, 59, 59, 0)),
    }
}

/// The numbers of `2021-01-20 16:48[:00[.000]]`, `2021/1/20`, `2021.1.20`, `2021年1月20日 16时48分`, `20210120`.
struct Numbers(Vec<i32>);

impl Numbers {
    fn read(text: &str) -> Option<Numbers> {
        if text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            let part = |range: std::ops::Range<usize>| text.get(range)?.parse().ok();
            return Some(Numbers(vec![part(0..4)?, part(4..6)?, part(6..8)?]));
        }
        // Fractions of a second are dropped: no source's clock is that good.
        let text = text.trim_end_matches(['日', '分', '秒', '时', '点']);
        let mut numbers = Vec::new();
        let mut rest = text;
        for separators in [DATE_MARKS, DATE_MARKS, DAY_END, CLOCK_MARKS, CLOCK_MARKS, &["."], &[]] {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            if digits == 0 || digits > 6 {
                return None;
            }
            let (number, after) = rest.split_at(digits);
            if separators.is_empty() {
                // What stands behind the seconds' point.
                return after.is_empty().then_some(Numbers(numbers));
            }
            numbers.push(number.parse().ok()?);
            if after.is_empty() {
                return Some(Numbers(numbers));
            }
            rest = separators.iter().find_map(|separator| after.strip_prefix(separator))?.trim_start();
        }
        None
    }

    fn date(&self) -> Option<Date> {
        let [year, month, day, ..] = self.0.as_slice() else { return None };
        Date::new(i16::try_from(*year).ok()?, i8::try_from(*month).ok()?, i8::try_from(*day).ok()?).ok()
    }

    /// `None` for a bare day, `Some(None)` for a clock time that does not exist.
    fn time(&self) -> Option<Option<Time>> {
        let (hour, minute, second) = match self.0.get(3..)? {
            [] => return None,
            [_] => return Some(None),
            [hour, minute] => (*hour, *minute, 0),
            [hour, minute, second, ..] => (*hour, *minute, *second),
        };
        let small = |number: i32| i8::try_from(number).ok();
        let read = || Time::new(small(hour)?, small(minute)?, small(second)?, 0).ok();
        Some(read())
    }
}

const DATE_MARKS: &[&str] = &["-", "/", ".", "年", "月"];
const DAY_END: &[&str] = &["日 ", "日", " ", "T", "\u{3000}"];
const CLOCK_MARKS: &[&str] = &[":", "：", "时", "点", "分"];

/// A hostile file may hold anything where a date should be; a report shows the beginning.
fn shortened(text: &str) -> String {
    let mut short: String = text.chars().filter(|c| !c.is_control()).take(40).collect();
    if text.chars().count() > 40 {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2021-01-21T03:00:00Z";

    fn read(text: &str) -> Result<String, DateError> {
        let zone = TimeZone::get(DEFAULT_ZONE).unwrap();
        parse(text, &zone, NOW.parse().unwrap()).map(|time| time.to_string())
    }

    #[test]
    fn every_documented_way_is_read() {
        let cases = [
            ("2021-01-20T16:48:00+08:00", "2021-01-20T08:48:00Z"),
            ("2021-01-20T08:48:00Z", "2021-01-20T08:48:00Z"),
            ("2021-01-20T16:48:00.250+08:00", "2021-01-20T08:48:00.25Z"),
            ("2021-01-20 16:48:00+08:00", "2021-01-20T08:48:00Z"),
            ("Wed, 20 Jan 2021 16:48:00 +0800", "2021-01-20T08:48:00Z"),
            ("Wed, 20 Jan 2021 08:48:00 GMT", "2021-01-20T08:48:00Z"),
            ("Mon, 20 Jan 2021 08:48:00 GMT", "2021-01-20T08:48:00Z"),
            ("1611132480", "2021-01-20T08:48:00Z"),
            ("1611132480123", "2021-01-20T08:48:00.123Z"),
            ("1611132480.5", "2021-01-20T08:48:00.5Z"),
            ("2021-01-20 16:48", "2021-01-20T08:48:00Z"),
            ("2021-01-20 16:48:07", "2021-01-20T08:48:07Z"),
            ("2021-01-20T16:48:07.5", "2021-01-20T08:48:07Z"),
            ("2021/1/20 6:48", "2021-01-19T22:48:00Z"),
            ("2021年1月20日 16时48分", "2021-01-20T08:48:00Z"),
            ("2021年1月20日16:48:07", "2021-01-20T08:48:07Z"),
        ];
        for (text, expected) in cases {
            assert_eq!(read(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn a_bare_day_is_now_today_and_the_days_end_otherwise() {
        for today in ["2021-01-21", "2021/1/21", "20210121", "2021年1月21日", "2021.01.21"] {
            assert_eq!(read(today).as_deref(), Ok(NOW), "{today}");
        }
        for yesterday in ["2021-01-20", "2021/01/20", "20210120", "2021年1月20日"] {
            assert_eq!(read(yesterday).as_deref(), Ok("2021-01-20T15:59:59Z"), "{yesterday}");
        }
    }

    #[test]
    fn what_is_no_date_is_refused() {
        let texts = [
            "",
            "昨天",
            "2021",
            "2021-13-01",
            "2021-02-30",
            "2021-01-20 25:00",
            "2021-01-20 16",
            "01-20 16:48",
            "2021-01-20 16:48 下午",
            "-1611132480",
            "1e400",
            "99999999999999999999",
            "2021-01-20-16",
            "NaN",
        ];
        for text in texts {
            assert!(matches!(read(text), Err(DateError::Unreadable(_))), "{text}: {:?}", read(text));
        }
        let DateError::Unreadable(shown) = read(&"长".repeat(100)).unwrap_err() else { panic!() };
        assert_eq!(shown.chars().count(), 41);
    }

    #[test]
    fn the_future_and_the_distant_past_are_not_taken() {
        for text in ["2099-01-01", "2099-01-01T00:00:00Z", "2021-01-21T03:02:01Z", "2021-01-22", "4070908800"]
        {
            assert!(matches!(read(text), Err(DateError::Future(_))), "{text}: {:?}", read(text));
        }
        assert_eq!(read("2021-01-21T03:02:00Z").as_deref(), Ok("2021-01-21T03:02:00Z"));
        for text in ["1970-01-01T00:00:00Z", "000000000", "1989-12-31"] {
            assert!(matches!(read(text), Err(DateError::TooEarly(_))), "{text}: {:?}", read(text));
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".{0,40}", dateish in "[0-9年月日:T/ .-]{0,24}") {
            let _ = (read(&text), read(&dateish));
        }
    }
}
