mod paging;
mod steady;

use std::collections::{BTreeMap, BTreeSet};

use crawler::post::{Post, PostId, Publisher, Stored, Voice};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::concern::{Concern, Scope};
use crate::language::Language;
use crate::level::Level;
use crate::matcher::{Matcher, Text};
use crate::normalize::normalize;
use crate::query::{Context, Query, What};
use crate::series::{Bucket, BucketCount};

const START: i64 = 1_611_100_000;

static SEGMENTER: std::sync::LazyLock<Segmenter> = std::sync::LazyLock::new(|| Segmenter::new(&[]));
static SHANGHAI: std::sync::LazyLock<TimeZone> =
    std::sync::LazyLock::new(|| TimeZone::get("Asia/Shanghai").unwrap());

fn stored(sequence: u64, title: &str, text: &str) -> Stored {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&sequence.to_be_bytes());
    let time = Timestamp::from_second(START + sequence as i64 * 60).unwrap();
    let id = PostId::from_bytes(&id).unwrap();
    let post = Post {
        id,
        source: if sequence.is_multiple_of(3) { "zhihu" } else { "weibo-hot" }.into(),
        group: if sequence.is_multiple_of(3) { "知乎" } else { "微博" }.into(),
        publisher: if sequence.is_multiple_of(5) { Publisher::Gov } else { Publisher::Platform },
        time,
        first_seen: time,
        title: title.into(),
        text: text.into(),
        address: None,
        rank: None,
        heat: None,
        claimed: None,
    };
    Stored { sequence, revision: 0, voice: id.voice(), post }
}

fn concern(words: &[&str], not: &[&str], scope: Scope) -> Concern {
    let owned = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
    Concern {
        id: "返乡".into(), words: owned(words), not: owned(not), scope, ..Concern::named("返乡政策")
    }
}

fn context(concerns: &[Concern]) -> Context<'_> {
    let now = Timestamp::from_second(START + 86_400).unwrap();
    Context { now, zone: &SHANGHAI, concerns, levels: &[], sources: &[], groups: &[] }
}

fn filled(posts: &[Stored]) -> (TempDir, Index, IndexWriter) {
    let folder = tempfile::tempdir().unwrap();
    let index = Index::open_or_create(folder.path(), &SEGMENTER).unwrap();
    let mut writer = index.writer().unwrap();
    posts.iter().for_each(|post| writer.add(post).unwrap());
    writer.commit().unwrap();
    (folder, index, writer)
}

fn found(index: &Index, query: &str) -> BTreeSet<u64> {
    found_in(index, query, &context(&[]))
}

fn found_in(index: &Index, query: &str, context: &Context<'_>) -> BTreeSet<u64> {
    let options = Options { limit: usize::MAX, fold: false, ..Options::default() };
    let results = index.search(&Query::parse(query).unwrap(), context, &options).unwrap();
    assert_eq!(results.total, results.hits.len());
    results.hits.iter().map(|hit| hit.sequence).collect()
}

fn titles() -> Vec<Stored> {
    let lines = include_str!("titles.txt").lines().skip(1);
    (1..).zip(lines).map(|(number, line)| stored(number, line, "")).collect()
}

