//! The rules people use today, on the very counts our concerns had, each at the threshold that gives it as
//! many alarms as we raised: what is left to compare is which alarms, and when.

use analyzer::calendar::Calendar;
use analyzer::concern::Concern;
use analyzer::detect::Detection;
use analyzer::matcher::{Matchers, Text};
use analyzer::series::Bucket;
use crawler::post::Stored;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::Outcome;
use super::incident::Incident;
use super::score::{Counted, Score, Told, score};
use crate::benchmark::{self, Input};
use crate::replay::Span;

/// A rule's alarm shows the newest posts of its concern, so many and no older than a day.
const SHOWN: usize = 5;
const SHOWN_WITHIN: SignedDuration = SignedDuration::from_hours(24);

/// How one method did.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Contest {
    /// Name of the method; ours is `guanlan`.
    pub name: String,
    /// Score from which it alarms; `None` for ours.
    pub threshold: Option<f64>,
    /// How it did.
    pub score: Score,
}

/// Scores every rule on the counts of a replay, for as many alarms as we raised.
pub(crate) fn contest(
    outcome: &Outcome,
    posts: &[Stored],
    concerns: &[Concern],
    incidents: &[Incident],
    (span, counted, zone): (Span, &Counted, &TimeZone),
) -> Vec<Contest> {
    let ours = score(&outcome.told(), incidents, counted);
    let input = input(outcome, posts, span, zone);
    let heard = heard(posts, concerns);
    let mut contests = Vec::new();
    for rule in benchmark::rivals(&input, &Detection::default(), outcome.raised.len()) {
        let told = |(concern, bucket): &(usize, usize)| {
            let at = Bucket(input.first.0 + *bucket as i64).end();
            Told {
                ts: at,
                key: concerns.get(*concern).map(|concern| concern.id.clone()).unwrap_or_default(),
                titles: heard.get(*concern).map(|own| newest(own, posts, at)).unwrap_or_default(),
            }
        };
        let mut alarms: Vec<Told> = rule.begin.iter().map(told).collect();
        alarms.sort_by_key(|alarm| alarm.ts);
        let score = score(&alarms, incidents, counted);
        contests.push(Contest { name: rule.name.to_owned(), threshold: Some(rule.threshold), score });
    }
    contests.push(Contest { name: "guanlan".to_owned(), threshold: None, score: ours });
    contests
}

/// Voices by concern and bucket, with all posts and the coverage beside them.
fn input(outcome: &Outcome, posts: &[Stored], span: Span, zone: &TimeZone) -> Input {
    let (first, last) = (Bucket::of(span.from), Bucket::of(span.to));
    let length = usize::try_from(last.0 - first.0).unwrap_or(0);
    let place = |bucket: Bucket| usize::try_from(bucket.0 - first.0).ok().filter(|place| *place < length);
    let mut total = vec![0.0; length];
    for stored in posts.iter().filter(|stored| stored.revision == 0) {
        if let Some(count) = place(Bucket::of(stored.post.time)).and_then(|place| total.get_mut(place)) {
            *count += 1.0;
        }
    }
    let mut counts = Vec::with_capacity(outcome.series.len());
    for series in &outcome.series {
        let mut own = vec![0.0; length];
        for (bucket, (_, voices)) in &series.counts {
            if let Some(count) = place(*bucket).and_then(|place| own.get_mut(place)) {
                *count = f64::from(*voices);
            }
        }
        counts.push(own);
    }
    let buckets = || (first.0..last.0).map(Bucket);
    let calendar = Calendar::new(zone.clone());
    let coverage: Vec<f64> =
        buckets().map(|bucket| outcome.coverage.get(&bucket).copied().unwrap_or(0.0).min(1.0)).collect();
    Input {
        open: vec![vec![true; length]; counts.len()],
        exposure: exposure(&total, &coverage),
        slots: buckets().map(|bucket| calendar.slot(bucket)).collect(),
        warm_up: usize::try_from(Bucket::of(span.told_from).0 - first.0).unwrap_or(0),
        events: Vec::new(),
        outages: Vec::new(),
        counts,
        total,
        coverage,
        first,
    }
}

/// Usual posts of all sources: a day's mean, since single buckets of a hot list hold nothing or everything.
fn exposure(total: &[f64], coverage: &[f64]) -> Vec<f64> {
    const DAY: usize = 144;
    let (mut posts, mut watched) = (0.0, 0.0);
    let mut exposure = Vec::with_capacity(total.len());
    for (place, (count, coverage_now)) in total.iter().zip(coverage).enumerate() {
        posts += count;
        watched += coverage_now;
        if let Some(before) = place.checked_sub(DAY) {
            posts -= total.get(before).copied().unwrap_or(0.0);
            watched -= coverage.get(before).copied().unwrap_or(0.0);
        }
        exposure.push(f64::max(posts / f64::max(watched, 1.0), 0.1));
    }
    exposure
}

/// For each concern the places of its posts.
fn heard(posts: &[Stored], concerns: &[Concern]) -> Vec<Vec<usize>> {
    let matchers = Matchers::new(concerns);
    let mut heard = vec![Vec::new(); concerns.len()];
    for (place, stored) in posts.iter().enumerate().filter(|(_, stored)| stored.revision == 0) {
        for number in matchers.matching(&Text::of(&stored.post)) {
            if let Some(own) = heard.get_mut(number) {
                own.push(place);
            }
        }
    }
    heard
}

fn newest(own: &[usize], posts: &[Stored], at: Timestamp) -> Vec<String> {
    let time = |place: &usize| posts.get(*place).map(|stored| stored.post.time);
    let until = own.partition_point(|place| time(place) < Some(at));
    let recent = own.get(..until).unwrap_or_default().iter().rev();
    let mut titles: Vec<String> = Vec::new();
    for stored in recent.filter_map(|place| posts.get(*place)) {
        if stored.post.time < at - SHOWN_WITHIN || titles.len() == SHOWN {
            break;
        }
        let text = if stored.post.title.is_empty() { &stored.post.text } else { &stored.post.title };
        if !titles.contains(text) {
            titles.push(text.clone());
        }
    }
    titles
}
