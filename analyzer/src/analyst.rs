//! Counts posts as they come in and judges every concern at the end of every bucket.
//!
//! Time comes in as an argument and posts in the order in which they were stored: the same calls give the same signals.

use std::sync::Arc;

use crawler::category::CategoryCount;
use crawler::post::Stored;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::calendar::Calendar;
use crate::concern::Concern;
use crate::detect::{Detection, GAP};
use crate::explain::Point;
use crate::intent::{Intents, OwnRules};
use crate::matcher::{Matchers, Text};
use crate::quote::Shown;
use crate::reported::ReportedDay;
use crate::segment::Segmenter;
use crate::series::{Bucket, BucketCount};
use crate::signal::{Expected, Signal, Span};
pub use crate::sources::Feed;
use crate::sources::Sources;
use crate::statement::Replies;
pub use crate::watch::Footprint;
use crate::watch::Watch;

/// Posts older than this when counting begins do not make the analyst walk through all the time since.
const LONGEST_WALK: i64 = 400 * 144;

/// A source that reports counts, and what its categories are about.
#[derive(Clone, Debug, PartialEq)]
pub struct Reporting {
    /// The source.
    pub feed: Feed,
    /// Its categories, each with the id of a concern; others belong to none.
    pub concerns: Vec<(String, String)>,
}

/// The live state of all concerns.
#[derive(Clone, Debug)]
pub struct Analyst {
    settings: Detection,
    watches: Vec<Watch>,
    matchers: Arc<Matchers>,
    replies: Vec<Replies>,
    segmenter: Option<Segmenter>,
    intents: Intents,
    shown: Shown,
    sources: Sources,
    /// Sources that report counts, each with its categories and the concerns these belong to.
    reporting: Vec<Reporting>,
    /// First bucket of the reported history.
    reported_from: Option<Bucket>,
    /// Last bucket closed.
    closed: Option<Bucket>,
    /// Last bucket of history: closed without a word.
    history: Option<Bucket>,
    /// Signals of the last bucket closed, history or not.
    newest: Vec<Signal>,
}

impl Analyst {
    /// Knows the concerns and sources, and no post yet. Sources not named here are learnt when seen.
    pub fn new(concerns: Vec<Concern>, feeds: Vec<Feed>, settings: Detection, zone: TimeZone) -> Analyst {
        let matchers = Arc::new(Matchers::new(&concerns));
        let replies = concerns.iter().map(Replies::new).collect();
        let watches = concerns.into_iter().map(|concern| Watch::new(concern, &settings)).collect();
        let sources = Sources::new(feeds, Calendar::new(zone));
        Analyst {
            settings,
            watches,
            matchers,
            replies,
            segmenter: None,
            intents: Intents::shipped().clone(),
            shown: Shown::default(),
            sources,
            reporting: Vec::new(),
            reported_from: None,
            closed: None,
            history: None,
            newest: Vec::new(),
        }
    }

    /// Gives it the dictionary it needs to name rising and new words; without one it names none.
    pub fn with_segmenter(mut self, segmenter: Segmenter) -> Analyst {
        self.know_words(segmenter);
        self
    }

    /// The same, of one that is at work.
    pub fn know_words(&mut self, segmenter: Segmenter) {
        self.segmenter = Some(segmenter);
    }

    /// Adds the installation's own rules of what posts want.
    pub fn with_intents(mut self, own: &OwnRules) -> Analyst {
        self.intents = self.intents.with(own);
        self
    }

    /// Says what people are shown of a post.
    pub fn with_shown(mut self, shown: Shown) -> Analyst {
        self.shown = shown;
        self
    }

    /// Names the sources that report counts.
    pub fn with_reporting(mut self, reporting: Vec<Reporting>) -> Analyst {
        reporting.iter().for_each(|reporting| self.sources.add_reporting(reporting.feed.clone()));
        self.reporting = reporting;
        self
    }

