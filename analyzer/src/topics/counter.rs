//! Counts pairs of words post by post and says, when a bucket closes, which stand out: the tail of a negative
//! binomial around a multiple of what is usual for the pair, as for concerns (`detect`), in fixed memory.
//!
//! Knows no text and groups nothing.

use std::collections::HashSet;

use crawler::post::Voice;
use serde::{Deserialize, Serialize};

use super::bars::Bars;
use super::copies::Copies;
use super::joint::Joint;
use super::recent::REACH;
use super::settings::Settings;
use super::table::{Counts, Table};
use super::words::{Mixing, Pair, Word};
use crate::tail::NegativeBinomial;

/// Half-life of what is usual for a pair: three days of buckets.
const USUAL: f64 = 432.0;
/// Half-life of the stream's own level: a week.
const LEVEL: f64 = 1008.0;
/// Posts that every pair is thought to have had, and over how many buckets: half a day.
const PRIOR: (f64, f64) = (0.3, 72.0);
/// Pairs that may stand out at once; further ones wait for the next bucket.
const HOT_AT_ONCE: usize = 1 << 16;
/// From so many pairs that may stand out those that can't be taken are not scored.
const MANY: usize = 1_000;
/// Share of the memory in which copies are numbered.
const COPIES_SHARE: usize = 16;

/// A pair that stands out.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// Its words.
    pub pair: Pair,
    /// −log₁₀ of the chance of so many posts if `lift` times the usual were usual.
    pub score: f64,
    /// Usual posts in a bucket, at the stream's own level.
    pub rate: f64,
    /// Posts from which that is known, fading over days.
    pub usual: f64,
}

impl Candidate {
    /// A pair with its score, of which nothing is usual.
    pub fn of(pair: Pair, score: f64) -> Candidate {
        Candidate { pair, score, rate: 0.0, usual: 0.0 }
    }
}

/// What stood out when a bucket closed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scored {
    /// The pairs, highest score first.
    pub candidates: Vec<Candidate>,
    /// Different pairs said in the bucket: among so many the candidates were found.
    pub tested: u64,
    /// What groups of them are measured with.
    pub joint: Joint,
}

/// The counts.
#[derive(Debug)]
pub struct Counter {
    settings: Settings,
    table: Table,
    copies: Copies,
    stream: Stream,
    hot: HashSet<Pair, Mixing>,
    pairs: Vec<(Pair, u64)>,
    hashes: Vec<u64>,
    posts: u32,
    tested: u64,
}

/// How busy the whole stream is: what each pair's expectation is multiplied with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Stream {
    /// Posts and buckets, fading over a week.
    level: (f64, f64),
    /// Buckets at their exposure, fading over the two windows and as the usual does.
    windows: [f64; 2],
    usual: f64,
    /// Exposure of the last buckets, the newest first.
    #[serde(default)]
    near: [f64; REACH as usize],
    /// Buckets with posts, so far.
    pub(super) learnt: u32,
}

impl Counter {
    /// Nothing counted yet.
    pub fn new(settings: Settings) -> Counter {
        let [fast, slow] = settings.windows;
        let copies = settings.memory / COPIES_SHARE;
        Counter {
            table: Table::new(settings.memory - copies, [USUAL, fast, slow]),
            copies: Copies::new(copies),
            stream: Stream::default(),
            hot: HashSet::default(),
            pairs: Vec::new(),
            hashes: Vec::new(),
            posts: 0,
            tested: 0,
            settings,
        }
    }

    /// Counts one post; `false` if it is a copy too many, which counts no pair. `found` is told every pair that
    /// may stand out and did not before.
    pub fn count(&mut self, words: &[Word], voice: Voice, bucket: i64, mut found: impl FnMut(Pair)) -> bool {
        if self.copies.hear(voice, bucket) > self.settings.copies {
            return false;
        }
        self.posts += 1;
        self.pairs.clear();
        for (nth, one) in words.iter().enumerate() {
            let others = words.get(nth + 1..).unwrap_or_default().iter().filter(|other| *other != one);
            self.pairs.extend(others.map(|other| Pair::of(*one, *other)).map(|pair| (pair, pair.hash())));
        }
        self.hashes.clear();
        self.hashes.extend(self.pairs.iter().map(|(_, hash)| *hash));
        self.table.fetch(&self.hashes);
        let (settings, stream) = (&self.settings, &self.stream);
        for (pair, hash) in &self.pairs {
            let added = self.table.add(*hash, bucket, |before| stream.share(settings, before));
            self.tested += u64::from(added.is_first);
            if stream.may_stand_out(settings, &added.counts) && self.hot.len() < HOT_AT_ONCE {
                // Words of a pair that stood out before are known.
                if self.hot.insert(*pair) {
                    found(*pair);
                }
            }
        }
        true
    }

