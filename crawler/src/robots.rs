//! What a site's robots.txt permits (RFC 9309, and where that is silent what the largest crawler's open
//! parser does). Reads bytes and judges addresses; fetches nothing.

#[cfg(test)]
mod tests;

use jiff::SignedDuration;
use url::Url;

/// More than this of a robots.txt is not read (RFC 9309 asks for at least 500 KiB).
pub const READ_AT_MOST: usize = 500 * 1024;

/// More than this of one line is not read: eight times the longest address of old browsers.
const LINE_AT_MOST: usize = 2083 * 8 - 1;

/// The rules of one site that concern one crawler.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rules {
    rules: Vec<Rule>,
    crawl_delay: Option<SignedDuration>,
}

#[derive(Clone, Debug, PartialEq)]
struct Rule {
    allow: bool,
    /// Normalised; `*` stands for anything, `$` at the end for the end.
    pattern: String,
}

impl Rules {
    /// Reads a robots.txt for the crawler with this name: its product token, with or without a version
    /// behind a slash. Lines that make no sense are passed over; what stands behind [`READ_AT_MOST`]
    /// does not count.
    pub fn parse(robots_txt: &[u8], name: &str) -> Rules {
        let whole = robots_txt.len() <= READ_AT_MOST;
        let mut bytes = without_mark(robots_txt.get(..READ_AT_MOST).unwrap_or(robots_txt));
        if !whole {
            // A line that was cut may say the opposite of what it said.
            let end = bytes.iter().rposition(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(bytes.len());
            bytes = bytes.get(..end).unwrap_or(bytes);
        }
        let token = name.split('/').next().unwrap_or(name).trim();
        let mut groups = Groups::new(token);
        for line in bytes.split(|byte| matches!(byte, b'\n' | b'\r')) {
            if let Some((key, value)) = directive(line.get(..LINE_AT_MOST).unwrap_or(line)) {
                groups.take(&key, value);
            }
        }
        groups.finish()
    }

    /// Whether this address may be fetched.
    pub fn permit(&self, url: &Url) -> bool {
        self.deciding(url).is_none_or(|rule| rule.allow)
    }

    /// The rule that decides about this address, as a robots.txt writes it; `None` if no rule is about it.
    pub fn rule_about(&self, url: &Url) -> Option<String> {
        let Rule { allow, pattern } = self.deciding(url)?;
        Some(format!("{}: {pattern}", if *allow { "Allow" } else { "Disallow" }))
    }

    /// The longest matching rule decides, and of two equally long ones the one that allows.
    fn deciding(&self, url: &Url) -> Option<&Rule> {
        if url.path() == "/robots.txt" {
            return None;
        }
        let path = path_of(url);
        let matching = self.rules.iter().filter(|rule| matches(&rule.pattern, &path));
        matching.max_by_key(|rule| (rule.pattern.len(), rule.allow))
    }

    /// The pause between two requests that the site asks for.
    pub fn crawl_delay(&self) -> Option<SignedDuration> {
        self.crawl_delay
    }
}

/// Rules for us by name and rules for everybody, gathered over all groups of the file.
struct Groups<'a> {
    token: &'a str,
    named: Option<Rules>,
    everybody: Rules,
    /// The group being read is for us, is for everybody, and has begun to list rules.
    for_us: bool,
    for_everybody: bool,
    in_rules: bool,
}

/// What a line is about. A key may go on behind its name (`Disallowed:`), and a few slips are so common
/// that everybody understands them.
#[derive(Clone, Copy, PartialEq)]
enum Key {
    UserAgent,
    Allow,
    Disallow,
    CrawlDelay,
}

const KEYS: [(&str, Key); 12] = [
    ("user-agent", Key::UserAgent),
    ("useragent", Key::UserAgent),
    ("user agent", Key::UserAgent),
    ("allow", Key::Allow),
    ("disallow", Key::Disallow),
    ("dissallow", Key::Disallow),
    ("dissalow", Key::Disallow),
    ("disalow", Key::Disallow),
    ("diasllow", Key::Disallow),
    ("disallaw", Key::Disallow),
    ("crawl-delay", Key::CrawlDelay),
    ("crawldelay", Key::CrawlDelay),
];

