//! Lists and sitemaps with the pages behind them, over a site on the loopback.

use std::collections::BTreeMap;

use super::*;
use crate::source::{Articles, List, Selector, Sitemap};

pub(super) const WORDS: &str =
    "供水集团表示，今晚二十二时起停水检修，预计明早六时恢复，请市民提前储水。施工期间安排送水车。";

/// What a site answers, by path; may be changed while it runs. A body that is a number is a status.
#[derive(Clone, Default)]
pub(super) struct Pages(Arc<Mutex<BTreeMap<String, String>>>);

impl Pages {
    pub(super) fn set(&self, path: &str, body: impl Into<String>) {
        self.0.lock().unwrap().insert(path.to_owned(), body.into());
    }

    pub(super) fn article(&self, path: &str, words: &str) {
        self.set(path, format!("<title>文章的标题</title><div id=a><p>{words}</p></div><div class=nav><a href=/>首页</a></div>"));
    }

    pub(super) async fn start(&self) -> Site {
        let pages = self.clone();
        Site::start(move |path, _| {
            let pages = pages.0.lock().unwrap();
            Answer::Send(match pages.get(path).map(String::as_str) {
                None => Vec::new(),
                Some(code) if code.len() == 3 => status(&format!("{code} x"), ""),
                Some(body) => page("Content-Type: text/html; charset=utf-8\r\n", body.as_bytes()),
            })
        })
        .await
    }
}

fn list(site: &Site, article: Articles) -> Source {
    let list = List {
        url: site.url("/list"),
        item: Selector::parse("li").unwrap(),
        title: None,
        link: None,
        time: None,
        text: None,
        next: None,
        pages: 1,
        article,
    };
    Source { kind: Kind::List(Box::new(list)), ..source("a", site, "/") }
}

fn entries(numbers: impl Iterator<Item = usize>) -> String {
    let items: String = numbers.map(|n| format!("<li><a href=/a/{n}>第{n}条通知</a></li>")).collect();
    format!("<ul>{items}</ul>")
}

pub(super) fn asked(site: &Site, path: &str) -> usize {
    site.paths().iter().filter(|asked| *asked == path).count()
}

fn titles(visit: &Visit) -> Vec<&str> {
    visit.posts.iter().map(|post| post.title.as_str()).collect()
}

#[tokio::test]
async fn articles_come_once_and_their_edits_later() {
    let pages = Pages::default();
    pages.set("/list", entries(1..3));
    pages.article("/a/1", WORDS);
    pages.article("/a/2", WORDS);
    let site = pages.start().await;
    let mut series = Series::new(list(&site, Articles::Auto));
    let first = series.visit(0).await;
    assert_eq!((&first.outcome, titles(&first)), (&Outcome::Fetched, vec!["第1条通知", "第2条通知"]));
    assert_eq!((first.posts[0].text.as_str(), first.problems.as_slice()), (WORDS, [].as_slice()));
    let second = series.visit(10).await;
    assert_eq!((second.posts.len(), asked(&site, "/a/1")), (0, 1));
    // Young articles are looked at again; the same post comes with other words.
    pages.article("/a/1", &format!("{WORDS}（更正：恢复时间改为八时。）"));
    let edited = series.visit(60).await;
    assert_eq!((edited.posts.len(), edited.posts[0].id), (2, first.posts[0].id));
    assert!(edited.posts[0].text.contains("更正"));
    assert_eq!(edited.posts[1].text, first.posts[1].text);
    assert_eq!((series.visit(70).await.posts.len(), asked(&site, "/a/1")), (0, 2));
}

