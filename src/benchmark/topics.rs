//! Our topics and the rules people use, on the same made stream of posts, with the same clustering and at the
//! same number of alerts a day: `guanlan backtest --stories`.
//!
//! Ours counts in its fixed memory, the rivals in as much as they like. Knows no store, no alerts and no mail.

// Places come from the stream itself, which is made here: they lie inside.
mod judge;
mod load;
mod material;
mod posts;
mod rival;
mod stream;
#[cfg(test)]
mod tests;

use std::path::Path;

use analyzer::segment::Segmenter;
use analyzer::topics::{Cluster, Counter, Settings};
use crawler::post::Voice;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

pub(crate) use judge::Figures;
use judge::{Found, Truth, alerts, threshold};
pub(crate) use load::{Cost, Load};
use material::Material;
pub(crate) use material::MaterialError;
use posts::Posts;
use rival::{Items, Rival, Rule};
use stream::{Size, Stream, stream};

/// Titles of so long before the stream are its chatter.
const OLDER: SignedDuration = SignedDuration::from_hours(60 * 24);

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    pub(crate) seed: u64,
    pub(crate) days: usize,
    pub(crate) posts_a_day: usize,
    pub(crate) alerts_a_day: f64,
    /// Memory of ours, in bytes.
    pub(crate) memory: usize,
}

/// How one method did.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) seed: u64,
    pub(crate) name: String,
    pub(crate) threshold: f64,
    #[serde(flatten)]
    pub(crate) figures: Figures,
}

/// What the stream is.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct About {
    pub(crate) start: Timestamp,
    pub(crate) posts: usize,
    pub(crate) words_a_post: f64,
    pub(crate) stories: usize,
}

/// The stream of a seed: which days its stories are taken from is drawn, too.
fn make(folder: &Path, wanted: &Wanted) -> Result<(Stream, Timestamp), MaterialError> {
    let unread = Material::read(folder)?;
    let too_short = || MaterialError::TooShort { days: wanted.days };
    let (first, last) = unread.span().ok_or_else(too_short)?;
    let length = SignedDuration::from_hours(24 * i64::try_from(wanted.days).unwrap_or(i64::MAX / 24));
    let (earliest, latest) = (first + OLDER, last - length);
    if earliest >= latest {
        return Err(too_short());
    }
    let mut chance = crate::scenario::Chance::of(wanted.seed, "days");
    let days = latest.duration_since(earliest).as_hours() / 24;
    let start = earliest + SignedDuration::from_hours(24 * (chance.share() * days as f64) as i64);
    let material = unread.cut(start - OLDER, start + length, &Segmenter::new(&[]));
    let size = Size { days: wanted.days, posts_a_day: wanted.posts_a_day };
    Ok((stream(&material, start, size, wanted.seed), start))
}

/// Measures every method on the stream of a seed.
///
/// # Errors
/// A file that is missing or not as the format says; too few titles.
pub(crate) fn run(folder: &Path, wanted: &Wanted) -> Result<(About, Vec<Row>), MaterialError> {
    let (stream, start) = make(folder, wanted)?;
    let words: usize = stream.posts.iter().map(|post| post.words.len()).sum();
    let about = About {
        start,
        posts: stream.posts.len(),
        words_a_post: words as f64 / stream.posts.len().max(1) as f64,
        stories: stream.stories.len(),
    };
    let posts = Posts::of(&stream);
    let truth = Truth::of(&posts);
    let settings = Settings { memory: wanted.memory, ..Settings::default() };
    let mut rows = vec![row("guanlan, pairs together", &own(&posts, &settings), (&posts, &truth), wanted)];
    for rival in rivals() {
        let found = Found::Pairs(rival::scores(rival, &posts));
        rows.push(row(rival.name, &found, (&posts, &truth), wanted));
    }
    Ok((about, rows))
}

/// Measures what a busy stream costs, at each of these loads.
///
/// # Errors
/// A file that is missing or not as the format says; too few titles.
pub(crate) fn loads(folder: &Path, wanted: &Wanted, loads: &[Load]) -> Result<Vec<Cost>, MaterialError> {
    let (stream, _) = make(folder, wanted)?;
    Ok(loads.iter().map(|load| load::measure(&stream, *load, wanted.seed)).collect())
}

fn row(name: &str, found: &Found, (posts, truth): (&Posts<'_>, &Truth), wanted: &Wanted) -> Row {
    let threshold = threshold(posts, found, wanted.alerts_a_day);
    let figures = truth.judge(&alerts(posts, found, threshold));
    Row { seed: wanted.seed, name: name.to_owned(), threshold, figures }
}

/// Our groups, bucket by bucket, from the very counter that runs.
fn own(posts: &Posts<'_>, settings: &Settings) -> Found {
    let mut counter = Counter::new(settings.clone());
    let mut recent = Posts::memory();
    let groups = |bucket: usize| -> Vec<Cluster> {
        for post in posts.all(bucket) {
            let words = &post.words[..post.words.len().min(settings.words)];
            counter.count(words, Voice(post.voice), bucket as i64, |_| {});
        }
        posts.remember(bucket, &mut recent);
        counter.close(bucket as i64).clusters(&recent, bucket as i64)
    };
    Found::Groups((0..posts.buckets()).map(groups).collect())
}

/// Half-life, bias, history and multiple were chosen on seed 1 among several, as our own settings were.
fn rivals() -> Vec<Rival> {
    let rival = |name, rule, items| Rival { name, rule, items };
    let signi = |half_life, bias, of_shares| Rule::SigniTrend { half_life, bias, of_shares };
    vec![
        rival("SigniTrend, pairs, tuned", signi(432.0, 1.0, false), Items::Pairs),
        rival("SigniTrend, words and pairs", signi(432.0, 1.0, false), Items::Both),
        rival("SigniTrend as published, pairs", signi(72.0, 1.0, true), Items::Pairs),
        rival("BNgram df-idf, pairs, tuned", Rule::Bngram { history: 288 }, Items::Pairs),
        rival("BNgram df-idf, words and pairs", Rule::Bngram { history: 288 }, Items::Both),
        rival("plain count, pairs", Rule::Count, Items::Pairs),
        rival("Kleinberg s=4, pairs, tuned", Rule::Kleinberg { times: 4.0 }, Items::Pairs),
        rival("Kleinberg s=4, words", Rule::Kleinberg { times: 4.0 }, Items::Words),
    ]
}
