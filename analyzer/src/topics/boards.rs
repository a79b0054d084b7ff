//! Topics on hot lists: words and pairs of words that suddenly stand in several titles.
//!
//! A hot list brings some hundred titles a day, each of them chosen by a platform: too few for the sketches and
//! windows of [`super::Topics`], and few enough to count exactly. A topic is told with the title that makes it
//! one, not at the end of a bucket. Knows no concerns: whoever hands in a title says whether it is about public
//! affairs, and a topic is one if enough of its titles are.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use crawler::post::Voice;
use jiff::{SignedDuration, Timestamp};

use super::topic::TopicId;
use super::words::{Pair, Word};
use crate::series::Bucket;
use crate::tail::NegativeBinomial;

const HEADLINE_WORDS: &str = include_str!("../../data/headline-words.txt");
/// Words of a title that are looked at, from its beginning.
const WORDS: usize = 10;
/// Words by which a topic goes on being recognised.
const KNOWN_WORDS: usize = 25;
/// A title listed again within this time is the same one.
const SAME_TITLE: SignedDuration = SignedDuration::from_hours(72);
/// What is usual can be told of after so long: workdays and a weekend.
const LEARNING: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Items are forgotten when so little of them is left; looked for every so many titles, and when there are so
/// many items.
const FORGOTTEN: f64 = 0.02;
const SWEEP: usize = 20_000;
const ITEMS: usize = 1 << 21;
/// Titles within the span that are counted: whatever brings more is no hot list, and would take all memory.
const TITLES: usize = 20_000;

/// How topics are found.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Titles are counted over so long.
    pub span: SignedDuration,
    /// Half of what is usual is forgotten after this.
    pub usual_half_life: SignedDuration,
    /// Different titles a topic needs.
    pub voices: usize,
    /// Multiple of the usual that is still no news.
    pub lift: f64,
    /// Titles added to the expectation.
    pub floor: f64,
    /// Over-dispersion of the counts.
    pub dispersion: f64,
    /// −log₁₀ of the tail from which a pair of words is a topic.
    pub pair: f64,
    /// The same for a single word, which says less.
    pub word: f64,
    /// Share of a topic's titles that must be about public affairs.
    pub public_share: f64,
    /// A topic goes on while it is heard again within this time.
    pub hold: SignedDuration,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            span: SignedDuration::from_hours(12),
            usual_half_life: SignedDuration::from_hours(14 * 24),
            voices: 3,
            lift: 2.0,
            floor: 0.5,
            dispersion: 0.3,
            pair: 1.5,
            word: 1.6,
            public_share: 0.5,
            hold: SAME_TITLE,
        }
    }
}

/// One title.
#[derive(Clone, Debug)]
pub struct Title<'a> {
    /// Its number in the store.
    pub number: u64,
    /// When it was listed.
    pub time: Timestamp,
    /// Its near-duplicate group.
    pub voice: Voice,
    /// Its source group.
    pub source: &'a str,
    /// Its words, without stopwords.
    pub words: &'a [&'a str],
    /// Whether it is about public affairs.
    pub is_public: bool,
}

/// A topic.
#[derive(Clone, Debug, PartialEq)]
pub struct Topic {
    /// Its number.
    pub id: TopicId,
    /// When it began.
    pub found: Timestamp,
    /// When it last stood out.
    pub heard: Timestamp,
    /// The word or the two words that stood out.
    pub lead: Vec<String>,
    /// Numbers of its titles, oldest first.
    pub titles: BTreeSet<u64>,
    /// Number of the title with most of the words that they have in common when it began.
    pub title: u64,
    /// Source groups of them.
    pub sources: BTreeSet<String>,
    /// How much it stood out at most.
    pub score: f64,
    /// Whether enough of its titles were about public affairs; others are to be muted, and listed.
    pub is_public: bool,
    /// Words by which it goes on being recognised.
    words: BTreeSet<String>,
}

/// The live state.
#[derive(Clone, Debug)]
pub struct Boards {
    settings: Settings,
    skipped: BTreeSet<&'static str>,
    /// Titles within the span, oldest first.
    recent: VecDeque<Recent>,
    /// Place of the first of them since the beginning.
    left: usize,
    /// For each word and pair the places of its titles within the span.
    within: HashMap<Pair, VecDeque<usize>>,
    /// Titles of each word and pair, fading.
    usual: HashMap<Pair, (f64, Timestamp)>,
    heard: HashMap<Voice, Timestamp>,
    topics: Vec<Topic>,
    since: Option<Timestamp>,
    newest: Option<Timestamp>,
}

#[derive(Clone, Debug)]
struct Recent {
    number: u64,
    source: String,
    time: Timestamp,
    is_public: bool,
    words: Vec<String>,
}

/// A word or a pair that stands out.
struct Standing {
    item: Pair,
    places: Vec<usize>,
    score: f64,
    is_public: bool,
}

