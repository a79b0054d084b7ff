//! Which sources are visited: pauses, and other sources while the crawl runs.

use super::*;
use crate::pause::Pause;

#[tokio::test]
async fn a_paused_source_is_not_asked_until_its_pause_is_over() {
    let site =
        Site::start(|path, _| Answer::Send(if path == "/robots.txt" { Vec::new() } else { page("", FEED) }))
            .await;
    let clock = Clock::default();
    let pause = Pause { since: at(0), until: Some(at(60)), reason: None };
    let start = Crawl {
        sources: vec![source("resting", &site, "/resting"), source("b", &site, "/b")],
        fetcher: fetcher(limits()),
        privacy: privacy(),
        cursors: HashMap::new(),
        pauses: Pauses::new([("resting".to_owned(), pause)]),
    };
    let (send, mut receive) = mpsc::channel(1);
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(crawl(start, send, clock.now(), async {
        let _ = stopped.await;
    }));
    for minutes in [0, 30] {
        clock.set(minutes);
        assert_eq!(receive.recv().await.unwrap().source, "b");
        assert!(!site.paths().contains(&"/resting".to_owned()));
    }
    clock.set(61);
    while receive.recv().await.unwrap().source != "resting" {}
    stop.send(()).unwrap();
    running.await.unwrap();
}

/// Waits until a site was asked that often.
async fn asked(site: &Site, times: usize) {
    while site.paths().iter().filter(|path| *path == "/feed").count() < times {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_crawl_goes_on_with_other_sources_and_leaves_alone_what_stayed() {
    let answer =
        |path: &str, _: &str| Answer::Send(if path == "/robots.txt" { Vec::new() } else { page("", FEED) });
    let hang = |path: &str, _: &str| match path {
        "/robots.txt" => Answer::Send(Vec::new()),
        _ => Answer::SendAndHang(Vec::new()),
    };
    let (first, added) = (Site::start(answer).await, Site::start(answer).await);
    let (slow, dropped) = (Site::start(hang).await, Site::start(hang).await);
    let clock = Clock::default();
    let (send, mut receive) = mpsc::channel(1);
    let (plan, plans) = mpsc::channel(1);
    let start = Crawl {
        sources: vec![
            source("dropped", &dropped, "/feed"),
            source("first", &first, "/feed"),
            source("slow", &slow, "/feed"),
        ],
        fetcher: fetcher(crate::fetch::Limits { minimum_delay: Duration::ZERO, ..Default::default() }),
        privacy: privacy(),
        cursors: HashMap::new(),
        pauses: Pauses::default(),
    };
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(crawl_following(start, plans, (send, clock.now()), async {
        let _ = stopped.await;
    }));
    assert_eq!(receive.recv().await.unwrap().source, "first");
    asked(&slow, 1).await;
    asked(&dropped, 1).await;
    let with = |slow_every: i64| Plan {
        sources: vec![
            Source { every: SignedDuration::from_mins(slow_every), ..source("slow", &slow, "/feed") },
            source("added", &added, "/feed"),
            source("first", &first, "/feed"),
        ],
        fetcher: fetcher(crate::fetch::Limits { minimum_delay: Duration::ZERO, ..Default::default() }),
        privacy: privacy(),
        cursors: HashMap::new(),
    };
    plan.send(with(10)).await.unwrap();
    // Only what is new is visited: "first" is not due, and the visit of "slow" goes on.
    assert_eq!(receive.recv().await.unwrap().source, "added");
    clock.set(11);
    let mut next = [receive.recv().await.unwrap().source, receive.recv().await.unwrap().source];
    next.sort();
    assert_eq!(next, ["added", "first"]);
    let times = |site: &Site| site.paths().iter().filter(|path| *path == "/feed").count();
    assert_eq!((times(&slow), times(&dropped)), (1, 1));
    // What a site permits was learnt by the fetcher before this one.
    assert_eq!(first.paths().iter().filter(|path| *path == "/robots.txt").count(), 1);
    // A source that was changed is asked anew, and nobody waits for its old visit.
    plan.send(with(20)).await.unwrap();
    asked(&slow, 2).await;
    stop.send(()).unwrap();
    running.await.unwrap();
    assert_eq!(receive.recv().await, None);
}