    /// Closes the bucket and scores the pairs that may stand out; of very many only those that [`no_chance`]
    /// could take.
    pub fn close(&mut self, bucket: i64) -> Scored {
        self.stream.close(&self.settings, f64::from(std::mem::take(&mut self.posts)));
        let bars = self.bars();
        let (settings, table, stream) = (&self.settings, &self.table, &self.stream);
        let mut candidates = Vec::new();
        self.hot.retain(|pair| {
            let counts = table.get(pair.hash(), bucket);
            let score = stream.score(settings, &counts, &bars);
            if score > 0.0 {
                let (rate, usual) = (stream.rate(&counts), f64::from(counts.usual));
                candidates.push(Candidate { pair: *pair, score, rate, usual });
            }
            stream.may_stand_out(settings, &counts)
        });
        candidates
            .sort_by(|one, other| other.score.total_cmp(&one.score).then_with(|| one.pair.cmp(&other.pair)));
        // Half of the room is kept free for those of the next bucket: the weakest leave.
        if self.hot.len() > HOT_AT_ONCE / 2 {
            let kept = candidates.get(..HOT_AT_ONCE / 2).unwrap_or(&candidates);
            self.hot = kept.iter().map(|candidate| candidate.pair).collect();
        }
        let joint = Joint::of(&self.settings, &self.stream.near);
        Scored { candidates, tested: std::mem::take(&mut self.tested), joint }
    }

    /// The last of those taken has at least the score that the last of all would need.
    fn bars(&self) -> Bars {
        let pairs = self.hot.len();
        if pairs < MANY {
            return Bars::default();
        }
        let needed = needed(self.tested, self.settings.false_share, pairs);
        Bars::of(needed, self.settings.dispersion)
    }

    /// Whether so little is known that whatever is said stands out.
    pub fn is_learning(&self) -> bool {
        self.stream.learnt < self.settings.learning
    }

    /// Pairs that may stand out.
    pub(super) fn hot(&self) -> &HashSet<Pair, Mixing> {
        &self.hot
    }

    pub(super) fn table(&self) -> &Table {
        &self.table
    }

    pub(super) fn stream(&self) -> Stream {
        self.stream
    }

    /// Goes on where another left off; `false` if it was of another size.
    pub(super) fn restore(
        &mut self,
        stream: Stream,
        hot: Vec<Pair>,
        lines: impl IntoIterator<Item = (usize, [u32; 16])>,
    ) -> bool {
        (self.stream, self.hot) = (stream, hot.into_iter().collect());
        lines.into_iter().all(|(number, line)| self.table.put(number, line))
    }

    /// Numbers a copy that was counted before.
    pub(super) fn recall(&mut self, voice: Voice, bucket: i64) {
        self.copies.hear(voice, bucket);
    }
}

impl Stream {
    fn close(&mut self, settings: &Settings, posts: f64) {
        let (level, usual) = (keep(LEVEL), keep(USUAL));
        self.level = (self.level.0 * level + posts, self.level.1 * level + 1.0);
        let mean = self.level.0 / self.level.1;
        let exposure = if mean > 0.0 { posts / mean } else { 0.0 };
        for (window, half_life) in self.windows.iter_mut().zip(settings.windows) {
            *window = *window * keep(half_life) + exposure;
        }
        self.usual = self.usual * usual + exposure;
        self.near.rotate_right(1);
        if let Some(newest) = self.near.first_mut() {
            *newest = exposure;
        }
        self.learnt = self.learnt.saturating_add(u32::from(posts > 0.0));
    }

    /// Usual posts of a pair in a bucket at the stream's own level.
    fn rate(&self, counts: &Counts) -> f64 {
        (f64::from(counts.usual) + PRIOR.0) / (self.usual + PRIOR.1)
    }

    /// How much of one more post counts as usual: all of it, or, beyond what chance explains, ever less.
    fn share(&self, settings: &Settings, before: &Counts) -> f32 {
        if self.learnt < settings.learning {
            return 1.0;
        }
        let usual = self.rate(before) * self.windows[0];
        let allowed = usual + 3.0 * (usual + settings.dispersion * usual * usual).sqrt() + 1.0;
        (allowed / (f64::from(before.fast) + 1.0)).min(1.0) as f32
    }

    /// A quick look: enough posts, and more than the multiple of the usual in one of the windows.
    fn may_stand_out(&self, settings: &Settings, counts: &Counts) -> bool {
        if counts.slow < settings.least as f32 {
            return false;
        }
        let rate = self.rate(counts) * settings.lift;
        let [fast, slow] = self.windows;
        f64::from(counts.fast) > rate * fast || f64::from(counts.slow) > rate * slow
    }

