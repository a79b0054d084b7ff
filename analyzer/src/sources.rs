//! Every source as the detector sees it: volume, coverage of the open buckets, and the bucket that is being closed.
//!
//! Sources keep the order in which they were configured; those learnt from posts come after them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crawler::post::Publisher;
use jiff::{SignedDuration, Timestamp};

use crate::calendar::{Calendar, Slot};
use crate::course::OPEN;
use crate::coverage::{Hole, Recent, Sightings};
use crate::detect::GAP;
use crate::series::{Bucket, BucketCount};
use crate::signal::SourceState;
use crate::volume::{NOW_REACH, Present, Volume, weight};

/// A hole is closed by what was filled in after it where that is at least this share of the usual …
const FILLED: f64 = 0.5;
/// … and the usual is at least so many posts: fewer prove nothing.
const FILLED_LEAST: f64 = 3.0;
/// A source without any sign for so long has gone: nothing is expected of it, and nobody waits for it.
const GONE: SignedDuration = SignedDuration::from_hours(72);

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

/// What one source adds to the exposure of a concern.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Exposure {
    /// Usual posts in ten minutes at this hour.
    pub(crate) usual: f64,
    /// How busy it is.
    pub(crate) present: Present,
}

/// All sources.
#[derive(Clone, Debug)]
pub(crate) struct Sources {
    feeds: Vec<Source>,
    /// By age in buckets, the sources that were not watched all of the time and the share that is missing: a
    /// few of thousands, so that a concern need not ask all of its sources.
    missing: Vec<Vec<(usize, f64)>>,
    /// Those that report counts.
    reporting: Vec<usize>,
    numbers: HashMap<String, usize>,
    calendar: Calendar,
    bucket: Bucket,
    slot: Slot,
}

#[derive(Clone, Debug)]
struct Source {
    feed: Feed,
    /// Whether the group is configured or was read from a post, and not guessed from the id.
    named: bool,
    /// Whether it reports counts, late: nobody waits for it, and nothing is missing before it comes.
    reports: bool,
    sightings: Sightings,
    volume: Volume,
    exposure: Exposure,
    /// Coverage by age in buckets, 0 = the bucket being closed.
    coverage: Vec<f64>,
    recent: Recent,
}

impl Source {
    /// Counts the end of a hole as watched, from the first post that was filled in after it, if about as much came
    /// as usually does: a feed lists its newest posts without a break, so what it still held is complete.
    fn close_filled_holes(&mut self, bucket: Bucket, slots: &[Slot]) {
        let (mut posts, mut usual, mut after_hole) = (0.0, 0.0, None);
        for (age, slot) in slots.iter().enumerate() {
            let is_hole = self.coverage.get(age).is_none_or(|coverage| *coverage < GAP);
            // A hole that has not ended yet can't have been filled.
            let Some(end) = after_hole.filter(|_| is_hole) else {
                (posts, usual) = (0.0, 0.0);
                after_hole = (!is_hole).then_some(age + 1);
                continue;
            };
            let then = Bucket(bucket.0 - age as i64);
            let found = f64::from(self.volume.posts(then));
            posts += found;
            usual += self.volume.usual(*slot);
            if found > 0.0 && usual >= FILLED_LEAST && posts >= FILLED * usual {
                let filled = self.coverage.iter_mut().take(age + 1).skip(end);
                filled.for_each(|coverage| *coverage = 1.0);
            }
        }
    }
}

