//! What header and document say of their charset. Believes neither.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, X_USER_DEFINED};

/// Browsers read a late declaration too, if only once the page is there.
const DECLARED_WITHIN: usize = 4096;

/// The charset of `text/xml; charset=gb2312`.
pub(super) fn of_header(content_type: &str) -> Option<&'static Encoding> {
    crate::source::encoding(charset_within(content_type)?)
}

/// What the document says of itself: `<?xml encoding="…"?>`, `<meta charset=…>`.
pub(super) fn of_document(body: &[u8]) -> Option<&'static Encoding> {
    let start = body.get(..DECLARED_WITHIN).unwrap_or(body);
    // Names are ASCII; what is not does no harm as single characters.
    let start: String = start.iter().map(|byte| char::from(*byte).to_ascii_lowercase()).collect();
    let encoding = of_xml(&start).or_else(|| of_meta(&start))?;
    // Whoever could read the name was not reading UTF-16 (WHATWG HTML, prescan).
    if encoding == UTF_16LE || encoding == UTF_16BE {
        return Some(UTF_8);
    }
    Some(if encoding == X_USER_DEFINED { WINDOWS_1252 } else { encoding })
}

fn of_xml(start: &str) -> Option<&'static Encoding> {
    let xml = start.trim_start().strip_prefix("<?xml")?;
    let xml = xml.split('>').next().unwrap_or(xml);
    let (_, value) = xml.split_once("encoding")?;
    crate::source::encoding(quoted(value.trim_start().strip_prefix('=')?)?)
}

/// The first `<meta>` that names a charset somebody knows; comments are passed over.
fn of_meta(start: &str) -> Option<&'static Encoding> {
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
        if let Some(encoding) = meta.and_then(of_attributes) {
            return Some(encoding);
        }
    }
    None
}

fn of_attributes(meta: &str) -> Option<&'static Encoding> {
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
    let named = charset.or_else(|| content.and_then(charset_within))?;
    crate::source::encoding(named)
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
