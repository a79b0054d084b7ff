//! One index from hash keys to group numbers, eight bytes an entry: open addressing in Robin Hood order
//! (P. Celis, 1986). Entries stand in the order of their homes, so that a lookup ends early and mostly stays
//! within one line of the cache; those of one home stand together, the newest last, and removal closes the gap.
//! Holds no texts and no random state: the same calls give the same answers.

/// Entries of one key that are kept; the oldest makes place. What thousands of texts have in common,
/// such as the opening of a bulletin, tells none of them apart.
const MOST_ALIKE: usize = 8;
/// Entries never lie farther from home than this; one that would is not kept.
const FARTHEST: usize = 250;
/// An empty place: no group has this number.
const EMPTY: Entry = Entry { key: 0, number: u32::MAX };

/// Keys to numbers.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// As many homes, and [`FARTHEST`] places behind the last one, so that nothing wraps around.
    entries: Vec<Entry>,
    homes: usize,
    used: usize,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Entry {
    key: u32,
    number: u32,
}

impl Table {
    /// The entries of a key, newest last.
    pub(super) fn of(&self, key: u32) -> impl DoubleEndedIterator<Item = u32> {
        let (begin, end) = self.run(key);
        let run = self.entries.get(begin..end).unwrap_or_default();
        run.iter().filter(move |entry| entry.key == key).map(|entry| entry.number)
    }

    /// Whether the home of a key is empty, and so the key not there. Asked of several tables in a row, the
    /// processor fetches their places from memory at one time, where [`Table::of`] would wait for each.
    pub(super) fn is_vacant(&self, key: u32) -> bool {
        self.entries.get(self.home(key)).is_none_or(|entry| entry.is_empty())
    }

    /// Makes an entry the newest of its key, whether it is there already or not.
    pub(super) fn put(&mut self, key: u32, number: u32) {
        let entry = Entry { key, number };
        let (begin, end) = self.run(key);
        let run = self.entries.get_mut(begin..end).unwrap_or_default();
        let alike = run.iter().filter(|other| other.key == key).count();
        let goes = run
            .iter()
            .position(|other| *other == entry)
            .or_else(|| run.iter().position(|other| other.key == key).filter(|_| alike >= MOST_ALIKE));
        if let Some(goes) = goes {
            let moved = run.get_mut(goes..).unwrap_or_default();
            moved.rotate_left(1);
            if let Some(newest) = moved.last_mut() {
                *newest = entry;
            }
            return;
        }
        // Three quarters at most, an eighth more room each time.
        if (self.used + 1) * 4 > self.homes * 3 {
            self.grow();
            let (_, end) = self.run(key);
            self.insert(entry, end);
        } else {
            self.insert(entry, end);
        }
    }

    /// Takes an entry out, if it is still there.
    pub(super) fn remove(&mut self, key: u32, number: u32) {
        let (begin, end) = self.run(key);
        let run = self.entries.get(begin..end).unwrap_or_default();
        let Some(at) = run.iter().position(|other| *other == Entry { key, number }) else { return };
        let gap = begin + at;
        let behind = self.entries.iter().zip(0..).skip(gap + 1);
        let moved = behind.take_while(|(other, at)| !other.is_empty() && self.home(other.key) < *at).count();
        self.entries.copy_within(gap + 1..=gap + moved, gap);
        if let Some(last) = self.entries.get_mut(gap + moved) {
            *last = EMPTY;
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

    /// Where the entries of a key's home begin and end; strangers of that home are among them.
    fn run(&self, key: u32) -> (usize, usize) {
        let home = self.home(key);
        let places = self.entries.get(home..).unwrap_or_default();
        let until = |order: fn(&usize, &usize) -> bool, from: usize| {
            let rest = places.get(from..).unwrap_or_default().iter();
            from + rest.take_while(|entry| !entry.is_empty() && order(&self.home(entry.key), &home)).count()
        };
        let begin = until(usize::lt, 0);
        (home + begin, home + until(usize::eq, begin))
    }

    fn insert(&mut self, entry: Entry, at: usize) {
        let behind = self.entries.get(at..).unwrap_or_default();
        let moved = behind.iter().take_while(|other| !other.is_empty()).count();
        // The last to move is the farthest from home of all that move, or nearly so.
        if at + moved >= self.entries.len() || at + moved - self.home(entry.key) >= FARTHEST {
            return;
        }
        self.entries.copy_within(at..at + moved, at + 1);
        if let Some(place) = self.entries.get_mut(at) {
            *place = entry;
            self.used += 1;
        }
    }

    fn grow(&mut self) {
        let homes = (self.homes + self.homes / 8).max(64);
        let larger = Table { entries: vec![EMPTY; homes + FARTHEST], homes, used: 0 };
        let smaller = std::mem::replace(self, larger);
        for entry in smaller.entries.into_iter().filter(|entry| !entry.is_empty()) {
            let (_, end) = self.run(entry.key);
            self.insert(entry, end);
        }
    }
}

impl Entry {
    fn is_empty(self) -> bool {
        self == EMPTY
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
                    table.put(key(number), number);
                } else if !add && plain.contains(&number) {
                    plain.retain(|&other| other != number);
                    table.remove(key(number), number);
                }
                prop_assert_eq!(table.len(), plain.len());
                prop_assert!(plain.iter().all(|number| table.of(key(*number)).any(|found| found == *number)));
            }
            for number in (0..400).filter(|number| !plain.contains(number)) {
                prop_assert!(table.of(key(number)).all(|found| found != number));
            }
        }
    }

    #[test]
    fn of_many_alike_the_newest_stay() {
        let mut table = Table::default();
        (0..20).for_each(|number| table.put(7, number));
        let found = |table: &Table| table.of(7).collect::<Vec<u32>>();
        assert_eq!(found(&table), (12..20).collect::<Vec<u32>>());
        table.remove(7, 3);
        table.remove(7, 15);
        assert_eq!(found(&table), [12, 13, 14, 16, 17, 18, 19]);
        table.put(7, 13);
        assert_eq!(found(&table), [12, 14, 16, 17, 18, 19, 13]);
        table.put(7, 4);
        table.put(7, 5);
        assert_eq!(found(&table), [14, 16, 17, 18, 19, 13, 4, 5]);
        table.remove(7, 14);
        assert_eq!(table.len(), 7);
    }

    #[test]
    fn strangers_in_one_home_push_nobody_out() {
        let mut table = Table::default();
        (0..40).for_each(|number| table.put(number % 4, number));
        assert_eq!(table.len(), 4 * MOST_ALIKE);
        assert_eq!(table.of(0).collect::<Vec<u32>>(), (8..40).step_by(4).collect::<Vec<u32>>());
    }

    #[test]
    fn an_empty_table_finds_nothing() {
        let mut table = Table::default();
        assert!(table.of(u32::MAX).next().is_none());
        table.remove(0, 0);
    }
}
