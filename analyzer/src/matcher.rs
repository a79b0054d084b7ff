//! The words of concerns on a text: all parts of an entry as exact substrings, any entry enough, none of
//! `not`. Decides for live counting what the index answers for history; both must agree.

use std::collections::HashMap;

use aho_corasick::{AhoCorasick, MatchKind};
use crawler::post::Post;

use crate::concern::{Concern, Scope};
use crate::normalize::normalize;

/// A post normalised once, for any number of concerns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// Normalised title.
    pub title: String,
    /// Normalised body.
    pub text: String,
}

/// One concern ready to match. For many concerns use [`Matchers`], which reads a text once for all.
#[derive(Clone, Debug)]
pub struct Matcher {
    matchers: Matchers,
}

/// Many concerns ready to match: one pass over a text finds all their words.
#[derive(Clone, Debug)]
pub struct Matchers {
    /// `None` if there is no word at all.
    automaton: Option<AhoCorasick>,
    /// Distinct parts; the automaton's patterns.
    parts: usize,
    concerns: Vec<Rules>,
}

/// An entry as typed, and the numbers of its parts.
#[derive(Clone, Debug)]
struct Entry {
    typed: String,
    parts: Vec<usize>,
}

#[derive(Clone, Debug)]
struct Rules {
    scope: Scope,
    words: Vec<Entry>,
    not: Vec<Entry>,
    asks: Vec<Vec<Entry>>,
}

/// Which parts a text has: bit 0 in the title, bit 1 in the body.
struct Found(Vec<u8>);

const IN_TITLE: u8 = 1;
const IN_TEXT: u8 = 2;

impl Text {
    /// Normalises title and body of a post.
    pub fn of(post: &Post) -> Text {
        Text::from_parts(&post.title, &post.text)
    }

    /// Normalises a title and a body.
    pub fn from_parts(title: &str, text: &str) -> Text {
        Text { title: normalize(title), text: normalize(text) }
    }
}

impl Matcher {
    /// Prepares one concern.
    pub fn new(concern: &Concern) -> Matcher {
        Matcher { matchers: Matchers::new(std::slice::from_ref(concern)) }
    }

    /// Whether the text belongs to the concern.
    pub fn matches(&self, text: &Text) -> bool {
        !self.matchers.matching(text).is_empty()
    }

    /// The entries of `words` that the text has, as typed; empty if a `not` entry rules it out.
    pub fn matched_words(&self, text: &Text) -> Vec<String> {
        self.matchers.matched_words(0, text)
    }

    /// The `not` entries that the text has, as typed.
    pub fn refusing_words(&self, text: &Text) -> Vec<String> {
        self.matchers.refusing_words(0, text)
    }

    /// Numbers of the asks (`Concern::asks`) that the text matches; does not ask whether the concern does.
    pub fn asks(&self, text: &Text) -> Vec<usize> {
        self.matchers.asks(0, text)
    }
}

impl Matchers {
    /// Prepares a list of concerns. An entry without any character never matches.
    pub fn new(concerns: &[Concern]) -> Matchers {
        let mut numbers = HashMap::new();
        let mut entries = |typed: &[String]| -> Vec<Entry> {
            typed.iter().filter_map(|typed| Entry::new(typed, &mut numbers)).collect()
        };
        let concerns = concerns
            .iter()
            .map(|concern| Rules {
                scope: concern.scope,
                words: entries(&concern.words),
                not: entries(&concern.not),
                asks: concern.asks.iter().map(|ask| entries(&ask.words)).collect(),
            })
            .collect();
        let mut parts: Vec<(String, usize)> = numbers.into_iter().collect();
        parts.sort_by_key(|&(_, number)| number);
        let patterns = parts.iter().map(|(part, _)| part);
        // Building fails only beyond two thousand million states; then nothing matches.
        let automaton = AhoCorasick::builder().match_kind(MatchKind::Standard).build(patterns).ok();
        Matchers { automaton: automaton.filter(|_| !parts.is_empty()), parts: parts.len(), concerns }
    }

    /// Numbers of the concerns that the text belongs to, ascending.
    pub fn matching(&self, text: &Text) -> Vec<usize> {
        let Some(found) = self.find(text) else { return Vec::new() };
        let concerns = self.concerns.iter().enumerate();
        concerns.filter(|(_, rules)| rules.match_found(&found)).map(|(number, _)| number).collect()
    }

    /// The entries of a concern's `words` that the text has, as typed; empty if it does not belong there.
    pub fn matched_words(&self, concern: usize, text: &Text) -> Vec<String> {
        let (Some(rules), Some(found)) = (self.concerns.get(concern), self.find(text)) else {
            return Vec::new();
        };
        if !rules.match_found(&found) {
            return Vec::new();
        }
        typed(rules.words.iter().filter(|entry| found.has(entry, rules.scope)))
    }

    /// The entries of a concern's `not` that the text has, as typed.
    pub fn refusing_words(&self, concern: usize, text: &Text) -> Vec<String> {
        let (Some(rules), Some(found)) = (self.concerns.get(concern), self.find(text)) else {
            return Vec::new();
        };
        typed(rules.not.iter().filter(|entry| found.has(entry, rules.scope)))
    }

    /// Numbers of a concern's asks that the text matches, ascending.
    pub fn asks(&self, concern: usize, text: &Text) -> Vec<usize> {
        let (Some(rules), Some(found)) = (self.concerns.get(concern), self.find(text)) else {
            return Vec::new();
        };
        let asks = rules.asks.iter().enumerate();
        asks.filter(|(_, entries)| entries.iter().any(|entry| found.has(entry, rules.scope)))
            .map(|(number, _)| number)
            .collect()
    }

