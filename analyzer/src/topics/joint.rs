//! How unusual the posts of a group of pairs are together: everybody tells a story in words of their own, so
//! that those who say any of its pairs are sooner too many than those who say one of them.
//!
//! Knows words as numbers only.

use std::collections::{BTreeSet, HashMap};

use super::cluster::{Cluster, clusters};
use super::counter::{Scored, expected, keep};
use super::recent::{REACH, Recent};
use super::settings::Settings;
use crate::tail::NegativeBinomial;

/// Score from which a pair may add its posts to another's.
const JOINED: f64 = 1.5;
/// Pairs that are taken together at most: further ones add hardly a post.
const PAIRS: usize = 4;
/// Share of the leading pair's score from which a pair belongs to what a topic is recognised by.
const STRONG: f64 = 0.6;
/// Score from which a group lets a known topic go on, even if it would not begin one.
pub const HEARD: f64 = 3.0;

/// What groups are measured with when a bucket has closed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Joint {
    settings: Settings,
    /// Buckets at their exposure that each of the windows sees of the posts that are remembered.
    exposures: [f64; 2],
}

impl Joint {
    /// Of the last buckets' exposures, the newest first.
    pub(super) fn of(settings: &Settings, buckets: &[f64]) -> Joint {
        let faded = |half_life: f64| -> f64 {
            let shares = std::iter::successors(Some(1.0), |share| Some(share * keep(half_life)));
            buckets.iter().zip(shares).map(|(exposure, share)| exposure * share).sum()
        };
        Joint { settings: settings.clone(), exposures: settings.windows.map(faded) }
    }

    /// The highest score of the leading pairs together, each more taken with those before; at least the first
    /// pair's own.
    fn score(&self, cluster: &Cluster, recent: &Recent, bucket: i64) -> f64 {
        let (mut rate, mut usual, mut best) = (0.0, 0.0, 0.0f64);
        let mut posts: BTreeSet<u64> = BTreeSet::new();
        for (nth, (pair, said)) in cluster.pairs.iter().zip(&cluster.said).enumerate().take(PAIRS) {
            rate += pair.rate;
            usual += pair.usual;
            let before = posts.len();
            posts.extend(said);
            if nth == 0 {
                best = pair.score;
            } else if posts.len() > before {
                let observed = self.observed(&posts, recent, bucket);
                best = best.max(self.tail(observed, rate, usual));
            }
        }
        best
    }

    /// Posts of each window, copies beyond those that count left out.
    fn observed(&self, posts: &BTreeSet<u64>, recent: &Recent, bucket: i64) -> [f64; 2] {
        let mut copies: HashMap<u64, u16> = HashMap::new();
        let mut observed = [0.0; 2];
        for post in posts.iter().filter_map(|place| recent.post(*place)) {
            let times = copies.entry(post.voice.0).or_default();
            *times = times.saturating_add(1);
            if *times <= self.settings.copies {
                let age = (bucket - post.bucket).max(0) as f64;
                for (posts, half_life) in observed.iter_mut().zip(self.settings.windows) {
                    *posts += keep(half_life).powf(age);
                }
            }
        }
        observed
    }

    fn tail(&self, observed: [f64; 2], rate: f64, usual: f64) -> f64 {
        let dispersion = self.settings.dispersion + 1.0 / (usual + 1.0);
        let windows = observed.into_iter().zip(self.exposures).zip(self.settings.windows);
        let score = |((posts, exposure), half_life): ((f64, f64), f64)| {
            let (mean, weight) = expected(&self.settings, half_life, rate * exposure);
            let posts = posts * weight;
            if posts > mean { NegativeBinomial { mean, dispersion }.minus_log10_tail(posts) } else { 0.0 }
        };
        windows.map(score).fold(0.0, f64::max)
    }
}

