//! What may happen to an alert, and why people are written to.

use analyzer::level::Level;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{AlertId, Under};

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
        /// Publication time of the first post of the rise, if it was still stored.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        first_post: Option<Timestamp>,
        /// Under which settings; none where an older program wrote the line.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        under: Option<Under>,
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
    /// The last answer that still stood was recorded by mistake (撤回回应).
    Withdrawn {
        /// Post held.
        by: String,
        /// Why.
        reason: String,
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
    /// Not told now but when the quiet hours end.
    Held {
        /// What would have been told.
        step: Step,
    },
    /// Somebody hears of it for the first time since it began: the time for an answer runs from here.
    FirstNotice {
        /// Reply due.
        deadline: Timestamp,
    },
    /// Not told to those who know of another alert that most of its posts belong to as well.
    Inhibited {
        /// The other alert.
        by: AlertId,
    },
    /// Its concern is not in the configuration any more: nobody counts it.
    Unwatched {
        /// Version of the configuration that no longer has it; none without a file.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        version: Option<String>,
    },
    /// Its concern is in the configuration again.
    WatchedAgain {
        /// Version of the configuration that has it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        version: Option<String>,
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
    /// Nobody has taken it for too long.
    Unclaimed,
    /// The answer will be due soon.
    DueSoon,
    /// The answer is overdue.
    Overdue,
    /// Somebody has taken it.
    Acknowledged,
    /// It was answered.
    Responded,
    /// The answer was withdrawn.
    Withdrawn,
    /// One of several that waited for the end of the quiet hours.
    Gathered,
}

impl Step {
    /// Whether such a mail tells where the alert stands; the others are about people and the clock.
    pub fn tells_level(self) -> bool {
        matches!(self, Step::Raised | Step::Escalated | Step::Gathered)
    }
}
