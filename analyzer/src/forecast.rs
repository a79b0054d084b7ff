//! How a rise will go on: posts in the next 1, 3 and 6 hours, and how likely the next level is.
//!
//! Earlier rises answer, no formula: [`growth::Growth`] says how rises that stood like this one went on. Only
//! what is above the usual grows; the usual itself is added as the season has it. Reads no clock.

pub mod fit;
pub mod growth;

use serde::{Deserialize, Serialize};

use crate::level::{Level, Need};
use growth::{Growth, Measure};

/// A rise with fewer posts above the usual in the last hour is not extrapolated.
pub const LEAST_RISE: f64 = 5.0;

/// Expectations below this are not multiplied, as in the detector.
const LEAST_EXPECTED: f64 = 0.1;

/// How far ahead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Horizon {
    /// The next hour.
    OneHour,
    /// The next three hours.
    ThreeHours,
    /// The next six hours.
    SixHours,
}

/// Where a rise stands: posts above the usual.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Rise {
    /// In the last hour.
    pub last_hour: f64,
    /// In the hour before; `None` where it is not known.
    pub hour_before: Option<f64>,
    /// Since it began, the last hour included.
    pub total: f64,
}

/// What is usual in the time ahead, posts.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Usual {
    /// In the last hour.
    pub last_hour: f64,
    /// In the next one, three and six hours.
    pub ahead: [f64; 3],
}

/// The level that comes next and what is counted for it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NextLevel {
    /// Which one.
    pub level: Level,
    /// What it needs.
    pub need: Need,
    /// In which span its posts are counted.
    pub counted: Counted,
}

/// In which span the posts for a level are counted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Counted {
    /// The last hour: the busiest hour ahead decides.
    LastHour,
    /// Six hours or a day: what is still in the span one, three and six hours from now, posts and expected
    /// posts, and all that comes until then.
    Longer([(f64, f64); 3]),
}

/// What comes, or why nobody can say.
pub type Outlook = Result<Forecast, Unforeseen>;

/// The posts to come if this rise goes on as earlier ones did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Forecast {
    /// The next one, three and six hours.
    pub ahead: Vec<Ahead>,
    /// The next level and the probability that it is reached; `None` at the highest.
    pub next: Option<Chance>,
}

/// Posts in one span of time to come.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ahead {
    /// Which span.
    pub horizon: Horizon,
    /// As many are as likely to be more as to be fewer.
    pub median: f64,
    /// Four times in five it is between these.
    pub likely: (f64, f64),
    /// Nineteen times in twenty it is between these.
    pub nearly_sure: (f64, f64),
}

/// How likely a level is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Chance {
    /// Which level.
    pub level: Level,
    /// Probability that its number of posts is reached within one, three and six hours.
    pub within: Vec<(Horizon, f64)>,
}

/// Why there is no forecast.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unforeseen {
    /// Nothing rises.
    #[default]
    Calm,
    /// Fewer than five posts above the usual in the last hour: too little to go by.
    TooFew,
    /// The concern is still being learnt, so what is usual is not known.
    Learning,
    /// The last hour was not watched well enough.
    Gap,
    /// The signal is about a day that somebody else counted; how calls go on is not known.
    Reported,
}

impl Horizon {
    /// All of them, nearest first.
    pub const ALL: [Horizon; 3] = [Horizon::OneHour, Horizon::ThreeHours, Horizon::SixHours];

    /// Length in hours.
    pub fn hours(self) -> u8 {
        match self {
            Horizon::OneHour => 1,
            Horizon::ThreeHours => 3,
            Horizon::SixHours => 6,
        }
    }
}

