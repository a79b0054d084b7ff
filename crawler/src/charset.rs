//! Bytes to text. Weighs what header, byte order mark and document say against what the bytes are:
//! Chinese sites still send GBK under the name of UTF-8, and the other way round. A declaration is
//! overruled only where the bytes prove it wrong.

mod declared;
mod evidence;

#[cfg(test)]
mod tests;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{
    BIG5, Encoding, GB18030, GBK, IBM866, ISO_2022_JP, REPLACEMENT, UTF_8, UTF_16BE, UTF_16LE,
};
use url::{Host, Url};

/// So much is enough to recognise a charset by.
const SAMPLE: usize = 256 * 1024;

/// A page as text.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded {
    /// The text, without byte order mark.
    pub text: String,
    /// What it was read as, or what is nearest to it.
    pub encoding: &'static Encoding,
    /// Places that could not be read and became `�`.
    pub unreadable: usize,
    /// What it was in truth, if WHATWG knows nothing of it.
    pub beyond: Option<Beyond>,
}

/// A charset of which WHATWG knows nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beyond {
    /// UTF-32, in the order of the UTF-16 that stands for it.
    Utf32,
    /// A code page of DOS by its number.
    Dos(u16),
}

impl Decoded {
    /// The charset's name (WHATWG) in lower case.
    pub fn name(&self) -> String {
        let name = self.encoding.name().to_ascii_lowercase();
        match self.beyond {
            Some(Beyond::Utf32) => name.replace("16", "32"),
            Some(Beyond::Dos(number)) => format!("ibm{number}"),
            None => name,
        }
    }
}

/// Decodes a page. `chosen` is the administrator's word for this source and beats all but a byte
/// order mark; `url` is only a hint, by its country.
pub fn decode(
    body: &[u8],
    content_type: Option<&str>,
    url: &Url,
    chosen: Option<&'static Encoding>,
) -> Decoded {
    if let Some(text) = utf32(body) {
        return text;
    }
    if let Some((encoding, mark)) = Encoding::for_bom(body) {
        return read(body.get(mark..).unwrap_or_default(), encoding);
    }
    if let Some(encoding) = chosen {
        return read(body, encoding);
    }
    if let Some(encoding) = utf16_without_mark(body) {
        return read(body, encoding);
    }
    let header = content_type.and_then(declared::of_header);
    if let Some(encoding) = header.filter(|encoding| is_utf16(encoding) && is_full_of_zeros(body, encoding)) {
        return read(body, encoding);
    }
    let header = header.filter(|encoding| !is_utf16(encoding));
    let said = [header, declared::of_document(body)];
    if body.is_ascii() && !body.contains(&0x1b) {
        let named = said.into_iter().flatten().find(|encoding| *encoding != REPLACEMENT);
        return read(body, named.unwrap_or(UTF_8));
    }
    if said == [None, None] && evidence::is_gbk_rather_than_utf8(body) {
        return read(body, GBK);
    }
    if is_surely_utf8(body, said) {
        return read(body, UTF_8);
    }
    let guess = guess(body, url);
    if let Some((number, table)) = declared::dos_page(content_type, body)
        && !evidence::is_chinese_under(body, IBM866, guess)
    {
        let text = table.decode_string_lossy(body);
        let unreadable = text.matches('\u{fffd}').count();
        return Decoded { text, encoding: IBM866, unreadable, beyond: Some(Beyond::Dos(number)) };
    }
    best(body, said, guess)
}

fn read(body: &[u8], encoding: &'static Encoding) -> Decoded {
    let (text, _) = encoding.decode_without_bom_handling(body);
    let unreadable = if text.contains('\u{fffd}') { text.matches('\u{fffd}').count() } else { 0 };
    Decoded { text: without_marks(text.into_owned()), encoding, unreadable, beyond: None }
}

/// Pages put together of files bear a mark for each; those in front are no text.
fn without_marks(text: String) -> String {
    let begin = text.len() - text.trim_start_matches('\u{feff}').len();
    if begin == 0 { text } else { text.get(begin..).unwrap_or_default().to_owned() }
}

