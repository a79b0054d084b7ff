//! Posts out of RSS, Atom and JSON Feed. Reads no author, of entries or of the feed; a broken entry
//! is one problem and the others survive.

mod json;
mod moment;
#[cfg(test)]
mod tests;
mod xml;

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Parsed, Privacy, Problem, Reading, TEXT_AT_MOST, TITLE_AT_MOST, plain};
use crate::address;
use crate::charset;
use crate::fetch::Page;
use crate::post::{Draft, Identity, Post, PostId};
use crate::source::Source;
use crate::words::Words as Said;
use moment::Stated;

/// More entries than this are not taken from one page; the newest are kept.
pub const ENTRIES_AT_MOST: usize = 2000;

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
}

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
/// none, or one that is still to come. `before` is what the reading before left.
pub fn parse(
    page: &Page,
    (source, privacy): (&Source, &Privacy),
    before: &Sightings,
    now: Timestamp,
) -> ParsedFeed {
    let decoded = charset::decode(&page.body, page.content_type.as_deref(), &page.url, source.encoding);
    let (entries, mut problems, reading) = match read(&decoded.text, page) {
        Ok(read) => read,
        Err(problem) => {
            let reading = Reading::SomethingElse;
            let parsed = Parsed { posts: Vec::new(), problems: vec![problem], reading };
            return ParsedFeed { parsed, sightings: before.clone() };
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
    let mut making = Making { page, source, privacy, now, before, after: Sightings::default(), renamed: 0 };
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
    ParsedFeed { parsed: Parsed { posts, problems, reading }, sightings: making.after }
}

type Read = (Vec<Entry>, Vec<Problem>, Reading);

fn read(text: &str, page: &Page) -> Result<Read, Problem> {
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if text.starts_with('{') || text.starts_with('[') {
        let (entries, problems) = json::read(text)?;
        return Ok((entries, problems, Reading::Whole));
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
    let elements = xml::read(text);
    match elements.root.as_deref() {
        Some("rss" | "rdf" | "feed" | "entry" | "channel") => {}
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
    Ok((elements.entries, elements.problems, reading))
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

/// Makes posts out of one page's entries.
struct Making<'a> {
    page: &'a Page,
    source: &'a Source,
    privacy: &'a Privacy,
    now: Timestamp,
    before: &'a Sightings,
    after: Sightings,
    /// Entries recognised although their guid is new.
    renamed: usize,
}

impl Making<'_> {
    fn posts(&mut self, entries: Vec<Entry>, problems: &mut Vec<Problem>) -> Vec<Post> {
        let mut timed: Vec<Timed> = entries.into_iter().map(|entry| self.timed(entry)).collect();
        report_dates(&timed, problems);
        keep_newest(&mut timed, problems);
        let times_of_guid = times_of_guids(&timed);
        let mut wordless = 0;
        let mut posts = Vec::with_capacity(timed.len());
        for timed in &timed {
            let guid = timed.entry.guid.as_deref().filter(|guid| times_of_guid.get(guid) == Some(&1));
            match self.post(timed, guid) {
                Some(post) => posts.push(post),
                None => wordless += 1,
            }
        }
        if wordless > 0 {
            problems.push(Problem::of_page(Said::new(
                format!("{wordless} 条既没有标题也没有正文"),
                format!("{wordless} entries have neither title nor text"),
            )));
        }
        if times_of_guid.values().any(|times| *times > 1) {
            problems.push(Problem::of_page(Said::new(
                "有几条的 guid 相同；改按地址区分",
                "several entries bear one guid; they are told apart by their addresses instead",
            )));
        }
        posts
    }

    /// The entry with the first of its dates that can be believed.
    fn timed(&self, entry: Entry) -> Timed {
        let mut timed = Timed { time: self.now, stated: None, entry };
        for text in [&timed.entry.published, &timed.entry.updated].into_iter().flatten() {
            let stated = moment::read(text, &self.source.zone, self.now);
            timed.stated = Some(stated);
            if let Stated::At(time) = stated {
                timed.time = time;
                break;
            }
        }
        timed
    }

    fn post(&mut self, timed: &Timed, guid: Option<&str>) -> Option<Post> {
        let entry = &timed.entry;
        let title = entry.title.plain(TITLE_AT_MOST);
        let content = entry.content.plain(TEXT_AT_MOST);
        let text = if content.is_empty() { entry.summary.plain(TEXT_AT_MOST) } else { content };
        if title.is_empty() && text.is_empty() {
            return None;
        }
        // Titles of short posts are often the text once more.
        let text = if text == title { String::new() } else { text };
        let address = self.address(entry);
        let mut guid = guid.map(without_scheme);
        if guid.is_none() && address.is_none() && !matches!(timed.stated, Some(Stated::At(_))) {
            // The moment of fetching must not make the same words a new post at each visit.
            guid = Some(format!("{title}\n{text}"));
        }
        let draft = Draft {
            source: &self.source.id,
            group: &self.source.group,
            publisher: self.source.publisher,
            guid: guid.as_deref(),
            address: address.as_deref(),
            time: timed.time,
            first_seen: self.now,
            title: &title,
            text: &text,
            rank: None,
            heat: None,
        };
        let mut post = draft.finish(&self.privacy.key, self.privacy.masks);
        if let (Some(_), Some(address)) = (guid, address) {
            post.id = self.recognise(post.id, &format!("{address}\n{title}"));
        }
        Some(post)
    }

    fn address(&self, entry: &Entry) -> Option<String> {
        let link = entry.address.as_deref().or(entry.fallback.as_deref());
        let link = link.or(entry.guid.as_deref().filter(|guid| guid.contains("://")))?;
        address::canonical(self.page.url.join(link).ok()?.as_str())
    }

    /// The id under which an entry of this address and title is known, or else its own. What is
    /// remembered is hashed like every id, so that the memory names nobody's address either.
    fn recognise(&mut self, own: PostId, address_and_title: &str) -> PostId {
        let identity = Identity::Guid { source: &self.source.id, guid: address_and_title };
        let sighting = PostId::new(identity, self.source.publisher, &self.privacy.key);
        // Two entries of one page are two posts, however alike they are.
        if self.after.0.contains_key(&sighting) {
            return own;
        }
        let known = self.before.0.get(&sighting).copied().unwrap_or(own);
        self.renamed += usize::from(known != own);
        self.after.0.insert(sighting, known);
        known
    }
}

/// An entry and its time: the one it states, or that of the fetch.
struct Timed {
    time: Timestamp,
    /// What its date says; `None` if it has none.
    stated: Option<Stated>,
    entry: Entry,
}

fn report_dates(entries: &[Timed], problems: &mut Vec<Problem>) {
    let count = |wanted| entries.iter().filter(|timed| timed.stated == Some(wanted)).count();
    let (unreadable, ahead) = (count(Stated::Nothing), count(Stated::Ahead));
    if unreadable > 0 {
        problems.push(Problem::of_page(Said::new(
            format!("{unreadable} 条的时间看不懂；按第一次见到的时间算"),
            format!(
                "{unreadable} entries have a date that cannot be read; they count as new when first seen"
            ),
        )));
    }
    if ahead > 0 {
        // One wrong date is a slip; nothing but wrong dates is a wrong zone.
        let advice = if ahead == entries.len() {
            Said::new("；信源里的 zone 对吗？", "; is `zone` in the source right?")
        } else {
            Said::same("")
        };
        problems.push(Problem::of_page(Said::new(
            format!("{ahead} 条的时间在将来；按第一次见到的时间算{}", advice.zh),
            format!(
                "{ahead} entries are dated in the future; they count as new when first seen{}",
                advice.en
            ),
        )));
    }
}

/// A guid that is an address stays the same when the site moves to https.
fn without_scheme(guid: &str) -> String {
    match address::canonical(guid) {
        Some(address) => address.split_once("://").map_or(address.clone(), |(_, rest)| rest.to_owned()),
        None => guid.to_owned(),
    }
}

/// How many entries bear each guid.
fn times_of_guids(entries: &[Timed]) -> HashMap<&str, usize> {
    let mut times = HashMap::new();
    for guid in entries.iter().filter_map(|timed| timed.entry.guid.as_deref()) {
        *times.entry(guid).or_default() += 1;
    }
    times
}

/// Drops the oldest beyond the limit and keeps the page's order; of equally old ones the first stay.
fn keep_newest(entries: &mut Vec<Timed>, problems: &mut Vec<Problem>) {
    let found = entries.len();
    if found <= ENTRIES_AT_MOST {
        return;
    }
    let mut newest_first: Vec<(usize, Timestamp)> =
        entries.iter().enumerate().map(|(place, timed)| (place, timed.time)).collect();
    newest_first.sort_by_key(|(place, time)| (std::cmp::Reverse(*time), *place));
    let mut kept = vec![false; found];
    for (place, _) in newest_first.iter().take(ENTRIES_AT_MOST) {
        if let Some(kept) = kept.get_mut(*place) {
            *kept = true;
        }
    }
    let mut keeps = kept.into_iter();
    entries.retain(|_| keeps.next().unwrap_or(false));
    problems.push(Problem::of_page(Said::new(
        format!("网页有 {found} 条；采了最新的 {ENTRIES_AT_MOST} 条"),
        format!("the page has {found} entries; the newest {ENTRIES_AT_MOST} were taken"),
    )));
}
