//! The presets in `sources/` against pages of the shape they are made for: each is loaded like any
//! configuration and its fixture read by the crawler's own functions. The fixtures are written by us.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot read its files must fail")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use config::{File, Kind, Source, read};
use crawler::fetch::Page;
use crawler::format::feed::{self, Sightings};
use crawler::format::file::{Defaults, push};
use crawler::format::{Parsed, Privacy, Problem, Reading, Room, json, list, sitemap};
use crawler::mask::Masks;
use crawler::post::{IdKey, Publisher};
use crawler::wishes::Wishes;
use crawler::words::Words;
use expect_test::{Expect, expect};
use url::Url;

/// Ten minutes after the newest post of every fixture.
const NOW: &str = "2021-01-20T08:58:00Z";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("sources")
}

fn sources(preset: &str) -> Vec<Source> {
    let bytes = fs::read(folder().join(format!("{preset}.toml"))).unwrap();
    read(Some(&File { name: "guanlan.toml".into(), bytes }), None, &BTreeMap::new()).config.sources
}

fn source(preset: &str, id: &str) -> Source {
    sources(preset).into_iter().find(|source| source.id == id).unwrap_or_else(|| panic!("{preset}: no {id}"))
}

fn page(url: &Url, fixture: &str) -> Page {
    let body = fs::read(folder().join("fixtures").join(fixture)).unwrap();
    let (moved, content_type, etag, last_modified) = (None, None, None, None);
    Page { url: url.clone(), moved, content_type, etag, last_modified, wishes: Wishes::default(), body }
}

fn parsed(source: &Source, fixture: &str) -> Parsed {
    let privacy = Privacy { key: IdKey::fixed([1; 32]), masks: Masks::default() };
    let (given, room) = ((source, &privacy), Room::default());
    let (with_room, now) = ((source, &privacy, room), NOW.parse().unwrap());
    match &source.kind {
        Kind::Feed { url } => feed::parse(&page(url, fixture), with_room, &Sightings::default(), now).parsed,
        Kind::Json(json) => json::parse(&page(&json.url, fixture), with_room, (json, 0), now).parsed,
        Kind::List(list) => {
            let read = list::parse(&page(&list.url, fixture), (source, list), room).unwrap();
            let posts = read.entries.iter().map(|entry| list::post(entry, given, now)).collect();
            Parsed { posts, problems: read.problems, reading: Reading::Whole }
        }
        Kind::Push(_) => handed(source, fixture),
        Kind::Files { .. } | Kind::Counts(_) | Kind::Sitemap(_) => {
            panic!("{}: its posts stand on no page of its own", source.id)
        }
    }
}

/// What a caller hands in, as the API reads it.
fn handed(source: &Source, fixture: &str) -> Parsed {
    let privacy = Privacy { key: IdKey::fixed([1; 32]), masks: Masks::default() };
    let defaults = Defaults::of(source, &privacy, Room::default());
    let body = fs::read(folder().join("fixtures").join(fixture)).unwrap();
    let read = push::read(&body, (push::Shape::Lines, push::Packing::Plain), &defaults, NOW.parse().unwrap());
    let push::Handed { posts, rejections, .. } = read.unwrap();
    let said =
        rejections.iter().map(|(line, why)| Problem::of_page(Words::same(format!("line {line}: {why}"))));
    Parsed { posts, problems: said.collect(), reading: Reading::Whole }
}

/// The posts that the source of that id makes of its fixture: rank, heat, time, words, address.
fn check(preset: &str, (id, fixture): (&str, &str), expected: Expect) {
    let source = source(preset, id);
    let parsed = parsed(&source, fixture);
    let mut out = String::new();
    for post in &parsed.posts {
        let rank = post.rank.map(|rank| format!("#{rank} ")).unwrap_or_default();
        let heat = post.heat.map(|heat| format!("{heat} ")).unwrap_or_default();
        let address = post.address.as_deref().unwrap_or("-");
        let text = post.text.replace('\n', " / ");
        out.push_str(&format!("{rank}{heat}| {} | {} | {text} | {address}\n", post.time, post.title));
    }
    for problem in &parsed.problems {
        out.push_str(&format!("! {}\n", problem.what));
    }
    assert_eq!(parsed.reading, Reading::Whole, "{out}");
    for person in ["张三", "李四", "zhang"] {
        assert!(!out.contains(person), "{person} in {out}");
    }
    let links = parsed.posts.iter().any(|post| post.address.is_some());
    assert!(!links || source.publisher != Publisher::Individual, "an individual's address: {out}");
    expected.assert_eq(&out);
}

