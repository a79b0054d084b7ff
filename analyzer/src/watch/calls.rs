//! Posts and reported calls of a concern together: what people read, and what a reported day says.

use std::collections::BTreeMap;

use super::Watch;
use super::tallied::add;
use crate::detect::{Detection, Sight};
use crate::level::Level;
use crate::reported::{ReportedDay, voices};
use crate::series::{Bucket, BucketCount};
use crate::signal::{Calm, Expected, Observed, Span, Window};
use crate::sources::Sources;
use crate::tail::NegativeBinomial;

/// Dispersion of reported calls, for the band that is shown.
const CALLS_DISPERSION: f64 = 0.1;

impl Watch {
    /// Posts and reported calls of the buckets `from..to`; each call is a voice of its own.
    pub(crate) fn all_counts(&self, from: Bucket, to: Bucket, sources: &Sources) -> Vec<BucketCount> {
        let posts = self.counts.range(from..to);
        let posts = posts.map(|(bucket, count)| (*bucket, count.named(*bucket, sources))).collect();
        self.with_reported(posts, from, to)
    }

    /// Expected posts and calls of the buckets `from..to`; the band as that of independent counts.
    pub(crate) fn expected_with_calls(
        &self,
        from: Bucket,
        to: Bucket,
        span: Span,
        sources: &Sources,
    ) -> Expected {
        let posts = self.expected(from, to, span);
        if self.reported.is_empty() {
            return posts;
        }
        let calls: f64 = self.reported.usual(from, to, sources.calendar()).values().sum();
        with_calls(posts, calls)
    }

    /// The newest reported day that is still news, judged.
    pub(crate) fn reported_day(
        &self,
        now: Bucket,
        sources: &Sources,
        settings: &Detection,
    ) -> Option<ReportedDay> {
        if self.reported.is_empty() {
            return None;
        }
        self.reported.day(now, f64::from(self.concern.min_voices), sources.calendar(), settings)
    }

    /// What a reported day says, and its level if it is unusual: of calls alone, for beside many posts a rise
    /// of the calls would be lost. The gates against copies and single feeds are about posts: each call is a
    /// voice.
    pub(super) fn reported_sight(
        &self,
        day: &ReportedDay,
        sources: &Sources,
    ) -> (Sight, Result<Level, Calm>) {
        let observed = Observed {
            posts: day.calls,
            voices: day.calls,
            copies: 0,
            sources: sources.groups(day.sources.iter().map(String::as_str)),
        };
        let expected = with_calls(Expected::default(), day.usual);
        let (largest_voice, largest_feed) = (0, 0);
        let sight =
            Sight { window: Window::Day, score: day.score, observed, expected, largest_voice, largest_feed };
        let level = sight.level(&self.concern, 0);
        (sight, level)
    }

    /// Calls alone of the buckets `from..to`.
    pub(crate) fn calls(&self, from: Bucket, to: Bucket) -> Vec<BucketCount> {
        self.with_reported(BTreeMap::new(), from, to)
    }

    fn with_reported(
        &self,
        mut all: BTreeMap<Bucket, BucketCount>,
        from: Bucket,
        to: Bucket,
    ) -> Vec<BucketCount> {
        for (bucket, source, calls) in self.reported.calls(from, to) {
            let empty = || BucketCount { bucket, posts: 0, voices: Vec::new(), sources: Vec::new() };
            let count = all.entry(bucket).or_insert_with(empty);
            count.posts += calls;
            voices(bucket, source, calls).for_each(|voice| add(&mut count.voices, voice, 1));
            add(&mut count.sources, source.to_owned(), calls);
        }
        all.into_values().collect()
    }
}

/// An expectation of posts with that of calls beside it.
fn with_calls(posts: Expected, calls: f64) -> Expected {
    let alone = NegativeBinomial { mean: calls, dispersion: CALLS_DISPERSION };
    let (low, high) = (calls - alone.quantile(0.05).floor(), alone.quantile(0.95).ceil() - calls);
    let mean = posts.mean + calls;
    Expected {
        mean,
        low: (mean - (posts.mean - posts.low).hypot(low.max(0.0))).max(0.0).floor(),
        high: (mean + (posts.high - posts.mean).hypot(high.max(0.0))).ceil(),
    }
}
