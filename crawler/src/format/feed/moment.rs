//! The dates of feeds: RFC 2822, RFC 3339, and what sites write instead. Reads no clock.

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use jiff::tz::TimeZone;

use crate::date::{self, DateError};

/// What a feed says of a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stated {
    /// A moment that can be believed.
    At(Timestamp),
    /// A moment still to come.
    Ahead,
    /// Nothing that can be read, or a moment before the web.
    Nothing,
}

/// The moment a feed's date means; `zone` where it names none.
pub(super) fn read(text: &str, zone: &TimeZone, now: Timestamp) -> Stated {
    let text = text.trim();
    // To the standard CST is central North America; a Chinese site means its own time.
    if let Some(local) = text.strip_suffix("CST") {
        return without_zone(local.trim(), zone)
            .map_or(Stated::Nothing, |time| judge(date::plausible(time, now), now));
    }
    match date::parse(text, zone, now) {
        Err(DateError::Unreadable(_)) => {
            let time = without_zone(text, zone).or_else(|| spaced(text)).or_else(|| year_last(text));
            time.map_or(Stated::Nothing, |time| judge(date::plausible(time, now), now))
        }
        read => judge(read, now),
    }
}

fn judge(time: Result<Timestamp, DateError>, now: Timestamp) -> Stated {
    match time {
        // A few seconds ahead is a difference between two clocks.
        Ok(time) => Stated::At(time.min(now)),
        Err(DateError::Future(_)) => Stated::Ahead,
        Err(DateError::TooEarly(_) | DateError::Unreadable(_)) => Stated::Nothing,
    }
}

/// `Mon, 20 May 2024 15:30:00`, with nothing behind it: the local time of the site.
fn without_zone(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let local =
        DateTimeParser::new().relaxed_weekday(true).parse_zoned_datetime(format!("{text} +0000")).ok()?;
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
