//! Counts without texts: how many calls a hotline had about one of its categories in a period. No caller
//! and no words are in them. A source of their own, which comes late: a day is counted when it is over.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// A longer period says too little about any of its days.
pub const LONGEST_PERIOD: SignedDuration = SignedDuration::from_hours(31 * 24 + 1);

/// Calls about one category in one period. The same period counted again corrects what was said of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CategoryCount {
    /// Id of the source that counts.
    pub source: String,
    /// The hotline's own name for what the calls are about.
    pub category: String,
    /// First moment counted.
    pub from: Timestamp,
    /// First moment not counted.
    pub to: Timestamp,
    /// Calls.
    pub count: u32,
}
