//! Real software as sources: what is published there arrives once, an edit is a new revision of the same
//! post, and what is deleted there changes nothing here.

use std::collections::{BTreeMap, BTreeSet};

use super::support::{Installation, RealSite, eventually};

/// A real minute is an hour: every source is visited once a second.
const CLOCK: &str = "2024-05-20T10:00:00+08:00 x60";

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
