//! Entries out of JSON Feed (jsonfeed.org, versions 1 and 1.1). An entry with odd types is one problem.

use serde::Deserialize;
use serde_json::Value;

use super::{Entry, Words};
use crate::format::Problem;

#[derive(Deserialize)]
struct Document {
    items: Vec<Value>,
}

/// Reads a document; an error says why it is no JSON Feed.
pub(super) fn read(text: &str) -> Result<(Vec<Entry>, Vec<Problem>), Problem> {
    let document: Document = match serde_json::from_str(text) {
        Ok(document) => document,
        Err(error) if error.is_data() => {
            return Err(Problem::of_page(
                "this is JSON, but no JSON Feed: it has no list `items`; put a feed's address into the source",
            ));
        }
        Err(error) => {
            let line = Some(error.line() as u64);
            return Err(Problem { line, what: "this JSON is broken; it is fetched again".to_owned() });
        }
    };
    let mut problems = Vec::new();
    let mut entries = Vec::new();
    for (number, item) in document.items.iter().enumerate() {
        if item.is_object() {
            entries.push(entry(item));
        } else if problems.len() < Problem::AT_MOST {
            problems.push(Problem::of_page(format!("entry {} is no object", number + 1)));
        }
    }
    Ok((entries, problems))
}

fn entry(item: &Value) -> Entry {
    let text = |field: &str| item.get(field).and_then(Value::as_str).map(str::trim).unwrap_or_default();
    let some = |field: &str| Some(text(field).to_owned()).filter(|text| !text.is_empty());
    let words = |field: &str, html| Words { raw: text(field).to_owned(), html };
    // Version 1 allowed numbers.
    let number = || item.get("id").filter(|id| id.is_number()).map(Value::to_string);
    let plain = words("content_text", false);
    Entry {
        guid: some("id").or_else(number),
        address: some("url").or_else(|| some("external_url")),
        fallback: None,
        title: words("title", false),
        summary: words("summary", false),
        content: if plain.raw.is_empty() { words("content_html", true) } else { plain },
        published: some("date_published"),
        updated: some("date_modified"),
    }
}
