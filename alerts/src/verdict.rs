//! Whether people are written to now, and why. Pure: everything it weighs is in the alert's journal.

use analyzer::level::Level;
use jiff::{SignedDuration, Timestamp};

use crate::alert::{Alert, Event, Step};

/// Whether to write, with the reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nobody has been told of this alert yet.
    First,
    /// It stands higher than people were told.
    Escalated,
    /// It had been closed and rises again.
    Reopened,
    /// It rises above the level at which it was muted.
    RisenWhileMuted,
    /// It is closed and people have not been told.
    Resolved,
    /// Muted, and not higher than when it was muted.
    Muted,
    /// A level people were told of before, again within the time between two updates.
    TooSoon,
    /// People know all there is to know.
    Silent,
}

impl Verdict {
    /// Which mail to write, if one is to be written.
    pub fn step(self) -> Option<Step> {
        match self {
            Verdict::First => Some(Step::Raised),
            Verdict::Escalated | Verdict::Reopened | Verdict::RisenWhileMuted => Some(Step::Escalated),
            Verdict::Resolved => Some(Step::Resolved),
            Verdict::Muted | Verdict::TooSoon | Verdict::Silent => None,
        }
    }
}

/// Judges an alert as its journal stands.
pub fn verdict(alert: &Alert, update_every: SignedDuration, now: Timestamp) -> Verdict {
    let told = told(alert);
    let muted_at = alert.muted_at_level(now);
    if !alert.is_open() {
        return match (told, muted_at) {
            (None | Some(Told { step: Step::Resolved, .. }), _) => Verdict::Silent,
            (Some(_), Some(_)) => Verdict::Muted,
            (Some(_), None) => Verdict::Resolved,
        };
    }
    if let Some(muted_at) = muted_at {
        let known = told.map_or(muted_at, |told| told.level.max(muted_at));
        return if alert.level > known { Verdict::RisenWhileMuted } else { Verdict::Muted };
    }
    let Some(told) = told else { return Verdict::First };
    if told.step == Step::Resolved {
        return Verdict::Reopened;
    }
    if alert.level > told.level {
        return Verdict::Escalated;
    }
    match told.risen_since {
        None => Verdict::Silent,
        Some(risen) if risen.duration_since(told.at) < update_every => Verdict::TooSoon,
        Some(_) => Verdict::Escalated,
    }
}

/// What people were told since the alert last began.
#[derive(Clone, Copy)]
struct Told {
    step: Step,
    /// Highest level they were told of.
    level: Level,
    /// When they were last written to.
    at: Timestamp,
    /// The last rise after that.
    risen_since: Option<Timestamp>,
}

fn told(alert: &Alert) -> Option<Told> {
    let mut level = alert.level;
    let mut told: Option<Told> = None;
    for (time, event) in &alert.events {
        match event {
            Event::Raised { level: new, .. } | Event::Lowered { level: new } => level = *new,
            Event::Escalated { level: new, .. } => {
                level = *new;
                told = told.map(|told| Told { risen_since: Some(*time), ..told });
            }
            Event::Queued { step, .. } => {
                let before = told.filter(|told| told.step != Step::Resolved).map(|told| told.level);
                let level = before.map_or(level, |before| before.max(level));
                told = Some(Told { step: *step, level, at: *time, risen_since: None });
            }
            _ => {}
        }
    }
    told
}
