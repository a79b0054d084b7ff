//! A drill with a real mail server: an invented rise, a mail with a button, an answer, a report.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Stdio;

use serde_json::Value;

use crate::support::{Installation, Mail, Mailbox, code, command, eventually, free_port, guanlan, said};

/// Asks for a page; returns its status and its text.
fn ask(port: u16, request: &str, body: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let kind = "Content-Type: application/x-www-form-urlencoded";
    let head = format!(
        "{request} HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: http://127.0.0.1\r\n{kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    (status, answer)
}

#[test]
fn a_drill_is_mailed_taken_answered_and_reported() {
    let mailbox = Mailbox::start();
    let mut house = Installation::mailing(mailbox.port);
    house.add("[response]\nred = \"5h\"\n");
    let port = free_port();
    let config = house.path().join("guanlan.toml").display().to_string();
    let folder = house.path().join("drill");
    let (dir, data) = (folder.display().to_string(), folder.join("data").display().to_string());
    let (listen, link) = (format!("127.0.0.1:{port}"), format!("http://127.0.0.1:{port}"));
    let clock = "2026-11-24T10:00:00+08:00x600";
    let mut drill = command(&[
        "--config", &config, "--json", "drill", "water", "--dir", &dir, "--listen", &listen, "--link", &link,
        "--for", "6h", "--clock", clock,
    ]);
    let drill = drill.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();

    let has_button = |mail: &Mail| mail.text.contains("/claim?k=");
    let mail = eventually("a mail with a button", || mailbox.mails().into_iter().find(has_button));
    assert!(mail.subject.starts_with("【演练】"), "{}", mail.subject);
    let id = mail.alert.clone().unwrap();
    let line = mail.text.lines().find(|line| line.contains("/claim?k=")).unwrap();
    let path = line.split_once(&link).unwrap().1.trim();
    // A scanner follows the link, and nothing happens.
    let (status, page) = ask(port, &format!("GET {path}"), "");
    assert!(status == 200 && page.contains("演练") && page.contains("<form"), "{page}");
    let state = || -> Value {
        let shown = guanlan(&["--config", &config, "--data-dir", &data, "--json", "alert", "show", &id]);
        assert_eq!(code(&shown), 0, "{}", said(&shown));
        serde_json::from_slice(&shown.stdout).unwrap()
    };
    assert_eq!(state()["state"], "firing");
    let (action, token) = path.split_once("?k=").unwrap();
    assert_eq!(ask(port, &format!("POST {action}"), "k=AAAA").0, 403);
    for _ in 0..2 {
        let (status, page) = ask(port, &format!("POST {action}"), &format!("k={token}"));
        assert!(status == 200 && page.contains("已由值班室"), "{page}");
    }
    assert_eq!(state()["state"], "acknowledged");
    // An answer to an earlier level would not be enough.
    eventually("the highest level", || {
        mailbox.mails().iter().find(|mail| mail.subject.contains("橙色·Ⅱ级")).map(drop)
    });
    let run =
        |arguments: &[&str]| guanlan(&[&["--config", &config, "--data-dir", &data], arguments].concat());
    let respond = ["alert", "respond", &id, "--by", "市水务局"];
    let unshown = run(&respond);
    assert!(code(&unshown) == 2 && said(&unshown).contains("--spoken"), "{}", said(&unshown));
    let answered = run(&[&respond[..], &["--spoken"]].concat());
    assert_eq!(code(&answered), 0, "{}", said(&answered));
    eventually("that it was answered is told", || {
        mailbox.mails().iter().find(|mail| mail.text.contains("已回应，计时停止")).map(drop)
    });

    // By then the posts have thinned out, or the time is over.
    let ended = drill.wait_with_output().unwrap();
    assert_eq!(code(&ended), 0, "{}", said(&ended));
    let report: Value = serde_json::from_slice(&ended.stdout).unwrap();
    let course = report.as_array().unwrap().iter().find(|course| course["id"] == id.as_str()).unwrap();
    assert_eq!((&course["taken_by"], &course["answered_by"]), (&"值班室".into(), &"市水务局".into()));
    assert_eq!(course["in_time"], true, "{course}");
    assert!(course["stamps"]["mailed"].is_string() && course["stamps"]["first_post"].is_string(), "{course}");
    // The real data folder was not touched, and a second drill does not overwrite the first.
    assert!(!house.data().join("alerts.db").exists());
    let again = guanlan(&["--config", &config, "drill", "water", "--dir", &dir]);
    assert_eq!(code(&again), 2, "{}", said(&again));
    let wrong = guanlan(&["--config", &config, "drill", "earthquake", "--dir", &dir]);
    assert!(code(&wrong) == 2 && said(&wrong).contains("returnees"), "{}", said(&wrong));
}
