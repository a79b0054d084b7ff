//! What header and document say of their charset. Believes neither.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, X_USER_DEFINED};
use oem_cp::code_table::DECODING_TABLE_CP_MAP;
use oem_cp::code_table_type::TableType;

/// Browsers read a late declaration too, if only once the page is there.
const DECLARED_WITHIN: usize = 4096;

/// The charset of `text/xml; charset=gb2312`.
pub(super) fn of_header(content_type: &str) -> Option<&'static Encoding> {
    crate::source::encoding(charset_within(content_type)?)
}

/// What the document says of itself: `<?xml encoding="…"?>`, `<meta charset=…>`.
pub(super) fn of_document(body: &[u8]) -> Option<&'static Encoding> {
    let encoding = of_start(body, crate::source::encoding)?;
    // Whoever could read the name was not reading UTF-16 (WHATWG HTML, prescan).
    if encoding == UTF_16LE || encoding == UTF_16BE {
        return Some(UTF_8);
    }
    Some(if encoding == X_USER_DEFINED { WINDOWS_1252 } else { encoding })
}

/// A code page of DOS, which WHATWG does not know: its number and table, if header or document name one.
pub(super) fn dos_page(content_type: Option<&str>, body: &[u8]) -> Option<(u16, &'static TableType)> {
    match content_type.and_then(charset_within) {
        Some(name) if crate::source::encoding(name).is_some() => None,
        Some(name) => dos_page_of(name).or_else(|| of_start(body, dos_page_of)),
        None => of_start(body, dos_page_of),
    }
}

fn dos_page_of(name: &str) -> Option<(u16, &'static TableType)> {
    let name = name.trim().to_ascii_lowercase();
    if crate::source::encoding(&name).is_some() {
        return None;
    }
    let number = ["ibm-", "ibm", "cp-", "cp", "dos-", ""]
        .iter()
        .find_map(|before| name.strip_prefix(before)?.parse().ok())?;
    DECODING_TABLE_CP_MAP.get(&number).map(|table| (number, table))
}

/// The first name in a document's beginning that `known` knows.
fn of_start<T>(body: &[u8], known: fn(&str) -> Option<T>) -> Option<T> {
    let start = body.get(..DECLARED_WITHIN).unwrap_or(body);
    // Names are ASCII; what is not does no harm as single characters.
    let start: String = start.iter().map(|byte| char::from(*byte).to_ascii_lowercase()).collect();
    of_xml(&start, known).or_else(|| of_meta(&start, known))
}

fn of_xml<T>(start: &str, known: fn(&str) -> Option<T>) -> Option<T> {
    let xml = start.trim_start().strip_prefix("<?xml")?;
    let xml = xml.split('>').next().unwrap_or(xml);
    let (_, value) = xml.split_once("encoding")?;
    known(quoted(value.trim_start().strip_prefix('=')?)?)
}

/// The first `<meta>` that names a charset somebody knows; comments are passed over.
fn of_meta<T>(start: &str, known: fn(&str) -> Option<T>) -> Option<T> {
    let mut rest = start;
    while let Some(place) = rest.find('<') {
        rest = rest.get(place..)?;
        if let Some(comment) = rest.strip_prefix("<!--") {
            // `<!-->` is a whole comment.
            rest = if comment.starts_with('>') { comment } else { comment.split_once("-->")?.1 };
            continue;
        }
        let meta = rest
            .strip_prefix("<meta")
            .filter(|meta| meta.starts_with(|c: char| c.is_whitespace() || c == '/'));
        rest = rest.get(1..)?;
        if let Some(found) = meta.and_then(|meta| of_attributes(meta, known)) {
            return Some(found);
        }
    }
    None
}

fn of_attributes<T>(meta: &str, known: fn(&str) -> Option<T>) -> Option<T> {
    let mut rest = meta;
    let (mut charset, mut content) = (None, None);
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
        if rest.is_empty() || rest.starts_with('>') {
            break;
        }
        let end =
            rest.find(|c: char| c.is_whitespace() || matches!(c, '=' | '>' | '/')).unwrap_or(rest.len());
        let (name, behind) = rest.split_at(end.max(1).min(rest.len()));
        let behind = behind.trim_start();
        let Some(value) = behind.strip_prefix('=').map(str::trim_start) else {
            rest = behind;
            continue;
        };
        let text = quoted(value).unwrap_or_default();
        let quotes = if value.starts_with(['"', '\'']) { 2 } else { 0 };
        rest = value.get(text.len() + quotes..).unwrap_or_default();
        match name {
            "charset" if charset.is_none() => charset = Some(text),
            "content" if content.is_none() => content = Some(text),
            _ => {}
        }
    }
    known(charset.or_else(|| content.and_then(charset_within))?)
}

/// A value in quotes, or up to white space or the tag's end.
fn quoted(value: &str) -> Option<&str> {
    let value = value.trim_start();
    if let Some(quote) = value.chars().next().filter(|c| matches!(c, '"' | '\'')) {
        return value.get(1..)?.split(quote).next();
    }
    value.split(|c: char| c.is_whitespace() || c == '>').next()
}

/// The name behind `charset=` in a content type.
fn charset_within(content: &str) -> Option<&str> {
    let lower = content.to_ascii_lowercase();
    let mut from = 0;
    while let Some(place) = lower.get(from..)?.find("charset") {
        from += place + "charset".len();
        let value = content.get(from..)?.trim_start();
        if let Some(value) = value.strip_prefix('=') {
            let value = quoted(value)?;
            return value.split([';', ',']).next().map(|name| name.trim_matches(['"', '\'', ' ']));
        }
    }
    None
}
