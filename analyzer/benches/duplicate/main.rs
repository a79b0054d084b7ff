//! What grouping near-duplicates costs and finds: time and memory at 10⁴ to 3 × 10⁷ groups, precision and
//! recall on pairs of our own, beside an exact hash and simhash in the same run.
//!
//! `cargo bench -p analyzer --bench duplicate` runs up to a million groups; further arguments after `--`:
//! `groups=30000000` (sizes, with commas), `texts=FILE` (a text a line, copies are made of them too),
//! `only=pairs` or `only=time`.
#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

mod pairs;
mod simhash;
mod time;

use std::collections::BTreeMap;

use analyzer::duplicate::Duplicates;
use crawler::post::{Post, PostId, Publisher};
use jiff::Timestamp;

use pairs::{CHANGES, DIFFERENT, Dice, changed, different, post};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let value =
        |name: &str| arguments.iter().find_map(|argument| argument.strip_prefix(name)?.strip_prefix('='));
    let only = value("only").unwrap_or("");
    if only != "time" {
        own_pairs();
        if let Some(file) = value("texts") {
            real_texts(&std::fs::read_to_string(file).unwrap());
        }
    }
    if only != "pairs" {
        let sizes = value("groups").unwrap_or("10000,100000,1000000");
        time::table(&sizes.split(',').map(|size| size.parse().unwrap()).collect::<Vec<usize>>());
    }
}

/// A post numbered and timed so that all lie within one window.
pub(crate) fn posted(number: u64, second: i64, text: &str) -> Post {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&number.to_be_bytes());
    let time = Timestamp::from_second(1_600_000_000 + second).unwrap();
    Post {
        id: PostId::from_bytes(&id).unwrap(),
        source: "weibo".into(),
        group: "微博".into(),
        publisher: Publisher::Individual,
        time,
        first_seen: time,
        title: String::new(),
        text: text.into(),
        address: None,
        rank: None,
        heat: None,
        claimed: None,
    }
}

fn joined(one: &str, other: &str) -> bool {
    let mut duplicates = Duplicates::new(1 << 20);
    duplicates.assign(&posted(1, 0, one)) == duplicates.assign(&posted(2, 1, other))
}

/// Pairs tried, joined by us, joined by simhash, by kind and length of text.
type Tally = BTreeMap<(usize, String, String), [u32; 3]>;

fn count(tally: &mut Tally, order: usize, kind: &str, class: &str, one: &str, other: &str) {
    let counts = tally.entry((order, kind.to_owned(), class.to_owned())).or_default();
    counts[0] += 1;
    counts[1] += u32::from(joined(one, other));
    counts[2] += u32::from(simhash::joined(one, other));
}

fn class(text: &str) -> &'static str {
    match text.chars().count() {
        0..24 => "a < 24",
        24..64 => "b 24-63",
        64..160 => "c 64-159",
        _ => "d 160-",
    }
}

fn copies(tally: &mut Tally, text: &str, dice: &mut Dice) {
    for (order, kind) in CHANGES.iter().enumerate() {
        if let Some(copy) = changed(text, kind, dice) {
            count(tally, order, kind, class(text), text, &copy);
        }
    }
}

fn own_pairs() {
    let mut dice = Dice(1);
    let mut tally = Tally::new();
    for _ in 0..300 {
        for length in [20, 45, 100, 200] {
            copies(&mut tally, &post(length, &mut dice), &mut dice);
        }
    }
    print("Copies of our own texts, by their length in characters: must be joined", &tally);
    let mut tally = Tally::new();
    for _ in 0..500 {
        for (order, kind) in DIFFERENT.iter().enumerate() {
            let (one, other) = different(kind, &mut dice);
            count(&mut tally, order, kind, "", &one, &other);
            if joined(&one, &other) {
                println!("WRONG\t{one}\t{other}");
            }
        }
    }
    print("Two texts on one matter: must stay two", &tally);
}

fn real_texts(texts: &str) {
    let mut dice = Dice(2);
    let mut tally = Tally::new();
    let lines: Vec<&str> = texts.lines().filter(|line| !line.trim().is_empty()).collect();
    let step = (lines.len() / 4_000).max(1);
    lines.iter().step_by(step).for_each(|line| copies(&mut tally, line, &mut dice));
    print("Copies of the given texts: must be joined", &tally);
    // Each line against all before it: whoever reads these judges them.
    let mut duplicates = Duplicates::new(1 << 32);
    let mut first: BTreeMap<u64, &str> = BTreeMap::new();
    let mut merged = 0;
    for (line, number) in lines.iter().zip(0_u64..) {
        let voice = duplicates.assign(&posted(number, 0, line)).0;
        let founder = first.entry(voice).or_insert(line);
        if *founder != *line {
            merged += 1;
            println!("MERGED\t{founder}\t{line}");
        }
    }
    println!("{} texts, {} groups, {merged} joined with another wording\n", lines.len(), duplicates.len());
}

fn print(title: &str, tally: &Tally) {
    println!("{title}\n{:<38} {:>10} {:>7} {:>8} {:>10}", "", "length", "pairs", "joined", "simhash 3");
    for ((_, kind, class), [pairs, ours, simhash]) in tally {
        let share = |joined: &u32| f64::from(*joined) * 100.0 / f64::from(*pairs);
        let class = class.get(2..).unwrap_or("");
        println!("{kind:<38} {class:>10} {pairs:>7} {:>7.1}% {:>9.1}%", share(ours), share(simhash));
    }
    println!();
}
