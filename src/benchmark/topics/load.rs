//! What a busy stream costs: the made stream once more, with millions of posts of chatter a day around it.
//! Measures time and memory of the counting, and how many stories are still found in a table of that size.

use analyzer::series::Bucket;
use analyzer::topics::{Settings, Spoken, Topics, Word};
use crawler::post::Voice;
use serde::Serialize;

use super::judge::{Alert, Truth, VOICES};
use super::posts::Posts;
use super::stream::Stream;
use crate::scenario::Chance;

/// Number of every post of chatter, and the first of their voices.
const CHATTER: u64 = 1 << 40;

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
    /// Topics found a day.
    pub(crate) topics_a_day: f64,
    /// Posts from which a story is small, middling and large, and how many there are.
    pub(crate) sizes: [usize; 3],
    /// How many such stories there are.
    pub(crate) stories: [usize; 3],
    /// Share of them found.
    pub(crate) recall: [f64; 3],
    /// Share of the topics that are stories begun after the warm-up.
    pub(crate) precision: f64,
    /// Share found of those whose titles have only common words.
    pub(crate) common_recall: f64,
}

/// Lets the very topics that run hear the stream with chatter around it, words as texts.
pub(super) fn measure(stream: &Stream, load: Load, seed: u64) -> Cost {
    let posts = Posts::of(stream);
    let truth = Truth::of(&posts);
    let mut chance = Chance::of(seed, "load");
    let mut around = Around::default();
    around.make(stream, load, &mut chance);
    let before = resident();
    let settings = Settings { memory: load.memory, voices: VOICES, ..Settings::default() };
    let mut topics = Topics::new(settings);
    let (mut spent, mut counted, mut voice) = (0.0, 0u64, CHATTER);
    let mut told = Vec::new();
    for bucket in 0..posts.buckets() {
        around.make(stream, load, &mut chance);
        let own: Vec<(u64, u64, Vec<String>)> = posts.named(bucket).collect();
        let from = on_processor();
        for words in around.posts() {
            voice += 1;
            hear(&mut topics, (CHATTER, voice), bucket, &words);
        }
        for (number, voice, words) in &own {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            hear(&mut topics, (*number, *voice), bucket, &words);
        }
        let begun = topics.close(Bucket(bucket as i64));
        spent += on_processor() - from;
        counted += (around.count + own.len()) as u64;
        let found = begun.iter().filter_map(|id| topics.topic(id));
        told.extend(found.filter_map(|topic| Alert::of(&posts, bucket, &topic.posts)));
    }
    let added = resident() - before;
    let figures = truth.judge(&told);
    Cost {
        memory_mib: load.memory as f64 / f64::from(1 << 20),
        words: load.words,
        posts_a_day: load.posts_a_day,
        posts: counted,
        microseconds_a_post: spent * 1e6 / counted.max(1) as f64,
        added_mib: added,
        topics_a_day: figures.alerts_a_day,
        sizes: figures.sizes,
        stories: figures.stories,
        recall: figures.recall,
        precision: figures.precision,
        common_recall: figures.common_recall,
    }
}

fn hear(topics: &mut Topics, (number, voice): (u64, u64), bucket: usize, words: &[&str]) {
    let time = Bucket(bucket as i64).start();
    topics.observe(&Spoken { number, time, voice: Voice(voice), source: "", words });
}

/// Posts of chatter of one bucket, words one behind the other.
#[derive(Default)]
struct Around {
    names: Vec<[u8; 8]>,
    each: usize,
    count: usize,
}

impl Around {
    /// Words of older titles, the popular ones more often: a title in parts, then single words of others.
    fn make(&mut self, stream: &Stream, load: Load, chance: &mut Chance) {
        self.names.clear();
        (self.each, self.count) = (load.words, load.posts_a_day / 144);
        let mut words: Vec<Word> = Vec::with_capacity(load.words);
        for _ in 0..self.count {
            words.clear();
            words.extend(stream.chatter.say(chance).into_iter().take(load.words));
            for _ in 0..100 {
                if words.len() >= load.words {
                    break;
                }
                words.extend(stream.chatter.word(chance).filter(|word| !words.contains(word)));
            }
            words.resize(load.words, Word(0));
            self.names.extend(words.iter().map(|word| name(*word)));
        }
    }

    fn posts(&self) -> impl Iterator<Item = Vec<&str>> {
        let posts = self.names.chunks(self.each.max(1));
        posts.map(|post| post.iter().map(|name| std::str::from_utf8(name).unwrap_or_default()).collect())
    }
}

/// Eight letters that stand for a word: as long as three characters of Chinese, nearly.
pub(super) fn name(word: Word) -> [u8; 8] {
    let mut name = [b'a'; 8];
    for (place, letter) in name.iter_mut().enumerate() {
        *letter += (word.0 >> (4 * place) & 15) as u8;
    }
    name
}

/// Seconds that this thread was on a processor, whatever else the machine did meanwhile.
fn on_processor() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds: f64 = text.split(' ').next().and_then(|time| time.parse().ok()).unwrap_or(0.0);
    nanoseconds / 1e9
}

/// Memory of the program that is really there, in MiB.
fn resident() -> f64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: f64 = text.split(' ').nth(1).and_then(|pages| pages.parse().ok()).unwrap_or(0.0);
    pages * 4096.0 / f64::from(1 << 20)
}
