//! Coverage of the newest buckets, carried on from one to the next. A start may walk through a year of buckets
//! for thousands of sources: only the newest, and those a visit says something new about, are looked at.

use std::collections::VecDeque;

use super::Sightings;
use crate::series::Bucket;

/// How the newest buckets were watched.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recent {
    /// The newest bucket.
    as_of: Option<Bucket>,
    /// Coverage by age in buckets, 0 = the newest.
    shares: VecDeque<f64>,
}

impl Recent {
    /// Moves on to a bucket; coverage of it and those before it, as far as is known now.
    pub(crate) fn close(
        &mut self,
        bucket: Bucket,
        length: usize,
        sightings: &mut Sightings,
    ) -> impl Iterator<Item = f64> {
        let changed_from = sightings.changed_from.take();
        if self.as_of == Some(Bucket(bucket.0 - 1)) {
            self.shares.push_front(sightings.covered(bucket));
            self.shares.truncate(length);
            for (share, bucket) in self.shares.iter_mut().zip((0..).map(|age| Bucket(bucket.0 - age))).skip(1)
            {
                if changed_from.is_none_or(|from| bucket.end().as_second() <= from) {
                    break;
                }
                *share = sightings.covered(bucket);
            }
        } else {
            let buckets = (0..).take(length).map(|age| Bucket(bucket.0 - age));
            self.shares = buckets.map(|bucket| sightings.covered(bucket)).collect();
        }
        self.as_of = Some(bucket);
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
            let carried: Vec<f64> = recent.close(Bucket(bucket), 8, &mut sightings).collect();
            let afresh: Vec<f64> = (0..8).map(|age| sightings.covered(Bucket(bucket - age))).collect();
            assert_eq!(carried, afresh, "{bucket}");
        }
    }
}
