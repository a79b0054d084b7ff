//! What can go wrong with the archive, by who must act.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;
use thiserror::Error;

/// Why the archive could not be opened, read or written. Nothing acknowledged is lost in any of these cases.
#[derive(Debug, Error)]
pub enum ArchiveError {
    /// The disk or quota is full.
    #[error(
        "the disk is full: {path} could not grow, and what was being stored was taken back whole; \
         make room and repeat, nothing stored before is lost"
    )]
    DiskFull {
        /// The file.
        path: PathBuf,
    },
    /// The system could not read or write the file.
    #[error("cannot read or write {path}: {detail}; check the disk and that this account may write there")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        detail: String,
    },
    /// Another process holds the write lock.
    #[error("{path} is being written by another process; stop it or wait, then repeat")]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// Made by a newer release.
    #[error(
        "{path} has data version {found}, this program knows up to {known}; \
         use the newer program that made it, or restore a backup"
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// The version it bears.
        found: i64,
        /// The newest version this program knows.
        known: i64,
    },
    /// Not a database of ours.
    #[error("{path} is not an archive of Guanlan; choose another data folder or move that file away")]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// There is no archive yet.
    #[error(
        "there is no {path} yet; collect with `guanlan run` or bring posts in with `guanlan import FILE`"
    )]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// The database itself is damaged.
    #[error("{path} is damaged ({detail}); copy the folder aside, then restore it from a copy of the disk")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        detail: String,
    },
    /// The promise that acknowledged posts survive a power cut could not be kept.
    #[error(
        "{path} cannot be used safely: {detail}; put the data folder on a local disk, not on a network share"
    )]
    NotDurable {
        /// The file.
        path: PathBuf,
        /// Which setting was refused.
        detail: String,
    },
    /// The handle was opened for reading.
    #[error("{path} was opened for reading only")]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// Anything else that SQLite reports: a fault of this program.
    #[error("{path}: {detail}; this should not happen, please report it")]
    Unexpected {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        detail: String,
    },
}

impl ArchiveError {
    /// Sorts an error of SQLite by who must act.
    pub(super) fn from_sqlite(path: &Path, error: rusqlite::Error) -> ArchiveError {
        let path = path.to_path_buf();
        let detail = error.to_string();
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => ArchiveError::DiskFull { path },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => ArchiveError::Busy { path },
            Some(ErrorCode::NotADatabase) => ArchiveError::Foreign { path },
            Some(ErrorCode::DatabaseCorrupt) => ArchiveError::Damaged { path, detail },
            Some(
                ErrorCode::SystemIoFailure
                | ErrorCode::CannotOpen
                | ErrorCode::ReadOnly
                | ErrorCode::PermissionDenied
                | ErrorCode::FileLockingProtocolFailed
                | ErrorCode::NoLargeFileSupport,
            ) => ArchiveError::Io { path, detail },
            // A value that was read is not what was written.
            None if is_unreadable_value(&error) => ArchiveError::Damaged { path, detail },
            _ => ArchiveError::Unexpected { path, detail },
        }
    }
}

fn is_unreadable_value(error: &rusqlite::Error) -> bool {
    use rusqlite::Error;
    matches!(
        error,
        Error::InvalidColumnType(..)
            | Error::FromSqlConversionFailure(..)
            | Error::IntegralValueOutOfRange(..)
            | Error::Utf8Error(..)
    )
}
