//! The reading of the readability library, kept away from what it does not stand.

use std::panic::{AssertUnwindSafe, catch_unwind};

use dom_smoothie::{CandidateSelectMode, Config, Readability};

use scraper::Html;

use super::block;

/// Larger pages are left to our own reading: the library tries several times.
const HTML_AT_MOST: usize = 1024 * 1024;

/// The text as the library finds it; empty if it finds none.
pub(super) fn text(html: &str, title: &str) -> String {
    if html.len() > HTML_AT_MOST {
        return String::new();
    }
    let config = Config {
        max_elements_to_parse: 10_000,
        disable_json_ld: true,
        // A Chinese page says in 120 characters what an English one says in 500.
        char_threshold: 120,
        candidate_select_mode: CandidateSelectMode::Readability,
        ..Config::default()
    };
    // Whatever it may stumble over, the page has our own reading.
    let read = catch_unwind(AssertUnwindSafe(|| {
        Some(Readability::new(html, None, Some(config)).ok()?.parse().ok()?.content.to_string())
    }));
    let content = read.ok().flatten().unwrap_or_default();
    block::lines(&Html::parse_document(&content), title)
}
