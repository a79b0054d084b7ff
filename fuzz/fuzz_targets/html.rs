//! Any bytes as a web page: its article, and the entries of a list that selectors find.
#![no_main]

use std::sync::LazyLock;

use crawler::format::{Room, list, plain};
use crawler::source::{Articles, Kind, List, Selector};
use crawler::{article, charset};
use guanlan_fuzz::{NOW, address, judge, page, privacy, source};
use libfuzzer_sys::fuzz_target;

static LIST: LazyLock<List> = LazyLock::new(|| List {
    url: address(),
    item: selector("li, tr, div.item, a.card"),
    title: None,
    link: None,
    time: None,
    text: Selector::parse("p").ok(),
    next: Selector::parse("a.next").ok(),
    pages: 1,
    article: Articles::Auto,
});

fn selector(text: &str) -> Selector {
    Selector::parse(text).unwrap_or_else(|error| panic!("{error}"))
}

fuzz_target!(|body: &[u8]| {
    let (page, list, privacy, room) = (page(body), &*LIST, privacy(), Room::default());
    let source = source(Kind::List(Box::new(list.clone())));
    let text = charset::decode(body, None, &page.url, None).text;
    let read = article::extract(&text, &source.zone, NOW);
    assert!(!read.title.contains('\n') && !read.text.contains("\n\n"), "empty lines");
    let _ = plain::from_html(&text, 1000);
    let Ok(parsed) = list::parse(&page, (&source, list), room) else { return };
    for entry in &parsed.entries {
        judge(&list::post(entry, (&source, &privacy), NOW));
        if let Ok(Some(post)) = list::with_article(entry, &page, (&source, &list.article), (&privacy, room), NOW) {
            judge(&post);
        }
        // One is enough: each reads the whole page.
        break;
    }
});
