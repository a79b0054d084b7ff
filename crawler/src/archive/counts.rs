//! Counts without texts in posts.db: one row for each source, category and period.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, TransactionBehavior, params};

use super::{Archive, ArchiveError};
use crate::category::CategoryCount;

/// What [`Archive::count`] did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tallied {
    /// New and corrected counts.
    pub fresh: Vec<CategoryCount>,
    /// Of these, counts that corrected an earlier one of the same period.
    pub corrected: usize,
    /// Counts that were there already.
    pub duplicates: usize,
}

impl Archive {
    /// Stores counts in one transaction; one of the same source, category and period takes the place of the
    /// earlier.
    pub fn tally(&self, counts: &[CategoryCount]) -> Result<Tallied, ArchiveError> {
        self.with_writer(|writer| {
            let transaction = writer.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let mut tallied = Tallied::default();
            for count in counts {
                let CategoryCount { source, category, from, to, count: calls } = count;
                let key = params![source, category, from.as_millisecond(), to.as_millisecond()];
                let known: Option<u32> = transaction
                    .prepare_cached(
                        "SELECT calls FROM category_counts
                         WHERE source = ?1 AND category = ?2 AND \"from\" = ?3 AND \"to\" = ?4",
                    )?
                    .query_row(key, |row| row.get(0))
                    .optional()?;
                if known == Some(*calls) {
                    tallied.duplicates += 1;
                    continue;
                }
                tallied.corrected += usize::from(known.is_some());
                transaction
                    .prepare_cached("INSERT OR REPLACE INTO category_counts VALUES (?1, ?2, ?3, ?4, ?5)")?
                    .execute(params![source, category, from.as_millisecond(), to.as_millisecond(), calls])?;
                tallied.fresh.push(count.clone());
            }
            transaction.commit()?;
            Ok(tallied)
        })
    }

    /// Counts of periods that end after `from` and not after `to`, by their end.
    pub fn category_counts(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<CategoryCount>, ArchiveError> {
        self.with_reader(|reader| {
            let tables = "SELECT count(*) FROM sqlite_schema WHERE name = 'category_counts'";
            let is_there: bool = reader.query_row(tables, [], |row| row.get(0))?;
            if !is_there {
                // A file of an earlier release that nobody has opened for writing yet.
                return Ok(Vec::new());
            }
            let mut select = reader.prepare_cached(
                "SELECT source, category, \"from\", \"to\", calls FROM category_counts
                 WHERE \"to\" > ?1 AND \"to\" <= ?2 ORDER BY \"to\", source, category, \"from\"",
            )?;
            let rows = select.query_map(params![from.as_millisecond(), to.as_millisecond()], |row| {
                let moment = |column: usize| -> rusqlite::Result<Timestamp> {
                    let time: i64 = row.get(column)?;
                    Timestamp::from_millisecond(time)
                        .map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, time))
                };
                let (from, to) = (moment(2)?, moment(3)?);
                Ok(CategoryCount { source: row.get(0)?, category: row.get(1)?, from, to, count: row.get(4)? })
            })?;
            rows.collect()
        })
    }

    /// Deletes counts of periods that ended before that moment; returns how many.
    pub fn expire_counts(&self, before: Timestamp) -> Result<usize, ArchiveError> {
        self.with_writer(|writer| {
            let before = [before.as_millisecond()];
            writer.connection.execute("DELETE FROM observations WHERE at < ?1", before)?;
            writer.connection.execute("DELETE FROM category_counts WHERE \"to\" < ?1", before)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(number: i64, category: &str, count: u32) -> CategoryCount {
        let moment = |day: i64| Timestamp::from_second(1_760_000_000 + day * 86_400).unwrap();
        let (from, to) = (moment(number), moment(number + 1));
        CategoryCount { source: "calls".into(), category: category.into(), from, to, count }
    }

    #[test]
    fn a_corrected_count_takes_the_place_of_the_first() {
        let folder = tempfile::tempdir().unwrap();
        let archive = Archive::open(folder.path()).unwrap();
        let first = archive.tally(&[day(0, "供水", 20), day(0, "供暖", 5)]).unwrap();
        assert_eq!((first.fresh.len(), first.corrected, first.duplicates), (2, 0, 0));
        let again = archive.tally(&[day(0, "供水", 200), day(0, "供暖", 5), day(1, "供水", 20)]).unwrap();
        assert_eq!((again.fresh.len(), again.corrected, again.duplicates), (2, 1, 1));
        let all = archive.category_counts(Timestamp::MIN, Timestamp::MAX).unwrap();
        assert_eq!(all, [day(0, "供暖", 5), day(0, "供水", 200), day(1, "供水", 20)]);
        assert_eq!(archive.category_counts(day(0, "", 0).to, Timestamp::MAX).unwrap(), [day(1, "供水", 20)]);
        assert_eq!(archive.expire_counts(day(1, "", 0).to).unwrap(), 2);
        assert_eq!(archive.category_counts(Timestamp::MIN, Timestamp::MAX).unwrap().len(), 1);
    }

    #[test]
    fn a_file_of_the_first_release_gets_the_table_and_keeps_its_posts() {
        let folder = tempfile::tempdir().unwrap();
        drop(Archive::open(folder.path()).unwrap());
        let path = folder.path().join(super::super::FILE_NAME);
        let old = rusqlite::Connection::open(&path).unwrap();
        old.execute_batch("DROP TABLE category_counts; INSERT INTO cursors VALUES ('bbs', 'here');").unwrap();
        drop(old);
        let beside = Archive::open_read_only(folder.path()).unwrap();
        assert_eq!(beside.category_counts(Timestamp::MIN, Timestamp::MAX).unwrap(), []);
        assert_eq!(beside.cursor("bbs").unwrap().as_deref(), Some("here"));
        let archive = Archive::open(folder.path()).unwrap();
        assert_eq!(archive.cursor("bbs").unwrap().as_deref(), Some("here"));
        archive.tally(&[day(0, "供水", 20)]).unwrap();
        assert_eq!(beside.category_counts(Timestamp::MIN, Timestamp::MAX).unwrap().len(), 1);
    }
}
