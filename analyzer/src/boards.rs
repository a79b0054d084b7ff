//! Topics on hot lists: words and pairs of words that suddenly stand in several titles.
//!
//! A hot list brings some hundred titles a day, each of them chosen by a platform: too few for the sketches and
//! windows of [`crate::topics`], and few enough to count exactly. A topic is told with the title that makes it
//! one, not at the end of a bucket. Knows no concerns: whoever hands in a title says whether it is about public
//! affairs, and a topic is one if enough of its titles are.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use crawler::post::Voice;
use jiff::{SignedDuration, Timestamp};

use crate::tail::NegativeBinomial;

const HEADLINE_WORDS: &str = include_str!("../data/headline-words.txt");
/// Words of a title that are looked at, from its beginning.
const WORDS: usize = 10;
/// Words by which a topic goes on being recognised.
const KNOWN_WORDS: usize = 25;
/// A title listed again within this time is the same one.
const SAME_TITLE: SignedDuration = SignedDuration::from_hours(72);
/// Items are forgotten when so little of them is left; looked for every so many titles.
const FORGOTTEN: f64 = 0.02;
const SWEEP: usize = 20_000;

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
    /// The same for a single word.
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
            word: 1.5,
            public_share: 0.5,
            hold: SignedDuration::from_hours(48),
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
    /// Its words, without stopwords.
    pub words: &'a [&'a str],
    /// Whether it is about public affairs.
    pub is_public: bool,
}

/// A topic as it begins.
#[derive(Clone, Debug, PartialEq)]
pub struct Topic {
    /// When.
    pub at: Timestamp,
    /// The word or the two words that stand out.
    pub lead: Vec<String>,
    /// Numbers of its titles, oldest first.
    pub titles: Vec<u64>,
    /// How much it stands out.
    pub score: f64,
    /// Titles that its words usually have in such a span.
    pub usual: f64,
    /// Whether enough of its titles are about public affairs; others are to be muted, and listed.
    pub is_public: bool,
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
    /// For each item the places of its titles within the span.
    within: HashMap<Item, VecDeque<usize>>,
    /// Titles of each item, fading.
    usual: HashMap<Item, (f64, Timestamp)>,
    heard: HashMap<Voice, Timestamp>,
    going_on: Vec<GoingOn>,
    since: Option<Timestamp>,
}

/// One word, or two in their order.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Item(String, Option<String>);

#[derive(Clone, Debug)]
struct Recent {
    number: u64,
    time: Timestamp,
    is_public: bool,
    words: Vec<String>,
}

#[derive(Clone, Debug)]
struct GoingOn {
    last: Timestamp,
    words: BTreeSet<String>,
    titles: BTreeSet<u64>,
    was_public: bool,
}

