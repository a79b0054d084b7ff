//! One index from hash keys to group numbers, five bytes an entry: open addressing in Robin Hood order
//! (P. Celis, 1986). Beside each number stands how far it lies from its home, so that a lookup ends early,
//! entries of one home stand together, the newest last, and removal closes the gap without asking for keys.
//! Holds neither keys nor texts, and no random state: the same calls give the same answers.

/// Entries of one key that are kept; the oldest makes place. What thousands of texts have in common,
/// such as the opening of a bulletin, tells none of them apart.
const MOST_ALIKE: usize = 8;
/// Entries never lie farther from home than this; one that would is not kept.
const FARTHEST: u8 = 250;
/// Places behind the last home, so that nothing wraps around.
const TAIL: usize = FARTHEST as usize + 1;

/// Keys to numbers.
#[derive(Debug, Default)]
pub(super) struct Table {
    numbers: Vec<u32>,
    /// 0 for an empty place, else one more than the distance from home.
    far: Vec<u8>,
    homes: usize,
    used: usize,
}

impl Table {
    /// Entries alike in their home: those of the key, newest last, and about one stranger each time.
    pub(super) fn candidates(&self, key: u32) -> &[u32] {
        let (begin, end) = self.run(key);
        self.numbers.get(begin..end).unwrap_or_default()
    }

    /// Makes an entry the newest of its key, whether it is there already or not; `key_of` gives the keys of
    /// those that are there.
    pub(super) fn put(&mut self, key: u32, number: u32, key_of: impl Fn(u32) -> u32) {
        let (begin, end) = self.run(key);
        let run = self.numbers.get_mut(begin..end).unwrap_or_default();
        if let Some(at) = run.iter().position(|&other| other == number) {
            run.get_mut(at..).unwrap_or_default().rotate_left(1);
            return;
        }
        // Seven eighths at most, an eighth more room each time.
        if (self.used + 1) * 8 > self.homes * 7 {
            self.grow(&key_of);
        }
        self.place(key, number, &key_of);
    }

    /// Takes an entry out, if it is still there.
    pub(super) fn remove(&mut self, key: u32, number: u32) {
        let (begin, end) = self.run(key);
        let within = self.numbers.get(begin..end).unwrap_or_default();
        let Some(at) = within.iter().position(|&other| other == number) else { return };
        let gap = begin + at;
        let moved = self.far.iter().skip(gap + 1).take_while(|&&far| far > 1).count();
        self.numbers.copy_within(gap + 1..=gap + moved, gap);
        self.far.copy_within(gap + 1..=gap + moved, gap);
        // Those of the same run keep their home and come one nearer to it, like all behind them.
        self.far.iter_mut().skip(gap).take(moved).for_each(|far| *far -= 1);
        if let Some(last) = self.far.get_mut(gap + moved) {
            *last = 0;
        }
        self.used -= 1;
    }

