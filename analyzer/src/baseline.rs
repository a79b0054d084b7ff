//! What is usual for one concern: exposure × level × season, learnt from buckets that no longer change.
//!
//! Counts voices (docs/detection.md); how many posts a voice brings is kept beside it. Never asks the alerts.

use crate::calendar::Slot;

/// Forgetting of an hour's factor per ten-minute visit, and of a ten-minute slot's per day.
const HOUR_KEEP: f64 = 0.995;
const SLOT_KEEP: f64 = 0.967;
/// Voices an hour or a slot must have brought before its own factor outweighs 1.
const HOUR_PRIOR: f64 = 30.0;
const SLOT_PRIOR: f64 = 10.0;
/// The level starts from half a voice in a thousand posts, worth half a voice of evidence.
const START: (f64, f64) = (0.5, 1000.0);
/// The level's shape never falls below this, so that a silent concern keeps some doubt.
const LEAST_SHAPE: f64 = 0.3;
/// A bucket teaches at most its mean plus so many standard deviations, and one.
const CLIP: f64 = 3.0;
/// How much a bucket teaches while a rise is on.
pub(crate) const RISING_WEIGHT: f64 = 0.1;
/// Posts per voice start from one, worth ten voices.
const POSTS_PER_VOICE_START: (f64, f64) = (10.0, 10.0);

/// The learnt part of the expectation of one concern.
#[derive(Clone, Debug)]
pub struct Baseline {
    /// Gamma shape and rate: voices, and exposure they came from.
    level: (f64, f64),
    /// Single precision: a factor needs no more, and this is most of what a concern keeps.
    hours: [(f32, f32); 48],
    slots: Box<[(f32, f32)]>,
    posts_per_voice: (f64, f64),
    keep: f64,
}

/// One bucket as the baseline learns it.
#[derive(Clone, Copy, Debug)]
pub struct Lesson {
    /// When in the day.
    pub slot: Slot,
    /// Exposure of the sources, their coverage included.
    pub exposure: f64,
    /// Voices counted.
    pub voices: f64,
    /// Posts, copies included.
    pub posts: f64,
    /// Over-dispersion of single buckets, for clipping.
    pub dispersion: f64,
    /// Whether the detector was over its threshold then or soon after.
    pub rising: bool,
    /// Whether the baseline is too young to call anything strange: then nothing is clipped.
    pub young: bool,
}

impl Baseline {
    /// Nothing learnt yet; `half_life_days` of the level.
    pub fn new(half_life_days: f64) -> Baseline {
        Baseline {
            level: START,
            hours: [(0.0, 0.0); 48],
            slots: vec![(0.0, 0.0); 144].into_boxed_slice(),
            posts_per_voice: POSTS_PER_VOICE_START,
            keep: 0.5f64.powf(1.0 / (144.0 * half_life_days.max(0.1))),
        }
    }

    /// Expected voices of a bucket with this exposure, before it is seen.
    pub fn voices(&self, slot: Slot, exposure: f64) -> f64 {
        exposure * self.hour(slot) * self.ten_minutes(slot) * self.level.0 / self.level.1
    }

    /// Share of the sources' posts that usually belong to the concern.
    pub fn share(&self) -> f64 {
        self.level.0 / self.level.1 * self.posts_per_voice()
    }

    /// Relative doubt about the level: the gamma's squared coefficient of variation.
    pub fn doubt(&self) -> f64 {
        1.0 / self.level.0
    }

    /// Posts that one voice usually brings.
    pub fn posts_per_voice(&self) -> f64 {
        (self.posts_per_voice.0 / self.posts_per_voice.1).clamp(1.0, 20.0)
    }

    /// Bytes of its own and of what it points to.
    pub(crate) fn bytes(&self) -> usize {
        size_of::<Baseline>() + size_of_val(&*self.slots)
    }

