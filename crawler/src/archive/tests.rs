use std::fs;

use proptest::prelude::*;

use super::*;
use crate::pause::Pause;
use crate::post::{IdKey, Identity, Post, PostId, Publisher, Voice};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn post(guid: &str, title: &str, time: &str) -> Post {
    Post {
        id: PostId::new(
            Identity::Guid { source: "weibo", guid },
            Publisher::Platform,
            &IdKey::fixed([0; 32]),
        ),
        source: "weibo".into(),
        group: "微博".into(),
        publisher: Publisher::Platform,
        time: at(time),
        first_seen: at("2021-01-21T00:00:00Z"),
        title: title.into(),
        text: String::new(),
        address: Some("https://weibo.example/1".into()),
        rank: Some(3),
        heat: Some(1.5),
        claimed: Some(at("2021-01-22T08:00:00Z")),
    }
}

fn own_voice(post: &Post) -> Voice {
    post.id.voice()
}

fn open() -> (tempfile::TempDir, Archive) {
    let dir = tempfile::tempdir().unwrap();
    let archive = Archive::open(dir.path()).unwrap();
    (dir, archive)
}

#[test]
fn what_is_appended_is_read_back_as_it_was() {
    let (dir, archive) = open();
    let long =
        Post { text: "返乡须持核酸证明。".repeat(100), ..post("2", "二", "2021-01-20T09:00:00Z") };
    let plain = Post {
        address: None,
        rank: None,
        heat: None,
        claimed: None,
        publisher: Publisher::Individual,
        text: "短".into(),
        ..post("3", "", "2021-01-20T07:00:00.123Z")
    };
    let posts = [post("1", "一", "2021-01-20T08:00:00Z"), long, plain];
    let appended = archive.append(&posts, &mut own_voice).unwrap();
    assert_eq!(appended.stored.iter().map(|s| s.sequence).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(appended.stored.iter().map(|s| s.post.clone()).collect::<Vec<_>>(), posts);

    let beside = Archive::open_read_only(dir.path()).unwrap();
    for archive in [&archive, &beside] {
        assert_eq!(archive.after(0, 10).unwrap(), appended.stored);
        assert_eq!(archive.after(1, 1).unwrap(), appended.stored[1..2]);
        assert_eq!(archive.get(&posts[1].id).unwrap().as_ref(), Some(&appended.stored[1]));
        assert_eq!(archive.count().unwrap(), 3);
        assert_eq!(archive.last_sequence().unwrap(), 3);
        let range = (at("2021-01-20T07:00:00.123Z"), at("2021-01-20T09:00:00Z"));
        assert_eq!(archive.time_range().unwrap(), Some(range));
        let many = archive.get_many(&[posts[2].id, post("9", "", "2021-01-20T08:00:00Z").id, posts[0].id]);
        assert_eq!(many.unwrap(), [appended.stored[2].clone(), appended.stored[0].clone()]);
    }
    assert!(matches!(beside.set_cursor("a", "b"), Err(ArchiveError::ReadOnly { .. })));
}

#[test]
fn the_same_words_are_a_duplicate_and_others_a_revision() {
    let (_dir, archive) = open();
    let first = post("1", "一", "2021-01-20T08:00:00Z");
    let relisted = Post { rank: Some(9), heat: Some(7.0), time: at("2021-01-20T10:00:00Z"), ..first.clone() };
    let edited = Post { title: "一（更新）".into(), time: at("2021-01-20T11:00:00Z"), ..first.clone() };
    let mut asked = 0;
    let mut assign = |_: &Post| {
        asked += 1;
        Voice(77)
    };
    let once =
        archive.append(&[first.clone(), relisted, edited.clone(), edited.clone()], &mut assign).unwrap();
    assert_eq!((once.stored.len(), once.duplicates), (2, 2));
    assert_eq!(archive.append(std::slice::from_ref(&edited), &mut assign).unwrap().duplicates, 1);
    assert_eq!(asked, 1);
    let newest = archive.get(&first.id).unwrap().unwrap();
    assert_eq!((newest.revision, newest.voice, newest.sequence), (1, Voice(77), 2));
    assert_eq!(newest.post.title, edited.title);
    assert_eq!(newest.post.time, first.time, "an edit does not move a post in time");
    assert_eq!(archive.count().unwrap(), 1);
}

#[test]
fn a_text_that_changes_at_every_visit_stops_making_revisions() {
    let (_dir, archive) = open();
    for visit in 0..40 {
        let counted = post("1", &format!("阅读 {visit}"), "2021-01-20T08:00:00Z");
        archive.append(&[counted], &mut own_voice).unwrap();
    }
    assert_eq!(archive.after(0, 100).unwrap().len(), 20);
}

#[test]
fn between_goes_by_time_and_pages_through_equal_times() {
    let (_dir, archive) = open();
    let mut posts: Vec<Post> =
        (0..2_500).map(|n| post(&n.to_string(), "同时", "2021-01-20T08:00:00Z")).collect();
    posts.push(post("early", "早", "2021-01-20T07:00:00Z"));
    posts.push(post("late", "晚", "2021-01-20T09:00:00Z"));
    archive.append(&posts, &mut own_voice).unwrap();
    let mut seen = Vec::new();
    archive
        .between(at("2021-01-20T07:00:00Z"), at("2021-01-20T09:00:00Z"), &mut |stored| {
            // The archive can be asked meanwhile.
            assert!(archive.get(&stored.post.id).unwrap().is_some());
            seen.push(stored.sequence);
        })
        .unwrap();
    let expected: Vec<u64> = std::iter::once(2_501).chain(1..=2_500).collect();
    assert_eq!(seen, expected);
}

#[test]
fn what_arrived_lately_comes_in_the_order_of_arrival() {
    let (_dir, archive) = open();
    let times =
        ["2021-01-20T08:00:00Z", "2021-01-20T10:00:00Z", "2021-01-20T07:00:00Z", "2021-01-20T09:00:00Z"];
    let mut posts: Vec<Post> =
        (0..2_500).map(|n| post(&n.to_string(), "帖文", times[n % times.len()])).collect();
    posts.push(Post { text: "改过".into(), ..posts[1].clone() });
    archive.append(&posts, &mut own_voice).unwrap();
    let arrived = |from: &str| {
        let mut seen = Vec::new();
        archive.arrived_since(at(from), &mut |stored| seen.push(stored.sequence)).unwrap();
        seen
    };
    assert_eq!(arrived("2021-01-20T07:00:00Z"), (1..=2_500).collect::<Vec<_>>());
    let from_nine: Vec<u64> = (1..=2_500).filter(|sequence| sequence % 2 == 0).collect();
    assert_eq!(arrived("2021-01-20T09:00:00Z"), from_nine);
    assert!(arrived("2021-01-21T00:00:00Z").is_empty());

    let founder = archive.founder(posts[1].id.voice()).unwrap().unwrap();
    assert_eq!((founder.id, founder.text), (posts[1].id, posts[1].text.clone()));
    assert_eq!(archive.founder(post("nobody", "", times[0]).id.voice()).unwrap(), None);
}

#[test]
fn cursors_and_heartbeats_are_kept() {
    let (_dir, archive) = open();
    assert_eq!(archive.cursor("bbs").unwrap(), None);
    archive.set_cursor("bbs", "1").unwrap();
    archive.set_cursor("bbs", "2").unwrap();
    archive.set_cursor("a", "x").unwrap();
    assert_eq!(archive.cursor("bbs").unwrap().as_deref(), Some("2"));
    assert_eq!(archive.cursors().unwrap(), [("a".into(), "x".into()), ("bbs".into(), "2".into())]);

    let seen = |time: &str, source: &str, ok| Observation { at: at(time), source: source.into(), ok };
    let early = seen("2021-01-20T08:00:00Z", "weibo", true);
    let late = seen("2021-01-20T09:00:00Z", "bbs", false);
    archive.observe_all(&[late.clone(), early.clone(), early.clone()]).unwrap();
    archive.observe("weibo", early.at, false).unwrap();
    let from = at("2021-01-20T08:00:00Z");
    assert_eq!(archive.observations(from, at("2021-01-21T00:00:00Z")).unwrap(), [early.clone(), late]);
    assert_eq!(archive.observations(from, at("2021-01-20T09:00:00Z")).unwrap(), [early]);
}

#[test]
fn expiry_counts_from_storage_and_never_gives_a_number_twice() {
    let (dir, archive) = open();
    let old = Post {
        first_seen: at("2021-01-01T00:00:00Z"),
        ..post("1", "早已过期的话", "2020-01-01T00:00:00Z")
    };
    let lies_on_disk = || {
        let files = fs::read_dir(dir.path()).unwrap();
        let bytes = files.flat_map(|file| fs::read(file.unwrap().path()).unwrap()).collect::<Vec<u8>>();
        String::from_utf8_lossy(&bytes).contains("早已过期的话")
    };
    let new = post("2", "新", "2019-01-01T00:00:00Z");
    archive.append(&[old.clone(), new.clone()], &mut own_voice).unwrap();
    assert!(lies_on_disk());
    assert_eq!(archive.expire(at("2021-01-02T00:00:00Z")).unwrap(), 1);
    assert!(archive.scrub().unwrap());
    assert!(!lies_on_disk(), "an expired text must not stay readable");
    assert_eq!(archive.get(&old.id).unwrap(), None);
    assert!(archive.get(&new.id).unwrap().is_some());
    assert_eq!(archive.expire(at("2022-01-01T00:00:00Z")).unwrap(), 1);
    assert_eq!(archive.time_range().unwrap(), None);
    drop(archive);
    let archive = Archive::open(dir.path()).unwrap();
    assert_eq!(archive.last_sequence().unwrap(), 2);
    assert_eq!(archive.append(&[old], &mut own_voice).unwrap().stored[0].sequence, 3);
}

#[test]
fn pauses_are_kept_and_an_older_file_has_none() {
    let (dir, archive) = open();
    let pause = Pause { since: at("2021-01-20T08:00:00Z"), until: None, reason: Some("改版".into()) };
    archive.set_pause("weibo", Some(&pause)).unwrap();
    archive
        .set_pause("zhihu", Some(&Pause { until: Some(at("2021-01-21T08:00:00Z")), ..pause.clone() }))
        .unwrap();
    archive.set_pause("zhihu", None).unwrap();
    assert_eq!(Archive::open_read_only(dir.path()).unwrap().pauses().unwrap(), [("weibo".to_owned(), pause)]);
    Connection::open(archive.path()).unwrap().execute_batch("DROP TABLE pauses").unwrap();
    assert_eq!(archive.pauses().unwrap(), []);
    assert_eq!(Archive::open(dir.path()).unwrap().pauses().unwrap(), []);
}

#[test]
fn posts_are_told_by_source_and_moment_of_storage() {
    let (_dir, archive) = open();
    let first = post("1", "一", "2021-01-20T08:00:00Z");
    let edited = Post { title: "一改".into(), ..first.clone() };
    archive.append(&[first, edited], &mut own_voice).unwrap();
    let mut told = Vec::new();
    archive
        .arrivals(at("2021-01-01T00:00:00Z"), &mut |source, at| told.push((source.to_owned(), at)))
        .unwrap();
    assert_eq!(told, [("weibo".to_owned(), at("2021-01-21T00:00:00Z"))]);
}

#[test]
fn a_reader_keeps_the_log_only_until_it_is_done() {
    let (dir, archive) = open();
    archive.append(&[post("1", "只此一句", "2021-01-20T08:00:00Z")], &mut own_voice).unwrap();
    let other = Connection::open(dir.path().join(FILE_NAME)).unwrap();
    other.execute_batch("BEGIN; SELECT count(*) FROM posts").unwrap();
    assert_eq!(archive.expire(at("2022-01-01T00:00:00Z")).unwrap(), 1);
    assert!(!archive.scrub().unwrap());
    other.execute_batch("COMMIT").unwrap();
    assert!(archive.scrub().unwrap());
    assert!(!found(dir.path(), "只此一句"));
}

/// Whether some file of a folder holds these bytes.
fn found(folder: &Path, text: &str) -> bool {
    fs::read_dir(folder).unwrap().any(|entry| {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        bytes.windows(text.len()).any(|window| window == text.as_bytes())
    })
}

#[test]
fn texts_of_any_length_that_go_in_any_order_leave_nothing_in_any_page() {
    let (_dir, archive) = open();
    let begin = at("2021-01-01T00:00:00Z");
    let posts: Vec<Post> = (0..3_000_u64)
        .map(|number| {
            let mixed = number.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(17) % 3_000;
            let text = format!("<{mixed:04}>").repeat(1 + mixed as usize % 70);
            let first_seen = begin + jiff::SignedDuration::from_secs(mixed as i64);
            let post = post(&number.to_string(), "标题", "2021-01-01T00:00:00Z");
            Post { text: text[..text.len().min(399)].to_owned(), first_seen, ..post }
        })
        .collect();
    for some in posts.chunks(37) {
        archive.append(some, &mut own_voice).unwrap();
    }
    for seconds in [1, 2, 7, 100, 101, 499, 1_500, 2_000, 2_900, 2_999] {
        archive.expire(begin + jiff::SignedDuration::from_secs(seconds)).unwrap();
        // New posts take the places of old ones.
        archive
            .append(&[post(&format!("later {seconds}"), "新", "2021-02-01T00:00:00Z")], &mut own_voice)
            .unwrap();
        archive.compact().unwrap();
        assert!(archive.scrub().unwrap());
        let bytes = fs::read(archive.path()).unwrap();
        let left: Vec<i64> = bytes
            .windows(6)
            .filter(|window| window[0] == b'<' && window[5] == b'>')
            .filter_map(|window| std::str::from_utf8(&window[1..5]).ok()?.parse().ok())
            .filter(|number| *number < seconds)
            .collect();
        assert_eq!(left, Vec::<i64>::new(), "after {seconds} s");
    }
    assert_eq!(archive.count().unwrap(), 11);
}

#[test]
fn a_failed_append_leaves_nothing_and_gives_no_number_away() {
    let (dir, archive) = open();
    archive.append(&[post("1", "一", "2021-01-20T08:00:00Z")], &mut own_voice).unwrap();
    // A file that may not grow behaves as a full disk does.
    archive.with_writer(|writer| writer.limit_pages(20)).unwrap();
    let big: Vec<Post> = (10..2_000).map(|n| post(&n.to_string(), "满", "2021-01-20T08:00:00Z")).collect();
    let error = archive.append(&big, &mut own_voice).unwrap_err();
    assert!(matches!(error, ArchiveError::DiskFull { .. }), "{error}");
    assert!(error.to_string().contains("nothing stored before is lost"), "{error}");
    assert_eq!(archive.count().unwrap(), 1);
    drop(archive);
    let archive = Archive::open(dir.path()).unwrap();
    assert_eq!(archive.append(&big, &mut own_voice).unwrap().stored[0].sequence, 2);
}

#[test]
fn files_that_are_not_ours_or_newer_are_refused_and_left_alone() {
    let refused = |prepare: &dyn Fn(&Path)| {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(FILE_NAME);
        prepare(&path);
        let before = fs::read(&path).unwrap();
        let (write, read) = (Archive::open(dir.path()).err(), Archive::open_read_only(dir.path()).err());
        assert_eq!(fs::read(&path).unwrap(), before);
        (write.unwrap(), read.unwrap())
    };
    let text = refused(&|path| fs::write(path, "这不是数据库".repeat(100)).unwrap());
    assert!(matches!(text, (ArchiveError::Foreign { .. }, ArchiveError::Foreign { .. })), "{text:?}");
    let foreign = refused(&|path| {
        Connection::open(path).unwrap().execute_batch("CREATE TABLE other (x)").unwrap();
    });
    assert!(matches!(foreign, (ArchiveError::Foreign { .. }, ArchiveError::Foreign { .. })), "{foreign:?}");
    let newer = refused(&|path| {
        drop(Archive::open(path.parent().unwrap()).unwrap());
        Connection::open(path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    });
    assert!(matches!(newer.0, ArchiveError::Newer { found: 99, .. }), "{newer:?}");
    assert!(matches!(newer.1, ArchiveError::Newer { .. }), "{newer:?}");
    let dir = tempfile::tempdir().unwrap();
    assert!(matches!(Archive::open_read_only(dir.path()), Err(ArchiveError::Missing { .. })));
}

#[test]
fn a_damaged_archive_says_so() {
    let (dir, archive) = open();
    let posts: Vec<Post> = (0..500).map(|n| post(&n.to_string(), "完好", "2021-01-20T08:00:00Z")).collect();
    archive.append(&posts, &mut own_voice).unwrap();
    drop(archive);
    let path = dir.path().join(FILE_NAME);
    Connection::open(&path)
        .unwrap()
        .execute("UPDATE posts SET text = x'28b52ffd00' WHERE sequence = 7", [])
        .unwrap();
    let archive = Archive::open(dir.path()).unwrap();
    assert_eq!(archive.after(0, 6).unwrap().len(), 6);
    assert!(matches!(archive.after(6, 1), Err(ArchiveError::Damaged { .. })));
    drop(archive);
    let mut bytes = fs::read(&path).unwrap();
    bytes[4_096..].fill(0xff);
    fs::write(&path, bytes).unwrap();
    let error = Archive::open(dir.path()).and_then(|archive| archive.after(0, 1_000)).unwrap_err();
    assert!(matches!(error, ArchiveError::Damaged { .. }), "{error}");
}

#[test]
fn a_data_folder_that_is_none_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    let error = Archive::open(&file).err().unwrap();
    assert!(matches!(&error, ArchiveError::Io { .. }), "{error}");
}

#[test]
fn commits_survive_a_power_cut_and_only_the_owner_reads_the_file() {
    let (dir, archive) = open();
    let settings = archive.with_writer(|writer| writer.durability()).unwrap();
    assert_eq!(settings, ("wal".to_owned(), 2));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(dir.path().join(FILE_NAME)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn appending_twice_is_appending_once(guids in proptest::collection::vec(0_u8..20, 1..40)) {
        let (_dir, archive) = open();
        let posts: Vec<Post> = guids
            .iter()
            .map(|guid| post(&guid.to_string(), &format!("第{guid}条"), "2021-01-20T08:00:00Z"))
            .collect();
        let first = archive.append(&posts, &mut own_voice).unwrap();
        let second = archive.append(&posts, &mut own_voice).unwrap();
        prop_assert_eq!(first.stored.len() + first.duplicates, posts.len());
        prop_assert_eq!((second.stored.len(), second.duplicates), (0, posts.len()));
        prop_assert_eq!(archive.after(0, 100).unwrap(), first.stored);
    }
}