    /// Takes a reported count, at its own time, however late; a corrected one takes the place of the first.
    /// Returns the ids of the concerns it belongs to.
    pub fn report(&mut self, count: &CategoryCount) -> Vec<String> {
        let Some(reporting) = self.reporting.iter().find(|known| known.feed.id == count.source) else {
            return Vec::new();
        };
        let calendar = self.sources.calendar();
        let mut changed = Vec::new();
        for watch in &mut self.watches {
            let belongs = |(_, concern): &&(String, String)| *concern == watch.concern.id;
            let mut own = reporting.concerns.iter().filter(belongs).peekable();
            if own.peek().is_none() {
                continue;
            }
            watch.reported.cover(count, calendar);
            if own.any(|(category, _)| *category == count.category) {
                watch.reported.take(count, calendar);
                changed.push(watch.concern.id.clone());
            }
        }
        changed
    }

    /// Takes a concern's history from the index, before live counting begins. Its buckets give no signals.
    pub fn seed(&mut self, concern: &str, counts: &[BucketCount]) {
        if let Some(watch) = self.watches.iter_mut().find(|watch| watch.concern.id == concern) {
            watch.seed(counts, &mut self.sources);
        }
        self.history = self.history.max(counts.iter().map(|count| count.bucket).max());
    }

    /// Takes the sources' history: posts by bucket and source id.
    pub fn seed_volume(&mut self, volume: &[(Bucket, String, u32)]) {
        for (bucket, source, posts) in volume {
            self.sources.seed(*bucket, source, *posts);
        }
        self.history = self.history.max(volume.iter().map(|(bucket, _, _)| *bucket).max());
    }

    /// Takes the history of reported counts before `now`. Its buckets give no signals.
    pub fn seed_reported(&mut self, counts: &[CategoryCount], now: Timestamp) {
        for count in counts {
            self.report(count);
        }
        let Some(first) = counts.iter().map(|count| Bucket::of(count.from)).min() else { return };
        self.reported_from = Some(first);
        self.history = self.history.max(Some(Bucket(Bucket::of(now).0 - 1)));
    }

    /// Ends the history with that bucket: later ones give signals when they close, whatever was counted in them before.
    pub fn end_history(&mut self, last: Bucket) {
        self.history = self.history.map(|history| history.min(last));
    }

    /// The last bucket closed, told or not.
    pub fn closed(&self) -> Option<Bucket> {
        self.closed
    }

    /// Counts a bucket of a concern of which there are counts and no posts. Unlike [`Analyst::seed`] it is no
    /// history: the bucket gives signals when it closes.
    pub fn tally(&mut self, concern: &str, count: &BucketCount) {
        if let Some(watch) = self.watches.iter_mut().find(|watch| watch.concern.id == concern) {
            watch.tally(count, &mut self.sources);
        }
    }

    /// Counts all posts of a source in a bucket, where there are counts and no posts.
    pub fn tally_volume(&mut self, bucket: Bucket, source: &str, posts: u32) {
        self.sources.seed(bucket, source, posts);
    }

    /// Counts a stored post at its publication time, and returns the numbers of its concerns. Edits of a known post
    /// count nothing.
    pub fn observe(&mut self, stored: &Stored) -> Vec<usize> {
        if stored.revision > 0 {
            return Vec::new();
        }
        let source = self.sources.posted(&stored.post);
        let numbers = self.matchers.matching(&Text::of(&stored.post));
        for number in &numbers {
            if let Some(watch) = self.watches.get_mut(*number) {
                watch.count(stored, source);
            }
        }
        numbers
    }

    /// Ids of the concerns that a post belongs to.
    pub fn concerns_of(&self, post: &crawler::post::Post) -> Vec<&str> {
        let numbers = self.matchers.matching(&Text::of(post)).into_iter();
        numbers.filter_map(|number| self.concern(number)).map(|concern| concern.id.as_str()).collect()
    }

