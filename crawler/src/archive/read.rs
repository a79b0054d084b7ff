//! Everything that is asked of posts.db. Long answers come in pages, so that no reader holds the lock for long.

use std::io::Read;

use jiff::Timestamp;
use rusqlite::types::{Type, ValueRef};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{Archive, ArchiveError, Observation};
use crate::pause::Pause;
use crate::post::{Post, PostId, Publisher, Stored, Voice};

/// How many rows a streaming question reads at once.
const PAGE: usize = 1_000;

/// Longest text a stored frame may unfold to; formats accept at most 1 MiB.
const LONGEST_TEXT: u64 = 8 << 20;

const SELECT: &str = "SELECT sequence, id, revision, voice, source, name, publisher, time, first_seen,
    title, text, address, rank, heat, claimed FROM posts JOIN origins USING (origin)";

impl Archive {
    /// Posts behind that place in the log, oldest first.
    pub fn after(&self, sequence: u64, limit: usize) -> Result<Vec<Stored>, ArchiveError> {
        self.with_reader(|reader| {
            let sql = format!("{SELECT} WHERE sequence > ?1 ORDER BY sequence LIMIT ?2");
            let mut statement = reader.prepare_cached(&sql)?;
            statement.query_map(params![sequence.cast_signed(), limit.cast_signed()], stored)?.collect()
        })
    }

    /// The last sequence number ever given; 0 if there was none.
    pub fn last_sequence(&self) -> Result<u64, ArchiveError> {
        self.with_reader(|reader| {
            let sql = "SELECT seq FROM sqlite_sequence WHERE name = 'posts'";
            let last: Option<i64> = reader.query_row(sql, [], |row| row.get(0)).optional()?;
            Ok(last.unwrap_or(0).cast_unsigned())
        })
    }

    /// The newest revision of a post.
    pub fn get(&self, id: &PostId) -> Result<Option<Stored>, ArchiveError> {
        self.with_reader(|reader| newest(reader, id))
    }

    /// The newest revisions of several posts, in the order asked; unknown ids are left out.
    pub fn get_many(&self, ids: &[PostId]) -> Result<Vec<Stored>, ArchiveError> {
        self.with_reader(|reader| ids.iter().filter_map(|id| newest(reader, id).transpose()).collect())
    }

    /// The posts of these numbers, as far as they are still there, in the order asked.
    pub fn numbered(&self, numbers: &[u64]) -> Result<Vec<Stored>, ArchiveError> {
        self.with_reader(|reader| {
            let mut statement = reader.prepare_cached(&format!("{SELECT} WHERE sequence = ?1"))?;
            let one =
                |number: &u64| statement.query_row([number.cast_signed()], stored).optional().transpose();
            numbers.iter().filter_map(one).collect()
        })
    }

    /// Posts published from `from` on and before `to`, by time and then by sequence.
    /// `each` may ask the archive other questions meanwhile.
    pub fn between(
        &self,
        from: Timestamp,
        to: Timestamp,
        each: &mut dyn FnMut(Stored),
    ) -> Result<(), ArchiveError> {
        self.published(None, from, to, each)
    }

    /// The same of those alone that such a publisher published; of anybody without one.
    pub fn published(
        &self,
        by: Option<Publisher>,
        from: Timestamp,
        to: Timestamp,
        each: &mut dyn FnMut(Stored),
    ) -> Result<(), ArchiveError> {
        let sql = format!(
            "{SELECT} WHERE time >= ?1 AND time < ?2 AND (time > ?1 OR sequence > ?3)
             AND (?5 IS NULL OR publisher = ?5) ORDER BY time, sequence LIMIT ?4"
        );
        let by = by.map(publisher_number);
        let (mut time, mut sequence) = (from.as_millisecond(), 0_i64);
        loop {
            let page: Vec<Stored> = self.with_reader(|reader| {
                let mut statement = reader.prepare_cached(&sql)?;
                let values = params![time, to.as_millisecond(), sequence, PAGE.cast_signed(), by];
                statement.query_map(values, stored)?.collect()
            })?;
            let is_last = page.len() < PAGE;
            if let Some(last) = page.last() {
                (time, sequence) = (last.post.time.as_millisecond(), last.sequence.cast_signed());
            }
            page.into_iter().for_each(&mut *each);
            if is_last {
                return Ok(());
            }
        }
    }

