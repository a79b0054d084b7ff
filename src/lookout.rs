//! From counts to mail: counts posts, judges each closed bucket, tells the desk, writes digests.
//! Owns counts.db and alerts.db; reads posts, never writes them.

use std::path::Path;

use alerts::action::Answer;
use alerts::alert::AlertId;
use alerts::desk::{Desk, DeskError};
use analyzer::analyst::Analyst;
use analyzer::counts::{Counts, CountsError};
use analyzer::index::{Index, IndexError};
use analyzer::segment::Segmenter;
use analyzer::series::{BUCKET_SECONDS, Bucket, BucketCount};
use analyzer::signal::Signal;
use crawler::archive::{Archive, ArchiveError};
use crawler::crawl::{Outcome, Visit};
use crawler::post::Stored;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use crate::notice::notice;
use crate::orders::Orders;
use crate::socket::Action;

/// Posts that may be evidence: those of the last day.
const EVIDENCE: SignedDuration = SignedDuration::from_hours(24);
/// Buckets of each concern that wait before counts.db is written: a day. A crash loses none of them
/// for good, since they are counted again from the posts, which live much longer.
const UNWRITTEN: usize = 144;
/// History that is counted when the program starts.
const HISTORY: SignedDuration = SignedDuration::from_hours(35 * 24);
/// Buckets before the start that are written to counts.db again: two days.
const REWRITTEN: i64 = 288;

