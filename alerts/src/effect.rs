//! What came after an answer, once its time is over: it never changes then, and to measure it again would mean to read
//! the posts of two days.

use analyzer::effect::{Effect, Measured};
use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use crate::alert::AlertId;
use crate::desk::{Desk, DeskError};

impl Desk {
    /// What came after the answer to an alert that was published then; `None` while it has not been kept.
    pub fn kept_effect(
        &self,
        alert: AlertId,
        answered: Timestamp,
    ) -> Result<Option<Measured<Effect>>, DeskError> {
        let query = "select effect from effect where alert = ? and answered = ?";
        let mut statement =
            self.journal().connection().prepare_cached(query).map_err(self.journal().error())?;
        let found: Option<String> = statement
            .query_row(params![alert.to_string(), answered.as_millisecond()], |row| row.get(0))
            .optional()
            .map_err(self.journal().error())?;
        // What another version wrote and this one cannot read is measured again.
        Ok(found.and_then(|found| serde_json::from_str(&found).ok()))
    }

    /// Keeps it as long as the alert.
    pub fn keep_effect(
        &self,
        alert: AlertId,
        answered: Timestamp,
        effect: &Measured<Effect>,
    ) -> Result<(), DeskError> {
        let Ok(effect) = serde_json::to_string(effect) else { return Ok(()) };
        let insert = "insert or replace into effect (alert, answered, effect) values (?, ?, ?)";
        let values = params![alert.to_string(), answered.as_millisecond(), effect];
        self.journal().connection().execute(insert, values).map_err(self.journal().error())?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use analyzer::effect::Unmeasured;
    use analyzer::level::Level;
    use jiff::SignedDuration;

    use crate::desk::tests::Room;
    use crate::message::sample::{at, effect};

    #[test]
    fn an_effect_is_kept_for_its_answer_and_goes_with_the_alert() {
        let mut room = Room::new();
        let id = room.next(Some(Level::Yellow))[0];
        let answered = at("24T16:10");
        assert_eq!(room.desk.kept_effect(id, answered).unwrap(), None);
        room.desk.keep_effect(id, answered, &Ok(effect())).unwrap();
        assert_eq!(room.desk.kept_effect(id, answered).unwrap(), Some(Ok(effect())));
        let other = at("24T18:00");
        assert_eq!(room.desk.kept_effect(id, other).unwrap(), None, "that is another answer");
        room.desk.keep_effect(id, other, &Err(Unmeasured::Gap)).unwrap();
        assert_eq!(room.desk.kept_effect(id, other).unwrap(), Some(Err(Unmeasured::Gap)));
        room.desk.close(id, "值班室", room.now).unwrap();
        room.desk.forget(room.now + SignedDuration::from_hours(24 * 5_000)).unwrap();
        assert_eq!(room.desk.kept_effect(id, answered).unwrap(), None);
    }
}
