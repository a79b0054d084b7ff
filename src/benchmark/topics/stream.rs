//! A made stream of posts with known stories in it: real titles told in other words by ever more people, over
//! the chatter of older titles, with reposts and spam. The same seed gives the same stream.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use analyzer::topics::Word;
use jiff::{SignedDuration, Timestamp};

use super::material::{Curve, Material, Title};
use crate::scenario::Chance;

/// Posts a day for which the sizes of stories are meant.
const USUAL_POSTS: usize = 20_000;
/// Share of the posts that are about stories; the rest is chatter.
const ABOUT_STORIES: f64 = 0.4;
/// Share of a story's posts that repeat an earlier one.
const REPOSTS: f64 = 0.5;
/// Spam campaigns a day.
const SPAM: usize = 15;
/// Most discussions of one topic in an hour: more would be all of the stream.
const BUSIEST_HOUR: f64 = 3_000.0;
/// Titles within so long may be one story.
const ONE_STORY: SignedDuration = SignedDuration::from_hours(48);
const MINUTES_A_DAY: f64 = 1_440.0;

/// What a post is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum About {
    Story(usize),
    Chatter,
    Spam,
}

/// One post.
pub(super) struct Said {
    pub(super) minute: f64,
    pub(super) about: About,
    pub(super) voice: u64,
    pub(super) words: Vec<Word>,
}

/// The whole stream, in order of time.
pub(super) struct Stream {
    pub(super) posts: Vec<Said>,
    /// Words of each story's titles.
    pub(super) stories: Vec<BTreeSet<Word>>,
    pub(super) size: Size,
    /// Chatter from which more can be made.
    pub(super) chatter: Chatter,
}

/// Older titles, mixed up.
pub(super) struct Chatter {
    titles: Vec<Vec<Word>>,
    /// Sums of the titles' weights: the first ones are said more often.
    weights: Vec<f64>,
    /// Sums of the shares of the hours of a day.
    hours: Vec<f64>,
}

/// Length and size of a stream.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    pub(super) days: usize,
    pub(super) posts_a_day: usize,
}

impl Size {
    /// A number of posts that is meant for the usual size, as many times more as this stream is larger; never fewer.
    pub(super) fn scaled(self, posts: usize) -> usize {
        posts * self.posts_a_day.max(USUAL_POSTS) / USUAL_POSTS
    }
}

/// Makes the stream that begins at `start`.
pub(super) fn stream(material: &Material, start: Timestamp, size: Size, seed: u64) -> Stream {
    let chatter = Chatter::of(material, start, seed);
    let (stories, topics) = stories(material, start, size, seed);
    let mut posts = Vec::new();
    let mut voices = 0;
    tell(&topics, &chatter, size, &mut Chance::of(seed, "tell"), (&mut posts, &mut voices));
    let mut chance = Chance::of(seed, "chatter");
    let quiet = (size.posts_a_day * size.days) as f64 * (1.0 - ABOUT_STORIES);
    for _ in 0..quiet as usize {
        voices += 1;
        let day = chance.below(size.days) as f64 * MINUTES_A_DAY;
        let (minute, words) = (day + chatter.minute(&mut chance), chatter.say(&mut chance));
        posts.push(Said { minute, about: About::Chatter, voice: voices, words });
    }
    spam(&chatter, size, &mut Chance::of(seed, "spam"), (&mut posts, &mut voices));
    posts.retain(|post| post.words.len() >= 2 && post.minute >= 0.0);
    posts.sort_by(|one, other| one.minute.total_cmp(&other.minute));
    Stream { posts, stories, size, chatter }
}

#[cfg(test)]
impl Stream {
    /// These posts and nothing else, whatever their order; stories as large as in a stream of the usual size.
    pub(super) fn by_hand(mut posts: Vec<Said>, stories: Vec<BTreeSet<Word>>, days: usize) -> Stream {
        posts.sort_by(|one, other| one.minute.total_cmp(&other.minute));
        let chatter = Chatter { titles: Vec::new(), weights: Vec::new(), hours: Vec::new() };
        Stream { posts, stories, size: Size { days, posts_a_day: USUAL_POSTS }, chatter }
    }
}

/// One title of a story with its posts by hour.
struct Telling<'a> {
    story: usize,
    title: &'a Title,
    hourly: Vec<f64>,
}

