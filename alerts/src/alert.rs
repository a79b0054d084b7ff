//! An alert is the fold of its journal: events in, state out.

use std::fmt;

use analyzer::level::Level;
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

/// Identity of an alert: local day and number of that day, `20261124-03`; shown as 1124-03.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AlertId {
    /// Local day on which it was raised.
    pub day: Date,
    /// Number of that day, from 1.
    pub number: u16,
}

/// One line of the journal. Holds ids and numbers, never text of posts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The alert was raised.
    Raised {
        /// Concern id.
        concern: String,
        /// Level raised to.
        level: Level,
        /// When the rise began.
        onset: Timestamp,
        /// Reply due.
        deadline: Timestamp,
    },
    /// A higher level, or risen again within 24 hours of the end.
    Escalated {
        /// New level.
        level: Level,
        /// Reply due: the earlier of the old deadline and the new level's limit from now.
        deadline: Timestamp,
    },
    /// A lower level after the hold.
    Lowered {
        /// New level.
        level: Level,
    },
    /// Back inside the band; closes if it stays there.
    Subsiding,
    /// Out of the band again before it was closed; no new level, no mail.
    RisenAgain,
    /// Closed by itself, or by hand.
    Resolved {
        /// Post held by the person who closed it; `None` when it closed by itself.
        by: Option<String>,
    },
    /// Someone takes it (认领).
    Acknowledged {
        /// Post held, e.g. 值班室; never a person.
        by: String,
    },
    /// An answer was published (登记回应).
    Responded {
        /// Post held or department.
        by: String,
        /// Address of the answer.
        url: Option<String>,
        /// When it was published.
        at: Timestamp,
    },
    /// No mail until then, unless the level rises (静默).
    Muted {
        /// Post held.
        by: String,
        /// Why.
        reason: String,
        /// End; at most three days away.
        until: Timestamp,
    },
    /// A note.
    Noted {
        /// Post held.
        by: String,
        /// Text.
        text: String,
    },
    /// Judged a false alarm, which closes it.
    FalseAlarm {
        /// Post held.
        by: String,
        /// Why.
        reason: String,
    },
    /// Somebody said what the alert was worth; the last word counts.
    Rated {
        /// Post held.
        by: String,
        /// What it was worth.
        worth: Worth,
    },
    /// A mail went into the outbox.
    Queued {
        /// Message-ID.
        message: String,
        /// Why it was written.
        step: Step,
    },
    /// The mail server took a mail.
    Mailed {
        /// Message-ID.
        message: String,
    },
    /// The mail server refused a mail for good.
    Refused {
        /// Message-ID.
        message: String,
        /// The server's reply code.
        code: u32,
    },
}

/// What an alert was worth to those who got it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Worth {
    /// It told something in time (有用).
    Useful,
    /// It was right, but known already (已知).
    Known,
    /// It was nothing (噪声).
    Noise,
}

/// Why a mail is written now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// First mail of the alert.
    Raised,
    /// A higher level.
    Escalated,
    /// Closed.
    Resolved,
}

/// Where an alert stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
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
    /// When it was raised: the response clock starts here.
    pub raised_at: Timestamp,
    /// Reply due.
    pub deadline: Timestamp,
    /// Since when it has been inside the band, if it is.
    pub subsiding_since: Option<Timestamp>,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// Muted until then.
    pub muted_until: Option<Timestamp>,
    /// The whole story, oldest first.
    pub events: Vec<(Timestamp, Event)>,
}

/// The alert that a journal tells of; `None` if it does not begin with [`Event::Raised`].
pub fn fold(id: AlertId, events: impl IntoIterator<Item = (Timestamp, Event)>) -> Option<Alert> {
    let mut events = events.into_iter();
    let (raised_at, first) = events.next()?;
    let Event::Raised { concern, level, onset, deadline } = &first else { return None };
    let mut alert = Alert {
        id,
        concern: concern.clone(),
        level: *level,
        highest: *level,
        state: State::Firing,
        onset: *onset,
        raised_at,
        deadline: *deadline,
        subsiding_since: None,
        closed_at: None,
        muted_until: None,
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
            Event::Queued { .. } | Event::Mailed { .. } | Event::Refused { .. } => {}
            Event::Escalated { level, deadline } => {
                (self.level, self.deadline) = (*level, *deadline);
                self.highest = self.highest.max(*level);
                // A closed alert begins anew; an answer given before the level rose was not enough.
                self.state = match self.is_open() {
                    true if self.was_acknowledged() => State::Acknowledged,
                    _ => State::Firing,
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
            Event::Acknowledged { .. } if self.state == State::Firing => self.state = State::Acknowledged,
            Event::Acknowledged { .. } => {}
            Event::Responded { .. } if matches!(self.state, State::Firing | State::Acknowledged) => {
                self.state = State::Responded;
            }
            Event::Responded { .. } => {}
            Event::Muted { until, .. } => self.muted_until = Some(*until),
        }
        self.events.push((time, event));
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

    /// Whether somebody took it, or answered, since it last began.
    pub fn was_acknowledged(&self) -> bool {
        let taken = |event: &Event| matches!(event, Event::Acknowledged { .. } | Event::Responded { .. });
        self.current_events().iter().any(|(_, event)| taken(event))
    }

    /// When the answer was published that holds for the level reached, if one was.
    pub fn answered_at(&self) -> Option<Timestamp> {
        let since_level = self.current_events().iter().rev();
        since_level.take_while(|(_, event)| !matches!(event, Event::Escalated { .. })).find_map(
            |(_, event)| match event {
                Event::Responded { at, .. } => Some(*at),
                _ => None,
            },
        )
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

    /// The events since it last began: since it was raised, or reopened after it had been closed.
    pub fn current_events(&self) -> &[(Timestamp, Event)] {
        let closing = |event: &Event| matches!(event, Event::Resolved { .. } | Event::FalseAlarm { .. });
        let reopened = self.events.iter().rposition(|(_, event)| closing(event)).map_or(0, |at| at + 1);
        match self.is_open() {
            true => self.events.get(reopened..).unwrap_or_default(),
            false => &self.events,
        }
    }

    fn taken_state(&self) -> State {
        match (self.answered_at(), self.was_acknowledged()) {
            (Some(_), _) => State::Responded,
            (None, true) => State::Acknowledged,
            (None, false) => State::Firing,
        }
    }
}

impl AlertId {
    /// The short form people read: `1124-03`.
    pub fn short(&self) -> String {
        format!("{:02}{:02}-{:02}", self.day.month(), self.day.day(), self.number)
    }
}

impl fmt::Display for AlertId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}{:02}{:02}-{:02}", self.day.year(), self.day.month(), self.day.day(), self.number)
    }
}

impl std::str::FromStr for AlertId {
    type Err = String;

    /// Reads `20261124-03`.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("not an alert number (like 20261124-03): {text}");
        let (day, number) = text.split_once('-').ok_or_else(wrong)?;
        let day = Date::strptime("%Y%m%d", day).map_err(|_| wrong())?;
        Ok(AlertId { day, number: number.parse().map_err(|_| wrong())? })
    }
}

impl Serialize for AlertId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
