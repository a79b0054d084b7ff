//! `guanlan search` against a plain scan of the file, and its exit codes; pages and exports while posts come in.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::push::call;
use crate::support::{Browser, Crowd, Installation, code, eventually, form, said, stdout};

const TITLES: &str = include_str!("../analyzer/src/index/titles.txt");

/// What a scan of a line finds: the words themselves.
type Scan = fn(&str) -> bool;

#[test]
fn search_finds_what_a_plain_scan_finds() {
    let house = Installation::new();
    let titles: Vec<&str> =
        TITLES.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect();
    let lines = titles.iter().enumerate().map(|(id, title)| {
        let post = json!({ "id": id, "time": "2021-01-20T16:48:00+08:00", "title": title, "source": "weibo",
            "publisher": "media", "url": format!("https://hot.example/{id}") });
        format!("{post}\n")
    });
    let file = house.write("titles.jsonl", lines.collect::<String>());
    let import = house.guanlan(&["import", &file]);
    assert_eq!(code(&import), 0, "{}", said(&import));

    let cases: [(&str, Scan); 6] = [
        ("返乡 核酸|证明", |title| {
            title.contains("返乡") && (title.contains("核酸") || title.contains("证明"))
        }),
        ("返乡", |title| title.contains("返乡")),
        ("核酸|疫苗", |title| title.contains("核酸") || title.contains("疫苗")),
        ("确诊 -北京", |title| title.contains("确诊") && !title.contains("北京")),
        ("\"新增\" 本土", |title| title.contains("新增") && title.contains("本土")),
        ("就地过年", |title| title.contains("就地过年")),
    ];
    for (query, scan) in cases {
        let expected: BTreeSet<String> = titles
            .iter()
            .enumerate()
            .filter(|(_, title)| scan(title))
            .map(|(id, _)| format!("https://hot.example/{id}"))
            .collect();
        assert!(!expected.is_empty(), "{query} proves nothing");
        let output = house.guanlan(&["search", query, "--json", "--limit", "100000"]);
        assert_eq!(code(&output), 0, "{query}: {}", said(&output));
        let found: BTreeSet<String> = stdout(&output)
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap())
            .filter_map(|line| line["url"].as_str().map(str::to_owned))
            .collect();
        assert_eq!(found, expected, "{query}");
    }
    assert_eq!(code(&house.guanlan(&["search", "没有这样的话"])), 1);
    // The place of the mistake is marked under the query, a Chinese character being two wide.
    let wrong = house.guanlan(&["search", "返乡 (核酸"]);
    assert_eq!(code(&wrong), 2, "{}", stdout(&wrong));
    let said = said(&wrong);
    let typed = said.lines().position(|line| line.contains("返乡 (核酸")).expect("the query is shown");
    let mark = said.lines().nth(typed + 1).expect("and a mark under it");
    assert_eq!(mark.find('^'), Some(2 + 5), "{said}");
}

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

/// A hotline that goes on telling of the same thing.
struct Hotline {
    port: u16,
    crowd: Crowd,
    began: Timestamp,
    told: u64,
}

impl Hotline {
    /// So many posts, all said to be of the twenty minutes before it began.
    fn tell(&mut self, count: u64) {
        let posts: Vec<Value> = (0..count)
            .map(|_| {
                self.told += 1;
                let time = self.began - SignedDuration::from_secs(self.told as i64 * 421 % 1200);
                json!({ "id": self.told.to_string(), "title": self.crowd.about("停水"), "time": time })
            })
            .collect();
        self.send(&posts);
    }

    /// The same words again and again.
    fn repeat(&mut self, count: u64) {
        let title = self.crowd.about("停水");
        let post = |copy: u64| json!({ "id": format!("copy-{copy}"), "title": title, "time": self.began });
        self.send(&(0..count).map(post).collect::<Vec<_>>());
    }

