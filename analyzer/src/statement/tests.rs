//! Whose word a post is, which are listed, and the verdict on an answer.

use super::*;
use crate::effect::{Around, Asked};
use crate::quote::tests::post;

fn by(publisher: Publisher, mut stored: Stored) -> Stored {
    stored.post.publisher = publisher;
    stored
}

#[test]
fn an_office_speaks_officially_and_a_title_may_report_it() {
    let concern: Concern = serde_json::from_value(serde_json::json!({
        "id": "返乡", "name": "返乡", "words": ["返乡"], "not": [], "scope": "title", "asks": [],
        "replies": ["国家卫健委 回应"], "needs": crate::level::Needs::default(), "min_voices": 3,
    }))
    .unwrap();
    let replies = Replies::new(&concern);
    let kind = |publisher, title: &str| {
        let mut stored = by(publisher, post(1, 1, "国家卫健委 回应"));
        stored.post.title = title.to_owned();
        replies.kind(&stored, &Text::of(&stored.post))
    };
    let title = "国家卫健委回应返乡政策";
    assert_eq!(kind(Publisher::Gov, "返乡须知"), Some(StatementKind::Official));
    assert_eq!(kind(Publisher::Platform, title), Some(StatementKind::Report));
    assert_eq!(kind(Publisher::Media, title), Some(StatementKind::Report));
    assert_eq!(kind(Publisher::Individual, title), None);
    assert_eq!(kind(Publisher::Platform, "返乡要不要核酸"), None);
}

#[test]
fn the_newest_comes_first_copies_once_and_reports_push_no_official_text_out() {
    let official = |number, voice, text: &str| by(Publisher::Gov, post(number, voice, text));
    let posts = [official(1, 1, "通报一"), official(2, 2, "通报二"), official(3, 2, "通报二")];
    let reports: Vec<Stored> =
        (10..20).map(|number| by(Publisher::Media, post(number, number, &format!("回应{number}")))).collect();
    let mut all: Vec<(&Stored, StatementKind)> =
        posts.iter().map(|stored| (stored, StatementKind::Official)).collect();
    all.extend(reports.iter().map(|stored| (stored, StatementKind::Report)));
    let found = statements(&all, |id| id.to_owned(), crate::quote::Shown::default());
    let of = |kind| -> Vec<&str> {
        found.iter().filter(|it| it.kind == kind).map(|statement| statement.title.as_str()).collect()
    };
    assert_eq!(of(StatementKind::Official), ["通报二", "通报一"]);
    assert_eq!(of(StatementKind::Report), ["回应19", "回应18", "回应17", "回应16", "回应15"]);
    let keys: std::collections::BTreeSet<String> = found.iter().map(Statement::key).collect();
    assert_eq!(keys.len(), found.len());
}

fn judged(before: u32, after: u32) -> Answered {
    let of = |posts| Asked { posts, texts: posts, of: 100 };
    let half = crate::effect::interval::Half { posts: 50.0, usual: 1.0 };
    let effect = Effect::of(Around {
        answered_at: Timestamp::UNIX_EPOCH,
        hours: 3,
        before: [half; 2],
        after: [half; 2],
        dispersion: 0.0,
        outlook: Err(crate::forecast::Unforeseen::TooFew),
        asked_before: of(before),
        asked_after: of(after),
        still_asked: Vec::new(),
    });
    answered(answer(), &Ok(effect))
}

fn answer() -> Answer {
    Answer { at: Timestamp::UNIX_EPOCH, by: "市卫健委".to_owned(), basis: Basis::Recorded }
}

#[test]
fn an_answer_is_judged_by_the_questions_after_it_and_the_verdict_says_why() {
    let answered_because = |asking| Answered::Answered { answer: answer(), asking };
    assert_eq!(judged(40, 30), Answered::QuestionsGoOn { answer: answer(), before: 40, after: 30, hours: 3 });
    assert_eq!(judged(40, 10), answered_because(Asking::Fewer { before: 40, after: 10, hours: 3 }));
    assert_eq!(judged(4, 3), answered_because(Asking::Few { after: 3 }));
    let early = Unmeasured::TooEarly { passed: 20, needed: 1 };
    assert_eq!(super::answered(answer(), &Err(early)), answered_because(Asking::Unknown { reason: early }));
}
