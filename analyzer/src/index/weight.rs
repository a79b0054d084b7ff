//! How much a word counts in an order by relevance: as often as it stands in ordinary text, not in this index. So the
//! relevance of a post hangs on its words and the query alone, and no order changes because other posts came in.

use tantivy::Term;
use tantivy::query::Bm25StatisticsProvider;
use tantivy::schema::Field;

use super::schema::Fields;
use crate::segment::Segmenter;

/// Posts of the imagined index of ordinary text: sixty words each are the sixty million that the dictionary counted.
const POSTS: u64 = 1_000_000;
/// Words of a text.
const TEXT_WORDS: u64 = 60;
/// Words of a title.
const TITLE_WORDS: u64 = 10;

/// An imagined index of ordinary text.
pub(super) struct Ordinary<'a> {
    pub(super) fields: &'a Fields,
    pub(super) segmenter: &'a Segmenter,
}

impl Bm25StatisticsProvider for Ordinary<'_> {
    fn total_num_tokens(&self, field: Field) -> tantivy::Result<u64> {
        Ok(POSTS * if field == self.fields.title_words { TITLE_WORDS } else { TEXT_WORDS })
    }

    fn total_num_docs(&self) -> tantivy::Result<u64> {
        Ok(POSTS)
    }

    fn doc_freq(&self, term: &Term) -> tantivy::Result<u64> {
        let value = term.value();
        let word = value.as_str().unwrap_or_default();
        Ok(self.segmenter.frequency(word).min(POSTS))
    }
}
