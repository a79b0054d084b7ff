//! What became of each mail: when it was tried and what the other side said; and who gets none.
//!
//! Readers of a page see groups; addresses leave this module whole only where mails are sent.

mod words;

use jiff::Timestamp;
use rusqlite::{Row, Transaction, params};
use serde::Serialize;

use crate::alert::AlertId;
use crate::desk::{Desk, DeskError};
use crate::journal::{Journal, JournalError, TRIES};
use crate::mail::Outcome;
use crate::outbox::{MailState, millisecond};

pub use self::words::{Reader, Told};

/// One mail about an alert and its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Delivery {
    /// Message-ID; it holds an address as a hash only.
    pub message_id: String,
    /// Group for which it was written.
    pub group: String,
    /// Channel it leaves by; `None`: mail.
    pub channel: Option<String>,
    /// Address with most of its name covered: `d***@qinglan.example`; a channel's name.
    pub recipient: String,
    /// When it was written.
    pub queued: Timestamp,
    /// How it stands.
    pub state: MailState,
    /// Each try, oldest first; of mails sent by an older version none is known.
    pub attempts: Vec<Attempt>,
}

/// One try to deliver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Attempt {
    /// When.
    pub at: Timestamp,
    /// What became of it.
    pub result: Tried,
    /// What the other side said, addresses covered.
    pub said: Option<String>,
}

/// What became of a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Tried {
    /// Taken.
    Sent,
    /// Refused for good.
    Refused,
    /// To be tried again.
    Later,
    /// Too much at once.
    Throttled,
    /// Nobody there.
    Unreachable,
}

/// An address, or a channel, that mails did not reach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unreached {
    /// Group for which it is written to.
    pub group: String,
    /// The address itself, for the administrator; `channel:NAME` of a channel.
    pub recipient: String,
    /// Mails that wait although they were tried.
    pub waiting: u32,
    /// Mails that were refused for good.
    pub refused: u32,
    /// Mails that were given up.
    pub expired: u32,
    /// What was said last.
    pub said: Option<String>,
}

/// Covers an address so that its owner knows it and nobody else does.
pub fn masked(address: &str) -> String {
    match address.rsplit_once('@') {
        Some((name, host)) => format!("{}***@{host}", name.chars().next().unwrap_or('*')),
        None => address.strip_prefix(crate::channel::PREFIX).unwrap_or(address).to_owned(),
    }
}

/// Covers every address in what a server said.
pub fn masked_reply(said: &str) -> String {
    let is_end = |c: char| c.is_whitespace() || "<>()[],;:\"'".contains(c);
    let mut covered = String::with_capacity(said.len());
    for part in said.split_inclusive(is_end) {
        let word = part.trim_end_matches(is_end);
        let rest = part.get(word.len()..).unwrap_or_default();
        covered.push_str(&if word.contains('@') { masked(word) } else { word.to_owned() });
        covered.push_str(rest);
    }
    covered
}

impl Tried {
    fn of(outcome: &Outcome) -> (Tried, Option<&str>) {
        match outcome {
            Outcome::Sent => (Tried::Sent, None),
            Outcome::Refused { reply, .. } => (Tried::Refused, Some(reply)),
            Outcome::Later { reply } => (Tried::Later, Some(reply)),
            Outcome::Throttled { problem } => (Tried::Throttled, Some(problem)),
            Outcome::Unreachable { problem } => (Tried::Unreachable, Some(problem)),
        }
    }

    fn word(self) -> &'static str {
        match self {
            Tried::Sent => "sent",
            Tried::Refused => "refused",
            Tried::Later => "later",
            Tried::Throttled => "throttled",
            Tried::Unreachable => "unreachable",
        }
    }

    fn read(word: &str) -> Tried {
        let all = [Tried::Sent, Tried::Refused, Tried::Later, Tried::Throttled];
        all.into_iter().find(|tried| tried.word() == word).unwrap_or(Tried::Unreachable)
    }
}

