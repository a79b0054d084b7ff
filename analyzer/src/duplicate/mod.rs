//! Groups of near-duplicate texts: one group is one voice, the unit in which people are counted.
//! One sliding window of 72 h of publication time for the whole program, within a memory budget.
//!
//! Texts are equal voices if they are equal once punctuation, emoji, links, mentions and particles are
//! gone; from 24 characters on also if most of their three-character pieces are the same (resemblance
//! after Broder, 1997; candidates by MinHash bands). SimHash (Charikar, 2002; Manku et al., 2007) was
//! weighed and left: on posts of 20 to 140 characters one changed character already moves five or more
//! of its 64 bits, beyond the three that bands can find. Numbers in docs/text.md.

mod print;

use std::collections::{BTreeSet, HashMap};

use crawler::post::{Post, Stored, Voice};
use jiff::{SignedDuration, Timestamp};

use print::Print;

/// How far apart in publication time two posts of one group may lie.
pub const WINDOW: SignedDuration = SignedDuration::from_hours(72);

/// The groups of the window, in memory.
#[derive(Debug)]
pub struct Duplicates {
    budget_bytes: usize,
    used_bytes: usize,
    groups: HashMap<u32, Group>,
    next_group: u32,
    /// Newest group of each core.
    by_core: HashMap<u64, u32>,
    /// Band key and group, so that the groups that share a band stand side by side.
    by_band: BTreeSet<(u32, u32)>,
    by_voice: HashMap<Voice, u32>,
    /// Last time and group: who goes first when memory is full.
    by_age: BTreeSet<(Timestamp, u32)>,
    /// Latest post of any group that had to go for lack of memory.
    forgotten_until: Option<Timestamp>,
}

#[derive(Debug)]
struct Group {
    voice: Voice,
    first: Timestamp,
    last: Timestamp,
    /// Of the founding post: copies are compared with it alone, so that a group cannot drift.
    print: Print,
    /// Cores of all members.
    cores: Vec<u64>,
}

/// Rough cost of a group in the tables above, beside its own sketch.
const GROUP_BYTES: usize = 240;
const CORE_BYTES: usize = 40;
const BAND_BYTES: usize = 16;

impl Duplicates {
    /// An empty window. A group takes 300 bytes (short texts) to 800 (long ones): 64 MB hold some
    /// hundred thousand different texts. When they are full the oldest groups go first.
    pub fn new(budget_bytes: usize) -> Duplicates {
        Duplicates {
            budget_bytes,
            used_bytes: 0,
            groups: HashMap::new(),
            next_group: 0,
            by_core: HashMap::new(),
            by_band: BTreeSet::new(),
            by_voice: HashMap::new(),
            by_age: BTreeSet::new(),
            forgotten_until: None,
        }
    }

    /// The voice a post speaks with: that of the group it repeats, else its own, founding a new group.
    pub fn assign(&mut self, post: &Post) -> Voice {
        let Some(print) = Print::of(post) else { return post.id.voice() };
        if let Some(number) = self.find(&print, post.time) {
            let voice = self.groups.get(&number).map_or(post.id.voice(), |group| group.voice);
            self.join(number, print.core, post.time);
            self.make_room();
            return voice;
        }
        self.found(post.id.voice(), print, post.time);
        self.make_room();
        post.id.voice()
    }

    /// Takes in a post that was assigned before the program last stopped. Restore the posts of the last
    /// 72 hours, then `assign` goes on where it ended.
    pub fn restore(&mut self, stored: &Stored) {
        let Some(print) = Print::of(&stored.post) else { return };
        match self.by_voice.get(&stored.voice).copied() {
            Some(number) if self.is_near(number, stored.post.time) => {
                self.join(number, print.core, stored.post.time);
                // Posts may come back in another order; copies are compared with the founder all the same.
                if stored.post.id.voice() == stored.voice {
                    self.set_print(number, print);
                }
            }
            _ => self.found(stored.voice, print, stored.post.time),
        }
        self.make_room();
    }