    /// First revisions of the posts published from `from` on, in the order in which they came.
    /// `each` may ask the archive other questions meanwhile.
    pub fn arrived_since(&self, from: Timestamp, each: &mut dyn FnMut(Stored)) -> Result<(), ArchiveError> {
        let from = from.as_millisecond();
        let behind = self.with_reader(|reader| {
            let sql = "SELECT min(sequence) - 1 FROM posts WHERE time >= ?1";
            reader.query_row(sql, [from], |row| Ok(row.get::<_, Option<i64>>(0)?.unwrap_or(i64::MAX)))
        })?;
        self.first_revisions(behind, from, each)
    }

    /// The same of those alone that were stored behind a place in the log; 0 for all.
    /// `each` may ask the archive other questions meanwhile.
    pub fn arrived_behind(
        &self,
        sequence: u64,
        from: Timestamp,
        each: &mut dyn FnMut(Stored),
    ) -> Result<(), ArchiveError> {
        match sequence {
            0 => self.arrived_since(from, each),
            behind => self.first_revisions(behind.cast_signed(), from.as_millisecond(), each),
        }
    }

    /// First revisions behind a place in the log, published from that millisecond on.
    fn first_revisions(
        &self,
        mut behind: i64,
        from: i64,
        each: &mut dyn FnMut(Stored),
    ) -> Result<(), ArchiveError> {
        // The plus keeps SQLite from sorting by way of the index on time.
        let sql = format!(
            "{SELECT} WHERE sequence > ?1 AND +time >= ?2 AND revision = 0 ORDER BY sequence LIMIT ?3"
        );
        loop {
            let page: Vec<Stored> = self.with_reader(|reader| {
                let mut statement = reader.prepare_cached(&sql)?;
                statement.query_map(params![behind, from, PAGE.cast_signed()], stored)?.collect()
            })?;
            let is_last = page.len() < PAGE;
            behind = page.last().map_or(behind, |last| last.sequence.cast_signed());
            page.into_iter().for_each(&mut *each);
            if is_last {
                return Ok(());
            }
        }
    }

    /// The post that founded a group of near-duplicates, as it was first seen; `None` if it has expired.
    pub fn founder(&self, voice: Voice) -> Result<Option<Post>, ArchiveError> {
        let bound = |rest: u8| [voice.0.to_be_bytes(), [rest; 8]].concat();
        self.with_reader(|reader| {
            let sql = format!("{SELECT} WHERE id >= ?1 AND id <= ?2 AND revision = 0 LIMIT 1");
            let mut statement = reader.prepare_cached(&sql)?;
            let found = statement.query_row(params![bound(0), bound(u8::MAX)], stored).optional()?;
            Ok(found.map(|stored| stored.post))
        })
    }

    /// Source and moment of storage of every post stored from `from` on, oldest first; edits are no posts.
    pub fn arrivals(
        &self,
        from: Timestamp,
        each: &mut dyn FnMut(&str, Timestamp),
    ) -> Result<(), ArchiveError> {
        self.with_reader(|reader| {
            let mut statement = reader.prepare_cached(
                "SELECT source, first_seen FROM posts JOIN origins USING (origin)
                 WHERE first_seen >= ?1 AND revision = 0 ORDER BY first_seen",
            )?;
            let mut rows = statement.query([from.as_millisecond()])?;
            while let Some(row) = rows.next()? {
                each(row.get_ref(0)?.as_str()?, moment(1, row.get(1)?)?);
            }
            Ok(())
        })
    }

    /// How many posts there are; an edited post counts once.
    pub fn count(&self) -> Result<u64, ArchiveError> {
        self.with_reader(|reader| {
            let sql = "SELECT count(*) FROM posts WHERE revision = 0";
            let count: i64 = reader.query_row(sql, [], |row| row.get(0))?;
            Ok(count.cast_unsigned())
        })
    }

    /// Publication times of the oldest and the newest post; `None` while there is none.
    pub fn time_range(&self) -> Result<Option<(Timestamp, Timestamp)>, ArchiveError> {
        self.with_reader(|reader| {
            // Two questions, because SQLite answers min and max from the index only one at a time.
            let sql = "SELECT (SELECT min(time) FROM posts), (SELECT max(time) FROM posts)";
            reader.query_row(sql, [], |row| {
                let (first, last): (Option<i64>, Option<i64>) = (row.get(0)?, row.get(1)?);
                let Some((first, last)) = first.zip(last) else { return Ok(None) };
                Ok(Some((moment(0, first)?, moment(1, last)?)))
            })
        })
    }

    /// How far a source was read.
    pub fn cursor(&self, source: &str) -> Result<Option<String>, ArchiveError> {
        self.with_reader(|reader| {
            let sql = "SELECT value FROM cursors WHERE source = ?1";
            reader.query_row(sql, [source], |row| row.get(0)).optional()
        })
    }

