//! Real software as sources: what is published there arrives once, an edit is a new revision of the same
//! post, and what is deleted there changes nothing here.

use std::collections::{BTreeMap, BTreeSet};

use super::support::{Installation, RealSite, eventually};

/// A real minute is an hour: every source is visited once a second.
const CLOCK: &str = "2024-05-20T10:00:00+08:00 x60";

const STORIES: [(&str, &str); 3] = [
    (
        "城东水厂检修，三个小区停水",
        "<p>青岚市水务局通知：五月二十日城东水厂检修，东湖、北苑、西门三个小区停水八小时，请提前储水。</p><p>恢复供水后，水质可能略有浑浊，请先放水几分钟再使用。</p>",
    ),
    (
        "二路公交车改道，学生上学怎么走",
        "<p>因青岚大道修路，二路公交车从今天起改走滨河路，原来经过实验小学的两站暂停。</p><p>家长询问孩子上学怎么走，公交公司说会加开一班区间车。</p>",
    ),
    (
        "社区医院下周起可以打流感疫苗",
        "<p>市卫健委说，全市二十三家社区医院下周一开始接种流感疫苗，六十岁以上老人免费，要带身份证。</p><p>预约可以打电话，也可以到窗口登记。</p>",
    ),
];

/// What is stored of one source: title → (different ids, highest revision, newest text).
type Stored = BTreeMap<String, (i64, i64, String)>;

/// Ids, highest revision and newest text while they are gathered.
type Gathered = (BTreeSet<Vec<u8>>, i64, String);

fn stored(installation: &Installation, sources: &[&str]) -> Stored {
    let posts = rusqlite::Connection::open_with_flags(
        installation.data().join("posts.db"),
        rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY,
    )
    .unwrap();
    let mut select = posts
        .prepare(
            "SELECT title, id, revision, text FROM posts JOIN origins USING (origin) WHERE source = ?1 ORDER BY sequence",
        )
        .unwrap();
    let mut found: BTreeMap<String, Gathered> = BTreeMap::new();
    for source in sources {
        let rows = select.query_map([source], |row| {
            let text = match row.get_ref(3)? {
                rusqlite::types::ValueRef::Blob(frame) => zstd::decode_all(frame).unwrap(),
                value => value.as_bytes()?.to_vec(),
            };
            Ok((
                row.get::<_, String>(0)?,
                row.get::<_, Vec<u8>>(1)?,
                row.get(2)?,
                String::from_utf8(text).unwrap(),
            ))
        });
        for (title, id, revision, text) in rows.unwrap().map(Result::unwrap) {
            let entry = found.entry(title).or_default();
            entry.0.insert(id);
            entry.1 = entry.1.max(revision);
            entry.2 = text;
        }
    }
    found
        .into_iter()
        .map(|(title, (ids, revision, text))| (title, (ids.len() as i64, revision, text)))
        .collect()
}

fn source(id: &str, kind: &str, url: &str, host: &str) -> String {
    format!(
        "[[source]]\nid = \"{id}\"\nkind = {kind}\nurl = \"{url}\"\nevery = \"1m\"\npublisher = \"media\"\nallow = [\"{host}\"]\n"
    )
}

