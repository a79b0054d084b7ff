//! Where a concern is heard more, or less, than the common share of all posts would have it.
//!
//! A few sources are known one by one, all others together: thousands of sources on which a concern was never
//! heard need no place of their own, and say more together than each by itself.

use crate::calendar::Slot;
use crate::sources::{Sources, Weights};

/// Sources known one by one.
const KNOWN: usize = 48;
/// Posts before a concern's own liking for a source outweighs the common one.
const PRIOR: f64 = 5.0;
/// Forgetting of that liking, per bucket: half of it after two weeks.
const HALF_LIFE: f64 = 14.0 * 144.0;
/// A feed on which at least this share of a concern is heard counts as one of its usual feeds.
const USUAL_SHARE: f64 = 0.05;

/// What one concern's posts have taught about its sources.
#[derive(Clone, Debug, Default)]
pub(crate) struct Affinity {
    /// Sorted by source.
    known: Vec<Known>,
    rest: Liking,
}

#[derive(Clone, Copy, Debug)]
struct Known {
    source: u32,
    liking: Liking,
}

/// Posts seen, and posts the common liking would have given.
#[derive(Clone, Copy, Debug, Default)]
struct Liking {
    seen: f32,
    common: f32,
}

/// One bucket as the affinity learns it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heard<'a> {
    /// What every source said then.
    pub(crate) weights: &'a Weights,
    /// Posts of the concern by source, sorted.
    pub(crate) posts: &'a [(u32, u32)],
    /// Expected posts of the concern for each unit of exposure.
    pub(crate) rate: f64,
    /// How much the bucket teaches.
    pub(crate) weight: f64,
}

/// The exposure of one concern in the bucket that is being closed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Exposed {
    /// Sources with a value of their own, sorted.
    apart: Vec<(usize, f64)>,
    /// What the volume of all others is multiplied by.
    rest: f64,
    total: f64,
}

impl Affinity {
    /// How much more than its volume a source brings.
    fn of(&self, source: usize) -> f64 {
        self.place(source)
            .ok()
            .and_then(|place| self.known.get(place))
            .map_or(self.rest, |k| k.liking)
            .factor()
    }

    /// Exposure by source: its usual volume at this hour, how busy it is without this concern, and how much of
    /// the concern is usually heard there. `own`: its posts of the last hours, weighted, by source and sorted;
    /// `share`: its usual share of all posts.
    pub(crate) fn exposed(&self, sources: &Sources, own: &[(usize, f64)], share: f64) -> Exposed {
        let numbers = merged(self.known.iter().map(|known| known.source as usize), own);
        let part = |(number, own): (usize, f64)| {
            let (source, affinity) = (sources.exposure(number), self.of(number));
            let own_usual = source.present.usual * affinity * share;
            (number, source.usual * source.present.busy(own, own_usual) * affinity)
        };
        let apart: Vec<(usize, f64)> = numbers.into_iter().map(part).collect();
        let rest = self.rest.factor();
        let weights = sources.weights(0);
        let others = apart.iter().fold(weights.all(), |others, (number, _)| others - weights.volume(*number));
        let total = apart.iter().map(|(_, part)| part).sum::<f64>() + rest * others.max(0.0);
        Exposed { apart, rest, total }
    }

    /// Share of the concern's usual volume that was watched; of all sources alike while nothing is learnt.
    pub(crate) fn coverage(&self, weights: &Weights) -> f64 {
        if let Some(plain) = weights.plain_coverage() {
            return plain;
        }
        let rest = self.rest.factor();
        let (mut all, mut watched) = (rest * weights.all(), rest * weights.all_watched());
        for known in &self.known {
            let (source, more) = (known.source as usize, known.liking.factor() - rest);
            all += more * weights.volume(source);
            watched += more * weights.watched(source);
        }
        if all > 0.0 { (watched / all).clamp(0.0, 1.0) } else { 0.0 }
    }

    /// Bytes of its list.
    pub(crate) fn bytes(&self) -> usize {
        self.known.capacity() * size_of::<Known>()
    }

    /// Learns a bucket that no longer changes.
    pub(crate) fn learn(&mut self, heard: &Heard<'_>, sources: usize) {
        if sources <= KNOWN && self.known.len() < sources {
            (0..sources).for_each(|source| self.know(source, heard.weights));
        }
        heard.posts.iter().for_each(|(source, _)| self.know(*source as usize, heard.weights));
        let keep = 0.5f64.powf(heard.weight / HALF_LIFE);
        let mut others = heard.weights.all_watched();
        for known in &mut self.known {
            let source = known.source as usize;
            let watched = heard.weights.watched(source);
            others -= watched;
            let common = heard.rate * watched;
            let posts = heard.posts.binary_search_by_key(&known.source, |(number, _)| *number);
            let posts = posts.ok().and_then(|place| heard.posts.get(place)).map_or(0, |(_, posts)| *posts);
            let posts = f64::from(posts).min(2.0 + 3.0 * common);
            known.liking.fade(keep, heard.weight * posts, heard.weight * common);
        }
        self.rest.fade(keep, 0.0, heard.weight * heard.rate * others.max(0.0));
        while self.known.len() > KNOWN {
            self.forget_the_faintest();
        }
    }

