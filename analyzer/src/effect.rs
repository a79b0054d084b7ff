//! What came after an answer: posts, questions and pace, before and after it, and against what was to come without it.
//!
//! What was to come without an answer is the forecast as it stood when the answer was published. Says what
//! happened, never why: nobody can see what would have been. Reads no clock.

pub mod interval;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::explain::AskCount;
use crate::forecast::{Ahead, Forecast, Horizon, Outlook, Unforeseen};
use interval::{Half, Interval, change, growth, ratio, share};

/// Times compared where a concern has many posts, hours.
const FAST: [u8; 3] = [1, 3, 6];
/// Times compared where it has few, as on hot lists.
const SLOW: [u8; 2] = [6, 24];
/// Posts of both times together below which their ratio says nothing.
const FEWEST_POSTS: u32 = 10;
/// Different texts of each time below which shares say nothing.
const FEWEST_TEXTS: u32 = 10;
/// Posts above the usual below which a pace says nothing.
const FEWEST_ABOVE: f64 = 10.0;
/// Fewer posts that ask after an answer are no questions that go on.
const FEWEST_QUESTIONS: u32 = 5;

/// A figure, or why there is none.
pub type Measured<T> = Result<T, Unmeasured>;

/// Why something is not said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Unmeasured {
    /// Too little time has passed since the answer.
    TooEarly {
        /// Minutes that have passed.
        passed: u32,
        /// Hours that are needed.
        needed: u8,
    },
    /// Too few were counted.
    TooFew {
        /// How many were.
        found: u32,
        /// How many are needed.
        needed: u32,
    },
    /// Too little was collected in one of the times compared.
    Gap,
}

/// What came after an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    /// When the answer was published.
    pub answered_at: Timestamp,
    /// Hours compared: so long before the answer, so long after it.
    pub hours: u8,
    /// Posts before it and after it.
    pub posts: (u32, u32),
    /// Posts that are usual in the hours after it.
    pub usual: f64,
    /// Posts after ÷ posts before.
    pub change: Measured<Interval>,
    /// Against the forecast made when it was published.
    pub without: Result<Without, Unforeseen>,
    /// Posts that ask before it and after it.
    pub questions: (u32, u32),
    /// Share of different texts that ask.
    pub share: Measured<Shares>,
    /// Growth of the posts above the usual.
    pub pace: Pace,
    /// What is asked after it, most first.
    pub still_asked: Vec<AskCount>,
}

/// Posts after the answer beside those that were to come without it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Without {
    /// The forecast.
    pub forecast: Ahead,
    /// How what came lies to it.
    pub verdict: Against,
}

/// How a count lies to a forecast.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Against {
    /// Under the 95 % interval.
    FarBelow,
    /// Under the 80 % interval.
    Below,
    /// Inside it.
    Within,
    /// Over the 80 % interval.
    Above,
    /// Over the 95 % interval.
    FarAbove,
}

/// Shares of texts that ask, near-duplicates counted once: copies are no further witnesses.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shares {
    /// Before the answer.
    pub before: Interval,
    /// After it.
    pub after: Interval,
    /// After less before.
    pub change: Interval,
}

/// Growth per hour of the posts above the usual, as a logarithm; under nought they fall.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pace {
    /// In the hours before the answer.
    pub before: Measured<Interval>,
    /// In the hours after it.
    pub after: Measured<Interval>,
    /// As the forecast has it, by its medians; `None` where it does not say.
    pub without: Option<f64>,
}

/// What is counted around an answer.
#[derive(Clone, Debug)]
pub struct Around {
    /// When it was published.
    pub answered_at: Timestamp,
    /// Hours compared.
    pub hours: u8,
    /// The two halves of the time before it.
    pub before: [Half; 2],
    /// The two halves of the time after it.
    pub after: [Half; 2],
    /// How restless the concern's counts are, beyond chance.
    pub dispersion: f64,
    /// The forecast at that moment.
    pub outlook: Outlook,
    /// Posts and texts that ask, before it.
    pub asked_before: Asked,
    /// Posts and texts that ask, after it.
    pub asked_after: Asked,
    /// What is asked after it.
    pub still_asked: Vec<AskCount>,
}

/// How many ask.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Posts that ask.
    pub posts: u32,
    /// Different texts that ask.
    pub texts: u32,
    /// Different texts.
    pub of: u32,
}

/// The hours to compare when so many minutes have passed; `fast` where a concern has posts every hour.
pub fn hours(minutes: i64, fast: bool) -> Measured<u8> {
    let choices: &[u8] = if fast { &FAST } else { &SLOW };
    let passed = choices.iter().rev().find(|hours| minutes >= 60 * i64::from(**hours));
    let needed = choices.first().copied().unwrap_or(1);
    passed.copied().ok_or(Unmeasured::TooEarly { passed: u32::try_from(minutes).unwrap_or(0), needed })
}

