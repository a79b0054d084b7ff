//! When an answer is due. Pure: time is an argument.

use analyzer::concern::Concern;
use analyzer::level::Level;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::alert::{Alert, Event};
use crate::settings::Policy;

/// How long an answer may take at a level: the office's limit, or the concern's own if it is stricter.
pub fn limit(policy: &Policy, concern: &Concern, level: Level) -> SignedDuration {
    let of_level = *policy.response.of(level);
    concern.reply_within.map_or(of_level, |own| own.min(of_level))
}

/// Deadline of an alert that begins, or begins anew, now.
pub fn deadline(policy: &Policy, concern: &Concern, level: Level, now: Timestamp) -> Timestamp {
    now.checked_add(limit(policy, concern, level)).unwrap_or(Timestamp::MAX)
}

/// Deadline after an escalation: the earlier of the old one and the new level's limit from now.
pub fn deadline_after_escalation(old: Timestamp, fresh: Timestamp) -> Timestamp {
    old.min(fresh)
}

/// Deadline of an alert whose level rises before anybody has been told of it: the time for an answer has not
/// begun to run, but is no longer than it was.
pub(crate) fn deadline_before_notice(alert: &Alert, fresh: Timestamp, now: Timestamp) -> Timestamp {
    let given = alert.deadline.duration_since(alert.deadline_set_at());
    fresh.min(now.checked_add(given).unwrap_or(Timestamp::MAX))
}

/// What to journal before somebody is told of an alert, if nobody has been since it last began: the whole time
/// for an answer runs from now.
pub(crate) fn first_notice(alert: &Alert, now: Timestamp) -> Option<Event> {
    let waits = alert.is_open() && alert.noticed_at().is_none() && alert.answered_at().is_none();
    let given = alert.deadline.duration_since(alert.deadline_set_at());
    waits.then(|| Event::FirstNotice { deadline: now.checked_add(given).unwrap_or(Timestamp::MAX) })
}

/// From when on the time for an answer is counted: the first notice, or the rise while nobody has been told.
pub fn began(alert: &Alert) -> Timestamp {
    alert.noticed_at().unwrap_or(alert.raised_at)
}

/// The response clock's moments, each once it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Stamps {
    /// The first post of the rise was published.
    pub first_post: Option<Timestamp>,
    /// The alert was raised.
    pub detected: Timestamp,
    /// The first mail was taken by the mail server.
    pub mailed: Option<Timestamp>,
    /// Somebody took it.
    pub acknowledged: Option<Timestamp>,
    /// The answer was published that holds for the level reached.
    pub answered: Option<Timestamp>,
    /// The counts fell back into the band for good.
    pub fell_back: Option<Timestamp>,
}

/// The moments of an alert since it was raised. An answer to an earlier level counts once it is closed.
pub fn stamps(alert: &Alert) -> Stamps {
    let first = |is_it: &dyn Fn(&Event) -> bool| {
        alert.events.iter().find(|(_, event)| is_it(event)).map(|(time, _)| *time)
    };
    let last_answer = alert.answers().last().map(|answer| answer.at);
    let fell_back = alert.events.iter().rev().find_map(|(time, event)| match event {
        Event::Subsiding => Some(*time),
        _ => None,
    });
    Stamps {
        first_post: alert.first_post,
        detected: alert.raised_at,
        mailed: first(&|event| matches!(event, Event::Mailed { .. })),
        acknowledged: first(&|event| matches!(event, Event::Acknowledged { .. })),
        answered: if alert.is_open() { alert.answered_at() } else { last_answer },
        fell_back: fell_back.filter(|_| !alert.is_open() || alert.subsiding_since.is_some()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::tests::concern;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_stricter_of_level_and_concern_counts() {
        let policy = Policy::default();
        let mut concern = concern("数据公布");
        assert_eq!(limit(&policy, &concern, Level::Red), SignedDuration::from_hours(5));
        concern.reply_within = Some(SignedDuration::from_hours(8));
        assert_eq!(limit(&policy, &concern, Level::Red), SignedDuration::from_hours(5));
        assert_eq!(limit(&policy, &concern, Level::Orange), SignedDuration::from_hours(8));
    }

    #[test]
    fn an_escalation_never_gives_more_time() {
        let (policy, concern) = (Policy::default(), concern("数据公布"));
        let now = at("2026-11-24T06:00:00Z");
        let fresh = deadline(&policy, &concern, Level::Red, now);
        assert_eq!(fresh, at("2026-11-24T11:00:00Z"));
        let (sooner, later) = (at("2026-11-24T08:00:00Z"), at("2026-11-26T05:15:00Z"));
        assert_eq!(deadline_after_escalation(sooner, fresh), sooner);
        assert_eq!(deadline_after_escalation(later, fresh), fresh);
    }
}
