//! Pairs of addresses: of one page, and of two.

use proptest::prelude::*;

use super::*;

#[test]
fn different_spellings_of_one_page_are_one_address() {
    let cases = [
        ("HTTP://WWW.Example.COM:80/A/b?b=2&a=1#c", "https://www.example.com/A/b?a=1&b=2"),
        ("https://example.com:443", "https://example.com/"),
        ("https://example.com/?", "https://example.com/"),
        ("https://example.com./a/./b/../c", "https://example.com/a/c"),
        ("https://example.com/x?utm_source=w&UTM_medium=m&spm=1.2", "https://example.com/x"),
        ("https://example.com/x?id=7&fbclid=abc", "https://example.com/x?id=7"),
        ("https://user:pass@example.com/x", "https://example.com/x"),
        (" https://example.com/a/../b ", "https://example.com/b"),
        ("https://example.com/?t=2&t=1", "https://example.com/?t=2&t=1"),
        ("https://example.com/?+%&%30", "https://example.com/?+%&0"),
        ("https://例子.example/新闻", "https://xn--fsqu00a.example/%E6%96%B0%E9%97%BB"),
        ("https://example.com/x?q=%E6%96%B0", "https://example.com/x?q=%E6%96%B0"),
        ("https://example.com/x?q=%d0%c2", "https://example.com/x?q=%D0%C2"),
        ("https://example.com/%7euser/%61%2Db%2f", "https://example.com/~user/a-b%2F"),
        ("https://example.com/t;jsessionid=0A1B?id=1", "https://example.com/t?id=1"),
        ("https://example.com/t?PHPSESSID=abc&id=1", "https://example.com/t?id=1"),
        ("https://example.com/t?from=timeline&isappinstalled=0", "https://example.com/t"),
        ("https://example.com/t?id=1&from=singlemessage", "https://example.com/t?id=1"),
        ("https://example.com/t?pk_campaign=a&pk_kwd=b&mtm_source=c", "https://example.com/t"),
        ("https://tech.163.com/a/F4A.html?spss=newsapp&spssid=1", "https://tech.163.com/a/F4A.html"),
        ("https://news.sina.com.cn/c/1.shtml?from=wechat", "https://news.sina.com.cn/c/1.shtml"),
        ("https://www.bilibili.com/read/cv1?unique_k=a&share_source=b", "https://www.bilibili.com/read/cv1"),
        ("https://example.com/a/index.html", "https://example.com/a/"),
        ("https://example.com/a?amp=1", "https://example.com/a"),
        ("http://example.com:443/a", "http://example.com:443/a"),
        ("https://example.com/app#/news/1", "https://example.com/app#/news/1"),
        ("https://example.com/a%2%35", "https://example.com/a%2%35"),
    ];
    for (written, expected) in cases {
        assert_eq!(canonical(written).as_deref(), Some(expected), "{written}");
    }
}

#[test]
fn twins_are_one_page() {
    let pairs = [
        (
            "http://m.thepaper.cn/newsDetail_forward_5725420",
            "https://www.thepaper.cn/newsDetail_forward_5725420",
        ),
        ("https://m.sohu.com/a/370412345_120029?scm=1", "http://www.sohu.com/a/370412345_120029"),
        ("https://3g.163.com/news/article/F4ABC123.html", "https://www.163.com/news/article/F4ABC123.html"),
        ("https://m.example.com.cn/2020/0203/12.shtml", "https://www.example.com.cn/2020/0203/12.shtml"),
        ("https://zh.m.wikipedia.org/wiki/观澜", "https://zh.wikipedia.org/wiki/观澜"),
        ("https://m.weibo.cn/detail/4467107636950632", "https://m.weibo.cn/status/4467107636950632?from=x"),
        ("https://weibo.com/1642634100/IsvYkq1bM?type=comment", "https://www.weibo.com/1642634100/IsvYkq1bM"),
        ("https://www.toutiao.com/a6789012345678901234/", "https://m.toutiao.com/i6789012345678901234/"),
        (
            "https://m.bilibili.com/video/BV1xx411c7mD?share_medium=a",
            "https://www.bilibili.com/video/BV1xx411c7mD",
        ),
        (
            "https://mp.weixin.qq.com/s?__biz=MzA=&mid=2650&idx=1&sn=ab&chksm=87&scene=21#wechat_redirect",
            "http://mp.weixin.qq.com/s?__biz=MzA=&mid=2650&idx=1&sn=ab",
        ),
        (
            "https://baijiahao.baidu.com/s?id=16575&wfr=spider&for=pc",
            "https://baijiahao.baidu.com/s?id=16575",
        ),
        ("http://bbs.example.cn/thread-12-1-3.html", "http://bbs.example.cn/thread-12-1-1.html"),
        (
            "http://bbs.example.cn/forum.php?mod=viewthread&tid=12&extra=page%3D1",
            "http://bbs.example.cn/thread-12-1-1.html",
        ),
        ("http://example.com/x", "https://example.com/x"),
    ];
    for (one, other) in pairs {
        assert_eq!(canonical(one), canonical(other), "{one} {other}");
    }
}

