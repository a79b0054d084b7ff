//! The tables of posts.db, how they are made, and the settings that make a commit survive a power cut.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::ArchiveError;

/// The version of the tables below (`PRAGMA user_version`).
const VERSION: i64 = 1;

/// Marks the file as ours (`PRAGMA application_id`): "GLps".
const APPLICATION_ID: i64 = 0x474c_7073;

/// How long a connection waits for another one's lock.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// Source, group and publisher repeat in every post, so they are written once and referred to.
/// A text is TEXT, or a zstd frame as BLOB where that is smaller. Times are milliseconds since 1970.
/// `AUTOINCREMENT` keeps a sequence number from being given twice after the newest posts expired.
const TABLES: &str = "
    CREATE TABLE origins (
        origin    INTEGER PRIMARY KEY,
        source    TEXT NOT NULL,
        name      TEXT NOT NULL,
        publisher INTEGER NOT NULL,
        UNIQUE (source, name, publisher)
    );
    CREATE TABLE posts (
        sequence   INTEGER PRIMARY KEY AUTOINCREMENT,
        id         BLOB NOT NULL,
        revision   INTEGER NOT NULL,
        voice      INTEGER NOT NULL,
        origin     INTEGER NOT NULL REFERENCES origins,
        time       INTEGER NOT NULL,
        first_seen INTEGER NOT NULL,
        title      TEXT NOT NULL,
        text       NOT NULL,
        address    TEXT,
        rank       INTEGER,
        heat       REAL,
        claimed    INTEGER
    );
    CREATE UNIQUE INDEX posts_by_id ON posts (id, revision);
    CREATE INDEX posts_by_time ON posts (time);
    CREATE INDEX posts_by_first_seen ON posts (first_seen);
    CREATE TABLE cursors (
        source TEXT PRIMARY KEY,
        value  TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE observations (
        at     INTEGER NOT NULL,
        source TEXT NOT NULL,
        ok     INTEGER NOT NULL,
        PRIMARY KEY (at, source)
    ) WITHOUT ROWID;
";

/// Made where it is missing: older files have none.
const PAUSES: &str = "
    CREATE TABLE IF NOT EXISTS pauses (
        source TEXT PRIMARY KEY,
        since  INTEGER NOT NULL,
        until  INTEGER,
        reason TEXT
    ) WITHOUT ROWID;
";

/// Counts without texts, one row for each source, category and period; older files have none.
const CATEGORY_COUNTS: &str = "
    CREATE TABLE IF NOT EXISTS category_counts (
        source   TEXT NOT NULL,
        category TEXT NOT NULL,
        \"from\"   INTEGER NOT NULL,
        \"to\"     INTEGER NOT NULL,
        calls    INTEGER NOT NULL,
        PRIMARY KEY (source, category, \"from\", \"to\")
    ) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS category_counts_by_end ON category_counts (\"to\");
";

/// Whether the table of posts has the time that a post claimed; older files have none.
const HAS_CLAIMED: &str = "SELECT count(*) FROM pragma_table_info('posts') WHERE name = 'claimed'";

const ADD_CLAIMED: &str = "ALTER TABLE posts ADD COLUMN claimed INTEGER";

/// Shows an older file as if it had it, to this connection alone.
const AS_IF_CLAIMED: &str = "CREATE TEMP VIEW posts AS SELECT *, NULL AS claimed FROM main.posts";

/// Opens for writing; makes the tables in an empty file.
pub(super) fn open_writer(path: &Path) -> Result<Connection, ArchiveError> {
    let failed = |error| ArchiveError::from_sqlite(path, error);
    let mut connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )
    .map_err(failed)?;
    connection.busy_timeout(PATIENCE).map_err(failed)?;
    let is_ours = is_ours(&connection, path)?;
    make_durable(&connection, path)?;
    if !is_ours {
        make_tables(&mut connection).map_err(failed)?;
    }
    if !has_claimed(&connection).map_err(failed)? {
        connection.execute_batch(ADD_CLAIMED).map_err(failed)?;
    }
    connection.execute_batch(PAUSES).map_err(failed)?;
    connection.execute_batch(CATEGORY_COUNTS).map_err(failed)?;
    Ok(connection)
}

/// Opens for reading beside a writer.
pub(super) fn open_reader(path: &Path) -> Result<Connection, ArchiveError> {
    let failed = |error| ArchiveError::from_sqlite(path, error);
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)
            .map_err(failed)?;
    connection.busy_timeout(PATIENCE).map_err(failed)?;
    if !is_ours(&connection, path)? {
        return Err(ArchiveError::Missing { path: path.to_path_buf() });
    }
    if !has_claimed(&connection).map_err(failed)? {
        connection.execute_batch(AS_IF_CLAIMED).map_err(failed)?;
    }
    Ok(connection)
}

fn has_claimed(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row(HAS_CLAIMED, [], |row| row.get(0))
}

/// `false` for an empty file; an error for another program's database or a newer version of ours.
fn is_ours(connection: &Connection, path: &Path) -> Result<bool, ArchiveError> {
    let number = |pragma: &str| -> Result<i64, ArchiveError> {
        connection
            .query_row(&format!("PRAGMA {pragma}"), [], |row| row.get(0))
            .map_err(|error| ArchiveError::from_sqlite(path, error))
    };
    let (application, version) = (number("application_id")?, number("user_version")?);
    let is_empty = number("page_count")? == 0 || number("schema_version")? == 0;
    match (application, version) {
        (APPLICATION_ID, VERSION) => Ok(true),
        (APPLICATION_ID, found) if found > VERSION => {
            Err(ArchiveError::Newer { path: path.to_path_buf(), found, known: VERSION })
        }
        (0, 0) if is_empty => Ok(false),
        _ => Err(ArchiveError::Foreign { path: path.to_path_buf() }),
    }
}

/// WAL with its default `synchronous` may lose acknowledged posts on power loss, so both are set and read back.
fn make_durable(connection: &Connection, path: &Path) -> Result<(), ArchiveError> {
    let failed = |error| ArchiveError::from_sqlite(path, error);
    let journal: String =
        connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)).map_err(failed)?;
    // Deleted posts must not stay readable in free pages. Ids are hashes, so their index is written all
    // over: a larger cache (32 MiB) keeps it in memory.
    connection
        .execute_batch(
            "PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA foreign_keys = ON;
             PRAGMA cache_size = -32768; PRAGMA journal_size_limit = 67108864;",
        )
        .map_err(failed)?;
    let synchronous: i64 =
        connection.query_row("PRAGMA synchronous", [], |row| row.get(0)).map_err(failed)?;
    if journal != "wal" || synchronous != 2 {
        let detail = format!("journal_mode is {journal}, synchronous is {synchronous}");
        return Err(ArchiveError::NotDurable { path: path.to_path_buf(), detail });
    }
    Ok(())
}

