//! Posts out of RSS, Atom and JSON Feed. Reads no author, of entries or of the feed; a broken entry
//! is one problem and the others survive.

mod json;
mod moment;
#[cfg(test)]
mod tests;
mod xml;

use std::collections::HashMap;

use jiff::Timestamp;

use super::{Parsed, Privacy, Problem, Reading, TEXT_AT_MOST, TITLE_AT_MOST, plain};
use crate::address;
use crate::charset;
use crate::fetch::Page;
use crate::post::{Draft, Post};
use crate::source::Source;

/// More entries than this are not taken from one page; the newest are kept.
pub const ENTRIES_AT_MOST: usize = 2000;

/// So much of a web page is searched for the address of its feed.
const HEAD_AT_MOST: usize = 64 * 1024;

/// One entry as written.
#[derive(Debug, Default)]
struct Entry {
    guid: Option<String>,
    address: Option<String>,
    /// Address for an entry without a link (RDF's `rdf:about`).
    fallback: Option<String>,
    title: Words,
    summary: Words,
    content: Words,
    published: Option<String>,
    updated: Option<String>,
}

/// Text with or without mark-up.
#[derive(Debug, Default)]
struct Words {
    raw: String,
    html: bool,
}

impl Words {
    fn plain(&self, limit: usize) -> String {
        let read = if self.html { plain::from_html } else { plain::from_text };
        read(&self.raw, limit)
    }
}

/// Reads a feed of whatever kind. `now` is when the page was fetched: the time of entries that name
/// none, or one that is still to come.
pub fn parse(page: &Page, source: &Source, privacy: &Privacy, now: Timestamp) -> Parsed {
    let decoded = charset::decode(&page.body, page.content_type.as_deref(), &page.url, source.encoding);
    let (entries, mut problems, reading) = match read(&decoded.text, page) {
        Ok(read) => read,
        Err(problem) => {
            return Parsed { posts: Vec::new(), problems: vec![problem], reading: Reading::SomethingElse };
        }
    };
    if decoded.unreadable > 0 {
        problems.push(Problem::of_page(format!(
            "{} places could not be read as {}; if the text looks garbled, set `encoding` in the source",
            decoded.unreadable,
            decoded.encoding.name()
        )));
    }
    let made = Making { page, source, privacy, now }.posts(entries, &mut problems);
    Parsed { posts: made, problems, reading }
}

type Read = (Vec<Entry>, Vec<Problem>, Reading);

fn read(text: &str, page: &Page) -> Result<Read, Problem> {
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if text.starts_with('{') || text.starts_with('[') {
        let (entries, problems) = json::read(text)?;
        return Ok((entries, problems, Reading::Whole));
    }
    if text.is_empty() {
        return Err(Problem::of_page("the page is empty; see whether the address still gives a feed"));
    }
    let is_web_page = ["<!doctype html", "<html"]
        .iter()
        .any(|begin| text.get(..begin.len()).is_some_and(|text| text.eq_ignore_ascii_case(begin)));
    if is_web_page {
        return Err(web_page(text, page));
    }
    let elements = xml::read(text);
    match elements.root.as_deref() {
        Some("rss" | "rdf" | "feed" | "entry" | "channel") => {}
        Some("html") => return Err(web_page(text, page)),
        Some("urlset" | "sitemapindex") => {
            return Err(Problem::of_page(
                "this is a sitemap and no feed; put a feed's address into the source",
            ));
        }
        _ if elements.entries.is_empty() => {
            return Err(Problem::of_page(
                "this is neither RSS, Atom nor JSON Feed; put a feed's address into the source",
            ));
        }
        _ => {}
    }
    let reading = if elements.damaged { Reading::Damaged } else { Reading::Whole };
    Ok((elements.entries, elements.problems, reading))
}

/// People paste the address of the page they read; such pages name their feed.
fn web_page(text: &str, page: &Page) -> Problem {
    let head = scraper::Html::parse_document(plain::beginning(text, HEAD_AT_MOST));
    let kinds = "link[rel~=alternate][type='application/rss+xml'], \
                 link[rel~=alternate][type='application/atom+xml'], \
                 link[rel~=alternate][type='application/feed+json']";
    let link = scraper::Selector::parse(kinds).ok().and_then(|links| {
        let href = head.select(&links).next()?.attr("href")?;
        page.url.join(href).ok().filter(|url| matches!(url.scheme(), "http" | "https"))
    });
    Problem::of_page(match link {
        Some(url) => {
            format!("this is a web page and no feed; it names this feed: {url} (put that into the source)")
        }
        None => {
            "this is a web page and no feed (a login or error page, perhaps); open it in a browser to see"
                .to_owned()
        }
    })
}

