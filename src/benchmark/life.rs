//! How many mails one event brings: the series with events go through the very detector and the very desk
//! that run, bucket by bucket: `guanlan backtest --life`.
//!
//! The series hold counts and no posts, so voices are invented to fit: each independent post is a voice of its
//! own, what is beyond them are copies of one text; all are spread over four feeds. Levels are the shipped ones.

mod ideas;

use std::collections::BTreeMap;
use std::path::Path;

use alerts::alert::{Alert, Event, Step};
use alerts::desk::{Desk, DeskError, Filter};
use alerts::message::Site;
use alerts::record::median;
use alerts::settings::Policy;
use analyzer::analyst::{Analyst, Feed};
use analyzer::concern::Concern;
use analyzer::detect::{Detection, GAP};
use analyzer::explain::Explanation;
use analyzer::level::Level;
use analyzer::series::{BUCKET_SECONDS, Bucket, BucketCount};
use crawler::post::{Publisher, Voice};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

pub(crate) use self::ideas::Idea;
use super::judge::quantile;
use super::set::{self, Event as Rise, Set, SetError};

/// Feeds over which posts are spread.
const FEEDS: [&str; 4] = ["a", "b", "c", "d"];
/// Mails so many buckets after an event's end still belong to it, unless the next one has begun.
const AFTERWARDS: f64 = 72.0;
/// A rise again so soon after the end of an alert is flapping.
const FLAP: SignedDuration = SignedDuration::from_hours(6);

/// What the run found.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Life {
    /// Events whose peak is at least twice the base.
    pub events: usize,
    /// Of these, events that brought a mail.
    pub mailed: usize,
    /// Alerts in 100 concern-weeks, events included.
    pub alerts: f64,
    /// Mails of an event that brought any: when it was raised, rose further, rose again.
    pub rising: Mails,
    /// The same with the mails that say it is over.
    pub with_end: Mails,
    /// Rises again within 24 hours of the end.
    pub again: usize,
    /// Most mails after a rise again that reached no higher level.
    pub most_after_again: usize,
    /// Rises again within 6 hours of the end.
    pub flaps: usize,
    /// Median minutes from the first post to each level, and how many events reached it.
    pub levels: Vec<(Level, Option<f64>, usize)>,
    /// What other rules would have made of the same alerts.
    pub ideas: Vec<(Idea, Mails, Mails)>,
}

