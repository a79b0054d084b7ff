//! What people ask: questions told from statements, the clerk's labels counted, other questions grouped by wording.
//!
//! Works on the original, masked text; says only that something is asked, never who asks.

use std::collections::BTreeMap;

use crawler::post::{Publisher, Stored, Voice};

use crate::explain::AskCount;
use crate::quote::{LEAST_GROUP, sentences, shorten, whole};

/// Characters of a question shown as a label.
const LABEL_LENGTH: usize = 30;
/// Unlabelled questions shown at most.
const MOST_UNLABELLED: usize = 4;

/// Words that make a sentence a question even where the question mark is missing, as it mostly is.
const MARKERS: [&str; 36] = [
    "吗",
    "怎么",
    "怎样",
    "怎办",
    "咋",
    "如何",
    "能不能",
    "可不可以",
    "可以不可以",
    "是不是",
    "会不会",
    "要不要",
    "用不用",
    "需不需要",
    "该不该",
    "有没有",
    "行不行",
    "好不好",
    "算不算",
    "何时",
    "何地",
    "何处",
    "什么时候",
    "什么时间",
    "几点",
    "几号",
    "多久",
    "为什么",
    "为何",
    "凭什么",
    "哪里",
    "哪儿",
    "哪个",
    "谁",
    "多少",
    "请问",
];

/// Set phrases that hold a marker and ask nothing.
const NO_QUESTIONS: [&str; 16] = [
    "无论如何",
    "不管怎么",
    "不管怎样",
    "无论怎样",
    "不怎么",
    "没怎么",
    "怎么都",
    "怎么也",
    "谁都",
    "谁也",
    "哪里都",
    "哪里哪里",
    "多少有些",
    "多多少少",
    "不知为何",
    "吗啡",
];

/// Questions found in a number of posts.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Asks {
    /// The clerk's labels with posts, then other questions, each most first.
    pub(crate) counts: Vec<AskCount>,
    /// Posts in none of them.
    pub(crate) other: u32,
    /// Share of posts that ask something, 0–1.
    pub(crate) question_share: f64,
}

/// Whether a sentence asks something.
pub fn is_question(sentence: &str) -> bool {
    if sentence.contains(['？', '?']) {
        return true;
    }
    let mut rest = sentence.to_owned();
    for phrase in NO_QUESTIONS {
        rest = rest.replace(phrase, "，");
    }
    MARKERS.iter().any(|marker| rest.contains(marker))
}

/// The first sentence of a text that asks something.
pub fn question(text: &str) -> Option<&str> {
    sentences(text).find(|sentence| is_question(sentence))
}

/// Counts what posts ask. With each post comes the number of the first of the concern's labels it matches.
pub(crate) fn asks(posts: &[(&Stored, Option<usize>)], labels: &[String]) -> Asks {
    let mut labelled: BTreeMap<usize, u32> = BTreeMap::new();
    let mut groups: BTreeMap<Voice, (u32, &Stored)> = BTreeMap::new();
    let (mut questions, mut other) = (0u32, 0u32);
    for (stored, label) in posts {
        let is_asking = question(&whole(&stored.post)).is_some();
        questions += u32::from(is_asking);
        match label {
            Some(label) => *labelled.entry(*label).or_default() += 1,
            None => {
                other += 1;
                if is_asking {
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
    let unlabelled = by_wording(groups.into_values());
    other -= unlabelled.iter().map(|count| count.posts).sum::<u32>().min(other);
    counts.extend(unlabelled);
    let question_share = if posts.is_empty() { 0.0 } else { f64::from(questions) / posts.len() as f64 };
    Asks { counts, other, question_share }
}

/// Joins groups that ask in the same words. What few individuals ask stays unsaid.
fn by_wording<'a>(groups: impl Iterator<Item = (u32, &'a Stored)>) -> Vec<AskCount> {
    let mut wordings: BTreeMap<String, (u32, bool)> = BTreeMap::new();
    for (posts, stored) in groups {
        let text = whole(&stored.post);
        let Some(sentence) = question(&text) else { continue };
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
    fn questions_and_statements_are_told_apart() {
        for asking in [
            "数据什么时候公布",
            "能不能固定时间公布？",
            "回来要不要报备",
            "学校几点放学",
            "到底是谁说的",
            "停水到几点啊?",
            "请问在哪里看通报",
            "这样做合理吗",
            "为什么两个热线说法不一样",
        ] {
            assert!(is_question(asking), "{asking}");
        }
        for telling in
            ["数据已经公布", "无论如何都要回家", "谁都知道今天停水", "水质恢复正常", "没怎么等就办好了", ""]
        {
            assert!(!is_question(telling), "{telling}");
        }
    }

    #[test]
    fn the_asking_sentence_is_found() {
        assert_eq!(question("今天又停水了。到底几点恢复？孩子要做饭"), Some("到底几点恢复？"));
        assert_eq!(question("今天又停水了。"), None);
    }

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
        let asks = asks(&asked, &["水质".to_owned()]);
        let count = |label: &str, posts| AskCount { label: label.to_owned(), posts };
        assert_eq!(asks.counts, [count("水质", 2), count("停水了几点来水？", 8)]);
        assert_eq!(asks.other, 1);
        assert!((asks.question_share - 9.0 / 11.0).abs() < 1e-9);
    }
}
