//! Entries out of JSON Feed (jsonfeed.org, versions 1 and 1.1). An entry with odd types is one problem.

use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::entry::{Entry, Words};
use crate::format::Problem;
use crate::format::mend::mended;
use crate::words::Words as Said;

#[derive(Deserialize)]
struct Document {
    title: Option<Value>,
    items: Vec<Value>,
    next_url: Option<Value>,
}

/// What was read of a document.
pub(super) struct Items {
    /// The feed's own title.
    pub(super) title: Option<Words>,
    pub(super) entries: Vec<Entry>,
    pub(super) problems: Vec<Problem>,
    /// Where older entries are.
    pub(super) next: Option<Url>,
}

/// Reads a document; an error says why it is no JSON Feed. Relative links start at `base`.
pub(super) fn read(text: &str, base: &Url) -> Result<Items, Problem> {
    let read = match serde_json::from_str::<Document>(text) {
        Err(error) if !error.is_data() => serde_json::from_str(&mended(text)),
        read => read,
    };
    let document = match read {
        Ok(document) => document,
        Err(error) if error.is_data() => {
            return Err(Problem::of_page(Said::new(
                "这是 JSON，但不是 JSON Feed：没有 items 列表；请写订阅源的地址",
                "this is JSON, but no JSON Feed: it has no list `items`; put a feed's address into the source",
            )));
        }
        Err(error) => {
            let line = Some(error.line() as u64);
            let what = Said::new("JSON 是坏的；会再采", "this JSON is broken; it is fetched again");
            return Err(Problem { line, what });
        }
    };
    let mut problems = Vec::new();
    let mut entries = Vec::new();
    for (number, item) in document.items.iter().enumerate() {
        if item.is_object() {
            entries.push(entry(item, base));
        } else if problems.len() < Problem::AT_MOST {
            let number = number + 1;
            problems.push(Problem::of_page(Said::new(
                format!("第 {number} 条不是对象"),
                format!("entry {number} is no object"),
            )));
        }
    }
    let title = document.title.as_ref().and_then(Value::as_str);
    let title = title.map(|title| Words { raw: title.to_owned(), html: false, base: None });
    let next = document.next_url.as_ref().and_then(Value::as_str).map(str::trim);
    let next = next.filter(|next| !next.is_empty()).and_then(|next| base.join(next).ok());
    Ok(Items { title, entries, problems, next })
}

fn entry(item: &Value, base: &Url) -> Entry {
    let text = |field: &str| item.get(field).and_then(Value::as_str).map(str::trim).unwrap_or_default();
    let some = |field: &str| Some(text(field).to_owned()).filter(|text| !text.is_empty());
    let words = |field: &str, html| Words { raw: text(field).to_owned(), html, base: Some(base.clone()) };
    let address = |field: &str| base.join(&some(field)?).ok().map(String::from);
    // Version 1 allowed numbers.
    let number = || item.get("id").filter(|id| id.is_number()).map(Value::to_string);
    let plain = words("content_text", false);
    Entry {
        guid: some("id").or_else(number),
        address: address("url").or_else(|| address("external_url")),
        fallback: None,
        title: words("title", false),
        summary: words("summary", false),
        content: if plain.raw.is_empty() { words("content_html", true) } else { plain },
        published: some("date_published"),
        updated: some("date_modified"),
        cut: false,
    }
}
