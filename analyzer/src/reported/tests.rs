//! What was reported, day by day: usual days, rises, weekends, corrections.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use jiff::tz::TimeZone;

use super::*;

fn calendar() -> Calendar {
    Calendar::new(TimeZone::get("Asia/Shanghai").unwrap())
}

/// Monday 5 January 2026 and the days after it.
fn day(number: i64, calls: u32) -> CategoryCount {
    let start: jiff::Timestamp = "2026-01-05T00:00:00+08:00".parse().unwrap();
    let from = start + SignedDuration::from_hours(24 * number);
    let to = from + SignedDuration::from_hours(24);
    CategoryCount { source: "hotline".into(), category: "供水".into(), from, to, count: calls }
}

fn report(reported: &mut Reported, count: &CategoryCount) {
    reported.cover(count, &calendar());
    reported.take(count, &calendar());
}

/// The newest day as judged in the morning after the last of these.
fn judged(calls: &[u32]) -> Option<ReportedDay> {
    let mut reported = Reported::default();
    calls.iter().zip(0..).for_each(|(calls, number)| report(&mut reported, &day(number, *calls)));
    let morning = Bucket::of(day(calls.len() as i64, 0).from + SignedDuration::from_hours(8));
    reported.day(morning, 5.0, &calendar(), &Detection::default())
}

#[test]
fn parts_are_even_and_their_sum_is_the_count() {
    for (count, parts) in [(0, 144), (1, 144), (20, 144), (145, 144), (4_000_000_000, 7), (5, 1)] {
        let spread = spread(count, parts);
        assert_eq!(spread.iter().map(|part| u64::from(*part)).sum::<u64>(), u64::from(count));
        assert!(spread.iter().max().unwrap() - spread.iter().min().unwrap() <= 1);
    }
}

#[test]
fn a_usual_day_is_usual_and_five_times_as_many_calls_are_not() {
    assert_eq!(judged(&[20; 7]).unwrap().score, 0.0, "a week is learnt first");
    let eighth = judged(&[20; 8]).unwrap();
    assert_eq!((eighth.calls, eighth.score), (20, 0.0));
    assert!((eighth.usual - 20.0).abs() < 0.01, "{eighth:?}");
    let mut rise = vec![20; 14];
    rise.push(100);
    assert!(judged(&rise).unwrap().score >= 1.0, "{:?}", judged(&rise));
    rise.extend([20; 3]);
    let later = judged(&rise).unwrap();
    assert!(later.score == 0.0 && later.usual < 30.0, "one rise is not usual: {later:?}");
}

#[test]
fn quiet_weekends_do_not_make_mondays_unusual() {
    let week = [30, 30, 30, 30, 30, 4, 4];
    let mut days: Vec<u32> = week.iter().copied().cycle().take(28).collect();
    days.push(31);
    let monday = judged(&days).unwrap();
    assert!(monday.score == 0.0 && monday.usual > 22.0, "{monday:?}");
    days.extend([30, 30, 30, 30, 60]);
    assert!(judged(&days).unwrap().score > 0.5, "many for a Saturday: {:?}", judged(&days));
}

#[test]
fn a_corrected_count_takes_the_place_of_the_first() {
    let mut reported = Reported::default();
    report(&mut reported, &day(0, 200));
    report(&mut reported, &day(0, 20));
    let (from, to) = (Bucket::of(day(0, 0).from), Bucket::of(day(0, 0).to));
    assert_eq!(reported.calls(from, to).map(|(_, _, calls)| calls).sum::<u32>(), 20);
    let hours = CategoryCount {
        from: day(1, 0).from,
        to: day(1, 0).from + SignedDuration::from_hours(1),
        ..day(1, 6)
    };
    report(&mut reported, &hours);
    let hour = Bucket::of(hours.from);
    assert!(
        reported.calls(hour, Bucket(hour.0 + 6)).all(|(_, source, calls)| (source, calls) == ("hotline", 1))
    );
}

#[test]
fn every_call_is_a_voice_of_its_own() {
    let all: BTreeSet<Voice> = (0..144)
        .flat_map(|bucket| voices(Bucket(bucket), "hotline", 50))
        .chain(voices(Bucket(3), "other", 50))
        .collect();
    assert_eq!(all.len(), 145 * 50);
}

#[test]
fn news_is_old_after_two_days() {
    let mut reported = Reported::default();
    (0..10).for_each(|number| report(&mut reported, &day(number, 20)));
    let after = |hours| Bucket::of(day(10, 0).from + SignedDuration::from_hours(hours));
    let settings = Detection::default();
    assert!(reported.day(after(40), 5.0, &calendar(), &settings).is_some());
    assert_eq!(reported.day(after(49), 5.0, &calendar(), &settings), None);
}
