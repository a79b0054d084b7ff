//! How much one source usually says at this hour, and how busy it is now: the exposure of every concern in it.

use std::collections::BTreeMap;

use crate::calendar::Slot;
use crate::series::Bucket;

/// Forgetting of the source's level: half of it after a week.
const LEVEL_HALF_LIFE: f64 = 7.0 * 144.0;
/// Forgetting of an hour's shape, per ten-minute visit: half of it after some three weeks.
const SHAPE_KEEP: f64 = 0.995;
/// Posts an hour must have brought before its own shape outweighs a flat one.
const SHAPE_PRIOR: f64 = 30.0;
/// Half-life of "now", in buckets.
const NOW_HALF_LIFE: f64 = 18.0;
/// How far back "now" reaches, in buckets.
pub(crate) const NOW_REACH: i64 = 36;
/// Posts added to both sides of "busy", so that a quiet source is neither busy nor idle by one post.
const NOW_PRIOR: f64 = 10.0;
/// A source counts as at most this much busier (or idler) than usual: beyond it the rise itself would be explained away.
const BUSIEST: f64 = 2.0;
/// A source is young for its first twelve covered hours.
const YOUNG: u32 = 72;
/// Counts are kept this long, in buckets.
const KEPT: i64 = 40 * 144;

/// Posts of one source over time, its usual shape, and its present.
#[derive(Clone, Debug)]
pub struct Volume {
    posts: BTreeMap<Bucket, u32>,
    level: (f64, f64),
    shape: [(f64, f64); 48],
    /// Last bucket learnt, and how many.
    learnt: Option<(Bucket, u32)>,
}

/// Weighted posts of the last hours beside what would have been usual in them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Present {
    /// Weighted posts.
    pub posts: f64,
    /// Weighted usual posts.
    pub usual: f64,
}

impl Default for Volume {
    fn default() -> Self {
        Volume { posts: BTreeMap::new(), level: (0.0, 0.0), shape: [(0.0, 0.0); 48], learnt: None }
    }
}

impl Volume {
    /// Adds posts to a bucket.
    pub fn add(&mut self, bucket: Bucket, posts: u32) {
        *self.posts.entry(bucket).or_default() += posts;
    }

    /// First bucket with a post.
    pub fn first(&self) -> Option<Bucket> {
        self.posts.keys().next().copied()
    }

    /// Posts in a bucket.
    pub fn posts(&self, bucket: Bucket) -> u32 {
        self.posts.get(&bucket).copied().unwrap_or(0)
    }

    /// The buckets of the last hours that have posts, newest first.
    pub(crate) fn newest(&self, now: Bucket) -> impl Iterator<Item = (Bucket, u32)> {
        let newest = self.posts.range(Bucket(now.0 - NOW_REACH + 1)..=now).rev();
        newest.map(|(bucket, posts)| (*bucket, *posts))
    }

    /// Posts in buckets `from..to`.
    pub fn sum(&self, from: Bucket, to: Bucket) -> u64 {
        if from >= to {
            return 0;
        }
        self.posts.range(from..to).map(|(_, posts)| u64::from(*posts)).sum()
    }

    /// Usual posts in ten minutes at this slot of the day.
    pub fn usual(&self, slot: Slot) -> f64 {
        self.mean() * self.shape_at(slot)
    }

    /// Whether so little is known that a bucket is learnt at once, and not only when it can no longer change.
    pub fn is_young(&self) -> bool {
        self.learnt.is_none_or(|(_, buckets)| buckets < YOUNG)
    }

    /// Learns a bucket, `coverage` above nought; one that was learnt before, or came before it, teaches nothing.
    pub fn learn(&mut self, bucket: Bucket, slot: Slot, coverage: f64) {
        if self.learnt.is_some_and(|(last, _)| bucket <= last) {
            return;
        }
        self.learnt = Some((bucket, self.learnt.map_or(1, |(_, buckets)| buckets.saturating_add(1))));
        let posts = f64::from(self.posts(bucket));
        let keep = 0.5f64.powf(1.0 / LEVEL_HALF_LIFE);
        let exposure = self.shape_at(slot) * coverage;
        self.level = (self.level.0 * keep + posts, self.level.1 * keep + exposure);
        let mean = self.mean();
        if let Some((seen, flat)) = self.shape.get_mut(slot.hour) {
            *seen = *seen * SHAPE_KEEP + posts;
            *flat = *flat * SHAPE_KEEP + mean * coverage;
        }
    }

    /// Forgets counts that nobody asks about any more.
    pub fn forget_before(&mut self, now: Bucket) {
        let oldest = Bucket(now.0 - KEPT);
        while self.posts.first_key_value().is_some_and(|(bucket, _)| *bucket < oldest) {
            self.posts.pop_first();
        }
    }

    fn mean(&self) -> f64 {
        if self.level.1 > 0.0 { self.level.0 / self.level.1 } else { 0.0 }
    }

    fn shape_at(&self, slot: Slot) -> f64 {
        let (seen, flat) = self.shape.get(slot.hour).copied().unwrap_or_default();
        (seen + SHAPE_PRIOR) / (flat + SHAPE_PRIOR)
    }
}

impl Present {
    /// Adds a bucket that weighs so much.
    pub fn add(&mut self, weight: f64, posts: f64, usual: f64) {
        self.posts += weight * posts;
        self.usual += weight * usual;
    }

    /// How many times as busy as usual the source is without `own`, the weighted posts of the concern that asks.
    pub fn busy(self, own: f64, own_usual: f64) -> f64 {
        let others = (self.posts - own).max(0.0);
        let usual = (self.usual - own_usual).max(0.0);
        ((others + NOW_PRIOR) / (usual + NOW_PRIOR)).clamp(1.0 / BUSIEST, BUSIEST)
    }
}

/// Weight of a bucket that is `age` buckets old in "now".
pub(crate) fn weight(age: i64) -> f64 {
    0.5f64.powf(age as f64 / NOW_HALF_LIFE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(bucket: i64) -> Slot {
        Slot {
            hour: usize::try_from(bucket / 6 % 24).unwrap(),
            minute: usize::try_from(bucket % 144).unwrap(),
        }
    }

    /// Ten posts in every bucket of the day's second half, none in the first.
    fn half_days(days: i64) -> Volume {
        let mut volume = Volume::default();
        for bucket in 0..days * 144 {
            if bucket % 144 >= 72 {
                volume.add(Bucket(bucket), 10);
            }
            volume.learn(Bucket(bucket), slot(bucket), 1.0);
        }
        volume
    }

    #[test]
    fn the_shape_of_the_day_is_learnt() {
        let volume = half_days(28);
        assert!(volume.usual(slot(10)) < 1.0, "{}", volume.usual(slot(10)));
        assert!((volume.usual(slot(100)) - 10.0).abs() < 1.5, "{}", volume.usual(slot(100)));
        assert_eq!(volume.sum(Bucket(0), Bucket(144)), 720);
    }

    #[test]
    fn a_source_is_busy_by_what_others_say_not_by_the_concern_itself() {
        let mut now = Present::default();
        now.add(1.0, 100.0, 20.0);
        assert_eq!(now.busy(0.0, 0.0), 2.0);
        assert!((now.busy(80.0, 0.0) - 1.0).abs() < 1e-9);
        assert_eq!(Present::default().busy(0.0, 0.0), 1.0);
    }
}
