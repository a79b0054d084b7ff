//! Entries out of RSS 0.9–2.0, RDF, Atom and CDF, as written. Reads on behind broken places, and opens
//! no element that says who wrote something.

mod filling;
mod tag;

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use url::Url;

use super::entry::{Entry, Words};
use super::field::{Open, western};
use super::markup::is_void;
use super::names::{self, Field, Fit, is_entry};
use crate::format::Problem;
use crate::words::Words as Said;
use filling::Filling;
use tag::{Scope, attribute, split};

/// More entries than this are not held at once: a page of nothing but empty ones would fill the memory.
const HELD_AT_MOST: usize = 20_000;

/// What the elements of a feed were.
#[derive(Default)]
pub(super) struct Elements {
    /// The feed's own title.
    pub(super) title: Option<Words>,
    pub(super) entries: Vec<Entry>,
    pub(super) problems: Vec<Problem>,
    /// Local name of the outermost element.
    pub(super) root: Option<String>,
    /// A part could not be read, or the end is missing.
    pub(super) damaged: bool,
}

/// Reads a whole document that is UTF-8 by now, whatever its declaration says. Relative links start at
/// `base` where the feed says nothing else. Elements deeper than `depth` are not opened.
pub(super) fn read(text: &str, base: &Url, depth: usize) -> Elements {
    let mut walk = Walk::new(base, depth);
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
    walk.say_left();
    walk.found
}

/// What an open element is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// Outside of all entries.
    Head,
    Entry,
    /// Holds fields of the entry together.
    Group,
    Field,
    /// Mark-up inside a field.
    Inside,
    Skipped,
}

/// An element that was begun and not ended yet.
struct Begun {
    name: String,
    role: Role,
    /// What its attributes say for all that is in it ends with it.
    scope: tag::Mark,
}

struct Walk {
    found: Elements,
    title_fit: Option<Fit>,
    scope: Scope,
    begun: Vec<Begun>,
    /// Deepest element that is opened.
    depth: usize,
    /// How many more elements are open than are looked at.
    too_deep: usize,
    said_too_deep: bool,
    /// The outermost element's end was seen.
    ended: bool,
    is_atom: bool,
    entry: Option<Filling>,
    field: Option<Open>,
    /// Entries beyond those that are held.
    left: usize,
}

impl Walk {
    fn new(base: &Url, depth: usize) -> Walk {
        Walk {
            found: Elements::default(),
            title_fit: None,
            scope: Scope::new(base),
            begun: Vec::new(),
            depth,
            too_deep: 0,
            said_too_deep: false,
            ended: false,
            is_atom: false,
            entry: None,
            field: None,
            left: 0,
        }
    }

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
                    match (c.map(western), resolve_predefined_entity(&reference), &mut self.field) {
                        (Some(c), ..) => self.text(c.encode_utf8(&mut [0; 4])),
                        (None, Some(known), _) => self.text(known),
                        (None, None, Some(open)) => open.named(&reference),
                        (None, None, None) => {}
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
        let local = local.to_ascii_lowercase();
        let mark = self.scope.enter(tag);
        let usual = self.scope.usual(prefix).to_owned();
        let is_own = names::is_feeds_own(&usual) || usual == self.scope.root_prefix;
        self.take_root(prefix, &local, is_own);
        if is_entry(&local) && is_own {
            // An entry inside an entry: the end of the first one was forgotten.
            self.close_entry();
        } else if let Some(open) = self.field.as_mut().filter(|_| is_void(&local)) {
            open.start(&local, tag.attributes_raw(), 1);
            return self.scope.leave(mark);
        }
        if self.too_deep > 0 || self.begun.len() >= self.depth {
            self.scope.leave(mark);
            self.too_deep += usize::from(!empty);
            return self.say_too_deep();
        }
        let role = self.role(tag, (&usual, &local), is_own);
        self.begun.push(Begun { name: name.as_ref().to_owned(), role, scope: mark });
        if empty {
            self.ended |= self.found.root.as_deref() == Some(&local);
            self.pop();
        }
    }

    /// The first element of a format names the format; what stands before it is somebody's noise.
    fn take_root(&mut self, prefix: &str, local: &str, is_own: bool) {
        let is_feed = names::is_feed(local);
        let known = self.found.root.as_deref();
        if known.is_none_or(|root| is_feed && !names::is_feed(root) && root != "html") {
            self.found.root = Some(local.to_owned());
            self.scope.root_prefix = if is_own { String::new() } else { prefix.to_owned() };
            self.is_atom = matches!(local, "feed" | "entry");
        }
    }

