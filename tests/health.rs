//! What the administrator hears of sources, and a source that was told to rest.

use std::path::Path;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::feed_to_mail::BEGIN;
use crate::support::{Answer, Browser, Installation, Site, code, eventually, said, stdout};

pub(crate) fn feed(guids: std::ops::Range<usize>) -> Answer {
    let items: String =
        guids.map(|n| format!("<item><guid>{n}</guid><title>第{n}号通知</title></item>")).collect();
    Answer::page("application/rss+xml; charset=utf-8", format!("<rss><channel>{items}</channel></rss>"))
}

/// The notices written so far, as the titles of their HTML.
pub(crate) fn notices(outbox: &Path) -> String {
    let entries = std::fs::read_dir(outbox).into_iter().flatten().flatten();
    let named = entries.filter(|entry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        name.starts_with("notice-") && name.ends_with(".html")
    });
    named.map(|entry| std::fs::read_to_string(entry.path()).unwrap_or_default()).collect()
}

fn state(house: &Installation, id: &str) -> String {
    let listed = stdout(&house.guanlan(&["source", "list", "--json"]));
    let lines = listed.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let source = { lines }.find(|line| line["id"] == id).expect("it is listed");
    source["state"].as_str().unwrap().to_owned()
}

#[test]
fn a_source_that_falls_silent_and_one_that_refuses_are_told_once_and_so_is_their_return() {
    let site = Site::start();
    let mut house = Installation::new();
    house.add_feed("bbs", &site.url("/bbs.xml"), "30m");
    house.add_feed("shut", &site.url("/shut.xml"), "30m");
    site.set("/bbs.xml", feed(0..1));
    site.set("/shut.xml", Answer { status: 403, headers: Vec::new(), body: Vec::new() });
    let port = house.serve();
    let mut program = house.run(&format!("{BEGIN}x10000"));
    // Four days with new posts every few hours, then none.
    for round in 2..50 {
        site.set("/bbs.xml", feed(0..round));
        std::thread::sleep(Duration::from_millis(750));
    }
    let outbox = house.data().join("outbox");
    let told = |what: &str| {
        eventually(what, || notices(&outbox).contains(what).then_some(()));
        assert_eq!(notices(&outbox).matches(&format!("<title>{what}")).count(), 1, "{what}");
    };
    told("信源拒绝采集：shut");
    // The other one brings posts all the same: one that has never worked counts as late everywhere.
    let browser = Browser::new(port);
    let read = |path: &str| serde_json::from_str::<Value>(&browser.get(path).body).unwrap();
    let listed = read("/api/v1/sources");
    let shut = listed["sources"].as_array().unwrap().iter().find(|source| source["id"] == "shut").unwrap();
    assert!(shut["late_minutes"].as_u64() > Some(60) && shut["last_success"].is_null(), "{shut}");
    assert!(read("/api/v1/health")["sources_late"].as_u64() >= Some(1));
    let overview = browser.get("/").body;
    assert!(overview.contains(" 个延迟") && overview.contains("<b>! shut</b>"), "{overview}");
    told("信源无新帖：bbs");
    site.set("/bbs.xml", feed(0..99));
    site.set("/shut.xml", feed(100..110));
    told("信源又有新帖：bbs");
    told("信源恢复：shut");
    assert_eq!(program.stop(), Some(0));
}

#[test]
fn a_paused_source_is_left_alone_over_a_restart_until_it_is_resumed() {
    let site = Site::start();
    let mut house = Installation::new();
    house.add_feed("bbs", &site.url("/bbs.xml"), "10m");
    site.set("/bbs.xml", feed(0..3));
    // Nobody runs: the command writes itself.
    let paused = house.guanlan(&["source", "pause", "bbs", "--reason", "网站改版"]);
    assert_eq!(code(&paused), 0, "{}", said(&paused));
    assert_eq!(state(&house, "bbs"), "paused");
    assert!(stdout(&house.guanlan(&["source", "list"])).contains("网站改版"));
    // It is not late: it was told to rest, and why.
    let status = house.guanlan(&["status"]);
    let line = stdout(&status).lines().find(|line| line.contains("bbs")).unwrap().to_owned();
    assert!(line.contains("‖ bbs") && line.contains("起暂停，到恢复为止（网站改版）"), "{line}");
    assert_eq!(code(&status), 0, "{}", stdout(&status));
    let examined = stdout(&house.guanlan(&["doctor"]));
    assert!(examined.contains("1 个暂停") && !examined.contains("个正常"), "{examined}");
    let begin: Timestamp = BEGIN.parse().unwrap();
    let mut program = house.run(&format!("{begin}x600"));
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(house.stored().0, 0);
    // Somebody runs: the command asks.
    let resumed = house.guanlan(&["source", "resume", "bbs"]);
    assert_eq!(code(&resumed), 0, "{}", said(&resumed));
    eventually("the source is read", || (house.stored().0 == 3).then_some(()));
    let paused = house.guanlan(&["source", "pause", "bbs"]);
    assert_eq!(code(&paused), 0, "{}", said(&paused));
    std::thread::sleep(Duration::from_secs(1));
    site.set("/bbs.xml", feed(0..9));
    assert_eq!(program.stop(), Some(0));
    let mut program = house.run(&format!("{}x600", begin + SignedDuration::from_hours(9)));
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(house.stored().0, 3, "the pause survives a restart");
    assert_eq!(program.stop(), Some(0));
    assert_eq!(state(&house, "bbs"), "paused");
}

#[test]
fn the_doctor_names_what_is_wrong_and_changes_nothing() {
    let house = Installation::new();
    let examined = house.guanlan(&["doctor"]);
    assert_eq!(code(&examined), 1, "{}", said(&examined));
    assert!(stdout(&examined).contains("guanlan run 没有在运行"), "{}", stdout(&examined));
    assert!(!house.data().exists(), "it makes no folder");
    house.write("concerns.toml", "[[concern]]\nname = 3\n");
    let examined = house.guanlan(&["doctor", "--lang", "en"]);
    assert_eq!(code(&examined), 1);
    assert!(stdout(&examined).contains("✗ configuration"), "{}", stdout(&examined));
}