/// Writes one try into the log.
pub(crate) fn note_attempt(
    transaction: &Transaction<'_>,
    mail: i64,
    outcome: &Outcome,
    now: Timestamp,
) -> rusqlite::Result<()> {
    let (tried, said) = Tried::of(outcome);
    let query = "insert into attempt (mail, time, result, said) values (?, ?, ?, ?)";
    let values = params![mail, now.as_millisecond(), tried.word(), said];
    transaction.prepare_cached(query)?.execute(values)?;
    Ok(())
}

impl Desk {
    /// Every mail about an alert, oldest first.
    pub fn deliveries(&self, id: AlertId) -> Result<Vec<Delivery>, DeskError> {
        Ok(self.journal.deliveries(id)?)
    }

    /// Who was not reached by mails written in that time: a value for the page and the heartbeat mail.
    pub fn unreached(&self, from: Timestamp, to: Timestamp) -> Result<Vec<Unreached>, DeskError> {
        Ok(self.journal.unreached(from, to)?)
    }
}

impl Journal {
    /// Every mail about an alert, oldest first.
    pub fn deliveries(&self, id: AlertId) -> Result<Vec<Delivery>, JournalError> {
        if !self.has_taken(TRIES)? {
            return Ok(Vec::new());
        }
        let query = "select id, message, for_group, channel, recipient, queued, state from outbox
            where alert = ? order by id";
        let mut statement = self.connection().prepare_cached(query).map_err(self.error())?;
        let rows = statement.query_map([id.to_string()], delivery).map_err(self.error())?;
        let mut deliveries: Vec<(i64, Delivery)> = rows.collect::<Result<_, _>>().map_err(self.error())?;
        for (number, delivery) in &mut deliveries {
            delivery.attempts = self.attempts(*number)?;
        }
        Ok(deliveries.into_iter().map(|(_, delivery)| delivery).collect())
    }

    fn attempts(&self, mail: i64) -> Result<Vec<Attempt>, JournalError> {
        let query = "select time, result, said from attempt where mail = ? order by rowid";
        let mut statement = self.connection().prepare_cached(query).map_err(self.error())?;
        let rows = statement.query_map([mail], |row| {
            Ok(Attempt {
                at: millisecond(row.get(0)?),
                result: Tried::read(&row.get::<_, String>(1)?),
                said: row.get::<_, Option<String>>(2)?.map(|said| masked_reply(&said)),
            })
        });
        rows.and_then(Iterator::collect).map_err(self.error())
    }

    /// Who was not reached by mails written in that time, those with most failures first.
    pub fn unreached(&self, from: Timestamp, to: Timestamp) -> Result<Vec<Unreached>, JournalError> {
        // SQLite gives the other columns of the row with the highest id: what was said last.
        let query = "select recipient, max(id), for_group, problem,
                count(*) filter (where state = 'waiting') as waiting,
                count(*) filter (where state = 'refused') as refused,
                count(*) filter (where state = 'expired') as expired
            from outbox where queued >= ?1 and queued < ?2
                and (state in ('refused', 'expired') or state = 'waiting' and (attempts > 0 or server_down))
            group by recipient order by refused + expired desc, waiting desc, recipient";
        let mut statement = self.connection().prepare_cached(query).map_err(self.error())?;
        let times = params![from.as_millisecond(), to.as_millisecond()];
        let rows = statement.query_map(times, |row| {
            Ok(Unreached {
                group: row.get("for_group")?,
                recipient: row.get("recipient")?,
                waiting: row.get("waiting")?,
                refused: row.get("refused")?,
                expired: row.get("expired")?,
                said: row.get("problem")?,
            })
        });
        rows.and_then(Iterator::collect).map_err(self.error())
    }
}

