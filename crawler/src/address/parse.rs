//! Addresses as the URL Standard of WHATWG reads them today. The `url` crate follows an older text of it
//! for paths, slashes and `file:`; of each address it reads the part with name, host and port only.

use std::fmt::Write;

use url::{Position, Url};

/// Schemes whose addresses always have a host and take `\` for `/`; `file` is one, with rules of its own.
const SPECIAL: &[&str] = &["http", "https", "ws", "wss", "ftp", "file"];

/// What is escaped in each part, beside controls and all that is not ASCII.
const IN_PATH: &str = "\"#<>?^`{} ";
const IN_QUERY: &str = "\"#<> ";
const IN_SPECIAL_QUERY: &str = "\"#<>' ";
const IN_FRAGMENT: &str = "\"<>` ";

/// An address in its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    scheme: String,
    /// Name, host and port; `None` where the address has no `//`.
    authority: Option<String>,
    path: Path,
    query: Option<String>,
    fragment: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Path {
    /// That of `mailto:a@b.example`: nothing can be relative to it.
    Opaque(String),
    Segments(Vec<String>),
}

impl Address {
    /// Reads a link on a page; `None` if it is no address.
    pub(super) fn read(link: &str, page: Option<&Address>) -> Option<Address> {
        let link: String =
            link.trim_matches(|c| c <= ' ').chars().filter(|c| !matches!(c, '\t' | '\n' | '\r')).collect();
        let Some((scheme, rest)) = with_scheme(&link) else { return Address::relative(&link, page?) };
        let mut address = Address::of(&scheme);
        let page = page.filter(|page| page.scheme == scheme);
        if address.is_file() {
            address.read_file(rest, page)?;
        } else if address.is_special() {
            match page {
                Some(page) if !(begins_with_slash(rest) && begins_with_slash(behind_first(rest))) => {
                    return Address::relative(rest, page);
                }
                _ => address.read_authority(rest.trim_start_matches(is_slash))?,
            }
        } else if let Some(rest) = rest.strip_prefix("//") {
            address.read_authority(rest)?;
        } else if rest.starts_with('/') {
            address.read_path(rest);
        } else {
            address.read_opaque(rest);
        }
        Some(address)
    }

    fn of(scheme: &str) -> Address {
        let (scheme, path) = (scheme.to_owned(), Path::Segments(Vec::new()));
        Address { scheme, authority: None, path, query: None, fragment: None }
    }

    fn is_file(&self) -> bool {
        self.scheme == "file"
    }

    fn is_special(&self) -> bool {
        SPECIAL.contains(&self.scheme.as_str())
    }

    /// Whether this ends a segment of a path.
    fn ends_segment(&self, c: char) -> bool {
        c == '/' || c == '\\' && self.is_special()
    }

    /// What names no scheme.
    fn relative(rest: &str, page: &Address) -> Option<Address> {
        let mut address = Address { fragment: None, ..page.clone() };
        if matches!(page.path, Path::Opaque(_)) {
            address.read_query_and_fragment(rest.starts_with('#').then_some(rest)?);
            return Some(address);
        }
        if page.is_file() {
            let mut address = Address::of("file");
            return address.read_file(rest, Some(page)).map(|()| address);
        }
        let begins = |text: &str| text.starts_with(|c| page.ends_segment(c));
        if begins(rest) && begins(behind_first(rest)) {
            let mut address = Address::of(&page.scheme);
            let is_special = page.is_special();
            let authority =
                if is_special { rest.trim_start_matches(is_slash) } else { rest.strip_prefix("//")? };
            return address.read_authority(authority).map(|()| address);
        }
        if begins(rest) {
            address.query = None;
            address.path = Path::Segments(Vec::new());
            address.read_path(rest);
        } else {
            address.read_beside(rest);
        }
        Some(address)
    }

    /// What stands in the folder of the page that is here yet.
    fn read_beside(&mut self, rest: &str) {
        if rest.is_empty() || rest.starts_with('?') || rest.starts_with('#') {
            return self.read_query_and_fragment(rest);
        }
        self.query = None;
        self.shorten();
        self.read_segments(rest);
    }

    /// Name, host and port, and what follows them.
    fn read_authority(&mut self, rest: &str) -> Option<()> {
        let end = rest.find(|c| self.ends_segment(c) || matches!(c, '?' | '#')).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let (names, host) =
            authority.rsplit_once('@').map_or((None, authority), |(names, host)| (Some(names), host));
        if host.contains('\\') || host.is_empty() && (names.is_some() || self.is_special()) {
            return None;
        }
        let begin = format!("{}://", self.scheme);
        let url = Url::parse(&format!("{begin}{authority}/")).ok()?;
        self.authority = Some(url[..Position::BeforePath].strip_prefix(&begin)?.to_owned());
        self.read_path(path);
        Some(())
    }

    /// What follows `file:`, or stands on a page of it.
    fn read_file(&mut self, rest: &str, page: Option<&Address>) -> Option<()> {
        self.authority = Some(String::new());
        if begins_with_slash(rest) {
            return self.read_file_behind_slash(behind_first(rest), page);
        }
        let Some(page) = page else {
            self.read_segments(rest);
            return Some(());
        };
        *self = Address { fragment: None, ..page.clone() };
        if begins_with_drive(rest) {
            self.query = None;
            self.path = Path::Segments(Vec::new());
            self.read_segments(rest);
        } else {
            self.read_beside(rest);
        }
        Some(())
    }

