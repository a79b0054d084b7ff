//! The list of concerns, the clock of an alert, the page behind a mail's button.

use super::*;

pub(super) fn all(language: Language, text: &str) -> String {
    let (first, second) = (concern("数据公布"), concern(text));
    let (alert, signal, curve) = (alert("数据公布", Level::Orange), signal("数据公布", 236), curve(200.0));
    let quiet = Standing { concern: &second, signal: None, curve: &curve, alert: None, explanation: None };
    let loud = Standing {
        concern: &first,
        signal: Some(&signal),
        curve: &curve,
        alert: Some(&alert),
        explanation: None,
    };
    concerns_page(&chrome(language, Here::Concerns, "/concerns"), &site(), &[quiet, loud])
}

pub(super) fn claim(language: Language, text: &str) -> String {
    let data = ClaimData {
        badge: Badge::of(Level::Orange, language),
        name: format::one_line(text, 60),
        number: "1124-03".to_owned(),
        numbers: "1 小时 236 帖".to_owned(),
        group: "值班室".to_owned(),
        settled: None,
        due: "今天 18:15".to_owned(),
        action: "/a/20261124-03/claim".to_owned(),
        language: "zh",
        page: "/a/20261124-03".to_owned(),
        token: "k".to_owned(),
    };
    claim_page(&chrome(language, Here::Elsewhere, "/a/20261124-03/claim?k=k"), &data)
}

#[test]
fn all_concerns_stand_with_the_alarming_ones_first() {
    let page = all(Language::Chinese, "学校复课");
    assert!(page.contains("<h1>2 项关切，1 项有预警</h1>"), "{page}");
    assert!(page.find("橙色 · Ⅱ级") < page.find("学校复课") && page.contains("href=\"/concerns/new\""));
    assert!(page.contains("<a href=\"/concerns\" aria-current=\"page\">关切</a>"));
    let chinese = chrome(Language::Chinese, Here::Concerns, "/concerns");
    let none = concerns_page(&chinese, &site(), &[]);
    assert!(none.contains("没有 [[concern]]") && none.contains("guanlan check") && !none.contains("<table"));
    let (concern, curve) = (concern("供水"), Vec::new());
    let standing =
        Standing { concern: &concern, signal: None, curve: &curve, alert: None, explanation: None };
    let silent = concerns_page(
        &Chrome { unheard: Some(Unheard { sources: 2, ..Unheard::default() }), ..chinese },
        &site(),
        &[standing],
    );
    assert!(silent.contains("还没有采到帖文") && silent.contains("guanlan source test"), "{silent}");
}

#[test]
fn a_clock_says_what_is_left_until_an_answer_and_stops_with_it() {
    let page = one_alert(Language::Chinese, "公布");
    let clock = "距回应时限 </p><p class=\"left\">23 小时 40 分</p>";
    assert!(page.contains(clock) && page.contains("明天 14:00（首次提示起 24 小时 40 分）"), "{page}");
    // It began at 13:20 of 24 h 40 min.
    assert!(page.contains("<rect class=\"meter-fill\" width=\"4\" height=\"8\"/>"), "{page}");
    assert!(
        page.contains("<span class=\"quiet\">待首次回应") && !page.contains("<span class=\"quiet\">待认领")
    );
    let mut answered = alert("数据公布", Level::Orange);
    let by = "市卫健委".to_owned();
    answered.apply(at("24T14:10"), Event::Responded { by, url: None, at: at("24T14:10") });
    let chrome = chrome(Language::Chinese, Here::Alerts, "/");
    assert!(super::super::clock::Clock::of(&chrome, &site(), &answered).is_none());
    let late = Alert { deadline: at("24T14:10"), ..alert("数据公布", Level::Orange) };
    let late = super::super::clock::Clock::of(&chrome, &site(), &late).unwrap();
    assert_eq!((late.lead, late.left.as_str(), late.passed), ("已超回应时限 ", "10 分", 100));
}
