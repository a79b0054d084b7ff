//! Mails that wait for the mail server, in the same file and transaction as the journal.
//!
//! Sends first and records afterwards: a crash in between repeats that mail under the same Message-ID.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, Row, Transaction, params};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::alert::{AlertId, Event};
use crate::channel;
use crate::delivery;
use crate::desk::{Desk, DeskError};
use crate::journal::{self, json};
use crate::mail::{Mailer, Outcome};
use crate::message::{Attachment, Message};

/// A mail as it leaves.
#[derive(Clone, Debug, PartialEq)]
pub struct Outgoing {
    /// Place in the outbox.
    pub number: i64,
    /// Message-ID, with its angle brackets.
    pub message_id: String,
    /// What it belongs to: `20261124-03`, `digest-20261124`, `notice-…`.
    pub thread: String,
    /// The alert, if it is about one.
    pub alert: Option<AlertId>,
    /// Name of the file it is written to, without its ending.
    pub file: String,
    /// Address.
    pub recipient: String,
    /// When it was written; its Date.
    pub queued: Timestamp,
    /// The mail itself.
    pub message: Message,
}

/// What a run of deliveries came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delivered {
    /// Mails that the server took.
    pub sent: usize,
    /// Mails that the server refused for good, or that were given up.
    pub failed: usize,
    /// Mails that are still waiting.
    pub waiting: usize,
    /// Why the run ended early: the server could not be used.
    pub unreachable: Option<String>,
}

/// How a mail in the outbox stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailState {
    /// Not sent yet.
    Waiting,
    /// Taken by the server.
    Sent,
    /// Refused by the server for good.
    Refused,
    /// Not delivered within the time that is given to a mail.
    Expired,
}

/// A mail that nobody has received.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Undelivered {
    /// Message-ID.
    pub message_id: String,
    /// What it belongs to.
    pub thread: String,
    /// Address.
    pub recipient: String,
    /// When it was written.
    pub queued: Timestamp,
    /// Whether it is still tried.
    pub state: MailState,
    /// How often it was tried.
    pub attempts: u32,
    /// What the server, or the way to it, said last.
    pub problem: Option<String>,
}

/// A mail before it has a place in the outbox.
pub(crate) struct Letter<'a> {
    pub(crate) message_id: String,
    pub(crate) thread: String,
    pub(crate) alert: Option<AlertId>,
    pub(crate) file: String,
    pub(crate) recipient: &'a str,
    pub(crate) group: &'a str,
    pub(crate) content: i64,
}

/// A way out of the house, each with its own troubles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Road<'a> {
    /// The mail server.
    Mail,
    /// A channel, by its name.
    Channel(&'a str),
}

impl<'a> Road<'a> {
    fn of(recipient: &'a str) -> Road<'a> {
        channel::name_of(recipient).map_or(Road::Mail, Road::Channel)
    }

    fn name(self) -> Option<&'a str> {
        match self {
            Road::Mail => None,
            Road::Channel(name) => Some(name),
        }
    }
}

/// What is kept of a mail's text while posts are kept.
#[derive(Serialize, Deserialize)]
struct Body {
    text: String,
    html: String,
    headers: Vec<(String, String)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<Attachment>,
}

