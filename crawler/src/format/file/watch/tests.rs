use std::io::Write;

use super::*;
use crate::mask::Masks;
use crate::post::{IdKey, Publisher};

/// A folder whose clock runs an hour behind the files' own times, so that nothing in it is settled,
/// unless a test looks a day later.
struct Folder {
    dir: tempfile::TempDir,
    pattern: String,
    cursor: Option<String>,
    now: Timestamp,
}

impl Folder {
    fn new(pattern: &str) -> Folder {
        let dir = tempfile::tempdir().unwrap();
        let modified = dir.path().metadata().unwrap().modified().unwrap();
        let now = Timestamp::try_from(modified).unwrap() - SignedDuration::from_hours(1);
        let pattern = dir.path().join(pattern).to_string_lossy().into_owned();
        Folder { dir, pattern, cursor: None, now }
    }

    fn append(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.dir.path().join(name);
        let mut file = fs::OpenOptions::new().create(true).append(true).open(path).unwrap();
        file.write_all(text.as_ref()).unwrap();
    }

    fn replace(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.dir.path().join(name), text).unwrap();
    }

    fn look(&mut self) -> Watched {
        let defaults = Defaults {
            source: "spool".into(),
            source_from_line: false,
            ahead_is_claim: true,
            group: None,
            publisher: Publisher::Individual,
            rename: Vec::new(),
            zone: jiff::tz::TimeZone::UTC,
            masks: Masks::default(),
            key: IdKey::fixed([0; 32]),
            text_bytes: 1 << 20,
        };
        let watched = poll(&self.pattern, self.cursor.as_deref(), &defaults, self.now).unwrap();
        self.cursor = Some(watched.cursor.clone());
        watched
    }

    fn titles(&mut self) -> Vec<String> {
        let watched = self.look();
        assert_eq!(watched.problems, [], "unexpected problems");
        watched.posts.into_iter().map(|post| post.title).collect()
    }

    /// A day later whatever lies there is settled.
    fn settle(&mut self) {
        self.now += SignedDuration::from_hours(24);
    }
}

fn line(title: &str) -> String {
    format!("{{\"time\":\"2021-01-20 16:48\",\"title\":\"{title}\"}}\n")
}

#[test]
fn appended_lines_are_picked_up_once() {
    let mut folder = Folder::new("*.jsonl");
    folder.append("b.jsonl", line("乙"));
    folder.append("a.jsonl", line("甲"));
    folder.append("c.txt", line("别的"));
    folder.append(".d.jsonl", line("隐藏"));
    assert_eq!(folder.titles(), ["甲", "乙"]);
    assert!(folder.titles().is_empty());
    folder.append("b.jsonl", line("丙") + &line("丁"));
    assert_eq!(folder.titles(), ["丙", "丁"]);
    assert!(folder.titles().is_empty());
}

#[test]
fn a_half_written_line_waits_until_it_is_whole_or_the_file_is_settled() {
    let mut folder = Folder::new("*.jsonl");
    let whole = line("整行");
    folder.append("a.jsonl", &whole.as_bytes()[..30]);
    assert!(folder.titles().is_empty());
    folder.append("a.jsonl", &whole.as_bytes()[30..]);
    folder.append("a.jsonl", line("没有行尾").trim_end());
    assert_eq!(folder.titles(), ["整行"]);
    folder.settle();
    assert_eq!(folder.titles(), ["没有行尾"]);
    assert!(folder.titles().is_empty());
}

#[test]
fn bad_lines_are_reported_with_their_place_in_the_file() {
    let mut folder = Folder::new("*.jsonl");
    folder.append("a.jsonl", line("一") + &line("二"));
    assert_eq!(folder.titles(), ["一", "二"]);
    folder.append("a.jsonl", format!("坏\n{}{{}}\n", line("三")));
    let watched = folder.look();
    assert_eq!(watched.posts.len(), 1);
    let places: Vec<_> =
        watched.problems.iter().map(|problem| (problem.file.as_str(), problem.line)).collect();
    assert_eq!(places, [("a.jsonl", Some(3)), ("a.jsonl", Some(5))]);
}

#[test]
fn rotated_and_truncated_files_are_noticed() {
    let mut folder = Folder::new("a.jsonl*");
    folder.append("a.jsonl", line("一") + &line("二"));
    assert_eq!(folder.titles(), ["一", "二"]);
    folder.append("a.jsonl", line("三"));
    fs::rename(folder.dir.path().join("a.jsonl"), folder.dir.path().join("a.jsonl.1")).unwrap();
    folder.append("a.jsonl", line("四"));
    assert_eq!(folder.titles(), ["四", "三"]);
    folder.replace("a.jsonl", line("五"));
    assert_eq!(folder.titles(), ["五"]);
    folder.replace("a.jsonl", "");
    assert!(folder.titles().is_empty());
    folder.append("a.jsonl", line("六"));
    assert_eq!(folder.titles(), ["六"]);
}

