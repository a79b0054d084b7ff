//! What is counted of one concern in one bucket, its sources by their numbers: a tick goes through thousands of
//! these, and a name is looked up only for whoever reads them.

use std::collections::BTreeMap;

use crawler::post::Voice;

use crate::series::{Bucket, BucketCount};
use crate::sources::Sources;

/// Counts by bucket; those without posts are absent.
pub(crate) type Tallies = BTreeMap<Bucket, Tallied>;

/// Everything counted for one concern in one bucket.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Tallied {
    /// Posts, copies included.
    pub(crate) posts: u32,
    /// Posts per near-duplicate group, sorted by voice.
    pub(crate) voices: Vec<(Voice, u32)>,
    /// Posts per source, sorted by its number.
    pub(crate) sources: Vec<(u32, u32)>,
}

impl Tallied {
    /// Takes counts over, learning sources that are new.
    pub(crate) fn new(count: &BucketCount, sources: &mut Sources) -> Tallied {
        let numbers = count.sources.iter().map(|(id, posts)| (short(sources.number(id)), *posts));
        let mut sources: Vec<(u32, u32)> = numbers.collect();
        sources.sort_unstable();
        Tallied { posts: count.posts, voices: count.voices.clone(), sources }
    }

    /// Counts one post.
    pub(crate) fn count(&mut self, voice: Voice, source: usize) {
        self.posts += 1;
        add(&mut self.voices, voice, 1);
        add(&mut self.sources, short(source), 1);
    }

    /// Bytes of its own and of its lists.
    pub(super) fn bytes(&self) -> usize {
        let (voices, sources) = (self.voices.capacity(), self.sources.capacity());
        size_of::<Tallied>() + voices * size_of::<(Voice, u32)>() + sources * size_of::<(u32, u32)>()
    }

    /// The same with the sources' ids, sorted by them.
    pub(crate) fn named(&self, bucket: Bucket, sources: &Sources) -> BucketCount {
        let named = |(number, posts): &(u32, u32)| Some((sources.id(*number as usize)?.to_owned(), *posts));
        let mut named: Vec<(String, u32)> = self.sources.iter().filter_map(named).collect();
        named.sort_unstable();
        BucketCount { bucket, posts: self.posts, voices: self.voices.clone(), sources: named }
    }
}

fn short(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Adds to a count in a sorted list, as to a map.
pub(super) fn add<K: Ord>(counts: &mut Vec<(K, u32)>, key: K, more: u32) {
    match counts.binary_search_by(|(other, _)| other.cmp(&key)) {
        Ok(place) => {
            if let Some((_, posts)) = counts.get_mut(place) {
                *posts += more;
            }
        }
        Err(place) => {
            // Most buckets hold a post or two; doubling from four would keep more room than posts.
            counts.reserve_exact(1);
            counts.insert(place, (key, more));
        }
    }
}
