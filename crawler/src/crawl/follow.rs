//! Which of a list's articles are read now, and which were: new ones first, a few at a visit, young ones
//! again a few times. Pure: entries and `now` in, decisions out. `articles` does the asking.
//!
//! An edit of a stored post counts nothing any more, so a post waits for its article: it comes without one
//! only when the article cannot be had, or when it has waited for an hour.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::pace::later;
use crate::post::PostId;

/// An article is looked at again when it was first read so long ago: most corrections come early.
const LOOKED_AT_AGAIN: [SignedDuration; 3] =
    [SignedDuration::from_hours(1), SignedDuration::from_hours(6), SignedDuration::from_hours(24)];

/// An article that fails so often is not asked for any more.
const TRIES: u8 = 3;

/// A post that waited so long for its article comes without it.
const PATIENCE: SignedDuration = SignedDuration::from_hours(1);

/// So long it is remembered to wait while the part of the list it stands on is not seen.
const UNSEEN_AT_MOST: SignedDuration = SignedDuration::from_hours(24);

/// Entries remembered beside those on the list.
const REMEMBERED: usize = 2000;

/// On a list whose addresses change at each visit at least so many entries bear known titles.
const SUSPICIOUS: usize = 5;

/// The articles of one source: which were read, which wait.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Follow(BTreeMap<PostId, Known>);

/// What is known of one article.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Known {
    /// When its entry was first seen.
    #[serde(rename = "s")]
    seen: Timestamp,
    /// When it was first read.
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    read: Option<Timestamp>,
    /// How often it was read, from the second time on.
    #[serde(rename = "l", default)]
    looks: u8,
    /// How often it failed.
    #[serde(rename = "f", default)]
    failures: u8,
    /// Nothing is to be done any more.
    #[serde(rename = "d", default)]
    done: bool,
    /// The entry's own words, hashed: other words are a reason to look again.
    #[serde(rename = "w")]
    words: u32,
}

/// What to do about an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// It was never read: read it.
    Read,
    /// It was read, and may have changed.
    ReadAgain,
    /// It cannot be read: the entry's own words are its post.
    TakeEntry,
    /// It is known.
    Leave,
}

/// An entry as this file sees it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen<'a> {
    pub(super) id: PostId,
    /// Title, and what else tells that it changed.
    pub(super) words: &'a str,
}

impl Follow {
    /// Decides about an entry and remembers that it was seen.
    pub(super) fn step(&mut self, entry: Seen<'_>, now: Timestamp) -> Step {
        let words = hash(entry.words);
        let known = self.0.entry(entry.id).or_insert(Known {
            seen: now,
            read: None,
            looks: 0,
            failures: 0,
            done: false,
            words,
        });
        if known.words != words {
            (known.words, known.done) = (words, false);
            return if known.read.is_some() { Step::ReadAgain } else { Step::Read };
        }
        match known.read {
            None if known.done || later(known.seen, PATIENCE) <= now => {
                known.done = true;
                Step::TakeEntry
            }
            None => Step::Read,
            Some(_) if known.done => Step::Leave,
            Some(read) => match LOOKED_AT_AGAIN.get(usize::from(known.looks)) {
                Some(age) if later(read, *age) <= now => Step::ReadAgain,
                _ => Step::Leave,
            },
        }
    }

    /// Takes note of an article that was read; `again` if it may be looked at again.
    pub(super) fn read(&mut self, id: PostId, again: bool, now: Timestamp) {
        let Some(known) = self.0.get_mut(&id) else { return };
        known.failures = 0;
        match known.read {
            None => known.read = Some(now),
            // However late it was looked at, the looks that were missed are not made up for.
            Some(read) => {
                let passed = LOOKED_AT_AGAIN.iter().filter(|age| later(read, **age) <= now).count();
                known.looks = u8::try_from(passed).unwrap_or(u8::MAX).max(known.looks);
            }
        }
        known.done = !again || usize::from(known.looks) >= LOOKED_AT_AGAIN.len();
    }

    /// Takes note of an article that could not be read, for good or for now; whether it is given up.
    pub(super) fn failed(&mut self, id: PostId, for_good: bool) -> bool {
        let Some(known) = self.0.get_mut(&id) else { return true };
        known.failures = known.failures.saturating_add(1);
        known.done |= for_good || known.failures >= TRIES;
        known.done
    }

    /// Whether the whole list is wanted, even if nothing is new on it: something waits or is to be
    /// looked at again.
    pub(super) fn wants_all(&self, now: Timestamp) -> bool {
        self.0.values().any(|known| match known.read {
            _ if known.done => false,
            None => true,
            Some(read) => {
                LOOKED_AT_AGAIN.get(usize::from(known.looks)).is_some_and(|age| later(read, *age) <= now)
            }
        })
    }

    /// Whether this article waits to be read.
    pub(super) fn waits(&self, id: PostId) -> bool {
        self.0.get(&id).is_some_and(|known| known.read.is_none() && !known.done)
    }

    /// Whether any article waits to be read.
    pub(super) fn has_waiting(&self) -> bool {
        self.0.values().any(|known| known.read.is_none() && !known.done)
    }

