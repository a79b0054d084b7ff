//! Posts that a caller hands in: one JSON object a line (NDJSON), or one object alone. The fields are
//! those of a file; source and publisher are the configured ones, whatever a line says.
//! Bounded: neither an unpacked body nor a number of posts can grow without end.

use std::cell::Cell;
use std::io::{self, BufReader, Read};
use std::ops::ControlFlow;
use std::rc::Rc;

use jiff::Timestamp;
use thiserror::Error;

use super::input::Charset;
use super::lines::Lines;
use super::record::Names;
use super::{Defaults, Item, Reading, Rejection, RenameError, Summary, jsonl};
use crate::post::Post;

/// The most bytes of one body, packed and unpacked.
pub const LONGEST_BODY: usize = 10 << 20;
/// The most posts of one body.
pub const MOST_POSTS: usize = 10_000;
/// Rejected lines told one by one.
pub const MOST_REJECTIONS: usize = 20;

/// How the body is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One object a line.
    Lines,
    /// One object alone, over as many lines as it likes.
    Object,
}

/// How the body is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// Not at all.
    Plain,
    /// gzip, RFC 1952.
    Gzip,
    /// zstd, RFC 8878.
    Zstd,
}

/// What a body brought.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Handed {
    /// The posts.
    pub posts: Vec<Post>,
    /// How many lines are no posts.
    pub rejected: usize,
    /// The first of them: line, from 1, and why.
    pub rejections: Vec<(u64, Rejection)>,
}

/// Why nothing of a body is taken.
#[derive(Debug, Error)]
pub enum HandedError {
    /// Larger than [`LONGEST_BODY`] once unpacked.
    #[error("the body is over {LONGEST_BODY} bytes once unpacked")]
    TooLarge,
    /// More than [`MOST_POSTS`].
    #[error("more than {MOST_POSTS} posts")]
    TooMany,
    /// Not packed as it says, or cut off.
    #[error("the body cannot be unpacked: {0}")]
    Broken(io::Error),
    /// The configuration maps a field that cannot be.
    #[error(transparent)]
    Rename(#[from] RenameError),
}

/// Reads a whole body. `now` is the moment its posts are first seen.
pub fn read(
    body: &[u8],
    (shape, packing): (Shape, Packing),
    defaults: &Defaults,
    now: Timestamp,
) -> Result<Handed, HandedError> {
    let left = Rc::new(Cell::new(LONGEST_BODY as u64 + 1));
    let unpacked = Bounded { input: unpack(body, packing).map_err(HandedError::Broken)?, left: left.clone() };
    let mut handed = Handed::default();
    let (mut posts, mut is_full) = (Vec::new(), false);
    let mut each = |item| {
        match item {
            Item::Post(_) if posts.len() >= MOST_POSTS => is_full = true,
            Item::Post(post) => posts.push(*post),
            Item::Rejected { line, reason } => {
                handed.rejected += 1;
                if handed.rejections.len() < MOST_REJECTIONS {
                    handed.rejections.push((line, reason));
                }
            }
        }
        if is_full { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let names = Names::new(&defaults.rename)?.of_known_source();
    let (charset, summary) = (Charset::Utf8, Summary::default());
    let mut reading = Reading { defaults, names, now, each: &mut each, charset, summary, has_enough: false };
    let end = match shape {
        Shape::Lines => {
            jsonl::read(&mut Lines::new(BufReader::with_capacity(1 << 16, unpacked)), &mut reading)
        }
        Shape::Object => object(unpacked, &mut reading),
    };
    if left.get() == 0 {
        return Err(HandedError::TooLarge);
    }
    end.map_err(HandedError::Broken)?;
    if is_full {
        return Err(HandedError::TooMany);
    }
    handed.posts = posts;
    Ok(handed)
}

/// A whole body, unpacked and bounded, for what is no post.
pub fn unpacked(body: &[u8], packing: Packing) -> Result<Vec<u8>, HandedError> {
    let mut text = Vec::new();
    let input = unpack(body, packing).map_err(HandedError::Broken)?;
    input.take(LONGEST_BODY as u64 + 1).read_to_end(&mut text).map_err(HandedError::Broken)?;
    if text.len() > LONGEST_BODY { Err(HandedError::TooLarge) } else { Ok(text) }
}

fn object(mut input: impl Read, reading: &mut Reading<'_>) -> io::Result<()> {
    let mut text = Vec::new();
    input.read_to_end(&mut text)?;
    if !text.iter().all(u8::is_ascii_whitespace) {
        let record = jsonl::parse(&text, reading);
        reading.take(1, record);
    }
    Ok(())
}

fn unpack<'a>(body: &'a [u8], packing: Packing) -> io::Result<Box<dyn Read + 'a>> {
    Ok(match packing {
        _ if body.is_empty() => Box::new(io::empty()),
        Packing::Plain => Box::new(body),
        Packing::Gzip => Box::new(flate2::read::MultiGzDecoder::new(body)),
        Packing::Zstd => Box::new(zstd::stream::read::Decoder::new(body)?),
    })
}

/// Ends after so many bytes, and can tell that it did.
struct Bounded<R> {
    input: R,
    left: Rc<Cell<u64>>,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.input.by_ref().take(self.left.get()).read(buffer)?;
        self.left.set(self.left.get() - length as u64);
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use jiff::tz::TimeZone;