    /// `None` if the text has not a single part.
    fn find(&self, text: &Text) -> Option<Found> {
        let automaton = self.automaton.as_ref()?;
        let mut found = vec![0; self.parts];
        let mut any = false;
        for (haystack, place) in [(&text.title, IN_TITLE), (&text.text, IN_TEXT)] {
            for part in automaton.find_overlapping_iter(haystack) {
                if let Some(places) = found.get_mut(part.pattern().as_usize()) {
                    *places |= place;
                    any = true;
                }
            }
        }
        any.then_some(Found(found))
    }
}

impl Entry {
    fn new(typed: &str, numbers: &mut HashMap<String, usize>) -> Option<Entry> {
        let mut parts = Vec::new();
        for part in split_entry(typed) {
            let next = numbers.len();
            parts.push(*numbers.entry(part).or_insert(next));
        }
        (!parts.is_empty()).then(|| Entry { typed: typed.to_owned(), parts })
    }
}

impl Rules {
    fn match_found(&self, found: &Found) -> bool {
        self.words.iter().any(|entry| found.has(entry, self.scope))
            && !self.not.iter().any(|entry| found.has(entry, self.scope))
    }
}

impl Found {
    fn has(&self, entry: &Entry, scope: Scope) -> bool {
        let places = match scope {
            Scope::All => IN_TITLE | IN_TEXT,
            Scope::Title => IN_TITLE,
        };
        entry.parts.iter().all(|&part| self.0.get(part).is_some_and(|found| found & places != 0))
    }
}

/// The parts of an entry, normalised: what stands between its spaces.
pub fn split_entry(typed: &str) -> Vec<String> {
    normalize(typed).split(' ').filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

fn typed<'a>(entries: impl Iterator<Item = &'a Entry>) -> Vec<String> {
    entries.map(|entry| entry.typed.clone()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::concern::AskRule;

    fn concern(words: &[&str], not: &[&str], scope: Scope) -> Concern {
        let owned = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
        Concern {
            words: owned(words),
            not: owned(not),
            scope,
            asks: vec![
                AskRule { label: "何时".into(), words: owned(&["什么时候", "几点"]) },
                AskRule { label: "何处".into(), words: owned(&["哪里 看"]) },
            ],
            ..Concern::named("测试")
        }
    }

    #[test]
    fn words_not_and_scope() {
        let words = ["数据 公布", "情況 說明", "ＣＯＶＩＤ"];
        let not = ["天气 数据", "数据线"];
        let cases = [
            ("数据何时公布", "", true, true),
            ("公布了没有", "全市数据", true, false),
            ("", "數據什麼時候公佈", true, false),
            ("公布数据线价格", "", false, false),
            ("数据公布", "明天天气", false, true),
            ("数 据公布", "", false, false),
            ("情况已说明", "", true, true),
            ("covid-19", "", true, true),
            ("", "", false, false),
        ];
        for (title, text, all, title_only) in cases {
            let post = Text::from_parts(title, text);
            assert_eq!(
                Matcher::new(&concern(&words, &not, Scope::All)).matches(&post),
                all,
                "{title} {text}"
            );
            let in_title = Matcher::new(&concern(&words, &not, Scope::Title));
            assert_eq!(in_title.matches(&post), title_only, "title only: {title} {text}");
        }
    }

    #[test]
    fn tells_which_entries_and_asks_matched() {
        let matcher = Matcher::new(&concern(&["数据 公布", "通报"], &["广告"], Scope::All));
        let post = Text::from_parts("数据什么时候公布？", "在哪里能看通报");
        assert_eq!(matcher.matched_words(&post), ["数据 公布", "通报"]);
        assert_eq!(matcher.asks(&post), [0, 1]);
        let spam = Text::from_parts("数据公布", "广告");
        assert_eq!(matcher.matched_words(&spam), Vec::<String>::new());
        assert_eq!(matcher.refusing_words(&spam), ["广告"]);
    }

    #[test]
    fn an_empty_entry_matches_nothing() {
        let matcher = Matcher::new(&concern(&["", "  ", "\u{200B}"], &[""], Scope::All));
        assert!(!matcher.matches(&Text::from_parts("数据", "公布")));
    }

    #[test]
    fn a_part_inside_another_is_found_too() {
        let concerns = [
            concern(&["核酸检测"], &[], Scope::All),
            concern(&["酸检"], &[], Scope::All),
            concern(&["核酸"], &["检测"], Scope::All),
        ];
        assert_eq!(Matchers::new(&concerns).matching(&Text::from_parts("做核酸检测", "")), [0, 1]);
        assert!(Matchers::new(&[]).matching(&Text::from_parts("做核酸检测", "")).is_empty());
    }

    proptest! {
        #[test]
        fn many_at_once_agree_with_plain_substrings(
            title in "[数据公布a ]{0,8}", text in "[数据公布a ]{0,12}",
            words in proptest::collection::vec("[数据公布a ]{0,4}", 0..4),
            not in proptest::collection::vec("[数据公布a]{1,3}", 0..2),
        ) {
            let borrowed = |list: &[String]| list.iter().map(|word| word.to_owned()).collect::<Vec<_>>();
            let mut one = concern(&[], &[], Scope::All);
            (one.words, one.not) = (borrowed(&words), borrowed(&not));
            let post = Text::from_parts(&title, &text);
            let has = |entry: &String| {
                let parts = split_entry(entry);
                !parts.is_empty() && parts.iter().all(|part| post.title.contains(part) || post.text.contains(part))
            };
            let expected = words.iter().any(has) && !not.iter().any(has);
            prop_assert_eq!(Matcher::new(&one).matches(&post), expected);
        }
    }
}
