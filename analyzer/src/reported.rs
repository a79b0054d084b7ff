//! Calls that others counted for a concern: late, by the day, without texts. Judged beside the posts and
//! not among them: a total that arrives in one piece must not look like a crowd that speaks at once.
//!
//! Everything is computed anew from what was reported, so a corrected count corrects every answer.

use std::collections::BTreeMap;

use crawler::category::CategoryCount;
use crawler::post::Voice;
use jiff::civil::Date;

use crate::calendar::Calendar;
use crate::detect::Detection;
use crate::hash::{mix, of_text};
use crate::series::{BUCKET_SECONDS, Bucket};
use crate::signal::Window;
use crate::tail::NegativeBinomial;

/// Days a source must have reported before one of its days can be unusual.
const LEARNING_DAYS: usize = 7;
/// Days looked back at; what is usual is usual of late.
const REACH_DAYS: i64 = 56;
/// Half-life of what is usual, in days.
const HALF_LIFE: f64 = 14.0;
/// Workdays and days of rest are told apart once each has weighed more than so many days.
const KIND_PRIOR: f64 = 3.0;
/// Dispersion before anything is learnt, and how many days that guess is worth.
const DISPERSION: (f64, f64) = (0.1, 7.0);
/// A day in the history weighs at most so many times the median, or one rise would be usual for weeks.
const CLIP: f64 = 3.0;
/// Buckets that must be reported for a day to count as whole: an hour may be missing, as in daylight saving.
const WHOLE_DAY: usize = 138;
/// A reported day is news for so long after its end, in buckets.
const NEWS: i64 = 48 * 6;
/// Counts are kept this long, in buckets.
const KEPT: i64 = 62 * 144;

/// What was reported for one concern.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reported {
    /// Counts by source, category and period.
    periods: BTreeMap<Period, u32>,
    /// Calls by source in each bucket; a bucket that was reported without a call is there with none.
    buckets: BTreeMap<Bucket, BTreeMap<String, u32>>,
    /// The same by local day.
    days: BTreeMap<String, BTreeMap<Date, DayCount>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct DayCount {
    calls: u32,
    /// Buckets that were reported.
    buckets: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Period {
    source: String,
    category: String,
    from: i64,
    to: i64,
}

/// A reported day beside what is usual.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ReportedDay {
    /// First bucket of the day.
    pub(crate) from: Bucket,
    /// First bucket after it.
    pub(crate) to: Bucket,
    /// Sources that reported it and are known well enough.
    pub(crate) sources: Vec<String>,
    /// Their calls.
    pub(crate) calls: u32,
    /// Usual calls.
    pub(crate) usual: f64,
    /// −log₁₀ of the tail ÷ the threshold of a day, as for posts.
    pub(crate) score: f64,
}

/// What is usual of one source on one day.
#[derive(Clone, Copy, Debug, Default)]
struct Usual {
    mean: f64,
    dispersion: f64,
}

impl Reported {
    /// Notes that a source has counted this period at all: a category that is not named had no call.
    pub(crate) fn cover(&mut self, count: &CategoryCount, calendar: &Calendar) {
        for bucket in span(count) {
            let sources = self.buckets.entry(bucket).or_default();
            if !sources.contains_key(&count.source) {
                sources.insert(count.source.clone(), 0);
                day_of(&mut self.days, &count.source, calendar.date(bucket)).buckets += 1;
            }
        }
    }