    fn send(&self, posts: &[Value]) {
        let lines: String = posts.iter().map(|post| format!("{post}\n")).collect();
        let head = format!(
            "POST /api/v1/posts HTTP/1.1\r\nAuthorization: Bearer {TOKEN}\r\nContent-Type: application/x-ndjson"
        );
        let (status, _, taken) = call(self.port, &head, lines.as_bytes());
        assert_eq!((status, &taken["stored"]), (200, &json!(posts.len())), "{taken}");
    }
}

/// The link of a page that begins and ends like that, as a browser follows it.
fn link(page: &str, begins: &str, holds: &str) -> String {
    let links = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let mut links = links.map(|link| link.replace("&#38;", "&"));
    links.find(|link| link.starts_with(begins) && link.contains(holds)).unwrap_or_else(|| panic!("{page}"))
}

/// When the posts of a page were published, in its order.
fn times(page: &str) -> Vec<&str> {
    let posts = page.split("<article class=\"post\">").skip(1);
    posts.filter_map(|post| post.split("datetime=\"").nth(1)?.split('"').next()).collect()
}

#[test]
fn pages_exports_and_cursors_stay_with_their_moment_while_posts_come_in() {
    let mut house = Installation::new();
    let token = house.write("hotline.token", format!("{TOKEN}\n"));
    std::fs::set_permissions(&token, std::fs::Permissions::from_mode(0o600)).unwrap();
    house.add(&format!(
        "[[source]]\nid = \"hotline\"\nname = \"热线\"\nkind = \"push\"\npublisher = \"media\"\ntoken_file = \"{token}\"\n"
    ));
    let port = house.serve();
    // An hour is six seconds.
    let mut program = house.run("2026-11-24T10:00:00+08:00x600");
    let browser = Browser::new(port);
    let read = |path: &str| serde_json::from_str::<Value>(&browser.get(path).body).unwrap();
    let began = read("/api/v1/health")["now"].as_str().unwrap().parse().unwrap();
    let mut hotline = Hotline { port, crowd: Crowd::new(11), began, told: 0 };
    hotline.tell(45);
    hotline.repeat(4);
    let asked = |words: &str, more: &[(&str, &str)]| form(&[&[("q", words)][..], more].concat());
    let everything = format!("/search.json?{}", asked("停水", &[]));
    eventually("the posts to be searchable", || (read(&everything)["total"] == 49).then_some(()));

    let (mut pages, mut cursors) = (Vec::new(), Vec::new());
    for sort in ["time", "relevance", "copies"] {
        let asked = asked("停水 时间:3小时", &[("sort", sort)]);
        pages.push(browser.get(&format!("/search?{asked}")).body);
        let first = read(&format!("/api/v1/posts?{asked}&limit=10"));
        assert_eq!(first["total"], 49, "{sort}: {first}");
        cursors.push((asked, first));
    }
    let groups = cursors[0].1["groups"].as_u64().unwrap() as usize;
    assert!((41..=46).contains(&groups), "three pages: {groups}");
    hotline.tell(70);
    hotline.send(&[json!({ "id": "late", "title": "停水", "time": began })]);
    eventually("more posts to be searchable", || (read(&everything)["total"] == 120).then_some(()));
    let recent = format!("/search.json?{}", asked("停水 时间:3小时", &[]));
    // Then three hours reach back to none of them any more.
    eventually("time to pass", || (read(&recent)["total"] == 0).then_some(()));

    for first in &pages {
        let exported = read(&link(first, "/search.json?", "at="));
        assert_eq!((&exported["total"], &exported["groups"]), (&json!(49), &json!(groups)));
        let second = browser.get(&link(first, "/search?", "offset=20")).body;
        let third = browser.get(&link(&second, "/search?", "offset=40")).body;
        assert!(second.contains("的结果，之后采到的不在内。") && !first.contains("之后采到的"), "{second}");
        let mut seen = BTreeSet::new();
        for (page, posts) in [(first, 20), (&second, 20), (&third, groups - 40)] {
            let exported = read(&link(page, "/search.json?", "at="));
            let rows = exported["posts"].as_array().unwrap();
            let exported: Vec<&str> = rows.iter().filter_map(|row| row["time"].as_str()).collect();
            assert_eq!((times(page), exported.len()), (exported, posts), "what is on the screen");
            let table = browser.get(&link(page, "/search.csv?", "at=")).body;
            let column = table.lines().skip(1).filter_map(|line| line.split('"').nth(1));
            assert_eq!(column.collect::<Vec<_>>(), times(page), "in the table as well");
            seen.extend(rows.iter().map(|row| row["id"].to_string()));
        }
        assert_eq!(seen.len(), groups, "each group once");
        // The page of the first moment, once more: the same.
        let again = browser.get(&link(first, "/search?", "offset=20").replace("&offset=20", "")).body;
        assert_eq!(times(&again), times(first));
        let copies =
            [first.as_str(), &second, &third].into_iter().find(|page| page.contains(">相似 4 帖</a>"));
        let members = browser.get(&link(copies.expect("a group"), "/search?", "similar=")).body;
        assert!(members.contains("<b>4 帖</b>") && times(&members).len() == 4, "{members}");
    }
    for (asked, first) in &cursors {
        let mut ids: Vec<String> = Vec::new();
        let mut page = first.clone();
        loop {
            ids.extend(page["posts"].as_array().unwrap().iter().map(|post| post["id"].to_string()));
            assert_eq!((&page["total"], &page["as_of"]), (&json!(49), &first["as_of"]), "{asked}");
            let Some(next) = page["next"].as_str() else { break };
            hotline.tell(3);
            page = read(&format!("/api/v1/posts?{asked}&limit=10&cursor={next}"));
        }
        let count = ids.len();
        assert_eq!((ids.into_iter().collect::<BTreeSet<_>>().len(), count), (groups, groups), "{asked}");
    }

    // Who stood at a level is part of the moment, too.
    let next = cursors[0].1["next"].as_str().unwrap().split('.').collect::<Vec<_>>();
    let (at, levels) = (next[1..3].join("."), "r7761746572");
    let red = asked("级别:红", &[("at", &at)]);
    assert_eq!(read(&format!("/search.json?{red}"))["total"], 0);
    assert_eq!(read(&format!("/search.json?{red}&levels={levels}"))["total"], 49, "供水 stood at red");
    let cursor = format!("0.{at}.1.0.0.{levels}");
    let walked = read(&format!("/api/v1/posts?{}&cursor={cursor}", asked("级别:红", &[])));
    assert_eq!(walked["total"], 49, "{walked}");
    names_and_words(&hotline, &browser);
    program.stop();
}

