//! Both demonstrations: what they raise, what they write, and that they do the same every time.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Mail, code, guanlan, read_folder, said, stdout};

/// A finished demonstration.
struct Shown {
    folder: TempDir,
    report: Value,
}

/// Runs a story twice at the same time, and wants the same outcome.
fn twice(story: &[&str]) -> Shown {
    let [first, second] = std::thread::scope(|scope| {
        [(); 2].map(|()| scope.spawn(|| show(story))).map(|running| running.join().unwrap())
    });
    let (one, other) =
        (files(&first.folder.path().join("outbox")), files(&second.folder.path().join("outbox")));
    assert_eq!(one.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>());
    for (name, bytes) in &one {
        assert!(other[name] == *bytes, "{name} differs between two runs");
    }
    assert_eq!(first.report["alerts"], second.report["alerts"]);
    first
}

fn show(story: &[&str]) -> Shown {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().display().to_string();
    let output = guanlan(&[&["demo", "--no-serve", "--json", "--dir", &path], story].concat());
    assert_eq!(code(&output), 0, "{}", said(&output));
    let report = serde_json::from_str(&stdout(&output)).expect("one JSON object");
    Shown { folder, report }
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    entries.map(|path| (name(&path), std::fs::read(&path).unwrap())).collect()
}

/// Name of the concern of each alert in its mails, with the highest level reached.
fn highest(shown: &Shown) -> Vec<(String, String)> {
    let alerts = shown.report["alerts"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut all: Vec<_> =
        alerts.iter().map(|alert| (text(&alert["concern"]), text(&alert["highest"]))).collect();
    all.sort();
    all
}

fn mails(shown: &Shown) -> Vec<Mail> {
    let mails = read_folder(&shown.folder.path().join("outbox"));
    let mut ids: Vec<_> = mails.iter().map(|mail| mail.id.clone()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), mails.len(), "every mail has an id of its own");
    for mail in &mails {
        assert_eq!(mail.to.len(), 1, "{}: {:?}", mail.subject, mail.to);
        assert!(mail.subject.contains("演示") && mail.text.contains("演示"), "{}", mail.subject);
        assert!(mail.html.contains("演示"), "{}", mail.subject);
    }
    mails
}

fn digests(mails: &[Mail], day: &str) -> Vec<String> {
    let of_day = mails.iter().filter(|mail| mail.digest.as_deref() == Some(day));
    of_day.map(|mail| mail.text.clone()).collect()
}

#[test]
fn the_invented_town_raises_three_alerts_and_nothing_else() {
    let shown = twice(&[]);
    let names =
        |id: &str| shown.report["alerts"].as_array().unwrap().iter().any(|alert| alert["concern"] == id);
    let levels: Vec<String> = highest(&shown).into_iter().map(|(_, level)| level).collect();
    assert_eq!(levels.len(), 3, "{:?}", highest(&shown));
    let mails = mails(&shown);
    for (name, level) in [("数据公布", "橙色"), ("返岚人员政策", "黄色"), ("供水水质", "黄色")]
    {
        let about: Vec<_> =
            mails.iter().filter(|mail| mail.alert.is_some() && mail.subject.contains(name)).collect();
        let reached = about.iter().any(|mail| mail.subject.contains(level));
        assert!(reached, "{name} {level}: {:?}", about.iter().map(|mail| &mail.subject).collect::<Vec<_>>());
        assert!(about.iter().all(|mail| !mail.pictures.is_empty()), "{name}: a mail without a chart");
    }
    assert_eq!(levels.iter().filter(|level| *level == "orange").count(), 1, "{levels:?}");
    let water = shown.report["alerts"].as_array().unwrap().iter().find(|alert| {
        mails
            .iter()
            .any(|mail| mail.alert.as_deref() == alert["id"].as_str() && mail.subject.contains("供水"))
    });
    let water = water.expect("an alert about water");
    assert!(names(water["concern"].as_str().unwrap()));
    assert_eq!(
        (&water["level"], &water["highest"]),
        (&"blue".into(), &"yellow".into()),
        "answered, it falls"
    );
    let answered = shown.report["replies"].as_array().unwrap();
    assert!(answered.iter().any(|reply| reply["alert"] == water["id"]), "{answered:?}");
    assert!(!digests(&mails, "2026-11-24").is_empty());
}

#[test]
fn the_real_titles_are_noticed_hours_before_the_first_reply() {
    let shown = twice(&["--real"]);
    let alerts = shown.report["alerts"].as_array().unwrap();
    let raised = |alert: &Value| alert["raised_at"].as_str().unwrap().parse::<Timestamp>().unwrap();
    let moment = |text: &str| text.parse::<Timestamp>().unwrap();
    assert!((1..=30).contains(&alerts.len()), "{} alerts in two months", alerts.len());

    let mails = mails(&shown);
    let about = |word: &str| -> Vec<&Value> {
        let subject = |alert: &&Value| {
            let mut of_it = mails.iter().filter(|mail| mail.alert.as_deref() == alert["id"].as_str());
            of_it.any(|mail| mail.subject.contains(word))
        };
        alerts.iter().filter(subject).collect()
    };
    let (from, to) = (moment("2021-01-20T16:48:00+08:00"), moment("2021-01-20T22:00:00+08:00"));
    let early = about("返乡").into_iter().filter(|alert| (from..to).contains(&raised(alert))).count();
    assert_eq!(early, 1, "{:?}", about("返乡"));
    let (from, to) = (moment("2021-01-27T00:00:00+08:00"), moment("2021-02-08T00:00:00+08:00"));
    let slow = about("加码").into_iter().filter(|alert| (from..to).contains(&raised(alert))).count();
    assert!(slow <= 1, "{:?}", about("加码"));

    for day in ["2021-01-21", "2021-01-22", "2021-01-24"] {
        assert!(!digests(&mails, day).is_empty(), "no digest of {day}");
    }
    for (day, title) in [("2021-01-21", "国家卫健委回应"), ("2021-01-24", "国家卫健委")] {
        let texts = digests(&mails, day);
        assert!(texts.iter().any(|text| text.contains(title)), "{day}:\n{}", texts[0]);
    }
}