/// The longest time that is compared, hours.
pub(crate) fn longest(fast: bool) -> u8 {
    let choices: &[u8] = if fast { &FAST } else { &SLOW };
    choices.iter().copied().max().unwrap_or_default()
}

impl Effect {
    /// Measures what was counted around an answer.
    pub fn of(around: Around) -> Effect {
        let [before, after] = [&around.before, &around.after].map(posts);
        let usual = around.after.iter().map(|half| half.usual).sum();
        let length = f64::from(around.hours) / 2.0;
        let pace = |halves: &[Half; 2]| pace(halves, length, around.dispersion);
        Effect {
            answered_at: around.answered_at,
            hours: around.hours,
            posts: (before, after),
            usual,
            change: enough(before + after, FEWEST_POSTS).map(|()| ratio(before, after, around.dispersion)),
            without: without(&around.outlook, around.hours, after),
            questions: (around.asked_before.posts, around.asked_after.posts),
            share: shares(around.asked_before, around.asked_after),
            pace: Pace {
                before: pace(&around.before),
                after: pace(&around.after),
                without: around.outlook.as_ref().ok().and_then(|forecast| foreseen(forecast, &around)),
            },
            still_asked: around.still_asked,
        }
    }

    /// Whether at least half as many ask as before the answer, and more than a handful do.
    pub fn questions_go_on(&self) -> bool {
        let (before, after) = self.questions;
        after >= FEWEST_QUESTIONS && after.saturating_mul(2) >= before
    }

    /// Whether so few ask that it cannot be said that they fell.
    pub fn few_questions(&self) -> bool {
        self.questions.0.max(self.questions.1) < FEWEST_QUESTIONS
    }
}

impl Against {
    fn of(posts: f64, forecast: &Ahead) -> Against {
        let (low, high) = forecast.likely;
        let (lowest, highest) = forecast.nearly_sure;
        match posts {
            _ if posts < lowest => Against::FarBelow,
            _ if posts < low => Against::Below,
            _ if posts > highest => Against::FarAbove,
            _ if posts > high => Against::Above,
            _ => Against::Within,
        }
    }
}

fn posts(halves: &[Half; 2]) -> u32 {
    halves.iter().map(|half| half.posts).sum::<f64>().round() as u32
}

fn enough(found: u32, needed: u32) -> Measured<()> {
    if found >= needed { Ok(()) } else { Err(Unmeasured::TooFew { found, needed }) }
}

/// The forecast of the very hours that are compared; of a whole day there is none.
fn without(outlook: &Outlook, hours: u8, after: u32) -> Result<Without, Unforeseen> {
    let forecast = outlook.as_ref().map_err(|why| *why)?;
    let ahead = forecast.ahead.iter().find(|ahead| ahead.horizon.hours() == hours);
    let forecast = *ahead.ok_or(Unforeseen::TooFew)?;
    Ok(Without { forecast, verdict: Against::of(f64::from(after), &forecast) })
}

fn shares(before: Asked, after: Asked) -> Measured<Shares> {
    let fewest = before.of.min(after.of);
    let too_few = Unmeasured::TooFew { found: fewest, needed: FEWEST_TEXTS };
    enough(fewest, FEWEST_TEXTS)?;
    let of = |asked: Asked| share(asked.texts, asked.of).ok_or(too_few);
    let (before, after) = (of(before)?, of(after)?);
    Ok(Shares { before, after, change: change(before, after) })
}

fn pace(halves: &[Half; 2], hours: f64, dispersion: f64) -> Measured<Interval> {
    let [first, second] = *halves;
    let above = (first.posts - first.usual).max(0.0) + (second.posts - second.usual).max(0.0);
    if above < FEWEST_ABOVE {
        return Err(Unmeasured::TooFew { found: above as u32, needed: FEWEST_ABOVE as u32 });
    }
    Ok(growth(first, second, hours, dispersion))
}

/// Growth per hour between the parts of the hours ahead, by the medians less what is usual.
fn foreseen(forecast: &Forecast, around: &Around) -> Option<f64> {
    let usual_an_hour = around.after.iter().map(|half| half.usual).sum::<f64>() / f64::from(around.hours);
    let above = |horizon: Horizon| {
        let ahead = forecast.ahead.iter().find(|ahead| ahead.horizon == horizon)?;
        Some(ahead.median - usual_an_hour * f64::from(horizon.hours()))
    };
    let (near, far) = match around.hours {
        3 => (Horizon::OneHour, Horizon::ThreeHours),
        6 => (Horizon::ThreeHours, Horizon::SixHours),
        _ => return None,
    };
    let (first, all) = (above(near)?, above(far)?);
    let (early, late) = (f64::from(near.hours()), f64::from(far.hours() - near.hours()));
    let (first, second) = (first / early, (all - first) / late);
    // From the middle of the one part to the middle of the other.
    let apart = (early + late) / 2.0;
    (first > 0.0 && second > 0.0).then(|| (second / first).ln() / apart)
}

#[cfg(test)]
mod tests;
