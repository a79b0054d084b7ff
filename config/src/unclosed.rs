//! A list without its closing bracket: found where the next setting or section begins, before the
//! parser swallows the rest of the file.

use std::ops::Range;

const TRIPLE: &str = "\"\"\"";
const TRIPLE_LITERAL: &str = "'''";

/// A list that is still open where a setting or a section begins, or where the text ends.
#[derive(Debug, PartialEq)]
pub(crate) struct Unclosed {
    /// The opening bracket.
    pub(crate) bracket: Range<usize>,
    /// From its key to where the next setting or section begins.
    pub(crate) value: Range<usize>,
    /// A string in it that is not closed on its line, and so may have swallowed the bracket.
    pub(crate) string: Option<Range<usize>>,
}

/// What is open at some place of the text.
#[derive(Default)]
struct Open {
    brackets: Vec<(char, usize)>,
    multi_line: Option<&'static str>,
    string: Option<Range<usize>>,
}

/// The first such list of a text whose punctuation is ASCII.
pub(crate) fn first_unclosed(text: &str) -> Option<Unclosed> {
    let mut open = Open::default();
    let mut key = 0;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if open.multi_line.is_none() {
            match open.brackets.last() {
                None => {
                    key = start;
                    open.string = None;
                }
                Some(('[', bracket)) if begins_something_else(line) => {
                    return Some(Unclosed {
                        bracket: *bracket..bracket + 1,
                        value: key..start,
                        string: open.string,
                    });
                }
                Some(_) => {}
            }
        }
        // The brackets of a heading are no list.
        if open.brackets.is_empty() && is_heading(line) {
            key = start;
        } else {
            open.walk(line, start);
        }
        start += line.len();
    }
    let (_, bracket) = open.brackets.iter().rev().find(|(bracket, _)| *bracket == '[')?;
    Some(Unclosed { bracket: *bracket..bracket + 1, value: key..text.len(), string: open.string })
}

impl Open {
    /// Follows the brackets of a line, over strings and remarks.
    fn walk(&mut self, line: &str, start: usize) {
        let mut at = 0;
        while let Some(rest) = line.get(at..).filter(|rest| !rest.is_empty()) {
            if let Some(delimiter) = self.multi_line {
                let Some(found) = rest.find(delimiter) else { return };
                at += found + delimiter.len();
                self.multi_line = None;
                continue;
            }
            let Some(character) = rest.chars().next() else { return };
            match character {
                '#' => return,
                '"' if rest.starts_with(TRIPLE) => {
                    self.multi_line = Some(TRIPLE);
                    at += TRIPLE.len();
                }
                '\'' if rest.starts_with(TRIPLE_LITERAL) => {
                    self.multi_line = Some(TRIPLE_LITERAL);
                    at += TRIPLE_LITERAL.len();
                }
                '"' | '\'' => {
                    let length = string_length(rest, character);
                    if length == rest.len() && (length < 2 || !rest.ends_with(character)) {
                        self.string = Some(start + at..start + at + rest.trim_end().len());
                    }
                    at += length;
                }
                _ => {
                    match character {
                        '[' | '{' => self.brackets.push((character, start + at)),
                        ']' | '}' => {
                            self.brackets.pop();
                        }
                        _ => {}
                    }
                    at += character.len_utf8();
                }
            }
        }
    }
}

fn string_length(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, character) in rest.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if character == '\\' && quote == '"' {
            escaped = true;
        } else if character == quote {
            return at + 1;
        }
    }
    rest.len()
}

/// `[section]` or `key = …`, neither of which can stand inside a list.
fn begins_something_else(line: &str) -> bool {
    let line = line.trim_start();
    let key_length = match line.chars().next() {
        Some(quote @ ('"' | '\'')) => string_length(line, quote),
        _ => line.find(|character| !is_bare(character)).unwrap_or(line.len()),
    };
    let after = line.get(key_length..).unwrap_or_default().trim_start();
    is_heading(line) || (key_length > 0 && after.starts_with('='))
}

fn is_heading(line: &str) -> bool {
    let line = line.trim();
    let name = line.trim_start_matches('[');
    let is_bracketed = name.len() < line.len();
    let name = name.split('#').next().unwrap_or_default().trim_end();
    let bare = name.trim_end_matches(']');
    let begins_with_letter = bare.chars().next().is_some_and(|character| character.is_ascii_alphabetic());
    is_bracketed
        && begins_with_letter
        && bare.len() < name.len()
        && bare.chars().all(|c| is_bare(c) || c == '.')
}

fn is_bare(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_' || character == '-'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_unclosed_where_something_else_begins() {
        let text = "[[concern]]\nname = \"x]\"\nwords = [\n  \"a\", # [\n\n[concern.levels]\nvoices = 3\n";
        let found = first_unclosed(text).unwrap();
        assert_eq!(&text[found.bracket], "[");
        assert_eq!(&text[found.value], "words = [\n  \"a\", # [\n\n");
        let text = "not = [\"a\", \"b\"\nadvice = \"c\"\n";
        assert_eq!(&text[first_unclosed(text).unwrap().value], "not = [\"a\", \"b\"\n");
        let text = "not = [\"a\", b\"]\nadvice = \"c\"\n";
        assert_eq!(&text[first_unclosed(text).unwrap().string.unwrap()], "\"]");
    }

    #[test]
    fn lists_and_tables_over_several_lines_are_sound() {
        for sound in [
            "[a]\nx = [\n  [\"b\", \"c\"],\n  [1],\n]\n[d]\n",
            "x = {\n  a = 1,\n  b = [2] }\n",
            "x = [{ a = 1 },\n { b = 2 }]\n[[y]]\n",
            "x = \"\"\"\n[\na = 1\n\"\"\"\n",
            "",
        ] {
            assert_eq!(first_unclosed(sound), None, "{sound}");
        }
    }
}