/// Names that nobody knows are left out and told; words that are not found side by side are offered apart.
fn names_and_words(hotline: &Hotline, browser: &Browser) {
    let page = |words: &str| browser.get(&format!("/search?{}", form(&[("q", words)]))).body;
    let total = |words: &str| {
        let found = browser.get(&format!("/search.json?{}", form(&[("q", words)]))).body;
        serde_json::from_str::<Value>(&found).unwrap()["total"].as_u64().unwrap()
    };
    // Besides what was told one by one: four copies and one that came late.
    let all = hotline.told + 5;
    eventually("all posts to be searchable", || (total("停水") == all).then_some(()));
    assert!(total("停水 信源:热线") == all && total("停水 信源:hotline") == all);
    assert_eq!(total("停水 关切:无 信源:没有"), all);
    let told = page("停水 关切:无 信源:没有");
    assert!(told.contains("没有名为“无”的关切") && told.contains("没有名为“没有”的信源"), "{told}");
    assert!(!page("停水 信源:热线").contains("忽略了"));

    hotline.send(&[json!({ "id": "apart", "title": "北京市今天公布数据", "time": hotline.began })]);
    eventually("the post to be searchable", || (total("北京 数据") == 1).then_some(()));
    let nothing = page("北京数据 -天气");
    assert!(nothing.contains("把连写的词拆开找：北京 数据 -天气（1 帖）"), "{nothing}");
    let apart = browser.get(&link(&nothing, "/search?", "q=%E5%8C%97%E4%BA%AC%20")).body;
    assert_eq!(times(&apart).len(), 1, "{apart}");
    assert!(!page("北京房价").contains("拆开"));
}