impl Boards {
    /// Nothing heard yet.
    pub fn new(settings: Settings) -> Boards {
        let lines = HEADLINE_WORDS.lines().map(str::trim);
        Boards {
            settings,
            skipped: lines.filter(|line| !line.is_empty() && !line.starts_with('#')).collect(),
            recent: VecDeque::new(),
            left: 0,
            within: HashMap::new(),
            usual: HashMap::new(),
            heard: HashMap::new(),
            topics: Vec::new(),
            since: None,
            newest: None,
        }
    }

    /// Takes a title; titles come in order of time, more or less. Returns the topic that it makes.
    pub fn hear(&mut self, title: &Title<'_>) -> Option<&Topic> {
        let (number, time, is_public) = (title.number, title.time, title.is_public);
        let since = *self.since.get_or_insert(time);
        let newest = *self.newest.insert(self.newest.map_or(time, |newest| newest.max(time)));
        self.leave(newest);
        let is_news = time > newest - self.settings.span && self.recent.len() < TITLES;
        if !is_news || self.was_listed(title.voice, time) {
            return None;
        }
        let words = self.telling(title.words);
        let items = items(&words);
        let place = self.left + self.recent.len();
        self.recent.push_back(Recent { number, source: title.source.to_owned(), time, is_public, words });
        for item in &items {
            self.within.entry(*item).or_default().push_back(place);
            let weight = self.weight(*item, time) + 1.0;
            self.usual.insert(*item, (weight, time));
        }
        if place % SWEEP == SWEEP - 1 || self.usual.len() > ITEMS {
            self.sweep(newest);
        }
        if time.duration_since(since) < LEARNING {
            return None;
        }
        let standing = items.iter().filter_map(|item| self.standing(*item, time));
        let best = standing.reduce(|best, other| if other.score > best.score { other } else { best })?;
        self.begin(best, time)
    }

    /// Notes when a title was listed; whether it was listed just before.
    fn was_listed(&mut self, voice: Voice, time: Timestamp) -> bool {
        let before = self.heard.insert(voice, time);
        before.is_some_and(|before| time.duration_since(before) < SAME_TITLE)
    }

    /// The topics of the last days, in the order in which they began.
    pub fn topics(&self) -> &[Topic] {
        &self.topics
    }

    /// Whether no title was ever heard.
    pub fn is_silent(&self) -> bool {
        self.since.is_none()
    }

    /// Whether titles are heard, and for too short a time to tell what is usual.
    pub fn is_learning(&self) -> bool {
        let heard_for = self.since.zip(self.newest).map(|(since, newest)| newest.duration_since(since));
        heard_for.is_some_and(|heard_for| heard_for < LEARNING)
    }

    /// Distinct words that may name a matter.
    fn telling(&self, words: &[&str]) -> Vec<String> {
        let mut telling: Vec<String> = Vec::new();
        for word in words.iter().filter(|word| !self.skipped.contains(**word) && !is_figure(word)) {
            if telling.len() < WORDS && telling.iter().all(|known| known != word) {
                telling.push((*word).to_owned());
            }
        }
        telling
    }

    fn leave(&mut self, now: Timestamp) {
        while self.recent.front().is_some_and(|oldest| oldest.time < now - self.settings.span) {
            let Some(oldest) = self.recent.pop_front() else { return };
            self.left += 1;
            for item in items(&oldest.words) {
                if let Some(places) = self.within.get_mut(&item) {
                    places.pop_front();
                    if places.is_empty() {
                        self.within.remove(&item);
                    }
                }
            }
        }
    }

    fn weight(&self, item: Pair, now: Timestamp) -> f64 {
        self.usual.get(&item).map_or(0.0, |(weight, then)| weight * self.left_of(*then, now))
    }

    /// What is left of a title after that time.
    fn left_of(&self, then: Timestamp, now: Timestamp) -> f64 {
        0.5f64.powf(now.duration_since(then).as_secs_f64() / self.settings.usual_half_life.as_secs_f64())
    }

    /// Forgets items that are not heard any more, and titles listed long ago.
    fn sweep(&mut self, now: Timestamp) {
        let mut usual = std::mem::take(&mut self.usual);
        let mut forgotten = FORGOTTEN;
        usual.retain(|_, (weight, then)| *weight * self.left_of(*then, now) > forgotten);
        while usual.len() > ITEMS / 2 {
            forgotten *= 2.0;
            usual.retain(|_, (weight, then)| *weight * self.left_of(*then, now) > forgotten);
        }
        self.usual = usual;
        self.heard.retain(|_, then| now.duration_since(*then) < SAME_TITLE);
    }

    fn standing(&self, item: Pair, now: Timestamp) -> Option<Standing> {
        let settings = &self.settings;
        let places: Vec<usize> = self.within.get(&item)?.iter().copied().collect();
        if places.len() < settings.voices {
            return None;
        }
        let count = places.len() as f64;
        // All that fades, without the span itself, over the time that it stands for.
        let earlier = (self.weight(item, now) - count).max(0.0);
        let usual = earlier * settings.span.as_secs_f64() / self.stands_for(now);
        let mean = settings.lift * usual + settings.floor;
        let score = NegativeBinomial { mean, dispersion: settings.dispersion }.minus_log10_tail(count);
        let needed = if item.0 == item.1 { settings.word } else { settings.pair };
        let public = places.iter().filter(|place| self.at(**place).is_some_and(|one| one.is_public)).count();
        let is_public = public as f64 >= settings.public_share * count;
        (score >= needed).then_some(Standing { item, places, score, is_public })
    }

