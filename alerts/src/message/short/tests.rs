use expect_test::expect_file;

use super::*;
use crate::message::sample::{Sample, at};

fn mail(sample: &Sample, detail: Detail) -> Message {
    short_mail(&sample.mail().matter(), detail, false, Language::Chinese)
}

#[test]
fn without_evidence_a_mail_says_all_that_the_journal_knows() {
    let mut sample = Sample::orange();
    sample.claim = Some("token".to_owned());
    let raised = mail(&sample, Detail::Full);
    expect_file!["expired-zh.txt"].assert_eq(&raised.text);
    assert!(raised.html.contains("首次提示起") && raised.html.contains("claim?k=token"), "{}", raised.html);
    assert_eq!((raised.chart.is_none(), raised.attachments.is_empty()), (true, true));
    let closed = mail(&Sample::resolved(), Detail::Full);
    assert!(closed.subject.starts_with("【已关闭】数据公布：已回落"), "{}", closed.subject);
    assert!(closed.text.contains("已回应：市卫健委 16:10"), "{}", closed.text);
}

#[test]
fn a_brief_mail_says_level_name_number_and_link_and_nothing_else() {
    let mut sample = Sample::orange();
    sample.claim = Some("token".to_owned());
    sample.step = Step::Overdue;
    sample.now = at("25T15:00");
    let brief = mail(&sample, Detail::Brief);
    expect_file!["brief-zh.txt"].assert_eq(&brief.text);
    for told in ["219", "什么时候", "token", "市卫健委", "13:10"] {
        assert!(!brief.html.contains(told) && !brief.text.contains(told), "{told}: {}", brief.html);
    }
    assert!(brief.html.contains("http://10.20.0.8:8417/a/20261124-03"));
}

#[test]
fn a_channel_without_evidence_gets_lines_link_and_values() {
    let sample = Sample::orange();
    let message = short_mail(&sample.mail().matter(), Detail::Full, true, Language::English);
    assert!(message.html.is_empty() && message.text.contains("no chart and no posts"), "{}", message.text);
    assert!(message.headers.iter().any(|(name, _)| name == LINK_HEADER));
    let values: serde_json::Value = serde_json::from_slice(&message.attachments[0].bytes).unwrap();
    assert_eq!(
        (&values["alert"]["concern"], &values["signal"]),
        (&"数据公布".into(), &serde_json::Value::Null)
    );
}