impl Sources {
    pub(crate) fn new(feeds: Vec<Feed>, calendar: Calendar) -> Sources {
        let slot = calendar.slot(Bucket(0));
        let mut sources = Sources {
            feeds: Vec::new(),
            missing: Vec::new(),
            reporting: Vec::new(),
            numbers: HashMap::new(),
            calendar,
            bucket: Bucket(0),
            slot,
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
            self.reporting.push(number);
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

    pub(crate) fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    /// Counts a post of a source, learning the source if it is new.
    pub(crate) fn posted(&mut self, post: &crawler::post::Post) {
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

    pub(crate) fn heartbeat(&mut self, id: &str, at: Timestamp) {
        let number = self.number(id);
        if let Some(source) = self.feeds.get_mut(number) {
            source.sightings.seen(at);
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
        let settled = Bucket(bucket.0 - OPEN as i64);
        let slots: Vec<Slot> = (0..NOW_REACH).map(|age| self.calendar.slot(Bucket(bucket.0 - age))).collect();
        for source in &mut self.feeds {
            source.coverage.clear();
            source.coverage.extend(source.recent.close(bucket, OPEN + 1, &source.sightings));
            source.close_filled_holes(bucket, &slots);
            let (learnt, age) = if source.volume.is_young() { (bucket, 0) } else { (settled, OPEN) };
            let coverage = source.coverage.get(age).copied().unwrap_or(0.0);
            if coverage >= GAP {
                source.volume.learn(learnt, self.calendar.slot(learnt), coverage);
            }
            let mut present = Present::default();
            for (age, slot) in (0..NOW_REACH).zip(&slots) {
                let coverage = source.coverage.get(age as usize).copied().unwrap_or(0.0);
                if coverage >= GAP {
                    let posts = source.volume.posts(Bucket(bucket.0 - age));
                    present.add(age, f64::from(posts), source.volume.usual(*slot) * coverage);
                }
            }
            let is_gone = source.sightings.last_sign().is_none_or(|sign| bucket.end() > sign + GONE);
            let usual = if is_gone { 0.0 } else { source.volume.usual(self.slot) };
            source.exposure = Exposure { usual, present };
            source.volume.forget_before(bucket);
        }
        self.missing = (0..=OPEN).map(|age| self.missing_at(age)).collect();
    }

    fn missing_at(&self, age: usize) -> Vec<(usize, f64)> {
        let live = self.feeds.iter().enumerate().filter(|(_, source)| !source.reports);
        let missing = live.map(|(number, _)| (number, 1.0 - self.coverage(number, age)));
        missing.filter(|(_, missing)| *missing != 0.0).collect()
    }

    pub(crate) fn exposure(&self, number: usize) -> Exposure {
        self.feeds.get(number).map(|source| source.exposure).unwrap_or_default()
    }

    /// How many times as much a source usually says at that time of day as in the bucket being closed.
    pub(crate) fn compared(&self, number: usize, slot: Slot) -> f64 {
        let Some(source) = self.feeds.get(number).filter(|source| source.exposure.usual > 0.0) else {
            return 1.0;
        };
        source.volume.usual(slot) / source.exposure.usual
    }

    /// Coverage of one source `age` buckets ago.
    pub(crate) fn coverage(&self, number: usize, age: usize) -> f64 {
        self.feeds.get(number).and_then(|source| source.coverage.get(age)).copied().unwrap_or(0.0)
    }

    /// Coverage of a concern `age` buckets ago, its sources weighed by their exposure, which is `total` in all;
    /// all alike while nothing is learnt.
    pub(crate) fn coverage_of(&self, parts: &[f64], total: f64, age: usize) -> f64 {
        if self.only_report() {
            return 1.0;
        }
        let weight =
            |number: usize| if total > 0.0 { parts.get(number).copied().unwrap_or(0.0) } else { 1.0 };
        let live = if total > 0.0 { total } else { self.len() as f64 };
        let all = live - self.reporting.iter().map(|number| weight(*number)).sum::<f64>();
        let missing = self.missing.get(age).map(Vec::as_slice).unwrap_or_default();
        let missing: f64 = missing.iter().map(|(number, missing)| weight(*number) * missing).sum();
        if all > 0.0 { ((all - missing) / all).max(0.0) } else { 0.0 }
    }

    /// Posts of a concern in the last hours, weighted, by source.
    pub(crate) fn weighted(&self, counts: &BTreeMap<Bucket, BucketCount>) -> Vec<f64> {
        let mut own = vec![0.0; self.len()];
        for (bucket, count) in counts.range(Bucket(self.bucket.0 - NOW_REACH + 1)..=self.bucket) {
            let age = self.bucket.0 - bucket.0;
            for (id, posts) in &count.sources {
                let number = self.numbers.get(id).copied().unwrap_or(usize::MAX);
                if self.coverage(number, age as usize) >= GAP
                    && let Some(own) = own.get_mut(number)
                {
                    *own += weight(age) * f64::from(*posts);
                }
            }
        }
        own
    }

    /// Posts of one bucket by source, in the sources' order.
    pub(crate) fn posts_by_source(&self, count: Option<&BucketCount>) -> Vec<f64> {
        let mut posts_by_source = vec![0.0; self.len()];
        for (id, posts) in count.map(|count| count.sources.as_slice()).unwrap_or_default() {
            let number = self.numbers.get(id).copied().unwrap_or(usize::MAX);
            if let Some(own) = posts_by_source.get_mut(number) {
                *own += f64::from(*posts);
            }
        }
        posts_by_source
    }

    /// Share of a bucket's posts that come from sources watched at the time.
    pub(crate) fn watched_share(&self, count: Option<&BucketCount>, age: usize) -> f64 {
        let (mut all, mut watched) = (0.0, 0.0);
        for (id, posts) in count.map(|count| count.sources.as_slice()).unwrap_or_default() {
            let Some(number) = self.numbers.get(id) else { continue };
            all += f64::from(*posts);
            if self.coverage(*number, age) >= GAP {
                watched += f64::from(*posts);
            }
        }
        if all > 0.0 { watched / all } else { 1.0 }
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

    fn number(&mut self, id: &str) -> usize {
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
        let sightings = Sightings::new(feed.every);
        let (volume, exposure) = (Volume::default(), Exposure::default());
        self.feeds.push(Source {
            feed,
            named,
            reports: false,
            sightings,
            volume,
            exposure,
            coverage: Vec::new(),
            recent: Recent::default(),
        });
        number
    }
}

#[cfg(test)]
mod tests;
