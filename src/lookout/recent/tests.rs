use analyzer::concern::Concern;
use crawler::mask::Masks;
use crawler::post::{Draft, IdKey, Post, Voice};
use jiff::SignedDuration;

use super::*;

fn at(minutes: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_mins(28_000_000 + minutes)
}

fn published(by: Publisher, number: u32, minutes: i64, text: &str) -> Post {
    let draft = Draft {
        source: "forum",
        group: "论坛",
        publisher: by,
        guid: Some(&number.to_string()),
        address: None,
        time: at(minutes),
        first_seen: at(minutes),
        title: "",
        text,
        rank: None,
        heat: None,
        claimed: None,
    };
    draft.finish(&IdKey::fixed([7; 32]), Masks::default())
}

fn post(number: u32, minutes: i64, text: &str) -> Post {
    published(Publisher::Individual, number, minutes, text)
}

fn concern(word: &str) -> Concern {
    Concern { id: word.to_owned(), ..Concern::of_words(vec![word.to_owned()]) }
}

fn store(archive: &Archive, posts: &[Post]) -> Vec<Stored> {
    archive.append(posts, &mut |_| Voice(1)).unwrap().stored
}

fn texts(archive: &Archive, sequences: &[u64]) -> Vec<String> {
    let posts = archive.numbered(sequences).unwrap();
    posts.into_iter().map(|stored| stored.post.text).collect()
}

#[test]
fn what_was_read_before_and_what_came_since_is_what_a_fresh_look_finds() {
    let folder = tempfile::tempdir().unwrap();
    let archive = Archive::open(folder.path()).unwrap();
    let matchers = Arc::new(Matchers::new(&[concern("停水"), concern("停电")]));
    let mut recent = Recent::default();
    let mut found = |(concern, from, to): (usize, i64, i64), matchers: &Arc<Matchers>| {
        let mut fresh = Recent::default();
        let samples = [&mut recent, &mut fresh].map(|recent| {
            recent.know(&archive, matchers, at(from)).unwrap();
            recent.sample(concern, (at(from), at(to)), 100)
        });
        assert_eq!(samples[0], samples[1]);
        texts(&archive, &samples[0].sequences)
    };
    store(&archive, &[post(1, 0, "停水一"), post(2, 50, "停水二"), post(3, 55, "停电"), post(4, 56, "下雨")]);
    store(&archive, &[post(5, 20, "停电早")]);
    assert_eq!(found((0, 10, 60), &matchers), ["停水二"]);
    // One that comes late, one after the end, an edit.
    store(&archive, &[post(6, 40, "停水晚"), post(7, 65, "停水三"), post(2, 50, "停水二改")]);
    assert_eq!(found((0, 10, 60), &matchers), ["停水晚", "停水二"]);
    assert_eq!(found((1, 20, 70), &matchers), ["停电早", "停电"]);
    assert_eq!(found((0, 0, 70), &matchers).len(), 4, "an earlier time is read anew");
    let others = Arc::new(Matchers::new(&[concern("下雨")]));
    assert_eq!(found((0, 10, 70), &others), ["下雨"]);
}

#[test]
fn what_is_observed_is_not_read_and_what_was_missed_is() {
    let folder = tempfile::tempdir().unwrap();
    let archive = Archive::open(folder.path()).unwrap();
    let matchers = Arc::new(Matchers::new(&[concern("停水"), concern("停电")]));
    let mut recent = Recent::default();
    recent.know(&archive, &matchers, at(0)).unwrap();
    let stored = store(&archive, &[post(1, 1, "停水一"), post(2, 2, "停水二"), post(3, 3, "停水又停电")]);
    let observe = |recent: &mut Recent, stored: &Stored| {
        recent.observe(stored, &matchers, &matchers.matching(&Text::of(&stored.post)));
    };
    observe(&mut recent, &stored[0]);
    observe(&mut recent, &stored[2]);
    let span = (at(0), at(9));
    assert_eq!(texts(&archive, &recent.sample(0, span, 9).sequences), ["停水一"]);
    recent.know(&archive, &matchers, at(0)).unwrap();
    assert_eq!(texts(&archive, &recent.sample(0, span, 9).sequences), ["停水一", "停水二", "停水又停电"]);
    assert_eq!(recent.concerns(span).collect::<Vec<_>>(), [&[0][..], &[0], &[0, 1]]);
    assert_eq!(recent.first(1, span), Some(at(3)));
    assert_eq!(recent.first(0, (at(2), at(9))), Some(at(2)));
}

