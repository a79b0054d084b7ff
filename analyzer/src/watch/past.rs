//! What was expected of the closed buckets of forty days: the newest days bucket by bucket, the older ones by the
//! hour, since charts and digests sum hours and nothing is judged by them any more.

use std::collections::VecDeque;

use crate::series::Bucket;
use crate::voices::HOUR;

/// Buckets kept one by one: four days, more than the three that an onset is looked for in.
const SINGLE: usize = 4 * 144;
/// Hours kept: what makes forty days of it.
const HOURS: usize = 36 * 24;

/// What was expected of a closed bucket.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Judged {
    /// Expected voices, coverage included.
    pub(crate) voices: f64,
    /// Share of the concern's usual volume that was covered.
    pub(crate) coverage: f64,
}

/// Expectations without a gap between them, the newest last.
#[derive(Clone, Debug, Default)]
pub(crate) struct Past {
    /// First bucket kept one by one.
    first: i64,
    buckets: VecDeque<(f32, f32)>,
    /// Sums of the hours before it, the newest last.
    hours: VecDeque<(f32, f32)>,
}

impl Past {
    /// Notes a bucket again, or the one after the newest; after a hole it begins anew.
    pub(crate) fn note(&mut self, bucket: Bucket, judged: Judged) {
        let place = bucket.0 - self.first;
        let next = i64::try_from(self.buckets.len()).unwrap_or(i64::MAX);
        if place > next || (self.buckets.is_empty() && self.hours.is_empty()) {
            *self = Past { first: bucket.0, ..Past::default() };
        }
        let Ok(place) = usize::try_from(bucket.0 - self.first) else { return };
        let value = (judged.voices as f32, judged.coverage as f32);
        match self.buckets.get_mut(place) {
            Some(known) => *known = value,
            None => self.buckets.push_back(value),
        }
        if self.buckets.len() >= SINGLE + HOUR as usize {
            let hour = self.buckets.drain(..HOUR as usize);
            let sum = hour.fold((0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
            self.first += HOUR;
            self.hours.push_back(sum);
        }
        if self.hours.len() > HOURS {
            self.hours.pop_front();
        }
    }

    /// Bytes of its lists.
    pub(crate) fn bytes(&self) -> usize {
        (self.buckets.capacity() + self.hours.capacity()) * size_of::<(f32, f32)>()
    }

    /// One of the newest days' buckets; nothing of one that is not known.
    pub(crate) fn get(&self, bucket: Bucket) -> Judged {
        let place = usize::try_from(bucket.0 - self.first).ok();
        let known = place.and_then(|place| self.buckets.get(place)).copied().unwrap_or_default();
        Judged { voices: f64::from(known.0), coverage: f64::from(known.1) }
    }

    /// The buckets `from..to` summed; of an hour that lies partly in them, its part.
    pub(crate) fn sum(&self, from: Bucket, to: Bucket) -> Judged {
        let mut sum = Judged::default();
        let mut add = |(voices, coverage): (f32, f32), share: f64| {
            sum.voices += share * f64::from(voices);
            sum.coverage += share * f64::from(coverage);
        };
        // The newest first: whoever judges asks for none of them.
        for (hour, age) in self.hours.iter().rev().zip(1..) {
            let start = self.first - HOUR * age;
            if start + HOUR <= from.0 {
                break;
            }
            let within = (start + HOUR).min(to.0) - start.max(from.0);
            if within > 0 {
                add(*hour, within as f64 / HOUR as f64);
            }
        }
        let place = |bucket: i64| usize::try_from((bucket - self.first).max(0)).unwrap_or(usize::MAX);
        let (from, to) = (place(from.0), place(to.0).min(self.buckets.len()));
        self.buckets.range(from.min(to)..to).for_each(|bucket| add(*bucket, 1.0));
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noted(buckets: std::ops::Range<i64>) -> Past {
        let mut past = Past::default();
        buckets.for_each(|bucket| past.note(Bucket(bucket), Judged { voices: bucket as f64, coverage: 1.0 }));
        past
    }

    #[test]
    fn sums_are_those_of_the_buckets_old_and_new() {
        let past = noted(0..2000);
        let sum = |from: i64, to: i64| past.sum(Bucket(from), Bucket(to));
        let all = |from: i64, to: i64| (from..to).sum::<i64>() as f64;
        for (from, to) in [(1990, 2000), (1200, 1900), (0, 2000), (60, 66), (600, 1500)] {
            assert_eq!(sum(from, to), Judged { voices: all(from, to), coverage: (to - from) as f64 });
        }
        assert_eq!(sum(1990, 2100).coverage, 10.0);
        assert_eq!(sum(-50, 0), Judged::default());
        // Half an hour of an old hour is half of it.
        assert_eq!(sum(60, 63), Judged { voices: all(60, 66) / 2.0, coverage: 3.0 });
        assert_eq!((past.get(Bucket(1500)).voices, past.get(Bucket(2000))), (1500.0, Judged::default()));
    }

    #[test]
    fn an_open_bucket_is_noted_anew_and_forty_days_are_kept() {
        let mut past = noted(0..50 * 144);
        past.note(Bucket(50 * 144 - 10), Judged { voices: 0.5, coverage: 0.25 });
        assert_eq!(past.get(Bucket(50 * 144 - 10)), Judged { voices: 0.5, coverage: 0.25 });
        let kept = past.sum(Bucket(0), Bucket(50 * 144)).coverage;
        assert!((40.0 * 144.0 - 1.0..40.1 * 144.0).contains(&kept), "{kept}");
    }

    #[test]
    fn after_a_hole_it_begins_anew() {
        let mut past = noted(0..100);
        past.note(Bucket(500), Judged { voices: 1.0, coverage: 1.0 });
        assert_eq!(past.sum(Bucket(0), Bucket(501)).coverage, 1.0);
    }
}
