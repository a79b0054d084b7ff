//! The live state of one concern: its counts, its baseline, its windows, and what they say of each bucket.
//!
//! The last six hours stay open: late posts and late news of gaps change them, so the windows are rolled over
//! them anew at every bucket, and the baseline learns a bucket only when it leaves them.

mod calls;
mod footprint;
mod outlook;
mod past;
mod tallied;

use std::collections::{BTreeMap, VecDeque};

use crate::affinity::{Affinity, Exposed, Heard};
use crate::baseline::RISING_WEIGHT;
use crate::concern::Concern;
use crate::course::{Course, Covered, OPEN, Settled};
use crate::detect::{Detection, GAP, Sight, deciding};
use crate::forecast::Unforeseen;
use crate::reported::Reported;
use crate::series::{Bucket, BucketCount};
use crate::signal::{Calm, Expected, Observed, Signal, Span, Window};
use crate::sources::Sources;
use crate::tail::NegativeBinomial;
use crate::voices::{HOUR, independent};
use crate::window::Weighted;
pub use footprint::Footprint;
use past::{Judged, Past};
pub(crate) use tallied::{Tallied, Tallies};

/// Counts are kept this long, in buckets.
const KEPT: i64 = 40 * 144;

/// One concern, live.
#[derive(Clone, Debug)]
pub(crate) struct Watch {
    pub(crate) concern: Concern,
    counts: Tallies,
    /// Calls that others counted: beside the posts, since they come late and at once.
    pub(crate) reported: Reported,
    past: Past,
    course: Course,
    open: VecDeque<Open>,
    /// The newest of them; nothing is missing between them.
    newest: Bucket,
    affinity: Affinity,
    last_over: Option<Bucket>,
    onset: Option<Bucket>,
}

/// A bucket that may still change.
#[derive(Clone, Debug)]
struct Open {
    exposure: f64,
    /// Expected voices under full coverage.
    expected: f64,
    /// Independent posts; `None` after a change.
    independent: Option<u32>,
}

impl Watch {
    pub(crate) fn new(concern: Concern, settings: &Detection) -> Watch {
        Watch {
            concern,
            counts: Tallies::new(),
            reported: Reported::default(),
            past: Past::default(),
            course: Course::new(settings),
            open: VecDeque::with_capacity(OPEN + 1),
            newest: Bucket(0),
            affinity: Affinity::default(),
            last_over: None,
            onset: None,
        }
    }

    /// Takes history from the index, replacing what was counted in those buckets.
    pub(crate) fn seed(&mut self, counts: &[BucketCount], sources: &mut Sources) {
        self.counts.extend(counts.iter().map(|count| (count.bucket, Tallied::new(count, sources))));
        self.open.iter_mut().for_each(|open| open.independent = None);
    }

    /// Takes the counts of one bucket that has no posts behind it.
    pub(crate) fn tally(&mut self, count: &BucketCount, sources: &mut Sources) {
        self.counts.insert(count.bucket, Tallied::new(count, sources));
        self.changed(count.bucket);
    }

    /// Counts one post that matches; `source` is the number of its source.
    pub(crate) fn count(&mut self, stored: &crawler::post::Stored, source: usize) {
        let bucket = Bucket::of(stored.post.time);
        self.counts.entry(bucket).or_default().count(stored.voice, source);
        self.changed(bucket);
    }

    /// Forgets how many were independent in the hour that begins with a bucket.
    fn changed(&mut self, bucket: Bucket) {
        let touched = bucket.0..bucket.0 + HOUR;
        for (open, age) in self.open.iter_mut().rev().zip(0..) {
            if touched.contains(&(self.newest.0 - age)) {
                open.independent = None;
            }
        }
    }

    /// Posts of the buckets `from..to`, copies included.
    pub(crate) fn posts(&self, from: Bucket, to: Bucket) -> u32 {
        self.counts.range(from..to).map(|(_, count)| count.posts).sum()
    }

    /// Judges the bucket that `sources` has just closed.
    pub(crate) fn close(&mut self, sources: &Sources, settings: &Detection) -> Signal {
        let (bucket, slot) = (sources.bucket(), sources.slot());
        let young = self.course.is_young(settings);
        let exposed = self.exposed(sources);
        let exposure = exposed.total();
        let expected = self.course.expect(slot, exposure, settings);
        if bucket.0 != self.newest.0 + 1 {
            // After a year without a look nothing is left that could still change.
            self.open.clear();
        }
        self.newest = bucket;
        self.open.push_back(Open { exposure, expected, independent: None });
        if young {
            // Nothing is known yet that could be too strange to learn, so nothing waits and no window fills.
            self.settle(sources, true);
        } else if self.open.len() > OPEN {
            self.settle(sources, false);
        }
        self.roll(sources);
        let signal = self.signal(sources, &exposed, settings, young);
        self.forget(bucket);
        self.reported.forget(bucket, sources.calendar());
        signal
    }

