//! Files of posts: JSONL and CSV, plain, gzip or zstd, in UTF-8 or GBK (docs/import.md describes them).
//! Streams: never holds more than one bounded line. A bad line is reported and the rest is read.

mod csv;
pub mod heartbeats;
mod input;
mod jsonl;
mod lines;
pub mod push;
mod record;
mod said;
pub mod watch;

use std::collections::BTreeMap;
use std::io::{BufReader, Read};
use std::ops::ControlFlow;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use thiserror::Error;

use crate::date::DateError;
use crate::format::{Privacy, Room};
use crate::mask::Masks;
use crate::post::{IdKey, Post, Publisher};
use crate::source::{Kind, Source};

use input::{Charset, Start};
use lines::Lines;
pub use record::names_a_person;
use record::{Names, Record};

/// The longest line that is read; a longer one is skipped and reported.
pub const LONGEST_LINE: usize = 4 << 20;

/// How many different dropped fields are counted by name; a hostile file may invent one per line.
const MOST_DROPPED_NAMES: usize = 100;

/// What a file does not say itself.
#[derive(Clone, Debug)]
pub struct Defaults {
    /// Source of lines that name none.
    pub source: String,
    /// Whether a line may name another source. Not in a watched folder: there it is the configured one.
    pub source_from_line: bool,
    /// Whether a time still to come is what a post claims that came now. In an import it is a mistake.
    pub ahead_is_claim: bool,
    /// Source group; the source's id if absent.
    pub group: Option<String>,
    /// Who speaks where a line does not say.
    pub publisher: Publisher,
    /// Field names to read under another name: (theirs, ours).
    pub rename: Vec<(String, String)>,
    /// Zone of times that name none.
    pub zone: TimeZone,
    /// Which personal data is masked.
    pub masks: Masks,
    /// The installation's key.
    pub key: IdKey,
    /// The longest title or text of one post, in bytes.
    pub text_bytes: usize,
}

impl Defaults {
    /// For the lines that a configured source writes or sends, as they come.
    pub fn of(source: &Source, privacy: &Privacy, room: Room) -> Defaults {
        let rename = match &source.kind {
            Kind::Files { rename, .. } => rename.clone(),
            Kind::Push(push) => push.rename.clone(),
            Kind::Feed { .. } | Kind::List(_) | Kind::Sitemap(_) | Kind::Json(_) | Kind::Counts(_) => {
                Vec::new()
            }
        };
        Defaults {
            source: source.id.clone(),
            source_from_line: false,
            ahead_is_claim: true,
            group: Some(source.group.clone()),
            publisher: source.publisher,
            rename,
            zone: source.zone.clone(),
            masks: privacy.masks,
            key: privacy.key.clone(),
            text_bytes: room.text_bytes,
        }
    }
}

/// One line of the file.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// A post.
    Post(Box<Post>),
    /// A line that is no post; the rest of the file is read all the same.
    Rejected {
        /// Its number, from 1.
        line: u64,
        /// Why.
        reason: Rejection,
    },
}

/// Why a line is no post.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum Rejection {
    /// Longer than any post.
    #[error("the line is {bytes} bytes long; at most {LONGEST_LINE} are read")]
    LineTooLong {
        /// Its length.
        bytes: u64,
    },
    /// Title or text longer than any post's.
    #[error("{field} is {bytes} bytes long; at most {limit} are kept")]
    TextTooLong {
        /// `title` or `text`.
        field: &'static str,
        /// Its length.
        bytes: usize,
        /// How much there is room for.
        limit: usize,
    },
    /// Garbled bytes.
    #[error("not valid {charset}")]
    Garbled {
        /// The charset of the file.
        charset: &'static str,
    },
    /// Broken JSON.
    #[error("not a JSON object (near character {character})")]
    Json {
        /// Where it breaks, from 1.
        character: usize,
    },
    /// A value of the wrong kind.
    #[error("{field} should be {expected}")]
    Field {
        /// Which field.
        field: &'static str,
        /// What it should be.
        expected: &'static str,
    },
    /// Neither title nor text.
    #[error("neither title nor text")]
    NoWords,
    /// No time; perhaps it stands under another name.
    #[error("no time{}", .hint.as_deref().map(|name| format!("; if {name} is the time, say --map {name}=time")).unwrap_or_default())]
    NoTime {
        /// A field that looks like a time.
        hint: Option<String>,
    },
    /// A time that cannot be taken.
    #[error(transparent)]
    Time(#[from] DateError),
    /// A CSV row that does not fit the header.
    #[error("{found} columns, the header has {expected}")]
    Columns {
        /// In this row.
        found: usize,
        /// In the header.
        expected: usize,
    },
    /// A CSV quote without an end.
    #[error("a quotation mark is opened and not closed")]
    OpenQuote,
    /// The file ends in mid-line or its compression is damaged.
    #[error("the file breaks off here ({detail}); what stands before was read")]
    BrokenOff {
        /// What the decoder said.
        detail: String,
    },
}

