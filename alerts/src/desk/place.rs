//! Up to where signals were taken: a start goes on from there, so that no bucket is left out and none is taken twice.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension};

use super::{Desk, DeskError};

impl Desk {
    /// End of the last bucket whose signals were taken, if that was noted.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn place(&self) -> Result<Option<Timestamp>, DeskError> {
        let query = "select at from taken";
        let at = self.journal.connection().query_row(query, [], |row| row.get::<_, i64>(0)).optional();
        // A moment that no calendar has is none of ours.
        Ok(at.map_err(self.journal.error())?.and_then(|at| Timestamp::from_second(at).ok()))
    }

    /// Signals up to a moment need not be taken; from now on it is noted, in the same transaction as what they
    /// bring, up to where they were. A rehearsal of the past has no next start and does without.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn keep_place(&mut self, at: Timestamp) -> Result<(), DeskError> {
        self.keeps_place = true;
        Ok(note(self.journal.connection(), at).map_err(self.journal.error())?)
    }
}

/// Notes that every signal up to a moment was taken.
pub(super) fn note(connection: &Connection, at: Timestamp) -> rusqlite::Result<()> {
    let query = "insert into taken (one, at) values (1, ?1) on conflict (one) do update set at = ?1";
    connection.prepare_cached(query)?.execute([at.as_second()])?;
    Ok(())
}
