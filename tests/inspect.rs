//! `guanlan inspect`: each operation driven as a test suite drives it, one process and many lines.

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use serde_json::{Value, json};

use super::support::{code, command, stdout};

/// Asks one line at a time and waits for each answer, as a driver that converses does.
fn ask(operation: &str, lines: &[String]) -> Vec<Value> {
    let mut child = command(&["inspect", operation, "--jsonl"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let answers = lines.iter().map(|line| {
        writeln!(input, "{line}").unwrap();
        let mut answer = String::new();
        output.read_line(&mut answer).unwrap();
        serde_json::from_str(&answer).unwrap_or_else(|error| panic!("{line}: {answer:?}: {error}"))
    });
    let answers = answers.collect();
    drop(input);
    assert!(child.wait().unwrap().success());
    answers
}

/// The answer to one line as it is written: its numbers may be larger than any type.
fn raw(operation: &str, line: &str) -> String {
    let mut child = command(&["inspect", operation, "--jsonl"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    child.stdin.take().unwrap().write_all(line.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

fn one(operation: &str, request: Value) -> Value {
    ask(operation, &[request.to_string()]).remove(0)
}

fn file(name: &str, bytes: impl AsRef<[u8]>) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (folder, path)
}

#[test]
fn a_feed_shows_its_entries_and_what_is_none_says_so() {
    let feed = "<rss version='2.0'><channel><title>青岚论坛</title><item><title>返乡要核酸吗</title>\
        <link>/t/1</link><guid isPermaLink='false'>7</guid><author>张三</author>\
        <pubDate>Wed, 20 Jan 2021 16:48:00 +0800</pubDate><description>问一下</description></item></channel></rss>";
    let (_folder, path) = file("feed.xml", feed);
    let request = json!({
        "id": 1, "file": path, "content_type": "text/xml", "url": "http://bbs.example/rss",
        "headers": { "Content-Location": "/forum/rss" },
    });
    let answer = one("feed", request);
    assert_eq!((&answer["id"], &answer["encoding"]), (&json!(1), &json!("utf-8")), "{answer}");
    let item = json!({
        "title": "返乡要核酸吗", "url": "http://bbs.example/t/1", "id": "7", "summary": "问一下", "content": null,
        "published": "2021-01-20T08:48:00Z", "updated": null,
    });
    assert_eq!(answer["items"], json!([item]));
    assert!(!answer.to_string().contains("张三"));
    let (_folder, path) = file("page.html", "<html><body>请登录</body></html>");
    let answer = one("feed", json!({ "id": "x", "file": path }));
    assert!(answer["error"].as_str().unwrap().contains("web page"), "{answer}");
    assert_eq!((&answer["title"], &answer["items"]), (&Value::Null, &json!([])));
}

#[test]
fn robots_dates_addresses_and_the_guard_are_judged() {
    let robots = "User-agent: *\nDisallow: /private/";
    let allowed = |url: &str| {
        one("robots", json!({ "robots_txt": robots, "user_agent": "Guanlan/0.1 (+x)", "url": url }))["allowed"]
            .clone()
    };
    assert_eq!(
        (allowed("http://a.example/x"), allowed("http://a.example/private/1")),
        (json!(true), json!(false))
    );
    let date = |text: &str| {
        one("date", json!({ "text": text, "now": "2026-11-24T10:00:00+08:00", "tz": "Asia/Shanghai" }))["date"].clone()
    };
    assert_eq!(date("2026-11-23 08:05"), json!("2026-11-23T08:05:00+08:00"));
    assert_eq!(date("不是时间"), Value::Null);
    let join = json!({ "op": "join", "input": "../b", "base": "http://a.example/x/y/z" });
    assert_eq!(one("url", join)["url"], json!("http://a.example/x/b"));
    let canon = json!({ "op": "canon", "input": "HTTP://A.example:80/x#y" });
    // One page has one name, whatever its scheme.
    assert_eq!(one("url", canon)["canonical"], json!("https://a.example/x"));
    let blocked = |request: Value| one("guard", request)["blocked"].clone();
    assert_eq!(blocked(json!({ "url": "http://169.254.169.254/latest" })), json!(true));
    assert_eq!(blocked(json!({ "url": "http://www.example.com/" })), json!(false));
    assert_eq!(blocked(json!({ "host": "x.example", "ip": "10.0.0.1" })), json!(true));
    assert_eq!(blocked(json!({ "host": "x.example", "ip": "1.1.1.1" })), json!(false));
    assert_eq!(blocked(json!({ "host": "127.0.0.1" })), json!(true));
    assert_eq!(blocked(json!({ "host": "x.example" })), json!(false));
    assert_eq!(blocked(json!({ "host": "", "ip": "8.8.8.8" })), json!(true));
}

#[test]
fn pages_are_decoded_and_their_text_is_found() {
    let page = "<html><head><title>通知 &amp; 公告</title></head><body><article><p>返乡人员不再隔离。</p></article></body></html>";
    let (_folder, path) = file("page.html", page);
    let answer = one("decode", json!({ "file": path, "content_type": "text/html", "kind": "html" }));
    assert_eq!((&answer["encoding"], &answer["title"]), (&json!("utf-8"), &json!("通知 & 公告")));
    assert!(answer["text"].as_str().unwrap().contains("返乡人员不再隔离。"));
    assert_eq!(
        one("decode", json!({ "file": path, "content_type": "text/html", "kind": "hologram" })),
        answer
    );
    let (_folder, pdf) = file("notice.html", b"%PDF-1.7\n1 0 obj");
    for operation in ["decode", "article"] {
        let answer = one(operation, json!({ "file": pdf, "content_type": "text/html" }));
        assert_eq!(
            (&answer["text"], &answer["problems"]),
            (&json!(""), &json!(["an attachment (PDF), no text"]))
        );
    }
    let (_folder, drawn) = file("drawn.html", "<svg><title>错</title></svg><title>对</title>");
    assert_eq!(one("decode", json!({ "file": drawn }))["title"], json!("对"));
    let answer =
        one("article", json!({ "file": path, "url": "http://a.example/1", "content_type": "text/html" }));
    assert!(answer["text"].as_str().unwrap().contains("返乡人员不再隔离。"), "{answer}");
}

#[test]
fn hostile_markup_is_shown_as_text_and_hostile_addresses_become_no_link() {
    let html = |payload: &str, context: &str| {
        let answer = one("render", json!({ "payload": payload, "context": context }));
        answer["html"].as_str().unwrap().to_owned()
    };
    assert_eq!(html("<b onclick=x()>问</b><script>y()</script>&lt;i&gt;", "html"), "问&#60;i&#62;");
    assert_eq!(html("<img src=x onerror=y()>\u{202e}问", "title"), "&#60;img src=x onerror=y()&#62;问");
    assert_eq!(html("java\tscript:alert(1)", "link"), "");
    assert_eq!(html("data:text/html,x", "link"), "");
    let link = html("http://a.example/\"onclick=x()", "link");
    assert!(link.starts_with("<a href=\"http://a.example/%22onclick=x()\" rel=\"noreferrer\">"), "{link}");
}

#[test]
fn now_and_zone_are_taken_as_given_or_refused() {
    let asked = [
        (json!({ "now": "2020-02-05T10:00:00+08:00" }), Some("2020-02-04T08:05:00+08:00")),
        (json!({ "now": 1_580_868_000 }), Some("2020-02-04T08:05:00+08:00")),
        (json!({ "now": 1_580_868_000.5, "tz": null }), Some("2020-02-04T08:05:00+08:00")),
        (json!({ "now": 1_580_868_000, "tz": "+09:00" }), Some("2020-02-04T08:05:00+09:00")),
        (json!({ "now": 1_580_868_000, "tz": "UTC+8" }), Some("2020-02-04T08:05:00+08:00")),
        (json!({ "now": 1_580_868_000, "tz": "GMT-0330" }), Some("2020-02-03T08:05:00-03:30")),
        (json!({ "now": 1_580_868_000, "tz": "UTC" }), Some("2020-02-04T08:05:00+00:00")),
        (json!({ "now": 1_580_868_000, "tz": 8 }), None),
        (json!({ "now": 1_580_868_000, "tz": "UTC+99" }), None),
        (json!({ "now": 1_580_868_000, "tz": "+" }), None),
        (json!({ "now": [2020] }), None),
        (json!({ "now": true }), None),
        (json!({ "now": 1e300 }), None),
        (json!({ "now": "yesterday" }), None),
    ];
    let lines: Vec<String> = asked
        .iter()
        .map(|(request, _)| {
            let mut request = request.clone();
            request["text"] = json!("昨天 08:05");
            request.to_string()
        })
        .collect();
    for ((request, expected), answer) in asked.iter().zip(ask("date", &lines)) {
        match expected {
            Some(date) => assert_eq!(answer["date"], json!(date), "{request}: {answer}"),
            None => assert!(answer["error"].is_string(), "{request}: {answer}"),
        }
    }
}

#[test]
fn bad_lines_are_answered_in_their_place() {
    let lines = [
        "{\"id\": 1, \"text\": \"2026-11-23 08:05\", \"now\": \"2026-11-24T10:00:00+08:00\"}",
        "{\"id\": 2, \"text\"",
        "[3]",
        "{\"id\": {\"n\": 4}}",
        "{\"id\": 5, \"text\": \"\\ud800\"}",
        "{\"id\": 6, \"text\": \"2026-11-23 08:05\", \"tz\": \"Mars/Olympus\"}",
    ];
    let lines = lines.map(str::to_owned);
    let answers = ask("date", &lines);
    assert_eq!(answers[0]["date"], json!("2026-11-23T08:05:00+08:00"));
    let errors = answers[1..].iter().filter(|answer| answer["error"].is_string()).count();
    assert!(errors >= 4, "{answers:?}");
    assert_eq!(answers[3]["id"], json!({ "n": 4 }));
    let marked = [
        "\u{feff}{\"id\": 1e400, \"text\": \"2026-11-23 08:05\"}",
        "{\"id\": 123456789012345678901234567890, \"text\": \"2026-11-23 08:05\"}",
    ];
    for (line, id) in marked.iter().zip(["1e400", "123456789012345678901234567890"]) {
        let answer = raw("date", line);
        assert!(answer.contains(&format!("\"id\":{id},")) && answer.contains("2026-11-23"), "{answer}");
    }
    let single = command(&["inspect", "date", &lines[0]]).output().unwrap();
    assert_eq!(code(&single), 0);
    assert!(stdout(&single).contains("2026-11-23T08:05:00+08:00"));
    let missing = command(&["inspect", "feed", "{\"file\": \"/nowhere/x\"}"]).output().unwrap();
    assert_eq!(code(&missing), 2);
}
