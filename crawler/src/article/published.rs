//! When an article was published: what the page tells machines, then what it shows below the title.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use scraper::{ElementRef, Html, Selector};
use serde_json::Value;

use crate::date;
use crate::format::list::dates_in;
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
    title: &str,
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
        .or_else(|| shown(html, title).and_then(|text| read(&text)))
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

/// What the words in front of a shown day say of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Label {
    Published,
    /// 时间 and 日期: an event's as well as the article's.
    Some,
    Nothing,
    Updated,
    /// The banner of a site tells today's date.
    Today,
}

/// The day that a page shows as its article's: by its label, else the first behind the title, else the
/// first of the page.
fn shown(html: &Html, title: &str) -> Option<String> {
    let body = html.select(&Selector::parse("body").ok()?).next()?;
    let all = text::of(body);
    let h1 = Selector::parse("h1").ok().and_then(|h1| html.select(&h1).next()).map(heading_of);
    let headings = [Some(title.to_owned()), h1];
    let mut places =
        headings.iter().flatten().filter(|one| one.chars().count() >= 4).filter_map(|one| all.find(one));
    let behind = places.next().and_then(|at| all.get(at..)).map(days).unwrap_or_default();
    let whole = days(&all);
    let first = |days: &[(Label, String)], labels: &[Label]| {
        days.iter().find(|(label, _)| labels.contains(label)).map(|(_, day)| day.clone())
    };
    first(&behind, &[Label::Published])
        .or_else(|| first(&whole, &[Label::Published]))
        .or_else(|| first(&behind, &[Label::Some, Label::Nothing]))
        .or_else(|| first(&whole, &[Label::Some]))
        .or_else(|| first(&whole, &[Label::Nothing]))
        .or_else(|| first(&whole, &[Label::Updated]))
}

/// The days near the beginning of a text, with what stands in front of each.
fn days(text: &str) -> Vec<(Label, String)> {
    let text = text.get(..text.floor_char_boundary(SHOWN_WITHIN)).unwrap_or_default();
    dates_in(text).map(|(at, day)| (label(text.get(..at).unwrap_or_default()), day)).collect()
}

/// What the words at the end of a text say of the day that follows.
fn label(before: &str) -> Label {
    const PUBLISHED: [&str; 12] = [
        "发布时间",
        "发布日期",
        "发表时间",
        "发表日期",
        "发稿时间",
        "发稿日期",
        "刊发时间",
        "發布時間",
        "發佈時間",
        "發布日期",
        "發佈日期",
        "發表時間",
    ];
    const UPDATED: [&str; 8] =
        ["更新时间", "更新日期", "更新于", "最后更新", "修改时间", "编辑于", "更新時間", "更新"];
    const TODAY: [&str; 6] = ["今天是", "今天:", "今天：", "现在是", "现在时间", "当前时间"];
    let before = before.trim_end_matches(|c: char| c.is_whitespace() || ":：[【(（".contains(c));
    // What belongs to the day before it says nothing of this one.
    let near = before.rsplit(|c: char| c.is_ascii_digit()).next().unwrap_or_default();
    let ends = |words: &[&str]| words.iter().any(|word| near.ends_with(word));
    // 停水时间 is no 时间, and a sentence goes on to 发布于.
    let stands_alone = |words: &[&str]| {
        let mut rests = words.iter().filter_map(|word| near.strip_suffix(word));
        rests.any(|rest| !rest.ends_with(char::is_alphanumeric))
    };
    if ends(&PUBLISHED) || stands_alone(&["发布于", "发表于", "發表於", "發佈於"]) {
        return Label::Published;
    }
    if ends(&UPDATED) {
        return Label::Updated;
    }
    if stands_alone(&["时间", "日期", "時間"]) {
        return Label::Some;
    }
    let last = near.char_indices().rev().nth(11).and_then(|(at, _)| near.get(at..)).unwrap_or(near);
    let is_today = TODAY.iter().any(|word| last.contains(word));
    if is_today || ends(&["今日", "今天", "农历", "阴历"]) { Label::Today } else { Label::Nothing }
}

fn heading_of(heading: ElementRef<'_>) -> String {
    text::of(heading).trim().to_owned()
}
