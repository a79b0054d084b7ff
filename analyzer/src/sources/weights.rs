//! What every source said in one bucket, weighed as a concern weighs it that likes none more than another.
//! Kept once for all concerns, of which each adds what is special about it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::Sources;
use super::source::{Exposure, Source};
use crate::calendar::Slot;
use crate::course::OPEN;
use crate::series::Bucket;

/// Buckets back from which an hour is compared with what is ahead.
const NEAR: i64 = 6;

impl Sources {
    /// Weighs the bucket being closed, and anew those up to an age of which it is known by now that they were
    /// watched otherwise.
    pub(super) fn weigh(&mut self, changed: usize) {
        let volume = |source: &Source| if source.reports { 0.0 } else { source.exposure.volume() };
        let volumes: Vec<f32> = self.feeds.iter().map(|source| volume(source) as f32).collect();
        self.loudest = (0..volumes.len()).collect();
        let volume = |number: &usize| volumes.get(*number).copied().unwrap_or(0.0);
        self.loudest
            .sort_unstable_by(|one, other| volume(other).total_cmp(&volume(one)).then(one.cmp(other)));
        self.weights.push_front(Weights::new(volumes));
        self.weights.truncate(OPEN + 1);
        for (age, weights) in self.weights.iter_mut().take(changed + 1).enumerate() {
            let coverage = |source: &Source| source.coverage.get(age).copied().unwrap_or(0.0);
            weights.watch(self.feeds.iter().map(|source| (!source.reports).then(|| coverage(source))));
        }
        let near = (-NEAR..=OPEN as i64).map(|ahead| self.calendar.slot(Bucket(self.bucket.0 + ahead)));
        let near: BTreeMap<usize, Slot> = near.map(|slot| (slot.hour, slot)).collect();
        self.hours = near.into_iter().map(|(hour, slot)| (hour, self.sum_at(slot))).collect();
    }

    fn sum_at(&self, slot: Slot) -> f64 {
        let volumes = (0..self.feeds.len()).map(|number| (number, self.weights(0).volume(number)));
        volumes
            .filter(|(_, volume)| *volume > 0.0)
            .map(|(number, volume)| volume * self.compared(number, slot))
            .sum()
    }

    /// Volume of all sources at another hour, as busy as they are now.
    pub(crate) fn volume_at(&self, slot: Slot) -> f64 {
        self.hours.get(&slot.hour).copied().unwrap_or_else(|| self.sum_at(slot))
    }

    /// What the sources said `age` buckets ago; of the oldest that may still change where it is older.
    pub(crate) fn weights(&self, age: usize) -> &Weights {
        static NOTHING: LazyLock<Weights> = LazyLock::new(Weights::default);
        self.weights.get(age).unwrap_or(&NOTHING)
    }

    /// Sources by their volume in the bucket being closed, the loudest first.
    pub(crate) fn loudest(&self) -> impl Iterator<Item = usize> {
        self.loudest.iter().copied()
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
}

/// The volumes of one bucket.
#[derive(Clone, Debug, Default)]
pub(crate) struct Weights {
    /// By source: usual posts times how busy it was.
    volume: Vec<f32>,
    /// The part of it that was watched, as far as is known now.
    watched: Vec<f32>,
    all: f64,
    all_watched: f64,
    /// Mean coverage of the sources, all alike.
    plain: f64,
}

impl Weights {
    pub(crate) fn new(volume: Vec<f32>) -> Weights {
        let all = volume.iter().copied().map(f64::from).sum();
        Weights { volume, watched: Vec::new(), all, all_watched: 0.0, plain: 0.0 }
    }

    /// Takes how each source was watched, in order; `None` for those that nobody waits for.
    pub(crate) fn watch(&mut self, coverage: impl Iterator<Item = Option<f64>>) {
        self.watched.clear();
        let (mut watched_sources, mut sources) = (0.0, 0.0);
        self.all_watched = 0.0;
        for (number, coverage) in coverage.enumerate() {
            let watched = self.volume.get(number).copied().unwrap_or(0.0) * coverage.unwrap_or(0.0) as f32;
            self.all_watched += f64::from(watched);
            self.watched.push(watched);
            if let Some(coverage) = coverage {
                watched_sources += coverage;
                sources += 1.0;
            }
        }
        // Where only counts are reported nothing is missing before it comes.
        let nobody_waits = if self.watched.is_empty() { 0.0 } else { 1.0 };
        self.plain = if sources > 0.0 { watched_sources / sources } else { nobody_waits };
    }

    pub(crate) fn all(&self) -> f64 {
        self.all
    }

    pub(crate) fn all_watched(&self) -> f64 {
        self.all_watched
    }

    pub(crate) fn volume(&self, source: usize) -> f64 {
        self.volume.get(source).copied().map_or(0.0, f64::from)
    }

    pub(crate) fn watched(&self, source: usize) -> f64 {
        self.watched.get(source).copied().map_or(0.0, f64::from)
    }

    /// Coverage that is the same for every concern: nothing is learnt, or nothing is missing.
    pub(crate) fn plain_coverage(&self) -> Option<f64> {
        if self.all <= 0.0 {
            return Some(self.plain);
        }
        (self.all_watched == self.all).then_some(1.0)
    }
}
