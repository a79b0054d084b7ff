//! The search page.

use analyzer::index::{AsOf, ByConcern, Hit, Results};
use analyzer::matcher::Matchers;
use analyzer::query::Query;
use analyzer::quote::Shown;
use crawler::post::{Post, PostId, Publisher, Stored, Voice};

use super::*;
use crate::find::row::Row;
use crate::find::{Found, Reference};

pub(super) fn search(language: Language, text: &str) -> String {
    let typed = "数据 公布)\"><script>";
    let wanted = Wanted { q: typed.to_owned(), since: "48h".to_owned(), ..Wanted::default() };
    page(language, text, &wanted, at("24T14:20"))
}

/// The answer of that moment to a search.
fn page(language: Language, text: &str, wanted: &Wanted, moment: Timestamp) -> String {
    let id = PostId::from_bytes(&[7; 16]).unwrap();
    let hit = Hit { id, sequence: 1, time: at("24T14:08"), score: 1.0, voice: Voice(7), similar: 63 };
    let post = |publisher| Post {
        id,
        source: "weibo".to_owned(),
        group: "微博".to_owned(),
        publisher,
        time: at("24T14:08"),
        first_seen: at("24T14:09"),
        title: String::new(),
        text: text.to_owned(),
        address: Some("https://post.example/1".to_owned()),
        rank: None,
        heat: None,
        claimed: None,
    };
    let stored = |publisher| Stored { sequence: 1, revision: 0, voice: Voice(7), post: post(publisher) };
    let bars = (0..48).map(|hour| analyzer::index::Bar {
        start: at("22T15:00") + jiff::SignedDuration::from_hours(hour),
        posts: u32::try_from(10 + (hour * 7) % 23 + if hour > 45 { 90 } else { 0 }).unwrap(),
    });
    let results = Results {
        total: 1025,
        groups: 402,
        hits: vec![hit.clone()],
        step_seconds: 3600,
        histogram: bars.collect(),
        by_source: Vec::new(),
        by_group: vec![("微博".to_owned(), 506), ("青岚论坛".to_owned(), 325)],
        as_of: AsOf { moment, sequence: 9 },
        by_concern: Some(ByConcern { posts: vec![884], unassigned: 29 }),
        ..Results::default()
    };
    let results_at = results.as_of;
    let posts = vec![(hit.clone(), stored(Publisher::Individual)), (hit, stored(Publisher::Media))];
    let found = Found { results, posts, words: vec!["数据".to_owned(), "公布".to_owned()], excerpt: 60 };
    let concern = concern("数据公布");
    let concerns = vec![Concern { words: vec![text.chars().take(20).collect()], ..concern.clone() }];
    let reference = Reference {
        now: at("24T14:20"),
        zone: site().zone,
        matchers: Matchers::new(&concerns).into(),
        concerns: concerns.into(),
        levels: [].into(),
        sources: [].into(),
        groups: [].into(),
        shown: Shown::default(),
    };
    let steady = Wanted { at: results_at.to_string(), ..wanted.clone() };
    let (query, problems) = Query::parse_leniently(&wanted.q);
    let mistakes: Vec<Mistake> =
        problems.iter().map(|problem| mistake(&wanted.q, problem, language)).collect();
    let data = SearchData {
        zone: &site().zone,
        wanted,
        steady: &steady,
        understood: &chips(&query, language),
        time: Some("近 48 小时"),
        mistakes: &mistakes,
        found: Some(&found),
        by_concern: found.results.by_concern.as_ref(),
        by_group: &found.results.by_group,
        loosened: Some(("数据 公布", 12)),
        rows: &Row::of(&found, &reference),
        concerns: &[concern],
        groups: &["微博".to_owned(), "新闻".to_owned()],
        saved: &[(text.chars().take(40).collect(), "q=%E6%95%B0".to_owned())],
        indexed: 5_000,
        limit: 20,
    };
    search_page(&chrome(language, Here::Search, "/search?q=x"), &data)
}

#[test]
fn a_search_marks_words_and_links_only_what_is_no_individuals() {
    let page = search(Language::Chinese, "监测数据到底什么时候公布？");
    assert!(page.contains("监测<mark>数据</mark>到底什么时候<mark>公布</mark>？"));
    assert_eq!(page.matches("https://post.example/1").count(), 1);
    assert!(page.contains("忽略了多余的 )") && page.contains("<code>数据 公布<mark>)</mark>"));
    assert!(
        page.contains("<b>1,025 帖</b> 合并相似后 402 组")
            && page.contains("<span class=\"chip\">公布</span>")
    );
    assert!(page.contains("<span class=\"quiet\">· 近 48 小时</span></p>"));
    assert!(page.contains("value=\"数据 公布)&#34;&#62;&#60;script&#62;\""));
    assert!(
        page.contains("value=\"48h\" checked")
            && page.contains("&#38;at=1795501200.9&#38;offset=20")
            && page.contains("1–20 / 402")
    );
    assert!(
        page.contains("/search.csv?q=")
            && page.contains("关切：数据公布</a>")
            && page.contains(">884<")
            && page.contains(">29<")
    );
}

#[test]
fn an_answer_of_before_says_so_and_what_belongs_to_it_stays_with_its_moment() {
    let before =
        Wanted { q: "数据".to_owned(), at: "1795497600.9".to_owned(), offset: 20, ..Wanted::default() };
    let shown = page(Language::Chinese, "数据", &before, at("24T13:20"));
    let anew = "href=\"/search?q=%E6%95%B0%E6%8D%AE\">重新查看</a>";
    assert!(shown.contains("这是 13:20 的结果，之后采到的不在内。") && shown.contains(anew), "{shown}");
    let steady = "q=%E6%95%B0%E6%8D%AE&#38;at=1795497600.9";
    for link in [
        format!("href=\"/search?{steady}&#38;offset=40\""),
        format!("href=\"/search?{steady}\""),
        format!("href=\"/search.csv?{steady}&#38;offset=20\""),
        format!("href=\"/search.json?{steady}&#38;offset=20\""),
    ] {
        assert!(shown.contains(&link), "{link}");
    }
    let group = "fold=no&#38;similar=0000000000000007&#38;at=1795497600.9\">相似 63 帖</a>";
    assert!(shown.contains(group), "{shown}");
    // Another question is about the present.
    assert!(shown.contains("&#38;sort=copies\"") && !shown.contains("name=\"at\""));
    // Nobody needs to be told of seconds, nor where no moment was asked for.
    assert!(!page(Language::Chinese, "数据", &before, at("24T14:19")).contains("重新查看"));
    let present = Wanted { at: String::new(), ..before };
    assert!(!page(Language::Chinese, "数据", &present, at("24T13:20")).contains("重新查看"));
}