/// The part of a Message-ID that stands for an address without telling it.
pub(crate) fn recipient_hash(address: &str) -> String {
    let digest = Sha256::digest(address.to_ascii_lowercase().as_bytes());
    digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

/// Keeps a text once for all its recipients.
pub(crate) fn keep(
    transaction: &Transaction<'_>,
    message: &Message,
    expires: Timestamp,
) -> rusqlite::Result<i64> {
    let body = Body {
        text: message.text.clone(),
        html: message.html.clone(),
        headers: message.headers.clone(),
        attachments: message.attachments.clone(),
    };
    let query = "insert into content (subject, body, chart, expires) values (?, ?, ?, ?)";
    transaction.prepare_cached(query)?.insert(params![
        message.subject,
        json(&body)?,
        message.chart,
        expires.as_millisecond()
    ])
}

/// Puts a mail into the outbox. The same Message-ID a second time changes nothing.
pub(crate) fn queue(
    transaction: &Transaction<'_>,
    letter: &Letter<'_>,
    now: Timestamp,
) -> rusqlite::Result<()> {
    let query = "insert or ignore into outbox
        (message, thread, alert, file, copy, recipient, for_group, content, queued, next_try, channel)
        values (?1, ?2, ?3, ?4, (select count(*) + 1 from outbox where file = ?4), ?5, ?6, ?7, ?8, ?8, ?9)";
    let channel = Road::of(letter.recipient).name();
    transaction.prepare_cached(query)?.execute(params![
        letter.message_id,
        letter.thread,
        letter.alert.map(|id| id.to_string()),
        letter.file,
        letter.recipient,
        letter.group,
        letter.content,
        now.as_millisecond(),
        channel
    ])?;
    // News is a reason to try a server again that was down: its older mails must go first.
    let query = "update outbox set next_try = min(next_try, ?)
        where state = 'waiting' and server_down and channel is ?";
    transaction.prepare_cached(query)?.execute(params![now.as_millisecond(), channel])?;
    Ok(())
}

/// Time until the next try: one minute, doubled each time, at most thirty.
fn pause(attempts: u32) -> SignedDuration {
    SignedDuration::from_mins(1_i64.checked_shl(attempts.saturating_sub(1)).map_or(30, |m| m.clamp(1, 30)))
}

impl Desk {
    /// Sends what is due, one mail after the other over one connection, and records each when it is sent.
    ///
    /// A caller that must not wait for a slow mail server does the same in three steps: [`Desk::next_due`],
    /// [`crate::mail::Courier::send`] elsewhere, [`Desk::record`].
    pub fn deliver(&mut self, mailer: &Mailer, now: Timestamp) -> Result<Delivered, DeskError> {
        let mut delivered = Delivered::default();
        let mut courier = mailer.courier(&self.policy.from, &self.policy.host);
        while let Some(outgoing) = self.next_due(Road::Mail, now)? {
            let outcome = courier.send(&outgoing);
            match self.record(&outgoing, &outcome, now)? {
                MailState::Sent => delivered.sent += 1,
                MailState::Refused | MailState::Expired => delivered.failed += 1,
                MailState::Waiting => {}
            }
            if let Outcome::Unreachable { problem } = outcome {
                delivered.unreachable = Some(problem);
                break;
            }
        }
        delivered.waiting = self.waiting()?;
        Ok(delivered)
    }

    /// The next mail to send by that road: the oldest one that is due and that no earlier mail of its
    /// thread to the same address is waiting before.
    pub fn next_due(&self, road: Road<'_>, now: Timestamp) -> Result<Option<Outgoing>, DeskError> {
        let query = "select o.id, o.message, o.thread, o.alert, o.file, o.copy, o.recipient, o.queued,
                c.subject, c.body, c.chart
            from outbox o join content c on c.id = o.content
            where o.state = 'waiting' and o.next_try <= ?1 and o.channel is ?2 and not exists (
                select 1 from outbox earlier where earlier.state = 'waiting' and earlier.id < o.id
                and earlier.thread = o.thread and earlier.recipient = o.recipient)
            order by o.id limit 1";
        let error = self.journal.error();
        let mut statement = self.journal.connection().prepare_cached(query).map_err(&error)?;
        let values = params![now.as_millisecond(), road.name()];
        Ok(statement.query_row(values, outgoing).optional().map_err(error)?)
    }

    /// Records what became of a mail, and says how it stands now.
    pub fn record(
        &mut self,
        outgoing: &Outgoing,
        outcome: &Outcome,
        now: Timestamp,
    ) -> Result<MailState, DeskError> {
        let too_old = now.duration_since(outgoing.queued) > self.policy.give_up;
        let message = outgoing.message_id.clone();
        let event = match outcome {
            Outcome::Sent => Some(Event::Mailed { message }),
            Outcome::Refused { code, .. } => Some(Event::Refused { message, code: *code }),
            Outcome::Later { .. } | Outcome::Unreachable { .. } | Outcome::Throttled { .. } => None,
        };
        let error = self.journal.error();
        let transaction = self.journal.begin()?;
        delivery::note_attempt(&transaction, outgoing.number, outcome, now).map_err(&error)?;
        let mut state = mark(&transaction, outgoing, outcome, now).map_err(&error)?;
        if state == MailState::Waiting && too_old {
            let query = "update outbox set state = 'expired' where id = ?";
            transaction.execute(query, [outgoing.number]).map_err(&error)?;
            state = MailState::Expired;
        }
        let about = match outgoing.alert {
            Some(id) => vec![id],
            None => gathered_in(&transaction, (&outgoing.thread, &outgoing.message_id)).map_err(&error)?,
        };
        for (id, event) in about.iter().zip(event.iter().cycle()) {
            journal::append(&transaction, *id, now, event).map_err(&error)?;
        }
        transaction.commit().map_err(error)?;
        for (id, event) in about.iter().zip(event.iter().cycle()) {
            self.note_in_memory(*id, now, event.clone());
        }
        Ok(state)
    }

    /// Mails that nobody has received yet, or ever will, oldest first.
    pub fn undelivered(&self) -> Result<Vec<Undelivered>, DeskError> {
        Ok(self.journal.undelivered()?)
    }

    /// Number of mails that wait.
    pub fn waiting(&self) -> Result<usize, DeskError> {
        let query = "select count(*) from outbox where state = 'waiting'";
        let count = self.journal.connection().query_row(query, [], |row| row.get::<_, u32>(0));
        Ok(count.map_err(self.journal.error())? as usize)
    }
}

/// The alerts that a mail after quiet hours tells of.
pub(crate) fn gathered_in(
    transaction: &Transaction<'_>,
    (thread, message): (&str, &str),
) -> rusqlite::Result<Vec<AlertId>> {
    if !thread.starts_with("quiet-") {
        return Ok(Vec::new());
    }
    let query = "select distinct alert from journal where json_extract(event, '$.message') = ?
        and json_extract(event, '$.event') = 'queued'";
    let mut statement = transaction.prepare_cached(query)?;
    let names = statement.query_map([message], |row| row.get::<_, String>(0))?;
    let names = names.collect::<Result<Vec<String>, _>>()?;
    Ok(names.iter().filter_map(|name| name.parse().ok()).collect())
}

impl journal::Journal {
    /// Mails that nobody has received yet, or ever will, oldest first.
    pub fn undelivered(&self) -> Result<Vec<Undelivered>, journal::JournalError> {
        let query = "select message, thread, recipient, queued, state, attempts, problem from outbox
            where state <> 'sent' order by id";
        let mut statement = self.connection().prepare_cached(query).map_err(self.error())?;
        let rows = statement.query_map([], undelivered).map_err(self.error())?;
        rows.collect::<Result<_, _>>().map_err(self.error())
    }
}

fn mark(
    transaction: &Transaction<'_>,
    outgoing: &Outgoing,
    outcome: &Outcome,
    now: Timestamp,
) -> rusqlite::Result<MailState> {
    let now = now.as_millisecond();
    let (number, channel) = (outgoing.number, Road::of(&outgoing.recipient).name());
    match outcome {
        Outcome::Sent => {
            let query =
                "update outbox set state = 'sent', attempts = attempts + 1, problem = null where id = ?";
            transaction.execute(query, [number])?;
            // The server is back: what waited only for it need not wait out its pause.
            let query = "update outbox set next_try = min(next_try, ?), server_down = 0
                where state = 'waiting' and server_down and channel is ?";
            transaction.execute(query, params![now, channel])?;
            Ok(MailState::Sent)
        }
        Outcome::Refused { reply, .. } => {
            let query =
                "update outbox set state = 'refused', attempts = attempts + 1, problem = ? where id = ?";
            transaction.execute(query, params![reply, number])?;
            Ok(MailState::Refused)
        }
        // The road is closed for a while, which is asked of the log of tries; the mail has lost nothing.
        Outcome::Throttled { problem } => {
            transaction.execute("update outbox set problem = ? where id = ?", params![problem, number])?;
            Ok(MailState::Waiting)
        }
        Outcome::Later { reply: problem } | Outcome::Unreachable { problem } => {
            let server_down = matches!(outcome, Outcome::Unreachable { .. });
            let query = "select attempts + 1 from outbox where id = ?";
            let attempts: u32 = transaction.query_row(query, [number], |row| row.get(0))?;
            let next_try = now + i64::try_from(pause(attempts).as_millis()).unwrap_or(i64::MAX / 2);
            let query =
                "update outbox set attempts = ?, next_try = ?, server_down = ?, problem = ? where id = ?";
            transaction.execute(query, params![attempts, next_try, server_down, problem, number])?;
            if server_down {
                let query = "update outbox set next_try = max(next_try, ?1), server_down = 1
                    where state = 'waiting' and next_try < ?1 and channel is ?2";
                transaction.execute(query, params![next_try, channel])?;
            }
            Ok(MailState::Waiting)
        }
    }
}

fn outgoing(row: &Row<'_>) -> rusqlite::Result<Outgoing> {
    let (file, copy): (String, u32) = (row.get("file")?, row.get("copy")?);
    let body: Body = from_json(&row.get::<_, String>("body")?)?;
    Ok(Outgoing {
        number: row.get("id")?,
        message_id: row.get("message")?,
        thread: row.get("thread")?,
        alert: row.get::<_, Option<String>>("alert")?.and_then(|id| id.parse().ok()),
        file: file_name(file, copy),
        recipient: row.get("recipient")?,
        queued: millisecond(row.get("queued")?),
        message: Message {
            subject: row.get("subject")?,
            text: body.text,
            html: body.html,
            chart: row.get("chart")?,
            headers: body.headers,
            attachments: body.attachments,
        },
    })
}

/// The file a mail is written to, without its ending.
pub(crate) fn file_name(file: String, copy: u32) -> String {
    if copy == 1 { file } else { format!("{file}.{copy}") }
}

impl MailState {
    /// As the file keeps it.
    pub(crate) fn of(word: &str) -> MailState {
        match word {
            "sent" => MailState::Sent,
            "refused" => MailState::Refused,
            "expired" => MailState::Expired,
            _ => MailState::Waiting,
        }
    }
}

fn undelivered(row: &Row<'_>) -> rusqlite::Result<Undelivered> {
    let state = MailState::of(&row.get::<_, String>("state")?);
    Ok(Undelivered {
        message_id: row.get("message")?,
        thread: row.get("thread")?,
        recipient: row.get("recipient")?,
        queued: millisecond(row.get("queued")?),
        state,
        attempts: row.get("attempts")?,
        problem: row.get("problem")?,
    })
}

/// A moment as the file keeps it.
pub(crate) fn millisecond(since_epoch: i64) -> Timestamp {
    Timestamp::from_millisecond(since_epoch).unwrap_or_default()
}

/// A value of ours out of JSON.
pub(crate) fn from_json<T: serde::de::DeserializeOwned>(text: &str) -> rusqlite::Result<T> {
    serde_json::from_str(text).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, error.into())
    })
}
