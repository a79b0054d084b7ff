//! Other systems hand posts in: what is taken, what is refused, and that nothing acknowledged is lost.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use crate::support::{Installation, code, eventually, free_port, said, stdout};

const TOKEN: &str = "0123456789abcdef0123456789abcdef";
const CLOCK: &str = "2026-11-24T10:00:00+08:00x1";
const LINES: &str = "{\"id\":\"a1\",\"time\":\"2026-11-24 09:30\",\"title\":\"城北停水两天\",\"author\":\"张三\"}\n\
    {\"id\":\"a2\",\"time\":\"2026-11-24 09:40\",\"text\":\"又停水了\",\"publisher\":\"gov\"}\n";

/// An installation with a hotline that pushes, and a port of its own for the API.
fn house(port: u16) -> Installation {
    let mut house = Installation::new();
    let token = house.write("hotline.token", format!("{TOKEN}\n"));
    std::fs::set_permissions(&token, std::fs::Permissions::from_mode(0o600)).unwrap();
    house.add(&format!(
        "[api]\nlisten = \"127.0.0.1:{port}\"\n\
         [[source]]\nid = \"hotline\"\nname = \"热线\"\nkind = \"push\"\ntoken_file = \"{token}\"\n"
    ));
    house
}

/// A port that is free now.
/// One request; the status, all headers as text, and the body as JSON.
pub(crate) fn call(port: u16, head: &str, body: &[u8]) -> (u16, String, Value) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let head =
        format!("{head}\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).unwrap();
    // A server that refuses by the header alone may close before everything is sent.
    let _ = stream.write_all(body);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    (status, head.to_ascii_lowercase(), serde_json::from_str(body).unwrap_or(Value::Null))
}

fn head(token: &str, more: &str) -> String {
    format!(
        "POST /api/v1/posts HTTP/1.1\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/x-ndjson{more}"
    )
}

fn gzip(text: &str) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(text.as_bytes()).unwrap();
    packed.finish().unwrap()
}

#[test]
fn posts_are_taken_once_and_what_is_wrong_is_said() {
    let port = free_port();
    let house = house(port);
    let mut program = house.run(CLOCK);

    let (status, _, first) = call(port, &head(TOKEN, ""), LINES.as_bytes());
    assert_eq!((status, &first["accepted"], &first["stored"]), (200, &2.into(), &2.into()), "{first}");
    let (_, _, again) = call(port, &head(TOKEN, "\r\nContent-Encoding: gzip"), &gzip(LINES));
    assert_eq!((&again["stored"], &again["duplicates"]), (&0.into(), &2.into()), "{again}");
    let edited = LINES.replace("又停水了", "又停水了，物业没有通知");
    let (_, _, edit) = call(port, &head(TOKEN, ""), edited.as_bytes());
    assert_eq!((&edit["stored"], &edit["revisions"]), (&0.into(), &1.into()), "{edit}");
    let (status, _, mixed) = call(port, &head(TOKEN, "\r\nAccept-Language: en"), b"{}\n{\"x\n");
    assert_eq!((status, mixed["rejected"].as_array().map(Vec::len)), (400, Some(2)), "{mixed}");
    assert_eq!(mixed["rejected"][0]["line"], 1);
    let (status, _, none) = call(port, &head(TOKEN, ""), b"");
    assert_eq!((status, &none["accepted"]), (200, &0.into()), "a heartbeat");

    let refused = |head: &str, body: &[u8]| call(port, head, body).0;
    assert_eq!(refused(&head("0123456789abcdef0123456789abcdeX", ""), LINES.as_bytes()), 401);
    let (status, headers, no_token) = call(port, "POST /api/v1/posts HTTP/1.1", b"");
    assert!(status == 401 && headers.contains("www-authenticate: bearer"), "{headers}");
    assert!(no_token["error"].as_str().unwrap().contains("口令"), "{no_token}");
    assert_eq!(refused(&head(TOKEN, "\r\nContent-Encoding: br"), b"x"), 415);
    assert_eq!(refused(&head(TOKEN, ""), &vec![b' '; (10 << 20) + 1]), 413);
    let bomb = gzip(&" ".repeat((10 << 20) + 1));
    assert_eq!(refused(&head(TOKEN, "\r\nContent-Encoding: gzip"), &bomb), 413);
    assert_eq!(refused("GET /api/v1/posts HTTP/1.1", b""), 405);
    assert_eq!(refused("GET /api/v1/nothing HTTP/1.1", b""), 404);
    assert_eq!(refused("GET /search HTTP/1.1", b""), 404, "no pages for other machines");
    assert_eq!(refused("GET /healthz HTTP/1.1", b""), 200);

    let pause = house.guanlan(&["source", "pause", "hotline", "--reason", "维护"]);
    assert_eq!(code(&pause), 0, "{}", said(&pause));
    let (status, _, paused) = call(port, &head(TOKEN, ""), b"{\"id\":\"a3\",\"title\":\"x\"}\n");
    assert_eq!((status, &paused["type"]), (403, &"/api#paused".into()), "{paused}");

    eventually("the posts to be searchable", || (house.total("停水") == 2).then_some(()));
    assert_eq!(house.total("张三"), 0);
    assert_eq!(program.stop(), Some(0));
    assert_eq!(house.stored(), (3, 2));
    assert!(!program.said.join("\n").contains(TOKEN), "a token in the log");
}

