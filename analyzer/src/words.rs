//! Words that rise: those in more posts of a span than their usual share of earlier posts would give.
//!
//! Counts posts, not occurrences; a group of copies says a word once per post, as readers meet it.

use std::collections::{BTreeMap, BTreeSet};

use crate::explain::RisingWord;
use crate::tail::NegativeBinomial;

/// Words shown at most.
const MOST: usize = 8;
/// A word in fewer posts is chance.
const LEAST_POSTS: u32 = 3;
/// Share of posts that a word never seen before is thought to be in: half a post's worth among the earlier ones.
const UNSEEN: f64 = 0.5;
/// −log₁₀ of the chance below which a word counts as rising.
const UNLIKELY: f64 = 2.0;
/// Over-dispersion of a word's count.
const DISPERSION: f64 = 0.3;

/// In how many posts each word is.
#[derive(Clone, Debug, Default)]
pub(crate) struct WordCounts {
    posts: u32,
    words: BTreeMap<String, u32>,
}

impl WordCounts {
    /// Adds one post's words.
    pub(crate) fn add(&mut self, words: impl IntoIterator<Item = String>) {
        self.posts += 1;
        let words: BTreeSet<String> = words.into_iter().filter(|word| word.chars().count() >= 2).collect();
        for word in words {
            *self.words.entry(word).or_default() += 1;
        }
    }

    /// Words of these posts that rose against `usual`, the most surprising first.
    pub(crate) fn rising_against(&self, usual: &WordCounts) -> Vec<RisingWord> {
        let share = f64::from(self.posts) / f64::from(usual.posts.max(1));
        let mut rising: Vec<(f64, RisingWord)> = Vec::new();
        for (word, posts) in self.words.iter().filter(|(_, posts)| **posts >= LEAST_POSTS) {
            let before = usual.words.get(word).copied().unwrap_or(0);
            let expected = share * (f64::from(before) + UNSEEN);
            let surprise = NegativeBinomial { mean: expected, dispersion: DISPERSION }
                .minus_log10_tail(f64::from(*posts));
            if surprise >= UNLIKELY {
                rising.push((surprise, RisingWord { word: word.clone(), posts: *posts, expected }));
            }
        }
        rising.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.word.cmp(&b.1.word)));
        rising.truncate(MOST);
        rising.into_iter().map(|(_, word)| word).collect()
    }

    /// Words in at least `least` of these posts and in none of `earlier`, most first.
    pub(crate) fn new_since(&self, earlier: &WordCounts, least: u32) -> Vec<(String, u32)> {
        let is_new = |(word, posts): &(&String, &u32)| **posts >= least && !earlier.words.contains_key(*word);
        let mut new: Vec<(String, u32)> =
            self.words.iter().filter(is_new).map(|(word, posts)| (word.clone(), *posts)).collect();
        new.sort_by_key(|(_, posts)| std::cmp::Reverse(*posts));
        new.truncate(MOST);
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(posts: &[(&str, usize)]) -> WordCounts {
        let mut counts = WordCounts::default();
        for (text, times) in posts {
            (0..*times).for_each(|_| counts.add(text.split(' ').map(str::to_owned)));
        }
        counts
    }

    #[test]
    fn a_word_rises_against_its_usual_share_and_not_by_mere_number() {
        let usual = counted(&[("数据 公布", 90), ("数据 天气", 10)]);
        let now = counted(&[("数据 公布", 30), ("数据 天气 对不上", 10)]);
        let words: Vec<String> = now.rising_against(&usual).into_iter().map(|word| word.word).collect();
        assert_eq!(words, ["对不上"]);
        assert_eq!(now.new_since(&usual, 5), [("对不上".to_owned(), 10)]);
        assert_eq!(now.new_since(&usual, 11), []);
    }

    #[test]
    fn single_characters_and_rare_words_are_left_out() {
        let now = counted(&[("水 黄了", 2), ("水", 40)]);
        assert_eq!(now.rising_against(&WordCounts::default()), []);
    }
}
