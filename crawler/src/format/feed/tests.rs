//! Feeds as sites write them, good and bad.

mod cases;
mod hostile;

use expect_test::{Expect, expect};
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use url::Url;

use super::*;
use crate::mask::Masks;
use crate::post::{IdKey, PostId, Publisher};
use crate::source::Kind;

const NOW: &str = "2021-01-20T12:00:00Z";

fn source() -> Source {
    let url = Url::parse("https://bbs.example.cn/rss.xml").unwrap();
    Source {
        id: "bbs".to_owned(),
        name: "论坛".to_owned(),
        kind: Kind::Feed { url },
        every: SignedDuration::from_mins(10),
        publisher: Publisher::Media,
        group: "本地论坛".to_owned(),
        encoding: None,
        zone: TimeZone::get("Asia/Shanghai").unwrap(),
        allow: Vec::new(),
        every_at_most: None,
        proxy: None,
    }
}

fn parsed_bytes(body: &[u8]) -> Parsed {
    parsed_after(body, &Sightings::default()).parsed
}

fn parsed_after(body: &[u8], before: &Sightings) -> ParsedFeed {
    let page = Page {
        url: Url::parse("https://bbs.example.cn/rss.xml").unwrap(),
        body: body.to_vec(),
        moved: None,
        content_type: None,
        etag: None,
        last_modified: None,
        wishes: crate::wishes::Wishes::default(),
    };
    let privacy = Privacy { key: IdKey::fixed([1; 32]), masks: Masks::default() };
    parse(&page, (&source(), &privacy, Room::default()), before, NOW.parse().unwrap())
}

fn parsed(body: &str) -> Parsed {
    parsed_bytes(body.as_bytes())
}

/// Everything about a page's posts that matters, one line each, then the problems.
fn shown(parsed: &Parsed) -> String {
    let mut out = String::new();
    for post in &parsed.posts {
        let address = post.address.as_deref().unwrap_or("-");
        out.push_str(&format!("{} | {} | {} | {address}\n", post.time, post.title, post.text));
    }
    for problem in &parsed.problems {
        let line = problem.line.map(|line| format!("line {line}: ")).unwrap_or_default();
        out.push_str(&format!("! {line}{}\n", problem.what));
    }
    if parsed.reading != Reading::Whole {
        out.push_str(&format!("{:?}\n", parsed.reading));
    }
    out
}

fn check(body: &str, expected: Expect) {
    expected.assert_eq(&shown(&parsed(body)));
}

fn rss(items: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><rss version=\"2.0\"><channel><title>源</title>{items}</channel></rss>"
    )
}

fn ids(parsed: &Parsed) -> Vec<PostId> {
    parsed.posts.iter().map(|post| post.id).collect()
}

