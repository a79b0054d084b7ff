//! Every source as the detector sees it: volume, coverage of the open buckets, and the bucket that is being closed.
//!
//! Sources keep the order in which they were configured; those learnt from posts come after them.

mod source;
mod weights;

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use crawler::post::Publisher;
use jiff::{SignedDuration, Timestamp};

use crate::calendar::{Calendar, Slot};
use crate::course::OPEN;
use crate::coverage::Hole;
use crate::detect::GAP;
use crate::series::Bucket;
use crate::signal::SourceState;
use crate::volume::{NOW_REACH, weight};
use crate::watch::{Tallied, Tallies};
use source::{Now, Source};
pub(crate) use weights::Weights;

/// A source as the analyst has to know it.
#[derive(Clone, Debug, PartialEq)]
pub struct Feed {
    /// Source id.
    pub id: String,
    /// Name shown to people.
    pub name: String,
    /// Group shown to people and counted as one source.
    pub group: String,
    /// Distance between visits; zero where nobody said.
    pub every: SignedDuration,
    /// Who speaks there.
    pub publisher: Publisher,
}

/// All sources.
#[derive(Clone, Debug)]
pub(crate) struct Sources {
    feeds: Vec<Source>,
    /// By age in buckets, 0 = the one being closed.
    weights: VecDeque<Weights>,
    /// Sources by their volume in the bucket being closed, the loudest first.
    loudest: Vec<usize>,
    /// Volume of all sources at the hours near the bucket being closed.
    hours: BTreeMap<usize, f64>,
    numbers: HashMap<String, usize>,
    calendar: Calendar,
    bucket: Bucket,
    slot: Slot,
    /// Where the bucket lies that no longer changes.
    settled: Slot,
}

impl Sources {
    pub(crate) fn new(feeds: Vec<Feed>, calendar: Calendar) -> Sources {
        let slot = calendar.slot(Bucket(0));
        let mut sources = Sources {
            feeds: Vec::new(),
            weights: VecDeque::from([Weights::default()]),
            loudest: Vec::new(),
            hours: BTreeMap::new(),
            numbers: HashMap::new(),
            calendar,
            bucket: Bucket(0),
            slot,
            settled: slot,
        };
        for feed in feeds {
            sources.add(feed, true);
        }
        sources
    }

    /// Adds a source that reports counts.
    pub(crate) fn add_reporting(&mut self, feed: Feed) {
        let number = self.number(&feed.id);
        if let Some(source) = self.feeds.get_mut(number) {
            *source = Source { feed, named: true, reports: true, ..source.clone() };
        }
    }

    /// Whether there is no source of posts beside those that report counts.
    pub(crate) fn only_report(&self) -> bool {
        !self.feeds.is_empty() && self.feeds.iter().all(|source| source.reports)
    }

    pub(crate) fn len(&self) -> usize {
        self.feeds.len()
    }

    /// The bucket being closed, and where it lies in the day.
    pub(crate) fn bucket(&self) -> Bucket {
        self.bucket
    }

    pub(crate) fn slot(&self) -> Slot {
        self.slot
    }

    /// Where the bucket `age` buckets ago lies in the day; the oldest of the open ones is known already.
    pub(crate) fn slot_ago(&self, age: usize) -> Slot {
        match age {
            0 => self.slot,
            OPEN => self.settled,
            _ => self.calendar.slot(Bucket(self.bucket.0 - age as i64)),
        }
    }

    pub(crate) fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    /// Counts a post of a source, learning the source if it is new. Returns its number.
    pub(crate) fn posted(&mut self, post: &crawler::post::Post) -> usize {
        let number = self.number(&post.source);
        if let Some(source) = self.feeds.get_mut(number) {
            if !source.named {
                source.feed.group.clone_from(&post.group);
                source.feed.publisher = post.publisher;
                source.named = true;
            }
            source.sightings.posted(post.time);
            source.volume.add(Bucket::of(post.time), 1);
        }
        number
    }

    /// Takes history: posts of one source in one bucket.
    pub(crate) fn seed(&mut self, bucket: Bucket, id: &str, posts: u32) {
        let number = self.number(id);
        if let Some(source) = self.feeds.get_mut(number) {
            source.sightings.posted(bucket.start());
            source.sightings.posted(Timestamp::from_second(bucket.end().as_second() - 1).unwrap_or_default());
            source.volume.add(bucket, posts);
        }
    }

    pub(crate) fn heartbeat(&mut self, id: &str, at: Timestamp, ok: bool) {
        let number = self.number(id);
        if let Some(source) = self.feeds.get_mut(number) {
            if ok { source.sightings.seen(at) } else { source.sightings.failed(at) }
        }
    }

    /// First bucket anything is known of.
    pub(crate) fn first(&self) -> Option<Bucket> {
        self.feeds.iter().filter_map(|source| source.volume.first()).min()
    }