    /// Learns one bucket.
    pub fn learn(&mut self, lesson: &Lesson) {
        let usual = self.voices(lesson.slot, lesson.exposure);
        let spread = (usual + usual * usual * (lesson.dispersion + self.doubt())).sqrt();
        let most = if lesson.young { f64::INFINITY } else { usual + CLIP * spread + 1.0 };
        let voices = lesson.voices.min(most);
        let weight = if lesson.rising { RISING_WEIGHT } else { 1.0 };
        let (hour, ten) = (self.hour(lesson.slot), self.ten_minutes(lesson.slot));

        let keep = self.keep.powf(weight);
        let shape = (self.level.0 * keep + weight * voices).max(LEAST_SHAPE);
        self.level = (shape, self.level.1 * keep + weight * lesson.exposure * hour * ten);
        let flat = lesson.exposure * self.level.0 / self.level.1;
        if let Some(seen) = self.hours.get_mut(lesson.slot.hour) {
            fade_single(seen, HOUR_KEEP.powf(weight), (weight * voices, weight * flat * ten));
        }
        if let Some(seen) = self.slots.get_mut(lesson.slot.minute) {
            fade_single(seen, SLOT_KEEP.powf(weight), (weight * voices, weight * flat * hour));
        }
        if lesson.voices > 0.0 {
            let posts = lesson.posts.min(20.0 * lesson.voices);
            fade(&mut self.posts_per_voice, 0.999f64.powf(weight), (weight * posts, weight * lesson.voices));
        }
    }

    fn hour(&self, slot: Slot) -> f64 {
        let (seen, flat) = self.hours.get(slot.hour).copied().unwrap_or_default();
        (f64::from(seen) + HOUR_PRIOR) / (f64::from(flat) + HOUR_PRIOR)
    }

    fn ten_minutes(&self, slot: Slot) -> f64 {
        let (seen, flat) = self.slots.get(slot.minute).copied().unwrap_or_default();
        (f64::from(seen) + SLOT_PRIOR) / (f64::from(flat) + SLOT_PRIOR)
    }
}

fn fade(pair: &mut (f64, f64), keep: f64, more: (f64, f64)) {
    *pair = (pair.0 * keep + more.0, pair.1 * keep + more.1);
}

fn fade_single(pair: &mut (f32, f32), keep: f64, more: (f64, f64)) {
    let mut faded = (f64::from(pair.0), f64::from(pair.1));
    fade(&mut faded, keep, more);
    *pair = (faded.0 as f32, faded.1 as f32);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(bucket: i64) -> Slot {
        Slot {
            hour: usize::try_from(bucket / 6 % 24).unwrap(),
            minute: usize::try_from(bucket % 144).unwrap(),
        }
    }

    fn lesson(bucket: i64, voices: f64) -> Lesson {
        Lesson {
            slot: slot(bucket),
            exposure: 20.0,
            voices,
            posts: 2.0 * voices,
            dispersion: 0.15,
            rising: false,
            young: false,
        }
    }

    fn taught(days: i64, voices: impl Fn(i64) -> f64) -> Baseline {
        let mut baseline = Baseline::new(3.0);
        (0..days * 144).for_each(|bucket| baseline.learn(&lesson(bucket, voices(bucket))));
        baseline
    }

    #[test]
    fn level_and_posts_per_voice_are_learnt() {
        let baseline = taught(28, |_| 2.0);
        let usual = baseline.voices(slot(50), 20.0);
        assert!((usual - 2.0).abs() < 0.1, "{usual}");
        assert!((baseline.posts_per_voice() - 2.0).abs() < 0.01);
        assert!((baseline.voices(slot(50), 40.0) - 2.0 * usual).abs() < 1e-9);
    }

    #[test]
    fn a_busy_hour_is_expected_to_be_busy_again() {
        let baseline = taught(28, |bucket| if bucket / 6 % 24 == 20 { 8.0 } else { 1.0 });
        let (evening, night) = (baseline.voices(slot(20 * 6), 20.0), baseline.voices(slot(3 * 6), 20.0));
        assert!(evening > 6.0 && night < 1.3, "{evening} {night}");
    }

    #[test]
    fn one_wild_day_moves_the_level_little_and_less_while_rising() {
        let quiet = taught(28, |_| 1.0);
        let (mut clipped, mut warned) = (quiet.clone(), quiet.clone());
        for bucket in 0..36 {
            clipped.learn(&lesson(bucket, 500.0));
            warned.learn(&Lesson { rising: true, ..lesson(bucket, 500.0) });
        }
        let at_noon = |baseline: &Baseline| baseline.voices(slot(72), 20.0);
        assert!(at_noon(&clipped) < 1.5 * at_noon(&quiet), "{}", at_noon(&clipped));
        assert!(at_noon(&warned) < 1.1 * at_noon(&quiet), "{}", at_noon(&warned));
    }

    #[test]
    fn silence_keeps_a_doubt() {
        let baseline = taught(60, |_| 0.0);
        assert!(baseline.voices(slot(0), 20.0) < 0.01);
        assert!(baseline.doubt() <= 1.0 / LEAST_SHAPE);
    }
}