impl<'a> Groups<'a> {
    fn new(token: &'a str) -> Groups<'a> {
        Groups {
            token,
            named: None,
            everybody: Rules::default(),
            for_us: false,
            for_everybody: false,
            in_rules: false,
        }
    }

    fn take(&mut self, key: &str, value: &[u8]) {
        // Sitemap and unknown lines belong to no group and end none.
        let Some((_, key)) = KEYS.iter().find(|(name, _)| key.starts_with(name)) else { return };
        match key {
            Key::UserAgent => self.name(value),
            Key::Allow => self.rule(true, value),
            Key::Disallow => self.rule(false, value),
            Key::CrawlDelay => self.delay(value),
        }
    }

    fn name(&mut self, value: &[u8]) {
        if self.in_rules {
            (self.for_us, self.for_everybody, self.in_rules) = (false, false, false);
        }
        let is_token = |byte: &u8| byte.is_ascii_alphabetic() || matches!(byte, b'-' | b'_');
        let end = value.iter().position(|byte| !is_token(byte)).unwrap_or(value.len());
        let product = value.get(..end).unwrap_or_default();
        match value {
            [b'*'] => self.for_everybody = true,
            [b'*', next, ..] if next.is_ascii_whitespace() => self.for_everybody = true,
            _ if !product.is_empty() && product.eq_ignore_ascii_case(self.token.as_bytes()) => {
                self.for_us = true;
                self.named.get_or_insert_default();
            }
            _ => {}
        }
    }

    fn rule(&mut self, allow: bool, value: &[u8]) {
        // A rule that belongs to nobody does not end the list of names that follows it.
        if !(self.for_us || self.for_everybody) {
            return;
        }
        self.in_rules = true;
        if value.is_empty() {
            return;
        }
        let pattern = pattern_of(value);
        // Whoever lets the index page in means the folder that shows it.
        let folder = pattern.rfind('/').and_then(|slash| pattern.split_at_checked(slash + 1));
        let folder = folder.filter(|(_, file)| allow && file.starts_with("index.htm"));
        let folder = folder.map(|(folder, _)| Rule { allow, pattern: format!("{folder}$") });
        let rule = Rule { allow, pattern: pattern.clone() };
        for rules in self.current() {
            rules.rules.push(rule.clone());
            rules.rules.extend(folder.clone());
        }
    }

    /// A delay is no rule: names behind it still belong to the same group.
    fn delay(&mut self, value: &[u8]) {
        let seconds = std::str::from_utf8(value).ok().and_then(|text| text.parse::<f64>().ok());
        let seconds = seconds.filter(|seconds| *seconds >= 0.0);
        let Some(delay) = seconds.and_then(|seconds| SignedDuration::try_from_secs_f64(seconds).ok()) else {
            return;
        };
        for rules in self.current() {
            rules.crawl_delay = Some(rules.crawl_delay.map_or(delay, |known| known.max(delay)));
        }
    }

    fn current(&mut self) -> impl Iterator<Item = &mut Rules> {
        let named = self.named.as_mut().filter(|_| self.for_us);
        let everybody = Some(&mut self.everybody).filter(|_| self.for_everybody);
        named.into_iter().chain(everybody)
    }

    fn finish(self) -> Rules {
        self.named.unwrap_or(self.everybody)
    }
}

/// The bytes behind a byte order mark; of a mark that is cut off, behind what there is of it.
fn without_mark(bytes: &[u8]) -> &[u8] {
    let mark = [0xef, 0xbb, 0xbf];
    let length = bytes.iter().zip(mark).take_while(|(byte, of_mark)| **byte == *of_mark).count();
    bytes.get(length..).unwrap_or_default()
}

/// Splits `key: value # comment`; the key in lower case. Some forget the colon: two words without one
/// are understood, three are a sentence.
fn directive(line: &[u8]) -> Option<(String, &[u8])> {
    let line = line.split(|byte| *byte == b'#').next().unwrap_or(line).trim_ascii();
    let split = |at: usize| Some((line.get(..at)?.trim_ascii(), line.get(at + 1..)?.trim_ascii()));
    let (key, value) = match line.iter().position(|byte| *byte == b':') {
        Some(colon) => split(colon)?,
        None => {
            let space = line.iter().position(|byte| matches!(byte, b' ' | b'\t'))?;
            split(space).filter(|(_, value)| !value.iter().any(|byte| matches!(byte, b' ' | b'\t')))?
        }
    };
    (!key.is_empty()).then(|| (String::from_utf8_lossy(key).to_ascii_lowercase(), value))
}

/// The part of an address that patterns are about, normalised.
pub(crate) fn path_of(url: &Url) -> String {
    match url.query() {
        Some(query) => literal(&normalise(format!("{}?{query}", url.path()).as_bytes())),
        None => literal(&normalise(url.path().as_bytes())),
    }
}

/// A pattern, normalised. RFC 9309 §2.2.3: whoever means a star or a dollar sign writes `%2A` or `%24`.
pub(crate) fn pattern_of(value: &[u8]) -> String {
    let pattern = normalise(value);
    match pattern.strip_suffix('$') {
        Some(before) => format!("{}$", before.replace('$', "%24")),
        None => pattern.replace('$', "%24"),
    }
}

/// The signs that are special in a pattern as the escapes that stand for themselves.
fn literal(path: &str) -> String {
    path.replace('*', "%2A").replace('$', "%24")
}

/// One spelling for one path: bytes beyond ASCII and those that no address holds as they are escaped,
/// escapes in capitals, and none for characters that need none. In a query `:`, `/`, `?` and `@` need
/// none (RFC 9309 §2.2.2 has `?baz=https://foo.bar` and `?baz=https%3A%2F%2Ffoo.bar` be the same).
fn normalise(path: &[u8]) -> String {
    let mut out = String::with_capacity(path.len());
    let (mut at, mut in_query) = (0, false);
    while let Some(&byte) = path.get(at) {
        let escaped = if byte == b'%' { path.get(at + 1..at + 3).and_then(unescape) } else { None };
        at += if escaped.is_some() { 3 } else { 1 };
        let character = escaped.unwrap_or(byte);
        let is_plain = match escaped {
            Some(c) => {
                c.is_ascii_alphanumeric() || b"-._~".contains(&c) || (in_query && b":/?@".contains(&c))
            }
            None => is_written_as_it_is(byte),
        };
        in_query |= escaped.is_none() && byte == b'?';
        if is_plain {
            out.push(char::from(character));
        } else {
            out.push_str(&format!("%{character:02X}"));
        }
    }
    out
}

/// Browsers and our own client escape the others, so an address never holds them as they are.
fn is_written_as_it_is(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"\"'<>\\^`{|}".contains(&byte)
}

fn unescape(digits: &[u8]) -> Option<u8> {
    let digits = std::str::from_utf8(digits).ok().filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))?;
    u8::from_str_radix(digits, 16).ok()
}

/// Whether the pattern matches from the beginning of the path. One pass per piece between stars, each
/// taken as early as possible, so that no pattern is slow.
pub(crate) fn matches(pattern: &str, path: &str) -> bool {
    let (pattern, to_the_end) = match pattern.strip_suffix('$') {
        Some(pattern) => (pattern, true),
        None => (pattern, false),
    };
    let Some((first, others)) = pattern.split_once('*') else {
        return if to_the_end { path == pattern } else { path.starts_with(pattern) };
    };
    let Some(mut rest) = path.strip_prefix(first) else { return false };
    let mut pieces: Vec<&str> = others.split('*').collect();
    let last = if to_the_end { pieces.pop() } else { None };
    for piece in pieces.into_iter().filter(|piece| !piece.is_empty()) {
        match rest.split_once(piece) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    last.is_none_or(|last| rest.ends_with(last))
}
