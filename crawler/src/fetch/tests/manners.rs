//! Politeness: robots.txt, pauses, one request at a time.

use std::sync::Arc;

use jiff::SignedDuration;

use super::{fetch, fetch_with, noon, site_with};
use crate::fetch::{FetchError, Fetched, Limits, Request, Wanted};
use crate::site::{Answer, Site, fetcher, limits, page, status};

#[tokio::test]
async fn a_site_that_asks_for_a_pause_gets_it() {
    let date = "Retry-After: Sun, 13 Sep 2020 12:27:00 GMT\r\n";
    let cases = [
        ("429 x", "Retry-After: 20\r\n", Some(20)),
        ("429 x", "", Some(60)),
        ("429 x", "Retry-After: 99999999999999999999\r\n", Some(86_400)),
        ("429 x", "Retry-After: -5\r\n", Some(60)),
        ("503 x", "Retry-After: 5\r\n", Some(5)),
        ("503 x", date, Some(20)),
        ("503 x", "Retry-After: -5\r\n", None),
        ("503 x", "Retry-After: Sun, 13 Sep 2020 12:26:00 GMT\r\n", None),
        ("503 x", "", None),
    ];
    for (line, header, expected) in cases {
        let site = site_with(status(line, header)).await;
        let fetcher = fetcher(limits());
        let pause = |error| match error {
            FetchError::Throttled { retry_after, .. } => Some(retry_after.as_secs()),
            _ => None,
        };
        assert_eq!(pause(fetch_with(&fetcher, &site, "/").await.unwrap_err()), expected, "{line} {header}");
        // The next visit, of whatever page of the site, does not even ask before the pause is over.
        let again = pause(fetch_with(&fetcher, &site, "/other").await.unwrap_err());
        assert_eq!(again, expected, "{line} {header}");
        assert_eq!(site.paths().len(), if expected.is_some() { 2 } else { 3 });
    }
}

#[tokio::test]
async fn a_page_disallowed_by_robots_is_never_requested() {
    let site = Site::start(|path, _| {
        Answer::Send(match path {
            "/robots.txt" => page("", b"User-agent: *\nDisallow: /private/"),
            "/in" => status("302 Found", "Location: /private/2\r\n"),
            _ => page("", b"x"),
        })
    })
    .await;
    let fetcher = fetcher(limits());
    for path in ["/private/1", "/in"] {
        let error = fetch_with(&fetcher, &site, path).await.unwrap_err();
        assert!(matches!(error, FetchError::Disallowed { .. }), "{path}: {error}");
    }
    assert!(fetch_with(&fetcher, &site, "/public").await.is_ok());
    assert_eq!(site.paths(), ["/robots.txt", "/in", "/public"]);
}

