//! The days of a running installation: commands beside it, digests, a source that goes and comes back.

use std::time::Duration;

use serde_json::{Value, json};

use crate::feed_to_mail::{BEGIN, history};
use crate::support::{
    Answer, Crowd, Installation, Mailbox, Site, code, eventually, numbers, page, said, stdout,
};

#[test]
fn commands_write_through_the_running_program() {
    let mailbox = Mailbox::start();
    let mut house = Installation::mailing(mailbox.port);
    let port = house.serve();
    history(&house, "bbs", 7);
    let mut program = house.run(&format!("{BEGIN}x120"));

    // A rise of the last hour, brought in while the program holds the folder.
    let mut crowd = Crowd::new(11);
    let (mut posts, mut seen) = (String::new(), String::new());
    for minute in 0..60 {
        for second in ["05", "35"] {
            let title = crowd.about("停水 经由套接字");
            let time = format!("2025-11-24T09:{minute:02}:{second}+08:00");
            let id = format!("{minute}-{second}");
            posts.push_str(&json!({ "id": id, "source": "bbs", "time": time, "title": title }).to_string());
            posts.push('\n');
        }
        if minute % 10 == 0 {
            seen.push_str(&format!("{{\"ts\": \"2025-11-24T10:{minute}:00+08:00\", \"source\": \"bbs\"}}\n"));
            seen.push_str(&format!("{{\"ts\": \"2025-11-24T11:{minute}:00+08:00\", \"source\": \"bbs\"}}\n"));
        }
    }
    let seen = house.write("seen.jsonl", seen.replace(":0:", ":00:"));
    let posts = house.write("rise.jsonl", posts);
    let import = house.guanlan(&["import", &posts, "--heartbeats", &seen, "--json"]);
    assert_eq!(numbers(&import), (120, 0, 0), "{}", said(&import));
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(house.total("经由套接字"), 120, "searchable two seconds after they were stored");

    let raised = eventually("an alert mail", || mailbox.alerts().pop());
    let id = raised.alert.unwrap();
    let ack = house.guanlan(&["alert", "ack", &id, "--by", "值班员"]);
    assert_eq!(code(&ack), 0, "{}", said(&ack));
    let shown = house.guanlan(&["alert", "show", &id, "--json"]);
    let alert: Value = serde_json::from_str(&stdout(&shown)).unwrap();
    assert_eq!(alert["state"], "acknowledged", "{alert}");
    let ways = alert["deliveries"].as_array().unwrap();
    assert!(
        ways.iter().any(|way| way["state"] == "sent" && way["attempts"][0]["result"] == "sent"),
        "{alert}"
    );
    assert!(ways.iter().all(|way| way["recipient"].as_str().unwrap().contains("***@")), "{alert}");
    let file = house.write("report.docx", String::new());
    let report = house.guanlan(&["report", alert["concern"].as_str().unwrap(), "--docx", &file]);
    assert_eq!(code(&report), 0, "{}", said(&report));
    assert!(std::fs::read(&file).unwrap().starts_with(b"PK"), "a Word file is a ZIP");
    // Programs read the same.
    let read = |path: &str| -> Value { serde_json::from_str(&page(port, path)).unwrap() };
    let listed = read("/api/v1/alerts?open=true");
    assert_eq!((&listed["schema"], &listed["alerts"][0]["id"]), (&"guanlan.alerts/1".into(), &json!(id)));
    let told = read(&format!("/api/v1/alerts/{id}"));
    assert_eq!(
        (&told["alert"]["state"], &told["alert"]["held_by"]),
        (&json!("acknowledged"), &json!("值班员"))
    );
    assert!(told["alert"]["seconds_left"].as_i64().unwrap() > 0, "{told}");
    assert!(told["alert"]["stamps"]["acknowledged"].is_string(), "{told}");
    assert!(told["explanation"].is_object() && told["events"][0]["what"]["event"] == "raised", "{told}");
    assert!(read("/api/v1/alerts?since=2025-11-25T00:00:00Z")["alerts"].as_array().unwrap().is_empty());
    assert!(read("/api/v1/alerts/20200101-09")["error"].is_string());
    let record = &read("/api/v1/record")["records"][0];
    assert_eq!((&record["month"], &record["pending"]), (&json!("2025-11-01"), &json!(1)), "{record}");
    let unknown = house.guanlan(&["alert", "ack", "20200101-09", "--by", "值班员"]);
    assert_ne!(code(&unknown), 0, "an alert that is not there");

    let send = ["digest", "--send", "--date", "2025-11-23"];
    for _ in 0..2 {
        let sent = house.guanlan(&send);
        assert_eq!(code(&sent), 0, "{}", said(&sent));
    }
    let day = || mailbox.mails().iter().filter(|mail| mail.digest.as_deref() == Some("2025-11-23")).count();
    eventually("the digest asked for", || (day() > 0).then_some(()));
    let status = house.guanlan(&["status"]);
    assert!(stdout(&status).contains(&id) || stdout(&status).contains("1124-01"), "{}", stdout(&status));
    assert_eq!(program.stop(), Some(0));
    assert_eq!(day(), 1, "asked twice, sent once");
}