#[tokio::test]
async fn an_article_that_cannot_be_had_leaves_its_entry() {
    let pages = Pages::default();
    let links =
        ["/gone", "/secret", "/private", "/empty"].map(|path| format!("<li><a href={path}>{path}</a>"));
    pages.set("/list", links.concat());
    pages.set("/robots.txt", "User-agent: *\nDisallow: /secret");
    pages.set("/private", format!("<meta name=robots content=noindex><p>{WORDS}</p>"));
    pages.set("/empty", "<div></div>");
    let site = pages.start().await;
    let mut series = Series::new(list(&site, Articles::Auto));
    let visit = series.visit(0).await;
    let mut found = titles(&visit);
    found.sort_unstable();
    assert_eq!(found, ["/empty", "/gone", "/private", "/secret"]);
    assert!(visit.posts.iter().all(|post| post.text.is_empty()));
    assert_eq!((asked(&site, "/secret"), visit.problems.len()), (0, 1));
    assert!(visit.problems[0].what.en.starts_with("4 articles could not be read"), "{:?}", visit.problems);
    series.visit(10).await;
    assert_eq!(asked(&site, "/gone"), 1);
}

#[tokio::test]
async fn a_failing_article_is_tried_three_times_while_its_post_waits() {
    let pages = Pages::default();
    pages.set("/list", entries(1..2));
    pages.set("/a/1", "500");
    let site = pages.start().await;
    let mut series = Series::new(list(&site, Articles::Auto));
    let mut found = Vec::new();
    for minutes in [0, 10, 20, 30] {
        found.push(series.visit(minutes).await.posts.len());
    }
    assert_eq!((found, asked(&site, "/a/1")), (vec![0, 0, 1, 1], 3));
    // One that comes back in time brings its text.
    pages.set("/list", entries(2..3));
    pages.set("/a/2", "500");
    assert_eq!(series.visit(40).await.posts.len(), 0);
    pages.article("/a/2", WORDS);
    assert_eq!(series.visit(50).await.posts[0].text, WORDS);
}

#[tokio::test]
async fn an_attachment_leaves_the_title_and_is_named() {
    let pages = Pages::default();
    pages.set("/list", entries(1..3));
    pages.article("/a/1", WORDS);
    pages.set("/a/2", "%PDF-1.7 1 0 obj");
    let site = pages.start().await;
    let mut series = Series::new(list(&site, Articles::Auto));
    let visit = series.visit(0).await;
    let mut found: Vec<_> = visit.posts.iter().map(|post| (&*post.title, &*post.text)).collect();
    found.sort_unstable();
    assert_eq!(found, [("第1条通知", WORDS), ("第2条通知", "")]);
    assert!(visit.problems[0].what.en.contains("an attachment (PDF), no text"), "{:?}", visit.problems);
    series.visit(10).await;
    assert_eq!(asked(&site, "/a/2"), 1);
}

#[tokio::test]
async fn twenty_articles_are_read_at_a_visit_and_the_rest_at_once_after_it() {
    let pages = Pages::default();
    pages.set("/list", entries(0..45));
    (0..45).for_each(|n| pages.article(&format!("/a/{n}"), WORDS));
    let site = pages.start().await;
    let mut series = Series::new(list(&site, Articles::Auto));
    let mut found = Vec::new();
    for _ in 0..3 {
        let visit = series.visit(0).await;
        found.push((visit.posts.len(), visit.health.next_try == Some(at(0))));
    }
    assert_eq!(found, [(20, true), (20, true), (5, false)]);
    assert!((0..45).all(|n| asked(&site, &format!("/a/{n}")) == 1));
}

#[tokio::test]
async fn a_trial_reads_three_articles_and_shows_every_entry() {
    let pages = Pages::default();
    pages.set("/list", entries(1..=8));
    (1..=8).for_each(|n| pages.article(&format!("/a/{n}"), WORDS));
    let site = pages.start().await;
    let source = list(&site, Articles::Auto);
    let visit = visit_once(&source, &fetcher(limits()), &privacy(), &|| at(0)).await;
    assert_eq!(visit.posts.len(), 8);
    assert_eq!(visit.posts.iter().filter(|post| !post.text.is_empty()).count(), 3);
    assert!(visit.problems[0].what.en.contains("of 5 more entries"), "{:?}", visit.problems);
}

