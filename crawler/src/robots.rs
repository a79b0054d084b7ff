//! What a site's robots.txt permits (RFC 9309). Reads the text and judges addresses; fetches nothing.

use jiff::SignedDuration;
use url::Url;

/// More than this of a robots.txt is not read (RFC 9309 asks for at least 500 KiB).
pub const READ_AT_MOST: usize = 500 * 1024;

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
    /// Reads a robots.txt for the crawler with this product token. Lines that make no sense are passed
    /// over; what stands behind [`READ_AT_MOST`] does not count.
    pub fn parse(robots_txt: &[u8], token: &str) -> Rules {
        let whole = robots_txt.len() <= READ_AT_MOST;
        let text = String::from_utf8_lossy(robots_txt.get(..READ_AT_MOST).unwrap_or(robots_txt));
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        // A line that was cut may say the opposite of what it said.
        let text = if whole { text } else { text.rsplit_once(['\n', '\r']).map_or(text, |(kept, _)| kept) };
        let mut groups = Groups::new(token);
        for line in text.split(['\n', '\r']) {
            if let Some((key, value)) = directive(line) {
                groups.take(&key, value);
            }
        }
        groups.finish()
    }

    /// Whether this address may be fetched: the longest matching rule decides, and of two equally long
    /// ones the one that allows.
    pub fn permit(&self, url: &Url) -> bool {
        if url.path() == "/robots.txt" {
            return true;
        }
        let path = match url.query() {
            Some(query) => normalise(&format!("{}?{query}", url.path())),
            None => normalise(url.path()),
        };
        let matching = self.rules.iter().filter(|rule| matches(&rule.pattern, &path));
        let deciding = matching.max_by_key(|rule| (rule.pattern.len(), rule.allow));
        deciding.is_none_or(|rule| rule.allow)
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

    fn take(&mut self, key: &str, value: &str) {
        match key {
            "user-agent" | "useragent" | "user agent" => self.name(value),
            "allow" => self.rule(true, value),
            "disallow" | "dissallow" | "disalow" | "diasllow" => self.rule(false, value),
            "crawl-delay" | "crawldelay" => self.delay(value),
            // Sitemap and unknown lines belong to no group and end none.
            _ => {}
        }
    }

    fn name(&mut self, value: &str) {
        if self.in_rules {
            (self.for_us, self.for_everybody, self.in_rules) = (false, false, false);
        }
        let end = value.find(|c: char| !(c.is_ascii_alphabetic() || matches!(c, '-' | '_')));
        let product = value.get(..end.unwrap_or(value.len())).unwrap_or_default();
        if value.starts_with('*') {
            self.for_everybody = true;
        } else if product.eq_ignore_ascii_case(self.token) {
            self.for_us = true;
            self.named.get_or_insert_default();
        }
    }

    fn rule(&mut self, allow: bool, value: &str) {
        self.in_rules = true;
        if value.is_empty() {
            return;
        }
        let rule = Rule { allow, pattern: normalise(value) };
        for rules in self.current() {
            rules.rules.push(rule.clone());
        }
    }

    fn delay(&mut self, value: &str) {
        self.in_rules = true;
        let seconds = value.parse::<f64>().ok().filter(|seconds| *seconds >= 0.0);
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

/// Splits `key: value # comment`; the key in lower case.
fn directive(line: &str) -> Option<(String, &str)> {
    let line = line.split_once('#').map_or(line, |(before, _)| before);
    let (key, value) = line.split_once(':')?;
    Some((key.trim().to_ascii_lowercase(), value.trim()))
}

/// One spelling for one path: bytes beyond ASCII escaped, escapes in capitals, and none for
/// characters that need none.
fn normalise(path: &str) -> String {
    let bytes = path.as_bytes();
    let mut out = String::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let escaped = if byte == b'%' { bytes.get(at + 1..at + 3).and_then(unescape) } else { None };
        at += if escaped.is_some() { 3 } else { 1 };
        match escaped {
            Some(c) if c.is_ascii_alphanumeric() || b"-._~".contains(&c) => out.push(char::from(c)),
            Some(c) => out.push_str(&format!("%{c:02X}")),
            None if byte.is_ascii() => out.push(char::from(byte)),
            None => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

fn unescape(digits: &[u8]) -> Option<u8> {
    let digits = std::str::from_utf8(digits).ok().filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))?;
    u8::from_str_radix(digits, 16).ok()
}

/// Whether the pattern matches from the beginning of the path. One pass per piece between stars, each
/// taken as early as possible, so that no pattern is slow.
fn matches(pattern: &str, path: &str) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn permitted(robots_txt: &str, path: &str) -> bool {
        let url = Url::parse("http://site.example").unwrap().join(path).unwrap();
        Rules::parse(robots_txt.as_bytes(), "Guanlan").permit(&url)
    }

    #[test]
    fn the_group_that_names_us_counts_alone() {
        let cases = [
            ("User-agent: *\nDisallow: /", "/x", false),
            ("User-agent: *\nDisallow:", "/x", true),
            ("", "/x", true),
            ("User-agent: *\nDisallow: /\n\nUser-agent: GUANLAN\nAllow: /", "/x", true),
            ("User-agent: *\nAllow: /\n\nUser-agent: guanlan\nDisallow: /", "/x", false),
            ("User-agent: guanlan/1.0\nDisallow: /", "/x", false),
            ("User-agent: guanlanbot\nDisallow: /", "/x", true),
            ("User-agent: other\nUser-agent: guanlan\nDisallow: /a", "/a", false),
            ("User-agent: guanlan\nDisallow: /a\nUser-agent: other\nDisallow: /b", "/b", true),
            // Two groups with one name are one group.
            ("User-agent: guanlan\nDisallow: /a\n\nUser-agent: guanlan\nDisallow: /b", "/a", false),
            // Naming us without rules lets us in.
            ("User-agent: *\nDisallow: /\nUser-agent: guanlan\nDisallow:", "/x", true),
            // A sitemap line does not end a group.
            ("User-agent: guanlan\nSitemap: /s.xml\nDisallow: /a", "/a", false),
            ("Disallow: /", "/x", true),
            ("user agent : *\ndisalow : /a # why", "/a", false),
            ("User-agent: *\nDisallow: /\nAllow: /", "/robots.txt", true),
            ("<html><body>User-agent: *<br>Disallow: /</body></html>", "/x", true),
        ];
        for (text, path, expected) in cases {
            assert_eq!(permitted(text, path), expected, "{text:?} {path}");
        }
    }

    #[test]
    fn the_longest_rule_decides_and_allow_wins_a_tie() {
        let cases = [
            ("Disallow: /private/\nAllow: /private/ok", "/private/ok", true),
            ("Disallow: /private/\nAllow: /private/ok", "/private/1", false),
            ("Disallow: /a\nAllow: /a", "/a", true),
            ("Allow: /a\nDisallow: /ab", "/abc", false),
            ("Disallow: /*.pdf$", "/x/y.pdf", false),
            ("Disallow: /*.pdf$", "/x/y.pdf?z", true),
            ("Disallow: /a*b*c", "/a-b-b-c", false),
            ("Disallow: /a*b*c", "/a-c-b", true),
            // Each piece is tried at every place, not only at the first that looks alike.
            ("Disallow: /*ab", "/aab", false),
            ("Disallow: /*ab$", "/ab/aab", false),
            ("Disallow: /a$b", "/a$b", false),
            ("Disallow: *", "/x", false),
            ("Disallow: /$", "/", false),
            ("Disallow: /$", "/x", true),
            ("Disallow: /?id=", "/?id=3", false),
            ("Disallow: /foo/bar?baz=http://foo.bar", "/foo/bar?baz=http://foo.bar", false),
            ("Disallow: /疫情", "/%E7%96%AB%E6%83%85/1", false),
            ("Disallow: /%e7%96%ab", "/疫情", false),
            ("Disallow: /%7Euser", "/~user/", false),
            ("Disallow: /a%2fb", "/a/b", true),
            ("Disallow: /a%zz", "/a%zz", false),
        ];
        for (rules, path, expected) in cases {
            assert_eq!(permitted(&format!("User-agent: *\n{rules}"), path), expected, "{rules:?} {path}");
        }
    }

    #[test]
    fn marks_line_ends_and_foreign_bytes_do_no_harm() {
        let files: [&[u8]; 3] = [
            b"\xef\xbb\xbfUser-agent: *\rDisallow: /private/\r\n",
            b"# \xc5\xc0\xb3\xe6\nUser-agent: *\nDisallow: /private/ # \xcb\xbd\xd3\xd0\n",
            b"User-agent: *\r\n\r\nDisallow: /private/",
        ];
        let url = Url::parse("http://site.example/private/1").unwrap();
        for file in files {
            assert!(!Rules::parse(file, "Guanlan").permit(&url), "{file:?}");
        }
    }

    #[test]
    fn only_the_first_half_mebibyte_counts() {
        let url = Url::parse("http://site.example/private/1").unwrap();
        let mut file = b"User-agent: *\nDisallow: /private/\n".to_vec();
        file.resize(READ_AT_MOST - 5, b'\n');
        // The cut falls inside this line, and `Allow: /private/` without its end would open everything.
        file.extend_from_slice(b"Allow: /private/1\n");
        assert!(!Rules::parse(&file, "Guanlan").permit(&url));
    }

    #[test]
    fn a_thousand_stars_are_quick() {
        let stars = format!("User-agent: *\nDisallow: /{}$\nDisallow: /private/", "*a".repeat(500));
        let path = format!("/{}b", "a".repeat(4000));
        assert!(permitted(&stars, &path));
        assert!(!permitted(&stars, "/private/1"));
    }

    #[test]
    fn crawl_delay_is_a_number_of_seconds() {
        let cases = [
            ("Crawl-delay: 5", Some(5.0)),
            ("crawl-delay: 0.5", Some(0.5)),
            ("Crawl-delay: 1000000000", Some(1e9)),
            ("Crawl-delay: -1", None),
            ("Crawl-delay: soon", None),
            ("Crawl-delay: NaN", None),
            ("Crawl-delay: 1e400", None),
            ("Crawl-delay: 2\nCrawl-delay: 9", Some(9.0)),
        ];
        for (line, expected) in cases {
            let rules = Rules::parse(format!("User-agent: *\n{line}").as_bytes(), "Guanlan");
            assert_eq!(rules.crawl_delay().map(|delay| delay.as_secs_f64()), expected, "{line}");
        }
    }
}
