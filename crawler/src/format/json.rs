//! Posts out of JSON endpoints such as hot lists, by paths that the administrator wrote down. Reads no
//! field that was not asked for; an odd row is counted and the others survive.

pub(in crate::format) mod document;
mod heat;
mod path;
mod refusal;
mod row;
mod template;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use serde_json::Value;
use url::Url;

use super::{Parsed, Privacy, Problem, Reading, Room, plain};
use crate::address;
use crate::charset;
use crate::date::Stated;
use crate::fetch::Page;
use crate::post::{Post, Publisher};
use crate::source::Source;
use crate::words::Words;
use document::{Document, Wanted};
pub use path::{Path, PathError};
use row::{Odd, Row};
pub use template::{Template, TemplateError};

/// A JSON endpoint, and how to read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Json {
    /// Its address.
    pub url: Url,
    /// Where its rows are; a list there stands for its elements.
    pub items: Path,
    /// Where in a row our fields are.
    pub map: Map,
    /// Address of rows that carry none.
    pub link: Option<Template>,
    /// What must hold of an answer that is no error.
    pub ok: Option<Check>,
    /// Where in the document the next page's address is.
    pub next: Option<Path>,
    /// Most pages of one visit.
    pub pages: u32,
}

/// Our fields as paths inside a row. A title or a text is needed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Map {
    /// The source's own name for the row.
    pub id: Option<Path>,
    /// Its address, complete or relative.
    pub url: Option<Path>,
    /// When it was published.
    pub time: Option<Path>,
    /// Its title; mark-up is taken out.
    pub title: Option<Path>,
    /// Its text; mark-up is taken out.
    pub text: Option<Path>,
    /// Its place on a hot list; without it a platform's rows count in their order.
    pub rank: Option<Path>,
    /// The platform's own figure.
    pub heat: Option<Path>,
}

/// A value that an answer must have: `code=0`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Where it is.
    pub path: Path,
    /// What it is, as text.
    pub value: String,
}

/// A page's reading.
#[derive(Clone, Debug, PartialEq)]
pub struct ParsedJson {
    /// What was read.
    pub parsed: Parsed,
    /// The address of the next page, on the same host.
    pub next: Option<Url>,
    /// Rows on this page, odd ones included.
    pub rows: u32,
    /// The charset it was read as.
    pub charset: String,
}

impl ParsedJson {
    fn failed(why: Problem) -> ParsedJson {
        let parsed = Parsed { posts: Vec::new(), problems: vec![why], reading: Reading::SomethingElse };
        ParsedJson { parsed, next: None, rows: 0, charset: String::new() }
    }
}

impl Check {
    /// Reads `code=0`.
    pub fn parse(text: &str) -> Result<Check, PathError> {
        let (path, value) = text.split_once('=').ok_or(PathError::NoName)?;
        let value = value.trim_start_matches('=').trim().trim_matches(['"', '\'']);
        Ok(Check { path: Path::parse(path)?, value: value.to_owned() })
    }

    fn holds(&self, document: &Value) -> bool {
        self.path.find(document).first().is_some_and(|found| match found {
            Value::String(text) => *text == self.value,
            other => other.to_string() == self.value,
        })
    }
}

impl Json {
    /// Everything of a document that is looked at.
    fn wanted(&self) -> Wanted {
        let mut wanted = Wanted::default();
        let Map { id, url, time, title, text, rank, heat } = &self.map;
        let fields = [id, url, time, title, text, rank, heat];
        let at_items = wanted.add(&self.items);
        for field in fields.into_iter().flatten() {
            at_items.add(field);
        }
        // The elements of a list there are rows as well.
        let elements = at_items.elements();
        for field in fields.into_iter().flatten() {
            elements.add(field);
        }
        for path in [self.ok.as_ref().map(|ok| &ok.path), self.next.as_ref()].into_iter().flatten() {
            wanted.add(path);
        }
        refusal::want(&mut wanted);
        wanted
    }
}

