//! Searches that the office keeps by name, for everybody alike; who kept one is not written down.

use jiff::Timestamp;
use rusqlite::params;

use crate::desk::{Desk, DeskError};

/// Searches kept at most.
const MOST: i64 = 200;

impl Desk {
    /// Keeps a search under a name; the same name again takes its place. `false` if there are too many.
    ///
    /// # Errors
    /// An empty name; what the file answers.
    pub fn save_search(&mut self, name: &str, address: &str, now: Timestamp) -> Result<bool, DeskError> {
        let name = name.trim();
        if name.is_empty() {
            return Err(DeskError::Missing("name"));
        }
        let insert = "insert into saved_search (name, address, saved) select ?1, ?2, ?3
            where (select count(*) from saved_search where name != ?1) < ?4
            on conflict (name) do update set address = excluded.address, saved = excluded.saved";
        let values = params![name, address, now.as_millisecond(), MOST];
        let written = self.journal.connection().execute(insert, values).map_err(self.journal.error())?;
        Ok(written > 0)
    }

    /// Forgets a search; one that is not there is forgotten already.
    ///
    /// # Errors
    /// What the file answers.
    pub fn forget_search(&mut self, name: &str) -> Result<(), DeskError> {
        let delete = "delete from saved_search where name = ?";
        self.journal.connection().execute(delete, [name]).map_err(self.journal.error())?;
        Ok(())
    }

    /// The searches kept, by name: name and query part of the address.
    ///
    /// # Errors
    /// What the file answers.
    pub fn saved_searches(&self) -> Result<Vec<(String, String)>, DeskError> {
        let error = self.journal.error();
        let query = "select name, address from saved_search order by name";
        let mut statement = self.journal.connection().prepare_cached(query).map_err(&error)?;
        let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
        let rows = statement.query_map([], row).map_err(&error)?;
        Ok(rows.collect::<Result<_, _>>().map_err(error)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::tests::Room;

    #[test]
    fn a_search_is_kept_by_name_until_it_is_forgotten() {
        let mut room = Room::new();
        let now = room.now;
        assert!(room.desk.save_search(" 公布 ", "q=a", now).unwrap());
        assert!(room.desk.save_search("公布", "q=b", now).unwrap());
        assert!(room.desk.save_search("停水", "q=c", now).unwrap());
        let kept =
            [("停水", "q=c"), ("公布", "q=b")].map(|(name, address)| (name.to_owned(), address.to_owned()));
        let mut found = room.desk.saved_searches().unwrap();
        found.sort();
        let mut expected = kept.to_vec();
        expected.sort();
        assert_eq!(found, expected);
        room.desk.forget_search("公布").unwrap();
        room.desk.forget_search("公布").unwrap();
        assert_eq!(room.desk.saved_searches().unwrap().len(), 1);
        assert!(matches!(room.desk.save_search(" ", "q=d", now), Err(DeskError::Missing("name"))));
        for number in 0..MOST {
            let kept = room.desk.save_search(&format!("n{number}"), "q=e", now).unwrap();
            assert_eq!(kept, number < MOST - 1, "{number}");
        }
    }
}
