//! Small pages and what is read of them.

use expect_test::{Expect, expect};
use jiff::tz::TimeZone;

use super::*;
use crate::post::Publisher;
use crate::source::{Articles, Kind};

const COLUMN: &str = r#"<html><head><base href="/gk/"></head><body><div class=nav><a href="/">首页</a></div>
<ul class="list">
<li><a href="t1.html" title="关于调整供水价格的通知全文">关于调整供水价格的…</a><span>2020-02-03</span></li>
<li><a href="/gk/t2.html?utm_source=x#top" rel="external nofollow">停水公告</a><span>(2020年2月2日 08:30)</span></li>
<li><a href="//other.example/t3">转载的文章</a><time datetime="2020-02-01T10:00:00+08:00">昨天</time></li>
<li><a href="javascript:void(0)">展开</a></li>
<li></li>
</ul><a class=next href="index_2.html">下一页</a></body></html>"#;

fn selector(text: &str) -> Selector {
    Selector::parse(text).unwrap()
}

fn list() -> List {
    List {
        url: Url::parse("https://www.example.gov.cn/news/index.html").unwrap(),
        item: selector("ul.list li"),
        title: None,
        link: None,
        time: None,
        text: None,
        next: Some(selector("a.next")),
        pages: 1,
        article: Articles::None,
    }
}

fn source(list: &List) -> Source {
    Source {
        id: "gov".into(),
        name: "gov".into(),
        kind: Kind::List(Box::new(list.clone())),
        every: jiff::SignedDuration::from_mins(10),
        publisher: Publisher::Gov,
        group: "gov".into(),
        encoding: None,
        zone: TimeZone::get("Asia/Shanghai").unwrap(),
        allow: Vec::new(),
        every_at_most: None,
        proxy: None,
    }
}

fn read(list: &List, body: &str) -> Result<ParsedList, Words> {
    let page = Page {
        url: list.url.clone(),
        moved: None,
        content_type: None,
        etag: None,
        last_modified: None,
        wishes: Wishes::default(),
        body: body.as_bytes().to_vec(),
    };
    parse(&page, (&source(list), list), Room { items: 500, ..Room::default() })
}

fn check(list: &List, body: &str, expected: Expect) {
    let shown = match read(list, body) {
        Err(why) => format!("{why}\n"),
        Ok(parsed) => {
            let mut shown = String::new();
            for entry in &parsed.entries {
                let Entry { title, text, address, nofollow, time, .. } = entry;
                let (address, time) = (address.as_deref().unwrap_or("-"), time.as_deref().unwrap_or("-"));
                let rel = if *nofollow { " nofollow" } else { "" };
                shown.push_str(&format!("{title} | {text} | {time} | {address}{rel}\n"));
            }
            for problem in &parsed.problems {
                shown.push_str(&format!("! {}\n", problem.what));
            }
            shown
        }
    };
    expected.assert_eq(&shown);
}

