//! The article of a web page: its title, its text, when it was published. Needs no selector and knows no
//! site; was built for Chinese pages, whose paragraphs may be lines between `<br>`, cells of tables or
//! indented by wide spaces. Never fails: of a page without an article the text is empty.

mod block;
mod boilerplate;
mod library;
mod published;
mod teaser;
#[cfg(test)]
mod tests;
mod title;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use scraper::Html;

use crate::format::plain;
use crate::markup::{self, Tame, text};
use crate::source::Selector;

/// An article as a page shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Article {
    /// Title without the name of the site.
    pub title: String,
    /// Paragraphs, each on a line of its own.
    pub text: String,
    /// When it was published, as far as the page says.
    pub published: Option<Timestamp>,
}

/// Finds the article of a page. `zone` is that of dates that name none.
pub fn extract(html: &str, zone: &TimeZone, now: Timestamp) -> Article {
    let tame = markup::tame(html, markup::Limits::default());
    read(&tame, None, (zone, now))
}

/// Reads the article of a page made harmless; `chosen` says where its text stands.
pub(crate) fn read(tame: &Tame, chosen: Option<&Selector>, (zone, now): (&TimeZone, Timestamp)) -> Article {
    let html = Html::parse_document(&tame.html);
    let title = title::of(&html);
    let published = published::of(&html, &title, &tame.descriptions, (zone, now));
    let text = match chosen {
        Some(chosen) => {
            let parts: Vec<String> = html.select(chosen.compiled()).map(text::of).collect();
            plain::from_text(&parts.join("\n"), usize::MAX)
        }
        None => body(&html, tame, &title),
    };
    Article { title, text, published }
}

/// The better of two readings: ours by the weight of blocks, and the library's.
fn body(html: &Html, tame: &Tame, title: &str) -> String {
    let thread = block::thread(html);
    if !thread.is_empty() {
        return thread;
    }
    let ((ours, sentences), library) = (block::text(html, title), library::text(&tame.html, title));
    let (own, other) = (ours.chars().count(), library.chars().count());
    // Much more than we found, and not the whole page: we took a part for the whole. Unless there was no
    // more: then the library took teasers or the foot of the page for text.
    let is_part = own * 2 < sentences && other > own * 2 && other < own * 5;
    if own == 0 || is_part { library } else { ours }
}
