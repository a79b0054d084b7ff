//! One entry as written, before anything is decided about it.

use url::Url;

use super::markup;
use crate::format::plain;

/// One entry as written. Addresses are absolute already.
#[derive(Debug, Default)]
pub(super) struct Entry {
    pub(super) guid: Option<String>,
    pub(super) address: Option<String>,
    /// Address for an entry without a link (RDF's `rdf:about`, a guid that says it is one).
    pub(super) fallback: Option<String>,
    pub(super) title: Words,
    pub(super) summary: Words,
    pub(super) content: Words,
    pub(super) published: Option<String>,
    pub(super) updated: Option<String>,
    /// Something in it was longer than is read.
    pub(super) cut: bool,
}

/// Text with or without mark-up.
#[derive(Clone, Debug, Default)]
pub(super) struct Words {
    pub(super) raw: String,
    pub(super) html: bool,
    /// Where its relative links start.
    pub(super) base: Option<Url>,
}

impl Words {
    /// What a reader would see, at most `limit` characters of it.
    pub(super) fn plain(&self, limit: usize) -> String {
        let read = if self.html { plain::from_html } else { plain::from_text };
        read(&self.raw, limit)
    }

    /// The text as a reader program would take it: HTML without anything that acts, or plain text as it
    /// was written. `None` if there is nothing.
    pub(super) fn shown(&self) -> Option<String> {
        let text = if self.html {
            markup::harmless(&self.raw, self.base.as_ref())
        } else {
            self.raw.trim().to_owned()
        };
        let text = plain::without_controls(&text).into_owned();
        Some(text).filter(|text| !text.is_empty())
    }
}
