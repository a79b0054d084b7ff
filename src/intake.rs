//! The only hand that writes posts: archive first, then the index, then the source's cursor.
//! A crash between two of them repeats work and loses nothing.

use std::path::Path;
use std::sync::Arc;

use analyzer::duplicate::Duplicates;
use analyzer::index::{Index, IndexError, IndexWriter};
use analyzer::segment::Segmenter;
use crawler::archive::{Appended, Archive, ArchiveError};
use crawler::crawl::{Outcome, Visit};
use crawler::post::Post;
use jiff::{SignedDuration, Timestamp};
use tracing::info;

/// Posts read back at a time while the index catches up.
const CATCH_UP: usize = 2_000;
/// Near-duplicates are looked for within this much memory.
const DUPLICATE_BYTES: usize = 64 << 20;
/// A near-duplicate group is remembered that long.
const DUPLICATE_WINDOW: SignedDuration = SignedDuration::from_hours(72);
/// The index commits this long after the oldest post it has not committed came in.
const COMMIT_AFTER: SignedDuration = SignedDuration::from_millis(1_000);

/// Why a post could not be taken in.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IntakeError {
    /// The store of record.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The index; the posts are stored, and it catches up when it works again.
    #[error(transparent)]
    Index(#[from] IndexError),
}

/// Posts on their way in.
pub(crate) struct Intake {
    archive: Archive,
    writer: IndexWriter,
    duplicates: Duplicates,
    /// When the oldest post came in that the index has not committed.
    waiting_since: Option<Timestamp>,
}

impl Intake {
    /// Opens the store and the index of a data folder, and lets the index catch up with the store.
    pub(crate) fn open(folder: &Path, archive: Archive, segmenter: Arc<Segmenter>) -> Result<Intake, IntakeError> {
        let index = Index::open_or_create(folder, segmenter)?;
        let mut writer = index.writer()?;
        let indexed = catch_up(&archive, &mut writer)?;
        if indexed > 0 {
            info!(posts = indexed, "index caught up with the store");
        }
        let mut duplicates = Duplicates::new(DUPLICATE_BYTES);
        if let Some((_, newest)) = archive.time_range()? {
            archive.between(newest - DUPLICATE_WINDOW, newest + SignedDuration::from_secs(1), &mut |stored| {
                duplicates.restore(&stored);
            })?;
        }
        Ok(Intake { archive, writer, duplicates, waiting_since: None })
    }

    /// Stores posts and hands them to the index. Known ones are counted as duplicates.
    pub(crate) fn store(&mut self, posts: &[Post], now: Timestamp) -> Result<Appended, IntakeError> {
        let duplicates = &mut self.duplicates;
        let appended = self.archive.append(posts, &mut |post| duplicates.assign(post))?;
        for stored in &appended.stored {
            self.writer.add(stored)?;
        }
        if !appended.stored.is_empty() {
            self.waiting_since.get_or_insert(now);
        }
        Ok(appended)
    }

    /// Takes in what a visit brought; its cursor moves last.
    pub(crate) fn visit(&mut self, visit: &Visit, now: Timestamp) -> Result<Appended, IntakeError> {
        let appended = self.store(&visit.posts, now)?;
        let ok = !matches!(visit.outcome, Outcome::Failed(_));
        self.archive.observe(&visit.source, visit.at, ok)?;
        if let Some(cursor) = &visit.cursor {
            self.archive.set_cursor(&visit.source, cursor)?;
        }
        Ok(appended)
    }

    /// Makes searchable what has waited long enough.
    pub(crate) fn commit_if_due(&mut self, now: Timestamp) -> Result<(), IntakeError> {
        match self.waiting_since {
            Some(since) if now.duration_since(since) >= COMMIT_AFTER => self.commit(),
            _ => Ok(()),
        }
    }

    /// Makes searchable everything stored.
    pub(crate) fn commit(&mut self) -> Result<(), IntakeError> {
        if self.waiting_since.take().is_some() {
            self.writer.commit(self.archive.last_sequence()?)?;
        }
        Ok(())
    }
}

/// Hands to the index what the store has beyond its last commit; returns how many posts.
fn catch_up(archive: &Archive, writer: &mut IndexWriter) -> Result<usize, IntakeError> {
    let mut sequence = writer.committed_sequence();
    let mut indexed = 0;
    loop {
        let posts = archive.after(sequence, CATCH_UP)?;
        let Some(last) = posts.last() else { break };
        sequence = last.sequence;
        for stored in &posts {
            writer.add(stored)?;
        }
        indexed += posts.len();
    }
    if indexed > 0 {
        writer.commit(sequence)?;
    }
    Ok(indexed)
}
