//! Numbers of digests (第 N 期): each series counts its own, in the order in which they were first sent.

use jiff::civil::Date;
use rusqlite::{OptionalExtension, params};

use crate::desk::{Desk, DeskError};

/// A series of digests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Series {
    /// 日报
    Day,
    /// 周报
    Week,
}

impl Series {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Series::Day => "day",
            Series::Week => "week",
        }
    }
}

impl Desk {
    /// The number of the digest of a day, once it was sent to anybody.
    pub fn issue(&self, series: Series, day: Date) -> Result<Option<u32>, DeskError> {
        let query = "select number from issue where series = ? and day = ?";
        let connection = self.journal.connection();
        let found = connection.query_row(query, [series.word(), &day.to_string()], |row| row.get(0));
        Ok(found.optional().map_err(self.journal.error())?)
    }

    /// Gives the digest of a day its number, if it has none: the next of its series.
    pub fn number_issue(&mut self, series: Series, day: Date) -> Result<(), DeskError> {
        let query = "insert or ignore into issue (series, day, number)
            select ?1, ?2, coalesce(max(number), 0) + 1 from issue where series = ?1";
        let connection = self.journal.connection();
        connection.execute(query, params![series.word(), day.to_string()]).map_err(self.journal.error())?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::desk::tests::Room;

    #[test]
    fn each_series_counts_its_own_and_a_number_stays() {
        let mut room = Room::new();
        let (monday, tuesday) = (date(2026, 11, 23), date(2026, 11, 24));
        assert_eq!(room.desk.issue(Series::Day, monday).unwrap(), None);
        for (series, day) in
            [(Series::Day, monday), (Series::Week, monday), (Series::Day, tuesday), (Series::Day, monday)]
        {
            room.desk.number_issue(series, day).unwrap();
        }
        let room = room.reopen();
        let number = |series, day| room.desk.issue(series, day).unwrap();
        assert_eq!((number(Series::Day, monday), number(Series::Day, tuesday)), (Some(1), Some(2)));
        assert_eq!((number(Series::Week, monday), number(Series::Week, tuesday)), (Some(1), None));
    }
}
