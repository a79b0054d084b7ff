//! Small feeds and what is understood of them: the tables in `cases/`, and one field under every name
//! it may bear.
//!
//! A case is a document and, indented below it, what must be found: `feed` is the feed's title, `title`,
//! `url` … are the first entry's, `2.title` the second's, `items` their number, `-` is nothing. A document may be written shorter:
//! `rss:` wraps an item, `rdf:`, `atom:` and `atom03:` an entry, `…feed:` what stands beside the entries.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use url::Url;

use super::super::{Item, Preview, preview};
use crate::fetch::Page;

const TABLES: &[(&str, &str)] = &[
    ("atom", include_str!("cases/atom.txt")),
    ("base", include_str!("cases/base.txt")),
    ("broken", include_str!("cases/broken.txt")),
    ("json", include_str!("cases/json.txt")),
    ("markup", include_str!("cases/markup.txt")),
    ("namespaces", include_str!("cases/namespaces.txt")),
    ("rss", include_str!("cases/rss.txt")),
];

fn seen(document: &str) -> Option<Preview> {
    seen_bytes(document.as_bytes())
}

fn seen_bytes(document: &[u8]) -> Option<Preview> {
    let now: Timestamp = "2026-11-24T10:00:00+08:00".parse().unwrap();
    let zone = TimeZone::get("Asia/Shanghai").unwrap();
    let page = Page {
        url: Url::parse("http://site.example/feed/index.xml").unwrap(),
        body: document.to_vec(),
        moved: None,
        content_type: None,
        etag: None,
        last_modified: None,
        wishes: Default::default(),
    };
    preview(&page, None, &zone, now).ok()
}

fn whole(short: &str) -> String {
    let (kind, rest) = short.split_once(": ").unwrap_or(("", short));
    let atom = "<feed xmlns=\"http://www.w3.org/2005/Atom\" xmlns:xhtml=\"http://www.w3.org/1999/xhtml\">";
    let atom03 = "<feed version=\"0.3\" xmlns=\"http://purl.org/atom/ns#\">";
    let rdf = "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" xmlns=\"http://purl.org/rss/1.0/\" \
               xmlns:dc=\"http://purl.org/dc/elements/1.1/\">";
    let rss = "<rss version=\"2.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" \
               xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" xmlns:atom=\"http://www.w3.org/2005/Atom\">";
    match kind {
        "rss" => format!("{rss}<channel><title>源</title><item>{rest}</item></channel></rss>"),
        "rssfeed" => format!("{rss}<channel>{rest}</channel></rss>"),
        "rdf" => format!("{rdf}<channel><title>源</title></channel><item>{rest}</item></rdf:RDF>"),
        "rdffeed" => format!("{rdf}{rest}</rdf:RDF>"),
        "atom" => format!("{atom}<title>源</title><entry>{rest}</entry></feed>"),
        "atomfeed" => format!("{atom}{rest}</feed>"),
        "atom03" => format!("{atom03}<title>源</title><entry>{rest}</entry></feed>"),
        "atom03feed" => format!("{atom03}{rest}</feed>"),
        _ => short.to_owned(),
    }
}

fn field(item: &Item, name: &str) -> String {
    let time = |time: Option<Timestamp>| time.map(|time| time.to_string());
    let value = match name {
        "title" => item.title.clone(),
        "url" => item.url.clone(),
        "id" => item.id.clone(),
        "published" => time(item.published),
        "updated" => time(item.updated),
        "summary" => item.summary.clone(),
        "content" => item.content.clone(),
        _ => panic!("no field {name}"),
    };
    value.unwrap_or_else(|| "-".to_owned())
}

fn found(preview: Option<&Preview>, name: &str) -> String {
    let Some(preview) = preview else { return "no feed".to_owned() };
    match name.split_once('.') {
        _ if name == "feed" => preview.title.clone().unwrap_or_else(|| "-".to_owned()),
        _ if name == "items" => preview.items.len().to_string(),
        _ if name == "encoding" => preview.encoding.clone(),
        Some((number, name)) => {
            let number: usize = number.parse().unwrap();
            preview.items.get(number - 1).map_or_else(|| "no entry".to_owned(), |item| field(item, name))
        }
        None => preview.items.first().map_or_else(|| "no entry".to_owned(), |item| field(item, name)),
    }
}

