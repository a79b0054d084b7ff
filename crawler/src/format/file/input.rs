//! From bytes on a disk to text: compression by its first bytes, charset by a sample.

use std::borrow::Cow;
use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use encoding_rs::GB18030;

use super::FileError;

/// How much is looked at to tell the charset.
const SAMPLE: u64 = 1 << 16;

const GZIP: &[u8] = &[0x1f, 0x8b];
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];
const BOM: &[u8] = &[0xef, 0xbb, 0xbf];

/// The charset of a whole file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Charset {
    Utf8,
    /// GBK and its superset GB18030.
    Gbk,
}

/// What the first character says about the format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Start {
    /// `{`: lines of JSON.
    Object,
    /// CSV, or nothing we know.
    Other,
}

/// A file opened for reading: decompressed, without BOM.
pub(super) struct Opened<'a> {
    text: Peeked<Box<dyn Read + 'a>>,
    pub(super) charset: Charset,
    /// Bytes read of the file itself, so far.
    pub(super) bytes: Rc<Cell<u64>>,
    is_utf16: bool,
}

/// Whether a file that begins like this is compressed.
pub(super) fn is_packed(head: &[u8]) -> bool {
    head.starts_with(GZIP) || head.starts_with(ZSTD)
}

/// Finds out how a file is packed and written.
pub(super) fn open<'a>(input: impl Read + 'a) -> Opened<'a> {
    let bytes = Rc::new(Cell::new(0));
    let counted = Counted { input, bytes: bytes.clone() };
    let packed = Peeked::new(counted, ZSTD.len() as u64);
    let unpacked: Box<dyn Read + 'a> = if packed.head.starts_with(GZIP) {
        Box::new(flate2::read::MultiGzDecoder::new(packed))
    } else if packed.head.starts_with(ZSTD) {
        match zstd::stream::read::Decoder::new(packed) {
            Ok(decoder) => Box::new(decoder),
            Err(error) => Box::new(Failed(Some(error))),
        }
    } else {
        Box::new(packed)
    };
    let mut text = Peeked::new(unpacked, SAMPLE);
    if text.head.starts_with(BOM) {
        text.given = BOM.len();
    }
    let is_utf16 = text.head.starts_with(&[0xff, 0xfe]) || text.head.starts_with(&[0xfe, 0xff]);
    let charset = Charset::guess(&text.head);
    Opened { text, charset, bytes, is_utf16 }
}

impl Opened<'_> {
    /// What the file is, or why it is nothing we can read.
    pub(super) fn start(&self) -> Result<Start, FileError> {
        if self.is_utf16 {
            return Err(FileError::Utf16);
        }
        let rest = self.text.head.get(self.text.given..).unwrap_or_default();
        match rest.iter().find(|byte| !byte.is_ascii_whitespace()) {
            // A file that breaks off before its first character is reported as broken, not as empty.
            None if self.text.failure.is_none() => Err(FileError::Empty),
            None | Some(b'{') => Ok(Start::Object),
            // One garbled line at the top does not make JSON lines something else.
            Some(_) if mostly_objects(rest) => Ok(Start::Object),
            Some(b'[') => Err(FileError::JsonArray),
            Some(_) => Ok(Start::Other),
        }
    }
}

impl Read for Opened<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.text.read(buffer)
    }
}

impl Charset {
    pub(super) fn name(self) -> &'static str {
        match self {
            Charset::Utf8 => "UTF-8",
            Charset::Gbk => "GBK",
        }
    }

    /// The text of a line, or `None` if it is garbled.
    pub(super) fn decode(self, line: &[u8]) -> Option<Cow<'_, str>> {
        match self {
            Charset::Utf8 => std::str::from_utf8(line).ok().map(Cow::Borrowed),
            Charset::Gbk => GB18030.decode_without_bom_handling_and_without_replacement(line),
        }
    }

    /// One broken line does not make a file GBK: the lines of the sample vote.
    fn guess(sample: &[u8]) -> Charset {
        let whole_lines = sample.iter().rposition(|&byte| byte == b'\n').map_or(sample, |end| &sample[..end]);
        let (mut utf8, mut gbk) = (0, 0);
        for line in whole_lines.split(|&byte| byte == b'\n').filter(|line| !line.is_ascii()) {
            match std::str::from_utf8(line) {
                Ok(_) => utf8 += 1,
                // A sample without any line end may be cut within a character.
                Err(error) if error.error_len().is_none() && line.len() == sample.len() => utf8 += 1,
                Err(_) if !GB18030.decode_without_bom_handling(line).1 => gbk += 1,
                Err(_) => {}
            }
        }
        if gbk > utf8 { Charset::Gbk } else { Charset::Utf8 }
    }
}

fn mostly_objects(sample: &[u8]) -> bool {
    let lines = sample.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
    let (mut objects, mut others) = (0, 0);
    for line in lines {
        if line.starts_with(b"{") { objects += 1 } else { others += 1 }
    }
    objects > others
}

/// The first bytes of a reader, looked at before they are read. An error met while looking comes in its place.
struct Peeked<R> {
    head: Vec<u8>,
    given: usize,
    failure: Option<io::Error>,
    rest: R,
}

impl<R: Read> Peeked<R> {
    fn new(mut rest: R, length: u64) -> Peeked<R> {
        let mut head = Vec::new();
        let failure = rest.by_ref().take(length).read_to_end(&mut head).err();
        Peeked { head, given: 0, failure, rest }
    }
}

impl<R: Read> Read for Peeked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let waiting = self.head.get(self.given..).unwrap_or_default();
        if !waiting.is_empty() {
            let length = waiting.len().min(buffer.len());
            buffer[..length].copy_from_slice(&waiting[..length]);
            self.given += length;
            return Ok(length);
        }
        match self.failure.take() {
            Some(error) => Err(error),
            None => self.rest.read(buffer),
        }
    }
}

struct Counted<R> {
    input: R,
    bytes: Rc<Cell<u64>>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.input.read(buffer)?;
        self.bytes.set(self.bytes.get() + length as u64);
        Ok(length)
    }
}

struct Failed(Option<io::Error>);

impl Read for Failed {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}