#[test]
fn a_column_of_an_office_needs_only_its_item() {
    check(
        &list(),
        COLUMN,
        expect![[r#"
            关于调整供水价格的通知全文 |  | 2020-02-03 | https://www.example.gov.cn/gk/t1.html
            停水公告 |  | 2020年2月2日 08:30 | https://www.example.gov.cn/gk/t2.html nofollow
            转载的文章 |  | 2020-02-01T10:00:00+08:00 | https://other.example/t3
            展开 |  | - | -
        "#]],
    );
    let next = read(&list(), COLUMN).unwrap().next;
    assert_eq!(next.unwrap().as_str(), "https://www.example.gov.cn/gk/index_2.html");
}

#[test]
fn a_forum_is_read_by_its_selectors() {
    let forum = List {
        item: selector("tbody[id^=normalthread]"),
        title: Some(selector("a.xst")),
        link: Some(selector("a.xst")),
        time: Some(selector("td.by em")),
        text: Some(selector("p.brief")),
        next: None,
        ..list()
    };
    let body = r#"<table><tbody id="normalthread_1"><tr><td><a href="thread-1-1-1.html"><img src=x></a></td>
<th><em>[<a href="typeid=1">求助</a>]</em><a class="s xst" href="thread-1-1-1.html">小区又停水了</a></th>
<td class="by"><cite><a href="space-uid-7.html">楼主名</a></cite><em><span title="2020-2-3 08:15">3&nbsp;分钟前</span></em></td></tr>
<tr><td><p class=brief>从早上到现在<br>一直没有水</p></td></tr></tbody>
<tbody id="normalthread_2"><tr><th><a class="xst" href="thread-2-1-1.html">问问公积金</a></th><td class=by><em>2020-2-2</em></td></tr></tbody></table>"#;
    check(
        &forum,
        body,
        expect![[r#"
            小区又停水了 | 从早上到现在
            一直没有水 | 2020-2-3 08:15 | https://www.example.gov.cn/news/thread-1-1-1.html
            问问公积金 |  | 2020-2-2 | https://www.example.gov.cn/news/thread-2-1-1.html
        "#]],
    );
}

#[test]
fn a_page_without_entries_has_changed_its_shape() {
    check(
        &list(),
        "<html><body>登录</body></html>",
        expect![[r#"
        nothing on the page fits "ul.list li": the site changed its shape, or `item` is wrong; open the page in a browser and mend `item`
    "#]],
    );
    check(
        &list(),
        "<ul class=list><li></li><li> </li></ul>",
        expect![[r#"
        "ul.list li" fits 2 places, none of them with a title or a text; check `title`, `link` and `text` in the source
    "#]],
    );
    check(
        &list(),
        "",
        expect![[r#"
        nothing on the page fits "ul.list li": the site changed its shape, or `item` is wrong; open the page in a browser and mend `item`
    "#]],
    );
}

#[test]
fn an_entry_may_be_its_own_link_or_have_none() {
    let cards = List { item: selector(".card"), ..list() };
    let body = "<a class=card href=/a/1><h3>标题一</h3><i>2020.02.03</i></a><p class=card>没有链接的一条</p>";
    check(
        &cards,
        body,
        expect![[r#"
            标题一 |  | 2020.02.03 | https://www.example.gov.cn/a/1
            没有链接的一条 |  | - | -
        "#]],
    );
}

#[test]
fn a_link_shown_twice_is_one_entry_and_a_long_list_is_cut() {
    let body = "<ul class=list><li><a href=1>甲</a><li><a href=1#x>甲</a></ul>";
    check(
        &list(),
        body,
        expect![[r#"
        甲 |  | - | https://www.example.gov.cn/news/1
    "#]],
    );
    let many: String = (0..600).map(|number| format!("<li><a href={number}>标题{number}</a>")).collect();
    let parsed = read(&list(), &format!("<ul class=list>{many}</ul>")).unwrap();
    assert_eq!((parsed.entries.len(), parsed.problems.len()), (500, 1));
}

#[test]
fn the_next_page_stays_on_the_site() {
    for (href, expected) in
        [("?p=2", true), ("//other.example/2", false), ("index.html", false), ("javascript:next()", false)]
    {
        let body = format!("<ul class=list><li>甲</ul><p class=next><a href='{href}'>下一页</a></p>");
        let next = List { next: Some(selector(".next")), ..list() };
        assert_eq!(read(&next, &body).unwrap().next.is_some(), expected, "{href}");
    }
}

#[test]
fn dates_are_found_in_what_stands_around_them() {
    let cases = [
        ("发布时间：2020-02-03 08:15 来源：本站", Some("2020-02-03 08:15")),
        ("2020年2月3日08时15分", Some("2020年2月3日08时15分")),
        ("[2020/02/03]", Some("2020/02/03")),
        ("2020.2.3 8:15:07", Some("2020.2.3 8:15:07")),
        ("电话 12020-02-03", None),
        ("2020 版", None),
        ("今天", None),
    ];
    for (text, expected) in cases {
        assert_eq!(time::date_in(text).as_deref(), expected, "{text}");
    }
}

#[test]
fn a_time_still_to_come_is_remembered_as_a_claim() {
    let entry = Entry { title: "一".into(), time: Some("2031-05-06 07:08:09".into()), ..Entry::default() };
    let source = source(&list());
    let privacy = crate::format::Privacy {
        key: crate::post::IdKey::fixed([1; 32]),
        masks: crate::mask::Masks::default(),
    };
    let now = "2021-01-20T12:00:00Z".parse().unwrap();
    let post = post(&entry, (&source, &privacy), now);
    assert_eq!((post.time, post.claimed), (now, Some("2031-05-05T23:08:09Z".parse().unwrap())));
}
