//! One spelling for every text and every query: width folded (NFKC), lower case, simplified characters,
//! one space for any run of white space, nothing invisible. Knows characters, no words.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use ferrous_opencc::{OpenCC, config::BuiltinConfig};
use unicode_normalization::{UnicodeNormalization, char::canonical_combining_class};

/// A normalised text that still knows where each of its characters stood in the original.
#[derive(Clone, Debug, Default)]
pub struct Normalized {
    /// The normalised text.
    pub text: String,
    /// Byte offset in `text` of each character, ascending.
    starts: Vec<u32>,
    /// Bytes of the original behind each character.
    origins: Vec<(u32, u32)>,
}

/// The normalised text alone: for matching, where nobody asks where a character came from.
pub fn normalize(original: &str) -> String {
    let mut text = String::with_capacity(original.len());
    fold(original, |char, _| text.push(char));
    text.truncate(text.trim_end().len());
    text
}

/// The same as a list of characters: for code that goes to and fro in a text.
pub(crate) fn normalized_chars(original: &str) -> Vec<char> {
    let mut chars = Vec::with_capacity(original.len() / 2);
    fold(original, |char, _| chars.push(char));
    // Runs of white space are one space already, and there is none at the start.
    chars.pop_if(|last| *last == ' ');
    chars
}

impl Normalized {
    /// Normalises a text and keeps the way back.
    pub fn of(original: &str) -> Normalized {
        let mut normalized = Normalized { text: String::with_capacity(original.len()), ..Default::default() };
        fold(original, |char, origin| {
            normalized.starts.push(normalized.text.len() as u32);
            normalized.origins.push((origin.start as u32, origin.end as u32));
            normalized.text.push(char);
        });
        normalized.text.truncate(normalized.text.trim_end().len());
        normalized
    }

    /// Bytes of the original behind a byte range of the normalised text; whole characters of the
    /// original, so a ligature half matched is marked whole.
    pub fn original(&self, range: Range<usize>) -> Range<usize> {
        let first = self.starts.partition_point(|&start| (start as usize) <= range.start).saturating_sub(1);
        let last = self.starts.partition_point(|&start| (start as usize) < range.end).saturating_sub(1);
        match (self.origins.get(first), self.origins.get(last)) {
            (Some(&(start, _)), Some(&(_, end))) if !range.is_empty() => start as usize..end as usize,
            _ => 0..0,
        }
    }
}

/// Folds cluster by cluster: a character and the marks that combine with it are normalised together,
/// since NFKC may join them into one.
fn fold(original: &str, mut emit: impl FnMut(char, Range<usize>)) {
    let table: &Table = &SIMPLIFIED;
    let simplified = |char| table.simplified(char);
    let mut rest = original.char_indices().peekable();
    // Leading white space is dropped like a run after a space.
    let mut after_space = true;
    while let Some((start, char)) = rest.next() {
        let mut end = start + char.len_utf8();
        while let Some(&(at, mark)) = rest.peek() {
            if !continues(mark) {
                break;
            }
            end = at + mark.len_utf8();
            rest.next();
        }
        let alone = end == start + char.len_utf8();
        let mut put = |char: char| {
            if char.is_whitespace() {
                if !after_space {
                    emit(' ', start..end);
                }
                after_space = true;
            } else {
                emit(char, start..end);
                after_space = false;
            }
        };
        match char {
            _ if alone && char.is_ascii() && !is_invisible(char) => put(char.to_ascii_lowercase()),
            _ if alone && is_plain_ideograph(char) => put(simplified(char)),
            _ => {
                let visible =
                    original.get(start..end).unwrap_or_default().chars().filter(|&it| !is_invisible(it));
                for folded in visible.nfkc() {
                    folded.to_lowercase().for_each(|lower| put(simplified(lower)));
                }
            }
        }
    }
}

/// Whether NFKC may join this character with the one before it, or nobody sees it.
fn continues(char: char) -> bool {
    match char {
        _ if char.is_ascii() && !char.is_ascii_control() || is_plain_ideograph(char) => false,
        // Half-width voiced sound marks and the later letters of a Hangul syllable.
        '\u{FF9E}' | '\u{FF9F}' | '\u{1160}'..='\u{11FF}' => true,
        _ => canonical_combining_class(char) != 0 || is_invisible(char),
    }
}

fn is_plain_ideograph(char: char) -> bool {
    matches!(char, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}')
}

/// Characters nobody sees: zero-width and direction marks, soft hyphen, variation selectors, controls.
/// Spammers put them between the characters of a word.
fn is_invisible(char: char) -> bool {
    (char.is_control() && !char.is_whitespace())
        || matches!(char, '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
            | '\u{E0100}'..='\u{E01EF}')
}

/// Character table taken from OpenCC once: a lookup per character is some hundred times faster than
/// its phrase conversion, and search needs the same answer in every context.
struct Table {
    /// U+3400 to U+9FFF; `'\0'` where the character stays.
    near: Vec<char>,
    /// The few beyond the basic plane.
    far: HashMap<char, char>,
}

