//! What a site says about the use of its pages: `noindex` and `nofollow` in headers and mark-up, and the
//! reservation of text mining (W3C TDMRep). Reads what it is given and fetches nothing.

use std::cell::Cell;

use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use serde_json::Value;
use url::Url;

use crate::fetch::PRODUCT_TOKEN;
use crate::format::plain::beginning;
use crate::robots;
use crate::words::Words;

/// Wishes are looked for in that much of a page: they stand at its head.
const LOOKED_AT: usize = 256 * 1024;

/// What a page's owner wants done with it. What is not said is permitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wishes {
    /// The page's own text may be taken. A list that may not be indexed may still be read for its links:
    /// the page that is to be left alone is the list, not what it names.
    pub index: bool,
    /// The page's links may be followed.
    pub follow: bool,
    /// Whether text mining is reserved (`tdm-reservation`); `None` where nothing is said.
    pub reserved: Option<bool>,
}

impl Default for Wishes {
    fn default() -> Wishes {
        Wishes { index: true, follow: true, reserved: None }
    }
}

impl Wishes {
    /// Reads the headers of an answer; names in any case, all others are passed over.
    pub fn of_headers<'a>(headers: impl IntoIterator<Item = (&'a str, &'a str)>) -> Wishes {
        let mut wishes = Wishes::default();
        for (name, value) in headers {
            if name.eq_ignore_ascii_case("x-robots-tag") {
                wishes.take_robots_header(value);
            } else if name.eq_ignore_ascii_case("tdm-reservation") {
                wishes.reserved = reservation(value).or(wishes.reserved);
            }
        }
        wishes
    }

    /// Reads `<meta name="robots">`, the same under our name, and `<meta name="tdm-reservation">`.
    pub fn of_html(html: &str) -> Wishes {
        let html = beginning(html, LOOKED_AT);
        let tokenizer = Tokenizer::new(Metas::default(), TokenizerOpts::default());
        let input = BufferQueue::default();
        input.push_back(html.into());
        // The sink never asks to run a script, so one call takes everything.
        let _ = tokenizer.feed(&input);
        tokenizer.end();
        tokenizer.sink.wishes.get()
    }

    /// Both together: what either forbids is forbidden, and of two words about text mining the one
    /// that stands closer to the text counts (mark-up, then header, then the site's own file).
    pub fn and(self, closer: Wishes) -> Wishes {
        Wishes {
            index: self.index && closer.index,
            follow: self.follow && closer.follow,
            reserved: closer.reserved.or(self.reserved),
        }
    }

    /// Why the page's text is not taken, in words; `None` if it may be.
    pub fn forbid_text(&self) -> Option<Words> {
        if self.reserved == Some(true) {
            return Some(Words::new(
                "网站声明保留文本挖掘的权利（TDM），正文没有采用；需要的话请与网站约定",
                "the site reserves text mining (TDM), so its text was not taken; ask the site if it is needed",
            ));
        }
        (!self.index).then(|| {
            Words::new(
                "网页声明不许收录（noindex），正文没有采用",
                "the page asks not to be indexed (noindex), so its text was not taken",
            )
        })
    }

    /// One `X-Robots-Tag`. A bot's name before a colon says whom the words behind it are for.
    fn take_robots_header(&mut self, value: &str) {
        let mut for_us = true;
        for part in value.split(',') {
            let word = match part.split_once(':') {
                Some((name, word)) if is_bots_name(name) => {
                    for_us = name.trim().eq_ignore_ascii_case(PRODUCT_TOKEN);
                    word
                }
                _ => part,
            };
            if for_us {
                self.take_word(word);
            }
        }
    }

    fn take_word(&mut self, word: &str) {
        match word.trim().to_ascii_lowercase().as_str() {
            "noindex" => self.index = false,
            "nofollow" => self.follow = false,
            "none" => (self.index, self.follow) = (false, false),
            _ => {}
        }
    }
}