    /// Takes a count of a covered period; one of the same period takes the place of the earlier.
    pub(crate) fn take(&mut self, count: &CategoryCount, calendar: &Calendar) {
        let period = Period {
            source: count.source.clone(),
            category: count.category.clone(),
            from: count.from.as_second(),
            to: count.to.as_second(),
        };
        let before = self.periods.insert(period, count.count).unwrap_or(0);
        let buckets: Vec<Bucket> = span(count).collect();
        let before = spread(before, buckets.len());
        for ((bucket, now), before) in buckets.iter().zip(spread(count.count, buckets.len())).zip(before) {
            let calls = self.buckets.entry(*bucket).or_default().entry(count.source.clone()).or_default();
            *calls = (*calls + now).saturating_sub(before);
            let day = day_of(&mut self.days, &count.source, calendar.date(*bucket));
            day.calls = (day.calls + now).saturating_sub(before);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.periods.is_empty()
    }

    pub(crate) fn first(&self) -> Option<Bucket> {
        self.buckets.keys().next().copied()
    }

    /// Calls of the buckets `from..to`: bucket, source, calls; none without calls.
    pub(crate) fn calls(&self, from: Bucket, to: Bucket) -> impl Iterator<Item = (Bucket, &str, u32)> {
        let within = (from < to).then(|| self.buckets.range(from..to)).into_iter().flatten();
        within
            .flat_map(|(bucket, calls)| {
                calls.iter().map(|(source, calls)| (*bucket, source.as_str(), *calls))
            })
            .filter(|(_, _, calls)| *calls > 0)
    }

    /// Usual calls by source in the buckets `from..to`, as far as these were reported. While too little is
    /// known, a day's calls count as what is usual: nobody can say that they are not.
    pub(crate) fn usual(&self, from: Bucket, to: Bucket, calendar: &Calendar) -> BTreeMap<&str, f64> {
        let mut usual: BTreeMap<&str, f64> = BTreeMap::new();
        let mut known: BTreeMap<(&str, Date), f64> = BTreeMap::new();
        if from >= to {
            return usual;
        }
        for (bucket, calls) in self.buckets.range(from..to) {
            let date = calendar.date(*bucket);
            for source in calls.keys() {
                let day = known.entry((source, date)).or_insert_with(|| {
                    let own = self.days.get(source).and_then(|days| days.get(&date));
                    let own = own.map_or(0.0, |day| f64::from(day.calls) * 144.0 / day.buckets.max(1) as f64);
                    self.usual_day(source, date, calendar).map_or(own, |usual| usual.mean)
                });
                *usual.entry(source).or_default() += *day / 144.0;
            }
        }
        usual
    }

    /// The newest whole day that is still news at the end of `now`, if enough is known to judge it.
    pub(crate) fn day(
        &self,
        now: Bucket,
        least: f64,
        calendar: &Calendar,
        settings: &Detection,
    ) -> Option<ReportedDay> {
        let last = self.buckets.range(Bucket(now.0 - NEWS - 144)..=now).next_back()?.0;
        let whole = |date: &Date| {
            let day = calendar.buckets(*date);
            day.end.0 <= now.0 + 1 && now.0 - day.end.0 < NEWS && self.whole(*date).next().is_some()
        };
        let newest = calendar.date(*last);
        let date = [Some(newest), newest.yesterday().ok()].into_iter().flatten().find(whole)?;
        let (mut calls, mut usual, mut sources) = (0, Usual::default(), Vec::new());
        for (source, counted) in self.whole(date) {
            let Some(known) = self.usual_day(source, date, calendar) else { continue };
            calls += counted;
            sources.push(source.to_owned());
            usual.dispersion = usual.dispersion.max(known.dispersion);
            usual.mean += known.mean;
        }
        let observed = f64::from(calls);
        let bar = settings.lift * usual.mean + settings.floor;
        let score = if usual.dispersion <= 0.0 || observed < least || observed <= bar {
            0.0
        } else {
            let tail = NegativeBinomial { mean: bar, dispersion: usual.dispersion };
            tail.minus_log10_tail(observed) / settings.threshold(Window::Day)
        };
        let day = calendar.buckets(date);
        Some(ReportedDay { from: day.start, to: day.end, sources, calls, usual: usual.mean, score })
    }

    /// Forgets what nobody asks about any more.
    pub(crate) fn forget(&mut self, now: Bucket, calendar: &Calendar) {
        let oldest = Bucket(now.0 - KEPT);
        if self.first().is_none_or(|first| first >= oldest) {
            return;
        }
        self.buckets = self.buckets.split_off(&oldest);
        self.periods.retain(|period, _| period.to.div_euclid(BUCKET_SECONDS) > oldest.0);
        let oldest = calendar.date(oldest);
        self.days.values_mut().for_each(|days| *days = days.split_off(&oldest));
    }

    /// Sources that reported a day from its beginning to its end, with their calls.
    fn whole(&self, date: Date) -> impl Iterator<Item = (&str, u32)> {
        self.days.iter().filter_map(move |(source, days)| {
            let day = days.get(&date).filter(|day| day.buckets >= WHOLE_DAY)?;
            Some((source.as_str(), day.calls))
        })
    }

    /// What is usual of a source on that day, from its days before; `None` while it has reported too few.
    fn usual_day(&self, source: &str, date: Date, calendar: &Calendar) -> Option<Usual> {
        let oldest = date.checked_sub(jiff::Span::new().days(REACH_DAYS)).unwrap_or(Date::MIN);
        let before = self.days.get(source)?.range(oldest..date);
        let mut days: Vec<(Date, f64)> = before
            .filter(|(_, day)| day.buckets >= WHOLE_DAY)
            .map(|(date, day)| (*date, f64::from(day.calls)))
            .collect();
        if days.len() < LEARNING_DAYS {
            return None;
        }
        clip(&mut days);
        Some(usual_of(&days, date, calendar))
    }
}

fn day_of<'a>(
    days: &'a mut BTreeMap<String, BTreeMap<Date, DayCount>>,
    source: &str,
    date: Date,
) -> &'a mut DayCount {
    days.entry(source.to_owned()).or_default().entry(date).or_default()
}

