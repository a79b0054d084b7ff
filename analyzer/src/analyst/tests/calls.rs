//! A hotline's daily counts beside the posts: late, in one piece, and judged for what they are.

use super::*;

fn hotline() -> Feed {
    Feed {
        id: "hotline".to_owned(),
        name: "12345".to_owned(),
        group: "热线计数".to_owned(),
        every: SignedDuration::from_hours(24),
        publisher: Publisher::Gov,
    }
}

/// A town with its feeds and a hotline that reports.
fn town_hall() -> Analyst {
    let feed = hotline();
    let concerns = vec![("供水".to_owned(), "water".to_owned())];
    analyst().with_reporting(vec![Reporting { feed, concerns }])
}

fn calls(day: i64, count: u32) -> CategoryCount {
    let (from, to) = (at(day * DAY, 0), at((day + 1) * DAY, 0));
    CategoryCount { source: "hotline".to_owned(), category: "供水".to_owned(), from, to, count }
}

/// Lives through days; each day's calls are reported at eight the next morning.
fn live(analyst: &mut Analyst, town: &Town, daily: &[u32]) -> Vec<Signal> {
    let mut signals = Vec::new();
    for (day, count) in (0..).zip(daily) {
        signals.extend(town.play(analyst, day * DAY..day * DAY + 48));
        if day > 0 {
            analyst.report(&calls(day - 1, *count));
        }
        signals.extend(town.play(analyst, day * DAY + 48..(day + 1) * DAY));
    }
    signals
}

fn town(days: i64, hourly: f64) -> Town {
    let mut town = Town::default();
    town.live(0..days * DAY, hourly, &mut Random(7));
    town
}

/// The signals that have a level and had none without the hotline.
fn added<'a>(signals: &'a [Signal], town: &Town, days: i64) -> Vec<&'a Signal> {
    let without = town.play(&mut analyst(), 0..days * DAY);
    let without: BTreeMap<_, _> = without.iter().map(|signal| (signal.at, signal.level)).collect();
    assert_eq!(signals.len(), without.len());
    let mut added = Vec::new();
    for signal in signals {
        if without.get(&signal.at).is_some_and(|level| *level != signal.level) {
            assert!(signal.level.is_ok(), "calls hide no rise of posts: {signal:?}");
            added.push(signal);
        }
    }
    added
}

#[test]
fn a_usual_daily_count_changes_no_judgement_though_it_comes_in_one_piece() {
    for hourly in [0.1, 1.0, 10.0] {
        let (town, daily) = (town(28, hourly), [20; 28]);
        let signals = live(&mut town_hall(), &town, &daily);
        let added = added(&signals, &town, 28);
        assert!(added.is_empty(), "{hourly}: {:?}", added.first());
    }
}

#[test]
fn five_times_as_many_calls_show_whatever_the_posts_do_and_end_when_they_do() {
    for hourly in [0.1, 10.0] {
        let town = town(24, hourly);
        let mut daily = vec![20; 24];
        // The calls of day 20 come at eight on day 21.
        daily[21] = 100;
        let signals = live(&mut town_hall(), &town, &daily);
        let added = added(&signals, &town, 24);
        let (first, last) = (added.first().unwrap(), added.last().unwrap());
        let about_eight = at(21 * DAY + 48, 0)..at(21 * DAY + 51, 0);
        assert!(about_eight.contains(&first.at), "{hourly}: {first:?}");
        assert!(last.at <= at(22 * DAY + 49, 0), "the next usual count ends it: {last:?}");
        assert_eq!((first.observed.posts, first.observed.sources, first.span), (100, 1, Span::Day));
        assert!((first.expected.mean - 20.0).abs() < 1.0, "{first:?}");
        assert_eq!(first.onset, Some(at(20 * DAY, 0)));
    }
}

#[test]
fn evidence_lists_the_hotline_and_quotes_nothing_of_it() {
    let (mut analyst, town) = (town_hall(), town(15, 0.1));
    let mut daily = vec![20; 15];
    daily[14] = 100;
    let signals = live(&mut analyst, &town, &daily);
    let first = added(&signals, &town, 15)[0].clone();
    let explanation = analyst.explain(&first, crate::evidence::Read::all(&[]));
    let groups: Vec<_> = explanation.groups.iter().map(|share| (share.group.as_str(), share.posts)).collect();
    assert_eq!(groups, [("热线计数", 100)]);
    assert!((explanation.groups[0].expected - 20.0).abs() < 1.0, "{:?}", explanation.groups);
    assert!(explanation.quotes.is_empty());
}

#[test]
fn charts_and_digests_count_calls_at_their_own_time_with_what_is_usual() {
    let mut analyst = town_hall();
    live(&mut analyst, &Town::default(), &[20; 11]);
    let (from, to) = (at(8 * DAY, 0), at(9 * DAY, 0));
    let counts = analyst.counts("water", from, to);
    assert_eq!(counts.iter().map(|count| count.posts).sum::<u32>(), 20);
    assert!(counts.iter().all(|count| count.voices.len() == count.posts as usize));
    let figures = analyst.figures(from, to, &[]);
    assert_eq!(figures.concerns[0].posts, 20);
    assert!((figures.concerns[0].expected.mean - 20.0).abs() < 1.0, "{:?}", figures.concerns[0].expected);
}

#[test]
fn a_town_that_only_has_a_hotline_is_judged_too() {
    let mut daily = vec![20; 16];
    daily[15] = 100;
    let feed = hotline();
    let zone = TimeZone::get("Asia/Shanghai").unwrap();
    let concerns = vec![("供水".to_owned(), "water".to_owned())];
    let mut analyst = Analyst::new(vec![water()], vec![feed.clone()], Detection::default(), zone)
        .with_reporting(vec![Reporting { feed, concerns }]);
    let signals = live(&mut analyst, &Town::default(), &daily);
    assert!(raised(&signals).iter().all(|signal| signal.at > at(15 * DAY + 48, 0)));
    assert!(!raised(&signals).is_empty());
}

#[test]
fn what_is_seeded_raises_nothing_and_is_known_as_if_it_had_been_lived() {
    let mut daily = vec![20; 16];
    daily[15] = 100;
    let town = town(16, 1.0);
    let mut lived = town_hall();
    let signals = live(&mut lived, &town, &daily);
    let now = at(16 * DAY, 0);
    let history: Vec<_> = (1..).zip(&daily[1..]).map(|(day, count)| calls(day - 1, *count)).collect();
    let mut seeded = town_hall();
    seeded.seed_reported(&history, now);
    assert!(seeded.close(now).is_empty());
    let next = seeded.close(now + SignedDuration::from_mins(14));
    let last = signals.last().unwrap();
    assert_eq!((next[0].observed.posts, next[0].level), (last.observed.posts, last.level));
    assert!(next[0].level.is_ok(), "{:?}", next[0]);
}

#[test]
fn old_counts_that_come_for_the_first_time_are_no_news() {
    let (mut analyst, town) = (town_hall(), town(30, 1.0));
    let mut signals = town.play(&mut analyst, 0..28 * DAY);
    for day in 0..25 {
        analyst.report(&calls(day, if day == 20 { 200 } else { 20 }));
    }
    signals.extend(town.play(&mut analyst, 28 * DAY..30 * DAY));
    assert!(added(&signals, &town, 30).is_empty());
}