/// Reads one page. `rows_before` is how many rows the pages before it had; `now` is when it was
/// fetched: the time of rows that name none, or one that is still to come.
pub fn parse(
    page: &Page,
    (source, privacy, room): (&Source, &Privacy, Room),
    (json, rows_before): (&Json, u32),
    now: Timestamp,
) -> ParsedJson {
    let decoded = charset::decode(&page.body, page.content_type.as_deref(), &page.url, source.encoding);
    let text = decoded.text.as_str();
    let odd = HashMap::new();
    let mut making = Making { page, source, privacy, room, json, now, rows_before, odd };
    let mut read = making.read(text).unwrap_or_else(ParsedJson::failed);
    if read.parsed.reading == Reading::Whole {
        read.parsed.problems.extend(Problem::unreadable(&decoded));
    }
    ParsedJson { charset: decoded.name(), ..read }
}

/// The rows of a document; an error says what it has instead.
fn rows<'d>(json: &Json, document: &'d Document, text: &str) -> Result<Vec<&'d Value>, Words> {
    let root = &document.root;
    if let Some(ok) = json.ok.as_ref().filter(|ok| !ok.holds(root)) {
        return Err(refusal::not_ok(ok, root));
    }
    let found: Vec<&Value> = json.items.find(root).into_iter().filter(|value| !value.is_null()).collect();
    let rows: Vec<&Value> = found
        .iter()
        .flat_map(|value| value.as_array().map_or(std::slice::from_ref(*value), Vec::as_slice))
        .collect();
    if !rows.is_empty() {
        return Ok(rows);
    }
    if let Some(refused) = refusal::of_document(root) {
        return Err(refused);
    }
    let is_empty_list = !found.is_empty() || json.items.ends_at_empty(root);
    if is_empty_list { Ok(rows) } else { Err(refusal::changed_shape(&json.items, text)) }
}

/// The next page's address, if there is one on the same host.
fn next(json: &Json, document: &Document, page: &Page) -> Option<Url> {
    let found = json.next.as_ref()?.find(&document.root);
    let next = found.first()?.as_str().filter(|next| !next.trim().is_empty())?;
    let next = address::join(next, Some(page.url.as_str()))?;
    let is_same_place = next.host_str() == page.url.host_str() && next.scheme() == page.url.scheme();
    (is_same_place && next != page.url).then_some(next)
}

fn not_json(text: &str, error: &serde_json::Error) -> Problem {
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if text.is_empty() {
        return Problem::of_page(Words::new(
            "网页是空的；请看看地址是否还有内容",
            "the page is empty; see whether the address still gives anything",
        ));
    }
    if text.starts_with('<') {
        return Problem::of_page(Words::new(
            "这不是 JSON，是网页（也许是登录页或出错页）；请用浏览器打开看看",
            "this is not JSON but a web page (a login or error page, perhaps); open it in a browser to see",
        ));
    }
    let looks_like_json = text.starts_with(['{', '[']);
    let what = if looks_like_json {
        Words::new("JSON 是坏的；会再采", "this JSON is broken; it is fetched again")
    } else {
        Words::new("这不是 JSON；请核对地址", "this is not JSON; check the address")
    };
    Problem { line: looks_like_json.then_some(error.line() as u64), what }
}

/// Makes posts out of one page's rows.
struct Making<'a> {
    page: &'a Page,
    source: &'a Source,
    privacy: &'a Privacy,
    room: Room,
    json: &'a Json,
    now: Timestamp,
    rows_before: u32,
    /// How many rows were odd in which way.
    odd: HashMap<Odd, u32>,
}

