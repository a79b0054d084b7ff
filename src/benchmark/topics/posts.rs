//! The stream by buckets, copies marked: what every method is fed.

use std::collections::HashMap;

use analyzer::topics::{Recent, Word};
use crawler::post::Voice;

use super::load::name;
use super::stream::{About, Said, Stream};

/// Minutes of a bucket.
const MINUTES: f64 = 10.0;
/// Copies of one text that count within six hours.
const COPIES: u32 = 2;
/// Words of a post that are looked at.
pub(super) const WORDS: usize = 14;
/// Room for the last posts' words: all of them, for every method.
const ROOM: usize = 64 << 20;

/// The stream, with the bounds of its buckets.
pub(super) struct Posts<'a> {
    pub(super) stream: &'a Stream,
    bounds: Vec<usize>,
    counts: Vec<bool>,
}

impl<'a> Posts<'a> {
    pub(super) fn of(stream: &'a Stream) -> Posts<'a> {
        let buckets = stream.size.days * 144;
        let mut bounds = Vec::with_capacity(buckets + 1);
        for bucket in 0..=buckets {
            bounds.push(stream.posts.partition_point(|post| post.minute < bucket as f64 * MINUTES));
        }
        let mut heard: HashMap<u64, (u32, f64)> = HashMap::new();
        let counts = |post: &Said| {
            let (times, at) = heard.entry(post.voice).or_insert((0, post.minute));
            *times = if post.minute - *at < 360.0 { *times + 1 } else { 1 };
            *at = post.minute;
            *times <= COPIES
        };
        let counts = stream.posts.iter().map(counts).collect();
        Posts { stream, bounds, counts }
    }

    pub(super) fn buckets(&self) -> usize {
        self.bounds.len() - 1
    }

    /// Every post of a bucket.
    pub(super) fn all(&self, bucket: usize) -> &'a [Said] {
        &self.stream.posts[self.bounds[bucket]..self.bounds[bucket + 1]]
    }

    /// Words of the posts of a bucket that are no copy too many.
    pub(super) fn independent(&self, bucket: usize) -> impl Iterator<Item = &'a [Word]> {
        let counts = &self.counts[self.bounds[bucket]..self.bounds[bucket + 1]];
        let posts = self.all(bucket).iter().zip(counts).filter(|(_, counts)| **counts);
        posts.map(|(post, _)| &post.words[..post.words.len().min(WORDS)])
    }

    /// How many those are.
    pub(super) fn counted(&self, bucket: usize) -> usize {
        self.counts[self.bounds[bucket]..self.bounds[bucket + 1]].iter().filter(|counts| **counts).count()
    }

    /// Numbers, voices and words as texts of the posts of a bucket.
    pub(super) fn named(&self, bucket: usize) -> impl Iterator<Item = (u64, u64, Vec<String>)> {
        let first = self.bounds[bucket] as u64;
        let text = |word: &Word| String::from_utf8_lossy(&name(*word)).into_owned();
        let posts = (first..).zip(self.all(bucket));
        posts.map(move |(number, post)| (number, post.voice, post.words.iter().map(text).collect()))
    }

    /// Takes the posts of a bucket into the memory that pairs are grouped by; a post's number is its place.
    pub(super) fn remember(&self, bucket: usize, recent: &mut Recent) {
        let first = self.bounds[bucket] as u64;
        for (number, post) in (first..).zip(self.all(bucket)) {
            let words = &post.words[..post.words.len().min(WORDS)];
            recent.push((number, Voice(post.voice), 0), bucket as i64, words);
        }
    }

    /// An empty memory for a whole run.
    pub(super) fn memory() -> Recent {
        Recent::new(ROOM)
    }

    pub(super) fn about(&self, number: u64) -> About {
        self.stream.posts.get(number as usize).map_or(About::Chatter, |post| post.about)
    }
}
