//! The one task that owns alerts: signals in, journal and outbox out, in one transaction.
//!
//! Reads no clock, sends nothing by itself: [`Desk::deliver`] does, when it is told to.

mod expiry;
mod place;

use std::collections::BTreeMap;
use std::path::Path;

use analyzer::concern::Concern;
use analyzer::explain::Explanation;
use analyzer::signal::Signal;
use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, params};

use crate::alert::{Alert, AlertId, Event, Step};
use crate::claim::{ClaimError, Signer};
use crate::clock;
use crate::entry::{Entry, Telling};
use crate::journal::{Journal, JournalError, json};
use crate::life::{self, Change, Watch};
use crate::message::{Beside, Site};
use crate::others::{Others, together};
use crate::outbox::from_json;
use crate::settings::Policy;

/// Evidence older than that is not quoted again.
const EVIDENCE: SignedDuration = SignedDuration::from_hours(24);

/// Owner of `alerts.db`.
pub struct Desk {
    pub(crate) journal: Journal,
    pub(crate) policy: Policy,
    pub(crate) concerns: BTreeMap<String, Concern>,
    pub(crate) site: Site,
    /// The latest alert of each concern, open or closed.
    pub(crate) latest: BTreeMap<String, Tracked>,
    /// Signs the links with which an alert is taken; without it there are none.
    pub(crate) signer: Option<Signer>,
    /// Where a step was due and nobody was found to tell, with the length of the journal then: asked again
    /// when that has grown, not at every tick.
    pub(crate) uncalled: BTreeMap<AlertId, (Option<Step>, usize)>,
    /// Version of the configuration in force; none without a file.
    pub(crate) version: Option<String>,
    /// Whether it notes up to where signals were taken.
    keeps_place: bool,
}

/// An alert and what it is waiting for.
#[derive(Clone)]
pub(crate) struct Tracked {
    pub(crate) alert: Alert,
    pub(crate) watch: Watch,
}

/// Which alerts to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    /// All of them.
    All,
    /// Not closed yet.
    Open,
    /// Raised at or after that time.
    Since(Timestamp),
}