/// What was read, when the file is at its end.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// Lines that became posts.
    pub posts: u64,
    /// Lines that did not.
    pub rejected: u64,
    /// Bytes of the file as it lies on the disk.
    pub bytes: u64,
    /// Fields that were dropped, with how often; authors' are among them, unread.
    pub dropped: BTreeMap<String, u64>,
    /// `false` if the file broke off, or was not read to its end.
    pub complete: bool,
}

/// Why a file cannot be read at all.
#[derive(Debug, Error)]
pub enum FileError {
    /// Nothing in it.
    #[error("the file is empty")]
    Empty,
    /// Not one of ours.
    #[error("the file is UTF-16; save it as UTF-8 and repeat")]
    Utf16,
    /// One JSON array instead of lines.
    #[error("the file is one JSON array; write one object per line (jq -c '.[]' FILE does it)")]
    JsonArray,
    /// No header that we know.
    #[error(
        "this is neither JSON lines nor CSV with a header that has time and title or text; \
         the first line names {found:?}; other names can be mapped, e.g. --map 标题=title"
    )]
    NoHeader {
        /// The columns found.
        found: Vec<String>,
    },
    /// A mapping that cannot be.
    #[error(transparent)]
    Rename(#[from] RenameError),
}

/// Why a `--map` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RenameError {
    /// Not `theirs=ours`.
    #[error("\"{0}\" is no mapping; write theirs=ours, e.g. ts=time")]
    Shape(String),
    /// The target is none of ours.
    #[error("there is no field \"{0}\"; known are id, url, source, time, title, text, publisher, rank, heat")]
    Unknown(String),
    /// Authors are never read.
    #[error("\"{0}\" names people; who wrote a post is never read")]
    Person(String),
}

/// Reads `ts=time`.
pub fn parse_rename(text: &str) -> Result<(String, String), RenameError> {
    let Some((theirs, ours)) = text.split_once('=').map(|(theirs, ours)| (theirs.trim(), ours.trim())) else {
        return Err(RenameError::Shape(text.to_owned()));
    };
    let pair = (theirs.to_owned(), ours.to_owned());
    Names::new(std::slice::from_ref(&pair))?;
    Ok(pair)
}

/// Reads a whole file and gives each line to `each`.
///
/// `now` is the moment its posts are first seen. For a progress bar, let `input` count what is read of it.
pub fn read(
    input: impl Read,
    defaults: &Defaults,
    now: Timestamp,
    each: &mut dyn FnMut(Item),
) -> Result<Summary, FileError> {
    let opened = input::open(input);
    let start = opened.start()?;
    read_until((opened, start), defaults, now, &mut |item| {
        each(item);
        ControlFlow::Continue(())
    })
}

/// Reads a file whose format is known, until `each` has enough.
fn read_until(
    (opened, start): (input::Opened<'_>, Start),
    defaults: &Defaults,
    now: Timestamp,
    each: &mut dyn FnMut(Item) -> ControlFlow<()>,
) -> Result<Summary, FileError> {
    let names = Names::new(&defaults.rename)?;
    let (charset, bytes) = (opened.charset, opened.bytes.clone());
    let summary = Summary::default();
    let mut reading = Reading { defaults, names, now, each, charset, summary, has_enough: false };
    let mut lines = Lines::new(BufReader::with_capacity(1 << 16, opened));
    let end = match start {
        Start::Object => jsonl::read(&mut lines, &mut reading),
        Start::Other => csv::read(&mut lines, &mut reading)?,
    };
    if let Err(error) = &end {
        reading.reject(lines.number(), Rejection::BrokenOff { detail: error.to_string() });
    }
    let mut summary = reading.summary;
    summary.complete = end.is_ok() && !reading.has_enough;
    summary.bytes = bytes.get();
    Ok(summary)
}

/// One pass over a file: what is needed to turn a line into a post, and what was counted so far.
struct Reading<'a> {
    defaults: &'a Defaults,
    names: Names,
    now: Timestamp,
    each: &'a mut dyn FnMut(Item) -> ControlFlow<()>,
    charset: Charset,
    summary: Summary,
    has_enough: bool,
}

impl Reading<'_> {
    fn take(&mut self, line: u64, record: Result<Record, Rejection>) {
        match record.and_then(|record| record.into_post(self.defaults, self.now)) {
            Ok(post) => {
                self.summary.posts += 1;
                self.has_enough |= (self.each)(Item::Post(Box::new(post))).is_break();
            }
            Err(reason) => self.reject(line, reason),
        }
    }

    fn reject(&mut self, line: u64, reason: Rejection) {
        self.summary.rejected += 1;
        self.has_enough |= (self.each)(Item::Rejected { line, reason }).is_break();
    }
}

/// Counts a dropped field by its name.
fn count_dropped(dropped: &mut BTreeMap<String, u64>, name: &str) {
    if let Some(count) = dropped.get_mut(name) {
        *count += 1;
        return;
    }
    let is_full = dropped.len() >= MOST_DROPPED_NAMES;
    let name: String = if is_full { "…".to_owned() } else { name.chars().take(40).collect() };
    *dropped.entry(name).or_default() += 1;
}

#[cfg(test)]
mod tests;
