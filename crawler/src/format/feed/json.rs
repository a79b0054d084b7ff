//! Entries out of JSON Feed (jsonfeed.org, versions 1 and 1.1). An entry with odd types is one problem.

use serde_json::Value;
use url::Url;

use super::entry::{Entry, Words};
use crate::format::Problem;
use crate::format::json::document::{self, Document, ELEMENTS_AT_MOST, Wanted};
use crate::words::Words as Said;

/// What is read of an item; nothing else of it is built, its author least of all.
const FIELDS: [&str; 9] = [
    "id",
    "url",
    "external_url",
    "title",
    "summary",
    "content_text",
    "content_html",
    "date_published",
    "date_modified",
];

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
    let wanted = Wanted::of_rows("items", &FIELDS, &["title", "next_url"]);
    let Document { root, is_cut } = document::read(text, &wanted).map_err(|error| {
        let what = Said::new("JSON 是坏的；会再采", "this JSON is broken; it is fetched again");
        Problem { line: Some(error.line() as u64), what }
    })?;
    let items = root.get("items").and_then(Value::as_array).ok_or_else(|| {
        Problem::of_page(Said::new(
            "这是 JSON，但不是 JSON Feed：没有 items 列表；请写订阅源的地址",
            "this is JSON, but no JSON Feed: it has no list `items`; put a feed's address into the source",
        ))
    })?;
    let mut problems = Vec::new();
    if is_cut {
        problems.push(Problem::of_page(Said::new(
            format!("条目太多；只看了前 {ELEMENTS_AT_MOST} 条"),
            format!("it has too many entries; the first {ELEMENTS_AT_MOST} were looked at"),
        )));
    }
    let mut entries = Vec::new();
    for (number, item) in items.iter().enumerate() {
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
    let title = root.get("title").and_then(Value::as_str);
    let title = title.map(|title| Words { raw: title.to_owned(), html: false, base: None });
    let next = root.get("next_url").and_then(Value::as_str).map(str::trim);
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
