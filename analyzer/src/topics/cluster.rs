//! Puts pairs that stand out together when they are said in the same posts, and finds the topic of the last
//! two days that they go on with.
//!
//! Knows words as numbers only.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::counter::Candidate;
use super::recent::Recent;
use super::words::{Mixing, Pair, Word};

/// Pairs that are grouped at once: the highest scores.
const PAIRS_AT_ONCE: usize = 400;
/// Posts of a pair that are compared: the newest.
const POSTS_OF_PAIR: usize = 256;
/// A topic goes on if it was heard within so many buckets: two days.
pub const SAME_TOPIC: i64 = 288;
/// Words and pairs by which a topic is known at most.
const WORDS: usize = 25;
const PAIRS: usize = 60;
/// Posts of a cluster by which it is recognised: the newest.
const COMPARED: usize = 32;
/// Share of a cluster's posts that have pairs of a topic from which it is the same topic.
const SAME_POSTS: f64 = 0.4;

/// Places of posts.
type Places = HashSet<u64, Mixing>;

/// Pairs said in the same posts.
#[derive(Clone, Debug, PartialEq)]
pub struct Cluster {
    /// The pairs, highest score first.
    pub pairs: Vec<Candidate>,
    /// Places of their posts, in order of time.
    pub posts: Vec<u64>,
    /// For each of the pairs the places of all posts that have it.
    pub said: Vec<Vec<u64>>,
    /// How unusual it is: the highest score of a pair, or that of its pairs together.
    pub score: f64,
}

/// What a topic is recognised by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Thread {
    /// Its words.
    pub words: BTreeSet<Word>,
    /// The pair it began with.
    pub lead: Pair,
    /// Pairs that stood out in it.
    pub pairs: BTreeSet<Pair>,
    /// Last bucket in which it stood out.
    pub heard: i64,
}

/// Groups pairs, highest score first, by the posts since `from` in which they are said: a pair joins the first
/// group whose leading pair shares half of the smaller one's posts.
pub fn clusters(candidates: &[Candidate], recent: &Recent, from: i64) -> Vec<Cluster> {
    let candidates = candidates.get(..PAIRS_AT_ONCE).unwrap_or(candidates);
    let pairs: Vec<Pair> = candidates.iter().map(|candidate| candidate.pair).collect();
    let mut groups: Vec<(Cluster, Places, usize)> = Vec::new();
    for (candidate, said) in candidates.iter().zip(recent.with(&pairs, from)) {
        let posts = said.get(said.len().saturating_sub(POSTS_OF_PAIR)..).unwrap_or_default();
        if posts.is_empty() {
            continue;
        }
        let joins = |group: &&mut (Cluster, Places, usize)| {
            let shared = posts.iter().filter(|post| group.1.contains(post)).count();
            2 * shared >= posts.len().min(group.1.len())
        };
        match groups.iter_mut().find(joins) {
            Some((cluster, known, lead)) => {
                cluster.pairs.push(*candidate);
                // Grown to twice its leading pair's posts it takes in no more, or everything would be one.
                if known.len() < 2 * *lead {
                    known.extend(posts);
                }
                cluster.said.push(said);
            }
            None => {
                let (known, lead) = (posts.iter().copied().collect(), posts.len());
                let cluster = Cluster {
                    pairs: vec![*candidate],
                    posts: Vec::new(),
                    said: vec![said],
                    score: candidate.score,
                };
                groups.push((cluster, known, lead));
            }
        }
    }
    let sorted = |(mut cluster, posts, _): (Cluster, Places, usize)| {
        cluster.posts = posts.into_iter().collect();
        cluster.posts.sort_unstable();
        cluster
    };
    groups.into_iter().map(sorted).collect()
}

impl Cluster {
    /// Its words with the scores of their pairs summed up, the heaviest first.
    pub fn words(&self) -> Vec<(Word, f64)> {
        let mut weights: BTreeMap<Word, f64> = BTreeMap::new();
        for candidate in &self.pairs {
            candidate.pair.words().for_each(|word| *weights.entry(word).or_default() += candidate.score);
        }
        let mut words: Vec<(Word, f64)> = weights.into_iter().collect();
        words.sort_by(|one, other| other.1.total_cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
        words
    }
}

impl Thread {
    /// A new topic of a cluster.
    pub fn begin(cluster: &Cluster, bucket: i64) -> Option<Thread> {
        let lead = cluster.pairs.first()?.pair;
        let mut thread = Thread { words: BTreeSet::new(), lead, pairs: BTreeSet::new(), heard: bucket };
        thread.hear(cluster, bucket);
        Some(thread)
    }

    fn shares(&self, cluster: &BTreeSet<Word>) -> bool {
        let shared = cluster.intersection(&self.words).count();
        let is_half = 2 * shared >= cluster.len().min(self.words.len());
        (shared >= 2 && is_half)
            || (cluster.len() == 1 && self.lead.words().any(|word| cluster.contains(&word)))
    }

    /// Goes on with a cluster.
    pub fn hear(&mut self, cluster: &Cluster, bucket: i64) {
        self.heard = bucket;
        for candidate in &cluster.pairs {
            if self.pairs.len() < PAIRS {
                self.pairs.insert(candidate.pair);
            }
        }
        for (word, _) in cluster.words() {
            if self.words.len() < WORDS {
                self.words.insert(word);
            }
        }
    }
}

/// The topics of the last two days, to be recognised.
#[derive(Debug)]
pub struct Threads {
    threads: Vec<(usize, Thread)>,
    by_pair: HashMap<Pair, Vec<usize>, Mixing>,
}

impl Threads {
    /// Those of `threads` that may still go on, each with its place among all.
    pub fn of<'a>(threads: impl Iterator<Item = &'a Thread>, bucket: i64) -> Threads {
        let alive = threads.enumerate().filter(|(_, thread)| bucket - thread.heard <= SAME_TOPIC);
        let mut known = Threads { threads: Vec::new(), by_pair: HashMap::default() };
        alive.for_each(|(place, thread)| known.add(place, thread.clone()));
        known
    }