#[test]
fn what_makes_a_page_another_page_is_kept() {
    let pages = [
        "https://example.com/x",
        "https://example.com/x/",
        "https://example.com/X",
        "https://example.com:8443/x",
        "https://example.com/x?page=2",
        "https://example.com/x?from=beijing",
        "https://example.com/x?source=12",
        "https://example.com/x?ref=master",
        "https://example.com/x?s=12",
        "https://example.com/x?sid=12",
        "https://example.com/x?s=0123456789abcdef0123456789abcdef",
        "https://example.com/x?weibo_id=1",
        "https://example.com/x?cmpid=1",
        "https://example.com/x?share_id=1",
        "https://example.com/x?sharetoken=1",
        "https://example.com/x?share_token=1",
        "https://example.com/x?unique_k=1",
        "https://example.com/x?scm=git",
        "https://example.com/x?enterid=1",
        "https://example.com/x?efid=1",
        "https://example.com/x?pk_id=1",
        "https://example.com/x?channel=message",
        "https://example.com/x?source=rss",
        "https://example.com/x?src=feed",
        "https://example.com/x?from=share",
        "https://notweibo.com/x?weibo_id=1",
        "https://example.com/x?a=1%262",
        "https://example.com/x?a=1&2",
        "https://example.com//x",
        "https://example.com/x#/a",
        "https://example.com/x#!a",
        "https://example.com/x%2Fy",
        "https://example.com/x/y",
        "https://www.example.com/x",
        "https://m.example.com/x",
        "https://m.example.com/",
        "https://www.example.com/",
        "https://bbs.example.com/thread-12-1-1.html",
        "https://bbs.example.com/thread-12-2-1.html",
        "https://bbs.example.com/thread-13-1-1.html",
        "https://bbs.example.com/forum.php?mod=viewthread&tid=12&authorid=4",
        "https://m.gov.cn/2020/12345.html",
        "https://www.gov.cn/2020/12345.html",
        "https://www.bilibili.com/video/BV1xx411c7mD?p=2",
        "https://www.bilibili.com/video/BV1xx411c7mD",
    ];
    for (place, one) in pages.iter().enumerate() {
        for other in &pages[place + 1..] {
            assert_ne!(canonical(one), canonical(other), "{one} {other}");
        }
    }
}

#[test]
fn a_link_keeps_scheme_and_host() {
    let shown = link("http://m.example.com/a/12345?utm_source=x#top");
    assert_eq!(shown.as_deref(), Some("http://m.example.com/a/12345"));
}

#[test]
fn what_is_no_web_address_has_none() {
    for text in [
        "",
        "新闻",
        "/relative",
        "mailto:a@b.example",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "http://",
    ] {
        assert_eq!(canonical(text), None, "{text}");
    }
}

#[test]
fn links_are_joined_as_browsers_do() {
    let page = Some("http://a/b/c/d;p?q");
    let cases = [
        ("g:h", Some("g:h")),
        ("../g", Some("http://a/b/g")),
        ("../../../g", Some("http://a/g")),
        ("?y", Some("http://a/b/c/d;p?y")),
        ("#s", Some("http://a/b/c/d;p?q#s")),
        ("", Some("http://a/b/c/d;p?q")),
        ("//g", Some("http://g/")),
        ("\\g\\h", Some("http://a/g/h")),
        (" \tg\n ", Some("http://a/b/c/g")),
        ("http:g", Some("http://a/b/c/g")),
        ("http://[::1", None),
        ("http://a b/", None),
        ("http://1.2.3.256/", None),
        ("mailto:x@y", Some("mailto:x@y")),
        ("javascript:alert(1)", Some("javascript:alert(1)")),
    ];
    for (written, expected) in cases {
        assert_eq!(join(written, page).as_ref().map(Url::as_str), expected, "{written}");
    }
    assert_eq!(join("g", None), None);
    assert_eq!(join("g", Some("mailto:x@y")), None);
}

