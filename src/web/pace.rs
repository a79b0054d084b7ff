//! How often somebody may come: a bucket of tokens for each (RFC 2697's idea). The moment arrives as an argument.

use std::collections::HashMap;
use std::hash::Hash;

use tokio::time::Instant;

/// Who comes more often than that waits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rate {
    /// In the long run.
    pub(super) a_second: f64,
    /// At once, after a pause.
    pub(super) at_once: f64,
}

/// Callers remembered; a full bucket need not be.
const CALLERS: usize = 1000;

/// What is left of one caller's bucket.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    left: f64,
    at: Instant,
}

/// The buckets of all callers.
#[derive(Debug)]
pub(super) struct Buckets<Caller> {
    rate: Rate,
    buckets: HashMap<Caller, Bucket>,
}

impl<Caller: Eq + Hash> Buckets<Caller> {
    /// All of them full.
    pub(super) fn new(rate: Rate) -> Buckets<Caller> {
        Buckets { rate, buckets: HashMap::new() }
    }

    /// Takes one out of a caller's bucket; else says how many seconds it has to wait.
    pub(super) fn take(&mut self, caller: Caller, now: Instant) -> Result<(), u64> {
        let rate = self.rate;
        let bucket = self.buckets.get(&caller).copied();
        let left = bucket.map_or(rate.at_once, |bucket| filled(bucket, rate, now));
        let taken = left >= 1.0;
        // What was filled in once is not filled in again.
        let at = bucket.map_or(now, |bucket| bucket.at.max(now));
        self.buckets.insert(caller, Bucket { left: if taken { left - 1.0 } else { left }, at });
        if self.buckets.len() > CALLERS {
            self.buckets.retain(|_, bucket| filled(*bucket, rate, now) < rate.at_once);
        }
        if taken { Ok(()) } else { Err(((1.0 - left) / rate.a_second).ceil().max(1.0) as u64) }
    }

    /// Puts one back: that time is not to count.
    pub(super) fn put_back(&mut self, caller: &Caller) {
        if let Some(bucket) = self.buckets.get_mut(caller) {
            bucket.left = (bucket.left + 1.0).min(self.rate.at_once);
        }
    }
}

fn filled(bucket: Bucket, rate: Rate, now: Instant) -> f64 {
    let passed = now.saturating_duration_since(bucket.at).as_secs_f64();
    (bucket.left + passed * rate.a_second).min(rate.at_once)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const RATE: Rate = Rate { a_second: 20.0, at_once: 200.0 };

    #[test]
    fn who_asks_too_often_waits_and_the_others_do_not() {
        let start = Instant::now();
        let mut buckets = Buckets::new(RATE);
        let taken = (0..250).filter(|_| buckets.take("值班室", start).is_ok()).count();
        assert_eq!(taken, 200);
        assert_eq!(buckets.take("值班室", start), Err(1));
        assert_eq!(buckets.take("宣传部", start), Ok(()));
        let later = start + Duration::from_millis(500);
        let taken = (0..250).filter(|_| buckets.take("值班室", later).is_ok()).count();
        assert_eq!(taken, 10);
        assert_eq!(buckets.take("值班室", start), Err(1), "an earlier moment gives nothing");
        buckets.put_back(&"值班室");
        assert_eq!((buckets.take("值班室", later), buckets.take("值班室", later)), (Ok(()), Err(1)));
    }

    #[test]
    fn callers_without_end_take_no_room_without_end() {
        let start = Instant::now();
        let mut buckets = Buckets::new(RATE);
        for number in 0..5 * CALLERS as u64 {
            let now = start + Duration::from_secs(number);
            assert_eq!(buckets.take(number.to_string(), now), Ok(()));
        }
        assert!(buckets.buckets.len() <= CALLERS + 1, "{}", buckets.buckets.len());
    }
}
