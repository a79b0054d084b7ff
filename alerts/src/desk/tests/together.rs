//! Alerts that are told together: a whole and its part, and what waited for the end of quiet hours.

use analyzer::explain::Overlap;

use super::*;

/// Signals of both concerns in one bucket, of which the second is mostly part of the first.
fn both(room: &mut Room, whole: Option<Level>, part: Option<Level>) -> Vec<String> {
    room.now += SignedDuration::from_mins(10);
    let mut small = signal("供水水质", room.now, part);
    small.observed.posts = 40;
    let signals = [small, signal("数据公布", room.now, whole)];
    let overlap =
        |concern: &str, of_this, of_other| vec![Overlap { concern: concern.to_owned(), of_this, of_other }];
    let mut explain = |signal: &Signal| Explanation {
        overlaps: match signal.concern.as_str() {
            "供水水质" => overlap("数据公布", 0.7, 0.13),
            _ => overlap("供水水质", 0.13, 0.7),
        },
        ..Explanation::default()
    };
    room.desk.take(&signals, &mut explain, room.now).unwrap();
    room.remind();
    let bag = Mailbag::default();
    room.desk.deliver(&Mailer::Memory(bag.clone()), room.now).unwrap();
    let line = |mail: &crate::outbox::Outgoing| {
        let names = mail.message.text.lines().find(|line| line.contains("帖文同时属于"));
        format!("{} {} {}", mail.file, mail.recipient.split('@').next().unwrap(), names.unwrap_or("-"))
    };
    bag.mails().iter().map(line).collect()
}

#[test]
fn one_mail_names_the_whole_and_its_part_and_the_part_is_told_alone_when_it_rises_higher() {
    let mut room = Room::new();
    room.desk.concerns.get_mut("供水水质").unwrap().department = Some("市水务集团".to_owned());
    room.desk.policy.people.insert("市水务集团".to_owned(), vec!["water@qinglan.example".to_owned()]);
    let whole = "“供水水质”也在上升，其 70% 的帖文同时属于本项，合并提示。";
    let part = "本项 70% 的帖文同时属于正在上升的“数据公布”。";
    let told = both(&mut room, Some(Level::Yellow), Some(Level::Yellow));
    // The department of the part knows nothing yet: it alone gets the part's own mail.
    let expected = [
        format!("1124-01.yellow duty {whole}"),
        format!("1124-01.yellow.2 health {whole}"),
        format!("1124-02.yellow water {part}"),
    ];
    assert_eq!(told, expected);
    let higher = both(&mut room, Some(Level::Yellow), Some(Level::Orange));
    assert_eq!(higher.len(), 3, "{higher:?}");
    assert!(higher[0].starts_with("1124-02.orange duty"));
}

#[test]
fn a_part_nobody_else_must_know_of_waits_until_the_whole_is_over() {
    let mut room = Room::new();
    assert_eq!(both(&mut room, Some(Level::Blue), Some(Level::Blue)).len(), 1);
    let part = room.alert();
    assert_eq!((part.concern.as_str(), part.state), ("供水水质", crate::alert::State::Pending));
    assert!(matches!(part.events.last(), Some((_, Event::Inhibited { .. }))), "{part:?}");
    for _ in 0..12 {
        assert_eq!(both(&mut room, None, Some(Level::Blue)), [""; 0]);
    }
    let told = both(&mut room, None, Some(Level::Blue));
    assert_eq!(told, ["1124-02.blue duty -"]);
    assert_eq!(room.alert().state, crate::alert::State::Firing);
}

#[test]
fn low_levels_wait_for_the_end_of_quiet_hours_and_come_as_one_mail() {
    let mut policy = policy();
    let (from, to) = (jiff::civil::time(22, 30, 0, 0), jiff::civil::time(6, 30, 0, 0));
    policy.quiet = Some(crate::settings::Quiet { from, to, hold: vec![Level::Blue, Level::Yellow] });
    let mut room = Room::with(policy);
    // 02:00 in the site's zone.
    room.now = at("2026-11-24T17:50:00Z");
    assert_eq!(both(&mut room, Some(Level::Yellow), None), [""; 0]);
    assert_eq!(room.alert().state, crate::alert::State::Pending);
    room.now += SignedDuration::from_mins(20);
    let water = signal("供水水质", room.now, Some(Level::Orange));
    room.desk.take(&[water], &mut |_| Explanation::default(), room.now).unwrap();
    assert_eq!(room.delivered().len(), 3);
    // 数据公布 falls back and closes at night: that waits too.
    for _ in 0..14 {
        room.next(None);
        room.remind();
    }
    let unclaimed = |mail: &String| mail.contains("unclaimed");
    assert!(room.delivered().iter().all(unclaimed));
    room = room.reopen();
    let mut told = Vec::new();
    while room.now < at("2026-11-24T22:40:00Z") {
        room.now += SignedDuration::from_mins(10);
        room.remind();
        told.extend(room.delivered().into_iter().map(|mail| format!("{} {mail}", room.now)));
    }
    told.retain(|mail| !unclaimed(mail));
    let expected = [
        "2026-11-24T22:30:00Z quiet-2026-11-25 duty@qinglan.example",
        "2026-11-24T22:30:00Z quiet-2026-11-25.2 health@qinglan.example",
    ];
    assert_eq!(told, expected);
    assert!(!room.desk.alerts(Filter::All).unwrap()[0].is_open());
}
