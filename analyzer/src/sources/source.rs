//! One source as it is closed bucket by bucket: how it was watched, what is usual, how busy it is.

use jiff::SignedDuration;

use super::Feed;
use crate::calendar::{Calendar, Slot};
use crate::course::OPEN;
use crate::coverage::{Recent, Sightings};
use crate::detect::GAP;
use crate::series::Bucket;
use crate::volume::{NOW_REACH, Present, Volume, weight};

/// A hole is closed by what was filled in after it where that is at least this share of the usual …
const FILLED: f64 = 0.5;
/// … and the usual is at least so many posts: fewer prove nothing.
const FILLED_LEAST: f64 = 3.0;
/// A source without any sign for so long has gone: nothing is expected of it, and nobody waits for it.
const GONE: SignedDuration = SignedDuration::from_hours(72);

/// What one source adds to the exposure of a concern.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Exposure {
    /// Usual posts in ten minutes at this hour.
    pub(crate) usual: f64,
    /// How busy it is.
    pub(crate) present: Present,
}

/// The bucket that is being closed, with what is the same for all sources.
pub(super) struct Now {
    bucket: Bucket,
    slot: Slot,
    /// The bucket that can no longer change.
    settled: (Bucket, Slot),
    /// By age in buckets, 0 = the newest: where it lies in the day, and what it weighs in "now".
    reach: Vec<(Slot, f64)>,
}

#[derive(Clone, Debug)]
pub(super) struct Source {
    pub(super) feed: Feed,
    /// Whether the group is configured or was read from a post, and not guessed from the id.
    pub(super) named: bool,
    /// Whether it reports counts, late: nobody waits for it, and nothing is missing before it comes.
    pub(super) reports: bool,
    pub(super) sightings: Sightings,
    pub(super) volume: Volume,
    pub(super) exposure: Exposure,
    /// Coverage by age in buckets, 0 = the bucket being closed.
    pub(super) coverage: Vec<f64>,
    pub(super) recent: Recent,
}

impl Exposure {
    /// Usual posts at this hour times how busy it is, all concerns included.
    pub(super) fn volume(self) -> f64 {
        self.usual * self.present.busy(0.0, 0.0)
    }
}

impl Now {
    pub(super) fn new(bucket: Bucket, calendar: &Calendar) -> Now {
        let reach = (0..NOW_REACH).map(|age| (calendar.slot(Bucket(bucket.0 - age)), weight(age)));
        let settled = Bucket(bucket.0 - OPEN as i64);
        Now {
            bucket,
            slot: calendar.slot(bucket),
            settled: (settled, calendar.slot(settled)),
            reach: reach.collect(),
        }
    }
}

impl Source {
    pub(super) fn new(feed: Feed, named: bool) -> Source {
        Source {
            sightings: Sightings::new(feed.every),
            feed,
            named,
            reports: false,
            volume: Volume::default(),
            exposure: Exposure::default(),
            coverage: Vec::new(),
            recent: Recent::default(),
        }
    }

    /// Moves on to the next bucket. Returns the age up to which older ones are known to be watched otherwise
    /// than was said before.
    pub(super) fn close(&mut self, now: &Now) -> usize {
        let bucket = now.bucket;
        let before = std::mem::take(&mut self.coverage);
        self.coverage.reserve_exact(OPEN + 1);
        self.coverage.extend(self.recent.close(bucket, OPEN + 1, &mut self.sightings));
        self.close_filled_holes(now);
        let ((learnt, slot), age) =
            if self.volume.is_young() { ((bucket, now.slot), 0) } else { (now.settled, OPEN) };
        let coverage = self.coverage.get(age).copied().unwrap_or(0.0);
        if coverage >= GAP {
            self.volume.learn(learnt, slot, coverage);
        }
        let is_gone = self.sightings.last_sign().is_none_or(|sign| bucket.end() > sign + GONE);
        let usual = if is_gone { 0.0 } else { self.volume.usual(now.slot) };
        self.exposure = Exposure { usual, present: self.present(now) };
        self.volume.forget_before(bucket);
        if before.is_empty() {
            return OPEN;
        }
        let mut changed = self.coverage.iter().skip(1).zip(&before);
        changed.rposition(|(now, before)| now != before).map_or(0, |age| age + 1)
    }

    /// How busy it is: what it brought in the last hours beside what is usual in them.
    fn present(&self, now: &Now) -> Present {
        let (mut present, mut hour, mut usual) = (Present::default(), None, 0.0);
        let mut posts = self.volume.newest(now.bucket).peekable();
        for (age, (slot, weight)) in (0..).zip(&now.reach) {
            let then = Bucket(now.bucket.0 - age as i64);
            let posts = posts.next_if(|(bucket, _)| *bucket == then).map_or(0, |(_, posts)| posts);
            if hour != Some(slot.hour) {
                (hour, usual) = (Some(slot.hour), self.volume.usual(*slot));
            }
            let coverage = self.coverage.get(age).copied().unwrap_or(0.0);
            if coverage >= GAP {
                present.add(*weight, f64::from(posts), usual * coverage);
            }
        }
        present
    }

    /// Counts the end of a hole as watched, from the first post that was filled in after it, if about as much came
    /// as usually does: a feed lists its newest posts without a break, so what it still held is complete.
    fn close_filled_holes(&mut self, now: &Now) {
        let (mut posts, mut usual, mut after_hole) = (0.0, 0.0, None);
        for (age, (slot, _)) in now.reach.iter().enumerate() {
            let is_hole = self.coverage.get(age).is_none_or(|coverage| *coverage < GAP);
            // A hole that has not ended yet can't have been filled.
            let Some(end) = after_hole.filter(|_| is_hole) else {
                (posts, usual) = (0.0, 0.0);
                after_hole = (!is_hole).then_some(age + 1);
                continue;
            };
            let then = Bucket(now.bucket.0 - age as i64);
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
