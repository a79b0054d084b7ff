//! Puts posts into the index. One writer for the life of the program: each commit makes a segment, and a
//! writer dropped early kills the merging of them.

use std::ops::Bound;
use std::sync::Arc;

use crawler::post::Stored;
use jiff::{SignedDuration, Timestamp};
use tantivy::indexer::IndexWriterOptions;
use tantivy::query::RangeQuery;
use tantivy::{TantivyError, Term};

use super::purge::Rewriting;
use super::schema::document;
use super::{Index, IndexError, Version, disk, write_current};

/// Memory for posts not yet written to disk. tantivy wants 15 MB per thread at least; one thread keeps
/// the order of posts, and 64 MB hold some ten thousand posts.
const MEMORY_BYTES: usize = 64_000_000;
/// A post waits at most so long for a commit, and is searchable within two seconds.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_secs(1);
/// Segments beyond which merging counts as lagging; it keeps some ten to thirty.
const MOST_SEGMENTS: usize = 100;
/// Text that may wait for a commit, in bytes.
const MOST_WAITING: usize = 16_000_000;

/// Writes one version of the index; owned by one task.
pub struct IndexWriter {
    index: Index,
    pub(super) version: Arc<Version>,
    pub(super) writer: tantivy::IndexWriter,
    /// Last sequence number taken.
    sequence: u64,
    waiting_bytes: usize,
    waiting_since: Option<Timestamp>,
    /// Segments being written anew without their deleted posts.
    pub(super) rewriting: Vec<Rewriting>,
}

impl IndexWriter {
    pub(super) fn new(index: Index, version: Arc<Version>) -> Result<IndexWriter, IndexError> {
        let options = IndexWriterOptions::builder()
            .num_worker_threads(1)
            .memory_budget_per_thread(MEMORY_BYTES)
            .build();
        let writer = version.tantivy.writer_with_options(options).map_err(|error| match error {
            TantivyError::LockFailure(..) => IndexError::Busy(index.shared.folder.clone()),
            error => error.into(),
        })?;
        let sequence = version.committed_sequence();
        let (waiting_bytes, waiting_since, rewriting) = (0, None, Vec::new());
        Ok(IndexWriter { index, version, writer, sequence, waiting_bytes, waiting_since, rewriting })
    }

    /// Last sequence number taken, committed or not: go on from here in the archive.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// Takes a post; an edit takes the place of what was known under its id. Posts come in the order of
    /// the archive: one that was taken before is passed over, so doing it twice is harmless.
    pub fn add(&mut self, stored: &Stored) -> Result<(), IndexError> {
        if stored.sequence <= self.sequence {
            return Ok(());
        }
        if stored.revision > 0 {
            self.writer
                .delete_term(Term::from_field_bytes(self.version.fields.id, stored.post.id.as_bytes()));
        }
        self.writer.add_document(document(stored, &self.version.fields))?;
        self.sequence = stored.sequence;
        self.waiting_bytes += stored.post.title.len() + stored.post.text.len() + 1;
        Ok(())
    }

    /// Removes the posts first seen before that moment, as the archive does; searchable no more after the
    /// next commit, and in no file any more once [`IndexWriter::purge`] says so.
    pub fn expire(&mut self, before_first_seen: Timestamp) -> Result<(), IndexError> {
        let end = Term::from_field_i64(self.version.fields.first_seen, before_first_seen.as_second());
        self.writer.delete_query(Box::new(RangeQuery::new(Bound::Unbounded, Bound::Excluded(end))))?;
        self.waiting_bytes += 1;
        Ok(())
    }

    /// Whether it is time to commit: a second after the first question that found a post waiting, or when
    /// much is waiting. Ask after adding and every half second.
    pub fn is_due(&mut self, now: Timestamp) -> bool {
        if self.waiting_bytes == 0 {
            return false;
        }
        let since = *self.waiting_since.get_or_insert(now);
        let lagging = self.version.searcher().segment_readers().len() > MOST_SEGMENTS;
        has_waited(self.waiting_bytes, now.duration_since(since), lagging)
    }

    /// Makes everything taken so far searchable and durable. Nothing waiting: nothing happens.
    pub fn commit(&mut self) -> Result<(), IndexError> {
        if self.waiting_bytes == 0 {
            return Ok(());
        }
        let mut prepared = self.writer.prepare_commit()?;
        prepared.set_payload(&self.sequence.to_string());
        prepared.commit()?;
        self.version.reader.reload()?;
        self.waiting_bytes = 0;
        self.waiting_since = None;
        Ok(())
    }

    /// Puts a version from [`Index::rebuild`] into use: commits, names it current, moves readers over and
    /// removes the others. The writer of the old version must be gone by then.
    pub fn make_current(&mut self) -> Result<(), IndexError> {
        self.commit()?;
        let index = &self.index;
        if index.version().number != self.version.number {
            write_current(&index.shared.folder, self.version.number)?;
            index.replace(self.version.clone());
        }
        index.remove_others(self.version.number);
        Ok(())
    }

    /// Commits and waits until segments are merged: the orderly end.
    pub fn close(mut self) -> Result<(), IndexError> {
        self.commit()?;
        let folder = self.index.shared.folder.clone();
        self.writer.wait_merging_threads().map_err(|error| match error {
            TantivyError::IoError(error) => disk(&folder, std::io::Error::other(error.to_string())),
            error => error.into(),
        })
    }
}

/// While merging lags behind, commits come five times as seldom: each would add to the pile.
fn has_waited(bytes: usize, time: SignedDuration, lagging: bool) -> bool {
    let longest = if lagging { LONGEST_WAIT * 5 } else { LONGEST_WAIT };
    bytes >= MOST_WAITING || time >= longest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn much_text_does_not_wait_and_lagging_merges_make_commits_seldom() {
        assert!(has_waited(MOST_WAITING, SignedDuration::ZERO, false));
        assert!(!has_waited(MOST_WAITING - 1, SignedDuration::from_millis(999), false));
        assert!(has_waited(1, SignedDuration::from_secs(1), false));
        assert!(!has_waited(1, SignedDuration::from_secs(1), true));
        assert!(has_waited(1, SignedDuration::from_secs(5), true));
    }
}
