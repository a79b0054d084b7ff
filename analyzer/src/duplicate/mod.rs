//! Groups of near-duplicate texts: one group is one voice, the unit in which people are counted.
//! One sliding window of 72 h of publication time for the whole program, within a memory budget.
//!
//! Texts are equal voices if they are equal once all that people add when they pass a text on is gone; from
//! 24 characters on also if most of their three-character pieces are the same or one was cut from the other,
//! and neither names a number or place instead of another. Figures in docs/text.md.

mod core;
mod groups;
mod names;
mod print;
mod sketch;
mod table;

use std::collections::HashMap;

use crawler::post::{Post, Stored, Voice};
use jiff::{SignedDuration, Timestamp};

use groups::{Group, Groups};
use print::Print;

/// How far apart in publication time two posts of one group may lie.
pub const WINDOW: SignedDuration = SignedDuration::from_hours(72);
/// Groups are kept so long, and to be restored from posts so old: posts that come up to a day late find
/// the same groups after a restart as without one.
pub const KEPT: SignedDuration = SignedDuration::from_hours(96);
/// Groups that have become too old leave so many at a time: no post with a wrong date empties the window.
const LEAVE_AT_ONCE: usize = 2;

/// The groups of the window, in memory.
#[derive(Debug)]
pub struct Duplicates {
    budget_bytes: usize,
    groups: Groups,
    /// Latest post of any group that had to go for lack of memory, in seconds.
    forgotten_until: Option<u32>,
    /// Groups by voice: only between a start and the first new post.
    restoring: Option<HashMap<Voice, u32>>,
}

impl Duplicates {
    /// An empty window. A group takes about 85 bytes (a short text) or 265 (from 20 characters on): 64 MiB
    /// hold 250,000 long texts or more. When they are full, the groups heard of longest ago go first.
    pub fn new(budget_bytes: usize) -> Duplicates {
        Duplicates { budget_bytes, groups: Groups::new(), forgotten_until: None, restoring: None }
    }

    /// The voice a post speaks with: that of the group it repeats, else its own, founding a new group.
    pub fn assign(&mut self, post: &Post) -> Voice {
        self.restoring = None;
        let Some(print) = Print::of(post) else { return post.id.voice() };
        let time = seconds(post.time);
        let voice = match self.find(&print, time) {
            Some((number, voice)) => {
                self.groups.hear(number, time);
                voice
            }
            None => {
                self.groups.found(post.id.voice(), print, time);
                post.id.voice()
            }
        };
        self.make_room(time);
        voice
    }

    /// Takes in a post that was assigned before the program last stopped. Restore the posts published in
    /// the last [`KEPT`] hours in the order in which they came; then `assign` goes on where it ended.
    /// `founder` is asked for the first post of a group that began before them.
    pub fn restore(&mut self, stored: &Stored, founder: &mut dyn FnMut(Voice) -> Option<Post>) {
        // Edits keep their first text's voice and are compared with nothing.
        if stored.revision > 0 {
            return;
        }
        let (voice, time) = (stored.voice, seconds(stored.post.time));
        let by_voice = self.restoring.get_or_insert_default();
        if let Some(&number) = by_voice.get(&voice) {
            self.groups.hear(number, time);
        } else {
            let older = if stored.post.id.voice() == voice { None } else { founder(voice) };
            let first = older.as_ref().unwrap_or(&stored.post);
            let Some(print) = Print::of(first) else { return };
            let number = self.groups.found(voice, print, seconds(first.time));
            by_voice.insert(voice, number);
            self.groups.hear(number, time);
        }
        self.make_room(time);
    }

    /// How many hours back copies are still recognised: 72 unless memory was too small.
    pub fn hours_covered(&self, now: Timestamp) -> f64 {
        let whole = WINDOW.as_secs_f64() / 3600.0;
        match self.forgotten_until {
            Some(until) => ((now.as_second() - i64::from(until)) as f64 / 3600.0).clamp(0.0, whole),
            None => whole,
        }
    }

    /// Groups in memory.
    pub fn len(&self) -> usize {
        self.groups.len()
    }

    /// Whether there is no group.
    pub fn is_empty(&self) -> bool {
        self.groups.len() == 0
    }

    /// Memory that the groups take; never more than the budget.
    pub fn bytes(&self) -> usize {
        self.groups.bytes()
    }

    /// The group that this text repeats: the same words, else the founder most like it.
    fn find(&self, print: &Print, time: u32) -> Option<(u32, Voice)> {
        let same = self
            .groups
            .with_core(print.gist.core)
            .find(|(_, group)| group.gist.repeats(&print.gist) && is_near(group, time));
        if let Some((number, group)) = same {
            return Some((number, group.voice));
        }
        let sketch = print.sketch.as_ref()?;
        let mut best: Option<(f64, u32, &Group)> = None;
        for (number, group, others) in self.groups.like(sketch) {
            let Some(likeness) = print.gist.likeness(sketch, &group.gist, others) else { continue };
            // Of equals the one that spoke first wins, whatever order they lie in.
            let is_better = best.is_none_or(|(most, _, other)| {
                likeness > most || likeness == most && (group.first, group.voice) < (other.first, other.voice)
            });
            if is_better && is_near(group, time) {
                best = Some((likeness, number, group));
            }
        }
        best.map(|(_, number, group)| (number, group.voice))
    }

    fn make_room(&mut self, time: u32) {
        for _ in 0..LEAVE_AT_ONCE {
            let kept = u32::try_from(KEPT.as_secs()).unwrap_or(u32::MAX);
            let Some((number, _)) =
                self.groups.oldest().filter(|(_, group)| group.last.saturating_add(kept) < time)
            else {
                break;
            };
            self.forget(number);
        }
        while self.groups.bytes() > self.budget_bytes {
            let Some((number, group)) = self.groups.oldest() else { return };
            self.forgotten_until = self.forgotten_until.max(Some(group.last));
            self.forget(number);
        }
    }

    fn forget(&mut self, number: u32) {
        if let (Some(by_voice), Some(group)) = (&mut self.restoring, self.groups.get(number)) {
            by_voice.remove(&group.voice);
        }
        self.groups.remove(number);
    }
}

fn is_near(group: &Group, time: u32) -> bool {
    let [time, first, last] = [time, group.first, group.last].map(i64::from);
    time - last <= WINDOW.as_secs() && first - time <= WINDOW.as_secs()
}

/// Seconds since 1970; earlier and much later times are taken for the nearest that can be kept.
fn seconds(time: Timestamp) -> u32 {
    u32::try_from(time.as_second().max(0)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
