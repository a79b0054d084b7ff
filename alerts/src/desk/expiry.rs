//! What is past its time: texts, evidence, closed alerts, what is known of old mails.

use jiff::Timestamp;

use super::{Desk, DeskError};
use crate::alert::{Alert, AlertId};
use crate::outbox;

/// Contents past their time that no mail waits with.
const TIME_IS_OVER: &str = "expires <= ?1 and not exists
    (select 1 from outbox where outbox.content = content.id and outbox.state = 'waiting')";

impl Desk {
    /// Names (without ending) of the files in `outbox` whose mails' time is over: remove them, then
    /// [`Desk::expire`] forgets them.
    pub fn expired_files(&self, now: Timestamp) -> Result<Vec<String>, DeskError> {
        let error = self.journal.error();
        let query = format!(
            "select file, copy from outbox where content in (select id from content where {TIME_IS_OVER})"
        );
        let mut statement = self.journal.connection().prepare_cached(&query).map_err(&error)?;
        let name = |row: &rusqlite::Row<'_>| Ok(outbox::file_name(row.get(0)?, row.get(1)?));
        let names = statement.query_map([now.as_millisecond()], name).map_err(&error)?;
        Ok(names.collect::<Result<_, _>>().map_err(error)?)
    }

    /// Deletes texts and evidence whose time is over; mails that still wait keep theirs.
    pub fn expire(&mut self, now: Timestamp) -> Result<usize, DeskError> {
        let now = now.as_millisecond();
        let error = self.journal.error();
        let transaction = self.journal.begin()?;
        let evidence =
            transaction.execute("delete from evidence where expires <= ?", [now]).map_err(&error)?;
        let query = format!("delete from content where {TIME_IS_OVER}");
        let content = transaction.execute(&query, [now]).map_err(&error)?;
        transaction.commit().map_err(error)?;
        if evidence + content > 0 {
            self.journal.compact()?;
        }
        Ok(evidence + content)
    }

    /// Forgets the alerts that were closed longer ago than they are kept, and what is known of mails as
    /// old, then says how many alerts went. An open alert stays, and a mail whose text is still there.
    pub fn forget(&mut self, now: Timestamp) -> Result<usize, DeskError> {
        let Ok(before) = now.checked_sub(self.policy.keep_alerts) else { return Ok(0) };
        let is_over = |alert: &Alert| alert.closed_at.is_some_and(|closed| closed < before);
        let over: Vec<AlertId> = self.journal.alerts_quiet_since(before)?;
        let error = self.journal.error();
        let mut gone = 0;
        for id in over {
            if !self.journal.alert(id)?.as_ref().is_some_and(is_over) {
                continue;
            }
            let transaction = self.journal.begin()?;
            for table in ["evidence", "effect", "watch", "journal"] {
                let delete = format!("delete from {table} where alert = ?");
                transaction.execute(&delete, [id.to_string()]).map_err(&error)?;
            }
            transaction.commit().map_err(&error)?;
            self.latest.retain(|_, tracked| tracked.alert.id != id);
            gone += 1;
        }
        let old_mails = "delete from outbox where queued < ? and state != 'waiting'
            and content not in (select id from content)";
        let connection = self.journal.connection();
        connection.execute(old_mails, [before.as_millisecond()]).map_err(&error)?;
        let old_tries = "delete from attempt where mail not in (select id from outbox)";
        connection.execute(old_tries, []).map_err(&error)?;
        let day = self.site.zone.to_datetime(before).date().to_string();
        connection.execute("delete from digests_sent where day < ?", [day]).map_err(&error)?;
        self.journal.forget_audited(before)?;
        self.journal.forget_sessions(now)?;
        Ok(gone)
    }

    /// Takes deleted texts out of the write-ahead log too; `false` while somebody is reading it.
    pub fn scrub(&self) -> Result<bool, DeskError> {
        Ok(self.journal.scrub()?)
    }
}
