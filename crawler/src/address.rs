//! Addresses: two links to one page become the same text, so that it is one post.
//! Fetches nothing and judges no address safe; `guard` does that.

mod parse;
mod tracking;
mod twin;

#[cfg(test)]
mod tests;

use url::Url;

use parse::Address;
use tracking::is_tracking;

/// The address that a link means on a page, as browsers understand it (WHATWG URL); without a page the
/// link must be absolute. `None` if it cannot be one. Any scheme.
pub fn join(link: &str, page: Option<&str>) -> Option<Url> {
    Url::parse(&join_text(link, page)?).ok()
}

/// As [`join`], but the address as text, and exact for schemes too that are never followed.
pub fn join_text(link: &str, page: Option<&str>) -> Option<String> {
    let page = match page {
        Some(page) => Some(Address::read(page, None)?),
        None => None,
    };
    Address::read(link, page.as_ref()).map(|address| address.text())
}

/// What names a page: the same text for every spelling of its address and for its twins (docs/import.md,
/// "Addresses"); `None` if it is not an absolute http(s) address. Applying it twice changes nothing more.
///
/// It identifies and need not be an address that answers: keep [`link`] for that.
pub fn canonical(address: &str) -> Option<String> {
    let mut url = spelled(address)?;
    // A site that moves to https shows the same pages; their posts must not come in anew.
    if url.port().is_none() {
        let _ = url.set_scheme("https");
    }
    twin::unify(&mut url);
    if url.query().is_none() {
        let path = url.path().to_owned();
        let folder =
            ["index.html", "index.htm", "index.shtml"].iter().find_map(|file| path.strip_suffix(file));
        if let Some(folder) = folder.filter(|folder| folder.ends_with('/')) {
            url.set_path(folder);
        }
    }
    Some(url.into())
}

/// The address to show and to follow: as [`canonical`], but of the scheme, host and page that were written.
pub fn link(address: &str) -> Option<String> {
    spelled(address).map(Url::into)
}

/// Scheme and host in lower case, default port, user name, fragment, tracking parameters, sessions and
/// empty query dropped, escapes written one way, parameters in order.
fn spelled(address: &str) -> Option<Url> {
    let mut url = Url::parse(address.trim()).ok()?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
        return None;
    }
    // Pages that a script shows by their fragment are pages of their own.
    let is_page =
        url.fragment().is_some_and(|fragment| fragment.starts_with(['!', '/']) && fragment.len() > 1);
    if !is_page {
        url.set_fragment(None);
    }
    // A name and password in an address are personal data, and never part of what is read.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    if let Some(host) = url.domain().and_then(|host| host.strip_suffix('.')).map(str::to_owned)
        && !host.is_empty()
    {
        let _ = url.set_host(Some(&host));
    }
    let path = without_session(&with_one_spelling(url.path())).to_owned();
    url.set_path(&path);
    let host = url.domain().unwrap_or_default();
    let query = url.query().map(with_one_spelling).map(|query| sorted_without_tracking(&query, host));
    url.set_query(query.as_deref().filter(|query| !query.is_empty()));
    Some(url)
}

/// `;jsessionid=…` at the end of a path.
fn without_session(path: &str) -> &str {
    let found = path.bytes().enumerate().find(|(place, _)| {
        path.get(*place..*place + 12).is_some_and(|part| part.eq_ignore_ascii_case(";jsessionid="))
    });
    match found {
        Some((place, _)) if !path.get(place..).unwrap_or_default().contains('/') => {
            path.get(..place).unwrap_or(path)
        }
        _ => path,
    }
}

/// Escapes of letters, digits and `-._~` are written out, the others with capital digits (RFC 3986 §6.2.2).
/// Escapes beyond ASCII stay as they are: a site may mean GBK.
fn with_one_spelling(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(place) = rest.find('%') {
        let (before, escape) = rest.split_at(place);
        written.push_str(before);
        let byte = escape.get(1..3).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        // A sign behind a stray % would become an escape together with it.
        let is_behind_stray = ends_in_half_an_escape(&written);
        match byte.filter(|_| escape.get(1..3).is_some_and(|digits| !digits.starts_with('+'))) {
            Some(byte) if is_unreserved(byte) && !is_behind_stray => written.push(char::from(byte)),
            Some(byte) => written.push_str(&format!("%{byte:02X}")),
            None => {
                written.push('%');
                rest = escape.get(1..).unwrap_or_default();
                continue;
            }
        }
        rest = escape.get(3..).unwrap_or_default();
    }
    written.push_str(rest);
    written
}

/// Whether a text ends with a % that begins no escape, or with such a % and one digit.
fn ends_in_half_an_escape(text: &str) -> bool {
    match *text.as_bytes() {
        [.., b'%', one, two] if one.is_ascii_hexdigit() && two.is_ascii_hexdigit() => false,
        [.., b'%'] => true,
        [.., b'%', digit] => digit.is_ascii_hexdigit(),
        _ => false,
    }
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

fn sorted_without_tracking(query: &str, host: &str) -> String {
    let mut parts: Vec<&str> =
        query.split('&').filter(|part| !part.is_empty() && !is_tracking(part, host)).collect();
    // Stable and by name only: repeated parameters keep their order, which may mean something.
    parts.sort_by_key(|part| part.split_once('=').map_or(*part, |(name, _)| name));
    parts.join("&")
}
