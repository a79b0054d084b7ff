//! The title of an article: what the page says of itself, without the name of the site.

use scraper::{ElementRef, Html, Selector};

use crate::format::{TITLE_AT_MOST, plain};
use crate::markup::text;

/// What stands between a title and the names of column and site.
const SEPARATORS: [char; 6] = ['_', '|', '-', '–', '—', '｜'];

/// The title of a page.
pub(super) fn of(html: &Html) -> String {
    let shared = attribute(
        html,
        "meta[property='og:title'], meta[name='og:title'], meta[name='ArticleTitle']",
        "content",
    );
    let written = first(html, "title").unwrap_or_default();
    let headings = headings(html);
    let whole = squeezed(&written);
    if let Some(heading) = headings.iter().filter(|one| is_part(one, &whole)).max_by_key(|one| one.len()) {
        return heading.clone();
    }
    if let Some(shared) = shared.filter(|shared| shared.chars().count() >= 4) {
        return without_site(&shared);
    }
    let title = without_site(&written);
    if title.is_empty() { headings.into_iter().next().unwrap_or_default() } else { title }
}

/// Whether a heading is the article's by what the page's title says: the title begins with it, or is it for
/// the most part. A site's name stands in headings, too, but is short and comes last.
fn is_part(heading: &str, title: &str) -> bool {
    let heading = squeezed(heading);
    let length = heading.chars().count();
    match title.strip_prefix(heading.as_str()) {
        Some(rest) => length >= 4 || (length >= 2 && rest.starts_with(SEPARATORS)),
        None => length >= 8 && length * 2 > title.chars().count() && title.contains(&heading),
    }
}

fn headings(html: &Html) -> Vec<String> {
    let Ok(headings) =
        Selector::parse("h1, h2, h3, [class*=title], [id*=title], [class*=Title], [id*=Title]")
    else {
        return Vec::new();
    };
    let read = html.select(&headings).take(40).map(words);
    read.filter(|heading| !heading.is_empty() && heading.chars().count() <= 120).collect()
}

/// The first part that is long enough to be a title; sites put their names behind it, and the names of
/// their columns.
fn without_site(title: &str) -> String {
    let title = title.trim();
    let parts = title.split(SEPARATORS).count();
    for (number, (place, separator)) in
        title.char_indices().filter(|(_, c)| SEPARATORS.contains(c)).enumerate()
    {
        let (before, behind) = (
            title.get(..place).unwrap_or_default().trim(),
            title.get(place + separator.len_utf8()..).unwrap_or_default(),
        );
        // 新冠-19, COVID-19 and 2020-02-03 are no places to cut.
        let is_in_word = before.ends_with(|c: char| c.is_ascii_alphanumeric())
            && behind.starts_with(|c: char| c.is_ascii_alphanumeric());
        // 停水通知 - 通知公告 - 青岚市: with a column and a site behind it, a short part is a title, too. A
        // bare hyphen may be one in a name: 中国-东盟博览会-青岚网.
        let is_clear = !matches!(separator, '-' | '–' | '—')
            || behind.starts_with(' ') && title.get(..place).is_some_and(|title| title.ends_with(' '));
        let least = if is_clear && number + 2 < parts { 2 } else { 5 };
        if before.chars().count() >= least && !is_in_word {
            return before.to_owned();
        }
    }
    title.to_owned()
}

fn attribute(html: &Html, selector: &str, name: &str) -> Option<String> {
    let selector = Selector::parse(selector).ok()?;
    let value = html.select(&selector).next()?.attr(name)?;
    Some(plain::from_text(value, TITLE_AT_MOST).replace('\n', " ")).filter(|value| !value.is_empty())
}

fn first(html: &Html, selector: &str) -> Option<String> {
    html.select(&Selector::parse(selector).ok()?).next().map(words)
}

fn words(element: ElementRef<'_>) -> String {
    plain::from_text(&text::of(element), TITLE_AT_MOST).replace('\n', " ")
}

fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}
