//! Reads `kind = "json"`: where in a JSON endpoint the rows are, and where in a row our fields.

use crawler::format::file::names_a_person;
use crawler::format::json::{Check, Json, Map, Path, Template};
use url::Url;

use crate::problem::{Mistake, Words};
use crate::section::{Item, Section};
use crate::sources::missing;
use crate::value::{integer, text};

/// More pages of one endpoint than this would not be polite.
const PAGES_AT_MOST: u64 = 20;

/// The settings of a JSON endpoint; its address has been read already.
pub(crate) fn json(section: &Section<'_, '_>, url: Option<Url>) -> Option<Json> {
    if section.item("url").is_none() {
        missing(section, "url", "接口的网址", "the address of the endpoint");
    }
    let items = section.value("items", path);
    if items.is_none() && section.item("items").is_none() {
        missing(
            section,
            "items",
            "列表的位置，例如 \"data.list\"",
            "where the rows are, such as \"data.list\"",
        );
    }
    let map = map(section.section("map"), section);
    let link = section.found("link", template);
    let ok = section.value("ok", check);
    let next = section.value("next", path);
    let pages = section.value("pages", |item| integer(item, 1, PAGES_AT_MOST));
    let pages = pages.and_then(|pages| u32::try_from(pages).ok()).unwrap_or(1);
    if let Some(link) = link.as_ref().filter(|link| link.value.needs_id() && map.id.is_none()) {
        let message = Words::new("link 里有 {id}，但 map 里没有 id", "link has {id}, but map has no id");
        let label = Words::new("在 map 里写上 id，或者用 {title}", "add id to map, or use {title}");
        section.notes().error(&link.at, Mistake::new("no-id", message, label));
    }
    Some(Json { url: url?, items: items?, map, link: link.map(|link| link.value), ok, next, pages })
}

fn map(section: Section<'_, '_>, source: &Section<'_, '_>) -> Map {
    let field = |name: &str| section.value(name, field_path);
    let map = Map {
        id: field("id"),
        url: field("url"),
        time: field("time"),
        title: field("title"),
        text: field("text"),
        rank: field("rank"),
        heat: field("heat"),
    };
    let has_words = ["title", "text"].iter().any(|name| section.item(name).is_some());
    if !has_words {
        let message = Words::new("map 里没有 title，也没有 text", "map has neither title nor text");
        let label = Words::new(
            "例如 map = { title = \"word\", heat = \"num\" }",
            "for example map = { title = \"word\", heat = \"num\" }",
        );
        source.notes().error(&source.at_key("map"), Mistake::new("no-words", message, label));
    }
    section.finish();
    map
}

/// A path inside a row. Fields about people are refused by their names.
fn field_path(item: &Item<'_>) -> Result<Path, Mistake> {
    let path = path(item)?;
    let Some(person) = path.keys().find(|key| names_a_person(key)) else { return Ok(path) };
    let message = Words::new(
        format!("“{person}”是关于人的字段，观澜不读"),
        format!("\"{person}\" names people: who wrote a post is never read"),
    );
    Err(Mistake::new("person", message, Words::new("换一个字段", "use another field")))
}

fn path(item: &Item<'_>) -> Result<Path, Mistake> {
    let text = text(item)?;
    Path::parse(&text).map_err(|error| {
        let why = error.words();
        let message = Words::new(
            format!("看不懂路径“{text}”：{}", why.zh),
            format!("\"{text}\" is not a path: {}", why.en),
        );
        let label = Words::new("写成 data.list[*].title 的样子", "like data.list[*].title");
        Mistake::new("bad-path", message, label)
    })
}

fn template(item: &Item<'_>) -> Result<Template, Mistake> {
    let text = text(item)?;
    Template::parse(&text).map_err(|error| {
        let why = error.words();
        let message =
            Words::new(format!("不能用作网址：{}", why.zh), format!("no use as an address: {}", why.en));
        let label = Words::new("写成 https://…?q={title} 的样子", "like https://…?q={title}");
        Mistake::new("bad-link", message, label)
    })
}

fn check(item: &Item<'_>) -> Result<Check, Mistake> {
    let text = text(item)?;
    Check::parse(&text).map_err(|_| {
        let message = Words::new(format!("看不懂条件“{text}”"), format!("\"{text}\" is not a condition"));
        Mistake::new("bad-ok", message, Words::new("写成 code=0 的样子", "like code=0"))
    })
}
