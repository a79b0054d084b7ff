//! When a source was really being watched: holes between its heartbeats are gaps, not silence.
//!
//! Knows nothing of counts; the detector decides what a gap means.

mod recent;

use jiff::{SignedDuration, Timestamp};

use crate::series::{BUCKET_SECONDS, Bucket};

pub(crate) use recent::Recent;

/// Two observations this far apart never make a gap, however often a source is due.
const SHORTEST_GAP: i64 = 30 * 60;
/// A source may miss two visits in a row; three missed are a gap.
const MISSED_VISITS: i64 = 3;
/// Observations are kept this long, so that a digest of last month still knows its gaps.
const KEPT_SECONDS: i64 = 40 * 86_400;
/// The usual distance of observations is taken from this many of the newest.
const SAMPLE: usize = 61;

/// What is known about the watching of one source.
#[derive(Clone, Debug, Default)]
pub struct Sightings {
    /// Distance between visits; zero where nobody said.
    every: i64,
    /// Moments at which it was seen working, sorted; Unix seconds.
    seen: Vec<i64>,
    /// First and last post of a time without heartbeats, counted as watched throughout.
    posts: Option<(i64, i64)>,
    /// Newest posting moments, to guess the rhythm of a source without heartbeats.
    post_times: Vec<i64>,
    /// The first failed visit, while it has never been seen working.
    failing: Option<i64>,
    /// Since it was last asked for: the second from which answers may have become others.
    changed_from: Option<i64>,
}

/// A stretch of time in which a source was not seen working.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hole {
    /// Last moment it was known to work.
    pub from: Timestamp,
    /// First moment it worked again; the end of the time asked about if it has not.
    pub to: Timestamp,
}

impl Sightings {
    /// A source that is due every so often; zero if that is not known.
    pub fn new(every: SignedDuration) -> Sightings {
        Sightings { every: every.as_secs().max(0), ..Sightings::default() }
    }

    /// Records that the source was seen working.
    pub fn seen(&mut self, at: Timestamp) {
        let place = self.seen.partition_point(|time| *time < at.as_second());
        let before = place.checked_sub(1).and_then(|before| self.seen.get(before)).copied();
        // A guessed rhythm may change with every visit, and all gaps with it.
        self.changed(before.filter(|_| self.every > 0).unwrap_or(i64::MIN));
        insert_sorted(&mut self.seen, at.as_second());
        let oldest = self.seen.last().map_or(0, |last| last - KEPT_SECONDS);
        let expired = self.seen.partition_point(|second| *second < oldest);
        // In chunks, so that a month of heartbeats is not moved at every visit.
        if expired > 1000 {
            self.seen.drain(..expired);
        }
    }

    /// Records that a visit failed: of interest while none has ever succeeded.
    pub fn failed(&mut self, at: Timestamp) {
        let second = at.as_second();
        self.failing = Some(self.failing.map_or(second, |first| first.min(second)));
    }

    /// Records the publication time of a post: it counts only while no heartbeat has been seen.
    pub fn posted(&mut self, at: Timestamp) {
        let second = at.as_second();
        if self.seen.first().is_some_and(|first| *first <= second) {
            return;
        }
        self.changed(i64::MIN);
        let (first, last) = self.posts.unwrap_or((second, second));
        self.posts = Some((first.min(second), last.max(second)));
        if self.post_times.last() != Some(&second) {
            insert_sorted(&mut self.post_times, second);
        }
        if self.post_times.len() > SAMPLE {
            self.post_times.remove(0);
        }
    }

    /// Share of a bucket in which the source was watched, 0–1, as far as is known now.
    pub fn covered(&self, bucket: Bucket) -> f64 {
        let (start, end) = (bucket.0 * BUCKET_SECONDS, (bucket.0 + 1) * BUCKET_SECONDS);
        let watched = end - start - self.unwatched(start, end);
        watched as f64 / BUCKET_SECONDS as f64
    }