#[test]
fn what_was_acknowledged_survives_a_power_cut() {
    let port = free_port();
    let house = house(port);
    let mut acknowledged = 0;
    for round in 0..5 {
        let mut program = house.run(CLOCK);
        for batch in 0..4 {
            let line = |number: i32| {
                format!(
                    "{{\"id\":\"{round}-{batch}-{number}\",\"time\":\"2026-11-24 09:30\",\"title\":\"停水断电测试\"}}\n"
                )
            };
            let body: String = (0..50).map(line).collect();
            let (status, _, answer) = call(port, &head(TOKEN, ""), body.as_bytes());
            assert_eq!((status, &answer["stored"]), (200, &50.into()), "{answer}");
            acknowledged += 50;
        }
        program.kill();
    }
    assert_eq!(house.stored(), (acknowledged, acknowledged));
}

#[test]
fn a_token_file_that_is_missing_stops_the_start_and_is_found_by_check() {
    let house = house(free_port());
    std::fs::remove_file(house.path().join("hotline.token")).unwrap();
    let checked = house.guanlan(&["check"]);
    let text = String::from_utf8_lossy(&checked.stdout).into_owned() + &said(&checked);
    assert!(text.contains("hotline.token"), "{text}");
}

const COUNTS: &str = "fedcba9876543210fedcba9876543210";

/// An installation whose hotline only counts: two weeks of days in a file, and a token for corrections.
fn counting(port: u16) -> Installation {
    let mut house = Installation::new();
    let token = house.write("counts.token", COUNTS);
    let days: String =
        (9..=22).map(|day| format!("2026-11-{day:02},供水,20\n2026-11-{day:02},噪音,7\n")).collect();
    let path = house.write("calls/november.csv", format!("day,category,count\n{days}"));
    let folder = std::path::Path::new(&path).parent().unwrap().display();
    house.add(&format!(
        "[api]\nlisten = \"127.0.0.1:{port}\"\n\
         [[source]]\nid = \"calls\"\nkind = \"counts\"\npath = \"{folder}/*.csv\"\n\
         token_file = \"{token}\"\nconcerns = {{ \"供水\" = \"water\" }}\n"
    ));
    house
}

#[test]
fn a_hotlines_daily_counts_raise_an_alert_when_they_are_many_and_survive_a_restart() {
    let port = free_port();
    let house = counting(port);
    let tested = stdout(&house.guanlan(&["source", "test", "calls"]));
    assert!(tested.contains("28 个计数") && tested.contains("噪音"), "{tested}");
    let head =
        format!("POST /api/v1/counts HTTP/1.1\r\nAuthorization: Bearer {COUNTS}\r\nContent-Type: text/csv");
    let mut program = house.run("2026-11-24T08:00:00+08:00x600");
    let (status, _, first) = call(port, &head, "day,category,count\n2026-11-23,供水,25\n".as_bytes());
    assert_eq!((status, &first["stored"]), (200, &1.into()), "{first}");
    let (_, _, corrected) =
        call(port, &head, "day,category,count\n2026-11-23,供水,120\n2026-11-23,噪音,8\n坏\n".as_bytes());
    assert_eq!((&corrected["corrected"], &corrected["stored"]), (&1.into(), &1.into()), "{corrected}");
    assert_eq!(
        (&corrected["rejected_count"], corrected["left_out"].as_array().unwrap().len()),
        (&1.into(), 1)
    );
    let wrong_door = format!(
        "POST /api/v1/posts HTTP/1.1\r\nAuthorization: Bearer {COUNTS}\r\nContent-Type: application/json"
    );
    assert_eq!(call(port, &wrong_door, b"{}").0, 401);
    let alerted = || stdout(&house.guanlan(&["alert", "list"])).contains("供水").then_some(());
    eventually("an alert about the calls", alerted);
    program.kill();
    let mut program = house.run("2026-11-24T10:00:00+08:00x600");
    let (_, _, again) = call(port, &head, "day,category,count\n2026-11-23,供水,120\n".as_bytes());
    assert_eq!(&again["duplicates"], 1, "{again}");
    assert_eq!(program.stop(), Some(0));
}
