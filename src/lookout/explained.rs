//! The evidence behind a signal, with whether it was answered: reads the posts that both need.

use std::cell::RefCell;

use alerts::alert::Alert;
use alerts::desk::Filter;
use analyzer::analyst::Analyst;
use analyzer::answer::Rising;
use analyzer::evidence::Read;
use analyzer::explain::Explanation;
use analyzer::signal::{Calm, Signal};
use crawler::archive::{Archive, ArchiveError};
use crawler::pause::Pauses;
use crawler::post::Stored;
use jiff::{SignedDuration, Timestamp};

use super::recent::Recent;
use super::{Lookout, LookoutError, evidence_between, noting_pauses};

/// Posts that may be evidence: those of the last day.
const EVIDENCE: SignedDuration = SignedDuration::from_hours(24);
/// Buckets close some minutes after their end.
const SPARE: SignedDuration = SignedDuration::from_hours(1);
/// Statements are looked for from a day before the rise began, at most so long.
const LONGEST: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Posts read of one span at most; of more every so manieth is.
const MOST_READ: usize = 2_000;
/// Posts of media, offices and platforms read at most, the first and the newest.
const MOST_PUBLIC: usize = 500;

/// Whom to ask for evidence.
pub(crate) struct Witnesses<'a> {
    /// Who knows the counts.
    pub(super) analyst: &'a Analyst,
    /// Where the posts are.
    pub(super) archive: &'a Archive,
    /// Which sources rest.
    pub(super) pauses: &'a Pauses,
    /// Where the posts of the last day stand.
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
        let rising = alert.map(|alert| self.desk.rising_of(alert)).transpose()?;
        let explanation = self.witnesses().explain(signal, rising.as_ref(), now)?;
        Ok(Some((signal.clone(), explanation)))
    }
}

impl Lookout {
    /// Whom to ask for evidence.
    pub(crate) fn witnesses(&self) -> Witnesses<'_> {
        let (analyst, archive, pauses, recent) = (&self.analyst, &self.archive, &self.pauses, &self.recent);
        Witnesses { analyst, archive, pauses, recent }
    }

    /// Takes up where the posts of the day before a moment stand, so that nobody waits for that later.
    pub(super) fn know_the_day(&self, now: Timestamp) -> Result<(), LookoutError> {
        Ok(self.witnesses().know(now - EVIDENCE - SPARE)?)
    }

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
        let concern = &signal.concern;
        let fresh = Rising { onset: signal.onset.unwrap_or(signal.at), recorded: None, effect: None };
        let rising = rising.unwrap_or(&fresh);
        let until = signal.at;
        let day = until - EVIDENCE;
        let since = (rising.onset - EVIDENCE).max(until - LONGEST).min(day);
        let Some(number) = self.analyst.number(concern) else {
            return Ok(self.without_posts(signal, now));
        };
        self.know(day)?;
        self.recent.borrow_mut().know_public(self.archive, since)?;

        let mut explanation = self.counted(signal, (number, day))?;
        explanation.sources = noting_pauses(explanation.sources, self.pauses, now);
        let public = self.recent.borrow().public(number, (since, until), MOST_PUBLIC);
        let public = self.archive.numbered(&public)?;
        self.analyst.look_back(&mut explanation, concern, (since, until), &public);
        let answer = self.analyst.answer(concern, rising, until, &public);
        let reach = self.analyst.reach(concern);
        let (around, one_of) = match &answer {
            Some(answer) if rising.effect.is_none() => self.around(concern, answer.at, (reach, until))?,
            _ => (Vec::new(), 1),
        };
        let around = Read { posts: &around, one_of };
        self.analyst.judge_answer(&mut explanation, concern, (rising, until), (&public, around));
        Ok(explanation)
    }

    /// What the posts of the day before a signal say.
    fn counted(
        &self,
        signal: &Signal,
        (number, day): (usize, Timestamp),
    ) -> Result<Explanation, ArchiveError> {
        let recent = self.recent.borrow();
        let (from, to) = self.analyst.span(signal);
        let sample = recent.sample(number, (from, to), MOST_READ);
        let earlier = recent.sample(number, (day.min(from), from), MOST_READ);
        let mut posts = self.archive.numbered(&earlier.sequences)?;
        posts.extend(self.archive.numbered(&sample.sequences)?);
        let mut explanation = self.analyst.explain(signal, Read { posts: &posts, one_of: sample.one_of });
        explanation.overlaps = self.analyst.overlaps(&signal.concern, recent.concerns((from, to)));
        explanation.first_post =
            signal.onset.and_then(|onset| recent.first(number, (onset.max(day), signal.at)));
        Ok(explanation)
    }

    /// A concern's posts around a moment, from `reach` before it to `reach` after it, but none from `until` on; each
    /// stands for so many.
    pub(crate) fn around(
        &self,
        concern: &str,
        at: Timestamp,
        (reach, until): (SignedDuration, Timestamp),
    ) -> Result<(Vec<Stored>, u32), ArchiveError> {
        let (from, to) = (earlier(at, reach), until.min(later(at, reach)));
        let number = self.analyst.number(concern);
        match number.filter(|_| self.recent.borrow().reaches(from)) {
            Some(number) => {
                self.know(from)?;
                let sample = self.recent.borrow().sample(number, (from, to), MOST_READ);
                Ok((self.archive.numbered(&sample.sequences)?, sample.one_of))
            }
            None => Ok((evidence_between(self.archive, from, to)?, 1)),
        }
    }

    /// Takes up where the posts from a moment on stand.
    fn know(&self, from: Timestamp) -> Result<(), ArchiveError> {
        self.recent.borrow_mut().know(self.archive, &self.analyst.shared_matchers(), from)
    }

    /// Nothing but the counts, where the store cannot be read: an alert without evidence is better than none.
    pub(super) fn without_posts(&self, signal: &Signal, now: Timestamp) -> Explanation {
        let explanation = self.analyst.explain(signal, Read::all(&[]));
        Explanation { sources: noting_pauses(explanation.sources, self.pauses, now), ..explanation }
    }
}

impl Lookout {
    /// Lets the desk write what the clock makes due: calls, deadlines, what waited over night.
    pub(super) fn remind(&mut self, now: Timestamp) -> Result<(), LookoutError> {
        let Lookout { desk, analyst, archive, newest, pauses, recent, .. } = self;
        let witnesses = Witnesses { analyst, archive, pauses, recent };
        let rising = desk.rising()?;
        let mut newest = |alert: &Alert| {
            let is_about_it = |signal: &&Signal| signal.concern == alert.concern;
            // Counts of a gap say nothing of the alert: the last evidence kept does.
            let has_counts = |signal: &&Signal| signal.level != Err(Calm::Gap);
            let signal = newest.iter().find(is_about_it).filter(has_counts)?;
            // A store that can't be read keeps nobody from being reminded: the last evidence kept does.
            let explanation = witnesses.explain(signal, rising.get(&alert.concern), now).ok()?;
            Some((signal.clone(), explanation))
        };
        desk.remind(&mut newest, now)?;
        Ok(())
    }
}

/// A moment so much earlier; a recorded answer may bear any time.
pub(super) fn earlier(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_sub(by).unwrap_or(Timestamp::MIN)
}

/// A moment so much later.
fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}
