//! One polite queue per host: one request at a time, and a pause between two.
//! The rule itself is `pace`; here is the waiting.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Mutex as Turn, OwnedMutexGuard};
use url::Url;

use super::{FetchError, Limits};
use crate::pace::{self, Budget, History, Now, Spent};
use crate::words::Words;

/// The clock is looked at this often while a host's pause lasts: a rehearsal's runs faster.
const LOOK_AT_CLOCK_EVERY: Duration = Duration::from_millis(if cfg!(test) { 2 } else { 250 });

/// The hosts asked so far. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Queues {
    hosts: Arc<Mutex<HashMap<String, Arc<Host>>>>,
}

/// One host: whose turn it is, and what is remembered. Looking at the past takes no turn.
#[derive(Default)]
struct Host {
    turn: Arc<Turn<()>>,
    history: Mutex<History>,
}

/// The right to ask a host; the next one waits until it is dropped.
pub(super) struct HostTurn {
    host: Arc<Host>,
    _turn: OwnedMutexGuard<()>,
}

impl Queues {
    /// Waits for this host's turn and pause. A pause longer than `patience` is an error that names it.
    pub(super) async fn turn(
        &self,
        (url, is_page): (&Url, bool),
        limits: &Limits,
        now: &Now,
    ) -> Result<HostTurn, FetchError> {
        let host = self.host(&pace::host_key(url));
        let turn = HostTurn { _turn: Arc::clone(&host.turn).lock_owned().await, host };
        let minimum_delay = signed(limits.minimum_delay);
        let budget = Budget { requests: limits.requests_a_day, pages: limits.pages_a_day };
        loop {
            let moment = now();
            let history = turn.host.history();
            if let Some(spent) = pace::spent(&history, budget, is_page, moment) {
                return Err(no_more_today(url, spent, budget, moment));
            }
            let wait = moment.duration_until(pace::next_allowed(&history, minimum_delay, moment));
            if wait <= SignedDuration::ZERO {
                turn.host.change(|history| pace::count(history, is_page, moment));
                return Ok(turn);
            }
            if wait > signed(limits.patience) {
                return Err(too_long_a_pause(url, &history, wait, moment));
            }
            tokio::time::sleep(wait.unsigned_abs().min(LOOK_AT_CLOCK_EVERY)).await;
        }
    }

    /// Remembers the pause that a host's robots.txt asks for.
    pub(super) fn set_crawl_delay(&self, url: &Url, delay: Option<SignedDuration>) {
        self.host(&pace::host_key(url)).change(|history| history.crawl_delay = delay);
    }

    /// What is known of a host.
    pub(super) fn history(&self, host: &str) -> History {
        self.host(host).history()
    }

    /// Takes over what was known of a host before a restart.
    pub(super) fn remember(&self, host: &str, before: &History) {
        self.host(host).change(|history| history.join(before));
    }

    fn host(&self, key: &str) -> Arc<Host> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        hosts.entry(key.to_owned()).or_default().clone()
    }
}

impl Host {
    fn history(&self) -> History {
        self.history.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn change(&self, change: impl FnOnce(&mut History)) {
        change(&mut self.history.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl HostTurn {
    /// The request has ended, one way or the other: the host's pause begins.
    pub(super) fn over(&self, moment: Timestamp) {
        self.host.change(|history| pace::ended(history, moment));
    }

    /// Leaves the host alone until then.
    pub(super) fn close_until(&mut self, moment: Timestamp) {
        self.host.change(|history| history.not_before = Some(moment));
    }
}

/// Whether the site itself asked for the pause, or we keep it by rule.
fn too_long_a_pause(url: &Url, history: &History, retry_after: SignedDuration, now: Timestamp) -> FetchError {
    let url = url.to_string();
    if history.not_before.is_some_and(|until| until > now) {
        let why = Words::new("它上次回复时说的", "as it said in an earlier answer");
        return FetchError::Throttled { url, retry_after, why };
    }
    let why = match history.crawl_delay {
        Some(delay) => {
            let seconds = delay.as_secs();
            Words::new(
                format!("它的 robots.txt 要求两次访问相隔 {seconds} 秒"),
                format!("its robots.txt asks for {seconds} s between two requests"),
            )
        }
        None => Words::new("两次访问之间的间隔", "the pause between two requests"),
    };
    FetchError::Paced { url, retry_after, why }
}

fn no_more_today(url: &Url, spent: Spent, budget: Budget, now: Timestamp) -> FetchError {
    let (until, why) = match spent {
        Spent::Requests(until) => (
            until,
            Words::new(
                format!("一天最多访问它 {} 次，见 [fetch] requests_a_day", budget.requests),
                format!("it is asked {} times a day at most, see [fetch] requests_a_day", budget.requests),
            ),
        ),
        Spent::Pages(until) => (
            until,
            Words::new(
                format!("一天最多采它 {} 个网页，见 [fetch] pages_a_day", budget.pages),
                format!("{} of its web pages a day are read at most, see [fetch] pages_a_day", budget.pages),
            ),
        ),
    };
    FetchError::Paced { url: url.to_string(), retry_after: now.duration_until(until), why }
}

fn signed(duration: Duration) -> SignedDuration {
    SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX)
}
