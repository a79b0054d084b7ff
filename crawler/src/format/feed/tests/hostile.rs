//! Feeds that mean harm: none costs more than its length, none brings anything in.

use expect_test::expect;

use super::{check, parsed, rss};
use crate::format::{Problem, Reading, TITLE_AT_MOST};

#[test]
fn entities_expand_to_nothing_of_ours_and_nothing_of_theirs() {
    let laughs = "<?xml version=\"1.0\"?><!DOCTYPE rss [<!ENTITY a \"lol\"><!ENTITY b \"&a;&a;&a;\">\
        <!ENTITY f SYSTEM \"file:///etc/passwd\">]><rss version=\"2.0\"><channel>\
        <item><title>笑 &b; &f;</title></item></channel></rss>";
    check(
        laughs,
        expect![[r#"
        2021-01-20T12:00:00Z | 笑 &b; &f; |  | -
    "#]],
    );
}

#[test]
fn long_and_deep_pages_cost_no_more_than_their_length() {
    let deep =
        rss(&format!("{}{}<item><title>一</title></item>", "<a>".repeat(200_000), "</a>".repeat(200_000)));
    let found = parsed(&deep);
    assert_eq!(found.posts.len(), 1);
    assert!(found.problems[0].what.en.contains("deeper than 256"), "{:?}", found.problems);
    let inside = rss(&format!(
        "<item><title>一</title>{}</item><item><title>二</title></item>",
        "<a>".repeat(200_000)
    ));
    assert_eq!(parsed(&inside).posts.len(), 2);
    let unclosed = rss(&"<item><title>".repeat(50_000));
    assert_eq!(parsed(&unclosed).posts.len(), 0);
    let broken = rss(&"<item><title>坏 <! </title></item>".repeat(50_000));
    assert_eq!(parsed(&broken).problems.len(), Problem::AT_MOST);
    let attributes: String = (0..50_000).map(|n| format!(" a{n}=\"x\"")).collect();
    let many = rss(&format!("<item><title>一</title><link{attributes} href=\"/t/1\"/></item>"));
    assert_eq!(parsed(&many).posts[0].address.as_deref(), Some("https://bbs.example.cn/t/1"));
    let huge = rss(&format!(
        "<item><title>{0}</title><description>{0}</description></item>",
        "长".repeat(2_000_000)
    ));
    let found = parsed(&huge);
    let post = &found.posts[0];
    assert_eq!(post.title.chars().count(), TITLE_AT_MOST + 1);
    assert!(post.text.len() <= 1 << 20 && post.text.len() > (1 << 20) - 8, "{}", post.text.len());
    assert!(found.problems[0].what.en.contains("longer than 1024 KiB"), "{:?}", found.problems);
    assert_eq!(parsed(&"[".repeat(1_000_000)).reading, Reading::SomethingElse);
}

/// An entry takes hundreds of bytes however short it was written.
#[test]
fn of_empty_entries_without_end_only_so_many_are_held() {
    let empty = parsed(&rss(&"<item/>".repeat(30_000)));
    let json = parsed(&format!(r#"{{"items": [{}{{"title": "好"}}]}}"#, r#"{"a":0},"#.repeat(30_000)));
    for (found, said) in [(&empty, "20000 were looked at, 10000 were not"), (&json, "20000 were looked at")] {
        assert_eq!(found.posts, []);
        assert!(found.problems.iter().any(|problem| problem.what.en.contains(said)), "{:?}", found.problems);
    }
}

/// Each in the time its length takes: read with a square of it, the test would take minutes.
#[test]
fn floods_of_elements_attributes_and_names_are_read_in_one_pass() {
    let unclosed = rss(&"<item><title>一".repeat(200_000));
    assert_eq!(parsed(&unclosed).posts.len(), 2000);
    let attributes: String = (0..100_000).map(|n| format!(" a{n}='x'")).collect();
    let item = format!("<item{attributes}><title{attributes}>一</title><p{attributes}>x</p></item>");
    assert_eq!(parsed(&rss(&item)).posts[0].title, "一");
    let spaces: String = (0..100_000).map(|n| format!(" xmlns:n{n}='http://site.example/{n}'")).collect();
    let named = format!(
        "<rss{spaces}><channel>{}</channel></rss>",
        "<n9:a/><item><title>一</title></item>".repeat(20_000)
    );
    assert_eq!(parsed(&named).posts.len(), 2000);
    let inside = format!("<item><description>{}文</description></item>", "<p><b><br>".repeat(100_000));
    assert_eq!(parsed(&rss(&inside)).posts[0].text, "文");
    let crossed = "<a><b></a></b>".repeat(100_000);
    assert_eq!(parsed(&rss(&format!("{crossed}<item><title>一</title></item>"))).posts.len(), 1);
    let ends = format!("<item><title>一</title>{}</item>", "</x>".repeat(300_000));
    assert_eq!(parsed(&rss(&ends)).posts.len(), 1);
    let bases: String = "<g xml:base='a/'>".repeat(50_000);
    assert_eq!(parsed(&rss(&format!("{bases}<item><title>一</title></item>"))).posts.len(), 0);
    let references = format!("<item><title>{}</title></item>", "&nbsp;&eacute;&x;".repeat(100_000));
    assert_eq!(parsed(&rss(&references)).posts.len(), 1);
}

proptest::proptest! {
    #[test]
    fn no_page_makes_it_panic(body in "[<>/!?&;\\[\\]\\-{}\" a-z0-9:中é]{0,120}") {
        let _ = parsed(&body);
        let _ = parsed(&rss(&format!("<item><title>{body}</title></item>")));
        let _ = parsed(&format!("{{\"items\": [{{\"title\": {body}}}]}}"));
    }
}
