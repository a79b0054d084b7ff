//! An alert is the fold of its journal: events in, state out.

mod answers;
mod event;
mod id;
mod under;

use analyzer::level::Level;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use self::answers::Recorded;
pub use self::event::{Event, Step, Worth};
pub use self::id::AlertId;
pub use self::under::{Under, Unwatched};

/// Where an alert stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Rising, but nobody has been told yet: quiet hours, or another alert stands for it (待通知).
    Pending,
    /// Rising, nobody has taken it (待认领).
    Firing,
    /// Somebody has taken it (已认领).
    Acknowledged,
    /// Answered (已回应).
    Responded,
    /// Back inside the band, not yet closed (回落中).
    Subsiding,
    /// Closed (已关闭).
    Resolved,
    /// Closed as a false alarm (误报).
    FalseAlarm,
}

/// An alert as it stands: the fold of its events.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Alert {
    /// Identity.
    pub id: AlertId,
    /// Concern id.
    pub concern: String,
    /// Level now.
    pub level: Level,
    /// Highest level it reached.
    pub highest: Level,
    /// Where it stands.
    pub state: State,
    /// When the rise began.
    pub onset: Timestamp,
    /// Publication time of the first post of the rise, if it was still stored when it was raised.
    pub first_post: Option<Timestamp>,
    /// When it was raised. The time for an answer runs from the first notice: see [`Alert::noticed_at`].
    pub raised_at: Timestamp,
    /// Reply due; of an alert that nobody has been told of yet, as if that happened when it was raised.
    pub deadline: Timestamp,
    /// Since when it has been inside the band, if it is.
    pub subsiding_since: Option<Timestamp>,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// Muted until then.
    pub muted_until: Option<Timestamp>,
    /// Since when its concern is not in the configuration, while that is so.
    pub unwatched: Option<Unwatched>,
    /// The whole story, oldest first.
    pub events: Vec<(Timestamp, Event)>,
}

/// The alert that a journal tells of; `None` if it does not begin with [`Event::Raised`].
pub fn fold(id: AlertId, events: impl IntoIterator<Item = (Timestamp, Event)>) -> Option<Alert> {
    let mut events = events.into_iter();
    let (raised_at, first) = events.next()?;
    let Event::Raised { concern, level, onset, deadline, first_post, .. } = &first else { return None };
    let mut alert = Alert {
        id,
        concern: concern.clone(),
        level: *level,
        highest: *level,
        state: State::Pending,
        onset: *onset,
        first_post: *first_post,
        raised_at,
        deadline: *deadline,
        subsiding_since: None,
        closed_at: None,
        muted_until: None,
        unwatched: None,
        events: vec![(raised_at, first)],
    };
    events.for_each(|(time, event)| alert.apply(time, event));
    Some(alert)
}

impl Alert {
    /// Takes the next line of the journal into account.
    pub fn apply(&mut self, time: Timestamp, event: Event) {
        match &event {
            Event::Raised { .. } | Event::Noted { .. } | Event::Rated { .. } => {}
            Event::Queued { step, .. } if step.tells_level() && self.state == State::Pending => {
                self.state = State::Firing;
            }
            Event::Queued { .. } | Event::Mailed { .. } | Event::Refused { .. } => {}
            Event::Held { .. } | Event::Inhibited { .. } => {}
            Event::FirstNotice { deadline } => self.deadline = *deadline,
            Event::Escalated { level, deadline } => {
                (self.level, self.deadline) = (*level, *deadline);
                self.highest = self.highest.max(*level);
                // A closed alert begins anew; an answer given before the level rose was not enough.
                self.state = match self.is_open() {
                    true if self.held_by().is_some() => State::Acknowledged,
                    true if self.was_told() => State::Firing,
                    _ => State::Pending,
                };
                (self.subsiding_since, self.closed_at) = (None, None);
            }
            Event::Lowered { level } => self.level = *level,
            Event::Subsiding => {
                self.state = State::Subsiding;
                self.subsiding_since = Some(time);
            }
            Event::RisenAgain => {
                self.state = self.taken_state();
                self.subsiding_since = None;
            }
            Event::Resolved { .. } => (self.state, self.closed_at) = (State::Resolved, Some(time)),
            Event::FalseAlarm { .. } => (self.state, self.closed_at) = (State::FalseAlarm, Some(time)),
            Event::Acknowledged { .. } if matches!(self.state, State::Pending | State::Firing) => {
                self.state = State::Acknowledged;
            }
            Event::Acknowledged { .. } => {}
            Event::Responded { .. }
                if matches!(self.state, State::Pending | State::Firing | State::Acknowledged) =>
            {
                self.state = State::Responded;
            }
            Event::Responded { .. } | Event::Withdrawn { .. } => {}
            Event::Muted { until, .. } => self.muted_until = Some(*until),
            Event::Unwatched { version } => {
                self.unwatched = Some(Unwatched { since: time, version: version.clone() });
            }
            Event::WatchedAgain { .. } => self.unwatched = None,
        }
        let is_withdrawal = matches!(event, Event::Withdrawn { .. });
        self.events.push((time, event));
        if is_withdrawal && self.state == State::Responded {
            self.state = self.taken_state();
        }
    }

