//! Requests that were answered already: a program that heard no answer sends the same again under the same key, and
//! gets the answer of the first time (the Idempotency-Key header, draft-ietf-httpapi-idempotency-key-header).

use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, params};

use crate::desk::{Desk, DeskError};

/// An answer is kept for so long.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// What a key stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key<'a> {
    /// Who asked: a key of somebody else is another key.
    pub caller: &'a str,
    /// The key as sent.
    pub key: &'a str,
    /// A digest of what was asked for.
    pub request: &'a str,
}

/// What is known of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// Nothing: go on.
    New,
    /// The same request was answered so.
    Answered(String),
    /// Another request had this key.
    Reused,
}

impl Desk {
    /// What is known of a key.
    pub fn answered(&self, key: Key<'_>, now: Timestamp) -> Result<Known, DeskError> {
        let query = "select request, answer from answered where caller = ? and key = ? and time > ?";
        let since = now.checked_sub(KEPT).unwrap_or(Timestamp::MIN).as_millisecond();
        let found = self
            .journal()
            .connection()
            .query_row(query, params![key.caller, key.key, since], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
            })
            .optional()
            .map_err(self.journal().error())?;
        Ok(match found {
            None => Known::New,
            Some((request, answer)) if request == key.request => Known::Answered(answer),
            Some(_) => Known::Reused,
        })
    }

    /// Keeps an answer for a day, and forgets older ones.
    pub fn keep_answer(&mut self, key: Key<'_>, answer: &str, now: Timestamp) -> Result<(), DeskError> {
        let error = self.journal().error();
        let connection = self.journal().connection();
        let since = now.checked_sub(KEPT).unwrap_or(Timestamp::MIN).as_millisecond();
        connection.execute("delete from answered where time <= ?", [since]).map_err(&error)?;
        let insert =
            "insert or replace into answered (caller, key, request, answer, time) values (?, ?, ?, ?, ?)";
        let values = params![key.caller, key.key, key.request, answer, now.as_millisecond()];
        connection.execute(insert, values).map_err(error)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::tests::Room;

    #[test]
    fn a_key_is_answered_once_and_for_a_day() {
        let Room { dir: _dir, mut desk, now } = Room::new();
        let key = Key { caller: "热线系统", key: "k1", request: "claim" };
        assert_eq!(desk.answered(key, now).unwrap(), Known::New);
        desk.keep_answer(key, "{}", now).unwrap();
        assert_eq!(desk.answered(key, now).unwrap(), Known::Answered("{}".to_owned()));
        assert_eq!(desk.answered(Key { request: "close", ..key }, now).unwrap(), Known::Reused);
        assert_eq!(desk.answered(Key { caller: "宣传部", ..key }, now).unwrap(), Known::New);
        let tomorrow = now + KEPT;
        assert_eq!(desk.answered(key, tomorrow).unwrap(), Known::New);
        desk.keep_answer(Key { key: "k2", ..key }, "{}", tomorrow).unwrap();
        let count: i64 = desk
            .journal()
            .connection()
            .query_row("select count(*) from answered", [], |row| row.get(0))
            .unwrap();
        assert_eq!(count, 1, "yesterday's is gone");
    }
}
