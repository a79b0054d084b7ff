mod hotlists;
mod outcome;

use analyzer::matcher::{Matchers, Text};

use super::*;
use crate::scenario::file::File;

fn story() -> Scenario {
    Scenario::parse(QINGLAN.scenario).unwrap()
}

/// The smallest scenario that holds everything a check looks at.
const SMALL: &str = r#"
format = 1
name = "小镇"
seed = 1
timezone = "Asia/Shanghai"
start = "2026-11-01T00:00:00+08:00"
show_from = "2026-11-02T00:00:00+08:00"
end = "2026-11-03T00:00:00+08:00"

[[source]]
id = "bbs"
name = "论坛"
group = "论坛"
publisher = "individual"
every = "10m"
register = "forum"

[register.forum]

[shape.day]
workday = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]
weekend = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]

[[topic]]
name = "停电"
posts_per_hour = 10
shape = "day"
sources = { bbs = 1 }
wordings.forum = ["停电了", "停电到几点？"]

  [[topic.rise]]
  onset = "2026-11-02T10:00:00+08:00"
  peak = 100
  growth = "quick"
  answered = "2026-11-02T15:00:00+08:00"
  half_life = "15m"
"#;

fn between(scenario: &Scenario, from: &str, to: &str) -> usize {
    let (from, to): (Timestamp, Timestamp) = (from.parse().unwrap(), to.parse().unwrap());
    scenario.posts().iter().filter(|post| from <= post.time && post.time < to).count()
}

#[test]
fn the_shipped_story_is_large_ordered_and_unique() {
    let story = story();
    let posts = story.posts();
    assert!((10_000..20_000).contains(&posts.len()), "{} posts", posts.len());
    assert!(posts.windows(2).all(|pair| pair[0].time <= pair[1].time));
    let ids: std::collections::BTreeSet<_> = posts.iter().map(|post| post.id).collect();
    assert_eq!(ids.len(), posts.len());
    assert!(posts.iter().all(|post| story.start() <= post.time && post.time < story.end()));
}

#[test]
fn the_same_file_gives_the_same_posts() {
    assert_eq!(story().posts(), story().posts());
    let other = SMALL.replace("seed = 1", "seed = 2");
    assert_ne!(Scenario::parse(SMALL).unwrap().posts(), Scenario::parse(&other).unwrap().posts());
}

#[test]
fn rising_concerns_have_forty_wordings_and_at_most_ten_posts_in_a_usual_hour() {
    let file = File::read(QINGLAN.scenario).unwrap();
    let mut rising = 0;
    for topic in file.topics.iter().filter(|topic| topic.rises.iter().any(|rise| rise.peak > 10.0)) {
        let wordings: usize = topic.rises.iter().flat_map(|rise| rise.wordings.values()).map(Vec::len).sum();
        assert!(wordings >= 40, "{}: {wordings} wordings", topic.name);
        let shape = &file.shapes[&topic.shape];
        let mean = shape.workday.iter().sum::<f64>() / 24.0;
        let busiest = shape.workday.iter().chain(&shape.weekend).copied().fold(0.0, f64::max);
        let most = topic.posts_per_hour * busiest / mean * 1.15;
        assert!(most <= 10.0, "{}: {most} posts an hour", topic.name);
        rising += 1;
    }
    assert_eq!(rising, 3);
}

#[test]
fn no_wording_is_written_twice() {
    let file = File::read(QINGLAN.scenario).unwrap();
    let mut seen = std::collections::BTreeSet::new();
    for topic in &file.topics {
        let rises = topic.rises.iter().flat_map(|rise| rise.wordings.values());
        for wording in topic.wordings.values().chain(rises).flatten() {
            let text = wording::Text::from(wording);
            assert!(seen.insert(format!("{}{}", text.title, text.text)), "twice: {}", text.text);
        }
    }
    assert!(seen.len() >= 300, "{}", seen.len());
}

#[test]
fn a_source_that_is_down_brings_nothing_and_says_so() {
    let story = story();
    let down = |time: &Timestamp| {
        let (from, to) = ("2026-11-22T15:00:00+08:00", "2026-11-22T17:00:00+08:00");
        from.parse::<Timestamp>().unwrap() <= *time && *time < to.parse().unwrap()
    };
    let here = |post: &&Post| post.source == "qinglan-bbs";
    assert_eq!(story.posts().iter().filter(here).filter(|post| down(&post.time)).count(), 0);
    let heartbeats = story.heartbeats();
    let during: Vec<bool> = heartbeats
        .iter()
        .filter(|(source, time, _)| source == "qinglan-bbs" && down(time))
        .map(|(_, _, ok)| *ok)
        .collect();
    assert_eq!(during.len(), 24);
    assert!(during.iter().all(|ok| !ok));
    assert!(heartbeats.windows(2).all(|pair| pair[0].1 <= pair[1].1));
}