fn make_tables(connection: &mut Connection) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    transaction.execute_batch(TABLES)?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()
}

#[cfg(test)]
mod tests {
    use rusqlite::types::Value;

    use super::*;

    /// A file as the versions before wrote it, with one post.
    fn older(path: &Path) {
        let connection = Connection::open(path).unwrap();
        let tables = TABLES
            .replace("        heat       REAL,\n        claimed    INTEGER\n", "        heat       REAL\n");
        assert_ne!(tables, TABLES);
        connection.execute_batch(&tables).unwrap();
        connection.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
        connection.pragma_update(None, "user_version", VERSION).unwrap();
        let post = "INSERT INTO origins VALUES (1, 'a', 'a', 1);
            INSERT INTO posts VALUES (7, x'00112233445566778899aabbccddeeff', 0, 1, 1, 2, 3, 't', 'x', NULL, NULL, NULL);";
        connection.execute_batch(post).unwrap();
    }

    #[test]
    fn an_older_file_is_read_as_it_is_and_gets_the_new_column_when_it_is_opened_for_writing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("posts.db");
        older(&path);
        let claimed = |connection: &Connection| -> (Value, i64) {
            let sql = "SELECT claimed, sequence FROM posts WHERE sequence = 7";
            connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap()
        };
        let reader = open_reader(&path).unwrap();
        assert_eq!(claimed(&reader), (Value::Null, 7));
        let writer = open_writer(&path).unwrap();
        writer.execute("UPDATE posts SET claimed = 5", []).unwrap();
        assert_eq!(claimed(&writer), (Value::Integer(5), 7));
        assert_eq!(claimed(&open_reader(&path).unwrap()), (Value::Integer(5), 7));
        // One that was opened before goes on as it began.
        assert_eq!(claimed(&reader).1, 7);
        drop(open_writer(&path).unwrap());
    }
}