/// Why the lookout cannot go on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LookoutError {
    /// The journal of alerts.
    #[error(transparent)]
    Desk(#[from] DeskError),
    /// The counts.
    #[error(transparent)]
    Counts(#[from] CountsError),
    /// The store of posts.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The index, from which history is counted.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// A day beyond what calendars know.
    #[error("there is no digest of {0}: choose a day near ours")]
    NoSuchDay(Date),
    /// Not the number of an alert.
    #[error("{0}")]
    NoSuchNumber(String),
}

/// Everything between a stored post and a mail in the outbox.
pub(crate) struct Lookout {
    pub(crate) archive: Archive,
    pub(crate) analyst: Analyst,
    pub(crate) counts: Counts,
    pub(crate) desk: Desk,
    pub(crate) orders: Orders,
    /// The newest signal of each concern, in the order of the configuration.
    pub(crate) newest: Vec<Signal>,
    /// Day of the last digest put into the outbox by this run.
    pub(crate) digest_written: Option<Date>,
    /// Closed buckets that counts.db does not hold yet.
    unwritten: Vec<(String, BucketCount)>,
}

impl Lookout {
    /// Opens counts.db and alerts.db in the data folder. Counts nothing yet: see [`Lookout::observe`].
    pub(crate) fn open(folder: &Path, archive: Archive, orders: Orders) -> Result<Lookout, LookoutError> {
        let counts = Counts::open(folder)?;
        let desk = Desk::open(folder, orders.policy.clone(), orders.concerns.clone(), orders.site.clone())?;
        let analyst = Analyst::new(
            orders.concerns.clone(),
            orders.feeds.clone(),
            orders.detection,
            orders.site.zone.clone(),
        );
        Ok(Lookout {
            archive,
            analyst,
            counts,
            desk,
            orders,
            newest: Vec::new(),
            digest_written: None,
            unwritten: Vec::new(),
        })
    }

    /// Counts the history before `now` from the index and the heartbeats, so that a new or edited concern
    /// knows its past, and an alert that was rising when the program ended goes on.
    pub(crate) fn remember(&mut self, index: &Index, now: Timestamp) -> Result<(), LookoutError> {
        let from = now - HISTORY;
        let (first, last) = (Bucket::of(from), Bucket::of(now));
        for seen in self.archive.observations(from, now)? {
            self.analyst.heartbeat(&seen.source, seen.at, seen.ok);
        }
        self.analyst.seed_volume(&index.volume(first, last)?);
        for concern in &self.orders.concerns {
            let counts = index.series(concern, first, last)?;
            self.analyst.seed(&concern.id, &counts);
            let recent = counts.into_iter().filter(|count| count.bucket.0 >= last.0 - REWRITTEN);
            self.unwritten.extend(recent.map(|count| (concern.id.clone(), count)));
        }
        self.write_counts()
    }

    /// Tells words apart in texts, for rising and new words; without it there are none.
    pub(crate) fn with_words(mut self, segmenter: Segmenter) -> Lookout {
        self.analyst = self.analyst.with_segmenter(segmenter);
        self
    }

    /// Counts what a visit brought, and tells the administrator when the source stopped or is back.
    pub(crate) fn visited(
        &mut self,
        visit: &Visit,
        stored: &[Stored],
        now: Timestamp,
    ) -> Result<(), LookoutError> {
        self.heartbeat(&visit.source, visit.at, !matches!(visit.outcome, Outcome::Failed(_)));
        stored.iter().for_each(|stored| self.observe(stored));
        let known = self.orders.feeds.iter().find(|feed| feed.id == visit.source);
        let name = known.map_or(visit.source.as_str(), |feed| feed.name.as_str());
        if let Some(written) = notice(visit, name, &self.orders.site) {
            self.desk.queue_notice(written.kind, &written.key, &written.message, now)?;
        }
        Ok(())
    }

    /// Deletes counts and texts whose time is over.
    pub(crate) fn expire(&mut self, now: Timestamp) -> Result<(), LookoutError> {
        self.counts.expire(Bucket::of(now - self.orders.keep_counts))?;
        self.desk.expire(now)?;
        Ok(())
    }

    /// Does what a person wants done with an alert.
    pub(crate) fn act(&mut self, id: &str, action: Action, now: Timestamp) -> Result<(), LookoutError> {
        let id: AlertId = id.parse().map_err(LookoutError::NoSuchNumber)?;
        let desk = &mut self.desk;
        match action {
            Action::Acknowledge { by } => desk.acknowledge(id, &by, now),
            Action::Respond { by, url, at } => desk.respond(id, Answer { by, url, at }, now),
            Action::Mute { by, reason, until } => desk.mute(id, (&by, &reason), until, now),
            Action::Close { by } => desk.close(id, &by, now),
            Action::FalseAlarm { by, reason } => desk.false_alarm(id, (&by, &reason), now),
            Action::Note { by, text } => desk.note(id, (&by, &text), now),
        }?;
        Ok(())
    }

    /// Who sends mails, and the host in their threads.
    pub(crate) fn sender(&self) -> (String, String) {
        (self.orders.policy.from.clone(), self.orders.policy.host.clone())
    }

    /// Counts a stored post.
    pub(crate) fn observe(&mut self, stored: &Stored) {
        self.analyst.observe(stored);
    }

    /// Notes a visit to a source.
    pub(crate) fn heartbeat(&mut self, source: &str, at: Timestamp, ok: bool) {
        self.analyst.heartbeat(source, at, ok);
    }

    /// Judges every bucket that has closed by `now`, tells the desk, and queues the digest if it is due.
    pub(crate) fn tick(&mut self, now: Timestamp) -> Result<(), LookoutError> {
        let signals = self.close(now)?;
        if !signals.is_empty() {
            let (analyst, archive) = (&self.analyst, &self.archive);
            // Evidence is read only when somebody will see it. An alert without evidence is better than
            // none, so a store that can't be read keeps nobody from being told; the error is told too.
            let mut failed = None;
            self.desk.take(
                &signals,
                &mut |signal| match evidence(archive, signal.at) {
                    Ok(posts) => analyst.explain(signal, &posts),
                    Err(error) => {
                        failed = Some(error);
                        analyst.explain(signal, &[])
                    }
                },
                now,
            )?;
            if let Some(error) = failed {
                return Err(error.into());
            }
        }
        self.morning(now)
    }

    /// Closes buckets without telling anybody: history before a replay begins.
    pub(crate) fn close(&mut self, now: Timestamp) -> Result<Vec<Signal>, LookoutError> {
        let signals = self.analyst.close(now);
        let Some(last) = signals.last().map(|signal| signal.at) else { return Ok(signals) };
        self.newest = signals.iter().filter(|signal| signal.at == last).cloned().collect();
        for signal in &signals {
            let start = signal.at - SignedDuration::from_secs(BUCKET_SECONDS);
            let counts = self.analyst.counts(&signal.concern, start, signal.at);
            self.unwritten.extend(counts.into_iter().map(|count| (signal.concern.clone(), count)));
        }
        if self.unwritten.len() >= UNWRITTEN * self.orders.concerns.len() {
            self.write_counts()?;
        }
        Ok(signals)
    }

    /// Writes to counts.db what has closed since the last time.
    pub(crate) fn write_counts(&mut self) -> Result<(), LookoutError> {
        self.counts.write(self.unwritten.iter().map(|(concern, count)| (concern.as_str(), count)))?;
        self.unwritten.clear();
        Ok(())
    }
}

/// The posts of the day before `at`, in time order.
pub(crate) fn evidence(archive: &Archive, at: Timestamp) -> Result<Vec<Stored>, ArchiveError> {
    evidence_between(archive, at - EVIDENCE, at)
}

/// The posts from the one moment to the other, in time order.
pub(crate) fn evidence_between(
    archive: &Archive,
    from: Timestamp,
    to: Timestamp,
) -> Result<Vec<Stored>, ArchiveError> {
    let mut posts = Vec::new();
    archive.between(from, to, &mut |stored| posts.push(stored))?;
    Ok(posts)
}
