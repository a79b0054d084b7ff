//! Entries out of RSS 0.9–2.0, RDF and Atom, as written. Reads on behind broken places, and opens no
//! element that says who wrote something.

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};

use super::{Entry, Words};
use crate::format::Problem;
use crate::words::Words as Said;

/// A single field longer than this is cut.
const FIELD_AT_MOST: usize = 1024 * 1024;

/// What the elements of a feed were.
#[derive(Default)]
pub(super) struct Elements {
    pub(super) entries: Vec<Entry>,
    pub(super) problems: Vec<Problem>,
    /// Local name of the outermost element.
    pub(super) root: Option<String>,
    /// A part could not be read, or the end is missing.
    pub(super) damaged: bool,
}

/// Reads a whole document that is UTF-8 by now, whatever its declaration says.
pub(super) fn read(text: &str) -> Elements {
    let mut walk = Walk::default();
    let mut from = 0;
    // Each round begins behind the place where the last one broke off.
    while let Some(rest) = text.get(from..) {
        let Some((at, what)) = walk.run(rest) else { break };
        let at = text.floor_char_boundary(from + at.max(1));
        walk.found.damaged = true;
        if walk.found.problems.len() < Problem::AT_MOST {
            let what = Said::new(
                format!("XML 有错（{what}）；出错的那一条没有采"),
                format!("broken XML ({what}); the entry around it was left out"),
            );
            walk.found.problems.push(Problem { line: Some(line_of(text, at)), what });
        }
        walk.drop_entry();
        match next_entry(text, at.max(from + 1)) {
            Some(next) => from = next,
            None => break,
        }
    }
    walk.found
}

/// The element whose text is being gathered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Guid,
    Link,
    Title,
    Summary,
    Content,
    Published,
    Updated,
}

#[derive(Default)]
struct Walk {
    found: Elements,
    /// Prefix of the outermost element: its children with the same prefix are the feed's own.
    prefix: String,
    /// The outermost element's end was seen.
    ended: bool,
    entry: Option<Entry>,
    field: Option<Open>,
    /// How deep inside an element of an entry that is not read.
    skipped: u32,
}

/// A field being read: its element's name as written, what is in it, how deep its own mark-up goes.
struct Open {
    field: Field,
    name: String,
    text: String,
    html: bool,
    depth: u32,
}

impl Walk {
    /// Reads until the end (`None`) or a broken place (its offset and what is wrong).
    fn run(&mut self, text: &str) -> Option<(usize, String)> {
        let mut reader = Reader::from_str(text);
        let config = reader.config_mut();
        config.allow_dangling_amp = true;
        config.allow_unmatched_ends = true;
        config.check_end_names = false;
        loop {
            match reader.read_event() {
                Ok(Event::Start(tag)) => self.start(&tag, false),
                Ok(Event::Empty(tag)) => self.start(&tag, true),
                Ok(Event::End(tag)) => self.end(tag.name().as_ref()),
                Ok(Event::Text(part)) => self.text(&part),
                Ok(Event::CData(part)) => self.text(&part),
                Ok(Event::GeneralRef(reference)) => {
                    let c = reference.resolve_char_ref().ok().flatten();
                    match (c, resolve_predefined_entity(&reference)) {
                        (Some(c), _) => self.text(c.encode_utf8(&mut [0; 4])),
                        (None, Some(known)) => self.text(known),
                        // HTML's own entities (&nbsp;) are decoded with the mark-up. Nothing else is
                        // ever replaced by anything.
                        (None, None) => self.text(&format!("&{};", &*reference)),
                    }
                }
                Ok(Event::Eof) => {
                    self.finish();
                    return None;
                }
                Ok(_) => {}
                Err(error) => {
                    let at = usize::try_from(reader.error_position()).unwrap_or(usize::MAX);
                    return Some((at, error.to_string()));
                }
            }
        }
    }

    fn start(&mut self, tag: &BytesStart<'_>, empty: bool) {
        let name = tag.name();
        let (prefix, local) = split(name.as_ref());
        if self.found.root.is_none() {
            self.found.root = Some(local.to_ascii_lowercase());
            self.prefix = prefix.to_owned();
            self.ended = empty;
        }
        if is_entry(local) && self.is_ours(prefix) {
            // An entry inside an entry: the end of the first one was forgotten.
            self.close_entry();
            self.entry = Some(Entry { fallback: attribute(tag, "rdf:about"), ..Entry::default() });
            if empty {
                self.close_entry();
            }
            return;
        }
        let Some(entry) = &mut self.entry else { return };
        if let Some(open) = &mut self.field {
            // Mark-up that was not escaped.
            push(&mut open.text, &format!("<{local}>"));
            open.html = true;
            open.depth += u32::from(!empty);
            return;
        }
        if self.skipped > 0 {
            self.skipped += u32::from(!empty);
            return;
        }
        if local == "link" {
            take_link(entry, tag);
        }
        let own = prefix.is_empty() || prefix == self.prefix || matches!(prefix, "atom" | "a10" | "rss");
        match field(prefix, local, own) {
            Some(field) if !empty => {
                let html = kind_is_html(field, attribute(tag, "type").as_deref());
                let name = name.as_ref().to_owned();
                self.field = Some(Open { field, name, text: String::new(), html, depth: 0 });
            }
            Some(_) => {}
            None => self.skipped += u32::from(!empty),
        }
    }

