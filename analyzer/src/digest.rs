//! The figures of a day: what the daily digest says about every concern that is not about alerts.
//!
//! Counts and quotes only; sentences are made by `alerts::digest`.

use crawler::post::Stored;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::analyst::Analyst;
use crate::explain::{Point, Quote};
use crate::intent::IntentCounts;
use crate::matcher::Text;
use crate::quote::quotes;
use crate::signal::Expected;

/// A word must be in so many posts of the day before it is called new.
const NEW_WORD_POSTS: u32 = 5;
/// Questions listed per concern.
const MOST_ASKS: usize = 4;

/// Everything counted of one day (or weekend) and compared with the one before.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DigestFigures {
    /// First moment counted.
    pub from: Timestamp,
    /// First moment not counted.
    pub to: Timestamp,
    /// Posts that belong to any concern, each once.
    pub posts: u32,
    /// The same of the span before; `None` if its posts were not handed in.
    pub previous: Option<u32>,
    /// Every concern, most posts first.
    pub concerns: Vec<ConcernFigures>,
    /// All concerns together: 60-minute counts every ten minutes.
    pub curve: Vec<Point>,
    /// Sources known.
    pub sources: u32,
    /// Times in which a source was not seen working, oldest first.
    pub outages: Vec<Outage>,
    /// Words in posts of the concerns that the span before did not have, most first.
    pub new_words: Vec<(String, u32)>,
}

/// One concern's day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConcernFigures {
    /// Concern id.
    pub concern: String,
    /// Posts, copies included.
    pub posts: u32,
    /// Posts of the span before.
    pub previous: u32,
    /// What was expected.
    pub expected: Expected,
    /// End of the liveliest hour, and its posts; `None` without posts.
    pub peak: Option<(Timestamp, u32)>,
    /// The longest time in which the hourly count was above what is usual.
    pub above: Option<(Timestamp, Timestamp)>,
    /// What was asked, most first.
    pub asks: Vec<AskShare>,
    /// Share of posts that ask something, 0–1.
    pub question_share: f64,
    /// How many posts ask, complain, call for help.
    #[serde(default)]
    pub intents: IntentCounts,
    /// One representative post that may be shown.
    pub quote: Option<Quote>,
    /// Its hourly curve.
    pub curve: Vec<Point>,
}

/// One question and how much of the talk it was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AskShare {
    /// The question.
    pub label: String,
    /// Posts that ask it.
    pub posts: u32,
    /// Share of the concern's posts, 0–1.
    pub share: f64,
    /// The same share in the span before; `None` without posts then.
    pub previous_share: Option<f64>,
}

/// A hole in the watching of one source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outage {
    /// Source id.
    pub source: String,
    /// Name shown to people.
    pub name: String,
    /// Last moment it was seen working, or the beginning of the span.
    pub from: Timestamp,
    /// First moment it worked again, or the end of the span.
    pub to: Timestamp,
}

impl DigestFigures {
    /// The figures of one concern alone.
    pub fn only(&mut self, concern: &str) {
        self.concerns.retain(|figures| figures.concern == concern);
        let found = self.concerns.first();
        self.posts = found.map_or(0, |figures| figures.posts);
        self.previous = self.previous.and(found.map(|figures| figures.previous));
        self.curve = found.map(|figures| figures.curve.clone()).unwrap_or_default();
        // Words are not counted by concern.
        self.new_words.clear();
    }
}

impl Analyst {
    /// The figures of `from..to`. `posts`: all posts of that span and, for comparisons, of the one before it; those of no
    /// concern may be missing.
    pub fn figures(&self, from: Timestamp, to: Timestamp, posts: &[Stored]) -> DigestFigures {
        let before = from - to.duration_since(from);
        let (posts_now, posts_before, new_words) = self.listed(posts, (before, from, to));
        let mut concerns: Vec<ConcernFigures> = self
            .concerns()
            .zip(self.sorted_out(posts))
            .enumerate()
            .map(|(number, (concern, own))| {
                self.concern_figures((number, &concern.id), &own, (before, from, to))
            })
            .collect();
        concerns.sort_by_key(|figures| std::cmp::Reverse(figures.posts));
        let outage = |(feed, hole): (&crate::analyst::Feed, crate::coverage::Hole)| Outage {
            source: feed.id.clone(),
            name: feed.name.clone(),
            from: hole.from.max(from),
            to: hole.to.min(to),
        };
        let mut outages: Vec<Outage> = self.sources().holes(from, to).into_iter().map(outage).collect();
        outages.sort_by_key(|outage| outage.from);
        DigestFigures {
            from,
            to,
            posts: posts_now,
            previous: posts.iter().any(|stored| stored.post.time < from).then_some(posts_before),
            curve: total(concerns.iter().map(|figures| figures.curve.as_slice())),
            concerns,
            sources: u32::try_from(self.sources().len()).unwrap_or(u32::MAX),
            outages,
            new_words,
        }
    }

