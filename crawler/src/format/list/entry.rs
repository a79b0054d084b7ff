//! One entry of a list: what it says, and the post it makes.

use std::sync::LazyLock;

use jiff::Timestamp;
use scraper::ElementRef;
use url::Url;

use super::{TEXT_AT_MOST, TITLE_AT_MOST, time};
use crate::address;
use crate::date::Stated;
use crate::format::{Privacy, Room, plain};
use crate::markup::text;
use crate::post::{Draft, Post};
use crate::source::{List, Selector, Source};

/// One entry of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// Title; may be empty if there is a text.
    pub title: String,
    /// Text; mostly empty.
    pub text: String,
    /// Address of the page behind it, as it is kept.
    pub address: Option<String>,
    /// The page behind it, as linked.
    pub link: Option<Url>,
    /// The site asks not to follow the link (`rel=nofollow`).
    pub nofollow: bool,
    /// Its time as written.
    pub time: Option<String>,
    /// When it last changed, where that is said: other words there are a reason to read it again.
    pub changed: Option<String>,
}

/// Reads one entry; `None` if it has neither title nor text.
pub(super) fn read(item: ElementRef<'_>, list: &List, (base, room): (&Url, Room)) -> Option<Entry> {
    let link = link_element(item, list.link.as_ref());
    let url = link.and_then(|link| base.join(link.attr("href")?.trim()).ok());
    let url = url.filter(|url| matches!(url.scheme(), "http" | "https"));
    let title = match &list.title {
        Some(title) => item.select(title.compiled()).next().map(title_of),
        None => link.map(|link| title_of(heading_in(link).unwrap_or(link))),
    };
    let text = list.text.as_ref().and_then(|text| item.select(text.compiled()).next());
    let text = text.map(|element| plain::from_text(&text::of(element), TEXT_AT_MOST)).unwrap_or_default();
    let text = room.text(text);
    let mut title = title.unwrap_or_default();
    if title.is_empty() && text.is_empty() {
        // An entry without a link is its own title.
        title = plain::from_text(&text::of(item), TITLE_AT_MOST).replace('\n', " ");
    }
    if title.is_empty() && text.is_empty() {
        return None;
    }
    let rel = link.and_then(|link| link.attr("rel")).unwrap_or_default().to_ascii_lowercase();
    Some(Entry {
        title,
        text,
        address: url.as_ref().and_then(|url| address::link(url.as_str())),
        link: url,
        nofollow: rel.split_whitespace().any(|word| word == "nofollow"),
        time: time::of(item, list.time.as_ref()),
        changed: None,
    })
}

fn link_element<'a>(item: ElementRef<'a>, chosen: Option<&Selector>) -> Option<ElementRef<'a>> {
    static LINK: LazyLock<Option<scraper::Selector>> =
        LazyLock::new(|| scraper::Selector::parse("a[href]").ok());
    let has_href = |element: &ElementRef<'_>| element.attr("href").is_some();
    if let Some(chosen) = chosen {
        let element = item.select(chosen.compiled()).next()?;
        // What was chosen may stand around the link.
        return Some(element).filter(has_href).or_else(|| element.select(LINK.as_ref()?).next());
    }
    if has_href(&item) {
        return Some(item);
    }
    let is_script =
        |href: &str| href.starts_with('#') || href.to_ascii_lowercase().starts_with("javascript:");
    let mut links = item.select(LINK.as_ref()?).filter(|link| !link.attr("href").is_none_or(is_script));
    let first = links.next()?;
    // A picture's link comes before the title's.
    let has_words = |link: &ElementRef<'_>| link.text().any(|text| !text.trim().is_empty());
    if has_words(&first) { Some(first) } else { Some(links.find(has_words).unwrap_or(first)) }
}

/// A card that is one link has more in it than its title.
fn heading_in(link: ElementRef<'_>) -> Option<ElementRef<'_>> {
    let is_heading = |name: &str| matches!(name, "h1" | "h2" | "h3" | "h4" | "h5" | "h6");
    link.descendants().filter_map(ElementRef::wrap).find(|element| is_heading(element.value().name()))
}

/// The words of a title; in full where the site shows its beginning and has the rest in an attribute.
fn title_of(element: ElementRef<'_>) -> String {
    let shown = plain::from_text(&text::of(element), TITLE_AT_MOST).replace('\n', " ");
    let whole = element.attr("title").map(|title| plain::from_text(title, TITLE_AT_MOST).replace('\n', " "));
    let Some(whole) = whole else { return shown };
    let beginning = shown.trim_end_matches(['.', '…', '。']);
    let was_cut = beginning.len() < shown.len() && whole.starts_with(beginning);
    if shown.is_empty() || was_cut { whole } else { shown }
}

/// The post of an entry. Without a time that can be believed it counts as published when first seen.
pub fn post(entry: &Entry, (source, privacy): (&Source, &Privacy), now: Timestamp) -> Post {
    let time = entry.time.as_deref().or(entry.changed.as_deref());
    let stated = time.map_or(Stated::Nothing, |time| Stated::read(time, &source.zone, now));
    let same_words = format!("{}\n{}", entry.title, entry.text);
    // The moment of fetching must not make the same words a new post at each visit.
    let guid = (entry.address.is_none() && !matches!(stated, Stated::At(_))).then_some(same_words.as_str());
    let draft = Draft {
        source: &source.id,
        group: &source.group,
        publisher: source.publisher,
        guid,
        address: entry.address.as_deref(),
        time: stated.time().unwrap_or(now),
        first_seen: now,
        title: &entry.title,
        text: if entry.text == entry.title { "" } else { &entry.text },
        rank: None,
        heat: None,
        claimed: stated.claim(),
    };
    draft.finish(&privacy.key, privacy.masks)
}
