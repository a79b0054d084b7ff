//! The page of one concern.

use analyzer::concern::AskRule;

use super::*;

pub(super) fn one_concern(language: Language, text: &str, range: Range) -> String {
    let mut asked = concern("数据公布");
    asked.words = vec![format!("数据 {text}"), "公布".to_owned()];
    asked.asks = vec![AskRule { label: text.to_owned(), words: vec!["什么时候 公布".to_owned()] }];
    let open = alert("数据公布", Level::Orange);
    let mut closed = alert("数据公布", Level::Yellow);
    closed.apply(
        at("24T14:06"),
        Event::Responded {
            by: text.to_owned(),
            url: Some("https://gov.example/1".to_owned()),
            at: at("24T12:00"),
        },
    );
    closed.apply(at("24T14:07"), Event::Resolved { by: None });
    let shown = (signal("数据公布", 236), explanation(text));
    let past = [Past { alert: &closed, curve: curve(200.0), effect: None }];
    let curve = curve(200.0);
    let data = ConcernData {
        site: &site(),
        concern: &asked,
        shown: Some(&shown),
        alert: Some(&open),
        range,
        curve: &curve,
        morning: jiff::civil::time(8, 30, 0, 0),
        past: &past,
    };
    concern_page(&chrome(language, Here::Elsewhere, "/c/x"), &data)
}

#[test]
fn a_concern_shows_its_course_its_evidence_and_what_earlier_alerts_came_to() {
    let page = one_concern(Language::Chinese, "数据什么时候公布", Range::Day);
    for text in [
        "<title>数据公布：1 小时 236 帖，为预期的 5.8 倍",
        "13:10 起上升，1 小时帖数现为预期的 5.8 倍",
        "href=\"/c/%E6%95%B0%E6%8D%AE%E5%85%AC%E5%B8%83?range=7d\"",
        "为什么提示橙色",
        "<mark>",
        "href=\"/search?q=",
        "https://gov.example/1",
        "href=\"/a/20261124-03?form=answer#answer\"",
        "action=\"/a/20261124-03/respond\"",
    ] {
        assert!(page.contains(text), "{text}");
    }
    assert!(!page.contains("post.example"), "individuals are never linked");
    // A day has a row for each full hour and one for the last moment; a month one for each day.
    let rows = |range| one_concern(Language::Chinese, "公布", range).matches("<tr data-place=").count();
    assert!(rows(Range::Day) > rows(Range::Month) + 20);
}

#[test]
fn the_table_behind_the_chart_knows_where_its_rows_stand() {
    let page = one_concern(Language::Chinese, "数据什么时候公布", Range::SixHours);
    assert!(page.contains("data-place=\"0\"") && page.contains("data-place=\"1000\""), "{page}");
    assert!(page.contains("data-read=\"14:20 · 实际 "), "{page}");
}