#[test]
fn nothing_in_a_story_reaches_a_post_unmasked() {
    let posts = story();
    let spam = posts.posts().iter().filter(|post| post.text.contains("平价菜直送到楼"));
    assert_eq!(spam.clone().count(), 160);
    for post in spam {
        assert!(!post.text.contains("1380000"), "{}", post.text);
    }
}

#[test]
fn a_rise_grows_after_its_onset_and_falls_faster_after_an_answer() {
    let answered = Scenario::parse(SMALL).unwrap();
    let open = Scenario::parse(&SMALL.replace("  answered = \"2026-11-02T15:00:00+08:00\"\n", "")).unwrap();
    let usual = between(&answered, "2026-11-01T00:00:00+08:00", "2026-11-02T00:00:00+08:00");
    assert!((190..290).contains(&usual), "{usual} posts on a day of ten an hour");
    let peak = between(&answered, "2026-11-02T14:00:00+08:00", "2026-11-02T15:00:00+08:00");
    assert!((75..125).contains(&peak), "{peak} posts at the peak");
    let hour = ("2026-11-02T15:30:00+08:00", "2026-11-02T16:30:00+08:00");
    let (after, without) = (between(&answered, hour.0, hour.1), between(&open, hour.0, hour.1));
    assert!(after + 10 < without, "{after} posts after an answer, {without} without");
}

#[test]
fn what_is_wrong_with_a_file_is_said() {
    let cases = [
        ("format = 1", "format = 9", "format = 9"),
        ("posts_per_hour = 10", "posts_per_day = 10", "posts_per_day"),
        ("growth = \"quick\"", "growth = \"sudden\"", "known are abrupt, quick, slow, steady"),
        ("sources = { bbs = 1 }", "sources = { blog = 1 }", "there is no source blog; known are bbs"),
        ("wordings.forum", "wordings.essay", "no wordings for its register forum"),
        ("timezone = \"Asia/Shanghai\"", "timezone = \"Asia/Qinglan\"", "Asia/Qinglan"),
        ("peak = 100", "peak = 9000", "peak must lie between"),
        ("every = \"10m\"", "every = \"soon\"", "not a length of time"),
        ("register = \"forum\"", "register = \"poems\"", "there is no register poems"),
        ("shape = \"day\"", "shape = \"night\"", "there is no shape night"),
        ("workday = [1, ", "workday = [", "24 numbers"),
        ("end = \"2026-11-03", "end = \"2026-10-03", "must follow each other"),
    ];
    for (right, wrong, expected) in cases {
        let broken = SMALL.replacen(right, wrong, 1);
        assert_ne!(broken, SMALL, "{right}");
        let error = format!("{:#}", Scenario::parse(&broken).unwrap_err());
        assert!(error.contains(expected), "{wrong}: {error}");
    }
}

#[test]
fn every_wording_is_about_its_own_concern_and_no_other() {
    let clerk = config::File { name: "concerns.toml".into(), bytes: QINGLAN.concerns.as_bytes().to_vec() };
    let administrator =
        config::File { name: "guanlan.toml".into(), bytes: QINGLAN.guanlan.as_bytes().to_vec() };
    let loaded = config::read(Some(&administrator), Some(&clerk), &std::collections::BTreeMap::new());
    assert_eq!(loaded.report.errors(), 0, "{:?}", loaded.report.problems);
    let concerns = loaded.config.concerns;
    let matchers = Matchers::new(&concerns);
    let file = File::read(QINGLAN.scenario).unwrap();
    for topic in &file.topics {
        let own: Vec<usize> =
            concerns.iter().position(|concern| concern.name == topic.name).into_iter().collect();
        assert_eq!(own.is_empty(), topic.name == "闲谈", "{}", topic.name);
        let rises = topic.rises.iter().flat_map(|rise| rise.wordings.values());
        for wording in topic.wordings.values().chain(rises).flatten() {
            let text = wording::Text::from(wording);
            let found = matchers.matching(&Text::from_parts(&text.title, &text.text));
            assert_eq!(found, own, "{}: {} {}", topic.name, text.title, text.text);
        }
        for once in &topic.once {
            assert_eq!(matchers.matching(&Text::from_parts(&once.title, &once.text)), own, "{}", once.title);
        }
    }
}
