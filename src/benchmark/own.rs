//! Our detector on a series of counts: the very baseline and windows that posts go through.

use analyzer::course::{Counted, Moment};
use analyzer::detect::{Detection, GAP};
use analyzer::series::Bucket;
use analyzer::signal::Window;

use super::input::{Input, each};

/// Independent posts without which nothing is an alarm.
const LEAST_VOICES: f64 = 5.0;

/// What our detector made of every bucket; by concern, then by bucket.
pub(crate) struct Seen {
    concerns: Vec<Concern>,
}

/// What it made of one concern.
pub(crate) struct Concern {
    /// Expected posts, coverage included, before the bucket was seen.
    pub expected: Vec<f64>,
    /// Doubt about the level at that moment.
    pub doubt: Vec<f64>,
    /// −log₁₀ of the tail, by window.
    scores: [Vec<f64>; 4],
    /// Which pair of windows may alarm: most of the time.
    is_fast: bool,
}

impl Seen {
    /// What it made of one concern.
    pub(crate) fn concern(&self, concern: usize) -> &Concern {
        &self.concerns[concern]
    }

    /// The windows that may alarm for a concern of its rate.
    pub(crate) fn alarming(&self, concern: usize) -> Vec<Window> {
        let is_fast = self.concerns[concern].is_fast;
        Window::ALL.into_iter().filter(|window| window.is_fast() == is_fast).collect()
    }
}

/// Lets all concerns go by.
pub(crate) fn watch(input: &Input, detection: &Detection) -> Seen {
    watch_anew(input, detection, &|_, _| false)
}

/// Lets all concerns go by, each forgetting everything in the buckets in which it is born anew.
pub(crate) fn watch_anew(
    input: &Input,
    detection: &Detection,
    is_born: &(dyn Fn(usize, usize) -> bool + Sync),
) -> Seen {
    let of = |concern: usize| watch_one(input, concern, detection, &|bucket| is_born(concern, bucket));
    Seen { concerns: each(input.counts.len(), &of) }
}

/// The highest of the scores of those windows that may alarm for a concern, each in units of its own threshold.
pub(crate) fn scores(
    (input, seen): (&Input, &Seen),
    alarming: &(dyn Fn(usize) -> Vec<(Window, f64)> + Sync),
) -> Vec<Vec<f64>> {
    input.score(&|concern| {
        let alarming = alarming(concern);
        let mut highest = vec![0.0_f64; input.total.len()];
        for (window, scores) in Window::ALL.iter().zip(&seen.concerns[concern].scores) {
            let unit = alarming.iter().find(|(other, _)| other == window).map(|(_, unit)| *unit);
            for (highest, score) in highest.iter_mut().zip(scores).filter(|_| unit.is_some()) {
                *highest = highest.max(score / unit.unwrap_or(1.0));
            }
        }
        highest
    })
}

fn watch_one(
    input: &Input,
    concern: usize,
    detection: &Detection,
    is_born: &dyn Fn(usize) -> bool,
) -> Concern {
    // A threshold of one leaves the score as it is: −log₁₀ of the tail.
    let plain = Detection { half_hour: 1.0, ninety_minutes: 1.0, six_hours: 1.0, day: 1.0, ..*detection };
    let mut stream = Counted::new(detection);
    let buckets = input.total.len();
    let empty = || Vec::with_capacity(buckets);
    let (mut expected, mut doubt) = (empty(), empty());
    let mut scores: [Vec<f64>; 4] = std::array::from_fn(|_| empty());
    let mut fast = 0;
    for place in 0..buckets {
        if is_born(place) {
            stream = Counted::new(detection);
        }
        let (exposure, coverage) = (input.exposure[place], input.coverage[place]);
        let bucket = Bucket(input.first.0 + place as i64);
        let moment = Moment { bucket, slot: input.slots[place], exposure, coverage };
        let foreseen = stream.close(&moment, input.counts[concern][place], detection);
        doubt.push(foreseen.doubt);
        expected.push(foreseen.expected * coverage);
        let course = stream.course();
        fast += usize::from(course.is_fast());
        let is_silent = foreseen.young || coverage < GAP;
        let mut is_over = false;
        for (scores, window) in scores.iter_mut().zip(Window::ALL) {
            let score = if is_silent { 0.0 } else { course.score(window, LEAST_VOICES, &plain) };
            is_over |= window.is_fast() == course.is_fast() && score >= detection.threshold(window);
            scores.push(score);
        }
        if is_over {
            stream.over(bucket);
        }
    }
    Concern { expected, doubt, scores, is_fast: fast * 2 > buckets }
}
