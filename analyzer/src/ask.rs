//! What people ask: the clerk's labels counted, other questions grouped by wording, and how many posts ask at all.
//!
//! Works on the original, masked text; says only that something is asked, never who asks.

use std::collections::BTreeMap;

use crawler::post::{Publisher, Stored, Voice};

use crate::explain::AskCount;
use crate::intent::{IntentCounts, Intents};
use crate::quote::{LEAST_GROUP, shorten, whole};

/// Characters of a question shown as a label.
const LABEL_LENGTH: usize = 30;
/// Unlabelled questions shown at most.
const MOST_UNLABELLED: usize = 4;

/// Questions found in a number of posts.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Asks {
    /// The clerk's labels with posts, then other questions, each most first.
    pub(crate) counts: Vec<AskCount>,
    /// Posts in none of them.
    pub(crate) other: u32,
    /// How many posts ask, complain, call for help.
    pub(crate) intents: IntentCounts,
}

impl Asks {
    /// The same if each post stood for so many.
    pub(crate) fn times(mut self, each: u32) -> Asks {
        self.counts.iter_mut().for_each(|count| count.posts = count.posts.saturating_mul(each));
        let IntentCounts { posts, questions, complaints, help } = &mut self.intents;
        for count in [&mut self.other, posts, questions, complaints, help] {
            *count = count.saturating_mul(each);
        }
        self
    }
}

/// Counts what posts ask. With each post comes the number of the first of the concern's labels it matches.
pub(crate) fn asks(posts: &[(&Stored, Option<usize>)], labels: &[String], rules: &Intents) -> Asks {
    let mut labelled: BTreeMap<usize, u32> = BTreeMap::new();
    let mut groups: BTreeMap<Voice, (u32, &Stored)> = BTreeMap::new();
    let (mut intents, mut other) = (IntentCounts::default(), 0u32);
    for (stored, label) in posts {
        let wanted = rules.of(&whole(&stored.post));
        intents.add(wanted);
        match label {
            Some(label) => *labelled.entry(*label).or_default() += 1,
            None => {
                other += 1;
                if wanted.question {
                    groups.entry(stored.voice).or_insert((0, stored)).0 += 1;
                }
            }
        }
    }
    let mut counts: Vec<AskCount> = labelled
        .into_iter()
        .filter_map(|(label, posts)| labels.get(label).map(|label| AskCount { label: label.clone(), posts }))
        .collect();
    counts.sort_by_key(|count| std::cmp::Reverse(count.posts));
    let unlabelled = by_wording(groups.into_values(), rules);
    other -= unlabelled.iter().map(|count| count.posts).sum::<u32>().min(other);
    counts.extend(unlabelled);
    Asks { counts, other, intents }
}

/// Joins groups that ask in the same words. What few individuals ask stays unsaid.
fn by_wording<'a>(groups: impl Iterator<Item = (u32, &'a Stored)>, rules: &Intents) -> Vec<AskCount> {
    let mut wordings: BTreeMap<String, (u32, bool)> = BTreeMap::new();
    for (posts, stored) in groups {
        let text = whole(&stored.post);
        let Some(sentence) = rules.question(&text) else { continue };
        let wording = wordings.entry(shorten(sentence, LABEL_LENGTH)).or_default();
        wording.0 += posts;
        wording.1 |= stored.post.publisher != Publisher::Individual;
    }
    let may_show = |posts: u32, public: bool| posts >= LEAST_GROUP || (public && posts > 1);
    let mut counts: Vec<AskCount> = wordings
        .into_iter()
        .filter(|(_, (posts, public))| may_show(*posts, *public))
        .map(|(label, (posts, _))| AskCount { label, posts })
        .collect();
    counts.sort_by_key(|count| std::cmp::Reverse(count.posts));
    counts.truncate(MOST_UNLABELLED);
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quote::tests::post;

    #[test]
    fn labels_come_first_then_questions_of_large_groups() {
        let mut posts = Vec::new();
        for number in 0..8 {
            posts.push(post(number, 100, "停水了几点来水？"));
        }
        posts.push(post(20, 200, "谁来管管"));
        posts.push(post(21, 300, "水又黄了"));
        posts.push(post(22, 300, "水又黄了"));
        let asked: Vec<(&Stored, Option<usize>)> =
            posts.iter().map(|stored| (stored, (stored.voice == Voice(300)).then_some(0))).collect();
        let asks = asks(&asked, &["水质".to_owned()], Intents::shipped());
        let count = |label: &str, posts| AskCount { label: label.to_owned(), posts };
        assert_eq!(asks.counts, [count("水质", 2), count("停水了几点来水？", 8)]);
        assert_eq!(asks.other, 1);
        assert_eq!(asks.intents, IntentCounts { posts: 11, questions: 9, complaints: 0, help: 1 });
    }
}
