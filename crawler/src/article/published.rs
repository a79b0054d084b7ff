//! When an article was published: what the page tells machines, then what it shows below the title.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use scraper::{ElementRef, Html, Selector};
use serde_json::Value;

use crate::date;
use crate::format::list::date_in;
use crate::markup::text;

/// Names under which pages tell machines the day, in the order of trust.
const METAS: [&str; 12] = [
    "article:published_time",
    "og:published_time",
    "datepublished",
    "pubdate",
    "publishdate",
    "publish_date",
    "publish-date",
    "firstpublishedtime",
    "parsely-pub-date",
    "dc.date.issued",
    "og:release_date",
    "date",
];

/// Shown dates are looked for in that many characters of a page.
const SHOWN_WITHIN: usize = 20_000;

/// The moment a page was published, as far as it says.
pub(super) fn of(
    html: &Html,
    descriptions: &[String],
    (zone, now): (&TimeZone, Timestamp),
) -> Option<Timestamp> {
    let read = |text: &str| date::read(text, zone, now).ok().map(|reading| reading.from);
    metas(html)
        .iter()
        .find_map(|text| read(text))
        .or_else(|| descriptions.iter().find_map(|text| described(text).and_then(|text| read(&text))))
        .or_else(|| told(html, "time[datetime]", "datetime").and_then(|text| read(&text)))
        .or_else(|| told(html, "[itemprop=datePublished]", "content").and_then(|text| read(&text)))
        .or_else(|| shown(html).and_then(|text| read(&text)))
}

fn metas(html: &Html) -> Vec<String> {
    let Ok(metas) = Selector::parse("meta[content]") else { return Vec::new() };
    let mut found: Vec<(usize, String)> = Vec::new();
    for meta in html.select(&metas).take(200) {
        let names = [meta.attr("property"), meta.attr("name"), meta.attr("itemprop")];
        let place = names
            .into_iter()
            .flatten()
            .find_map(|name| METAS.iter().position(|known| known.eq_ignore_ascii_case(name.trim())));
        if let (Some(place), Some(content)) = (place, meta.attr("content")) {
            found.push((place, content.trim().to_owned()));
        }
    }
    found.sort_by_key(|(place, _)| *place);
    found.into_iter().map(|(_, content)| content).collect()
}

/// `datePublished` of a page's description of itself, wherever it stands in it.
fn described(json: &str) -> Option<String> {
    let mut waiting = vec![serde_json::from_str::<Value>(json.trim()).ok()?];
    while let Some(value) = waiting.pop() {
        match value {
            Value::Object(fields) => {
                if let Some(Value::String(date)) = fields.get("datePublished").or(fields.get("pubDate")) {
                    return Some(date.clone());
                }
                waiting.extend(fields.into_iter().map(|(_, value)| value));
            }
            Value::Array(values) => waiting.extend(values),
            _ => {}
        }
    }
    None
}

fn told(html: &Html, selector: &str, name: &str) -> Option<String> {
    html.select(&Selector::parse(selector).ok()?).next()?.attr(name).map(str::to_owned)
}

/// The first day shown behind the first heading, or the first of the page.
fn shown(html: &Html) -> Option<String> {
    let body = html.select(&Selector::parse("body").ok()?).next()?;
    let all = text::of(body);
    let heading = Selector::parse("h1").ok().and_then(|h1| html.select(&h1).next()).map(heading_of);
    let behind = heading.filter(|heading| heading.chars().count() >= 4).and_then(|heading| {
        let at = all.find(&heading)?;
        all.get(at..)
    });
    let begin =
        |text: &str| text.get(..text.floor_char_boundary(SHOWN_WITHIN)).unwrap_or_default().to_owned();
    behind.and_then(|text| date_in(&begin(text))).or_else(|| date_in(&begin(&all)))
}

fn heading_of(heading: ElementRef<'_>) -> String {
    text::of(heading).trim().to_owned()
}