    /// Expected posts of the buckets `from..to`, with the band of the window that counts such spans.
    pub(crate) fn expected(&self, from: Bucket, to: Bucket, span: Span) -> Expected {
        let voices = self.past.sum(from, to).voices;
        let window = match span {
            Span::Hour => Window::HalfHour,
            Span::SixHours => Window::SixHours,
            Span::Day => Window::Day,
        };
        let dispersion = self.course.window(window).dispersion() + self.course.baseline().doubt();
        let distribution = NegativeBinomial { mean: voices, dispersion };
        let posts = self.course.baseline().posts_per_voice();
        Expected {
            mean: posts * voices,
            low: (posts * distribution.quantile(0.05)).floor(),
            high: (posts * distribution.quantile(0.95)).ceil(),
        }
    }

    /// Mean coverage of the buckets `from..to`.
    pub(crate) fn coverage(&self, from: Bucket, to: Bucket) -> f64 {
        self.past.sum(from, to).coverage / (to.0 - from.0).max(1) as f64
    }

    /// Share of the concern's usual posts that each source brings, in the sources' order.
    pub(crate) fn shares(&self, sources: &Sources) -> Vec<f64> {
        self.exposed(sources).shares(sources)
    }

    fn exposed(&self, sources: &Sources) -> Exposed {
        self.affinity.exposed(sources, &sources.weighted(&self.counts), self.course.baseline().share())
    }

    /// Lets the oldest open bucket go: windows and baseline learn it for good.
    fn settle(&mut self, sources: &Sources, young: bool) {
        let Some(mut oldest) = self.open.pop_front() else { return };
        let age = self.open.len();
        let coverage = self.affinity.coverage(sources.weights(age));
        if coverage < GAP {
            return;
        }
        let bucket = Bucket(self.newest.0 - age as i64);
        let voices = self.voices(&mut oldest, bucket, sources);
        let rising = self.last_over.is_some_and(|over| over >= bucket);
        if oldest.exposure > 0.0 {
            let heard = Heard {
                weights: sources.weights(age),
                posts: self.counts.get(&bucket).map_or(&[], |count| &count.sources),
                rate: oldest.expected / oldest.exposure,
                weight: if rising { RISING_WEIGHT } else { 1.0 },
            };
            self.affinity.learn(&heard, sources.len());
        }
        let posts = self.counts.get(&bucket).map_or(0, |count| count.posts);
        let settled = Settled {
            bucket,
            slot: sources.slot_ago(age),
            covered: Covered { voices, expected: oldest.expected, coverage },
            exposure: oldest.exposure,
            posts: f64::from(posts),
            rising,
        };
        self.course.settle(&settled, young);
    }

    /// Rolls the windows over the open buckets and notes what was expected of each.
    fn roll(&mut self, sources: &Sources) {
        let mut open = std::mem::take(&mut self.open);
        let ages = (0..open.len()).rev();
        let mut covered = Vec::with_capacity(open.len());
        for (open, age) in open.iter_mut().zip(ages) {
            let bucket = Bucket(self.newest.0 - age as i64);
            let coverage = self.affinity.coverage(sources.weights(age));
            let voices = self.voices(open, bucket, sources);
            let expected = open.expected;
            self.past.note(bucket, Judged { voices: expected * coverage, coverage });
            covered.push(Covered { voices, expected, coverage });
        }
        self.open = open;
        self.course.roll(covered);
    }

    /// Independent posts of a bucket, without those of sources that were not watched: what comes in later for
    /// such a time is not held against an expectation that leaves these sources out.
    fn voices(&self, open: &mut Open, bucket: Bucket, sources: &Sources) -> f64 {
        let counts = &self.counts;
        let all = *open.independent.get_or_insert_with(|| independent(counts, bucket));
        if all == 0 {
            return 0.0;
        }
        let age = usize::try_from(self.newest.0 - bucket.0).unwrap_or(usize::MAX);
        f64::from(all) * sources.watched_share(counts.get(&bucket), age)
    }

