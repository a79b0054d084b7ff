//! False alarms where a detector is most easily fooled: around outages, and of concerns that have just begun; and
//! what becomes of rises while a concern is young.

use serde::Serialize;

use super::input::Input;
use super::judge::{Interval, Outcome};
use super::rarity::poisson_95;

/// What alarms within so many buckets of an outage's start is put down to it: the longest lasts twelve hours, and
/// what is filled in later shows within six more.
const AFTER_OUTAGE: usize = 108;
/// A concern begins anew after so many buckets, without anything learnt.
const NEW_EVERY: usize = 4 * 1_008;
/// Concerns do not all begin at one moment: each so many buckets after the one before it.
const APART: usize = 61;
/// Ages in hours, from and to.
const AGES: [(usize, usize); 5] = [(0, 12), (12, 24), (24, 48), (48, 168), (168, 672)];
const BUCKETS_AN_HOUR: usize = 6;
const BUCKETS_A_WEEK: f64 = 1_008.0;

/// False alarms around outages.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Outages {
    /// Outages after the warm-up.
    pub outages: usize,
    /// False alarms that begin within 18 hours of an outage's start.
    pub alarms: usize,
    /// The same by outage and 100 concerns.
    pub false_alarms: f64,
    /// Its 95 % interval, the number of alarms being a Poisson variable.
    pub false_alarms_95: Interval,
    /// As many as such hours have at any other time.
    pub at_other_times: f64,
}

/// Alarms and the time in which they began, near outages and elsewhere; sets add up.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Around {
    outages: usize,
    near: Share,
    elsewhere: Share,
}

/// Alarms in so many spans of 18 hours of 100 concerns.
#[derive(Clone, Copy, Debug, Default)]
struct Share {
    alarms: usize,
    spans: f64,
}

/// False alarms of concerns of one age.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Age {
    /// Hours since the concern began.
    pub from_hours: usize,
    /// Hours since the concern began.
    pub to_hours: usize,
    /// Concern-weeks of this age.
    pub concern_weeks: f64,
    /// Alarms without any history before its beginning.
    pub without_history: usize,
    /// Alarms of the same time where the time before was learnt from history.
    pub with_history: usize,
    /// Events of at least twice the base, in the third set, that begin at this age.
    pub events: usize,
    /// Of these found before the peak without any history before the concern's beginning.
    pub found_without_history: usize,
    /// And where the time before was learnt from history.
    pub found_with_history: usize,
}

impl Age {
    fn has(&self, age: usize) -> bool {
        (self.from_hours * BUCKETS_AN_HOUR..self.to_hours * BUCKETS_AN_HOUR).contains(&age)
    }
}

impl Around {
    /// Takes the alarms of a set, by the concern and bucket in which each begins.
    pub(super) fn add(&mut self, input: &Input, begin: &[(usize, usize)]) {
        let mut near = vec![false; input.total.len()];
        let after_warm_up = || input.outages.iter().filter(|start| **start >= input.warm_up);
        for start in after_warm_up() {
            near.iter_mut().skip(*start).take(AFTER_OUTAGE).for_each(|near| *near = true);
        }
        let outages = after_warm_up().count();
        let hundreds = input.counts.len() as f64 / 100.0;
        let far = near.iter().skip(input.warm_up).filter(|near| !**near).count();
        self.outages += outages;
        self.near.spans += outages as f64 * hundreds;
        self.elsewhere.spans += far as f64 / AFTER_OUTAGE as f64 * hundreds;
        for (_, bucket) in begin {
            let share = if near.get(*bucket) == Some(&true) { &mut self.near } else { &mut self.elsewhere };
            share.alarms += 1;
        }
    }

    /// `None` where nothing was out.
    pub(super) fn outages(&self) -> Option<Outages> {
        let by_span = |alarms: f64| alarms / self.near.spans;
        let (low, high) = poisson_95(self.near.alarms);
        (self.outages > 0).then(|| Outages {
            outages: self.outages,
            alarms: self.near.alarms,
            false_alarms: by_span(self.near.alarms as f64),
            false_alarms_95: (by_span(low), by_span(high)),
            at_other_times: self.elsewhere.alarms as f64 / self.elsewhere.spans.max(f64::MIN_POSITIVE),
        })
    }
}

/// Whether a concern begins anew in a bucket.
pub(super) fn births(input: &Input) -> impl Fn(usize, usize) -> bool + Sync {
    |concern, bucket| age(input, concern, bucket) == Some(0)
}

/// Buckets since a concern last began anew; `None` before it first does.
fn age(input: &Input, concern: usize, bucket: usize) -> Option<usize> {
    let first = input.warm_up + concern * APART % NEW_EVERY;
    bucket.checked_sub(first).map(|since| since % NEW_EVERY)
}

/// Every age, before anything was counted.
pub(super) fn ages() -> Vec<Age> {
    let age = |(from_hours, to_hours)| Age {
        from_hours,
        to_hours,
        concern_weeks: 0.0,
        without_history: 0,
        with_history: 0,
        events: 0,
        found_without_history: 0,
        found_with_history: 0,
    };
    AGES.into_iter().map(age).collect()
}

/// Adds the alarms of a set, of concerns that know nothing from before their beginning and of those that do.
pub(super) fn add_alarms(
    ages: &mut [Age],
    input: &Input,
    without_history: &[(usize, usize)],
    with_history: &[(usize, usize)],
) {
    for row in ages {
        let is_of_age = |(concern, bucket): &(usize, usize)| {
            age(input, *concern, *bucket).is_some_and(|age| row.has(age))
        };
        let count = |alarms: &[(usize, usize)]| alarms.iter().filter(|alarm| is_of_age(alarm)).count();
        let all = (0..input.counts.len())
            .flat_map(|concern| (0..input.total.len()).map(move |bucket| (concern, bucket)));
        let weeks = all.filter(is_of_age).count() as f64 / BUCKETS_A_WEEK;
        let (without, with) = (count(without_history), count(with_history));
        row.concern_weeks += weeks;
        row.without_history += without;
        row.with_history += with;
    }
}

/// Adds what became of the events of a set, by the age of their concern when they began.
pub(super) fn add_events(
    ages: &mut [Age],
    input: &Input,
    without_history: &[Outcome],
    with_history: &[Outcome],
) {
    let outcomes = without_history.iter().zip(with_history);
    for (event, (without, with)) in
        input.events.iter().zip(outcomes).filter(|(_, (_, with))| with.is_strong())
    {
        let Some(age) = age(input, with.concern, event.start as usize) else { continue };
        if let Some(row) = ages.iter_mut().find(|row| row.has(age)) {
            row.events += 1;
            row.found_without_history += usize::from(without.before_peak);
            row.found_with_history += usize::from(with.before_peak);
        }
    }
}
