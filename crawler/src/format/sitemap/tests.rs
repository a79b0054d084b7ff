//! Small sitemaps and what is read of them.

use std::io::Write;

use expect_test::{Expect, expect};

use super::*;
use crate::wishes::Wishes;

fn read(body: &[u8]) -> Result<ParsedSitemap, Words> {
    let page = Page {
        url: Url::parse("https://www.example.cn/sitemap.xml").unwrap(),
        moved: None,
        content_type: Some("text/xml".into()),
        etag: None,
        last_modified: None,
        wishes: Wishes::default(),
        body: body.to_vec(),
    };
    parse(&page, &TimeZone::get("Asia/Shanghai").unwrap())
}

fn check(body: &str, expected: Expect) {
    let shown = match read(body.as_bytes()) {
        Err(why) => format!("{why}\n"),
        Ok(found) => {
            let show = |kind: &str, named: &Named| {
                let changed = named.changed.map(|time| time.to_string()).unwrap_or_default();
                let published = named.published.as_deref().unwrap_or_default();
                format!("{kind} {} {changed} {} {published}", named.url, named.title).trim_end().to_owned()
                    + "\n"
            };
            let pages = found.pages.iter().map(|named| show("page", named));
            let sitemaps = found.sitemaps.iter().map(|named| show("map", named));
            let problems = found.problems.iter().map(|problem| format!("! {}\n", problem.what));
            pages.chain(sitemaps).chain(problems).collect()
        }
    };
    expected.assert_eq(&shown);
}

#[test]
fn a_urlset_names_pages_with_their_changes() {
    check(
        r#"<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:image="x">
<url><loc> https://www.example.cn/a?b=1&amp;c=2 </loc><lastmod>2020-02-03T08:15:00+08:00</lastmod><changefreq>daily</changefreq>
<image:image><image:loc>https://img.example.cn/1.jpg</image:loc><image:title>图</image:title></image:image></url>
<url><loc><![CDATA[http://example.cn/b#x]]></loc><lastmod>2020-02-03</lastmod></url>
<url><loc>/c</loc><lastmod>昨晚</lastmod></url><url><loc>https://other.example/d</loc></url>
<url><loc>javascript:x</loc></url><url></url></urlset>"#,
        expect![[r#"
            page https://www.example.cn/a?b=1&c=2 2020-02-03T00:15:00Z
            page http://example.cn/b 2020-02-03T15:59:59Z
            page https://www.example.cn/c
            ! 1 addresses lie on other sites and were left out
            ! 1 entries are no addresses
        "#]],
    );
}

#[test]
fn a_news_sitemap_gives_titles_and_days() {
    check(
        r#"<urlset xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>https://www.example.cn/n1</loc>
<news:news><news:publication><news:name>青岚网</news:name><news:language>zh-cn</news:language></news:publication>
<news:publication_date>2020-02-03T08:15:00+08:00</news:publication_date><news:title>今晚停水 &#38; 通知</news:title></news:news></url></urlset>"#,
        expect![[r#"
            page https://www.example.cn/n1 2020-02-03T00:15:00Z 今晚停水 & 通知 2020-02-03T08:15:00+08:00
        "#]],
    );
}

#[test]
fn an_index_names_sitemaps() {
    check(
        "<sitemapindex><sitemap><loc>https://www.example.cn/s1.xml.gz</loc><lastmod>2020-02-03</lastmod></sitemap><sitemap><loc>https://evil.example/s.xml</loc></sitemap></sitemapindex>",
        expect![[r#"
            map https://www.example.cn/s1.xml.gz 2020-02-03T15:59:59Z
            ! 1 addresses lie on other sites and were left out
        "#]],
    );
}

#[test]
fn plain_lists_and_broken_files_give_what_they_have() {
    check(
        "https://www.example.cn/a\nhttps://www.example.cn/b\r\n\nhttps://x.example/c\n",
        expect![[r#"
        page https://www.example.cn/a
        page https://www.example.cn/b
        ! 1 addresses lie on other sites and were left out
    "#]],
    );
    check(
        "<urlset><url><loc>https://www.example.cn/a</loc></url><url><loc>https://www.example.cn/b",
        expect![[r#"
            page https://www.example.cn/a
        "#]],
    );
    check(
        "<urlset><url><loc>https://www.example.cn/a</loc></url><<<",
        expect![[r#"
            page https://www.example.cn/a
            ! broken XML (syntax error: tag not closed: `>` not found before end of input); the addresses before it were taken
        "#]],
    );
    check("<urlset></urlset>", expect![""]);
}

#[test]
fn what_is_no_sitemap_says_so() {
    for body in ["", "<html><body>登录</body></html>", "<rss><channel/></rss>", "{}", "<<<"] {
        assert!(read(body.as_bytes()).unwrap_err().en.contains("no sitemap"), "{body}");
    }
}

#[test]
fn packed_sitemaps_are_unpacked_within_limits() {
    let pack = |text: &str| {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        packer.write_all(text.as_bytes()).unwrap();
        packer.finish().unwrap()
    };
    let whole = pack("<urlset><url><loc>https://www.example.cn/a</loc></url></urlset>");
    assert_eq!(read(&whole).unwrap().pages.len(), 1);
    assert!(read(&whole[..whole.len() - 12]).unwrap_err().en.contains("cannot be unpacked"));
    let bomb = pack(&" ".repeat(60 * 1024 * 1024));
    assert!(read(&bomb).unwrap_err().en.contains("50 MB"));
}

#[test]
fn more_addresses_than_allowed_are_left_out_and_said() {
    let many: String =
        (0..ADDRESSES_AT_MOST + 10).map(|number| format!("<url><loc>/{number}</loc></url>")).collect();
    let found = read(format!("<urlset>{many}</urlset>").as_bytes()).unwrap();
    assert_eq!((found.pages.len(), found.problems.len()), (ADDRESSES_AT_MOST, 1));
}

#[test]
fn entities_expand_to_nothing() {
    let body = "<!DOCTYPE urlset [<!ENTITY a \"aaaa\"><!ENTITY x SYSTEM \"file:///etc/passwd\">]><urlset><url><loc>https://www.example.cn/&a;&x;b</loc></url></urlset>";
    assert_eq!(read(body.as_bytes()).unwrap().pages[0].url.as_str(), "https://www.example.cn/b");
    let deep = format!("<urlset>{}", "<url>".repeat(200_000));
    assert_eq!(read(deep.as_bytes()).unwrap().pages.len(), 0);
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_it_panic(body in proptest::collection::vec(0_u8.., 0..200), text in "(<[a-z]{1,8}>|</[a-z]{1,8}>|[&;<>a-z]){0,40}") {
        let _ = (read(&body), read(text.as_bytes()));
    }
}
