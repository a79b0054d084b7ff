//! What a start tag says: attributes, and namespaces and base addresses that hold for all that is in it.

use quick_xml::XmlVersion;
use quick_xml::events::BytesStart;
use url::Url;

use crate::format::feed::names::{Fit, usual_prefix};

/// More namespaces than these are nobody's honest need.
const NAMESPACES_AT_MOST: usize = 64;

/// What stands before the name of a relation that is written as an address (RFC 4287 §4.2.7.2).
const RELATIONS: &str = "http://www.iana.org/assignments/relation/";

/// Namespaces and base addresses in force.
pub(super) struct Scope {
    /// Prefixes as declared, and the usual prefix of what they stand for.
    prefixes: Vec<(String, Option<&'static str>)>,
    /// The page's own address.
    page: Url,
    bases: Vec<Url>,
    /// Prefix of the outermost element: its children with the same prefix are the feed's own.
    pub(super) root_prefix: String,
}

/// How much was in force outside of an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    prefixes: usize,
    bases: usize,
}

/// A link that is written with attributes.
pub(super) struct Link {
    pub(super) href: String,
    /// How well it suits as the address of the page; `None` if it is no such link.
    pub(super) fit: Option<Fit>,
}

impl Scope {
    pub(super) fn new(base: &Url) -> Scope {
        Scope { prefixes: Vec::new(), page: base.clone(), bases: Vec::new(), root_prefix: String::new() }
    }

    /// Takes what a tag declares; undone by [`Scope::leave`].
    pub(super) fn enter(&mut self, tag: &BytesStart<'_>) -> Mark {
        let mark = Mark { prefixes: self.prefixes.len(), bases: self.bases.len() };
        let raw = tag.attributes_raw();
        if raw.contains("xmlns") {
            let mut attributes = tag.attributes();
            for attribute in attributes.with_checks(false).flatten() {
                let Some(declared) = attribute.key.as_ref().strip_prefix("xmlns") else { continue };
                if self.prefixes.len() < NAMESPACES_AT_MOST {
                    let prefix = declared.strip_prefix(':').unwrap_or(declared);
                    self.prefixes.push((prefix.to_owned(), usual_prefix(&attribute.value)));
                }
            }
        }
        if raw.contains("base") || raw.contains("BASE") {
            let base = attribute(tag, "xml:base").or_else(|| attribute(tag, "base"));
            let base = base.and_then(|base| self.base().join(base.trim()).ok());
            self.bases.extend(base.filter(|base| matches!(base.scheme(), "http" | "https")));
        }
        mark
    }

    pub(super) fn leave(&mut self, mark: Mark) {
        self.prefixes.truncate(mark.prefixes);
        self.bases.truncate(mark.bases);
    }

    /// The usual prefix of what this one stands for; itself where nobody said or nobody knows.
    pub(super) fn usual<'a>(&self, prefix: &'a str) -> &'a str {
        let declared = self.prefixes.iter().rev().find(|(declared, _)| declared == prefix);
        declared.and_then(|(_, usual)| *usual).unwrap_or(prefix)
    }

    /// Where relative links start.
    pub(super) fn base(&self) -> &Url {
        self.bases.last().unwrap_or(&self.page)
    }

    /// An absolute address that a reader may be led to.
    pub(super) fn address(&self, written: &str) -> Option<String> {
        let url = self.base().join(written.trim()).ok()?;
        matches!(url.scheme(), "http" | "https" | "ftp" | "mailto").then(|| url.into())
    }
}

/// An attribute, its name in any case.
pub(super) fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    // Attributes are looked at only where one is wanted, and without looking for doubles: a hundred
    // thousand of them must not take quadratic time.
    let mut attributes = tag.attributes();
    let found = attributes
        .with_checks(false)
        .flatten()
        .find(|attribute| attribute.key.as_ref().eq_ignore_ascii_case(name))?;
    Some(
        found
            .normalized_value(XmlVersion::Implicit1_0)
            .map_or_else(|_| found.value.to_string(), |value| value.into_owned()),
    )
}

/// Atom's link; `None` for RSS's, which is written as text.
pub(super) fn link(tag: &BytesStart<'_>) -> Option<Link> {
    let href = attribute(tag, "href").filter(|href| !href.trim().is_empty())?;
    let rel = attribute(tag, "rel").map(|rel| rel.trim().to_ascii_lowercase());
    let rel = rel.as_deref().map(|rel| rel.strip_prefix(RELATIONS).unwrap_or(rel));
    let kind = attribute(tag, "type").map(|kind| kind.trim().to_ascii_lowercase());
    let fit = match (rel, kind.as_deref()) {
        (None | Some("" | "alternate"), None | Some("" | "text/html" | "application/xhtml+xml" | "html")) => {
            Some(1)
        }
        (None | Some("" | "alternate"), Some(_)) => Some(0),
        _ => None,
    };
    Some(Link { href, fit })
}

/// Prefix and local part of a name.
pub(super) fn split(name: &str) -> (&str, &str) {
    name.split_once(':').unwrap_or(("", name))
}