/// Valid UTF-8 is UTF-8 whatever is said of it, and so is what is valid but for a few places: UTF-8 has
/// three bytes for each Chinese character, and other charsets never look so for long. The exception is
/// a charset that was named and two-byte sequences alone, which are as good in GBK.
fn is_surely_utf8(body: &[u8], said: [Option<&'static Encoding>; 2]) -> bool {
    let nobody_objects = said.into_iter().flatten().all(|encoding| encoding == UTF_8);
    let text = String::from_utf8_lossy(body);
    let bad = text.chars().filter(|c| *c == '\u{fffd}').count();
    let wide = text.chars().filter(|c| c.len_utf8() >= 3).count() - bad;
    if bad == 0 { !text.is_ascii() && (wide > 0 || nobody_objects) } else { wide > 4 * bad }
}

/// The first that was named and that the bytes do not belie; else what they look like.
fn best(body: &[u8], said: [Option<&'static Encoding>; 2], guess: &'static Encoding) -> Decoded {
    for encoding in said.into_iter().flatten().filter(|encoding| *encoding != REPLACEMENT) {
        let decoded = read(body, encoding);
        let is_believed = if encoding.is_single_byte() {
            guess != UTF_8 && !evidence::is_chinese_under(body, encoding, guess)
        } else {
            is_mostly_readable(&decoded)
        };
        if is_believed {
            return if is_chinese(encoding) {
                evidence::better_chinese(body, Some(decoded))
            } else {
                decoded
            };
        }
    }
    let looks_chinese = is_chinese(guess) || (guess.is_single_byte() && evidence::comes_in_pairs(body));
    let looks = if looks_chinese { evidence::better_chinese(body, None) } else { read(body, guess) };
    if looks.unreadable == 0 {
        return looks;
    }
    let candidates = said.into_iter().flatten().chain([UTF_8, GB18030]).map(|encoding| read(body, encoding));
    candidates.fold(looks, |best, other| if other.unreadable < best.unreadable { other } else { best })
}

fn is_chinese(encoding: &'static Encoding) -> bool {
    encoding == GBK || encoding == GB18030 || encoding == BIG5
}

/// A few broken places do not make it another charset.
fn is_mostly_readable(decoded: &Decoded) -> bool {
    if decoded.unreadable == 0 {
        return true;
    }
    let beyond_ascii = decoded.text.chars().filter(|c| !c.is_ascii()).count() - decoded.unreadable;
    decoded.unreadable * 20 <= beyond_ascii
}

fn is_utf16(encoding: &'static Encoding) -> bool {
    encoding == UTF_16LE || encoding == UTF_16BE
}

/// Spaces, digits and mark-up have a zero in UTF-16, on one side.
fn is_full_of_zeros(body: &[u8], encoding: &'static Encoding) -> bool {
    let side = usize::from(encoding == UTF_16LE);
    let (pairs, _) = body.as_chunks::<2>();
    let zeros = pairs.iter().filter(|pair| pair.get(side) == Some(&0)).count();
    // Chinese without a single space is told by what UTF-8 and GBK would not allow.
    zeros * 20 > pairs.len() || (std::str::from_utf8(body).is_err() && read(body, encoding).unreadable == 0)
}

/// Mark-up begins with `<` or `{`, which UTF-16 accompanies with a zero.
fn utf16_without_mark(body: &[u8]) -> Option<&'static Encoding> {
    match body {
        [b'<' | b'{', 0, second, 0, ..] if *second != 0 => Some(UTF_16LE),
        [0, b'<' | b'{', 0, second, ..] if *second != 0 => Some(UTF_16BE),
        _ => None,
    }
}

/// UTF-32, by its mark or by the three zeros beside `<`.
fn utf32(body: &[u8]) -> Option<Decoded> {
    let (is_little, mark) = match body {
        [0xff, 0xfe, 0, 0, ..] => (true, 4),
        [0, 0, 0xfe, 0xff, ..] => (false, 4),
        [b'<', 0, 0, 0, ..] => (true, 0),
        [0, 0, 0, b'<', ..] => (false, 0),
        _ => return None,
    };
    let (units, rest) = body.get(mark..)?.as_chunks::<4>();
    let number =
        |unit: &[u8; 4]| if is_little { u32::from_le_bytes(*unit) } else { u32::from_be_bytes(*unit) };
    let readable = |unit| char::from_u32(number(unit)).unwrap_or('\u{fffd}');
    let mut text: String = units.iter().map(readable).collect();
    if !rest.is_empty() {
        text.push('\u{fffd}');
    }
    let unreadable = text.matches('\u{fffd}').count();
    let encoding = if is_little { UTF_16LE } else { UTF_16BE };
    Some(Decoded { text: without_marks(text), encoding, unreadable, beyond: Some(Beyond::Utf32) })
}

fn guess(body: &[u8], url: &Url) -> &'static Encoding {
    let sample = body.get(..SAMPLE).unwrap_or(body);
    if body.is_ascii() {
        return if sample.windows(3).any(|three| matches!(three, b"\x1b$B" | b"\x1b$@")) {
            ISO_2022_JP
        } else {
            UTF_8
        };
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(sample, sample.len() == body.len());
    let country = match url.host() {
        Some(Host::Domain(name)) => name.rsplit('.').next().unwrap_or_default(),
        _ => "",
    };
    // A name that belongs to no country, or none at all, is read in this service as a Chinese one.
    let country = if country.len() == 2 && country.is_ascii() { country } else { "cn" };
    detector.guess(Some(country.as_bytes()), Utf8Detection::Allow)
}
