//! What each operation of `guanlan inspect` answers. Calls the very functions that the crawler and the
//! pages use, and decides nothing itself.

use crawler::attachment::Attachment;
use crawler::format::{feed, plain};
use crawler::guard;
use crawler::markup::{self, Limits};
use crawler::robots::Rules;
use crawler::{address, article, charset, date};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::Operation;
use super::request::Request;
use crate::web::{Part, rendered};

/// Longest text of an answer in characters.
const TEXT_AT_MOST: usize = 1024 * 1024;

/// The answer without its `id`; an error says what the request lacks.
pub(super) fn answer(operation: Operation, request: &Request) -> Result<Value, String> {
    match operation {
        Operation::Feed => feed(request),
        Operation::Robots => robots(request),
        Operation::Decode => decode(request),
        Operation::Article => article(request),
        Operation::Date => date(request),
        Operation::Url => url(request),
        Operation::Guard => guard(request),
        Operation::Render => render(request),
    }
}

fn feed(request: &Request) -> Result<Value, String> {
    let (page, zone, now) = (request.page()?, request.zone()?, request.now()?);
    let feed = match feed::preview(&page, None, &zone, now) {
        Ok(feed) => feed,
        Err((encoding, problem)) => {
            return Ok(json!({
                "error": problem.what.en, "title": null, "encoding": encoding, "items": [],
            }));
        }
    };
    let stamp = |time: Option<Timestamp>| time.map(|time| time.to_string());
    let items: Vec<Value> = feed
        .items
        .iter()
        .map(|item| {
            json!({
                "title": item.title, "url": item.url, "id": item.id,
                "published": stamp(item.published), "updated": stamp(item.updated),
                "summary": item.summary, "content": item.content,
            })
        })
        .collect();
    let problems: Vec<&str> = feed.problems.iter().map(|problem| problem.what.en.as_str()).collect();
    Ok(json!({ "title": feed.title, "encoding": feed.encoding, "items": items, "problems": problems }))
}

fn robots(request: &Request) -> Result<Value, String> {
    let name = request.text("user_agent").unwrap_or(crawler::fetch::PRODUCT_TOKEN);
    let rules = Rules::parse(request.needed("robots_txt")?.as_bytes(), name);
    Ok(json!({ "allowed": rules.permit(&request.url()?) }))
}

fn decode(request: &Request) -> Result<Value, String> {
    // Whatever `kind` of file it is, it is decoded alike.
    let page = request.page()?;
    if let Some(what) = Attachment::of(page.content_type.as_deref(), &page.body) {
        return Ok(json!({ "encoding": null, "title": null, "text": "", "problems": [what.words().en] }));
    }
    let decoded = charset::decode(&page.body, page.content_type.as_deref(), &page.url, None);
    let title = title_of(&decoded.text);
    Ok(json!({ "encoding": decoded.name(), "title": title, "text": decoded.text }))
}

fn article(request: &Request) -> Result<Value, String> {
    let page = request.page()?;
    if let Some(what) = Attachment::of(page.content_type.as_deref(), &page.body) {
        let problems = [what.words().en];
        return Ok(json!({ "title": "", "text": "", "published": null, "problems": problems }));
    }
    let decoded = charset::decode(&page.body, page.content_type.as_deref(), &page.url, None);
    let (zone, now) = (request.zone()?, request.now()?);
    let article = article::extract(&decoded.text, &zone, now);
    let published = article.published.map(|time| local(time, &zone));
    Ok(json!({ "title": article.title, "text": article.text, "published": published }))
}

/// What stands in the document's first `<title>`; drawings have titles of their own.
fn title_of(text: &str) -> Option<String> {
    let text = markup::tame(text, Limits::default()).html;
    let at = text.to_ascii_lowercase().find("<title")?;
    let (_, title) = text.get(at..)?.split_once('>')?;
    let end = title.to_ascii_lowercase().find("</title").unwrap_or(title.len());
    Some(plain::from_html(title.get(..end)?, TEXT_AT_MOST))
}

fn date(request: &Request) -> Result<Value, String> {
    let (zone, now) = (request.zone()?, request.now()?);
    let time = date::read(request.needed("text")?, &zone, now).ok().map(|reading| reading.from);
    Ok(json!({ "date": time.map(|time| local(time, &zone)) }))
}

/// RFC 3339 with the zone's own offset.
fn local(time: Timestamp, zone: &TimeZone) -> String {
    time.display_with_offset(zone.to_offset(time)).to_string()
}

fn url(request: &Request) -> Result<Value, String> {
    let input = request.needed("input")?;
    match request.text("op") {
        Some("join") => {
            let joined = address::join_text(input, request.text("base"));
            Ok(json!({ "url": joined }))
        }
        Some("canon") => Ok(json!({ "canonical": address::canonical(input) })),
        _ => Err("`op` is \"join\" or \"canon\"".to_owned()),
    }
}

fn guard(request: &Request) -> Result<Value, String> {
    let judged = match (request.text("host"), request.text("ip")) {
        (Some(host), Some(ip)) => guard::judge_host(host, ip),
        (Some(host), None) => guard::judge_name(host),
        // A number alone is a host by itself.
        (None, Some(ip)) => guard::judge_host(ip, ip),
        (None, None) => guard::judge(request.needed("url")?),
    };
    Ok(json!({ "blocked": judged.is_err() }))
}

fn render(request: &Request) -> Result<Value, String> {
    let part = match request.text("context").unwrap_or("html") {
        "html" => Part::Text,
        "title" => Part::Title,
        "link" => Part::Link,
        other => return Err(format!("`context` is html, title or link, not {other}")),
    };
    Ok(json!({ "html": rendered(request.needed("payload")?, part) }))
}
