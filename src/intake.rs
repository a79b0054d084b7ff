//! The only hand that writes posts: archive first, then the index, then the source's cursor.
//! A crash between two of them repeats work and loses nothing.

use std::path::{Path, PathBuf};

use analyzer::duplicate::{Duplicates, KEPT};
use analyzer::index::{Index, IndexError, IndexWriter};
use analyzer::segment::Segmenter;
use crawler::archive::{Appended, Archive, ArchiveError, Observation};
use crawler::crawl::{Outcome, Visit};
use crawler::pause::Pause;
use crawler::post::Post;
use jiff::{SignedDuration, Timestamp};
use tracing::info;

/// Posts read back at a time while the index catches up.
const CATCH_UP: usize = 2_000;
/// Near-duplicates are looked for within this much memory.
const DUPLICATE_BYTES: usize = 64 << 20;

/// Deleted posts leave the files of the index that often: each time the large segments are written anew,
/// so not every hour; a text must be gone within a day.
const PURGE_EVERY: SignedDuration = SignedDuration::from_hours(6);

/// The store is written anew that often when posts were deleted.
const COMPACT_EVERY: SignedDuration = SignedDuration::from_hours(20);

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
    index: Index,
    /// Absent only while the index is being built anew.
    writer: Option<IndexWriter>,
    duplicates: Duplicates,
    /// When the index was last rid of deleted posts in this run.
    purged: Option<Timestamp>,
    /// Posts were deleted since the store was last written anew.
    deleted: bool,
    /// When the store was last written anew in this run.
    compacted: Option<Timestamp>,
}

/// Where the index lies in a data folder.
pub(crate) fn index_folder(folder: &Path) -> PathBuf {
    folder.join("index")
}

impl Intake {
    /// Opens the index of a data folder and lets it catch up with the store.
    pub(crate) fn open(
        folder: &Path,
        archive: Archive,
        segmenter: &Segmenter,
    ) -> Result<Intake, IntakeError> {
        let index = Index::open_or_create(&index_folder(folder), segmenter)?;
        let writer = index.writer()?;
        let duplicates = restored(&archive, DUPLICATE_BYTES)?;
        let writer = Some(writer);
        let (purged, deleted, compacted) = (None, false, None);
        let mut intake = Intake { archive, index, writer, duplicates, purged, deleted, compacted };
        let caught_up = intake.catch_up()?;
        if caught_up > 0 {
            info!(posts = caught_up, "index caught up with the store");
        }
        Ok(intake)
    }

    /// A handle for searching.
    pub(crate) fn index(&self) -> Index {
        self.index.clone()
    }

    /// Hours that the window of near-duplicates covers within its memory.
    pub(crate) fn hours_covered(&self, now: Timestamp) -> f64 {
        self.duplicates.hours_covered(now)
    }

    /// Stores posts and hands them to the index. Known ones are counted as duplicates.
    pub(crate) fn store(&mut self, posts: &[Post]) -> Result<Appended, IntakeError> {
        let duplicates = &mut self.duplicates;
        let appended = self.archive.append(posts, &mut |post| duplicates.assign(post))?;
        if let Some(writer) = &mut self.writer {
            appended.stored.iter().try_for_each(|stored| writer.add(stored))?;
        }
        Ok(appended)
    }

    /// Takes in what a visit brought; its cursor moves last.
    pub(crate) fn visit(&mut self, visit: &Visit) -> Result<Appended, IntakeError> {
        let mut appended = self.store(&visit.posts)?;
        if !visit.counts.is_empty() {
            appended.tallied = self.archive.tally(&visit.counts)?;
        }
        let ok = !matches!(visit.outcome, Outcome::Failed(_));
        self.archive.observe(&visit.source, visit.at, ok)?;
        if let Some(cursor) = &visit.cursor {
            self.archive.set_cursor(&visit.source, cursor)?;
        }
        Ok(appended)
    }

    /// Pauses a source, or with `None` resumes it.
    pub(crate) fn pause(&mut self, source: &str, pause: Option<&Pause>) -> Result<(), IntakeError> {
        Ok(self.archive.set_pause(source, pause)?)
    }

    /// Notes when sources were really looked at.
    pub(crate) fn observe(&mut self, seen: &[Observation]) -> Result<(), IntakeError> {
        Ok(self.archive.observe_all(seen)?)
    }

