//! Chinese punctuation where TOML wants ASCII: found outside strings and remarks only, and read as
//! what was meant. Line by line, since only multi-line strings reach over a line.

use std::ops::Range;

/// One place where other characters were meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Replacement {
    /// Bytes in the text as written.
    pub(crate) range: Range<usize>,
    /// What was meant.
    pub(crate) meant: String,
    /// An opening quote: what fills the missing bytes must stand before it, outside the string.
    opens: bool,
}

/// All replacements, in order.
pub(crate) fn scan(text: &str) -> Vec<Replacement> {
    let mut replacements = Vec::new();
    let mut multi_line = None;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let mut scanner = Scanner::new(line, start, multi_line);
        scanner.run();
        if !scanner.is_sound {
            // The quotes do not match as they stand: somebody closed an ASCII quote with ”.
            scanner = Scanner::new(line, start, multi_line);
            scanner.is_lenient = true;
            scanner.run();
        }
        multi_line = scanner.multi_line;
        replacements.extend(scanner.replacements);
        start += line.len();
    }
    replacements
}

/// The text with ASCII in place of full-width characters, as many bytes as before: padded with
/// spaces where those mean nothing.
pub(crate) fn in_place(text: &str, replacements: &[Replacement]) -> String {
    replace(text, replacements, |replacement| {
        let width = replacement.range.len();
        let meant = &replacement.meant;
        if replacement.opens { format!("{meant:>width$}") } else { format!("{meant:<width$}") }
    })
}

/// The text as it should be written.
pub(crate) fn mended(text: &str, replacements: &[Replacement]) -> String {
    replace(text, replacements, |replacement| replacement.meant.clone())
}

fn replace(text: &str, replacements: &[Replacement], with: impl Fn(&Replacement) -> String) -> String {
    let mut mended = String::with_capacity(text.len());
    let mut done = 0;
    for replacement in replacements {
        mended.push_str(text.get(done..replacement.range.start).unwrap_or_default());
        mended.push_str(&with(replacement));
        done = replacement.range.end;
    }
    mended.push_str(text.get(done..).unwrap_or_default());
    mended
}

/// Walks over one line.
struct Scanner {
    characters: Vec<(usize, char)>,
    /// Byte after the last character.
    end: usize,
    next: usize,
    /// Delimiter of the multi-line string the line begins or ends in.
    multi_line: Option<char>,
    /// An equals sign has been seen.
    assigned: bool,
    /// ASCII strings may be closed by a Chinese quote.
    is_lenient: bool,
    /// Every string is closed, and followed by what may follow a string.
    is_sound: bool,
    replacements: Vec<Replacement>,
}

impl Scanner {
    fn new(line: &str, start: usize, multi_line: Option<char>) -> Scanner {
        let content = line.trim_end_matches(['\n', '\r']);
        Scanner {
            characters: content.char_indices().map(|(at, character)| (start + at, character)).collect(),
            end: start + content.len(),
            next: 0,
            multi_line,
            assigned: false,
            is_lenient: false,
            is_sound: true,
            replacements: Vec::new(),
        }
    }

    fn run(&mut self) {
        while let Some(character) = self.peek(0) {
            if let Some(delimiter) = self.multi_line {
                self.skip_multi_line(delimiter);
                continue;
            }
            match character {
                '#' => return,
                '＃' => {
                    self.replace(1, "#");
                    return;
                }
                '"' | '\'' if self.is_triple(character) => {
                    self.multi_line = Some(character);
                    self.next += 3;
                }
                '"' | '\'' => self.skip_ascii_string(character),
                '“' | '”' | '＂' | '「' | '『' => self.chinese_string('"'),
                '‘' | '’' | '＇' => self.chinese_string('\''),
                _ => self.outside(character),
            }
        }
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.characters.get(self.next + ahead).map(|(_, character)| *character)
    }