    /// Whether the list's addresses are new at each visit: the same titles come under unknown ones.
    pub(super) fn addresses_change(&self, entries: &[Seen<'_>]) -> bool {
        let titles: BTreeSet<u32> = self.0.values().map(|known| known.words).collect();
        let unknown: Vec<&Seen<'_>> =
            entries.iter().filter(|entry| !self.0.contains_key(&entry.id)).collect();
        let with_known_title = unknown.iter().filter(|entry| titles.contains(&hash(entry.words))).count();
        with_known_title >= SUSPICIOUS && with_known_title * 2 > entries.len()
    }

    /// Forgets the oldest that are not on the list any more; those cannot be looked at again. Where only
    /// a part of the list was seen, what waits for its article does so for a day.
    pub(super) fn keep(&mut self, listed: &BTreeSet<PostId>, are_all: bool, now: Timestamp) {
        for (id, known) in &mut self.0 {
            let may_come_again = !are_all && known.read.is_none() && now < later(known.seen, UNSEEN_AT_MOST);
            known.done |= !listed.contains(id) && !may_come_again;
        }
        let mut others: Vec<(Timestamp, PostId)> = self
            .0
            .iter()
            .filter(|(id, _)| !listed.contains(id))
            .map(|(id, known)| (known.seen, *id))
            .collect();
        others.sort_unstable();
        for (_, id) in others.iter().take(others.len().saturating_sub(REMEMBERED)) {
            self.0.remove(id);
        }
    }
}

fn hash(words: &str) -> u32 {
    let digest: [u8; 32] = Sha256::digest(words.as_bytes()).into();
    let mut first = [0; 4];
    first.copy_from_slice(&digest[..4]);
    u32::from_be_bytes(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::{IdKey, Identity, Publisher};

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_second(1_600_000_000 + minutes * 60).unwrap()
    }

    fn id(address: &str) -> PostId {
        PostId::new(Identity::Address(address), Publisher::Media, &IdKey::fixed([0; 32]))
    }

    fn seen<'a>(address: &str, words: &'a str) -> Seen<'a> {
        Seen { id: id(address), words }
    }

    #[test]
    fn an_article_is_read_once_and_looked_at_again_while_young() {
        let mut follow = Follow::default();
        let mut read = Vec::new();
        for minutes in (0..3 * 24 * 60).step_by(10) {
            match follow.step(seen("a", "甲"), at(minutes)) {
                Step::Read | Step::ReadAgain => {
                    follow.read(id("a"), true, at(minutes));
                    read.push(minutes);
                }
                step => assert_eq!(step, Step::Leave),
            }
        }
        assert_eq!(read, [0, 60, 360, 1440]);
        // Other words on the list are a reason to look, whenever that is.
        assert_eq!(follow.step(seen("a", "甲（更新）"), at(9999)), Step::ReadAgain);
    }

    #[test]
    fn after_a_long_silence_the_missed_looks_are_one() {
        let mut follow = Follow::default();
        follow.step(seen("a", "甲"), at(0));
        follow.read(id("a"), true, at(0));
        assert_eq!(follow.step(seen("a", "甲"), at(2000)), Step::ReadAgain);
        follow.read(id("a"), true, at(2000));
        assert_eq!(follow.step(seen("a", "甲"), at(2010)), Step::Leave);
        assert!(!follow.wants_all(at(99_999)));
    }

    #[test]
    fn what_fails_is_tried_three_times_and_then_its_entry_is_taken() {
        let mut follow = Follow::default();
        for (minutes, given_up) in [(0, false), (10, false), (20, true)] {
            assert_eq!(follow.step(seen("a", "甲"), at(minutes)), Step::Read);
            assert!(follow.wants_all(at(minutes)));
            assert_eq!(follow.failed(id("a"), false), given_up, "{minutes}");
        }
        assert_eq!(follow.step(seen("a", "甲"), at(30)), Step::TakeEntry);
        assert!(!follow.wants_all(at(30)));
        follow.step(seen("b", "乙"), at(30));
        assert!(follow.failed(id("b"), true));
    }

    #[test]
    fn a_post_waits_for_its_article_for_an_hour() {
        let mut follow = Follow::default();
        assert_eq!(follow.step(seen("a", "甲"), at(0)), Step::Read);
        assert_eq!(follow.step(seen("a", "甲"), at(59)), Step::Read);
        assert_eq!(follow.step(seen("a", "甲"), at(60)), Step::TakeEntry);
    }

    #[test]
    fn a_list_whose_addresses_change_is_recognised() {
        let mut follow = Follow::default();
        let words: Vec<String> = (0..10).map(|number| format!("标题{number}")).collect();
        let entries = |prefix: &str| -> Vec<Seen<'_>> {
            words.iter().enumerate().map(|(place, words)| seen(&format!("{prefix}{place}"), words)).collect()
        };
        assert!(!follow.addresses_change(&entries("a")));
        for entry in entries("a") {
            follow.step(entry, at(0));
        }
        assert!(!follow.addresses_change(&entries("a")));
        assert!(follow.addresses_change(&entries("b")));
    }

    #[test]
    fn memory_is_bounded_and_survives_as_text() {
        let mut follow = Follow::default();
        for number in 0..3000 {
            follow.step(seen(&number.to_string(), "甲"), at(number));
        }
        let listed: BTreeSet<PostId> = (0..10).map(|number: i64| id(&number.to_string())).collect();
        follow.keep(&listed, true, at(3000));
        assert_eq!(follow.0.len(), REMEMBERED + 10);
        assert!(follow.0.contains_key(&id("5")) && !follow.0.contains_key(&id("500")));
        let text = serde_json::to_string(&follow).unwrap();
        assert!(text.len() < 250_000, "{}", text.len());
        assert_eq!(serde_json::from_str::<Follow>(&text).unwrap(), follow);
    }
}
