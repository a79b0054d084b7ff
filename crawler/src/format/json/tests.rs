//! Lists as endpoints give them, good and bad.

use expect_test::{Expect, expect};
use jiff::SignedDuration;
use jiff::tz::TimeZone;

use super::*;
use crate::mask::Masks;
use crate::post::{IdKey, PostId};
use crate::source::Kind;

const NOW: &str = "2021-01-20T12:00:00Z";
const URL: &str = "https://hot.example.cn/api/list";

fn path(text: &str) -> Path {
    Path::parse(text).unwrap()
}

/// The usual endpoint of these tests: `data` with title, url and hot.
fn json() -> Json {
    let map = Map {
        url: Some(path("url")),
        title: Some(path("title")),
        heat: Some(path("hot")),
        time: Some(path("time")),
        ..Map::default()
    };
    Json {
        url: Url::parse(URL).unwrap(),
        items: path("data"),
        map,
        link: None,
        ok: None,
        next: None,
        pages: 1,
    }
}

fn source(json: &Json) -> Source {
    Source {
        id: "hot".to_owned(),
        name: "热榜".to_owned(),
        kind: Kind::Json(Box::new(json.clone())),
        every: SignedDuration::from_mins(10),
        publisher: Publisher::Platform,
        group: "热榜".to_owned(),
        encoding: None,
        zone: TimeZone::get("Asia/Shanghai").unwrap(),
        allow: Vec::new(),
        every_at_most: None,
        proxy: None,
    }
}

fn read(json: &Json, body: &[u8], content_type: Option<&str>) -> ParsedJson {
    read_as(json, (body, content_type), Publisher::Platform)
}

fn read_as(json: &Json, (body, content_type): (&[u8], Option<&str>), publisher: Publisher) -> ParsedJson {
    let page = Page {
        url: Url::parse(URL).unwrap(),
        body: body.to_vec(),
        moved: None,
        content_type: content_type.map(str::to_owned),
        etag: None,
        last_modified: None,
        wishes: crate::wishes::Wishes::default(),
    };
    let privacy = Privacy { key: IdKey::fixed([1; 32]), masks: Masks::default() };
    let source = Source { publisher, ..source(json) };
    parse(&page, (&source, &privacy, Room::default()), (json, 0), NOW.parse().unwrap())
}

fn ids(json: &Json, body: &str) -> Vec<PostId> {
    read(json, body.as_bytes(), None).parsed.posts.iter().map(|post| post.id).collect()
}

fn check(json: &Json, body: &str, expected: Expect) {
    let ParsedJson { parsed, .. } = read(json, body.as_bytes(), None);
    let mut out = String::new();
    for post in &parsed.posts {
        let address = post.address.as_deref().unwrap_or("-");
        let rank = post.rank.map_or("-".to_owned(), |rank| rank.to_string());
        let heat = post.heat.map_or("-".to_owned(), |heat| heat.to_string());
        out.push_str(&format!(
            "{rank} {heat} | {} | {} | {} | {address}\n",
            post.time, post.title, post.text
        ));
    }
    for problem in &parsed.problems {
        let line = problem.line.map(|line| format!("line {line}: ")).unwrap_or_default();
        out.push_str(&format!("! {line}{}\n", problem.what));
    }
    if parsed.reading != Reading::Whole {
        out.push_str(&format!("{:?}\n", parsed.reading));
    }
    expected.assert_eq(&out);
}

