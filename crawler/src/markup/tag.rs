//! Finds where a tag, a comment or an element without mark-up ends, as HTML's tokenizer would.

/// A tag as written.
pub(super) struct Tag<'a> {
    /// Its name in lower case.
    pub(super) name: String,
    /// From `<` to `>`.
    pub(super) written: &'a str,
    /// Bytes up to and with `>`.
    pub(super) length: usize,
    /// How many attributes it has, or a few more.
    pub(super) attributes: usize,
}

/// Where the reading of a tag is.
#[derive(Clone, Copy, PartialEq)]
enum State {
    Between,
    Name,
    BeforeValue,
    Quoted(u8),
    Bare,
}

impl<'a> Tag<'a> {
    /// Reads a tag whose name begins at `name_at`; `None` if the page ends in it.
    pub(super) fn scan(rest: &'a str, name_at: usize) -> Option<Tag<'a>> {
        let bytes = rest.as_bytes();
        let is_end = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>');
        let name_end = name_at + bytes.get(name_at..)?.iter().position(is_end)?;
        let mut state = State::Between;
        let mut attributes = 0;
        for (place, byte) in bytes.iter().enumerate().skip(name_end) {
            state = match (state, byte) {
                (State::Quoted(quote), _) if *byte == quote => State::Between,
                (State::Quoted(_), _) => state,
                (_, b'>') => {
                    let length = place + 1;
                    let name = rest.get(name_at..name_end)?.to_ascii_lowercase();
                    return Some(Tag { name, written: rest.get(..length)?, length, attributes });
                }
                (State::BeforeValue, b'"' | b'\'') => State::Quoted(*byte),
                (State::BeforeValue, _) if byte.is_ascii_whitespace() => state,
                (State::BeforeValue, _) => State::Bare,
                (State::Bare, _) if byte.is_ascii_whitespace() => State::Between,
                (State::Bare, _) => state,
                (State::Name, b'=') => State::BeforeValue,
                // `name  = value`: the sign after spaces still belongs to the name before it.
                (State::Between, b'=') if attributes > 0 => State::BeforeValue,
                (State::Between | State::Name, b'/') => State::Between,
                (State::Between | State::Name, _) if byte.is_ascii_whitespace() => State::Between,
                (State::Between, _) => {
                    attributes += 1;
                    State::Name
                }
                (State::Name, _) => state,
            };
        }
        None
    }

    /// A script that is no program but a description of the page.
    pub(super) fn describes_the_page(&self) -> bool {
        self.written.to_ascii_lowercase().contains("ld+json")
    }
}

/// The length of a comment, or of what browsers treat as one.
pub(super) fn comment(rest: &str) -> usize {
    let Some(inside) = rest.strip_prefix("<!--") else {
        return rest.find('>').map_or(rest.len(), |end| end + 1);
    };
    if inside.starts_with('>') {
        return 5;
    }
    if inside.starts_with("->") {
        return 6;
    }
    let mut from = 0;
    while let Some(found) = inside.get(from..).and_then(|rest| rest.find("--")) {
        let end = from + found + 2;
        let behind = inside.get(end..).unwrap_or_default();
        if behind.starts_with('>') {
            return 4 + end + 1;
        }
        if behind.starts_with("!>") {
            return 4 + end + 2;
        }
        from += found + 1;
    }
    rest.len()
}

/// Where the end tag of that name begins.
pub(super) fn end_of(rest: &str, name: &str) -> Option<usize> {
    let mut from = 0;
    while let Some(found) = rest.get(from..)?.find("</") {
        let start = from + found;
        let behind = rest.get(start + 2..)?.as_bytes();
        let is_name =
            behind.get(..name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()));
        let ends = behind.get(name.len()).is_none_or(|next| !next.is_ascii_alphanumeric());
        if is_name && ends {
            return Some(start);
        }
        from = start + 2;
    }
    None
}
