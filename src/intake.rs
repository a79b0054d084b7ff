//! The only hand that writes posts: archive first, then the index, then the source's cursor.
//! A crash between two of them repeats work and loses nothing.

use std::path::Path;

use crawler::archive::{Appended, Archive, ArchiveError};
use crawler::post::Post;
use jiff::Timestamp;

/// Why a post could not be taken in.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IntakeError {
    /// The store of record.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
}

/// Posts on their way in.
pub(crate) struct Intake {
    archive: Archive,
}

impl Intake {
    pub(crate) fn open(_folder: &Path, archive: Archive) -> Result<Intake, IntakeError> {
        Ok(Intake { archive })
    }

    pub(crate) fn store(&mut self, posts: &[Post], _now: Timestamp) -> Result<Appended, IntakeError> {
        Ok(self.archive.append(posts, &mut |post| post.id.voice())?)
    }

    pub(crate) fn commit(&mut self) -> Result<(), IntakeError> {
        Ok(())
    }
}
