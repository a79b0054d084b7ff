//! The answers recorded for an alert. One that was recorded by mistake is withdrawn: the journal keeps both lines, and
//! whatever judges answers no longer sees it.

use jiff::Timestamp;

use super::{Alert, Event};

/// An answer that was recorded and not withdrawn since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recorded<'a> {
    /// When it was recorded.
    pub recorded: Timestamp,
    /// Post held or department.
    pub by: &'a str,
    /// Address of the answer; none of one that was given by word of mouth.
    pub url: Option<&'a str>,
    /// When it was published.
    pub at: Timestamp,
}

impl Alert {
    /// All answers, in the order in which they were recorded.
    pub fn answers(&self) -> Vec<Recorded<'_>> {
        among(&self.events)
    }

    /// The last answer since it last began.
    pub fn last_answer(&self) -> Option<Recorded<'_>> {
        among(self.current_events()).pop()
    }

    /// The last answer that holds for the level reached, if one was given.
    pub fn answer(&self) -> Option<Recorded<'_>> {
        let events = self.current_events();
        let risen = events.iter().rposition(|(_, event)| matches!(event, Event::Escalated { .. }));
        among(events.get(risen.unwrap_or(0)..).unwrap_or_default()).pop()
    }

    /// When the answer was published that holds for the level reached, if one was.
    pub fn answered_at(&self) -> Option<Timestamp> {
        self.answer().map(|answer| answer.at)
    }
}

/// Whoever withdraws an answer withdraws the last one that still stands.
fn among(events: &[(Timestamp, Event)]) -> Vec<Recorded<'_>> {
    let mut standing = Vec::new();
    for (recorded, event) in events {
        match event {
            Event::Responded { by, url, at } => {
                standing.push(Recorded { recorded: *recorded, by, url: url.as_deref(), at: *at });
            }
            Event::Withdrawn { .. } => drop(standing.pop()),
            _ => {}
        }
    }
    standing
}

#[cfg(test)]
mod tests {
    use analyzer::level::Level;

    use super::*;
    use crate::alert::State;
    use crate::message::sample::{Sample, at};

    fn answer(minute: i64) -> Event {
        Event::Responded { by: "市卫健委".to_owned(), url: None, at: moment(minute) }
    }

    fn moment(minute: i64) -> Timestamp {
        at("24T15:00") + jiff::SignedDuration::from_mins(minute)
    }

    fn withdrawn() -> Event {
        Event::Withdrawn { by: "值班室".to_owned(), reason: "登记错了".to_owned() }
    }

    #[test]
    fn a_withdrawn_answer_leaves_the_alert_as_it_was_before() {
        let mut alert = Sample::orange().alert;
        // Nobody was told of the sample.
        let before = (State::Pending, None);
        for (minute, event) in [(1, answer(0)), (2, answer(1)), (3, withdrawn())] {
            alert.apply(moment(minute), event);
        }
        assert_eq!((alert.state, alert.answered_at()), (State::Responded, Some(moment(0))));
        alert.apply(moment(4), withdrawn());
        assert_eq!((alert.state, alert.answered_at()), before);
        // None is left: nothing to withdraw, and nothing breaks.
        alert.apply(moment(5), withdrawn());
        assert_eq!((alert.state, alert.answered_at()), before);
        alert.apply(moment(6), answer(5));
        assert_eq!(alert.answers().len(), 1);
        assert_eq!(alert.answered_at(), Some(moment(5)));
    }

    #[test]
    fn only_an_answer_to_the_level_reached_is_withdrawn_from_it() {
        let mut alert = Sample::orange().alert;
        let deadline = moment(600);
        let rise = Event::Escalated { level: Level::Red, deadline };
        for (minute, event) in [(1, answer(0)), (2, rise), (3, answer(2)), (4, withdrawn())] {
            alert.apply(moment(minute), event);
        }
        assert_eq!(alert.answered_at(), None);
        assert_eq!(alert.answers().len(), 1, "the one to the level before still stands");
    }
}
