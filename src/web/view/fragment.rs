//! How one collected text stands on a page: the way of a post from the feed to the page, in one call.

use alerts::format;
use alerts::message::Language;
use askama::Template;
use crawler::format::{TEXT_AT_MOST, TITLE_AT_MOST, plain};
use crawler::mask::Masks;
use crawler::post::{Draft, IdKey, Post, Publisher};
use jiff::Timestamp;

use super::search::{Piece, shown};
use super::{Labels, set};

/// Where on the page the text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// The text of a post, collected as HTML.
    Text,
    /// Its title, collected as text.
    Title,
    /// The link to the original.
    Link,
}

#[derive(Template)]
#[template(path = "fragment.html")]
struct FragmentHtml {
    pieces: Vec<Piece>,
    link: Option<String>,
    label: &'static str,
}

/// What the pages make of a collected text in this place; nothing where they show nothing.
pub(crate) fn rendered(collected: &str, part: Part) -> String {
    let post = post(collected, part);
    let pieces = match part {
        Part::Text => shown(&post.text, &[]),
        Part::Title => shown(&post.title, &[]),
        Part::Link => Vec::new(),
    };
    let link = format::link(post.address.as_deref()).filter(|_| part == Part::Link);
    set(FragmentHtml { pieces, link, label: Labels::of(Language::Chinese).original })
}

fn post(collected: &str, part: Part) -> Post {
    let title = plain::from_text(collected, TITLE_AT_MOST);
    let text = plain::from_html(collected, TEXT_AT_MOST);
    let draft = Draft {
        source: "",
        group: "",
        publisher: Publisher::Media,
        guid: None,
        address: Some(collected).filter(|_| part == Part::Link),
        time: Timestamp::UNIX_EPOCH,
        first_seen: Timestamp::UNIX_EPOCH,
        title: &title,
        text: &text,
        rank: None,
        heat: None,
    };
    // Its id is never shown, so any key will do.
    draft.finish(&IdKey::fixed([0; 32]), Masks::default())
}
