//! A found post as other programs and spreadsheets get it: one shape for the command, the page and the API.

use alerts::format;
use analyzer::excerpt::{Excerpt, excerpt};
use analyzer::index::Hit;
use analyzer::matcher::Text;
use crawler::post::{Publisher, Stored};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Found, Reference};

/// Header of the table.
const COLUMNS: [&str; 9] =
    ["time", "source", "group", "publisher", "title", "excerpt", "similar", "concerns", "url"];

/// One post found. Never the whole text, and of individuals no address.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Post)]
pub(crate) struct Row {
    #[schema(example = "guanlan.post/1")]
    schema: &'static str,
    #[schema(value_type = String)]
    id: crawler::post::PostId,
    /// When it was published, local time with its offset.
    #[schema(format = DateTime)]
    time: String,
    /// Id of its source.
    source: String,
    /// Name of its source.
    source_name: String,
    /// Name of its source's group.
    group: String,
    /// individual, media, gov or platform.
    #[schema(value_type = String, example = "media")]
    publisher: Publisher,
    /// Its title; may be empty.
    title: String,
    /// A short piece, around the words searched for.
    excerpt: String,
    /// Posts of its near-duplicate group among those found, this one included.
    similar: u32,
    /// Names of the concerns it belongs to.
    concerns: Vec<String>,
    /// Never of individuals.
    url: Option<String>,
}

impl Row {
    /// The rows of a page of hits.
    pub(crate) fn of(found: &Found, reference: &Reference) -> Vec<Row> {
        let row = |(hit, stored): &(Hit, Stored)| {
            let belongs = reference.matchers.matching(&Text::of(&stored.post)).into_iter();
            let concerns = belongs.filter_map(|it| Some(reference.concerns.get(it)?.name.clone())).collect();
            Row { concerns, ..Row::new(hit, stored, found, reference) }
        };
        found.posts.iter().map(row).collect()
    }

    /// Names of the concerns it belongs to.
    pub(crate) fn concerns(&self) -> &[String] {
        &self.concerns
    }

    /// Where it stands; never of individuals.
    pub(crate) fn link(&self) -> Option<String> {
        format::link(self.url.as_deref())
    }

    /// When it was published, as programs read it.
    pub(crate) fn time(&self) -> &str {
        &self.time
    }

    fn new(hit: &Hit, stored: &Stored, found: &Found, reference: &Reference) -> Row {
        let post = &stored.post;
        Row {
            title: excerpt(&format::one_line(&post.title, 2_000), &found.words, found.excerpt).text,
            concerns: Vec::new(),
            schema: "guanlan.post/1",
            id: post.id,
            time: local(post.time, &reference.zone),
            source: post.source.clone(),
            source_name: reference.source_name(&post.source).to_owned(),
            group: post.group.clone(),
            publisher: post.publisher,
            excerpt: beside(stored, found).text,
            similar: hit.similar,
            url: reference.shown.link(post),
        }
    }

    fn cells(&self) -> Vec<String> {
        let publisher = serde_json::json!(self.publisher);
        vec![
            self.time.clone(),
            self.source_name.clone(),
            self.group.clone(),
            publisher.as_str().unwrap_or_default().to_owned(),
            self.title.clone(),
            self.excerpt.clone(),
            self.similar.to_string(),
            self.concerns.join("、"),
            self.url.clone().unwrap_or_default(),
        ]
    }
}

/// The whole table.
pub(crate) fn csv(rows: &[Row]) -> String {
    csv_table(&COLUMNS, rows.iter().map(Row::cells))
}

/// Any table as CSV (RFC 4180), harmless to a spreadsheet. Excel reads UTF-8 only behind a byte-order mark.
pub(crate) fn csv_table(columns: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let line = |cells: &[String]| cells.iter().map(|cell| csv_cell(cell)).collect::<Vec<_>>().join(",");
    let mut table = format!("\u{feff}{}\n", columns.join(","));
    for cells in rows {
        table.push_str(&line(&cells));
        table.push('\n');
    }
    table
}

/// What people may see of a post: its title, or a short piece of its text around the words.
pub(crate) fn shown(stored: &Stored, found: &Found) -> Excerpt {
    let (words, most) = (&found.words, found.excerpt);
    let title = excerpt(&stored.post.title, words, most);
    let text = excerpt(&stored.post.text, words, most);
    let found_in_text_only = title.marks.is_empty() && !text.marks.is_empty();
    if found_in_text_only || stored.post.title.is_empty() { text } else { title }
}

/// What stands under a post's title: a short piece of its text around the words, or the title where it is all there is.
fn beside(stored: &Stored, found: &Found) -> Excerpt {
    let post = &stored.post;
    let text = if post.text.is_empty() { &post.title } else { &post.text };
    excerpt(&format::one_line(text, 20_000), &found.words, found.excerpt)
}

/// Local time with its offset, as other programs read it.
pub(crate) fn local(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned_datetime(zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// A cell as CSV wants it; one that a spreadsheet would take for a formula gets a quote in front.
fn csv_cell(text: &str) -> String {
    // A mark that nobody sees must not hide that a formula follows.
    let text = format::visible(text);
    let harmless = if text.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']) {
        format!("'{text}")
    } else {
        text
    };
    format!("\"{}\"", harmless.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_that_looks_like_a_formula_is_made_harmless() {
        assert_eq!(csv_cell("=1+1"), "\"'=1+1\"");
        assert_eq!(csv_cell("他说\"好\""), "\"他说\"\"好\"\"\"");
    }
}
