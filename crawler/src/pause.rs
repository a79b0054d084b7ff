//! Sources that somebody has told to rest: until when, and why. Shared by the crawl and whoever takes posts in.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One source's rest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// Since when.
    pub since: Timestamp,
    /// Until when; `None` until somebody resumes it.
    pub until: Option<Timestamp>,
    /// Why, in the words of whoever paused it.
    pub reason: Option<String>,
}

impl Pause {
    /// Whether it goes on at that moment.
    pub fn holds(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

/// All pauses by source id; a cheap handle to one list. The archive keeps them over a restart.
#[derive(Clone, Debug, Default)]
pub struct Pauses {
    list: Arc<RwLock<BTreeMap<String, Pause>>>,
}

impl Pauses {
    /// The list as it was kept.
    pub fn new(kept: impl IntoIterator<Item = (String, Pause)>) -> Pauses {
        Pauses { list: Arc::new(RwLock::new(kept.into_iter().collect())) }
    }

    /// The pause of a source at that moment; whoever pushes posts for it is to be turned away.
    pub fn of(&self, source: &str, now: Timestamp) -> Option<Pause> {
        let list = self.list.read().unwrap_or_else(PoisonError::into_inner);
        list.get(source).filter(|pause| pause.holds(now)).cloned()
    }

    /// Pauses a source, or with `None` resumes it.
    pub fn set(&self, source: &str, pause: Option<Pause>) {
        let mut list = self.list.write().unwrap_or_else(PoisonError::into_inner);
        match pause {
            Some(pause) => drop(list.insert(source.to_owned(), pause)),
            None => drop(list.remove(source)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_pause_ends_by_itself_or_when_it_is_resumed() {
        let pauses = Pauses::default();
        let until = |until| Pause { since: at(0), until, reason: None };
        pauses.clone().set("bbs", Some(until(Some(at(100)))));
        pauses.set("news", Some(until(None)));
        let paused = |source, second| pauses.of(source, at(second)).is_some();
        assert!(paused("bbs", 99) && !paused("bbs", 100));
        assert!(paused("news", 1_000_000) && !paused("other", 0));
        pauses.set("news", None);
        assert!(!paused("news", 0));
    }
}
