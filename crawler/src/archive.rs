//! The store of record: an append-only table of posts with a sequence number, and the
//! cursors and heartbeats of sources beside it.
//! Knows no words and no counts; one process writes, any number read beside it.

mod counts;
mod error;
mod read;
mod schema;
mod write;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use rusqlite::Connection;

use crate::post::Stored;
use crate::private;

pub use counts::Tallied;
pub use error::ArchiveError;

/// Name of the file in the data folder.
pub const FILE_NAME: &str = "posts.db";

/// A handle to posts.db; cloning it is cheap.
#[derive(Clone)]
pub struct Archive {
    path: PathBuf,
    /// Absent in a handle that only reads.
    writer: Option<Arc<Mutex<write::Writer>>>,
    reader: Arc<Mutex<Connection>>,
}

/// What [`Archive::append`] did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Appended {
    /// New posts and new revisions, in the order given.
    pub stored: Vec<Stored>,
    /// How many posts were already there with the same words.
    pub duplicates: usize,
    /// New and corrected counts.
    pub tallied: Tallied,
}

/// One look at a source: whether it answered. Without such a line a time is a gap, not silence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Observation {
    /// When the source was asked.
    pub at: Timestamp,
    /// Id of the source.
    pub source: String,
    /// Whether it answered with something readable.
    pub ok: bool,
}

impl Archive {
    /// Opens the archive for writing, and makes folder and file where they are missing.
    pub fn open(dir: &Path) -> Result<Archive, ArchiveError> {
        let path = dir.join(FILE_NAME);
        private::folder(dir)
            .and_then(|()| private::file(&path))
            .map_err(|source| ArchiveError::Io { path: path.clone(), detail: source.to_string() })?;
        let connection = schema::open_writer(&path)?;
        let reader = schema::open_reader(&path)?;
        Ok(Archive {
            path,
            writer: Some(Arc::new(Mutex::new(write::Writer::new(connection)))),
            reader: Arc::new(Mutex::new(reader)),
        })
    }

    /// Opens the archive to read beside whoever writes it.
    pub fn open_read_only(dir: &Path) -> Result<Archive, ArchiveError> {
        let path = dir.join(FILE_NAME);
        if !path.exists() {
            return Err(ArchiveError::Missing { path });
        }
        let reader = Arc::new(Mutex::new(schema::open_reader(&path)?));
        Ok(Archive { path, writer: None, reader })
    }

    /// Where the file lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn with_reader<T>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, ArchiveError> {
        let reader = lock(&self.reader);
        work(&reader).map_err(|error| ArchiveError::from_sqlite(&self.path, error))
    }

    fn with_writer<T>(
        &self,
        work: impl FnOnce(&mut write::Writer) -> rusqlite::Result<T>,
    ) -> Result<T, ArchiveError> {
        let Some(writer) = &self.writer else {
            return Err(ArchiveError::ReadOnly { path: self.path.clone() });
        };
        work(&mut lock(writer)).map_err(|error| ArchiveError::from_sqlite(&self.path, error))
    }
}

/// A thread that panicked while it held the lock left no half-done work behind: its transaction is rolled back.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
