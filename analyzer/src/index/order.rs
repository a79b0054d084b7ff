//! Which of the posts found stand on a page: those before the page are never all sorted, only told apart from the rest.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::hash::BuildHasherDefault;

use super::found::{AsItIs, Found, Record, Voices};
use super::search::{Options, Sort};

/// By what a post takes its place, and where it lies: segment and place in it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    rank: u32,
    time: i64,
    segment: u32,
    place: u32,
}

/// One post of a page.
pub(super) struct Placed {
    pub(super) record: Record,
    pub(super) time: i64,
    pub(super) score: f32,
}

/// The posts of the page wanted, in order. `times`: those of each segment; `voices`: posts of each group.
pub(super) fn page(
    segments: &[Found],
    times: &[Vec<i64>],
    voices: &Voices,
    options: &Options,
) -> Vec<Placed> {
    let end = options.offset.saturating_add(options.limit);
    let mut keys = keys(segments, times, voices, options.sort);
    // Of copies only the first has a place: take more, and still more if it was not enough.
    let mut most = if options.fold { end.saturating_mul(2).saturating_add(32) } else { end };
    loop {
        let first = first(&mut keys, most);
        let placed = placed(segments, first, options);
        let is_all = first.len() >= segments.iter().map(Found::len).sum();
        if is_all || placed.len() >= end {
            return placed.into_iter().skip(options.offset).take(options.limit).collect();
        }
        most = most.saturating_mul(4);
    }
}

fn keys(segments: &[Found], times: &[Vec<i64>], voices: &Voices, sort: Sort) -> Vec<Key> {
    let mut keys = Vec::with_capacity(segments.iter().map(Found::len).sum());
    for (segment, (found, times)) in (0_u32..).zip(segments.iter().zip(times)) {
        let copies = if sort == Sort::Copies { found.voices() } else { Vec::new() };
        for (place, time) in (0_u32..).zip(times) {
            let rank = match sort {
                Sort::Time => 0,
                Sort::Relevance => in_order(found.score(place as usize)),
                Sort::Copies => {
                    copies.get(place as usize).and_then(|voice| voices.get(voice)).copied().unwrap_or(1)
                }
            };
            keys.push(Key { rank, time: *time, segment, place });
        }
    }
    keys
}

/// So many with the highest keys, and all that are equal to the last of them but for where they lie.
fn first(keys: &mut [Key], most: usize) -> &[Key] {
    if most >= keys.len() {
        return keys;
    }
    if most == 0 {
        return &[];
    }
    keys.select_nth_unstable_by_key(most - 1, |key| Reverse((key.rank, key.time)));
    let Some(last) = keys.get(most - 1).map(|key| (key.rank, key.time)) else { return keys };
    // Among equals it is the sequence that decides, which is read of few posts only.
    let mut end = most;
    for place in most..keys.len() {
        if keys.get(place).is_some_and(|key| (key.rank, key.time) == last) {
            keys.swap(end, place);
            end += 1;
        }
    }
    keys.get(..end).unwrap_or(keys)
}

/// These in order, each group once if copies are folded. Of equals the newest first; sequence numbers are unique, so
/// the order never hangs on segments.
fn placed(segments: &[Found], keys: &[Key], options: &Options) -> Vec<Placed> {
    let record = |key: &Key| segments.get(key.segment as usize)?.record(key.place as usize);
    let mut records: Vec<(Key, Record)> = keys.iter().filter_map(|key| Some((*key, record(key)?))).collect();
    records.sort_unstable_by_key(|(key, record)| Reverse((key.rank, key.time, record.sequence)));
    if options.fold {
        let mut seen: HashSet<u64, BuildHasherDefault<AsItIs>> = HashSet::default();
        records.retain(|(_, record)| seen.insert(record.voice));
    }
    let score =
        |key: &Key| segments.get(key.segment as usize).map_or(0.0, |found| found.score(key.place as usize));
    let place = |(key, record): (Key, Record)| Placed { record, time: key.time, score: score(&key) };
    records.into_iter().map(place).collect()
}

/// A whole number in the order of `f32::total_cmp`.
fn in_order(score: f32) -> u32 {
    let bits = score.to_bits();
    if bits >> 31 == 1 { !bits } else { bits | 1 << 31 }
}
