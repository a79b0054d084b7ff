//! Pages of what was found, whatever the order, and its posts by concern.

use super::*;

/// Posts in several segments: many of one second, copies near and far, some edited.
pub(super) fn crowd() -> (TempDir, Index, IndexWriter) {
    let (folder, index, mut writer) = filled(&[]);
    for number in 1..=600 {
        let mut post = stored(number, "停水通知", &"停水 ".repeat(number as usize % 5));
        post.post.time = Timestamp::from_second(START + (number as i64 * 7919 % 150) * 60).unwrap();
        post.voice = Voice(number * number % 211);
        writer.add(&post).unwrap();
        if number % 90 == 0 {
            writer.commit().unwrap();
        }
    }
    for number in [5, 300] {
        let edit = stored(number, "停水通知", "改");
        writer.add(&Stored { sequence: 600 + number, revision: 1, ..edit }).unwrap();
    }
    writer.commit().unwrap();
    (folder, index, writer)
}

#[test]
fn pages_put_together_are_everything_in_order() {
    let (_folder, index, _writer) = crowd();
    let query = Query::parse("停水").unwrap();
    let search = |options: Options| index.search(&query, &context(&[]), &options).unwrap();
    for (sort, fold) in
        [Sort::Time, Sort::Relevance, Sort::Copies].into_iter().flat_map(|sort| [(sort, true), (sort, false)])
    {
        let all = search(Options { sort, fold, limit: usize::MAX, ..Options::default() });
        let shown = if fold { all.groups } else { all.total };
        assert_eq!((all.total, all.hits.len()), (600, shown), "{sort:?} {fold}");
        let rank = |hit: &Hit| {
            let rank = match sort {
                Sort::Time => 0_u32,
                Sort::Relevance => hit.score.to_bits(),
                Sort::Copies => hit.similar,
            };
            (rank, hit.time, hit.sequence)
        };
        assert!(all.hits.is_sorted_by(|a, b| rank(a) > rank(b)), "{sort:?} {fold}");
        let page =
            |offset: usize| search(Options { sort, fold, limit: 7, offset, ..Options::default() }).hits;
        let pages: Vec<Hit> = (0..shown).step_by(7).flat_map(page).collect();
        assert_eq!(pages, all.hits, "{sort:?} {fold}");
        assert!(page(shown).is_empty());
    }
    let folded = search(Options { sort: Sort::Time, limit: usize::MAX, ..Options::default() });
    let plain = search(Options { sort: Sort::Time, fold: false, limit: usize::MAX, ..Options::default() });
    let newest = |voice| plain.hits.iter().find(|hit| hit.voice == voice).map(|hit| hit.sequence);
    assert!(
        folded.hits.iter().all(|hit| newest(hit.voice) == Some(hit.sequence)),
        "the newest of each group"
    );
}

#[test]
fn posts_found_are_counted_by_concern() {
    let posts = titles();
    let (_folder, index, mut writer) = filled(&posts[..1500]);
    posts[1500..].iter().for_each(|post| writer.add(post).unwrap());
    writer.commit().unwrap();
    let options = Options { by_concern: true, ..Options::default() };
    let check = |index: &Index, posts: &[Stored], concerns: &[Concern]| {
        for words in ["北京", "返乡", "的", "没有这样的词"] {
            let results = index.search(&Query::parse(words).unwrap(), &context(concerns), &options).unwrap();
            let of = |concern: &Concern| {
                let matcher = Matcher::new(concern);
                let found = posts.iter().filter(|it| Text::of(&it.post).title.contains(words));
                found.filter(|it| matcher.matches(&Text::of(&it.post))).count() as u32
            };
            let matchers: Vec<Matcher> = concerns.iter().map(Matcher::new).collect();
            let found = posts.iter().map(|it| Text::of(&it.post)).filter(|text| text.title.contains(words));
            let unassigned = found.filter(|text| !matchers.iter().any(|it| it.matches(text))).count() as u32;
            let counted = ByConcern { posts: concerns.iter().map(of).collect(), unassigned };
            assert_eq!(results.by_concern, Some(counted), "{words}");
            // Whoever wants nothing else gets the same.
            let alone = |options: &Options| {
                index.counts(&Query::parse(words).unwrap(), &context(concerns), options).unwrap()
            };
            assert_eq!(alone(&options), Counted { by_concern: results.by_concern, by_group: Vec::new() });
            let groups = Counted { by_concern: None, by_group: results.by_group };
            assert_eq!(alone(&Options::default()), groups, "{words}");
            // Whoever asks for them gets as many.
            let query = Query::parse(&format!("{words} 关切:未归入关切")).unwrap();
            assert_eq!(index.unknown_names(&query, &context(concerns)).unwrap(), []);
            assert_eq!(
                index.search(&query, &context(concerns), &options).unwrap().total,
                unassigned as usize
            );
        }
    };
    let concerns = [
        concern(&["返乡", "核酸 检测", "北京"], &["疫情"], Scope::All),
        concern(&["的", "了"], &[], Scope::Title),
        concern(&["无此词语"], &[], Scope::All),
    ];
    check(&index, &posts, &concerns);
    check(&index, &posts, &concerns);
    // Others are counted anew, and what is gone counts no more.
    check(&index, &posts, &concerns[1..]);
    writer.expire(posts[700].post.first_seen).unwrap();
    writer.commit().unwrap();
    check(&index, &posts[700..], &concerns[1..]);
    let unasked = index.search(&Query::everything(), &context(&concerns), &Options::default()).unwrap();
    assert_eq!(unasked.by_concern, None);
}
