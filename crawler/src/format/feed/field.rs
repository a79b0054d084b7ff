//! The text of one field as it is gathered: which kind of text it is, and what is left of it in the end.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use url::Url;

use super::entry::Words;
use super::markup::is_void;
use super::names::{Field, Fit};
use crate::format::{TEXT_AT_MOST, plain};

/// A single field longer than this is cut: mark-up is several times longer than what it says.
pub(super) const FIELD_AT_MOST: usize = TEXT_AT_MOST;

/// What a field's text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    /// HTML written as text.
    Html,
    /// Mark-up that stands in the feed as elements.
    Xml,
}

/// A field being read.
pub(super) struct Open {
    pub(super) field: Field,
    pub(super) fit: Fit,
    pub(super) base: Url,
    /// Whether a guid says of itself that it is an address.
    pub(super) is_permalink: Option<bool>,
    kind: Kind,
    /// Nobody said what kind it is.
    is_guess: bool,
    base64: bool,
    /// Its type is one of pictures, sounds, documents.
    is_media: bool,
    text: String,
    cut: bool,
    /// Elements directly in it, and where the first one's content begins.
    children: usize,
    first_child: Option<(String, usize)>,
}

impl Open {
    /// `kind` and `mode` are Atom's attributes; without them RSS means HTML and Atom means text.
    pub(super) fn new(
        (field, fit): (Field, Fit),
        base: Url,
        (kind, mode): (Option<&str>, Option<&str>),
        is_atom: bool,
    ) -> Open {
        let is_words = matches!(field, Field::Title | Field::Summary | Field::Content);
        let named = kind.map(|kind| kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase());
        let mode = mode.map(|mode| mode.trim().to_ascii_lowercase());
        let kind = match named.as_deref() {
            _ if !is_words => Kind::Text,
            Some("text" | "text/plain") => Kind::Text,
            Some("xhtml") => Kind::Xml,
            Some(named) if named.ends_with("+xml") || named.ends_with("/xml") => Kind::Xml,
            Some("html" | "text/html") if mode.as_deref() == Some("xml") => Kind::Xml,
            None if is_atom => Kind::Text,
            _ => Kind::Html,
        };
        let is_media = named.as_deref().is_some_and(|named| {
            named.contains('/') && !named.starts_with("text/") && !named.ends_with("xml")
        });
        let base64 = is_words && (mode.as_deref() == Some("base64") || is_atom && mode.is_none() && is_media);
        Open {
            field,
            fit,
            base,
            is_permalink: None,
            kind,
            is_guess: named.is_none(),
            base64,
            is_media,
            text: String::new(),
            cut: false,
            children: 0,
            first_child: None,
        }
    }

    /// Text of the document, its escapes resolved once.
    pub(super) fn text(&mut self, part: &str) {
        if self.kind == Kind::Xml {
            self.push(&escaped(part));
        } else {
            self.push(part);
        }
    }

    /// A named character of HTML (`nbsp`), which XML does not know. Nothing else is replaced by anything.
    pub(super) fn named(&mut self, name: &str) {
        let reference = format!("&{name};");
        match self.kind {
            Kind::Text => {
                let resolved = plain::character(name).unwrap_or(reference);
                self.push(&resolved);
            }
            Kind::Html | Kind::Xml => self.push(&reference),
        }
    }

    /// An element in the text: mark-up that was not escaped.
    pub(super) fn start(&mut self, local: &str, attributes: &str, depth: usize) {
        if self.kind == Kind::Text {
            self.kind = Kind::Html;
        }
        if depth == 0 {
            // Words before it make it one of several.
            let stands_alone = self.children == 0 && self.text.trim().is_empty();
            self.children += if stands_alone { 1 } else { 2 };
        }
        self.push(&format!("<{local}{attributes}>"));
        if depth == 0 && self.first_child.is_none() {
            self.first_child = Some((local.to_owned(), self.text.len()));
        }
    }

    /// The end of such an element.
    pub(super) fn end(&mut self, local: &str) {
        if !is_void(local) {
            self.push(&format!("</{local}>"));
        }
    }

    /// The relative links of an element directly in it start somewhere else.
    pub(super) fn rebase(&mut self, base: &Url) {
        if self.children == 1 {
            self.base.clone_from(base);
        }
    }

    /// Whether something did not fit.
    pub(super) fn was_cut(&self) -> bool {
        self.cut
    }

    /// The text of a date, an address, a name.
    pub(super) fn value(&self) -> Option<String> {
        Some(self.text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    /// Words for people.
    pub(super) fn words(self) -> Words {
        let mut raw =
            if self.base64 { from_base64(&self.text, self.is_media) } else { self.unwrapped().to_owned() };
        if raw.contains(|c| ('\u{80}'..='\u{9f}').contains(&c)) {
            raw = raw.chars().map(western).collect();
        }
        let is_html =
            self.kind != Kind::Text || self.is_guess && self.field != Field::Title && looks_like_html(&raw);
        Words { raw, html: is_html, base: Some(self.base) }
    }

    /// XHTML comes in a `div` that is not part of it.
    fn unwrapped(&self) -> &str {
        let text = self.text.trim();
        let lead = self.text.len() - self.text.trim_start().len();
        match &self.first_child {
            Some((name, begin)) if self.kind == Kind::Xml && self.children == 1 && name == "div" => {
                let inner = begin.checked_sub(lead).and_then(|begin| text.get(begin..));
                inner.and_then(|inner| inner.strip_suffix("</div>")).map_or(text, str::trim)
            }
            _ => text,
        }
    }

    fn push(&mut self, part: &str) {
        let fits = plain::beginning(part, FIELD_AT_MOST.saturating_sub(self.text.len()));
        self.cut |= fits.len() < part.len();
        self.text.push_str(fits);
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// What is no base64 is left as it is; so is what is no text, if nobody says that it is none.
fn from_base64(text: &str, is_media: bool) -> String {
    let packed: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let bytes = STANDARD_NO_PAD.decode(packed.trim_end_matches('='));
    match bytes.map(String::from_utf8) {
        Ok(Ok(text)) => text,
        Ok(Err(_)) if is_media => String::new(),
        _ => text.to_owned(),
    }
}

/// Characters of windows-1252 that were written under their byte's number.
pub(super) fn western(c: char) -> char {
    let Ok(byte @ 0x80..=0x9f) = u8::try_from(u32::from(c)) else { return c };
    let bytes = [byte];
    let (text, _) = encoding_rs::WINDOWS_1252.decode_without_bom_handling(&bytes);
    text.chars().next().unwrap_or(c)
}

/// Atom says `text` where nothing is said, and many who say nothing mean HTML.
fn looks_like_html(text: &str) -> bool {
    let mut rest = text;
    while let Some((_, behind)) = rest.split_once('<') {
        let name = behind.strip_prefix('/').unwrap_or(behind);
        let end = name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len());
        let (name, after) = name.split_at(end);
        let known =
            ["p", "br", "a", "b", "i", "em", "strong", "div", "span", "img", "ul", "ol", "li", "table"];
        if known.iter().any(|known| name.eq_ignore_ascii_case(known)) && after.contains('>') {
            return true;
        }
        rest = behind;
    }
    false
}