/// What comes after a rise; `next` is the level above the one that holds now.
pub fn outlook(growth: &Growth, rise: &Rise, usual: &Usual, next: Option<NextLevel>) -> Outlook {
    // Written so that a number that is none forecasts nothing.
    let is_rise = rise.last_hour >= LEAST_RISE && rise.last_hour.is_finite();
    if !is_rise {
        return Err(Unforeseen::TooFew);
    }
    let mut ahead = Vec::new();
    let mut within = Vec::new();
    for (place, (horizon, seasonal)) in Horizon::ALL.into_iter().zip(usual.ahead).enumerate() {
        let hours = f64::from(horizon.hours());
        // A usual of next to nothing has no shape of the day: then the day counts as flat.
        let season = (seasonal / hours + FLAT) / (usual.last_hour + FLAT);
        let sum = growth.excess(Measure::Sum, horizon, rise, season, hours);
        let busiest = growth.excess(Measure::Busiest, horizon, rise, season, 1.0);
        let (Some(sum), Some(busiest)) = (sum, busiest) else { return Err(Unforeseen::TooFew) };
        let posts = |share| seasonal + growth::at(&sum, share);
        ahead.push(Ahead {
            horizon,
            median: posts(0.5),
            likely: (posts(0.1), posts(0.9)),
            nearly_sure: (posts(0.025), posts(0.975)),
        });
        let chance = |NextLevel { need, counted, .. }: &NextLevel| match counted {
            Counted::LastHour => {
                growth::chance_of(&busiest, needed(need, seasonal / hours) - seasonal / hours)
            }
            Counted::Longer(kept) => {
                let (posts, expected) = kept.get(place).copied().unwrap_or_default();
                growth::chance_of(&sum, needed(need, expected + seasonal) - posts - seasonal)
            }
        };
        within.extend(next.as_ref().map(|next| (horizon, chance(next))));
    }
    // What is reached within one hour is reached within three.
    let mut surest = 0.0_f64;
    for (_, chance) in &mut within {
        surest = surest.max(*chance);
        *chance = surest;
    }
    Ok(Forecast { ahead, next: next.map(|next| Chance { level: next.level, within }) })
}

/// Posts of a span that meet a level's needs where so many are expected.
fn needed(need: &Need, expected: f64) -> f64 {
    f64::from(need.posts).max(need.ratio * expected.max(LEAST_EXPECTED))
}

/// Posts an hour added to both sides of the shape of the day.
const FLAT: f64 = 0.5;

#[cfg(test)]
mod tests {
    use super::*;

    fn need(posts: u32, ratio: f64) -> NextLevel {
        let need = Need { ratio, posts, sources: 2 };
        NextLevel { level: Level::Orange, need, counted: Counted::LastHour }
    }

    fn told(last_hour: f64, hour_before: Option<f64>, next: Option<NextLevel>) -> Outlook {
        let rise = Rise { last_hour, hour_before, total: last_hour + hour_before.unwrap_or(0.0) };
        let usual = Usual { last_hour: 10.0, ahead: [10.0, 30.0, 60.0] };
        outlook(Growth::shipped(), &rise, &usual, next)
    }

    #[test]
    fn intervals_hold_one_another_and_longer_spans_bring_more() {
        let forecast = told(50.0, Some(20.0), None).unwrap();
        assert_eq!(forecast.next, None);
        for ahead in &forecast.ahead {
            let order =
                [ahead.nearly_sure.0, ahead.likely.0, ahead.median, ahead.likely.1, ahead.nearly_sure.1];
            assert!(order.is_sorted() && order[0] >= 10.0, "{ahead:?}");
        }
        let medians: Vec<f64> = forecast.ahead.iter().map(|ahead| ahead.median).collect();
        assert!(medians.is_sorted(), "{medians:?}");
    }

    #[test]
    fn few_posts_are_not_extrapolated() {
        assert_eq!(told(4.9, Some(1.0), None), Err(Unforeseen::TooFew));
        assert_eq!(told(f64::NAN, None, None), Err(Unforeseen::TooFew));
        assert!(told(5.0, None, None).is_ok());
    }

    #[test]
    fn a_near_level_is_likelier_than_a_far_one_and_within_six_hours_likelier_than_within_one() {
        let chance = |posts| told(50.0, Some(20.0), Some(need(posts, 3.0))).unwrap().next.unwrap().within;
        let (near, far) = (chance(65), chance(400));
        for ((_, near), (_, far)) in near.iter().zip(&far) {
            assert!(near > far, "{near} {far}");
        }
        assert!(near.windows(2).all(|pair| pair[0].1 <= pair[1].1), "{near:?}");
        // The ratio counts as well as the posts: a hundred times the usual is not near.
        let steep = told(50.0, Some(20.0), Some(need(65, 100.0))).unwrap().next.unwrap().within;
        assert!(steep[0].1 < near[0].1, "{steep:?}");
    }

    #[test]
    fn what_is_still_counted_helps_a_slow_level() {
        let chance = |kept| {
            let next = NextLevel { counted: Counted::Longer([(kept, 20.0); 3]), ..need(300, 3.0) };
            told(50.0, Some(20.0), Some(next)).unwrap().next.unwrap().within[0].1
        };
        assert!(chance(200.0) > chance(100.0) && chance(300.0) > 0.97, "{} {}", chance(200.0), chance(300.0));
    }
}
