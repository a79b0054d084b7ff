//! Words and pairs of words as numbers: fixed hashes, because a checkpoint must mean the same tomorrow.

use std::hash::{BuildHasher, Hasher, RandomState};

use serde::{Deserialize, Serialize};

use crate::hash::{mix, of_text};

/// A word as 32 bits: among half a million words some thirty pairs are taken for each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Word(pub u32);

/// Two words of one post, the smaller number first; a single word is a pair with itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Pair(pub Word, pub Word);

impl Word {
    /// The number of a word (FNV-1a, mixed).
    pub fn of(text: &str) -> Word {
        Word((mix(0, of_text(text)) >> 32) as u32)
    }
}

impl Pair {
    /// Two words in whatever order.
    pub fn of(one: Word, other: Word) -> Pair {
        if one <= other { Pair(one, other) } else { Pair(other, one) }
    }

    /// The pair as one well mixed number.
    pub(super) fn hash(self) -> u64 {
        mix(0, u64::from(self.0.0) << 32 | u64::from(self.1.0))
    }

    /// Its words, one or two.
    pub fn words(self) -> impl Iterator<Item = Word> {
        let second = (self.1 != self.0).then_some(self.1);
        std::iter::once(self.0).chain(second)
    }
}

/// Hashes words, pairs and places for maps in memory: they are numbers, for which one mixing is enough. Begins
/// at random, so that nobody can write posts that all fall on one place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mixing(u64);

/// A hash on its way.
#[derive(Debug)]
pub(super) struct Mixed(u64);

impl Default for Mixing {
    fn default() -> Mixing {
        Mixing(RandomState::new().hash_one(0u64))
    }
}

impl BuildHasher for Mixing {
    type Hasher = Mixed;

    fn build_hasher(&self) -> Mixed {
        Mixed(self.0)
    }
}

impl Hasher for Mixed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64(u64::from(*byte)));
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(u64::from(number));
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = mix(self.0, number);
    }
}
