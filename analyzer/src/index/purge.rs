//! Takes deleted posts out of the files. tantivy only marks a post as deleted: its words stay in the
//! segment's files until that segment is written anew, which may otherwise never happen.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use tantivy::index::{SegmentId, SegmentMeta};

use super::{IndexError, IndexWriter};

/// A segment being written anew, on tantivy's own threads.
pub(super) type Rewriting = tantivy::FutureResult<Option<SegmentMeta>>;

impl IndexWriter {
    /// Goes on taking deleted posts out of the files and returns how many segments still hold some; at
    /// 0 nothing of a post deleted before the last commit is left. Waits for no rewriting: ask again.
    pub fn purge(&mut self) -> Result<usize, IndexError> {
        // What failed (a full disk, a merge that came first) shows as a segment that still has deletes.
        self.rewriting.retain_mut(is_under_way);
        if !self.rewriting.is_empty() {
            return Ok(self.rewriting.len());
        }
        // Files live while a reader knows them.
        self.version.reader.reload()?;
        self.writer.garbage_collect_files().wait()?;
        let metas = self.version.tantivy.searchable_segment_metas()?;
        let with_deletes = metas.iter().filter(|meta| meta.has_deletes());
        let segments: Vec<SegmentId> = with_deletes.map(SegmentMeta::id).collect();
        drop(metas);
        // One by one: what a rewriting needs of disk and memory stays that of one segment.
        self.rewriting = segments.iter().map(|segment| self.writer.merge(&[*segment])).collect();
        Ok(segments.len())
    }
}

fn is_under_way(rewriting: &mut Rewriting) -> bool {
    matches!(Pin::new(rewriting).poll(&mut Context::from_waker(Waker::noop())), Poll::Pending)
}