    /// Decides what an element is, and begins it.
    fn role(&mut self, tag: &BytesStart<'_>, (prefix, local): (&str, &str), is_own: bool) -> Role {
        let parent = self.begun.last().map_or(Role::Head, |begun| begun.role);
        if let Some(open) = &mut self.field {
            let depth = usize::from(parent == Role::Inside);
            open.start(local, tag.attributes_raw(), depth);
            if depth == 0 {
                open.rebase(self.scope.base());
            }
            return Role::Inside;
        }
        if is_entry(local) && is_own {
            self.entry = Some(Filling::begin(tag, &self.scope));
            return Role::Entry;
        }
        let prefix = if is_own { "" } else { prefix };
        let Some(entry) = &mut self.entry else { return self.role_in_head(tag, (prefix, local)) };
        match (parent, names::field(prefix, local)) {
            (Role::Skipped, _) => Role::Skipped,
            (_, Some((Field::Link, _))) if entry.take_link(tag, &self.scope) => Role::Skipped,
            (_, Some(field)) => {
                self.open(field, prefix, tag);
                Role::Field
            }
            (_, None) if names::only_groups(prefix, local) => Role::Group,
            (_, None) => Role::Skipped,
        }
    }

    /// Of the head the feed's own title is read, not that of its picture or its search box.
    fn role_in_head(&mut self, tag: &BytesStart<'_>, (prefix, local): (&str, &str)) -> Role {
        let is_in_channel =
            self.begun.last().is_some_and(|begun| names::is_feed(&split(&begun.name).1.to_ascii_lowercase()));
        match names::title_of_feed(prefix, local).filter(|_| is_in_channel) {
            Some(fit) => {
                self.open((Field::Title, fit), prefix, tag);
                Role::Field
            }
            None => Role::Head,
        }
    }

    fn open(&mut self, field: (Field, Fit), prefix: &str, tag: &BytesStart<'_>) {
        let xhtml = (prefix == "xhtml").then(|| "xhtml".to_owned());
        let (kind, mode) = (xhtml.or_else(|| attribute(tag, "type")), attribute(tag, "mode"));
        let base = self.scope.base().clone();
        let mut open = Open::new(field, base, (kind.as_deref(), mode.as_deref()), self.is_atom);
        if field.0 == Field::Guid {
            open.is_permalink =
                attribute(tag, "ispermalink").map(|is| !is.trim().eq_ignore_ascii_case("false"));
        }
        self.field = Some(open);
    }

    fn end(&mut self, name: &str) {
        let local = split(name).1;
        let is_root = self.found.root.as_deref().is_some_and(|root| root.eq_ignore_ascii_case(local));
        self.ended |= is_root;
        let place = self.begun.iter().rposition(|begun| begun.name == name);
        // Of the elements that were not looked at nobody knows the names.
        let ends_them = place.and_then(|place| self.begun.get(place)).is_some_and(|begun| {
            matches!(begun.role, Role::Entry | Role::Field) || begun.role == Role::Head && is_root
        });
        if self.too_deep > 0 && !ends_them {
            self.too_deep -= 1;
            return;
        }
        if let Some(place) = place {
            self.too_deep = 0;
            while self.begun.len() > place {
                self.pop();
            }
        }
    }

    fn pop(&mut self) {
        let Some(begun) = self.begun.pop() else { return };
        match begun.role {
            Role::Inside => {
                if let Some(open) = &mut self.field {
                    open.end(&split(&begun.name).1.to_ascii_lowercase());
                }
            }
            Role::Field => self.close_field(),
            Role::Entry => self.keep_entry(),
            Role::Head | Role::Group | Role::Skipped => {}
        }
        self.scope.leave(begun.scope);
    }

    fn keep_entry(&mut self) {
        let Some(Filling { entry, .. }) = self.entry.take() else { return };
        match self.found.entries.len() {
            0..HELD_AT_MOST => self.found.entries.push(entry),
            _ => self.left += 1,
        }
    }

    fn text(&mut self, part: &str) {
        if let Some(open) = &mut self.field {
            open.text(part);
        }
    }

    fn close_field(&mut self) {
        let Some(open) = self.field.take() else { return };
        match &mut self.entry {
            Some(entry) => entry.take(open, &self.scope),
            None if open.value().is_some() && self.title_fit.is_none_or(|known| known < open.fit) => {
                self.title_fit = Some(open.fit);
                self.found.title = Some(open.words());
            }
            None => {}
        }
    }

    fn close_entry(&mut self) {
        if let Some(place) = self.begun.iter().position(|begun| begun.role == Role::Entry) {
            self.too_deep = 0;
            while self.begun.len() > place {
                self.pop();
            }
        }
    }

    fn drop_entry(&mut self) {
        self.entry = None;
        self.field = None;
        let place = self.begun.iter().position(|begun| begun.role != Role::Head);
        while self.begun.len() > place.unwrap_or(usize::MAX) {
            self.pop();
        }
        self.too_deep = 0;
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

    fn say_left(&mut self) {
        let left = self.left;
        if left > 0 {
            self.found.problems.push(Problem::of_page(Said::new(
                format!("条目太多；只看了前 {HELD_AT_MOST} 条，后面 {left} 条没有看"),
                format!("it has too many entries; the first {HELD_AT_MOST} were looked at, {left} were not"),
            )));
        }
    }

    fn say_too_deep(&mut self) {
        if !self.said_too_deep {
            let depth = self.depth;
            self.said_too_deep = true;
            self.found.problems.push(Problem::of_page(Said::new(
                format!("元素嵌套超过 {depth} 层；更深的没有读"),
                format!("elements are nested deeper than {depth}; what is deeper was not read"),
            )));
        }
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
        if is_entry(&split(name).1.to_ascii_lowercase()) {
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
