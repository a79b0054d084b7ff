//! The fields of a post in the index, and how a post fills them.
//!
//! Words find what is relevant, grams what is there: every pair of neighbouring characters of the
//! normalised text (and its last character alone) at its character position, so that a row of pairs is
//! exactly a substring. Signs and spaces are characters like all others.

use crawler::post::{Publisher, Stored};
use tantivy::TantivyDocument;
use tantivy::schema::{
    BytesOptions, FAST, Field, INDEXED, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing,
    TextOptions,
};
use tantivy::tokenizer::TokenizerManager;

use super::tokens::{Pairs, Words};
use crate::normalize::normalize;
use crate::segment::Segmenter;

/// Handles to the fields.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields {
    pub(super) id: Field,
    pub(super) sequence: Field,
    pub(super) revision: Field,
    /// Publication time, Unix seconds.
    pub(super) time: Field,
    /// Unix seconds; posts expire by it.
    pub(super) first_seen: Field,
    pub(super) source: Field,
    pub(super) group: Field,
    pub(super) publisher: Field,
    pub(super) voice: Field,
    pub(super) title_words: Field,
    pub(super) text_words: Field,
    pub(super) title_grams: Field,
    pub(super) text_grams: Field,
}

pub(super) fn schema() -> (Schema, Fields) {
    let mut schema = Schema::builder();
    let text = |tokenizer: &str, option: IndexRecordOption, norms: bool| {
        let indexing = TextFieldIndexing::default().set_tokenizer(tokenizer).set_index_option(option);
        TextOptions::default().set_indexing_options(indexing.set_fieldnorms(norms))
    };
    let words = || text("words", IndexRecordOption::WithFreqs, true);
    let grams = || text("pairs", IndexRecordOption::WithFreqsAndPositions, false);
    let fields = Fields {
        id: schema.add_bytes_field("id", BytesOptions::from(INDEXED | STORED)),
        sequence: schema.add_u64_field("sequence", FAST),
        revision: schema.add_u64_field("revision", FAST),
        time: schema.add_i64_field("time", FAST),
        first_seen: schema.add_i64_field("first_seen", FAST),
        source: schema.add_text_field("source", STRING | FAST),
        group: schema.add_text_field("group", STRING | FAST),
        publisher: schema.add_text_field("publisher", STRING),
        voice: schema.add_u64_field("voice", FAST),
        title_words: schema.add_text_field("title_words", words()),
        text_words: schema.add_text_field("text_words", words()),
        title_grams: schema.add_text_field("title_grams", grams()),
        text_grams: schema.add_text_field("text_grams", grams()),
    };
    (schema.build(), fields)
}

/// The cutters that the schema names.
pub(super) fn tokenizers(segmenter: &Segmenter) -> TokenizerManager {
    let tokenizers = TokenizerManager::default();
    tokenizers.register("words", Words(segmenter.clone()));
    tokenizers.register("pairs", Pairs);
    tokenizers
}

pub(super) fn document(stored: &Stored, fields: &Fields) -> TantivyDocument {
    let post = &stored.post;
    let mut document = TantivyDocument::new();
    document.add_bytes(fields.id, post.id.as_bytes());
    document.add_u64(fields.sequence, stored.sequence);
    document.add_u64(fields.revision, u64::from(stored.revision));
    document.add_i64(fields.time, post.time.as_second());
    document.add_i64(fields.first_seen, post.first_seen.as_second());
    document.add_text(fields.source, &post.source);
    document.add_text(fields.group, &post.group);
    document.add_text(fields.publisher, publisher_term(post.publisher));
    document.add_u64(fields.voice, stored.voice.0);
    for (original, words_field, grams_field) in [
        (&post.title, fields.title_words, fields.title_grams),
        (&post.text, fields.text_words, fields.text_grams),
    ] {
        if original.is_empty() {
            continue;
        }
        let normalized = normalize(original);
        document.add_text(words_field, &normalized);
        document.add_text(grams_field, &normalized);
    }
    document
}

pub(super) fn publisher_term(publisher: Publisher) -> &'static str {
    match publisher {
        Publisher::Individual => "individual",
        Publisher::Media => "media",
        Publisher::Gov => "gov",
        Publisher::Platform => "platform",
    }
}
