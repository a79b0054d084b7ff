//! What `[fetch]` allows is what a visit takes, whatever kind of source it is.

use super::*;
use crate::format::json::{Json, Map, Path};
use crate::source::{Articles, List, Selector, Sitemap};

/// The longest text in bytes: fewer than those of every page here.
const TEXT: usize = 30;

fn sentence() -> String {
    "这里有一句很长的话，后面还有一句。".repeat(20)
}

/// The pages of a site: each list has three entries and goes on, each text is too long.
fn body(path: &str) -> String {
    let text = sentence();
    match path {
        "/feed" => {
            let item = |n: u32| {
                format!(
                    "<item><title>{n}</title><guid>{n}</guid><pubDate>2020-09-0{n}</pubDate><description>{text}</description></item>"
                )
            };
            format!("<rss><channel>{}{}{}</channel></rss>", item(1), item(2), item(3))
        }
        "/map" => "<sitemapindex><sitemap><loc>/map1</loc></sitemap></sitemapindex>".to_owned(),
        "/map1" => {
            let url =
                |n: u32| format!("<url><loc>/p/{n}</loc><lastmod>2020-09-13T0{n}:00:00Z</lastmod></url>");
            format!("<urlset>{}{}{}</urlset>", url(1), url(2), url(3))
        }
        _ if path.starts_with("/list") => {
            let page: u32 = path["/list".len()..].parse().unwrap();
            let entry =
                |n: u32| format!("<li><a href=/p/{page}{n}>第{page}页的标题{n}</a> <p>{text}</p></li>");
            format!(
                "<ul>{}{}{}</ul><a class=next href=/list{}>下一页</a>",
                entry(1),
                entry(2),
                entry(3),
                page + 1
            )
        }
        _ if path.starts_with("/json") => {
            let page: u32 = path["/json".len()..].parse().unwrap();
            let row = |n: u32| format!(r#"{{"title":"{page}-{n}","time":"2020-09-0{n}","text":"{text}"}}"#);
            format!(r#"{{"data":[{},{},{}],"next":"/json{}"}}"#, row(1), row(2), row(3), page + 1)
        }
        _ if path.starts_with("/p/") => {
            format!(
                "<html><head><title>网页的标题</title></head><body><p>{text}</p><p>{text}</p></body></html>"
            )
        }
        "/deep" => {
            format!("<rss><channel><item><title>一</title><a><b>{text}</b></a></item></channel></rss>")
        }
        "/reserved" => "<rss><channel><item><title>一</title></item></channel></rss>".to_owned(),
        _ => String::new(),
    }
}

async fn site() -> Site {
    Site::start(|path, _| match body(path).as_str() {
        "" => Answer::Send(status("404 Not Found", "")),
        body if path == "/reserved" => {
            Answer::Send(page("X-Robots-Tag: noindex\r\nTDM-Reservation: 1\r\n", body.as_bytes()))
        }
        body if path.starts_with("/p/") || path.starts_with("/list") => {
            Answer::Send(page("Content-Type: text/html; charset=utf-8\r\n", body.as_bytes()))
        }
        body => Answer::Send(page("", body.as_bytes())),
    })
    .await
}

fn list(site: &Site, pages: u32, article: Articles) -> Kind {
    let selector = |text: &str| Selector::parse(text).unwrap();
    Kind::List(Box::new(List {
        url: site.url("/list1"),
        item: selector("li"),
        title: None,
        link: None,
        time: None,
        text: Some(selector("p")),
        next: Some(selector("a.next")),
        pages,
        article,
    }))
}

fn json(site: &Site, pages: u32) -> Kind {
    let path = |text: &str| Path::parse(text).unwrap();
    let field = |text: &str| Some(path(text));
    let map = Map { title: field("title"), time: field("time"), text: field("text"), ..Map::default() };
    let (url, items, next) = (site.url("/json1"), path("data"), field("next"));
    Kind::Json(Box::new(Json { url, items, map, link: None, ok: None, next, pages }))
}

fn sitemap(site: &Site) -> Kind {
    Kind::Sitemap(Box::new(Sitemap { url: site.url("/map"), include: None, article: Articles::Auto }))
}

async fn look(site: &Site, kind: Kind, limits: Limits) -> Visit {
    let source = Source { kind, ..source("a", site, "/") };
    let now = || at(0);
    visit_once(&source, &fetcher(limits), &privacy(), &now).await
}

fn said(visit: &Visit) -> Vec<&str> {
    visit.problems.iter().map(|problem| problem.what.en.as_str()).collect()
}

#[tokio::test]
async fn every_kind_takes_as_many_posts_and_as_much_text_as_is_allowed() {
    let site = site().await;
    let few = || Limits { items: 2, text_bytes: TEXT, ..limits() };
    let cut = "the page has 3 entries; the newest 2 were taken";
    let cases = [
        (Kind::Feed { url: site.url("/feed") }, "23", cut),
        (json(&site, 1), "1-21-3", cut),
        (
            list(&site, 1, Articles::None),
            "第1页的标题1第1页的标题2",
            "the page has 3 entries; the first 2 were taken",
        ),
        (
            list(&site, 1, Articles::Auto),
            "第1页的标题1第1页的标题2",
            "the page has 3 entries; the first 2 were taken",
        ),
        (sitemap(&site), "网页的标题网页的标题", "the page has 3 entries; the first 2 were taken"),
    ];
    for (kind, titles, cut) in cases {
        let visit = look(&site, kind.clone(), few()).await;
        let found: String = visit.posts.iter().map(|post| post.title.as_str()).collect();
        assert_eq!(found, titles, "{kind:?}: {:?}", said(&visit));
        assert!(said(&visit).contains(&cut), "{kind:?}: {:?}", said(&visit));
        for post in &visit.posts {
            let is_cut = post.text.len() <= TEXT && post.text.ends_with('…');
            assert!(is_cut, "{kind:?}: {}", post.text);
        }
        let whole = look(&site, kind.clone(), limits()).await;
        assert_eq!(whole.posts.len(), 3, "{kind:?}");
        assert!(whole.posts.iter().all(|post| post.text.len() >= sentence().len()), "{kind:?}");
    }
}

#[tokio::test]
async fn pages_behind_are_read_as_deep_as_is_allowed() {
    let deep = |depth| Limits { depth, ..limits() };
    let unread = |depth: usize| format!("[fetch] depth is {depth}: the pages behind were not read");
    // One step is kept for the articles.
    let cases = [
        ("json", 1, 2),
        ("json", 2, 3),
        ("titles", 1, 2),
        ("titles", 3, 4),
        ("articles", 1, 1),
        ("articles", 3, 3),
    ];
    for (name, depth, pages) in cases {
        let site = site().await;
        let kind = match name {
            "json" => json(&site, 9),
            "titles" => list(&site, 9, Articles::None),
            _ => list(&site, 9, Articles::Auto),
        };
        let visit = look(&site, kind, deep(depth)).await;
        let is_of_list = |path: &&String| path.starts_with("/list") || path.starts_with("/json");
        assert_eq!(site.paths().iter().filter(is_of_list).count(), pages, "{name} {depth}");
        assert!(said(&visit).contains(&unread(depth).as_str()), "{name} {depth}: {:?}", said(&visit));
    }
    let site = site().await;
    let visit = look(&site, sitemap(&site), deep(1)).await;
    assert!(said(&visit).contains(&unread(1).as_str()), "{:?}", said(&visit));
    assert!(!site.paths().iter().any(|path| path.starts_with("/p/")));
    assert_eq!(look(&site, sitemap(&site), deep(2)).await.posts.len(), 3);
}

#[tokio::test]
async fn no_page_is_asked_for_that_would_bring_more_than_is_allowed() {
    let site = site().await;
    for (kind, name) in [(json(&site, 9), "/json"), (list(&site, 9, Articles::None), "/list")] {
        let visit = look(&site, kind, Limits { items: 4, ..limits() }).await;
        assert_eq!(visit.posts.len(), 4);
        assert_eq!(site.paths().iter().filter(|path| path.starts_with(name)).count(), 2, "{name}");
        let enough = "4 entries are enough ([fetch] max_items): the pages behind were not read";
        assert!(said(&visit).contains(&enough), "{name}: {:?}", said(&visit));
    }
}

#[tokio::test]
async fn of_a_feed_no_more_elements_are_opened_than_allowed() {
    let site = site().await;
    let feed = Kind::Feed { url: site.url("/deep") };
    assert_eq!(said(&look(&site, feed.clone(), limits()).await), [""; 0]);
    let visit = look(&site, feed, Limits { xml_depth: 4, ..limits() }).await;
    assert_eq!(said(&visit), ["elements are nested deeper than 4; what is deeper was not read"]);
    assert_eq!(visit.posts.len(), 1);
}

#[tokio::test]
async fn of_a_feed_whose_site_reserves_text_mining_nothing_is_taken() {
    let site = site().await;
    let visit = look(&site, Kind::Feed { url: site.url("/reserved") }, limits()).await;
    let Outcome::Failed(why) = &visit.outcome else { panic!("{:?}", visit.outcome) };
    assert!(why.en.contains("TDM") && visit.posts.is_empty(), "{why}");
}