/// An item that stands out.
struct Standing {
    item: Item,
    places: Vec<usize>,
    score: f64,
    usual: f64,
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
            going_on: Vec::new(),
            since: None,
        }
    }

    /// Takes a title; titles come in order of time. Returns the topic that it makes.
    pub fn hear(&mut self, title: &Title<'_>) -> Option<Topic> {
        let since = *self.since.get_or_insert(title.time);
        let listed = self.heard.insert(title.voice, title.time);
        if listed.is_some_and(|before| title.time.duration_since(before) < SAME_TITLE) {
            return None;
        }
        self.leave(title.time);
        let words = self.telling(title.words);
        let items = items(&words);
        let place = self.left + self.recent.len();
        let (number, time, is_public) = (title.number, title.time, title.is_public);
        self.recent.push_back(Recent { number, time, is_public, words });
        for item in &items {
            self.within.entry(item.clone()).or_default().push_back(place);
            self.count(item, time);
        }
        if place % SWEEP == SWEEP - 1 {
            self.sweep(time);
        }
        // What is usual must be known for as long as it takes to forget half of it.
        if time.duration_since(since) < self.settings.usual_half_life {
            return None;
        }
        let standing = items.iter().filter_map(|item| self.standing(item, time));
        let best = standing.reduce(|best, other| if other.score > best.score { other } else { best })?;
        self.begin(best, time)
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

    fn count(&mut self, item: &Item, now: Timestamp) {
        let before = self.weight(item, now);
        self.usual.insert(item.clone(), (before + 1.0, now));
    }

    fn weight(&self, item: &Item, now: Timestamp) -> f64 {
        let Some((weight, then)) = self.usual.get(item) else { return 0.0 };
        let half_lives =
            now.duration_since(*then).as_secs_f64() / self.settings.usual_half_life.as_secs_f64();
        weight * 0.5f64.powf(half_lives)
    }

    /// Forgets items that are not heard any more, and titles listed long ago.
    fn sweep(&mut self, now: Timestamp) {
        let half_life = self.settings.usual_half_life.as_secs_f64();
        self.usual.retain(|_, (weight, then)| {
            *weight * 0.5f64.powf(now.duration_since(*then).as_secs_f64() / half_life) > FORGOTTEN
        });
        self.heard.retain(|_, then| now.duration_since(*then) < SAME_TITLE);
    }

    fn standing(&self, item: &Item, now: Timestamp) -> Option<Standing> {
        let settings = &self.settings;
        let places: Vec<usize> = self.within.get(item)?.iter().copied().collect();
        if places.len() < settings.voices {
            return None;
        }
        let count = places.len() as f64;
        // All that fades, over the time that it stands for, without the span itself.
        let stands_for = settings.usual_half_life.as_secs_f64() / std::f64::consts::LN_2;
        let earlier = (self.weight(item, now) - count).max(0.0);
        let usual = earlier * settings.span.as_secs_f64() / stands_for;
        let mean = settings.lift * usual + settings.floor;
        let score = NegativeBinomial { mean, dispersion: settings.dispersion }.minus_log10_tail(count);
        let needed = if item.1.is_some() { settings.pair } else { settings.word };
        let public = places.iter().filter(|place| self.at(**place).is_some_and(|one| one.is_public)).count();
        let is_public = public as f64 >= settings.public_share * count;
        (score >= needed).then(|| Standing { item: item.clone(), places, score, usual, is_public })
    }

    fn at(&self, place: usize) -> Option<&Recent> {
        self.recent.get(place.checked_sub(self.left)?)
    }

    /// A topic begins unless it goes on with one of the last days: with half of its titles, or by its words.
    fn begin(&mut self, standing: Standing, now: Timestamp) -> Option<Topic> {
        let titles: BTreeSet<u64> =
            standing.places.iter().filter_map(|place| self.at(*place)).map(|one| one.number).collect();
        let words = self.common_words(&standing);
        self.going_on.retain(|topic| now.duration_since(topic.last) < self.settings.hold);
        let goes_on = |topic: &GoingOn| {
            let titles_shared = titles.intersection(&topic.titles).count();
            let shared = words.intersection(&topic.words).count();
            2 * titles_shared >= titles.len()
                || standing.item.words().all(|word| topic.words.contains(word))
                || (shared >= 2 && 2 * shared >= words.len())
        };
        // What was muted may turn into a public affair; then it begins.
        let is_same = |topic: &GoingOn| (topic.was_public || !standing.is_public) && goes_on(topic);
        if let Some(topic) = self.going_on.iter_mut().find(|topic| is_same(topic)) {
            topic.last = now;
            topic.titles.extend(&titles);
            let room = KNOWN_WORDS.saturating_sub(topic.words.len());
            topic.words.extend(words.into_iter().take(room));
            return None;
        }
        let lead = standing.item.words().map(str::to_owned).collect();
        let known: BTreeSet<String> =
            words.into_iter().chain(standing.item.words().map(str::to_owned)).collect();
        let was_public = standing.is_public;
        self.going_on.push(GoingOn { last: now, words: known, titles: titles.clone(), was_public });
        let Standing { score, usual, is_public, .. } = standing;
        Some(Topic { at: now, lead, titles: titles.into_iter().collect(), score, usual, is_public })
    }

    /// Words that stand in at least half of its titles.
    fn common_words(&self, standing: &Standing) -> BTreeSet<String> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for one in standing.places.iter().filter_map(|place| self.at(*place)) {
            one.words.iter().for_each(|word| *counts.entry(word).or_default() += 1);
        }
        let common = counts.into_iter().filter(|(_, count)| 2 * count >= standing.places.len());
        common.map(|(word, _)| word.to_owned()).collect()
    }
}

impl Item {
    fn words(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.0.as_str()).chain(self.1.as_deref())
    }
}

/// Every word by itself, and every two.
fn items(words: &[String]) -> Vec<Item> {
    let mut items: Vec<Item> = words.iter().map(|word| Item(word.clone(), None)).collect();
    for (nth, one) in words.iter().enumerate() {
        for other in words.iter().skip(nth + 1) {
            let (first, second) = if one <= other { (one, other) } else { (other, one) };
            items.push(Item(first.clone(), Some(second.clone())));
        }
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