#[tokio::test]
async fn robots_answers_are_taken_as_the_standard_says() {
    let moved = |path: &str| match path.strip_prefix("/robots.txt?n=").unwrap_or("0") {
        "4" => page("", b"User-agent: *\nDisallow: /"),
        n => status("302 Found", &format!("Location: /robots.txt?n={}\r\n", n.parse::<u32>().unwrap() + 1)),
    };
    let cases: [(&str, Vec<u8>, bool); 8] = [
        ("none", status("404 x", ""), true),
        ("forbidden", status("403 x", ""), true),
        ("fault", status("500 x", ""), false),
        ("odd", status("999 x", ""), false),
        ("broken", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc".to_vec(), false),
        ("circle", status("302 x", "Location: /robots.txt\r\n"), true),
        ("five hops", Vec::new(), false),
        (
            "endless",
            page("", &[b"User-agent: *\nDisallow: /p\n".as_slice(), &[b'#'; 1 << 20]].concat()),
            false,
        ),
    ];
    for (case, robots, expected) in cases {
        let site = Site::start(move |path, _| {
            Answer::Send(match path {
                "/page" => page("", b"x"),
                _ if case == "five hops" => moved(path),
                _ => robots.clone(),
            })
        })
        .await;
        let fetched = fetch(&site, "/page").await;
        assert_eq!(fetched.is_ok(), expected, "{case}: {fetched:?}");
        assert_eq!(site.paths().contains(&"/page".to_owned()), expected, "{case}");
        if !expected {
            // What cannot be read forbids as well, and is nobody's refusal.
            let fits = match &fetched {
                Err(FetchError::Disallowed { .. }) => matches!(case, "five hops" | "endless"),
                Err(FetchError::Unreadable { .. }) => !matches!(case, "five hops" | "endless"),
                _ => false,
            };
            assert!(fits, "{case}: {fetched:?}");
        }
    }
}

#[tokio::test]
async fn the_pause_a_site_wants_holds_between_all_its_pages() {
    let site = Site::start(|path, _| {
        Answer::Send(match path {
            "/robots.txt" => page("", b"User-agent: *\nCrawl-delay: 5"),
            _ => page("", b"x"),
        })
    })
    .await;
    let fetcher = fetcher(limits());
    let at = async |seconds: i64, path: &str| {
        let (url, allow) = (site.url(path), [site.pair()]);
        let request = Request {
            url: &url,
            allow: &allow,
            way: None,
            etag: None,
            last_modified: None,
            wanted: Wanted::Feed,
        };
        let now = move || noon() + SignedDuration::from_secs(seconds);
        match fetcher.fetch(&request, &now).await {
            Err(FetchError::Paced { retry_after, .. }) => Some(retry_after.as_secs()),
            fetched => fetched.ok().map(|_| 0),
        }
    };
    assert_eq!(at(0, "/a").await, Some(5));
    assert_eq!(at(5, "/a").await, Some(0));
    assert_eq!(at(6, "/b").await, Some(4));
    assert_eq!(at(10, "/b").await, Some(0));
    assert_eq!(site.paths(), ["/robots.txt", "/a", "/b"]);
}

#[tokio::test]
async fn one_host_is_asked_one_thing_at_a_time() {
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (counter, greatest) = (Arc::clone(&now), Arc::clone(&most));
    let site = Site::start(move |_, _| {
        let at_once = counter.fetch_add(1, SeqCst) + 1;
        greatest.fetch_max(at_once, SeqCst);
        // Long enough that a second request would be seen, if there were one.
        let end = (0..2_000_000_u64).fold(0_u64, |sum, n| sum.wrapping_mul(31).wrapping_add(n));
        counter.fetch_sub(1, SeqCst);
        Answer::Send(page("", end.to_string().as_bytes()))
    })
    .await;
    let fetcher = fetcher(limits());
    let paths = ["/1", "/2", "/3", "/4", "/5"];
    let all = paths.map(|path| {
        let (fetcher, url, allow) = (fetcher.clone(), site.url(path), [site.pair()]);
        tokio::spawn(async move {
            let request = Request {
                url: &url,
                allow: &allow,
                way: None,
                etag: None,
                last_modified: None,
                wanted: Wanted::Feed,
            };
            fetcher.fetch(&request, &noon).await.is_ok()
        })
    });
    for one in all {
        assert!(one.await.unwrap());
    }
    assert_eq!((most.load(SeqCst), site.paths().len()), (1, 6));
}

#[tokio::test]
async fn a_host_is_asked_only_so_often_a_day() {
    let site = site_with(page("", b"x")).await;
    let few = fetcher(Limits { requests_a_day: 6, pages_a_day: 2, ..limits() });
    let ask = async |hour: i64, path: &str, wanted: Wanted| {
        let (url, allow) = (site.url(path), [site.pair()]);
        let request =
            Request { url: &url, wanted, allow: &allow, way: None, etag: None, last_modified: None };
        let now = move || noon() + SignedDuration::from_hours(hour);
        few.fetch(&request, &now).await
    };
    // robots.txt, a page, tdmrep.json, another page.
    assert!(ask(0, "/1", Wanted::Html).await.is_ok() && ask(1, "/2", Wanted::Html).await.is_ok());
    let Err(FetchError::Paced { retry_after, why, .. }) = ask(2, "/3", Wanted::Html).await else { panic!() };
    assert_eq!(retry_after, SignedDuration::from_hours(22));
    assert!(why.en.contains("2 of its web pages") && why.zh.contains("pages_a_day"), "{why}");
    assert!(ask(3, "/feed", Wanted::Feed).await.is_ok() && ask(3, "/feed", Wanted::Feed).await.is_ok());
    let Err(FetchError::Paced { why, .. }) = ask(4, "/feed", Wanted::Feed).await else { panic!() };
    assert!(why.en.contains("6 times a day"), "{why}");
    assert_eq!(site.paths(), ["/robots.txt", "/1", "/.well-known/tdmrep.json", "/2", "/feed", "/feed"]);
    assert!(ask(24, "/3", Wanted::Html).await.is_ok());
}

#[tokio::test]
async fn a_page_carries_what_its_owner_wishes() {
    let site = Site::start(|path, _| {
        Answer::Send(match path {
            "/robots.txt" => Vec::new(),
            "/.well-known/tdmrep.json" => page("", br#"[{"location": "/news/", "tdm-reservation": 1}]"#),
            "/news/open" => page("TDM-Reservation: 0\r\n", b"x"),
            _ => page("X-Robots-Tag: otherbot: none\r\nX-Robots-Tag: guanlan: nofollow\r\n", b"x"),
        })
    })
    .await;
    let fetcher = fetcher(limits());
    let ask = async |path: &str, wanted: Wanted| {
        let (url, allow) = (site.url(path), [site.pair()]);
        let request =
            Request { url: &url, wanted, allow: &allow, way: None, etag: None, last_modified: None };
        let Ok(Fetched::Page(page)) = fetcher.fetch(&request, &noon).await else { panic!() };
        (page.wishes.index, page.wishes.follow, page.wishes.reserved)
    };
    assert_eq!(ask("/news/1", Wanted::Html).await, (true, false, Some(true)));
    assert_eq!(ask("/news/open", Wanted::Html).await, (true, true, Some(false)));
    assert_eq!(ask("/about", Wanted::Html).await, (true, false, None));
    assert_eq!(ask("/news/list.json", Wanted::Data).await, (true, false, Some(true)));
    // A feed says it itself; the file is asked for once for all pages of a day.
    assert_eq!(ask("/news/feed", Wanted::Feed).await, (true, false, None));
    let files = site.paths().iter().filter(|path| path.contains("tdmrep")).count();
    assert_eq!(files, 1);
}
