//! A concern's history as a question to the index: the same numbers as live counting gives.

use std::collections::BTreeMap;

use crawler::post::Voice;

use super::collect::{Collected, Record, Records};
use super::{Index, IndexError, compile};
use crate::concern::Concern;
use crate::series::{BUCKET_SECONDS, Bucket, BucketCount};

/// Buckets of volume asked at once: a day. Bounds the memory that all posts of a long history would take.
const CHUNK: i64 = 144;

impl Index {
    /// Counts of a concern from the one bucket to the other, that one included; buckets without a post are
    /// left out.
    pub fn series(
        &self,
        concern: &Concern,
        from: Bucket,
        to: Bucket,
    ) -> Result<Vec<BucketCount>, IndexError> {
        let version = self.version();
        let fields = &version.fields;
        let span =
            compile::time(fields, Some(start_of(from)), Some(start_of(Bucket(to.0.saturating_add(1)))));
        let posts = compile::every(vec![compile::concern(concern, fields), span]);
        let segments = version.searcher().search(&posts, &Records)?;
        let mut counts: BTreeMap<Bucket, Count<'_>> = BTreeMap::new();
        for (record, source) in with_source(&segments) {
            let count = counts.entry(bucket_of(record)).or_default();
            count.posts += 1;
            *count.voices.entry(Voice(record.voice)).or_default() += 1;
            *count.sources.entry(source).or_default() += 1;
        }
        Ok(counts.into_iter().map(|(bucket, count)| count.of(bucket)).collect())
    }

    /// Posts of every source by bucket, whatever they are about, from the one bucket to the other, that one
    /// included: what a source usually brings. Sorted by bucket, then source.
    pub fn volume(&self, from: Bucket, to: Bucket) -> Result<Vec<(Bucket, String, u32)>, IndexError> {
        let version = self.version();
        let searcher = version.searcher();
        let mut volume = Vec::new();
        let mut first = from.0;
        while first <= to.0 {
            let last = first.saturating_add(CHUNK - 1).min(to.0);
            let (start, end) = (start_of(Bucket(first)), start_of(Bucket(last.saturating_add(1))));
            let posts = compile::time(&version.fields, Some(start), Some(end));
            let segments = searcher.search(&posts, &Records)?;
            let mut counts: BTreeMap<(Bucket, &str), u32> = BTreeMap::new();
            for (record, source) in with_source(&segments) {
                *counts.entry((bucket_of(record), source)).or_default() += 1;
            }
            volume.extend(
                counts.into_iter().map(|((bucket, source), posts)| (bucket, source.to_owned(), posts)),
            );
            if last == to.0 {
                break;
            }
            first = last + 1;
        }
        Ok(volume)
    }
}

#[derive(Default)]
struct Count<'a> {
    posts: u32,
    voices: BTreeMap<Voice, u32>,
    sources: BTreeMap<&'a str, u32>,
}

impl Count<'_> {
    fn of(self, bucket: Bucket) -> BucketCount {
        BucketCount {
            bucket,
            posts: self.posts,
            voices: self.voices.into_iter().collect(),
            sources: self.sources.into_iter().map(|(source, posts)| (source.to_owned(), posts)).collect(),
        }
    }
}

fn with_source(segments: &[Collected]) -> impl Iterator<Item = (&Record, &str)> {
    segments.iter().flat_map(|segment| {
        let name = |record: &Record| segment.sources.get(record.source as usize).map_or("", String::as_str);
        segment.records.iter().map(move |record| (record, name(record)))
    })
}

fn bucket_of(record: &Record) -> Bucket {
    Bucket(record.time.div_euclid(BUCKET_SECONDS))
}

fn start_of(bucket: Bucket) -> i64 {
    bucket.0.saturating_mul(BUCKET_SECONDS)
}
