//! Sends to channels, and decides when: the log of tries tells what a platform has had lately.

use std::time::Duration;

use crawler::fetch::{Fetcher, Posting};
use jiff::{SignedDuration, Timestamp};
use rusqlite::params;

use super::{Channel, answer, payload};
use crate::desk::{Desk, DeskError};
use crate::mail::Outcome;
use crate::message::{Language, Message};
use crate::outbox::{Outgoing, Road};

/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// Sends one message and waits for the answer.
pub async fn send(fetcher: &Fetcher, channel: &Channel, outgoing: &Outgoing, now: Timestamp) -> Outcome {
    let payload = payload(channel, outgoing, now);
    let posting = Posting {
        url: &payload.url,
        allow: &channel.allow,
        headers: &payload.headers,
        body: &payload.body,
        patience: PATIENCE,
    };
    answer::outcome(channel.kind, fetcher.post(posting).await)
}

/// A trial message to one channel.
#[derive(Clone, Debug)]
pub struct Trial<'a> {
    /// The channel.
    pub channel: &'a Channel,
    /// Host name in its id.
    pub host: &'a str,
    /// Our page, which it links.
    pub link: Option<&'a str>,
    /// Language.
    pub language: Language,
    /// Its moment.
    pub now: Timestamp,
}

impl Trial<'_> {
    /// The message.
    pub fn outgoing(&self) -> Outgoing {
        let (subject, text) = match self.language {
            Language::Chinese => ("观澜试发消息", "这是一条试发消息。能看到它，说明预警可以送到这里。"),
            Language::English => {
                ("Guanlan test message", "Seeing this means that alerts can reach this place.")
            }
        };
        let link = self.link.map(|link| (crate::message::LINK_HEADER.to_owned(), link.to_owned()));
        let second = self.now.as_second();
        Outgoing {
            number: 0,
            message_id: format!("<test-{second}@{}>", self.host),
            thread: format!("test-{second}"),
            alert: None,
            file: "channel-test".to_owned(),
            recipient: super::address(&self.channel.name),
            queued: self.now,
            message: Message {
                subject: subject.to_owned(),
                text: text.to_owned(),
                headers: link.into_iter().collect(),
                ..Message::default()
            },
        }
    }
}

impl Desk {
    /// The next message to a channel, if the platform takes one now.
    pub fn next_for(&self, channel: &Channel, now: Timestamp) -> Result<Option<Outgoing>, DeskError> {
        if !self.may_send(channel, now)? {
            return Ok(None);
        }
        self.next_due(Road::Channel(&channel.name), now)
    }

    /// Gives up what waits for channels that are configured no longer.
    pub fn give_up_other_channels(&mut self, known: &[Channel]) -> Result<(), DeskError> {
        let error = self.journal.error();
        let connection = self.journal.connection();
        let names = "select distinct channel from outbox where state = 'waiting' and channel is not null";
        let mut statement = connection.prepare(names).map_err(&error)?;
        let waiting = statement.query_map([], |row| row.get::<_, String>(0)).map_err(&error)?;
        let waiting: Vec<String> = waiting.collect::<Result<_, _>>().map_err(&error)?;
        for name in waiting.iter().filter(|name| known.iter().all(|channel| channel.name != **name)) {
            let query = "update outbox set state = 'expired', problem = 'no such channel any more'
                where state = 'waiting' and channel = ?";
            connection.execute(query, [name]).map_err(&error)?;
        }
        Ok(())
    }

    fn may_send(&self, channel: &Channel, now: Timestamp) -> Result<bool, DeskError> {
        let limits = channel.kind.limits();
        let longest =
            limits.messages.iter().map(|(_, span)| *span).max().unwrap_or_default().max(limits.pause);
        let query = "select a.time, a.result from attempt a join outbox o on o.id = a.mail
            where o.channel = ?1 and a.time > ?2 order by a.time desc, a.rowid desc limit 1000";
        let error = self.journal.error();
        let mut statement = self.journal.connection().prepare_cached(query).map_err(&error)?;
        let since = now.as_millisecond() - i64::try_from(longest.as_millis()).unwrap_or_default();
        let rows = statement.query_map(params![channel.name, since], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?))
        });
        let tries: Vec<(i64, String)> = rows.and_then(Iterator::collect).map_err(error)?;
        let within = |time: i64, span: SignedDuration| {
            i128::from(now.as_millisecond()) - i128::from(time) < span.as_millis()
        };
        let is_resting =
            tries.first().is_some_and(|(time, result)| result == "throttled" && within(*time, limits.pause));
        let is_full = limits
            .messages
            .iter()
            .any(|(most, span)| tries.iter().filter(|(time, _)| within(*time, *span)).count() >= *most);
        Ok(!is_resting && !is_full)
    }
}
