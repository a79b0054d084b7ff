//! Posts out of RSS, Atom and JSON Feed. Reads no author, of entries or of the feed; a broken entry
//! is one problem and the others survive.

mod entry;
mod field;
mod json;
mod markup;
mod names;
mod posts;
mod preview;
#[cfg(test)]
mod tests;
mod xml;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use url::Url;

use super::{Parsed, Privacy, Problem, Reading, Room, plain};
use crate::charset;
use crate::fetch::Page;
use crate::post::PostId;
use crate::source::Source;
use crate::words::Words as Said;
use entry::{Entry, Words};
use posts::Making;
pub use preview::{Item, Preview, preview};

/// So much of a web page is searched for the address of its feed.
const HEAD_AT_MOST: usize = 32 * 1024;

/// The entries of the page before: by address and title, the ids under which they are stored. Some
/// feeds give their entries new guids with each build; this keeps them from coming in as new each time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sightings(BTreeMap<PostId, PostId>);

/// A page's reading, and what to remember of it for the next one.
#[derive(Clone, Debug, PartialEq)]
pub struct ParsedFeed {
    /// What was read.
    pub parsed: Parsed,
    /// To be handed to the next reading.
    pub sightings: Sightings,
    /// Where older entries are, as a JSON Feed says (`next_url`).
    pub next: Option<Url>,
    /// The charset the page was read as.
    pub charset: String,
}

impl Sightings {
    /// Adds those of a later page of the same feed.
    pub fn join(&mut self, more: Sightings) {
        for (sighting, id) in more.0 {
            self.0.entry(sighting).or_insert(id);
        }
    }
}

/// Reads a feed of whatever kind. `now` is when the page was fetched: the time of entries that name
/// none, or one that is still to come. `before` is what the reading before left.
pub fn parse(
    page: &Page,
    (source, privacy, room): (&Source, &Privacy, Room),
    before: &Sightings,
    now: Timestamp,
) -> ParsedFeed {
    let decoded = charset::decode(&page.body, page.content_type.as_deref(), &page.url, source.encoding);
    let Read { entries, mut problems, reading, next, .. } = match read(&decoded.text, page, room.xml_depth) {
        Ok(read) => read,
        Err(problem) => {
            let reading = Reading::SomethingElse;
            let parsed = Parsed { posts: Vec::new(), problems: vec![problem], reading };
            return ParsedFeed { parsed, sightings: before.clone(), next: None, charset: decoded.name() };
        }
    };
    if decoded.unreadable > 0 {
        let (places, encoding) = (decoded.unreadable, decoded.encoding.name());
        problems.push(Problem::of_page(Said::new(
            format!("有 {places} 处不能按 {encoding} 读出；如果是乱码，在信源里写 encoding"),
            format!(
                "{places} places could not be read as {encoding}; if the text looks garbled, set `encoding` in the source"
            ),
        )));
    }
    let after = Sightings::default();
    let mut making = Making { page, source, privacy, room, now, before, after, renamed: 0, cut: 0 };
    let posts = making.posts(entries, &mut problems);
    if making.renamed > 0 {
        let renamed = making.renamed;
        problems.push(Problem::of_page(Said::new(
            format!("{renamed} 条旧帖换了新的 guid；已按地址和标题认出"),
            format!(
                "{renamed} known entries came under new guids; they were recognised by address and title"
            ),
        )));
    }
    let (parsed, charset) = (Parsed { posts, problems, reading }, decoded.name());
    ParsedFeed { parsed, sightings: making.after, next, charset }
}

/// What was read of a page that is a feed.
struct Read {
    title: Option<Words>,
    entries: Vec<Entry>,
    problems: Vec<Problem>,
    reading: Reading,
    next: Option<Url>,
}

fn read(text: &str, page: &Page, depth: usize) -> Result<Read, Problem> {
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}' || c == '\0');
    if text.starts_with('{') || text.starts_with('[') {
        let json::Items { title, entries, problems, next } = json::read(text, &page.url)?;
        return Ok(Read { title, entries, problems, reading: Reading::Whole, next });
    }
    if text.is_empty() {
        return Err(Problem::of_page(Said::new(
            "网页是空的；请看看地址是否还有内容",
            "the page is empty; see whether the address still gives a feed",
        )));
    }
    let is_web_page = ["<!doctype html", "<html"]
        .iter()
        .any(|begin| text.get(..begin.len()).is_some_and(|text| text.eq_ignore_ascii_case(begin)));
    if is_web_page {
        return Err(web_page(text, page));
    }
    let elements = xml::read(text, &page.url, depth);
    match elements.root.as_deref() {
        Some(root) if names::is_feed(root) => {}
        Some("html") => return Err(web_page(text, page)),
        Some("urlset" | "sitemapindex") => {
            return Err(Problem::of_page(Said::new(
                "这是站点地图，不是订阅源；把 kind 改成 \"sitemap\"，或者写订阅源的地址",
                "this is a sitemap and no feed; set kind = \"sitemap\", or put a feed's address into the source",
            )));
        }
        _ if elements.entries.is_empty() => {
            return Err(Problem::of_page(Said::new(
                "这不是 RSS、Atom 或 JSON Feed；请写订阅源的地址",
                "this is neither RSS, Atom nor JSON Feed; put a feed's address into the source",
            )));
        }
        _ => {}
    }
    let reading = if elements.damaged { Reading::Damaged } else { Reading::Whole };
    let xml::Elements { title, entries, problems, .. } = elements;
    Ok(Read { title, entries, problems, reading, next: None })
}

/// People paste the address of the page they read; such pages name their feed.
fn web_page(text: &str, page: &Page) -> Problem {
    let head = plain::beginning(text, HEAD_AT_MOST);
    let head = head.split("<body").next().unwrap_or(head);
    let head = scraper::Html::parse_document(head);
    let kinds = "link[rel~=alternate][type='application/rss+xml'], \
                 link[rel~=alternate][type='application/atom+xml'], \
                 link[rel~=alternate][type='application/feed+json']";
    let link = scraper::Selector::parse(kinds).ok().and_then(|links| {
        let href = head.select(&links).next()?.attr("href")?;
        page.url.join(href).ok().filter(|url| matches!(url.scheme(), "http" | "https"))
    });
    Problem::of_page(match link {
        Some(url) => Said::new(
            format!("这是网页，不是订阅源；它的订阅源是 {url}（写进信源）"),
            format!("this is a web page and no feed; it names this feed: {url} (put that into the source)"),
        ),
        None => Said::new(
            "这是网页，不是订阅源（也许是登录页或出错页）；请用浏览器打开看看",
            "this is a web page and no feed (a login or error page, perhaps); open it in a browser to see",
        ),
    })
}