impl Table {
    /// The simplified character, or the same one.
    fn simplified(&self, char: char) -> char {
        match char {
            '\u{3400}'..='\u{9FFF}' => {
                self.near.get(char as usize - 0x3400).copied().filter(|&to| to != '\0').unwrap_or(char)
            }
            '\u{20000}'..='\u{323AF}' => self.far.get(&char).copied().unwrap_or(char),
            _ => char,
        }
    }
}

static SIMPLIFIED: LazyLock<Table> = LazyLock::new(|| {
    let near_range = '\u{3400}'..='\u{9FFF}';
    let mut pairs = converted(near_range);
    // The Hong Kong form, which OpenCC takes for a variant of its own.
    pairs.push(('衞', '卫'));
    let mut near = vec!['\0'; 0x9FFF - 0x3400 + 1];
    for (from, to) in pairs {
        if let Some(place) = near.get_mut(from as usize - 0x3400) {
            *place = to;
        }
    }
    Table { near, far: converted('\u{20000}'..='\u{323AF}').into_iter().collect() }
});

/// The characters of a range that have another simplified form of one character.
fn converted(range: std::ops::RangeInclusive<char>) -> Vec<(char, char)> {
    let all: Vec<char> = range.collect();
    // One character per line, so that no phrase rule sees two of them together.
    let lines: String = all.iter().flat_map(|&char| [char, '\n']).collect();
    // The table is compiled in; without it texts keep their traditional characters.
    let Ok(opencc) = OpenCC::from_config(BuiltinConfig::T2s) else { return Vec::new() };
    let simple = opencc.convert(&lines);
    let single = |line: &str| {
        let mut chars = line.chars();
        chars.next().filter(|_| chars.next().is_none())
    };
    let pairs = all.into_iter().zip(simple.split('\n'));
    pairs.filter_map(|(from, line)| single(line).filter(|&to| to != from).map(|to| (from, to))).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_spelling_becomes_one() {
        let cases = [
            ("臺灣", "台湾"),
            ("臺灣衞生數據公佈", "台湾卫生数据公布"),
            ("ＡＢＣ１２３", "abc123"),
            ("Ｎ９５口罩（Ｎ９５）：", "n95口罩(n95):"),
            ("ﬁnal", "final"),
            ("é", "é"),
            ("e\u{301}", "é"),
            ("ｶﾞｷﾞ", "ガギ"),
            ("“数据”公布", "“数据”公布"),
            ("  数据 \u{3000}\t\n 公布  ", "数据 公布"),
            ("数\u{200B}据\u{FEFF}公\u{AD}布", "数据公布"),
            ("😡\u{FE0F}𠮷野家", "😡𠮷野家"),
            ("①②㎡", "12m2"),
            ("", ""),
            (" \u{200B} ", ""),
        ];
        for (original, expected) in cases {
            assert_eq!(normalize(original), expected, "{original:?}");
            assert_eq!(Normalized::of(original).text, expected, "{original:?}");
        }
    }

    #[test]
    fn a_match_is_marked_in_the_original() {
        let cases = [
            ("“數據”公佈😡", "数据", "數據"),
            ("😡😡公布👍", "公布", "公布"),
            ("去𠮷野家吃", "𠮷野", "𠮷野"),
            ("ＡＢＣ数据", "bc数", "ＢＣ数"),
            ("the ﬁnal", "fin", "ﬁn"),
            ("the ﬁnal", "in", "ﬁn"),
            ("cafe\u{301} 一家", "é 一", "e\u{301} 一"),
            ("臺\u{200B}灣人", "台湾", "臺\u{200B}灣"),
            ("数据\n\n公布", "据 公", "据\n\n公"),
        ];
        for (original, wanted, marked) in cases {
            let normalized = Normalized::of(original);
            let at = normalized.text.find(wanted).unwrap();
            let range = normalized.original(at..at + wanted.len());
            // A run of white space stands for its first character; what follows is still right.
            let (start, end) =
                (original.find(marked).unwrap(), original.find(marked).unwrap() + marked.len());
            assert_eq!(range, start..end, "{original:?} {wanted:?}");
        }
    }

    proptest! {
        #[test]
        fn offsets_are_borders_and_both_ways_agree(original in "\\PC{0,40}|[數据臺e\u{301}ﬁ𠮷😡 \u{200B}Ａ]{0,20}") {
            let normalized = Normalized::of(&original);
            prop_assert_eq!(&normalized.text, &normalize(&original));
            for (at, char) in normalized.text.char_indices() {
                let range = normalized.original(at..at + char.len_utf8());
                prop_assert!(original.get(range.clone()).is_some_and(|slice| !slice.is_empty()));
            }
        }

        #[test]
        fn normalising_twice_changes_nothing(original in "[數据臺灣ＡbＣ１２e\u{301}ﬁ𠮷😡 \u{200B}\u{3000}（）“”ｶﾞ]{0,20}") {
            let once = normalize(&original);
            prop_assert_eq!(normalize(&once), once);
        }
    }
}
