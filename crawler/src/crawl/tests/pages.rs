//! JSON Feeds that go on on other pages (`next_url`).

use std::collections::BTreeMap;

use super::*;

/// What a site answers, by path; may be changed while it runs.
#[derive(Clone, Default)]
struct Pages(Arc<Mutex<BTreeMap<String, String>>>);

impl Pages {
    /// A page of a feed with these posts, and where it goes on.
    fn set(&self, path: &str, posts: &[u32], next: &str) {
        let items: Vec<String> =
            posts.iter().map(|n| format!(r#"{{"id":"{n}","url":"/{n}","title":"第{n}条"}}"#)).collect();
        let body = format!(r#"{{"title":"t","next_url":"{next}","items":[{}]}}"#, items.join(","));
        self.0.lock().unwrap().insert(path.to_owned(), body);
    }

    fn fail(&self, path: &str) {
        self.0.lock().unwrap().insert(path.to_owned(), String::new());
    }

    async fn start(&self) -> Site {
        let pages = self.clone();
        Site::start(move |path, head| {
            let pages = pages.0.lock().unwrap();
            let Some(body) = pages.get(path) else { return Answer::Send(Vec::new()) };
            let sum = body.bytes().fold(0_u32, |sum, byte| sum.rotate_left(3) ^ u32::from(byte));
            let tag = format!("\"{sum}\"");
            Answer::Send(if body.is_empty() {
                status("500 x", "")
            } else if head.contains(&format!("if-none-match: {tag}")) {
                status("304 x", "")
            } else {
                page(&format!("ETag: {tag}\r\n"), body.as_bytes())
            })
        })
        .await
    }
}

/// The pages asked for since the last time.
fn asked(site: &Site, before: &mut usize) -> Vec<String> {
    let paths = site.paths();
    let new = paths.iter().skip(*before).filter(|path| *path != "/robots.txt").cloned().collect();
    *before = paths.len();
    new
}

#[tokio::test]
async fn a_feed_is_followed_while_its_pages_bring_news() {
    let pages = Pages::default();
    pages.set("/feed", &[6, 5], "/feed?2");
    pages.set("/feed?2", &[4, 3], "/feed?3");
    pages.set("/feed?3", &[2, 1], "");
    let site = pages.start().await;
    let (mut series, mut before) = (Series::new(source("a", &site, "/feed")), 0);
    assert_eq!(series.visit(0).await.posts.len(), 6);
    assert_eq!(asked(&site, &mut before), ["/feed", "/feed?2", "/feed?3"]);
    assert_eq!(series.visit(10).await.outcome, Outcome::NotModified);
    assert_eq!(asked(&site, &mut before), ["/feed"]);
    // Three new posts: one of them has slipped to the second page, and the third has nothing new.
    pages.set("/feed", &[9, 8], "/feed?2");
    pages.set("/feed?2", &[7, 6], "/feed?3");
    pages.set("/feed?3", &[5, 4], "");
    let visit = series.visit(20).await;
    let mut found: Vec<&str> = visit.posts.iter().map(|post| post.title.as_str()).collect();
    found.sort_unstable();
    assert_eq!(found, ["第4条", "第5条", "第6条", "第7条", "第8条", "第9条"]);
    assert_eq!(asked(&site, &mut before), ["/feed", "/feed?2", "/feed?3"]);
    // The first page in another order is no news: nothing behind it is asked for.
    pages.set("/feed", &[8, 9, 7], "/feed?2");
    assert_eq!(series.visit(30).await.posts.len(), 3);
    assert_eq!(asked(&site, &mut before), ["/feed"]);
}

#[tokio::test]
async fn news_behind_a_page_that_failed_come_at_the_next_visit() {
    let pages = Pages::default();
    pages.set("/feed", &[2], "/feed?2");
    pages.set("/feed?2", &[1], "");
    let site = pages.start().await;
    let mut series = Series::new(source("a", &site, "/feed"));
    series.visit(0).await;
    pages.set("/feed", &[14], "/feed?2");
    pages.fail("/feed?2");
    let visit = series.visit(10).await;
    assert_eq!((&visit.outcome, visit.posts.len(), visit.problems.len()), (&Outcome::Fetched, 1, 1));
    assert!(visit.problems[0].what.en.contains("500"), "{:?}", visit.problems);
    pages.set("/feed?2", &[13], "");
    let visit = series.visit(20).await;
    assert_eq!((visit.posts.len(), visit.problems.len()), (2, 0));
}

#[tokio::test]
async fn a_feed_without_end_is_bounded_and_no_other_host_is_asked() {
    let pages = Pages::default();
    for n in 0..30 {
        pages.set(&format!("/endless{n}"), &[n], &format!("/endless{}", n + 1));
    }
    pages.set("/circle", &[1], "/round");
    pages.set("/round", &[2], "/circle");
    let site = pages.start().await;
    let mut before = 0;
    let mut series = Series::new(source("a", &site, "/endless0"));
    // The depth is five: the first page and five behind it.
    assert_eq!(series.visit(0).await.posts.len(), 6);
    assert_eq!(asked(&site, &mut before).len(), 6);
    let visit = Series::new(source("b", &site, "/circle")).visit(0).await;
    assert_eq!((visit.posts.len(), asked(&site, &mut before).len()), (2, 2));
    // A later visit with so many news says that some are left.
    for n in 0..30 {
        pages.set(&format!("/endless{n}"), &[n + 100], &format!("/endless{}", n + 1));
    }
    let visit = series.visit(10).await;
    assert_eq!((visit.posts.len(), visit.problems.len()), (6, 1));
    assert!(visit.problems[0].what.en.contains("depth is 5"), "{:?}", visit.problems);

    let other = Pages::default();
    other.set("/feed?2", &[2], "");
    let other = other.start().await;
    pages.set("/feed", &[1], other.url("/feed?2").as_str());
    let foreign = source("c", &site, "/feed");
    assert_eq!(Series::new(foreign.clone()).visit(0).await.posts.len(), 1);
    assert!(other.paths().is_empty());
    let allowed = Source { allow: vec![site.pair(), other.pair()], ..foreign };
    assert_eq!(Series::new(allowed).visit(0).await.posts.len(), 2);
}
