//! Alerts whose concern goes, and comes back.

use analyzer::level::Level;

use super::*;
use crate::action::Answer;
use crate::alert::{State, Unwatched};
use crate::desk::tests::{Room, at, concern};
use crate::mail::{Mailbag, Mailer};

/// Takes the files over as a running program does: only these concerns are left.
fn configure(room: &mut Room, names: &[&str], version: &str) {
    room.desk.in_force(Some(version.to_owned()));
    let concerns = names.iter().map(|name| concern(name)).collect();
    room.desk.follow(room.desk.policy.clone(), concerns, room.desk.site.clone());
    room.remind();
}

/// An orange alert, mailed, whose concern was then removed.
fn lost() -> (Room, AlertId) {
    let mut room = Room::new();
    room.desk.in_force(Some("00000001".to_owned()));
    let id = room.next(Some(Level::Orange))[0];
    room.delivered();
    configure(&mut room, &["供水水质"], "00000002");
    (room, id)
}

/// Lets so many hours go by, ten minutes at a time, and lists what the duty desk got.
fn wait(room: &mut Room, hours: i64) -> Vec<String> {
    let mut told = Vec::new();
    for _ in 0..hours * 6 {
        room.now += SignedDuration::from_mins(10);
        room.remind();
        let mails = room.delivered().into_iter().filter(|mail| mail.contains("duty@"));
        told.extend(mails.map(|mail| format!("{} {}", room.now.strftime("%d %H:%M"), mail)));
    }
    told
}

#[test]
fn an_alert_without_its_concern_stays_as_it_is_until_people_close_it() {
    let (mut room, id) = lost();
    let alert = room.alert();
    let since = room.now;
    assert_eq!(alert.unwatched, Some(Unwatched { since, version: Some("00000002".to_owned()) }));
    assert_eq!((alert.state, alert.level), (State::Firing, Level::Orange));
    assert_eq!(room.delivered(), [""; 0], "a changed file is no news of the public");
    // No signal moves it.
    for level in [Some(Level::Red), None, None] {
        assert_eq!(room.next(level), []);
    }
    assert_eq!(room.alert(), alert);
    let taken = room.desk.acknowledge(id, "值班室", room.now).unwrap();
    assert_eq!(taken.state, State::Acknowledged);
    let told = [
        "1124-01.acknowledged duty@qinglan.example",
        "1124-01.acknowledged.2 health@qinglan.example",
        "1124-01.acknowledged.3 info@qinglan.example",
    ];
    assert_eq!(room.delivered(), told, "the department it had is told as well");
    let answer = Answer { by: "市卫健委".to_owned(), url: None, at: room.now };
    assert_eq!(room.desk.respond(id, answer, room.now).unwrap().state, State::Responded);
    room.delivered();
    assert_eq!(room.desk.close(id, "值班室", room.now).unwrap().state, State::Resolved);
    let told = [
        "1124-01.resolved duty@qinglan.example",
        "1124-01.resolved.2 health@qinglan.example",
        "1124-01.resolved.3 info@qinglan.example",
    ];
    assert_eq!(room.delivered(), told);
}

#[test]
fn what_the_clock_brings_goes_on_and_says_that_the_concern_is_gone() {
    let (mut room, id) = lost();
    assert_eq!(
        wait(&mut room, 4),
        [
            "24 05:40 1124-01.unclaimed duty@qinglan.example",
            "24 06:30 1124-01.unclaimed.4 duty@qinglan.example"
        ]
    );
    room.desk.acknowledge(id, "值班室", room.now).unwrap();
    let bag = Mailbag::default();
    room.desk.deliver(&Mailer::Memory(bag.clone()), room.now).unwrap();
    let text = &bag.mails()[0].message.text;
    assert!(text.contains("13:20 起，这项关切不在配置里（版本 00000002），观澜不再为它计数。"), "{text}");
    assert!(text.contains("数据公布") && text.contains("市卫健委"), "{text}");
    let told = wait(&mut room, 24);
    assert_eq!(
        told,
        ["25 01:20 1124-01.due duty@qinglan.example", "25 05:20 1124-01.overdue duty@qinglan.example"]
    );
}

#[test]
fn left_alone_for_a_week_after_its_answer_was_due_it_closes_and_not_before() {
    let (mut room, _) = lost();
    let end = room.alert().deadline + LEFT_ALONE;
    room.now = end - SignedDuration::from_secs(1);
    room.remind();
    assert!(room.alert().is_open());
    room.now = end;
    room.remind();
    let closed = room.alert();
    assert_eq!((closed.state, closed.closed_at), (State::Resolved, Some(end)));
    let by = Some("观澜（关切已移除）".to_owned());
    assert!(closed.events.iter().any(|(_, event)| *event == Event::Resolved { by: by.clone() }));
}

#[test]
fn removed_while_the_program_was_down_it_is_noted_once_and_keeps_its_name() {
    let mut room = Room::new();
    room.desk.in_force(Some("00000001".to_owned()));
    room.desk.concerns.get_mut("数据公布").unwrap().name = "监测数据公布".to_owned();
    room.next(Some(Level::Yellow));
    room.desk.concerns.remove("数据公布");
    let mut room = room.reopen();
    for _ in 0..3 {
        room.remind();
    }
    let mut room = room.reopen();
    room.remind();
    let alert = room.alert();
    let noted = alert.events.iter().filter(|(_, event)| matches!(event, Event::Unwatched { .. }));
    assert_eq!(noted.count(), 1);
    let concern = alert.concern_among(room.desk.concerns.values());
    assert_eq!((concern.name.as_str(), concern.department.as_deref()), ("监测数据公布", Some("市卫健委")));
    assert_eq!(alert.under().unwrap().version.as_deref(), Some("00000001"));
}

#[test]
fn back_in_the_configuration_it_goes_on() {
    let (mut room, id) = lost();
    // Renamed, it looks like another one.
    configure(&mut room, &["数据发布", "供水水质"], "00000003");
    assert_eq!(room.alert().unwatched.unwrap().version.as_deref(), Some("00000002"));
    configure(&mut room, &["数据公布", "供水水质"], "00000004");
    let alert = room.alert();
    assert_eq!(alert.unwatched, None);
    assert!(
        matches!(alert.events.last(), Some((_, Event::WatchedAgain { version: Some(it) })) if it == "00000004")
    );
    assert_eq!(room.next(Some(Level::Red)), [id]);
    assert_eq!(room.alert().level, Level::Red);
}

#[test]
fn a_line_of_an_older_program_is_read_and_its_concern_has_its_id_for_a_name() {
    let line = r#"{"event":"raised","concern":"water","level":"yellow","onset":"2026-11-24T05:00:00Z","deadline":"2026-11-26T05:00:00Z"}"#;
    let raised: Event = serde_json::from_str(line).unwrap();
    let id = "20261124-01".parse().unwrap();
    let alert = crate::alert::fold(id, [(at("2026-11-24T05:10:00Z"), raised)]).unwrap();
    assert_eq!((alert.under(), alert.unwatched.as_ref()), (None, None));
    assert_eq!(alert.concern_among([]).name, "water");
}
