//! Evidence and figures of a day in a simulated town: numbers must add up, and people stay unquoted.

use crawler::post::Publisher;
use jiff::SignedDuration;

use super::*;
use crate::analyst::tests::{DAY, FEEDS, Random, Town, analyst, at};
use crate::segment::Segmenter;

const NOON: i64 = 3 * DAY + 72;

/// Three usual days and a fourth with a rise at noon: a question in copies, an office's word, new words.
fn town() -> Town {
    let (mut town, mut random) = (Town::default(), Random(21));
    town.live(0..4 * DAY, 10.0, &mut random);
    for bucket in NOON..NOON + 6 {
        for copy in 0..4 {
            town.say(bucket, "weibo", "自来水又发黄，到底几点恢复", Some(900));
            town.say(bucket, "bbs", "自来水发黄，谁来管管？", Some(901 + copy % 2));
        }
        (0..14).for_each(|number| town.say(bucket, FEEDS[number % 4], "自来水发黄有铁锈味", None));
    }
    town.say(NOON + 3, "mailbox", "关于自来水发黄的说明：管道检修", Some(990));
    let (_, statement) = town.posts.last_mut().unwrap();
    statement.post.publisher = Publisher::Gov;
    statement.post.address = Some("https://water.example/1".to_owned());
    town
}

fn posts(town: &Town, from: i64, to: i64) -> Vec<Stored> {
    let mut posts: Vec<Stored> = town.posts.iter().map(|(_, stored)| stored.clone()).collect();
    posts.retain(|stored| stored.post.time >= at(from, 0) && stored.post.time < at(to, 0));
    posts.sort_by_key(|stored| stored.post.time);
    posts
}

#[test]
fn the_evidence_adds_up_to_the_signal() {
    let town = town();
    let mut analyst = analyst().with_segmenter(Segmenter::new(&[]));
    let signals = town.play(&mut analyst, 0..NOON + 6);
    let signal = signals.last().unwrap();
    assert!(signal.level.is_ok(), "{signal:?}");
    let explanation = analyst.explain(signal, Read::all(&posts(&town, NOON + 6 - DAY, NOON + 7)));

    let in_groups: u32 = explanation.groups.iter().map(|group| group.posts).sum();
    assert_eq!(in_groups, signal.observed.posts);
    let expected: f64 = explanation.groups.iter().map(|group| group.expected).sum();
    assert!((expected - signal.expected.mean).abs() < 1e-6);
    let asked: u32 = explanation.asks.iter().map(|ask| ask.posts).sum();
    assert_eq!(asked + explanation.asks_other, signal.observed.posts);
    assert_eq!((explanation.asks[0].label.as_str(), explanation.asks[0].posts), ("何时恢复", 24));
    assert_eq!(
        (explanation.asks[1].label.as_str(), explanation.asks[1].posts),
        ("自来水发黄，谁来管管？", 24)
    );
    assert!((explanation.question_share - 48.0 / f64::from(signal.observed.posts)).abs() < 1e-9);

    let quoted: Vec<(&str, u32)> =
        explanation.quotes.iter().map(|quote| (quote.excerpt.as_str(), quote.similar)).collect();
    assert_eq!(quoted[0], ("自来水又发黄，到底几点恢复", 24));
    assert!(quoted.iter().all(|(text, _)| *text != "自来水发黄有铁锈味"), "{quoted:?}");
    assert_eq!(explanation.statements.len(), 1);
    assert_eq!(explanation.statements[0].address.as_deref(), Some("https://water.example/1"));
    assert!(explanation.words.iter().any(|word| word.word.contains("铁锈")), "{:?}", explanation.words);

    assert_eq!(explanation.curve.len(), 144);
    let last = explanation.curve.last().unwrap();
    assert_eq!(
        (last.at, last.posts, last.expected),
        (signal.at, Some(signal.observed.posts), signal.expected)
    );
    assert_eq!(explanation.sources.len(), 4);
    assert!(explanation.sources.iter().all(|source| source.late_minutes.is_none()));
}