/// The titles of these days, put together where they tell one story, each with a real curve of growth.
fn stories<'a>(
    material: &'a Material,
    start: Timestamp,
    size: Size,
    seed: u64,
) -> (Vec<BTreeSet<Word>>, Vec<Telling<'a>>) {
    let end = start + SignedDuration::from_hours(24 * i64::try_from(size.days).unwrap_or(1));
    let titles: Vec<&Title> = material
        .titles
        .iter()
        .filter(|title| title.at >= start && title.at < end && title.words.len() >= 2)
        .collect();
    let mut chance = Chance::of(seed, "stories");
    let mut stories: Vec<BTreeSet<Word>> = Vec::new();
    let mut by_word: HashMap<Word, Vec<(usize, usize)>> = HashMap::new();
    let mut tellings: Vec<Telling<'a>> = Vec::new();
    for (number, title) in titles.iter().enumerate() {
        let mut shared: BTreeMap<(usize, usize), usize> = BTreeMap::new();
        for word in &title.words {
            let known = by_word.get(word).map(Vec::as_slice).unwrap_or_default();
            known.iter().filter(|_| known.len() < 60).for_each(|told| *shared.entry(*told).or_default() += 1);
        }
        let is_same = |(told, words): (&(usize, usize), &usize)| {
            let other = titles.get(told.0)?;
            let is_near = title.at.duration_since(other.at) < ONE_STORY;
            (is_near && *words >= 2 && 2 * words >= title.words.len().min(other.words.len()))
                .then_some(told.1)
        };
        let known = shared.iter().find_map(is_same);
        let Some(story) = known.or_else(|| title.may_begin.then_some(stories.len())) else { continue };
        if story == stories.len() {
            stories.push(BTreeSet::new());
        }
        if let Some(words) = stories.get_mut(story) {
            words.extend(title.words.iter().copied());
        }
        title.words.iter().for_each(|word| by_word.entry(*word).or_default().push((number, story)));
        let hour = title.at.duration_since(start).as_secs_f64() / 3_600.0;
        if let Some(curve) = chance.any(&material.curves) {
            let hourly = hourly(curve, hour, size.days * 24, &mut chance);
            tellings.push(Telling { story, title, hourly });
        }
    }
    (stories, tellings)
}

/// A curve as discussions by hour, with a doubling growth before it was first recorded.
fn hourly(curve: &Curve, begins: f64, hours: usize, chance: &mut Chance) -> Vec<f64> {
    let mut hourly = vec![0.0; hours];
    let mut add = |hour: f64, more: f64| {
        if let Some(place) = (hour >= 0.0).then(|| hourly.get_mut(hour as usize)).flatten() {
            *place += more;
        }
    };
    let doubling = (normal(chance) * 0.5).exp() * 0.8;
    let reach = (6.0 * doubling).min(10.0) as usize + 1;
    let shares: Vec<f64> = (0..reach).map(|hour| 0.5f64.powf(hour as f64 / doubling)).collect();
    let first = curve.points.first().map_or(0.0, |(_, discussions)| *discussions);
    let all: f64 = shares.iter().sum();
    for (before, share) in (1i32..).zip(&shares) {
        add(begins - f64::from(before), first * share / all);
    }
    for (earlier, later) in curve.points.iter().zip(curve.points.iter().skip(1)) {
        let (more, minutes) = (later.1 - earlier.1, later.0 - earlier.0);
        if minutes < 360.0 && more > 0.0 {
            let steps = (minutes / 10.0).ceil().max(1.0) as usize;
            for step in 0..steps {
                let minute = earlier.0 + minutes * (step as f64 + 0.5) / steps as f64;
                add(begins + minute / 60.0, more / steps as f64);
            }
        }
    }
    hourly.iter_mut().for_each(|hour| *hour = hour.min(BUSIEST_HOUR));
    hourly
}

