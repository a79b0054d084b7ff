//! Our detector on a series of counts: the very baseline and windows that posts go through.

use std::collections::VecDeque;

use analyzer::course::{Course, Covered, OPEN, Settled};
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
    Seen { concerns: each(input.counts.len(), &|concern| watch_one(input, concern, detection)) }
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

fn watch_one(input: &Input, concern: usize, detection: &Detection) -> Concern {
    // A threshold of one leaves the score as it is: −log₁₀ of the tail.
    let plain = Detection { half_hour: 1.0, ninety_minutes: 1.0, six_hours: 1.0, day: 1.0, ..*detection };
    let mut course = Course::new(detection);
    let mut open: VecDeque<Settled> = VecDeque::with_capacity(OPEN + 1);
    let mut last_over: Option<Bucket> = None;
    let buckets = input.total.len();
    let empty = || Vec::with_capacity(buckets);
    let (mut expected, mut doubt) = (empty(), empty());
    let mut scores: [Vec<f64>; 4] = std::array::from_fn(|_| empty());
    let mut fast = 0;
    for place in 0..buckets {
        let bucket = Bucket(input.first.0 + place as i64);
        let (slot, exposure, coverage) = (input.slots[place], input.exposure[place], input.coverage[place]);
        let young = course.is_young(detection);
        doubt.push(course.baseline().doubt());
        let usual = course.expect(slot, exposure, detection);
        expected.push(usual * coverage);
        let voices = input.counts[concern][place];
        let covered = Covered { voices, expected: usual, coverage };
        open.push_back(Settled { bucket, slot, covered, exposure, posts: voices, rising: false });
        if (young || open.len() > OPEN)
            && let Some(oldest) = open.pop_front()
        {
            let rising = last_over.is_some_and(|over| over >= oldest.bucket);
            course.settle(&Settled { rising, ..oldest }, young);
        }
        course.roll(open.iter().map(|open| open.covered));
        fast += usize::from(course.is_fast());
        let is_gap = coverage < GAP;
        let mut is_over = false;
        for (scores, window) in scores.iter_mut().zip(Window::ALL) {
            let score = if young || is_gap { 0.0 } else { course.score(window, LEAST_VOICES, &plain) };
            is_over |= window.is_fast() == course.is_fast() && score >= detection.threshold(window);
            scores.push(score);
        }
        if is_over {
            last_over = Some(bucket);
        }
    }
    Concern { expected, doubt, scores, is_fast: fast * 2 > buckets }
}
