//! One topic: its words, its posts and how many people speak of it. Its title is a number of a stored post.

use std::collections::{BTreeSet, HashMap};
use std::fmt;

use serde::{Deserialize, Serialize};

use super::cluster::{Cluster, Thread};
use super::recent::Recent;
use super::words::{Mixing, Pair, Word};
use crate::hash::mix;
use crate::series::Bucket;

/// Topics are kept so many buckets after they were last heard: a week.
pub(super) const KEPT: i64 = 1_008;
/// Words shown.
const SHOWN: usize = 5;
/// Pairs by which a topic's posts are counted.
const PAIRS: usize = 12;
/// Posts that are remembered by number: the first ones.
const POSTS: usize = 32;
/// Voices and sources that are told apart; further voices are not compared.
const VOICES: usize = 512;
const SOURCES: usize = 32;

/// Number of a topic: T and five characters that nobody mistakes for each other.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TopicId(String);

/// What people suddenly talk about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Topic {
    /// Its number.
    pub id: TopicId,
    /// By what it is recognised.
    pub thread: Thread,
    /// Bucket in which it was found.
    pub found: i64,
    /// Its words, the weightiest first.
    pub words: Vec<String>,
    /// The pairs by which its posts are counted, the strongest first.
    pub pairs: Vec<Pair>,
    /// Those pairs as words, as far as they are known: a proposal for a list of words.
    pub proposal: Vec<String>,
    /// Highest score so far, and the bucket in which it was reached.
    pub score: f64,
    /// Number of the post that says most of it in fewest words.
    pub title: u64,
    /// Numbers of posts, the first ones.
    pub posts: Vec<u64>,
    /// Posts, copies included.
    pub count: u32,
    /// Near-duplicate groups among them.
    pub voices: usize,
    /// Source groups among them.
    pub sources: usize,
    /// Posts of its last bucket hours, newest last: (bucket, posts).
    pub course: Vec<(i64, u32)>,
    known_voices: BTreeSet<u64>,
    known_sources: BTreeSet<u32>,
    /// Weight of the title's post.
    title_weight: f64,
}

impl TopicId {
    /// A number typed by a person, in whatever case; `None` if it can't be one.
    pub fn parse(typed: &str) -> Option<TopicId> {
        let typed = typed.trim().to_ascii_uppercase();
        let is_one = typed.len() == 6 && typed.starts_with('T');
        (is_one && typed.bytes().skip(1).all(|byte| DIGITS.contains(&byte))).then_some(TopicId(typed))
    }

    pub(super) fn of(lead: Pair, bucket: i64) -> TopicId {
        let mut rest = mix(0, lead.hash() ^ bucket.unsigned_abs());
        let mut text = String::from("T");
        for _ in 0..5 {
            let digit = DIGITS.get((rest % 32) as usize).copied().unwrap_or(b'0');
            text.push(char::from(digit));
            rest /= 32;
        }
        TopicId(text)
    }
}

/// Crockford's base 32: no I, L, O, U.
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

impl fmt::Display for TopicId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Topic {
    /// A topic of a cluster; `None` of an empty one.
    pub(super) fn begin(
        cluster: &Cluster,
        recent: &Recent,
        vocabulary: &HashMap<Word, String>,
        bucket: i64,
    ) -> Option<Topic> {
        let thread = Thread::begin(cluster, bucket)?;
        let mut topic = Topic {
            id: TopicId::of(thread.lead, bucket),
            thread,
            found: bucket,
            words: Vec::new(),
            pairs: Vec::new(),
            proposal: Vec::new(),
            score: 0.0,
            title: 0,
            posts: Vec::new(),
            count: 0,
            voices: 0,
            sources: 0,
            course: Vec::new(),
            known_voices: BTreeSet::new(),
            known_sources: BTreeSet::new(),
            title_weight: 0.0,
        };
        topic.describe(cluster, recent, vocabulary);
        // Those of the open bucket are counted when it closes, with the other topics'.
        let earlier = |place: &u64| recent.post(*place).is_some_and(|post| post.bucket < bucket);
        topic.count(cluster.posts.iter().copied().filter(earlier), recent, bucket);
        let voices: BTreeSet<u64> =
            cluster.posts.iter().filter_map(|place| recent.post(*place)).map(|post| post.voice.0).collect();
        topic.voices = voices.len();
        Some(topic)
    }