    /// Knows one more.
    pub fn add(&mut self, place: usize, thread: Thread) {
        let number = self.threads.len();
        thread.pairs.iter().for_each(|pair| self.by_pair.entry(*pair).or_default().push(number));
        self.threads.push((place, thread));
    }

    /// Place of the topic that a cluster goes on with: one that shares two words and half of the smaller set
    /// (of a single word, the leading pair's), or one whose pairs stand in two fifths of the cluster's posts.
    pub fn find(&self, cluster: &Cluster, recent: &Recent) -> Option<usize> {
        let words = word_set(cluster);
        let by_words = self.threads.iter().find(|(_, thread)| thread.shares(&words));
        let place = by_words.map(|(place, _)| *place);
        place.or_else(|| self.by_posts(cluster, recent))
    }

    fn by_posts(&self, cluster: &Cluster, recent: &Recent) -> Option<usize> {
        let posts = cluster.posts.get(cluster.posts.len().saturating_sub(COMPARED)..).unwrap_or_default();
        let mut counts: HashMap<usize, usize> = HashMap::new();
        for post in posts {
            let words: Vec<Word> = recent.words(*post).collect();
            let mut threads: BTreeSet<usize> = BTreeSet::new();
            for (nth, one) in words.iter().enumerate() {
                let others = words.get(nth + 1..).unwrap_or_default();
                let known = others.iter().filter_map(|other| self.by_pair.get(&Pair::of(*one, *other)));
                threads.extend(known.flatten());
            }
            threads.into_iter().for_each(|thread| *counts.entry(thread).or_default() += 1);
        }
        let (thread, most) = counts.into_iter().max_by_key(|(thread, count)| (*count, Reverse(*thread)))?;
        let place = self.threads.get(thread).map(|(place, _)| *place);
        place.filter(|_| most as f64 >= SAME_POSTS * posts.len() as f64)
    }
}

/// Words of a cluster as a set.
fn word_set(cluster: &Cluster) -> BTreeSet<Word> {
    cluster.pairs.iter().flat_map(|candidate| candidate.pair.words()).collect()
}

#[cfg(test)]
mod tests {
    use crawler::post::Voice;

    use super::*;

    fn words(text: &str) -> Vec<Word> {
        text.split(' ').map(Word::of).collect()
    }

    fn candidate(one: &str, other: &str, score: f64) -> Candidate {
        Candidate::of(Pair::of(Word::of(one), Word::of(other)), score)
    }

    fn recent() -> Recent {
        let mut recent = Recent::new(1 << 16);
        let posts =
            ["返京 隔离 七天", "返京 隔离 核酸", "返京 核酸 隔离", "停水 小区 通知", "停水 小区 三天"];
        for (number, post) in (0..).zip(posts) {
            recent.push((number, Voice(number), 0), 0, &words(post));
        }
        recent
    }

    #[test]
    fn pairs_of_the_same_posts_are_one_cluster() {
        let candidates =
            [candidate("返京", "隔离", 9.0), candidate("停水", "小区", 8.0), candidate("核酸", "返京", 7.0)];
        let clusters = clusters(&candidates, &recent(), 0);
        let found: Vec<(usize, Vec<u64>)> =
            clusters.iter().map(|cluster| (cluster.pairs.len(), cluster.posts.clone())).collect();
        assert_eq!(found, [(2, vec![0, 1, 2]), (1, vec![3, 4])]);
        assert_eq!(clusters[0].words()[0], (Word::of("返京"), 16.0));
    }

    #[test]
    fn a_topic_goes_on_for_two_days_if_its_words_do() {
        let first = clusters(&[candidate("返京", "隔离", 9.0), candidate("返京", "核酸", 8.0)], &recent(), 0);
        let thread = Thread::begin(&first[0], 10).unwrap();
        let goes_on = |text: &str, bucket: i64| {
            let pairs = text.split(',').map(|pair| pair.split_once(' ').unwrap());
            let pairs = pairs.map(|(one, other)| candidate(one, other, 1.0)).collect();
            let threads = Threads::of(std::iter::once(&thread), bucket);
            let cluster = Cluster { pairs, posts: Vec::new(), said: Vec::new(), score: 1.0 };
            threads.find(&cluster, &recent()).is_some()
        };
        assert!(goes_on("返京 隔离", 298));
        assert!(!goes_on("返京 隔离", 299));
        assert!(!goes_on("返京 机票", 11));
        assert!(goes_on("返京 核酸,机票 退票", 11));
        assert!(!goes_on("停水 小区", 11));
        // In other words, but of posts of which half have its pairs.
        let posted = |posts: &[u64]| {
            let pairs = vec![candidate("要不要", "机票", 1.0)];
            let threads = Threads::of(std::iter::once(&thread), 11);
            threads.find(&Cluster { pairs, posts: posts.to_vec(), said: Vec::new(), score: 1.0 }, &recent())
        };
        assert_eq!(posted(&[1, 2, 3, 4]), Some(0));
        assert_eq!(posted(&[1, 3, 4]), None);
    }
}
