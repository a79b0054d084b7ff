//! The rules people use for topics: each scores every pair (or word) that was said within the last half hour,
//! bucket by bucket, from exact counts in unbounded memory. De-duplicated like ours.

use std::collections::{HashMap, VecDeque};

use analyzer::topics::{Candidate, Pair};

use super::posts::Posts;

/// Buckets of the window that counts are compared in: half an hour.
const WINDOW: usize = 3;
/// Candidates kept of each bucket: clustering looks at 400.
const KEPT: usize = 800;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Items {
    Pairs,
    Words,
    Both,
}

/// How it is scored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Rule {
    /// Posts in the window.
    Count,
    /// BNgram: (df + 1) ÷ (ln(mean df of earlier windows + 1) + 1) over so many buckets.
    Bngram { history: usize },
    /// SigniTrend: (x − max(mean, bias)) ÷ (deviation + bias), exponentially weighted; half-life in buckets.
    /// Of counts, or as published of the share of all posts.
    SigniTrend { half_life: f64, bias: f64, of_shares: bool },
    /// Kleinberg's two states, online: the log-likelihood of `times` the usual rate, summed up.
    Kleinberg { times: f64 },
}

/// A rule with what it is fed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rival {
    pub(super) name: &'static str,
    pub(super) rule: Rule,
    pub(super) items: Items,
}

/// One item's memory.
#[derive(Clone, Copy, Default)]
struct State {
    mean: f64,
    variance: f64,
    at: usize,
    sum: f64,
}

/// All posts and those of each bucket, for rules that ask for shares.
struct Volume {
    until: Vec<f64>,
    mean: f64,
}

/// Scores of every bucket, highest first.
pub(super) fn scores(rival: Rival, posts: &Posts<'_>) -> Vec<Vec<Candidate>> {
    let mut numbers: HashMap<Pair, usize> = HashMap::new();
    let mut names: Vec<Pair> = Vec::new();
    let buckets: Vec<Vec<(usize, f64)>> = (0..posts.buckets())
        .map(|bucket| count(posts, bucket, rival.items, (&mut numbers, &mut names)))
        .collect();
    let mut until = vec![0.0];
    for bucket in 0..posts.buckets() {
        until.push(until.last().copied().unwrap_or(0.0) + posts.counted(bucket) as f64);
    }
    let mean = until.last().copied().unwrap_or(0.0) / posts.buckets().max(1) as f64;
    let volume = Volume { until, mean };
    let mut states = vec![State::default(); names.len()];
    let mut window = vec![0.0; names.len()];
    let mut earlier: VecDeque<usize> = VecDeque::new();
    let mut scored = Vec::new();
    for bucket in 0..buckets.len() {
        slide(&buckets, bucket, WINDOW, &mut window);
        let mut present: Vec<usize> = buckets[bucket.saturating_sub(WINDOW - 1)..=bucket]
            .iter()
            .flatten()
            .map(|(item, _)| *item)
            .collect();
        present.sort_unstable();
        present.dedup();
        if let Rule::Bngram { history } = rival.rule {
            remember(&buckets, bucket, history, (&mut states, &mut earlier));
        }
        let score = |item: usize| {
            let own = buckets[bucket].binary_search_by_key(&item, |(item, _)| *item);
            let fresh = own.map_or(0.0, |place| buckets[bucket][place].1);
            rival.rule.score(&mut states[item], bucket, (window[item], fresh), &volume)
        };
        let scores: Vec<f64> = present.iter().copied().map(score).collect();
        let pairs = present.iter().zip(scores).filter(|(_, score)| *score > 0.0);
        let mut candidates: Vec<Candidate> =
            pairs.map(|(item, score)| Candidate::of(names[*item], score)).collect();
        candidates
            .sort_by(|one, other| other.score.total_cmp(&one.score).then_with(|| one.pair.cmp(&other.pair)));
        candidates.truncate(KEPT);
        scored.push(candidates);
    }
    scored
}

/// Items of a bucket with their posts, in order of their numbers.
fn count(
    posts: &Posts<'_>,
    bucket: usize,
    items: Items,
    (numbers, names): (&mut HashMap<Pair, usize>, &mut Vec<Pair>),
) -> Vec<(usize, f64)> {
    let mut counts: HashMap<usize, f64> = HashMap::new();
    for words in posts.independent(bucket) {
        for (nth, one) in words.iter().enumerate() {
            let others = words.get(nth..).unwrap_or_default();
            let wanted = others.iter().map(|other| Pair::of(*one, *other)).filter(|pair| match items {
                Items::Pairs => pair.0 != pair.1,
                Items::Words => pair.0 == pair.1,
                Items::Both => true,
            });
            for pair in wanted {
                let number = *numbers.entry(pair).or_insert_with(|| {
                    names.push(pair);
                    names.len() - 1
                });
                *counts.entry(number).or_default() += 1.0;
            }
        }
    }
    let mut counts: Vec<(usize, f64)> = counts.into_iter().collect();
    counts.sort_unstable_by_key(|(item, _)| *item);
    counts
}

