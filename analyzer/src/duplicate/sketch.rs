//! How much of two long texts is the same, from 72 bytes each: one-permutation MinHash (P. Li, A. Owen,
//! C.-H. Zhang, 2012) with eight bits a bin (b-bit minwise hashing, P. Li and A. C. König, 2010), over
//! pieces of three characters.

use crate::hash::{SEED, mix};

/// Bins of a sketch.
const BINS: usize = 64;
/// Keys made of bins, and bins in each. Texts alike by 0.75 share such a key with probability 0.96,
/// by 0.5 with 0.55; most copies share a beginning or an end as well.
const BANDS: usize = 6;
const ROWS: usize = 3;
/// Characters of the beginning and of the end that make a key of their own.
const EDGE: usize = 12;
/// Keys of a sketch: its bands, its beginning, its end.
pub(super) const KEYS: usize = BANDS + 2;
/// Texts are compared by their first characters only: a long article is recognised by its beginning.
pub(super) const COMPARED: usize = 1000;

/// Sketch of a text's pieces.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sketch {
    /// The smallest hash in each bin, shortened; 0 where there is none.
    bins: [u8; BINS],
    head: u32,
    tail: u32,
}

impl Sketch {
    /// The sketch of a text without its signs, two dozen characters at least.
    pub(super) fn of(core: &[char]) -> Sketch {
        let mut smallest = [u64::MAX; BINS];
        for piece in core.get(..COMPARED).unwrap_or(core).windows(3) {
            let whole = piece.iter().fold(0, |whole, &char| whole << 21 | u64::from(char));
            let hash = mix(SEED, whole);
            if let Some(least) = smallest.get_mut((hash >> 58) as usize) {
                *least = (*least).min(hash);
            }
        }
        let bins = smallest.map(|hash| if hash == u64::MAX { 0 } else { (hash % 255) as u8 + 1 });
        let edge = |chars: &[char]| chars.iter().fold(SEED, |hash, &char| mix(hash, u64::from(char)));
        let head = edge(core.get(..EDGE).unwrap_or(core));
        let tail = edge(core.get(core.len().saturating_sub(EDGE)..).unwrap_or(core));
        Sketch { bins, head: (head >> 32) as u32, tail: (tail >> 32) as u32 }
    }

    /// Under what it is filed: texts that share none of these are not compared.
    pub(super) fn keys(&self) -> [u32; KEYS] {
        std::array::from_fn(|number| self.key(number))
    }

    fn key(&self, number: usize) -> u32 {
        match number {
            0 => self.head,
            1 => self.tail,
            _ => {
                let first = (number - 2) * ROWS;
                let rows = (first..first + ROWS).map(|bin| u64::from(self.filled(bin)));
                (rows.fold(mix(SEED, number as u64), mix) >> 32) as u32
            }
        }
    }

    /// Whether both begin or both end with the same words.
    pub(super) fn shares_an_edge(&self, other: &Sketch) -> bool {
        self.head == other.head || self.tail == other.tail
    }

    /// The share of pieces that both texts have among those that either has (Jaccard), estimated.
    pub(super) fn resemblance(&self, other: &Sketch) -> f64 {
        let (mut either, mut both) = (0_u32, 0_u32);
        for (&one, &two) in self.bins.iter().zip(&other.bins) {
            either += u32::from(one | two != 0);
            both += u32::from(one == two && one != 0);
        }
        if either == 0 { 0.0 } else { f64::from(both) / f64::from(either) }
    }

    /// The value of a bin; an empty one borrows from another, the same one whatever the text
    /// (densification, A. Shrivastava, 2017).
    fn filled(&self, bin: usize) -> u8 {
        let at = |bin: usize| self.bins.get(bin).copied().unwrap_or(0);
        let mut value = at(bin);
        let mut draw = mix(SEED, bin as u64);
        let mut draws = 0;
        while value == 0 && draws < 256 {
            value = at((draw >> 58) as usize);
            draw = mix(draw, draws);
            draws += 1;
        }
        value
    }
}
