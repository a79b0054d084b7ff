//! The desk with a real file, a real journal and mails kept in memory or written into a folder.

use analyzer::forecast::Unforeseen;
use analyzer::level::Level;
use analyzer::signal::{Calm, Expected, Observed, Span, Window};
use jiff::SignedDuration;
use jiff::tz::TimeZone;

use super::*;
use crate::mail::{Mailbag, Mailer};
use crate::message::Language;

mod notice;
mod together;
mod week;

pub(crate) fn concern(name: &str) -> Concern {
    Concern {
        department: Some("市卫健委".to_owned()), words: vec![name.to_owned()], ..Concern::named(name)
    }
}

pub(crate) fn site() -> Site {
    Site {
        org: "青岚市".to_owned(),
        public_url: None,
        zone: TimeZone::get("Asia/Shanghai").unwrap(),
        language: Language::Chinese,
        staging: crate::staging::Staging::Real,
    }
}

pub(crate) fn policy() -> Policy {
    let mut policy = Policy { host: "guanlan.example".to_owned(), ..Policy::default() };
    policy.tell_end = Level::Red;
    policy.from = "青岚网络关切值守 <guanlan@qinglan.example>".to_owned();
    policy.tell_end = Level::Orange;
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
        forecast: Err(Unforeseen::Calm),
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

    /// What the clock alone makes due.
    pub(crate) fn remind(&mut self) -> Vec<AlertId> {
        self.desk.remind(&mut |_| None, self.now).unwrap()
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

#[test]
fn each_level_is_mailed_at_once_and_the_deadline_only_comes_nearer() {
    let mut room = Room::new();
    room.next(Some(Level::Blue));
    assert_eq!(room.delivered(), ["1124-01.blue duty@qinglan.example"]);
    let raised = room.alert();
    assert_eq!(raised.deadline.duration_since(raised.raised_at), SignedDuration::from_hours(48));
    room.next(Some(Level::Red));
    let red = room.alert();
    assert_eq!(red.deadline.duration_since(room.now), SignedDuration::from_hours(5));
    assert_eq!(room.delivered().len(), 3);
    assert_eq!((red.level, red.highest, red.state), (Level::Red, Level::Red, crate::alert::State::Firing));
}

#[test]
fn flapping_around_a_threshold_for_two_hours_sends_at_most_three_mails() {
    for period in 1..=8 {
        let mut room = Room::new();
        let mut mails = Vec::new();
        for bucket in 0..12 {
            let high = (bucket / period) % 2 == 0;
            room.next(Some(if high { Level::Yellow } else { Level::Blue }));
            mails.extend(room.delivered().into_iter().filter(|mail| mail.contains("duty@")));
        }
        assert!(mails.len() <= 3, "period {period}: {mails:?}");
        assert!(!mails.is_empty());
    }
    // In and out of the band: neither a mail nor a new alert.
    let mut room = Room::new();
    for bucket in 0..12 {
        room.next((bucket % 2 == 0).then_some(Level::Blue));
    }
    assert_eq!(room.delivered().len(), 1);
    assert_eq!(room.desk.alerts(Filter::All).unwrap().len(), 1);
}

#[test]
fn a_level_falls_only_after_the_hold_and_says_so_to_nobody() {
    let mut room = Room::new();
    room.next(Some(Level::Orange));
    room.delivered();
    let below = Some(Level::Yellow);
    assert_eq!([room.next(below), room.next(None), room.next(below)], [[]; 3]);
    assert_eq!(room.alert().level, Level::Orange);
    assert_eq!(room.next(None).len(), 1);
    assert_eq!(room.alert().level, Level::Yellow);
    assert_eq!(room.delivered(), [""; 0]);
}

#[test]
fn an_alert_closes_after_its_time_inside_the_band_and_those_told_of_a_high_one_are_told() {
    for (level, buckets) in [(Level::Yellow, 12), (Level::Orange, 36)] {
        let mut room = Room::new();
        room.next(Some(level));
        let told = room.delivered().len();
        for _ in 0..buckets {
            room.next(None);
        }
        assert!(room.alert().is_open(), "{level:?}");
        assert_eq!(room.alert().state, crate::alert::State::Subsiding);
        assert_eq!(room.next(None).len(), 1);
        assert_eq!(room.alert().closed_at, Some(room.now));
        let mails = room.delivered();
        assert_eq!(mails.len(), if level == Level::Orange { told } else { 0 });
        assert!(
            mails.iter().take(1).all(|mail| mail == "1124-01.resolved duty@qinglan.example"),
            "{mails:?}"
        );
        assert_eq!(room.next(None), []);
    }
}

#[test]
fn missing_coverage_freezes_an_alert() {
    let mut room = Room::new();
    room.next(Some(Level::Yellow));
    for _ in 0..30 {
        room.now += SignedDuration::from_mins(10);
        let dark = Signal { coverage: 0.1, ..signal("数据公布", room.now, None) };
        room.desk.take(&[dark], &mut |_| Explanation::default(), room.now).unwrap();
    }
    assert_eq!((room.alert().level, room.alert().subsiding_since), (Level::Yellow, None));
}

#[test]
fn risen_again_within_a_day_it_is_the_same_alert_and_later_another() {
    let mut room = Room::new();
    room.next(Some(Level::Blue));
    (0..13).for_each(|_| drop(room.next(None)));
    assert!(!room.alert().is_open());
    room.delivered();
    room.now += SignedDuration::from_hours(20);
    room.next(Some(Level::Blue));
    assert_eq!(room.alert().id.to_string(), "20261124-01");
    assert!(room.alert().is_open());
    assert_eq!(room.alert().deadline.duration_since(room.now), SignedDuration::from_hours(48));
    assert_eq!(room.delivered(), ["1124-01.blue.2 duty@qinglan.example"]);
    (0..13).for_each(|_| drop(room.next(None)));
    // It was no higher than before: the one mail that it rose again is all.
    assert!(!room.alert().is_open());
    assert_eq!(room.delivered(), Vec::<String>::new());
    room.now += SignedDuration::from_hours(24);
    room.next(Some(Level::Blue));
    assert_eq!(room.alert().id.to_string(), "20261126-01");
    assert_eq!(room.delivered(), ["1126-01.blue duty@qinglan.example"]);
}

#[test]
fn numbers_restart_each_local_day() {
    let mut room = Room::new();
    let mut raise = |time: &str, concern: &str| {
        let signal = signal(concern, at(time), Some(Level::Blue));
        let ids = room.desk.take(&[signal], &mut |_| Explanation::default(), at(time)).unwrap();
        ids[0].to_string()
    };
    assert_eq!(raise("2026-11-24T15:50:00Z", "数据公布"), "20261124-01");
    // 00:10 in the site's zone.
    assert_eq!(raise("2026-11-24T16:10:00Z", "供水水质"), "20261125-01");
}

#[test]
fn a_restart_changes_nothing() {
    let run = |restart: bool| {
        let mut room = Room::new();
        let mut mails = Vec::new();
        let levels =
            [Some(Level::Blue), None, Some(Level::Orange), None, None, None, None, Some(Level::Blue)];
        for level in levels.into_iter().chain([None; 40]) {
            room.next(level);
            if restart {
                room = room.reopen();
            }
            mails.extend(room.delivered());
        }
        (room.alert(), mails)
    };
    assert_eq!(run(true), run(false));
}

#[test]
fn evidence_is_kept_until_it_expires() {
    let mut room = Room::new();
    let id = room.next(Some(Level::Yellow))[0];
    let (signal, explanation) = room.desk.snapshot(id).unwrap().unwrap();
    assert_eq!((signal.at, explanation), (room.now, Explanation::default()));
    let later = room.now + SignedDuration::from_hours(24 * 91);
    // The two mails have not left: their common text stays.
    assert_eq!(room.desk.expire(later).unwrap(), 1);
    assert_eq!(room.desk.snapshot(id).unwrap(), None);
    assert_eq!(room.delivered().len(), 2);
    assert_eq!(room.desk.expire(later).unwrap(), 2);
    assert!(room.desk.alert(id).unwrap().is_some());
}

#[test]
fn a_closed_alert_is_forgotten_after_its_time_and_an_open_one_is_not() {
    let mut room = Room::new();
    let closed = room.next(Some(Level::Yellow))[0];
    while room.alert().is_open() {
        room.next(None);
    }
    room.delivered();
    let keep = room.desk.policy.keep_alerts;
    room.now += keep;
    let open = room.next(Some(Level::Yellow))[0];
    assert_ne!(open, closed);
    assert_eq!(room.desk.forget(room.alert().raised_at - SignedDuration::from_hours(24)).unwrap(), 0);
    let later = room.now + keep + SignedDuration::from_hours(1);
    room.desk.expire(later).unwrap();
    assert_eq!(room.desk.forget(later).unwrap(), 1);
    let left = room.desk.alerts(Filter::All).unwrap();
    assert_eq!(left.iter().map(|alert| alert.id).collect::<Vec<_>>(), [open]);
    // The mails of the open alert have not left yet.
    let mails = "select count(*), count(*) filter (where alert = ?) from outbox";
    let count = room
        .desk
        .journal
        .connection()
        .query_row(mails, [open.to_string()], |row| Ok((row.get::<_, u32>(0)?, row.get::<_, u32>(1)?)));
    let (all, of_open) = count.unwrap();
    assert!(all == of_open && all > 0, "{all} mails, {of_open} of the open alert");
    assert_eq!(room.reopen().alert().id, open);
}

#[test]
fn a_concern_rises_no_higher_than_it_may() {
    let mut room = Room::new();
    room.desk.concerns.get_mut("数据公布").unwrap().max_level = Some(Level::Yellow);
    room.next(Some(Level::Red));
    assert_eq!(room.alert().level, Level::Yellow);
}

#[test]
fn it_knows_after_a_restart_up_to_where_signals_were_taken() {
    let mut room = Room::new();
    assert_eq!(room.desk.place().unwrap(), None);
    room.next(None);
    assert_eq!(room.desk.place().unwrap(), None, "a rehearsal notes nothing");
    room.desk.keep_place(room.now).unwrap();
    room.next(None);
    let room = room.reopen();
    assert_eq!(room.desk.place().unwrap(), Some(room.now));
}
