//! The statistical core of one concern: what is usual, and what its windows hold, whatever counts feed it.
//!
//! Buckets come in twice. [`Course::roll`] lays the open ones, which may still change, over the windows anew
//! each time; [`Course::settle`] learns a bucket for good once it no longer changes.

mod counted;

use crate::baseline::{Baseline, Lesson, RISING_WEIGHT};
use crate::calendar::Slot;
use crate::detect::{Detection, GAP};
use crate::series::Bucket;
use crate::signal::Window;
use crate::window::Weighted;

pub use counted::{Counted, Foreseen, Moment};

/// Closed buckets that may still change: six hours.
pub const OPEN: usize = 36;

/// What the score of a concern is divided by, beyond one, when it has just learnt enough to speak. The score weighs
/// the chance of counts around a known baseline; after half a day the baseline itself is a guess, of which one
/// half-day stands for every hour and every day …
const CAUTION: f64 = 1.0;
/// … and hours of coverage in which half of that is gone.
const CAUTION_HALF_LIFE: f64 = 24.0;

/// Baseline and windows of one concern.
#[derive(Clone, Debug)]
pub struct Course {
    baseline: Baseline,
    /// Windows as they stood before the open buckets.
    settled: [Weighted; 4],
    /// Windows at the newest bucket.
    windows: [Weighted; 4],
    voices_a_day: f64,
    fast: bool,
    /// Covered buckets learnt.
    covered: u32,
}

/// One bucket as the windows see it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Covered {
    /// Independent posts counted.
    pub voices: f64,
    /// Expected voices under full coverage.
    pub expected: f64,
    /// Share of the usual volume that was watched, 0 to 1.
    pub coverage: f64,
}

/// One bucket that no longer changes.
#[derive(Clone, Copy, Debug)]
pub struct Settled {
    /// Which one.
    pub bucket: Bucket,
    /// When in the day.
    pub slot: Slot,
    /// What it held.
    pub covered: Covered,
    /// Exposure of the sources under full coverage, in usual posts.
    pub exposure: f64,
    /// Posts, copies included.
    pub posts: f64,
    /// Whether the detector was over its threshold then or soon after.
    pub rising: bool,
}

impl Course {
    /// Nothing learnt yet.
    pub fn new(settings: &Detection) -> Course {
        let windows = Window::ALL.map(Weighted::new);
        Course {
            baseline: Baseline::new(settings.level_half_life),
            settled: windows,
            windows,
            voices_a_day: 0.0,
            fast: false,
            covered: 0,
        }
    }

    /// What is usual.
    pub fn baseline(&self) -> &Baseline {
        &self.baseline
    }

    /// Expected voices of the bucket that begins, and by them which windows may alarm.
    pub fn expect(&mut self, slot: Slot, exposure: f64, settings: &Detection) -> f64 {
        let expected = self.baseline.voices(slot, exposure);
        let step = if self.is_young(settings) { 1.0 } else { 1.0 - 0.5f64.powf(1.0 / 144.0) };
        self.voices_a_day += (144.0 * expected - self.voices_a_day) * step;
        self.fast = settings.is_fast(self.fast, self.voices_a_day);
        expected
    }

    /// Whether too little is known to call anything strange. Then nothing waits and no window fills:
    /// settle each bucket at once.
    pub fn is_young(&self, settings: &Detection) -> bool {
        self.covered < settings.learning_hours * 6
    }

    /// Whether the fast two windows may alarm; otherwise the slow two.
    pub fn is_fast(&self) -> bool {
        self.fast
    }

    /// Learns a bucket for good; a gap teaches nothing.
    pub fn settle(&mut self, settled: &Settled, young: bool) {
        let Covered { voices, expected, coverage } = settled.covered;
        if coverage < GAP {
            return;
        }
        let weight = if settled.rising { RISING_WEIGHT } else { 1.0 };
        let doubt = self.baseline.doubt();
        for window in self.settled.iter_mut().filter(|_| !young) {
            window.add(voices, expected * coverage);
            if settled.bucket.0 % window.window().half_life() == 0 {
                window.learn(doubt, weight);
            }
        }
        self.covered += 1;
        let [fastest, ..] = &self.settled;
        let dispersion = fastest.dispersion();
        self.baseline.learn(&Lesson {
            slot: settled.slot,
            exposure: settled.exposure * coverage,
            voices,
            posts: settled.posts,
            dispersion,
            rising: settled.rising,
            young,
        });
    }

    /// Lays the open buckets, oldest first, over the windows; gaps freeze them.
    pub fn roll(&mut self, open: impl IntoIterator<Item = Covered>) {
        self.windows = self.settled;
        for Covered { voices, expected, coverage } in open {
            if coverage >= GAP {
                self.windows.iter_mut().for_each(|window| window.add(voices, expected * coverage));
            }
        }
    }

