//! The text of one file or variable, and where in it something stands. Positions are characters,
//! counted from 1, never bytes.

use std::ops::Range;

use serde::Serialize;

/// A text with a name: a configuration file, or one environment variable.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// Name shown to people, e.g. `concerns.toml` or `GUANLAN_WEB__LISTEN`.
    pub name: String,
    /// The text as written, without a byte order mark.
    pub text: String,
}

/// Where in a document something stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// Name of the document.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Number of characters on that line, at least 1.
    pub length: usize,
}

impl Document {
    /// A document from text already decoded.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Document {
        Document { name: name.into(), text: text.into() }
    }

    /// The place of a byte range; a range over several lines is cut at the end of the first.
    pub fn place(&self, range: &Range<usize>) -> Place {
        let start = floor_boundary(&self.text, range.start);
        let end = floor_boundary(&self.text, range.end.max(start));
        let before = self.text.get(..start).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let marked = self.text.get(start..end).unwrap_or_default();
        let marked = marked.lines().next().unwrap_or_default();
        Place {
            file: self.name.clone(),
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
            length: marked.chars().count().max(1),
        }
    }

    /// The text of a line, counted from 1, without its line end; empty if there is no such line.
    pub fn line(&self, number: usize) -> &str {
        let line = number.checked_sub(1).and_then(|index| self.text.split('\n').nth(index));
        line.map(|line| line.strip_suffix('\r').unwrap_or(line)).unwrap_or_default()
    }
}

fn floor_boundary(text: &str, index: usize) -> usize {
    let mut index = index.min(text.len());
    while !text.is_char_boundary(index) {
        index -= 1;
    }
    index
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_counts_characters_and_stays_on_its_line() {
        let document = Document::new("concerns.toml", "[[concern]]\r\n  \"数据 公布\"，𠮷\n");
        let comma = document.text.find('，').unwrap();
        let place = document.place(&(comma..document.text.len()));
        assert_eq!((place.line, place.column, place.length), (2, 10, 2));
        assert_eq!(document.line(2), "  \"数据 公布\"，𠮷");
        let end = document.place(&(9999..9999));
        assert_eq!((end.line, end.column, end.length), (3, 1, 1));
    }
}