/// How many mails.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct Mails {
    pub mean: f64,
    /// 95 % of the events brought no more.
    pub p95: f64,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LifeError {
    /// The series.
    #[error(transparent)]
    Set(#[from] SetError),
    /// The journal of alerts.
    #[error(transparent)]
    Desk(#[from] DeskError),
    /// The folder for the journal.
    #[error("no folder for the journal: {0}")]
    Folder(#[from] std::io::Error),
}

/// Lets the series go by and reads the journal.
pub(crate) fn run(
    folder: &Path,
    policy: Policy,
    site: &Site,
    detection: Detection,
) -> Result<Life, LifeError> {
    let set = set::read(folder)?;
    let scratch = tempfile::tempdir()?;
    let concerns: Vec<Concern> = (0..set.meta.concerns).map(concern).collect();
    let policy = one_reader(policy);
    let mut desk = Desk::open(scratch.path(), policy.clone(), concerns.clone(), site.clone())?;
    let feeds = FEEDS.iter().map(|id| feed(id)).collect();
    let mut analyst = Analyst::new(concerns, feeds, detection, site.zone.clone());
    let first = Bucket::of(set.meta.first_bucket);
    for place in 0..set.meta.buckets {
        let bucket = Bucket(first.0 + place as i64);
        arrive(&mut analyst, &set, place, bucket);
        let now = bucket.end() + SignedDuration::from_secs(120);
        let signals = analyst.close(now);
        if place >= set.meta.warm_up_buckets {
            desk.take(&signals, &mut |_| Explanation::default(), now)?;
        }
    }
    Ok(life(&set, &desk.alerts(Filter::All)?, &policy))
}

/// Lets the counts of one bucket come in.
fn arrive(analyst: &mut Analyst, set: &Set, place: usize, bucket: Bucket) {
    let Some(platform) = set.platform.get(place) else { return };
    if platform.coverage < GAP {
        return;
    }
    for (number, id) in FEEDS.iter().enumerate() {
        analyst.heartbeat(id, bucket.end(), true);
        analyst.tally_volume(bucket, id, share(platform.posts as u32, number));
    }
    for number in 0..set.meta.concerns {
        let (posts, independent) = (set.posts[number][place] as u32, set.independent[number][place] as u32);
        if posts > 0 {
            analyst.tally(&number.to_string(), &count(number, bucket, posts, independent.min(posts)));
        }
    }
}

/// Posts of one feed, if `posts` are spread over all.
fn share(posts: u32, feed: usize) -> u32 {
    let feeds = FEEDS.len() as u32;
    posts / feeds + u32::from((feed as u32) < posts % feeds)
}

fn count(concern: usize, bucket: Bucket, posts: u32, independent: u32) -> BucketCount {
    // The text that is copied is the same all the time; the others are never heard again.
    let copied = Voice(concern as u64);
    let own = |number: u32| {
        Voice((1 << 40) + (concern as u64) * 7_919 + (bucket.0 as u64) * 1_000_003 + u64::from(number))
    };
    let mut voices: Vec<(Voice, u32)> = (0..independent).map(|number| (own(number), 1)).collect();
    if posts > independent {
        voices.push((copied, posts - independent));
    }
    voices.sort_unstable();
    let sources = FEEDS
        .iter()
        .enumerate()
        .map(|(number, id)| ((*id).to_owned(), share(posts, (number + bucket.0 as usize) % FEEDS.len())));
    let sources = sources.filter(|(_, posts)| *posts > 0).collect();
    BucketCount { bucket, posts, voices, sources }
}

/// What became of the events, by the journal.
fn life(set: &Set, alerts: &[Alert], policy: &Policy) -> Life {
    let strong: Vec<&Rise> = set.events.iter().filter(|event| event.peak_over_base >= 2.0).collect();
    let told = told(set, &strong, alerts);
    let mut minutes: BTreeMap<Level, Vec<Option<f64>>> = BTreeMap::new();
    for event in &strong {
        let concern = (event.concern as usize).to_string();
        let own: Vec<&Alert> = alerts.iter().filter(|alert| alert.concern == concern).collect();
        let (from, to) = span(set, event);
        for level in Level::ALL {
            let reached = own.iter().flat_map(|alert| alert.levels());
            let reached = reached.filter(|(at, reached)| *at >= from && *at < to && *reached >= level);
            let first = reached.map(|(at, _)| at).min();
            let minute = first.map(|first| first.duration_since(from).as_secs_f64() / 60.0);
            minutes.entry(level).or_default().extend(minute.map(Some));
        }
    }
    let again: Vec<Again> = alerts.iter().flat_map(again).collect();
    let weeks = set.meta.concerns as f64 * (set.meta.buckets - set.meta.warm_up_buckets) as f64 / 1_008.0;
    Life {
        events: strong.len(),
        mailed: told.len(),
        alerts: 100.0 * alerts.len() as f64 / weeks,
        rising: sum_up(told.iter().map(|(rising, _)| *rising)),
        with_end: sum_up(told.iter().map(|(_, all)| *all)),
        ideas: Idea::all().into_iter().map(|idea| tried(set, &strong, alerts, (idea, policy))).collect(),
        again: again.len(),
        most_after_again: again
            .iter()
            .filter(|again| !again.is_higher)
            .map(|again| again.mails)
            .max()
            .unwrap_or(0),
        flaps: again.iter().filter(|again| again.after <= FLAP).count(),
        levels: minutes
            .into_iter()
            .map(|(level, minutes)| (level, median(&minutes), minutes.len()))
            .collect(),
    }
}

/// From the first post of an event until its mails are over.
fn span(set: &Set, event: &Rise) -> (Timestamp, Timestamp) {
    let next = set.events.iter().filter(|other| other.concern == event.concern && other.start > event.start);
    let next = next.map(|other| other.start).fold(f64::INFINITY, f64::min);
    (at(set, event.start), at(set, next.min(event.end + AFTERWARDS)))
}

/// Mails of each event that brought any: about its rise, and all.
fn told(set: &Set, events: &[&Rise], alerts: &[Alert]) -> Vec<(f64, f64)> {
    let mut by_concern: BTreeMap<&str, Vec<(Timestamp, Step)>> = BTreeMap::new();
    alerts.iter().for_each(|alert| by_concern.entry(&alert.concern).or_default().extend(mails(alert)));
    let of_event = |event: &&Rise| {
        let concern = (event.concern as usize).to_string();
        let own = by_concern.get(concern.as_str()).map(Vec::as_slice).unwrap_or_default();
        let (from, to) = span(set, event);
        let within: Vec<Step> =
            own.iter().filter(|(at, _)| *at >= from && *at < to).map(|(_, step)| *step).collect();
        let ends = within.iter().filter(|step| **step == Step::Resolved).count();
        (within.len() > ends).then(|| ((within.len() - ends) as f64, within.len() as f64))
    };
    events.iter().filter_map(of_event).collect()
}

/// What one idea would have made of the same alerts.
fn tried(
    set: &Set,
    events: &[&Rise],
    alerts: &[Alert],
    (idea, policy): (Idea, &Policy),
) -> (Idea, Mails, Mails) {
    let retold: Vec<Alert> = alerts.iter().filter_map(|alert| idea.retell(alert, policy)).collect();
    let told = told(set, events, &retold);
    let rising = sum_up(told.iter().map(|(rising, _)| *rising));
    (idea, rising, sum_up(told.iter().map(|(_, all)| *all)))
}

/// One rise again.
struct Again {
    /// Time since the end.
    after: SignedDuration,
    /// Mails from then to the next rise again.
    mails: usize,
    /// Whether it began at, or reached, a higher level than people knew.
    is_higher: bool,
    level: Level,
}

fn again(alert: &Alert) -> Vec<Again> {
    let mut found: Vec<Again> = Vec::new();
    let (mut ended, mut highest): (Option<Timestamp>, Option<Level>) = (None, None);
    let mut mailed: Option<(Timestamp, Step)> = None;
    for (time, event) in &alert.events {
        match event {
            Event::Resolved { .. } => ended = Some(*time),
            Event::Raised { level, .. } | Event::Escalated { level, .. } => {
                if let Some(end) = ended.take() {
                    let is_higher = Some(*level) > highest;
                    let after = time.duration_since(end);
                    found.push(Again { after, mails: 0, is_higher, level: *level });
                }
                if let Some(last) = found.last_mut() {
                    last.is_higher |= *level > last.level;
                }
                highest = highest.max(Some(*level));
            }
            Event::Queued { step, .. } if mailed != Some((*time, *step)) => {
                mailed = Some((*time, *step));
                if let Some(last) = found.last_mut() {
                    last.mails += 1;
                }
            }
            _ => {}
        }
    }
    found
}

/// The mails of an alert, each once however many read it.
fn mails(alert: &Alert) -> Vec<(Timestamp, Step)> {
    let queued = |(at, event): &(Timestamp, Event)| match event {
        Event::Queued { step, .. } => Some((*at, *step)),
        _ => None,
    };
    let mut mails: Vec<(Timestamp, Step)> = alert.events.iter().filter_map(queued).collect();
    mails.dedup();
    mails
}

fn sum_up(mails: impl Iterator<Item = f64>) -> Mails {
    let mails: Vec<Option<f64>> = mails.map(Some).collect();
    let mean = mails.iter().flatten().sum::<f64>() / mails.len().max(1) as f64;
    Mails { mean, p95: quantile(&mails, 0.95).unwrap_or(0.0) }
}

fn at(set: &Set, place: f64) -> Timestamp {
    let bucket = Bucket(Bucket::of(set.meta.first_bucket).0 + place.min(1e9) as i64);
    bucket.start()
}

fn one_reader(mut policy: Policy) -> Policy {
    policy.people = [(policy.duty.clone(), vec!["duty@backtest.example".to_owned()])].into();
    policy
}

fn feed(id: &str) -> Feed {
    Feed {
        id: id.to_owned(),
        name: id.to_owned(),
        group: id.to_owned(),
        every: SignedDuration::from_secs(BUCKET_SECONDS),
        publisher: Publisher::Individual,
    }
}

fn concern(number: usize) -> Concern {
    Concern { words: vec![number.to_string()], ..Concern::named(&number.to_string()) }
}