    /// A window at the newest bucket.
    pub fn window(&self, window: Window) -> &Weighted {
        let [half_hour, ninety_minutes, six_hours, day] = &self.windows;
        match window {
            Window::HalfHour => half_hour,
            Window::NinetyMinutes => ninety_minutes,
            Window::SixHours => six_hours,
            Window::Day => day,
        }
    }

    /// The windows that may alarm, at the newest bucket.
    pub fn alarming(&self) -> impl Iterator<Item = &Weighted> {
        self.windows.iter().filter(|window| window.window().is_fast() == self.fast)
    }

    /// Score of a window at the newest bucket; fewer than `least` weighted voices score nought.
    pub fn score(&self, window: Window, least: f64, settings: &Detection) -> f64 {
        self.window(window).score(self.baseline.doubt(), least, settings) / self.caution(settings)
    }

    /// What a score is divided by while the baseline itself is young.
    fn caution(&self, settings: &Detection) -> f64 {
        let since = self.covered.saturating_sub(settings.learning_hours * 6);
        1.0 + CAUTION * 0.5f64.powf(f64::from(since) / 6.0 / CAUTION_HALF_LIFE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyst::tests::Random;

    const WEEK: i64 = 1_008;

    /// Alarm episodes and weeks of a stream that never changes, through baseline and windows as they run.
    fn episodes(mean: f64, weeks: i64, random: &mut Random) -> u32 {
        let settings = Detection::default();
        let mut stream = Counted::new(&settings);
        let (mut episodes, mut last) = (0, None);
        for bucket in 0..(weeks + 4) * WEEK {
            let slot = Slot { hour: (bucket / 6 % 24) as usize, minute: (bucket % 144) as usize };
            let moment = Moment { bucket: Bucket(bucket), slot, exposure: 10.0, coverage: 1.0 };
            stream.close(&moment, f64::from(random.poisson(mean)), &settings);
            let course = stream.course();
            let score = |window: &Weighted| course.score(window.window(), 5.0, &settings);
            if bucket >= 4 * WEEK && course.alarming().any(|window| score(window) >= 1.0) {
                episodes += u32::from(last.is_none_or(|last| bucket - last > OPEN as i64));
                last = Some(bucket);
            }
        }
        episodes
    }

    /// Highest score in two hours of `voices` a bucket, after so many hours of one voice a bucket.
    fn score_after(hours: i64, voices: f64) -> f64 {
        let settings = Detection::default();
        let mut stream = Counted::new(&settings);
        let mut highest = 0.0_f64;
        for bucket in 0..6 * hours + 12 {
            let slot = Slot { hour: (bucket / 6 % 24) as usize, minute: (bucket % 144) as usize };
            let moment = Moment { bucket: Bucket(bucket), slot, exposure: 1_000.0, coverage: 1.0 };
            let rises = bucket >= 6 * hours;
            stream.close(&moment, if rises { voices } else { 1.0 }, &settings);
            let course = stream.course();
            let scores = course.alarming().map(|window| course.score(window.window(), 5.0, &settings));
            highest = scores.filter(|_| rises).fold(highest, f64::max);
        }
        highest
    }

    #[test]
    fn half_a_day_says_little_about_the_rest_of_it() {
        let (young, old) = (score_after(12, 5.0), score_after(15 * 24, 5.0));
        assert!(
            young < 1.0 && old >= 1.0,
            "five times the usual: {young} after half a day, {old} after weeks"
        );
        let told_at_once = score_after(12, 20.0);
        assert!(told_at_once >= 1.0, "twenty times the usual after half a day: {told_at_once}");
    }

    #[test]
    fn a_young_score_counts_for_half_and_half_of_what_is_missing_is_back_after_a_day() {
        let settings = Detection::default();
        let scored = |hours: u32| {
            let mut course = Course::new(&settings);
            course.covered = hours * 6;
            course.roll([Covered { voices: 60.0, expected: 2.0, coverage: 1.0 }]);
            course.score(Window::HalfHour, 5.0, &settings)
        };
        let old = scored(28 * 24);
        assert!(old > 1.0, "{old}");
        for (hours, share) in [(12, 0.5), (36, 0.667), (60, 0.8), (180, 0.992)] {
            assert!((scored(hours) / old - share).abs() < 0.001, "{hours}: {} of {old}", scored(hours));
        }
    }

    #[test]
    fn a_constant_stream_alarms_no_more_than_promised() {
        let mut random = Random(17);
        let weeks = 25;
        // One voice in three hours to four in ten minutes.
        let found: u32 =
            [0.05, 0.1, 0.3, 1.0, 4.0].iter().map(|mean| episodes(*mean, weeks, &mut random)).sum();
        // One alarm in a hundred concern-weeks: 1.25 expected, and five or more come once in a hundred times.
        assert!(found <= 4, "{found} alarms in {} concern-weeks", 5 * weeks);
    }
}
