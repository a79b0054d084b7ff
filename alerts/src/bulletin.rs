//! Mails that are about no alert: the daily digest, and notices to the administrators. Each once.

use jiff::{Timestamp, civil::Date};
use rusqlite::{Transaction, params};
use sha2::{Digest, Sha256};

use crate::desk::{Desk, DeskError};
use crate::issue::Series;
use crate::message::Message;
use crate::outbox::{self, Letter};
use crate::settings::{Policy, Recipient};

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// A source has stopped answering.
    SourceStopped,
    /// A source that had stopped is back.
    SourceBack,
    /// A source answers, but has had nothing new for unusually long.
    SourceQuiet,
    /// A source that was quiet has new posts.
    SourceHeard,
    /// A topic that nobody configured.
    Topic,
    /// The hand-over sheet of one hour.
    Handover,
    /// The administrators' daily mail.
    Heartbeat,
    /// A changed configuration that is not in force.
    Refused,
}

impl Notice {
    fn word(self) -> &'static str {
        match self {
            Notice::SourceStopped => "stopped",
            Notice::SourceBack => "back",
            Notice::SourceQuiet => "quiet",
            Notice::SourceHeard => "heard",
            Notice::Topic => "topic",
            Notice::Handover => "handover",
            Notice::Heartbeat => "heartbeat",
            Notice::Refused => "refused",
        }
    }
}

/// Counts for `/metrics` and `status`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeskCounts {
    /// Alerts not closed.
    pub open: usize,
    /// Of these, those nobody has taken.
    pub unacknowledged: usize,
    /// Mails that the server took.
    pub mails_sent: usize,
    /// Mails that wait.
    pub mails_waiting: usize,
    /// Mails refused for good or given up.
    pub mails_failed: usize,
}

impl Desk {
    /// Puts a digest into the outbox for each address that has not had it; returns how many.
    ///
    /// However often it is called, an address gets one of each series for a day.
    pub fn queue_digest(
        &mut self,
        (series, date): (Series, Date),
        message: &Message,
        recipients: &[Recipient],
        now: Timestamp,
    ) -> Result<usize, DeskError> {
        // The weekly one is marked beside the daily one of its day, and forgotten with it.
        let (name, key) = match series {
            Series::Day => ("digest", date.to_string()),
            Series::Week => ("digest-week", format!("{date} week")),
        };
        let bulletin = Bulletin {
            message,
            thread: format!("{name}-{}", date.strftime("%Y%m%d")),
            file: format!("{name}-{date}"),
            mark: "insert or ignore into digests_sent (day, address) values (?, ?)",
            key: &key,
        };
        self.queue_bulletin(&bulletin, recipients, now)
    }

    /// Puts a digest into the outbox again for people who ask for it (`digest --send` by hand).
    pub fn forget_digest(&mut self, date: Date) -> Result<(), DeskError> {
        let error = self.journal.error();
        let query = "delete from digests_sent where day = ?";
        self.journal.connection().execute(query, [date.to_string()]).map_err(error)?;
        Ok(())
    }

    /// Tells the administrators once about what `key` names: let it hold the source and when it stopped,
    /// so that the next time is another notice. Returns how many mails were written.
    pub fn queue_notice(
        &mut self,
        kind: Notice,
        key: &str,
        message: &Message,
        now: Timestamp,
    ) -> Result<usize, DeskError> {
        let recipients = self.policy.administrators();
        // Both notices about one stop are one thread.
        let thread = format!("notice-{}", short_hash(key));
        let word = kind.word();
        let bulletin = Bulletin {
            message,
            file: format!("{thread}.{word}"),
            thread,
            mark: "insert or ignore into notices_sent (kind, key) values (?, ?)",
            key: word,
        };
        self.queue_keyed(&bulletin, key, &recipients, now)
    }

    /// Tells the duty desk once about a topic that nobody configured. Returns how many mails were written.
    pub fn queue_topic(&mut self, id: &str, message: &Message, now: Timestamp) -> Result<usize, DeskError> {
        let recipients = self.policy.members([self.policy.duty.as_str()].into_iter());
        let bulletin = Bulletin {
            message,
            file: format!("topic-{id}"),
            thread: format!("topic-{id}"),
            mark: "insert or ignore into notices_sent (kind, key) values (?, ?)",
            key: Notice::Topic.word(),
        };
        self.queue_keyed(&bulletin, id, &recipients, now)
    }

