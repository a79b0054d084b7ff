//! Puts normalised text into words: jieba with the shipped lexicon and that of the installation.
//! Knows no index and counts nothing.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use jieba_rs::Jieba;

use crate::normalize::normalize;

const LEXICON: &str = include_str!("../data/lexicon.txt");
const STOPWORDS: &str = include_str!("../data/stopwords.txt");

/// A dictionary in memory; cloning it is cheap. Loading takes a moment: do it once.
#[derive(Clone)]
pub struct Segmenter {
    shared: Arc<Shared>,
}

struct Shared {
    jieba: Jieba,
    stopwords: HashSet<String>,
    still_split: Vec<String>,
}

impl Segmenter {
    /// Loads jieba's dictionary, the shipped lexicon, then the given ones (contents of files: a word a
    /// line, `#` for remarks; what follows the word is ignored, for the frequency is computed).
    pub fn new(lexicons: &[&str]) -> Segmenter {
        let mut jieba = Jieba::new();
        let mut words: Vec<String> =
            std::iter::once(&LEXICON).chain(lexicons).flat_map(|file| entries(file)).collect();
        words.sort();
        words.dedup();
        for word in &words {
            let frequency = jieba.suggest_freq(word);
            jieba.add_word(word, Some(frequency), None);
        }
        // A word added later can pull the parts of an earlier one together.
        let mut still_split = Vec::new();
        for word in words {
            if is_whole(&jieba, &word) {
                continue;
            }
            let frequency = jieba.suggest_freq(&word);
            jieba.add_word(&word, Some(frequency), None);
            if !is_whole(&jieba, &word) {
                still_split.push(word);
            }
        }
        let stopwords = entries(STOPWORDS).collect();
        Segmenter { shared: Arc::new(Shared { jieba, stopwords, still_split }) }
    }

    /// Lexicon words that segmentation still cuts, normalised: those with signs inside, as a rule.
    pub fn still_split(&self) -> &[String] {
        &self.shared.still_split
    }

    /// Words of a normalised text for search, with their bytes: long words and the shorter ones inside.
    pub fn search_words<'a>(&self, normalized: &'a str) -> Vec<(&'a str, Range<usize>)> {
        let tokens = self.shared.jieba.cut_for_search(normalized, true).into_iter();
        tokens.filter(|token| is_word(token.word)).map(|it| (it.word, it.byte_start..it.byte_end)).collect()
    }

    /// A normalised text cut into words once, none inside another; signs left out.
    pub fn parts<'a>(&self, normalized: &'a str) -> Vec<&'a str> {
        let tokens = self.shared.jieba.cut(normalized, true).into_iter().map(|token| token.word);
        tokens.filter(|word| is_word(word)).collect()
    }

    /// Words of a normalised text for statistics, in their order: two characters or more, neither
    /// stopwords nor bare numbers.
    pub fn words<'a>(&self, normalized: &'a str) -> Vec<&'a str> {
        self.parts(normalized).into_iter().filter(|word| self.counts(word)).collect()
    }

    /// How often a normalised word stands in the sixty million words of ordinary text that the dictionary counted;
    /// an unknown one as often as its parts make likely.
    pub fn frequency(&self, word: &str) -> u64 {
        if word.is_empty() { 1 } else { self.shared.jieba.suggest_freq(word) as u64 }
    }

    fn counts(&self, word: &str) -> bool {
        word.chars().nth(1).is_some()
            && word.chars().any(char::is_alphabetic)
            && !self.shared.stopwords.contains(word)
    }
}

impl std::fmt::Debug for Segmenter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Segmenter").field("still_split", &self.shared.still_split).finish_non_exhaustive()
    }
}

/// Words of a word file, normalised. A BOM and CRLF line ends do no harm.
fn entries(file: &str) -> impl Iterator<Item = String> {
    let lines = file.trim_start_matches('\u{FEFF}').lines().map(|line| line.trim());
    let first = |line: &str| line.split_whitespace().next().map(normalize).filter(|word| !word.is_empty());
    lines.filter(|line| !line.starts_with('#')).filter_map(first)
}

fn is_whole(jieba: &Jieba, word: &str) -> bool {
    matches!(jieba.cut(word, true).as_slice(), [only] if only.word == word)
}

fn is_word(token: &str) -> bool {
    token.chars().any(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;

    static SHIPPED: LazyLock<Segmenter> = LazyLock::new(|| Segmenter::new(&[]));

    #[test]
    fn shipped_words_stay_whole() {
        assert_eq!(SHIPPED.still_split(), Vec::<String>::new());
        let cases = [
            ("返京人员要做核酸检测吗", vec!["返京人员", "核酸检测"]),
            ("健康码弹窗怎么办", vec!["健康码", "弹窗"]),
            ("防疫不能层层加码", vec!["防疫", "层层加码"]),
        ];
        for (text, words) in cases {
            assert_eq!(SHIPPED.words(text), words, "{text}");
        }
    }

    #[test]
    fn a_word_file_may_have_bom_crlf_and_remarks() {
        let file = "\u{FEFF}青岚湾畔\r\n# 新区\r\n\r\n岚安码 3 n\r\n甲，乙\r\n";
        let segmenter = Segmenter::new(&[file]);
        assert_eq!(segmenter.words("青岚湾畔小区用岚安码"), ["青岚湾畔", "小区", "岚安码"]);
        assert_eq!(segmenter.still_split(), ["甲,乙"]);
    }

    #[test]
    fn offsets_are_bytes_on_character_borders() {
        let text = "“数据”公布😡，𠮷野家abc１２，北京市卫生健康委员会";
        for (word, range) in SHIPPED.search_words(text) {
            assert_eq!(text.get(range), Some(word));
        }
        let words: Vec<&str> = SHIPPED.search_words(text).into_iter().map(|(word, _)| word).collect();
        assert!(words.contains(&"委员会") && words.contains(&"数据"), "{words:?}");
        assert!(!words.contains(&"，") && !words.contains(&"😡"));
    }
}
