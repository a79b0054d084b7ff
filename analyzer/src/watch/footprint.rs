//! What one concern keeps in memory, by what it is for: the limit of 4 KiB is on what every tick touches.

use super::{Open, Watch};
use crate::concern::Concern;
use crate::series::Bucket;

/// Bytes of one concern, by the room of its lists; what the allocator adds is not known here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Footprint {
    /// Level, hours and ten-minute slots of what is usual.
    pub season: usize,
    /// Its four windows, settled and at the newest bucket, and the rest of its fixed size.
    pub windows: usize,
    /// How much of it is heard on which source.
    pub sources: usize,
    /// The buckets that may still change.
    pub open: usize,
    /// What was expected of forty days: read by charts and digests, and for an onset.
    pub history: usize,
    /// Its counted posts of forty days, without the nodes of their map.
    pub counts: usize,
}

impl Footprint {
    /// What every tick touches.
    pub fn state(&self) -> usize {
        self.season + self.windows + self.sources + self.open
    }
}

impl Watch {
    /// What it keeps; the words of the concern are configuration and no part of it.
    pub(crate) fn footprint(&self) -> Footprint {
        let season = self.course.baseline().bytes();
        let own = size_of::<Watch>() - size_of::<Concern>() - size_of_val(self.course.baseline());
        let counts = self.counts.values().map(|count| size_of::<Bucket>() + count.bytes());
        Footprint {
            season,
            windows: own,
            sources: self.affinity.bytes(),
            open: self.open.capacity() * size_of::<Open>(),
            history: self.past.bytes(),
            counts: counts.sum(),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::analyst::tests::{Town, analyst, at};

    #[test]
    fn what_a_tick_touches_of_a_concern_is_at_most_four_kib() {
        let (mut analyst, mut town) = (analyst(), Town::default());
        for bucket in 0..200 {
            for post in 0..3 {
                let source = format!("source-{}", (3 * bucket + post) % 150).leak();
                town.say(bucket, source, "自来水 发黄", None);
            }
        }
        town.posts.iter().for_each(|(_, stored)| drop(analyst.observe(stored)));
        analyst.close(at(200, 120));
        let footprint = analyst.footprints().next().unwrap();
        println!("{footprint:?}: a tick touches {} bytes", footprint.state());
        assert!(footprint.state() <= 4_096, "{footprint:?}");
        // Nothing is left out: 48 sources and 37 buckets have their places.
        assert!(footprint.sources >= 48 * 12 && footprint.open >= 37 * 16, "{footprint:?}");
    }
}
