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