/// `max-snippet: 20` and the like are words with a value and no bots.
fn is_bots_name(name: &str) -> bool {
    let name = name.trim();
    let words = ["unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"];
    !name.is_empty()
        && !words.iter().any(|word| name.eq_ignore_ascii_case(word))
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.*".contains(&byte))
}

fn reservation(value: &str) -> Option<bool> {
    match value.trim() {
        "1" => Some(true),
        "0" => Some(false),
        _ => None,
    }
}

/// Gathers what the `meta` elements say.
#[derive(Default)]
struct Metas {
    wishes: Cell<Wishes>,
}

impl TokenSink for Metas {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let Token::TagToken(tag) = token else { return TokenSinkResult::Continue };
        if tag.kind != TagKind::StartTag {
            return TokenSinkResult::Continue;
        }
        match &*tag.name {
            "meta" => self.meta(&tag),
            // Their content is no mark-up: a tag in it is text.
            "script" => return TokenSinkResult::RawData(RawKind::ScriptData),
            "style" | "iframe" | "noembed" | "noframes" => return TokenSinkResult::RawData(RawKind::Rawtext),
            "title" | "textarea" => return TokenSinkResult::RawData(RawKind::Rcdata),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl Metas {
    fn meta(&self, tag: &Tag) {
        let value = |name: &str| {
            let found = tag.attrs.iter().find(|attribute| &*attribute.name.local == name);
            found.map(|attribute| attribute.value.to_string()).unwrap_or_default()
        };
        let (name, content) = (value("name"), value("content"));
        let name = name.trim();
        let mut wishes = self.wishes.get();
        if name.eq_ignore_ascii_case("robots") || name.eq_ignore_ascii_case(PRODUCT_TOKEN) {
            content.split([',', ' ', ';']).for_each(|word| wishes.take_word(word));
        } else if name.eq_ignore_ascii_case("tdm-reservation") {
            wishes.reserved = reservation(&content).or(wishes.reserved);
        }
        self.wishes.set(wishes);
    }
}

/// What a site's `/.well-known/tdmrep.json` says: which of its pages are reserved.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reservations {
    /// Pattern as in robots.txt, and whether it reserves.
    rules: Vec<(String, bool)>,
}

impl Reservations {
    /// Reads the file; entries that make no sense are passed over.
    pub fn parse(json: &[u8]) -> Reservations {
        let value: Value = serde_json::from_slice(json).unwrap_or_default();
        let entries = value.as_array().map(Vec::as_slice).unwrap_or_default();
        let rule = |entry: &Value| {
            let location = entry.get("location")?.as_str()?;
            let reserved = match entry.get("tdm-reservation")? {
                Value::String(text) => reservation(text)?,
                Value::Bool(reserved) => *reserved,
                number => number.as_u64()? == 1,
            };
            Some((robots::pattern_of(location.as_bytes()), reserved))
        };
        Reservations { rules: entries.iter().filter_map(rule).collect() }
    }

