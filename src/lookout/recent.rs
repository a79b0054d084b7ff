//! Where the posts of the last day that belong to some concern stand in the archive: whoever explains twenty alerts of
//! one moment must not read the day twenty times, and a day may bring more than anybody can read while somebody waits.

use std::collections::HashMap;
use std::sync::Arc;

use analyzer::matcher::{Matchers, Text};
use crawler::archive::{Archive, ArchiveError};
use crawler::post::{Publisher, Stored};
use jiff::Timestamp;

/// Posts whose places are kept at most, the newest: some 24 MB.
const MOST: usize = 1_000_000;
/// Scatters numbers that follow each other (2⁶⁴ divided by the golden ratio).
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// The places of the posts that were published from a moment on.
#[derive(Default)]
pub(super) struct Recent {
    /// By what posts were told apart; other concerns begin anew.
    matchers: Option<Arc<Matchers>>,
    /// Posts published from then on are known …
    from: Timestamp,
    /// … up to this place in the archive.
    sequence: u64,
    /// Whether older ones were forgotten because there were too many.
    is_cut: bool,
    /// By time and then by sequence, unless some came late.
    places: Vec<Place>,
    is_sorted: bool,
    /// Those of media, offices and platforms are known from then on.
    public_from: Timestamp,
    /// Their places before `from`, by time and then by sequence.
    older: Vec<Place>,
    sets: Sets,
}

/// One post that belongs to some concern.
struct Place {
    /// Publication time, Unix milliseconds.
    time: i64,
    sequence: u64,
    /// The number of the set of its concerns.
    set: u32,
    /// Whether a medium, an office or a platform published it.
    is_public: bool,
}

/// Sets of concerns by their numbers: few, since most posts belong to one.
#[derive(Default)]
struct Sets {
    numbers: HashMap<Arc<[usize]>, u32>,
    sets: Vec<Arc<[usize]>>,
}

/// Posts of which not all need to be read.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Sample {
    /// Their places in the archive, by time.
    pub(super) sequences: Vec<u64>,
    /// Each stands for so many; 1 where all are there.
    pub(super) one_of: u32,
}

impl Recent {
    /// Takes up the posts published from a moment on, as far as they are not known yet.
    pub(super) fn know(
        &mut self,
        archive: &Archive,
        matchers: &Arc<Matchers>,
        from: Timestamp,
    ) -> Result<(), ArchiveError> {
        let is_same = self.matchers.as_ref().is_some_and(|known| Arc::ptr_eq(known, matchers));
        if !is_same || (from < self.from && !self.is_cut) {
            let matchers = Some(Arc::clone(matchers));
            *self = Recent { matchers, from, public_from: from, ..Recent::default() };
        }
        let (behind, from) = (self.sequence, self.from);
        // What came since may be an official text of before.
        let from = if behind > 0 { from.min(self.public_from) } else { from };
        archive.arrived_behind(behind, from, &mut |stored| {
            let concerns = matchers.matching(&Text::of(&stored.post));
            self.note(&stored, &concerns);
        })?;
        if !std::mem::replace(&mut self.is_sorted, true) {
            self.places.sort_by_key(|place| (place.time, place.sequence));
        }
        Ok(())
    }

    /// The same of media, offices and platforms alone, from an earlier moment on.
    pub(super) fn know_public(&mut self, archive: &Archive, from: Timestamp) -> Result<(), ArchiveError> {
        let Some(matchers) = self.matchers.clone().filter(|_| from < self.public_from) else { return Ok(()) };
        let mut found = Vec::new();
        for publisher in [Publisher::Gov, Publisher::Media, Publisher::Platform] {
            archive.published(Some(publisher), from, self.public_from, &mut |stored| {
                let concerns = matchers.matching(&Text::of(&stored.post));
                if stored.revision == 0 && !concerns.is_empty() {
                    found.push(self.sets.place(&stored, &concerns));
                }
            })?;
        }
        found.append(&mut self.older);
        found.sort_by_key(|place| (place.time, place.sequence));
        (self.older, self.public_from) = (found, from);
        Ok(())
    }

    /// Notes a post that was just stored, with its concerns. If others came between, it is read later with them.
    pub(super) fn observe(&mut self, stored: &Stored, matchers: &Arc<Matchers>, concerns: &[usize]) {
        let is_same = self.matchers.as_ref().is_some_and(|known| Arc::ptr_eq(known, matchers));
        if is_same && stored.sequence == self.sequence + 1 {
            self.note(stored, concerns);
        }
    }

