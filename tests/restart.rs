//! A restart at an unlucky moment: what rises in the bucket into which it falls is told as without it.

use serde_json::Value;

use crate::feed_to_mail::history;
use crate::support::{Crowd, Installation, code, eventually, page, said};

/// Sixty posts between 10:00 and 10:10, before which ten an hour were usual, and somebody looking.
fn rise(house: &Installation) {
    let mut crowd = Crowd::new(17);
    let mut posts = String::new();
    for number in 0..60 {
        let (minute, second) = (number % 10, number * 7 % 60);
        posts.push_str(&format!(
            "{{\"id\": \"rise-{number}\", \"source\": \"bbs\", \"time\": \"2025-11-24T10:{minute:02}:{second:02}+08:00\", \
             \"title\": \"{}\"}}\n",
            crowd.about("停水")
        ));
    }
    let seen = ["10:00:00", "10:05:00", "10:09:30"]
        .map(|time| format!("{{\"ts\": \"2025-11-24T{time}+08:00\", \"source\": \"bbs\"}}\n"));
    let (posts, seen) = (house.write("rise.jsonl", posts), house.write("seen.jsonl", seen.concat()));
    let import = house.guanlan(&["import", &posts, "--heartbeats", &seen]);
    assert_eq!(code(&import), 0, "{}", said(&import));
}

/// The counts with which the only alert was raised, when the program runs by each of these clocks in turn; the rise is
/// brought in during the first. `meanwhile` happens to the last run.
fn raised(clocks: &[&str], meanwhile: impl FnOnce(&Installation)) -> Value {
    let house = Installation::new();
    history(&house, "bbs", 7);
    let (last, before) = clocks.split_last().unwrap();
    for (number, clock) in before.iter().enumerate() {
        let mut program = house.run(clock);
        if number == 0 {
            rise(&house);
        }
        program.kill();
    }
    let mut program = house.run(last);
    if before.is_empty() {
        rise(&house);
    }
    meanwhile(&house);
    let signals = eventually("an alert", || Some(signals(&house)).filter(|signals| !signals.is_empty()));
    assert_eq!(program.stop(), Some(0));
    let [signal] = signals.as_slice() else { panic!("one alert, not {}", signals.len()) };
    serde_json::from_str(signal).unwrap()
}

/// The signals that were kept with alerts.
fn signals(house: &Installation) -> Vec<String> {
    let path = house.data().join("alerts.db");
    let reading = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    let journal = rusqlite::Connection::open_with_flags(path, reading).unwrap();
    let mut select = journal.prepare("SELECT signal FROM evidence ORDER BY sequence").unwrap();
    let rows = select.query_map([], |row| row.get::<_, String>(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

#[test]
fn the_bucket_of_a_restart_is_judged_as_without_one() {
    let nothing = |_: &Installation| {};
    // The bucket closes at 10:12; the next one would be told at 10:22, minutes too late for this test.
    let undisturbed = raised(&["2025-11-24T10:10:00+08:00x20"], nothing);
    assert_eq!(undisturbed["at"], "2025-11-24T02:10:00Z", "{undisturbed}");
    assert_eq!(
        undisturbed["observed"]["posts"].as_u64().map(|posts| posts > 55),
        Some(true),
        "{undisturbed}"
    );

    let in_the_middle = ["2025-11-24T10:10:00+08:00", "2025-11-24T10:11:00+08:00x20"];
    assert_eq!(raised(&in_the_middle, nothing), undisturbed);
    let closed_while_it_was_down = ["2025-11-24T10:10:00+08:00", "2025-11-24T10:14:00+08:00"];
    assert_eq!(raised(&closed_while_it_was_down, nothing), undisturbed);
    // Other concerns are a restart of the counts.
    let another = |house: &Installation| {
        let file = std::fs::read_to_string(house.path().join("concerns.toml")).unwrap();
        let power = "[[concern]]\nname = \"供电\"\nwords = [\"停电\"]\n";
        house.write("concerns.toml", format!("{file}\n{power}"));
    };
    assert_eq!(raised(&["2025-11-24T10:10:00+08:00x20"], another), undisturbed);
}

#[test]
fn an_alert_whose_concern_is_removed_is_seen_and_closed_by_people() {
    let mut house = Installation::new();
    let port = house.serve();
    history(&house, "bbs", 7);
    let mut program = house.run("2025-11-24T10:10:00+08:00x20");
    rise(&house);
    eventually("an alert", || Some(signals(&house)).filter(|signals| !signals.is_empty()));
    let power = "[[concern]]\nname = \"供电\"\nwords = [\"停电\"]\n";
    house.write("concerns.toml", power);
    let without = "1 项预警的关切已不在配置里";
    eventually("the overview says so", || page(port, "/").contains(without).then_some(()));
    let read = |path: &str| -> Value { serde_json::from_str(&page(port, path)).unwrap() };
    let alert = read("/api/v1/alerts?open=true")["alerts"][0].clone();
    assert_eq!((&alert["name"], &alert["department"]), (&"供水".into(), &"市水务局".into()), "{alert}");
    let (version, since) = (alert["settings"].as_str().unwrap(), alert["unwatched_since"].as_str());
    assert!(version.len() == 8 && since.is_some(), "{alert}");
    let id = alert["id"].as_str().unwrap();
    let shown = page(port, &format!("/a/{id}"));
    for words in ["这项关切不在配置里（版本 ", "id = &#34;water&#34;", "<form id=\"take\"", "关闭这项预警"]
    {
        assert!(shown.contains(words), "{words} in {shown}");
    }
    program.kill();
    let mut program = house.run("2025-11-24T10:40:00+08:00");
    assert!(page(port, "/").contains(without), "after a restart as well");
    for action in ["ack", "close"] {
        let acted = house.guanlan(&["alert", action, id, "--by", "值班室"]);
        assert_eq!(code(&acted), 0, "{}", said(&acted));
    }
    assert!(!page(port, "/").contains(without));
    assert_eq!(program.stop(), Some(0));
}
