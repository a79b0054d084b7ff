//! From counts to mail: counts posts, judges each closed bucket, tells the desk, writes digests.
//! Owns counts.db and alerts.db; reads posts, never writes them.

mod answered;
mod compiled;
mod explained;
mod history;
mod recent;
mod topics;
mod visits;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use alerts::alert::AlertId;
use alerts::claim::Signer;
use alerts::desk::{Desk, DeskError};
use analyzer::analyst::Analyst;
use analyzer::counts::{Counts, CountsError};
use analyzer::index::IndexError;
use analyzer::segment::Segmenter;
use analyzer::series::{BUCKET_SECONDS, Bucket, BucketCount};
use analyzer::signal::{Signal, SourceState};
use crawler::archive::{Archive, ArchiveError};
use crawler::category::CategoryCount;
use crawler::habit::Habit;
use crawler::pause::Pauses;
use crawler::post::{Post, Stored};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use crate::emerging::{Emerging, TopicState};
use crate::orders::{self, Orders};
use crate::reload::Configured;
use crate::standing::{self, Standing};
use compiled::Finished;
use explained::{Witnesses, earlier};
use recent::Recent;

/// Buckets of each concern that wait before counts.db is written: a day. A crash loses none of them
/// for good, since they are counted again from the posts, which live much longer.
const UNWRITTEN: usize = 144;

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
    /// Mails that were written as files.
    #[error("{folder}: a mail past its time cannot be removed: {error}; see who owns the folder")]
    Outbox {
        /// Where they lie.
        folder: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// A day beyond what calendars know.
    #[error("there is no digest of {0}: choose a day near ours")]
    NoSuchDay(Date),
    /// A concern that nobody configured.
    #[error("there is no concern {0}; its id stands in concerns.toml")]
    NoSuchConcern(String),
    /// A document that could not be written.
    #[error(transparent)]
    Paper(#[from] alerts::paper::PaperError),
    /// The file of alerts, accounts and the audit log.
    #[error(transparent)]
    Journal(#[from] alerts::journal::JournalError),
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
    /// Signals that the desk has not taken yet.
    untold: Vec<Signal>,
    /// The alerts that the last tick raised, escalated, reopened, lowered or closed.
    pub(crate) changed: Vec<AlertId>,
    /// Day of the last digest put into the outbox by this run.
    pub(crate) digest_written: Option<Date>,
    /// Hand-over sheet and heartbeat last seen to be written, by their keys.
    pub(crate) bells: (String, String),
    /// What each source usually brings.
    habits: BTreeMap<String, Habit>,
    /// How often each source has failed since it was last read.
    failures: BTreeMap<String, u32>,
    /// Where mails lie that were written as files.
    outbox: PathBuf,
    /// Closed buckets that counts.db does not hold yet.
    unwritten: Vec<(String, BucketCount)>,
    /// The sources that rest.
    pauses: Pauses,
    /// Posts of the last day that may be evidence.
    recent: RefCell<Recent>,
    /// What digests told of spans that are over.
    finished: RefCell<Finished>,
    /// Topics that nobody configured; none without a dictionary.
    emerging: Option<Emerging>,
    /// Topics that the last tick mailed.
    pub(crate) mailed_topics: Vec<TopicState>,
    /// The data folder.
    folder: PathBuf,
    /// Cuts texts into words.
    segmenter: Option<Segmenter>,
    /// Posts up to this place in the archive are counted already.
    counted_to: u64,
    /// The configuration in force, for pages.
    pub(crate) configured: Configured,
}

impl Lookout {
    /// Opens counts.db and alerts.db in the data folder. Counts nothing yet: see [`Lookout::observe`].
    pub(crate) fn open(folder: &Path, archive: Archive, orders: Orders) -> Result<Lookout, LookoutError> {
        let counts = Counts::open(folder)?;
        let desk = Desk::open(folder, orders.policy.clone(), orders.concerns.clone(), orders.site.clone())?;
        let analyst = analyst(&orders);
        Ok(Lookout {
            archive,
            analyst,
            counts,
            desk,
            orders,
            newest: Vec::new(),
            untold: Vec::new(),
            changed: Vec::new(),
            digest_written: None,
            bells: (String::new(), String::new()),
            habits: BTreeMap::new(),
            failures: BTreeMap::new(),
            outbox: orders::outbox(folder),
            unwritten: Vec::new(),
            pauses: Pauses::default(),
            recent: RefCell::default(),
            finished: RefCell::default(),
            emerging: None,
            mailed_topics: Vec::new(),
            folder: folder.to_owned(),
            segmenter: None,
            counted_to: 0,
            configured: Configured::default(),
        })
    }

    /// Tells words apart in texts, for rising and new words and for topics; without it there are none.
    pub(crate) fn with_words(mut self, segmenter: Segmenter) -> Result<Lookout, LookoutError> {
        let topics = self.orders.topics.clone();
        self.emerging = Some(Emerging::new(&self.folder, &self.archive, topics, segmenter.clone())?);
        self.analyst = self.analyst.with_segmenter(segmenter.clone());
        self.segmenter = Some(segmenter);
        Ok(self)
    }

    /// Puts links into mails with which a group takes an alert.
    pub(crate) fn with_signer(mut self, signer: Signer) -> Lookout {
        self.desk = self.desk.with_signer(signer);
        self
    }

    /// Knows which sources rest, so that these are not said to be late.
    pub(crate) fn with_pauses(mut self, pauses: Pauses) -> Lookout {
        self.pauses = pauses;
        self
    }

    /// How each source stands.
    pub(crate) fn source_states(&self, now: Timestamp) -> Vec<SourceState> {
        noting_pauses(self.analyst.source_states(now), &self.pauses, now)
    }

    /// How each configured source stands, with what it brings.
    pub(crate) fn standings(&self, now: Timestamp) -> Result<Vec<Standing>, LookoutError> {
        Ok(standing::judged(&self.archive, &self.habits, &self.orders.sources, now)?)
    }

    /// Deletes counts, texts and alerts whose time is over, and mails that were written as files.
    pub(crate) fn expire(&mut self, now: Timestamp) -> Result<(), LookoutError> {
        self.finished.get_mut().clear();
        self.counts.expire(Bucket::of(now - self.orders.keep_counts))?;
        // The files first: once forgotten, nobody knows their names.
        let mails = self.desk.expired_files(now)?;
        alerts::mail::remove_files(&self.outbox, &mails)
            .map_err(|error| LookoutError::Outbox { folder: self.outbox.clone(), error })?;
        self.desk.expire(now)?;
        self.desk.forget(now)?;
        Ok(())
    }

    /// Takes deleted texts out of every file; `false` while somebody who reads holds one.
    pub(crate) fn scrub(&self) -> Result<bool, LookoutError> {
        Ok(self.desk.scrub()?)
    }

    /// Whether any source has brought a post in the last weeks.
    pub(crate) fn has_heard(&self) -> bool {
        !self.habits.is_empty()
    }

    /// The data folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Who sends mails, and the host in their threads.
    pub(crate) fn sender(&self) -> (String, String) {
        (self.orders.policy.from.clone(), self.orders.policy.host.clone())
    }

    /// Counts a stored post.
    pub(crate) fn observe(&mut self, stored: &Stored) {
        if stored.revision == 0 {
            let Post { source, first_seen, .. } = &stored.post;
            match self.habits.get_mut(source) {
                Some(habit) => habit.arrived(*first_seen),
                None => self.habits.entry(source.clone()).or_default().arrived(*first_seen),
            }
        }
        if stored.sequence > self.counted_to {
            let concerns = self.analyst.observe(stored);
            if !concerns.is_empty() {
                self.finished.get_mut().heard(stored.post.time);
            }
            self.recent.get_mut().observe(stored, &self.analyst.shared_matchers(), &concerns);
        }
        if let Some(emerging) = &mut self.emerging {
            emerging.observe(stored, &self.analyst);
        }
    }

    /// Counts what was reported of a period; what counts.db says of it is written anew.
    pub(crate) fn report(&mut self, count: &CategoryCount, now: Timestamp) {
        self.finished.get_mut().clear();
        for concern in self.analyst.report(count) {
            let counts = self.analyst.counts(&concern, count.from, count.to.min(now));
            self.unwritten.extend(counts.into_iter().map(|count| (concern.clone(), count)));
        }
    }

    /// Notes a visit to a source.
    pub(crate) fn heartbeat(&mut self, source: &str, at: Timestamp, ok: bool) {
        self.finished.get_mut().heard(at);
        self.analyst.heartbeat(source, at, ok);
    }

    /// Judges every bucket that has closed by `now`, tells the desk, and queues the digest if it is due.
    pub(crate) fn tick(&mut self, now: Timestamp) -> Result<(), LookoutError> {
        self.close_topics(now)?;
        let signals = self.judge(now);
        // They wait until the desk has them in its file: a full disk delays an alert, and loses none.
        self.untold.extend(signals);
        self.write_many_counts()?;
        self.tell_desk(now)?;
        self.measure_answers()?;
        self.remind(now)?;
        self.on_duty(now)?;
        self.mail_topics(now)?;
        self.morning(now)
    }

    fn tell_desk(&mut self, now: Timestamp) -> Result<(), LookoutError> {
        self.changed.clear();
        if self.untold.is_empty() {
            return Ok(());
        }
        let (analyst, archive) = (&self.analyst, &self.archive);
        let witnesses = Witnesses { analyst, archive, pauses: &self.pauses, recent: &self.recent };
        let rising = self.desk.rising()?;
        // Evidence is read only when somebody will see it. An alert without evidence is better than
        // none, so a store that can't be read keeps nobody from being told; the error is told too.
        let mut failed = None;
        self.changed = self.desk.take(
            &self.untold,
            &mut |signal| {
                witnesses.explain(signal, rising.get(&signal.concern), now).unwrap_or_else(|error| {
                    failed = Some(error);
                    witnesses.without_posts(signal, now)
                })
            },
            now,
        )?;
        self.untold.clear();
        failed.map_or(Ok(()), |error| Err(error.into()))
    }

    /// Closes buckets without telling anybody: history before a replay begins.
    pub(crate) fn close(&mut self, now: Timestamp) -> Result<Vec<Signal>, LookoutError> {
        self.close_topics(now)?;
        let signals = self.judge(now);
        self.write_many_counts()?;
        Ok(signals)
    }

    /// Closes buckets and keeps their counts for counts.db.
    fn judge(&mut self, now: Timestamp) -> Vec<Signal> {
        let signals = self.analyst.close(now);
        // After a start, too, the pages tell how things stand: what the last bucket of history says.
        if !self.analyst.newest().is_empty() {
            self.newest = self.analyst.newest().to_vec();
        }
        for signal in &signals {
            let start = signal.at - SignedDuration::from_secs(BUCKET_SECONDS);
            let counts = self.analyst.counts(&signal.concern, start, signal.at);
            self.unwritten.extend(counts.into_iter().map(|count| (signal.concern.clone(), count)));
        }
        signals
    }

    fn write_many_counts(&mut self) -> Result<(), LookoutError> {
        let is_due = self.unwritten.len() >= UNWRITTEN * self.orders.concerns.len();
        if is_due { self.write_counts() } else { Ok(()) }
    }

    /// Writes to counts.db what has closed since the last time.
    pub(crate) fn write_counts(&mut self) -> Result<(), LookoutError> {
        self.counts.write(self.unwritten.iter().map(|(concern, count)| (concern.as_str(), count)))?;
        self.unwritten.clear();
        Ok(())
    }
}

/// Counts posts of the concerns ordered.
fn analyst(orders: &Orders) -> Analyst {
    let (concerns, feeds) = (orders.concerns.clone(), orders.feeds.clone());
    Analyst::new(concerns, feeds, orders.detection, orders.site.zone.clone())
        .with_reporting(orders.reporting.clone())
        .with_intents(&orders.intents)
        .with_shown(orders.shown)
}

fn noting_pauses(mut states: Vec<SourceState>, pauses: &Pauses, now: Timestamp) -> Vec<SourceState> {
    states.iter_mut().for_each(|state| state.pause = pauses.of(&state.id, now));
    states
}

/// What each source brought since then.
pub(crate) fn habits(archive: &Archive, from: Timestamp) -> Result<BTreeMap<String, Habit>, ArchiveError> {
    let mut habits: BTreeMap<String, Habit> = BTreeMap::new();
    archive.arrivals(from, &mut |source, at| match habits.get_mut(source) {
        Some(habit) => habit.arrived(at),
        None => habits.entry(source.to_owned()).or_default().arrived(at),
    })?;
    Ok(habits)
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
