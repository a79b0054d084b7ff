//! The path from posts to alerts at simulated time: the demo and the backtest are this loop.

use crawler::archive::Observation;
use crawler::category::CategoryCount;
use crawler::post::Stored;
use jiff::{SignedDuration, Timestamp};

use crate::lookout::{Lookout, LookoutError};

/// Simulated time goes by in steps of this length: one bucket.
const STEP: SignedDuration = SignedDuration::from_mins(10);

/// Everything that arrives while simulated time goes by, each list in time order.
pub(crate) struct Arrivals<'a> {
    /// Posts by publication time.
    pub posts: &'a [Stored],
    /// Visits of sources.
    pub observations: &'a [Observation],
    /// Reported counts by the end of their periods: they come when these are over.
    pub counts: &'a [CategoryCount],
}

/// Simulated time: from where to where, and from when on people are told (before that only counts are
/// learnt).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    /// First moment.
    pub from: Timestamp,
    /// From here on alerts are raised and digests written.
    pub told_from: Timestamp,
    /// Last moment.
    pub to: Timestamp,
}

/// Lets time go by, calling `each` after every step.
///
/// # Errors
/// What the alert journal, the counts or the store answer.
pub(crate) fn replay(
    lookout: &mut Lookout,
    arrivals: &Arrivals<'_>,
    span: Span,
    each: &mut dyn FnMut(&mut Lookout, Timestamp) -> Result<(), LookoutError>,
) -> Result<(), LookoutError> {
    let mut posts = arrivals.posts.iter().peekable();
    let mut observations = arrivals.observations.iter().peekable();
    let mut counts = arrivals.counts.iter().peekable();
    let mut now = span.from;
    while now < span.to {
        now = (now + STEP).min(span.to);
        while let Some(seen) = observations.next_if(|seen| seen.at <= now) {
            lookout.heartbeat(&seen.source, seen.at, seen.ok);
        }
        while let Some(stored) = posts.next_if(|stored| stored.post.time <= now) {
            lookout.observe(stored);
        }
        while let Some(count) = counts.next_if(|count| count.to <= now) {
            lookout.report(count, now);
        }
        if now < span.told_from {
            lookout.close(now)?;
        } else {
            lookout.tick(now)?;
        }
        each(lookout, now)?;
    }
    Ok(())
}