    /// Minutes since it was last seen working, if that is longer ago than a visit and its tolerance; of one that has
    /// never worked, minutes since its first failed visit, at least one.
    pub fn late_minutes(&self, now: Timestamp) -> Option<u32> {
        let minutes = |seconds: i64| u32::try_from(seconds / 60).unwrap_or(u32::MAX);
        let Some(last) = self.seen.last() else {
            let failing = self.failing.filter(|first| *first <= now.as_second());
            return failing.map(|first| minutes(now.as_second() - first).max(1));
        };
        let silent = now.as_second() - last;
        // One visit late is nothing: a slow answer or a busy host.
        let late = silent > (2 * self.rhythm()).max(15 * 60);
        late.then(|| minutes(silent))
    }

    /// The holes that touch a span of time, oldest first.
    pub fn holes(&self, from: Timestamp, to: Timestamp) -> Vec<Hole> {
        let moment = |second| Timestamp::from_second(second).unwrap_or_default();
        let holes = self.gaps(from.as_second(), to.as_second());
        holes.into_iter().map(|(start, end)| Hole { from: moment(start), to: moment(end) }).collect()
    }

    /// The last sign of life: a heartbeat, or a post where there are none.
    pub fn last_sign(&self) -> Option<Timestamp> {
        let last = self.seen.last().copied().max(self.posts.map(|(_, last)| last))?;
        Timestamp::from_second(last).ok()
    }

    /// Whether anything at all is known about the source.
    pub fn is_known(&self) -> bool {
        !self.seen.is_empty() || self.posts.is_some()
    }

    fn changed(&mut self, from: i64) {
        self.changed_from = Some(self.changed_from.map_or(from, |earlier| earlier.min(from)));
    }

    fn unwatched(&self, start: i64, end: i64) -> i64 {
        self.gaps(start, end).into_iter().map(|(from, to)| to.min(end) - from.max(start)).sum()
    }

    /// Gaps that overlap a span, cut to it only at its outer ends where nothing is known.
    fn gaps(&self, start: i64, end: i64) -> Vec<(i64, i64)> {
        let mut gaps = Vec::new();
        let limit = self.limit();
        // The stretch before the first heartbeat is watched from the first post to the last.
        let first_seen = self.seen.first().copied();
        let (mut known_until, mut after) = match (self.posts, first_seen) {
            (Some((first, last)), _) => {
                if start < first {
                    gaps.push((start, first.min(end)));
                }
                (last.min(first_seen.unwrap_or(last)), 0)
            }
            (None, Some(first)) => {
                if start < first {
                    gaps.push((start, first.min(end)));
                }
                (first, 1)
            }
            (None, None) => return vec![(start, end)],
        };
        let skip = self.seen.partition_point(|second| *second < start).saturating_sub(1);
        if skip > after {
            after = skip;
            known_until = known_until.max(self.seen.get(skip).copied().unwrap_or(known_until));
        }
        for second in self.seen.iter().skip(after).copied() {
            if second - known_until > limit && second > start && known_until < end {
                gaps.push((known_until, second));
            }
            known_until = known_until.max(second);
            if known_until >= end {
                return gaps;
            }
        }
        // Newest observation: trusted for one limit, after that the source has gone.
        if known_until + limit < end {
            gaps.push(((known_until + limit).max(start), end));
        }
        gaps
    }

    fn limit(&self) -> i64 {
        (MISSED_VISITS * self.rhythm()).max(SHORTEST_GAP)
    }

    /// Usual distance between observations, in seconds.
    fn rhythm(&self) -> i64 {
        if self.every > 0 {
            return self.every;
        }
        let times = if self.seen.len() >= 2 { &self.seen } else { &self.post_times };
        let newest = times.get(times.len().saturating_sub(SAMPLE)..).unwrap_or_default();
        let mut distances: Vec<i64> = newest
            .windows(2)
            .map(|pair| pair.iter().rev().copied().reduce(|a, b| a - b).unwrap_or(0))
            .collect();
        distances.sort_unstable();
        distances.get(distances.len() / 2).copied().unwrap_or(0)
    }
}

