//! From text to a TOML table, whatever the text looks like. Full-width punctuation is read as what
//! was meant; a broken line is reported and left out, so that the other mistakes still show.

use std::ops::Range;

use toml::de::DeTable;

use crate::document::Document;
use crate::problem::{Mistake, Words};
use crate::punctuation::{self, Replacement};
use crate::unclosed::first_unclosed;

/// Broken lines are left out one by one; a file with more than these is not TOML at all.
const MOST_BROKEN_LINES: usize = 100;

/// The text as it was meant, byte for byte as long as the text as written: places stay true.
pub(crate) struct Meant {
    /// Text for the parser.
    pub(crate) text: String,
    /// Full-width punctuation that was read as ASCII.
    pub(crate) replaced: Vec<Replacement>,
    /// Everything that is not TOML.
    pub(crate) mistakes: Vec<(Range<usize>, Mistake)>,
}

/// Reads what was meant. Afterwards the text parses as far as the parser can recover.
pub(crate) fn understand(document: &Document) -> Meant {
    let replaced = punctuation::scan(&document.text);
    let mut text = punctuation::in_place(&document.text, &replaced);
    let mut mistakes = Vec::new();
    close_lists(&mut text, &mut mistakes);
    for _ in 0..MOST_BROKEN_LINES {
        let (_, errors) = DeTable::parse_recoverable(&text);
        // After such a line the parser gives up on the rest of the file; the others it survives.
        let Some(fatal) = errors.iter().find(|error| error.message().starts_with("key with no value")) else {
            mistakes.extend(errors.iter().map(|error| explain(error, &text)));
            break;
        };
        let line = line_around(&text, fatal.span().unwrap_or_default().start);
        let content = trimmed(&text, line.clone());
        let message = Words::new("这一行缺少等号", "this line has no equals sign");
        let label =
            Words::new("写成 名称 = 值；说明文字前面要加 #", "write name = value, or # before a remark");
        mistakes.push((content, Mistake::new("syntax", message, label)));
        blank(&mut text, line);
    }
    mistakes.sort_by_key(|(span, _)| (span.start, span.end));
    mistakes.dedup_by_key(|(span, _)| line_around(&document.text, span.start).start);
    Meant { text, replaced, mistakes }
}

/// A list that is still open where the next section begins would swallow it: it is reported at its
/// bracket and closed.
fn close_lists(text: &mut String, mistakes: &mut Vec<(Range<usize>, Mistake)>) {
    for _ in 0..MOST_BROKEN_LINES {
        let Some(unclosed) = first_unclosed(text) else { return };
        let mistake = match unclosed.string {
            Some(string) => (string, missing_quote()),
            None => {
                let message = Words::new("这个 [ 没有配上 ]", "this [ has no ] to close it");
                let label = Words::new("从这里开始", "opened here");
                let mistake = Mistake::new("syntax", message, label);
                (unclosed.bracket, mistake.help("在列表最后加上 ]", "close the list with ]"))
            }
        };
        mistakes.push(mistake);
        close(text, unclosed.value);
    }
}

fn missing_quote() -> Mistake {
    let message = Words::new("引号没有配对", "a quote is missing");
    let label = Words::new("这里缺一个引号，或者多了一个", "a quote is missing here, or one is too many");
    Mistake::new("syntax", message, label)
}

/// Closes a list where there is a byte to spare behind its last element, else leaves it out. Either
/// way the text keeps its length up to here, so that places stay true.
fn close(text: &mut String, value: Range<usize>) {
    let written = text.get(value.clone()).unwrap_or_default();
    let last_line = written.trim_end().rfind('\n').map_or(0, |newline| newline + 1);
    let has_remark = written.get(last_line..).unwrap_or_default().contains('#');
    let content = value.start + written.trim_end().len();
    let spare = text.as_bytes().get(content..content + 2).unwrap_or_default();
    let has_comma = text.get(..content).is_some_and(|before| before.ends_with(','));
    if has_remark {
        blank(text, value);
    } else if has_comma {
        text.replace_range(content - 1..content, "]");
    } else if content == text.len() {
        text.push(']');
    } else if matches!(spare, [b' ' | b'\t' | b'\r', _]) {
        text.replace_range(content..content + 1, "]");
    } else if matches!(spare, [b'\n', b' ' | b'\t' | b'\r' | b'\n']) {
        text.replace_range(content..content + 2, "]\n");
    } else {
        blank(text, value);
    }
}

/// Replaces a range by spaces, keeping line ends.
fn blank(text: &mut String, range: Range<usize>) {
    let Some(old) = text.get(range.clone()) else { return };
    let new: String = old.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }).collect();
    text.replace_range(range, &new);
}

fn line_around(text: &str, index: usize) -> Range<usize> {
    let index = index.min(text.len());
    let start = text.as_bytes().iter().take(index).rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let length = text.as_bytes().iter().skip(start).position(|byte| *byte == b'\n');
    start..length.map_or(text.len(), |length| start + length)
}

fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let line = text.get(range.clone()).unwrap_or_default();
    let start = range.start + (line.len() - line.trim_start().len());
    start..start + line.trim().len()
}

/// The parser's words in ours.
fn explain(error: &toml::de::Error, text: &str) -> (Range<usize>, Mistake) {
    let span = error.span().unwrap_or_default();
    let english = error.message();
    let (zh, en, label_zh, label_en) = match english.split(',').next().unwrap_or_default() {
        "duplicate key" => {
            ("这一项写了两次", "this is written twice", "删掉其中一处", "delete one of the two")
        }
        "string values must be quoted"
            if text.get(span.clone()).is_none_or(|word| word.trim().is_empty()) =>
        {
            (
                "等号后面没有值",
                "no value after the equals sign",
                "写上值，或删掉这一行",
                "give a value, or delete the line",
            )
        }
        "string values must be quoted" => {
            ("文字两边缺少引号", "text must stand in quotes", "写成 \"…\"", "write \"…\"")
        }
        "invalid basic string"
        | "invalid literal string"
        | "invalid multi-line basic string"
        | "invalid multi-line literal string" => return (span, missing_quote()),
        "missing comma between array elements" | "missing comma between key-value pairs" => {
            ("两项之间缺少逗号", "a comma is missing", "在这里加 ,", "put a , here")
        }
        "extra comma in array" | "extra comma in inline table" => {
            ("多了一个逗号", "there is one comma too many", "删掉它", "delete it")
        }
        "unclosed array" => ("列表没有结束", "the list is not closed", "加上 ]", "close it with ]"),
        "unclosed table" | "unclosed array table" => {
            ("段名的方括号没有配对", "the heading is not closed", "加上 ]", "close it with ]")
        }
        "unclosed inline table" => {
            ("花括号没有配对", "the braces are not closed", "加上 }", "close it with }")
        }
        "invalid unquoted key" => {
            ("中文名称两边要加英文引号", "such a name must stand in quotes", "写成 \"…\"", "write \"…\"")
        }
        "unexpected leading zero" => {
            ("数字前面不能有 0", "a number must not begin with 0", "去掉前面的 0", "drop the 0")
        }
        _ => {
            let message = Words::new("这一行的写法不对", format!("this is not valid: {english}"));
            let label = Words::new(format!("解析器说：{english}"), "here");
            return (span, Mistake::new("syntax", message, label));
        }
    };
    let code = if english.starts_with("duplicate key") { "duplicate-key" } else { "syntax" };
    (span, Mistake::new(code, Words::new(zh, en), Words::new(label_zh, label_en)))
}
