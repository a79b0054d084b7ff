//! Topics that nobody configured: pairs of words that suddenly stand together in far more independent posts
//! than usual, put together by the posts they share.
//!
//! Streams of posts are counted in a table of fixed size ([`Topics`]), the few titles of hot lists exactly
//! ([`boards::Boards`]). Memory is fixed whatever is said; time and posts arrive as arguments. Titles, concerns and muting are not
//! known here: a topic names numbers of stored posts, and whoever shows it reads them.

mod bars;
pub mod boards;
mod checkpoint;
mod class;
mod cluster;
mod copies;
mod counter;
mod joint;
mod lines;
mod recent;
mod settings;
mod table;
mod title;
mod topic;
mod words;

pub use class::{Class, Classes};
pub use cluster::{Cluster, SAME_TOPIC, Thread, Threads, clusters};
pub use counter::{Candidate, Counter, Scored, no_chance};
pub use joint::{HEARD, Joint};
pub use recent::Recent;
pub use settings::Settings;
pub use title::title;
pub use topic::{Topic, TopicId};
pub use words::{Pair, Word};

use std::collections::{BTreeSet, HashMap};

use crawler::post::Voice;
use jiff::Timestamp;

use crate::series::Bucket;

/// Posts that wait for their bucket, published while the one before is still open.
const WAITING: usize = 100_000;
/// A post published so many buckets before the open one is news no more: a day.
const TOO_LATE: i64 = 144;
/// Buckets without posts that are walked through one by one; longer silence begins anew: four weeks.
const LONGEST_WALK: i64 = 4_032;
/// Buckets of a day.
const DAY: i64 = 144;
/// Share of the memory for the last posts' words.
const RECENT_SHARE: usize = 8;
/// Topics that are kept: the newest.
const TOPICS: usize = 1_000;

/// One stored post, cut into words.
#[derive(Clone, Debug)]
pub struct Spoken<'a> {
    /// Its number in the store.
    pub number: u64,
    /// When it was published.
    pub time: Timestamp,
    /// Its near-duplicate group.
    pub voice: Voice,
    /// Its source group.
    pub source: &'a str,
    /// Its words, in their order.
    pub words: &'a [&'a str],
}

/// The live state.
#[derive(Debug)]
pub struct Topics {
    settings: Settings,
    counter: Counter,
    recent: Recent,
    topics: Vec<Topic>,
    vocabulary: HashMap<Word, String>,
    /// The bucket that is counted now.
    open: Option<i64>,
    waiting: Vec<Waiting>,
    /// Number of the newest post that was counted.
    newest: u64,
}

#[derive(Clone, Debug)]
struct Waiting {
    number: u64,
    voice: Voice,
    source: u32,
    bucket: i64,
    words: Vec<(Word, String)>,
}

impl Topics {
    /// Knows nothing yet.
    pub fn new(settings: Settings) -> Topics {
        let recent = settings.memory / RECENT_SHARE;
        let counter = Counter::new(Settings { memory: settings.memory - recent, ..settings.clone() });
        Topics {
            counter,
            recent: Recent::new(recent),
            topics: Vec::new(),
            vocabulary: HashMap::new(),
            open: None,
            waiting: Vec::new(),
            newest: 0,
            settings,
        }
    }

    /// Counts a post. Late ones count in the open bucket, very late ones not at all.
    pub fn observe(&mut self, post: &Spoken<'_>) {
        let bucket = Bucket::of(post.time).0;
        let open = *self.open.get_or_insert(bucket);
        if bucket < open - TOO_LATE {
            return;
        }
        self.newest = self.newest.max(post.number);
        let source = Word::of(post.source).0;
        let words = self.distinct(post);
        if bucket > open && self.waiting.len() < WAITING {
            let words = words.into_iter().map(|(word, text)| (word, text.to_owned())).collect();
            self.waiting.push(Waiting { number: post.number, voice: post.voice, source, bucket, words });
        } else {
            self.count((post.number, post.voice, source), open, &words);
        }
    }