    /// Seconds that what has faded so far stands for.
    fn stands_for(&self, now: Timestamp) -> f64 {
        let whole = self.settings.usual_half_life.as_secs_f64() / std::f64::consts::LN_2;
        whole * (1.0 - self.since.map_or(0.0, |since| self.left_of(since, now)))
    }

    fn at(&self, place: usize) -> Option<&Recent> {
        self.recent.get(place.checked_sub(self.left)?)
    }

    /// A topic begins unless it goes on with one of the last days: with half of its titles, or by its words.
    fn begin(&mut self, standing: Standing, now: Timestamp) -> Option<&Topic> {
        let Standing { item, places, score, is_public } = standing;
        let own: Vec<&Recent> = places.iter().filter_map(|place| self.at(*place)).collect();
        let Shape { titles, title, sources, lead, words } = Shape::of(item, &own);
        self.topics.retain(|topic| now.duration_since(topic.heard) < self.settings.hold);
        let goes_on = |topic: &Topic| {
            let titles_shared = titles.intersection(&topic.titles).count();
            let shared = words.intersection(&topic.words).count();
            2 * titles_shared >= titles.len()
                || lead.iter().all(|word| topic.words.contains(word))
                || (shared >= 2 && 2 * shared >= words.len())
        };
        // What was muted may turn into a public affair; then it begins.
        let is_same = |topic: &Topic| (topic.is_public || !is_public) && goes_on(topic);
        if let Some(topic) = self.topics.iter_mut().find(|topic| is_same(topic)) {
            (topic.heard, topic.score) = (now, topic.score.max(score));
            topic.titles.extend(titles);
            topic.sources.extend(sources);
            let room = KNOWN_WORDS.saturating_sub(topic.words.len());
            topic.words.extend(words.into_iter().take(room));
            return None;
        }
        let words = words.into_iter().chain(lead.iter().cloned()).collect();
        let id = TopicId::of(item, Bucket::of(now).0);
        let (found, heard) = (now, now);
        self.topics.push(Topic { id, found, heard, lead, titles, title, sources, score, is_public, words });
        self.topics.last()
    }
}

/// What the titles of an item have in common.
struct Shape {
    titles: BTreeSet<u64>,
    title: u64,
    sources: BTreeSet<String>,
    lead: Vec<String>,
    words: BTreeSet<String>,
}

impl Shape {
    fn of(item: Pair, own: &[&Recent]) -> Shape {
        let words = common_words(own);
        let shared = |one: &&&Recent| one.words.iter().filter(|word| words.contains(*word)).count();
        Shape {
            titles: own.iter().map(|one| one.number).collect(),
            title: own.iter().max_by_key(shared).map_or(0, |one| one.number),
            sources: own.iter().map(|one| one.source.clone()).collect(),
            lead: lead(item, own),
            words,
        }
    }
}

/// The words of an item, as its titles have them.
fn lead(item: Pair, titles: &[&Recent]) -> Vec<String> {
    let words = titles.first().map(|title| title.words.as_slice()).unwrap_or_default();
    let is_lead = |word: &&String| item.words().any(|one| one == Word::of(word));
    words.iter().filter(is_lead).cloned().collect()
}

/// Words that stand in at least half of the titles.
fn common_words(titles: &[&Recent]) -> BTreeSet<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for title in titles {
        title.words.iter().for_each(|word| *counts.entry(word).or_default() += 1);
    }
    let common = counts.into_iter().filter(|(_, count)| 2 * count >= titles.len());
    common.map(|(word, _)| word.to_owned()).collect()
}

/// Every word by itself, and every two.
fn items(words: &[String]) -> Vec<Pair> {
    let words: Vec<Word> = words.iter().map(|word| Word::of(word)).collect();
    let mut items: Vec<Pair> = words.iter().map(|word| Pair::of(*word, *word)).collect();
    for (nth, one) in words.iter().enumerate() {
        items.extend(words.iter().skip(nth + 1).map(|other| Pair::of(*one, *other)));
    }
    items
}

/// Numbers, dates and amounts: 三人, 12月, 两名.
fn is_figure(word: &str) -> bool {
    let mut rest = word.trim_start_matches(|c: char| {
        c.is_ascii_digit() || "零一二三四五六七八九十百千万亿两几多数".contains(c)
    });
    if rest.len() == word.len() {
        return false;
    }
    if rest.is_empty() {
        return true;
    }
    rest = rest.trim_start_matches(|c: char| "年月日号时点例人名个岁元天起次条倍死伤米".contains(c));
    rest.is_empty()
}

#[cfg(test)]
mod tests;
