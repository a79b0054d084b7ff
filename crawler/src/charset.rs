//! Bytes to text. Weighs what header, byte order mark and document say against what the bytes are:
//! Chinese sites still send GBK under the name of UTF-8, and the other way round.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use url::{Host, Url};

/// A declaration stands at the very beginning.
const DECLARED_WITHIN: usize = 1024;

/// So much is enough to recognise a charset by.
const SAMPLE: usize = 256 * 1024;

/// A page as text.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded {
    /// The text, without byte order mark.
    pub text: String,
    /// What it was read as.
    pub encoding: &'static Encoding,
    /// Places that could not be read and became `�`.
    pub unreadable: usize,
}

/// Decodes a page. `chosen` is the administrator's word for this source and beats all but a byte
/// order mark; `url` is only a hint, by its country.
pub fn decode(
    body: &[u8],
    content_type: Option<&str>,
    url: &Url,
    chosen: Option<&'static Encoding>,
) -> Decoded {
    if let Some((encoding, mark)) = Encoding::for_bom(body) {
        return read(body.get(mark..).unwrap_or_default(), encoding);
    }
    if let Some(encoding) = chosen {
        return read(body, encoding);
    }
    if let Some(encoding) = utf16_without_mark(body) {
        return read(body, encoding);
    }
    let header = content_type.and_then(charset_of_header);
    let declared = declaration(body);
    if is_surely_utf8(body, [header, declared]) {
        return read(body, UTF_8);
    }
    best(body, [header, declared], guess(body, url))
}

fn read(body: &[u8], encoding: &'static Encoding) -> Decoded {
    let (text, _) = encoding.decode_without_bom_handling(body);
    let unreadable = if text.contains('\u{fffd}') { text.matches('\u{fffd}').count() } else { 0 };
    Decoded { text: text.into_owned(), encoding, unreadable }
}

/// Valid UTF-8 is UTF-8 whatever is said of it, and so is what is valid but for a few places: UTF-8 has
/// three bytes for each Chinese character, and other charsets never look so for long. The exception is
/// a charset that was named and two-byte sequences alone, which are as good in GBK.
fn is_surely_utf8(body: &[u8], said: [Option<&'static Encoding>; 2]) -> bool {
    let nobody_objects = said.into_iter().flatten().all(|encoding| encoding == UTF_8);
    let text = String::from_utf8_lossy(body);
    let bad = text.chars().filter(|c| *c == '\u{fffd}').count();
    let wide = text.chars().filter(|c| c.len_utf8() >= 3).count() - bad;
    if bad == 0 { wide > 0 || nobody_objects || text.is_ascii() } else { wide > 4 * bad }
}

/// The reading with the fewest unreadable places, in the order of trust. A western charset reads
/// anything and so proves nothing: servers name it when they have not been told.
fn best(body: &[u8], said: [Option<&'static Encoding>; 2], guess: &'static Encoding) -> Decoded {
    let mut candidates: Vec<&'static Encoding> = said.into_iter().flatten().collect();
    candidates.extend([guess, UTF_8, GB18030]);
    candidates.sort_by_key(|encoding| proves_nothing(encoding));
    let mut best: Option<Decoded> = None;
    for encoding in candidates {
        let decoded = read(body, encoding);
        if decoded.unreadable == 0 {
            return decoded;
        }
        if best.as_ref().is_none_or(|best| decoded.unreadable < best.unreadable) {
            best = Some(decoded);
        }
    }
    best.unwrap_or_else(|| read(body, UTF_8))
}

fn proves_nothing(encoding: &'static Encoding) -> bool {
    encoding.is_single_byte() || encoding == WINDOWS_1252 || encoding == encoding_rs::REPLACEMENT
}

/// The charset of `text/xml; charset=gb2312`.
fn charset_of_header(content_type: &str) -> Option<&'static Encoding> {
    let lower = content_type.to_ascii_lowercase();
    let (_, value) = lower.split_once("charset")?;
    label(value.trim_start().strip_prefix('=')?)
}

/// What the document says of itself: `<?xml encoding="…"?>`, `<meta charset=…>`.
fn declaration(body: &[u8]) -> Option<&'static Encoding> {
    let start = body.get(..DECLARED_WITHIN).unwrap_or(body);
    let start = String::from_utf8_lossy(start).to_ascii_lowercase();
    let trimmed = start.trim_start();
    if let Some(xml) = trimmed.strip_prefix("<?xml") {
        let (xml, _) = xml.split_once("?>")?;
        let (_, value) = xml.split_once("encoding")?;
        return label(value.trim_start().strip_prefix('=')?);
    }
    let (_, meta) = trimmed.split_once("<meta")?;
    let (_, value) = meta.split_once("charset")?;
    label(value.trim_start().strip_prefix('=')?)
}

