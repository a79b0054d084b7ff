//! HTML made harmless: the elements and attributes named here and nothing else, links that lead to the
//! web. One pass over the tokens and no tree, so that no nesting costs more than its length.

use std::cell::{Cell, RefCell};
use std::fmt::Write;

use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use url::Url;

/// Elements that are kept; of others only what is in them.
const KEPT: &[&str] = &[
    "a",
    "abbr",
    "acronym",
    "address",
    "area",
    "article",
    "aside",
    "audio",
    "b",
    "bdi",
    "bdo",
    "big",
    "blockquote",
    "br",
    "caption",
    "center",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "details",
    "dfn",
    "dir",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "font",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "map",
    "mark",
    "nav",
    "ol",
    "p",
    "pre",
    "q",
    "rp",
    "rt",
    "ruby",
    "s",
    "samp",
    "section",
    "small",
    "source",
    "span",
    "strike",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "time",
    "tr",
    "track",
    "tt",
    "u",
    "ul",
    "var",
    "video",
    "wbr",
];

/// Attributes that are kept.
const ATTRIBUTES: &[&str] = &[
    "abbr",
    "align",
    "alt",
    "border",
    "cellpadding",
    "cellspacing",
    "color",
    "cols",
    "colspan",
    "controls",
    "coords",
    "datetime",
    "dir",
    "headers",
    "height",
    "hreflang",
    "hspace",
    "lang",
    "noshade",
    "nowrap",
    "rel",
    "reversed",
    "rows",
    "rowspan",
    "rules",
    "scope",
    "shape",
    "size",
    "span",
    "start",
    "summary",
    "title",
    "type",
    "valign",
    "value",
    "vspace",
    "width",
];

/// Attributes that hold an address.
const ADDRESSES: &[&str] = &["cite", "href", "longdesc", "poster", "src"];

/// Elements whose content is no text.
const HIDDEN: &[&str] =
    &["applet", "iframe", "noembed", "noframes", "noscript", "script", "style", "template"];

/// The mark-up without scripts, handlers, forms, frames, styles; relative links start at `base`.
pub(super) fn harmless(html: &str, base: Option<&Url>) -> String {
    let sink = Harmless { base, out: RefCell::default(), hidden: Cell::default() };
    let tokenizer = Tokenizer::new(sink, TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(html.into());
    // The sink never asks to run a script, so one call takes everything.
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    tokenizer.sink.out.take().trim().to_owned()
}

/// Elements that have no content and no end tag.
pub(super) fn is_void(name: &str) -> bool {
    matches!(
        name,
        "area"
            | "base"
            | "br"
            | "col"
            | "embed"
            | "hr"
            | "img"
            | "input"
            | "link"
            | "meta"
            | "param"
            | "source"
            | "track"
            | "wbr"
    )
}

struct Harmless<'a> {
    base: Option<&'a Url>,
    out: RefCell<String>,
    /// Inside an element whose text nobody sees.
    hidden: Cell<bool>,
}

impl TokenSink for Harmless<'_> {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        match token {
            Token::CharacterTokens(text) if !self.hidden.get() => self.escaped(&text, false),
            Token::TagToken(tag) => return self.tag(&tag),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl Harmless<'_> {
    fn tag(&self, tag: &Tag) -> TokenSinkResult<()> {
        let name = &*tag.name;
        let begins = tag.kind == TagKind::StartTag;
        if HIDDEN.contains(&name) {
            self.hidden.set(begins && !tag.self_closing);
            // Their content is no HTML: a tag in it is text, up to the end tag of the same name.
            if begins && !tag.self_closing {
                let kind = if name == "script" { RawKind::ScriptData } else { RawKind::Rawtext };
                return TokenSinkResult::RawData(kind);
            }
        } else if KEPT.contains(&name) && !self.hidden.get() {
            if begins {
                self.start(name, tag);
            } else if !is_void(name) {
                let _ = write!(self.out.borrow_mut(), "</{name}>");
            }
        }
        TokenSinkResult::Continue
    }

    fn start(&self, name: &str, tag: &Tag) {
        let _ = write!(self.out.borrow_mut(), "<{name}");
        for attribute in &tag.attrs {
            let key = &*attribute.name.local;
            let address;
            let value = if ADDRESSES.contains(&key) {
                let Some(led) = self.address(&attribute.value) else { continue };
                address = led;
                address.as_str()
            } else if ATTRIBUTES.contains(&key) {
                &attribute.value
            } else {
                continue;
            };
            let _ = write!(self.out.borrow_mut(), " {key}=\"");
            self.escaped(value, true);
            self.out.borrow_mut().push('"');
        }
        self.out.borrow_mut().push_str(if is_void(name) { " />" } else { ">" });
    }

    /// An address that leads to the web or to a mailbox; nothing else is followed from a text.
    fn address(&self, written: &str) -> Option<String> {
        let url = match self.base {
            Some(base) => base.join(written.trim()),
            None => Url::parse(written.trim()),
        };
        url.ok().filter(|url| matches!(url.scheme(), "http" | "https" | "ftp" | "mailto")).map(String::from)
    }

    fn escaped(&self, text: &str, quotes: bool) {
        let mut out = self.out.borrow_mut();
        for c in text.chars() {
            match c {
                '&' => out.push_str("&amp;"),
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                '"' if quotes => out.push_str("&quot;"),
                c => out.push(c),
            }
        }
    }
}