    /// Posts of any concern now and before, each once, and the words that are new in them.
    fn listed(
        &self,
        posts: &[Stored],
        (before, from, to): (Timestamp, Timestamp, Timestamp),
    ) -> (u32, u32, Vec<(String, u32)>) {
        let belongs = |stored: &&Stored| {
            stored.revision == 0 && !self.matchers().matching(&Text::of(&stored.post)).is_empty()
        };
        let within = |from, to| move |stored: &&Stored| stored.post.time >= from && stored.post.time < to;
        let now: Vec<&Stored> = posts.iter().filter(within(from, to)).filter(belongs).collect();
        let then: Vec<&Stored> = posts.iter().filter(within(before, from)).filter(belongs).collect();
        let count = |posts: &[&Stored]| u32::try_from(posts.len()).unwrap_or(u32::MAX);
        let new = if then.is_empty() {
            Vec::new()
        } else {
            self.words(&now).new_since(&self.words(&then), NEW_WORD_POSTS)
        };
        (count(&now), count(&then), new)
    }

    fn concern_figures(
        &self,
        (number, id): (usize, &str),
        own: &[&Stored],
        (before, from, to): (Timestamp, Timestamp, Timestamp),
    ) -> ConcernFigures {
        let sum = |from, to| self.counts(id, from, to).iter().map(|count| count.posts).sum();
        let heard = self.heard_of(number, own.iter().copied(), from, to);
        let then = self.heard_of(number, own.iter().copied(), before, from);
        let (asks, asked_then) = (self.asks(number, &heard), self.asks(number, &then));
        let share = |posts: u32, all: usize| if all == 0 { 0.0 } else { f64::from(posts) / all as f64 };
        let ask_share = |ask: &crate::explain::AskCount| AskShare {
            label: ask.label.clone(),
            posts: ask.posts,
            share: share(ask.posts, heard.posts.len()),
            previous_share: (!then.posts.is_empty()).then(|| {
                let earlier = asked_then.counts.iter().find(|earlier| earlier.label == ask.label);
                share(earlier.map_or(0, |earlier| earlier.posts), then.posts.len())
            }),
        };
        let curve = self.curve(id, from, to);
        let said: Vec<&Stored> = heard.posts.iter().map(|(stored, _)| *stored).collect();
        ConcernFigures {
            concern: id.to_owned(),
            posts: sum(from, to),
            previous: sum(before, from),
            expected: self.expected(number, from, to),
            peak: peak(&curve),
            above: above(&curve),
            asks: asks.counts.iter().take(MOST_ASKS).map(ask_share).collect(),
            question_share: asks.intents.share(asks.intents.questions),
            intents: asks.intents,
            quote: quotes(&said, self.shown()).into_iter().next(),
            curve,
        }
    }
}

/// The liveliest hour; of equal ones the first.
fn peak(curve: &[Point]) -> Option<(Timestamp, u32)> {
    let mut peak: Option<(Timestamp, u32)> = None;
    for point in curve {
        let posts = point.posts.unwrap_or(0);
        if posts > peak.map_or(0, |(_, most)| most) {
            peak = Some((point.at, posts));
        }
    }
    peak
}

/// The longest run of points above the band.
fn above(curve: &[Point]) -> Option<(Timestamp, Timestamp)> {
    let is_above = |point: &Point| point.posts.is_some_and(|posts| f64::from(posts) > point.expected.high);
    let runs =
        curve.chunk_by(|a, b| is_above(a) == is_above(b)).filter(|run| run.first().is_some_and(is_above));
    let mut longest: &[Point] = &[];
    for run in runs.filter(|run| run.len() > 1) {
        if run.len() > longest.len() {
            longest = run;
        }
    }
    Some((longest.first()?.at, longest.last()?.at))
}

/// Curves added up; the bands as those of independent counts.
fn total<'a>(curves: impl Iterator<Item = &'a [Point]>) -> Vec<Point> {
    let mut total: Vec<Point> = Vec::new();
    let mut widths: Vec<(f64, f64)> = Vec::new();
    for curve in curves {
        if total.is_empty() {
            let empty = |point: &Point| Point { at: point.at, posts: None, expected: Expected::default() };
            total = curve.iter().map(empty).collect();
            widths = vec![(0.0, 0.0); curve.len()];
        }
        for ((sum, width), point) in total.iter_mut().zip(&mut widths).zip(curve) {
            sum.posts = match (sum.posts, point.posts) {
                (None, posts) | (posts, None) => posts,
                (Some(sum), Some(posts)) => Some(sum + posts),
            };
            sum.expected.mean += point.expected.mean;
            width.0 += (point.expected.mean - point.expected.low).powi(2);
            width.1 += (point.expected.high - point.expected.mean).powi(2);
        }
    }
    for (sum, width) in total.iter_mut().zip(widths) {
        sum.expected.low = (sum.expected.mean - width.0.sqrt()).max(0.0);
        sum.expected.high = sum.expected.mean + width.1.sqrt();
    }
    total
}
