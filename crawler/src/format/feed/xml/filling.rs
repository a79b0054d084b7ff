//! An entry as it fills up: of several elements for one field the one that fits best stays.

use quick_xml::events::BytesStart;

use super::tag::{Scope, attribute, link};
use crate::format::feed::entry::Entry;
use crate::format::feed::field::Open;
use crate::format::feed::names::{Field, Fit};

/// An entry whose end was not seen yet.
pub(super) struct Filling {
    pub(super) entry: Entry,
    /// How well each field was filled so far.
    fits: Vec<(Field, Fit)>,
}

impl Filling {
    /// CDF says it with attributes, RDF names the page the entry is about.
    pub(super) fn begin(tag: &BytesStart<'_>, scope: &Scope) -> Filling {
        let entry = Entry {
            fallback: attribute(tag, "rdf:about").and_then(|about| scope.address(&about)),
            address: attribute(tag, "href").and_then(|href| scope.address(&href)),
            updated: attribute(tag, "lastmod"),
            ..Entry::default()
        };
        Filling { entry, fits: Vec::new() }
    }

    /// Atom's `<link href rel>`: the page itself, not its comments, not a picture; rather a web page
    /// than another form of it. Whether the element was such a link.
    pub(super) fn take_link(&mut self, tag: &BytesStart<'_>, scope: &Scope) -> bool {
        let Some(link) = link(tag) else { return false };
        let address = link.fit.and_then(|fit| Some((fit, scope.address(&link.href)?)));
        if let Some((fit, address)) = address
            && self.is_better(Field::Link, fit)
        {
            self.entry.address = Some(address);
        }
        true
    }

    /// Takes a field that was read to its end; one without words is none.
    pub(super) fn take(&mut self, open: Open, scope: &Scope) {
        let field = open.field;
        let Some(value) = open.value() else { return };
        if !self.is_better(field, open.fit) {
            return;
        }
        self.entry.cut |= open.was_cut();
        match field {
            Field::Guid => {
                let says_address = match open.is_permalink {
                    Some(is) => is && !value.contains(char::is_whitespace),
                    None => value.contains("://"),
                };
                let address = if says_address { scope.address(&value) } else { None };
                self.entry.fallback = address.or(self.entry.fallback.take());
                self.entry.guid = Some(value);
            }
            Field::Link => self.entry.address = scope.address(&value).or(self.entry.address.take()),
            Field::Title => self.entry.title = open.words(),
            Field::Summary => self.entry.summary = open.words(),
            Field::Content => self.entry.content = open.words(),
            Field::Published => self.entry.published = Some(value),
            Field::Updated => self.entry.updated = Some(value),
            Field::Date => {
                if self.is_better(Field::Published, open.fit) {
                    self.entry.published = Some(value.clone());
                }
                if self.is_better(Field::Updated, open.fit) {
                    self.entry.updated = Some(value);
                }
            }
        }
    }

    /// Whether this fits a field better than what it has, and if so remembers it.
    fn is_better(&mut self, field: Field, fit: Fit) -> bool {
        match self.fits.iter_mut().find(|(known, _)| *known == field) {
            Some((_, known)) if *known >= fit => false,
            Some((_, known)) => {
                *known = fit;
                true
            }
            None => {
                self.fits.push((field, fit));
                true
            }
        }
    }
}
