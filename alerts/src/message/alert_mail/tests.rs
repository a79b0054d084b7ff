use analyzer::explain::{AskCount, Quote, Statement};
use crawler::post::Publisher;
use expect_test::{Expect, expect_file};

use super::*;
use crate::alert::Event;
use crate::message::sample::{Sample, at};

const LANGUAGES: [Language; 2] = [Language::Chinese, Language::English];

fn samples() -> [Sample; 3] {
    [Sample::orange(), Sample::resolved(), Sample::hot_list()]
}

#[test]
fn the_text_part_is_complete() {
    for (sample, language, expected) in [
        (Sample::orange(), Language::Chinese, expect_file!["tests/orange-zh.txt"]),
        (Sample::orange(), Language::English, expect_file!["tests/orange-en.txt"]),
        (Sample::resolved(), Language::Chinese, expect_file!["tests/resolved-zh.txt"]),
        (Sample::hot_list(), Language::Chinese, expect_file!["tests/hot-list-zh.txt"]),
    ] {
        expected.assert_eq(&alert_mail(&sample.mail(), language).text);
    }
}

#[test]
fn subjects_lead_with_the_level_and_stay_short() {
    let check = |sample: &Sample, language, expected: &str| {
        assert_eq!(alert_mail(&sample.mail(), language).subject, expected);
    };
    let mut sample = Sample::orange();
    check(&sample, Language::Chinese, "【橙色·Ⅱ级】数据公布：1 小时 219 帖，为预期的 5.1 倍");
    check(
        &sample,
        Language::English,
        "[ORANGE · II] 数据公布 (Data disclosure): 219 posts in 1 hour, 5.1 times the expected number",
    );
    sample.site.staging = crate::staging::Staging::Demo;
    check(&sample, Language::Chinese, "【演示】【橙色·Ⅱ级】数据公布：1 小时 219 帖，为预期的 5.1 倍");
    sample.concern.name = "关于进一步优化返岚人员健康管理措施的有关规定".to_owned();
    let subject = alert_mail(&sample.mail(), Language::Chinese).subject;
    assert!(subject.starts_with("【演示】【橙色·Ⅱ级】关于进一步优化…：1 小时"), "{subject}");
    check(&Sample::resolved(), Language::Chinese, "【已关闭】数据公布：已回落，最高橙色，历时 9 小时 40 分");
    check(&Sample::hot_list(), Language::Chinese, "【蓝色·Ⅳ级】返乡人员政策：6 小时 6 帖（预期 0.6）");
}

#[test]
fn mail_programs_get_only_what_they_can_draw() {
    for sample in samples() {
        for language in LANGUAGES {
            let mail = alert_mail(&sample.mail(), language);
            assert!(mail.html.len() < 60_000, "{} bytes", mail.html.len());
            for forbidden in ["<svg", "data:", "var(", "<script", "<link", "@import", "flex", "src=\"http"] {
                assert!(!mail.html.contains(forbidden), "{forbidden}");
            }
            assert_eq!(mail.html.matches("<img").count(), 1);
            assert!(mail.html.contains("src=\"cid:chart@guanlan\"") && mail.chart.is_some());
            assert!(mail.html.ends_with("</html>"));
        }
    }
}

#[test]
fn the_text_part_holds_every_number_of_the_html() {
    for sample in samples() {
        for language in LANGUAGES {
            let mail = alert_mail(&sample.mail(), language);
            for number in numbers(&visible(&mail.html)) {
                assert!(numbers(&mail.text).contains(&number), "{number} is missing in the text part");
            }
        }
    }
}

/// The HTML without tags, head and entities.
fn visible(html: &str) -> String {
    let body = html.split_once("<body").unwrap().1;
    let mut visible = String::new();
    for part in body.split('<') {
        visible.push_str(part.split_once('>').map_or("", |(_, text)| text));
        visible.push(' ');
    }
    visible.replace("&#", " &")
}

fn numbers(text: &str) -> Vec<String> {
    let parts = text.split(|letter: char| !letter.is_ascii_digit() && !".,:".contains(letter));
    parts
        .map(|part| part.trim_matches(&['.', ',', ':'][..]).to_owned())
        .filter(|part| !part.is_empty())
        .collect()
}

#[test]
fn the_one_button_opens_the_alert_and_is_left_out_without_an_address() {
    let mut sample = Sample::orange();
    let mail = alert_mail(&sample.mail(), Language::Chinese);
    assert_eq!(mail.html.matches("<a href").count(), 1);
    assert!(mail.html.contains("<a href=\"http://10.20.0.8:8417/a/20261124-03\""));
    sample.site.public_url = None;
    let mail = alert_mail(&sample.mail(), Language::Chinese);
    assert!(!mail.html.contains("<a href") && !mail.text.contains("http"));
    assert!(mail.html.contains("预警 1124-03"));
}

