//! Time a post and bytes a group, at several sizes of the window.

use std::collections::HashMap;
use std::hint::black_box;
use std::time::Instant;

use analyzer::duplicate::Duplicates;
use analyzer::normalize::normalize;
use crawler::post::Post;

use super::pairs::{Dice, changed};
use super::{posted, simhash};

/// Posts timed at each size, of each kind.
const TIMED: usize = 20_000;
/// Posts timed against the peers that look at everything.
const SCANNED: usize = 20;

/// One row for each number of groups.
pub(crate) fn table(sizes: &[usize]) {
    println!(
        "A post of 30-140 characters, microseconds: of it, reading the text; new post; copy with changes; \
         exact hash map and simhash scan of the same run"
    );
    println!(
        "{:>10} {:>7} {:>9} {:>9} {:>7} {:>7} {:>8} {:>8} {:>8} {:>12} {:>12} {:>7}",
        "groups",
        "text",
        "new post",
        "copy",
        "found",
        "exact",
        "ratio",
        "bytes",
        "resident",
        "build post",
        "simhash",
        "ratio"
    );
    sizes.iter().for_each(|&size| row(size));
}

fn row(size: usize) {
    let words = Words::new();
    let resident_before = resident();
    let mut duplicates = Duplicates::new(usize::MAX);
    let text = |number: u64| words.text(&mut Dice(number.wrapping_mul(0x1234_5678_9ABC_DEF1)));
    let second = |number: usize| (number as f64 / size as f64 * 200_000.0) as i64;
    let mut building = 0.0;
    for number in 0..size {
        let post = posted(number as u64, second(number), &text(number as u64));
        let begun = Instant::now();
        black_box(duplicates.assign(&post));
        building += begun.elapsed().as_secs_f64();
    }
    let (groups, bytes) = (duplicates.len(), duplicates.bytes());
    let resident = resident().saturating_sub(resident_before);
    let mut dice = Dice(9);
    let fresh: Vec<Post> =
        (size..size + TIMED).map(|number| posted(number as u64, 200_000, &text(number as u64))).collect();
    let copied: Vec<(u64, Post)> = (0..TIMED)
        .map(|number| {
            let original = dice.below(size) as u64;
            let plain = text(original);
            let kind = dice.of(&["2 characters changed", "1 character changed", "@ added", "emoji added"]);
            let copy = changed(&plain, kind, &mut dice).unwrap_or(plain);
            (original, posted((size * 2 + number) as u64, 200_000, &copy))
        })
        .collect();
    let reading = micros(&fresh, |post| drop(black_box(normalize(&post.text))));
    let mut found = 0;
    let copy = micros(&copied, |(original, post)| {
        found += usize::from(duplicates.assign(post).0 == *original);
    });
    let new = micros(&fresh, |post| {
        black_box(duplicates.assign(post));
    });
    drop(duplicates);
    let exact = exact(size, &text, &fresh);
    let scan = (size <= 1_000_000).then(|| scan(size, &text, &fresh));
    println!(
        "{groups:>10} {reading:>7.2} {new:>9.2} {copy:>9.2} {:>6.1}% {exact:>7.2} {:>8.1} {:>8.0} {:>8.0} {:>12.2} {:>12} {:>7}",
        found as f64 * 100.0 / TIMED as f64,
        new / exact,
        bytes as f64 / groups as f64,
        resident as f64 / groups as f64,
        building * 1e6 / size as f64,
        scan.map_or("-".to_owned(), |scan| format!("{scan:.1}")),
        scan.map_or("-".to_owned(), |scan| format!("{:.4}", new / scan)),
    );
}

/// A hash map of whole texts, normalised: finds nothing that was changed.
fn exact(size: usize, text: &dyn Fn(u64) -> String, fresh: &[Post]) -> f64 {
    let hash = |text: &str| {
        normalize(text).bytes().fold(7_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0xBF58_476D_1CE4_E5B9).rotate_left(29)
        })
    };
    // Keys as good as hashes of texts, without making all texts again.
    let mut map: HashMap<u64, u32> =
        (0..size as u64).map(|number| (number.wrapping_mul(0x9E37_79B9_7F4A_7C15), 0)).collect();
    map.insert(hash(&text(0)), 0);
    micros(fresh, |post| {
        *map.entry(hash(&post.text)).or_default() += 1;
    })
}

/// Simhash against all: finds copies within three bits.
fn scan(size: usize, text: &dyn Fn(u64) -> String, fresh: &[Post]) -> f64 {
    let mut hashes: Vec<u64> = (0..1_000).map(|number| simhash::of(&text(number))).collect();
    hashes.extend((1_000..size as u64).map(|number| number.wrapping_mul(0x9E37_79B9_7F4A_7C15)));
    micros(&fresh[..SCANNED], |post| {
        let mine = simhash::of(&post.text);
        black_box(hashes.iter().position(|other| (other ^ mine).count_ones() <= 3));
    })
}

/// Microseconds of the processor an item.
fn micros<T>(items: &[T], mut each: impl FnMut(&T)) -> f64 {
    let begun = seconds();
    items.iter().for_each(&mut each);
    (seconds() - begun) * 1e6 / items.len() as f64
}

/// Seconds in which this thread had the processor: on a busy machine a clock would time its neighbours.
fn seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    stat.split(' ').next().unwrap().parse::<f64>().unwrap() / 1e9
}

/// Memory of this process in bytes, where the system tells.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<usize>().ok()).unwrap_or(0) * 1024
}

/// Words as frequent as words are: few of them make up most of a text (Zipf), so that texts have as much
/// in common as real ones.
struct Words(Vec<String>);

impl Words {
    fn new() -> Words {
        let mut dice = Dice(5);
        let chars: Vec<char> = ('\u{4E00}'..='\u{9FA5}').step_by(9).collect();
        // A character, too, is frequent or rare.
        let char = |dice: &mut Dice| chars[dice.below(chars.len()).min(dice.below(chars.len()))];
        let words = (0..30_000).map(|_| {
            let length = dice.of(&[1, 2, 2, 2, 2, 3, 3, 4]);
            (0..length).map(|_| char(&mut dice)).collect()
        });
        Words(words.collect())
    }

    fn text(&self, dice: &mut Dice) -> String {
        let words = 13 + dice.below(45);
        let mut text = String::with_capacity(words * 8);
        for number in 0..words {
            // A uniform exponent gives the n-th word a chance of about 1 / n.
            let exponent = dice.below(1 << 20) as f64 / f64::from(1 << 20);
            let rank = (self.0.len() as f64).powf(exponent) as usize - 1;
            text.push_str(&self.0[rank.min(self.0.len() - 1)]);
            if number % 9 == 8 {
                text.push('，');
            }
        }
        text
    }
}