    /// How many hours back copies are still recognised: 72 unless memory was too small.
    pub fn hours_covered(&self, now: Timestamp) -> f64 {
        let whole = WINDOW.as_secs_f64() / 3600.0;
        match self.forgotten_until {
            Some(until) => (now.duration_since(until).as_secs_f64() / 3600.0).clamp(0.0, whole),
            None => whole,
        }
    }

    /// Groups in memory.
    pub fn len(&self) -> usize {
        self.groups.len()
    }

    /// Whether there is no group.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// The group that this text repeats: the same core, else the founder most like it.
    fn find(&self, print: &Print, time: Timestamp) -> Option<u32> {
        let same_core = self.by_core.get(&print.core).copied();
        if let Some(number) = same_core.filter(|&number| self.is_near(number, time)) {
            return Some(number);
        }
        let mut best: Option<(f64, u32)> = None;
        for number in self.candidates(print) {
            let Some(group) = self.groups.get(&number).filter(|_| self.is_near(number, time)) else {
                continue;
            };
            let Some(likeness) = print.likeness(&group.print) else { continue };
            // Candidates come in the order of founding: of equals the oldest wins.
            if best.is_none_or(|(most, _)| likeness > most) {
                best = Some((likeness, number));
            }
        }
        best.map(|(_, number)| number)
    }

    fn candidates(&self, print: &Print) -> BTreeSet<u32> {
        let groups_with =
            |&band: &u32| self.by_band.range((band, 0)..=(band, u32::MAX)).map(|&(_, number)| number);
        print.bands.iter().flat_map(groups_with).collect()
    }

    fn is_near(&self, number: u32, time: Timestamp) -> bool {
        self.groups.get(&number).is_some_and(|group| {
            time.duration_since(group.last) <= WINDOW && group.first.duration_since(time) <= WINDOW
        })
    }

    fn join(&mut self, number: u32, core: u64, time: Timestamp) {
        let Some(group) = self.groups.get_mut(&number) else { return };
        if time > group.last {
            self.by_age.remove(&(group.last, number));
            self.by_age.insert((time, number));
            group.last = time;
        }
        group.first = group.first.min(time);
        if !group.cores.contains(&core) {
            group.cores.push(core);
            self.used_bytes += CORE_BYTES;
        }
        self.by_core.insert(core, number);
    }

    fn found(&mut self, voice: Voice, print: Print, time: Timestamp) {
        let number = self.next_group;
        self.next_group = self.next_group.wrapping_add(1);
        self.by_core.insert(print.core, number);
        self.by_band.extend(print.bands.iter().map(|&band| (band, number)));
        self.by_voice.insert(voice, number);
        self.by_age.insert((time, number));
        let group = Group { voice, first: time, last: time, cores: vec![print.core], print };
        self.used_bytes += group.bytes();
        self.groups.insert(number, group);
    }

    fn set_print(&mut self, number: u32, print: Print) {
        let Some(group) = self.groups.get_mut(&number) else { return };
        for &band in &group.print.bands {
            self.by_band.remove(&(band, number));
        }
        self.by_band.extend(print.bands.iter().map(|&band| (band, number)));
        self.used_bytes -= group.bytes();
        group.print = print;
        self.used_bytes += group.bytes();
    }

    fn make_room(&mut self) {
        while self.used_bytes > self.budget_bytes {
            let Some((last, number)) = self.by_age.pop_first() else { return };
            self.forgotten_until = self.forgotten_until.max(Some(last));
            let Some(group) = self.groups.remove(&number) else { continue };
            self.used_bytes -= group.bytes();
            for core in &group.cores {
                if self.by_core.get(core) == Some(&number) {
                    self.by_core.remove(core);
                }
            }
            for &band in &group.print.bands {
                self.by_band.remove(&(band, number));
            }
            if self.by_voice.get(&group.voice) == Some(&number) {
                self.by_voice.remove(&group.voice);
            }
        }
    }
}

impl Group {
    fn bytes(&self) -> usize {
        GROUP_BYTES
            + self.cores.len() * CORE_BYTES
            + self.print.bands.len() * BAND_BYTES
            + self.print.sketch.len() * size_of::<u32>()
    }
}

#[cfg(test)]
mod tests;
