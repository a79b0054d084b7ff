//! Coverage of the newest buckets, carried on from one to the next. A start may walk through a year of
//! buckets for hundreds of sources: while nothing was learnt, only the newest bucket has to be looked at.

use std::collections::VecDeque;

use super::Sightings;
use crate::series::Bucket;

/// How the newest buckets were watched.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recent {
    /// The newest bucket, and how often the sightings had changed by then.
    as_of: Option<(Bucket, u64)>,
    /// Coverage by age in buckets, 0 = the newest.
    shares: VecDeque<f64>,
}

impl Recent {
    /// Moves on to a bucket; coverage of it and those before it, as far as is known now.
    pub(crate) fn close(
        &mut self,
        bucket: Bucket,
        length: usize,
        sightings: &Sightings,
    ) -> impl Iterator<Item = f64> {
        if self.as_of == Some((Bucket(bucket.0 - 1), sightings.changes)) {
            self.shares.push_front(sightings.covered(bucket));
            self.shares.truncate(length);
        } else {
            let buckets = (0..).take(length).map(|age| Bucket(bucket.0 - age));
            self.shares = buckets.map(|bucket| sightings.covered(bucket)).collect();
        }
        self.as_of = Some((bucket, sightings.changes));
        self.shares.iter().copied()
    }
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};

    use super::*;

    #[test]
    fn it_is_what_a_look_at_each_bucket_says() {
        let minute = |minute: i64| Timestamp::from_second(minute * 60).unwrap();
        let mut sightings = Sightings::new(SignedDuration::from_mins(10));
        let mut recent = Recent::default();
        // Buckets that are closed one after the other, and what was learnt before each.
        let steps =
            [(5, Some(0)), (6, Some(20)), (7, None), (8, None), (9, Some(95)), (10, Some(40)), (30, None)];
        for (bucket, beat) in steps {
            beat.into_iter().for_each(|beat| sightings.seen(minute(beat)));
            if bucket == 7 {
                sightings.posted(minute(-50));
            }
            let carried: Vec<f64> = recent.close(Bucket(bucket), 8, &sightings).collect();
            let afresh: Vec<f64> = (0..8).map(|age| sightings.covered(Bucket(bucket - age))).collect();
            assert_eq!(carried, afresh, "{bucket}");
        }
    }
}