/// Makes posts out of one page's entries.
struct Making<'a> {
    page: &'a Page,
    source: &'a Source,
    privacy: &'a Privacy,
    now: Timestamp,
}

impl Making<'_> {
    fn posts(&self, entries: Vec<Entry>, problems: &mut Vec<Problem>) -> Vec<Post> {
        let mut undated = 0;
        let mut timed: Vec<(Timestamp, Entry)> = Vec::with_capacity(entries.len());
        for entry in entries {
            let (time, was_unreadable) = self.time(&entry);
            undated += usize::from(was_unreadable);
            timed.push((time, entry));
        }
        if undated > 0 {
            problems.push(Problem::of_page(format!(
                "{undated} entries have a date that cannot be read or is not possible; they count as new when first seen"
            )));
        }
        keep_newest(&mut timed, problems);
        let unique = unique_guids(&timed);
        let mut wordless = 0;
        let mut posts = Vec::with_capacity(timed.len());
        for (time, entry) in &timed {
            let guid = entry.guid.as_deref().filter(|guid| unique.get(guid) == Some(&1));
            match self.post(entry, guid, *time) {
                Some(post) => posts.push(post),
                None => wordless += 1,
            }
        }
        if wordless > 0 {
            problems.push(Problem::of_page(format!("{wordless} entries have neither title nor text")));
        }
        if unique.values().any(|times| *times > 1) {
            problems.push(Problem::of_page(
                "several entries bear one guid; they are told apart by their addresses instead",
            ));
        }
        posts
    }

    /// When the entry was published, and whether what it says of that could not be used.
    fn time(&self, entry: &Entry) -> (Timestamp, bool) {
        let written = [entry.published.as_deref(), entry.updated.as_deref()];
        let mut stated = written.into_iter().flatten().peekable();
        let has_date = stated.peek().is_some();
        match stated.find_map(|text| moment::read(text, &self.source.zone, self.now)) {
            Some(time) => (time, false),
            None => (self.now, has_date),
        }
    }

    fn post(&self, entry: &Entry, guid: Option<&str>, time: Timestamp) -> Option<Post> {
        let title = entry.title.plain(TITLE_AT_MOST);
        let content = entry.content.plain(TEXT_AT_MOST);
        let text = if content.is_empty() { entry.summary.plain(TEXT_AT_MOST) } else { content };
        if title.is_empty() && text.is_empty() {
            return None;
        }
        // Titles of short posts are often the text once more.
        let text = if text == title { String::new() } else { text };
        let link = entry.address.as_deref().or(entry.fallback.as_deref());
        let link = link.or(entry.guid.as_deref().filter(|guid| guid.contains("://")));
        let link = link.and_then(|link| self.page.url.join(link).ok());
        Some(
            Draft {
                source: &self.source.id,
                group: &self.source.group,
                publisher: self.source.publisher,
                guid: guid.map(without_scheme).as_deref(),
                address: link.as_ref().map(url::Url::as_str),
                time,
                first_seen: self.now,
                title: &title,
                text: &text,
                rank: None,
                heat: None,
            }
            .finish(&self.privacy.key, self.privacy.masks),
        )
    }
}

/// A guid that is an address stays the same when the site moves to https.
fn without_scheme(guid: &str) -> String {
    match address::canonical(guid) {
        Some(address) => address.split_once("://").map_or(address.clone(), |(_, rest)| rest.to_owned()),
        None => guid.to_owned(),
    }
}

fn unique_guids(entries: &[(Timestamp, Entry)]) -> HashMap<&str, usize> {
    let mut times = HashMap::new();
    for guid in entries.iter().filter_map(|(_, entry)| entry.guid.as_deref()) {
        *times.entry(guid).or_default() += 1;
    }
    times
}

/// Drops the oldest beyond the limit and keeps the page's order; of equally old ones the first stay.
fn keep_newest(entries: &mut Vec<(Timestamp, Entry)>, problems: &mut Vec<Problem>) {
    let found = entries.len();
    if found <= ENTRIES_AT_MOST {
        return;
    }
    let mut newest_first: Vec<(usize, Timestamp)> =
        entries.iter().enumerate().map(|(place, (time, _))| (place, *time)).collect();
    newest_first.sort_by_key(|(place, time)| (std::cmp::Reverse(*time), *place));
    let mut kept = vec![false; found];
    for (place, _) in newest_first.iter().take(ENTRIES_AT_MOST) {
        if let Some(kept) = kept.get_mut(*place) {
            *kept = true;
        }
    }
    let mut keeps = kept.into_iter();
    entries.retain(|_| keeps.next().unwrap_or(false));
    problems.push(Problem::of_page(format!(
        "the page has {found} entries; the newest {ENTRIES_AT_MOST} were taken"
    )));
}