/// Lets people tell the stories, each in words of their own or by repeating somebody.
fn tell(
    tellings: &[Telling<'_>],
    chatter: &Chatter,
    size: Size,
    chance: &mut Chance,
    (posts, voices): (&mut Vec<Said>, &mut u64),
) {
    let all: f64 = tellings.iter().flat_map(|telling| &telling.hourly).sum();
    let scale = (size.posts_a_day * size.days) as f64 * ABOUT_STORIES / all.max(1.0);
    for telling in tellings {
        let mut told: Vec<(u64, Vec<Word>)> = Vec::new();
        for (hour, discussions) in telling.hourly.iter().enumerate() {
            for _ in 0..poisson(discussions * scale, chance) {
                let minute = (hour as f64 + chance.share()) * 60.0;
                // The first ones are repeated most.
                let early = (told.len() as f64 * chance.share().powi(2)) as usize;
                let repeated = if chance.happens(REPOSTS) { told.get(early).cloned() } else { None };
                let (voice, words) = repeated.unwrap_or_else(|| {
                    *voices += 1;
                    let words = in_own_words(telling.title, chatter, chance);
                    told.push((*voices, words.clone()));
                    (*voices, words)
                });
                posts.push(Said { minute, about: About::Story(telling.story), voice, words });
            }
        }
    }
}

fn in_own_words(title: &Title, chatter: &Chatter, chance: &mut Chance) -> Vec<Word> {
    let mut words: Vec<Word> = title.words.iter().copied().filter(|_| chance.happens(0.75)).collect();
    words.extend(title.more.iter().copied().filter(|_| chance.happens(0.25)));
    let aside = chatter.title(chance);
    words.extend(aside.iter().copied().filter(|_| chance.happens(0.3)));
    if chance.happens(0.5) {
        words.extend(chance.any(&chatter.titles).and_then(|title| title.first()));
    }
    if words.len() < 2 {
        words = title.words.iter().take(3).copied().collect();
    }
    distinct(words)
}

/// Campaigns: one text, many times, within hours.
fn spam(chatter: &Chatter, size: Size, chance: &mut Chance, (posts, voices): (&mut Vec<Said>, &mut u64)) {
    for _ in 0..SPAM * size.days {
        *voices += 1;
        let word = |chance: &mut Chance| chance.any(&chatter.titles).and_then(|title| title.first()).copied();
        let words: Vec<Word> = distinct((0..7).filter_map(|_| word(chance)).collect());
        let start = chance.share() * (size.days as f64 * MINUTES_A_DAY - 120.0);
        let (copies, length) = ((normal(chance) * 0.7).exp() * 60.0, 20.0 + chance.share() * 220.0);
        for _ in 0..copies as usize {
            let minute = start + chance.share() * length;
            posts.push(Said { minute, about: About::Spam, voice: *voices, words: words.clone() });
        }
    }
}

impl Chatter {
    fn of(material: &Material, start: Timestamp, seed: u64) -> Chatter {
        let mut chance = Chance::of(seed, "older titles");
        let older = material.titles.iter().filter(|title| title.at < start && title.words.len() >= 2);
        let mut titles: Vec<(f64, &[Word])> =
            older.map(|title| (chance.share(), title.words.as_slice())).collect();
        titles.sort_by(|one, other| one.0.total_cmp(&other.0));
        titles.truncate(12_000);
        let sums = |weights: &mut dyn Iterator<Item = f64>| {
            weights
                .scan(0.0, |sum, weight| {
                    *sum += weight;
                    Some(*sum)
                })
                .collect::<Vec<f64>>()
        };
        let weights = sums(&mut (1..=titles.len()).map(|rank| (rank as f64).powf(-0.6)));
        let hours = sums(&mut material.hours.iter().copied());
        Chatter { titles: titles.into_iter().map(|(_, words)| words.to_vec()).collect(), weights, hours }
    }

    /// One title, the popular ones more often.
    fn title(&self, chance: &mut Chance) -> &[Word] {
        self.titles.get(pick(&self.weights, chance)).map(Vec::as_slice).unwrap_or_default()
    }

    /// A post of chatter: parts of a popular title and of any other.
    pub(super) fn say(&self, chance: &mut Chance) -> Vec<Word> {
        let popular = self.title(chance);
        let mut words: Vec<Word> = popular.iter().copied().filter(|_| chance.happens(0.6)).collect();
        if let Some(other) = chance.any(&self.titles) {
            words.extend(other.iter().copied().filter(|_| chance.happens(0.5)));
        }
        distinct(if words.len() < 2 { popular.to_vec() } else { words })
    }

    /// A minute of the day, by how busy its hour is.
    pub(super) fn minute(&self, chance: &mut Chance) -> f64 {
        (pick(&self.hours, chance) as f64 + chance.share()) * 60.0
    }

    /// Any word of any title.
    pub(super) fn word(&self, chance: &mut Chance) -> Option<Word> {
        let title = self.title(chance);
        chance.any(title).copied()
    }
}

fn distinct(mut words: Vec<Word>) -> Vec<Word> {
    let mut seen = BTreeSet::new();
    words.retain(|word| seen.insert(*word));
    words
}

/// A place by these sums of weights.
fn pick(sums: &[f64], chance: &mut Chance) -> usize {
    let at = chance.share() * sums.last().copied().unwrap_or(0.0);
    sums.partition_point(|sum| *sum <= at).min(sums.len().saturating_sub(1))
}

/// A draw of the standard normal distribution (Box and Muller).
fn normal(chance: &mut Chance) -> f64 {
    let radius = (-2.0 * (1.0 - chance.share()).ln()).sqrt();
    radius * (std::f64::consts::TAU * chance.share()).cos()
}

/// A Poisson draw: by multiplication where the mean is small, else by the normal approximation.
fn poisson(mean: f64, chance: &mut Chance) -> usize {
    if mean > 30.0 {
        return (mean + mean.sqrt() * normal(chance)).round().max(0.0) as usize;
    }
    let (bar, mut product, mut count) = ((-mean).exp(), chance.share(), 0);
    while product > bar {
        product *= chance.share();
        count += 1;
    }
    count
}