#[test]
fn of_many_posts_a_part_is_read_and_the_same_part_later() {
    let folder = tempfile::tempdir().unwrap();
    let archive = Archive::open(folder.path()).unwrap();
    let matchers = Arc::new(Matchers::new(&[concern("停水")]));
    let mut recent = Recent::default();
    let posts: Vec<Post> = (0..400).map(|number| post(number, i64::from(number), "停水")).collect();
    store(&archive, &posts);
    recent.know(&archive, &matchers, at(0)).unwrap();
    let sample = |from, to| recent.sample(0, (at(from), at(to)), 60);
    let all = sample(0, 400);
    assert_eq!(all.one_of, 8);
    assert!((40..=60).contains(&all.sequences.len()), "{}", all.sequences.len());
    assert_eq!(sample(0, 60), Sample { sequences: (1..=60).collect(), one_of: 1 });
    let later = sample(10, 400);
    assert!(later.sequences.iter().all(|sequence| all.sequences.contains(sequence)));
}

/// Of a simple random sample the share of a kind errs by the square root of p(1 − p)/n (standard error).
#[test]
fn the_part_that_is_read_errs_no_more_than_a_random_one() {
    let matchers = Arc::new(Matchers::new(&[concern("停水")]));
    let mut recent = Recent { matchers: Some(Arc::clone(&matchers)), from: at(0), ..Recent::default() };
    let stored = Stored { sequence: 0, revision: 0, voice: Voice(1), post: post(1, 1, "停水") };
    for number in 1..=100_000 {
        recent.observe(&Stored { sequence: number, ..stored.clone() }, &matchers, &[0]);
    }
    let mut worst: f64 = 0.0;
    for end in (5_000..=100_000).step_by(5_000) {
        recent
            .places
            .iter_mut()
            .zip(1..)
            .for_each(|(place, number)| place.time = at(if number <= end { 1 } else { 9 }).as_millisecond());
        let sample = recent.sample(0, (at(0), at(5)), 2_000);
        let read = sample.sequences.len();
        assert!((900..=2_000).contains(&read) && sample.one_of > 1, "{read} of {end}");
        // Kinds that come in turn, in runs, and by chance.
        let kinds: [&dyn Fn(u64) -> bool; 4] = [
            &|number| number % 2 == 0,
            &|number| number % 10 < 3,
            &|number| number / 1_000 % 2 == 0,
            &|number| number.wrapping_mul(0x5851_F42D_4C95_7F2D) >> 33 & 3 == 0,
        ];
        for is_one in kinds {
            let share = (1..=end).filter(|number| is_one(*number)).count() as f64 / end as f64;
            let found =
                sample.sequences.iter().filter(|number| is_one(**number)).count() as f64 / read as f64;
            let error = (share * (1.0 - share) / read as f64).sqrt();
            worst = worst.max((found - share).abs() / error);
        }
    }
    assert!(worst < 3.0, "{worst} standard errors");
}

#[test]
fn an_official_text_of_before_that_comes_late_is_known() {
    let folder = tempfile::tempdir().unwrap();
    let archive = Archive::open(folder.path()).unwrap();
    let matchers = Arc::new(Matchers::new(&[concern("停水")]));
    let mut recent = Recent::default();
    store(&archive, &[published(Publisher::Gov, 1, -40, "停水说明一"), post(2, 50, "停水二")]);
    recent.know(&archive, &matchers, at(0)).unwrap();
    recent.know_public(&archive, at(-90)).unwrap();
    store(&archive, &[published(Publisher::Gov, 3, -60, "停水说明零"), post(4, -50, "停水早")]);
    recent.know(&archive, &matchers, at(0)).unwrap();
    let public = recent.public(0, (at(-90), at(60)), 9);
    assert_eq!(texts(&archive, &public), ["停水说明零", "停水说明一"]);
}

#[test]
fn statements_are_known_from_before_the_day() {
    let folder = tempfile::tempdir().unwrap();
    let archive = Archive::open(folder.path()).unwrap();
    let matchers = Arc::new(Matchers::new(&[concern("停水")]));
    let mut recent = Recent::default();
    let office = |number, minutes| published(Publisher::Gov, number, minutes, &format!("停水说明{number}"));
    store(&archive, &[office(1, 0), post(2, 5, "停水"), office(3, 10), office(4, 50), office(5, 70)]);
    recent.know(&archive, &matchers, at(40)).unwrap();
    let public = |recent: &Recent, most| texts(&archive, &recent.public(0, (at(0), at(90)), most));
    assert_eq!(public(&recent, 9), ["停水说明4", "停水说明5"]);
    recent.know_public(&archive, at(5)).unwrap();
    recent.know_public(&archive, at(0)).unwrap();
    assert_eq!(public(&recent, 9), ["停水说明1", "停水说明3", "停水说明4", "停水说明5"]);
    assert_eq!(public(&recent, 2), ["停水说明1", "停水说明5"], "the first and the newest");
}
