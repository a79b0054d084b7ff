//! Alerts whose concern is not in the configuration any more: removed, or renamed without an `id`.
//!
//! Nobody counts such a concern, so no signal raises, lowers or closes its alert: it stays at its level until people
//! close it. What the clock brings goes on: the public was not answered because a word list changed.

use jiff::{SignedDuration, Timestamp};

use crate::alert::{Alert, AlertId, Event};
use crate::desk::{Desk, DeskError, Tracked};
use crate::entry::Entry;
use crate::message::Language;

/// Left alone for so long after it lost its concern and its answer was due, it closes.
pub const LEFT_ALONE: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What the configuration means for an open alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// As the journal has it.
    Known,
    /// Its concern is gone.
    Lost,
    /// Its concern is back.
    Back,
    /// Its concern has been gone for so long that nobody waits for it any more.
    LeftAlone,
}

impl Desk {
    /// Notes in the journal which open alerts have lost their concern and which have it back, and closes those that
    /// were left alone.
    ///
    /// # Errors
    /// A journal that cannot be read or written; asked again, it goes on where it was.
    pub fn note_unwatched(&mut self, now: Timestamp) -> Result<(), DeskError> {
        let standing = |tracked: &Tracked| {
            let alert = &tracked.alert;
            (alert.id, standing(alert, self.concerns.contains_key(&alert.concern), now))
        };
        let news: Vec<(AlertId, Standing)> =
            self.latest.values().map(standing).filter(|(_, standing)| *standing != Standing::Known).collect();
        for (id, standing) in news {
            let version = self.version.clone();
            match standing {
                Standing::Known => {}
                Standing::Lost => self.note_standing(id, Event::Unwatched { version }, now)?,
                Standing::Back => self.note_standing(id, Event::WatchedAgain { version }, now)?,
                Standing::LeftAlone => drop(self.close(id, closer(self.site.language), now)?),
            }
        }
        Ok(())
    }

    fn note_standing(&mut self, id: AlertId, event: Event, now: Timestamp) -> Result<(), DeskError> {
        let error = self.journal.error();
        let Some(tracked) = self.latest.values_mut().find(|tracked| tracked.alert.id == id) else {
            return Ok(());
        };
        let mut alert = tracked.alert.clone();
        let transaction = self.journal.begin()?;
        let (policy, site, version) = (&self.policy, &self.site, self.version.as_deref());
        let entry = Entry { transaction: &transaction, policy, site, signer: None, version, now };
        entry.append(&mut alert, event).map_err(&error)?;
        transaction.commit().map_err(error)?;
        tracked.alert = alert;
        Ok(())
    }
}

fn standing(alert: &Alert, is_configured: bool, now: Timestamp) -> Standing {
    match (&alert.unwatched, is_configured) {
        _ if !alert.is_open() => Standing::Known,
        (None, true) => Standing::Known,
        (None, false) => Standing::Lost,
        (Some(_), true) => Standing::Back,
        (Some(lost), false) => {
            let waited = now.duration_since(lost.since.max(alert.deadline));
            if waited >= LEFT_ALONE { Standing::LeftAlone } else { Standing::Known }
        }
    }
}

/// Who closes an alert that was left alone.
fn closer(language: Language) -> &'static str {
    match language {
        Language::Chinese => "观澜（关切已移除）",
        Language::English => "Guanlan",
    }
}

#[cfg(test)]
mod tests;
