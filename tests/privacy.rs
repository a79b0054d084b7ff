//! Nothing about the person who wrote reaches the disk or a reader.

use std::path::Path;

use serde_json::json;

use crate::support::{Installation, code, said, stdout};

/// What must not be found, in any encoding we write.
const SECRETS: [&str; 9] = [
    "张小三",
    "zhangxiaosan99",
    "13812345678",
    "11010519491231002X",
    "粤B12345",
    "xiaosan@mail.example",
    "王小四",
    "bbs.example/u/77123",
    "avatar-55.png",
];

#[test]
fn of_the_person_who_wrote_nothing_is_kept() {
    let house = Installation::new();
    let post = json!({
        "id": "t/81/zhangxiaosan99", "time": "2021-01-20T16:48:00+08:00", "title": "小区停水三天了",
        "text": "电话13812345678，身份证11010519491231002X，车牌粤B12345，邮箱xiaosan@mail.example，@王小四 快来看",
        "author": "张小三", "user": { "name": "zhangxiaosan99", "avatar": "https://bbs.example/avatar-55.png" },
        "作者": "张小三", "url": "https://bbs.example/u/77123/81",
    });
    let file = house.write("posts.jsonl", format!("{post}\n"));
    let import = house.guanlan(&["import", &file]);
    assert_eq!(code(&import), 0, "{}", said(&import));
    let mut program = house.run("2025-11-24T10:00:00+08:00");
    assert_eq!(program.stop(), Some(0));

    let search = house.guanlan(&["search", "停水", "--json"]);
    let shown = stdout(&search) + &said(&import) + &stdout(&import) + &program.said.join("\n");
    assert!(shown.contains("停水"), "{shown}");
    for secret in SECRETS {
        assert!(!shown.contains(secret), "{secret} is shown: {shown}");
    }
    let mut files = 0;
    scan(&house.data(), &mut files);
    assert!(files > 5, "{files} files: the scan looks in the wrong place");
}

fn scan(folder: &Path, files: &mut usize) {
    for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            scan(&entry, files);
        } else if entry.is_file() {
            *files += 1;
            let bytes = std::fs::read(&entry).unwrap();
            for secret in SECRETS {
                let secret_bytes = secret.as_bytes();
                let found = bytes.windows(secret_bytes.len()).any(|window| window == secret_bytes);
                assert!(!found, "{secret} lies in {}", entry.display());
            }
        }
    }
}
