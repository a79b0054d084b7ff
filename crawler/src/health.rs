//! How a source fares: when it last answered, how often it failed since, when it is tried again, and
//! the two moments somebody should hear of. Pure: outcomes and `now` in, changes out.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::fetch::FetchError;
use crate::pace::{LONGEST_DELAY, later};
use crate::words::Words;

/// A source is reported once it has failed for this many of its intervals.
const REPORTED_AFTER: i32 = 3;

/// No failed source is tried again sooner than this.
const SHORTEST_PAUSE: SignedDuration = SignedDuration::from_secs(30);

/// A failed source is tried at least this often, unless its usual interval is longer or it asked for
/// a longer pause.
const LONGEST_BACKOFF: SignedDuration = SignedDuration::from_hours(1);

/// How one source fares. Survives a restart inside the source's cursor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Health {
    /// Latest visit that went well.
    pub last_success: Option<Timestamp>,
    /// Failures since then.
    pub failures: u32,
    /// First of these failures.
    pub failing_since: Option<Timestamp>,
    /// Latest failure in words.
    pub last_error: Option<Words>,
    /// When it is visited next.
    pub next_try: Option<Timestamp>,
    /// Why that is later than usual although nothing failed: a pause the site wants, or enough for a day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waits: Option<Words>,
    /// [`Change::Stopped`] was said of the failures that go on now.
    pub reported: bool,
}

/// Something the administrator is told once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Change {
    /// The source has failed for three of its intervals.
    Stopped {
        /// Since when.
        since: Timestamp,
        /// The latest failure in words.
        last_error: Words,
        /// What sort of failure it is: people do different things about them.
        #[serde(default)]
        trouble: Trouble,
    },
    /// A source that was reported answers again.
    Back {
        /// Since when it had failed.
        since: Timestamp,
    },
    /// The source answers, but nothing new has come for much longer than usual ([`crate::habit`]).
    Quiet {
        /// When its last new post came.
        since: Timestamp,
        /// The longest silence before.
        longest: SignedDuration,
    },
    /// A source that was reported as quiet has new posts.
    Heard {
        /// Since when it had been quiet.
        since: Timestamp,
    },
}

/// What sort of failure keeps a source from being read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Trouble {
    /// It gives no usable answer; that may pass.
    #[default]
    Unreachable,
    /// It does not want to be read: robots.txt, a login, a refusal.
    Refused,
    /// It answers with something else than before: the page was rebuilt, or moved.
    Changed,
}

impl Trouble {
    /// What sort of failure a fetch ended with.
    pub fn of(error: &FetchError) -> Trouble {
        match error {
            FetchError::Disallowed { .. } | FetchError::Status { status: 401 | 403 | 451, .. } => {
                Trouble::Refused
            }
            FetchError::Gone { .. } | FetchError::NoText { .. } | FetchError::Status { status: 404, .. } => {
                Trouble::Changed
            }
            _ => Trouble::Unreachable,
        }
    }
}

impl Health {
    /// Takes note of a visit that went well.
    pub fn succeeded(&mut self, every: SignedDuration, now: Timestamp) -> Option<Change> {
        let back = self.failing_since.filter(|_| self.reported).map(|since| Change::Back { since });
        let next_try = Some(later(now, every.max(SHORTEST_PAUSE)));
        *self = Health { last_success: Some(now), next_try, ..Health::default() };
        back
    }

    /// Takes note of a failure of the source with this id; `pause` is what the site asked for, or what
    /// its answer makes wise.
    pub fn failed(
        &mut self,
        (why, trouble, pause): (&Words, Trouble, Option<SignedDuration>),
        (id, every): (&str, SignedDuration),
        now: Timestamp,
    ) -> Option<Change> {
        self.failures = self.failures.saturating_add(1);
        self.waits = None;
        let since = *self.failing_since.get_or_insert(now);
        self.last_error = Some(why.clone());
        let pause = pause.unwrap_or_default().min(LONGEST_DELAY).max(backoff(self.failures, every));
        self.next_try = Some(later(now, later_by_chance(pause, id, self.failures)));
        let long_enough = later(since, every.saturating_mul(REPORTED_AFTER)) <= now;
        // One failed visit of a source that is seen once a day proves nothing, however long ago it was.
        if self.reported || !long_enough || self.failures < 2 {
            return None;
        }
        self.reported = true;
        Some(Change::Stopped { since, last_error: why.clone(), trouble })
    }
}

/// The interval itself at first, then twice as long each time, up to an hour.
fn backoff(failures: u32, every: SignedDuration) -> SignedDuration {
    let doublings = failures.saturating_sub(1).min(16);
    let longest = every.max(LONGEST_BACKOFF);
    every.max(SHORTEST_PAUSE).saturating_mul(1 << doublings).min(longest)
}

