//! What visits bring, and what administrators are told of sources that stop, fall silent or are back.

use alerts::bulletin::Notice;
use analyzer::analyst::Feed;
use crawler::archive::Appended;
use crawler::crawl::{Outcome, Visit};
use crawler::habit::Silence;
use crawler::health::Change;
use jiff::Timestamp;

use super::{Lookout, LookoutError};
use crate::notice;

impl Lookout {
    /// Counts what a visit brought, and tells the administrator when the source stopped or is back.
    pub(crate) fn visited(
        &mut self,
        visit: &Visit,
        appended: &Appended,
        now: Timestamp,
    ) -> Result<(), LookoutError> {
        let answered = !matches!(visit.outcome, Outcome::Failed(_));
        self.heartbeat(&visit.source, visit.at, answered);
        self.failures.insert(visit.source.clone(), visit.health.failures);
        let before = self.silence(&visit.source, now);
        appended.stored.iter().for_each(|stored| self.observe(stored));
        appended.tallied.fresh.iter().for_each(|count| self.report(count, now));
        if let Some(change) = &visit.change {
            self.tell(&visit.source, change, now)?;
        }
        // Of a source that does not answer nobody knows whether it is silent.
        match (answered, before, self.silence(&visit.source, now)) {
            (true, _, Silence::Unusual { since, longest }) => {
                self.tell(&visit.source, &Change::Quiet { since, longest }, now)
            }
            (true, Silence::Unusual { since, .. }, _) => {
                let was_told =
                    self.desk.has_noticed(Notice::SourceQuiet, &notice::key(&visit.source, since))?;
                if was_told { self.tell(&visit.source, &Change::Heard { since }, now) } else { Ok(()) }
            }
            _ => Ok(()),
        }
    }

    /// Source id, failures since it was last read, new posts of the last day: of every source configured.
    pub(crate) fn volumes(&self, now: Timestamp) -> Vec<(String, u32, u32)> {
        let volume = |feed: &Feed| {
            let failures = self.failures.get(&feed.id).copied().unwrap_or(0);
            (feed.id.clone(), failures, self.habits.get(&feed.id).map_or(0, |habit| habit.last_day(now)))
        };
        self.orders.feeds.iter().map(volume).collect()
    }

    fn silence(&self, source: &str, now: Timestamp) -> Silence {
        self.habits.get(source).map_or(Silence::Unknown, |habit| habit.silence(now))
    }

    /// Tells the administrator once what has changed about a source.
    fn tell(&mut self, source: &str, change: &Change, now: Timestamp) -> Result<(), LookoutError> {
        let (kind, key) = notice::subject(source, change);
        if self.desk.has_noticed(kind, &key)? {
            return Ok(());
        }
        let known = self.orders.feeds.iter().find(|feed| feed.id == source);
        let name = known.map_or(source, |feed| feed.name.as_str());
        let message = notice::message((source, name), change, &self.orders.site, now);
        self.desk.queue_notice(kind, &key, &message, now)?;
        Ok(())
    }
}
