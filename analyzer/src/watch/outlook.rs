//! How a concern's rise will go on, from its counts and its season.

use super::Watch;
use crate::affinity::Exposed;
use crate::detect::{GAP, Sight};
use crate::effect::interval::Half;
use crate::forecast::growth::Growth;
use crate::forecast::{Counted, Horizon, NextLevel, Outlook, Rise, Unforeseen, Usual, outlook};
use crate::level::Level;
use crate::series::Bucket;
use crate::signal::{Calm, Span, Window};
use crate::sources::Sources;

/// Buckets of an hour.
const HOUR: i64 = 6;

impl Watch {
    /// The outlook at the end of the bucket that was just closed; `level` is what its counts justify.
    pub(super) fn outlook(
        &self,
        sources: &Sources,
        exposed: &Exposed,
        sight: &Sight,
        level: Result<Level, Calm>,
    ) -> Outlook {
        match (level, self.onset) {
            (Err(Calm::Learning), _) => return Err(Unforeseen::Learning),
            (Err(Calm::Gap), _) => return Err(Unforeseen::Gap),
            (_, None) => return Err(Unforeseen::Calm),
            _ => {}
        }
        let now = Bucket(sources.bucket().0 + 1);
        let Some(rise) = self.rise(self.onset, now) else { return Err(Unforeseen::Gap) };
        let usual = self.usual(sources, exposed, now);
        let next = level.ok().and_then(|level| self.next(level, sight, now));
        outlook(Growth::shipped(), &rise, &usual, next)
    }

    /// The outlook as it was at an earlier moment, of a rise that began at `onset`: what was to come after it. The
    /// usual of the hours after it is what was expected of them when they came.
    pub(crate) fn outlook_at(&self, sources: &Sources, now: Bucket, onset: Bucket) -> Outlook {
        let Some(rise) = self.rise(Some(onset), now) else { return Err(Unforeseen::Gap) };
        let hours = |from: i64, to: i64| {
            let (from, to) = (Bucket(now.0 + from * HOUR), Bucket(now.0 + to * HOUR));
            let known = to.0.min(sources.bucket().0 + 1) - from.0;
            // What has not come yet goes on as what has.
            self.expected_mean(from, to) * (to.0 - from.0) as f64 / known.max(1) as f64
        };
        let ahead = Horizon::ALL.map(|horizon| hours(0, i64::from(horizon.hours())));
        outlook(Growth::shipped(), &rise, &Usual { last_hour: hours(-1, 0), ahead }, None)
    }

    /// Where a rise stands at a moment; `None` where the last hour was not watched well enough.
    fn rise(&self, onset: Option<Bucket>, now: Bucket) -> Option<Rise> {
        let hour = Bucket(now.0 - HOUR);
        let last_hour = self.excess(hour, now)?;
        let onset = onset.unwrap_or(hour).min(hour);
        let before = self.excess(onset, hour).unwrap_or(0.0).max(0.0);
        let hour_before = self.excess(Bucket(hour.0 - HOUR), hour);
        Some(Rise { last_hour, hour_before, total: last_hour + before })
    }

    /// What was counted and what was usual in the buckets `from..to`.
    pub(crate) fn half(&self, from: Bucket, to: Bucket) -> Half {
        let posts: u32 = self.posts(from, to);
        Half { posts: f64::from(posts), usual: self.expected_mean(from, to) }
    }

    /// Whether the buckets `from..to` were watched too little to be compared.
    pub(crate) fn is_gap(&self, from: Bucket, to: Bucket) -> bool {
        self.coverage(from, to) < GAP
    }

    /// Whether it has posts enough for its hours to be judged.
    pub(crate) fn is_fast(&self) -> bool {
        self.course.is_fast()
    }

    /// How restless its counts of so many hours are, beyond chance.
    pub(crate) fn dispersion(&self, hours: u8) -> f64 {
        let window = match hours {
            0..=1 => Window::HalfHour,
            2..=6 => Window::SixHours,
            _ => Window::Day,
        };
        self.course.window(window).dispersion()
    }

    /// Posts above what is usual, as if everything had been watched; `None` where too little was.
    fn excess(&self, from: Bucket, to: Bucket) -> Option<f64> {
        let coverage = self.coverage(from, to);
        if coverage < GAP {
            return None;
        }
        let posts: u32 = self.posts(from, to);
        Some((f64::from(posts) - self.expected_mean(from, to)) / coverage.min(1.0))
    }

    fn expected_mean(&self, from: Bucket, to: Bucket) -> f64 {
        self.past.sum(from, to).voices * self.course.baseline().posts_per_voice()
    }

    /// The usual of the last hour and of the hours ahead under full coverage: the sources as busy as they are
    /// now, at the hour it will be.
    fn usual(&self, sources: &Sources, exposed: &Exposed, now: Bucket) -> Usual {
        let posts_per_voice = self.course.baseline().posts_per_voice();
        let posts_in = |bucket: Bucket| {
            let slot = sources.calendar().slot(bucket);
            posts_per_voice * self.course.baseline().voices(slot, exposed.at(slot, sources))
        };
        let hours =
            |from: i64, to: i64| (now.0 + from * HOUR..now.0 + to * HOUR).map(Bucket).map(posts_in).sum();
        Usual {
            last_hour: hours(-1, 0),
            ahead: Horizon::ALL.map(|horizon| hours(0, i64::from(horizon.hours()))),
        }
    }

    /// The level above, and how its posts are counted.
    fn next(&self, level: Level, sight: &Sight, now: Bucket) -> Option<NextLevel> {
        let highest = self.concern.max_level.unwrap_or(Level::Red);
        let next = Level::ALL.into_iter().find(|next| *next > level && *next <= highest)?;
        let span = sight.window.span();
        let counted = if span == Span::Hour {
            Counted::LastHour
        } else {
            let kept = |horizon: Horizon| {
                let from = Bucket(now.0 - span.buckets() + i64::from(horizon.hours()) * HOUR);
                let posts: u32 = self.posts(from.min(now), now);
                (f64::from(posts), self.expected_mean(from.min(now), now))
            };
            Counted::Longer(Horizon::ALL.map(kept))
        };
        Some(NextLevel { level: next, need: *self.concern.needs.of(next), counted })
    }
}
