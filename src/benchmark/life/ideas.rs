//! What other rules for mails would have made of the same alerts: their journals without the mails, told anew
//! by the production verdict. Levels do not depend on mails, so nothing else changes.

use alerts::alert::{Alert, Event, fold};
use alerts::settings::Policy;
use alerts::verdict::{Verdict, verdict};
use analyzer::level::Level;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

/// One set of rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Idea {
    /// The end is mailed from this level on; `None`: never.
    pub end_from: Option<Level>,
    /// Blue and yellow reached sooner after the last mail wait until that is so long ago, minutes.
    pub wait: i64,
    /// A first mail about blue waits so long for a higher level, minutes.
    pub blue_waits: i64,
}

impl Idea {
    /// What was tried.
    pub(crate) fn all() -> Vec<Idea> {
        let ends = [Some(Level::Blue), Some(Level::Yellow), Some(Level::Orange), Some(Level::Red), None];
        let plain = |end_from| Idea { end_from, wait: 0, blue_waits: 0 };
        let mut ideas: Vec<Idea> = ends.into_iter().map(plain).collect();
        for end_from in [Some(Level::Orange), Some(Level::Red)] {
            ideas.extend([30, 60, 120].map(|wait| Idea { wait, ..plain(end_from) }));
            ideas.extend([20, 60].map(|blue_waits| Idea { blue_waits, ..plain(end_from) }));
        }
        ideas
    }

    /// The alert with the mails that these rules write.
    pub(crate) fn retell(self, alert: &Alert, policy: &Policy) -> Option<Alert> {
        let tell_end = self.end_from.unwrap_or(Level::Red);
        let policy = Policy { tell_end, ..policy.clone() };
        let is_mail = |event: &Event| matches!(event, Event::Queued { .. } | Event::Mailed { .. });
        let mut events = alert.events.iter().filter(|(_, event)| !is_mail(event));
        let (raised_at, raised) = events.next()?;
        let mut told = Retold { alert: fold(alert.id, [(*raised_at, raised.clone())])?, waits: None };
        self.tell(&mut told, &policy, *raised_at);
        for (time, event) in events {
            if let Some(due) = told.waits.take_if(|due| *due <= *time) {
                told.queue(&policy, due);
            }
            told.alert.apply(*time, event.clone());
            if matches!(event, Event::Escalated { .. } | Event::Resolved { .. }) {
                self.tell(&mut told, &policy, *time);
            }
        }
        Some(told.alert)
    }

    /// Tells now, later, or not at all.
    fn tell(self, told: &mut Retold, policy: &Policy, now: Timestamp) {
        let verdict = verdict(&told.alert, policy, |_| false, now);
        let wait = match verdict {
            Verdict::First => SignedDuration::from_mins(self.blue_waits),
            _ => SignedDuration::from_mins(self.wait),
        };
        let since = if verdict == Verdict::First { told.alert.raised_at } else { told.last().unwrap_or(now) };
        let may_wait = match verdict {
            Verdict::First => told.alert.level == Level::Blue,
            Verdict::Escalated => told.alert.level < Level::Orange,
            _ => false,
        };
        let due = since + wait;
        if may_wait && due > now {
            told.waits = Some(due);
        } else if verdict != Verdict::Resolved || self.end_from.is_some() {
            told.queue(policy, now);
        }
    }
}

/// An alert on its way.
struct Retold {
    alert: Alert,
    /// Until when something waits.
    waits: Option<Timestamp>,
}

impl Retold {
    fn last(&self) -> Option<Timestamp> {
        let queued = |(at, event): &(Timestamp, Event)| matches!(event, Event::Queued { .. }).then_some(*at);
        self.alert.events.iter().rev().find_map(queued)
    }

    fn queue(&mut self, policy: &Policy, now: Timestamp) {
        let Some(step) = verdict(&self.alert, policy, |_| false, now).step() else { return };
        self.waits = None;
        self.alert.apply(now, Event::Queued { message: String::new(), step });
    }
}
