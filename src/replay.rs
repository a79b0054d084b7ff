//! The path from posts to alerts at simulated time: the demo and the backtest are this loop.

use crawler::archive::Observation;
use crawler::post::Stored;
use jiff::{SignedDuration, Timestamp};

use crate::watch::{Watch, WatchError};

/// Simulated time goes by in steps of this length: one bucket.
const STEP: SignedDuration = SignedDuration::from_mins(10);

/// Everything that arrives while simulated time goes by, each list in time order.
pub(crate) struct Arrivals<'a> {
    /// Posts by publication time.
    pub posts: &'a [Stored],
    /// Visits of sources.
    pub observations: &'a [Observation],
}

/// Lets time go by from `from` to `to`, both UTC, calling `each` after every step.
///
/// # Errors
/// What the alert journal answers; posts and observations are never changed.
pub(crate) fn replay(
    watch: &mut Watch,
    arrivals: &Arrivals<'_>,
    (from, to): (Timestamp, Timestamp),
    each: &mut dyn FnMut(&mut Watch, Timestamp) -> Result<(), WatchError>,
) -> Result<(), WatchError> {
    let mut posts = arrivals.posts.iter().peekable();
    let mut observations = arrivals.observations.iter().peekable();
    let mut now = from;
    while now < to {
        now = (now + STEP).min(to);
        while let Some(seen) = observations.next_if(|seen| seen.at <= now) {
            watch.heartbeat(&seen.source, seen.at, seen.ok);
        }
        while let Some(stored) = posts.next_if(|stored| stored.post.time <= now) {
            watch.observe(stored);
        }
        watch.tick(now)?;
        each(watch, now)?;
    }
    Ok(())
}