impl Scored {
    /// What stood out in groups of the same posts, each at its joint score, the highest first.
    pub fn clusters(&self, recent: &Recent, bucket: i64) -> Vec<Cluster> {
        let joined = self.candidates.partition_point(|candidate| candidate.score >= JOINED);
        let candidates = self.candidates.get(..joined).unwrap_or_default();
        if candidates.is_empty() {
            return Vec::new();
        }
        let mut found = clusters(candidates, recent, bucket - REACH + 1);
        for cluster in &mut found {
            cluster.score = self.joint.score(cluster, recent, bucket);
            let lead = cluster.pairs.first().map_or(0.0, |lead| lead.score);
            let strong = cluster.pairs.partition_point(|pair| pair.score >= STRONG * lead);
            cluster.pairs.truncate(strong);
            cluster.said.truncate(strong);
        }
        found.sort_by(|one, other| other.score.total_cmp(&one.score));
        found
    }
}

#[cfg(test)]
mod tests {
    use crawler::post::Voice;

    use super::*;
    use crate::topics::{Candidate, Pair, Word};

    fn words(text: &str) -> Vec<Word> {
        text.split(' ').map(Word::of).collect()
    }

    fn scored(pairs: &[(&str, f64)]) -> Scored {
        let candidate = |(text, score): &(&str, f64)| {
            let words = words(text);
            Candidate { rate: 0.0005, ..Candidate::of(Pair::of(words[0], words[1]), *score) }
        };
        let joint = Joint::of(&Settings::default(), &[1.0; REACH as usize]);
        Scored { candidates: pairs.iter().map(candidate).collect(), tested: 100, joint }
    }

    fn told(posts: &[&str]) -> Recent {
        let mut recent = Recent::new(1 << 16);
        for (number, post) in (0..).zip(posts) {
            recent.push((number, Voice(number), 0), 8, &words(post));
        }
        recent
    }

    #[test]
    fn two_pairs_of_one_story_weigh_more_than_either() {
        let recent = told(&["返京 隔离", "返京 隔离 核酸", "隔离 核酸", "隔离 核酸 返京", "隔离 核酸"]);
        let alone = scored(&[("返京 隔离", 2.6)]).clusters(&recent, 8);
        let both = scored(&[("返京 隔离", 2.6), ("核酸 隔离", 2.5)]).clusters(&recent, 8);
        assert_eq!((alone.len(), alone[0].score), (1, 2.6));
        assert_eq!(both.len(), 1);
        assert!(both[0].score > 3.0, "{}", both[0].score);
        // Five posts that are copies of one text count as two.
        let mut copies = Recent::new(1 << 16);
        (0..5).for_each(|number| copies.push((number, Voice(1), 0), 8, &words("返京 隔离 核酸")));
        let of_copies = scored(&[("返京 隔离", 2.6), ("核酸 隔离", 2.5)]).clusters(&copies, 8);
        assert_eq!(of_copies[0].score, 2.6);
    }

    #[test]
    fn weak_pairs_help_their_group_but_it_is_not_known_by_them() {
        let recent = told(&["返京 隔离", "返京 隔离 核酸", "隔离 核酸", "隔离 核酸", "停水 小区"]);
        let found =
            scored(&[("返京 隔离", 4.0), ("核酸 隔离", 1.6), ("停水 小区", 1.4)]).clusters(&recent, 8);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].pairs.len(), found[0].said.len()), (1, 1));
        assert_eq!(found[0].posts, [0, 1, 2, 3]);
    }

    #[test]
    fn what_is_usual_for_each_of_the_pairs_is_expected_of_them_together() {
        let recent = told(&["返京 隔离", "返京 隔离 核酸", "隔离 核酸", "隔离 核酸", "隔离 核酸"]);
        let mut scored = scored(&[("返京 隔离", 2.6), ("核酸 隔离", 2.5)]);
        let fresh = scored.clusters(&recent, 8)[0].score;
        scored.candidates[1] = Candidate { rate: 0.4, usual: 200.0, ..scored.candidates[1] };
        let usual = scored.clusters(&recent, 8)[0].score;
        assert!(fresh > usual && usual == 2.6, "{fresh} {usual}");
    }
}
