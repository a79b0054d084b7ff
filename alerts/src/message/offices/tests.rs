//! Verdicts and effects in words, in both languages.

use super::*;
use analyzer::effect::Unmeasured;

use crate::message::sample::{Sample, at};

fn answer(basis: Basis) -> Answer {
    Answer { at: at("24T16:10"), by: "市卫健委".to_owned(), basis }
}

#[track_caller]
fn check(answered: Answered, chinese: &str, english: &str) {
    let mut sample = Sample::orange();
    sample.explanation.answered = Some(answered);
    for (language, wanted) in [(Chinese, chinese), (English, english)] {
        assert_eq!(offices(&sample.mail(), at("24T18:00"), language).verdict, wanted);
    }
}

#[test]
fn each_verdict_says_who_when_and_why() {
    check(
        Answered::NotFound { since: None, reports: 2, earlier: None },
        "近 24 小时采集的内容中，未找到与此相符的官方信息。有 2 条标题报道了回应，不是官方原文。",
        "No matching official information in what was collected in the last 24 hours. Titles that report a reply, which are no official texts: 2.",
    );
    check(
        Answered::NotFound { since: None, reports: 0, earlier: Some(at("24T08:00")) },
        "上升以来未找到官方信息；最近的一篇在上升之前（08:00）。",
        "No official information since the rise began; the latest is from before it (08:00).",
    );
    let early = Unmeasured::TooEarly { passed: 50, needed: 1 };
    check(
        Answered::Answered { answer: answer(Basis::Published), asking: Asking::Unknown { reason: early } },
        "市卫健委已于 16:10 发布官方信息。之后是否仍有人问还说不准：才过去 50 分，满 1 小时再比较。",
        "Answered: 市卫健委 published an official text, 16:10. Whether the questions go on cannot be said: 50 min have passed, 1 h are needed.",
    );
    check(
        Answered::QuestionsGoOn { answer: answer(Basis::Recorded), before: 40, after: 30, hours: 3 },
        "市卫健委已于 16:10 回应（人工登记）。回应之后仍有人问：此前 3 小时在提问的有 40 帖，之后 3 小时有 30 帖。",
        "Answered by 市卫健委, 16:10 (recorded by hand). The questions go on: 40 posts ask in the 3 h before it, 30 in the 3 h after it.",
    );
}

#[test]
fn evidence_of_an_earlier_version_is_told_without_a_verdict_it_does_not_hold() {
    let mut sample = Sample::resolved();
    (sample.explanation.answered, sample.explanation.effect) = (None, None);
    let told = offices(&sample.mail(), at("24T23:00"), Chinese);
    assert_eq!((told.official.len(), told.verdict.as_str()), (1, "已找到下列官方信息。"));
    assert!(told.after.is_none());
}

#[test]
fn what_offices_do_not_say_alike_stands_side_by_side() {
    let mut sample = Sample::orange();
    let side = |value: &str, sentence: &str, kind, minute| Side {
        value: value.to_owned(),
        sentence: sentence.to_owned(),
        source: "市疫情防控办".to_owned(),
        kind,
        time: at(minute),
        address: None,
    };
    sample.explanation.differences = vec![Difference {
        about: "居家隔离".to_owned(),
        measure: Measure::Duration,
        sides: vec![
            side("14天", "返岚人员居家隔离14天。", StatementKind::Report, "24T13:00"),
            side("7天", "返岚人员居家隔离7天。", StatementKind::Official, "24T09:00"),
        ],
    }];
    let told = offices(&sample.mail(), at("24T18:00"), Chinese);
    assert_eq!(told.differences[0].title, "时长·居家隔离：14天 / 7天");
    let origins: Vec<&str> = told.differences[0].sides.iter().map(|side| side.origin.as_str()).collect();
    assert_eq!(origins, ["市疫情防控办 · 13:00 · 报道", "市疫情防控办 · 09:00"]);
    for language in [Chinese, English] {
        let mail = crate::message::alert_mail(&sample.mail(), language);
        assert!(mail.text.contains("返岚人员居家隔离14天。") && mail.html.contains("返岚人员居家隔离7天。"));
    }
}
