//! `guanlan search` against a plain scan of the file, and its exit codes.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::{Installation, code, said, stdout};

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