    fn is_triple(&self, quote: char) -> bool {
        self.peek(1) == Some(quote) && self.peek(2) == Some(quote)
    }

    fn skip_multi_line(&mut self, delimiter: char) {
        while let Some(character) = self.peek(0) {
            if character == '\\' && delimiter == '"' {
                self.next += 2;
            } else if character == delimiter && self.is_triple(delimiter) {
                self.next += 3;
                self.multi_line = None;
                return;
            } else {
                self.next += 1;
            }
        }
    }

    fn skip_ascii_string(&mut self, quote: char) {
        let open = self.next;
        if self.is_lenient && quote == '"' {
            let closing = (open + 1..self.characters.len())
                .find(|at| self.is_quote(*at, "\"“”＂") && self.delimiter_follows(*at));
            if let Some(closing) = closing {
                self.close(closing, '"');
                return;
            }
        }
        self.next += 1;
        while let Some(character) = self.peek(0) {
            let escapes = character == '\\' && quote == '"';
            self.next += if escapes { 2 } else { 1 };
            if character == quote {
                self.is_sound &= self.delimiter_follows(self.next - 1);
                return;
            }
        }
        self.is_sound = false;
    }

    /// A string that opens with a Chinese quote. Quotes inside it may nest; clerks also open and
    /// close with the same sign.
    fn chinese_string(&mut self, ascii: char) {
        let open = self.next;
        let closers = if ascii == '"' { "“”＂\"」』" } else { "‘’＇'" };
        let all = || open + 1..self.characters.len();
        let closing = self
            .nested_close(open)
            .filter(|at| self.delimiter_follows(*at))
            .or_else(|| all().find(|at| self.is_quote(*at, closers) && self.delimiter_follows(*at)))
            .or_else(|| all().find(|at| self.is_quote(*at, closers)));
        let Some(closing) = closing else {
            self.next = self.characters.len();
            self.is_sound = false;
            return;
        };
        self.replace(1, if ascii == '"' { "\"" } else { "'" });
        if let Some(last) = self.replacements.last_mut() {
            last.opens = true;
        }
        self.close(closing, ascii);
    }

    /// Where the quote that opens here closes, if the pairs are right.
    fn nested_close(&self, open: usize) -> Option<usize> {
        let (_, opening) = *self.characters.get(open)?;
        let closing = match opening {
            '“' => '”',
            '‘' => '’',
            '「' => '」',
            '『' => '』',
            _ => return None,
        };
        let mut depth = 0_usize;
        for (at, (_, character)) in self.characters.iter().enumerate().skip(open) {
            if *character == opening {
                depth += 1;
            } else if *character == closing {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(at);
                }
            }
        }
        None
    }

    fn close(&mut self, closing: usize, ascii: char) {
        self.next = closing;
        if self.peek(0) == Some(ascii) {
            self.next += 1;
        } else {
            self.replace(1, if ascii == '"' { "\"" } else { "'" });
        }
    }

    fn is_quote(&self, at: usize, quotes: &str) -> bool {
        self.characters.get(at).is_some_and(|(_, character)| quotes.contains(*character))
    }

    /// What may follow a string stands after this place, or nothing at all.
    fn delimiter_follows(&self, at: usize) -> bool {
        let rest = self.characters.iter().skip(at + 1).map(|(_, character)| *character);
        let next = rest.into_iter().find(|character| !character.is_whitespace());
        next.is_none_or(|next| ",，、；]］】}｝=＝：.．#＃".contains(next))
    }

    fn outside(&mut self, character: char) {
        if is_word(character) {
            self.run_of(|character, assigned| {
                is_word(character) || (assigned && ":：.．".contains(character))
            });
        } else if "[［【".contains(character) {
            self.run_of(|character, _| "[［【".contains(character));
        } else if "]］】".contains(character) {
            self.run_of(|character, _| "]］】".contains(character));
        } else {
            let meant = match character {
                '，' | '、' | '；' => ",",
                '＝' => "=",
                '：' if self.assigned => ":",
                '：' => "=",
                '｛' => "{",
                '｝' => "}",
                '。' | '．' => ".",
                '\u{3000}' | '\u{00A0}' | '\u{200B}' | '\u{FEFF}' => " ",
                _ => {
                    self.assigned |= character == '=';
                    self.next += 1;
                    return;
                }
            };
            self.assigned |= meant == "=";
            self.replace(1, meant);
        }
    }

    /// Characters that belong together: what is missing in bytes is filled up behind them.
    fn run_of(&mut self, belongs: impl Fn(char, bool) -> bool) {
        let rest = self.characters.get(self.next..).unwrap_or_default();
        let written: String =
            rest.iter().map(|(_, character)| *character).take_while(|c| belongs(*c, self.assigned)).collect();
        let meant: String = written.chars().map(half_width).collect();
        let length = written.chars().count().max(1);
        if meant == written {
            self.next += length;
        } else {
            self.replace(length, &meant);
        }
    }

    fn replace(&mut self, length: usize, meant: &str) {
        let start = self.characters.get(self.next).map_or(self.end, |(at, _)| *at);
        self.next += length;
        let end = self.characters.get(self.next).map_or(self.end, |(at, _)| *at);
        self.replacements.push(Replacement { range: start..end, meant: meant.to_owned(), opens: false });
    }
}