    /// Moves on to the next bucket to close.
    pub(crate) fn close(&mut self, bucket: Bucket) {
        self.bucket = bucket;
        self.slot = self.calendar.slot(bucket);
        self.settled = self.calendar.slot(Bucket(bucket.0 - OPEN as i64));
        let now = Now::new(bucket, &self.calendar);
        let changed = self.feeds.iter_mut().map(|source| source.close(&now)).max();
        self.weigh(changed.unwrap_or(0));
    }

    /// Coverage of one source `age` buckets ago.
    pub(crate) fn coverage(&self, number: usize, age: usize) -> f64 {
        self.feeds.get(number).and_then(|source| source.coverage.get(age)).copied().unwrap_or(0.0)
    }

    /// Posts of a concern in the last hours, weighted, by source, sorted.
    pub(crate) fn weighted(&self, counts: &Tallies) -> Vec<(usize, f64)> {
        let mut own = Vec::new();
        for (bucket, count) in counts.range(Bucket(self.bucket.0 - NOW_REACH + 1)..=self.bucket) {
            let age = self.bucket.0 - bucket.0;
            let weight = weight(age);
            let posts = count.sources.iter().map(|(number, posts)| (*number as usize, *posts));
            let watched = posts.filter(|(number, _)| self.coverage(*number, age as usize) >= GAP);
            own.extend(watched.map(|(number, posts)| (number, weight * f64::from(posts))));
        }
        // Stable, so that the sums are the same whenever the posts are.
        own.sort_by_key(|(number, _)| *number);
        own.dedup_by(|later, earlier| {
            let same = later.0 == earlier.0;
            earlier.1 += if same { later.1 } else { 0.0 };
            same
        });
        own
    }

    /// Share of a bucket's posts that come from sources watched at the time.
    pub(crate) fn watched_share(&self, count: Option<&Tallied>, age: usize) -> f64 {
        let (mut all, mut watched) = (0.0, 0.0);
        for (number, posts) in count.map(|count| count.sources.as_slice()).unwrap_or_default() {
            all += f64::from(*posts);
            if self.coverage(*number as usize, age) >= GAP {
                watched += f64::from(*posts);
            }
        }
        if all > 0.0 { watched / all } else { 1.0 }
    }

    /// Id of a source.
    pub(crate) fn id(&self, number: usize) -> Option<&str> {
        self.feeds.get(number).map(|source| source.feed.id.as_str())
    }

    /// Number of different groups among these sources.
    pub(crate) fn groups<'a>(&self, ids: impl Iterator<Item = &'a str>) -> u32 {
        let groups: BTreeSet<&str> = ids.map(|id| self.group(id)).collect();
        u32::try_from(groups.len()).unwrap_or(u32::MAX)
    }

    /// Group of a source; its id where nothing else is known.
    pub(crate) fn group<'a>(&'a self, id: &'a str) -> &'a str {
        self.get(id).map_or(id, |feed| feed.group.as_str())
    }

    /// A source by its id.
    pub(crate) fn get(&self, id: &str) -> Option<&Feed> {
        self.numbers.get(id).and_then(|number| self.feeds.get(*number)).map(|source| &source.feed)
    }

    /// All sources, in order.
    pub(crate) fn feeds(&self) -> impl Iterator<Item = &Feed> {
        self.feeds.iter().map(|source| &source.feed)
    }

    /// State of every source.
    pub(crate) fn states(&self, now: Timestamp) -> Vec<SourceState> {
        let state = |source: &Source| SourceState {
            id: source.feed.id.clone(),
            name: source.feed.name.clone(),
            late_minutes: source.sightings.late_minutes(now),
            pause: None,
        };
        self.feeds.iter().map(state).collect()
    }

    /// Holes of every source in a span of time; sources of which nothing is known are left out.
    pub(crate) fn holes(&self, from: Timestamp, to: Timestamp) -> Vec<(&Feed, Hole)> {
        let known = self.feeds.iter().filter(|source| source.sightings.is_known());
        known
            .flat_map(|source| source.sightings.holes(from, to).into_iter().map(|hole| (&source.feed, hole)))
            .collect()
    }

    /// Number of a source, which is learnt if it is new.
    pub(crate) fn number(&mut self, id: &str) -> usize {
        if let Some(number) = self.numbers.get(id) {
            return *number;
        }
        let feed = Feed {
            id: id.to_owned(),
            name: id.to_owned(),
            group: id.to_owned(),
            every: SignedDuration::ZERO,
            publisher: Publisher::default(),
        };
        self.add(feed, false)
    }

    fn add(&mut self, feed: Feed, named: bool) -> usize {
        let number = self.feeds.len();
        self.numbers.insert(feed.id.clone(), number);
        self.feeds.push(Source::new(feed, named));
        number
    }
}

#[cfg(test)]
mod tests;
