//! The file `alerts.db`: opened, its version checked, events appended and read back.
//!
//! Only the task that owns the desk writes it; others may read beside it.

mod layout;

use std::path::{Path, PathBuf};
use std::time::Duration;

use crawler::private;
use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, Row, Transaction, params};

pub(crate) use self::layout::{LOGIN, TRIES};
use self::layout::{STEPS, VERSION};
use crate::alert::{self, Alert, AlertId, Event};

/// A statement waits that long for another one's lock.
const PATIENCE: Duration = Duration::from_secs(5);

/// Emptying the log waits no longer than this for readers.
const SHORT_PATIENCE: Duration = Duration::from_millis(100);

/// Why the file could not be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// SQLite says no: disk full, file damaged, file locked.
    #[error("{path}: {source}")]
    Database {
        /// The file.
        path: PathBuf,
        /// SQLite's own words.
        source: rusqlite::Error,
    },
    /// Written by a newer program.
    #[error(
        "{path} was written by a newer version of Guanlan (layout {found}, this program knows {VERSION}); start the newer program, or restore a backup made by this one"
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its layout.
        found: i64,
    },
    /// The file system does not do what SQLite asked for.
    #[error(
        "{path}: the database refuses {setting}, without which mail and alerts could be lost in a power failure; put the data folder on a local disk"
    )]
    Unsafe {
        /// The file.
        path: PathBuf,
        /// What was asked for.
        setting: &'static str,
    },
    /// A line nobody of ours wrote.
    #[error("{path}: line {sequence} of the journal cannot be read ({problem}); restore the last backup")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Number of the line.
        sequence: i64,
        /// What is wrong with it.
        problem: String,
    },
}

/// The open file.
pub struct Journal {
    connection: Connection,
    path: PathBuf,
}

/// One line of the journal.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Its number, which grows.
    pub number: i64,
    /// The alert.
    pub id: AlertId,
    /// When it was written.
    pub time: Timestamp,
    /// What happened.
    pub event: Event,
}

impl Journal {
    /// Opens `alerts.db` in the data folder for the task that writes it; makes it if it is missing.
    pub fn open(dir: &Path) -> Result<Journal, JournalError> {
        let path = dir.join("alerts.db");
        // What cannot be made SQLite cannot make either, and says why.
        drop(private::file(&path));
        let connection = Connection::open(&path).map_err(database(&path))?;
        let journal = Journal { connection, path };
        journal.refuse_newer()?;
        journal.make_durable()?;
        journal.lay_out()?;
        Ok(journal)
    }

