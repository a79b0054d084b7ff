//! Pages of one answer fit together although posts come in between.

use super::paging::crowd;
use super::*;

const NOW: i64 = START + 86_400;

/// What stands on a page of a hit.
fn seen(hits: &[Hit]) -> Vec<(PostId, Timestamp, u32, u32)> {
    hits.iter().map(|hit| (hit.id, hit.time, hit.similar, hit.score.to_bits())).collect()
}

/// What comes in meanwhile: said to be published long ago or just now, copies of what is known, and others.
fn more(writer: &mut IndexWriter, count: u64) {
    let begin = writer.sequence() + 1;
    for sequence in begin..begin + count {
        let mut post = stored(sequence, "停水通知", &"停水 ".repeat(sequence as usize % 7));
        post.post.time = Timestamp::from_second(NOW - (sequence as i64 * 104_729 % 1_500) * 60).unwrap();
        post.voice = Voice(sequence * sequence % 223);
        writer.add(&post).unwrap();
    }
    writer.commit().unwrap();
}

/// The post of that number comes again with other words.
fn edit(writer: &mut IndexWriter, number: u64, text: &str) {
    let mut post = stored(number, "停水通知", text);
    post.post.time = Timestamp::from_second(START + (number as i64 * 7919 % 150) * 60).unwrap();
    post.voice = Voice(number * number % 211);
    writer.add(&Stored { sequence: writer.sequence() + 1, revision: 1, ..post }).unwrap();
    writer.commit().unwrap();
}

#[test]
fn what_comes_in_between_changes_no_page_of_an_answer() {
    for (sort, fold) in
        [Sort::Time, Sort::Relevance, Sort::Copies].into_iter().flat_map(|sort| [(sort, true), (sort, false)])
    {
        let (_folder, index, mut writer) = crowd();
        let query = Query::parse("停水 时间:5小时").unwrap();
        let search = |now: i64, options: Options| {
            let context = Context { now: Timestamp::from_second(now).unwrap(), ..context(&[]) };
            index.search(&query, &context, &Options { sort, fold, ..options }).unwrap()
        };
        let begin = START + 6 * 3600;
        let all = search(begin, Options { limit: usize::MAX, ..Options::default() });
        assert!(all.total < 600 && all.hits.len() > 80 && all.next.is_none(), "{}", all.hits.len());
        let as_of = Some(all.as_of);

        // By offsets, as the page does, an hour later; and each page behind the last hit of the page before.
        let (mut by_offset, mut behind, mut after) = (Vec::new(), Vec::new(), None);
        for offset in (0..all.hits.len()).step_by(40) {
            more(&mut writer, 40);
            let page = search(begin + 3600, Options { as_of, offset, limit: 40, ..Options::default() });
            by_offset.extend(page.hits);
            let page = search(begin + 3600, Options { as_of, after, limit: 40, ..Options::default() });
            assert_eq!((page.total, page.groups), (all.total, all.groups), "{sort:?} {fold}");
            assert_eq!((&page.histogram, page.as_of), (&all.histogram, all.as_of), "{sort:?} {fold}");
            behind.extend(page.hits);
            after = page.next;
        }
        assert_eq!(after, None, "the last page says so");
        assert_eq!(seen(&by_offset), seen(&all.hits), "{sort:?} {fold}");
        assert_eq!(seen(&behind), seen(&all.hits), "{sort:?} {fold}");
        let now = search(begin, Options { limit: usize::MAX, ..Options::default() });
        assert!(now.total > all.total, "else nothing is proved");
        writer.close().unwrap();
    }
}

#[test]
fn an_edit_in_between_neither_hides_nor_repeats_others() {
    let (_folder, index, mut writer) = crowd();
    let query = Query::parse("停水").unwrap();
    let search = |options: Options| {
        index.search(&query, &context(&[]), &Options { sort: Sort::Time, fold: false, ..options }).unwrap()
    };
    let all = search(Options { limit: usize::MAX, ..Options::default() });
    let as_of = Some(all.as_of);
    let first = search(Options { as_of, limit: 100, ..Options::default() });
    let number = |hit: &Hit| u64::from_be_bytes(hit.id.as_bytes()[..8].try_into().unwrap());
    // One that was shown, one that was not: both are still found, with their new words.
    edit(&mut writer, number(&first.hits[50]), "停水 改");
    edit(&mut writer, number(&all.hits[300]), "停水 也改");
    more(&mut writer, 30);
    let rest = search(Options { as_of, after: first.next, limit: usize::MAX, ..Options::default() });
    assert_eq!(rest.total, all.total);
    let mut ids: Vec<PostId> = first.hits.iter().chain(&rest.hits).map(|hit| hit.id).collect();
    assert_eq!(ids.len(), all.hits.len());
    let mut known: Vec<PostId> = all.hits.iter().map(|hit| hit.id).collect();
    ids.sort();
    known.sort();
    assert_eq!(ids, known);
    // One whose new words are about something else is found no more.
    edit(&mut writer, number(&all.hits[400]), "停水 改");
    let gone = stored(number(&all.hits[400]), "通水", "");
    writer.add(&Stored { sequence: writer.sequence() + 1, revision: 2, ..gone }).unwrap();
    writer.commit().unwrap();
    assert_eq!(search(Options { as_of, ..Options::default() }).total, all.total - 1);
}

#[test]
fn the_members_of_a_group_are_as_many_as_it_says() {
    let (_folder, index, mut writer) = crowd();
    let query = Query::parse("停水").unwrap();
    let search = |options: Options| index.search(&query, &context(&[]), &options).unwrap();
    let groups = search(Options { sort: Sort::Copies, ..Options::default() });
    let group = &groups.hits[0];
    assert!(group.similar > 3);
    more(&mut writer, 500);
    let as_of = Some(groups.as_of);
    let voice = Some(group.voice);
    let members = search(Options { as_of, voice, fold: false, limit: 1000, ..Options::default() });
    assert_eq!(members.total, group.similar as usize);
    assert!(members.hits.len() == members.total && members.hits.iter().all(|hit| hit.voice == group.voice));
    assert_eq!(members.by_group.iter().map(|(_, posts)| posts).sum::<u32>(), group.similar);
}

#[test]
fn rare_words_count_more_than_usual_ones_however_often_they_stand_in_the_index() {
    let mut posts: Vec<Stored> = (1..=60).map(|number| stored(number, "弹窗问题", "")).collect();
    posts.push(stored(61, "北京问题", ""));
    let (_folder, index, _writer) = filled(&posts);
    let all = Options { limit: 100, ..Options::default() };
    let results = index.search(&Query::parse("北京|弹窗").unwrap(), &context(&[]), &all).unwrap();
    assert_eq!(results.hits.last().map(|hit| hit.sequence), Some(61));
    assert!(SEGMENTER.frequency("的") > SEGMENTER.frequency("北京"));
    assert!(SEGMENTER.frequency("北京") > 100 * SEGMENTER.frequency("弹窗"));
    assert_eq!(SEGMENTER.frequency(""), 1);
}
