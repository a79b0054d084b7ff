//! Everything that changes posts.db: appending, cursors, heartbeats, expiry. Each call is one transaction.

use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use super::read;
use super::schema::PATIENCE;
use super::{Appended, Archive, ArchiveError, Observation};
use crate::pause::Pause;
use crate::post::{Post, Publisher, Stored, Voice};

/// A page with a counter in its text would add a revision at every visit; from here on it is left as it is.
const MOST_REVISIONS: u32 = 20;

/// Shorter texts gain nothing from compression.
const COMPRESS_FROM: usize = 400;

/// How many posts one step of expiry deletes, so that the writer is never blocked for long.
const EXPIRE_STEP: usize = 5_000;

/// Emptying the log waits no longer than this for readers: posts wait behind it.
const SHORT_PATIENCE: Duration = Duration::from_millis(100);

/// The writing connection and what it remembers.
pub(super) struct Writer {
    pub(super) connection: Connection,
    origins: HashMap<(String, String, Publisher), i64>,
    /// The write-ahead log may hold deleted texts.
    unclean: bool,
}

impl Writer {
    pub(super) fn new(connection: Connection) -> Writer {
        // A program that ended hard may have left a log behind.
        Writer { connection, origins: HashMap::new(), unclean: true }
    }
}

impl Archive {
    /// Appends posts in one transaction and returns what is new.
    ///
    /// The same id with the same title and text is a duplicate, whatever rank and heat say; with other
    /// words it is the next revision, which keeps the first one's voice and times. `assign` gives the
    /// voice and is asked only about posts never seen before.
    pub fn append(
        &self,
        posts: &[Post],
        assign: &mut dyn FnMut(&Post) -> Voice,
    ) -> Result<Appended, ArchiveError> {
        self.with_writer(|writer| {
            let Writer { connection, origins, .. } = writer;
            let known_before = origins.clone();
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let mut appending =
                Appending { transaction: &transaction, origins, appended: Appended::default() };
            let result = posts.iter().try_for_each(|post| appending.take(post, assign));
            let appended = appending.appended;
            let result = result.and_then(|()| transaction.commit());
            if result.is_err() {
                // Origins of a transaction that was rolled back do not exist.
                *origins = known_before;
            }
            result.map(|()| appended)
        })
    }

    /// Remembers how far a source was read.
    pub fn set_cursor(&self, source: &str, value: &str) -> Result<(), ArchiveError> {
        self.with_writer(|writer| {
            writer
                .connection
                .prepare_cached("INSERT OR REPLACE INTO cursors (source, value) VALUES (?1, ?2)")?
                .execute([source, value])
                .map(drop)
        })
    }

    /// Pauses a source, or with `None` resumes it.
    pub fn set_pause(&self, source: &str, pause: Option<&Pause>) -> Result<(), ArchiveError> {
        self.with_writer(|writer| {
            let connection = &writer.connection;
            let Some(Pause { since, until, reason }) = pause else {
                return connection.execute("DELETE FROM pauses WHERE source = ?1", [source]).map(drop);
            };
            let (since, until) = (since.as_millisecond(), until.map(Timestamp::as_millisecond));
            let sql = "INSERT OR REPLACE INTO pauses (source, since, until, reason) VALUES (?1, ?2, ?3, ?4)";
            connection.execute(sql, params![source, since, until, reason]).map(drop)
        })
    }

    /// Records that a source was asked, and whether it answered.
    pub fn observe(&self, source: &str, at: Timestamp, ok: bool) -> Result<(), ArchiveError> {
        self.observe_all(&[Observation { at, source: source.to_owned(), ok }])
    }

    /// Records many heartbeats at once. One that is known already stays; an answer outweighs a failure.
    pub fn observe_all(&self, observations: &[Observation]) -> Result<(), ArchiveError> {
        self.with_writer(|writer| {
            let transaction = writer.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            {
                let mut insert = transaction.prepare_cached(
                    "INSERT INTO observations (at, source, ok) VALUES (?1, ?2, ?3)
                     ON CONFLICT DO UPDATE SET ok = max(ok, excluded.ok)",
                )?;
                for Observation { at, source, ok } in observations {
                    insert.execute(params![at.as_millisecond(), source, ok])?;
                }
            }
            transaction.commit()
        })
    }

    /// Deletes posts first seen before that moment, with all their revisions, and returns how many rows went.
    pub fn expire(&self, before_first_seen: Timestamp) -> Result<usize, ArchiveError> {
        let mut total = 0;
        loop {
            let deleted = self.with_writer(|writer| {
                let mut delete = writer.connection.prepare_cached(
                    "DELETE FROM posts WHERE sequence IN
                     (SELECT sequence FROM posts WHERE first_seen < ?1 ORDER BY first_seen LIMIT ?2)",
                )?;
                delete.execute(params![before_first_seen.as_millisecond(), EXPIRE_STEP.cast_signed()])
            })?;
            total += deleted;
            if deleted < EXPIRE_STEP {
                break;
            }
        }
        if total > 0 {
            self.with_writer(|writer| {
                writer.unclean = true;
                Ok(())
            })?;
        }
        Ok(total)
    }

    /// Writes the whole file anew. `secure_delete` blanks a deleted row where it lies, but not the copies
    /// that stayed behind in unused parts of pages when the row was moved while it was still alive.
    /// Takes as much disk again and keeps posts waiting, about ten seconds a gigabyte.
    pub fn compact(&self) -> Result<(), ArchiveError> {
        self.with_writer(|writer| {
            writer.unclean = true;
            writer.connection.execute_batch("VACUUM")
        })
    }

