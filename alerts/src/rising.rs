//! What the analyzer must know of alerts to judge answers: when each rise began, and the answer recorded for it.

use std::collections::BTreeMap;

use analyzer::answer::Rising;
use analyzer::statement::{Answer, Basis};

use crate::alert::Alert;
use crate::desk::{Desk, DeskError};

impl Alert {
    /// Its rise, with the last answer recorded since it last began.
    fn rising(&self) -> Rising {
        let recorded = self.last_answer().map(|answer| Answer {
            at: answer.at,
            by: answer.by.to_owned(),
            basis: Basis::Recorded,
        });
        Rising { onset: self.onset, recorded, effect: None }
    }
}

impl Desk {
    /// The rises of all open alerts, by concern.
    pub fn rising(&self) -> Result<BTreeMap<String, Rising>, DeskError> {
        let open = self.latest().filter(|alert| alert.is_open());
        open.map(|alert| Ok((alert.concern.clone(), self.rising_of(alert)?))).collect()
    }

    /// The rise of an alert.
    pub fn rising_of(&self, alert: &Alert) -> Result<Rising, DeskError> {
        let mut rising = alert.rising();
        if let Some(answer) = &rising.recorded {
            rising.effect = self.kept_effect(alert.id, answer.at)?;
        }
        Ok(rising)
    }
}

#[cfg(test)]
mod tests {
    use analyzer::level::Level;

    use super::*;
    use crate::alert::Event;
    use crate::message::sample::{Sample, at};

    #[test]
    fn the_last_answer_counts_and_one_from_before_the_end_does_not() {
        let mut alert = Sample::orange().alert;
        assert_eq!(alert.rising(), Rising { onset: alert.onset, recorded: None, effect: None });
        let answer = |by: &str, minute| Event::Responded { by: by.to_owned(), url: None, at: at(minute) };
        alert.apply(at("24T15:00"), answer("值班室", "24T14:50"));
        alert.apply(at("24T16:12"), answer("市卫健委", "24T16:10"));
        let recorded = alert.rising().recorded.unwrap();
        assert_eq!((recorded.by.as_str(), recorded.at), ("市卫健委", at("24T16:10")));
        alert.apply(at("24T23:00"), Event::Resolved { by: None });
        assert!(alert.rising().recorded.is_some());
        alert.apply(at("25T08:00"), Event::Escalated { level: Level::Blue, deadline: at("26T08:00") });
        assert_eq!(alert.rising().recorded, None);
    }
}
