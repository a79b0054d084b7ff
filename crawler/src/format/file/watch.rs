//! A folder that something else writes posts into: whole new lines are picked up once, a half-written
//! last line waits, rotated and truncated files are noticed, packed files are read once.
//! Keeps nothing itself: where it stands is the cursor that the caller stores after the posts.

mod place;

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};

use super::input::{self, Start};
use super::{Defaults, FileError, Item, LONGEST_LINE, Rejection, read_until};
use crate::post::Post;
use crate::words::Words;

use place::{Head, Place, Places};

/// Lines taken in one visit; the rest is taken in the next one.
const MOST_LINES: u64 = 20_000;

/// Bytes of a plain file read at once.
const CHUNK: u64 = 8 << 20;

/// A file that nobody touched for so long is finished: its last line counts without a line end, and
/// it may be unpacked.
const SETTLED_AFTER: SignedDuration = SignedDuration::from_secs(60);

/// Problems listed one by one; more are not.
const MOST_PROBLEMS: usize = 100;

/// What one look at the folder brought.
#[derive(Clone, Debug, Default)]
pub struct Watched {
    /// New posts, file by file in the order of their names.
    pub posts: Vec<Post>,
    /// Lines that are no posts, and files that cannot be read.
    pub problems: Vec<Problem>,
    /// Where the next look goes on; store it after the posts.
    pub cursor: String,
    /// More lines wait: look again soon.
    pub more: bool,
    /// How many files fit the pattern.
    pub files: usize,
}

/// Something in the folder that is no post.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// Name of the file.
    pub file: String,
    /// Line, from 1, if it is about one.
    pub line: Option<u64>,
    /// What is wrong.
    pub what: Words,
}

/// Looks at the files that fit `pattern` (a path with `*` and `?` in its last part) from where `cursor` stands.
///
/// An error means that the folder itself cannot be listed.
pub fn poll(pattern: &str, cursor: Option<&str>, defaults: &Defaults, now: Timestamp) -> io::Result<Watched> {
    let files = matching(pattern)?;
    let before = Places::read(cursor);
    let mut watch = Watch { defaults, now, left: MOST_LINES, watched: Watched::default() };
    let mut after = Places::default();
    for path in &files {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let known = before.by_name(&name);
        match watch.file(path, &name, &before) {
            Ok(place) => after.push(place),
            Err(error) => {
                watch.problem(&name, None, Words::same(error.to_string()));
                after.extend(known.cloned());
            }
        }
    }
    let mut watched = watch.watched;
    watched.files = files.len();
    watched.cursor = after.write();
    Ok(watched)
}

/// One look at a folder.
struct Watch<'a> {
    defaults: &'a Defaults,
    now: Timestamp,
    /// Lines that may still be taken in this visit.
    left: u64,
    watched: Watched,
}

impl Watch<'_> {
    fn file(&mut self, path: &Path, name: &str, before: &Places) -> io::Result<Place> {
        let mut file = File::open(path)?;
        let data = file.metadata()?;
        let (length, modified) =
            (data.len(), data.modified().ok().and_then(|at| Timestamp::try_from(at).ok()));
        // A folder may hold years of files: one that was read whole and not touched since is not read again.
        if let Some(known) = before.by_name(name).filter(|known| known.is_finished(length, modified)) {
            return Ok(known.clone());
        }
        let head = Head::read(&mut file)?;
        let mut place = before.find(name, &head, length).unwrap_or_default();
        place.name = name.to_owned();
        place.modified = modified;
        head.mark(&mut place);
        let is_settled = modified.is_some_and(|modified| modified.duration_until(self.now) >= SETTLED_AFTER);
        if place.offset >= length {
            return Ok(place);
        }
        if self.left == 0 {
            self.watched.more = true;
        } else if head.is_packed() {
            // Reading a packed file that is still being written would only find it broken off.
            if is_settled {
                self.packed(file, length, &mut place);
            }
        } else {
            self.plain(file, &head, is_settled, &mut place)?;
        }
        Ok(place)
    }

    /// A packed file has no place to go on from but a line number: lines taken before are passed over.
    fn packed(&mut self, mut file: File, length: u64, place: &mut Place) {
        if let Err(error) = file.rewind() {
            return self.problem(&place.name, None, Words::same(error.to_string()));
        }
        let opened = input::open(file);
        let (passed, mut seen, mut taken) = (place.line, 0, Vec::new());
        let left = self.left;
        let result = opened.start().and_then(|start| {
            read_until((opened, start), self.defaults, self.now, &mut |item| {
                seen += 1;
                if seen > passed {
                    taken.push(item);
                }
                if taken.len() as u64 >= left { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })
        });
        let has_enough = taken.len() as u64 >= left;
        taken.into_iter().for_each(|item| self.take(&place.name, item, 0));
        if let Err(error) = result {
            self.file_problem(&place.name, &error);
        }
        if has_enough {
            place.line = seen;
            self.watched.more = true;
        } else {
            (place.offset, place.line) = (length, 0);
        }
    }

    /// Reads whole lines from where the place stands.
    fn plain(&mut self, mut file: File, head: &Head, is_settled: bool, place: &mut Place) -> io::Result<()> {
        let start = head.start();
        let header = if start == Some(Start::Other) { head.first_line() } else { &[] };
        while self.left > 0 {
            let Some(chunk) = next_chunk(&mut file, place.offset, is_settled)? else { return Ok(()) };
            match chunk {
                Chunk::Lines(bytes) => self.lines((header, &bytes), start, place),
                Chunk::LongLine(length) => {
                    let reason = Rejection::LineTooLong { bytes: length };
                    self.take(&place.name, Item::Rejected { line: 1, reason }, place.line);
                    place.offset += length;
                    place.line += 1;
                }
            }
        }
        self.watched.more = true;
        Ok(())
    }

    fn lines(&mut self, (header, bytes): (&[u8], &[u8]), start: Option<Start>, place: &mut Place) {
        let is_first = place.offset == 0;
        let header: &[u8] = if is_first { &[] } else { header };
        let opened = input::open(header.chain(bytes));
        // The header was counted as line 1 when it was read the first time.
        let lines_before = if header.is_empty() { place.line } else { place.line.saturating_sub(1) };
        let start = match start {
            Some(start) if !is_first => Ok(start),
            _ => opened.start(),
        };
        let mut taken = Vec::new();
        let result = start.and_then(|start| {
            read_until((opened, start), self.defaults, self.now, &mut |item| {
                taken.push(item);
                ControlFlow::Continue(())
            })
        });
        taken.into_iter().for_each(|item| self.take(&place.name, item, lines_before));
        match result {
            Ok(_) | Err(FileError::Empty) => {}
            Err(error) => self.file_problem(&place.name, &error),
        }
        let ends = bytes.iter().filter(|&&byte| byte == b'\n').count() as u64;
        place.line += ends + u64::from(!bytes.ends_with(b"\n"));
        place.offset += bytes.len() as u64;
    }

    fn take(&mut self, file: &str, item: Item, lines_before: u64) {
        self.left = self.left.saturating_sub(1);
        match item {
            Item::Post(post) => self.watched.posts.push(*post),
            Item::Rejected { line, reason } => {
                self.problem(file, Some(lines_before + line), reason.words(&self.defaults.zone));
            }
        }
    }

    fn file_problem(&mut self, file: &str, error: &FileError) {
        self.problem(file, None, error.words());
    }

    fn problem(&mut self, file: &str, line: Option<u64>, what: Words) {
        if self.watched.problems.len() < MOST_PROBLEMS {
            self.watched.problems.push(Problem { file: file.to_owned(), line, what });
        }
    }
}