#[test]
fn odd_rows_are_left_out_one_by_one() {
    let body = r#"{"data": [{"title": "好一", "url": "http://x.test/1", "hot": 123}, {"title": null, "url": 5},
        {"title": ["x"], "url": "http://x.test/2"}, 7, null, {"url": "http://x.test/3"},
        {"title": "好二", "url": "http://x.test/4", "hot": "1.2万"},
        {"title": "大数", "url": "javascript:1", "hot": 10000000000000000000000000000000000000000}]}"#;
    check(
        &json(),
        body,
        expect![[r#"
        0 123 | 2021-01-20T12:00:00Z | 好一 |  | http://x.test/1
        6 12000 | 2021-01-20T12:00:00Z | 好二 |  | http://x.test/4
        ! 3 rows have neither title nor text; they were left out
        ! 2 rows are no objects; they were left out
        ! 1 rows have an address that would run a program; they were left out
    "#]],
    );
}

#[test]
fn rows_are_read_with_their_addresses_figures_and_dates() {
    let body = r##"{"data": [
        {"title": "<em class=\"hl\">返乡</em>要核酸吗&amp;", "url": "/t/1?a=1&amp;b=2", "hot": "热度 345万", "time": 1611132480},
        {"title": "二", "url": "//m.example.cn/t/2", "hot": "3,456", "time": "1611132480123"},
        {"title": "三", "url": "app://open?x", "hot": "爆", "time": "2021-01-20 16:48"},
        {"title": "四", "url": "", "hot": 1e400, "time": "2099-01-01"},
        {"title": 5, "hot": NaN, "time": "很久以前"},
        {"title": "打 13800138000 问", "hot": 1e40},
        {"title": "二", "url": "//m.example.cn/t/2", "hot": "1"}
    ]}"##;
    check(
        &json(),
        body,
        expect![[r#"
        0 3450000 | 2021-01-20T08:48:00Z | 返乡要核酸吗& |  | https://hot.example.cn/t/1?a=1&b=2
        1 3456 | 2021-01-20T08:48:00.123Z | 二 |  | https://m.example.cn/t/2
        2 - | 2021-01-20T08:48:00Z | 三 |  | -
        3 - | 2021-01-20T12:00:00Z | 四 |  | -
        4 - | 2021-01-20T12:00:00Z | 5 |  | -
        5 - | 2021-01-20T12:00:00Z | 打 *** 问 |  | -
        ! 1 rows have an address that is none of the web; it was left out
        ! 1 rows have a heat that cannot be; it was left out
        ! 1 rows have a time that cannot be read; they count as new when first seen
        ! 1 rows are dated in the future; they count as new when first seen
    "#]],
    );
}

#[test]
fn jsonp_marks_and_charsets_are_no_obstacle() {
    let list = r#"{"data":[{"title":"热搜榜第一","url":"http://x.test/1"}]}"#;
    let (gbk, _, _) = encoding_rs::GBK.encode(list);
    let cases: [(Vec<u8>, Option<&str>); 6] = [
        (list.into(), Some("application/json")),
        (format!("\u{feff}{list}").into(), Some("application/json")),
        (format!("cb({list})").into(), Some("text/javascript")),
        (format!("/**/cb({list});").into(), None),
        (gbk.to_vec(), Some("application/json; charset=gbk")),
        (gbk.to_vec(), Some("application/json")),
    ];
    for (body, content_type) in cases {
        let posts = read(&json(), &body, content_type).parsed.posts;
        assert_eq!(posts.len(), 1, "{}", String::from_utf8_lossy(&body));
        assert_eq!(posts[0].title, "热搜榜第一");
    }
    let half =
        r#"{"data":[{"title":"\ud800热搜","url":"http://x.test/1"},{"title":"好","url":"http://x.test/2"}]}"#;
    let posts = read(&json(), half.as_bytes(), None).parsed.posts;
    assert_eq!((posts[0].title.as_str(), posts[1].title.as_str()), ("\u{fffd}热搜", "好"));
}

#[test]
fn what_is_no_list_is_a_failure_in_words() {
    let cases = [
        r#"{"code":-412,"message":"request was banned, call 13800138000"}"#,
        r#"{"code":-101,"data":[],"msg":"账号未登录"}"#,
        r#"{"error":{"code":403,"message":"<b>Forbidden</b>"}}"#,
        r#"{"ok":-100,"url":"https://passport.example/login"}"#,
        r#"{"error":"rate limit"}"#,
        r#"{"code":0,"result":{"list":[]}}"#,
        r#"{"data":[{"name":"改了名"},{"name":"也改了"}]}"#,
        r#"{"data":{"list":[1]}}"#,
        r#"{"data":null}"#,
        "[]",
        "<!DOCTYPE html><title>登录</title>",
        "",
        "请先登录",
        "{\"data\":[\n{\"title\":}]}",
    ];
    let mut out = String::new();
    for body in cases {
        let parsed = read(&json(), body.as_bytes(), None).parsed;
        assert_eq!((parsed.posts.len(), parsed.reading), (0, Reading::SomethingElse), "{body}");
        let problem = &parsed.problems[0];
        out.push_str(&format!("{:?} {}\n    {}\n", problem.line, problem.what.zh, problem.what.en));
    }
    expect![[r#"
        None 对方回答说出错了：code=-412，“request was banned, call ***”；可能是采得太快、要登录，或接口变了
            the site answered with an error: code=-412, "request was banned, call ***"; asked too often, a login is needed, or the interface changed
        None 对方回答说出错了：code=-101，“账号未登录”；可能是采得太快、要登录，或接口变了
            the site answered with an error: code=-101, "账号未登录"; asked too often, a login is needed, or the interface changed
        None 对方回答说出错了：error.code=403，“Forbidden”；可能是采得太快、要登录，或接口变了
            the site answered with an error: error.code=403, "Forbidden"; asked too often, a login is needed, or the interface changed
        None 对方回答说出错了：ok=-100；可能是采得太快、要登录，或接口变了
            the site answered with an error: ok=-100; asked too often, a login is needed, or the interface changed
        None 对方回答说出错了：“rate limit”；可能是采得太快、要登录，或接口变了
            the site answered with an error: "rate limit"; asked too often, a login is needed, or the interface changed
        None 按 items = "data" 什么也没找到（最外层有：code, result）；对方可能改了格式，请核对 items
            items = "data" leads to nothing (at the top there is: code, result); the site may have changed its shape: check `items`
        None 有 2 条，一条也不能用：2 条没有标题，也没有正文；没有采；对方可能改了格式，请核对 items 和 map（title）
            there are 2 rows, none of any use: 2 rows have neither title nor text; they were left out; the site may have changed its shape: check `items` and `map` (title)
        None 有 1 条，一条也不能用：1 条没有标题，也没有正文；没有采；对方可能改了格式，请核对 items 和 map（title）
            there are 1 rows, none of any use: 1 rows have neither title nor text; they were left out; the site may have changed its shape: check `items` and `map` (title)
        None 按 items = "data" 什么也没找到（最外层有：data）；对方可能改了格式，请核对 items
            items = "data" leads to nothing (at the top there is: data); the site may have changed its shape: check `items`
        None 按 items = "data" 什么也没找到；对方可能改了格式，请核对 items
            items = "data" leads to nothing; the site may have changed its shape: check `items`
        None 这不是 JSON，是网页（也许是登录页或出错页）；请用浏览器打开看看
            this is not JSON but a web page (a login or error page, perhaps); open it in a browser to see
        None 网页是空的；请看看地址是否还有内容
            the page is empty; see whether the address still gives anything
        None 这不是 JSON；请核对地址
            this is not JSON; check the address
        Some(2) JSON 是坏的；会再采
            this JSON is broken; it is fetched again
    "#]].assert_eq(&out);
}

#[test]
fn an_empty_list_is_a_problem_and_no_failure() {
    check(
        &json(),
        r#"{"code":0,"data":[]}"#,
        expect![[r#"
        ! the list is empty
    "#]],
    );
    let each = Json { items: path("data[*]"), ..json() };
    check(
        &each,
        r#"{"code":0,"data":[]}"#,
        expect![[r#"
        ! the list is empty
    "#]],
    );
}

#[test]
fn the_chosen_mark_of_success_is_asked_for() {
    let ok = |text: &str| Json { ok: Some(Check::parse(text).unwrap()), ..json() };
    let body = r#"{"code":0,"state":"ok","fine":true,"data":[{"title":"一"}]}"#;
    for right in ["code=0", "state = ok", "state=\"ok\"", "fine=true", "data[0].title=一"] {
        assert_eq!(read(&ok(right), body.as_bytes(), None).parsed.posts.len(), 1, "{right}");
    }
    for (wrong, says) in [("code=1", "code=0"), ("ret=0", "no ret")] {
        let parsed = read(&ok(wrong), body.as_bytes(), None).parsed;
        assert_eq!(parsed.posts.len(), 0);
        assert!(parsed.problems[0].what.en.contains(says), "{:?}", parsed.problems);
    }
}

#[test]
fn an_item_that_moves_or_comes_back_is_the_same_post() {
    let by_id = Json { map: Map { id: Some(path("id")), ..json().map }, ..json() };
    let by_title = Json {
        map: Map { url: None, ..json().map },
        link: Template::parse("https://x.test/?q={title}").ok(),
        ..json()
    };
    let one =
        r#"{"data":[{"id":1,"title":"甲","url":"/a","hot":9},{"id":2,"title":"乙","url":"/b","hot":8}]}"#;
    let other =
        r#"{"data":[{"id":2,"title":"乙","url":"/b","hot":99},{"id":1,"title":"甲","url":"/a","hot":1}]}"#;
    for json in [&by_id, &json(), &by_title] {
        let (first, second) = (ids(json, one), ids(json, other));
        assert_eq!(first.len(), 2);
        assert_eq!(first, [second[1], second[0]]);
    }
    // An id outlives title and address; a title outlives the template.
    let edited = r#"{"data":[{"id":1,"title":"甲（改）","url":"/a2"}]}"#;
    assert_eq!(ids(&by_id, edited), ids(&by_id, one)[..1]);
    let bare = Json { link: None, ..by_title.clone() };
    assert_eq!(ids(&bare, one), ids(&by_title, one));
}

#[test]
fn an_id_that_is_none_makes_no_two_posts_one() {
    let json = Json { map: Map { id: Some(path("type")), ..json().map }, ..json() };
    let body = r#"{"data":[{"type":"x","title":"甲","url":"/a"},{"type":"x","title":"乙","url":"/b"},{"type":1e20,"title":"丙"}]}"#;
    check(
        &json,
        body,
        expect![[r#"
        0 - | 2021-01-20T12:00:00Z | 甲 |  | https://hot.example.cn/a
        1 - | 2021-01-20T12:00:00Z | 乙 |  | https://hot.example.cn/b
        2 - | 2021-01-20T12:00:00Z | 丙 |  | -
        ! 2 rows share an id with others; they are told apart by address or title; check `id` in map
    "#]],
    );
}

#[test]
fn rank_is_a_field_or_the_order_of_a_platforms_list() {
    let ranks = |json: &Json, body: &str, publisher| {
        let posts = read_as(json, (body.as_bytes(), None), publisher).parsed.posts;
        posts.iter().map(|post| post.rank).collect::<Vec<_>>()
    };
    let ranked = Json { map: Map { rank: Some(path("n")), ..json().map }, ..json() };
    let from_one = r#"{"data":[{"title":"甲","n":2},{"title":"乙","n":"1"},{"title":"丙"}]}"#;
    let from_zero = r#"{"data":[{"title":"甲","n":1},{"title":"乙","n":0}]}"#;
    assert_eq!(ranks(&ranked, from_one, Publisher::Platform), [Some(1), Some(0), None]);
    assert_eq!(ranks(&ranked, from_zero, Publisher::Platform), [Some(1), Some(0)]);
    assert_eq!(ranks(&json(), from_one, Publisher::Platform), [Some(0), Some(1), Some(2)]);
    assert_eq!(ranks(&json(), from_one, Publisher::Individual), [None, None, None]);
}

#[test]
fn an_individuals_rows_keep_no_address_and_no_unread_field() {
    let body = r#"{"data":[{"title":"@张三 说","url":"/u/zhang","user":{"name":"张三"}}]}"#;
    let posts = read_as(&json(), (body.as_bytes(), None), Publisher::Individual).parsed.posts;
    assert_eq!((posts.len(), posts[0].address.as_deref()), (1, None));
    assert!(!format!("{posts:?}").contains("张三"));
}

#[test]
fn the_next_page_is_on_the_same_host() {
    let json = Json { next: Some(path("next")), ..json() };
    let next = |value: &str| {
        let body = format!(r#"{{"data":[{{"title":"一"}}],"next":{value}}}"#);
        read(&json, body.as_bytes(), None).next.map(String::from)
    };
    assert_eq!(next(r#""?p=2""#).as_deref(), Some("https://hot.example.cn/api/list?p=2"));
    for none in
        ["null", "\"\"", "2", r#""http://127.0.0.1/secret""#, r#""javascript:1""#, &format!("\"{URL}\"")]
    {
        assert_eq!(next(none), None, "{none}");
    }
}

#[test]
fn a_time_still_to_come_is_remembered_as_a_claim() {
    let body = r#"{"data":[{"title":"一","time":"2031-05-06T07:08:09Z"},{"title":"二","time":"2021-01-20T08:48:00Z"}]}"#;
    let posts = read(&json(), body.as_bytes(), None).parsed.posts;
    assert_eq!(posts[0].claimed, Some("2031-05-06T07:08:09Z".parse().unwrap()));
    assert_eq!((posts[0].time, posts[1].claimed), (posts[0].first_seen, None));
}

#[test]
fn depth_and_numbers_of_rows_are_bounded() {
    let deep = "[".repeat(1_000_000) + &"]".repeat(1_000_000);
    assert_eq!(read(&json(), deep.as_bytes(), None).parsed.reading, Reading::SomethingElse);
    let rows = (0..2001).map(|n| format!(r#"{{"title":"{n}"}}"#)).collect::<Vec<_>>().join(",");
    let parsed = read(&json(), format!(r#"{{"data":[{rows}]}}"#).as_bytes(), None).parsed;
    assert_eq!(parsed.posts.len(), 2000);
    assert_eq!(parsed.problems[0].what.en, "the page has 2001 entries; the newest 2000 were taken");
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "[\\[\\]{}\":,a-d0-9\\\\u é]{0,60}") {
        let _ = read(&json(), text.as_bytes(), None);
    }
}
