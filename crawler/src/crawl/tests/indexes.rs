//! Long indexes of sitemaps: each sitemap gets its turn, and one that fails hides nothing.

use super::lists::{Pages, WORDS, asked, sitemap};
use super::*;

/// An index of so many sitemaps without dates, each with one old page.
fn index(pages: &Pages, site: &Site, count: usize) {
    let named: String =
        (0..count).map(|n| format!("<sitemap><loc>{}</loc></sitemap>", site.url(&map(n)))).collect();
    pages.set("/sitemap.xml", format!("<sitemapindex>{named}</sitemapindex>"));
    (0..count).for_each(|n| fill(pages, site, n, &[]));
}

fn map(number: usize) -> String {
    format!("/s{number}.xml")
}

/// One sitemap of the index: its old page, and these.
fn fill(pages: &Pages, site: &Site, number: usize, new: &[&str]) {
    let old = format!("/old/{number}");
    let all = std::iter::once(old.as_str()).chain(new.iter().copied());
    let urls: String = all.map(|path| format!("<url><loc>{}</loc></url>", site.url(path))).collect();
    pages.set(&map(number), format!("<urlset>{urls}</urlset>"));
    new.iter().for_each(|path| pages.article(path, WORDS));
}

fn found(visit: &Visit) -> Vec<&str> {
    visit.posts.iter().filter_map(|post| Some(post.address.as_deref()?.rsplit_once('/')?.1)).collect()
}

#[tokio::test]
async fn every_sitemap_of_a_long_index_brings_its_news_in_time() {
    let pages = Pages::default();
    let site = pages.start().await;
    index(&pages, &site, 25);
    let mut series = Series::new(sitemap(&site, Some("/new/")));
    // Every sitemap is met once, so that its history is known.
    for round in 0..4 {
        assert!(series.visit(round * 10).await.posts.is_empty());
    }
    assert!((0..25).all(|n| asked(&site, &map(n)) > 0));
    // In the middle, where no visit looks first, and at the end, where sites add what is new.
    fill(&pages, &site, 13, &["/new/middle"]);
    fill(&pages, &site, 24, &["/new/end"]);
    assert!(found(&series.visit(40).await).contains(&"end"));
    let mut later = Vec::new();
    for round in 5..8 {
        later.extend(found(&series.visit(round * 10).await).into_iter().map(str::to_owned));
    }
    assert!(later.len() <= 1, "{later:?}");
    assert_eq!(asked(&site, "/new/middle"), 1);
    // A sitemap that appears in the index has nothing but news.
    index(&pages, &site, 26);
    fill(&pages, &site, 25, &["/new/added"]);
    assert_eq!(found(&series.visit(80).await), ["added"]);
}

#[tokio::test]
async fn a_sitemap_that_fails_hides_no_news_and_loses_none() {
    let pages = Pages::default();
    let site = pages.start().await;
    index(&pages, &site, 3);
    let mut series = Series::new(sitemap(&site, Some("/new/")));
    series.visit(0).await;
    fill(&pages, &site, 2, &["/new/other"]);
    pages.set(&map(1), "500");
    let visit = series.visit(10).await;
    assert_eq!((found(&visit), visit.problems.len()), (vec!["other"], 1));
    assert!(visit.problems[0].what.en.contains("/s1.xml answered 500"), "{:?}", visit.problems);
    // What it had before is no news when it is back, and what is new in it is.
    fill(&pages, &site, 1, &["/new/late"]);
    let visit = series.visit(20).await;
    assert_eq!((found(&visit), visit.problems.len()), (vec!["late"], 0));
    (0..3).for_each(|n| pages.set(&map(n), "500"));
    let Outcome::Failed(why) = series.visit(30).await.outcome else { panic!() };
    assert!(why.en.contains("answered 500"), "{why}");
}

#[tokio::test]
async fn pages_wait_for_their_articles_over_visits_of_other_sitemaps() {
    let pages = Pages::default();
    let site = pages.start().await;
    index(&pages, &site, 25);
    let mut series = Series::new(sitemap(&site, Some("/new/")));
    for round in 0..4 {
        series.visit(round * 10).await;
    }
    let many: Vec<String> = (0..45).map(|n| format!("/new/{n}")).collect();
    fill(&pages, &site, 13, &many.iter().map(String::as_str).collect::<Vec<_>>());
    let mut posts = 0;
    for round in 4..10 {
        posts += series.visit(round * 10).await.posts.len();
    }
    assert_eq!(posts, 45);
    assert!(many.iter().all(|path| asked(&site, path) == 1));
}