/// Why the desk could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// The file says no.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// No such alert.
    #[error("there is no alert {0}; `guanlan alert list` shows them")]
    Unknown(AlertId),
    /// Nothing more can be done about a closed alert.
    #[error("alert {0} is closed")]
    Closed(AlertId),
    /// A mute without an end in sight.
    #[error("an alert may be muted until a time between now and three days from now, not until {until}")]
    MutedTooLong {
        /// What was asked for.
        until: Timestamp,
    },
    /// An answer from long before the alert.
    #[error("an answer may be at most {} days older than its alert", crate::action::OLDEST_ANSWER.as_hours() / 24)]
    AnsweredTooEarly,
    /// No answer stands that could be withdrawn.
    #[error("no answer is recorded that could be withdrawn")]
    NothingToWithdraw,
    /// Longer than anybody reads.
    #[error("{0} is too long: at most {1} characters")]
    TooLong(&'static str, usize),
    /// An action that nobody stands for, or a reason that is missing.
    #[error("{0} must not be empty")]
    Missing(&'static str),
}

impl Desk {
    /// Opens `alerts.db` in the data folder, or makes it.
    pub fn open(dir: &Path, policy: Policy, concerns: Vec<Concern>, site: Site) -> Result<Desk, DeskError> {
        let journal = Journal::open(dir)?;
        let mut latest = BTreeMap::new();
        for alert in journal.alerts()? {
            let watch = read_watch(&journal, alert.id)?;
            latest.insert(alert.concern.clone(), Tracked { alert, watch });
        }
        let concerns = concerns.into_iter().map(|concern| (concern.id.clone(), concern)).collect();
        let uncalled = BTreeMap::new();
        let (signer, version, keeps_place) = (None, None, false);
        Ok(Desk { journal, policy, concerns, site, latest, signer, uncalled, version, keeps_place })
    }

    /// Names the version of the configuration in force: an alert says under which it was raised.
    pub fn in_force(&mut self, version: Option<String>) {
        self.version = version;
    }

    /// Writes from now on for other concerns and to other people; alerts go on, see [`Desk::remind`] for those
    /// whose concern is gone.
    pub fn follow(&mut self, policy: Policy, concerns: Vec<Concern>, site: Site) {
        self.concerns = concerns.into_iter().map(|concern| (concern.id.clone(), concern)).collect();
        (self.policy, self.site) = (policy, site);
    }

    /// Puts a link into each mail with which its group may take the alert.
    pub fn with_signer(self, signer: Signer) -> Desk {
        Desk { signer: Some(signer), ..self }
    }

    /// The journal, for reading.
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// The alarming concerns that are part of one, or it of them.
    pub fn beside(&self, explanation: &Explanation) -> Vec<Beside> {
        let (concerns, latest) = (&self.concerns, &self.latest);
        Others { concerns, latest, touched: &BTreeMap::new(), signals: &[] }.beside(explanation)
    }

    /// The group that a link in a mail lets take an alert.
    ///
    /// # Errors
    /// A link that is not ours or too old.
    pub fn claimant(&self, id: AlertId, token: &str, now: Timestamp) -> Result<String, ClaimError> {
        self.signer.as_ref().ok_or(ClaimError::Forged)?.read(id, token, now)
    }

    /// Takes what the detector said at the end of one bucket, or of several in their order.
    ///
    /// `explain` is asked for evidence only where people will see it. Returns the alerts that were
    /// raised, risen, reopened, lowered or closed, in that order, each once.
    pub fn take(
        &mut self,
        signals: &[Signal],
        explain: &mut dyn FnMut(&Signal) -> Explanation,
        now: Timestamp,
    ) -> Result<Vec<AlertId>, DeskError> {
        let error = self.journal.error();
        let transaction = self.journal.begin()?;
        let signer = self.signer.as_ref();
        let (policy, site, version) = (&self.policy, &self.site, self.version.as_deref());
        let entry = Entry { transaction: &transaction, policy, site, signer, version, now };
        // What changes is kept aside until it is on the disk.
        let mut touched: BTreeMap<String, Tracked> = BTreeMap::new();
        let mut changed = Vec::new();
        for signal in together(signals) {
            let Some(concern) = self.concerns.get(&signal.concern) else { continue };
            let before = touched.get(&concern.id).or_else(|| self.latest.get(&concern.id));
            let others =
                Others { concerns: &self.concerns, latest: &self.latest, touched: &touched, signals };
            let signal = capped(signal, concern);
            let taken = take_one(&entry, (before, &others), concern, &signal, explain);
            let Some((tracked, is_news)) = taken.map_err(&error)? else { continue };
            if is_news && !changed.contains(&tracked.alert.id) {
                changed.push(tracked.alert.id);
            }
            touched.insert(concern.id.clone(), tracked);
        }
        if let Some(last) = signals.iter().map(|signal| signal.at).max().filter(|_| self.keeps_place) {
            place::note(&transaction, last).map_err(&error)?;
        }
        transaction.commit().map_err(error)?;
        self.latest.append(&mut touched);
        Ok(changed)
    }

    /// Alerts, oldest first.
    pub fn alerts(&self, filter: Filter) -> Result<Vec<Alert>, DeskError> {
        Ok(self.journal.alerts_that(filter)?)
    }

    /// The latest alert of each concern that has had any.
    pub fn latest(&self) -> impl Iterator<Item = &Alert> {
        self.latest.values().map(|tracked| &tracked.alert)
    }

    /// One alert, as it stands.
    pub fn alert(&self, id: AlertId) -> Result<Option<Alert>, DeskError> {
        Ok(self.journal.alert(id)?)
    }

    /// The last evidence kept for an alert; `None` once it has expired with its posts.
    pub fn snapshot(&self, id: AlertId) -> Result<Option<(Signal, Explanation)>, DeskError> {
        Ok(self.journal.snapshot(id)?)
    }

    /// The last evidence kept, as a mail written now may show it: texts of more than a day ago are not
    /// quoted again, so that a reminder does not keep them beyond their time.
    pub(crate) fn fresh_snapshot(
        &self,
        id: AlertId,
        now: Timestamp,
    ) -> Result<Option<(Signal, Explanation)>, DeskError> {
        let kept = self.snapshot(id)?;
        let fresh = |(signal, explanation): (Signal, Explanation)| {
            let is_old = now.duration_since(signal.at) > EVIDENCE;
            (signal, if is_old { Explanation::default() } else { explanation })
        };
        Ok(kept.map(fresh))
    }

    /// The file, for accounts and the audit log: the one who owns alerts is the one who writes it.
    pub fn journal_mut(&mut self) -> &mut Journal {
        &mut self.journal
    }

    /// Keeps memory equal to the journal after a line was written elsewhere.
    pub(crate) fn note_in_memory(&mut self, id: AlertId, now: Timestamp, event: Event) {
        if let Some(tracked) = self.latest.values_mut().find(|tracked| tracked.alert.id == id) {
            tracked.alert.apply(now, event);
        }
    }
}

impl Journal {
    /// Some alerts, oldest first.
    pub fn alerts_that(&self, filter: Filter) -> Result<Vec<Alert>, JournalError> {
        let mut alerts = self.alerts()?;
        match filter {
            Filter::All => {}
            Filter::Open => alerts.retain(Alert::is_open),
            Filter::Since(start) => alerts.retain(|alert| alert.raised_at >= start),
        }
        Ok(alerts)
    }

    /// The evidence with which an alert was raised; `None` once it has expired.
    pub fn first_signal(&self, id: AlertId) -> Result<Option<Signal>, JournalError> {
        let query = "select signal from evidence where alert = ? order by sequence limit 1";
        let mut statement = self.connection().prepare_cached(query).map_err(self.error())?;
        let row = statement.query_row([id.to_string()], |row| from_json(&row.get::<_, String>(0)?));
        row.optional().map_err(self.error())
    }

    /// The last evidence kept for an alert.
    pub fn snapshot(&self, id: AlertId) -> Result<Option<(Signal, Explanation)>, JournalError> {
        let query = "select signal, explanation from evidence where alert = ? order by sequence desc limit 1";
        let mut statement = self.connection().prepare_cached(query).map_err(self.error())?;
        let row = statement.query_row([id.to_string()], |row| {
            Ok((from_json(&row.get::<_, String>(0)?)?, from_json(&row.get::<_, String>(1)?)?))
        });
        row.optional().map_err(self.error())
    }
}

/// `None` if the signal changes nothing; else the alert, and whether that is news to anybody.
fn take_one(
    entry: &Entry<'_>,
    (before, others): (Option<&Tracked>, &Others<'_>),
    concern: &Concern,
    signal: &Signal,
    explain: &mut dyn FnMut(&Signal) -> Explanation,
) -> rusqlite::Result<Option<(Tracked, bool)>> {
    let mut watch = before.map(|tracked| tracked.watch.clone()).unwrap_or_default();
    let changes = life::judge(before.map(|tracked| &tracked.alert), &mut watch, signal, entry.policy.hold);
    let mut alert = before.map(|tracked| tracked.alert.clone());
    let mut is_news = false;
    for change in changes {
        let to_tell =
            matches!(change, Change::Raise(_) | Change::Escalate(_) | Change::Reopen(_) | Change::Close);
        is_news |= to_tell || matches!(change, Change::Lower(_));
        let explanation = to_tell.then(|| explain(signal));
        let first_post = explanation.as_ref().and_then(|explanation| explanation.first_post);
        let mut changed = apply(entry, alert, concern, (change, signal, first_post))?;
        if let (Some(explanation), Some(alert)) = (explanation, &mut changed) {
            entry.keep_evidence(alert.id, signal, &explanation)?;
            let beside = if change == Change::Close { Vec::new() } else { others.beside(&explanation) };
            let above = others.above(alert, &explanation, entry.now);
            let evidence = Some((signal, &explanation));
            let told = Telling { concern, evidence, beside: &beside, above };
            entry.tell(alert, &told)?;
        }
        alert = changed;
    }
    let Some(alert) = alert else { return Ok(None) };
    if before.is_none_or(|tracked| tracked.alert.id != alert.id || !tracked.watch.waits_like(&watch)) {
        save_watch(entry, alert.id, &watch)?;
    }
    Ok(Some((Tracked { alert, watch }, is_news)))
}

/// Writes one change into the journal.
fn apply(
    entry: &Entry<'_>,
    alert: Option<Alert>,
    concern: &Concern,
    (change, signal, first_post): (Change, &Signal, Option<Timestamp>),
) -> rusqlite::Result<Option<Alert>> {
    let fresh = |level| clock::deadline(entry.policy, concern, level, entry.now);
    let Some(mut alert) = alert.filter(|_| !matches!(change, Change::Raise(_))) else {
        let Change::Raise(level) = change else { return Ok(None) };
        let onset = signal.onset.unwrap_or(signal.at);
        return entry.raise(concern, level, (onset, first_post)).map(Some);
    };
    let event = match change {
        Change::Raise(_) => return Ok(Some(alert)),
        // A rise after an answer, or after the end, starts the clock anew: the old answer was in time or not.
        Change::Escalate(level) if alert.answered_at().is_some() => {
            Event::Escalated { level, deadline: fresh(level) }
        }
        Change::Escalate(level) if alert.noticed_at().is_none() => {
            let deadline = clock::deadline_before_notice(&alert, fresh(level), entry.now);
            Event::Escalated { level, deadline }
        }
        Change::Escalate(level) => {
            let deadline = clock::deadline_after_escalation(alert.deadline, fresh(level));
            Event::Escalated { level, deadline }
        }
        Change::Reopen(level) => Event::Escalated { level, deadline: fresh(level) },
        Change::Lower(level) => Event::Lowered { level },
        Change::Subside => Event::Subsiding,
        Change::RiseAgain => Event::RisenAgain,
        Change::Close => Event::Resolved { by: None },
    };
    entry.append(&mut alert, event)?;
    Ok(Some(alert))
}

/// The signal with its level no higher than the concern may reach.
fn capped(signal: &Signal, concern: &Concern) -> Signal {
    let level = signal.level.map(|level| concern.max_level.map_or(level, |most| level.min(most)));
    Signal { level, ..signal.clone() }
}

pub(crate) fn save_watch(entry: &Entry<'_>, id: AlertId, watch: &Watch) -> rusqlite::Result<()> {
    let query = "insert into watch (alert, watch) values (?1, ?2)
        on conflict (alert) do update set watch = ?2";
    entry.transaction.prepare_cached(query)?.execute(params![id.to_string(), json(watch)?])?;
    Ok(())
}

fn read_watch(journal: &Journal, id: AlertId) -> Result<Watch, JournalError> {
    let query = "select watch from watch where alert = ?";
    let mut statement = journal.connection().prepare_cached(query).map_err(journal.error())?;
    let watch = statement.query_row([id.to_string()], |row| from_json(&row.get::<_, String>(0)?));
    Ok(watch.optional().map_err(journal.error())?.unwrap_or_default())
}

#[cfg(test)]
pub(crate) mod tests;