#[test]
fn nothing_is_missing_among_real_titles() {
    let posts = titles();
    let (_folder, index, _writer) = filled(&posts);
    let plain = |wanted: &dyn Fn(&str) -> bool| -> BTreeSet<u64> {
        posts.iter().filter(|it| wanted(&normalize(&it.post.title))).map(|it| it.sequence).collect()
    };
    let any =
        |words: &'static [&'static str]| move |title: &str| words.iter().any(|word| title.contains(word));
    assert_eq!(
        found(&index, "返乡 核酸|证明"),
        plain(&|title| title.contains("返乡") && any(&["核酸", "证明"])(title))
    );
    assert_eq!(
        found(&index, "北京 -疫情"),
        plain(&|title| title.contains("北京") && !title.contains("疫情"))
    );
    assert_eq!(
        found(&index, "(石家庄|河北) -(确诊|新增)"),
        plain(&|title| any(&["石家庄", "河北"])(title) && !any(&["确诊", "新增"])(title))
    );
    // Every piece of every twentieth title, of one to six characters, finds exactly what a scan finds.
    for post in posts.iter().step_by(20) {
        let title: Vec<char> = normalize(&post.post.title).chars().collect();
        for length in [1, 2, 3, 4, 5, 6] {
            let Some(piece) = title.windows(length).nth(post.sequence as usize % 5) else { continue };
            let piece: String = piece.iter().collect();
            if piece.contains('"') || piece.contains('“') || piece.contains('”') || piece.trim() != piece
            {
                continue;
            }
            assert_eq!(
                found(&index, &format!("\"{piece}\"")),
                plain(&|title| title.contains(&piece)),
                "{piece}"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn nothing_is_missing_in_any_text(
        texts in proptest::collection::vec(("[数据公布，。😡a1 ]{0,8}", "[数據公布，𠮷哈Ａ1\n ]{0,14}"), 1..30),
        words in proptest::collection::vec("[数据公布，𠮷哈a1]{1,5}", 12),
    ) {
        let posts: Vec<Stored> =
            (1..).zip(&texts).map(|(number, (title, text))| stored(number, title, text)).collect();
        let (_folder, index, _writer) = filled(&posts);
        for word in words {
            let wanted = normalize(&word);
            let has = |it: &&Stored| {
                let text = Text::of(&it.post);
                text.title.contains(&wanted) || text.text.contains(&wanted)
            };
            let plain: BTreeSet<u64> = posts.iter().filter(has).map(|it| it.sequence).collect();
            prop_assert_eq!(found(&index, &word), plain.clone(), "{}", &word);
            let rest: BTreeSet<u64> = posts.iter().map(|it| it.sequence).filter(|it| !plain.contains(it)).collect();
            prop_assert_eq!(found(&index, &format!("-{word}")), rest, "not {}", &word);
        }
    }
}

#[test]
fn history_from_the_index_equals_live_counting() {
    let mut posts = titles();
    for post in &mut posts {
        if post.sequence % 4 == 0 {
            post.post.text = format!("{}，返乡 需要\n核酸", post.post.title);
        }
        post.voice = Voice(post.sequence % 7);
    }
    let (_folder, index, _writer) = filled(&posts);
    let cases = [
        concern(&["返乡", "核酸 检测", "北京"], &["疫情", "电影 票房"], Scope::All),
        concern(&["返乡", "核酸", "北京 确诊"], &["新增"], Scope::Title),
        concern(&["", "无此词语"], &[], Scope::All),
        concern(&["，", "1"], &["2 3"], Scope::All),
    ];
    let (from, to) = (Bucket::of(posts[99].post.time), Bucket::of(posts[2000].post.time));
    for concern in &cases {
        let matcher = Matcher::new(concern);
        let mut live: BTreeMap<Bucket, BucketCount> = BTreeMap::new();
        for it in posts.iter().filter(|it| matcher.matches(&Text::of(&it.post))) {
            let bucket = Bucket::of(it.post.time);
            if bucket < from || bucket > to {
                continue;
            }
            let empty = || BucketCount { bucket, posts: 0, voices: Vec::new(), sources: Vec::new() };
            let count = live.entry(bucket).or_insert_with(empty);
            count.posts += 1;
            match count.voices.binary_search_by_key(&it.voice, |(voice, _)| *voice) {
                Ok(place) => count.voices[place].1 += 1,
                Err(place) => count.voices.insert(place, (it.voice, 1)),
            }
            match count.sources.binary_search_by(|(source, _)| source.cmp(&it.post.source)) {
                Ok(place) => count.sources[place].1 += 1,
                Err(place) => count.sources.insert(place, (it.post.source.clone(), 1)),
            }
        }
        let live: Vec<BucketCount> = live.into_values().collect();
        assert_eq!(index.series(concern, from, to).unwrap(), live, "{:?}", concern.words);
    }
    let volume = index.volume(from, to).unwrap();
    let inside = posts.iter().filter(|it| (from..=to).contains(&Bucket::of(it.post.time))).count();
    assert_eq!(volume.iter().map(|(_, _, posts)| *posts as usize).sum::<usize>(), inside);
    assert!(volume.is_sorted());
}

#[test]
fn an_edit_takes_the_place_of_what_was_known_and_repetition_is_harmless() {
    let first = stored(1, "停水通知", "");
    let mut edit = stored(1, "恢复供水通知", "");
    (edit.sequence, edit.revision) = (3, 1);
    let other = stored(2, "停水多久", "");
    let (_folder, index, mut writer) = filled(&[first.clone(), first.clone(), other, first.clone()]);
    assert_eq!(found(&index, "停水"), [1, 2].into());
    writer.add(&edit).unwrap();
    writer.add(&edit).unwrap();
    writer.add(&first).unwrap();
    writer.commit().unwrap();
    assert_eq!(found(&index, "停水"), [2].into());
    assert_eq!(found(&index, "供水"), [3].into());
    assert_eq!((index.count(), index.committed_sequence()), (2, 3));
}

#[test]
fn what_was_not_committed_is_asked_again_after_a_restart() {
    let posts: Vec<Stored> = (1..=4).map(|number| stored(number, "停水", "")).collect();
    let (folder, index, mut writer) = filled(&posts[..2]);
    writer.add(&posts[2]).unwrap();
    drop((writer, index));
    let index = Index::open_or_create(folder.path(), &SEGMENTER).unwrap();
    assert_eq!(index.committed_sequence(), 2);
    let mut writer = index.writer().unwrap();
    posts.iter().for_each(|post| writer.add(post).unwrap());
    writer.close().unwrap();
    assert_eq!(found(&index, "停水"), [1, 2, 3, 4].into());
}

#[test]
fn a_commit_is_due_a_second_after_the_first_waiting_post() {
    let (_folder, index, mut writer) = filled(&[]);
    let at = |milli: i64| Timestamp::from_millisecond(milli).unwrap();
    assert!(!writer.is_due(at(0)));
    writer.add(&stored(1, "停水", "")).unwrap();
    assert!(!writer.is_due(at(100)));
    assert!(!writer.is_due(at(1000)));
    assert!(writer.is_due(at(1100)));
    writer.commit().unwrap();
    assert!(!writer.is_due(at(5000)));
    writer.add(&stored(2, "停水", "")).unwrap();
    assert!(!writer.is_due(at(5000)));
    assert!(writer.is_due(at(6000)));
    drop(writer);
    assert_eq!(index.count(), 1);
}

#[test]
fn others_read_beside_the_writer_and_a_second_writer_is_refused() {
    let (folder, _index, mut writer) = filled(&[stored(1, "停水", "")]);
    let reader = Index::open(folder.path(), &SEGMENTER).unwrap();
    assert!(matches!(reader.writer(), Err(IndexError::Busy(_))));
    writer.add(&stored(2, "停水", "")).unwrap();
    writer.commit().unwrap();
    assert_eq!(found(&reader, "停水"), [1].into());
    reader.refresh().unwrap();
    assert_eq!(found(&reader, "停水"), [1, 2].into());
    let nowhere = tempfile::tempdir().unwrap();
    assert!(matches!(Index::open(nowhere.path(), &SEGMENTER), Err(IndexError::Missing(_))));
}

#[test]
fn a_new_version_takes_the_old_ones_place_in_one_step() {
    let (folder, index, mut writer) = filled(&[stored(1, "停水", "")]);
    let second_process = Index::open(folder.path(), &SEGMENTER).unwrap();
    let mut fresh = index.rebuild().unwrap();
    assert_eq!(fresh.sequence(), 0);
    fresh.add(&stored(1, "停水", "")).unwrap();
    writer.add(&stored(2, "停水", "")).unwrap();
    writer.commit().unwrap();
    assert_eq!(found(&index, "停水"), [1, 2].into());
    drop(writer);
    fresh.add(&stored(2, "停水", "")).unwrap();
    fresh.add(&stored(3, "停水", "")).unwrap();
    fresh.make_current().unwrap();
    assert_eq!(found(&index, "停水"), [1, 2, 3].into());
    assert_eq!(found(&second_process, "停水"), [1].into());
    second_process.refresh().unwrap();
    assert_eq!(found(&second_process, "停水"), [1, 2, 3].into());
    assert!(!folder.path().join("v1").exists());
    drop(fresh);
    assert_eq!(Index::open_or_create(folder.path(), &SEGMENTER).unwrap().committed_sequence(), 3);
}

#[test]
fn a_damaged_or_half_built_index_is_begun_anew() {
    let damages: [fn(&std::path::Path); 4] = [
        |folder| fs::write(folder.join("v1/meta.json"), "{").unwrap(),
        |folder| fs::remove_dir_all(folder.join("v1")).unwrap(),
        |folder| fs::write(folder.join("current"), "?").unwrap(),
        |folder| {
            let files = fs::read_dir(folder.join("v1")).unwrap().map(|entry| entry.unwrap().path());
            let terms =
                files.filter(|path| path.extension().is_some_and(|it| it == "term")).collect::<Vec<_>>();
            assert!(!terms.is_empty());
            terms.iter().for_each(|path| fs::write(path, "").unwrap());
        },
    ];
    for (number, damage) in damages.into_iter().enumerate() {
        let (folder, index, writer) = filled(&[stored(1, "停水", "")]);
        drop((index, writer));
        damage(folder.path());
        let index = Index::open_or_create(folder.path(), &SEGMENTER).unwrap();
        assert_eq!((index.committed_sequence(), index.count()), (0, 0), "damage {number}");
        let mut writer = index.writer().unwrap();
        writer.add(&stored(1, "停水", "")).unwrap();
        writer.commit().unwrap();
        assert_eq!(found(&index, "停水"), [1].into());
    }
}

#[test]
fn expired_posts_are_found_no_more() {
    let posts: Vec<Stored> = (1..=4).map(|number| stored(number, "停水", "")).collect();
    let (_folder, index, mut writer) = filled(&posts);
    writer.expire(posts[2].post.first_seen).unwrap();
    writer.commit().unwrap();
    assert_eq!(found(&index, "停水"), [3, 4].into());
    assert_eq!(index.committed_sequence(), 4);
}

/// Whether some segment's dictionary or some file holds the words.
fn lies_in_files(folder: &Path, words: &str) -> bool {
    let index = tantivy::Index::open_in_dir(folder.join("v1")).unwrap();
    let searcher = index.reader().unwrap().searcher();
    let in_dictionary = searcher.segment_readers().iter().any(|segment| {
        let names = ["title_words", "text_words", "title_grams", "text_grams"];
        names.iter().any(|name| {
            let inverted = segment.inverted_index(index.schema().get_field(name).unwrap()).unwrap();
            let mut terms = inverted.terms().stream().unwrap();
            std::iter::from_fn(|| terms.next().map(|(term, _)| term.to_vec()))
                .any(|term| std::str::from_utf8(&term).unwrap().contains(words))
        })
    });
    let files: Vec<_> = fs::read_dir(folder.join("v1")).unwrap().map(|entry| entry.unwrap().path()).collect();
    // A segment's files bear its id; those of no segment in use are left over.
    let known: Vec<String> =
        index.searchable_segment_ids().unwrap().iter().map(|id| id.uuid_string()).collect();
    let is_left_over = |path: &&std::path::PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy();
        name.len() > 32 && !known.iter().any(|id| name.starts_with(id.as_str()))
    };
    in_dictionary || files.iter().find(is_left_over).is_some()
}

#[test]
fn of_deleted_posts_no_word_stays_in_any_file() {
    let planted = |number| stored(number, "停水 zqxjvk", "龘靐齉");
    let (folder, index, mut writer) = filled(&[planted(1), planted(2), stored(3, "停水", "")]);
    writer.add(&stored(4, "停水", "")).unwrap();
    writer.commit().unwrap();
    // Somebody has just searched.
    let reader = Index::open(folder.path(), &SEGMENTER).unwrap();
    writer.expire(planted(3).post.first_seen).unwrap();
    writer.commit().unwrap();
    assert_eq!(found(&index, "停水"), [3, 4].into());
    assert!(lies_in_files(folder.path(), "zqxjvk") && lies_in_files(folder.path(), "龘靐"));
    let mut rounds = 0;
    while writer.purge().unwrap() > 0 {
        rounds += 1;
        // Segments are merged by a thread of the index, which a busy machine may let wait.
        assert!(rounds < 10_000_000, "it ends");
        std::thread::yield_now();
    }
    assert!(!lies_in_files(folder.path(), "zqxjvk") && !lies_in_files(folder.path(), "龘靐"));
    assert_eq!((found(&index, "停水"), index.count()), ([3, 4].into(), 2));
    drop(reader);
}

#[test]
fn filters_ask_about_the_post() {
    let posts: Vec<Stored> = (1..=12)
        .map(|number| stored(number, if number % 2 == 0 { "返乡要核酸吗" } else { "停水了" }, ""))
        .collect();
    let (_folder, index, _writer) = filled(&posts);
    let concerns = [concern(&["返乡"], &[], Scope::All)];
    let levels = [("返乡".to_owned(), Level::Orange)];
    let sources = [("weibo-hot".to_owned(), "微博热搜".to_owned())];
    let context = Context { levels: &levels, sources: &sources, ..context(&concerns) };
    let cases: [(&str, &[u64]); 9] = [
        ("信源:知乎", &[3, 6, 9, 12]),
        ("信源:zhihu 停水", &[3, 9]),
        ("信源:微博热搜 返乡", &[2, 4, 8, 10]),
        ("-信源:微博,知乎", &[]),
        ("关切:返乡政策", &[2, 4, 6, 8, 10, 12]),
        ("-关切:返乡 信源:知乎", &[3, 9]),
        ("级别:橙 信源:知乎", &[6, 12]),
        ("级别:红", &[]),
        ("时间:2021-01-20T07:50..2021-01-20T07:52", &[4, 5]),
    ];
    for (query, expected) in cases {
        assert_eq!(found_in(&index, query, &context), expected.iter().copied().collect(), "{query}");
    }
    let groups = ["论坛".to_owned()];
    let context = Context { groups: &groups, ..context };
    let query = Query::parse("返乡 关切:无,返乡 信源:微博热搜,论坛,zhihu,没有 -信源:无").unwrap();
    let unknown = index.unknown_names(&query, &context).unwrap();
    let named: Vec<(usize, &What)> =
        unknown.iter().map(|problem| (problem.position, &problem.what)).collect();
    let (concern, source) =
        (What::UnknownConcern("无".to_owned()), |name: &str| What::UnknownSource(name.to_owned()));
    assert_eq!(named, [(3, &concern), (11, &source("没有")), (32, &source("无"))]);
    let known = query.without(&unknown).echo(Language::Chinese);
    assert_eq!(known, "返乡 且 关切为 返乡 且 信源为 微博热搜、论坛、zhihu");
    let gov = Options { publishers: vec![Publisher::Gov], ..Options::default() };
    assert_eq!(index.search(&Query::everything(), &context, &gov).unwrap().total, 2);
}

#[test]
fn results_are_counted_folded_sorted_and_paged() {
    let mut posts: Vec<Stored> = (1..=10).map(|number| stored(number, "停水通知", "全市今天")).collect();
    for post in &mut posts {
        post.voice = Voice(if post.sequence <= 6 { 1 } else { post.sequence });
    }
    posts.push(stored(11, "全市停水停水停水", "停水"));
    let (_folder, index, _writer) = filled(&posts);
    let query = Query::parse("停水").unwrap();
    let search = |options: Options| index.search(&query, &context(&[]), &options).unwrap();
    let sequences = |results: &Results| results.hits.iter().map(|hit| hit.sequence).collect::<Vec<_>>();

    let relevant = search(Options::default());
    assert_eq!((relevant.total, relevant.groups), (11, 6));
    assert_eq!(sequences(&relevant)[0], 11);
    let copies = search(Options { sort: Sort::Copies, ..Options::default() });
    assert_eq!(sequences(&copies), [6, 11, 10, 9, 8, 7]);
    assert_eq!(copies.hits[0].similar, 6);
    let page = search(Options { sort: Sort::Time, limit: 2, offset: 1, ..Options::default() });
    assert_eq!(sequences(&page), [10, 9]);
    let unfolded = search(Options { sort: Sort::Time, fold: false, ..Options::default() });
    assert_eq!(unfolded.hits.len(), 11);
    assert_eq!(unfolded.by_group, [("微博".to_owned(), 8), ("知乎".to_owned(), 3)]);
    assert_eq!(unfolded.histogram.iter().map(|bar| bar.posts).sum::<u32>(), 11);
    assert_eq!(unfolded.step_seconds, 600);
    let nothing = index.search(&Query::parse("没有").unwrap(), &context(&[]), &Options::default()).unwrap();
    assert_eq!(nothing, Results { as_of: nothing.as_of, ..Results::default() });
}

#[test]
fn bars_begin_at_local_midnight() {
    let mut posts: Vec<Stored> = (1..=2).map(|number| stored(number, "停水", "")).collect();
    posts[1].post.time = Timestamp::from_second(START + 40 * 86_400).unwrap();
    let (_folder, index, _writer) = filled(&posts);
    let results = index.search(&Query::parse("停水").unwrap(), &context(&[]), &Options::default()).unwrap();
    assert_eq!((results.step_seconds, results.histogram.len()), (86_400, 41));
    assert_eq!(results.histogram[0].start.to_string(), "2021-01-19T16:00:00Z");
}