    /// Puts a sheet into the outbox once for what `key` names, to these people.
    pub fn queue_once(
        &mut self,
        (kind, key): (Notice, &str),
        message: &Message,
        recipients: &[Recipient],
        now: Timestamp,
    ) -> Result<usize, DeskError> {
        let name = format!("{}-{key}", kind.word());
        let bulletin = Bulletin {
            message,
            thread: name.clone(),
            file: name,
            mark: "insert or ignore into notices_sent (kind, key) values (?, ?)",
            key: kind.word(),
        };
        self.queue_keyed(&bulletin, key, recipients, now)
    }

    /// Mails written since a moment and sent, those that wait, those refused or given up since then.
    pub fn mails_since(&self, since: Timestamp) -> Result<(usize, usize, usize), DeskError> {
        let query = "select count(*) filter (where state = 'sent' and queued >= ?1),
            count(*) filter (where state = 'waiting'),
            count(*) filter (where state in ('refused', 'expired') and next_try >= ?1) from outbox";
        let row = self.journal.connection().query_row(query, [since.as_millisecond()], |row| {
            Ok((row.get::<_, u32>(0)?, row.get::<_, u32>(1)?, row.get::<_, u32>(2)?))
        });
        let (sent, waiting, failed) = row.map_err(self.journal.error())?;
        Ok((sent as usize, waiting as usize, failed as usize))
    }

    /// Whether that notice has been written.
    pub fn has_noticed(&self, kind: Notice, key: &str) -> Result<bool, DeskError> {
        let query = "select exists (select 1 from notices_sent where kind = ? and key = ?)";
        let told = self.journal.connection().query_row(query, [kind.word(), key], |row| row.get(0));
        Ok(told.map_err(self.journal.error())?)
    }

    /// Counts as they stand.
    pub fn counts(&self) -> Result<DeskCounts, DeskError> {
        let query =
            "select count(*) filter (where state = 'sent'), count(*) filter (where state = 'waiting'),
            count(*) filter (where state in ('refused', 'expired')) from outbox";
        let row = self.journal.connection().query_row(query, [], |row| {
            Ok((row.get::<_, u32>(0)?, row.get::<_, u32>(1)?, row.get::<_, u32>(2)?))
        });
        let (sent, waiting, failed) = row.map_err(self.journal.error())?;
        let open = || self.latest.values().filter(|tracked| tracked.alert.is_open());
        Ok(DeskCounts {
            open: open().count(),
            unacknowledged: open().filter(|tracked| !tracked.alert.was_acknowledged()).count(),
            mails_sent: sent as usize,
            mails_waiting: waiting as usize,
            mails_failed: failed as usize,
        })
    }

    fn queue_bulletin(
        &mut self,
        bulletin: &Bulletin<'_>,
        recipients: &[Recipient],
        now: Timestamp,
    ) -> Result<usize, DeskError> {
        let error = self.journal.error();
        let transaction = self.journal.begin()?;
        let mut content = None;
        let mut queued = 0;
        for recipient in recipients {
            let marked = transaction.execute(bulletin.mark, params![bulletin.key, recipient.address]);
            if marked.map_err(&error)? == 0 {
                continue;
            }
            bulletin.queue(&transaction, &self.policy, (recipient, &mut content), now).map_err(&error)?;
            queued += 1;
        }
        transaction.commit().map_err(error)?;
        Ok(queued)
    }

    fn queue_keyed(
        &mut self,
        bulletin: &Bulletin<'_>,
        key: &str,
        recipients: &[Recipient],
        now: Timestamp,
    ) -> Result<usize, DeskError> {
        let error = self.journal.error();
        let transaction = self.journal.begin()?;
        if transaction.execute(bulletin.mark, params![bulletin.key, key]).map_err(&error)? == 0 {
            return Ok(0);
        }
        let mut content = None;
        for recipient in recipients {
            bulletin.queue(&transaction, &self.policy, (recipient, &mut content), now).map_err(&error)?;
        }
        transaction.commit().map_err(error)?;
        Ok(recipients.len())
    }
}

/// One text for several addresses.
struct Bulletin<'a> {
    message: &'a Message,
    thread: String,
    file: String,
    /// Statement that marks it as written; changes nothing when it was.
    mark: &'a str,
    key: &'a str,
}