#[test]
fn wordpress_by_feed_list_and_sitemap() {
    let site = RealSite::wordpress();
    for (title, text) in STORIES {
        site.tell(&["post", title, text, "2024-05-20 09:30:00"]);
    }
    let mut installation = Installation::new();
    let list = "\"html\"\nitem = \"li.wp-block-post\"\ntitle = \"h2\"\nlink = \"h2 a\"\ntime = \"time\"\narticle = \"auto\"";
    installation.add(&source("wp-feed", "\"rss\"", &site.url("/feed/"), &site.host));
    installation.add(&source("wp-list", list, &site.url("/"), &site.host));
    installation.add(&source(
        "wp-map",
        "\"sitemap\"\narticle = \"auto\"",
        &site.url("/wp-sitemap.xml"),
        &site.host,
    ));
    let mut program = installation.run(CLOCK);
    // The list and the sitemap lead to the same pages, which are the same posts.
    let ways: [&[&str]; 2] = [&["wp-feed"], &["wp-list", "wp-map"]];
    let all_there = |titles: &[&str], mark: &str| {
        ways.iter().all(|sources| {
            let stored = stored(&installation, sources);
            titles.iter().all(|title| stored.get(*title).is_some_and(|(_, _, text)| text.contains(mark)))
        })
    };
    let titles: Vec<&str> = STORIES.iter().map(|(title, _)| *title).collect();
    eventually("all stories, by every way", || all_there(&titles, "").then_some(()));
    eventually("their whole text", || all_there(&titles[..1], "请先放水几分钟").then_some(()));

    let late = "青岚大桥晚高峰限行";
    site.tell(&[
        "post",
        late,
        "<p>交警说，青岚大桥从今晚起限行两周，货车请绕行，公交车不受影响。</p>",
        "2024-05-20 10:00:00",
    ]);
    eventually("a new story", || all_there(&[late], "货车请绕行").then_some(()));

    let edited = STORIES[0].1.replace("八小时", "十二小时");
    site.tell(&["edit", titles[0], &edited]);
    eventually("the edit, by every way", || all_there(&titles[..1], "停水十二小时").then_some(()));

    site.tell(&["delete", titles[1]]);
    // Whatever is published after the deletion is seen after it.
    let last = "图书馆周末延长开放";
    site.tell(&[
        "post",
        last,
        "<p>市图书馆说，六月起周末开放到晚上九点，自习室要提前预约。</p>",
        "2024-05-20 10:05:00",
    ]);
    eventually("the last story", || all_there(&[last], "自习室").then_some(()));
    assert_eq!(program.stop(), Some(0));
    for sources in ways {
        let stored = stored(&installation, sources);
        for title in [&titles[..], &[late, last]].concat() {
            let (ids, revision, _) = &stored[title];
            assert_eq!(*ids, 1, "{title} by {sources:?}");
            assert_eq!(*revision > 0, title == titles[0], "{title} by {sources:?} has revision {revision}");
        }
        let others: Vec<_> = stored
            .keys()
            .filter(|title| !titles.contains(&title.as_str()) && *title != late && *title != last)
            .collect();
        assert!(others.is_empty() || sources.len() == 2, "{others:?}");
    }
}

#[test]
fn a_wiki_by_its_feed() {
    let wiki = RealSite::dokuwiki();
    wiki.tell(&[
        "save",
        "停水通知",
        "====== 停水通知 ======\n\n城东水厂检修，东湖、北苑两个小区停水八小时，请提前储水。",
    ]);
    wiki.tell(&["save", "公交改道", "====== 公交改道 ======\n\n二路公交车改走滨河路，实验小学站暂停。"]);
    let mut installation = Installation::new();
    installation.add(&source("wiki", "\"rss\"", &wiki.url("/feed.php"), &wiki.host));
    let mut program = installation.run(CLOCK);
    let text_of = |title: &str| stored(&installation, &["wiki"]).get(title).map(|(_, _, text)| text.clone());
    eventually("both pages", || text_of("停水通知").and(text_of("公交改道")));
    wiki.tell(&[
        "save",
        "停水通知",
        "====== 停水通知 ======\n\n城东水厂检修延长，东湖、北苑两个小区停水到晚上十点。",
    ]);
    eventually("the edit", || text_of("停水通知").filter(|text| text.contains("晚上十点")));
    wiki.tell(&["delete", "公交改道"]);
    wiki.tell(&["save", "疫苗接种", "====== 疫苗接种 ======\n\n社区医院下周一开始接种流感疫苗。"]);
    eventually("the new page", || text_of("疫苗接种"));
    assert_eq!(program.stop(), Some(0));
    let stored = stored(&installation, &["wiki"]);
    let ids: BTreeMap<_, _> = stored.iter().map(|(title, (ids, ..))| (title.as_str(), *ids)).collect();
    assert_eq!(ids, BTreeMap::from([("停水通知", 1), ("公交改道", 1), ("疫苗接种", 1)]));
    assert!(stored["停水通知"].1 > 0 && stored["公交改道"].2.contains("滨河路"));
}
