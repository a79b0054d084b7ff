//! The data folder: who holds it, and how a command reaches the holder.
//! Whoever writes holds the lock; while `guanlan run` holds it, commands go through its socket.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

use crawler::private;

use crate::socket::Line;

/// Why the folder can't be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FolderError {
    /// Somebody else writes there.
    #[error("{path} is in use by another guanlan command: wait until it ends")]
    Busy {
        /// The folder.
        path: PathBuf,
    },
    /// The operating system refused.
    #[error("cannot use the data folder {path}: {source}; check that it exists, is writable and not full")]
    Io {
        /// The folder.
        path: PathBuf,
        /// Its reason.
        source: std::io::Error,
    },
}

/// The right to write in a data folder, held until dropped.
#[derive(Debug)]
pub(crate) struct Held {
    path: PathBuf,
    _lock: File,
}

impl Held {
    /// Creates the folder if need be and takes the lock.
    pub(crate) fn take(path: &Path) -> Result<Held, FolderError> {
        let io = |source| FolderError::Io { path: path.to_owned(), source };
        private::folder(path).map_err(io)?;
        let mut lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(path.join("lock"))
            .map_err(io)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(FolderError::Busy { path: path.to_owned() }),
            Err(TryLockError::Error(source)) => return Err(io(source)),
        }
        // For people who look: the process that holds the folder. Not needed for the lock itself.
        lock.set_len(0).map_err(io)?;
        writeln!(lock, "{}", std::process::id()).map_err(io)?;
        Ok(Held { path: path.to_owned(), _lock: lock })
    }

    /// The folder.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Where the holder listens for commands.
    pub(crate) fn socket(&self) -> PathBuf {
        socket(&self.path)
    }
}

/// How a command that writes gets into a folder.
pub(crate) enum Entry {
    /// Nobody else is there: it writes itself.
    Held(Held),
    /// `guanlan run` holds it and is asked to write.
    Running(Line),
}

/// Takes the lock, or finds the program that holds it and can be asked.
pub(crate) fn enter(path: &Path) -> Result<Entry, FolderError> {
    match Held::take(path) {
        Err(FolderError::Busy { path }) => match Line::connect(&path) {
            Ok(line) => Ok(Entry::Running(line)),
            Err(_) => Err(FolderError::Busy { path }),
        },
        held => held.map(Entry::Held),
    }
}

/// Where the holder of a folder listens for commands.
pub(crate) fn socket(folder: &Path) -> PathBuf {
    folder.join("guanlan.sock")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_one_holder_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let held = Held::take(folder.path()).unwrap();
        assert!(matches!(Held::take(folder.path()), Err(FolderError::Busy { .. })));
        drop(held);
        assert!(Held::take(folder.path()).is_ok());
    }

    #[test]
    fn a_folder_that_cannot_be_made_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        let error = Held::take(&file.join("data")).unwrap_err().to_string();
        assert!(error.contains("data folder"), "{error}");
    }
}
