//! How often a source publishes, and how soon it is worth visiting again. Pure: publication times in, an
//! interval out.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// A post is found at the latest this part of the usual gap behind its publication.
const PART_OF_GAP: i32 = 4;

/// When a source last published. Survives a restart inside the source's cursor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rhythm {
    /// The newest moment of publication.
    newest: Option<Timestamp>,
    /// From the moment before it to that one.
    gap: Option<SignedDuration>,
}

impl Rhythm {
    /// Takes note of the times that a visit's posts state. Posts of one moment are one publication.
    pub fn learn(&mut self, times: impl IntoIterator<Item = Timestamp>) {
        let mut times: Vec<Timestamp> = times.into_iter().chain(self.newest).collect();
        times.sort_unstable();
        times.dedup();
        let (Some(newest), before) = (times.pop(), times.pop()) else { return };
        if self.newest != Some(newest) {
            self.gap = before.map(|before| before.duration_until(newest));
            self.newest = Some(newest);
        }
    }

    /// When to come again: a quarter of the gap before the newest post, or of the quiet since, if that is
    /// longer; never sooner than `every` and never later than `at_most`. Two posts in quick succession
    /// bring it back to `every` at once. Without `at_most`, or of a source that states no times, `every`.
    pub fn interval(
        &self,
        (every, at_most): (SignedDuration, Option<SignedDuration>),
        now: Timestamp,
    ) -> SignedDuration {
        let (Some(newest), Some(at_most)) = (self.newest, at_most) else { return every };
        let quiet = newest.duration_until(now);
        let gap = self.gap.unwrap_or_default().max(quiet);
        (gap / PART_OF_GAP).min(at_most).max(every)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: (SignedDuration, Option<SignedDuration>) =
        (SignedDuration::from_mins(10), Some(SignedDuration::from_mins(120)));

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_second(1_600_000_000 + minutes * 60).unwrap()
    }

    fn minutes(rhythm: &Rhythm, now: i64) -> i64 {
        rhythm.interval(BOUNDS, at(now)).as_secs() / 60
    }

    #[test]
    fn one_post_a_day_is_visited_as_rarely_as_allowed_and_a_burst_at_once() {
        let day = 24 * 60;
        let mut rhythm = Rhythm::default();
        assert_eq!(minutes(&rhythm, 0), 10);
        // Nothing is known but one post: as it gets older, visits get rarer.
        rhythm.learn([at(0)]);
        assert_eq!([5, 40, 60, 240, 480, 5000].map(|now| minutes(&rhythm, now)), [10, 10, 15, 60, 120, 120]);
        rhythm.learn([at(0), at(day)]);
        assert_eq!(minutes(&rhythm, day + 1), 120);
        // The same posts seen again change nothing.
        rhythm.learn([at(day), at(0)]);
        assert_eq!(minutes(&rhythm, day + 1), 120);
        rhythm.learn([at(2 * day), at(2 * day + 3), at(2 * day + 5)]);
        assert_eq!(minutes(&rhythm, 2 * day + 6), 10);
        assert_eq!(minutes(&rhythm, 2 * day + 5 + 100), 25);
        assert_eq!(minutes(&rhythm, 3 * day), 120);
    }

    #[test]
    fn posts_of_one_moment_are_one_publication() {
        let mut rhythm = Rhythm::default();
        rhythm.learn([at(0), at(600), at(600), at(600)]);
        assert_eq!(minutes(&rhythm, 601), 120);
    }

    #[test]
    fn without_a_longest_interval_nothing_adapts() {
        let mut rhythm = Rhythm::default();
        rhythm.learn([at(0), at(5000)]);
        assert_eq!(rhythm.interval((BOUNDS.0, None), at(9000)), BOUNDS.0);
        // Bounds the wrong way round, and a clock set back, keep to the shortest.
        assert_eq!(rhythm.interval((BOUNDS.0, Some(SignedDuration::from_mins(1))), at(9000)), BOUNDS.0);
        assert_eq!(Rhythm::default().interval(BOUNDS, at(-9000)), BOUNDS.0);
    }
}
