//! How often each near-duplicate group was heard within six hours, in memory that never grows: copies beyond
//! the second count no pair. When it is full, the group heard longest ago is forgotten.

use crawler::post::Voice;

use crate::hash::mix;

/// Groups of one line.
const PLACES: usize = 8;
/// A group is heard anew after so many buckets.
const WITHIN: u16 = 36;

/// The groups. A place is 32 bits of the group, 16 of the bucket, 16 of the number.
#[derive(Clone, Debug)]
pub(super) struct Copies {
    lines: Vec<[u64; PLACES]>,
}

impl Copies {
    pub(super) fn new(bytes: usize) -> Copies {
        Copies { lines: vec![[0; PLACES]; (bytes / (8 * PLACES)).max(1)] }
    }

    /// Hears a group once more; says how often within six hours.
    pub(super) fn hear(&mut self, voice: Voice, bucket: i64) -> u16 {
        let (hash, now) = (mix(0, voice.0), (bucket & 0xFFFF) as u16);
        let print = (hash & 0xFFFF_FFFF).max(1);
        let number = (((hash >> 32) * self.lines.len() as u64) >> 32) as usize;
        let Some(line) = self.lines.get_mut(number) else { return 1 };
        let age = |place: u64| if place == 0 { u16::MAX } else { now.wrapping_sub((place >> 16) as u16) };
        let known = line.iter_mut().find(|place| **place >> 32 == print);
        let times = match &known {
            Some(place) if age(**place) < WITHIN => ((**place & 0xFFFF) as u16).saturating_add(1),
            _ => 1,
        };
        let place = match known {
            Some(place) => Some(place),
            None => line.iter_mut().max_by_key(|place| age(**place)),
        };
        if let Some(place) = place {
            *place = print << 32 | u64::from(now) << 16 | u64::from(times);
        }
        times
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_are_numbered_until_nobody_has_said_them_for_six_hours() {
        let mut copies = Copies::new(1 << 10);
        let heard: Vec<u16> = [0, 1, 35, 70, 107].iter().map(|at| copies.hear(Voice(7), *at)).collect();
        assert_eq!(heard, [1, 2, 3, 4, 1]);
        assert_eq!(copies.hear(Voice(8), 107), 1);
    }

    #[test]
    fn of_too_many_groups_the_oldest_is_forgotten() {
        let mut copies = Copies::new(64);
        for number in 0..9 {
            copies.hear(Voice(number), i64::try_from(number).unwrap());
        }
        assert_eq!(copies.hear(Voice(8), 9), 2);
        assert_eq!(copies.hear(Voice(0), 9), 1);
    }
}