    /// Notes a visit to a source; only a successful one says that the source was watched.
    pub fn heartbeat(&mut self, source: &str, at: Timestamp, ok: bool) {
        self.sources.heartbeat(source, at, ok);
    }

    /// Closes every bucket that is due: one signal per bucket and concern, buckets in order, concerns as configured.
    pub fn close(&mut self, now: Timestamp) -> Vec<Signal> {
        let due = Bucket::newest_closed(now);
        let known = self.sources.first().or(self.reported_from);
        // Where only counts are reported there is no post to begin with: it begins now, since counts of last
        // year that come today are no news.
        let begin = known.or_else(|| self.sources.only_report().then_some(due));
        let Some(first) = self.closed.map(|closed| Bucket(closed.0 + 1)).or(begin) else {
            return Vec::new();
        };
        let mut signals = Vec::new();
        for bucket in (first.0.max(due.0 - LONGEST_WALK)..=due.0).map(Bucket) {
            self.sources.close(bucket);
            self.newest.clear();
            let told = self.history.is_none_or(|history| bucket > history);
            for watch in &mut self.watches {
                let signal = watch.close(&self.sources, &self.settings);
                if told {
                    signals.push(signal.clone());
                }
                if bucket == due {
                    self.newest.push(signal);
                }
            }
            self.closed = Some(bucket);
        }
        signals
    }

    /// The signals of the last bucket closed, for whoever looks at how things stand: after a start that is history,
    /// which raises no alert.
    pub fn newest(&self) -> &[Signal] {
        &self.newest
    }

    /// A concern's counts in the buckets from `from` (inclusive) to `to` (exclusive); buckets without posts are absent.
    pub fn counts(&self, concern: &str, from: Timestamp, to: Timestamp) -> Vec<BucketCount> {
        let (from, to) = (Bucket::of(from), Bucket::of(to));
        let Some(watch) = self.watch(concern).filter(|_| from < to) else { return Vec::new() };
        watch.all_counts(from, to, &self.sources)
    }

    /// The reported day that raised a signal, and its calls, if it was one.
    pub(crate) fn reported_day(
        &self,
        number: usize,
        signal: &Signal,
    ) -> Option<(ReportedDay, Vec<BucketCount>)> {
        let last = Bucket(Bucket::of(signal.at).0 - 1);
        let watch = self.watches.get(number).filter(|_| signal.span == Span::Day && signal.level.is_ok())?;
        let day = watch.reported_day(last, &self.sources, &self.settings)?;
        let is_about_it = signal.onset == Some(day.from.start()) && signal.observed.posts == day.calls;
        let calls = watch.calls(day.from, day.to);
        is_about_it.then_some((day, calls))
    }

    /// Usual calls by source id in a span of time, as far as they were reported.
    pub(crate) fn usual_calls(&self, number: usize, from: Timestamp, to: Timestamp) -> Vec<(String, f64)> {
        let Some(watch) = self.watches.get(number) else { return Vec::new() };
        let usual = watch.reported.usual(Bucket::of(from), Bucket::of(to), self.sources.calendar());
        usual.into_iter().map(|(source, calls)| (source.to_owned(), calls)).collect()
    }

    /// 60-minute counts every ten minutes, each with what was expected; gaps have no count.
    pub fn curve(&self, concern: &str, from: Timestamp, to: Timestamp) -> Vec<Point> {
        self.curve_every(concern, from, to, 1)
    }

    /// The same, but only every so many buckets, the last one always among them.
    pub fn curve_every(&self, concern: &str, from: Timestamp, to: Timestamp, buckets: u16) -> Vec<Point> {
        let Some(watch) = self.watch(concern) else { return Vec::new() };
        let (first, end) = (Bucket::of(from).0, Bucket::of(to).0);
        let every = i64::from(buckets.max(1));
        let wanted = (first..end).filter(|bucket| (end - 1 - bucket) % every == 0);
        wanted.map(|bucket| self.point(watch, Bucket(bucket))).collect()
    }

