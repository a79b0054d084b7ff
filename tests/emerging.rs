//! Matters that nobody configured: found, mailed, shown; a class of them muted; one made a concern and watched.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::feed_to_mail::{BEGIN, SPEED, history};
use crate::support::{
    Answer, Crowd, Installation, Mail, Mailbox, PATIENCE, Site, code, eventually, page, said, stdout,
};

/// What the fans speak of: nothing that looks like a public matter.
const FANS: [&str; 24] = [
    "舞台",
    "灯光",
    "造型",
    "合唱",
    "吉他",
    "嗓音",
    "前奏",
    "副歌",
    "签名",
    "海报",
    "应援",
    "蓝色",
    "抢到",
    "没抢到",
    "前排",
    "看台",
    "嘉宾",
    "惊喜",
    "返场",
    "泪目",
    "循环",
    "耳机",
    "下午",
    "周末",
];

/// A board on which people write while a rehearsal's clock runs.
struct Board<'a> {
    site: &'a Site,
    crowd: Crowd,
    begin: Timestamp,
    since: Instant,
    written_until: f64,
    pending: [f64; 3],
    items: Vec<String>,
}

impl Board<'_> {
    fn now(&self) -> Timestamp {
        self.begin + SignedDuration::from_secs((self.since.elapsed().as_secs_f64() * SPEED) as i64)
    }

    /// Goes on at a time, as the program's clock does.
    fn go_on(&mut self, begin: Timestamp) {
        (self.begin, self.since, self.written_until) = (begin, Instant::now(), 0.0);
    }

    /// Lets time pass at so many posts an hour about the crane and about the concert, until `look` sees it.
    fn write_until<T>(&mut self, what: &str, rates: [f64; 2], mut look: impl FnMut() -> Option<T>) -> T {
        let start = Instant::now();
        loop {
            self.write(rates);
            if let Some(found) = look() {
                return found;
            }
            assert!(start.elapsed() < PATIENCE, "it never came: {what}");
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    fn write(&mut self, [crane, concert]: [f64; 2]) {
        let now = self.since.elapsed().as_secs_f64() * SPEED;
        let hours = (now - self.written_until) / 3600.0;
        self.written_until = now;
        let date = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_string(&self.now()).unwrap();
        for (kind, rate) in [crane, concert, 10.0].into_iter().enumerate() {
            self.pending[kind] += rate * hours;
            while self.pending[kind] >= 1.0 {
                self.pending[kind] -= 1.0;
                let title = match kind {
                    0 => self.crowd.about("城东工地塔吊倾斜"),
                    1 => self.fan(),
                    _ => self.crowd.chatter(),
                };
                let number = self.items.len();
                self.items.push(format!(
                    "<item><guid>board-{number}</guid><title>{title}</title><pubDate>{date}</pubDate></item>"
                ));
            }
        }
        let shown = self.items.len().saturating_sub(200);
        let page: String = self.items[shown..].iter().rev().cloned().collect();
        let page = format!("<rss version=\"2.0\"><channel><title>论坛</title>{page}</channel></rss>");
        self.site.set("/bbs.xml", Answer::page("application/rss+xml; charset=utf-8", page));
    }

    fn fan(&mut self) -> String {
        let words: Vec<&str> = (0..9).map(|_| FANS[self.crowd.below(FANS.len() as u64) as usize]).collect();
        format!("演唱会门票秒光 {}", words.join(" "))
    }
}

/// Topic mails that speak of something.
fn told(mailbox: &Mailbox, word: &str) -> Vec<Mail> {
    let is_told = |mail: &Mail| mail.subject.contains("新话题") && mail.text.contains(word);
    mailbox.mails().into_iter().filter(is_told).collect()
}

/// The listed topic whose words are these.
fn listed(house: &Installation, word: &str) -> Option<Value> {
    let listed: Value = serde_json::from_str(&stdout(&house.guanlan(&["topic", "list", "--json"]))).ok()?;
    let speaks_of = |topic: &&Value| topic["words"].to_string().contains(word);
    listed["topics"].as_array()?.iter().find(speaks_of).cloned()
}

#[test]
fn a_matter_nobody_configured_is_mailed_shown_muted_by_class_and_becomes_a_concern() {
    let (site, mailbox) = (Site::start(), Mailbox::start());
    let mut house = Installation::mailing(mailbox.port);
    let port = house.serve();
    house.add_feed("bbs", &site.url("/bbs.xml"), "10m");
    history(&house, "bbs", 5);
    site.set("/bbs.xml", Answer::page("application/rss+xml", "<rss><channel></channel></rss>"));
    let begin: Timestamp = BEGIN.parse().unwrap();
    let (crowd, since) = (Crowd::new(5), Instant::now());
    let mut board =
        Board { site: &site, crowd, begin, since, written_until: 0.0, pending: [0.0; 3], items: Vec::new() };
    let mut program = house.run(&format!("{BEGIN}x{SPEED}"));
    board.go_on(begin);

    let mail = board.write_until("a mail about the crane", [40.0, 0.0], || told(&mailbox, "塔吊").pop());
    assert_eq!(mail.to, ["duty@qinglan.example"], "{}", mail.subject);
    let crane = listed(&house, "塔吊").expect("it is listed");
    let id = crane["id"].as_str().unwrap().to_owned();
    assert!(mail.text.contains(&format!("guanlan topic promote {id}")), "{}", mail.text);
    assert_eq!((&crane["mailed"], &crane["muted"]), (&true.into(), &false.into()), "{crane}");
    assert!(page(port, "/topics").contains(&format!("id=\"{id}\"")), "{}", page(port, "/topics"));

    // A class that is muted is listed as such and not mailed, however loud.
    let mute = house.guanlan(&["topic", "mute", "娱乐"]);
    assert_eq!(code(&mute), 0, "{}", said(&mute));
    let concert = board.write_until("the concert is listed", [40.0, 60.0], || listed(&house, "演唱会"));
    board.write_until("an hour more", [40.0, 60.0], {
        let start = Instant::now();
        move || (start.elapsed() > Duration::from_secs(6)).then_some(())
    });
    let again = listed(&house, "演唱会").unwrap_or(concert);
    assert_eq!((&again["muted"], &again["mailed"]), (&true.into(), &false.into()), "{again}");
    assert!(told(&mailbox, "演唱会").is_empty(), "{:?}", told(&mailbox, "演唱会"));
    let shown = page(port, "/topics");
    let (told_part, muted_part) = shown.split_once("<section>").expect("a part of what is muted");
    let mark = format!("id=\"{}\"", again["id"].as_str().unwrap());
    assert!(muted_part.contains(&mark) && !told_part.contains(&mark), "{shown}");
    assert_eq!(told(&mailbox, "塔吊").len(), 1, "a topic is mailed once");

    // One command makes a concern of it; the next start watches it, with its whole history.
    let promote = house.guanlan(&["topic", "promote", &id]);
    assert_eq!(code(&promote), 0, "{}", said(&promote));
    assert!(stdout(&promote).contains("塔吊"), "{}", stdout(&promote));
    let twice = house.guanlan(&["topic", "promote", &id]);
    assert_ne!(code(&twice), 0, "it is a concern already");
    assert_eq!(program.stop(), Some(0));
    assert!(mailbox.alerts().is_empty(), "nothing was watched for yet");
    let now = board.now();
    let mut program = house.run(&format!("{now}x{SPEED}"));
    board.go_on(now);
    let alert = board.write_until("an alert of the new concern", [60.0, 0.0], || mailbox.alerts().pop());
    assert!(alert.subject.contains(&id), "{}", alert.subject);
    let kept = house.guanlan(&["alert", "list", "--json"]);
    let concern = format!("topic-{}", id.to_lowercase());
    eventually("the alert in the journal", || stdout(&kept).contains(&concern).then_some(()));
    assert_eq!(program.stop(), Some(0));
}
