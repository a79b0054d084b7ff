//! The only hand that writes posts: archive first, then the index, then the source's cursor.
//! A crash between two of them repeats work and loses nothing.

use std::path::Path;

use analyzer::duplicate::Duplicates;
use crawler::archive::{Appended, Archive, ArchiveError};
use crawler::post::Post;
use jiff::{SignedDuration, Timestamp};

/// Why a post could not be taken in.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IntakeError {
    /// The store of record.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
}

/// Near-duplicates are looked for within this much memory.
const DUPLICATE_BYTES: usize = 64 << 20;
/// A near-duplicate group is remembered that long.
const DUPLICATE_WINDOW: SignedDuration = SignedDuration::from_hours(72);

/// Posts on their way in.
pub(crate) struct Intake {
    archive: Archive,
    duplicates: Duplicates,
}

impl Intake {
    pub(crate) fn open(_folder: &Path, archive: Archive) -> Result<Intake, IntakeError> {
        let mut duplicates = Duplicates::new(DUPLICATE_BYTES);
        if let Some((_, newest)) = archive.time_range()? {
            archive.between(
                newest - DUPLICATE_WINDOW,
                newest + SignedDuration::from_secs(1),
                &mut |stored| {
                    duplicates.restore(&stored);
                },
            )?;
        }
        Ok(Intake { archive, duplicates })
    }

    pub(crate) fn store(&mut self, posts: &[Post], _now: Timestamp) -> Result<Appended, IntakeError> {
        let duplicates = &mut self.duplicates;
        Ok(self.archive.append(posts, &mut |post| duplicates.assign(post))?)
    }

    pub(crate) fn commit(&mut self) -> Result<(), IntakeError> {
        Ok(())
    }
}
