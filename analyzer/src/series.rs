//! Counts of one concern over time. A bucket is ten minutes of publication time.

use crawler::post::Voice;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Length of a bucket in seconds.
pub const BUCKET_SECONDS: i64 = 600;
/// A bucket is closed so long after its end, for posts on their way.
const WATERMARK_SECONDS: i64 = 120;

/// Number of a bucket: Unix seconds ÷ 600, rounded down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Bucket(pub i64);

/// Everything counted for one concern in one bucket. The index (history) and the live counter
/// produce equal values for equal posts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BucketCount {
    /// Which ten minutes.
    pub bucket: Bucket,
    /// Posts, copies included.
    pub posts: u32,
    /// Posts per near-duplicate group, sorted by voice.
    pub voices: Vec<(Voice, u32)>,
    /// Posts per source id, sorted by source.
    pub sources: Vec<(String, u32)>,
}

impl Bucket {
    /// The bucket a moment falls into.
    pub fn of(time: Timestamp) -> Bucket {
        Bucket(time.as_second().div_euclid(BUCKET_SECONDS))
    }

    /// The newest bucket that is closed: each is so two minutes after its end, when slow feeds have come in.
    pub fn newest_closed(now: Timestamp) -> Bucket {
        let newest = Timestamp::from_second(now.as_second() - WATERMARK_SECONDS).unwrap_or(now);
        Bucket(Bucket::of(newest).0 - 1)
    }

    /// First moment of the bucket; the epoch if it lies outside what a timestamp can say.
    pub fn start(self) -> Timestamp {
        Timestamp::from_second(self.0.saturating_mul(BUCKET_SECONDS)).unwrap_or_default()
    }

    /// First moment after the bucket.
    pub fn end(self) -> Timestamp {
        Bucket(self.0 + 1).start()
    }
}
