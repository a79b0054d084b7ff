//! When a host may be asked again. Pure: the past and now in, a moment out; nobody waits here.

use jiff::{SignedDuration, Timestamp};
use url::Url;

/// A site that asks for more patience than this is asked once a day.
pub const LONGEST_DELAY: SignedDuration = SignedDuration::from_hours(24);

/// Asks what time it is. The program hands one in; nothing here reads a clock of its own.
pub type Now = dyn Fn() -> Timestamp + Send + Sync;

/// What is remembered about one host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// Start of the latest request.
    pub last_start: Option<Timestamp>,
    /// Delay that the host's robots.txt asks for.
    pub crawl_delay: Option<SignedDuration>,
    /// The host asked to be left alone until then (`Retry-After`).
    pub not_before: Option<Timestamp>,
}

/// The first moment, not before `now`, at which the host may be asked.
pub fn next_allowed(history: &History, minimum_delay: SignedDuration, now: Timestamp) -> Timestamp {
    let delay = history.crawl_delay.unwrap_or_default().max(minimum_delay).min(LONGEST_DELAY);
    // A clock set back must not close a host for longer than the delay itself.
    let after_last = history.last_start.map_or(now, |start| later(start.min(now), delay));
    let longest = later(now, LONGEST_DELAY);
    let asked = history.not_before.map_or(now, |moment| moment.min(longest));
    now.max(after_last).max(asked)
}

/// The queue an address belongs to: its host, whose two usual ports are one site.
pub fn host_key(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port_or_known_default() {
        None | Some(80 | 443) => host.to_owned(),
        Some(port) => format!("{host}:{port}"),
    }
}

/// Time does not end before us: a moment past the last one that can be written is that last one.
pub(crate) fn later(time: Timestamp, by: SignedDuration) -> Timestamp {
    time.checked_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_600_000_000;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(NOW + seconds).unwrap()
    }

    fn secs(seconds: i64) -> SignedDuration {
        SignedDuration::from_secs(seconds)
    }

    #[test]
    fn the_longest_of_all_wishes_counts() {
        // last start, crawl delay, not before → seconds to wait, with a minimum delay of 2 s.
        let cases = [
            (None, None, None, 0),
            (Some(0), None, None, 2),
            (Some(-1), None, None, 1),
            (Some(-2), None, None, 0),
            (Some(-1), Some(5), None, 4),
            (Some(-1), Some(1), None, 1),
            (Some(-1), Some(0), None, 1),
            (Some(-100), Some(1_000_000_000), None, 86_300),
            (None, None, Some(20), 20),
            (None, None, Some(-20), 0),
            (Some(0), Some(30), Some(20), 30),
            (None, None, Some(1_000_000_000), 86_400),
            // The clock was set back by an hour.
            (Some(3600), None, None, 2),
        ];
        for (last, delay, before, expected) in cases {
            let history = History {
                last_start: last.map(at),
                crawl_delay: delay.map(secs),
                not_before: before.map(at),
            };
            assert_eq!(next_allowed(&history, secs(2), at(0)), at(expected), "{history:?}");
        }
    }

    #[test]
    fn the_end_of_time_is_no_panic() {
        let history = History { not_before: Some(Timestamp::MAX), ..History::default() };
        assert_eq!(next_allowed(&history, secs(2), Timestamp::MAX), Timestamp::MAX);
    }

    #[test]
    fn the_two_usual_ports_are_one_host() {
        let cases = [
            ("http://a.example/x", "a.example"),
            ("https://a.example/y", "a.example"),
            ("http://a.example:8099/", "a.example:8099"),
            ("http://[::1]:8099/", "[::1]:8099"),
        ];
        for (url, expected) in cases {
            assert_eq!(host_key(&Url::parse(url).unwrap()), expected);
        }
    }
}