/// Counts of the window that ends with a bucket.
fn slide(buckets: &[Vec<(usize, f64)>], bucket: usize, length: usize, window: &mut [f64]) {
    buckets[bucket].iter().for_each(|(item, posts)| window[*item] += posts);
    if let Some(gone) = bucket.checked_sub(length) {
        buckets[gone].iter().for_each(|(item, posts)| window[*item] -= posts);
    }
}

/// Sums of the buckets before the window, as far back as the rule looks.
fn remember(
    buckets: &[Vec<(usize, f64)>],
    bucket: usize,
    history: usize,
    (states, earlier): (&mut [State], &mut VecDeque<usize>),
) {
    if let Some(fresh) = bucket.checked_sub(WINDOW) {
        buckets[fresh].iter().for_each(|(item, posts)| states[*item].sum += posts);
        earlier.push_back(fresh);
    }
    if earlier.len() > history {
        let gone = earlier.pop_front().unwrap_or(0);
        buckets[gone].iter().for_each(|(item, posts)| states[*item].sum -= posts);
    }
}

impl Rule {
    fn score(self, state: &mut State, bucket: usize, (posts, fresh): (f64, f64), volume: &Volume) -> f64 {
        match self {
            Rule::Count => posts,
            Rule::Bngram { history } => {
                let windows =
                    (bucket.saturating_sub(WINDOW - 1)).min(history).max(WINDOW) as f64 / WINDOW as f64;
                (posts + 1.0) / ((state.sum.max(0.0) / windows + 1.0).ln() + 1.0)
            }
            Rule::SigniTrend { half_life, bias, of_shares } => {
                let posts = if of_shares { volume.share(bucket, posts) } else { posts };
                signi_trend(state, bucket, posts, (half_life, bias))
            }
            Rule::Kleinberg { times } => kleinberg(state, bucket, fresh, (times, volume)),
        }
    }
}

impl Volume {
    /// Posts of the window at the stream's mean volume.
    fn share(&self, bucket: usize, posts: f64) -> f64 {
        let from = (bucket + 1).saturating_sub(WINDOW);
        let said = self.until[bucket + 1] - self.until[from];
        posts / said.max(1.0) * self.mean * WINDOW as f64
    }
}

fn signi_trend(state: &mut State, bucket: usize, posts: f64, (half_life, bias): (f64, f64)) -> f64 {
    let rate = 1.0 - 0.5f64.powf(1.0 / half_life);
    // Windows without a post since the last look: mean and variance of the same average in closed form.
    let silent = bucket.saturating_sub(state.at + 1);
    if state.at > 0 && silent > 0 {
        let keep = (1.0 - rate).powf(silent as f64);
        state.variance = keep * (state.variance + state.mean * state.mean * (1.0 - keep));
        state.mean *= keep;
    }
    let score = (posts - state.mean.max(bias)) / (state.variance.sqrt() + bias);
    let difference = posts - state.mean;
    state.mean += rate * difference;
    state.variance = (1.0 - rate) * (state.variance + rate * difference * difference);
    state.at = bucket;
    score
}

fn kleinberg(state: &mut State, bucket: usize, posts: f64, (times, volume): (f64, &Volume)) -> f64 {
    const HALF_LIFE: f64 = 432.0;
    let keep = 0.5f64.powf((bucket - state.at) as f64 / HALF_LIFE);
    state.mean *= keep;
    // All posts in the same fading memory, at the stream's mean volume.
    let memory =
        volume.mean * HALF_LIFE / std::f64::consts::LN_2 * (1.0 - 0.5f64.powf(bucket as f64 / HALF_LIFE));
    let usual = ((state.mean + 0.5) / (memory + volume.mean * 72.0)).min(0.2);
    let burst = (times * usual).min(0.5);
    let said = volume.until[bucket + 1] - volume.until[(state.at + 1).min(bucket)];
    let step = posts * (burst / usual).ln() + (said - posts).max(0.0) * ((1.0 - burst) / (1.0 - usual)).ln();
    state.sum = (state.sum + step).clamp(0.0, 60.0);
    state.mean += posts;
    state.at = bucket;
    state.sum
}
