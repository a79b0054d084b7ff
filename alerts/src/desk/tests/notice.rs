//! From when on the time for an answer runs, and what is written once the evidence is gone.

use super::*;
use crate::action::Answer;
use crate::alert::State;
use crate::settings::{Detail, Quiet};

/// 22:30 to 06:30 for blue and yellow; it is 23:00.
fn night() -> Room {
    let mut policy = policy();
    let (from, to) = (jiff::civil::time(22, 30, 0, 0), jiff::civil::time(6, 30, 0, 0));
    policy.quiet = Some(Quiet { from, to, hold: vec![Level::Blue, Level::Yellow] });
    let mut room = Room::with(policy);
    room.now = at("2026-11-24T15:00:00Z");
    room
}

/// The texts of the mails that go out now.
fn texts(room: &mut Room) -> Vec<String> {
    let bag = Mailbag::default();
    room.desk.deliver(&Mailer::Memory(bag.clone()), room.now).unwrap();
    bag.mails().into_iter().map(|mail| mail.message.text).collect()
}

#[test]
fn the_time_for_an_answer_runs_from_the_first_notice() {
    let mut room = night();
    room.next(Some(Level::Blue));
    room.next(Some(Level::Yellow));
    room.remind();
    let held = room.alert();
    assert_eq!((held.state, held.noticed_at()), (State::Pending, None));
    room.now = at("2026-11-24T22:30:00Z");
    room.remind();
    let told = room.alert();
    assert_eq!(told.noticed_at(), Some(room.now));
    assert_eq!(told.deadline.duration_since(room.now), SignedDuration::from_hours(48));
    let sheet = texts(&mut room).remove(0);
    assert!(sheet.contains("回应时限 11月27日 06:30（首次提示起 48 小时），还剩 48 小时。"), "{sheet}");
    let told = room.desk.latest["数据公布"].alert.clone();
    assert_eq!(room.reopen().alert(), told, "the journal read back");
}

#[test]
fn whoever_takes_an_alert_before_its_mail_has_been_told_by_that() {
    let mut room = night();
    let id = room.next(Some(Level::Yellow))[0];
    room.now += SignedDuration::from_mins(50);
    let taken = room.desk.acknowledge(id, "值班室", room.now).unwrap();
    assert_eq!(taken.deadline.duration_since(room.now), SignedDuration::from_hours(48));
    let deadline = taken.deadline;
    room.now = at("2026-11-24T22:30:00Z");
    room.remind();
    assert_eq!(room.alert().deadline, deadline);
}

#[test]
fn without_evidence_people_are_written_to_all_the_same() {
    let mut room = Room::new();
    let id = room.next(Some(Level::Yellow))[0];
    room.delivered();
    room.now += SignedDuration::from_hours(200 * 24);
    assert!(room.desk.expire(room.now).unwrap() > 0);
    assert_eq!(room.desk.snapshot(id).unwrap(), None);
    let answer = Answer { by: "市卫健委".to_owned(), url: None, at: room.now };
    room.desk.acknowledge(id, "值班室", room.now).unwrap();
    room.desk.respond(id, answer, room.now).unwrap();
    room.desk.close(id, "值班室", room.now).unwrap();
    let told = texts(&mut room);
    assert_eq!(told.len(), 6, "three steps to two addresses: {told:?}");
    for (text, said) in [(&told[0], "认领"), (&told[2], "已回应"), (&told[4], "由值班室关闭")] {
        assert!(text.contains(said) && text.contains("数据和帖文已按期限删除"), "{text}");
    }
}

#[test]
fn a_call_without_evidence_or_without_anybody_to_call_is_made_once() {
    let mut room = Room::new();
    room.next(Some(Level::Orange));
    room.delivered();
    room.desk.expire(room.now + SignedDuration::from_hours(200 * 24)).unwrap();
    let mut asked = 0;
    for _ in 0..3 {
        room.now += SignedDuration::from_mins(16);
        let count = &mut asked;
        let mut none = |_: &Alert| {
            *count += 1;
            None
        };
        room.desk.remind(&mut none, room.now).unwrap();
    }
    assert_eq!((asked, room.delivered().len()), (1, 3), "one call to the three who know");
    // Nobody is left in the address book.
    room.desk.policy.people.clear();
    room.now += SignedDuration::from_hours(1);
    assert_eq!(room.remind(), []);
    let noted = room.desk.uncalled.clone();
    assert_eq!(noted.len(), 1);
    room.now += SignedDuration::from_mins(10);
    assert_eq!((room.remind(), &room.desk.uncalled), (Vec::new(), &noted));
}

#[test]
fn where_mails_are_brief_a_chat_still_gets_its_lines_and_the_sheet_after_the_night_no_counts() {
    let mut room = night();
    room.desk.policy.detail = Detail::Brief;
    let chat = crate::channel::address("值班群");
    room.desk.policy.people.insert("值班群".to_owned(), vec![chat]);
    room.desk.policy.routing.orange.push("值班群".to_owned());
    room.next(Some(Level::Orange));
    let query = "select subject || body, recipient from content join outbox on outbox.content = content.id order by 2";
    let mut statement = room.desk.journal.connection().prepare(query).unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    let written: Vec<(String, String)> = rows.map(Result::unwrap).collect();
    let tells = |text: &str| text.contains("219");
    let told: Vec<bool> = written.iter().map(|(text, _)| tells(text)).collect();
    assert_eq!(told, [true, false, false, false], "{written:?}");
    drop(statement);
    let signal = signal("供水水质", room.now, Some(Level::Blue));
    room.desk.take(&[signal], &mut |_| Explanation::default(), room.now).unwrap();
    texts(&mut room);
    room.now = at("2026-11-24T22:30:00Z");
    room.remind();
    let sheet = texts(&mut room).into_iter().find(|text| text.contains("静默时段")).unwrap();
    assert!(sheet.contains("1124-02") && sheet.contains("供水水质") && !tells(&sheet), "{sheet}");
    assert!(!sheet.contains("回应时限"), "{sheet}");
}