#[test]
fn every_case_of_the_tables_is_understood() {
    let (mut checks, mut wrong) = (0, Vec::new());
    for (table, text) in TABLES {
        for case in text.split("\n\n").map(|case| case.trim_matches('\n')).filter(|case| !case.is_empty()) {
            let lines = case.lines().filter(|line| !line.starts_with('#'));
            let (expected, document): (Vec<&str>, Vec<&str>) = lines.partition(|line| line.starts_with("  "));
            let document = document.join("\n");
            let preview = seen(&whole(&document));
            for line in expected {
                let (name, value) =
                    line.trim().split_once(" = ").unwrap_or((line.trim().trim_end_matches(" ="), ""));
                let found = found(preview.as_ref(), name).replace('\n', "⏎");
                checks += 1;
                if found != value {
                    wrong.push(format!("{table}: {document}\n  {name} = {value}\n   found {found}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {checks} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(checks > 380, "{checks}");
}

#[test]
fn a_field_is_found_under_every_prefix_its_namespace_may_bear() {
    let spaces = [
        ("http://purl.org/dc/elements/1.1/", "title", "title"),
        ("http://purl.org/dc/elements/1.1/", "description", "summary"),
        ("http://purl.org/dc/elements/1.0/", "title", "title"),
        ("HTTP://purl.org/DC/elements/1.1", "title", "title"),
        ("http://purl.org/rss/1.0/modules/content/", "encoded", "content"),
        ("http://www.w3.org/2005/Atom", "title", "title"),
        ("http://www.w3.org/2005/Atom", "summary", "summary"),
        ("http://www.w3.org/2005/Atom", "content", "content"),
        ("http://www.w3.org/2005/Atom", "id", "id"),
        ("http://purl.org/atom/ns#", "title", "title"),
        ("http://purl.org/rss/1.0/", "title", "title"),
        ("http://purl.org/rss/1.0/", "description", "summary"),
        ("http://my.netscape.com/rdf/simple/0.9/", "title", "title"),
        ("http://www.itunes.com/dtds/podcast-1.0.dtd", "summary", "summary"),
        ("http://search.yahoo.com/mrss/", "title", "title"),
        ("http://search.yahoo.com/mrss", "description", "summary"),
    ];
    for (space, local, name) in spaces {
        for prefix in ["dc", "atom", "x", "内容", "content", "rss", "ns0", "a-b.c"] {
            for place in ["rss", "item", "field"] {
                let declare = |here: &str| {
                    if here == place { format!(" xmlns:{prefix}=\"{space}\"") } else { String::new() }
                };
                let document = format!(
                    "<rss version=\"2.0\"{}><channel><item{}><{prefix}:{local}{}>正文</{prefix}:{local}></item></channel></rss>",
                    declare("rss"),
                    declare("item"),
                    declare("field"),
                );
                assert_eq!(found(seen(&document).as_ref(), name), "正文", "{document}");
            }
        }
    }
}

#[test]
fn a_date_is_found_under_every_name_it_may_bear() {
    let names = [
        ("rss", "pubDate", "published"),
        ("rss", "dc:date", "published"),
        ("rss", "dc:date", "updated"),
        ("rss", "atom:published", "published"),
        ("rss", "atom:updated", "updated"),
        ("rdf", "dc:date", "published"),
        ("atom", "published", "published"),
        ("atom", "updated", "updated"),
        ("atom03", "issued", "published"),
        ("atom03", "created", "published"),
        ("atom03", "modified", "updated"),
    ];
    let dates = [
        ("2003-12-31T10:14:55Z", "2003-12-31T10:14:55Z"),
        ("2003-12-31T10:14:55.25-08:00", "2003-12-31T18:14:55.25Z"),
        ("2003-12-31T10:14Z", "2003-12-31T10:14:00Z"),
        (" 2003-12-31 10:14:55+0800\n", "2003-12-31T02:14:55Z"),
        ("Thu, 01 Jan 2004 19:48:21 GMT", "2004-01-01T19:48:21Z"),
        ("Thu, 1 Jan 2004 19:48:21 +0800", "2004-01-01T11:48:21Z"),
        ("01 Jan 2004 19:48 EST", "2004-01-02T00:48:00Z"),
        ("Thu, 01 Jan 04 19:48:21 GMT", "2004-01-01T19:48:21Z"),
        ("<![CDATA[2003-12-31T10:14:55Z]]>", "2003-12-31T10:14:55Z"),
        ("Mon Jan 5 03:02:01 2004 GMT", "2004-01-05T03:02:01Z"),
        ("", "-"),
        ("someday", "-"),
    ];
    for (kind, name, field) in names {
        for (date, expected) in dates {
            let document = whole(&format!("{kind}: <title>一</title><{name}>{date}</{name}>"));
            assert_eq!(found(seen(&document).as_ref(), field), expected, "{document}");
        }
    }
}

#[test]
fn the_name_of_a_feeds_charset_is_that_of_any_page() {
    let feed = format!("\u{feff}{}", whole("rss: <title>返乡</title>"));
    let wide = |bytes: fn(u32) -> [u8; 4]| feed.chars().flat_map(|c| bytes(c.into())).collect::<Vec<u8>>();
    for (body, name) in [
        (wide(u32::to_le_bytes), "utf-32le"),
        (wide(u32::to_be_bytes), "utf-32be"),
        (feed.encode_utf16().flat_map(u16::to_be_bytes).collect(), "utf-16be"),
        (feed.clone().into_bytes(), "utf-8"),
    ] {
        let seen = seen_bytes(&body).unwrap();
        assert_eq!((seen.encoding.as_str(), seen.items[0].title.as_deref()), (name, Some("返乡")));
    }
}
