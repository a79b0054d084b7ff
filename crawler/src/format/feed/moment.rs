//! The dates of feeds: RFC 2822, RFC 3339, and what sites write instead. Reads no clock.

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use jiff::tz::TimeZone;

use crate::date::{self, DateError};

/// The moment a feed's date means; `zone` where it names none. A moment still to come is `now`, and
/// one that cannot be read, or lies before the web, is none.
pub(super) fn read(text: &str, zone: &TimeZone, now: Timestamp) -> Option<Timestamp> {
    // To the standard CST is central North America; a Chinese site means its own time.
    if let Some(local) = text.trim().strip_suffix("CST") {
        return without_zone(local.trim(), zone).and_then(|time| accept(time, now));
    }
    match date::parse(text, zone, now) {
        Ok(time) => Some(time.min(now)),
        Err(DateError::Future(_)) => Some(now),
        Err(DateError::TooEarly(_)) => None,
        Err(DateError::Unreadable(_)) => {
            let text = text.trim();
            let time = without_zone(text, zone).or_else(|| spaced(text)).or_else(|| year_last(text))?;
            accept(time, now)
        }
    }
}

fn accept(time: Timestamp, now: Timestamp) -> Option<Timestamp> {
    match date::plausible(time, now) {
        Ok(time) => Some(time.min(now)),
        Err(DateError::Future(_)) => Some(now),
        Err(_) => None,
    }
}

/// `Mon, 20 May 2024 15:30:00`, with nothing behind it: the local time of the site.
fn without_zone(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let local =
        DateTimeParser::new().relaxed_weekday(true).parse_zoned_datetime(&format!("{text} +0000")).ok()?;
    zone.to_timestamp(local.datetime()).ok()
}

/// `2024-05-20 15:30:00 +0800`.
fn spaced(text: &str) -> Option<Timestamp> {
    Timestamp::strptime("%Y-%m-%d %H:%M:%S %z", text).ok()
}

/// `Wed Jan 20 16:48:00 +0800 2021`, the way some platforms write it.
fn year_last(text: &str) -> Option<Timestamp> {
    Timestamp::strptime("%a %b %d %H:%M:%S %z %Y", text).ok()
}
