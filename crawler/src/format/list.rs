//! Entries out of a web page that lists them, by CSS selectors. Knows no HTTP: what stands behind the
//! links is somebody else's. A page on which no entry is found has changed its shape, and says so.

mod entry;
mod joined;
#[cfg(test)]
mod tests;
mod time;

use std::collections::HashSet;

use scraper::{ElementRef, Html};
use url::Url;

use super::{Problem, Room, TEXT_AT_MOST, TITLE_AT_MOST};
use crate::charset;
use crate::fetch::Page;
use crate::markup;
use crate::source::{List, Selector, Source};
use crate::wishes::Wishes;
use crate::words::Words;
pub use entry::{Entry, post};
pub use joined::with_article;
pub(crate) use time::dates_in;

/// What a page of a list says.
#[derive(Clone, Debug, PartialEq)]
pub struct ParsedList {
    /// Its entries, in the page's order.
    pub entries: Vec<Entry>,
    /// Where the list goes on.
    pub next: Option<Url>,
    /// What the page asks of robots.
    pub wishes: Wishes,
    /// What could not be understood.
    pub problems: Vec<Problem>,
    /// The charset the page was read as.
    pub charset: String,
}

/// Reads a page of a list; why it is none, otherwise.
pub fn parse(page: &Page, (source, list): (&Source, &List), room: Room) -> Result<ParsedList, Words> {
    let decoded = charset::decode(&page.body, page.content_type.as_deref(), &page.url, source.encoding);
    let mut problems: Vec<Problem> = Problem::unreadable(&decoded).into_iter().collect();
    let tame = markup::tame(&decoded.text, room.page());
    problems.extend(Problem::untamed(&tame));
    let html = Html::parse_document(&tame.html);
    let wishes = page.wishes.and(Wishes::of_html(&tame.html));
    let base = markup::meta::base(&html, &page.url);
    let mut items: Vec<ElementRef<'_>> = html.select(list.item.compiled()).collect();
    if items.is_empty() {
        return Err(changed_shape(&list.item, Problem::untamed(&tame)));
    }
    let found = items.len();
    problems.extend(room.keep_first(&mut items));
    let mut entries: Vec<Entry> =
        items.iter().filter_map(|item| entry::read(*item, list, (&base, room))).collect();
    if entries.is_empty() {
        return Err(empty_entries(found, list));
    }
    drop_repeated(&mut entries);
    let next = list.next.as_ref().and_then(|next| next_page(&html, next, &base, &page.url));
    Ok(ParsedList { entries, next, wishes, problems, charset: decoded.name() })
}

/// One entry often has two links, a picture's and a title's, and lists are shown twice on a page.
fn drop_repeated(entries: &mut Vec<Entry>) {
    let mut seen = HashSet::new();
    entries.retain(|entry| {
        let name = entry.address.clone().unwrap_or_else(|| format!("{}\n{}", entry.title, entry.text));
        seen.insert(name)
    });
}

fn next_page(html: &Html, next: &Selector, base: &Url, page: &Url) -> Option<Url> {
    let element = html.select(next.compiled()).next()?;
    let inner = scraper::Selector::parse("a[href]").ok()?;
    let href = element.attr("href").or_else(|| element.select(&inner).next()?.attr("href"))?;
    let mut url = base.join(href.trim()).ok()?;
    url.set_fragment(None);
    let is_same_site = url.host_str() == page.host_str() && matches!(url.scheme(), "http" | "https");
    (is_same_site && url != *page).then_some(url)
}

/// What was not read of the page may be why nothing fits.
fn changed_shape(item: &Selector, untamed: Option<Problem>) -> Words {
    let item = item.as_str();
    let besides = untamed.map_or(Words::same(""), |Problem { what, .. }| {
        Words::new(format!("（{}）", what.zh), format!(" ({})", what.en))
    });
    Words::new(
        format!(
            "网页里没有“{item}”{}：网站改版了，或者 item 写错了；请用浏览器打开，改好信源的 item",
            besides.zh
        ),
        format!(
            "nothing on the page fits \"{item}\"{}: the site changed its shape, or `item` is wrong; open the page in a browser and mend `item`",
            besides.en
        ),
    )
}

fn empty_entries(found: usize, list: &List) -> Words {
    let item = list.item.as_str();
    Words::new(
        format!("“{item}”有 {found} 处，却没有一处读出标题或正文；请检查信源的 title、link、text"),
        format!(
            "\"{item}\" fits {found} places, none of them with a title or a text; check `title`, `link` and `text` in the source"
        ),
    )
}
