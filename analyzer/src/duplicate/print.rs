//! What of a text decides whether it repeats another: its core, its numbers and a sketch of its pieces.

use crawler::post::{Post, Publisher};

use crate::normalize::normalize;

/// Length in characters from which texts may differ a little and still be copies. Below it one character
/// is often the whole difference: 停课 and 复课, 北京 and 南京.
const LONG: usize = 24;
/// Texts up to this length need the same numbers and a higher likeness.
const LENGTHY: usize = 64;
/// Texts are compared by their first characters only: a long article is recognised by its beginning.
const COMPARED: usize = 1000;
/// Smallest piece hashes kept: all of a text of 66 characters, a fair sample of a longer one.
const SKETCH: usize = 64;
const BANDS: usize = 8;
const ROWS: usize = 3;

/// Fingerprint of one text.
#[derive(Debug, PartialEq)]
pub(super) struct Print {
    /// Hash of the text without punctuation, emoji, links, mentions and particles.
    pub(super) core: u64,
    /// Keys of the MinHash bands; none for a short text. Texts alike by 0.8 share one with
    /// probability 0.997, by 0.7 with 0.965.
    pub(super) bands: Vec<u32>,
    /// The smallest piece hashes, ascending.
    pub(super) sketch: Vec<u32>,
    /// Hash of the numbers in their order.
    numbers: u64,
    /// Characters of the core.
    length: usize,
}

impl Print {
    /// `None` if nothing is left to compare, as of a post that is only a picture.
    pub(super) fn of(post: &Post) -> Option<Print> {
        // A hot list's own title is the voice; the text beneath it often belongs to several titles.
        let by_title = post.publisher == Publisher::Platform && !post.title.trim().is_empty();
        let text = if by_title { String::new() } else { normalize(&post.text) };
        let whole = format!("{} {text}", normalize(&post.title));
        let mut core = core_of(&without_links(&whole));
        if core.is_empty() {
            // Only emoji or punctuation: these are compared as they stand.
            core = whole.chars().filter(|char| !char.is_whitespace()).collect();
        }
        if core.is_empty() {
            return None;
        }
        let hash = core.iter().fold(SEED, |hash, &char| mix(hash, u64::from(char)));
        let mut print = Print {
            core: hash,
            bands: Vec::new(),
            sketch: Vec::new(),
            numbers: numbers_of(&whole),
            length: core.len(),
        };
        if core.len() >= LONG {
            let pieces = core.get(..COMPARED).unwrap_or(&core).windows(3);
            let hashes: Vec<u64> = pieces.map(piece_hash).collect();
            print.bands = bands(&hashes);
            print.sketch = hashes.iter().map(|hash| (hash >> 32) as u32).collect();
            print.sketch.sort_unstable();
            print.sketch.dedup();
            print.sketch.truncate(SKETCH);
        }
        Some(print)
    }

    /// Share of pieces that both texts have, if it makes them copies of each other.
    pub(super) fn likeness(&self, other: &Print) -> Option<f64> {
        let short = self.length.min(other.length) < LENGTHY;
        if short && self.numbers != other.numbers {
            return None;
        }
        let least = if short { 0.8 } else { 0.7 };
        Some(resemblance(&self.sketch, &other.sketch)).filter(|&likeness| likeness >= least)
    }
}

/// Jaccard resemblance estimated from the smallest hashes of the union; exact if both sketches are whole.
fn resemblance(one: &[u32], other: &[u32]) -> f64 {
    let (mut left, mut right) = (one.iter().peekable(), other.iter().peekable());
    let (mut union, mut both) = (0, 0);
    while union < SKETCH {
        let order = match (left.peek(), right.peek()) {
            (None, None) => break,
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (Some(a), Some(b)) => a.cmp(b),
        };
        union += 1;
        if order.is_le() {
            left.next();
        }
        if order.is_ge() {
            right.next();
        }
        both += usize::from(order.is_eq());
    }
    if union == 0 { 0.0 } else { both as f64 / union as f64 }
}

/// Letters, ideographs and digits without the particles that people add and drop.
fn core_of(text: &str) -> Vec<char> {
    const PARTICLES: &[char] =
        &['啊', '呀', '呢', '吧', '吗', '嘛', '啦', '哦', '哈', '喔', '哎', '唉', '诶', '了'];
    text.chars().filter(|char| char.is_alphanumeric() && !PARTICLES.contains(char)).collect()
}

/// The text without web addresses and without @mentions, masked or not.
fn without_links(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) =
        [rest.find("http://"), rest.find("https://"), rest.find('@')].into_iter().flatten().min()
    {
        let (before, link) = rest.split_at(at);
        kept.push_str(before);
        kept.push(' ');
        // An address is ASCII without spaces; a name ends at a space or a sign.
        let is_mention = link.starts_with('@');
        let ends = |char: char| {
            if is_mention {
                !(char.is_alphanumeric() || "@_-*".contains(char))
            } else {
                !char.is_ascii_graphic()
            }
        };
        rest = link.find(ends).and_then(|end| link.get(end..)).unwrap_or("");
    }
    kept.push_str(rest);
    kept
}

fn numbers_of(text: &str) -> u64 {
    let mut hash = SEED;
    let mut inside = false;
    for char in text.chars() {
        if let Some(digit) = char.to_digit(10) {
            hash = mix(hash, if inside { u64::from(digit) } else { 16 + u64::from(digit) });
            inside = true;
        } else {
            inside = false;
        }
    }
    hash
}

fn piece_hash(piece: &[char]) -> u64 {
    piece.iter().fold(SEED, |hash, &char| mix(hash, u64::from(char)))
}

/// MinHash: per row the smallest of all pieces under another permutation; a band is a few rows together.
fn bands(pieces: &[u64]) -> Vec<u32> {
    (0..BANDS)
        .map(|band| {
            let rows = (0..ROWS).map(|row| {
                let salt = mix(SEED, (band * ROWS + row) as u64) | 1;
                pieces.iter().map(|piece| (piece ^ salt).wrapping_mul(salt) >> 16).min().unwrap_or(0)
            });
            (rows.fold(mix(SEED, band as u64), mix) >> 32) as u32
        })
        .collect()
}

const SEED: u64 = 0x9E37_79B9_7F4A_7C15;

/// A fixed mixing function (the finaliser of SplitMix64): results must not change with the Rust release.
fn mix(hash: u64, value: u64) -> u64 {
    let mut mixed = hash.wrapping_mul(0xD1B5_4A32_D192_ED03) ^ value.wrapping_add(SEED);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}
