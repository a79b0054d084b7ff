//! Reads where posts come from, and the limits for fetching and showing them.

use std::path::Path;

use crawler::post::Publisher;
use crawler::source::{Kind, Source};
use encoding_rs::Encoding;
use jiff::SignedDuration;

use crate::address::{host_and_port, web_address};
use crate::callers;
use crate::defaults::default_zone;
use crate::fetching::way;
use crate::json::json;
use crate::pages;
use crate::problem::{Mistake, Words};
use crate::section::{Found, Item, Section};
use crate::settings::{Links, Masked, Privacy};
use crate::value::{choice, duration, integer, name, text, zone};

/// Kinds by their names in the file.
const KINDS: [(&str, KindName); 8] = [
    ("rss", KindName::Feed),
    ("jsonl", KindName::Files),
    ("csv", KindName::Files),
    ("push", KindName::Push),
    ("counts", KindName::Counts),
    ("sitemap", KindName::Sitemap),
    ("html", KindName::List),
    ("json", KindName::Json),
];

/// Polite, and fast enough for buckets of ten minutes.
const USUAL_INTERVAL: SignedDuration = SignedDuration::from_mins(10);

/// Fields of a post that a file may name otherwise.
const FIELDS: [&str; 9] = ["id", "url", "source", "time", "title", "text", "publisher", "rank", "heat"];

#[derive(Clone, Copy, PartialEq)]
enum KindName {
    Feed,
    List,
    Sitemap,
    Files,
    Push,
    Json,
    Counts,
}

pub(crate) fn privacy(section: Section<'_, '_>) -> Privacy {
    let default = Privacy::default();
    let kinds = [
        ("phone", Masked::Phone),
        ("id_card", Masked::IdCard),
        ("plate", Masked::Plate),
        ("email", Masked::Email),
        ("mention", Masked::Mention),
    ];
    let mask = section.list("mask", |item| choice(item, &kinds));
    let links = [("media", Links::Media), ("none", Links::None)];
    let privacy = Privacy {
        mask: mask.map_or(default.mask, |mask| mask.into_iter().map(|found| found.value).collect()),
        excerpt: section
            .value("excerpt", |item| integer(item, 10, 140))
            .and_then(|excerpt| usize::try_from(excerpt).ok())
            .unwrap_or(default.excerpt),
        links: section.value("links", |item| choice(item, &links)).unwrap_or(default.links),
    };
    section.finish();
    privacy
}

pub(crate) fn sources(root: &Section<'_, '_>) -> Vec<Source> {
    let mut sources = Vec::new();
    let mut ids: Vec<Found<'_, String>> = Vec::new();
    let mut names: Vec<Found<'_, String>> = Vec::new();
    for section in root.sections("source") {
        let id = section.found("id", source_id);
        if id.is_none() && section.item("id").is_none() {
            missing(
                &section,
                "id",
                "一个简短的编号，例如 \"qinglan-bbs\"",
                "a short id, such as \"qinglan-bbs\"",
            );
        }
        let name = section.found("name", name);
        unique(&section, id.as_ref(), &mut ids);
        unique(&section, name.as_ref(), &mut names);
        let source = source(&section, id.map(|id| id.value), name.map(|name| name.value));
        sources.extend(source);
        section.finish();
    }
    sources
}

fn source(section: &Section<'_, '_>, id: Option<String>, name: Option<String>) -> Option<Source> {
    let publishers = [
        ("individual", Publisher::Individual),
        ("media", Publisher::Media),
        ("gov", Publisher::Gov),
        ("platform", Publisher::Platform),
    ];
    let (every, every_at_most) = intervals(section);
    let publisher = section.value("publisher", |item| choice(item, &publishers));
    let group = section.value("group", crate::value::name);
    let encoding = section.value("encoding", charset);
    let zone = section.value("zone", zone);
    let allow = section.list("allow", host_and_port).unwrap_or_default();
    let proxy = section.value("proxy", way);
    let kind = kind(section);
    // A source that calls by itself has promised nothing if nobody says how often it calls.
    let comes_itself = kind.as_ref().is_some_and(|kind| !kind.is_visited());
    let usual = if comes_itself { SignedDuration::ZERO } else { USUAL_INTERVAL };
    let id = id?;
    let name = name.unwrap_or_else(|| id.clone());
    // Counts stand in lists of sources without any text: their group says what they are.
    let own_group =
        if matches!(kind, Some(Kind::Counts(_))) { "热线计数".to_owned() } else { name.clone() };
    Some(Source {
        every: every.unwrap_or(usual),
        every_at_most,
        proxy,
        publisher: publisher.unwrap_or_default(),
        group: group.unwrap_or(own_group),
        encoding,
        zone: zone.unwrap_or_else(default_zone),
        allow: allow.into_iter().map(|found| found.value).collect(),
        kind: kind?,
        name,
        id,
    })
}

/// The shortest and the longest time between two visits.
fn intervals(section: &Section<'_, '_>) -> (Option<SignedDuration>, Option<SignedDuration>) {
    let (least, most) = (SignedDuration::from_mins(1), SignedDuration::from_hours(7 * 24));
    let between = |item: &Item<'_>| duration_between(item, least, most);
    let every = section.value("every", between);
    let at_most = section.found("every_at_most", between);
    if let Some(found) = at_most.as_ref().filter(|found| found.value < every.unwrap_or(USUAL_INTERVAL)) {
        let message = Words::new(
            "every_at_most 比 every 还短，不起作用",
            "every_at_most is shorter than every, so it does nothing",
        );
        let label = Words::new(
            "every 是最短间隔，every_at_most 是最长间隔",
            "every is the shortest interval, every_at_most the longest",
        );
        section.notes().error(&found.at, Mistake::new("bad-interval", message, label));
    }
    (every, at_most.map(|found| found.value))
}

