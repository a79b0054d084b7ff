//! How long somebody must wait after passwords that were wrong. Counted before a password is checked, so that
//! many tries at once are no way around it; in memory of a fixed size, and gone with a restart.
//!
//! Names that nobody has are counted as those of accounts are: waiting tells nothing about a name. An account
//! that strangers have locked can still be entered from where it was entered before.

use std::collections::HashMap;
use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};

use super::peer::Block;
use super::session;

/// Wrong passwords that cost nothing: of one account, from one address.
const FREE: (u32, u32) = (4, 20);
/// The first wait; each further one is twice as long …
const FIRST: SignedDuration = SignedDuration::from_secs(15);
/// … up to this.
const LONGEST: SignedDuration = SignedDuration::from_mins(15);
/// Forgotten after so long without a wrong password.
const FORGOTTEN: SignedDuration = SignedDuration::from_hours(24);
/// The most that is remembered; the oldest of strangers goes first.
const MOST: usize = 10_000;

/// The counters.
#[derive(Default)]
pub(super) struct Lockouts {
    counts: HashMap<Key, Count>,
    /// From where accounts were entered.
    known: HashMap<(String, Block), Timestamp>,
}

/// What is counted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    /// Tries at an account, from where it was never entered.
    Account(String),
    /// The same from one place where it was.
    Known(String, Block),
    /// Tries at a name that nobody has; its hash, since some type their password there.
    Nobody(u64),
    /// Tries from one place.
    Place(Block),
}

#[derive(Clone, Copy)]
struct Count {
    wrong: u32,
    last: Timestamp,
    until: Timestamp,
}

/// What became of asking whether a password may be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Try {
    /// It may; if it is wrong, the next has to wait when `locks`.
    Allowed {
        /// Whether this wrong password is the one that begins a wait.
        locks: bool,
    },
    /// Not before that moment.
    Wait {
        /// The end of the wait.
        until: Timestamp,
    },
}

impl Lockouts {
    /// Counts a try as wrong until [`Lockouts::right`] takes that back.
    pub(super) fn try_at(&mut self, name: &str, is_account: bool, from: IpAddr, now: Timestamp) -> Try {
        let (block, name_key) = (Block::of(from), self.key(name, is_account, from));
        // A gateway on this machine that nobody told us of stands for everybody: it must not shut all out.
        let place = (!from.is_loopback()).then_some((Key::Place(block), FREE.1));
        let keys: Vec<(Key, u32)> = std::iter::once((name_key, FREE.0)).chain(place).collect();
        let waits =
            |(key, _): &(Key, u32)| self.counts.get(key).map(|count| count.until).filter(|it| now < *it);
        if let Some(until) = keys.iter().filter_map(waits).max() {
            return Try::Wait { until };
        }
        let mut locks = false;
        for (key, free) in keys {
            locks |= self.count(key, free, now);
        }
        Try::Allowed { locks }
    }

    /// The password was right.
    pub(super) fn right(&mut self, name: &str, from: IpAddr, now: Timestamp) {
        let key = self.key(name, true, from);
        self.counts.remove(&key);
        // The address keeps its other wrong tries: an account of one's own must not wash them away.
        if let Some(count) = self.counts.get_mut(&Key::Place(Block::of(from))) {
            count.wrong = count.wrong.saturating_sub(1);
            count.until = now;
        }
        if self.known.len() >= MOST {
            let oldest = self.known.iter().min_by_key(|(_, at)| **at).map(|(key, _)| key.clone());
            oldest.and_then(|key| self.known.remove(&key));
        }
        self.known.insert((name.to_owned(), Block::of(from)), now);
    }

    /// No password was looked at, since too many were at once: the try counts for nothing.
    pub(super) fn untried(&mut self, name: &str, is_account: bool, from: IpAddr, now: Timestamp) {
        for key in [self.key(name, is_account, from), Key::Place(Block::of(from))] {
            if let Some(count) = self.counts.get_mut(&key) {
                count.wrong = count.wrong.saturating_sub(1);
                count.until = now;
            }
        }
    }

    /// Forgets what was counted of an account, and of all addresses: somebody who answers for it says so.
    pub(super) fn unlock(&mut self, name: &str) {
        self.counts.retain(|key, _| match key {
            Key::Account(other) | Key::Known(other, _) => other != name,
            Key::Place(_) => false,
            Key::Nobody(_) => true,
        });
    }

    fn key(&self, name: &str, is_account: bool, from: IpAddr) -> Key {
        let block = Block::of(from);
        match is_account {
            true if self.known.contains_key(&(name.to_owned(), block)) => Key::Known(name.to_owned(), block),
            true => Key::Account(name.to_owned()),
            false => Key::Nobody(hash(name)),
        }
    }