    /// All cursors by source id.
    pub fn cursors(&self) -> Result<Vec<(String, String)>, ArchiveError> {
        self.with_reader(|reader| {
            let mut statement = reader.prepare_cached("SELECT source, value FROM cursors ORDER BY source")?;
            statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
        })
    }

    /// The pauses by source id, those that are over among them.
    pub fn pauses(&self) -> Result<Vec<(String, Pause)>, ArchiveError> {
        self.with_reader(|reader| {
            // A file of an older version has no such table until it is opened for writing.
            let sql = "SELECT count(*) FROM sqlite_master WHERE name = 'pauses'";
            if !reader.query_row(sql, [], |row| row.get::<_, bool>(0))? {
                return Ok(Vec::new());
            }
            let mut statement = reader.prepare_cached("SELECT source, since, until, reason FROM pauses")?;
            let rows = statement.query_map([], |row| {
                let until = row.get::<_, Option<i64>>(2)?.map(|until| moment(2, until)).transpose()?;
                let (since, reason) = (moment(1, row.get(1)?)?, row.get(3)?);
                Ok((row.get(0)?, Pause { since, until, reason }))
            })?;
            rows.collect()
        })
    }

    /// Heartbeats from `from` on and before `to`, by time and then by source.
    pub fn observations(&self, from: Timestamp, to: Timestamp) -> Result<Vec<Observation>, ArchiveError> {
        self.with_reader(|reader| {
            let mut statement = reader.prepare_cached(
                "SELECT at, source, ok FROM observations WHERE at >= ?1 AND at < ?2 ORDER BY at, source",
            )?;
            let rows = statement.query_map([from.as_millisecond(), to.as_millisecond()], |row| {
                Ok(Observation { at: moment(0, row.get(0)?)?, source: row.get(1)?, ok: row.get(2)? })
            })?;
            rows.collect()
        })
    }
}

/// How a publisher is written in the table.
pub(super) fn publisher_number(publisher: Publisher) -> i64 {
    match publisher {
        Publisher::Individual => 0,
        Publisher::Media => 1,
        Publisher::Gov => 2,
        Publisher::Platform => 3,
    }
}

fn publisher(number: i64) -> Option<Publisher> {
    match number {
        0 => Some(Publisher::Individual),
        1 => Some(Publisher::Media),
        2 => Some(Publisher::Gov),
        3 => Some(Publisher::Platform),
        _ => None,
    }
}

/// The newest revision of a post, as a transaction sees it.
pub(super) fn newest(connection: &Connection, id: &PostId) -> rusqlite::Result<Option<Stored>> {
    let sql = format!("{SELECT} WHERE id = ?1 ORDER BY revision DESC LIMIT 1");
    connection.prepare_cached(&sql)?.query_row([id.as_bytes()], stored).optional()
}

fn stored(row: &Row<'_>) -> rusqlite::Result<Stored> {
    let sequence: i64 = row.get(0)?;
    let id = PostId::from_bytes(row.get_ref(1)?.as_blob()?).ok_or_else(|| malformed(1, Type::Blob))?;
    let voice: i64 = row.get(3)?;
    Ok(Stored {
        sequence: sequence.cast_unsigned(),
        revision: row.get(2)?,
        voice: Voice(voice.cast_unsigned()),
        post: Post {
            id,
            source: row.get(4)?,
            group: row.get(5)?,
            publisher: publisher(row.get(6)?).ok_or_else(|| malformed(6, Type::Integer))?,
            time: moment(7, row.get(7)?)?,
            first_seen: moment(8, row.get(8)?)?,
            title: row.get(9)?,
            text: text(row.get_ref(10)?)?,
            address: row.get(11)?,
            rank: row.get(12)?,
            heat: row.get(13)?,
            claimed: row.get::<_, Option<i64>>(14)?.map(|claimed| moment(14, claimed)).transpose()?,
        },
    })
}

fn text(value: ValueRef<'_>) -> rusqlite::Result<String> {
    let ValueRef::Blob(frame) = value else { return Ok(value.as_str()?.to_owned()) };
    let mut text = String::new();
    let frame = zstd::stream::read::Decoder::with_buffer(frame).map_err(|_| malformed(10, Type::Blob))?;
    frame.take(LONGEST_TEXT).read_to_string(&mut text).map_err(|_| malformed(10, Type::Blob))?;
    Ok(text)
}

fn moment(column: usize, milliseconds: i64) -> rusqlite::Result<Timestamp> {
    Timestamp::from_millisecond(milliseconds).map_err(|_| malformed(column, Type::Integer))
}

fn malformed(column: usize, found: Type) -> rusqlite::Error {
    rusqlite::Error::InvalidColumnType(column, "a value this program never writes".to_owned(), found)
}
