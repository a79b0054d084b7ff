//! Takes from the index what a series needs of each matching post: numbers, never text.

use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::{Column, StrColumn};
use tantivy::{DocId, Score, SegmentOrdinal, SegmentReader};

/// Collects one [`Record`] per matching post: 24 bytes each.
pub(super) struct Records;

/// The matching posts of one segment.
#[derive(Default)]
pub(super) struct Collected {
    pub(super) records: Vec<Record>,
    /// Names of sources by the numbers in the records.
    pub(super) sources: Vec<String>,
}

/// What the index knows of a matching post.
#[derive(Clone, Copy)]
pub(super) struct Record {
    /// Unix seconds.
    pub(super) time: i64,
    pub(super) voice: u64,
    pub(super) source: u32,
}

pub(super) struct SegmentRecords {
    collected: Collected,
    time: Column<i64>,
    voice: Column<u64>,
    source: Option<StrColumn>,
}

impl Collector for Records {
    type Fruit = Vec<Collected>;
    type Child = SegmentRecords;

    fn for_segment(&self, _: SegmentOrdinal, reader: &SegmentReader) -> tantivy::Result<SegmentRecords> {
        let columns = reader.fast_fields();
        Ok(SegmentRecords {
            collected: Collected::default(),
            time: columns.i64("time")?,
            voice: columns.u64("voice")?,
            source: columns.str("source")?,
        })
    }

    fn requires_scoring(&self) -> bool {
        false
    }

    fn merge_fruits(&self, segments: Vec<Collected>) -> tantivy::Result<Vec<Collected>> {
        Ok(segments)
    }
}

impl SegmentCollector for SegmentRecords {
    type Fruit = Collected;

    fn collect(&mut self, doc: DocId, _: Score) {
        let number = |column: &Option<StrColumn>| column.as_ref().and_then(|it| it.ords().first(doc));
        self.collected.records.push(Record {
            time: self.time.first(doc).unwrap_or_default(),
            voice: self.voice.first(doc).unwrap_or_default(),
            source: number(&self.source).unwrap_or_default() as u32,
        });
    }

    fn harvest(mut self) -> Collected {
        self.collected.sources = names(self.source.as_ref());
        self.collected
    }
}

fn names(column: Option<&StrColumn>) -> Vec<String> {
    let Some(column) = column else { return Vec::new() };
    let name = |ord: usize| {
        let mut name = String::new();
        // Ords below the number of terms are always there.
        column.ord_to_str(ord as u64, &mut name).ok();
        name
    };
    (0..column.num_terms()).map(name).collect()
}
