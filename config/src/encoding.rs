//! From the bytes of a file to text: UTF-8 with or without a byte order mark, GBK and UTF-16
//! recognised, so that a file saved by an office editor can be read and mended.

use encoding_rs::{Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};

/// Stands for a charset that could not be told.
pub(crate) const UNKNOWN: &str = "未知";

/// The text of a file, and the charset it was in if that is not UTF-8.
pub(crate) struct Decoded {
    pub(crate) text: String,
    /// Name of the charset to say to people, if the file must be converted.
    pub(crate) foreign: Option<&'static str>,
    /// Where the first byte stands that is no UTF-8, in bytes of the text; of a file in no known charset.
    pub(crate) broken_at: usize,
}

/// Decodes; bytes that fit nothing become replacement characters.
pub(crate) fn decode(bytes: &[u8]) -> Decoded {
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        let rest = bytes.get(length..).unwrap_or_default();
        let (text, _) = encoding.decode_without_bom_handling(rest);
        let foreign = match encoding {
            encoding if encoding == UTF_16LE || encoding == UTF_16BE => Some("UTF-16"),
            _ => None,
        };
        return Decoded { text: text.into_owned(), foreign, broken_at: 0 };
    }
    if let Some(text) = UTF_8.decode_without_bom_handling_and_without_replacement(bytes) {
        return Decoded { text: text.into_owned(), foreign: None, broken_at: 0 };
    }
    let (utf8, _) = UTF_8.decode_without_bom_handling(bytes);
    let (gbk, had_errors) = GB18030.decode_without_bom_handling(bytes);
    if had_errors || is_mostly_utf8(&utf8) {
        let broken_at = std::str::from_utf8(bytes).map_or_else(|error| error.valid_up_to(), str::len);
        return Decoded { text: utf8.into_owned(), foreign: Some(UNKNOWN), broken_at };
    }
    Decoded { text: gbk.into_owned(), foreign: Some("GBK"), broken_at: 0 }
}

/// Whether more Chinese could be read than could not: a file of two charsets, pasted together, which converting
/// as a whole would spoil. Of GBK next to nothing reads as Chinese in UTF-8.
fn is_mostly_utf8(text: &str) -> bool {
    let read = text.chars().filter(|char| matches!(char, '\u{4e00}'..='\u{9fff}')).count();
    read > text.matches(char::REPLACEMENT_CHARACTER).count()
}
