//! A place in a text, moved forward by what is recognised there. Knows no dates.

/// A place in a text. Copying it is how a reading that came to nothing is taken back.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Cursor<'a> {
        Cursor { text, at: 0 }
    }

    /// Every place where something may begin.
    pub(super) fn places(text: &'a str) -> impl Iterator<Item = Cursor<'a>> {
        text.char_indices().map(move |(at, _)| Cursor { text, at })
    }

    pub(super) fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn before(&self) -> &'a str {
        self.text.get(..self.at).unwrap_or_default()
    }

    pub(super) fn next(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.rest().trim().is_empty()
    }

    pub(super) fn eat(&mut self, expected: &str) -> bool {
        let is_there = self.rest().starts_with(expected);
        if is_there {
            self.at += expected.len();
        }
        is_there
    }

    /// The first of these that stands here. Longer ones must come before their own beginnings.
    pub(super) fn eat_any<'b>(&mut self, expected: &[&'b str]) -> Option<&'b str> {
        expected.iter().copied().find(|expected| self.eat(expected))
    }

    /// The value of the first name that stands here.
    pub(super) fn eat_named<T: Copy>(&mut self, names: &[(&str, T)]) -> Option<T> {
        names.iter().find(|(name, _)| self.eat(name)).map(|(_, value)| *value)
    }

    pub(super) fn spaces(&mut self) -> bool {
        let rest = self.rest();
        let count = rest.len() - rest.trim_start_matches(' ').len();
        self.at += count;
        count > 0
    }

    /// All digits that stand here, if there are so many: their value and their count.
    pub(super) fn digits(&mut self, at_least: usize, at_most: usize) -> Option<(i64, usize)> {
        let count = self.rest().bytes().take_while(u8::is_ascii_digit).count();
        if count < at_least || count > at_most.min(18) {
            return None;
        }
        let value = self.rest().get(..count)?.parse().ok()?;
        self.at += count;
        Some((value, count))
    }

    /// Exactly so many digits, whatever stands behind them.
    pub(super) fn exactly(&mut self, count: usize) -> Option<i64> {
        let digits = self.rest().get(..count).filter(|text| text.bytes().all(|b| b.is_ascii_digit()))?;
        let value = digits.parse().ok()?;
        self.at += count;
        Some(value)
    }

    /// All Latin letters that stand here; may be empty.
    pub(super) fn word(&mut self) -> &'a str {
        let rest = self.rest();
        let count = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        self.at += count;
        rest.get(..count).unwrap_or_default()
    }

    pub(super) fn skip(&mut self, bytes: usize) {
        self.at = (self.at + bytes).min(self.text.len());
    }

    pub(super) fn digit_follows(&self) -> bool {
        self.next().is_some_and(|c| c.is_ascii_digit())
    }

    pub(super) fn letter_follows(&self) -> bool {
        self.next().is_some_and(|c| c.is_ascii_alphabetic())
    }
}