#[test]
fn hot_lists() {
    let hot = |id: &str, expected| check("hot-lists", (id, &format!("{id}.json")), expected);
    hot(
        "weibo-hot",
        expect![[r#"
        #0 3456789 | 2021-01-20T08:58:00Z | 返乡人员须持核酸证明 |  | https://s.weibo.com/weibo?q=%E8%BF%94%E4%B9%A1%E4%BA%BA%E5%91%98%E9%A1%BB%E6%8C%81%E6%A0%B8%E9%85%B8%E8%AF%81%E6%98%8E
        #1 1234567 | 2021-01-20T08:58:00Z | 多地发放消费券 |  | https://s.weibo.com/weibo?q=%E5%A4%9A%E5%9C%B0%E5%8F%91%E6%94%BE%E6%B6%88%E8%B4%B9%E5%88%B8
        #2 | 2021-01-20T08:58:00Z | 某品牌新品 |  | https://s.weibo.com/weibo?q=%E6%9F%90%E5%93%81%E7%89%8C%E6%96%B0%E5%93%81
    "#]],
    );
    hot(
        "zhihu-hot",
        expect![[r#"
        #0 3450000 | 2021-01-20T08:58:00Z | 如何看待返乡须持核酸证明？ | 近日多地要求返乡人员持七日内证明。 | https://www.zhihu.com/question/440000001
        #1 980000 | 2021-01-20T08:58:00Z | 冬天供暖不热该找谁？ |  | https://www.zhihu.com/question/440000002
    "#]],
    );
    hot(
        "baidu-hot",
        expect![[r#"
        #0 4933684 | 2021-01-20T08:58:00Z | 春运车票开售 | 今年春运车票今日起发售。 | https://www.baidu.com/s?sa=fyb_news&wd=%E6%98%A5%E8%BF%90%E8%BD%A6%E7%A5%A8%E5%BC%80%E5%94%AE
        #1 4812003 | 2021-01-20T08:58:00Z | 多地停水通知 |  | https://www.baidu.com/s?sa=fyb_news&wd=%E5%A4%9A%E5%9C%B0%E5%81%9C%E6%B0%B4%E9%80%9A%E7%9F%A5
    "#]],
    );
    hot(
        "toutiao-hot",
        expect![[r#"
        #0 12345678 | 2021-01-20T08:58:00Z | 寒潮将至多地降温 |  | https://www.toutiao.com/trending/6918000000000000001/?category_name=topic_innerflow&event_type=hot_board
        #1 9876543 | 2021-01-20T08:58:00Z | 学校提前放假 |  | https://www.toutiao.com/trending/6918000000000000002/?category_name=topic_innerflow
    "#]],
    );
    hot(
        "bilibili-popular",
        expect![[r#"
        1203456 | 2021-01-20T08:48:00Z | 回村隔离第三天 | 记录一下 @用户 | -
        98765 | 2021-01-19T08:48:00Z | 供暖不热怎么办 | - | -
    "#]],
    );
}

#[test]
fn wordpress() {
    check(
        "wordpress",
        ("wp-feed", "wp-feed.xml"),
        expect![[r#"
        | 2021-01-20T08:48:00Z | 供暖不热可拨打热线… | 记者从供热办获悉， / 今冬新增热线二十条。 | https://news.example.cn/2021/01/20/heating/
    "#]],
    );
    let source = source("wordpress", "wp-sitemap");
    let Kind::Sitemap(map) = &source.kind else { panic!("{source:?}") };
    let index = sitemap::parse(&page(&map.url, "wp-sitemap.xml"), &source.zone).unwrap();
    let named: Vec<&str> = index.sitemaps.iter().map(|named| named.url.path()).collect();
    assert_eq!(named, ["/wp-sitemap-posts-post-1.xml", "/wp-sitemap-users-1.xml"]);
    let posts = sitemap::parse(&page(&index.sitemaps[0].url, "wp-sitemap-posts.xml"), &source.zone).unwrap();
    let mut out = String::new();
    for page in &posts.pages {
        let changed = page.changed.map(|changed| changed.to_string()).unwrap_or_default();
        let is_wanted = map.include.as_ref().is_some_and(|part| page.url.as_str().contains(part));
        out.push_str(&format!("{changed} {} {is_wanted}\n", page.url));
    }
    expect![[r#"
        2021-01-20T08:48:00Z https://news.example.cn/2021/01/20/heating/ true
        2021-01-19T01:00:00Z https://news.example.cn/2021/01/19/bus/ true
    "#]]
    .assert_eq(&out);
}

#[test]
fn what_calls_by_itself() {
    check(
        "push",
        ("bridge", "push.ndjson"),
        expect![[r#"
            | 2021-01-20T08:48:00Z | 东区又停水了 | 从早上停到现在 | -
            | 2021-01-20T01:00:00Z | 供暖不热找谁 |  | -
            ! line 3: no time
        "#]],
    );
    check(
        "hotline",
        ("hotline", "hotline.ndjson"),
        expect![[r#"
            | 2021-01-20T08:48:00Z | 停水 | 东区停水两天，没有通知，电话 *** | -
            | 2021-01-20T08:50:30Z | 供暖 | 室内只有十四度 | -
        "#]],
    );
}

#[test]
fn rsshub() {
    check(
        "rsshub",
        ("rsshub-weibo-city", "rsshub-weibo-city.xml"),
        expect![[r#"
        | 2021-01-20T08:48:00Z | 某某市今天停水了吗 | @用户 某某市东区停水，打 *** 没人接 | -
    "#]],
    );
    check(
        "rsshub",
        ("rsshub-gov-policy", "rsshub-gov-policy.xml"),
        expect![[r#"
            | 2021-01-19T16:00:00Z | 关于做好今冬供暖工作的通知 | 各区人民政府： / 现就有关事项通知如下。 | https://www.gov.example.cn/zhengce/202101/t20210120_1.htm
        "#]],
    );
}

#[test]
fn discuz() {
    check(
        "discuz",
        ("discuz-feed", "discuz-feed.gbk.xml"),
        expect![[r#"
        | 2021-01-20T08:48:00Z | 东区又停水了 ... | 从早上停到现在，物业说不知道 ... | -
    "#]],
    );
    check(
        "discuz",
        ("discuz-list", "discuz-list.gbk.html"),
        expect![[r#"
        | 2021-01-20T08:48:00Z | 东区又停水了 |  | -
        | 2021-01-19T15:59:59Z | 供暖不热找谁 |  | -
    "#]],
    );
}

#[test]
fn portal() {
    check(
        "portal",
        ("portal-notices", "portal-list.html"),
        expect![[r#"
        | 2021-01-20T08:58:00Z | 关于做好返乡人员健康管理的通告（第3号） |  | https://www.example.gov.cn/zwgk/tzgg/202101/t20210120_5001.html
        | 2021-01-19T15:59:59Z | 今冬供暖服务热线公告 |  | https://www.example.gov.cn/zwgk/tzgg/202101/t20210119_5000.html
    "#]],
    );
}

#[test]
fn leader_board() {
    check(
        "leader-board",
        ("board-json", "board-json.json"),
        expect![[r#"
        | 2021-01-20T08:48:00Z | 小区供暖不热 | 室内只有十四度，反映多次无果。 | -
        | 2021-01-19T08:48:00Z | 公交改线后上学不便 | 希望增设一站。 | -
    "#]],
    );
    check(
        "leader-board",
        ("board-list", "board-list.html"),
        expect![[r#"
        | 2021-01-20T08:48:00Z | 小区供暖不热 |  | -
        | 2021-01-19T15:59:59Z | 公交改线后上学不便 |  | -
    "#]],
    );
}

#[test]
fn wiki() {
    check(
        "wiki",
        ("mediawiki-changes", "mediawiki-changes.xml"),
        expect![[r#"
        | 2021-01-20T08:48:00Z | 供暖 | 补充报修电话 | -
    "#]],
    );
    check(
        "wiki",
        ("dokuwiki-changes", "dokuwiki-changes.xml"),
        expect![[r#"
        | 2021-01-20T08:48:00Z | heating - [供暖] 新增热线 | 新增热线二十条 | -
    "#]],
    );
}

/// Presets nobody tried against the live site say so.
#[test]
fn every_preset_fits_the_files_that_init_writes() {
    let clerk = File { name: config::CONCERNS.into(), bytes: config::FIRST_CONCERNS.into() };
    for (name, preset) in config::PRESETS {
        let administrator = format!("{}\n{preset}", config::EXAMPLE);
        let administrator = File { name: config::ADMINISTRATOR.into(), bytes: administrator.into() };
        let problems = read(Some(&administrator), Some(&clerk), &BTreeMap::new()).report.problems;
        // A token is something only the administrator can make.
        let errors = problems
            .iter()
            .filter(|problem| problem.severity == config::Severity::Error && !problem.code.contains("token"));
        let errors: Vec<_> = errors.map(|problem| (problem.code, &problem.message)).collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
    }
}

#[test]
fn every_preset_of_a_site_says_that_it_is_unverified() {
    for file in fs::read_dir(folder()).unwrap() {
        let path = file.unwrap().path();
        let is_plain =
            ["feed", "files", "html"].iter().any(|name| path.file_stem().is_some_and(|stem| stem == *name));
        if path.extension().is_none_or(|extension| extension != "toml") || is_plain {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let head: String = text.lines().take_while(|line| line.starts_with('#')).collect();
        for word in ["尚未对着真网站核实", "guanlan source test", "robots.txt"] {
            assert!(head.contains(word), "{}: no {word}", path.display());
        }
    }
}