/// A charset's name up to its quote, space or bracket.
fn label(value: &str) -> Option<&'static Encoding> {
    let value = value.trim_start().trim_start_matches(['"', '\'']);
    let end =
        value.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ';' | '>' | '/' | '?' | ','));
    let encoding = crate::source::encoding(value.get(..end.unwrap_or(value.len()))?)?;
    // Whoever could read the name was not reading UTF-16.
    if encoding == UTF_16LE || encoding == UTF_16BE { None } else { Some(encoding) }
}

/// Mark-up begins with `<` or `{`, which UTF-16 accompanies with a zero.
fn utf16_without_mark(body: &[u8]) -> Option<&'static Encoding> {
    match body {
        [b'<' | b'{', 0, second, 0, ..] if *second != 0 => Some(UTF_16LE),
        [0, b'<' | b'{', 0, second, ..] if *second != 0 => Some(UTF_16BE),
        _ => None,
    }
}

fn guess(body: &[u8], url: &Url) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    let sample = body.get(..SAMPLE).unwrap_or(body);
    detector.feed(sample, sample.len() == body.len());
    let country = match url.host() {
        Some(Host::Domain(name)) => name.rsplit('.').next().unwrap_or_default(),
        _ => "",
    };
    // A name that belongs to no country, or none at all, is read in this service as a Chinese one.
    let country = if country.len() == 2 && country.is_ascii() { country } else { "cn" };
    detector.guess(Some(country.as_bytes()), Utf8Detection::Allow)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "市民询问返乡是否需要核酸证明，囧字与㐂字也在其中。";

    fn gbk(text: &str) -> Vec<u8> {
        GB18030.encode(text).0.into_owned()
    }

    fn utf16(text: &str, little: bool) -> Vec<u8> {
        text.encode_utf16()
            .flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() })
            .collect()
    }

    fn decoded(body: &[u8], content_type: Option<&str>) -> Decoded {
        decode(body, content_type, &Url::parse("http://127.0.0.1:8099/feed").unwrap(), None)
    }

    #[test]
    fn the_bytes_win_over_what_is_said_of_them() {
        let xml = |encoding: &str| format!("<?xml version=\"1.0\" encoding=\"{encoding}\"?><t>{TEXT}</t>");
        let html = |charset: &str| format!("<html><meta charset={charset}><p>{TEXT}</p>");
        let bom = |text: String| [b"\xef\xbb\xbf".as_slice(), text.as_bytes()].concat();
        let bom16 = |text: String| [b"\xff\xfe".as_slice(), &utf16(&text, true)].concat();
        let cases: [(&str, Vec<u8>, Option<&str>, &str); 20] = [
            ("utf-8, nothing said", TEXT.into(), None, "UTF-8"),
            ("utf-8 under gbk", xml("utf-8").into(), Some("text/xml; charset=gbk"), "UTF-8"),
            ("utf-8 under latin1", xml("utf-8").into(), Some("text/xml; charset=ISO-8859-1"), "UTF-8"),
            ("utf-8 that says gbk", xml("gb2312").into(), Some("text/xml"), "UTF-8"),
            ("utf-8, unknown charset", TEXT.into(), Some("text/html; charset=klingon"), "UTF-8"),
            ("utf-8, utf-7 said", TEXT.into(), Some("text/html; charset=utf-7"), "UTF-8"),
            ("gbk by header", gbk(TEXT), Some("text/xml; charset=\"GB2312\""), "GBK"),
            ("gb18030 by header", gbk("𠮷㐂"), Some("text/xml; charset = gb18030"), "gb18030"),
            ("gbk by declaration", gbk(&xml("gb2312")), Some("text/xml"), "GBK"),
            ("gbk by meta", gbk(&html("'gbk'")), Some("text/html"), "GBK"),
            ("gbk under utf-8", gbk(&xml("utf-8")), Some("text/xml; charset=utf-8"), "GBK"),
            ("gbk that says utf-8", gbk(&xml("utf-8")), Some("text/xml"), "GBK"),
            ("gbk under latin1", gbk(TEXT), Some("text/html; charset=ISO-8859-1"), "GBK"),
            ("gbk, nothing said", gbk(TEXT), None, "GBK"),
            ("mark over header", bom(xml("gbk")), Some("text/xml; charset=gbk"), "UTF-8"),
            ("utf-16 with mark", bom16(xml("utf-16")), None, "UTF-16LE"),
            ("utf-16le without", utf16(&xml("utf-16"), true), Some("text/xml"), "UTF-16LE"),
            ("utf-16be without", utf16(&xml("utf-16"), false), None, "UTF-16BE"),
            ("utf-8 that says utf-16", xml("utf-16").into(), None, "UTF-8"),
            ("ascii", b"<rss/>".to_vec(), Some("text/xml; charset=gbk"), "UTF-8"),
        ];
        for (case, body, content_type, expected) in cases {
            let decoded = decoded(&body, content_type);
            assert_eq!((decoded.encoding.name(), decoded.unreadable), (expected, 0), "{case}");
            assert!(!decoded.text.starts_with('\u{feff}'), "{case}");
            let has_text = decoded.text.contains(TEXT) || decoded.text.contains("𠮷㐂");
            assert!(has_text || case == "ascii", "{case}: {}", decoded.text);
        }
    }

    #[test]
    fn two_characters_that_are_valid_in_both_follow_the_declaration() {
        let body = gbk("拢搂");
        assert_eq!(decoded(&body, Some("text/plain; charset=gbk")).text, "拢搂");
        assert_eq!(decoded(&body, None).text, "£§");
    }

    #[test]
    fn a_few_bad_bytes_do_not_change_the_charset() {
        let mut body = TEXT.repeat(20).into_bytes();
        body.splice(60..60, *b"\xff\xc3\x28\xed\xa0\x80\xf8");
        for content_type in [Some("text/html; charset=utf-8"), None] {
            let decoded = decoded(&body, content_type);
            assert_eq!(decoded.encoding, UTF_8);
            assert!(decoded.unreadable > 0 && decoded.text.ends_with(TEXT));
        }
        let mut body = gbk(&TEXT.repeat(20));
        body.splice(60..60, [0xff, 0xff]);
        let decoded = decoded(&body, Some("text/xml; charset=gbk"));
        assert!(decoded.unreadable > 0 && decoded.text.ends_with(TEXT));
    }

    #[test]
    fn the_administrators_word_beats_everything_but_a_mark() {
        let url = Url::parse("http://bbs.example.cn/").unwrap();
        let chosen = crate::source::encoding(" GBK ");
        let content_type = Some("text/xml; charset=big5");
        assert_eq!(decode(&gbk(TEXT), content_type, &url, chosen).text, TEXT);
        let marked = [b"\xef\xbb\xbf".as_slice(), TEXT.as_bytes()].concat();
        assert_eq!(decode(&marked, content_type, &url, chosen).text, TEXT);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_become_text(body in proptest::collection::vec(0_u8.., 0..400)) {
            let _ = (decoded(&body, None), decoded(&body, Some("text/xml; charset=gbk")));
        }
    }
}