    /// Counts one wrong password and says whether the next one has to wait.
    fn count(&mut self, key: Key, free: u32, now: Timestamp) -> bool {
        if self.counts.len() >= MOST && !self.counts.contains_key(&key) {
            self.make_room(now);
        }
        let count = self.counts.entry(key).or_insert(Count { wrong: 0, last: now, until: now });
        if now.duration_since(count.last) > FORGOTTEN {
            count.wrong = 0;
        }
        count.wrong = count.wrong.saturating_add(1);
        count.last = now;
        let beyond = count.wrong.saturating_sub(free);
        if beyond > 0 {
            let doubled = FIRST.saturating_mul(1_i32.checked_shl(beyond.min(16) - 1).unwrap_or(i32::MAX));
            count.until = now + doubled.min(LONGEST);
        }
        beyond > 0
    }

    fn make_room(&mut self, now: Timestamp) {
        self.counts.retain(|_, count| now.duration_since(count.last) <= FORGOTTEN);
        let strangers = self.counts.iter().filter(|(key, _)| matches!(key, Key::Nobody(_) | Key::Place(_)));
        let oldest = strangers.min_by_key(|(_, count)| count.last).map(|(key, _)| key.clone());
        if let Some(oldest) = oldest.filter(|_| self.counts.len() >= MOST) {
            self.counts.remove(&oldest);
        }
    }
}

/// A short hash of what was typed.
fn hash(name: &str) -> u64 {
    session::hash(name).first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: &str = "10.0.0.8";

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_764_000_000 + second).unwrap()
    }

    fn tried(lockouts: &mut Lockouts, name: &str, from: &str, second: i64) -> Try {
        lockouts.try_at(name, name == "值班室", from.parse().unwrap(), at(second))
    }

    #[test]
    fn each_wrong_password_after_the_fourth_doubles_the_wait_for_accounts_and_for_names_nobody_has() {
        for name in ["值班室", "nobody"] {
            let mut lockouts = Lockouts::default();
            for _ in 0..4 {
                assert_eq!(tried(&mut lockouts, name, HERE, 0), Try::Allowed { locks: false });
            }
            assert_eq!(tried(&mut lockouts, name, HERE, 0), Try::Allowed { locks: true });
            assert_eq!(tried(&mut lockouts, name, "10.9.9.9", 14), Try::Wait { until: at(15) }, "{name}");
            assert_eq!(tried(&mut lockouts, name, HERE, 15), Try::Allowed { locks: true });
            assert_eq!(tried(&mut lockouts, name, HERE, 16), Try::Wait { until: at(45) });
            let mut second = 45;
            for _ in 0..20 {
                tried(&mut lockouts, name, "10.1.1.1", second);
                let Try::Wait { until } = tried(&mut lockouts, name, HERE, second) else { panic!("no wait") };
                assert!(until <= at(second) + LONGEST);
                second = until.as_second() - at(0).as_second();
            }
            assert_eq!(tried(&mut lockouts, name, HERE, second + 90_000), Try::Allowed { locks: false });
        }
    }

    #[test]
    fn a_try_that_nobody_looked_at_counts_for_nothing() {
        let mut lockouts = Lockouts::default();
        for _ in 0..50 {
            assert!(matches!(tried(&mut lockouts, "值班室", HERE, 0), Try::Allowed { locks: false }));
            lockouts.untried("值班室", true, HERE.parse().unwrap(), at(0));
        }
    }

    #[test]
    fn an_address_may_not_try_many_names() {
        let mut lockouts = Lockouts::default();
        for number in 0..21 {
            assert!(matches!(tried(&mut lockouts, &format!("n{number}"), "fd00::1", 0), Try::Allowed { .. }));
        }
        assert!(
            matches!(tried(&mut lockouts, "另一个", "fd00::2:3", 1), Try::Wait { .. }),
            "the same network"
        );
        assert!(matches!(tried(&mut lockouts, "另一个", "fd00:0:0:1::1", 1), Try::Allowed { .. }));
    }

    #[test]
    fn strangers_lock_an_account_for_strangers_alone() {
        let mut lockouts = Lockouts::default();
        tried(&mut lockouts, "值班室", HERE, 0);
        lockouts.right("值班室", HERE.parse().unwrap(), at(0));
        for _ in 0..5 {
            tried(&mut lockouts, "值班室", "203.0.113.7", 1);
        }
        assert!(matches!(tried(&mut lockouts, "值班室", "198.51.100.1", 2), Try::Wait { .. }));
        assert_eq!(tried(&mut lockouts, "值班室", HERE, 2), Try::Allowed { locks: false });
        lockouts.unlock("值班室");
        assert_eq!(tried(&mut lockouts, "值班室", "203.0.113.7", 2), Try::Allowed { locks: false });
    }

    #[test]
    fn memory_is_bounded_and_an_account_is_never_pushed_out() {
        let mut lockouts = Lockouts::default();
        for _ in 0..5 {
            tried(&mut lockouts, "值班室", HERE, 0);
        }
        for number in 0..6_000_u32 {
            let from = IpAddr::from((number + 0x0b00_0000).to_be_bytes());
            lockouts.try_at(&format!("n{number}"), false, from, at(1));
        }
        assert!(lockouts.counts.len() <= MOST);
        assert!(matches!(tried(&mut lockouts, "值班室", "10.7.7.7", 2), Try::Wait { .. }));
    }
}