    /// The higher score of the two windows; of a window under its bar it is nought.
    fn score(&self, settings: &Settings, counts: &Counts, bars: &Bars) -> f64 {
        let rate = self.rate(counts);
        let dispersion = settings.dispersion + 1.0 / (f64::from(counts.usual) + 1.0);
        let observed = [counts.fast, counts.slow].into_iter().map(f64::from);
        let windows = observed.zip(self.windows).zip(settings.windows);
        let score = |((posts, exposure), half_life): ((f64, f64), f64)| {
            let (mean, weight) = expected(settings, half_life, rate * exposure);
            let posts = posts * weight;
            if posts <= mean || !bars.may_reach(mean, posts) {
                return 0.0;
            }
            NegativeBinomial { mean, dispersion }.minus_log10_tail(posts)
        };
        windows.map(score).fold(0.0, f64::max)
    }
}

/// What a window is compared with where so many posts are usual, and what its own are multiplied with before.
pub(super) fn expected(settings: &Settings, half_life: f64, usual: f64) -> (f64, f64) {
    // A window that fades says as much as a plain one of this many posts with the same variance.
    let weight = 1.0 + keep(half_life);
    let floor = settings.floor * (half_life / settings.windows[0] / std::f64::consts::LN_2).sqrt();
    (settings.lift * usual * weight + floor, weight)
}

/// What one bucket leaves of a count with this half-life.
pub(super) fn keep(half_life: f64) -> f64 {
    0.5f64.powf(1.0 / half_life)
}

/// How many of these scores, highest first, are no chance among `tested` pairs, if a share `false_share` of
/// those taken may be (Benjamini and Hochberg 1995). Two windows were looked at, so each chance counts twice.
pub fn no_chance(candidates: &[Candidate], tested: u64, false_share: f64) -> usize {
    let is_rare =
        |(nth, candidate): (usize, &Candidate)| candidate.score >= needed(tested, false_share, nth + 1);
    let mut ranks = candidates.iter().enumerate();
    ranks.rposition(|(nth, candidate)| is_rare((nth, candidate))).map_or(0, |last| last + 1)
}

/// The score that the candidate of this rank needs, the highest being the first.
pub(super) fn needed(tested: u64, false_share: f64, rank: usize) -> f64 {
    (tested.max(1) as f64 * 2.0).log10() - false_share.log10() - (rank.max(1) as f64).log10()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<Word> {
        text.split(' ').map(Word::of).collect()
    }

    fn counter() -> Counter {
        Counter::new(Settings { memory: 1 << 20, ..Settings::default() })
    }

    #[test]
    fn a_pair_that_is_new_stands_out_and_one_that_is_always_said_does_not() {
        let mut counter = counter();
        let mut voice = 0;
        let mut say = |counter: &mut Counter, text: &str, bucket: i64| {
            voice += 1;
            counter.count(&words(text), Voice(voice), bucket, |_| {})
        };
        for bucket in 0..288 {
            (0..6).for_each(|_| assert!(say(&mut counter, "今天 天气 不错", bucket)));
            assert!(counter.is_learning() == (bucket < 72));
            let scored = counter.close(bucket);
            let is_calm = scored.candidates.iter().all(|candidate| candidate.score < 0.5);
            assert!(bucket < 72 || is_calm, "{bucket}: {scored:?}");
        }
        (0..6).for_each(|_| assert!(say(&mut counter, "今天 天气 不错", 288)));
        (0..6).for_each(|_| assert!(say(&mut counter, "返京 隔离", 288)));
        let scored = counter.close(288);
        assert_eq!(scored.tested, 4);
        let found: Vec<Pair> = scored.candidates.iter().map(|candidate| candidate.pair).collect();
        assert_eq!(found, [Pair::of(Word::of("返京"), Word::of("隔离"))]);
        assert!(scored.candidates[0].score > 3.0, "{scored:?}");
        assert_eq!(no_chance(&scored.candidates, scored.tested, 0.01), 1);
    }

    #[test]
    fn copies_of_one_text_count_twice_and_no_more() {
        let mut counter = counter();
        let counted = (0..50).filter(|_| counter.count(&words("点击 领取"), Voice(1), 0, |_| {})).count();
        assert_eq!(counted, 2);
        assert!(counter.close(0).candidates.iter().all(|candidate| candidate.score < 2.0));
    }

    #[test]
    fn benjamini_and_hochberg_let_more_pass_when_many_stand_out() {
        let of = |scores: &[f64]| -> Vec<Candidate> {
            let pair = Pair::of(Word(1), Word(2));
            scores.iter().map(|score| Candidate::of(pair, *score)).collect()
        };
        // 0.01 × k of 2 × 50 chances: 4, 3.7, 3.5, 3.4.
        assert_eq!(no_chance(&of(&[3.9]), 50, 0.01), 0);
        assert_eq!(no_chance(&of(&[4.1, 3.6]), 50, 0.01), 1);
        assert_eq!(no_chance(&of(&[4.1, 3.6, 3.6, 3.5, 2.0]), 50, 0.01), 4);
        assert_eq!(no_chance(&[], 50, 0.01), 0);
    }
}
