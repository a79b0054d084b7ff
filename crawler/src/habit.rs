//! What a source usually brings: posts a day, and how long it is silent in between. Says when a source
//! that answers has been silent for unusually long. Pure: arrivals and `now` in, a judgement out.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

/// So much of the past counts as usual, and is to be fed to a new [`Habit`].
pub const REACH: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Silence is unusual when it lasts this many times the longest silence of the time before …
const TIMES: i32 = 3;

/// … and at least so long: nobody posts at four in the morning.
const LEAST_SILENCE: SignedDuration = SignedDuration::from_hours(24);

/// Less than so many hours with posts tell nothing of a habit …
const LEAST_HOURS: usize = 8;

/// … and so do posts of less than so many days.
const LEAST_REACH: SignedDuration = SignedDuration::from_hours(72);

const HOUR: i64 = 3_600;
const DAY: f64 = 24.0;

/// When new posts of one source came: so many in each hour of two weeks. Some kilobytes a source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Habit {
    hours: BTreeMap<i64, u32>,
    last: Option<Timestamp>,
}

/// How the silence of a source is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silence {
    /// Too little is known of it.
    Unknown,
    /// No longer than it may be.
    Usual,
    /// Longer than three times the longest silence of two weeks, and than a day.
    Unusual {
        /// Its last new post came then.
        since: Timestamp,
        /// The longest silence before.
        longest: SignedDuration,
    },
}

impl Habit {
    /// Takes note of a new post. Arrivals come in about the order of time.
    pub fn arrived(&mut self, at: Timestamp) {
        let last = *self.last.insert(self.last.map_or(at, |last| last.max(at)));
        *self.hours.entry(hour(at)).or_default() += 1;
        // Counted back from the last post: a silence must not make its own yardstick disappear.
        let first = hour(last) - REACH.as_secs() / HOUR;
        if self.hours.first_key_value().is_some_and(|(hour, _)| *hour < first) {
            self.hours = self.hours.split_off(&first);
        }
    }

    /// When the last new post came.
    pub fn last(&self) -> Option<Timestamp> {
        self.last
    }

    /// New posts of the day before `now`, to the hour.
    pub fn last_day(&self, now: Timestamp) -> u32 {
        let now = hour(now);
        self.hours.range(now - 23..=now).map(|(_, posts)| posts).sum()
    }

    /// Usual posts a day; `None` while less than three days are known.
    pub fn per_day(&self) -> Option<f64> {
        let known = self.known().filter(|hours| hours * HOUR >= LEAST_REACH.as_secs())?;
        let posts: u32 = self.hours.values().sum();
        Some(f64::from(posts) * DAY / known as f64)
    }

    /// The longest time between two hours with posts.
    pub fn longest_silence(&self) -> SignedDuration {
        let pairs = self.hours.keys().zip(self.hours.keys().skip(1));
        SignedDuration::from_secs(pairs.map(|(hour, next)| (next - hour) * HOUR).max().unwrap_or(0))
    }

    /// Judges the silence since the last post. Ask only while the source answers: of one that does not,
    /// nothing can be said.
    pub fn silence(&self, now: Timestamp) -> Silence {
        let known = self.known().unwrap_or(0) * HOUR;
        let Some(since) = self.last else { return Silence::Unknown };
        if self.hours.len() < LEAST_HOURS || known < LEAST_REACH.as_secs() {
            return Silence::Unknown;
        }
        let longest = self.longest_silence();
        if since.duration_until(now) > longest.saturating_mul(TIMES).max(LEAST_SILENCE) {
            return Silence::Unusual { since, longest };
        }
        Silence::Usual
    }

    /// Hours between the first and the last post known.
    fn known(&self) -> Option<i64> {
        let (first, _) = self.hours.first_key_value()?;
        let (last, _) = self.hours.last_key_value()?;
        Some(last - first + 1)
    }
}

fn hour(at: Timestamp) -> i64 {
    at.as_second().div_euclid(HOUR)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_second(1_600_000_000 / HOUR * HOUR + hours * HOUR).unwrap()
    }

    fn habit(hours: impl IntoIterator<Item = i64>) -> Habit {
        let mut habit = Habit::default();
        hours.into_iter().for_each(|hour| habit.arrived(at(hour)));
        habit
    }

    #[test]
    fn silence_is_judged_by_what_was_silent_before() {
        // A forum that sleeps from 0 to 6, an office that rests from Friday to Monday, a weekly paper.
        let forum = || habit((0..240).filter(|hour| hour % 24 >= 6));
        let office = || habit((0..240).filter(|hour| (9..17).contains(&(hour % 24)) && hour / 24 % 7 < 5));
        let weekly = || habit((0..8).map(|week| week * 168));
        let cases = [
            ("a forum at four in the morning", forum(), 239 + 5, false),
            ("a forum after a day", forum(), 239 + 24, false),
            ("a forum after more than a day", forum(), 239 + 25, true),
            ("an office over a long holiday", office(), 232 + 8 * 24, false),
            ("an office after ten days", office(), 232 + 10 * 24, true),
            ("too few posts to tell", weekly(), 10_000, false),
            ("nothing at all", Habit::default(), 10_000, false),
            ("a day of posts only", habit(0..24), 1_000, false),
        ];
        for (name, habit, hours, unusual) in cases {
            let silence = habit.silence(at(hours));
            assert_eq!(matches!(silence, Silence::Unusual { .. }), unusual, "{name}: {silence:?}");
        }
    }

    #[test]
    fn it_says_since_when_and_what_was_longest() {
        let forum = habit((0..240).filter(|hour| hour % 24 >= 6));
        let expected = Silence::Unusual { since: at(239), longest: SignedDuration::from_hours(7) };
        assert_eq!(forum.silence(at(500)), expected);
    }

    #[test]
    fn volume_is_a_mean_over_two_weeks_and_a_count_of_the_last_day() {
        let steady = habit((0..1_000).flat_map(|hour| [hour; 3]));
        assert_eq!(steady.per_day().map(f64::round), Some(72.0));
        assert_eq!((steady.last_day(at(999)), steady.last_day(at(1_011))), (72, 36));
        assert_eq!(steady.last_day(at(2_000)), 0);
        assert!(steady.hours.len() <= 14 * 24 + 1);
        assert_eq!(habit([1, 2, 3]).per_day(), None);
    }

    #[test]
    fn a_long_silence_does_not_make_itself_usual() {
        let mut forum = habit(0..240);
        assert!(matches!(forum.silence(at(240 + 24 * 60)), Silence::Unusual { .. }));
        forum.arrived(at(240 + 24 * 60));
        assert_eq!(forum.silence(at(240 + 24 * 60 + 50)), Silence::Unknown);
    }
}