    fn note(&mut self, stored: &Stored, concerns: &[usize]) {
        self.sequence = self.sequence.max(stored.sequence);
        if concerns.is_empty() || stored.revision > 0 || stored.post.time < self.public_from.min(self.from) {
            return;
        }
        let place = self.sets.place(stored, concerns);
        if stored.post.time < self.from {
            // An official text of before that comes late, as from a site that was down.
            if place.is_public {
                let order = |known: &Place| (known.time, known.sequence);
                let behind = self.older.partition_point(|known| order(known) < order(&place));
                self.older.insert(behind, place);
            }
            return;
        }
        self.is_sorted &= self.places.last().is_none_or(|last| last.time <= place.time);
        self.places.push(place);
        if self.places.len() > MOST {
            self.forget();
        }
    }

    /// Forgets the oldest quarter.
    fn forget(&mut self) {
        self.places.sort_by_key(|place| (place.time, place.sequence));
        self.places.drain(..MOST / 4);
        self.is_sorted = true;
        let first = self.places.first().and_then(|place| Timestamp::from_millisecond(place.time).ok());
        self.from = first.unwrap_or(self.from);
        (self.is_cut, self.public_from) = (true, self.public_from.max(self.from));
        self.older.clear();
    }

    /// Whether all posts from a moment on are known.
    pub(super) fn reaches(&self, from: Timestamp) -> bool {
        self.matchers.is_some() && self.from <= from
    }

    /// The places of a concern's posts of a span, by time.
    fn of(&self, concern: usize, (from, to): (Timestamp, Timestamp)) -> impl Iterator<Item = &Place> {
        let (from, to) = (from.as_millisecond(), to.as_millisecond());
        let all = self.older.iter().chain(&self.places);
        let is_meant = move |place: &&Place| {
            place.time >= from && place.time < to && self.sets.of(place).contains(&concern)
        };
        all.filter(is_meant)
    }

    /// So many of a concern's posts of a span at most, all of one in two, four, … alike.
    pub(super) fn sample(&self, concern: usize, span: (Timestamp, Timestamp), most: usize) -> Sample {
        let mut sequences: Vec<u64> = self.of(concern, span).map(|place| place.sequence).collect();
        let mut one_of = 1;
        while sequences.len() > most {
            one_of *= 2;
            // The same posts as long as they are in the span, whatever else comes.
            sequences.retain(|sequence| sequence.wrapping_mul(GOLDEN) >> 32 & u64::from(one_of - 1) == 0);
        }
        Sample { sequences, one_of }
    }

    /// The places of a concern's posts of a span that individuals did not write: if there are more, the first half of
    /// so many and the newest.
    pub(super) fn public(&self, concern: usize, span: (Timestamp, Timestamp), most: usize) -> Vec<u64> {
        let public = self.of(concern, span).filter(|place| place.is_public);
        let mut sequences: Vec<u64> = public.map(|place| place.sequence).collect();
        let (first, too_many) = (most / 2, sequences.len().saturating_sub(most));
        sequences.drain(first.min(sequences.len())..(first + too_many).min(sequences.len()));
        sequences
    }

    /// When the first post of a concern was published in a span.
    pub(super) fn first(&self, concern: usize, span: (Timestamp, Timestamp)) -> Option<Timestamp> {
        self.of(concern, span).next().and_then(|place| Timestamp::from_millisecond(place.time).ok())
    }

    /// The concerns of each post of a span.
    pub(super) fn concerns(&self, (from, to): (Timestamp, Timestamp)) -> impl Iterator<Item = &[usize]> {
        let (from, to) = (from.as_millisecond(), to.as_millisecond());
        let is_meant = move |place: &&Place| place.time >= from && place.time < to;
        self.places.iter().filter(is_meant).map(|place| self.sets.of(place))
    }
}

impl Sets {
    fn place(&mut self, stored: &Stored, concerns: &[usize]) -> Place {
        let set = match self.numbers.get(concerns) {
            Some(number) => *number,
            None => {
                let (number, set) = (u32::try_from(self.sets.len()).unwrap_or(u32::MAX), Arc::from(concerns));
                self.sets.push(Arc::clone(&set));
                self.numbers.insert(set, number);
                number
            }
        };
        let post = &stored.post;
        let (time, is_public) = (post.time.as_millisecond(), post.publisher != Publisher::Individual);
        Place { time, sequence: stored.sequence, set, is_public }
    }

    fn of(&self, place: &Place) -> &[usize] {
        self.sets.get(place.set as usize).map_or(&[], |set| set)
    }
}

#[cfg(test)]
mod tests;
