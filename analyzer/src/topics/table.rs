//! How often each pair of words is said, in memory that never grows: lines of four places, one cache line
//! each, in which the weakest pair makes room for a new one.
//!
//! A place knows its pair by sixteen bits of its hash, so that two pairs are seldom taken for each other, and
//! what it counted fades by itself when it is looked at. Knows no words, no posts and no thresholds.

use super::lines::{Line, Lines};

/// Ages, in buckets, up to which fading is looked up; what is older has faded away.
const AGES: usize = 4096;

/// Usual, fast and slow as the bits of f32, then bucket and print.
type Place = [u32; 4];

/// What is known of one pair at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Counts {
    /// Posts, fading over days, sudden rises clipped: what is usual.
    pub usual: f32,
    /// Posts, fading over the short window.
    pub fast: f32,
    /// Posts, fading over the long window.
    pub slow: f32,
}

/// The table.
#[derive(Debug)]
pub(super) struct Table {
    /// Places, one behind the other.
    lines: Lines,
    size: usize,
    /// What is left of usual, fast and slow at each age.
    fading: Vec<[f32; 3]>,
}

/// One addition's result.
#[derive(Clone, Copy, Debug)]
pub(super) struct Added {
    /// Counts with the new post in them.
    pub counts: Counts,
    /// Whether the pair had not been said in this bucket before.
    pub is_first: bool,
}

impl Table {
    /// A table of about `bytes`, whose counts halve after so many buckets: usual, fast, slow.
    pub(super) fn new(bytes: usize, half_lives: [f64; 3]) -> Table {
        let lines = (bytes / size_of::<Line>()).max(1);
        let left = |age: usize| half_lives.map(|half_life| 0.5f64.powf(age as f64 / half_life) as f32);
        let fading = (0..AGES).map(left).collect();
        Table { lines: Lines::new(lines), size: lines, fading }
    }

    /// Brings the lines of these pairs near, so that the processor waits for all of them at once.
    pub(super) fn fetch(&self, pairs: &[u64]) {
        let lines = self.lines.all();
        let near = pairs
            .iter()
            .filter_map(|pair| lines.get(self.line_of(*pair))?.first())
            .fold(0, |all, word| all ^ word);
        std::hint::black_box(near);
    }

    /// Counts one post for a pair. `share` says how much of it counts as usual, from what was known before.
    pub(super) fn add(&mut self, pair: u64, bucket: i64, share: impl FnOnce(&Counts) -> f32) -> Added {
        let (now, print, line_number) = (stamp(bucket), print_of(pair), self.line_of(pair));
        let Some(line) = self.lines.all_mut().get_mut(line_number) else {
            return Added { counts: Counts::default(), is_first: false };
        };
        let (places, _) = line.as_chunks_mut::<4>();
        let known = places.iter().position(|place| is_of(place, print));
        let chosen = known.unwrap_or_else(|| weakest(&self.fading, places, now));
        let Some(place) = places.get_mut(chosen) else {
            return Added { counts: Counts::default(), is_first: false };
        };
        let (mut counts, is_first) = match known {
            Some(_) => (read(&self.fading, place, now), stamp_of(place) != now),
            None => (Counts::default(), true),
        };
        let share = share(&counts);
        counts.usual += share;
        counts.fast += 1.0;
        counts.slow += 1.0;
        let last = u32::from(now) << 16 | u32::from(print);
        *place = [counts.usual.to_bits(), counts.fast.to_bits(), counts.slow.to_bits(), last];
        Added { counts, is_first }
    }

    /// What is known of a pair; nothing of one that made room for another.
    pub(super) fn get(&self, pair: u64, bucket: i64) -> Counts {
        let (now, print) = (stamp(bucket), print_of(pair));
        let Some(line) = self.lines.all().get(self.line_of(pair)) else { return Counts::default() };
        let (places, _) = line.as_chunks::<4>();
        let found = places.iter().find(|place| is_of(place, print));
        found.map_or_else(Counts::default, |place| read(&self.fading, place, now))
    }

    /// Every line in which something is counted, with its number: what a checkpoint keeps.
    pub(super) fn used(&self) -> impl Iterator<Item = (usize, &Line)> {
        self.lines.all().iter().enumerate().filter(|(_, line)| line.iter().any(|word| *word != 0))
    }

    /// Puts a kept line back; `false` if the table has no such line.
    pub(super) fn put(&mut self, number: usize, kept: Line) -> bool {
        let line = self.lines.all_mut().get_mut(number);
        line.map(|line| *line = kept).is_some()
    }

