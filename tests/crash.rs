//! Power cuts and orderly stops at any moment: no post lost, none twice, every mail at least once.

use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::Write;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::feed_to_mail::{BEGIN, SPEED, history};
use crate::support::{Answer, Crowd, Installation, Mailbox, Site, eventually};

/// What is written while the program dies and comes back: a file that grows and a feed.
struct Writing {
    began: Instant,
    crowd: Crowd,
    inbox: std::fs::File,
    items: String,
    written: usize,
}

impl Writing {
    fn new(house: &Installation) -> Writing {
        let path = house.write("inbox/posts.jsonl", "");
        Writing {
            began: Instant::now(),
            crowd: Crowd::new(99),
            inbox: OpenOptions::new().append(true).open(path).unwrap(),
            items: String::new(),
            written: 0,
        }
    }

    /// Simulated time since the first start.
    fn passed(&self) -> SignedDuration {
        SignedDuration::from_secs((self.began.elapsed().as_secs_f64() * SPEED) as i64)
    }

    /// The clock to start with now, so that time goes on over a restart.
    fn clock(&self) -> String {
        format!("{}x{SPEED}", BEGIN.parse::<Timestamp>().unwrap() + self.passed())
    }

    /// Writes so many posts: every other one into the feed, until that is as long as feeds are.
    fn write(&mut self, count: usize, site: &Site) {
        for _ in 0..count {
            let (number, title) = (self.written, self.crowd.about("停水 崩溃测试"));
            self.written += 1;
            if number % 2 == 0 || number > 1_000 {
                let at = BEGIN.parse::<Timestamp>().unwrap() + self.passed() - SignedDuration::from_mins(10);
                let post = json!({ "id": number, "time": at.to_string(), "title": title });
                writeln!(self.inbox, "{post}").unwrap();
            } else {
                self.items.push_str(&format!("<item><guid>{number}</guid><title>{title}</title></item>"));
            }
        }
        self.inbox.flush().unwrap();
        let page = format!("<rss version=\"2.0\"><channel>{}</channel></rss>", self.items);
        site.set("/bbs.xml", Answer::page("application/rss+xml; charset=utf-8", page));
    }
}

/// An installation with a watched folder and a feed, and a week of history.
fn house(mailbox: &Mailbox, site: &Site) -> Installation {
    let mut house = Installation::mailing(mailbox.port);
    house.add_feed("bbs", &site.url("/bbs.xml"), "5m");
    house.add(&format!(
        "[[source]]\nid = \"inbox\"\nkind = \"jsonl\"\npath = \"{}/inbox/*.jsonl\"\nevery = \"5m\"\n",
        house.path().display()
    ));
    history(&house, "bbs", 7);
    house
}

#[test]
fn killed_at_twenty_points_it_loses_nothing_and_doubles_nothing() {
    let (site, mut mailbox) = (Site::start(), Mailbox::start());
    let house = house(&mailbox, &site);
    let before = house.stored().0;
    let mut chance = Crowd::new(20);
    let mut writing = Writing::new(&house);
    for round in 0..20 {
        // The mail server has its bad moments too: takes a mail without saying so, and goes away.
        match round {
            0 | 6 => mailbox.tell("vanish"),
            8 => mailbox.tell("down"),
            12 => mailbox.tell("up"),
            _ => {}
        }
        let mut program = house.start(&writing.clock());
        let end = Instant::now() + Duration::from_millis(200 + chance.below(1_600));
        while Instant::now() < end {
            writing.write(4, &site);
            std::thread::sleep(Duration::from_millis(60));
        }
        program.kill();
    }
    let written = writing.written as i64;
    let mut program = house.run(&writing.clock());
    all_searchable(&house, written);
    eventually("every mail has left", || queued(&house).is_subset(&received(&mailbox)).then_some(()));
    assert_eq!(program.stop(), Some(0));

    assert_eq!(house.stored(), (before + written, before + written));
    assert_eq!(house.total("崩溃测试"), written as u64, "none twice in the index");
    let queued = queued(&house);
    assert!(mailbox.mails().len() > queued.len(), "the mail that got no answer was sent again");
    assert!(!mailbox.alerts().is_empty(), "a rise of that size is told");
    assert_eq!(received(&mailbox), queued, "what came twice came under the same Message-ID");
    let alerts: BTreeSet<_> = mailbox.alerts().iter().map(|mail| mail.alert.clone()).collect();
    assert_eq!(alerts.len(), 1, "one rise, one alert, however often it was seen again: {alerts:?}");
}

/// Waits until everything written can be found.
fn all_searchable(house: &Installation, written: i64) {
    let what = format!("{written} posts to be searchable");
    eventually(&what, || (house.total("崩溃测试") >= written as u64).then_some(()));
}

/// Ids of the mails of the outbox.
fn queued(house: &Installation) -> BTreeSet<String> {
    let path = house.data().join("alerts.db");
    let journal =
        rusqlite::Connection::open_with_flags(path, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let mut select = journal.prepare("SELECT message FROM outbox").unwrap();
    let rows = select.query_map([], |row| row.get::<_, String>(0)).unwrap();
    rows.map(|id| id.unwrap().trim_matches(['<', '>']).to_owned()).collect()
}

fn received(mailbox: &Mailbox) -> BTreeSet<String> {
    mailbox.mails().into_iter().map(|mail| mail.id).collect()
}

#[test]
fn stopped_in_mid_crawl_it_ends_well_and_goes_on_where_it_was() {
    let (site, mailbox) = (Site::start(), Mailbox::start());
    let house = house(&mailbox, &site);
    let before = house.stored().0;
    let mut chance = Crowd::new(5);
    let mut writing = Writing::new(&house);
    for _ in 0..4 {
        // More than one batch, so that the stop falls into the middle of it.
        writing.write(3_000, &site);
        let mut program = house.run(&writing.clock());
        std::thread::sleep(Duration::from_millis(chance.below(400)));
        assert_eq!(program.stop(), Some(0), "{}", program.said.join("\n"));
    }
    let written = writing.written as i64;
    let mut program = house.run(&writing.clock());
    all_searchable(&house, written);
    assert_eq!(program.stop(), Some(0));
    assert_eq!(house.stored(), (before + written, before + written));
    assert_eq!(house.total("崩溃测试"), written as u64);
}
