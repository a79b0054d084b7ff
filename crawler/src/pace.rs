//! When a host may be asked again. Pure: the past and now in, a moment out; nobody waits here.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use url::Url;

/// A site that asks for more patience than this is asked once a day.
pub const LONGEST_DELAY: SignedDuration = SignedDuration::from_hours(24);

/// Asks what time it is. The program hands one in; nothing here reads a clock of its own.
pub type Now = dyn Fn() -> Timestamp + Send + Sync;

/// A host's budget is for that long, from the first request on.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// What is remembered about one host.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct History {
    /// When the latest request ended, or began if it has not ended: a slow site has its pause, too.
    pub last_asked: Option<Timestamp>,
    /// Delay that the host's robots.txt asks for.
    pub crawl_delay: Option<SignedDuration>,
    /// The host asked to be left alone until then (`Retry-After`).
    pub not_before: Option<Timestamp>,
    /// What the host was asked in the last 24 hours.
    pub day: Option<Day>,
}

/// What a host was asked since a moment that lies less than 24 hours back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Day {
    /// The first request.
    pub since: Timestamp,
    /// Requests since then, this one among them.
    pub requests: u32,
    /// Web pages among them.
    pub pages: u32,
}

/// How often one host is asked in 24 hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Requests of any kind.
    pub requests: u32,
    /// Web pages among them: lists and articles, not feeds.
    pub pages: u32,
}

impl History {
    /// Adds what another run knew of the same host: of each thing the stricter.
    pub fn join(&mut self, other: &History) {
        self.last_asked = self.last_asked.max(other.last_asked);
        self.not_before = self.not_before.max(other.not_before);
        self.crawl_delay = self.crawl_delay.or(other.crawl_delay);
        self.day = match (self.day, other.day) {
            // Several sources kept the same host's day, each as it was at its own latest visit.
            (Some(one), Some(two)) if (one.since, one.requests) < (two.since, two.requests) => Some(two),
            (one, two) => one.or(two),
        };
    }
}

/// Why a host is not asked any more today, and from when on it is again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spent {
    /// All requests are made.
    Requests(Timestamp),
    /// All web pages are fetched; feeds may still be.
    Pages(Timestamp),
}

/// What of a host's budget is spent; `None` if one more request is within it.
pub fn spent(history: &History, budget: Budget, is_page: bool, now: Timestamp) -> Option<Spent> {
    let day = current_day(history, now)?;
    let over = later(day.since, DAY);
    if day.requests >= budget.requests {
        return Some(Spent::Requests(over));
    }
    (is_page && day.pages >= budget.pages).then_some(Spent::Pages(over))
}

/// Takes note of a request that starts now.
pub fn count(history: &mut History, is_page: bool, now: Timestamp) {
    let day = current_day(history, now).unwrap_or(Day { since: now, requests: 0, pages: 0 });
    history.last_asked = Some(now);
    history.day = Some(Day {
        requests: day.requests.saturating_add(1),
        pages: day.pages.saturating_add(u32::from(is_page)),
        ..day
    });
}

/// Takes note that a request has ended now.
pub fn ended(history: &mut History, now: Timestamp) {
    history.last_asked = history.last_asked.max(Some(now));
}

/// A day that begins in the future was counted before the clock was set back: it begins now.
fn current_day(history: &History, now: Timestamp) -> Option<Day> {
    let day = history.day.filter(|day| now < later(day.since, DAY))?;
    Some(Day { since: day.since.min(now), ..day })
}

/// The first moment, not before `now`, at which the host may be asked.
pub fn next_allowed(history: &History, minimum_delay: SignedDuration, now: Timestamp) -> Timestamp {
    let delay = history.crawl_delay.unwrap_or_default().max(minimum_delay).min(LONGEST_DELAY);
    // A clock set back must not close a host for longer than the delay itself.
    let after_last = history.last_asked.map_or(now, |asked| later(asked.min(now), delay));
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
        // last asked, crawl delay, not before → seconds to wait, with a minimum delay of 2 s.
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
                last_asked: last.map(at),
                crawl_delay: delay.map(secs),
                not_before: before.map(at),
                day: None,
            };
            assert_eq!(next_allowed(&history, secs(2), at(0)), at(expected), "{history:?}");
        }
    }

    #[test]
    fn a_hosts_budget_is_for_a_day_from_its_first_request_on() {
        let budget = Budget { requests: 3, pages: 2 };
        let mut history = History::default();
        let hour = 3600;
        for (seconds, is_page) in [(0, true), (hour, true)] {
            assert_eq!(spent(&history, budget, is_page, at(seconds)), None);
            count(&mut history, is_page, at(seconds));
        }
        assert_eq!(spent(&history, budget, true, at(2 * hour)), Some(Spent::Pages(at(24 * hour))));
        assert_eq!(spent(&history, budget, false, at(2 * hour)), None);
        count(&mut history, false, at(2 * hour));
        assert_eq!(spent(&history, budget, false, at(3 * hour)), Some(Spent::Requests(at(24 * hour))));
        assert_eq!(spent(&history, budget, false, at(24 * hour - 1)), Some(Spent::Requests(at(24 * hour))));
        assert_eq!(spent(&history, budget, true, at(24 * hour)), None);
        count(&mut history, true, at(25 * hour));
        assert_eq!(history.day, Some(Day { since: at(25 * hour), requests: 1, pages: 1 }));
        // The clock was set back by a week: one more day at most.
        let before = at(-7 * 24 * hour);
        let full = History { day: Some(Day { since: at(0), requests: 9, pages: 9 }), ..History::default() };
        assert_eq!(spent(&full, budget, false, before), Some(Spent::Requests(later(before, DAY))));
    }

    #[test]
    fn the_pause_begins_when_the_request_has_ended() {
        let mut history = History::default();
        count(&mut history, true, at(0));
        ended(&mut history, at(25));
        assert_eq!(next_allowed(&history, secs(2), at(25)), at(27));
    }

    #[test]
    fn what_two_sources_know_of_a_host_is_joined() {
        let day = |since, requests| Some(Day { since: at(since), requests, pages: 0 });
        let mut history = History { last_asked: Some(at(5)), day: day(0, 3), ..History::default() };
        let other = History {
            last_asked: Some(at(3)),
            crawl_delay: Some(secs(9)),
            not_before: Some(at(20)),
            day: day(0, 7),
        };
        history.join(&other);
        assert_eq!(history, History { last_asked: Some(at(5)), ..other });
        history.join(&History { day: day(-5, 99), ..History::default() });
        assert_eq!(history.day, day(0, 7));
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