    /// Lines there are.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    fn line_of(&self, pair: u64) -> usize {
        // The upper half of the hash spread over the lines; the lower half is the print.
        (((pair >> 32) * self.size as u64) >> 32) as usize
    }
}

/// Sixteen bits of a bucket's number: they come round after 455 days, when everything has faded.
fn stamp(bucket: i64) -> u16 {
    (bucket & 0xFFFF) as u16
}

/// Never nought, which marks an empty place.
fn print_of(pair: u64) -> u16 {
    ((pair & 0xFFFF) as u16).max(1)
}

/// Whether a place counts the pair of this print.
fn is_of(&[_, _, _, last]: &Place, print: u16) -> bool {
    last & 0xFFFF == u32::from(print)
}

fn stamp_of(&[_, _, _, last]: &Place) -> u16 {
    (last >> 16) as u16
}

/// What a place has counted, as much as is left of it now.
fn read(fading: &[[f32; 3]], place: &Place, now: u16) -> Counts {
    let [usual, fast, slow, _] = place.map(f32::from_bits);
    let [usual_left, fast_left, slow_left] = left_of(fading, place, now);
    Counts { usual: usual * usual_left, fast: fast * fast_left, slow: slow * slow_left }
}

fn left_of(fading: &[[f32; 3]], place: &Place, now: u16) -> [f32; 3] {
    let age = now.wrapping_sub(stamp_of(place));
    fading.get(usize::from(age)).copied().unwrap_or_default()
}

/// The place that makes room: an empty one, or the one with the least left.
fn weakest(fading: &[[f32; 3]], places: &[Place], now: u16) -> usize {
    let (mut weakest, mut least) = (0, f32::INFINITY);
    for (number, place) in places.iter().enumerate() {
        let strength = if is_of(place, 0) {
            -1.0
        } else {
            let [usual, _, slow, _] = place.map(f32::from_bits);
            let [usual_left, _, slow_left] = left_of(fading, place, now);
            usual * usual_left + slow * slow_left
        };
        if strength < least {
            (weakest, least) = (number, strength);
        }
    }
    weakest
}

#[cfg(test)]
mod tests {
    use super::*;

    const HALF_LIVES: [f64; 3] = [432.0, 3.0, 9.0];

    fn pair(number: u64) -> u64 {
        crate::hash::mix(0, number)
    }

    #[test]
    fn counts_fade_with_their_half_lives() {
        let mut table = Table::new(1 << 12, HALF_LIVES);
        (0..8).for_each(|_| {
            table.add(pair(1), 100, |_| 1.0);
        });
        assert_eq!(table.get(pair(1), 100), Counts { usual: 8.0, fast: 8.0, slow: 8.0 });
        let later = table.get(pair(1), 109);
        assert!((later.fast - 1.0).abs() < 1e-3 && (later.slow - 4.0).abs() < 1e-3, "{later:?}");
        assert!((table.get(pair(1), 532).usual - 4.0).abs() < 1e-3);
        assert_eq!(table.get(pair(2), 100), Counts::default());
    }

    #[test]
    fn memory_stays_and_what_is_said_often_stays_in_it() {
        let mut table = Table::new(1 << 10, HALF_LIVES);
        let size = table.size();
        for round in 0..2_000u64 {
            let bucket = i64::try_from(round / 20).unwrap();
            (0..8).for_each(|often| {
                table.add(pair(often), bucket, |_| 1.0);
            });
            (0..20).for_each(|once| {
                table.add(pair(1_000 + round * 20 + once), bucket, |_| 1.0);
            });
        }
        assert_eq!(table.size(), size);
        for often in 0..8 {
            let counts = table.get(pair(often), 100);
            assert!(counts.usual > 1_500.0, "pair {often}: {counts:?}");
        }
    }

    #[test]
    fn a_kept_line_is_put_back_as_it_was() {
        let mut table = Table::new(1 << 12, HALF_LIVES);
        (0..50).for_each(|number| {
            table.add(pair(number), 7, |_| 1.0);
        });
        let mut other = Table::new(1 << 12, HALF_LIVES);
        for (number, line) in table.used() {
            assert!(other.put(number, *line));
        }
        (0..50).for_each(|number| assert_eq!(other.get(pair(number), 9), table.get(pair(number), 9)));
        assert!(!other.put(1 << 20, [0; 16]));
    }
}