    /// What follows one slash: another and a host, or a path on the page's host and drive.
    fn read_file_behind_slash(&mut self, rest: &str, page: Option<&Address>) -> Option<()> {
        if !begins_with_slash(rest) {
            if let Some(page) = page {
                self.authority.clone_from(&page.authority);
                let drive = page.segments().first().filter(|first| is_drive(first) && first.ends_with(':'));
                if let Some(drive) = drive.filter(|_| !begins_with_drive(rest)) {
                    self.path = Path::Segments(vec![drive.clone()]);
                }
            }
            self.read_segments(rest);
            return Some(());
        }
        let rest = behind_first(rest);
        let end = rest.find(|c| is_slash(c) || matches!(c, '?' | '#')).unwrap_or(rest.len());
        let (host, path) = rest.split_at(end);
        if is_drive(host) {
            self.read_segments(rest);
            return Some(());
        }
        if !host.is_empty() {
            self.authority = Some(host_of_file(host)?);
        }
        self.read_path(path);
        Some(())
    }

    fn read_opaque(&mut self, rest: &str) {
        let end = rest.find(['?', '#']).unwrap_or(rest.len());
        let (path, behind) = rest.split_at(end);
        let mut path = escaped(path, "");
        // A space at the very end would be lost with whoever reads the address next.
        if !behind.is_empty() && path.ends_with(' ') {
            path.pop();
            path.push_str("%20");
        }
        self.path = Path::Opaque(path);
        self.read_query_and_fragment(behind);
    }

    /// A path that begins with a slash or is not there, then query and fragment.
    fn read_path(&mut self, rest: &str) {
        if rest.starts_with(|c| self.ends_segment(c)) {
            self.read_segments(behind_first(rest));
        } else if self.is_special() {
            self.read_segments(rest);
        } else {
            self.read_query_and_fragment(rest);
        }
    }

    /// Segments up to query and fragment.
    fn read_segments(&mut self, mut rest: &str) {
        loop {
            let end = rest.find(|c| self.ends_segment(c) || matches!(c, '?' | '#')).unwrap_or(rest.len());
            let (segment, behind) = rest.split_at(end);
            let goes_on = behind.starts_with(|c| self.ends_segment(c));
            self.add_segment(segment, goes_on);
            if !goes_on {
                return self.read_query_and_fragment(behind);
            }
            rest = behind_first(behind);
        }
    }

    fn add_segment(&mut self, segment: &str, goes_on: bool) {
        let dots = segment.to_ascii_lowercase().replace("%2e", ".");
        if dots == ".." {
            self.shorten();
        }
        let is_first_drive = self.is_file() && self.segments().is_empty() && is_drive(segment);
        let Path::Segments(path) = &mut self.path else { return };
        match dots.as_str() {
            "." | ".." if goes_on => {}
            "." | ".." => path.push(String::new()),
            _ if is_first_drive => path.push(segment.replace('|', ":")),
            _ => path.push(escaped(segment, IN_PATH)),
        }
    }

    fn segments(&self) -> &[String] {
        match &self.path {
            Path::Segments(segments) => segments,
            Path::Opaque(_) => &[],
        }
    }

    fn shorten(&mut self) {
        let is_bare_drive =
            self.is_file() && matches!(self.segments(), [drive] if is_drive(drive) && drive.ends_with(':'));
        if let Path::Segments(path) = &mut self.path
            && !is_bare_drive
        {
            path.pop();
        }
    }

    fn read_query_and_fragment(&mut self, rest: &str) {
        let (query, fragment) = match rest.split_once('#') {
            Some((query, fragment)) => (query, Some(fragment)),
            None => (rest, None),
        };
        if let Some(query) = query.strip_prefix('?') {
            self.query = Some(escaped(query, if self.is_special() { IN_SPECIAL_QUERY } else { IN_QUERY }));
        }
        self.fragment = fragment.map(|fragment| escaped(fragment, IN_FRAGMENT));
    }

    /// The address as it is written.
    pub(super) fn text(&self) -> String {
        let mut text = format!("{}:", self.scheme);
        if let Some(authority) = &self.authority {
            text.push_str("//");
            text.push_str(authority);
        }
        match &self.path {
            Path::Opaque(path) => text.push_str(path),
            Path::Segments(segments) => {
                // Else the path would be read as a host.
                if self.authority.is_none()
                    && segments.len() > 1
                    && segments.first().is_some_and(String::is_empty)
                {
                    text.push_str("/.");
                }
                for segment in segments {
                    text.push('/');
                    text.push_str(segment);
                }
            }
        }
        for (mark, part) in [('?', &self.query), ('#', &self.fragment)] {
            if let Some(part) = part {
                text.push(mark);
                text.push_str(part);
            }
        }
        text
    }
}

/// An address's scheme in lower case, and what is behind its colon.
fn with_scheme(text: &str) -> Option<(String, &str)> {
    let (scheme, rest) = text.split_once(':')?;
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    is_scheme.then(|| (scheme.to_ascii_lowercase(), rest))
}

/// A host of `file:` is read as that of any other address; a port or a name has no place here.
fn host_of_file(host: &str) -> Option<String> {
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

fn begins_with_slash(text: &str) -> bool {
    text.starts_with(is_slash)
}

/// What follows the first sign, which is ASCII.
fn behind_first(text: &str) -> &str {
    text.get(1..).unwrap_or_default()
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