fn delivery(row: &Row<'_>) -> rusqlite::Result<(i64, Delivery)> {
    let delivery = Delivery {
        message_id: row.get("message")?,
        group: row.get("for_group")?,
        channel: row.get("channel")?,
        recipient: masked(&row.get::<_, String>("recipient")?),
        queued: millisecond(row.get("queued")?),
        state: MailState::of(&row.get::<_, String>("state")?),
        attempts: Vec::new(),
    };
    Ok((row.get("id")?, delivery))
}

#[cfg(test)]
mod tests {
    use analyzer::level::Level;
    use jiff::SignedDuration;

    use super::*;
    use crate::desk::tests::Room;
    use crate::outbox::Road;

    #[test]
    fn each_try_is_kept_with_what_was_said_and_addresses_are_covered() {
        let mut room = Room::new();
        let id = room.next(Some(Level::Yellow))[0];
        let began = room.now;
        let refusal = Outcome::Refused {
            code: 550,
            reply: "permanent error (550): 5.1.1 <duty@qinglan.example>: no such user".to_owned(),
        };
        let down = Outcome::Unreachable { problem: "Connection error".to_owned() };
        for outcome in [down, refusal, Outcome::Sent] {
            let outgoing = room.desk.next_due(Road::Mail, room.now).unwrap().unwrap();
            room.desk.record(&outgoing, &outcome, room.now).unwrap();
            room.now += SignedDuration::from_mins(1);
        }
        room = room.reopen();
        let deliveries = room.desk.deliveries(id).unwrap();
        let told: Vec<_> = deliveries
            .iter()
            .map(|mail| (mail.group.as_str(), mail.recipient.as_str(), mail.state, mail.attempts.len()))
            .collect();
        assert_eq!(told[0], ("值班室", "d***@qinglan.example", MailState::Refused, 2));
        assert_eq!((told[1].2, told[1].3), (MailState::Sent, 1));
        let tries: Vec<_> = deliveries[0].attempts.iter().map(|tried| (tried.at, tried.result)).collect();
        let minute = SignedDuration::from_mins(1);
        assert_eq!(tries, [(began, Tried::Unreachable), (began + minute, Tried::Refused)]);
        let said = deliveries[0].attempts[1].said.as_deref().unwrap();
        assert_eq!(said, "permanent error (550): 5.1.1 <d***@qinglan.example>: no such user");
        let json = serde_json::to_string(&deliveries).unwrap();
        assert!(!json.contains("duty@"), "{json}");
    }

    #[test]
    fn who_was_not_reached_is_counted_by_address_within_a_time() {
        let mut room = Room::new();
        room.next(Some(Level::Yellow));
        let began = room.now;
        let refused = Outcome::Refused { code: 550, reply: "550 no such user".to_owned() };
        let first = room.desk.next_due(Road::Mail, room.now).unwrap().unwrap();
        room.desk.record(&first, &refused, room.now).unwrap();
        // A mail that nobody has tried yet is no failure.
        let end = room.now + SignedDuration::from_mins(1);
        let unreached = room.desk.unreached(began, end).unwrap();
        assert_eq!(unreached.len(), 1);
        let Unreached { group, recipient, waiting, refused, expired, said } = &unreached[0];
        assert_eq!((group.as_str(), recipient.as_str()), ("值班室", "duty@qinglan.example"));
        assert_eq!((*waiting, *refused, *expired, said.as_deref()), (0, 1, 0, Some("550 no such user")));
        assert_eq!(room.desk.unreached(end, end + SignedDuration::from_hours(1)).unwrap(), []);
        let second = room.desk.next_due(Road::Mail, room.now).unwrap().unwrap();
        let later = Outcome::Later { reply: "451 try again".to_owned() };
        room.desk.record(&second, &later, room.now).unwrap();
        let waiting: Vec<_> =
            room.desk.unreached(began, end).unwrap().iter().map(|unreached| unreached.waiting).collect();
        assert_eq!(waiting, [0, 1]);
    }
}
