//! The desk with a real file, a real journal and mails kept in memory or written into a folder.

use analyzer::level::{Level, Needs};
use analyzer::signal::{Calm, Expected, Observed, Span, Window};
use jiff::SignedDuration;
use jiff::tz::TimeZone;

use super::*;
use crate::mail::{Mailbag, Mailer};
use crate::message::Language;

pub(crate) fn concern(name: &str) -> Concern {
    Concern {
        id: name.to_owned(),
        name: name.to_owned(),
        name_en: None,
        department: Some("市卫健委".to_owned()),
        words: vec![name.to_owned()],
        not: Vec::new(),
        scope: analyzer::concern::Scope::All,
        asks: Vec::new(),
        advice: None,
        reply_within: None,
        max_level: None,
        needs: Needs::default(),
        replies: Vec::new(),
        min_voices: 5,
    }
}

pub(crate) fn site() -> Site {
    Site {
        org: "青岚市".to_owned(),
        public_url: None,
        zone: TimeZone::get("Asia/Shanghai").unwrap(),
        language: Language::Chinese,
        demo: false,
    }
}

pub(crate) fn policy() -> Policy {
    let mut policy = Policy { host: "guanlan.example".to_owned(), ..Policy::default() };
    policy.from = "青岚网络关切值守 <guanlan@qinglan.example>".to_owned();
    let mut group = |name: &str, addresses: &[&str]| {
        let addresses = addresses.iter().map(|address| (*address).to_owned()).collect();
        policy.people.insert(name.to_owned(), addresses);
    };
    group("值班室", &["duty@qinglan.example"]);
    group("市卫健委", &["health@qinglan.example"]);
    group("宣传部", &["info@qinglan.example"]);
    policy
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A signal of one concern: `level` as the counts justify it, inside the band where there is none.
pub(crate) fn signal(concern: &str, time: Timestamp, level: Option<Level>) -> Signal {
    Signal {
        concern: concern.to_owned(),
        at: time,
        level: level.ok_or(Calm::Usual),
        score: if level.is_some() { 1.5 } else { 0.2 },
        window: Window::HalfHour,
        span: Span::Hour,
        observed: Observed { posts: 219, copies: 12, voices: 180, sources: 4 },
        expected: Expected { mean: 43.0, low: 23.0, high: 66.0 },
        ratio: 5.1,
        onset: level.map(|_| time),
        in_band: level.is_none(),
        coverage: 1.0,
        once_in_weeks: None,
    }
}

/// A desk in its own folder, with a clock that only signals move.
pub(crate) struct Room {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) desk: Desk,
    pub(crate) now: Timestamp,
}

impl Room {
    pub(crate) fn new() -> Room {
        Room::with(policy())
    }

    pub(crate) fn with(policy: Policy) -> Room {
        let dir = tempfile::tempdir().unwrap();
        let concerns = vec![concern("数据公布"), concern("供水水质")];
        let desk = Desk::open(dir.path(), policy, concerns, site()).unwrap();
        Room { dir, desk, now: at("2026-11-24T05:10:00Z") }
    }

    /// The next bucket's signal of 数据公布.
    pub(crate) fn next(&mut self, level: Option<Level>) -> Vec<AlertId> {
        self.now += SignedDuration::from_mins(10);
        let signal = signal("数据公布", self.now, level);
        self.desk.take(&[signal], &mut |_| Explanation::default(), self.now).unwrap()
    }

    pub(crate) fn reopen(self) -> Room {
        let Room { dir, desk, now } = self;
        let (policy, concerns, site) =
            (desk.policy.clone(), desk.concerns.values().cloned().collect(), desk.site.clone());
        drop(desk);
        let desk = Desk::open(dir.path(), policy, concerns, site).unwrap();
        Room { dir, desk, now }
    }

    pub(crate) fn alert(&self) -> Alert {
        self.desk.alerts(Filter::All).unwrap().pop().unwrap()
    }

    /// Delivers what is due into memory: file names and recipients.
    pub(crate) fn delivered(&mut self) -> Vec<String> {
        let bag = Mailbag::default();
        self.desk.deliver(&Mailer::Memory(bag.clone()), self.now).unwrap();
        bag.mails().iter().map(|mail| format!("{} {}", mail.file, mail.recipient)).collect()
    }
}

#[test]
fn a_rise_is_raised_once_and_mailed_to_the_groups_of_its_level() {
    let mut room = Room::new();
    assert_eq!(room.next(None), []);
    let raised = room.next(Some(Level::Orange));
    assert_eq!(raised.iter().map(AlertId::to_string).collect::<Vec<_>>(), ["20261124-01"]);
    assert_eq!(room.next(Some(Level::Orange)), []);
    let mails = room.delivered();
    let expected = [
        "1124-01.orange duty@qinglan.example",
        "1124-01.orange.2 health@qinglan.example",
        "1124-01.orange.3 info@qinglan.example",
    ];
    assert_eq!(mails, expected);
    assert_eq!(room.delivered(), [""; 0]);
    assert_eq!(room.alert(), room.desk.latest["数据公布"].alert);
}
