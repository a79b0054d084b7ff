//! What programs read and do: `/api/v1` of a running installation.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Instant;

use serde_json::{Value, json};

use crate::feed_to_mail::{BEGIN, history};
use crate::push::call;
use crate::support::{Crowd, Installation, PATIENCE, code, numbers, page, said, stdout};

#[test]
fn programs_search_page_by_page_and_act_on_alerts() {
    let mut house = Installation::new();
    let port = house.serve();
    history(&house, "bbs", 7);
    let mut crowd = Crowd::new(5);
    let mut posts = String::new();
    for number in 0..120 {
        let time = format!("2025-11-24T09:{:02}:{:02}+08:00", number / 2, number % 2 * 30);
        let title = crowd.about("停水 三天");
        posts.push_str(
            &json!({ "id": number.to_string(), "source": "bbs", "time": time, "title": title }).to_string(),
        );
        posts.push('\n');
    }
    let posts = house.write("rise.jsonl", posts);
    let hours = (10..12).flat_map(|hour| (0..60).step_by(10).map(move |minute| (hour, minute)));
    let seen: String = hours
        .map(|(hour, minute)| {
            format!("{{\"ts\": \"2025-11-24T{hour}:{minute:02}:00+08:00\", \"source\": \"bbs\"}}\n")
        })
        .collect();
    let seen = house.write("seen.jsonl", seen);
    let import = house.guanlan(&["import", &posts, "--heartbeats", &seen, "--json"]);
    assert_eq!(numbers(&import), (120, 0, 0), "{}", said(&import));
    let mut program = house.run(&format!("{BEGIN}x600"));
    let read = |path: &str| call(port, &format!("GET {path} HTTP/1.1"), b"");

    // Pages follow each other without a gap or a double; each row is a group.
    let (mut seen, mut cursor, mut total) = (Vec::new(), String::new(), 0);
    for _ in 0..20 {
        let (status, _, page) = read(&format!("/api/v1/posts?q=%E4%B8%89%E5%A4%A9&limit=25{cursor}"));
        assert_eq!(status, 200, "{page}");
        seen.extend(page["posts"].as_array().unwrap().iter().map(|post| post["id"].to_string()));
        total = page["groups"].as_u64().unwrap();
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let (count, mut ids) = (seen.len(), seen);
    ids.sort();
    ids.dedup();
    assert_eq!((ids.len(), count as u64), (count, total), "every group once");
    assert!(count > 25, "{count}: more than a page");

    // What is wrong is said with its place.
    let (status, head, problem) = read("/api/v1/posts?q=%E5%81%9C%E6%B0%B4%20(");
    assert_eq!((status, &problem["position"]), (400, &json!(3)), "{problem}");
    assert!(head.contains("application/problem+json"), "{head}");
    let (status, _, problem) = call(port, "GET /api/v1/nothing HTTP/1.1\r\nAccept-Language: en", b"");
    assert_eq!((status, &problem["type"]), (404, &json!("/api#not-found")));
    assert!(problem["detail"].as_str().unwrap().contains("nothing is here"), "{problem}");

    // A table for a spreadsheet.
    let (_, head, _) = call(port, "GET /api/v1/posts?q=%E5%81%9C%E6%B0%B4 HTTP/1.1\r\nAccept: text/csv", b"");
    assert!(
        head.contains("text/csv") && head.contains("&cursor=") && head.contains("rel=\"next\""),
        "{head}"
    );

    // What an address asks for beside the query has no place in it.
    let (status, _, problem) = read("/api/v1/posts?q=%E5%81%9C%E6%B0%B4&source=nobody");
    assert_eq!((status, &problem["position"]), (400, &Value::Null), "{problem}");

    // Digests are told from the morning after the first post.
    let (_, _, listed) = read("/api/v1/digests");
    let days = listed["days"].as_array().unwrap();
    assert_eq!(days.last(), Some(&json!("2025-11-18")), "{listed}");

    // The same is not sent twice.
    for (path, kind) in [
        ("/api/v1/digests/2025-11-23", "*/*"),
        ("/api/v1/posts?q=%E5%81%9C%E6%B0%B4", "text/csv"),
        ("/api/openapi.json", "*/*"),
    ] {
        let asked = format!("GET {path} HTTP/1.1\r\nAccept: {kind}");
        let (_, head, _) = call(port, &asked, b"");
        let again = call(port, &format!("{asked}\r\nIf-None-Match: {}", tag(&head)), b"");
        assert_eq!((again.0, again.2), (304, Value::Null), "{path}");
    }

    let id = crate::support::eventually("an alert", || {
        let (_, _, listed) = read("/api/v1/alerts?state=open");
        listed["alerts"][0]["id"].as_str().map(str::to_owned)
    });
    let act = |action: &str, body: Value| {
        let head = format!("POST /api/v1/alerts/{id}/{action} HTTP/1.1\r\nContent-Type: application/json");
        call(port, &head, body.to_string().as_bytes())
    };
    // What was asked for before is known again until something happens.
    let asked = format!("GET /api/v1/alerts/{id} HTTP/1.1");
    let held = tag(&call(port, &asked, b"").1);
    let (_, mut events) = listen(port, "");
    let (status, _, told) = act("claim", json!({ "by": "值班室" }));
    assert_eq!((status, &told["alert"]["held_by"]), (200, &json!("值班室")), "{told}");
    assert_eq!(event(&mut events)["what"], json!({ "event": "acknowledged", "by": "值班室" }));
    let (status, _, told) = call(port, &format!("{asked}\r\nIf-None-Match: {held}"), b"");
    assert_eq!((status, &told["alert"]["held_by"]), (200, &json!("值班室")), "{told}");
    // Whoever comes back misses nothing.
    let (_, mut back) = listen(port, "\r\nLast-Event-ID: 0");
    assert_eq!(event(&mut back)["what"]["event"], "raised");
    assert_eq!(listen(port, "\r\nLast-Event-ID: the-last").0, 400);
    let others: Vec<_> = (0..14).map(|_| listen(port, "")).collect();
    assert!(others.iter().all(|(status, _)| *status == 200));
    assert_eq!(listen(port, "").0, 429, "sixteen listen at most");
    drop((back, others));
    // Who comes second takes nothing, and the audit log tells of nobody who did.
    let (_, _, told) = act("claim", json!({ "by": "宣传部" }));
    assert_eq!(told["alert"]["held_by"], "值班室", "{told}");
    let audited = stdout(&house.guanlan(&["user", "audit", "--json"]));
    assert_eq!(audited.matches("\"acknowledge\"").count(), 1, "{audited}");
    let answer =
        json!({ "by": "市水务局", "url": "https://water.qinglan.example/1", "at": "2025-11-24T02:10:00Z" });
    let (status, _, told) = act("respond", answer);
    assert_eq!(
        (status, &told["alert"]["stamps"]["answered"]),
        (200, &json!("2025-11-24T02:10:00Z")),
        "{told}"
    );
    let (status, _, told) = act("withdraw", json!({ "by": "值班室", "text": "登记错了" }));
    assert_eq!(status, 200, "{told}");
    let alert = &told["alert"];
    assert_eq!((&alert["held_by"], &alert["stamps"]["answered"]), (&json!("值班室"), &Value::Null));
    assert_eq!(act("withdraw", json!({ "by": "值班室", "text": "再撤一次" })).0, 422, "none is left");
    assert_eq!(act("respond", json!({ "by": "市水务局" })).0, 422, "nothing to show for it");
    let spoken = json!({ "by": "市水务局", "spoken": true, "at": "2025-11-24T02:10:00Z" });
    assert_eq!(act("respond", spoken).0, 200);
    // Times that no calendar of ours reaches are refused, and the program goes on.
    let ancient = json!({ "by": "市水务局", "spoken": true, "at": "-009999-01-02T02:00:00Z" });
    assert_eq!(act("respond", ancient).0, 422);
    for path in [
        "/api/v1/digests/-009999-01-04",
        "/api/v1/digests/week/-009999-01-01",
        "/digest/-009999-01-04",
        "/digest/2020-01-01",
        "/api/v1/digests/2020-01-01",
    ] {
        assert_eq!(read(path).0, 404, "{path}");
    }
    // What nobody filled in is left out.
    for path in ["/api/v1/alerts?state=&since=", "/api/v1/posts?q=&sort=&limit=&from="] {
        assert_eq!(read(path).0, 200, "{path}");
    }
    for wrong in [
        "alerts?state=nowhere",
        "posts?cursor=20.1.2",
        "posts?cursor=made-up",
        "posts?limit=0",
        "posts?limit=101",
    ] {
        let (status, _, problem) = read(&format!("/api/v1/{wrong}"));
        assert_eq!((status, &problem["type"]), (400, &json!("/api#malformed")), "{wrong}");
    }
    assert_eq!(act("note", json!({ "by": "值班室", "text": "长".repeat(2001) })).0, 422);
    // Sent again under the same key it is not done again, and another thing under that key is refused.
    let noted = |text: &str| {
        let head = format!(
            "POST /api/v1/alerts/{id}/note HTTP/1.1\r\nContent-Type: application/json\r\nIdempotency-Key: n1"
        );
        call(port, &head, json!({ "by": "值班室", "text": text }).to_string().as_bytes())
    };
    let (first, second) = (noted("已转水务局 13800138000"), noted("已转水务局 13800138000"));
    assert!(!first.2.to_string().contains("13800138000"), "posts are named, never people: {}", first.2);
    assert_eq!((first.0, &first.2["events"]), (200, &second.2["events"]), "{first:?} {second:?}");
    let (_, _, told) = read(&format!("/api/v1/alerts/{id}"));
    let notes = told["events"].as_array().unwrap().iter().filter(|line| line["what"]["event"] == "noted");
    assert_eq!(notes.count(), 1, "{told}");
    assert_eq!(noted("另一句").0, 422);
    // Another caller's key is another key.
    let token = house.guanlan(&["user", "token", "oa", "--scope", "act"]);
    let head = format!(
        "POST /api/v1/alerts/{id}/note HTTP/1.1\r\nContent-Type: application/json\r\nIdempotency-Key: n1\r\n\
         Authorization: Bearer {}",
        stdout(&token).trim()
    );
    let (status, _, told) =
        call(port, &head, json!({ "by": "值班室", "text": "另一句" }).to_string().as_bytes());
    assert_eq!(status, 200, "{told}");
    assert_eq!(act("mute", json!({ "by": "值班室", "text": "核实中" })).0, 422, "no end");
    assert_eq!(act("dance", json!({ "by": "值班室" })).0, 404);
    let (status, _, problem) = act("claim", json!({ "by": "值班室", "name": "张三" }));
    assert_eq!((status, &problem["type"]), (422, &json!("/api#unacceptable")), "an unknown field is told");
    assert_eq!(act("close", json!({ "by": "值班室" })).0, 200);
    assert_eq!(act("claim", json!({ "by": "宣传部" })).0, 409, "closed");
    assert_eq!(code(&house.guanlan(&["alert", "show", &id])), 0);

    // The document says what is there, and its page shows it.
    let document: Value = serde_json::from_str(&page(port, "/api/openapi.json")).unwrap();
    for path in ["/api/v1/posts", "/api/v1/alerts/{id}/{action}", "/api/v1/counts"] {
        assert!(document["paths"][path].is_object(), "{path}");
    }
    assert!(page(port, "/api").contains("/api/v1/alerts/{id}/{action}"));
    // Listeners do not keep the program from ending.
    assert_eq!(program.stop(), Some(0));
    assert!(
        !program.said.iter().any(|line| line.contains("not taken before stopping")),
        "{:?}",
        program.said
    );
}

/// The tag of an answer with that head, which `call` has put into small letters.
fn tag(head: &str) -> String {
    head.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap().replace("w/", "W/")
}

/// A caller that listens to what happens, and the status it was answered with.
fn listen(port: u16, more: &str) -> (u16, impl BufRead + use<>) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    write!(stream, "GET /api/v1/events HTTP/1.1\r\nHost: localhost{more}\r\n\r\n").unwrap();
    let mut lines = BufReader::new(stream);
    let (mut head, mut line) = (String::new(), String::new());
    while lines.read_line(&mut line).unwrap() > 0 && line != "\r\n" {
        head.push_str(&line);
        line.clear();
    }
    (head.split(' ').nth(1).unwrap().parse().unwrap(), lines)
}

/// The data of the next event.
fn event(lines: &mut impl BufRead) -> Value {
    // A line on which nothing comes still breathes.
    let begun = Instant::now();
    loop {
        let mut line = String::new();
        assert!(lines.read_line(&mut line).unwrap() > 0, "the line was cut");
        assert!(begun.elapsed() < PATIENCE, "nothing was told");
        if let Some(data) = line.strip_prefix("data: ") {
            return serde_json::from_str(data).unwrap();
        }
    }
}
