//! What one signal changes about one alert: raised, risen, lowered, subsiding, closed. Pure; writes nothing.
//!
//! Time inside the band and time under the level are measured by the signals' own times, in which a
//! gap in collection does not count.

use analyzer::level::Level;
use analyzer::signal::Signal;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::alert::Alert;

/// Less coverage than this freezes an alert: nothing is lowered or closed on missing data.
pub const LEAST_COVERAGE: f64 = 0.3;
/// Risen again within this time after its end, it is the same alert.
pub const SAME_ALERT_WITHIN: SignedDuration = SignedDuration::from_hours(24);
/// Longest time that one signal may add: signals further apart leave the time between uncounted.
const LONGEST_STEP: SignedDuration = SignedDuration::from_mins(10);

/// What an alert is waiting for; survives a restart beside the journal.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Watch {
    /// Time of the last signal judged.
    last: Option<Timestamp>,
    /// How long the counts have stayed under the alert's level.
    below: Option<SignedDuration>,
    /// Highest level in that time.
    below_highest: Option<Level>,
    /// How long the counts have stayed inside the band.
    calm: Option<SignedDuration>,
    /// After a person closed it: whether it has been quiet since, so that a new rise is new.
    quiet_since_closed: bool,
}

/// What a signal changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// A new alert.
    Raise(Level),
    /// A higher level of an open alert.
    Escalate(Level),
    /// A closed alert rises again within 24 hours.
    Reopen(Level),
    /// A lower level, after the hold.
    Lower(Level),
    /// Back inside the band.
    Subside,
    /// Out of the band again.
    RiseAgain,
    /// Long enough inside the band.
    Close,
}

/// Judges one signal of a concern against its latest alert, if it has one.
pub fn judge(alert: Option<&Alert>, watch: &mut Watch, signal: &Signal, hold: SignedDuration) -> Vec<Change> {
    let step = watch.step_to(signal.at);
    let covered = signal.coverage >= LEAST_COVERAGE;
    match alert {
        None => signal.level.ok().map(Change::Raise).into_iter().collect(),
        Some(alert) if alert.is_open() => watch.judge_open(alert, signal, hold, covered.then_some(step)),
        Some(alert) => watch.judge_closed(alert, signal, hold, covered.then_some(step)),
    }
}

/// How long an alert must stay inside the band before it closes by itself.
pub fn calm_needed(highest: Level) -> SignedDuration {
    SignedDuration::from_hours(if highest >= Level::Orange { 6 } else { 2 })
}

impl Watch {
    /// Whether both wait for the same: then there is nothing new to keep. The time of the last signal
    /// alone is not worth a write every ten minutes; after a restart it is missed by nobody.
    pub fn waits_like(&self, other: &Watch) -> bool {
        Watch { last: None, ..self.clone() } == Watch { last: None, ..other.clone() }
    }

    fn step_to(&mut self, at: Timestamp) -> SignedDuration {
        let step = self.last.map_or(SignedDuration::ZERO, |last| at.duration_since(last));
        self.last = Some(at);
        step.clamp(SignedDuration::ZERO, LONGEST_STEP)
    }

    /// `step` is `None` while too little is covered: levels may rise then, but never fall.
    fn judge_open(
        &mut self,
        alert: &Alert,
        signal: &Signal,
        hold: SignedDuration,
        step: Option<SignedDuration>,
    ) -> Vec<Change> {
        if let Ok(level) = signal.level
            && level > alert.level
        {
            *self = Watch { last: self.last, ..Watch::default() };
            return vec![Change::Escalate(level)];
        }
        let Some(step) = step else { return Vec::new() };
        let mut changes = Vec::new();
        changes.extend(self.lower(alert, signal, hold, step));
        changes.extend(self.calm(alert, signal, step));
        changes
    }

    fn lower(
        &mut self,
        alert: &Alert,
        signal: &Signal,
        hold: SignedDuration,
        step: SignedDuration,
    ) -> Option<Change> {
        let level = signal.level.ok();
        if level >= Some(alert.level) || alert.level == Level::Blue {
            (self.below, self.below_highest) = (None, None);
            return None;
        }
        let below = self.below.map_or(SignedDuration::ZERO, |below| below + step);
        self.below = Some(below);
        self.below_highest = self.below_highest.max(level);
        if below < hold {
            return None;
        }
        let lowered = self.below_highest.unwrap_or(Level::Blue);
        (self.below, self.below_highest) = (Some(SignedDuration::ZERO), level);
        Some(Change::Lower(lowered))
    }

    fn calm(&mut self, alert: &Alert, signal: &Signal, step: SignedDuration) -> Option<Change> {
        let in_band = signal.in_band && signal.level.is_err();
        if !in_band {
            self.calm = None;
            return alert.subsiding_since.map(|_| Change::RiseAgain);
        }
        let calm = self.calm.map_or(SignedDuration::ZERO, |calm| calm + step);
        self.calm = Some(calm);
        if calm >= calm_needed(alert.highest) {
            *self = Watch { last: self.last, quiet_since_closed: true, ..Watch::default() };
            return Some(Change::Close);
        }
        alert.subsiding_since.is_none().then_some(Change::Subside)
    }

    /// An alert that a person closed while its counts were still high is not opened again by the very
    /// next signal: only by a higher level, or by a new rise after a quiet while.
    fn judge_closed(
        &mut self,
        alert: &Alert,
        signal: &Signal,
        hold: SignedDuration,
        step: Option<SignedDuration>,
    ) -> Vec<Change> {
        let Ok(level) = signal.level else {
            let Some(step) = step.filter(|_| !self.quiet_since_closed) else { return Vec::new() };
            let below = self.below.map_or(SignedDuration::ZERO, |below| below + step);
            self.quiet_since_closed = signal.in_band || below >= hold;
            self.below = Some(below).filter(|_| !self.quiet_since_closed);
            return Vec::new();
        };
        self.below = None;
        if !self.quiet_since_closed && level <= alert.level {
            return Vec::new();
        }
        *self = Watch { last: self.last, ..Watch::default() };
        let closed_for = alert.closed_at.map_or(SignedDuration::ZERO, |at| signal.at.duration_since(at));
        match closed_for <= SAME_ALERT_WITHIN {
            true => vec![Change::Reopen(level)],
            false => vec![Change::Raise(level)],
        }
    }
}