impl Bulletin<'_> {
    fn queue(
        &self,
        transaction: &Transaction<'_>,
        policy: &Policy,
        (recipient, content): (&Recipient, &mut Option<i64>),
        now: Timestamp,
    ) -> rusqlite::Result<()> {
        let expires = policy.text_expires(now);
        let number = match *content {
            Some(number) => number,
            None => *content.insert(outbox::keep(transaction, self.message, expires)?),
        };
        let copies = "select count(*) from outbox where file = ?";
        let copy: u32 = transaction.query_row(copies, [&self.file], |row| row.get(0))?;
        let hash = outbox::recipient_hash(&recipient.address);
        let letter = Letter {
            message_id: format!("<{}-{hash}.{copy}@{}>", self.file, policy.host),
            thread: self.thread.clone(),
            alert: None,
            file: self.file.clone(),
            recipient: &recipient.address,
            group: &recipient.group,
            content: number,
        };
        outbox::queue(transaction, &letter, now)
    }
}

fn short_hash(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::tests::{Room, at};

    fn message() -> Message {
        let [subject, text, html] = ["日报", "正文", "<p>正文</p>"].map(str::to_owned);
        Message { subject, text, html, ..Message::default() }
    }

    #[test]
    fn a_digest_reaches_an_address_once_a_day_whatever_restarts_happen() {
        let mut room = Room::new();
        let duty = room.desk.policy.members(["值班室", "宣传部"].into_iter());
        let (day, now) = (jiff::civil::date(2026, 11, 24), at("2026-11-24T00:30:00Z"));
        assert_eq!(room.desk.queue_digest((Series::Day, day), &message(), &duty[..1], now).unwrap(), 1);
        room = room.reopen();
        assert_eq!(room.desk.queue_digest((Series::Day, day), &message(), &duty, now).unwrap(), 1);
        assert_eq!(room.desk.queue_digest((Series::Day, day), &message(), &duty, now).unwrap(), 0);
        let next_day = jiff::civil::date(2026, 11, 25);
        assert_eq!(room.desk.queue_digest((Series::Day, next_day), &message(), &duty, now).unwrap(), 2);
        let expected = [
            "digest-2026-11-24 duty@qinglan.example",
            "digest-2026-11-24.2 info@qinglan.example",
            "digest-2026-11-25 duty@qinglan.example",
            "digest-2026-11-25.2 info@qinglan.example",
        ];
        assert_eq!(room.delivered(), expected);
        room.desk.forget_digest(day).unwrap();
        assert_eq!(room.desk.queue_digest((Series::Day, day), &message(), &duty[..1], now).unwrap(), 1);
        assert_eq!(room.delivered(), ["digest-2026-11-24.3 duty@qinglan.example"]);
    }

    #[test]
    fn a_weekly_digest_stands_beside_the_daily_one_of_its_day() {
        let mut room = Room::new();
        let duty = room.desk.policy.members(["值班室"].into_iter());
        let (day, now) = (jiff::civil::date(2026, 11, 23), at("2026-11-23T00:30:00Z"));
        for queued in [1, 0] {
            assert_eq!(room.desk.queue_digest((Series::Day, day), &message(), &duty, now).unwrap(), queued);
            assert_eq!(room.desk.queue_digest((Series::Week, day), &message(), &duty, now).unwrap(), queued);
            room = room.reopen();
        }
        let expected =
            ["digest-2026-11-23 duty@qinglan.example", "digest-week-2026-11-23 duty@qinglan.example"];
        assert_eq!(room.delivered(), expected);
    }

    #[test]
    fn a_stopped_source_is_told_once_and_once_when_it_is_back() {
        let mut room = Room::new();
        let now = room.now;
        let mut told = |kind, key| room.desk.queue_notice(kind, key, &message(), now).unwrap();
        assert_eq!(told(Notice::SourceStopped, "bbs 2026-11-24T05:00:00Z"), 1);
        assert_eq!(told(Notice::SourceStopped, "bbs 2026-11-24T05:00:00Z"), 0);
        assert_eq!(told(Notice::SourceBack, "bbs 2026-11-24T05:00:00Z"), 1);
        assert_eq!(told(Notice::SourceStopped, "bbs 2026-11-25T05:00:00Z"), 1);
        assert_eq!(room.delivered().len(), 3);
        assert_eq!(room.desk.counts().unwrap().mails_sent, 3);
    }
}
