//! The only hand that writes posts: archive first, then the index, then the source's cursor.
//! A crash between two of them repeats work and loses nothing.

use std::path::Path;

use analyzer::duplicate::Duplicates;
use analyzer::index::{Index, IndexWriter};
use crawler::archive::{Appended, Archive};
use crawler::crawl::{Outcome, Visit};
use crawler::post::Post;
use jiff::{SignedDuration, Timestamp};
use tracing::{info, warn};

/// Posts read back at a time while the index catches up.
const CATCH_UP: usize = 5_000;

/// Posts on their way in.
pub(crate) struct Intake {
    archive: Archive,
    writer: IndexWriter,
    duplicates: Duplicates,
    /// Sequence of the last post handed to the index.
    last: u64,
    /// When the oldest post the index has not committed came in.
    waiting_since: Option<Timestamp>,
}