    /// Goes on with a cluster.
    pub(super) fn hear(
        &mut self,
        cluster: &Cluster,
        recent: &Recent,
        vocabulary: &HashMap<Word, String>,
        bucket: i64,
    ) {
        self.thread.hear(cluster, bucket);
        if cluster.score > self.score {
            self.describe(cluster, recent, vocabulary);
        }
    }

    /// When it was found.
    pub fn found_at(&self) -> jiff::Timestamp {
        Bucket(self.found).end()
    }

    /// When it last stood out.
    pub fn heard_at(&self) -> jiff::Timestamp {
        Bucket(self.thread.heard).end()
    }

    /// Words, pairs and title, as the strongest cluster so far has them.
    fn describe(&mut self, cluster: &Cluster, recent: &Recent, vocabulary: &HashMap<Word, String>) {
        self.score = cluster.score;
        let weights = cluster.words();
        let words: Vec<String> =
            weights.iter().filter_map(|(word, _)| vocabulary.get(word)).take(SHOWN).cloned().collect();
        if !words.is_empty() {
            self.words = words;
        }
        let pairs = cluster.pairs.iter().map(|candidate| candidate.pair);
        self.pairs = pairs.take(PAIRS).collect();
        let text = |pair: &Pair| -> Option<String> {
            let words: Option<Vec<&str>> =
                pair.words().map(|word| vocabulary.get(&word).map(String::as_str)).collect();
            Some(words?.join(" "))
        };
        let proposal: Vec<String> = self.pairs.iter().filter_map(text).collect();
        if !proposal.is_empty() {
            self.proposal = proposal;
        }
        self.choose_title(cluster, recent);
    }

    /// The post whose pairs weigh most for its length; copies of one text are one candidate.
    fn choose_title(&mut self, cluster: &Cluster, recent: &Recent) {
        let mut weights: HashMap<u64, f64, Mixing> = HashMap::default();
        for (candidate, places) in cluster.pairs.iter().zip(&cluster.said) {
            places.iter().for_each(|place| *weights.entry(*place).or_default() += candidate.score);
        }
        let weigh = |(place, weight): (u64, f64)| {
            let post = recent.post(place)?;
            Some((weight / f64::from(post.length().max(1)).sqrt(), post.number))
        };
        let best = weights
            .into_iter()
            .filter_map(weigh)
            .max_by(|one, other| one.0.total_cmp(&other.0).then_with(|| other.1.cmp(&one.1)));
        if let Some((weight, number)) = best {
            (self.title_weight, self.title) = (weight, number);
        }
    }

    /// Counts posts of a bucket.
    pub(super) fn count(&mut self, places: impl Iterator<Item = u64>, recent: &Recent, bucket: i64) {
        let mut fresh = 0;
        for post in places.filter_map(|place| recent.post(place)) {
            fresh += 1;
            if self.posts.len() < POSTS {
                self.posts.push(post.number);
            }
            if self.known_voices.len() < VOICES {
                self.known_voices.insert(post.voice.0);
            }
            if self.known_sources.len() < SOURCES {
                self.known_sources.insert(post.source);
            }
        }
        if fresh > 0 {
            self.count = self.count.saturating_add(fresh);
            self.course.push((bucket, fresh));
            let excess = self.course.len().saturating_sub(144);
            self.course.drain(..excess);
        }
        self.voices = self.known_voices.len();
        self.sources = self.known_sources.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_as_people_type_it() {
        let id = TopicId::of(Pair::of(Word(1), Word(2)), 5);
        assert_eq!(id.to_string().len(), 6);
        assert_eq!(TopicId::parse(&format!(" {} ", id.to_string().to_lowercase())), Some(id));
        assert_eq!(TopicId::parse("T12"), None);
        assert_eq!(TopicId::parse("TILOU1"), None);
        assert_eq!(TopicId::parse("T数据"), None);
    }
}
