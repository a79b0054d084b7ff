//! Any bytes as the answer of a JSON endpoint, with the paths of a hot list.
#![no_main]

use std::sync::LazyLock;

use crawler::format::Room;
use crawler::format::json::{self, Check, Json, Map, Path, Template};
use crawler::source::Kind;
use guanlan_fuzz::{NOW, address, judge, page, privacy, source};
use libfuzzer_sys::fuzz_target;

static JSON: LazyLock<Json> = LazyLock::new(|| Json {
    url: address(),
    items: path("data.cards[*].list[*]"),
    map: Map {
        id: Some(path("id")),
        url: Some(path("url")),
        time: Some(path("time")),
        title: Some(path("title")),
        text: Some(path("detail.text")),
        rank: None,
        heat: Some(path("heat")),
    },
    link: Template::parse("https://s.example/q={title}").ok(),
    ok: Check::parse("code=0").ok(),
    next: Some(path("next")),
    pages: 2,
});

fn path(text: &str) -> Path {
    Path::parse(text).unwrap_or_else(|error| panic!("{error:?}"))
}

fuzz_target!(|body: &[u8]| {
    let (page, json, privacy) = (page(body), &*JSON, privacy());
    let source = source(Kind::Json(Box::new(json.clone())));
    for json in [json.clone(), Json { items: path("[*]"), ok: None, ..json.clone() }] {
        let read = json::parse(&page, (&source, &privacy, Room::default()), (&json, 0), NOW);
        read.parsed.posts.iter().for_each(judge);
        let is_here = |url: &url::Url| url.host_str() == page.url.host_str();
        assert!(read.next.as_ref().is_none_or(is_here), "the next page lies elsewhere: {:?}", read.next);
    }
});
