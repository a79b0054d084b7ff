//! Topics that nobody configured.

use super::*;
use crate::emerging::TopicState;

/// One topic that is told and one of a muted class, both called the same.
pub(super) fn listed(title: &str) -> Listed {
    let told = TopicState {
        id: "T7K3QM".to_owned(),
        title: title.to_owned(),
        words: vec!["停水".to_owned(), title.to_owned()],
        posts: 12,
        voices: 9,
        sources: 2,
        found: at("24T14:00"),
        heard: at("24T15:00"),
        score: 7.5,
        class: None,
        muted: false,
        concern: Some("供水".to_owned()),
        mailed: true,
        proposal: vec!["小区 停水".to_owned(), title.to_owned()],
        titles: Vec::new(),
    };
    let class = Some(("娱乐".to_owned(), "entertainment".to_owned()));
    let muted = TopicState { id: "T00000".to_owned(), class, muted: true, ..told.clone() };
    Listed { topics: vec![told, muted], muted: vec!["娱乐".to_owned()], learning: true }
}

#[test]
fn topics_show_what_is_muted_apart_and_run_nothing_that_was_collected() {
    let hostile = "\"><script>alert(1)</script>\n[[concern]]' onclick='x";
    let listed = listed(hostile);
    let concerns = [concern("供水")];
    for language in [Language::Chinese, Language::English] {
        let chrome = chrome(language, Here::Elsewhere, "/topics");
        let page = topics_page(&chrome, &TopicsData { site: &site(), listed: &listed, concerns: &concerns });
        let page = without_own_script(&page);
        assert!(!page.contains("<script") && !page.contains("' onclick='"), "{page}");
        assert!(page.contains("/topics/T7K3QM/promote"));
        let muted = page.find("T00000").unwrap();
        assert!(
            page.find("T7K3QM").unwrap() < page.find("娱乐").unwrap() && page.find("娱乐").unwrap() < muted
        );
        let told = if language == Language::Chinese { "属于关切 供水" } else { "belongs to 供水" };
        assert!(page.contains(told));
        // The proposal is shown as text, and a title cannot begin a concern of its own.
        assert_eq!(page.matches("\n[[concern]]").count(), 2);
    }
}