#[test]
fn offices_that_say_other_things_are_laid_side_by_side_and_individuals_are_not() {
    let mut town = town();
    let mut publish = |bucket, publisher, text: &str| {
        town.say(bucket, "daily", text, None);
        town.posts.last_mut().unwrap().1.post.publisher = publisher;
    };
    publish(NOON + 4, Publisher::Gov, "自来水发黄：预计20:00恢复供水");
    publish(NOON + 5, Publisher::Gov, "自来水发黄处置进展：预计22:00恢复供水");
    publish(NOON + 5, Publisher::Individual, "自来水发黄，听说预计23:00恢复供水");
    let mut analyst = analyst();
    let signals = town.play(&mut analyst, 0..NOON + 6);
    let explanation =
        analyst.explain(signals.last().unwrap(), Read::all(&posts(&town, NOON + 6 - DAY, NOON + 7)));
    assert_eq!(explanation.differences.len(), 1);
    let values: Vec<&str> = explanation.differences[0].sides.iter().map(|side| side.value.as_str()).collect();
    assert_eq!(values, ["22:00", "20:00"]);
}

#[test]
fn an_edited_post_is_no_second_voice() {
    let town = town();
    let mut analyst = analyst();
    let signals = town.play(&mut analyst, 0..NOON + 6);
    let signal = signals.last().unwrap();
    let mut recent = posts(&town, NOON + 6 - DAY, NOON + 7);
    let before = analyst.explain(signal, Read::all(&recent));
    let edits: Vec<Stored> = recent.iter().map(|stored| Stored { revision: 1, ..stored.clone() }).collect();
    edits.iter().for_each(|edit| drop(analyst.observe(edit)));
    recent.extend(edits);
    assert_eq!(analyst.explain(signal, Read::all(&recent)), before);
}

#[test]
fn the_day_is_told_in_figures() {
    let mut town = town();
    town.no_visits("daily", 3 * DAY + 12..3 * DAY + 20);
    let mut analyst = analyst().with_segmenter(Segmenter::new(&[]));
    town.play(&mut analyst, 0..4 * DAY);
    let (from, to) = (at(3 * DAY, 0), at(4 * DAY, 0));
    let figures = analyst.figures(from, to, &posts(&town, 2 * DAY, 4 * DAY));

    let water = &figures.concerns[0];
    assert_eq!(figures.posts, water.posts);
    assert_eq!(figures.previous, Some(water.previous));
    assert!(water.posts > water.previous, "{} {}", water.posts, water.previous);
    assert!(f64::from(water.posts) > water.expected.mean);
    let (peak, most) = water.peak.unwrap();
    assert!((at(NOON + 4, 0)..=at(NOON + 10, 0)).contains(&peak), "{peak}");
    assert!(most >= 133);
    let (above_from, above_to) = water.above.unwrap();
    assert!(above_from < peak && above_to >= peak, "{above_from} {peak} {above_to}");
    assert_eq!(water.asks[0].label, "何时恢复");
    assert_eq!(water.asks[0].previous_share, Some(0.0));
    assert_eq!(water.quote.as_ref().unwrap().similar, 24);
    assert!(figures.new_words.iter().any(|(word, _)| word.contains("铁锈")), "{:?}", figures.new_words);

    assert_eq!(figures.curve.len(), 144);
    let outages: Vec<(&str, i64)> = figures
        .outages
        .iter()
        .map(|outage| (outage.name.as_str(), outage.to.duration_since(outage.from).as_mins()))
        .collect();
    assert_eq!(outages, [("daily", 90)]);
    assert_eq!(figures.sources, 4);
}

#[test]
fn a_quiet_beginning_has_figures_too() {
    let figures = analyst().figures(at(0, 0), at(DAY, 0), &[]);
    assert_eq!((figures.posts, figures.previous, figures.concerns.len()), (0, None, 1));
    assert_eq!(figures.concerns[0].peak, None);
    let hour = SignedDuration::from_hours(1);
    assert_eq!(analyst().figures(at(DAY, 0), at(DAY, 0) + hour, &[]).curve.len(), 6);
}
