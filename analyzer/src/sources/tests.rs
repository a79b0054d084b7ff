//! Coverage by weight, unwatched sources, holes that were filled in, groups.

use jiff::tz::TimeZone;

use super::*;

fn minute(minute: i64) -> Timestamp {
    Timestamp::from_second(minute * 60).unwrap()
}

/// Two sources of one volume; the second was not watched in the last hour.
fn half_watched() -> Sources {
    let mut sources = Sources::new(Vec::new(), Calendar::new(TimeZone::UTC));
    for bucket in 0..200 {
        sources.seed(Bucket(bucket), "a", 4);
        sources.seed(Bucket(bucket), "b", 4);
        sources.heartbeat("a", minute(bucket * 10), true);
        if bucket < 190 {
            sources.heartbeat("b", minute(bucket * 10), true);
        }
    }
    (0..200).for_each(|bucket| sources.close(Bucket(bucket)));
    sources
}

#[test]
fn posts_of_an_unwatched_source_are_no_part_of_the_count() {
    let sources = half_watched();
    let count = Tallied { posts: 4, voices: Vec::new(), sources: vec![(0, 1), (1, 3)] };
    assert_eq!(sources.watched_share(Some(&count), 0), 0.25);
    assert_eq!(sources.watched_share(Some(&count), 30), 1.0);
}

#[test]
fn the_watched_part_of_the_volume_is_known_by_age() {
    let sources = half_watched();
    let (now, earlier) = (sources.weights(0), sources.weights(30));
    assert_eq!(now.watched(1), 0.0);
    assert!(now.all() > 0.0 && (now.all_watched() / now.all() - 0.5).abs() < 1e-6);
    assert_eq!(earlier.plain_coverage(), Some(1.0));
    assert_eq!(sources.loudest().collect::<Vec<_>>(), [0, 1]);
}

#[test]
fn what_was_filled_in_counts_from_its_first_post_and_only_once_the_source_is_back() {
    let mut sources = half_watched();
    assert_eq!(sources.coverage(1, 2), 0.0);
    sources.heartbeat("b", minute(2000), true);
    sources.close(Bucket(200));
    let filled = (1..=8).filter(|age| sources.coverage(1, *age) == 1.0).count();
    assert_eq!(filled, 8);
}

#[test]
fn groups_are_those_of_the_configuration() {
    let feed = |id: &str| Feed {
        id: id.to_owned(),
        name: id.to_owned(),
        group: "新闻".to_owned(),
        every: SignedDuration::ZERO,
        publisher: Publisher::Media,
    };
    let sources = Sources::new(vec![feed("daily"), feed("evening")], Calendar::new(TimeZone::UTC));
    assert_eq!(sources.groups(["daily", "evening", "unknown"].into_iter()), 2);
}