/// A character of a bare key, a number or a time, in either width.
fn is_word(character: char) -> bool {
    let half = half_width(character);
    half.is_ascii_alphanumeric() || "_-+".contains(half)
}

fn half_width(character: char) -> char {
    match character {
        '【' => '[',
        '】' => ']',
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(character) - 0xFEE0).unwrap_or(character),
        _ => character,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(written: &str, expected: &str) {
        let replacements = scan(written);
        assert_eq!(mended(written, &replacements), expected);
        let same_length = in_place(written, &replacements);
        assert_eq!(same_length.len(), written.len(), "{same_length}");
        assert_eq!(scan(expected), [], "{expected}");
    }

    #[test]
    fn what_clerks_type_is_read_as_meant() {
        check("words ＝ [“数据 公布”， \"a\"]\r\n", "words = [\"数据 公布\", \"a\"]\r\n");
        check("words = ［\"a\"、\"b\"］", "words = [\"a\",\"b\"]");
        check("［［concern］］\nname：“供水”\n", "[[concern]]\nname=\"供水\"\n");
        check("[concern。asks] ＃ 说明，这里", "[concern.asks] # 说明，这里");
        check("yellow = ｛ posts ＝ １2 ｝", "yellow = { posts = 12 }");
        check("send_at = 0８：３0　# 早上", "send_at = 08:30 # 早上");
        check("a = ‘x’\u{a0}", "a = 'x' ");
    }

    #[test]
    fn quotes_of_either_kind_close_each_other() {
        check("words = [\"a”, \"b\"]", "words = [\"a\", \"b\"]");
        check("words = [\"a”, \"b”]", "words = [\"a\", \"b\"]");
        check("words = [“a“, “b“, “c\"]", "words = [\"a\", \"b\", \"c\"]");
        check("words = [”b”, ”c”]", "words = [\"b\", \"c\"]");
        check("advice = “先报“数字”，再说明。”", "advice = \"先报“数字”，再说明。\"");
    }

    #[test]
    fn strings_and_remarks_are_left_alone() {
        for sound in [
            "advice = \"先报“数字”，再说明：ＡＢＣ\" # 说明，“这里”",
            "a = 'x，y'",
            "a = \"\"\"\n，“\n\"\"\"",
            "a = \"say \\\"你好”, \\\" b\"",
            "\"值班室\" = [\"a@b.cn\"]",
            "a = '''，\n“'''\n",
        ] {
            assert_eq!(scan(sound), [], "{sound}");
        }
    }
}
