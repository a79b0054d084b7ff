//! Moments as numbers: seconds, milliseconds, microseconds or nanoseconds since 1970.

use jiff::Timestamp;

use super::cursor::Cursor;
use super::{Found, Miss};

/// Shorter numbers are days or years: 20210120.
const DIGITS_AT_LEAST: usize = 9;

/// A number since 1970 that is the whole text; its length says in what it counts. A number that can be
/// read as 20200203081500 is left to the calendar.
pub(super) fn epoch(text: &str) -> Result<Found, Miss> {
    let text = text.trim();
    let text = &in_full(text).unwrap_or_else(|| text.to_owned());
    if let Some(inside) = text.trim_matches('/').strip_prefix("date(") {
        // /Date(1580688900000+0800)/: the moment is in UTC whatever zone is named.
        let end = inside.find(|c: char| !c.is_ascii_digit()).unwrap_or(inside.len());
        let number = inside.get(..end).and_then(|digits| digits.parse().ok()).ok_or(Miss::Nothing)?;
        return moment(Timestamp::from_millisecond(number));
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((text.as_str(), "0"));
    let is_number = [whole, fraction].iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    if !is_number
        || whole.len() < DIGITS_AT_LEAST
        || super::written::dated(Cursor::new(text)).err() != Some(Miss::Nothing)
    {
        return Err(Miss::Nothing);
    }
    let number: i64 = whole.parse().map_err(|_| Miss::Nothing)?;
    match number {
        // As seconds the year 5138.
        0..100_000_000_000 => {
            let nanoseconds = format!("{fraction:0<9}").get(..9).and_then(|nine| nine.parse().ok());
            moment(Timestamp::new(number, nanoseconds.unwrap_or(0)))
        }
        100_000_000_000..100_000_000_000_000 => moment(Timestamp::from_millisecond(number)),
        100_000_000_000_000..100_000_000_000_000_000 => moment(Timestamp::from_microsecond(number)),
        _ => moment(Timestamp::from_nanosecond(i128::from(number))),
    }
}

/// `1.5806889e9`, as spreadsheets and scripts write long numbers.
fn in_full(text: &str) -> Option<String> {
    let (number, exponent) = text.split_once('e')?;
    let is_exponent = exponent.len() <= 3 && exponent.trim_start_matches('+').parse::<u8>().is_ok();
    let is_number = number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let value: f64 = text.parse().ok().filter(|_| is_exponent && is_number)?;
    Some(format!("{value:.0}"))
}

fn moment(at: Result<Timestamp, jiff::Error>) -> Result<Found, Miss> {
    at.map(|at| Found::Moment { at, moves: false }).map_err(|_| Miss::Nothing)
}