    /// Opens it beside the writer, for reading only.
    pub fn open_to_read(dir: &Path) -> Result<Journal, JournalError> {
        let path = dir.join("alerts.db");
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&path, flags).map_err(database(&path))?;
        let journal = Journal { connection, path };
        journal.refuse_newer()?;
        Ok(journal)
    }

    /// All alerts, oldest first.
    pub fn alerts(&self) -> Result<Vec<Alert>, JournalError> {
        self.folded("select sequence, alert, time, event from journal order by alert, sequence", [])
    }

    /// One alert.
    pub fn alert(&self, id: AlertId) -> Result<Option<Alert>, JournalError> {
        let query = "select sequence, alert, time, event from journal where alert = ? order by sequence";
        Ok(self.folded(query, [id.to_string()])?.pop())
    }

    /// Number of the newest line; 0 before the first.
    pub fn last_line(&self) -> Result<i64, JournalError> {
        let query = "select coalesce(max(sequence), 0) from journal";
        self.connection.query_row(query, [], |row| row.get(0)).map_err(self.error())
    }

    /// Lines behind that number, oldest first, at most so many.
    pub fn lines_after(&self, number: i64, limit: usize) -> Result<Vec<Line>, JournalError> {
        let query =
            "select sequence, alert, time, event from journal where sequence > ? order by sequence limit ?";
        let mut statement = self.connection.prepare_cached(query).map_err(self.error())?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut rows = statement.query([number, limit]).map_err(self.error())?;
        let mut lines = Vec::new();
        while let Some(row) = rows.next().map_err(self.error())? {
            let (id, time, event) = self.read(row)?;
            lines.push(Line { number: row.get(0).map_err(self.error())?, id, time, event });
        }
        Ok(lines)
    }

    /// Alerts of which nothing was written since that moment.
    pub(crate) fn alerts_quiet_since(&self, moment: Timestamp) -> Result<Vec<AlertId>, JournalError> {
        let query = "select alert from journal group by alert having max(time) < ?";
        let mut statement = self.connection.prepare_cached(query).map_err(self.error())?;
        let rows = statement.query_map([moment.to_string()], |row| row.get::<_, String>(0));
        let names = rows.and_then(Iterator::collect::<Result<Vec<String>, _>>).map_err(self.error())?;
        // A name nobody of ours wrote is a damaged line, which reading the alerts reports.
        Ok(names.iter().filter_map(|name| name.parse().ok()).collect())
    }

    /// Empties the write-ahead log, in which deleted texts live on, and says whether it is empty now.
    pub(crate) fn scrub(&self) -> Result<bool, JournalError> {
        let error = self.error();
        self.connection.busy_timeout(SHORT_PATIENCE).map_err(&error)?;
        let query = "pragma wal_checkpoint(truncate)";
        let held = self.connection.query_row(query, [], |row| row.get::<_, bool>(0));
        self.connection.busy_timeout(PATIENCE).map_err(&error)?;
        Ok(!held.map_err(error)?)
    }

    /// Writes the whole file anew, so that no copy of a deleted text stays in an unused part of a page.
    pub(crate) fn compact(&self) -> Result<(), JournalError> {
        self.connection.execute_batch("vacuum").map_err(self.error())
    }

    /// A transaction of all tables of the file.
    pub(crate) fn begin(&mut self) -> Result<Transaction<'_>, JournalError> {
        self.connection.transaction().map_err(database(&self.path))
    }

    /// The connection, for reading.
    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Says which file an error of SQLite is about.
    pub(crate) fn error(&self) -> impl Fn(rusqlite::Error) -> JournalError + use<> {
        database(&self.path)
    }

    fn refuse_newer(&self) -> Result<(), JournalError> {
        let found = self.version()?;
        if found > VERSION {
            return Err(JournalError::Newer { path: self.path.clone(), found });
        }
        Ok(())
    }

    fn version(&self) -> Result<i64, JournalError> {
        self.connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(self.error())
    }

    fn make_durable(&self) -> Result<(), JournalError> {
        let wanted = |setting| JournalError::Unsafe { path: self.path.clone(), setting };
        let mode: String = self
            .connection
            .pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))
            .map_err(self.error())?;
        if !mode.eq_ignore_ascii_case("wal") {
            return Err(wanted("journal_mode=WAL"));
        }
        self.connection.pragma_update(None, "synchronous", "FULL").map_err(self.error())?;
        // Expired excerpts and mails must not stay readable in free pages.
        self.connection.pragma_update(None, "secure_delete", true).map_err(self.error())?;
        let synchronous: i64 = self
            .connection
            .pragma_query_value(None, "synchronous", |row| row.get(0))
            .map_err(self.error())?;
        if synchronous != 2 {
            return Err(wanted("synchronous=FULL"));
        }
        self.connection.busy_timeout(PATIENCE).map_err(self.error())
    }

    /// Takes the steps that the file has not taken yet, each in a transaction of its own.
    fn lay_out(&self) -> Result<(), JournalError> {
        let taken = self.version()?;
        for (step, number) in STEPS.iter().zip(1_i64..).filter(|(_, number)| *number > taken) {
            let script = format!("begin; {step} pragma user_version = {number}; commit;");
            self.connection.execute_batch(&script).map_err(self.error())?;
        }
        Ok(())
    }

    /// Whether the file has taken that step: a reader beside an older program must do without.
    pub(crate) fn has_taken(&self, step: i64) -> Result<bool, JournalError> {
        Ok(self.version()? >= step)
    }

    fn folded(&self, query: &str, values: impl rusqlite::Params) -> Result<Vec<Alert>, JournalError> {
        let mut statement = self.connection.prepare_cached(query).map_err(self.error())?;
        let mut rows = statement.query(values).map_err(self.error())?;
        let mut alerts: Vec<Alert> = Vec::new();
        while let Some(row) = rows.next().map_err(self.error())? {
            let (id, time, event) = self.read(row)?;
            match alerts.last_mut().filter(|alert| alert.id == id) {
                Some(alert) => alert.apply(time, event),
                None => alerts.extend(alert::fold(id, [(time, event)])),
            }
        }
        alerts.sort_by_key(|alert| alert.id);
        Ok(alerts)
    }

    fn read(&self, row: &Row<'_>) -> Result<(AlertId, Timestamp, Event), JournalError> {
        let (sequence, id, time, event): (i64, String, String, String) =
            row.try_into().map_err(self.error())?;
        let damaged = |problem: String| JournalError::Damaged { path: self.path.clone(), sequence, problem };
        let event = serde_json::from_str(&event).map_err(|error| damaged(error.to_string()))?;
        let time = time.parse().map_err(|error: jiff::Error| damaged(error.to_string()))?;
        Ok((id.parse().map_err(damaged)?, time, event))
    }
}

