//! How far each file of a folder was read, and how a file is known again: by its name and its beginning,
//! or by its beginning alone after it was renamed.

use std::fs::File;
use std::io::{self, Read, Seek};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::format::file::input::{self, Start};

/// How much of a file's beginning tells it from others.
const MARK: usize = 1_024;

/// How much is looked at for format and header.
const LOOK: u64 = 64 << 10;

/// How far one file was read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Place {
    pub(super) name: String,
    /// Hash of the first `marked` bytes.
    mark: String,
    marked: usize,
    /// Bytes read; for a packed file nothing or all.
    pub(super) offset: u64,
    /// Lines read.
    pub(super) line: u64,
    /// When it was last written to, as far as we have seen.
    #[serde(default)]
    pub(super) modified: Option<Timestamp>,
}

impl Place {
    /// Whether the file was read whole and nobody has written to it since.
    pub(super) fn is_finished(&self, length: u64, modified: Option<Timestamp>) -> bool {
        self.offset == length && modified.is_some() && self.modified == modified
    }
}

/// All files of a folder; as text it is the cursor.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Places(Vec<Place>);

impl Places {
    /// A cursor that cannot be read begins anew: known posts are recognised by their ids.
    pub(super) fn read(cursor: Option<&str>) -> Places {
        cursor.and_then(|cursor| serde_json::from_str(cursor).ok()).unwrap_or_default()
    }

    pub(super) fn write(&self) -> String {
        // Plain texts and numbers always have a JSON form.
        serde_json::to_string(self).unwrap_or_default()
    }

    pub(super) fn by_name(&self, name: &str) -> Option<&Place> {
        self.0.iter().find(|place| place.name == name)
    }

    /// The place of a file that begins like this: under its own name first, then under another one.
    pub(super) fn find(&self, name: &str, head: &Head, length: u64) -> Option<Place> {
        let goes_on = |place: &&Place| place.offset <= length && head.begins_like(place);
        self.by_name(name).filter(goes_on).or_else(|| self.0.iter().find(goes_on)).cloned()
    }

    pub(super) fn push(&mut self, place: Place) {
        self.0.push(place);
    }

    pub(super) fn extend(&mut self, place: Option<Place>) {
        self.0.extend(place);
    }
}

/// The beginning of a file.
pub(super) struct Head(Vec<u8>);

impl Head {
    pub(super) fn read(file: &mut File) -> io::Result<Head> {
        file.rewind()?;
        let mut bytes = Vec::new();
        file.by_ref().take(LOOK).read_to_end(&mut bytes)?;
        Ok(Head(bytes))
    }

    pub(super) fn is_packed(&self) -> bool {
        input::is_packed(&self.0)
    }

    /// The format, if the beginning tells it.
    pub(super) fn start(&self) -> Option<Start> {
        input::open(self.0.as_slice()).start().ok()
    }

    /// The header of a table with its line end; empty while it is not whole.
    pub(super) fn first_line(&self) -> &[u8] {
        let end = self.0.iter().position(|&byte| byte == b'\n');
        end.and_then(|end| self.0.get(..=end)).unwrap_or_default()
    }

    /// Remembers the beginning, as much of it as there is.
    pub(super) fn mark(&self, place: &mut Place) {
        place.marked = self.0.len().min(MARK);
        place.mark = self.hash(place.marked).unwrap_or_default();
    }

    fn begins_like(&self, place: &Place) -> bool {
        place.marked > 0 && self.hash(place.marked).is_some_and(|hash| hash == place.mark)
    }

    fn hash(&self, length: usize) -> Option<String> {
        let digest = Sha256::digest(self.0.get(..length)?);
        Some(digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect())
    }
}