    /// Makes searchable what has waited long enough.
    pub(crate) fn commit_if_due(&mut self, now: Timestamp) -> Result<(), IntakeError> {
        let due = self.writer.as_mut().is_some_and(|writer| writer.is_due(now));
        if due { self.commit() } else { Ok(()) }
    }

    /// Makes searchable everything stored.
    pub(crate) fn commit(&mut self) -> Result<(), IntakeError> {
        self.writer.as_mut().map_or(Ok(()), |writer| Ok(writer.commit()?))
    }

    /// Deletes the posts first seen before that moment, here and in the index; returns how many.
    pub(crate) fn expire(&mut self, before: Timestamp) -> Result<usize, IntakeError> {
        let gone = self.archive.expire(before)?;
        self.deleted |= gone > 0;
        if let (true, Some(writer)) = (gone > 0, &mut self.writer) {
            writer.expire(before)?;
        }
        Ok(gone)
    }

    /// Goes on taking deleted texts out of every file, and says whether that is done. Waits for nobody
    /// who reads and for no segment that is written anew: ask again.
    pub(crate) fn scrub(&mut self, now: Timestamp) -> Result<bool, IntakeError> {
        self.compact_if_due(now)?;
        let is_clean = self.archive.scrub()?;
        let due = self.purged.is_none_or(|purged| now >= purged + PURGE_EVERY);
        let Some(writer) = self.writer.as_mut().filter(|_| due) else { return Ok(is_clean) };
        writer.commit()?;
        if writer.purge()? > 0 {
            return Ok(false);
        }
        self.purged = Some(now);
        Ok(is_clean)
    }

    fn compact_if_due(&mut self, now: Timestamp) -> Result<(), IntakeError> {
        let due = self.compacted.is_none_or(|compacted| now >= compacted + COMPACT_EVERY);
        if !self.deleted || !due {
            return Ok(());
        }
        // If it fails, a full disk say, the next try is tomorrow's: posts wait while it is tried.
        self.compacted = Some(now);
        self.archive.compact()?;
        self.deleted = false;
        Ok(())
    }

    /// Deletes reported counts of periods that ended before that moment, and what was noted of visits.
    pub(crate) fn expire_counts(&mut self, before: Timestamp) -> Result<usize, IntakeError> {
        Ok(self.archive.expire_counts(before)?)
    }

    /// Builds a new index beside the one in use from the whole store, and puts it in its place.
    pub(crate) fn reindex(&mut self) -> Result<usize, IntakeError> {
        let mut fresh = self.index.rebuild()?;
        let posts = feed(&self.archive, &mut fresh)?;
        self.commit()?;
        // The old writer must be gone before its folder goes.
        self.writer = None;
        fresh.make_current()?;
        self.writer = Some(fresh);
        Ok(posts)
    }

    /// The orderly end: commits and lets segments merge.
    pub(crate) fn close(mut self) -> Result<(), IntakeError> {
        self.writer.take().map_or(Ok(()), |writer| Ok(writer.close()?))
    }

    fn catch_up(&mut self) -> Result<usize, IntakeError> {
        let Some(writer) = &mut self.writer else { return Ok(0) };
        let posts = feed(&self.archive, writer)?;
        writer.commit()?;
        Ok(posts)
    }
}

/// The window of near-duplicates as it was when the last post was stored.
fn restored(archive: &Archive, budget_bytes: usize) -> Result<Duplicates, ArchiveError> {
    let mut duplicates = Duplicates::new(budget_bytes);
    let Some((_, newest)) = archive.time_range()? else { return Ok(duplicates) };
    let mut failure = None;
    archive.arrived_since(newest - KEPT, &mut |stored| {
        duplicates.restore(&stored, &mut |voice| match archive.founder(voice) {
            Ok(founder) => founder,
            Err(error) => {
                failure = Some(error);
                None
            }
        });
    })?;
    failure.map_or(Ok(duplicates), Err)
}

/// Hands to a writer what the store has beyond what it has taken; returns how many posts.
fn feed(archive: &Archive, writer: &mut IndexWriter) -> Result<usize, IntakeError> {
    let mut posts = 0;
    loop {
        let page = archive.after(writer.sequence(), CATCH_UP)?;
        if page.is_empty() {
            return Ok(posts);
        }
        page.iter().try_for_each(|stored| writer.add(stored))?;
        posts += page.len();
    }
}
