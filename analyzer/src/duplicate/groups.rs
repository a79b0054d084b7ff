//! The groups in memory: flat lists, one fingerprint a group, and the order in which they were last heard of.
//! A short text takes about 85 bytes, a long one about 265, whatever its length.

use crawler::post::Voice;

use super::print::{Gist, Print};
use super::sketch::{KEYS, Sketch};
use super::table::Table;

/// What a group costs at most: its places in the lists and tables, an eighth of them empty.
const SHORT_BYTES: usize = (size_of::<Group>() + ENTRY_BYTES) * 9 / 8;
const LONG_BYTES: usize = SHORT_BYTES + (size_of::<Sketch>() + KEYS * ENTRY_BYTES) * 9 / 8;
/// An entry of a table that is three quarters full.
const ENTRY_BYTES: usize = 11;
/// No group, no sketch.
const NONE: u32 = u32::MAX;

/// Copies of one text.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) voice: Voice,
    /// Publication times of the earliest and the latest copy, in seconds.
    pub(super) first: u32,
    pub(super) last: u32,
    /// Of the founding post: copies are compared with it alone, so that a group cannot drift.
    pub(super) gist: Gist,
    sketch: u32,
    /// The group heard of next and the one heard of before.
    newer: u32,
    older: u32,
}

/// All groups.
#[derive(Debug)]
pub(super) struct Groups {
    groups: Vec<Group>,
    sketches: Vec<Sketch>,
    free_groups: Vec<u32>,
    free_sketches: Vec<u32>,
    newest: u32,
    oldest: u32,
    by_core: Table,
    by_key: [Table; KEYS],
}

impl Groups {
    pub(super) fn new() -> Groups {
        Groups {
            groups: Vec::new(),
            sketches: Vec::new(),
            free_groups: Vec::new(),
            free_sketches: Vec::new(),
            newest: NONE,
            oldest: NONE,
            by_core: Table::default(),
            by_key: Default::default(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.groups.len() - self.free_groups.len()
    }

    /// Memory of the groups that are there; that of groups that went is used again first.
    pub(super) fn bytes(&self) -> usize {
        let long = self.sketches.len() - self.free_sketches.len();
        self.len() * SHORT_BYTES + long * (LONG_BYTES - SHORT_BYTES)
    }

    pub(super) fn get(&self, number: u32) -> Option<&Group> {
        self.groups.get(number as usize)
    }

    /// The group heard of longest ago.
    pub(super) fn oldest(&self) -> Option<(u32, &Group)> {
        self.get(self.oldest).map(|group| (self.oldest, group))
    }

    /// Groups that may have that core, newest first.
    pub(super) fn with_core(&self, core: u64) -> impl Iterator<Item = (u32, &Group)> {
        let numbers = self.by_core.of(core_key(core)).rev();
        numbers.filter_map(|number| self.get(number).map(|group| (number, group)))
    }

    /// Groups that may share a key with a long text; one that shares several comes several times.
    pub(super) fn like(&self, sketch: &Sketch) -> impl Iterator<Item = (u32, &Group, &Sketch)> {
        let keys = sketch.keys();
        let mut is_vacant = [true; KEYS];
        for ((is_vacant, table), key) in is_vacant.iter_mut().zip(&self.by_key).zip(keys) {
            *is_vacant = table.is_vacant(key);
        }
        let tables = self.by_key.iter().zip(keys).zip(is_vacant);
        let numbers = tables.filter(|(_, is_vacant)| !is_vacant).flat_map(|((table, key), _)| table.of(key));
        numbers.filter_map(|number| {
            let group = self.get(number)?;
            Some((number, group, self.sketches.get(group.sketch as usize)?))
        })
    }

    /// A new group, the newest of all.
    pub(super) fn found(&mut self, voice: Voice, print: Print, time: u32) -> u32 {
        let Print { gist, sketch } = print;
        let sketch = sketch.map_or(NONE, |sketch| put(&mut self.sketches, &mut self.free_sketches, sketch));
        let group = Group { voice, first: time, last: time, gist, sketch, newer: NONE, older: NONE };
        let number = put(&mut self.groups, &mut self.free_groups, group);
        self.link(number);
        self.file(number);
        number
    }

    /// A copy was heard: the group is the newest again, also among those that share a key with it. So what
    /// is found depends only on who was heard when, which posts.db can tell after a restart.
    pub(super) fn hear(&mut self, number: u32, time: u32) {
        let Some(group) = self.groups.get_mut(number as usize) else { return };
        group.first = group.first.min(time);
        group.last = group.last.max(time);
        if self.newest != number {
            self.unlink(number);
            self.link(number);
            self.file(number);
        }
    }

    /// Takes a group out.
    pub(super) fn remove(&mut self, number: u32) {
        self.unfile(number);
        self.unlink(number);
        self.free_groups.push(number);
    }

    /// Puts a group under its core and its keys.
    fn file(&mut self, number: u32) {
        let Some(group) = self.groups.get(number as usize) else { return };
        self.by_core.put(core_key(group.gist.core), number);
        let Some(sketch) = self.sketches.get(group.sketch as usize) else { return };
        for (table, key) in self.by_key.iter_mut().zip(sketch.keys()) {
            table.put(key, number);
        }
    }

    fn unfile(&mut self, number: u32) {
        let Some(group) = self.groups.get_mut(number as usize) else { return };
        self.by_core.remove(core_key(group.gist.core), number);
        let place = std::mem::replace(&mut group.sketch, NONE);
        let Some(sketch) = self.sketches.get(place as usize) else { return };
        for (table, key) in self.by_key.iter_mut().zip(sketch.keys()) {
            table.remove(key, number);
        }
        self.free_sketches.push(place);
    }

    fn link(&mut self, number: u32) {
        let before = std::mem::replace(&mut self.newest, number);
        if let Some(group) = self.groups.get_mut(number as usize) {
            (group.older, group.newer) = (before, NONE);
        }
        match self.groups.get_mut(before as usize) {
            Some(before) => before.newer = number,
            None => self.oldest = number,
        }
    }

    fn unlink(&mut self, number: u32) {
        let Some(group) = self.get(number) else { return };
        let (older, newer) = (group.older, group.newer);
        match self.groups.get_mut(older as usize) {
            Some(group) => group.newer = newer,
            None => self.oldest = newer,
        }
        match self.groups.get_mut(newer as usize) {
            Some(group) => group.older = older,
            None => self.newest = older,
        }
    }
}

fn core_key(core: u64) -> u32 {
    (core >> 32) as u32
}

/// Puts an item where one went, else at the end; lists grow by an eighth, so that little of them is empty.
fn put<T>(items: &mut Vec<T>, free: &mut Vec<u32>, item: T) -> u32 {
    if let Some(place) = free.pop() {
        if let Some(slot) = items.get_mut(place as usize) {
            *slot = item;
        }
        return place;
    }
    if items.len() == items.capacity() {
        items.reserve_exact((items.len() / 8).max(64));
    }
    items.push(item);
    (items.len() - 1) as u32
}
