//! What a search needs of the posts it finds: while they are looked for, their places alone; afterwards one column of
//! the index after the other, as each is read much faster by itself.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasherDefault, Hasher};

use crawler::post::Voice;
use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::{Column, StrColumn};
use tantivy::{DocAddress, DocId, Score, SegmentOrdinal, SegmentReader};

use super::as_of::{AsOf, Bound};

/// Documents whose values are read from a column at once.
const AT_ONCE: usize = 1024;

/// Collects the places of all posts found, and their relevance if it is wanted.
pub(super) struct Everything {
    /// Scores cost time.
    pub(super) scored: bool,
    /// Nothing that came in later.
    pub(super) as_of: Option<AsOf>,
    /// Only posts of this near-duplicate group.
    pub(super) voice: Option<Voice>,
}

/// The posts found in one segment, in the order of the index.
pub(super) struct Found {
    segment: SegmentOrdinal,
    docs: Vec<DocId>,
    scored: bool,
    /// Empty unless wanted.
    scores: Vec<Score>,
    columns: Columns,
    /// Where some of the segment came in too late.
    bound: Option<Bound>,
    only: Option<Voice>,
}

struct Columns {
    time: Column<i64>,
    sequence: Column<u64>,
    voice: Column<u64>,
    source: Option<StrColumn>,
    group: Option<StrColumn>,
}

/// One of the posts found.
#[derive(Clone, Copy)]
pub(super) struct Record {
    pub(super) address: DocAddress,
    pub(super) sequence: u64,
    pub(super) voice: u64,
}

impl Collector for Everything {
    type Fruit = Vec<Found>;
    type Child = Found;

    fn for_segment(&self, segment: SegmentOrdinal, reader: &SegmentReader) -> tantivy::Result<Found> {
        let columns = reader.fast_fields();
        let columns = Columns {
            time: columns.i64("time")?,
            sequence: columns.u64("sequence")?,
            voice: columns.u64("voice")?,
            source: columns.str("source")?,
            group: columns.str("group")?,
        };
        let bound = self.as_of.map_or(Ok(None), |as_of| Bound::of(as_of, reader))?;
        let (docs, scores, scored, only) = (Vec::new(), Vec::new(), self.scored, self.voice);
        Ok(Found { segment, docs, scored, scores, columns, bound, only })
    }

    fn requires_scoring(&self) -> bool {
        self.scored
    }

    fn merge_fruits(&self, segments: Vec<Found>) -> tantivy::Result<Vec<Found>> {
        Ok(segments)
    }
}

impl SegmentCollector for Found {
    type Fruit = Found;

    fn collect(&mut self, doc: DocId, score: Score) {
        self.docs.push(doc);
        if self.scored {
            self.scores.push(score);
        }
    }

    fn collect_block(&mut self, docs: &[DocId]) {
        self.docs.extend_from_slice(docs);
    }

    fn harvest(mut self) -> Found {
        if let Some(bound) = self.bound.take() {
            let sequences = self.values(&self.columns.sequence).into_iter();
            let each = self.docs.iter().zip(sequences);
            self.keep(&each.map(|(doc, sequence)| bound.includes(*doc, sequence)).collect::<Vec<_>>());
        }
        if let Some(Voice(only)) = self.only {
            self.keep(&self.voices().iter().map(|voice| *voice == only).collect::<Vec<_>>());
        }
        self
    }
}

impl Found {
    /// The segment, by its place among those searched.
    pub(super) fn segment(&self) -> SegmentOrdinal {
        self.segment
    }

    /// The posts by their places in the segment, ascending.
    pub(super) fn docs(&self) -> &[DocId] {
        &self.docs
    }

    /// The last place in the archive that the segment holds, found or not.
    pub(super) fn newest(&self) -> u64 {
        self.columns.sequence.max_value()
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.docs.len()
    }

    /// Relevance of the one at that place; 0 unless wanted.
    pub(super) fn score(&self, place: usize) -> Score {
        self.scores.get(place).copied().unwrap_or_default()
    }

    /// Publication times, Unix seconds.
    pub(super) fn times(&self) -> Vec<i64> {
        self.values(&self.columns.time)
    }

    /// The near-duplicate groups they belong to.
    pub(super) fn voices(&self) -> Vec<u64> {
        self.values(&self.columns.voice)
    }

    /// The one at that place.
    pub(super) fn record(&self, place: usize) -> Option<Record> {
        let doc = *self.docs.get(place)?;
        Some(Record {
            address: DocAddress::new(self.segment, doc),
            sequence: self.columns.sequence.first(doc).unwrap_or_default(),
            voice: self.columns.voice.first(doc).unwrap_or_default(),
        })
    }

    /// Lets go of those that are not wanted.
    fn keep(&mut self, wanted: &[bool]) {
        let mut each = wanted.iter().copied();
        self.docs.retain(|_| each.next().unwrap_or_default());
        let mut each = wanted.iter().copied();
        self.scores.retain(|_| each.next().unwrap_or_default());
    }

    fn values<T: PartialOrd + Copy + Default + Send + Sync + std::fmt::Debug + 'static>(
        &self,
        column: &Column<T>,
    ) -> Vec<T> {
        let mut values = Vec::with_capacity(self.docs.len());
        let mut some = [None; AT_ONCE];
        for docs in self.docs.chunks(AT_ONCE) {
            let Some(some) = some.get_mut(..docs.len()) else { continue };
            some.fill(None);
            column.first_vals(docs, some);
            values.extend(some.iter().map(|value| value.unwrap_or_default()));
        }
        values
    }

    /// Posts by the text in a column.
    fn count(&self, column: Option<&StrColumn>, counts: &mut BTreeMap<String, u32>) {
        let Some(column) = column else {
            *counts.entry(String::new()).or_default() += u32::try_from(self.len()).unwrap_or(u32::MAX);
            return;
        };
        // By number first: there are many posts and few names.
        let mut by_number = vec![0_u32; column.num_terms().max(1)];
        for number in self.values(column.ords()) {
            if let Some(posts) = by_number.get_mut(number as usize) {
                *posts += 1;
            }
        }
        for (number, posts) in by_number.into_iter().enumerate().filter(|&(_, posts)| posts > 0) {
            let mut name = String::new();
            // Numbers below that of the terms are always there.
            column.ord_to_str(number as u64, &mut name).ok();
            *counts.entry(name).or_default() += posts;
        }
    }
}

/// Posts by source id, most first.
pub(super) fn by_source(segments: &[Found]) -> Vec<(String, u32)> {
    counted(segments, |columns| columns.source.as_ref())
}

/// Posts by source group, most first.
pub(super) fn by_group(segments: &[Found]) -> Vec<(String, u32)> {
    counted(segments, |columns| columns.group.as_ref())
}

fn counted(segments: &[Found], column: impl Fn(&Columns) -> Option<&StrColumn>) -> Vec<(String, u32)> {
    let mut counts = BTreeMap::new();
    for segment in segments.iter().filter(|segment| segment.len() > 0) {
        segment.count(column(&segment.columns), &mut counts);
    }
    let mut counts: Vec<(String, u32)> = counts.into_iter().collect();
    // Stable: equal counts stay in the order of names.
    counts.sort_by_key(|&(_, posts)| std::cmp::Reverse(posts));
    counts
}

/// Posts by near-duplicate group.
pub(super) type Voices = HashMap<u64, u32, BuildHasherDefault<AsItIs>>;

/// A group's number is part of a hash already.
#[derive(Default)]
pub(super) struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}
