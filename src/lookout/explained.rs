//! The evidence behind a signal, with whether it was answered: reads the posts that both need.

use std::cell::RefCell;

use alerts::alert::Alert;
use alerts::desk::Filter;
use analyzer::analyst::Analyst;
use analyzer::answer::Rising;
use analyzer::explain::Explanation;
use analyzer::series::BUCKET_SECONDS;
use analyzer::signal::{Calm, Signal};
use crawler::archive::{Archive, ArchiveError};
use crawler::pause::Pauses;
use crawler::post::{Publisher, Stored};
use jiff::{SignedDuration, Timestamp};

use super::recent::{Recent, Wanted};
use super::{Lookout, LookoutError, evidence_between, noting_pauses};

/// Posts that may be evidence: those of the last day.
const EVIDENCE: SignedDuration = SignedDuration::from_hours(24);
/// Statements are looked for from a day before the rise began, at most so long.
const LONGEST: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Whom to ask for evidence.
pub(super) struct Witnesses<'a> {
    /// Who knows the counts.
    pub(super) analyst: &'a Analyst,
    /// Where the posts are.
    pub(super) archive: &'a Archive,
    /// Which sources rest.
    pub(super) pauses: &'a Pauses,
    /// What of the last day was read already.
    pub(super) recent: &'a RefCell<Recent>,
}

impl Lookout {
    /// What is shown of an alert: the newest counts while it is open, the last ones kept afterwards.
    pub(crate) fn shown(
        &self,
        alert: &Alert,
        now: Timestamp,
    ) -> Result<Option<(Signal, Explanation)>, LookoutError> {
        let newest =
            if alert.is_open() { self.newest_evidence(&alert.concern, Some(alert), now)? } else { None };
        Ok(newest.map_or_else(|| self.desk.snapshot(alert.id), |newest| Ok(Some(newest)))?)
    }

    /// The newest counts of a concern with the evidence behind them, whether it has an alert or none; `None`
    /// before the first bucket has closed.
    pub(crate) fn newest_evidence(
        &self,
        concern: &str,
        alert: Option<&Alert>,
        now: Timestamp,
    ) -> Result<Option<(Signal, Explanation)>, LookoutError> {
        let Some(signal) = self.newest.iter().find(|signal| signal.concern == concern) else {
            return Ok(None);
        };
        let (analyst, archive, pauses, recent) = (&self.analyst, &self.archive, &self.pauses, &self.recent);
        let witnesses = Witnesses { analyst, archive, pauses, recent };
        let explanation = witnesses.explain(signal, alert.map(Alert::rising).as_ref(), now)?;
        Ok(Some((signal.clone(), explanation)))
    }
}

impl Lookout {
    /// The evidence of a concern as it stands; none before its first bucket has closed.
    pub(crate) fn evidence(
        &self,
        concern: &str,
        now: Timestamp,
    ) -> Result<Option<Explanation>, LookoutError> {
        let open = self.desk.alerts(Filter::Open)?;
        let alert = open.iter().find(|alert| alert.concern == concern);
        Ok(self.newest_evidence(concern, alert, now)?.map(|(_, explanation)| explanation))
    }
}

impl Witnesses<'_> {
    /// Evidence for a signal, and what is known of an answer to the rise it belongs to.
    ///
    /// # Errors
    /// What the store answers.
    pub(super) fn explain(
        &self,
        signal: &Signal,
        rising: Option<&Rising>,
        now: Timestamp,
    ) -> Result<Explanation, ArchiveError> {
        let posts = self.day_before(signal)?;
        let mut explanation = self.analyst.explain(signal, &posts);
        explanation.sources = noting_pauses(explanation.sources, self.pauses, now);
        let fresh = Rising { onset: signal.onset.unwrap_or(signal.at), recorded: None };
        let rising = rising.unwrap_or(&fresh);
        let until = signal.at;
        let since = (rising.onset - EVIDENCE).max(until - LONGEST).min(until - EVIDENCE);
        let posts = self.with_public(posts, (since, until - EVIDENCE))?;
        self.analyst.look_back(&mut explanation, &signal.concern, (since, until), &posts);
        let answer = self.analyst.answer(&signal.concern, rising, until, &posts);
        let around = match answer {
            Some(answer) => {
                let reach = self.analyst.reach(&signal.concern);
                evidence_between(self.archive, earlier(answer.at, reach), until.min(later(answer.at, reach)))?
            }
            None => posts,
        };
        self.analyst.judge_answer(&mut explanation, &signal.concern, (rising, until), &around);
        Ok(explanation)
    }

    /// The concern's posts of the day before the signal, with those of other concerns since its rise began or its span.
    fn day_before(&self, signal: &Signal) -> Result<Vec<Stored>, ArchiveError> {
        let numbers = self.analyst.concerns().position(|concern| concern.id == signal.concern);
        let Some(concern) = numbers else { return Ok(Vec::new()) };
        let (from, to) = (signal.at - EVIDENCE, signal.at);
        let span = SignedDuration::from_secs(signal.span.buckets() * BUCKET_SECONDS);
        let others_from = signal.onset.unwrap_or(to).min(to - span).max(from);
        let wanted = Wanted { concern, from, to, others_from };
        self.recent.borrow_mut().of(self.archive, &self.analyst.shared_matchers(), &wanted)
    }

    /// The posts with those before them that media, offices and platforms published: statements of an alert's life.
    fn with_public(
        &self,
        posts: Vec<Stored>,
        (from, to): (Timestamp, Timestamp),
    ) -> Result<Vec<Stored>, ArchiveError> {
        let mut all = Vec::new();
        if from < to {
            for publisher in [Publisher::Gov, Publisher::Media, Publisher::Platform] {
                self.archive.published(Some(publisher), from, to, &mut |stored| all.push(stored))?;
            }
        }
        all.extend(posts);
        Ok(all)
    }

    /// Nothing but the counts, where the store cannot be read: an alert without evidence is better than none.
    pub(super) fn without_posts(&self, signal: &Signal, now: Timestamp) -> Explanation {
        let explanation = self.analyst.explain(signal, &[]);
        Explanation { sources: noting_pauses(explanation.sources, self.pauses, now), ..explanation }
    }
}

impl Lookout {
    /// Lets the desk write what the clock makes due: calls, deadlines, what waited over night.
    pub(super) fn remind(&mut self, now: Timestamp) -> Result<(), LookoutError> {
        let Lookout { desk, analyst, archive, newest, pauses, recent, .. } = self;
        let witnesses = Witnesses { analyst, archive, pauses, recent };
        let mut newest = |alert: &Alert| {
            let is_about_it = |signal: &&Signal| signal.concern == alert.concern;
            // Counts of a gap say nothing of the alert: the last evidence kept does.
            let has_counts = |signal: &&Signal| signal.level != Err(Calm::Gap);
            let signal = newest.iter().find(is_about_it).filter(has_counts)?;
            // A store that can't be read keeps nobody from being reminded: the last evidence kept does.
            let explanation = witnesses.explain(signal, Some(&alert.rising()), now).ok()?;
            Some((signal.clone(), explanation))
        };
        desk.remind(&mut newest, now)?;
        Ok(())
    }
}

/// A moment so much earlier; a recorded answer may bear any time.
pub(crate) fn earlier(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_sub(by).unwrap_or(Timestamp::MIN)
}

/// A moment so much later.
pub(crate) fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}
