//! Real software as sources: what is published there arrives once, an edit is a new revision of the same
//! post, and what is deleted there changes nothing here.

use std::collections::{BTreeMap, BTreeSet};

use super::support::{Installation, RealSite, eventually};

/// A real minute is an hour: every source is visited once a second.
const CLOCK: &str = "2024-05-20T10:00:00+08:00 x60";

/// Four times as fast: an article behind a list is looked at again after an hour.
const FAST_CLOCK: &str = "2024-05-20T10:00:00+08:00 x240";

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

/// The sitemap of WordPress 6.1 says of no page when it changed: an edit is not seen there.
const WAYS: [&str; 3] = ["wp-feed", "wp-list", "wp-map"];

#[test]
fn wordpress_by_feed_list_and_sitemap() {
    let site = RealSite::wordpress();
    for (title, text) in STORIES {
        site.tell(&["post", title, text, "2024-05-20 09:30:00"]);
    }
    let mut installation = Installation::new();
    // A day of the test's clock is six minutes, and a visit a second.
    installation.add("[fetch]\nrequests_a_day = 100000\npages_a_day = 100000\n");
    let list = "\"html\"\nitem = \"li.wp-block-post\"\ntitle = \"h2\"\nlink = \"h2 a\"\ntime = \"time\"\narticle = \"auto\"";
    installation.add(&source("wp-feed", "\"rss\"", &site.url("/feed/"), &site.host));
    installation.add(&source("wp-list", list, &site.url("/"), &site.host));
    // List and sitemap lead to the same pages, which would be the same posts; an individual's are others.
    let map = source("wp-map", "\"sitemap\"\narticle = \"auto\"", &site.url("/wp-sitemap.xml"), &site.host);
    installation.add(&map.replace("media", "individual"));
    let mut program = installation.run(FAST_CLOCK);
    let come = |what: &str, ways: &[&str], titles: &[&str], mark: &str| {
        for way in ways {
            eventually(&format!("{what} by {way}"), || {
                let stored = stored(&installation, &[way]);
                let is_there =
                    |title: &&str| stored.get(*title).is_some_and(|(.., text)| text.contains(mark));
                titles.iter().all(is_there).then_some(())
            });
        }
    };
    let titles: Vec<&str> = STORIES.iter().map(|(title, _)| *title).collect();
    come("all stories", &WAYS, &titles, "");
    come("the whole text", &WAYS, &titles[..1], "请先放水几分钟");

    let late = "青岚大桥晚高峰限行";
    site.tell(&[
        "post",
        late,
        "<p>交警说，青岚大桥从今晚起限行两周，货车请绕行，公交车不受影响。</p>",
        "2024-05-20 10:00:00",
    ]);
    come("a new story", &WAYS, &[late], "货车请绕行");

    let edited = STORIES[0].1.replace("八小时", "十二小时");
    site.tell(&["edit", titles[0], &edited, "2024-05-20 10:02:00"]);
    come("the edit", &WAYS[..2], &titles[..1], "停水十二小时");

    site.tell(&["delete", titles[1]]);
    // Whatever is published after the deletion is seen after it.
    let last = "图书馆周末延长开放";
    site.tell(&[
        "post",
        last,
        "<p>市图书馆说，六月起周末开放到晚上九点，自习室要提前预约。</p>",
        "2024-05-20 10:05:00",
    ]);
    come("the last story", &WAYS, &[last], "自习室");
    assert_eq!(program.stop(), Some(0));
    for way in WAYS {
        let stored = stored(&installation, &[way]);
        for title in [&titles[..], &[late, last]].concat() {
            let (ids, revision, _) = &stored[title];
            let is_edited = title == titles[0] && way != "wp-map";
            assert_eq!((*ids, *revision > 0), (1, is_edited), "{title} by {way}");
        }
        // The deleted story has stayed. The sitemap names pages of categories, too.
        assert!(way == "wp-map" || stored.len() == 5, "{way}: {:?}", stored.keys());
    }
}