    fn signal(&mut self, sources: &Sources, exposed: &Exposed, settings: &Detection, young: bool) -> Signal {
        let bucket = sources.bucket();
        let usual_feeds = exposed.usual_feeds(sources);
        let alarming = self.course.alarming().map(Weighted::window);
        let sights: Vec<Sight> = alarming.map(|window| self.sight(window, sources, settings)).collect();
        let coverage = self.past.get(bucket).coverage;
        let judged = deciding(&sights, &self.concern, usual_feeds);
        let (sight, level) =
            judged.map_or((Sight::default(), Err(Calm::Usual)), |(sight, level)| (sight.clone(), level));
        let level = match level {
            _ if young => Err(Calm::Learning),
            _ if coverage < GAP => Err(Calm::Gap),
            level => level,
        };
        let in_band = coverage >= GAP
            && f64::from(sight.observed.posts) <= sight.expected.high
            && sights.iter().all(|sight| sight.score < 0.5);
        if sight.score >= 1.0 {
            self.over(bucket, level.is_ok(), settings);
        } else if in_band {
            self.onset = None;
        }
        let mut onset = self.onset.map(Bucket::start);
        let mut forecast = self.outlook(sources, exposed, &sight, level);
        // A reported day speaks where it says more than the posts do.
        let mut once_in_weeks = settings.once_in_weeks(sight.window, sight.score);
        let (mut sight, mut level, mut in_band) = (sight, level, in_band);
        if let Some(day) = self.reported_day(bucket, sources, settings) {
            let (reported, said) = self.reported_sight(&day, sources);
            if said.is_ok() && said.ok() > level.ok() {
                (sight, level, in_band) = (reported, said, false);
                onset = Some(day.from.start());
                forecast = Err(Unforeseen::Reported);
                // Nobody has counted how often days of calls are unusual by chance.
                once_in_weeks = None;
            }
        }
        Signal {
            concern: self.concern.id.clone(),
            at: bucket.end(),
            level,
            score: sight.score,
            window: sight.window,
            span: sight.window.span(),
            observed: sight.observed,
            expected: sight.expected,
            ratio: sight.ratio(),
            onset,
            in_band,
            coverage,
            once_in_weeks,
            forecast,
        }
    }

    /// Notes that the score is over its threshold. The onset stands once a level has been raised.
    fn over(&mut self, bucket: Bucket, is_raised: bool, settings: &Detection) {
        self.last_over = Some(bucket);
        if !is_raised || self.onset.is_none() {
            self.onset = Some(self.rise_before(bucket, settings));
        }
    }

    fn sight(&self, window: Window, sources: &Sources, settings: &Detection) -> Sight {
        let span = window.span();
        let to = Bucket(sources.bucket().0 + 1);
        let from = Bucket(to.0 - span.buckets());
        let mut voices: BTreeMap<_, u32> = BTreeMap::new();
        let mut feeds: BTreeMap<u32, u32> = BTreeMap::new();
        let mut observed = Observed::default();
        for count in self.counts.range(from..to).map(|(_, count)| count) {
            observed.posts += count.posts;
            count.voices.iter().for_each(|(voice, posts)| *voices.entry(*voice).or_default() += posts);
            count.sources.iter().for_each(|(source, posts)| *feeds.entry(*source).or_default() += posts);
        }
        observed.voices = u32::try_from(voices.len()).unwrap_or(u32::MAX);
        observed.copies = observed.posts.saturating_sub(observed.voices);
        observed.sources = sources.groups(feeds.keys().filter_map(|number| sources.id(*number as usize)));
        Sight {
            window,
            score: self.course.score(window, f64::from(self.concern.min_voices), settings),
            observed,
            expected: self.expected(from, to, span),
            largest_voice: voices.values().copied().max().unwrap_or(0),
            largest_feed: feeds.values().copied().max().unwrap_or(0),
        }
    }

    /// The change point: where the evidence for "L times the usual" over "the usual", summed up to now, is greatest.
    fn rise_before(&self, now: Bucket, settings: &Detection) -> Bucket {
        // A little is added to the expectation, or single posts of days ago would pull the onset back for ever.
        let (reach, floor) = if self.course.is_fast() { (144, 0.5 / 6.0) } else { (432, 0.5 / 36.0) };
        let (mut sum, mut best, mut onset) = (0.0, 0.0, now);
        for bucket in (now.0 - reach..=now.0).rev().map(Bucket) {
            let judged = self.past.get(bucket);
            if judged.coverage < GAP {
                continue;
            }
            let voices = f64::from(independent(&self.counts, bucket));
            sum += voices * settings.lift.ln() - (settings.lift - 1.0) * (judged.voices + floor);
            if sum > best {
                (best, onset) = (sum, bucket);
            }
        }
        onset
    }

    fn forget(&mut self, now: Bucket) {
        let oldest = Bucket(now.0 - KEPT);
        while self.counts.first_key_value().is_some_and(|(bucket, _)| *bucket < oldest) {
            self.counts.pop_first();
        }
    }
}