#[test]
fn a_demonstration_says_so_everywhere() {
    let mut sample = Sample::orange();
    sample.site.staging = crate::staging::Staging::Demo;
    let mail = alert_mail(&sample.mail(), Language::Chinese);
    assert!(
        mail.subject.contains("演示")
            && mail.text.contains("不是真实预警")
            && mail.html.contains("不是真实预警")
    );
    assert!(!alert_mail(&Sample::orange().mail(), Language::Chinese).html.contains("演示"));
}

#[test]
fn collected_text_cannot_act() {
    let mut sample = Sample::orange();
    let hostile = format!("<script>alert(1)</script>\r\nBcc: a@b\u{202e}gpj.exe{}", "长".repeat(10_000));
    sample.concern.name = hostile.clone();
    sample.concern.advice = Some(hostile.clone());
    sample.concern.department = Some(hostile.clone());
    sample.explanation.asks = vec![AskCount { label: hostile.clone(), posts: 3 }];
    sample.explanation.groups[0].group = hostile.clone();
    sample.explanation.sources[2].name = hostile.clone();
    sample.explanation.quotes = vec![Quote {
        excerpt: hostile.clone(),
        group: hostile.clone(),
        publisher: Publisher::Media,
        similar: 9,
        time: at("24T13:00"),
        address: Some("javascript:alert(1)".to_owned()),
    }];
    sample.explanation.statements = vec![Statement {
        kind: Default::default(),
        time: at("24T13:00"),
        source: hostile.clone(),
        title: hostile.clone(),
        address: Some("https://a.example/\"onmouseover=\"x".to_owned()),
    }];
    for language in LANGUAGES {
        let mail = alert_mail(&AlertMail { group: &hostile, ..sample.mail() }, language);
        for part in [&mail.subject, &mail.text, &mail.html] {
            assert!(!part.contains("\u{202e}") && !part.contains('\r') && !part.contains("\nBcc"));
            assert!(!part.contains("javascript:") && !part.contains("onmouseover"));
        }
        assert!(!mail.html.contains("<script") && mail.html.contains("&#60;script&#62;"));
        assert!(!mail.subject.contains('\n') && mail.html.len() < 60_000);
    }
}

#[test]
fn individuals_are_neither_linked_nor_quoted_from_small_groups() {
    let mut sample = Sample::orange();
    let quote = |publisher, similar, excerpt: &str| Quote {
        excerpt: excerpt.to_owned(),
        group: "微博".to_owned(),
        publisher,
        similar,
        time: at("24T13:00"),
        address: Some("https://post.example/1".to_owned()),
    };
    sample.explanation.quotes =
        vec![quote(Publisher::Individual, 4, "四人组"), quote(Publisher::Individual, 5, "五人组")];
    let mail = alert_mail(&sample.mail(), Language::Chinese);
    for part in [&mail.text, &mail.html] {
        assert!(!part.contains("四人组") && part.contains("五人组") && !part.contains("post.example"));
    }
    sample.explanation.quotes = vec![quote(Publisher::Platform, 1, "榜单标题")];
    let mail = alert_mail(&sample.mail(), Language::Chinese);
    assert!(mail.html.contains("榜单标题") && mail.html.contains("https://post.example/1"));
}

#[test]
fn the_clock_says_what_is_left_what_is_over_and_who_answered() {
    let check = |sample: &Sample, expected: Expect| {
        let text = alert_mail(&sample.mail(), Language::Chinese).text;
        expected.assert_eq(text.lines().nth(5).unwrap());
    };
    let mut sample = Sample::orange();
    check(
        &sample,
        expect_test::expect![
            "回应时限 明天 14:00（首次提示起 24 小时 40 分），还剩 24 小时。责任单位：市卫健委。"
        ],
    );
    sample.alert.deadline = at("24T13:40");
    check(
        &sample,
        expect_test::expect!["回应时限 今天 13:40（首次提示起 20 分），已超 20 分。责任单位：市卫健委。"],
    );
    check(
        &Sample::resolved(),
        expect_test::expect!["已回应：市卫健委 16:10，首次提示后 2 小时 50 分。责任单位：市卫健委。"],
    );
    let mut sample = Sample::resolved();
    sample.alert.events.retain(|(_, event)| !matches!(event, Event::Responded { .. }));
    check(&sample, expect_test::expect!["预警期间没有登记回应。责任单位：市卫健委。"]);
}

#[test]
fn headers_let_mail_rules_sort() {
    let value = |mail: &Message, name: &str| {
        mail.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone())
    };
    let mail = alert_mail(&Sample::orange().mail(), Language::Chinese);
    assert_eq!(value(&mail, "X-Guanlan-Level").as_deref(), Some("orange"));
    assert_eq!(value(&mail, "X-Guanlan-Alert").as_deref(), Some("20261124-03"));
    assert_eq!(value(&mail, "Importance").as_deref(), Some("high"));
    assert_eq!(value(&alert_mail(&Sample::hot_list().mail(), Language::Chinese), "Importance"), None);
}