    /// What people said it was worth, the last word counting; a false alarm is noise.
    pub fn worth(&self) -> Option<Worth> {
        self.events.iter().rev().find_map(|(_, event)| match event {
            Event::Rated { worth, .. } => Some(*worth),
            Event::FalseAlarm { .. } => Some(Worth::Noise),
            _ => None,
        })
    }

    /// Whether it still needs watching.
    pub fn is_open(&self) -> bool {
        self.closed_at.is_none()
    }

    /// Whether somebody has it, or it is answered for the level it stands at: then nobody is called.
    pub fn was_acknowledged(&self) -> bool {
        self.held_by().is_some() || self.answered_at().is_some()
    }

    /// Whether anybody was told of it since it last began.
    pub fn was_told(&self) -> bool {
        let told = |event: &Event| matches!(event, Event::Queued { step, .. } if step.tells_level());
        self.current_events().iter().any(|(_, event)| told(event))
    }

    /// When somebody first heard of it since it last began: the first mail was written, or somebody took it
    /// from a page before that. `None` while nobody has.
    pub fn noticed_at(&self) -> Option<Timestamp> {
        self.current_events().iter().find_map(|(time, event)| match event {
            Event::FirstNotice { .. } | Event::Acknowledged { .. } | Event::Mailed { .. } => Some(*time),
            Event::Queued { step, .. } if step.tells_level() => Some(*time),
            _ => None,
        })
    }

    /// When the deadline was last set: at the beginning, at the first notice, or when the level rose.
    pub(crate) fn deadline_set_at(&self) -> Timestamp {
        let sets = |event: &Event| {
            matches!(event, Event::Raised { .. } | Event::Escalated { .. } | Event::FirstNotice { .. })
        };
        self.events.iter().rev().find(|(_, event)| sets(event)).map_or(self.raised_at, |(time, _)| *time)
    }

    /// When people were last told of a level, also before it was closed and rose again.
    pub(crate) fn last_told(&self) -> Option<Timestamp> {
        self.events.iter().rev().find_map(|(time, event)| match event {
            Event::Queued { step, .. } if step.tells_level() => Some(*time),
            _ => None,
        })
    }

    /// Whether its clock runs: it is open and not answered, and somebody was told.
    pub fn awaits_answer(&self) -> bool {
        self.is_open() && self.answered_at().is_none() && self.noticed_at().is_some()
    }

    /// Who has it, and since when: the first to take it since it last began.
    pub fn held_by(&self) -> Option<(&str, Timestamp)> {
        self.current_events().iter().find_map(|(time, event)| match event {
            Event::Acknowledged { by } => Some((by.as_str(), *time)),
            _ => None,
        })
    }

    /// The moments at which its level changed, oldest first.
    pub fn levels(&self) -> Vec<(Timestamp, Level)> {
        let level = |(time, event): &(Timestamp, Event)| match event {
            Event::Raised { level, .. } | Event::Escalated { level, .. } | Event::Lowered { level } => {
                Some((*time, *level))
            }
            _ => None,
        };
        self.events.iter().filter_map(level).collect()
    }

    /// When it was muted and at which level, while that holds.
    pub fn muted(&self, now: Timestamp) -> Option<(Timestamp, Level)> {
        self.muted_until.filter(|until| now < *until)?;
        let (mut level, mut muted) = (self.level, None);
        for (time, event) in &self.events {
            match event {
                Event::Raised { level: new, .. }
                | Event::Escalated { level: new, .. }
                | Event::Lowered { level: new } => level = *new,
                Event::Muted { .. } => muted = Some((*time, level)),
                _ => {}
            }
        }
        muted
    }

    /// Whether it is muted at the level it stands at: a higher one than it was muted at is not.
    pub fn is_muted(&self, now: Timestamp) -> bool {
        self.muted(now).is_some_and(|(_, level)| self.level <= level)
    }

    /// The events since it last began: since it was raised, or since it rose again after it had been closed.
    pub fn current_events(&self) -> &[(Timestamp, Event)] {
        if !self.is_open() {
            return &self.events;
        }
        let closing = |event: &Event| matches!(event, Event::Resolved { .. } | Event::FalseAlarm { .. });
        let Some(closed) = self.events.iter().rposition(|(_, event)| closing(event)) else {
            return &self.events;
        };
        let after = self.events.get(closed..).unwrap_or_default();
        let begins = after.iter().position(|(_, event)| matches!(event, Event::Escalated { .. }));
        after.get(begins.unwrap_or(0)..).unwrap_or_default()
    }

    fn taken_state(&self) -> State {
        match (self.answered_at(), self.was_acknowledged()) {
            (Some(_), _) => State::Responded,
            (None, true) => State::Acknowledged,
            (None, false) if self.was_told() => State::Firing,
            (None, false) => State::Pending,
        }
    }
}