    /// The first words of a post, each once.
    fn distinct<'a>(&self, post: &Spoken<'a>) -> Vec<(Word, &'a str)> {
        let mut words: Vec<(Word, &str)> = Vec::with_capacity(self.settings.words);
        for text in post.words {
            let word = Word::of(text);
            if words.len() < self.settings.words && words.iter().all(|(known, _)| *known != word) {
                words.push((word, text));
            }
        }
        words
    }

    fn count(&mut self, post: (u64, Voice, u32), bucket: i64, spoken: &[(Word, &str)]) {
        let words: Vec<Word> = spoken.iter().map(|(word, _)| *word).collect();
        let vocabulary = &mut self.vocabulary;
        self.counter.count(&words, post.1, bucket, |pair| {
            for (word, text) in spoken.iter().filter(|(word, _)| pair.words().any(|one| one == *word)) {
                vocabulary.entry(*word).or_insert_with(|| (*text).to_owned());
            }
        });
        self.recent.push(post, bucket, &words);
    }

    /// Closes every bucket up to and with `due`; tells the topics that began in them.
    pub fn close(&mut self, due: Bucket) -> Vec<TopicId> {
        let mut begun = Vec::new();
        let Some(open) = self.open else { return begun };
        for bucket in open.max(due.0 - LONGEST_WALK)..=due.0 {
            begun.extend(self.close_bucket(bucket));
            self.open = Some(bucket + 1);
            self.count_waiting(bucket + 1);
        }
        begun
    }

    fn close_bucket(&mut self, bucket: i64) -> Vec<TopicId> {
        let scored = self.counter.close(bucket);
        let mut begun = Vec::new();
        if !self.counter.is_learning() {
            let taken = no_chance(&scored.candidates, scored.tested, self.settings.false_share);
            let bar = counter::needed(scored.tested, self.settings.false_share, taken);
            let found = scored.clusters(&self.recent, bucket);
            let mut threads = Threads::of(self.topics.iter().map(|topic| &topic.thread), bucket);
            for cluster in found.iter().filter(|cluster| cluster.score >= bar.min(HEARD)) {
                begun.extend(self.place(cluster, cluster.score >= bar, &mut threads, bucket));
            }
        }
        self.count_topics(bucket);
        self.forget(bucket);
        begun
    }

    /// Goes on with a topic of the last two days, or begins one if this is no chance and enough people speak
    /// of it.
    fn place(
        &mut self,
        cluster: &Cluster,
        is_news: bool,
        threads: &mut Threads,
        bucket: i64,
    ) -> Option<TopicId> {
        if let Some(topic) = threads.find(cluster, &self.recent).and_then(|place| self.topics.get_mut(place))
        {
            topic.hear(cluster, &self.recent, &self.vocabulary, bucket);
            return None;
        }
        if !is_news {
            return None;
        }
        let topic = Topic::begin(cluster, &self.recent, &self.vocabulary, bucket)?;
        if topic.voices < self.settings.voices {
            return None;
        }
        let id = topic.id.clone();
        threads.add(self.topics.len(), topic.thread.clone());
        self.topics.push(topic);
        Some(id)
    }

    /// Counts the bucket's posts for the topics of the last two days.
    fn count_topics(&mut self, bucket: i64) {
        let is_alive = |topic: &&mut Topic| bucket - topic.thread.heard <= cluster::SAME_TOPIC;
        let mut alive: Vec<&mut Topic> = self.topics.iter_mut().filter(is_alive).collect();
        let pairs: Vec<Pair> = alive.iter().flat_map(|topic| topic.pairs.iter().copied()).collect();
        if pairs.is_empty() {
            return;
        }
        let mut places = self.recent.with(&pairs, bucket).into_iter();
        for topic in &mut alive {
            let own: BTreeSet<u64> = places.by_ref().take(topic.pairs.len()).flatten().collect();
            topic.count(own.into_iter(), &self.recent, bucket);
        }
    }

    fn count_waiting(&mut self, open: i64) {
        let is_due = |post: &Waiting| post.bucket <= open;
        let (due, waiting): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.waiting).into_iter().partition(is_due);
        self.waiting = waiting;
        for post in due {
            let words: Vec<(Word, &str)> =
                post.words.iter().map(|(word, text)| (*word, text.as_str())).collect();
            self.count((post.number, post.voice, post.source), open, &words);
        }
    }

    fn forget(&mut self, bucket: i64) {
        self.topics.retain(|topic| bucket - topic.thread.heard <= topic::KEPT);
        let excess = self.topics.len().saturating_sub(TOPICS);
        self.topics.drain(..excess);
        // Once a day at least, so that no word outlives the posts it was read in.
        if bucket % DAY == 0 || self.vocabulary.len() > 2 * self.counter.hot().len() + 4_096 {
            let hot: BTreeSet<Word> = self.counter.hot().iter().flat_map(|pair| pair.words()).collect();
            self.vocabulary.retain(|word, _| hot.contains(word));
        }
    }

    /// The topics of the last days, in the order in which they began.
    pub fn topics(&self) -> &[Topic] {
        &self.topics
    }

    /// The topic of this number.
    pub fn topic(&self, id: &TopicId) -> Option<&Topic> {
        self.topics.iter().find(|topic| topic.id == *id)
    }

    /// Whether so little is known of the stream that there are no topics yet.
    pub fn is_learning(&self) -> bool {
        self.counter.is_learning()
    }
}

#[cfg(test)]
mod tests;