    /// Entries that are there.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.used
    }

    fn home(&self, key: u32) -> usize {
        ((u64::from(key) * self.homes as u64) >> 32) as usize
    }

    /// Where the entries of a key's home begin and end.
    fn run(&self, key: u32) -> (usize, usize) {
        let home = self.home(key);
        let places = self.far.get(home..).unwrap_or_default();
        let mut begin = 0;
        // Entries stand in the order of their homes: whatever lies farther belongs to an earlier one.
        while places.get(begin).is_some_and(|&far| usize::from(far) > begin + 1) {
            begin += 1;
        }
        let mut end = begin;
        while places.get(end).is_some_and(|&far| usize::from(far) == end + 1) {
            end += 1;
        }
        (home + begin, home + end)
    }

    fn place(&mut self, key: u32, number: u32, key_of: &impl Fn(u32) -> u32) {
        let (begin, end) = self.run(key);
        let run = self.numbers.get_mut(begin..end).unwrap_or_default();
        if run.len() >= MOST_ALIKE {
            // Strangers do not count, or else what is found would depend on the size of the table.
            let alike = |number: &u32| key_of(*number) == key;
            if run.iter().filter(|number| alike(number)).count() >= MOST_ALIKE {
                let oldest = run.iter().position(alike).unwrap_or(0);
                let run = run.get_mut(oldest..).unwrap_or_default();
                run.rotate_left(1);
                if let Some(newest) = run.last_mut() {
                    *newest = number;
                }
                return;
            }
        }
        let moved = self.far.iter().skip(end).take_while(|&&far| far > 0).count();
        let distance = end - self.home(key);
        let shifted = self.far.get(end..end + moved).unwrap_or_default();
        let too_far = distance >= usize::from(FARTHEST) || shifted.iter().any(|&far| far >= FARTHEST);
        if too_far || end + moved >= self.far.len() {
            return;
        }
        self.numbers.copy_within(end..end + moved, end + 1);
        self.far.copy_within(end..end + moved, end + 1);
        self.far.iter_mut().skip(end + 1).take(moved).for_each(|far| *far += 1);
        if let (Some(place), Some(far)) = (self.numbers.get_mut(end), self.far.get_mut(end)) {
            (*place, *far) = (number, distance as u8 + 1);
            self.used += 1;
        }
    }

    fn grow(&mut self, key_of: &impl Fn(u32) -> u32) {
        let homes = (self.homes + self.homes / 8).max(64);
        let larger = Table { numbers: vec![0; homes + TAIL], far: vec![0; homes + TAIL], homes, used: 0 };
        let smaller = std::mem::replace(self, larger);
        for (&number, &far) in smaller.numbers.iter().zip(&smaller.far) {
            if far > 0 {
                self.place(key_of(number), number, key_of);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Against a plain list: whatever is there is found, whatever was removed is not.
        #[test]
        fn finds_what_was_put_in(steps in prop::collection::vec((0u32..400, any::<bool>()), 0..900)) {
            // So few to a home that none is pushed out, and so many that runs push each other.
            let key = |number: u32| number * 0x00A0_0000;
            let mut table = Table::default();
            let mut plain: Vec<u32> = Vec::new();
            for (number, add) in steps {
                if add && !plain.contains(&number) {
                    plain.push(number);
                    table.put(key(number), number, key);
                } else if !add && plain.contains(&number) {
                    plain.retain(|&other| other != number);
                    table.remove(key(number), number);
                }
                prop_assert_eq!(table.len(), plain.len());
                prop_assert!(plain.iter().all(|number| table.candidates(key(*number)).contains(number)));
            }
            for number in (0..400).filter(|number| !plain.contains(number)) {
                prop_assert!(!table.candidates(key(number)).contains(&number));
            }
        }
    }

    #[test]
    fn of_many_alike_the_newest_stay() {
        let mut table = Table::default();
        (0..20).for_each(|number| table.put(7, number, |_| 7));
        assert_eq!(table.candidates(7), (12..20).collect::<Vec<u32>>());
        table.remove(7, 3);
        table.remove(7, 15);
        assert_eq!(table.candidates(7), [12, 13, 14, 16, 17, 18, 19]);
        table.put(7, 13, |_| 7);
        assert_eq!(table.candidates(7), [12, 14, 16, 17, 18, 19, 13]);
        table.put(7, 4, |_| 7);
        table.put(7, 5, |_| 7);
        assert_eq!(table.candidates(7), [14, 16, 17, 18, 19, 13, 4, 5]);
        table.remove(7, 14);
        assert_eq!(table.len(), 7);
    }

    #[test]
    fn strangers_in_one_home_push_nobody_out() {
        let mut table = Table::default();
        (0..40).for_each(|number| table.put(number % 4, number, |number| number % 4));
        assert_eq!(table.len(), 4 * MOST_ALIKE);
        assert_eq!(table.candidates(0), (8..40).collect::<Vec<u32>>());
    }

    #[test]
    fn an_empty_table_finds_nothing() {
        let mut table = Table::default();
        assert!(table.candidates(u32::MAX).is_empty());
        table.remove(0, 0);
    }
}
