//! Topics that nobody configured, as the replayed service mailed them, beside the alerts; what it listed only, too.

use std::collections::BTreeMap;

use alerts::alert::{AlertId, Event, fold};
use analyzer::level::Level;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::{Outcome, Raised};
use crate::emerging::TopicState;
use crate::lookout::Lookout;

/// How long a topic stands beside the alerts.
const STANDS: SignedDuration = SignedDuration::from_hours(24);
/// What is listed only is looked for so often: a topic stays on the list for a day.
const LOOKED: SignedDuration = SignedDuration::from_hours(12);
/// Numbers of topics of a day begin here, so that no alert of a concern bears the same.
const FIRST_NUMBER: u16 = 501;

/// The topics of a replay.
#[derive(Default)]
pub(crate) struct Topical {
    told: Vec<(Timestamp, TopicState)>,
    listed: BTreeMap<String, TopicState>,
    looked: Option<Timestamp>,
}

impl Topical {
    /// Notes what the last step mailed, and now and then what is listed only.
    pub(super) fn note(&mut self, lookout: &Lookout, now: Timestamp) {
        self.told.extend(lookout.mailed_topics.iter().map(|topic| (now, topic.clone())));
        if self.looked.is_none_or(|looked| now.duration_since(looked) >= LOOKED) {
            let muted = lookout.topics(now).topics.into_iter().filter(|topic| topic.muted);
            self.listed.extend(muted.map(|topic| (topic.id.clone(), topic)));
            self.looked = Some(now);
        }
    }
}

impl Outcome {
    /// Puts the topics that were mailed beside the alerts, in order of time. Returns those that were muted.
    pub(crate) fn add_topics(&mut self, told_from: Timestamp, zone: &TimeZone) -> Vec<TopicState> {
        let Topical { told, listed, .. } = std::mem::take(&mut self.topics);
        let mut numbers: BTreeMap<jiff::civil::Date, u16> = BTreeMap::new();
        for (at, topic) in told {
            let day = zone.to_datetime(at).date();
            let number = numbers.entry(day).or_insert(FIRST_NUMBER);
            let concern = self.series.iter().find(|series| topic.concern.as_ref() == Some(&series.concern));
            let name = concern.map_or("新话题".to_owned(), |series| format!("新话题·{}", series.name));
            self.raised.extend(raised(at, topic, name, AlertId { day, number: *number }));
            *number = number.saturating_add(1);
        }
        self.raised.sort_by_key(|raised| (raised.alert.raised_at, raised.alert.id));
        listed.into_values().filter(|topic| topic.found >= told_from).collect()
    }
}

/// A topic as an alert: blue, since nothing more is known of it.
fn raised(at: Timestamp, topic: TopicState, name: String, id: AlertId) -> Option<Raised> {
    let begun = Event::Raised {
        concern: topic.words.join("+"),
        level: Level::Blue,
        onset: topic.found,
        deadline: at + STANDS,
        first_post: None,
        under: None,
    };
    let over = Event::Resolved { by: None };
    let alert = fold(id, [(at, begun), (at + STANDS, over)])?;
    Some(Raised { alert, name, signal: None, titles: topic.titles })
}