fn insert_sorted(times: &mut Vec<i64>, second: i64) {
    let place = times.partition_point(|time| *time < second);
    if times.get(place) != Some(&second) {
        times.insert(place, second);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minute(minute: i64) -> Timestamp {
        Timestamp::from_second(minute * 60).unwrap()
    }

    fn watched(every: i64, beats: &[i64]) -> Sightings {
        let mut sightings = Sightings::new(SignedDuration::from_mins(every));
        beats.iter().for_each(|beat| sightings.seen(minute(*beat)));
        sightings
    }

    #[track_caller]
    fn check(sightings: &Sightings, expected: &[(i64, f64)]) {
        for (start, share) in expected {
            assert_eq!(sightings.covered(Bucket::of(minute(*start))), *share, "bucket at minute {start}");
        }
    }

    #[test]
    fn visits_in_time_cover_and_a_hole_longer_than_three_of_them_does_not() {
        check(
            &watched(10, &[0, 10, 20, 55, 60]),
            &[(0, 1.0), (20, 0.0), (50, 0.5), (60, 1.0), (80, 1.0), (90, 0.0)],
        );
        check(&watched(60, &[0, 60, 200, 260]), &[(0, 1.0), (100, 1.0), (150, 1.0), (250, 1.0)]);
        check(&watched(60, &[0, 60, 250]), &[(50, 1.0), (60, 0.0), (240, 0.0), (250, 1.0)]);
    }

    #[test]
    fn before_the_first_sign_nothing_is_covered() {
        check(&watched(10, &[100, 110]), &[(0, 0.0), (90, 0.0), (100, 1.0)]);
        check(&Sightings::default(), &[(0, 0.0)]);
    }

    #[test]
    fn the_rhythm_is_guessed_where_nobody_said_it() {
        let hourly: Vec<i64> = (0..10).map(|hour| hour * 60).collect();
        check(&watched(0, &hourly), &[(540, 1.0), (710, 1.0), (720, 0.0)]);
    }

    #[test]
    fn without_heartbeats_everything_between_first_and_last_post_is_covered() {
        let mut sightings = Sightings::default();
        [100, 2000, 2010, 2020].iter().for_each(|post| sightings.posted(minute(*post)));
        check(&sightings, &[(90, 0.0), (100, 1.0), (1000, 1.0), (2040, 1.0), (2050, 0.0)]);
        sightings.seen(minute(3000));
        check(&sightings, &[(1000, 1.0), (2100, 0.0), (2990, 0.0), (3000, 1.0)]);
    }

    #[test]
    fn heartbeats_out_of_order_say_the_same() {
        let (mut mixed, ordered) = (watched(10, &[20, 0, 60, 10]), watched(10, &[0, 10, 20, 60]));
        mixed.posted(minute(30));
        assert_eq!(mixed.seen, ordered.seen);
        check(&mixed, &[(10, 1.0), (30, 0.0), (60, 1.0)]);
    }

    #[test]
    fn holes_are_told_with_their_ends() {
        let sightings = watched(10, &[0, 10, 85, 95]);
        let hole = Hole { from: minute(10), to: minute(85) };
        assert_eq!(sightings.holes(minute(0), minute(95)), [hole]);
        assert_eq!(sightings.holes(minute(85), minute(120)), []);
    }

    #[test]
    fn a_late_source_says_for_how_long() {
        let sightings = watched(10, &[0]);
        assert_eq!(sightings.late_minutes(minute(20)), None);
        assert_eq!(sightings.late_minutes(minute(38)), Some(38));
        let mut never = watched(10, &[]);
        assert_eq!(never.late_minutes(minute(20)), None);
        never.failed(minute(20));
        never.failed(minute(30));
        assert_eq!(never.late_minutes(minute(19)), None, "it had not been visited yet");
        assert_eq!(never.late_minutes(minute(20)), Some(1));
        assert_eq!(never.late_minutes(minute(58)), Some(38));
        // It works at last.
        never.seen(minute(60));
        assert_eq!(never.late_minutes(minute(61)), None);
    }
}