impl Making<'_> {
    /// The page, or why it is none.
    fn read(&mut self, text: &str) -> Result<ParsedJson, Problem> {
        let json = self.json;
        let document = document::read(text, &json.wanted()).map_err(|error| not_json(text, &error))?;
        let rows = rows(json, &document, text).map_err(Problem::of_page)?;
        let (mut posts, mut problems) = (self.posts(&rows), self.problems());
        if posts.is_empty() && !rows.is_empty() {
            return Err(Problem::of_page(refusal::no_words(rows.len(), &json.map, problems.first())));
        }
        if rows.is_empty() {
            problems.push(Problem::of_page(Words::new("列表是空的", "the list is empty")));
        }
        problems.extend(self.room.keep_newest(&mut posts, |post| post.time));
        if document.is_cut {
            let read = rows.len();
            problems.push(Problem::of_page(Words::new(
                format!("网页的条数太多；只看了前 {read} 条"),
                format!("the page has too many rows; the first {read} were looked at"),
            )));
        }
        let next = next(json, &document, self.page);
        let rows = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        let parsed = Parsed { posts, problems, reading: Reading::Whole };
        Ok(ParsedJson { parsed, next, rows, charset: String::new() })
    }

    fn posts(&mut self, rows: &[&Value]) -> Vec<Post> {
        let mut read = Vec::new();
        for (place, row) in rows.iter().enumerate() {
            match Row::read(row, &self.json.map, (&self.page.url, self.room)) {
                Ok(row) => read.push((place, row)),
                Err(odd) => self.count(odd),
            }
        }
        let shared = shared_ids(read.iter().map(|(_, row)| row));
        let counts_from_one = read.iter().all(|(_, row)| row.rank != Some(0));
        let mut known = HashSet::new();
        let mut posts = Vec::new();
        for (place, mut row) in read {
            row.odd.iter().for_each(|odd| self.count(*odd));
            if row.id.as_ref().is_some_and(|id| shared.contains(id)) {
                row.id = None;
                self.count(Odd::SharedId);
            }
            row.rank = match row.rank {
                Some(rank) => Some(if counts_from_one { rank.saturating_sub(1) } else { rank }),
                None => self.place(place),
            };
            let post = self.post(&row);
            // Pinned rows stand in the list once more.
            if known.insert(post.id) {
                posts.push(post);
            }
        }
        posts
    }

    fn post(&mut self, row: &Row) -> Post {
        let stated = row.time(&self.source.zone, self.now);
        match stated {
            Some(Stated::Nothing) => self.count(Odd::Time),
            Some(Stated::Ahead(_)) => self.count(Odd::Ahead),
            Some(Stated::At(_) | Stated::About(_)) | None => {}
        }
        let time = stated.and_then(Stated::time).unwrap_or(self.now);
        let claimed = stated.and_then(Stated::claim);
        row.draft(self.json.link.as_ref(), (self.source, self.now), (time, claimed)).finish(self.privacy)
    }

    /// The order is the rank only where the list is a platform's own.
    fn place(&self, place: usize) -> Option<u32> {
        let is_hot_list = self.source.publisher == Publisher::Platform && self.json.map.rank.is_none();
        is_hot_list.then(|| self.rows_before.saturating_add(u32::try_from(place).unwrap_or(u32::MAX)))
    }

    fn count(&mut self, odd: Odd) {
        *self.odd.entry(odd).or_default() += 1;
    }

    fn problems(&self) -> Vec<Problem> {
        let mut problems: Vec<_> = self.odd.iter().collect();
        problems.sort();
        problems.into_iter().map(|(odd, count)| Problem::of_page(odd.words(*count))).collect()
    }
}

/// Ids that rows of different titles share are no ids.
fn shared_ids<'r>(rows: impl Iterator<Item = &'r Row>) -> HashSet<String> {
    let mut titles: HashMap<&str, &str> = HashMap::new();
    let mut shared = HashSet::new();
    for row in rows {
        let Some(id) = &row.id else { continue };
        if *titles.entry(id).or_insert(&row.title) != row.title {
            shared.insert(id.clone());
        }
    }
    shared
}
