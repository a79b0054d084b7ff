//! Entries in the journal and the mails they bring, inside one transaction.

use analyzer::concern::Concern;
use analyzer::explain::Explanation;
use analyzer::level::Level;
use analyzer::signal::Signal;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use crate::alert::{self, Alert, AlertId, Event, Step, Under};
use crate::channel;
use crate::claim::Signer;
use crate::clock;
use crate::journal::{self, json};
use crate::message::{AlertMail, Beside, Matter, Message, Site, alert_brief, alert_mail, short_mail};
use crate::outbox::{self, Letter};
use crate::settings::{Detail, Policy, Recipient};
use crate::verdict::{Verdict, verdict};

/// What is needed to write entries; lives as long as one transaction.
pub(crate) struct Entry<'a> {
    pub(crate) transaction: &'a Transaction<'a>,
    pub(crate) policy: &'a Policy,
    pub(crate) site: &'a Site,
    /// Signs the links with which an alert is taken; without it there are none.
    pub(crate) signer: Option<&'a Signer>,
    /// Version of the configuration in force.
    pub(crate) version: Option<&'a str>,
    pub(crate) now: Timestamp,
}

/// What a mail about an alert is written from, beside the alert.
#[derive(Clone, Copy)]
pub(crate) struct Telling<'a> {
    pub(crate) concern: &'a Concern,
    /// The counts and the evidence; none once their time is over.
    pub(crate) evidence: Option<(&'a Signal, &'a Explanation)>,
    /// Other alarming concerns that share most of their posts with this one.
    pub(crate) beside: &'a [Beside],
    /// An alert that stands for this one: who knows of it is not told again.
    pub(crate) above: Option<AlertId>,
}

