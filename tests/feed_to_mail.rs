//! From a real feed to a real mail server: one mail on the rise, one on the next level, one at the end.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

use crate::support::{Answer, Crowd, Installation, Mail, Mailbox, PATIENCE, Program, Site, code, said};

/// When the rehearsal begins; the history ends here.
pub(crate) const BEGIN: &str = "2025-11-24T10:00:00+08:00";
/// How much faster its clock runs.
pub(crate) const SPEED: f64 = 600.0;
/// What the site's page holds at a time.
const ON_THE_PAGE: usize = 200;

/// Quiet days: ten posts an hour about water, ten about other things, and somebody looking.
pub(crate) fn history(house: &Installation, source: &str, days: i32) {
    let begin: Timestamp = BEGIN.parse().unwrap();
    let mut crowd = Crowd::new(20251124);
    let (mut posts, mut heartbeats) = (String::new(), String::new());
    for ten_minutes in 0..days * 144 {
        let at = begin - SignedDuration::from_mins(10) * (days * 144 - ten_minutes);
        heartbeats.push_str(&format!("{{\"ts\": \"{at}\", \"source\": \"{source}\"}}\n"));
        for (kind, word) in [("water", Some("停水")), ("other", None)] {
            // On average ten an hour, never the same twice running.
            let count = crowd.below(100);
            let count = [10, 45, 72, 88, 96].iter().filter(|threshold| count >= **threshold).count();
            for number in 0..count.saturating_sub(usize::from(count > 3)) {
                let at = at + SignedDuration::from_secs(crowd.below(590) as i64);
                let title = match word {
                    Some(word) => crowd.about(word),
                    None => crowd.chatter(),
                };
                posts.push_str(&format!(
                    "{{\"id\": \"{kind}-{ten_minutes}-{number}\", \"source\": \"{source}\", \
                     \"time\": \"{at}\", \"title\": \"{title}\"}}\n"
                ));
            }
        }
    }
    let posts = house.write("history.jsonl", posts);
    let heartbeats = house.write("heartbeats.jsonl", heartbeats);
    let import = house.guanlan(&["import", &posts, "--heartbeats", &heartbeats]);
    assert_eq!(code(&import), 0, "{}", said(&import));
}

/// A site on which people write, so many an hour, while a rehearsal's clock runs.
struct Town<'a> {
    site: &'a Site,
    crowd: Crowd,
    running_since: Instant,
    written_until: f64,
    /// Fractions of posts not yet written: about water, about other things.
    pending: [f64; 2],
    items: Vec<String>,
}

impl Town<'_> {
    /// Lets time pass at a rate of posts about water until the mailbox holds so many alert mails.
    fn write_until(
        &mut self,
        (posts_an_hour, mails): (f64, usize),
        mailbox: &Mailbox,
        program: &mut Program,
    ) {
        let start = Instant::now();
        while mailbox.alerts().len() < mails {
            assert!(
                start.elapsed() < PATIENCE,
                "no mail {mails} at {posts_an_hour} posts an hour; the program said {:?}",
                program.heard()
            );
            self.write(posts_an_hour);
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    fn write(&mut self, posts_an_hour: f64) {
        let now = self.running_since.elapsed().as_secs_f64() * SPEED;
        let hours = (now - self.written_until) / 3600.0;
        self.written_until = now;
        let at = BEGIN.parse::<Timestamp>().unwrap() + SignedDuration::from_secs(now as i64);
        for (kind, rate) in [posts_an_hour, 10.0].into_iter().enumerate() {
            self.pending[kind] += rate * hours;
            while self.pending[kind] >= 1.0 {
                self.pending[kind] -= 1.0;
                let title = if kind == 0 { self.crowd.about("停水") } else { self.crowd.chatter() };
                let number = self.items.len();
                let date = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_string(&at).unwrap();
                self.items.push(format!(
                    "<item><guid>live-{number}</guid><title>{title}</title><pubDate>{date}</pubDate></item>"
                ));
            }
        }
        let shown = self.items.len().saturating_sub(ON_THE_PAGE);
        let page: String = self.items[shown..].iter().rev().cloned().collect();
        let page = format!("<rss version=\"2.0\"><channel><title>论坛</title>{page}</channel></rss>");
        self.site.set("/bbs.xml", Answer::page("application/rss+xml; charset=utf-8", page));
    }
}

#[test]
fn a_rise_in_a_feed_is_mailed_once_per_step() {
    let (site, mailbox) = (Site::start(), Mailbox::start());
    let mut house = Installation::mailing(mailbox.port);
    house.add_feed("bbs", &site.url("/bbs.xml"), "10m");
    history(&house, "bbs", 29);
    site.set("/bbs.xml", Answer::page("application/rss+xml", "<rss><channel></channel></rss>"));
    let mut program = house.run(&format!("{BEGIN}x{SPEED}"));
    let mut town = Town {
        site: &site,
        crowd: Crowd::new(7),
        running_since: Instant::now(),
        written_until: 0.0,
        pending: [0.0; 2],
        items: Vec::new(),
    };
    // Under forty an hour it can only be blue, whatever the ratio; then yellow; then as usual again.
    for step in [(36.0, 1), (120.0, 2), (10.0, 3)] {
        town.write_until(step, &mailbox, &mut program);
    }
    // An hour more: nothing else may come.
    let end = Instant::now();
    while end.elapsed() < Duration::from_secs(6) {
        town.write(10.0);
        std::thread::sleep(Duration::from_millis(200));
    }
    assert_eq!(program.stop(), Some(0));
    let mails = mailbox.alerts();
    let subjects: Vec<_> = mails.iter().map(|mail| mail.subject.as_str()).collect();
    assert_eq!(mails.len(), 3, "{subjects:?}");
    check(&mails);
}

fn check(mails: &[Mail]) {
    let [raised, escalated, resolved] = mails else { panic!("three mails") };
    for mail in mails {
        assert_eq!(mail.to, ["duty@qinglan.example"], "{}", mail.subject);
        assert_eq!(mail.alert, raised.alert);
        assert!(mail.subject.contains("供水"), "{}", mail.subject);
        assert!(!mail.references.is_empty() && mail.references == raised.references, "{:?}", mail.references);
    }
    assert!(raised.id != escalated.id && escalated.id != resolved.id && raised.id != resolved.id);
    assert!(raised.subject.contains("蓝色"), "{}", raised.subject);
    assert!(escalated.subject.contains("黄色"), "{}", escalated.subject);
    // Ten an hour are usual. Blue was at thirty-six, yellow needs forty of the hundred and twenty.
    assert!((20..=40).contains(&posts(raised)), "{}", raised.subject);
    assert!((40..=125).contains(&posts(escalated)), "{}", escalated.subject);
    for mail in [raised, escalated] {
        let picture = mail.pictures.first().expect("a chart");
        assert!(picture.starts_with(b"\x89PNG") && picture.len() > 2_000, "{} bytes", picture.len());
        assert!(mail.text.contains("与预期比"), "no reasons in {}", mail.text);
    }
}

/// The number in `1 小时 36 帖`.
fn posts(mail: &Mail) -> u32 {
    let before = mail.subject.split(" 帖").next().unwrap();
    before
        .rsplit(' ')
        .next()
        .and_then(|number| number.parse().ok())
        .expect("a number of posts in the subject")
}
