//! What a busy stream costs: the made stream once more, with millions of posts of chatter a day around it.
//! Measures time and memory of the counting, and how many stories are still found in a table of that size.

use std::time::{Duration, Instant};

use analyzer::topics::{Candidate, Counter, Settings, Word};
use crawler::post::Voice;
use serde::Serialize;

use super::judge::{Truth, WARM_UP, alerts, threshold};
use super::posts::Posts;
use super::stream::Stream;
use crate::scenario::Chance;

/// The chatter begins a day before anything is judged: by then the table is full.
const FULL_DAYS: usize = 1;

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    /// Posts of chatter a day.
    pub(crate) posts_a_day: usize,
    /// Distinct words of each.
    pub(crate) words: usize,
    /// Memory of the counts, in bytes.
    pub(crate) memory: usize,
}

/// What it cost and what was found.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Cost {
    /// Memory of the counts, in MiB.
    pub(crate) memory_mib: f64,
    /// Words of a post.
    pub(crate) words: usize,
    /// Posts of chatter a day.
    pub(crate) posts_a_day: usize,
    /// Posts counted.
    pub(crate) posts: u64,
    /// Microseconds a post without cutting it into words, buckets closed included.
    pub(crate) microseconds_a_post: f64,
    /// Memory added to the program, in MiB.
    pub(crate) added_mib: f64,
    /// Share found of the stories with at least 20, 50 and 100 posts.
    pub(crate) recall: [f64; 3],
    /// Share found of those whose titles have only common words.
    pub(crate) common_recall: f64,
}

/// Counts the stream with chatter around it.
pub(super) fn measure(stream: &Stream, load: Load, alerts_a_day: f64, seed: u64) -> Cost {
    let posts = Posts::of(stream);
    let truth = Truth::of(&posts);
    let mut chance = Chance::of(seed, "load");
    let before = resident();
    let settings = Settings { memory: load.memory, ..Settings::default() };
    let mut counter = Counter::new(settings.clone());
    let (mut spent, mut counted) = (Duration::ZERO, 0u64);
    let mut voice = 1u64 << 40;
    let mut scores: Vec<Vec<Candidate>> = Vec::new();
    let mut added = 0.0f64;
    for bucket in 0..posts.buckets() {
        let is_full = bucket >= (WARM_UP - FULL_DAYS) * 144;
        let around = if is_full { chatter(stream, load, &mut chance) } else { Vec::new() };
        let from = Instant::now();
        for words in &around {
            voice += 1;
            counter.count(words, Voice(voice), bucket as i64, |_| {});
        }
        for post in posts.all(bucket) {
            let words = &post.words[..post.words.len().min(settings.words)];
            counter.count(words, Voice(post.voice), bucket as i64, |_| {});
        }
        let candidates = counter.close(bucket as i64).candidates;
        if is_full {
            spent += from.elapsed();
            counted += (around.len() + posts.all(bucket).len()) as u64;
        }
        scores.push(candidates);
        if bucket + 1 == posts.buckets() {
            drop(around);
            added = resident() - before;
        }
    }
    let threshold = threshold(&posts, &scores, alerts_a_day);
    let figures = truth.judge(&alerts(&posts, &scores, threshold), stream.days);
    Cost {
        memory_mib: load.memory as f64 / f64::from(1 << 20),
        words: load.words,
        posts_a_day: load.posts_a_day,
        posts: counted,
        microseconds_a_post: spent.as_secs_f64() * 1e6 / counted.max(1) as f64,
        added_mib: added,
        recall: figures.recall,
        common_recall: figures.common_recall,
    }
}

/// One bucket of chatter: words of older titles, the popular ones more often.
fn chatter(stream: &Stream, load: Load, chance: &mut Chance) -> Vec<Vec<Word>> {
    let mut post = || {
        let mut words: Vec<Word> = Vec::with_capacity(load.words);
        // A title in parts, then single words of others, as people mix them.
        words.extend(stream.chatter.say(chance).into_iter().take(load.words));
        for _ in 0..20 {
            if words.len() >= load.words {
                break;
            }
            words.extend(stream.chatter.word(chance).filter(|word| !words.contains(word)));
        }
        words
    };
    (0..load.posts_a_day / 144).map(|_| post()).collect()
}

/// Memory of the program that is really there, in MiB.
fn resident() -> f64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: f64 = text.split(' ').nth(1).and_then(|pages| pages.parse().ok()).unwrap_or(0.0);
    pages * 4096.0 / f64::from(1 << 20)
}