fn kind(section: &Section<'_, '_>) -> Option<Kind> {
    let kind = section.found("kind", |item| choice(item, &KINDS));
    let (url, path) = (section.found("url", web_address), section.found("path", text));
    // A JSON endpoint uses some of the other kinds' words for something else.
    let is_json = kind.as_ref().is_some_and(|kind| kind.value == KindName::Json);
    if is_json {
        return json(section, url.map(|url| url.value)).map(Box::new).map(Kind::Json);
    }
    let token_file = section.found("token_file", callers::absolute_path);
    let concerns = callers::categories(&section.section("concerns"));
    let rename = field_map(section.section("map"));
    let pages = pages::Keys::read(section);
    let Some(kind) = kind else {
        if section.item("kind").is_none() {
            missing(
                section,
                "kind",
                "信源种类：rss、html、sitemap、json、jsonl、csv、push 或 counts",
                "the kind of source: rss, html, sitemap, json, jsonl, csv, push or counts",
            );
        }
        return None;
    };
    let url = url.map(|url| url.value);
    match kind.value {
        KindName::Feed => {
            if section.item("url").is_none() {
                missing(section, "url", "信源的网址", "the address of the feed");
            }
            Some(Kind::Feed { url: url? })
        }
        KindName::List => Some(Kind::List(Box::new(pages.list(section, url)?))),
        KindName::Sitemap => Some(Kind::Sitemap(Box::new(pages.sitemap(section, url)?))),
        KindName::Files => files(section, path, rename),
        KindName::Push => callers::push(section, token_file, rename),
        KindName::Counts => Some(callers::counts(section, path, token_file, concerns)),
        // Read above.
        KindName::Json => None,
    }
}

fn files(
    section: &Section<'_, '_>,
    path: Option<Found<'_, String>>,
    rename: Vec<(String, String)>,
) -> Option<Kind> {
    if section.item("path").is_none() {
        missing(section, "path", "文件的位置，例如 \"/var/spool/guanlan/*.jsonl\"", "the place of the files");
    }
    let path = path?;
    if !Path::new(&path.value).is_absolute() {
        section.notes().error(&path.at, callers::relative(&path.value));
    }
    Some(Kind::Files { pattern: path.value, rename })
}

/// `map = { time = "ts" }`: our field and the name it has in the file; theirs comes first in the result.
fn field_map(section: Section<'_, '_>) -> Vec<(String, String)> {
    let fields = FIELDS
        .iter()
        .filter_map(|field| section.value(field, text).map(|theirs| (theirs, (*field).to_owned())));
    let rename = fields.collect();
    section.finish();
    rename
}

fn source_id(item: &Item<'_>) -> Result<String, Mistake> {
    let id = text(item)?;
    let is_plain = id.len() <= 64
        && id.chars().all(|character| {
            character.is_ascii_lowercase() || character.is_ascii_digit() || "-_.".contains(character)
        });
    if is_plain {
        return Ok(id);
    }
    let message = Words::new(format!("编号“{id}”不合规矩"), format!("\"{id}\" is not a valid id"));
    let label = Words::new("只用小写英文字母、数字和 -", "small letters, digits and - only");
    Err(Mistake::new("bad-id", message, label))
}

fn charset(item: &Item<'_>) -> Result<&'static Encoding, Mistake> {
    let name = text(item)?;
    crawler::source::encoding(&name).ok_or_else(|| {
        let message = Words::new(format!("没有编码“{name}”"), format!("there is no charset \"{name}\""));
        let label = Words::new("例如 gbk、gb18030、utf-8", "for example gbk, gb18030, utf-8");
        Mistake::new("bad-charset", message, label)
    })
}

pub(crate) fn duration_between(
    item: &Item<'_>,
    least: SignedDuration,
    most: SignedDuration,
) -> Result<SignedDuration, Mistake> {
    let duration = duration(item)?;
    if duration < least || duration > most {
        let limit = |duration: SignedDuration| format!("{duration:#}");
        let (least, most) = (limit(least), limit(most));
        let message = Words::new(
            format!("这个时长超出范围：应在 {least} 到 {most} 之间"),
            format!("out of range: from {least} to {most}"),
        );
        return Err(Mistake::new(
            "out-of-range",
            message,
            Words::new("改成范围内的时长", "use one in range"),
        ));
    }
    Ok(duration)
}

/// Notes a key that must be there.
pub(crate) fn missing(section: &Section<'_, '_>, key: &str, zh: &str, en: &str) {
    let message = Words::new(format!("这一段缺少 {key}"), format!("{key} is missing here"));
    let label = Words::new(format!("加一行 {key} = …（{zh}）"), format!("add {key} = … ({en})"));
    section.notes().error(&section.at(), Mistake::new("missing", message, label));
}

/// Notes a name or id that was used before; else remembers it.
pub(crate) fn unique<'a>(
    section: &Section<'a, '_>,
    found: Option<&Found<'a, String>>,
    seen: &mut Vec<Found<'a, String>>,
) {
    let Some(found) = found else { return };
    let Some(first) = seen.iter().find(|known| known.value == found.value) else {
        seen.push(found.clone());
        return;
    };
    let line = first.at.document.place(&first.at.span).line;
    let message = Words::new(
        format!("“{}”用了两次，第 {line} 行已经有了", found.value),
        format!("\"{}\" is used twice: it is on line {line} already", found.value),
    );
    let label = Words::new("换一个，或删掉其中一段", "use another, or delete one");
    section.notes().error(&found.at, Mistake::new("duplicate-name", message, label));
}