    fn end(&mut self, name: &str) {
        let (prefix, local) = split(name);
        let is_root = self.found.root.as_deref().is_some_and(|root| root.eq_ignore_ascii_case(local));
        self.ended |= is_root;
        if is_root || (is_entry(local) && self.is_ours(prefix)) {
            self.close_entry();
        } else if let Some(open) = &mut self.field {
            let closes = open.name == name || open.depth == 0;
            if closes {
                self.close_field();
            } else {
                push(&mut open.text, &format!("</{local}>"));
                open.depth -= 1;
            }
        } else {
            self.skipped = self.skipped.saturating_sub(1);
        }
    }

    fn text(&mut self, part: &str) {
        if let Some(open) = &mut self.field {
            push(&mut open.text, part);
        }
    }

    fn close_field(&mut self) {
        let Some(open) = self.field.take() else { return };
        let Some(entry) = &mut self.entry else { return };
        let trimmed = || Some(open.text.trim().to_owned()).filter(|text| !text.is_empty());
        let words = || Words { raw: open.text.clone(), html: open.html };
        match open.field {
            Field::Guid => entry.guid = trimmed().or(entry.guid.take()),
            Field::Link => entry.address = entry.address.take().or_else(trimmed),
            Field::Title => entry.title = words(),
            Field::Summary => entry.summary = words(),
            Field::Content => entry.content = words(),
            Field::Published => entry.published = trimmed().or(entry.published.take()),
            Field::Updated => entry.updated = trimmed().or(entry.updated.take()),
        }
    }

    fn close_entry(&mut self) {
        self.close_field();
        self.skipped = 0;
        self.found.entries.extend(self.entry.take());
    }

    fn drop_entry(&mut self) {
        self.entry = None;
        self.field = None;
        self.skipped = 0;
    }

    /// An entry still open at the end was cut off: it comes again, whole, with the next fetch.
    fn finish(&mut self) {
        if self.entry.is_some() || (self.found.root.is_some() && !self.ended) {
            self.found.damaged = true;
            self.found
                .problems
                .push(Problem::of_page(Said::new("没到结尾就断了", "the feed breaks off before its end")));
        }
        self.drop_entry();
    }

    fn is_ours(&self, prefix: &str) -> bool {
        prefix.is_empty() || prefix == self.prefix || matches!(prefix, "rss" | "atom")
    }
}

/// Which field an element is. Whatever is not named here is never opened: authors, above all.
fn field(prefix: &str, local: &str, own: bool) -> Option<Field> {
    match (prefix, local) {
        ("content", "encoded") => Some(Field::Content),
        ("dc" | "dcterms", "date" | "issued" | "created") => Some(Field::Published),
        ("dcterms", "modified") => Some(Field::Updated),
        _ if !own => None,
        (_, "guid" | "id") => Some(Field::Guid),
        (_, "link") => Some(Field::Link),
        (_, "title") => Some(Field::Title),
        (_, "description" | "summary") => Some(Field::Summary),
        (_, "content" | "body") => Some(Field::Content),
        (_, "pubDate" | "pubdate" | "published" | "issued" | "created" | "date") => Some(Field::Published),
        (_, "updated" | "modified" | "lastBuildDate") => Some(Field::Updated),
        _ => None,
    }
}

/// RSS says nothing of its texts and means HTML; Atom says `text` and means it.
fn kind_is_html(field: Field, kind: Option<&str>) -> bool {
    let is_words = matches!(field, Field::Title | Field::Summary | Field::Content);
    is_words && !matches!(kind, Some("text" | "text/plain"))
}

fn is_entry(local: &str) -> bool {
    matches!(local, "item" | "entry")
}

/// Atom's `<link href rel>`: the page itself, not its comments, not a picture.
fn take_link(entry: &mut Entry, tag: &BytesStart<'_>) {
    let Some(href) = attribute(tag, "href").filter(|href| !href.trim().is_empty()) else { return };
    match attribute(tag, "rel").as_deref() {
        None | Some("alternate") => entry.address = Some(href.trim().to_owned()),
        Some(_) => {}
    }
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    // Attributes are looked at only where one is wanted, and without looking for doubles: a hundred
    // thousand of them must not take quadratic time.
    let mut attributes = tag.attributes();
    let found = attributes.with_checks(false).flatten().find(|attribute| attribute.key.as_ref() == name)?;
    Some(
        found
            .normalized_value(quick_xml::XmlVersion::Implicit1_0)
            .map_or_else(|_| found.value.to_string(), |value| value.into_owned()),
    )
}

fn split(name: &str) -> (&str, &str) {
    name.split_once(':').unwrap_or(("", name))
}

fn push(text: &mut String, part: &str) {
    if text.len() < FIELD_AT_MOST {
        text.push_str(part);
    }
}

/// Where the next entry begins, from this offset on.
fn next_entry(text: &str, from: usize) -> Option<usize> {
    let from = text.ceil_char_boundary(from);
    let mut rest = text.get(from..)?;
    let mut at = from;
    while let Some(open) = rest.find('<') {
        let tag = rest.get(open + 1..)?;
        let name =
            tag.split(|c: char| c.is_whitespace() || matches!(c, '>' | '/')).next().unwrap_or_default();
        if is_entry(split(name).1) {
            return Some(at + open);
        }
        at += open + 1;
        rest = tag;
    }
    None
}

fn line_of(text: &str, at: usize) -> u64 {
    let before = text.as_bytes().get(..at).unwrap_or_default();
    1 + before.iter().filter(|byte| **byte == b'\n').count() as u64
}