    /// Bytes of the file, without its log.
    pub fn size(&self) -> u64 {
        std::fs::metadata(&self.path).map_or(0, |data| data.len())
    }

    /// Empties the write-ahead log, in which deleted texts live on, and says whether it is empty now.
    /// Somebody who is reading may keep it for a moment: then ask again.
    pub fn scrub(&self) -> Result<bool, ArchiveError> {
        self.with_writer(|writer| {
            if writer.unclean {
                writer.connection.busy_timeout(SHORT_PATIENCE)?;
                let held = writer
                    .connection
                    .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, bool>(0));
                writer.connection.busy_timeout(PATIENCE)?;
                writer.unclean = held?;
            }
            Ok(!writer.unclean)
        })
    }
}

/// One transaction that appends.
struct Appending<'a> {
    transaction: &'a Transaction<'a>,
    origins: &'a mut HashMap<(String, String, Publisher), i64>,
    appended: Appended,
}

impl Appending<'_> {
    fn take(&mut self, post: &Post, assign: &mut dyn FnMut(&Post) -> Voice) -> rusqlite::Result<()> {
        let mut stored = match read::newest(self.transaction, &post.id)? {
            Some(known) if says_nothing_new(&known, post) => {
                self.appended.duplicates += 1;
                return Ok(());
            }
            Some(known) => {
                let first = known.post;
                let (time, first_seen, claimed) = (first.time, first.first_seen, first.claimed);
                let post = Post { time, first_seen, claimed, ..post.clone() };
                Stored { sequence: 0, revision: known.revision + 1, voice: known.voice, post }
            }
            None => {
                let post = whole_milliseconds(post);
                let voice = assign(&post);
                Stored { sequence: 0, revision: 0, voice, post }
            }
        };
        let origin = origin(self.transaction, self.origins, &stored.post)?;
        stored.sequence = insert(self.transaction, origin, &stored)?;
        self.appended.stored.push(stored);
        Ok(())
    }
}

fn says_nothing_new(known: &Stored, post: &Post) -> bool {
    let same_words = known.post.title == post.title && known.post.text == post.text;
    same_words || known.revision + 1 >= MOST_REVISIONS
}

/// Times are kept in milliseconds: what `append` returns must equal what is read back.
fn whole_milliseconds(post: &Post) -> Post {
    let whole = |time: Timestamp| Timestamp::from_millisecond(time.as_millisecond()).unwrap_or(time);
    Post { time: whole(post.time), first_seen: whole(post.first_seen), ..post.clone() }
}

fn insert(transaction: &Transaction<'_>, origin: i64, stored: &Stored) -> rusqlite::Result<u64> {
    let Stored { revision, voice, post, .. } = stored;
    let mut insert = transaction.prepare_cached(
        "INSERT INTO posts (id, revision, voice, origin, time, first_seen, title, text, address, rank, heat,
         claimed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
    )?;
    let compressed = compress(&post.text);
    let text: &dyn rusqlite::ToSql = match &compressed {
        Some(frame) => frame,
        None => &post.text,
    };
    let sequence = insert.insert(params![
        post.id.as_bytes(),
        revision,
        // SQLite's integers are signed; the bits are the same.
        voice.0.cast_signed(),
        origin,
        post.time.as_millisecond(),
        post.first_seen.as_millisecond(),
        post.title,
        text,
        post.address,
        post.rank,
        post.heat,
        post.claimed.map(Timestamp::as_millisecond),
    ])?;
    Ok(sequence.cast_unsigned())
}

/// A frame is kept only if it saves a fifth.
fn compress(text: &str) -> Option<Vec<u8>> {
    if text.len() < COMPRESS_FROM {
        return None;
    }
    let frame = zstd::bulk::compress(text.as_bytes(), 3).ok()?;
    (frame.len() * 5 <= text.len() * 4).then_some(frame)
}

fn origin(
    transaction: &Transaction<'_>,
    origins: &mut HashMap<(String, String, Publisher), i64>,
    post: &Post,
) -> rusqlite::Result<i64> {
    let key = (post.source.clone(), post.group.clone(), post.publisher);
    if let Some(&origin) = origins.get(&key) {
        return Ok(origin);
    }
    let publisher = read::publisher_number(post.publisher);
    let known = transaction
        .query_row(
            "SELECT origin FROM origins WHERE source = ?1 AND name = ?2 AND publisher = ?3",
            params![post.source, post.group, publisher],
            |row| row.get(0),
        )
        .optional()?;
    let origin = match known {
        Some(origin) => origin,
        None => {
            transaction.execute(
                "INSERT INTO origins (source, name, publisher) VALUES (?1, ?2, ?3)",
                params![post.source, post.group, publisher],
            )?;
            transaction.last_insert_rowid()
        }
    };
    origins.insert(key, origin);
    Ok(origin)
}

#[cfg(test)]
impl Writer {
    pub(super) fn limit_pages(&self, pages: u32) -> rusqlite::Result<()> {
        self.connection.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))
    }

    pub(super) fn durability(&self) -> rusqlite::Result<(String, i64)> {
        let journal = self.connection.query_row("PRAGMA journal_mode", [], |row| row.get(0))?;
        Ok((journal, self.connection.query_row("PRAGMA synchronous", [], |row| row.get(0))?))
    }
}
