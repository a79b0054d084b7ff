//! A concern of which only counts are known, in the order in which posts go through: open, settle, roll.

use std::collections::VecDeque;

use super::{Course, Covered, OPEN, Settled};
use crate::calendar::Slot;
use crate::detect::Detection;
use crate::series::Bucket;

/// Its course, and the buckets that may still change.
#[derive(Clone, Debug)]
pub struct Counted {
    course: Course,
    open: VecDeque<Settled>,
    last_over: Option<Bucket>,
}

/// One bucket before its counts are known.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// Which one.
    pub bucket: Bucket,
    /// When in the day.
    pub slot: Slot,
    /// Exposure of the sources under full coverage, in usual posts.
    pub exposure: f64,
    /// Share of the usual volume that was watched, 0 to 1.
    pub coverage: f64,
}

/// What was known of a bucket before it was seen.
#[derive(Clone, Copy, Debug)]
pub struct Foreseen {
    /// Whether too little was known to call anything strange.
    pub young: bool,
    /// Expected voices under full coverage.
    pub expected: f64,
    /// Doubt about the level.
    pub doubt: f64,
}

impl Counted {
    /// Nothing learnt yet.
    pub fn new(settings: &Detection) -> Counted {
        Counted { course: Course::new(settings), open: VecDeque::with_capacity(OPEN + 1), last_over: None }
    }

    /// Baseline and windows as they stand.
    pub fn course(&self) -> &Course {
        &self.course
    }

    /// Closes a bucket with the voices counted in it.
    pub fn close(&mut self, moment: &Moment, voices: f64, settings: &Detection) -> Foreseen {
        let Moment { bucket, slot, exposure, coverage } = *moment;
        let (young, doubt) = (self.course.is_young(settings), self.course.baseline().doubt());
        let expected = self.course.expect(slot, exposure, settings);
        let covered = Covered { voices, expected, coverage };
        self.open.push_back(Settled { bucket, slot, covered, exposure, posts: voices, rising: false });
        if (young || self.open.len() > OPEN)
            && let Some(oldest) = self.open.pop_front()
        {
            let rising = self.last_over.is_some_and(|over| over >= oldest.bucket);
            self.course.settle(&Settled { rising, ..oldest }, young);
        }
        self.course.roll(self.open.iter().map(|open| open.covered));
        Foreseen { young, expected, doubt }
    }

    /// Notes that the score was over its threshold: what is open now teaches less.
    pub fn over(&mut self, bucket: Bucket) {
        self.last_over = Some(bucket);
    }
}