#[tokio::test]
async fn wishes_of_a_list_are_heard() {
    for (wish, expected_text, expected_posts) in [("noindex", WORDS, 1), ("nofollow", "", 1), ("none", "", 0)]
    {
        let pages = Pages::default();
        pages.set("/list", format!("<meta name=robots content={wish}>{}", entries(1..2)));
        pages.article("/a/1", WORDS);
        let site = pages.start().await;
        let visit = Series::new(list(&site, Articles::Auto)).visit(0).await;
        assert_eq!(visit.posts.len(), expected_posts, "{wish}: {visit:?}");
        assert!(visit.posts.iter().all(|post| post.text == expected_text), "{wish}");
        assert_eq!(asked(&site, "/a/1"), usize::from(wish == "noindex"), "{wish}");
    }
}

#[tokio::test]
async fn links_to_other_sites_and_unwanted_articles_are_not_asked_for() {
    let other = Pages::default().start().await;
    let pages = Pages::default();
    let foreign = other.url("/a");
    pages.set("/list", format!("<li><a href={foreign}>转载</a><li><a rel=nofollow href=/a/1>不要跟</a>"));
    let site = pages.start().await;
    let visit = Series::new(list(&site, Articles::Auto)).visit(0).await;
    assert_eq!((titles(&visit), other.paths().len(), asked(&site, "/a/1")), (vec!["转载", "不要跟"], 0, 0));
    pages.set("/list", entries(1..2));
    let visit = Series::new(list(&site, Articles::None)).visit(0).await;
    assert_eq!((visit.posts.len(), asked(&site, "/a/1")), (1, 0));
    pages.article("/a/1", WORDS);
    let by = Articles::By(Selector::parse("#a").unwrap());
    assert_eq!(Series::new(list(&site, by)).visit(0).await.posts[0].text, WORDS);
}

#[tokio::test]
async fn a_list_whose_addresses_change_each_time_brings_nothing_new() {
    let pages = Pages::default();
    let site = pages.start().await;
    let mut series = Series::new(list(&site, Articles::Auto));
    for (minutes, session) in [(0, "one"), (10, "two"), (20, "three")] {
        let items: String = (0..8).map(|n| format!("<li><a href=/a/{session}/{n}>第{n}条通知</a>")).collect();
        pages.set("/list", items);
        (0..8).for_each(|n| pages.article(&format!("/a/{session}/{n}"), WORDS));
        let visit = series.visit(minutes).await;
        assert_eq!(visit.posts.len(), if minutes == 0 { 8 } else { 0 }, "{session}");
        assert_eq!(visit.problems.len(), usize::from(minutes > 0));
    }
    assert!(!site.paths().iter().any(|path| path.starts_with("/a/two")));
}

#[tokio::test]
async fn a_changed_shape_is_a_failure() {
    let pages = Pages::default();
    pages.set("/list", entries(1..2));
    let site = pages.start().await;
    let mut series = Series::new(list(&site, Articles::None));
    assert_eq!(series.visit(0).await.outcome, Outcome::Fetched);
    pages.set("/list", "<div>新版网站</div>");
    let Outcome::Failed(why) = series.visit(10).await.outcome else { panic!() };
    assert!(why.en.contains("changed its shape"), "{why}");
}

pub(super) fn sitemap(site: &Site, include: Option<&str>) -> Source {
    let map = Sitemap {
        url: site.url("/sitemap.xml"),
        include: include.map(str::to_owned),
        article: Articles::Auto,
    };
    Source { kind: Kind::Sitemap(Box::new(map)), ..source("a", site, "/") }
}

fn urlset(site: &Site, pages: &[(&str, i64)]) -> String {
    let urls: String = pages
        .iter()
        .map(|(path, minutes)| {
            format!("<url><loc>{}</loc><lastmod>{}</lastmod></url>", site.url(path), at(*minutes))
        })
        .collect();
    format!("<urlset>{urls}</urlset>")
}

