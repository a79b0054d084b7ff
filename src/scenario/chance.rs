//! Chance that is the same on every machine: SplitMix64 and whole-number draws, no system entropy.

/// A stream of pseudo-random numbers (SplitMix64, Steele, Lea and Flood 2014).
#[derive(Clone, Debug)]
pub(crate) struct Chance {
    state: u64,
}

impl Chance {
    /// The stream of one part of a scenario, so that editing one part leaves the others as they were.
    pub(crate) fn of(seed: u64, part: &str) -> Chance {
        let mut chance = Chance { state: seed };
        for byte in part.bytes() {
            chance.state = chance.state.wrapping_add(u64::from(byte));
            chance.state = chance.draw();
        }
        chance
    }

    fn draw(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to and without 1, in steps of 2⁻⁵³.
    pub(crate) fn share(&mut self) -> f64 {
        const STEP: f64 = 1.0 / (1u64 << 53) as f64;
        (self.draw() >> 11) as f64 * STEP
    }

    /// A Poisson count; large means are rounded from a normal of the same mean and variance.
    pub(crate) fn poisson(&mut self, mean: f64) -> f64 {
        if mean > 30.0 {
            let (radius, angle) = (-2.0 * (1.0 - self.share()).ln(), std::f64::consts::TAU * self.share());
            return (mean + mean.sqrt() * radius.sqrt() * angle.cos()).round().max(0.0);
        }
        let (end, mut product, mut count) = ((-mean.max(0.0)).exp(), self.share(), 0.0);
        while product > end {
            product *= self.share();
            count += 1.0;
        }
        count
    }

    /// True in `share` of all cases.
    pub(crate) fn happens(&mut self, share: f64) -> bool {
        self.share() < share
    }

    /// A number from 0 up to and without `end`; 0 if `end` is 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        if end == 0 { 0 } else { (self.draw() % end as u64) as usize }
    }

    /// One of `items`; the first ones come much more often than the last.
    pub(super) fn popular<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        let places = [self.below(items.len()), self.below(items.len()), self.below(items.len())];
        let place = places.into_iter().min().unwrap_or(0);
        items.get(place)
    }

    /// One of `items`, each as likely as the others.
    pub(crate) fn any<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        let place = self.below(items.len());
        items.get(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_is_the_published_one() {
        // Reference values of SplitMix64 from state 1234567.
        let mut chance = Chance { state: 1_234_567 };
        assert_eq!(chance.draw(), 6_457_827_717_110_365_317);
        assert_eq!(chance.draw(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn parts_have_streams_of_their_own() {
        assert_ne!(Chance::of(1, "水质").draw(), Chance::of(1, "复课").draw());
        assert_eq!(Chance::of(1, "水质").draw(), Chance::of(1, "水质").draw());
    }

    #[test]
    fn shares_stay_in_range_and_average_a_half() {
        let mut chance = Chance::of(7, "");
        let sum: f64 = (0..10_000).map(|_| chance.share()).sum();
        assert!((4_900.0..5_100.0).contains(&sum), "{sum}");
    }
}
