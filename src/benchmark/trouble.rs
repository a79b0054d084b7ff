//! False alarms where a detector is most easily fooled: around outages, and of concerns that have just begun.

use serde::Serialize;

use super::input::Input;

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
    /// False alarms that begin within 18 hours of an outage's start, by outage and 100 concerns.
    pub false_alarms: f64,
    /// As many as such hours have at any other time.
    pub at_other_times: f64,
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
}

/// Alarms around the outages of a set, by the concern and bucket in which each begins.
pub(crate) fn outages(input: &Input, begin: impl Iterator<Item = (usize, usize)>) -> Option<Outages> {
    let mut near = vec![false; input.total.len()];
    let after_warm_up = || input.outages.iter().filter(|start| **start >= input.warm_up);
    for start in after_warm_up() {
        near.iter_mut().skip(*start).take(AFTER_OUTAGE).for_each(|near| *near = true);
    }
    let outages = after_warm_up().count();
    if outages == 0 {
        return None;
    }
    let (around, elsewhere): (Vec<bool>, Vec<bool>) =
        begin.map(|(_, bucket)| near.get(bucket) == Some(&true)).partition(|is_near| *is_near);
    let far = near.iter().skip(input.warm_up).filter(|near| !**near).count().max(1);
    let hundreds = input.counts.len().max(1) as f64 / 100.0;
    Some(Outages {
        outages,
        false_alarms: around.len() as f64 / outages as f64 / hundreds,
        at_other_times: elsewhere.len() as f64 / far as f64 * AFTER_OUTAGE as f64 / hundreds,
    })
}

/// Whether a concern begins anew in a bucket.
pub(crate) fn is_born(input: &Input, concern: usize, bucket: usize) -> bool {
    age(input, concern, bucket) == Some(0)
}

/// Buckets since a concern last began anew; `None` before it first does.
fn age(input: &Input, concern: usize, bucket: usize) -> Option<usize> {
    let first = input.warm_up + concern * APART % NEW_EVERY;
    bucket.checked_sub(first).map(|since| since % NEW_EVERY)
}

/// Alarms by age, of concerns that know nothing from before their beginning and of those that do.
pub(crate) fn ages(
    input: &Input,
    without_history: &[(usize, usize)],
    with_history: &[(usize, usize)],
) -> Vec<Age> {
    AGES.into_iter()
        .map(|(from_hours, to_hours)| {
            let range = from_hours * BUCKETS_AN_HOUR..to_hours * BUCKETS_AN_HOUR;
            let is_of_age = |(concern, bucket): &(usize, usize)| {
                age(input, *concern, *bucket).is_some_and(|age| range.contains(&age))
            };
            let count = |alarms: &[(usize, usize)]| alarms.iter().filter(|alarm| is_of_age(alarm)).count();
            let all = (0..input.counts.len())
                .flat_map(|concern| (0..input.total.len()).map(move |bucket| (concern, bucket)));
            Age {
                from_hours,
                to_hours,
                concern_weeks: all.filter(is_of_age).count() as f64 / BUCKETS_A_WEEK,
                without_history: count(without_history),
                with_history: count(with_history),
            }
        })
        .collect()
}