/// Up to a fifth longer, so that sources that failed together do not all come back together. Decided by
/// the source and its failure alone: no clock and no dice, and the same after a restart.
fn later_by_chance(pause: SignedDuration, id: &str, failures: u32) -> SignedDuration {
    let digest = Sha256::digest(format!("{id}\n{failures}"));
    let share = digest.first_chunk().map_or(0, |bytes| u16::from_be_bytes(*bytes));
    let most = pause.as_millis() / 5;
    let added = most * i128::from(share) / i128::from(u16::MAX);
    pause.saturating_add(SignedDuration::from_millis(i64::try_from(added).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVERY: SignedDuration = SignedDuration::from_mins(10);

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_second(1_600_000_000 + minutes * 60).unwrap()
    }

    fn fail(health: &mut Health, minutes: i64) -> Option<Change> {
        health.failed((&Words::same("503"), Trouble::Unreachable, None), ("a", EVERY), at(minutes))
    }

    #[test]
    fn three_intervals_of_failure_are_said_once_and_so_is_the_return() {
        let mut health = Health::default();
        assert_eq!(health.succeeded(EVERY, at(0)), None);
        assert_eq!(health.next_try, Some(at(10)));
        assert_eq!(fail(&mut health, 10), None);
        assert_eq!(fail(&mut health, 20), None);
        let (last_error, trouble) = (Words::same("503"), Trouble::Unreachable);
        let stopped = Change::Stopped { since: at(10), last_error, trouble };
        assert_eq!(fail(&mut health, 40), Some(stopped));
        assert_eq!(fail(&mut health, 80), None);
        assert_eq!((health.failures, health.last_success), (4, Some(at(0))));
        assert_eq!(health.succeeded(EVERY, at(90)), Some(Change::Back { since: at(10) }));
        assert_eq!(
            health,
            Health { last_success: Some(at(90)), next_try: Some(at(100)), ..Health::default() }
        );
        assert_eq!(health.succeeded(EVERY, at(100)), None);
    }

    #[test]
    fn a_short_failure_is_nobodys_business() {
        let mut health = Health::default();
        assert_eq!(fail(&mut health, 0), None);
        assert_eq!(fail(&mut health, 10), None);
        assert_eq!(health.succeeded(EVERY, at(30)), None);
    }

    #[test]
    fn tries_become_rarer_within_bounds() {
        let minutes =
            |every: i64, failures| backoff(failures, SignedDuration::from_mins(every)).as_secs() / 60;
        assert_eq!([1, 2, 3, 4, 5, 99].map(|failures| minutes(10, failures)), [10, 20, 40, 60, 60, 60]);
        assert_eq!([1, 2, 99].map(|failures| minutes(600, failures)), [600, 600, 600]);
        assert_eq!(backoff(1, SignedDuration::ZERO), SHORTEST_PAUSE);
    }

    #[test]
    fn chance_makes_a_pause_longer_within_bounds_and_the_same_each_time() {
        let pause = SignedDuration::from_mins(60);
        let pauses = |id: &str| [1, 2, 3, 4].map(|failures| later_by_chance(pause, id, failures));
        let mut all = Vec::new();
        for n in 0..200 {
            all.extend(pauses(&format!("source-{n}")));
        }
        assert!(all.iter().all(|longer| *longer >= pause && *longer <= SignedDuration::from_mins(72)));
        let many = all.iter().filter(|longer| **longer > SignedDuration::from_mins(66)).count();
        assert!((300..500).contains(&many), "{many} of 800 in the upper half");
        assert_eq!(pauses("a"), pauses("a"));
        assert_ne!(pauses("a"), pauses("b"));
        assert_eq!(later_by_chance(SignedDuration::ZERO, "a", 1), SignedDuration::ZERO);
        assert!(later_by_chance(SignedDuration::MAX, "a", 1) > pause);
    }

    #[test]
    fn a_pause_that_was_asked_for_is_kept_up_to_a_day() {
        let cases = [(5, 10), (90, 90), (1_000_000_000, 24 * 60)];
        for (asked, expected) in cases {
            let mut health = Health::default();
            let asked = SignedDuration::from_mins(asked);
            let why = (&Words::same("429"), Trouble::Unreachable, Some(asked));
            health.failed(why, ("a", EVERY), at(0));
            let next_try = health.next_try.unwrap();
            assert!(
                next_try >= at(expected) && next_try <= at(expected + expected / 5),
                "{asked}: {next_try}"
            );
        }
    }

    #[test]
    fn it_survives_a_restart() {
        let mut health = Health::default();
        fail(&mut health, 0);
        fail(&mut health, 60);
        let json = serde_json::to_string(&health).unwrap();
        let mut restored: Health = serde_json::from_str(&json).unwrap();
        assert_eq!(restored, health);
        assert_eq!(restored.succeeded(EVERY, at(70)), Some(Change::Back { since: at(0) }));
    }
}
