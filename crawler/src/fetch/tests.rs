//! Fetching from real servers on the loopback.

mod manners;
mod outside;

use std::io::Write;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;

use jiff::Timestamp;

use super::*;
use crate::guard::Refusal;
use crate::site::{Answer, Site, fetcher, limits, page, status};
use crate::wishes::Wishes;

fn noon() -> Timestamp {
    Timestamp::from_second(1_600_000_000).unwrap()
}

/// A site that answers every page with these bytes and has no robots.txt.
async fn site_with(bytes: Vec<u8>) -> Site {
    Site::start(move |path, _| Answer::Send(if path == "/robots.txt" { Vec::new() } else { bytes.clone() }))
        .await
}

async fn fetch(site: &Site, path: &str) -> Result<Fetched, FetchError> {
    fetch_with(&fetcher(limits()), site, path).await
}

async fn fetch_with(fetcher: &Fetcher, site: &Site, path: &str) -> Result<Fetched, FetchError> {
    let (url, allow) = (site.url(path), [site.pair()]);
    let request = Request {
        url: &url,
        allow: &allow,
        way: None,
        etag: None,
        last_modified: None,
        wanted: Wanted::Feed,
    };
    fetcher.fetch(&request, &noon).await
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn a_page_comes_with_what_is_needed_for_the_next_visit() {
    let headers = "Content-Type: text/xml; charset=gbk\r\nETag: \"v1\"\r\nLast-Modified: then\r\n";
    let site = site_with(page(headers, b"<rss/>")).await;
    let Fetched::Page(page) = fetch(&site, "/feed?a=1").await.unwrap() else { panic!() };
    let expected = Page {
        url: site.url("/feed?a=1"),
        moved: None,
        content_type: Some("text/xml; charset=gbk".to_owned()),
        etag: Some("\"v1\"".to_owned()),
        last_modified: Some("then".to_owned()),
        wishes: Wishes::default(),
        body: b"<rss/>".to_vec(),
    };
    assert_eq!(*page, expected);
    let heads = site.heads();
    assert_eq!(site.paths(), ["/robots.txt", "/feed?a=1"]);
    assert!(
        heads.iter().all(|head| head.contains("user-agent: Guanlan/0.1.0 (+https://guanlan.example/bot)"))
    );
    assert!(
        !heads[1].contains("cookie") && !heads[1].contains("referer") && !heads[1].contains("if-none-match")
    );
}

#[tokio::test]
async fn what_we_have_already_is_answered_304() {
    let site = Site::start(|path, head| {
        let known = head.contains("if-none-match: \"v1\"") && head.contains("if-modified-since: then");
        Answer::Send(match path {
            "/robots.txt" => Vec::new(),
            _ if known => status("304 Not Modified", ""),
            _ => status("500 Internal Server Error", ""),
        })
    })
    .await;
    let (url, allow) = (site.url("/feed"), [site.pair()]);
    let request = Request {
        url: &url,
        allow: &allow,
        way: None,
        etag: Some("\"v1\""),
        last_modified: Some("then"),
        wanted: Wanted::Feed,
    };
    assert_eq!(fetcher(limits()).fetch(&request, &noon).await, Ok(Fetched::NotModified));
}

#[tokio::test]
async fn redirects_are_followed_and_a_lasting_one_is_reported() {
    let site = Site::start(|path, _| {
        Answer::Send(match path {
            "/old" => status("301 Moved Permanently", "Location: /older#top\r\n"),
            "/older" => status("308 Permanent Redirect", "Location: new\r\n"),
            "/for-now" => status("302 Found", "Location: /new\r\n"),
            "/new" => page("", b"x"),
            "/nowhere" => status("302 Found", ""),
            "/gbk" => {
                [b"HTTP/1.1 302 Found\r\nLocation: /\xd3\xdf\r\n".as_slice(), b"Content-Length: 0\r\n\r\n"]
                    .concat()
            }
            "/%D3%DF" => page("", b"y"),
            "/long" => status("302 Found", &format!("Location: /?{}\r\n", "a".repeat(9000))),
            _ => Vec::new(),
        })
    })
    .await;
    let moved = |fetched: Fetched| match fetched {
        Fetched::Page(page) => (page.url.path().to_owned(), page.moved.map(|url| url.path().to_owned())),
        Fetched::NotModified => panic!(),
    };
    let fetched = moved(fetch(&site, "/old").await.unwrap());
    assert_eq!(fetched, ("/new".to_owned(), Some("/new".to_owned())));
    assert_eq!(moved(fetch(&site, "/for-now").await.unwrap()), ("/new".to_owned(), None));
    assert_eq!(moved(fetch(&site, "/gbk").await.unwrap()), ("/%D3%DF".to_owned(), None));
    assert!(fetch(&site, "/nowhere").await.unwrap_err().to_string().contains("without saying where"));
    assert!(fetch(&site, "/long").await.unwrap_err().to_string().contains("too long"));
}

#[tokio::test]
async fn redirects_in_a_circle_or_without_end_are_given_up() {
    let site = Site::start(|path, _| {
        Answer::Send(match path.strip_prefix("/n") {
            Some(n) => status("302 Found", &format!("Location: /n{}\r\n", n.parse::<u32>().unwrap() + 1)),
            None if path == "/robots.txt" => Vec::new(),
            None => status("302 Found", "Location: /circle\r\n"),
        })
    })
    .await;
    for path in ["/circle", "/n0"] {
        let error = fetch(&site, path).await.unwrap_err();
        assert!(error.to_string().contains("in a circle or too often"), "{error}");
    }
    let paths = site.paths();
    assert_eq!(paths.iter().filter(|path| path.starts_with("/n")).count(), 11);
    assert_eq!(paths.iter().filter(|path| *path == "/circle").count(), 1);
}

#[tokio::test]
async fn a_redirect_to_a_private_address_is_never_asked() {
    let inside = site_with(page("", b"secret")).await;
    let port = inside.port;
    let site = Site::start(move |path, _| {
        let target = match path {
            "/0" => format!("http://127.0.0.1:{port}/secret"),
            "/1" => format!("http://localhost:{port}/secret"),
            "/2" => format!("http://2130706433:{port}/secret"),
            "/3" => format!("http://[::ffff:127.0.0.1]:{port}/secret"),
            "/4" => format!("//127.0.0.1:{port}/secret"),
            "/5" => "http://169.254.169.254/latest/meta-data/".to_owned(),
            "/6" => "http://100.100.100.200/".to_owned(),
            "/7" => "file:///etc/passwd".to_owned(),
            "/8" => "gopher://127.0.0.1:25/_HELO".to_owned(),
            "/9" => "javascript:alert(1)".to_owned(),
            _ => return Answer::Send(Vec::new()),
        };
        Answer::Send(status("302 Found", &format!("Location: {target}\r\n")))
    })
    .await;
    for path in ["/0", "/1", "/2", "/3", "/4", "/5", "/6", "/7", "/8", "/9"] {
        let error = fetch(&site, path).await.unwrap_err();
        assert!(matches!(error, FetchError::Blocked { .. }), "{path}: {error}");
    }
    assert_eq!(inside.paths(), [""; 0]);
}

#[tokio::test]
async fn a_private_address_needs_to_be_allowed_by_name_and_port() {
    let site = site_with(page("", b"x")).await;
    let url = Url::parse(&format!("http://localhost:{}/", site.port)).unwrap();
    let allowed = [format!("localhost:{}", site.port)];
    let ask = async |allow: &[String]| {
        let request =
            Request { url: &url, allow, way: None, etag: None, last_modified: None, wanted: Wanted::Feed };
        fetcher(limits()).fetch(&request, &noon).await
    };
    let Err(FetchError::Blocked { why, .. }) = ask(&[]).await else { panic!() };
    assert!(matches!(why, Refusal::LocalName { port, .. } if port == site.port), "{why}");
    assert!(why.to_string().contains(&format!("allow = [\"localhost:{}\"]", site.port)), "{why}");
    assert!(ask(&allowed).await.is_ok());
}

#[tokio::test]
async fn slow_answers_are_given_up_at_each_stage() {
    let site = Site::start(|path, _| match path {
        "/silent" => Answer::SendAndHang(Vec::new()),
        "/half-headers" => Answer::SendAndHang(b"HTTP/1.1 200 OK\r\nX-Slow: a".to_vec()),
        "/half-body" => Answer::SendAndHang(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc".to_vec()),
        _ => Answer::Send(Vec::new()),
    })
    .await;
    let cases = [("/silent", Stage::Headers), ("/half-headers", Stage::Headers), ("/half-body", Stage::Idle)];
    for (path, expected) in cases {
        let error = fetch(&site, path).await.unwrap_err();
        assert!(matches!(error, FetchError::Timeout { stage, .. } if stage == expected), "{path}: {error}");
    }
}

#[tokio::test]
async fn a_page_that_trickles_for_ever_meets_the_limit_for_the_whole() {
    let limits = Limits { whole: Duration::from_millis(200), idle: Duration::from_secs(30), ..limits() };
    let site = Site::start(|path, _| match path {
        "/robots.txt" => Answer::Send(Vec::new()),
        _ => Answer::SendAndHang(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc".to_vec()),
    })
    .await;
    let error = fetch_with(&fetcher(limits), &site, "/").await.unwrap_err();
    assert!(matches!(error, FetchError::Timeout { stage: Stage::Whole, .. }), "{error}");
}

#[tokio::test]
async fn a_page_that_breaks_off_is_no_page() {
    let packed = gzip("返乡政策".repeat(5000).as_bytes());
    let gz = "Content-Encoding: gzip\r\n";
    let cases = [
        ("short", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc".to_vec()),
        ("chunk", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n400\r\nabc".to_vec()),
        ("bad chunk", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n".to_vec()),
        (
            "huge chunk",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFF0\r\nabc\r\n".to_vec(),
        ),
        ("gzip cut in its body", page(gz, &packed[..packed.len() / 2])),
        ("gzip cut in its trailer", page(gz, &packed[..packed.len() - 3])),
        ("no gzip", page(gz, b"plain text")),
    ];
    for (case, bytes) in cases {
        let error = fetch(&site_with(bytes).await, "/").await.unwrap_err();
        assert!(matches!(error, FetchError::Truncated { .. }), "{case}: {error}");
    }
}

#[tokio::test]
async fn packed_pages_are_unpacked_and_odd_ones_refused() {
    let body = "返乡政策".repeat(5000);
    let site = site_with(page("Content-Encoding: gzip\r\n", &gzip(body.as_bytes()))).await;
    let Fetched::Page(fetched) = fetch(&site, "/").await.unwrap() else { panic!() };
    assert!(fetched.body == body.as_bytes());
    for headers in ["Content-Encoding: x-evil\r\n", "Content-Encoding: gzip, gzip\r\n"] {
        let error = fetch(&site_with(page(headers, b"x")).await, "/").await.unwrap_err();
        assert!(matches!(error, FetchError::Other { .. }), "{headers}: {error}");
    }
    let packed = gzip(b"%PDF-1.7");
    let no_texts: [(&str, &[u8]); 4] = [
        ("Content-Type: video/mp4\r\n", b"x"),
        ("Content-Type: application/pdf\r\n", b"x"),
        ("Content-Type: text/html\r\n", b"PK\x03\x04"),
        ("Content-Encoding: gzip\r\n", &packed),
    ];
    for (headers, body) in no_texts {
        let error = fetch(&site_with(page(headers, body)).await, "/").await.unwrap_err();
        assert!(matches!(error, FetchError::NoText { .. }), "{headers}: {error}");
    }
}

#[tokio::test]
async fn the_size_limit_counts_unpacked_bytes() {
    let limit = Limits::default().feed_bytes;
    let bomb = gzip(&vec![b'a'; limit + 1]);
    assert!(bomb.len() < 100_000);
    let site = site_with(page("Content-Encoding: gzip\r\n", &bomb)).await;
    let error = fetch(&site, "/").await.unwrap_err();
    assert_eq!(error, FetchError::TooLarge { url: site.url("/").into(), limit: 20 * 1024 * 1024 });
    let fits = site_with(page("", &vec![b'a'; 1000])).await;
    let small = |body| fetcher(Limits { feed_bytes: body, ..limits() });
    assert!(fetch_with(&small(1000), &fits, "/").await.is_ok());
    assert!(fetch_with(&small(999), &fits, "/").await.is_err());
}

#[tokio::test]
async fn odd_answers_are_errors_and_no_panic() {
    let many: String = (0..10_000).map(|n| format!("X-{n}: {n}\r\n")).collect();
    let huge = format!("X-Huge: {}\r\n", "a".repeat(1 << 20));
    let cases = [
        ("HTTP/0.9", b"<html>no headers at all</html>".to_vec()),
        ("bad status line", b"HTTP/9.9 -200 \xff\xfe\r\n\r\nabc".to_vec()),
        ("nothing", b"\r\n".to_vec()),
        ("many headers", page(&many, b"ok")),
        ("huge header", page(&huge, b"ok")),
    ];
    for (case, bytes) in cases {
        let error = fetch(&site_with(bytes).await, "/").await.unwrap_err();
        assert!(matches!(error, FetchError::Other { .. }), "{case}: {error}");
    }
}

#[tokio::test]
async fn each_status_says_what_to_do() {
    let url = |site: &Site| String::from(site.url("/"));
    for line in ["401 x", "403 x", "404 x", "451 x", "500 x", "503 x", "999 x", "206 x"] {
        let site = site_with(status(line, "")).await;
        let error = fetch(&site, "/").await.unwrap_err();
        let status = line[..3].parse().unwrap();
        assert_eq!(error, FetchError::Status { url: url(&site), status });
    }
    let gone = site_with(status("410 Gone", "")).await;
    assert_eq!(fetch(&gone, "/").await, Err(FetchError::Gone { url: url(&gone) }));
    for line in ["304 x", "204 x"] {
        let site = site_with(format!("HTTP/1.1 {line}\r\nConnection: close\r\n\r\n").into_bytes()).await;
        assert_eq!(fetch(&site, "/").await, Ok(Fetched::NotModified), "{line}");
    }
}