#[test]
fn a_digest_that_was_read_tells_what_came_late_when_it_is_read_again() {
    let mut house = Installation::new();
    let port = house.serve();
    history(&house, "bbs", 3);
    let mut program = house.run(BEGIN);
    let concerns = || -> Value {
        let digest: Value = serde_json::from_str(&page(port, "/api/v1/digests/2025-11-24")).unwrap();
        assert_eq!(digest["day"], "2025-11-24", "{digest}");
        digest["concerns"].clone()
    };
    let before = concerns();
    assert_eq!(concerns(), before);
    let mut crowd = Crowd::new(12);
    let post = |minute: i32| {
        let (title, time) = (crowd.about("停水"), format!("2025-11-23T15:{minute:02}:00+08:00"));
        json!({ "id": format!("late-{minute}"), "source": "bbs", "time": time, "title": title }).to_string()
    };
    let late: Vec<String> = (0..40).map(post).collect();
    let late = house.write("late.jsonl", late.join("\n") + "\n");
    assert_eq!(numbers(&house.guanlan(&["import", &late, "--json"])), (40, 0, 0));
    eventually("a digest with the late posts", || (concerns() != before).then_some(()));
    assert_eq!(program.stop(), Some(0));
}

#[test]
fn a_digest_goes_out_once_a_day_whatever_restarts_happen() {
    let mailbox = Mailbox::start();
    let house = Installation::mailing(mailbox.port);
    let day = |day: &str| mailbox.mails().iter().filter(|mail| mail.digest.as_deref() == Some(day)).count();

    // Two minutes before the hour nothing is sent yet; then it is.
    let mut program = house.run("2025-11-24T08:28:00+08:00x60");
    assert_eq!(day("2025-11-24"), 0);
    eventually("the digest of the 24th", || (day("2025-11-24") > 0).then_some(()));
    // Between a mail and its record a crash may send it once more: here the record is awaited.
    eventually("its record", || (waiting(&house) == 0).then_some(()));
    program.kill();
    for clock in ["2025-11-24T08:29:50+08:00x60", "2025-11-24T12:00:00+08:00", "2025-11-24T23:00:00+08:00"] {
        let mut program = house.run(clock);
        // Several beats: a second mail would have left by then.
        std::thread::sleep(Duration::from_secs(2));
        assert_eq!(program.stop(), Some(0));
    }
    let mut program = house.run("2025-11-25T08:20:00+08:00x600");
    eventually("the digest of the 25th", || (day("2025-11-25") > 0).then_some(()));
    assert_eq!(program.stop(), Some(0));
    assert_eq!((day("2025-11-24"), day("2025-11-25")), (1, 1));
}

/// Mails that are not known to have left.
fn waiting(house: &Installation) -> i64 {
    let path = house.data().join("alerts.db");
    let reading = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    let alerts = rusqlite::Connection::open_with_flags(path, reading).unwrap();
    let count = "SELECT count(*) FROM outbox WHERE state = 'waiting'";
    alerts.query_row(count, [], |row| row.get(0)).unwrap()
}

#[test]
fn a_source_that_stops_is_told_once_and_once_when_it_is_back() {
    let (site, mailbox) = (Site::start(), Mailbox::start());
    let mut house = Installation::mailing(mailbox.port);
    house.add_feed("bbs", &site.url("/bbs.xml"), "10m");
    let answers =
        Answer::page("application/rss+xml", "<rss><channel><item><title>停水</title></item></channel></rss>");
    site.set("/bbs.xml", answers.clone());
    let told = || -> Vec<String> {
        let mails = mailbox.mails();
        let to_administrator = mails.iter().filter(|mail| mail.to == ["admin@qinglan.example"]);
        to_administrator
            .filter(|mail| !mail.subject.contains("平安报"))
            .map(|mail| mail.subject.clone())
            .collect()
    };
    let mut program = house.run(&format!("{BEGIN}x600"));
    eventually("the source was read", || (house.stored().0 == 1).then_some(()));
    site.set("/bbs.xml", Answer { status: 500, headers: vec![], body: b"broken".to_vec() });
    eventually("a notice that it stopped", || (!told().is_empty()).then_some(()));
    assert_eq!(told().len(), 1);
    // Some more failures: nobody is told again.
    let asked = site.asked().len();
    eventually("it is tried again", || (site.asked().len() >= asked + 2).then_some(()));
    assert_eq!(told().len(), 1, "told again: {:?}", told());
    site.set("/bbs.xml", answers);
    eventually("a notice that it is back", || (told().len() == 2).then_some(()));
    assert_eq!(program.stop(), Some(0));
    let subjects = told();
    assert_ne!(subjects[0], subjects[1], "{subjects:?}");
    assert!(subjects.iter().all(|subject| subject.contains("bbs")), "{subjects:?}");
}
