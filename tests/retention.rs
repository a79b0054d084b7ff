//! Past its time a text is in no file any more, in whatever form it was kept; the counts stay.

use std::path::Path;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

use crate::feed_to_mail::{BEGIN, SPEED, history};
use crate::support::{Answer, Crowd, Installation, Site, eventually};

/// Planted in every post of the rise: a name in Latin letters and characters nobody else writes.
const MARKS: [&str; 2] = ["zqxjvk", "龘靐齉"];

#[test]
fn a_text_past_its_time_is_in_no_file_and_its_counts_stay() {
    let site = Site::start();
    let mut house = Installation::new();
    let (url, host) = (site.url("/bbs.xml"), site.url("").replace("http://", ""));
    house.add(&format!(
        "[[source]]\nid = \"bbs\"\nkind = \"rss\"\nurl = \"{url}\"\nevery = \"10m\"\ngroup = \"bbs\"\n\
         publisher = \"media\"\nallow = [\"{host}\"]\n[retention]\nposts = \"28d\"\ncounts = \"99y\"\n"
    ));
    history(&house, "bbs", 29);
    let outbox = house.data().join("outbox");
    let mut program = house.run(&format!("{BEGIN}x{SPEED}"));
    rise(&site, &outbox);
    assert_eq!(program.stop(), Some(0));
    for mark in MARKS {
        let holders = holders(&house.data(), mark);
        let holds = |part: &str| holders.iter().any(|name| name.contains(part));
        assert!(holds("posts.db") && holds("alerts.db") && holds(".html"), "{mark} lies in {holders:?}");
    }
    let counted = counts(&house);
    assert!(counted > 300, "{counted} posts counted");

    // Whatever the day of the test: the history was stored today. The site says nothing any more.
    site.set("/bbs.xml", Answer::page("application/rss+xml", "<rss><channel></channel></rss>"));
    let mut program = house.run(&format!("2099-01-01T10:00:00+08:00x{SPEED}"));
    program.wait_for("texts past their time are in no file any more");
    assert_eq!(house.total("停水"), 0);
    // Not the orderly end of a program does it.
    program.kill();
    for mark in MARKS {
        assert_eq!(holders(&house.data(), mark), Vec::<String>::new(), "{mark}");
    }
    assert_eq!(house.stored().0, 0);
    assert_eq!(counts(&house), counted);
    // That the answer is overdue was written after all that, and quotes nothing.
    let is_old = |name: &String| name.starts_with("1124-") && !name.contains("overdue");
    let left = files(&outbox).into_iter().filter(is_old).collect::<Vec<_>>();
    assert_eq!(left, Vec::<String>::new(), "mails written as files go too");
}

/// Two posts a minute by a newspaper, which may be quoted, until a mail has been written about them.
fn rise(site: &Site, outbox: &Path) {
    let (begin, running_since) = (BEGIN.parse::<Timestamp>().unwrap(), Instant::now());
    let (mut crowd, mut items, [latin, rare]) = (Crowd::new(3), Vec::new(), MARKS);
    eventually("the rise is mailed", || {
        let passed = running_since.elapsed().as_secs_f64() * SPEED;
        while (items.len() as f64) < passed / 30.0 {
            let at = begin + SignedDuration::from_secs(items.len() as i64 * 30);
            let date = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_string(&at).unwrap();
            let (number, title) = (items.len(), crowd.about("停水"));
            items.push(format!(
                "<item><guid>{latin}-{number}</guid><link>https://news.example/{latin}/{number}</link>\
                 <title>{title}，{latin}，{rare}</title><pubDate>{date}</pubDate></item>"
            ));
        }
        let page: String = items.iter().rev().take(200).cloned().collect();
        let page = format!("<rss version=\"2.0\"><channel>{page}</channel></rss>");
        site.set("/bbs.xml", Answer::page("application/rss+xml; charset=utf-8", page));
        std::thread::sleep(Duration::from_millis(150));
        files(outbox).iter().any(|name| name.starts_with("1124-01") && name.ends_with(".eml")).then_some(())
    });
}

/// Names of the files below a folder that hold a text, as it is written or as the index writes it.
fn holders(folder: &Path, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            found.extend(holders(&entry, text));
        } else if entry.is_file() {
            let bytes = std::fs::read(&entry).unwrap();
            if bytes.windows(text.len()).any(|window| window == text.as_bytes()) {
                found.push(entry.display().to_string());
            }
        }
    }
    found
}

fn files(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

/// Posts about water that counts.db knows of.
fn counts(house: &Installation) -> i64 {
    let counts = rusqlite::Connection::open_with_flags(
        house.data().join("counts.db"),
        rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY,
    );
    let query = "SELECT coalesce(sum(posts), 0) FROM counts WHERE concern = 'water'";
    counts.unwrap().query_row(query, [], |row| row.get(0)).unwrap()
}
