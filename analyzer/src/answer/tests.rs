//! Answers in a simulated town: found or recorded, helping or not, too early or not collected.

use crawler::post::Publisher;

use super::*;
use crate::analyst::tests::{DAY, FEEDS, Random, Town, analyst, at};
use crate::effect::Against;
use crate::statement::Asking;

/// The rise begins, and the answer is published three hours later.
const RISE: i64 = 14 * DAY + 72;
const ANSWER: i64 = RISE + 18;
const END: i64 = ANSWER + 40;

/// 150 posts an hour for three hours, half of them questions; afterwards `hourly` posts and questions an hour.
fn town(after: (usize, usize)) -> Town {
    let (mut town, mut random) = (Town::default(), Random(31));
    town.live(0..END + 1, 10.0, &mut random);
    let mut talk = |from: i64, to: i64, (others, questions): (usize, usize)| {
        for bucket in from..to {
            for number in 0..others.max(questions) {
                let feed = FEEDS[number % 4];
                if number < others {
                    town.say(bucket, feed, "自来水发黄，有铁锈味", None);
                }
                if number < questions {
                    town.say(bucket, feed, "自来水发黄，什么时候能好？", None);
                }
            }
        }
    };
    talk(RISE, ANSWER, (13, 12));
    talk(ANSWER, END, after);
    town
}

fn publish(town: &mut Town, bucket: i64) {
    town.say(bucket, "mailbox", "关于自来水发黄的说明：管道检修，预计20时恢复", None);
    let (_, stored) = town.posts.last_mut().unwrap();
    stored.post.publisher = Publisher::Gov;
}

fn judged(town: &Town, until: i64, recorded: Option<i64>) -> Explanation {
    let mut analyst = analyst();
    town.play(&mut analyst, 0..until);
    let mut posts: Vec<Stored> = town.posts.iter().map(|(_, stored)| stored.clone()).collect();
    posts.retain(|stored| stored.post.time >= at(RISE - DAY, 0) && stored.post.time < at(until, 0));
    let answer = |bucket| Answer { at: at(bucket, 0), by: "市水务局".to_owned(), basis: Basis::Recorded };
    let rising = Rising { onset: at(RISE, 0), recorded: recorded.map(answer), effect: None };
    let mut explanation = Explanation::default();
    analyst.judge_answer(&mut explanation, "water", (&rising, at(until, 0)), (&posts, Read::all(&posts)));
    explanation
}

#[test]
fn an_official_text_since_the_rise_is_an_answer_and_an_earlier_one_is_none() {
    let mut town = town((2, 1));
    publish(&mut town, RISE - 30);
    let before = judged(&town, ANSWER + 12, None).answered;
    let earlier = town.posts.last().map(|(_, stored)| stored.post.time);
    assert_eq!(before, Some(Answered::NotFound { since: None, reports: 0, earlier }));
    publish(&mut town, ANSWER);
    publish(&mut town, ANSWER + 5);
    let found = judged(&town, ANSWER + 12, None);
    let answer = found.answered.as_ref().and_then(Answered::answer).unwrap();
    assert_eq!((answer.basis, answer.by.as_str()), (Basis::Published, "mailbox"));
    assert_eq!(Bucket::of(answer.at), Bucket::of(at(ANSWER, 0)));
    // What somebody recorded holds before what was found.
    let recorded = judged(&town, ANSWER + 12, Some(ANSWER + 3));
    assert_eq!(recorded.answered.unwrap().answer().unwrap().basis, Basis::Recorded);
}

#[test]
fn statements_are_listed_over_the_life_of_an_alert_and_not_over_a_day() {
    let mut town = town((2, 1));
    publish(&mut town, ANSWER);
    let until = at(ANSWER + 3 * DAY, 0);
    let posts: Vec<Stored> = town.posts.iter().map(|(_, stored)| stored.clone()).collect();
    let analyst = analyst();
    let mut explanation = Explanation::default();
    let since = at(RISE - DAY, 0);
    analyst.look_back(&mut explanation, "water", (since, until), &posts);
    assert_eq!((explanation.statements.len(), explanation.statements_since), (1, Some(since)));
    let rising = Rising { onset: at(RISE, 0), recorded: None, effect: None };
    assert!(
        analyst.answer("water", &rising, until, &posts).is_some(),
        "three days later it is answered still"
    );
}