impl Entry<'_> {
    /// A new alert, with the next number of the local day.
    pub(crate) fn raise(
        &self,
        concern: &Concern,
        level: Level,
        (onset, first_post): (Timestamp, Option<Timestamp>),
    ) -> rusqlite::Result<Alert> {
        let id = self.next_id()?;
        let deadline = clock::deadline(self.policy, concern, level, self.now);
        let under = Some(Under::of(concern, self.version));
        let event = Event::Raised { concern: concern.id.clone(), level, onset, deadline, first_post, under };
        journal::append(self.transaction, id, self.now, &event)?;
        alert::fold(id, [(self.now, event)]).ok_or(rusqlite::Error::QueryReturnedNoRows)
    }

    /// The next event of an alert.
    pub(crate) fn append(&self, alert: &mut Alert, event: Event) -> rusqlite::Result<()> {
        journal::append(self.transaction, alert.id, self.now, &event)?;
        alert.apply(self.now, event);
        Ok(())
    }

    /// Keeps the evidence of this moment for the alert's page.
    pub(crate) fn keep_evidence(
        &self,
        id: AlertId,
        signal: &Signal,
        explanation: &Explanation,
    ) -> rusqlite::Result<()> {
        let query = "insert into evidence (alert, signal, explanation, expires) values (?, ?, ?, ?)";
        let expires = self.expiry().as_millisecond();
        self.transaction.prepare_cached(query)?.insert(params![
            id.to_string(),
            json(signal)?,
            json(explanation)?,
            expires
        ])?;
        Ok(())
    }

    /// Writes to those who must know, if they must, and says why.
    pub(crate) fn tell(&self, alert: &mut Alert, told: &Telling<'_>) -> rusqlite::Result<Verdict> {
        let holds = |level| self.policy.holds(level, &self.site.zone, self.now);
        let verdict = verdict(alert, self.policy, holds, self.now);
        if let Verdict::Quiet(step) = verdict {
            self.append(alert, Event::Held { step })?;
        }
        let Some(step) = verdict.step() else { return Ok(verdict) };
        let mut recipients = match step {
            Step::Resolved => self.told(alert.id)?,
            _ => self.policy.recipients(alert.level, told.concern.department.as_deref()),
        };
        let Some(above) = told.above.filter(|_| step != Step::Resolved) else {
            self.write(alert, told, step, &recipients)?;
            return Ok(verdict);
        };
        let know = self.told(above)?;
        let before = recipients.len();
        recipients.retain(|recipient| !know.iter().any(|known| known.address == recipient.address));
        self.write(alert, told, step, &recipients)?;
        if recipients.len() < before {
            // The other's mail names this one.
            self.notice(alert)?;
            self.append(alert, Event::Inhibited { by: above })?;
        }
        Ok(if recipients.is_empty() && before > 0 { Verdict::Inhibited } else { verdict })
    }

    /// Writes a mail about one step to these people, each group its own text.
    pub(crate) fn write(
        &self,
        alert: &mut Alert,
        told: &Telling<'_>,
        step: Step,
        recipients: &[Recipient],
    ) -> rusqlite::Result<()> {
        if step.tells_level() && !recipients.is_empty() {
            self.notice(alert)?;
        }
        let levels = alert.levels();
        let mail = |Recipient { group, address }: &Recipient| {
            let claim = self.signer.map(|signer| signer.token(alert.id, group, self.now));
            let matter = Matter {
                site: self.site,
                alert,
                concern: told.concern,
                step,
                group,
                claim: claim.as_deref(),
                levels: &levels,
                now: self.now,
            };
            let message = self.message(&matter, told, channel::name_of(address).is_some());
            outbox::keep(self.transaction, &message, self.expiry())
        };
        // Every text is written before the first mail is journalled: all tell the same story.
        let mut texts: Vec<(&str, i64)> = Vec::new();
        for recipient in recipients {
            if !texts.iter().any(|(group, _)| *group == recipient.group) {
                texts.push((&recipient.group, mail(recipient)?));
            }
        }
        // One number for all mails of this step, taken before any of them is journalled.
        let sequence = self.last_sequence()?;
        for Recipient { group, address } in recipients {
            let text = texts.iter().find(|(known, _)| known == group).map_or(0, |(_, number)| *number);
            self.queue(alert, step, sequence, (group, address, text))?;
        }
        Ok(())
    }

    /// The text for one group: as much as the way to it may carry and as is still there.
    fn message(&self, matter: &Matter<'_>, told: &Telling<'_>, is_channel: bool) -> Message {
        let language = self.site.language;
        let Some((signal, explanation)) = told.evidence else {
            let kind = if is_channel { Detail::Full } else { self.policy.detail };
            return short_mail(matter, kind, is_channel, language);
        };
        let mail = AlertMail::of(matter, (signal, explanation), told.beside);
        match (is_channel, self.policy.detail) {
            (true, _) => alert_brief(&mail, language),
            (false, Detail::Full) => alert_mail(&mail, language),
            (false, Detail::Brief) => short_mail(matter, Detail::Brief, false, language),
        }
    }

    /// Journals that somebody hears of it now, if nobody has before.
    pub(crate) fn notice(&self, alert: &mut Alert) -> rusqlite::Result<()> {
        match clock::first_notice(alert, self.now) {
            Some(event) => self.append(alert, event),
            None => Ok(()),
        }
    }

    fn queue(
        &self,
        alert: &mut Alert,
        step: Step,
        sequence: i64,
        (group, address, content): (&str, &str, i64),
    ) -> rusqlite::Result<()> {
        let hash = outbox::recipient_hash(address);
        let host = &self.policy.host;
        let letter = Letter {
            message_id: format!("<{}-{}-{hash}.{sequence}@{host}>", word(step), alert.id),
            thread: alert.id.to_string(),
            alert: Some(alert.id),
            file: format!("{}.{}", alert.id.short(), file_word(step, alert.level)),
            recipient: address,
            group,
            content,
        };
        outbox::queue(self.transaction, &letter, self.now)?;
        self.append(alert, Event::Queued { message: letter.message_id, step })
    }

    /// Those who were written to about this alert and are still in the address book.
    pub(crate) fn told(&self, id: AlertId) -> rusqlite::Result<Vec<Recipient>> {
        told(self.transaction, self.policy, id)
    }

    fn next_id(&self) -> rusqlite::Result<AlertId> {
        let day = self.site.zone.to_datetime(self.now).date();
        let prefix = day.strftime("%Y%m%d-").to_string();
        let query =
            "select max(cast(substr(alert, 10) as integer)) from journal where substr(alert, 1, 9) = ?";
        let last: Option<u16> =
            self.transaction.query_row(query, [prefix], |row| row.get(0)).optional()?.flatten();
        Ok(AlertId { day, number: last.unwrap_or(0).saturating_add(1) })
    }

    pub(crate) fn last_sequence(&self) -> rusqlite::Result<i64> {
        self.transaction.query_row("select max(sequence) from journal", [], |row| row.get(0))
    }

    pub(crate) fn expiry(&self) -> Timestamp {
        self.policy.text_expires(self.now)
    }
}

/// Those who were written to about an alert and are still in the address book.
pub(crate) fn told(
    connection: &Connection,
    policy: &Policy,
    id: AlertId,
) -> rusqlite::Result<Vec<Recipient>> {
    let query = "select for_group, recipient from outbox where alert = ?1 or message in (
            select json_extract(event, '$.message') from journal
            where alert = ?1 and json_extract(event, '$.event') = 'queued')
        group by recipient order by min(id)";
    let mut statement = connection.prepare_cached(query)?;
    let rows = statement
        .query_map([id.to_string()], |row| Ok(Recipient { group: row.get(0)?, address: row.get(1)? }))?;
    let known =
        |recipient: &Recipient| policy.people.values().flatten().any(|address| *address == recipient.address);
    rows.filter(|row| row.as_ref().map_or(true, known)).collect()
}

fn word(step: Step) -> &'static str {
    match step {
        Step::Raised => "raised",
        Step::Escalated => "escalated",
        Step::Resolved => "resolved",
        Step::Unclaimed => "unclaimed",
        Step::DueSoon => "due",
        Step::Overdue => "overdue",
        Step::Acknowledged => "acknowledged",
        Step::Responded => "responded",
        Step::Withdrawn => "withdrawn",
        Step::Gathered => "gathered",
    }
}

fn file_word(step: Step, level: Level) -> &'static str {
    match step {
        Step::Raised | Step::Escalated => level_word(level),
        other => word(other),
    }
}

fn level_word(level: Level) -> &'static str {
    match level {
        Level::Blue => "blue",
        Level::Yellow => "yellow",
        Level::Orange => "orange",
        Level::Red => "red",
    }
}
