//! `file:` addresses as WHATWG URL reads them: drive letters, empty folders, hosts. The `url` crate reads
//! some of them in a way of its own (its list of known failures). Nothing here is ever fetched.

use std::fmt::Write;

use url::Url;

/// Signs at both ends that are no part of an address.
fn is_padding(c: char) -> bool {
    c <= ' '
}

/// A `file:` address in its parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct FileAddress {
    host: String,
    path: Vec<String>,
    query: Option<String>,
    fragment: Option<String>,
}

/// Whether the link, on this page, is a `file:` address: by its own scheme, or by the page's.
pub(super) fn is_file(link: &str, page: Option<&str>) -> bool {
    let own = |text: &str| scheme(&cleaned(text)).map(|scheme| scheme.eq_ignore_ascii_case("file"));
    own(link).unwrap_or_else(|| page.is_some_and(|page| own(page) == Some(true)))
}

/// Reads the link on the page; `None` if it is no address.
pub(super) fn join(link: &str, page: Option<&str>) -> Option<String> {
    let base = match page {
        Some(page) if is_file(page, None) => Some(FileAddress::read(&cleaned(page), None)?),
        Some(page) => Url::parse(page).ok().map(|_| None)?,
        None => None,
    };
    FileAddress::read(&cleaned(link), base.as_ref()).map(|address| address.text())
}

fn cleaned(text: &str) -> String {
    text.trim_matches(is_padding).chars().filter(|c| !matches!(c, '\t' | '\n' | '\r')).collect()
}

fn scheme(text: &str) -> Option<&str> {
    let (scheme, _) = text.split_once(':')?;
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    is_scheme.then_some(scheme)
}

impl FileAddress {
    fn read(text: &str, base: Option<&FileAddress>) -> Option<FileAddress> {
        let rest = scheme(text).and_then(|scheme| text.get(scheme.len() + 1..)).unwrap_or(text);
        let mut address = FileAddress::default();
        if let Some(rest) = rest.strip_prefix(is_slash) {
            address.behind_slash(rest, base)?;
        } else if let Some(base) = base {
            address = FileAddress { fragment: None, ..base.clone() };
            address.relative(rest);
        } else {
            address.rest_of(rest);
        }
        Some(address)
    }

    /// What follows no slash, on a page.
    fn relative(&mut self, rest: &str) {
        if rest.is_empty() {
            return;
        }
        if rest.starts_with('?') || rest.starts_with('#') {
            self.query_and_fragment(rest);
            return;
        }
        self.query = None;
        if begins_with_drive(rest) {
            self.path.clear()
        } else {
            self.shorten()
        }
        self.rest_of(rest);
    }

    /// What follows one slash: another and a host, or a path on the page's host and drive.
    fn behind_slash(&mut self, rest: &str, base: Option<&FileAddress>) -> Option<()> {
        let Some(rest) = rest.strip_prefix(is_slash) else {
            if let Some(base) = base {
                self.host.clone_from(&base.host);
                let drive = base.path.first().filter(|first| is_drive(first) && first.ends_with(':'));
                if let Some(drive) = drive.filter(|_| !begins_with_drive(rest)) {
                    self.path.push(drive.clone());
                }
            }
            self.rest_of(rest);
            return Some(());
        };
        let end = rest.find(|c| is_slash(c) || matches!(c, '?' | '#')).unwrap_or(rest.len());
        let (host, path) = rest.split_at(end);
        if is_drive(host) {
            self.rest_of(rest);
            return Some(());
        }
        if !host.is_empty() {
            self.host = host_of(host)?;
        }
        self.rest_of(path.strip_prefix(is_slash).unwrap_or(path));
        Some(())
    }

    /// A path's segments, then query and fragment.
    fn rest_of(&mut self, mut rest: &str) {
        loop {
            let end = rest.find(|c| is_slash(c) || matches!(c, '?' | '#')).unwrap_or(rest.len());
            let (segment, behind) = rest.split_at(end);
            let goes_on = behind.starts_with(is_slash);
            self.segment(segment, goes_on);
            if !goes_on {
                self.query_and_fragment(behind);
                return;
            }
            rest = behind.get(1..).unwrap_or_default();
        }
    }

    fn segment(&mut self, segment: &str, goes_on: bool) {
        let dots = segment.to_ascii_lowercase().replace("%2e", ".");
        match dots.as_str() {
            "." | ".." => {
                if dots == ".." {
                    self.shorten();
                }
                if !goes_on {
                    self.path.push(String::new());
                }
            }
            _ if self.path.is_empty() && is_drive(segment) => self.path.push(segment.replace('|', ":")),
            _ => self.path.push(escaped(segment, "\"#<>?^`{} ")),
        }
    }

    fn shorten(&mut self) {
        let is_bare_drive =
            matches!(self.path.as_slice(), [drive] if is_drive(drive) && drive.ends_with(':'));
        if !is_bare_drive {
            self.path.pop();
        }
    }

    fn query_and_fragment(&mut self, rest: &str) {
        let (query, fragment) = match rest.split_once('#') {
            Some((query, fragment)) => (query, Some(fragment)),
            None => (rest, None),
        };
        if let Some(query) = query.strip_prefix('?') {
            self.query = Some(escaped(query, "\"#<>' "));
        }
        self.fragment = fragment.map(|fragment| escaped(fragment, "\"<>` "));
    }

    fn text(&self) -> String {
        let mut text = format!("file://{}/{}", self.host, self.path.join("/"));
        for (mark, part) in [('?', &self.query), ('#', &self.fragment)] {
            if let Some(part) = part {
                text.push(mark);
                text.push_str(part);
            }
        }
        text
    }
}

/// A host is read as that of any other address; a port or a name has no place here.
fn host_of(host: &str) -> Option<String> {
    let is_number = host.starts_with('[');
    if host.contains('@') || (!is_number && host.contains(':')) || (is_number && !host.ends_with(']')) {
        return None;
    }
    let url = Url::parse(&format!("http://{host}/")).ok()?;
    let host = url.host_str()?;
    Some(if host == "localhost" { String::new() } else { host.to_owned() })
}

fn is_slash(c: char) -> bool {
    matches!(c, '/' | '\\')
}

fn is_drive(text: &str) -> bool {
    matches!(text.as_bytes(), [letter, b':' | b'|'] if letter.is_ascii_alphabetic())
}

fn begins_with_drive(text: &str) -> bool {
    text.get(..2).is_some_and(is_drive)
        && text.get(2..).is_none_or(|rest| rest.is_empty() || rest.starts_with(['/', '\\', '?', '#']))
}

fn escaped(text: &str, special: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() && !c.is_control() && !special.contains(c) {
            written.push(c);
            continue;
        }
        let mut bytes = [0; 4];
        for byte in c.encode_utf8(&mut bytes).bytes() {
            let _ = write!(written, "%{byte:02X}");
        }
    }
    written
}