/// Appends one event and returns its sequence number.
pub(crate) fn append(
    transaction: &Transaction<'_>,
    id: AlertId,
    time: Timestamp,
    event: &Event,
) -> rusqlite::Result<i64> {
    let mut statement =
        transaction.prepare_cached("insert into journal (alert, time, event) values (?, ?, ?)")?;
    statement.insert(params![id.to_string(), time.to_string(), json(event)?])
}

/// A value of ours as JSON.
pub(crate) fn json(value: &impl serde::Serialize) -> rusqlite::Result<String> {
    serde_json::to_string(value).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
}

fn database(path: &Path) -> impl Fn(rusqlite::Error) -> JournalError + use<> {
    let path = path.to_owned();
    move |source| JournalError::Database { path: path.clone(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(dir: &Path, statement: &str) {
        Connection::open(dir.join("alerts.db")).unwrap().execute_batch(statement).unwrap();
    }

    #[test]
    #[cfg(unix)]
    fn what_passwords_became_is_nobody_elses_business() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let _journal = Journal::open(dir.path()).unwrap();
        let files: Vec<_> = std::fs::read_dir(dir.path()).unwrap().map(Result::unwrap).collect();
        assert!(files.len() > 1, "its log lies beside it");
        for file in files {
            assert_eq!(file.metadata().unwrap().permissions().mode() & 0o077, 0, "{file:?}");
        }
    }

    #[test]
    fn a_file_of_a_newer_version_is_refused_and_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        drop(Journal::open(dir.path()).unwrap());
        change(dir.path(), "pragma user_version = 99");
        for opened in [Journal::open(dir.path()), Journal::open_to_read(dir.path())] {
            let error = opened.err().unwrap();
            assert!(matches!(error, JournalError::Newer { found: 99, .. }));
            assert!(error.to_string().contains("newer version of Guanlan (layout 99, this program knows"));
        }
        let version = Connection::open(dir.path().join("alerts.db")).unwrap().pragma_query_value(
            None,
            "user_version",
            |row| row.get::<_, i64>(0),
        );
        assert_eq!(version.unwrap(), 99);
    }

    #[test]
    fn a_file_of_the_first_version_is_brought_up_to_date_and_read_before_that() {
        let dir = tempfile::tempdir().unwrap();
        let first = format!("{} pragma user_version = 1", STEPS[0]);
        change(dir.path(), &first);
        let mail = "insert into outbox (message, thread, file, copy, recipient, for_group, content, queued, next_try)
            values ('<m@h>', 't', 'f', 1, 'duty@qinglan.example', '值班室', 1, 0, 0)";
        change(dir.path(), mail);
        let reader = Journal::open_to_read(dir.path()).unwrap();
        assert!(!reader.has_taken(VERSION).unwrap());
        assert_eq!(reader.undelivered().unwrap().len(), 1);
        drop(reader);
        let journal = Journal::open(dir.path()).unwrap();
        assert!(journal.has_taken(VERSION).unwrap());
        let channel: Option<String> =
            journal.connection().query_row("select channel from outbox", [], |row| row.get(0)).unwrap();
        assert_eq!(channel, None);
        assert_eq!(journal.undelivered().unwrap().len(), 1);
    }

    #[test]
    fn a_damaged_line_is_named_and_a_file_of_another_kind_refused() {
        let dir = tempfile::tempdir().unwrap();
        drop(Journal::open(dir.path()).unwrap());
        change(dir.path(), "insert into journal (alert, time, event) values ('20261124-01', 'noon', '{}')");
        let error = Journal::open(dir.path()).unwrap().alerts().unwrap_err().to_string();
        assert!(error.contains("line 1 of the journal cannot be read"), "{error}");
        std::fs::write(dir.path().join("alerts.db"), "no database at all, but long enough to look").unwrap();
        assert!(matches!(Journal::open(dir.path()), Err(JournalError::Database { .. })));
    }

    #[test]
    fn a_reader_beside_the_writer_changes_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let _writer = Journal::open(dir.path()).unwrap();
        let reader = Journal::open_to_read(dir.path()).unwrap();
        assert_eq!(reader.alerts().unwrap(), []);
        assert!(reader.connection().execute("delete from journal", []).is_err());
    }
}