    /// Gives a source a place of its own, with its part of what is known of the rest.
    fn know(&mut self, source: usize, weights: &Weights) {
        let (Err(place), Ok(number)) = (self.place(source), u32::try_from(source)) else { return };
        let known = self.known.iter().map(|known| weights.volume(known.source as usize));
        let others = weights.all() - known.sum::<f64>();
        let share = if others > 0.0 { (weights.volume(source) / others).clamp(0.0, 1.0) } else { 0.0 };
        let (seen, common) = (f64::from(self.rest.seen) * share, f64::from(self.rest.common) * share);
        self.rest.fade(1.0, -seen, -common);
        let liking = Liking { seen: seen as f32, common: common as f32 };
        // Doubling would keep room for places that are never given.
        self.known.reserve_exact(1);
        self.known.insert(place, Known { source: number, liking });
    }

    /// The source that was heard least joins the rest again. One that has just been heard is never it, unless
    /// all others are heard more.
    fn forget_the_faintest(&mut self) {
        let seen = |known: &Known| known.liking.seen;
        let places = self.known.iter().enumerate();
        let faintest = places.min_by(|(_, one), (_, other)| seen(one).total_cmp(&seen(other)));
        if let Some(place) = faintest.map(|(place, _)| place) {
            let Known { liking, .. } = self.known.remove(place);
            self.rest.fade(1.0, f64::from(liking.seen), f64::from(liking.common));
        }
    }

    fn place(&self, source: usize) -> Result<usize, usize> {
        self.known.binary_search_by_key(&source, |known| known.source as usize)
    }
}

impl Liking {
    fn factor(self) -> f64 {
        (f64::from(self.seen) + PRIOR) / (f64::from(self.common) + PRIOR)
    }

    fn fade(&mut self, keep: f64, seen: f64, common: f64) {
        let faded = |value: f32, more: f64| (f64::from(value) * keep + more).max(0.0) as f32;
        *self = Liking { seen: faded(self.seen, seen), common: faded(self.common, common) };
    }
}

impl Exposed {
    /// Exposure of all sources together.
    pub(crate) fn total(&self) -> f64 {
        self.total
    }

    /// Share of the concern's usual posts that each source brings, in the sources' order.
    pub(crate) fn shares(&self, sources: &Sources) -> Vec<f64> {
        let part = |number| self.part(number).unwrap_or(self.rest * sources.weights(0).volume(number));
        let share = |number| if self.total > 0.0 { part(number) / self.total } else { 0.0 };
        (0..sources.len()).map(share).collect()
    }

    /// Number of sources on which the concern is usually heard.
    pub(crate) fn usual_feeds(&self, sources: &Sources) -> usize {
        if self.total <= 0.0 {
            return 0;
        }
        let bar = USUAL_SHARE * self.total;
        let weights = sources.weights(0);
        let loud = sources.loudest().take_while(|number| self.rest * weights.volume(*number) >= bar);
        self.apart.iter().filter(|(_, part)| *part >= bar).count()
            + loud.filter(|number| self.part(*number).is_none()).count()
    }

    /// The exposure at another hour, the sources as busy as they are now.
    pub(crate) fn at(&self, slot: Slot, sources: &Sources) -> f64 {
        let weights = sources.weights(0);
        let (mut apart, mut others) = (0.0, sources.volume_at(slot));
        for (number, part) in &self.apart {
            let compared = sources.compared(*number, slot);
            apart += part * compared;
            others -= weights.volume(*number) * compared;
        }
        apart + self.rest * others.max(0.0)
    }

    fn part(&self, number: usize) -> Option<f64> {
        let place = self.apart.binary_search_by_key(&number, |(number, _)| *number).ok()?;
        self.apart.get(place).map(|(_, part)| *part)
    }
}

/// All numbers of either, sorted, each with its value of the second.
fn merged(numbers: impl Iterator<Item = usize>, values: &[(usize, f64)]) -> Vec<(usize, f64)> {
    let mut merged = Vec::new();
    let mut values = values.iter().copied().peekable();
    for number in numbers {
        while let Some(smaller) = values.next_if(|(other, _)| *other < number) {
            merged.push(smaller);
        }
        let value = values.next_if(|(other, _)| *other == number).map_or(0.0, |(_, value)| value);
        merged.push((number, value));
    }
    merged.extend(values);
    merged
}

#[cfg(test)]
mod tests;