#[tokio::test]
async fn a_sitemaps_history_is_left_and_its_news_are_read() {
    let pages = Pages::default();
    let site = pages.start().await;
    let week = -7 * 24 * 60;
    let index = format!(
        "<sitemapindex><sitemap><loc>{}</loc></sitemap><sitemap><loc>{}</loc></sitemap></sitemapindex>",
        site.url("/sitemap.xml"),
        site.url("/s1.xml")
    );
    pages.set("/sitemap.xml", index);
    pages.set("/s1.xml", urlset(&site, &[("/news/old", week), ("/news/1", -60), ("/shop/1", -50)]));
    ["/news/old", "/news/1", "/news/2", "/shop/1"].iter().for_each(|path| pages.article(path, WORDS));
    let mut series = Series::new(sitemap(&site, Some("/news/")));
    let first = series.visit(0).await;
    assert_eq!((titles(&first), first.problems.as_slice()), (vec!["文章的标题"], [].as_slice()));
    assert_eq!((asked(&site, "/news/old"), asked(&site, "/shop/1"), asked(&site, "/sitemap.xml")), (0, 0, 1));
    pages.set("/s1.xml", urlset(&site, &[("/news/old", week), ("/news/1", -60), ("/news/2", 5)]));
    assert_eq!(series.visit(10).await.posts.len(), 1);
    assert_eq!((asked(&site, "/news/1"), asked(&site, "/news/2")), (1, 1));
    // A page whose day changed is read again, and so is the old one that was never read.
    pages.article("/news/1", &format!("{WORDS}更新。"));
    pages.set("/s1.xml", urlset(&site, &[("/news/old", 15), ("/news/1", 15), ("/news/2", 5)]));
    let third = series.visit(20).await;
    assert!(third.posts.iter().any(|post| post.id == first.posts[0].id && post.text.ends_with("更新。")));
    assert_eq!((third.posts.len(), asked(&site, "/news/2")), (2, 1));
}

#[tokio::test]
async fn a_news_sitemap_makes_posts_without_articles() {
    let pages = Pages::default();
    let site = pages.start().await;
    let news = format!(
        "<urlset xmlns:n=x><url><loc>{}</loc><n:news><n:publication_date>{}</n:publication_date><n:title>今晚停水</n:title></n:news></url></urlset>",
        site.url("/1"),
        at(-30)
    );
    pages.set("/sitemap.xml", news);
    let mut source = sitemap(&site, None);
    if let Kind::Sitemap(map) = &mut source.kind {
        map.article = Articles::None;
    }
    let mut series = Series::new(source);
    let visit = series.visit(0).await;
    assert_eq!(titles(&visit), ["今晚停水"]);
    let more = format!(
        "<urlset xmlns:n=x><url><loc>{}</loc></url><url><loc>{}</loc><n:news><n:publication_date>{}</n:publication_date><n:title>恢复供水</n:title></n:news></url></urlset>",
        site.url("/1"),
        site.url("/2"),
        at(5)
    );
    pages.set("/sitemap.xml", more);
    let visit = series.visit(10).await;
    assert_eq!((titles(&visit), visit.posts[0].time), (vec!["恢复供水"], at(5)));
}

#[tokio::test]
async fn of_an_individuals_post_no_address_is_kept_or_said() {
    let pages = Pages::default();
    pages.set("/list", "<ul><li><a href=/u/zhangsan/1>停水了</a></li></ul>");
    pages.set("/u/zhangsan/1", "503");
    let site = pages.start().await;
    for (publisher, is_named) in [(Publisher::Individual, false), (Publisher::Media, true)] {
        let mut series = Series::new(Source { publisher, ..list(&site, Articles::Auto) });
        let visit = series.visit(0).await;
        assert!(
            visit.problems[0].what.en.starts_with("1 articles could not be read"),
            "{:?}",
            visit.problems
        );
        assert_eq!(format!("{:?}", visit.problems).contains("zhangsan"), is_named, "{:?}", visit.problems);
        assert!(!visit.cursor.unwrap().contains("zhangsan"));
    }
}
