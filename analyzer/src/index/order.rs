//! Which of the posts found stand on a page: those before the page are never all sorted, only told apart from the rest.

use std::cmp::{Ordering, Reverse};
use std::collections::HashSet;
use std::fmt;
use std::hash::BuildHasherDefault;
use std::str::FromStr;

use super::as_of::Unreadable;
use super::found::{AsItIs, Found, Record, Voices};
use super::search::{Options, Sort};

/// Steps of relevance: sums of the same numbers in another order differ by less, and must not change an order.
const STEPS: f32 = 1024.0;

/// By what a post takes its place, and where it lies: segment and place in it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    rank: u32,
    time: i64,
    segment: u32,
    place: u32,
}

/// The place of a hit in its order, whatever else was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct After {
    rank: u32,
    /// Unix seconds.
    pub(super) time: i64,
    sequence: u64,
}

/// One post of a page.
pub(super) struct Placed {
    pub(super) record: Record,
    pub(super) place: After,
    pub(super) score: f32,
}

/// Groups, by number.
type Groups = HashSet<u64, BuildHasherDefault<AsItIs>>;

/// The posts of the page wanted, in order, and where the next page begins. `times`: those of each segment; `voices`:
/// posts of each group.
pub(super) fn page(
    segments: &[Found],
    times: &[Vec<i64>],
    voices: &Voices,
    options: &Options,
) -> (Vec<Placed>, Option<After>) {
    let end = options.offset.saturating_add(options.limit);
    let mut keys = keys(segments, times, voices, options.sort);
    let shown = options.after.map(|after| go_behind(after, &mut keys, segments)).unwrap_or_default();
    // One more than wanted tells whether there is another page. Of copies only the first has a place: take more, and
    // still more if it was not enough.
    let enough = end.saturating_add(1);
    let mut most = if options.fold { enough.saturating_mul(2).saturating_add(32) } else { enough };
    loop {
        let is_all = most >= keys.len();
        let mut placed = placed(segments, first(&mut keys, most), &shown, options);
        if is_all || placed.len() > end {
            let is_last = placed.len() <= end;
            placed.truncate(end);
            let next = placed.last().filter(|_| !is_last).map(|last| last.place);
            return (placed.into_iter().skip(options.offset).collect(), next);
        }
        most = most.saturating_mul(4);
    }
}

/// Leaves what stands behind that place, and says which groups stand before it.
fn go_behind(after: After, keys: &mut Vec<Key>, segments: &[Found]) -> Groups {
    let mut before = Groups::default();
    keys.retain(|key| {
        let record = || segments.get(key.segment as usize)?.record(key.place as usize);
        let is_behind = match (key.rank, key.time).cmp(&(after.rank, after.time)) {
            Ordering::Less => true,
            Ordering::Equal => record().is_some_and(|record| record.sequence < after.sequence),
            Ordering::Greater => false,
        };
        if !is_behind {
            before.extend(record().map(|record| record.voice));
        }
        is_behind
    });
    before
}

fn keys(segments: &[Found], times: &[Vec<i64>], voices: &Voices, sort: Sort) -> Vec<Key> {
    let mut keys = Vec::with_capacity(segments.iter().map(Found::len).sum());
    for (segment, (found, times)) in (0_u32..).zip(segments.iter().zip(times)) {
        let copies = if sort == Sort::Copies { found.voices() } else { Vec::new() };
        for (place, time) in (0_u32..).zip(times) {
            let rank = match sort {
                Sort::Time => 0,
                // Negative scores and none at all become 0.
                Sort::Relevance => (found.score(place as usize) * STEPS).round() as u32,
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

/// These in order, each group once if copies are folded, those shown before not at all. Of equals the newest first;
/// sequence numbers are unique, so the order never hangs on segments.
fn placed(segments: &[Found], keys: &[Key], shown: &Groups, options: &Options) -> Vec<Placed> {
    let record = |key: &Key| segments.get(key.segment as usize)?.record(key.place as usize);
    let mut records: Vec<(Key, Record)> = keys.iter().filter_map(|key| Some((*key, record(key)?))).collect();
    records.sort_unstable_by_key(|(key, record)| Reverse((key.rank, key.time, record.sequence)));
    if options.fold {
        let mut seen = Groups::default();
        records.retain(|(_, record)| !shown.contains(&record.voice) && seen.insert(record.voice));
    }
    let score = |key: &Key| if options.sort == Sort::Relevance { key.rank as f32 / STEPS } else { 0.0 };
    let place = |(key, record): (Key, Record)| Placed {
        record,
        place: After { rank: key.rank, time: key.time, sequence: record.sequence },
        score: score(&key),
    };
    records.into_iter().map(place).collect()
}

/// As an address carries it.
impl fmt::Display for After {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.rank, self.time, self.sequence)
    }
}

impl FromStr for After {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<After, Unreadable> {
        let mut parts = text.split('.');
        let mut part = || parts.next().ok_or(Unreadable);
        let (rank, time, sequence) = (part()?, part()?, part()?);
        if part().is_ok() {
            return Err(Unreadable);
        }
        let read = || Some((rank.parse().ok()?, time.parse().ok()?, sequence.parse().ok()?));
        let (rank, time, sequence) = read().ok_or(Unreadable)?;
        Ok(After { rank, time, sequence })
    }
}