    use super::*;
    use crate::mask::Masks;
    use crate::post::{IdKey, Publisher};

    fn defaults() -> Defaults {
        Defaults {
            source: "hotline".into(),
            source_from_line: false,
            ahead_is_claim: true,
            group: Some("热线".into()),
            publisher: Publisher::Individual,
            rename: vec![("ts".into(), "time".into())],
            zone: TimeZone::UTC,
            masks: Masks::default(),
            key: IdKey::fixed([0; 32]),
            text_bytes: 1 << 20,
        }
    }

    fn hand(body: &[u8], shape: Shape, packing: Packing) -> Result<Handed, HandedError> {
        read(body, (shape, packing), &defaults(), "2030-01-01T00:00:00Z".parse().unwrap())
    }

    #[test]
    fn a_text_longer_than_is_allowed_is_refused_with_the_limit() {
        let line = |length: usize| format!("{{\"ts\":\"2021-01-20\",\"text\":\"{}\"}}", "x".repeat(length));
        let body = format!("{}\n{}\n", line(40), line(41));
        let small = Defaults { text_bytes: 40, ..defaults() };
        let how = (Shape::Lines, Packing::Plain);
        let handed = read(body.as_bytes(), how, &small, "2030-01-01T00:00:00Z".parse().unwrap()).unwrap();
        assert_eq!((handed.posts.len(), handed.posts[0].text.len()), (1, 40));
        let refused = Rejection::TextTooLong { field: "text", bytes: 41, limit: 40 };
        assert_eq!(handed.rejections, [(2, refused)]);
    }

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(text).unwrap();
        packed.finish().unwrap()
    }

    const LINES: &str = "{\"id\":1,\"ts\":\"2021-01-20\",\"title\":\"停水\",\"author\":\"张三\"}\n\
        坏\n{\"ts\":\"2021-01-20\",\"title\":\"供暖\",\"source\":\"bbs\",\"publisher\":\"gov\"}\n";

    #[test]
    fn source_and_publisher_are_the_callers_and_a_bad_line_costs_itself_alone() {
        let handed = hand(LINES.as_bytes(), Shape::Lines, Packing::Plain).unwrap();
        assert_eq!((handed.posts.len(), handed.rejected), (2, 1));
        assert!(matches!(handed.rejections.as_slice(), [(2, Rejection::Json { .. })]));
        assert!(handed.posts.iter().all(|post| post.source == "hotline"
            && post.group == "热线"
            && post.publisher == Publisher::Individual));
    }

    #[test]
    fn packed_bodies_say_the_same() {
        let plain = hand(LINES.as_bytes(), Shape::Lines, Packing::Plain).unwrap();
        let zstd = zstd::encode_all(LINES.as_bytes(), 1).unwrap();
        assert_eq!(hand(&gzip(LINES.as_bytes()), Shape::Lines, Packing::Gzip).unwrap(), plain);
        assert_eq!(hand(&zstd, Shape::Lines, Packing::Zstd).unwrap(), plain);
        let packed = gzip(LINES.as_bytes());
        let cut = hand(&packed[..packed.len() - 9], Shape::Lines, Packing::Gzip);
        assert!(matches!(cut, Err(HandedError::Broken(_))), "{cut:?}");
        let plain_as_gzip = hand(LINES.as_bytes(), Shape::Lines, Packing::Gzip);
        assert!(matches!(plain_as_gzip, Err(HandedError::Broken(_))), "{plain_as_gzip:?}");
    }

    #[test]
    fn one_object_may_be_written_over_several_lines() {
        let text = "{\n  \"ts\": \"2021-01-20\",\n  \"title\": \"停水\"\n}\n";
        assert_eq!(hand(text.as_bytes(), Shape::Object, Packing::Plain).unwrap().posts.len(), 1);
        let array = hand(b"[{}]", Shape::Object, Packing::Plain).unwrap();
        assert_eq!((array.posts.len(), array.rejected), (0, 1));
        assert_eq!(hand(b" \n", Shape::Object, Packing::Plain).unwrap(), Handed::default());
        assert_eq!(hand(b"", Shape::Lines, Packing::Gzip).unwrap(), Handed::default());
    }

    #[test]
    fn a_bomb_and_too_many_posts_are_refused_whole() {
        let bomb = gzip(&vec![b' '; LONGEST_BODY + 1]);
        assert!(bomb.len() < LONGEST_BODY / 10);
        let refused = hand(&bomb, Shape::Lines, Packing::Gzip);
        assert!(matches!(refused, Err(HandedError::TooLarge)), "{refused:?}");
        let line = |number: usize| format!("{{\"id\":{number},\"ts\":1611132480,\"title\":\"停水\"}}\n");
        let most: String = (0..MOST_POSTS).map(line).collect();
        assert_eq!(hand(most.as_bytes(), Shape::Lines, Packing::Plain).unwrap().posts.len(), MOST_POSTS);
        let more = most + &line(MOST_POSTS);
        assert!(matches!(hand(more.as_bytes(), Shape::Lines, Packing::Plain), Err(HandedError::TooMany)));
    }
}