/// Days beside what they weigh on `date`, and what follows from them.
fn usual_of(days: &[(Date, f64)], date: Date, calendar: &Calendar) -> Usual {
    let weight = |day: Date| 0.5f64.powf(f64::from((date - day).get_days()) / HALF_LIFE);
    let kind = calendar.day(date);
    let (mut all, mut same) = ((0.0, 0.0), (0.0, 0.0));
    for (day, calls) in days {
        let weight = weight(*day);
        all = (all.0 + weight * calls, all.1 + weight);
        if calendar.day(*day) == kind {
            same = (same.0 + weight * calls, same.1 + weight);
        }
    }
    let overall = all.0 / all.1;
    let mean = (same.0 + KIND_PRIOR * overall) / (same.1 + KIND_PRIOR);
    // Deviations beyond chance, relative to the squared mean, over the days of every kind.
    let excess: f64 =
        days.iter().map(|(day, calls)| weight(*day) * ((calls - overall).powi(2) - overall)).sum();
    let squares = all.1 * overall.max(0.5).powi(2);
    let dispersion =
        (excess.max(0.0) / squares.max(1e-9) * all.1 + DISPERSION.0 * DISPERSION.1) / (all.1 + DISPERSION.1);
    // The level itself is in doubt while few days are known.
    let doubt = (1.0 / overall.max(0.5) + dispersion) / all.1;
    Usual { mean, dispersion: dispersion + doubt }
}

fn clip(days: &mut [(Date, f64)]) {
    let mut sorted: Vec<f64> = days.iter().map(|(_, calls)| *calls).collect();
    sorted.sort_by(f64::total_cmp);
    let median = sorted.get(sorted.len() / 2).copied().unwrap_or(0.0);
    days.iter_mut().for_each(|(_, calls)| *calls = calls.min(CLIP * median + CLIP));
}

/// A voice for each call: no two alike, and none of a post's, which are hashes of texts in another space.
pub(crate) fn voices(bucket: Bucket, source: &str, calls: u32) -> impl Iterator<Item = Voice> {
    let seed = mix(0, of_text(source) ^ bucket.0.cast_unsigned());
    (0..calls).map(move |call| Voice(mix(0, seed ^ mix(0, u64::from(call) + 1))))
}

/// The buckets of a period; at least one.
fn span(count: &CategoryCount) -> impl Iterator<Item = Bucket> + use<> {
    let first = Bucket::of(count.from).0;
    let last = (count.to.as_second() - 1).div_euclid(BUCKET_SECONDS).max(first);
    (first..=last).map(Bucket)
}

/// A count in equal parts whose sum is the count: no part differs from another by more than one.
fn spread(count: u32, parts: usize) -> Vec<u32> {
    let (count, parts) = (u64::from(count), parts.max(1) as u64);
    let upto = |part: u64| part * count / parts;
    (0..parts).map(|part| u32::try_from(upto(part + 1) - upto(part)).unwrap_or(u32::MAX)).collect()
}

#[cfg(test)]
mod tests;