#[test]
fn the_effect_is_said_when_it_can_be() {
    let town = town((2, 0));
    let told = |until| judged(&town, until, Some(ANSWER));
    let early = Unmeasured::TooEarly { passed: 50, needed: 1 };
    assert_eq!(told(ANSWER + 5).effect, Some(Err(early)));
    let asking = |explanation: &Explanation| match &explanation.answered {
        Some(Answered::Answered { asking, .. }) => *asking,
        other => panic!("{other:?}"),
    };
    assert_eq!(asking(&told(ANSWER + 5)), Asking::Unknown { reason: early });
    assert_eq!(told(ANSWER + 6).effect.unwrap().unwrap().hours, 1);
    let late = told(ANSWER + 37);
    let effect = late.effect.clone().unwrap().unwrap();
    assert_eq!(effect.hours, 6);
    assert!(effect.posts.0 > 450 && effect.posts.1 < 200, "{effect:?}");
    assert_eq!(effect.without.unwrap().verdict, Against::FarBelow, "{effect:?}");
    assert!(effect.share.unwrap().change.is_under(0.0));
    assert!(matches!(asking(&late), Asking::Fewer { before, after: 0, hours: 6 } if before > 200));
}

#[test]
fn an_effect_that_was_measured_once_its_time_was_over_is_told_without_the_posts() {
    let town = town((2, 0));
    let whole = judged(&town, ANSWER + 37, Some(ANSWER));
    let mut analyst = analyst();
    town.play(&mut analyst, 0..END);
    let is_measured = |until| analyst.is_measured("water", at(ANSWER, 0), at(until, 0));
    assert_eq!([is_measured(ANSWER + 36), is_measured(ANSWER + 41)], [false, false], "posts may come late");
    assert!(is_measured(ANSWER + 42));
    let answer = Answer { at: at(ANSWER, 0), by: "市水务局".to_owned(), basis: Basis::Recorded };
    let rising = Rising { onset: at(RISE, 0), recorded: Some(answer), effect: whole.effect.clone() };
    let mut told = Explanation::default();
    analyst.judge_answer(&mut told, "water", (&rising, at(END, 0)), (&[], Read::all(&[])));
    assert_eq!((told.effect, told.answered), (whole.effect, whole.answered));
}

#[test]
fn questions_that_go_on_are_said_and_what_they_ask() {
    let town = town((13, 12));
    let found = judged(&town, ANSWER + 37, Some(ANSWER));
    assert!(matches!(found.answered, Some(Answered::QuestionsGoOn { hours: 6, .. })), "{:?}", found.answered);
    let effect = found.effect.unwrap().unwrap();
    assert_eq!(effect.still_asked[0].label, "何时恢复");
    assert!(effect.share.unwrap().change.low < 0.0 && effect.share.unwrap().change.high > 0.0);
    assert!(matches!(effect.without.unwrap().verdict, Against::Within | Against::Above), "{effect:?}");
}

#[test]
fn the_forecast_looked_back_at_is_the_one_that_was_made() {
    let town = town((5, 2));
    let mut analyst = analyst();
    let made = town.play(&mut analyst, 0..ANSWER).pop().unwrap().forecast.unwrap();
    town.play(&mut analyst, ANSWER..END);
    let watch = analyst.watch_of(0).unwrap();
    let back = |onset| watch.outlook_at(analyst.sources(), Bucket::of(at(ANSWER, 0)), Bucket::of(onset));
    let looked_back_at = back(at(RISE, 0)).unwrap();
    for (then, now) in made.ahead.iter().zip(&looked_back_at.ahead) {
        assert!((now.median / then.median - 1.0).abs() < 0.1, "{then:?} {now:?}");
    }
}

#[test]
fn hours_that_were_not_collected_are_a_gap() {
    let mut town = town((13, 12));
    FEEDS.iter().for_each(|feed| town.no_visits(feed, ANSWER..END));
    town.posts.retain(|(arrival, stored)| arrival.duration_since(stored.post.time).as_mins() < 1);
    assert_eq!(judged(&town, ANSWER + 37, Some(ANSWER)).effect, Some(Err(Unmeasured::Gap)));
}