/// A piece of a plain file.
enum Chunk {
    /// Whole lines.
    Lines(Vec<u8>),
    /// One line too long to be held; its length with its end.
    LongLine(u64),
}

/// The next whole lines from `offset`, or `None` if nothing whole stands there yet.
fn next_chunk(file: &mut File, offset: u64, is_settled: bool) -> io::Result<Option<Chunk>> {
    file.seek(SeekFrom::Start(offset))?;
    let mut bytes = Vec::new();
    file.by_ref().take(CHUNK).read_to_end(&mut bytes)?;
    let reaches_end = (bytes.len() as u64) < CHUNK;
    if bytes.is_empty() {
        return Ok(None);
    }
    if reaches_end && is_settled {
        return Ok(Some(Chunk::Lines(bytes)));
    }
    if let Some(end) = bytes.iter().rposition(|&byte| byte == b'\n') {
        bytes.truncate(end + 1);
        return Ok(Some(Chunk::Lines(bytes)));
    }
    if reaches_end && bytes.len() <= LONGEST_LINE {
        return Ok(None);
    }
    let length = bytes.len() as u64;
    Ok(rest_of_line(file, bytes, is_settled)?.map(|rest| Chunk::LongLine(length + rest)))
}

/// How far the line goes on, read through one buffer; `None` if its end is still to be written.
fn rest_of_line(file: &mut File, mut buffer: Vec<u8>, is_settled: bool) -> io::Result<Option<u64>> {
    let mut length = 0;
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok(is_settled.then_some(length));
        }
        if let Some(end) = buffer[..read].iter().position(|&byte| byte == b'\n') {
            return Ok(Some(length + end as u64 + 1));
        }
        length += read as u64;
    }
}

/// Files that fit the pattern, by name. Hidden files fit only a pattern that begins with a full stop.
pub(crate) fn matching(pattern: &str) -> io::Result<Vec<PathBuf>> {
    let pattern = Path::new(pattern);
    let wanted: Vec<char> = pattern.file_name().unwrap_or_default().to_string_lossy().chars().collect();
    let folder = pattern.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name: Vec<char> = path.file_name().unwrap_or_default().to_string_lossy().chars().collect();
        let is_hidden = name.first() == Some(&'.') && wanted.first() != Some(&'.');
        if !is_hidden && fits(&wanted, &name) && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Whether a name fits: `*` is any row of characters, `?` any one. On a mismatch the last `*` takes one more.
fn fits(wanted: &[char], name: &[char]) -> bool {
    let (mut at, mut place, mut star) = (0, 0, None);
    while place < name.len() {
        match wanted.get(at) {
            Some('*') => {
                star = Some((at, place));
                at += 1;
            }
            Some(&c) if c == '?' || name.get(place) == Some(&c) => {
                at += 1;
                place += 1;
            }
            _ => {
                let Some((star_at, taken)) = star else { return false };
                star = Some((star_at, taken + 1));
                (at, place) = (star_at + 1, taken + 1);
            }
        }
    }
    wanted.iter().skip(at).all(|&c| c == '*')
}

#[cfg(test)]
mod tests;
