//! Feed items and web pages read in a second, beside the libraries beneath us in the same run.
//!
//! `cargo bench -p crawler --bench parsing`. The peer of a feed is a bare walk over its XML; those of a page
//! are its parsing into a tree alone, and the readability library by itself.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a benchmark measures"
)]

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use crawler::article;
use crawler::fetch::Page;
use crawler::format::feed::{self, Sightings};
use crawler::format::{Privacy, Room};
use crawler::mask::Masks;
use crawler::post::{IdKey, Publisher};
use crawler::source::{Kind, Source};
use crawler::wishes::Wishes;
use dom_smoothie::Readability;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use scraper::Html;
use url::Url;

/// Entries of the feed that is read.
const ITEMS: usize = 50;
/// Each thing is repeated for so long.
const FOR: Duration = Duration::from_secs(3);

fn main() {
    feeds();
    pages();
}

fn feeds() {
    let xml = feed();
    let url = Url::parse("https://news.qinglan.example/feed").unwrap();
    let source = source(&url);
    let page = Page {
        url,
        moved: None,
        content_type: Some("application/rss+xml; charset=utf-8".into()),
        etag: None,
        last_modified: None,
        wishes: Wishes::default(),
        body: xml.clone().into_bytes(),
    };
    let privacy = Privacy { key: IdKey::fixed([0; 32]), masks: Masks::default() };
    let now = Timestamp::from_second(1_795_600_000).unwrap();
    let ours = seconds(|| {
        let read = feed::parse(&page, (&source, &privacy, Room::default()), &Sightings::default(), now);
        assert_eq!(read.parsed.posts.len(), ITEMS);
    });
    let bare = seconds(|| {
        let mut reader = quick_xml::Reader::from_str(&xml);
        while !matches!(reader.read_event().unwrap(), quick_xml::events::Event::Eof) {}
    });
    println!(
        "feed of {ITEMS} items, {} KiB: {:.0} items a second; {:.1} times a bare walk over its XML",
        xml.len() / 1024,
        ITEMS as f64 / ours,
        ours / bare
    );
}

/// Half the entries in plain text, half in HTML, as feeds are.
fn feed() -> String {
    let text = "因青岚大道修路，二路公交车从今天起改走滨河路，原来经过实验小学的两站暂停。".repeat(8);
    let items: String = (0..ITEMS)
        .map(|item| {
            let body = if item % 2 == 0 {
                text.clone()
            } else {
                format!("<![CDATA[<p>{text}</p><p><img src=\"/a.jpg\">{text}</p>]]>")
            };
            format!(
                "<item><title>第{item}条：二路公交车改道</title><link>/p/{item}.html</link><guid>{item}</guid>\
                 <description>{body}</description><pubDate>Tue, 24 Nov 2026 0{}:30:00 +0800</pubDate></item>",
                item % 9
            )
        })
        .collect();
    format!("<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>青岚</title>{items}</channel></rss>")
}

fn source(url: &Url) -> Source {
    Source {
        id: "qinglan".into(),
        name: "青岚".into(),
        kind: Kind::Feed { url: url.clone() },
        every: SignedDuration::from_mins(10),
        every_at_most: None,
        publisher: Publisher::Media,
        group: "青岚".into(),
        encoding: None,
        zone: TimeZone::UTC,
        allow: Vec::new(),
        proxy: None,
    }
}

fn pages() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/article/pages");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let pages: Vec<String> = files
        .filter(|path| path.extension().is_some_and(|extension| extension == "html"))
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect();
    let (count, bytes) = (pages.len() as f64, pages.iter().map(String::len).sum::<usize>());
    let now = Timestamp::from_second(1_795_600_000).unwrap();
    let ours = seconds(|| {
        for page in &pages {
            black_box(article::extract(page, &TimeZone::UTC, now));
        }
    });
    let tree = seconds(|| {
        for page in &pages {
            black_box(Html::parse_document(page));
        }
    });
    let library = seconds(|| {
        for page in &pages {
            let _ = black_box(Readability::new(page.as_str(), None, None).map(|mut page| page.parse()));
        }
    });
    println!(
        "{count} web pages of {:.1} KiB: {:.0} articles a second; {:.1} times the tree alone, {:.1} times the library alone",
        bytes as f64 / count / 1024.0,
        count / ours,
        ours / tree,
        ours / library
    );
}

/// Seconds one call takes: the mean over some time.
fn seconds(mut call: impl FnMut()) -> f64 {
    call();
    let (begun, mut calls) = (Instant::now(), 0.0);
    while begun.elapsed() < FOR {
        call();
        calls += 1.0;
    }
    begun.elapsed().as_secs_f64() / calls
}