#[test]
fn links_are_joined_as_the_standard_of_today_says() {
    let cases = [
        ("///test", "http://example.org/", Some("http://test/")),
        ("////x", "http://example.org/", Some("http://x/")),
        ("//\\x", "https://example.org/a", Some("https://x/")),
        ("/\\/\\//x", "http://example.org/", Some("http://x/")),
        ("///example.org/../path", "http://example.org/", Some("http://example.org/path")),
        ("///", "http://example.org/", None),
        ("http:///x", "http://example.org/", Some("http://x/")),
        ("https:x", "http://example.org/", Some("https://x/")),
        ("\\x", "foo://h/a/b", Some("foo://h/a/\\x")),
        ("/\\x", "foo://h/a/b", Some("foo://h/\\x")),
        ("//@", "non:/a/b", None),
        ("foo://@", "http://h", None),
        ("foo://a@/x", "http://h", None),
        ("foo://%2E%2e(:\\", "http://h", None),
        ("c|/../*x", "http://h", Some("http://h/*x")),
        ("c|/../", "non:/a/b", Some("non:/a/")),
        ("a^b?c^d#e^f", "http://h", Some("http://h/a%5Eb?c^d#e^f")),
        ("data:a^b", "http://h", Some("data:a^b")),
        ("non-special:opaque  ?hi", "http://h", Some("non-special:opaque %20?hi")),
        ("non-special:opaque  #hi", "http://h", Some("non-special:opaque %20#hi")),
        ("non-special:opaque  ", "http://h", Some("non-special:opaque")),
        ("#x", "data:a ", Some("data:a#x")),
        ("x", "data:a", None),
        ("?q", "foo://h", Some("foo://h?q")),
        ("x", "foo://h", Some("foo://h/x")),
        ("..//p", "non:/a/b", Some("non:/.//p")),
        ("'", "foo://h/?'", Some("foo://h/'")),
    ];
    for (written, page, expected) in cases {
        assert_eq!(join_text(written, Some(page)).as_deref(), expected, "{written} {page}");
    }
}

#[test]
fn addresses_of_files_are_read_as_browsers_do() {
    let cases = [
        ("C|/x", "file://host/dir/file", "file://host/C:/x"),
        ("/C:/", "file://host/", "file://host/C:/"),
        ("/x", "file:///C:/dir/file", "file:///C:/x"),
        ("../../x", "file:///C:/dir/file", "file:///C:/x"),
        ("////mouse", "file:///elephant", "file:////mouse"),
        ("file:\\\\localhost//", "http://a/", "file:////"),
        ("?q'#f`", "file://host/dir/file", "file://host/dir/file?q%27#f%60"),
        ("", "file://host/dir/file?q#f", "file://host/dir/file?q"),
        ("新", "file:///", "file:///%E6%96%B0"),
        ("http://h/p", "file:///", "http://h/p"),
    ];
    for (written, page, expected) in cases {
        assert_eq!(join_text(written, Some(page)).as_deref(), Some(expected), "{written} {page}");
    }
    for written in ["file://a:80/", "file://a b/", "file://user@a/", "file://[::1/x"] {
        assert_eq!(join_text(written, None), None, "{written}");
    }
}

proptest! {
    #[test]
    fn applying_it_twice_changes_nothing(path in "[a-zA-Z0-9/._%;=-]{0,20}", query in "[a-c=&%0-9+]{0,20}") {
        for host in ["Example.com", "m.example.com", "m.weibo.cn", "www.toutiao.com"] {
            if let Some(once) = canonical(&format!("https://{host}/{path}?{query}#f")) {
                prop_assert_eq!(canonical(&once), Some(once));
            }
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in any::<String>()) {
        let _ = canonical(&text);
        for page in [None, Some("http://a/"), Some("file:///C:/a")] {
            let _ = (join_text(&text, page), join_text(&format!("file:{text}"), page));
        }
    }
}