#[test]
fn what_was_chosen_beside_a_search_holds_for_page_table_and_json_and_is_kept_by_name() {
    let mut house = Installation::new();
    let port = house.serve();
    let copies = ["1", "2", "3"].map(|id| (id, "individual", "20T09:00", "小区今天又停水了一直没有人来管"));
    let others = [
        ("4", "gov", "24T08:00", "停水"),
        ("5", "media", "23T20:00", "=停水 \"<b onclick=alert(1)>多地\" 因为管网改造分片停止供应自来水"),
    ];
    let lines = copies.iter().chain(&others).map(|(id, publisher, time, title)| {
        let time = format!("2026-11-{time}:00+08:00");
        let post =
            json!({ "id": id, "time": time, "title": title, "source": "weibo", "publisher": publisher });
        format!("{post}\n")
    });
    let file = house.write("posts.jsonl", lines.collect::<String>());
    assert_eq!(code(&house.guanlan(&["import", &file])), 0);
    let mut program = house.run("2026-11-24T10:00:00+08:00");
    let browser = Browser::new(port);
    let asked = |more: &[(&str, &str)]| form(&[&[("q", "停水")][..], more].concat());
    // Which post each row is: the copies are one.
    let rows = |more: &[(&str, &str)]| -> String {
        let answer = browser.get(&format!("/search.json?{}", asked(more))).body;
        let answer: Value = serde_json::from_str(&answer).unwrap();
        let rows = answer["posts"].as_array().unwrap().iter();
        rows.map(|row| match row["time"].as_str().unwrap() {
            time if time.contains("-20T") => 'c',
            time if time.contains("-23T") => 'm',
            _ => 'g',
        })
        .collect()
    };
    assert_eq!((rows(&[]), rows(&[("sort", "time")])), ("gmc".to_owned(), "gmc".to_owned()));
    assert_eq!(rows(&[("sort", "copies")]).chars().next(), Some('c'));
    assert_eq!(rows(&[("sort", "relevance"), ("since", "7d"), ("who", "")]).chars().next(), Some('g'));
    assert_eq!(rows(&[("fold", "no")]), "gmccc");
    assert_eq!(rows(&[("who", "official")]), "gm");
    assert_eq!((rows(&[("since", "24h")]), rows(&[("since", "30d")])), ("gm".to_owned(), "gmc".to_owned()));
    assert_eq!(rows(&[("from", "2026-11-20 00:00"), ("to", "2026-11-24 00:00")]), "mc");
    let chosen = [("who", "official"), ("since", "24h")];
    let page = browser.get(&format!("/search?{}", asked(&chosen)));
    let table = browser.get(&format!("/search.csv?{}", asked(&chosen))).body;
    assert_eq!((times(&page.body).len(), table.lines().count()), (2, 3), "{table}");
    assert!(table.starts_with('\u{feff}') && table.contains("\"'=停水 \"\"<b onclick"), "{table}");
    let marked = "=<mark>停水</mark> &#34;&#60;b onclick=alert(1)&#62;多地&#34;";
    assert!(page.body.contains(marked), "{}", page.body);
    // Kept with what was chosen, for everybody, until somebody removes it.
    let kept = |path: &str| {
        let token = ("form_token", page.token());
        let fields = form(&[&[("q", "停水"), ("name", "停水·官方"), token][..], &chosen].concat());
        assert_eq!(browser.post(path, &fields).status, 303);
        browser.get("/search").body
    };
    let link = link(&kept("/search/save"), "/search?q=", "since=24h");
    assert!(link.contains("who=official"), "{link}");
    assert!(!kept("/search/forget").contains("停水·官方"));
    assert_eq!(program.stop(), Some(0));
}
