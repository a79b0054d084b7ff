//! Titles made by hand: what makes a topic, what goes on with one, what is none.

use super::*;

/// Titles a day of the same three matters for six weeks, so that something is usual.
fn quiet() -> (Boards, Timestamp) {
    let mut boards = Boards::new(Settings::default());
    let mut now = Timestamp::from_second(1_600_000_000).unwrap();
    for day in 0..42_u64 {
        for (nth, words) in [["高考", "分数线"], ["地铁", "停运"], ["新剧", "开播"]].iter().enumerate()
        {
            let told = say(&mut boards, now, day * 10 + nth as u64, words, nth < 2);
            assert_eq!(told, None, "day {day} {words:?}");
        }
        now += SignedDuration::from_hours(24);
    }
    (boards, now)
}

fn say(boards: &mut Boards, time: Timestamp, number: u64, words: &[&str], is_public: bool) -> Option<Topic> {
    boards.hear(&Title { number, time, voice: Voice(number), source: "热榜", words, is_public }).cloned()
}

#[test]
fn the_third_title_about_something_new_makes_a_topic_and_the_fourth_goes_on() {
    let (mut boards, now) = quiet();
    let titles = [["青岚", "爆炸"], ["青岚", "伤亡"], ["青岚", "救援"], ["青岚", "爆炸"]];
    let mut told: Vec<Option<Topic>> = Vec::new();
    for (nth, words) in titles.iter().enumerate() {
        let at = now + SignedDuration::from_hours(nth as i64 + 1);
        told.push(say(&mut boards, at, 1_000 + nth as u64, words, nth != 1));
    }
    let topic = told[2].clone().unwrap();
    assert_eq!((topic.lead, topic.titles), (vec!["青岚".to_owned()], BTreeSet::from([1_000, 1_001, 1_002])));
    assert!(topic.is_public && topic.score >= 1.6 && topic.sources.len() == 1);
    assert!(told[0].is_none() && told[1].is_none() && told[3].is_none());
}

#[test]
fn what_is_said_every_day_is_no_topic_on_a_day_with_three_of_it_nor_is_a_title_listed_again() {
    let (mut boards, now) = quiet();
    for number in 0..2 {
        assert_eq!(say(&mut boards, now, 1_000 + number, &["地铁", "早高峰"], true), None);
    }
    for _ in 0..5 {
        assert_eq!(say(&mut boards, now, 2_000, &["青岚", "爆炸"], true), None);
    }
}

#[test]
fn a_topic_of_stars_is_told_as_muted_and_begins_when_it_turns_public() {
    let (mut boards, now) = quiet();
    let mut told = Vec::new();
    for number in 0..8 {
        let at = now + SignedDuration::from_mins(10 * number);
        told.extend(say(&mut boards, at, 1_000 + number as u64, &["某某", "工作室"], number > 2));
    }
    let public: Vec<bool> = told.iter().map(|topic| topic.is_public).collect();
    assert_eq!(public, [false, true]);
}

#[test]
fn figures_are_no_words() {
    for figure in ["三人", "12月", "两名", "一百", "多人"] {
        assert!(is_figure(figure), "{figure}");
    }
    for word in ["三亚", "一码通", "人大", "五台山"] {
        assert!(!is_figure(word), "{word}");
    }
}