#[test]
fn a_finished_file_is_known_by_length_and_time_and_a_rewritten_one_is_read() {
    let mut folder = Folder::new("*.jsonl");
    folder.append("a.jsonl", line("一"));
    assert_eq!(folder.titles(), ["一"]);
    let later = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_700_000_000);
    folder.replace("a.jsonl", line("二"));
    File::options().write(true).open(folder.dir.path().join("a.jsonl")).unwrap().set_modified(later).unwrap();
    assert_eq!(folder.titles(), ["二"], "as long as before, but written to");
}

#[test]
fn tables_keep_their_header() {
    let mut folder = Folder::new("*.csv");
    folder.append("a.csv", "time,title\n2021-01-20,一\n");
    assert_eq!(folder.titles(), ["一"]);
    folder.append("a.csv", "2021-01-20,二\n坏,三\n2021-01-20,四\n");
    let watched = folder.look();
    assert_eq!(watched.posts.iter().map(|post| post.title.as_str()).collect::<Vec<_>>(), ["二", "四"]);
    assert_eq!(watched.problems[0].line, Some(4));
}

#[test]
fn packed_files_are_read_once_when_they_are_settled() {
    let mut folder = Folder::new("*.zst");
    let packed = zstd::encode_all((line("一") + &line("二")).as_bytes(), 1).unwrap();
    folder.append("a.zst", &packed[..packed.len() / 2]);
    assert!(folder.titles().is_empty());
    folder.append("a.zst", &packed[packed.len() / 2..]);
    folder.settle();
    assert_eq!(folder.titles(), ["一", "二"]);
    assert!(folder.titles().is_empty());
}

#[test]
fn much_at_once_is_taken_in_steps() {
    let many: String = (0..50_000).map(|n| line(&format!("第{n}条"))).collect();
    let plain = many.clone().into_bytes();
    let packed = zstd::encode_all(many.as_bytes(), 1).unwrap();
    for (name, bytes) in [("a.jsonl", plain), ("a.jsonl.zst", packed)] {
        let mut folder = Folder::new("a.*");
        folder.settle();
        folder.append(name, bytes);
        let mut titles = Vec::new();
        loop {
            let watched = folder.look();
            titles.extend(watched.posts.into_iter().map(|post| post.title));
            if !watched.more {
                break;
            }
        }
        let expected: Vec<_> = (0..50_000).map(|n| format!("第{n}条")).collect();
        assert!(titles == expected, "{name}: {} posts", titles.len());
        assert!(folder.titles().is_empty());
    }
}

#[test]
fn a_line_too_long_is_passed_over() {
    let mut folder = Folder::new("*.jsonl");
    folder.append("a.jsonl", line("前"));
    folder.append("a.jsonl", vec![b'x'; 20 << 20]);
    assert_eq!(folder.titles(), ["前"]);
    folder.append("a.jsonl", format!("\n{}", line("后")));
    let watched = folder.look();
    assert_eq!(watched.posts[0].title, "后");
    assert_eq!(watched.problems.iter().map(|problem| problem.line).collect::<Vec<_>>(), [Some(2)]);
}

#[test]
fn a_missing_folder_is_an_error_and_a_missing_file_is_none() {
    let mut folder = Folder::new("*.jsonl");
    assert_eq!(folder.look().files, 0);
    folder.pattern = folder.dir.path().join("gone/*.jsonl").to_string_lossy().into_owned();
    let defaults_gone = poll(&folder.pattern, Some("garbage"), &super::super::tests::defaults(), folder.now);
    assert_eq!(defaults_gone.unwrap_err().kind(), io::ErrorKind::NotFound);
}

#[test]
fn patterns_fit_whole_names() {
    let cases = [
        ("*.jsonl", "a.jsonl", true),
        ("*.jsonl", "a.jsonl.1", false),
        ("*.jsonl*", "a.jsonl.1", true),
        ("a?c", "abc", true),
        ("a?c", "ac", false),
        ("*a*b", "xaybzb", true),
        ("*", "", true),
        ("", "a", false),
        ("数据*", "数据1", true),
    ];
    for (pattern, name, expected) in cases {
        let chars = |text: &str| text.chars().collect::<Vec<_>>();
        assert_eq!(fits(&chars(pattern), &chars(name)), expected, "{pattern} {name}");
    }
}
