use std::io::{Cursor, Write};

use super::*;

const NOW: &str = "2021-01-21T03:00:00Z";

pub(super) fn defaults() -> Defaults {
    Defaults {
        source: "import".into(),
        source_from_line: true,
        ahead_is_claim: false,
        group: None,
        publisher: Publisher::Individual,
        rename: Vec::new(),
        zone: TimeZone::get(crate::date::DEFAULT_ZONE).unwrap(),
        masks: Masks::default(),
        key: IdKey::fixed([3; 32]),
        text_bytes: 1 << 20,
    }
}

struct Outcome {
    posts: Vec<Post>,
    rejected: Vec<(u64, Rejection)>,
    summary: Summary,
}

fn read_with(bytes: impl AsRef<[u8]>, defaults: &Defaults) -> Outcome {
    let (mut posts, mut rejected) = (Vec::new(), Vec::new());
    let mut each = |item| match item {
        Item::Post(post) => posts.push(*post),
        Item::Rejected { line, reason } => rejected.push((line, reason)),
    };
    let summary = read(Cursor::new(bytes), defaults, NOW.parse().unwrap(), &mut each).unwrap();
    assert_eq!((summary.posts, summary.rejected), (posts.len() as u64, rejected.len() as u64));
    Outcome { posts, rejected, summary }
}

fn read_all(bytes: impl AsRef<[u8]>) -> Outcome {
    read_with(bytes, &defaults())
}

fn refused(bytes: impl AsRef<[u8]>) -> String {
    let mut each = |_| ();
    read(Cursor::new(bytes), &defaults(), NOW.parse().unwrap(), &mut each).unwrap_err().to_string()
}

fn titles(outcome: &Outcome) -> Vec<&str> {
    outcome.posts.iter().map(|post| post.title.as_str()).collect()
}

fn line(title: &str) -> String {
    format!("{{\"time\":\"2021-01-20 16:48\",\"title\":\"{title}\"}}\n")
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn every_documented_field_is_read() {
    let full =
        r#"{"id":17,"url":"https://BBS.example/t/1#x","source":"bbs","time":"2021-01-20T16:48:00+08:00",
        "title":"返乡须核酸？","text":"打 13800138000","publisher":"media","rank":4,"heat":7531.5}"#
            .replace('\n', "");
    let outcome = read_all(full);
    let [post] = outcome.posts.as_slice() else { panic!("{:?}", outcome.rejected) };
    assert_eq!(post.source, "bbs");
    assert_eq!(post.group, "bbs");
    assert_eq!(post.publisher, Publisher::Media);
    assert_eq!(post.time, "2021-01-20T08:48:00Z".parse().unwrap());
    assert_eq!(post.first_seen, NOW.parse().unwrap());
    assert_eq!(post.title, "返乡须核酸？");
    assert_eq!(post.text, "打 ***");
    assert_eq!(post.address.as_deref(), Some("https://bbs.example/t/1"));
    assert_eq!((post.rank, post.heat), (Some(4), Some(7531.5)));
    assert!(outcome.summary.complete && outcome.summary.dropped.is_empty());
}

#[test]
fn a_hot_list_archive_needs_one_mapping() {
    let archive = concat!(
        r#"{"id":0,"ts":"2020-11-24T16:26:17+08:00","after":null,"source":"weibo","title":"一","rank":0,"pin":1}"#,
        "\n",
        r#"{"id":1,"ts":"2020-11-24T16:26:17+08:00","after":null,"source":"zhihu","title":"二","heat":9,"text":"三","ans":2}"#,
        "\n",
        r#"{"id":0,"ts":"2020-11-24T16:26:17+08:00","source":"zhihu","title":"一"}"#,
        "\n",
    );
    let hot_list = Defaults {
        rename: vec![parse_rename("ts=time").unwrap()],
        publisher: Publisher::Platform,
        ..defaults()
    };
    let outcome = read_with(archive, &hot_list);
    assert_eq!(titles(&outcome), ["一", "二", "一"]);
    assert_ne!(outcome.posts[0].id, outcome.posts[2].id, "ids are unique within their source only");
    let dropped: Vec<_> =
        outcome.summary.dropped.iter().map(|(name, count)| (name.as_str(), *count)).collect();
    assert_eq!(dropped, [("after", 2), ("ans", 1), ("pin", 1)]);

    let unmapped = read_all(archive);
    assert_eq!(unmapped.rejected[0].1.to_string(), "no time; if ts is the time, say --map ts=time");
}

