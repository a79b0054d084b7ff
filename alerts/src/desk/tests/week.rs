//! A week with forty alerts of real hot lists: every decision as text, and the journal read back every day.

use std::collections::BTreeMap;

use analyzer::level::Level;
use expect_test::expect_file;
use jiff::SignedDuration;

use super::*;
use crate::action::Answer;
use crate::alert::{Alert, Event};
use crate::settings::Quiet;

/// Monday 00:00 in the site's zone.
const MONDAY: &str = "2026-11-22T16:00:00Z";
const BUCKET: SignedDuration = SignedDuration::from_mins(10);

/// What the counts of one concern say, from which minute of the week on.
struct Story {
    concern: String,
    from: i64,
    steps: Vec<(i64, Option<Level>)>,
}

fn stories() -> Vec<Story> {
    let lines = include_str!("week.txt").lines().filter(|line| !line.starts_with('#'));
    let story = |(number, line): (usize, &str)| {
        let mut words = line.split(' ');
        let mut next = || words.next().unwrap();
        let (day, time, name) = (next(), next(), next());
        let (hour, minute) = time.split_once(':').unwrap();
        let number_of = |text: &str| text.parse::<i64>().unwrap();
        let from = (number_of(day) * 24 + number_of(hour)) * 60 + number_of(minute);
        let step = |word: &str| {
            let (minutes, letter) = word.split_at(word.len() - 1);
            let level = match letter {
                "b" => Some(Level::Blue),
                "y" => Some(Level::Yellow),
                "o" => Some(Level::Orange),
                "r" => Some(Level::Red),
                _ => None,
            };
            (number_of(minutes), level)
        };
        Story { concern: format!("{name}-{number:02}"), from, steps: words.map(step).collect() }
    };
    lines.enumerate().map(story).collect()
}

impl Story {
    /// The level of the counts at a minute of the week.
    fn level(&self, minute: i64) -> Option<Level> {
        self.steps.iter().rev().find(|(from, _)| minute >= self.from + from).and_then(|(_, level)| *level)
    }
}

/// What people do: the first takes alerts, the second answers them too, the third does nothing, the fourth
/// mutes and notes; some are false alarms.
fn act(room: &mut Room, alert: &Alert, number: usize) {
    let (minutes, id, now) = (room.now.duration_since(alert.raised_at).as_mins(), alert.id, room.now);
    let desk = &mut room.desk;
    if !alert.is_open() {
        return;
    }
    match (number % 4, minutes) {
        (0, 20) | (1, 10) => drop(desk.acknowledge(id, "值班室", now).unwrap()),
        (1, 300) => {
            let answer = Answer { by: "市卫健委".to_owned(), url: None, at: now };
            desk.respond(id, answer, now).unwrap();
        }
        (3, 30) => {
            let until = now + SignedDuration::from_hours(6);
            desk.mute(id, ("值班室", "已知情况"), until, now).unwrap();
            desk.note(id, ("值班室", "已转责任单位"), now).unwrap();
        }
        (2, 60) if number.is_multiple_of(3) => drop(desk.false_alarm(id, ("值班室", "广告"), now).unwrap()),
        _ => {}
    }
}

/// The journal line in a few words; mails of one step to several people are one line.
fn line(event: &Event) -> Option<String> {
    let said = serde_json::to_value(event).unwrap();
    let kind = said["event"].as_str().unwrap().to_owned();
    Some(match event {
        Event::Raised { level, .. } | Event::Escalated { level, .. } | Event::Lowered { level } => {
            format!("{kind} {level:?}")
        }
        Event::Queued { step, .. } => format!("mail {step:?}"),
        Event::Held { step } => format!("held {step:?}"),
        Event::Mailed { .. } => return None,
        _ => kind,
    })
}

#[test]
fn every_deadline_reminder_and_quiet_hour_of_a_week_is_as_written_down() {
    let stories = stories();
    assert_eq!(stories.len(), 40);
    let mut policy = policy();
    let (from, to) = (jiff::civil::time(22, 30, 0, 0), jiff::civil::time(6, 30, 0, 0));
    policy.quiet = Some(Quiet { from, to, hold: vec![Level::Blue, Level::Yellow] });
    policy.remind_to = vec!["宣传部".to_owned()];
    let mut room = Room::with(policy);
    let named = |story: &Story| (story.concern.clone(), concern(&story.concern));
    room.desk.concerns = stories.iter().map(named).collect();
    let numbers: BTreeMap<&str, usize> =
        stories.iter().enumerate().map(|(number, story)| (story.concern.as_str(), number)).collect();
    room.now = at(MONDAY);
    let (mut mails, mut restarts) = (0, 0);
    for bucket in 1..=7 * 144 {
        room.now += BUCKET;
        let minute = bucket * 10;
        let began = stories.iter().filter(|story| story.from <= minute);
        let signals: Vec<Signal> =
            began.map(|story| signal(&story.concern, room.now, story.level(minute))).collect();
        room.desk.take(&signals, &mut |_| Explanation::default(), room.now).unwrap();
        room.remind();
        for alert in room.desk.alerts(Filter::Open).unwrap() {
            act(&mut room, &alert, numbers[alert.concern.as_str()]);
        }
        mails += room.delivered().len();
        if bucket % 144 == 0 {
            let before: Vec<Alert> = room.desk.latest.values().map(|tracked| tracked.alert.clone()).collect();
            room = room.reopen();
            let after: Vec<Alert> = room.desk.latest.values().map(|tracked| tracked.alert.clone()).collect();
            assert_eq!(before, after, "the journal read back");
            restarts += 1;
        }
    }
    assert_eq!(restarts, 7);
    let mut told = String::new();
    let zone = &room.desk.site.zone;
    let mut events: Vec<(Timestamp, String)> = Vec::new();
    for alert in room.desk.alerts(Filter::All).unwrap() {
        let mut last = None;
        for (time, event) in &alert.events {
            let Some(text) = line(event).filter(|text| last.as_ref() != Some(&(*time, text.clone()))) else {
                continue;
            };
            last = Some((*time, text.clone()));
            let due = match event {
                Event::Raised { deadline, .. }
                | Event::Escalated { deadline, .. }
                | Event::FirstNotice { deadline } => {
                    format!(" due {}", zone.to_datetime(*deadline).strftime("%a %H:%M"))
                }
                _ => String::new(),
            };
            events.push((*time, format!("{} {} {text}{due}", alert.id.short(), alert.concern)));
        }
    }
    events.sort_by_key(|(time, _)| *time);
    for (time, text) in events {
        told.push_str(&format!("{} {text}\n", zone.to_datetime(time).strftime("%a %H:%M")));
    }
    told.push_str(&format!("{mails} mails in all\n"));
    expect_file!["week.expected.txt"].assert_eq(&told);
}