    /// What is said of this page. The longest pattern counts, and of two equal ones the one that reserves.
    pub fn of(&self, url: &Url) -> Wishes {
        let path = robots::path_of(url);
        let matching = self.rules.iter().filter(|(pattern, _)| robots::matches(pattern, &path));
        let deciding = matching.max_by_key(|(pattern, reserved)| (pattern.len(), *reserved));
        Wishes { reserved: deciding.map(|(_, reserved)| *reserved), ..Wishes::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(wishes: Wishes) -> (bool, bool, Option<bool>) {
        (wishes.index, wishes.follow, wishes.reserved)
    }

    #[test]
    fn headers_speak_to_everybody_or_to_a_bot_by_name() {
        let cases = [
            ("noindex", (false, true)),
            ("NoFollow", (true, false)),
            ("none", (false, false)),
            ("all", (true, true)),
            ("noarchive, noindex , nofollow", (false, false)),
            ("otherbot: noindex, nofollow", (true, true)),
            ("guanlan: noindex, nofollow", (false, false)),
            ("otherbot: noindex, Guanlan: nofollow", (true, false)),
            ("noindex, otherbot: nofollow", (false, true)),
            ("unavailable_after: 25 Jun 2010 15:00:00 PST, nofollow", (true, false)),
            ("max-snippet: 20, noindex", (false, true)),
            ("noindexed", (true, true)),
            ("", (true, true)),
        ];
        for (value, (index, follow)) in cases {
            let wishes = Wishes::of_headers([("X-Robots-Tag", value)]);
            assert_eq!(said(wishes), (index, follow, None), "{value}");
        }
        let two = Wishes::of_headers([
            ("x-robots-tag", "noindex"),
            ("x-robots-tag", "nofollow"),
            ("TDM-Reservation", "1"),
            ("x-other", "none"),
        ]);
        assert_eq!(said(two), (false, false, Some(true)));
        assert_eq!(Wishes::of_headers([("tdm-reservation", "perhaps")]), Wishes::default());
    }

    #[test]
    fn mark_up_is_read_where_it_is_mark_up() {
        let cases = [
            (r#"<meta name="robots" content="noindex,nofollow">"#, (false, false, None)),
            (r#"<META CONTENT='NONE' NAME='Robots'>"#, (false, false, None)),
            (
                r#"<meta name=guanlan content=nofollow><meta name=robots content=noindex>"#,
                (false, false, None),
            ),
            (r#"<meta name="otherbot" content="noindex">"#, (true, true, None)),
            (r#"<meta name="tdm-reservation" content="1">"#, (true, true, Some(true))),
            (r#"<meta name="tdm-reservation" content="0">"#, (true, true, Some(false))),
            (r#"<!-- <meta name="robots" content="noindex"> -->"#, (true, true, None)),
            (r#"<script>"<meta name='robots' content='noindex'>"</script>"#, (true, true, None)),
            (r#"<title><meta name="robots" content="noindex"></title>"#, (true, true, None)),
            ("", (true, true, None)),
            ("<meta", (true, true, None)),
        ];
        for (html, expected) in cases {
            assert_eq!(said(Wishes::of_html(html)), expected, "{html}");
        }
    }

    #[test]
    fn the_sites_file_counts_where_page_and_header_say_nothing() {
        let file = r#"[
            {"location": "/", "tdm-reservation": 0},
            {"location": "/news/", "tdm-reservation": 1, "tdm-policy": "https://site.example/policy.json"},
            {"location": "/news/open/*.html$", "tdm-reservation": "0"},
            {"location": 5, "tdm-reservation": 1}, {"tdm-reservation": 1}, 7
        ]"#;
        let reservations = Reservations::parse(file.as_bytes());
        let of =
            |path: &str| reservations.of(&Url::parse("https://site.example").unwrap().join(path).unwrap());
        assert_eq!(of("/about").reserved, Some(false));
        assert_eq!(of("/news/1").reserved, Some(true));
        assert_eq!(of("/news/open/1.html").reserved, Some(false));
        assert_eq!(of("/news/open/1.htm").reserved, Some(true));
        let page = Wishes::of_headers([("tdm-reservation", "0")]);
        assert_eq!(of("/news/1").and(page).forbid_text(), None);
        assert!(of("/news/1").and(Wishes::default()).forbid_text().unwrap().en.contains("TDM"));
        for broken in ["", "{}", "null", "[", "<html>"] {
            assert_eq!(Reservations::parse(broken.as_bytes()), Reservations::default(), "{broken}");
        }
    }

    #[test]
    fn what_either_forbids_is_forbidden() {
        let header = Wishes::of_headers([("x-robots-tag", "noindex")]);
        let html = Wishes::of_html(r#"<meta name="robots" content="nofollow">"#);
        assert_eq!(said(header.and(html)), (false, false, None));
        assert!(header.and(html).forbid_text().unwrap().en.contains("noindex"));
        assert_eq!(html.forbid_text(), None);
    }
}
