//! Concerns that are the same matter: which other alert stands for this one, and which are named beside it.
//!
//! A part of a matter (a street of a district, a school of a town) rises with the whole. When most posts of
//! one belong to the other as well, people get one mail that names both.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use analyzer::concern::Concern;
use analyzer::explain::{Explanation, Overlap, TOGETHER};
use analyzer::signal::Signal;
use jiff::Timestamp;

use crate::alert::{Alert, AlertId};
use crate::desk::Tracked;
use crate::message::Beside;

/// What is known of the other concerns while one is judged.
pub(crate) struct Others<'a> {
    pub(crate) concerns: &'a BTreeMap<String, Concern>,
    pub(crate) latest: &'a BTreeMap<String, Tracked>,
    /// Changed in this transaction.
    pub(crate) touched: &'a BTreeMap<String, Tracked>,
    pub(crate) signals: &'a [Signal],
}

/// The signals in the order of their times; of one time the alarming ones first, most posts before fewer,
/// so that the whole is told before its parts.
pub(crate) fn together(signals: &[Signal]) -> Vec<&Signal> {
    let mut ordered: Vec<&Signal> = signals.iter().collect();
    ordered.sort_by_key(|signal| {
        let posts = if signal.level.is_ok() { signal.observed.posts } else { 0 };
        (signal.at, Reverse((signal.level.is_ok(), posts)))
    });
    ordered
}

impl Others<'_> {
    /// The open alert that stands for this one: most of this one's posts are its posts too, it is no lower,
    /// and people are told of it in this very moment, in a mail that names this one.
    pub(crate) fn above(&self, alert: &Alert, explanation: &Explanation, now: Timestamp) -> Option<AlertId> {
        let stands_for = |overlap: &&Overlap| overlap.of_this > TOGETHER;
        explanation.overlaps.iter().filter(stands_for).find_map(|overlap| {
            let other = self.open(&overlap.concern)?;
            (other.level >= alert.level && other.last_told() == Some(now)).then_some(other.id)
        })
    }

    /// The alarming concerns that are part of this one, or the other way round.
    pub(crate) fn beside(&self, explanation: &Explanation) -> Vec<Beside> {
        let named = |overlap: &Overlap| {
            let concern = self.concerns.get(&overlap.concern)?;
            let rises = |signal: &Signal| signal.concern == concern.id && signal.level.is_ok();
            let alarms = self.open(&concern.id).is_some() || self.signals.iter().any(rises);
            let is_part = overlap.of_other >= overlap.of_this;
            let share = overlap.of_other.max(overlap.of_this);
            alarms.then(|| Beside { name: concern.name.clone(), share, is_part })
        };
        explanation.overlaps.iter().filter_map(named).collect()
    }

    fn open(&self, concern: &str) -> Option<&Alert> {
        let tracked = self.touched.get(concern).or_else(|| self.latest.get(concern))?;
        Some(&tracked.alert).filter(|alert| alert.is_open())
    }
}