    /// The same, but only at moments that are whole multiples of so many minutes.
    pub fn curve_at(&self, concern: &str, from: Timestamp, to: Timestamp, minutes: u32) -> Vec<Point> {
        let Some(watch) = self.watch(concern) else { return Vec::new() };
        let step = (i64::from(minutes) * 60).max(1);
        let wanted = (Bucket::of(from).0..Bucket::of(to).0).map(Bucket);
        let wanted = wanted.filter(|bucket| bucket.end().as_second() % step == 0);
        wanted.map(|bucket| self.point(watch, bucket)).collect()
    }

    fn point(&self, watch: &Watch, last: Bucket) -> Point {
        let (from, to) = (Bucket(last.0 - Span::Hour.buckets() + 1), Bucket(last.0 + 1));
        let posts =
            watch.posts(from, to) + watch.reported.calls(from, to).map(|(_, _, calls)| calls).sum::<u32>();
        let covered = watch.coverage(from, to) >= GAP;
        Point {
            at: last.end(),
            posts: covered.then_some(posts),
            expected: watch.expected_with_calls(from, to, Span::Hour, &self.sources),
        }
    }

    /// The concerns, as configured.
    pub fn concerns(&self) -> impl Iterator<Item = &Concern> {
        self.watches.iter().map(|watch| &watch.concern)
    }

    /// What each concern keeps in memory, as configured.
    pub fn footprints(&self) -> impl Iterator<Item = Footprint> {
        self.watches.iter().map(Watch::footprint)
    }

    /// Whether the public holidays of that time are not known here, so that they count as workdays: worth a warning.
    pub fn has_no_holidays(&self, at: Timestamp) -> bool {
        self.sources.calendar().is_unknown_at(at)
    }

    /// Expected posts of a concern in a span of time.
    pub(crate) fn expected(&self, number: usize, from: Timestamp, to: Timestamp) -> Expected {
        let span = |watch: &Watch| {
            watch.expected_with_calls(Bucket::of(from), Bucket::of(to), Span::Day, &self.sources)
        };
        self.watches.get(number).map(span).unwrap_or_default()
    }

    /// The number of a concern, as matchers give it.
    pub fn number(&self, concern: &str) -> Option<usize> {
        self.watches.iter().position(|watch| watch.concern.id == concern)
    }

    pub(crate) fn concern(&self, number: usize) -> Option<&Concern> {
        self.watches.get(number).map(|watch| &watch.concern)
    }

    pub(crate) fn replies(&self, number: usize) -> Option<&Replies> {
        self.replies.get(number)
    }

    /// Share of the concern's usual posts that each source brings, in the sources' order.
    pub(crate) fn shares(&self, number: usize) -> Vec<f64> {
        self.watches.get(number).map(|watch| watch.shares(&self.sources)).unwrap_or_default()
    }

    pub(crate) fn watch_of(&self, number: usize) -> Option<&Watch> {
        self.watches.get(number)
    }

    pub(crate) fn sources(&self) -> &Sources {
        &self.sources
    }

    /// What tells to which concerns a text belongs, for whoever looks beside.
    pub fn shared_matchers(&self) -> Arc<Matchers> {
        Arc::clone(&self.matchers)
    }

    pub(crate) fn matchers(&self) -> &Matchers {
        &self.matchers
    }

    pub(crate) fn shown(&self) -> Shown {
        self.shown
    }

    pub(crate) fn intents(&self) -> &Intents {
        &self.intents
    }

    pub(crate) fn segmenter(&self) -> Option<&Segmenter> {
        self.segmenter.as_ref()
    }

    fn watch(&self, concern: &str) -> Option<&Watch> {
        self.watches.iter().find(|watch| watch.concern.id == concern)
    }
}

#[cfg(test)]
pub(crate) mod tests;
