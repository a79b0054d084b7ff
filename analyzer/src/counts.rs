//! Counts that outlive the posts: one row a concern and bucket in `counts.db`. Written when a bucket
//! has closed; as long as the posts exist the index can answer the same question.

use std::path::Path;

use crawler::private;
use rusqlite::{Connection, OpenFlags, params};
use serde::{Deserialize, Serialize};

use crate::series::{Bucket, BucketCount};

/// Format of the file; a newer one is refused.
const VERSION: i32 = 1;

/// Why the counts can't be read or written.
#[derive(Debug, thiserror::Error)]
pub enum CountsError {
    /// A later program wrote the file.
    #[error(
        "counts.db was written by a newer guanlan (format {found}, this one knows {VERSION}): use that version, or another data folder"
    )]
    Newer {
        /// Format found.
        found: i32,
    },
    /// SQLite refused.
    #[error("counts.db: {0}; check that the disk is not full and the folder is writable")]
    Sqlite(#[from] rusqlite::Error),
    /// A row holds what this program did not write.
    #[error("counts.db: {0}")]
    Row(#[from] serde_json::Error),
}

/// What is kept of one concern and bucket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    /// Which ten minutes.
    pub bucket: Bucket,
    /// Posts, copies included.
    pub posts: u32,
    /// Near-duplicate groups.
    pub voices: u32,
    /// Posts per source id, sorted.
    pub sources: Vec<(String, u32)>,
}

/// The counts on disk.
#[derive(Debug)]
pub struct Counts {
    connection: Connection,
}

impl Counts {
    /// Opens `counts.db` in the data folder, or creates it.
    ///
    /// # Errors
    /// [`CountsError::Newer`] when a later program wrote it, else what SQLite says.
    pub fn open(folder: &Path) -> Result<Counts, CountsError> {
        let path = folder.join("counts.db");
        // What cannot be made SQLite cannot make either, and says why.
        drop(private::file(&path));
        let connection = Connection::open(path)?;
        let found: i32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if found > VERSION {
            return Err(CountsError::Newer { found });
        }
        connection.pragma_update(None, "journal_mode", "wal")?;
        // Counts are truth once the posts have expired: an acknowledged row must survive power loss.
        connection.pragma_update(None, "synchronous", "full")?;
        connection.execute_batch(
            "CREATE TABLE IF NOT EXISTS counts (
                 concern TEXT NOT NULL, bucket INTEGER NOT NULL,
                 posts INTEGER NOT NULL, voices INTEGER NOT NULL, sources TEXT NOT NULL,
                 PRIMARY KEY (concern, bucket)
             ) WITHOUT ROWID;",
        )?;
        connection.pragma_update(None, "user_version", VERSION)?;
        Ok(Counts { connection })
    }

    /// Opens the file beside its writer, for reading only.
    ///
    /// # Errors
    /// What SQLite says, also when there is no such file.
    pub fn open_read_only(folder: &Path) -> Result<Counts, CountsError> {
        let path = folder.join("counts.db");
        Ok(Counts { connection: Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)? })
    }

    /// Writes closed buckets in one transaction; a bucket written again replaces the old row.
    /// Empty buckets need no row.
    ///
    /// # Errors
    /// What SQLite says; then nothing of it is written.
    pub fn write<'a>(
        &mut self,
        counts: impl Iterator<Item = (&'a str, &'a BucketCount)>,
    ) -> Result<(), CountsError> {
        let transaction = self.connection.transaction()?;
        {
            let mut insert = transaction.prepare_cached(
                "INSERT OR REPLACE INTO counts (concern, bucket, posts, voices, sources) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?;
            for (concern, count) in counts.filter(|(_, count)| count.posts > 0) {
                let sources = serde_json::to_string(&count.sources)?;
                insert.execute(params![
                    concern,
                    count.bucket.0,
                    count.posts,
                    count.voices.len() as u32,
                    sources
                ])?;
            }
        }
        transaction.commit()?;
        Ok(())
    }

    /// The rows of one concern with `from ≤ bucket < to`, in order; empty buckets are left out.
    ///
    /// # Errors
    /// What SQLite says, or a row this program did not write.
    pub fn read(&self, concern: &str, from: Bucket, to: Bucket) -> Result<Vec<Tally>, CountsError> {
        let mut select = self.connection.prepare_cached(
            "SELECT bucket, posts, voices, sources FROM counts
             WHERE concern = ?1 AND bucket >= ?2 AND bucket < ?3 ORDER BY bucket",
        )?;
        let mut rows = select.query(params![concern, from.0, to.0])?;
        let mut tallies = Vec::new();
        while let Some(row) = rows.next()? {
            let sources: String = row.get(3)?;
            tallies.push(Tally {
                bucket: Bucket(row.get(0)?),
                posts: row.get(1)?,
                voices: row.get(2)?,
                sources: serde_json::from_str(&sources)?,
            });
        }
        Ok(tallies)
    }

    /// Deletes rows older than `before`; returns how many.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn expire(&mut self, before: Bucket) -> Result<usize, CountsError> {
        Ok(self.connection.execute("DELETE FROM counts WHERE bucket < ?1", [before.0])?)
    }
}

#[cfg(test)]
mod tests {
    use crawler::post::Voice;

    use super::*;

    fn count(bucket: i64, posts: u32) -> BucketCount {
        let voices = vec![(Voice(1), posts.saturating_sub(1)), (Voice(2), 1)];
        BucketCount { bucket: Bucket(bucket), posts, voices, sources: vec![("bbs".to_owned(), posts)] }
    }

    #[test]
    fn rows_come_back_in_order_replace_each_other_and_expire() {
        let folder = tempfile::tempdir().unwrap();
        let mut counts = Counts::open(folder.path()).unwrap();
        let (early, late) = (count(10, 3), count(12, 5));
        counts
            .write([("数据公布", &late), ("数据公布", &early), ("停水", &count(11, 9))].into_iter())
            .unwrap();
        counts.write([("数据公布", &count(10, 4)), ("数据公布", &count(13, 0))].into_iter()).unwrap();

        let read = Counts::open_read_only(folder.path()).unwrap();
        let posts = |from, to| -> Vec<_> {
            let rows = read.read("数据公布", Bucket(from), Bucket(to)).unwrap();
            rows.iter().map(|tally| (tally.bucket.0, tally.posts, tally.voices)).collect()
        };
        assert_eq!(posts(0, 100), [(10, 4, 2), (12, 5, 2)]);
        assert_eq!(posts(11, 13), [(12, 5, 2)]);

        assert_eq!(counts.expire(Bucket(12)).unwrap(), 2);
        assert_eq!(posts(0, 100), [(12, 5, 2)]);
    }

    #[test]
    fn a_file_of_a_newer_program_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let connection = Connection::open(folder.path().join("counts.db")).unwrap();
        connection.pragma_update(None, "user_version", VERSION + 1).unwrap();
        assert!(matches!(Counts::open(folder.path()), Err(CountsError::Newer { found: 2 })));
    }
}
