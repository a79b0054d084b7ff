//! The effect of an answer on counts made up for it.

use jiff::Timestamp;

use super::*;
use crate::forecast::growth::Growth;
use crate::forecast::{Rise, Usual, outlook};

/// A rise of 100 posts an hour before the answer, and so many in the two halves of the six hours after it.
fn around(after: [f64; 2]) -> Around {
    let half = |posts| Half { posts, usual: 15.0 };
    let rise = Rise { last_hour: 100.0, hour_before: Some(90.0), total: 500.0 };
    let usual = Usual { last_hour: 5.0, ahead: [5.0, 15.0, 30.0] };
    Around {
        answered_at: Timestamp::UNIX_EPOCH,
        hours: 6,
        before: [half(250.0), half(300.0)],
        after: after.map(half),
        dispersion: 0.01,
        outlook: outlook(Growth::shipped(), &rise, &usual, None),
        asked_before: Asked { posts: 200, texts: 120, of: 300 },
        asked_after: Asked { posts: 30, texts: 20, of: 120 },
        still_asked: Vec::new(),
    }
}

#[test]
fn the_longest_time_that_has_passed_is_compared() {
    let told = |minutes, fast| hours(minutes, fast);
    assert_eq!(told(59, true), Err(Unmeasured::TooEarly { passed: 59, needed: 1 }));
    assert_eq!([told(60, true), told(179, true), told(180, true)], [Ok(1), Ok(1), Ok(3)]);
    assert_eq!([told(360, true), told(9_000, true)], [Ok(6), Ok(6)]);
    assert_eq!(told(359, false), Err(Unmeasured::TooEarly { passed: 359, needed: 6 }));
    assert_eq!([told(360, false), told(1_440, false)], [Ok(6), Ok(24)]);
}

#[test]
fn a_count_is_held_against_the_forecast_of_the_same_hours() {
    let verdict = |after| Effect::of(around(after)).without.unwrap().verdict;
    let forecast = Effect::of(around([0.0; 2])).without.unwrap().forecast;
    assert_eq!(forecast.horizon, Horizon::SixHours);
    let (low, high) = forecast.likely;
    assert_eq!(verdict([forecast.median, 0.0]), Against::Within);
    assert_eq!(verdict([low - 1.0, 0.0]), Against::Below);
    assert_eq!(verdict([forecast.nearly_sure.0 - 1.0, 0.0]), Against::FarBelow);
    assert_eq!(verdict([high + 2.0, 0.0]), Against::Above);
    assert_eq!(verdict([forecast.nearly_sure.1 + 2.0, 0.0]), Against::FarAbove);
    // A concern with too few posts to be forecast, and a whole day, have no such verdict.
    let slow = Around { hours: 24, ..around([1.0, 1.0]) };
    assert_eq!(Effect::of(slow).without, Err(Unforeseen::TooFew));
    let calm = Around { outlook: Err(Unforeseen::Gap), ..around([1.0, 1.0]) };
    assert_eq!(Effect::of(calm).without, Err(Unforeseen::Gap));
}

#[test]
fn posts_and_shares_fall_and_the_pace_turns() {
    let effect = Effect::of(around([120.0, 50.0]));
    assert_eq!(effect.posts, (550, 170));
    assert!(effect.change.unwrap().is_under(1.0));
    let shares = effect.share.unwrap();
    assert!(shares.change.is_under(0.0) && (shares.change.value + 0.2333).abs() < 1e-3, "{shares:?}");
    let (before, after) = (effect.pace.before.unwrap(), effect.pace.after.unwrap());
    assert!(before.value > 0.0 && after.is_under(0.0), "{before:?} {after:?}");
    // 105 and 35 above the usual: a third in three hours.
    assert!((after.value + 3f64.ln() / 3.0).abs() < 1e-9);
    assert!(effect.pace.without.is_some_and(|rate| rate < 0.0 && rate > after.value));
}

#[test]
fn too_little_is_said_to_be_too_little() {
    let half = |posts| Half { posts, usual: 0.1 };
    let few = Around {
        before: [half(2.0), half(3.0)],
        after: [half(1.0), half(2.0)],
        asked_before: Asked { posts: 2, texts: 2, of: 5 },
        asked_after: Asked { posts: 1, texts: 1, of: 3 },
        ..around([0.0; 2])
    };
    let effect = Effect::of(few);
    assert_eq!(effect.change, Err(Unmeasured::TooFew { found: 8, needed: 10 }));
    assert_eq!(effect.share, Err(Unmeasured::TooFew { found: 3, needed: 10 }));
    assert_eq!(effect.pace.after, Err(Unmeasured::TooFew { found: 2, needed: 10 }));
    assert!(effect.few_questions() && !effect.questions_go_on());
}

#[test]
fn questions_go_on_where_half_as_many_ask() {
    let asks = |before, after| {
        let of = |posts| Asked { posts, texts: posts, of: 100 };
        let around = Around { asked_before: of(before), asked_after: of(after), ..around([9.0; 2]) };
        Effect::of(around).questions_go_on()
    };
    assert!(asks(20, 10) && asks(0, 5) && asks(3, 40));
    assert!(!asks(20, 9) && !asks(4, 4) && !asks(0, 0));
}