#[test]
fn who_wrote_it_is_dropped_unread_and_cannot_be_mapped() {
    let outcome =
        read_all(r#"{"time":"2021-01-20","title":"一","author":{"id":1},"user_name":"张三","nickname":[1]}"#);
    assert_eq!(outcome.posts.len(), 1);
    assert!(!format!("{:?}", outcome.posts).contains("张三"));
    assert_eq!(outcome.summary.dropped.keys().collect::<Vec<_>>(), ["author", "nickname", "user_name"]);
    for mapping in ["author=title", "userName=text", "昵称=title"] {
        assert!(matches!(parse_rename(mapping), Err(RenameError::Person(_))), "{mapping}");
    }
    assert!(matches!(parse_rename("ts"), Err(RenameError::Shape(_))));
    assert!(matches!(parse_rename("=time"), Err(RenameError::Shape(_))));
    assert!(matches!(parse_rename("ts=when"), Err(RenameError::Unknown(_))));
}

#[test]
fn a_mapped_field_takes_the_place_of_the_one_with_that_name() {
    let mapped = Defaults { rename: vec![("ts".into(), "time".into())], ..defaults() };
    let outcome = read_with(r#"{"ts":"2021-01-20 16:48","time":"garbage","title":"一"}"#, &mapped);
    assert_eq!(outcome.posts.len(), 1, "{:?}", outcome.rejected);
    assert_eq!(outcome.summary.dropped.get("time"), Some(&1));
}

#[test]
fn a_post_from_the_future_came_now_and_its_claim_is_remembered() {
    let line = r#"{"time":"2099-01-01 08:00","title":"未来"}"#;
    let live = Defaults { ahead_is_claim: true, ..defaults() };
    let post = read_with(line, &live).posts.swap_remove(0);
    assert_eq!((post.time, post.claimed), (post.first_seen, Some("2099-01-01T00:00:00Z".parse().unwrap())));
}

#[test]
fn a_bad_line_is_reported_with_its_number_and_the_rest_is_read() {
    let bad = [
        (r#"{"time":"2099-01-01","title":"未来"}"#, "the time 2098-12-31T16:00:00Z lies in the future"),
        (r#"{"time":"2021-01-20","title":"半"#, "not a JSON object (near character 31)"),
        (r#"{"time":"2021-01-20","title":"一"} x"#, "not a JSON object (near character 35)"),
        ("[1]", "not a JSON object (near character 1)"),
        ("null", "not a JSON object (near character 4)"),
        (r#"{"title":"无时"}"#, "no time"),
        (r#"{"time":"昨天","title":"一"}"#, "the time \"昨天\" depends on when it is read"),
        (r#"{"time":"许久以前","title":"一"}"#, "cannot read the time \"许久以前\""),
        (r#"{"time":"2021-01-20","title":" ","text":null}"#, "neither title nor text"),
        (r#"{"time":"2021-01-20","title":["一"]}"#, "title should be text"),
        (r#"{"time":true,"title":"一"}"#, "time should be text or a number"),
        (r#"{"time":"2021-01-20","title":"一","publisher":"boss"}"#, "publisher should be individual, media"),
        (r#"{"time":"2021-01-20","title":"一","id":1.5}"#, "id should be a short text or a whole number"),
        (r#"{"time":"2021-01-20","title":"一","id":123456789012345678901234}"#, "id should be"),
    ];
    let mut file = line("前");
    for (text, _) in bad {
        file.push_str(text);
        file.push('\n');
    }
    file.push_str(&line("后"));
    let outcome = read_all(file);
    assert_eq!(titles(&outcome), ["前", "后"]);
    assert_eq!(outcome.rejected.len(), bad.len());
    for (place, ((line, reason), (text, expected))) in outcome.rejected.iter().zip(bad).enumerate() {
        assert_eq!(*line, place as u64 + 2);
        assert!(reason.to_string().contains(expected), "{text}: {reason}");
    }
}

#[test]
fn a_line_of_fifty_megabytes_is_skipped() {
    let huge = line("前").into_bytes().into_iter();
    let huge = huge.chain(std::iter::repeat_n(b'x', 50 << 20)).chain(*b"\n").chain(line("后").into_bytes());
    let outcome = read_all(huge.collect::<Vec<u8>>());
    assert_eq!(titles(&outcome), ["前", "后"]);
    assert_eq!(outcome.rejected, [(2, Rejection::LineTooLong { bytes: 50 << 20 })]);
}

#[test]
fn a_text_over_one_mebibyte_is_refused() {
    let outcome = read_all(line(&"长".repeat(400_000)));
    assert_eq!(
        outcome.rejected,
        [(1, Rejection::TextTooLong { field: "title", bytes: 1_200_000, limit: 1 << 20 })]
    );
}

#[test]
fn gzip_and_zstd_are_recognised_by_their_first_bytes() {
    let plain = line("一") + &line("二");
    let mut twice = gzip(line("一").as_bytes());
    twice.extend(gzip(line("二").as_bytes()));
    for packed in [gzip(plain.as_bytes()), twice, zstd::encode_all(plain.as_bytes(), 1).unwrap()] {
        let length = packed.len() as u64;
        let outcome = read_all(packed);
        assert_eq!(titles(&outcome), ["一", "二"]);
        assert_eq!(outcome.summary.bytes, length);
        assert!(outcome.summary.complete);
    }
}

#[test]
fn a_truncated_archive_keeps_what_was_read() {
    let lines: String = (0..20_000).map(|n| line(&format!("第{n}条{}", n * 7919 % 10_007))).collect();
    for packed in [gzip(lines.as_bytes()), zstd::encode_all(lines.as_bytes(), 1).unwrap()] {
        let whole = packed.len();
        for kept in [whole / 2, whole - 3, 20, 6] {
            let outcome = read_all(&packed[..kept]);
            assert!(!outcome.summary.complete, "{kept} of {whole}");
            let (number, reason) = outcome.rejected.last().unwrap();
            assert!(matches!(reason, Rejection::BrokenOff { .. }), "{reason}");
            assert_eq!(*number, outcome.posts.len() as u64 + 1);
            assert!(kept < whole / 2 || outcome.posts.len() > 1_000, "{kept}: {}", outcome.posts.len());
        }
    }
    let mut damaged = gzip(lines.as_bytes());
    let middle = damaged.len() / 2;
    damaged[middle..middle + 50].fill(0xff);
    assert!(!read_all(damaged).summary.complete);
}

#[test]
fn charsets_are_recognised_and_garbled_lines_reported() {
    let text = line("返乡人员") + &line("须持核酸证明");
    let expected = ["返乡人员", "须持核酸证明"];
    assert_eq!(titles(&read_all(format!("\u{feff}{text}"))), expected);
    assert_eq!(titles(&read_all(text.replace('\n', "\r\n"))), expected);
    let (gbk, _, _) = encoding_rs::GBK.encode(&text);
    assert_eq!(titles(&read_all(&gbk)), expected);

    let mut one_broken = text.clone().into_bytes();
    one_broken.extend(b"{\"time\":\"2021-01-20\",\"title\":\"\xff\xfe\"}\n");
    let outcome = read_all(one_broken);
    assert_eq!(titles(&outcome), expected);
    assert_eq!(outcome.rejected, [(3, Rejection::Garbled { charset: "UTF-8" })]);
}

#[test]
fn files_that_cannot_be_read_at_all_say_why() {
    for empty in ["", "\n \n", "\u{feff}"] {
        assert_eq!(refused(empty), "the file is empty");
    }
    assert!(refused(b"\xff\xfe{\0").contains("UTF-16"));
    assert!(refused("[{\"title\":\"一\"}]").contains("one object per line"));
    assert!(refused("姓名,电话\n张三,1\n").contains("[\"姓名\", \"电话\"]"));
    assert!(refused("\u{0}\u{1}\u{2}").contains("neither JSON lines nor CSV"));
}

#[test]
fn csv_is_read_by_its_header() {
    let csv = "time,标题,text,作者\n\
        2021-01-20 16:48,返乡,\"一,\"\"二\"\"\n三\",张三\n\
        \n\
        2021-01-20,只有标题,,\n\
        2021-01-20,少一列\n\
        2021-01-20,多,两,列,x,y\n\
        2021-01-20,尾,,,,\n";
    let mapped = Defaults { rename: vec![("标题".into(), "title".into())], ..defaults() };
    let outcome = read_with(csv, &mapped);
    assert_eq!(titles(&outcome), ["返乡", "只有标题", "尾"]);
    assert_eq!(outcome.posts[0].text, "一,\"二\"\n三");
    assert_eq!(
        outcome.rejected,
        [
            (6, Rejection::Columns { found: 2, expected: 4 }),
            (7, Rejection::Columns { found: 6, expected: 4 })
        ]
    );
    assert_eq!(outcome.summary.dropped.get("作者"), Some(&3));

    let (gbk, _, _) = encoding_rs::GBK.encode(csv);
    assert_eq!(titles(&read_with(&gbk, &mapped)), ["返乡", "只有标题", "尾"]);
    let semicolons = "time;title\r\n2021-01-20;a,\"b\r\n";
    assert_eq!(titles(&read_all(semicolons)), ["a,\"b"]);
}

#[test]
fn a_forgotten_quotation_mark_costs_one_row() {
    let mut csv = "time,title\n".to_owned();
    csv.push_str("2021-01-20,\"没有结束\n");
    (0..30).for_each(|n| csv.push_str(&format!("2021-01-20,第{n}条\n")));
    let outcome = read_all(&csv);
    assert_eq!(outcome.posts.len(), 30);
    assert_eq!(outcome.rejected, [(2, Rejection::OpenQuote)]);

    let many: String = (0..3_000).map(|n| format!("2021-01-20,\"第{n}条\n")).collect();
    let outcome = read_all(format!("time,title\n{many}"));
    assert_eq!(outcome.posts.len() + outcome.rejected.len(), 3_000 - outcome.posts.len());
}

#[test]
fn the_watched_folders_source_is_not_the_lines() {
    let fixed = Defaults { source_from_line: false, group: Some("论坛".into()), ..defaults() };
    let outcome = read_with(r#"{"time":1611132480,"title":"一","source":"other"}"#, &fixed);
    assert_eq!((outcome.posts[0].source.as_str(), outcome.posts[0].group.as_str()), ("import", "论坛"));
}

#[test]
fn invented_field_names_do_not_fill_the_memory() {
    let lines: String =
        (0..1_000).map(|n| format!("{{\"time\":\"2021-01-20\",\"title\":\"一\",\"x{n}\":{n}}}\n")).collect();
    let dropped = read_all(lines).summary.dropped;
    assert_eq!(dropped.len(), MOST_DROPPED_NAMES + 1);
    assert_eq!(dropped.get("…"), Some(&900));
}

#[test]
fn heartbeats_say_when_a_source_was_looked_at() {
    let file = concat!(
        "{\"ts\":\"2020-11-24T16:26:17+08:00\",\"items\":[0,[1,2]]}\n",
        "\n",
        "{\"time\":1606210000,\"source\":\"zhihu\"}\n",
        "{\"items\":[]}\n",
        "{\"ts\":\"2099-01-01\"}\n",
        "garbage\n",
    );
    let zone = defaults().zone;
    let packed = zstd::encode_all(file.as_bytes(), 1).unwrap();
    let read = heartbeats::read(Cursor::new(packed), "weibo", &zone, NOW.parse().unwrap()).unwrap();
    let seen: Vec<_> =
        read.observations.iter().map(|o| (o.at.to_string(), o.source.as_str(), o.ok)).collect();
    assert_eq!(
        seen,
        [
            ("2020-11-24T08:26:17Z".to_owned(), "weibo", true),
            ("2020-11-24T09:26:40Z".to_owned(), "zhihu", true)
        ]
    );
    assert_eq!(read.rejected.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [4, 5, 6]);
}

proptest::proptest! {
    #[test]
    fn no_file_makes_it_panic(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
        let mut each = |_| ();
        let _ = read(Cursor::new(&bytes), &defaults(), NOW.parse().unwrap(), &mut each);
    }

    #[test]
    fn no_table_makes_it_panic(rows in "[\",\n\r;a0]{0,80}") {
        let table = format!("time,title\n{rows}");
        let mut each = |_| ();
        let _ = read(Cursor::new(table), &defaults(), NOW.parse().unwrap(), &mut each);
    }
}

#[test]
fn one_garbled_line_at_the_top_costs_only_itself() {
    let outcome = read_all(format!("garbage\n{}{}", line("一"), line("二")));
    assert_eq!(titles(&outcome), ["一", "二"]);
    assert_eq!(outcome.rejected.len(), 1);
}

#[test]
fn half_an_emoji_does_not_cost_the_post() {
    let outcome = read_all(concat!(
        r#"{"time":"2021-01-20","title":"好\ud83d","x":1}"#,
        "\n",
        r#"{"time":"2021-01-20","title":"\ud83d\ude00 \udc00\\ud83d \u597d"}"#,
        "\n",
        r#"{"time":"2021-01-20","title":"\ud83d"#,
    ));
    assert_eq!(titles(&outcome), ["好\u{fffd}", "😀 \u{fffd}\\ud83d 好"]);
    assert_eq!(outcome.rejected.len(), 1);
    assert_eq!(outcome.summary.dropped.get("x"), Some(&1));
}

#[test]
fn deep_nesting_is_a_bad_line_like_others() {
    let deep = format!("{{\"x\":{}\n{}", "[".repeat(1_000_000), line("后"));
    let outcome = read_all(deep);
    assert_eq!(titles(&outcome), ["后"]);
    assert!(matches!(outcome.rejected.as_slice(), [(1, Rejection::Json { .. })]));
}

#[test]
fn a_guid_names_a_text_and_a_uid_a_person() {
    for field in ["guid", "GUID", "uuid", "post_guid", "mid"] {
        assert!(!names_a_person(field), "{field}");
    }
    for field in ["uid", "UID", "user_guid", "author.uuid", "作者编号"] {
        assert!(names_a_person(field), "{field}");
    }
}