#[test]
fn rss_is_read_with_its_html_and_without_its_authors() {
    let item = "<item><title>返乡要&lt;b&gt;核酸&lt;/b&gt;吗 &amp;amp; 隔离</title>
        <link> /t/1?utm_source=rss </link><guid isPermaLink=\"false\">1</guid>
        <author>张三（zhang@bbs.example.cn）</author><dc:creator>李四</dc:creator>
        <pubDate>Wed, 20 Jan 2021 16:48:00 +0800</pubDate>
        <description><![CDATA[<p>打 13800138000 问</p><p>@王五 说&nbsp;不用</p><script>x()</script>]]></description>
        <media:group><media:title>图</media:title></media:group>
        <source url=\"x\">转自</source><category>时政</category></item>";
    check(
        &rss(item),
        expect![[r#"
        2021-01-20T08:48:00Z | 返乡要核酸吗 & 隔离 | 打 *** 问
        @用户 说 不用 | https://bbs.example.cn/t/1
    "#]],
    );
    let stored = format!("{:?}", parsed(&rss(item)).posts);
    for person in ["张三", "李四", "王五", "zhang@"] {
        assert!(!stored.contains(person), "{person} in {stored}");
    }
}

#[test]
fn every_dialect_gives_the_same_post() {
    let entry = "<title>标题</title><link>https://bbs.example.cn/t/1</link><description>正文</description>";
    let rss_item = format!("<item>{entry}<pubDate>Wed, 20 Jan 2021 08:48:00 GMT</pubDate></item>");
    let rdf_item = format!(
        "<item rdf:about=\"https://bbs.example.cn/t/1\">{entry}<dc:date>2021-01-20T16:48+08:00</dc:date></item>"
    );
    let atom_entry = "<entry><title>标题</title><link rel=\"self\" href=\"x\"/><link href=\"/t/1\"/>
        <author><name>张三</name><title>主任</title></author><source><title>别处</title><id>7</id></source>
        <content type=\"xhtml\"><div xmlns=\"http://www.w3.org/1999/xhtml\"><p>正文</p></div></content>
        <published>2021-01-20T08:48:00Z</published><updated>2021-01-20T09:00:00Z</updated></entry>";
    let prefixed =
        "<atom:feed xmlns:atom=\"http://www.w3.org/2005/Atom\"><atom:entry><atom:title>标题</atom:title>
        <atom:link href=\"/t/1\"/><atom:summary>正文</atom:summary>
        <atom:updated>2021-01-20T08:48:00Z</atom:updated></atom:entry></atom:feed>";
    let json = r#"{"version": "https://jsonfeed.org/version/1.1", "title": "源", "items": [
        {"url": "https://bbs.example.cn/t/1", "title": "标题", "content_html": "<p>正文</p>",
         "date_published": "2021-01-20T16:48:00+08:00", "authors": [{"name": "张三"}]}]}"#;
    let documents = [
        rss(&rss_item),
        format!("<rss version=\"0.91\"><channel>{rss_item}</channel></rss>"),
        format!("<rss><channel>{rss_item}</channel></rss>"),
        format!("\n\u{feff}<rss version=\"2.01\"><channel>{rss_item}</channel></rss>\n"),
        format!("<rdf:RDF><channel><title>源</title><items/></channel>{rdf_item}</rdf:RDF>"),
        format!("<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>源</title>{atom_entry}</feed>"),
        format!("<?xml version=\"1.0\" encoding=\"gbk\"?>{atom_entry}"),
        prefixed.to_owned(),
        json.to_owned(),
    ];
    let first = parsed(&documents[0]);
    assert_eq!(first.posts.len(), 1);
    for document in &documents {
        check(
            document,
            expect![[r#"
            2021-01-20T08:48:00Z | 标题 | 正文 | https://bbs.example.cn/t/1
        "#]],
        );
        assert_eq!(parsed(document).posts, first.posts, "{document}");
    }
}

#[test]
fn a_broken_entry_is_one_problem_and_the_others_survive() {
    let body = rss(
        "<item><title>一</title><guid>1</guid></item>\n<item><title>坏 <! x</title><guid>2</guid></item>\n\
         <item><title>三 & 四 &nbsp; &hearts; &unknown;</title><guid>3</guid></item>\n\
         <item><title>忘了结束<guid>4</guid>\n<item><title>五</title><guid>5</guid></item>",
    );
    check(
        &body,
        expect![[r#"
        2021-01-20T12:00:00Z | 一 |  | -
        2021-01-20T12:00:00Z | 三 & 四 ♥ &unknown; |  | -
        2021-01-20T12:00:00Z | 忘了结束4 |  | -
        2021-01-20T12:00:00Z | 五 |  | -
        ! line 2: broken XML (syntax error: unknown or missed symbol in markup); the entry around it was left out
        Damaged
    "#]],
    );
}

#[test]
fn a_feed_that_breaks_off_keeps_its_whole_entries() {
    let whole =
        rss("<item><title>一</title></item><item><title>二</title></item><item><title>三</title></item>");
    let cut = &whole[..whole.find("三").unwrap()];
    check(
        cut,
        expect![[r#"
        2021-01-20T12:00:00Z | 一 |  | -
        2021-01-20T12:00:00Z | 二 |  | -
        ! the feed breaks off before its end
        Damaged
    "#]],
    );
}

#[test]
fn what_is_no_feed_says_what_it_is() {
    let page = "<!DOCTYPE html><html><head><title>x</title>
        <link rel=\"alternate\" type=\"application/rss+xml\" href=\"/rss.xml\"></head></html>";
    let cases = [
        ("", "the page is empty"),
        ("  \n", "the page is empty"),
        ("<html><body>请登录</body></html>", "a web page and no feed"),
        (page, "names this feed: https://bbs.example.cn/rss.xml"),
        ("<?xml version=\"1.0\"?><html xmlns=\"http://www.w3.org/1999/xhtml\"/>", "a web page and no feed"),
        ("<urlset><url><loc>x</loc></url></urlset>", "a sitemap"),
        ("<a><b/></a>", "neither RSS, Atom nor JSON Feed"),
        ("hello", "neither RSS, Atom nor JSON Feed"),
        (r#"{"code": -412, "message": "banned"}"#, "no JSON Feed"),
        (r#"[1, 2]"#, "no JSON Feed"),
        (r#"{"items": ["#, "this JSON is broken"),
    ];
    for (body, expected) in cases {
        let parsed = parsed(body);
        assert_eq!((parsed.reading, parsed.posts.len()), (Reading::SomethingElse, 0), "{body}");
        assert!(parsed.problems[0].what.en.contains(expected), "{body}: {:?}", parsed.problems);
    }
    let empty_feed = parsed(&rss(""));
    assert_eq!((empty_feed.reading, empty_feed.posts.len()), (Reading::Whole, 0));
}

#[test]
fn dates_are_read_as_sites_write_them() {
    let cases = [
        ("Wed, 20 Jan 2021 16:48:00 +0800", "2021-01-20T08:48:00Z"),
        ("Wed, 20 Jan 2021 08:48:00 GMT", "2021-01-20T08:48:00Z"),
        ("Mon, 20 Jan 2021 08:48:00 GMT", "2021-01-20T08:48:00Z"),
        ("2021-01-20T16:48:00+08:00", "2021-01-20T08:48:00Z"),
        // No zone, or CST, is the site's own time.
        ("2021-01-20 16:48:00", "2021-01-20T08:48:00Z"),
        ("2021-01-20T16:48:00", "2021-01-20T08:48:00Z"),
        ("Wed, 20 Jan 2021 16:48:00", "2021-01-20T08:48:00Z"),
        ("Wed, 20 Jan 2021 16:48:00 CST", "2021-01-20T08:48:00Z"),
        ("2021-01-20 16:48:00 +0800", "2021-01-20T08:48:00Z"),
        ("Wed Jan 20 16:48:00 +0800 2021", "2021-01-20T08:48:00Z"),
        ("2021年1月20日 16:48", "2021-01-20T08:48:00Z"),
        ("1611132480", "2021-01-20T08:48:00Z"),
        ("Thu, 01 Jan 2009 00:00:00 GMT", "2009-01-01T00:00:00Z"),
        // Still to come, or never was: when it was fetched.
        ("Fri, 01 Jan 2099 00:00:00 GMT", NOW),
        ("Fri, 31 Dec 9999 23:59:59 -9999", NOW),
        ("2021-01-20T12:01:00Z", NOW),
        ("Thu, 01 Jan 1970 00:00:00 GMT", NOW),
        ("昨天", "2021-01-19T15:59:59Z"),
        ("3分钟前", "2021-01-20T11:57:00Z"),
        ("农历除夕", NOW),
        ("0000-00-00", NOW),
        ("Mon, 99 Foo 2021 99:99:99 XYZ", NOW),
        ("-1", NOW),
        ("NaN", NOW),
        ("", NOW),
    ];
    for (date, expected) in cases {
        let parsed = parsed(&rss(&format!("<item><title>一</title><pubDate>{date}</pubDate></item>")));
        assert_eq!(parsed.posts[0].time.to_string(), expected, "{date}");
    }
    let updated =
        "<item><title>一</title><pubDate>许久以前</pubDate><updated>2021-01-20T08:48:00Z</updated></item>";
    assert_eq!(parsed(&rss(updated)).posts[0].time.to_string(), "2021-01-20T08:48:00Z");
}

#[test]
fn dates_that_are_wrong_are_reported_with_what_to_do() {
    let items = |dates: &[&str]| {
        let item = |date: &&str| format!("<item><title>一</title><pubDate>{date}</pubDate></item>");
        let found = parsed(&rss(&dates.iter().map(item).collect::<String>()));
        found.problems.into_iter().map(|problem| problem.what.en).collect::<Vec<_>>().join("\n")
    };
    assert_eq!(items(&["2021-01-20 16:48", "2021-01-20 20:01"]), "");
    // 22:00 in Shanghai is two hours ahead of the fetch: the site writes another zone.
    assert!(items(&["2021-01-20 22:00"]).ends_with(
        "1 entries are dated in the future; they count as new when first seen; is `zone` in the source right?"
    ));
    let mixed = items(&["2099-01-01", "2021-01-20", "许久以前"]);
    assert!(
        mixed.contains("1 entries have a date that cannot be read") && !mixed.contains("`zone`"),
        "{mixed}"
    );
}

#[test]
fn an_entry_keeps_its_identity() {
    let one = |item: &str| ids(&parsed(&rss(&format!("<item>{item}<title>一</title></item>"))))[0];
    let guid = "<guid>http://bbs.example.cn/t/1</guid>";
    assert_eq!(one(guid), one("<guid>https://bbs.example.cn/t/1</guid><link>/elsewhere</link>"));
    assert_ne!(one(guid), one("<guid>http://bbs.example.cn/t/2</guid>"));
    assert_eq!(one("<link>/t/1?utm_source=a</link>"), one("<link>https://bbs.example.cn/t/1#top</link>"));
    assert_ne!(one("<link>/t/1</link>"), one("<link>/t/2</link>"));
    // Without guid and address the words themselves: the fetch time must not make it new each time.
    let later = |item: &str| {
        let page = Page {
            url: Url::parse("https://bbs.example.cn/rss.xml").unwrap(),
            body: rss(&format!("<item>{item}<title>一</title></item>")).into_bytes(),
            moved: None,
            content_type: None,
            etag: None,
            last_modified: None,
            wishes: crate::wishes::Wishes::default(),
        };
        let privacy = Privacy { key: IdKey::fixed([1; 32]), masks: Masks::default() };
        let tomorrow = "2021-01-21T12:00:00Z".parse().unwrap();
        parse(&page, (&source(), &privacy, Room::default()), &Sightings::default(), tomorrow).parsed.posts[0]
            .id
    };
    for date in [
        "",
        "<pubDate>昨天</pubDate>",
        "<pubDate>3分钟前</pubDate>",
        "<pubDate>2021-01-20T08:48:00Z</pubDate>",
    ] {
        assert_eq!(one(date), later(date), "{date}");
    }
}

#[test]
fn new_guids_for_known_entries_make_no_new_posts() {
    let build = |n: u32, title: &str| {
        let item =
            |i: u32| format!("<item><title>{title}{i}</title><guid>{n}-{i}</guid><link>/t/{i}</link></item>");
        rss(&[1, 2, 3].map(item).concat()).into_bytes()
    };
    let first = parsed_after(&build(1, "帖"), &Sightings::default());
    let json = serde_json::to_string(&first.sightings).unwrap();
    assert!(!json.contains("bbs.example.cn") && !json.contains("帖"), "{json}");
    let second = parsed_after(&build(2, "帖"), &serde_json::from_str(&json).unwrap());
    let third = parsed_after(&build(3, "帖"), &second.sightings);
    assert_eq!(ids(&third.parsed), ids(&first.parsed));
    assert!(third.parsed.problems[0].what.en.starts_with("3 known entries came under new guids"));
    // The same address with other words and another guid is something new.
    let other = parsed_after(&build(4, "文"), &third.sightings);
    assert!(ids(&other.parsed).iter().all(|id| !ids(&first.parsed).contains(id)));
    // A changed title under the same guid is the same post, edited.
    let edited = parsed_after(&build(4, "改"), &other.sightings);
    assert_eq!(ids(&edited.parsed), ids(&other.parsed));
}

#[test]
fn entries_that_share_a_guid_are_told_apart_by_their_addresses() {
    let item = |n: u32| format!("<item><title>帖{n}</title><guid>SAME</guid><link>/t/{n}</link></item>");
    let found = parsed(&rss(&[1, 2, 3].map(item).concat()));
    let mut ids = ids(&found);
    ids.dedup();
    assert_eq!(ids.len(), 3);
    assert!(found.problems[0].what.en.contains("bear one guid"));
}

#[test]
fn poor_entries_are_kept_with_what_they_have() {
    let items = "<item></item><item/><item><title>只有标题</title></item>\
        <item><description>只有正文</description></item><item><link>/t/1</link></item>\
        <item><title></title><link>   </link></item><item><title>同</title><description>同</description></item>";
    check(
        &rss(items),
        expect![[r#"
        2021-01-20T12:00:00Z | 只有标题 |  | -
        2021-01-20T12:00:00Z |  | 只有正文 | -
        2021-01-20T12:00:00Z | 同 |  | -
        ! 4 entries have neither title nor text
    "#]],
    );
    let json = r#"{"items": [{"id": 5, "title": "好", "content_text": "a < b"}, 7, null, {"title": ["x"]}]}"#;
    check(
        json,
        expect![[r#"
        2021-01-20T12:00:00Z | 好 | a < b | -
        ! entry 2 is no object
        ! entry 3 is no object
        ! 1 entries have neither title nor text
    "#]],
    );
}

#[test]
fn of_too_many_entries_the_newest_are_kept_in_the_pages_order() {
    let item = |n: usize| format!("<item><title>{n}</title><pubDate>{}</pubDate></item>", 1_600_000_000 + n);
    let items: String = (0..2500).map(item).collect();
    let found = parsed(&rss(&items));
    assert_eq!(found.posts.len(), 2000);
    assert_eq!((found.posts[0].title.as_str(), found.posts[1999].title.as_str()), ("500", "2499"));
    assert_eq!(found.problems[0].what.en, "the page has 2500 entries; the newest 2000 were taken");
}

#[test]
fn text_in_gbk_under_the_name_of_utf8_is_read_and_bad_bytes_are_reported() {
    let body = rss("<item><title>返乡人员隔离政策有变化</title></item>");
    let found = parsed_bytes(&encoding_rs::GBK.encode(&body).0);
    assert_eq!(found.posts[0].title, "返乡人员隔离政策有变化");
    assert_eq!(found.problems, []);
    let mut bytes = body.into_bytes();
    let at = bytes.len() - 40;
    bytes.splice(at..at, [0xff]);
    assert!(parsed_bytes(&bytes).problems.iter().any(|problem| problem.what.en.contains("read as UTF-8")));
}

#[test]
fn a_time_still_to_come_is_remembered_as_a_claim() {
    let dated = |date: &str| rss(&format!("<item><title>一</title><pubDate>{date}</pubDate></item>"));
    let ahead = &parsed(&dated("2031-05-06T07:08:09Z")).posts[0];
    assert_eq!(
        (ahead.time, ahead.claimed),
        (ahead.first_seen, Some("2031-05-06T07:08:09Z".parse().unwrap()))
    );
    assert_eq!(parsed(&dated("2021-01-20T08:48:00Z")).posts[0].claimed, None);
}
