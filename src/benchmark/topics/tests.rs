//! The judge and the rivals on streams of a few posts, with exact figures.

use std::collections::BTreeSet;

use analyzer::topics::{Candidate, Pair, Word};

use super::judge::{Alert, WARM_UP};
use super::stream::{About, Said};
use super::*;

/// Minute at which alerts begin to count.
const BEGIN: f64 = WARM_UP as f64 * 1_440.0;

fn words(text: &str) -> Vec<Word> {
    text.split(' ').map(Word::of).collect()
}

fn pair(text: &str) -> Pair {
    let words = words(text);
    Pair::of(words[0], words[words.len() - 1])
}

fn said(minute: f64, about: About, voice: u64, text: &str) -> Said {
    Said { minute, about, voice, words: words(text) }
}

/// `count` posts, one a minute, each another text.
fn told(minute: f64, about: About, count: u64, text: &str) -> Vec<Said> {
    let voice = (minute as u64) << 16;
    (0..count).map(|nth| said(minute + nth as f64, about, voice + nth, text)).collect()
}

/// A new story of common words, one that began while nothing counted, another new one, spam, and the chatter
/// that makes words common.
fn four_days() -> Stream {
    let mut posts = told(100.0, About::Chatter, 15, "小区 停水");
    posts.extend(told(BEGIN + 60.0, About::Story(0), 20, "小区 停水"));
    posts.extend(told(BEGIN - 60.0, About::Story(1), 30, "考研 成绩"));
    posts.extend(told(BEGIN + 300.0, About::Story(1), 30, "考研 成绩"));
    posts.extend(told(BEGIN + 120.0, About::Story(2), 60, "青岚 爆炸"));
    posts.extend(told(BEGIN + 500.0, About::Spam, 5, "点击 领取"));
    let stories = ["小区 停水", "考研 成绩", "青岚 爆炸"].map(|text| words(text).into_iter().collect());
    Stream::by_hand(posts, stories.into(), 4)
}

fn numbers(stream: &Stream, about: About) -> Vec<u64> {
    (0..).zip(&stream.posts).filter(|(_, post)| post.about == about).map(|(number, _)| number).collect()
}

#[test]
fn alerts_are_right_again_or_wrong_and_late_by_the_end_of_their_bucket() {
    let stream = four_days();
    let posts = Posts::of(&stream);
    let of = |bucket, about| Alert::of(&posts, bucket, &numbers(&stream, about));
    assert!(of(431, About::Story(0)).is_none());
    let alerts: Vec<Alert> =
        [of(441, About::Story(0)), of(450, About::Story(0)), of(470, About::Story(1)), of(490, About::Spam)]
            .into_iter()
            .flatten()
            .collect();
    let figures = Truth::of(&posts).judge(&alerts);
    assert_eq!((figures.alerts_a_day, figures.precision), (4.0, 0.5));
    assert_eq!((figures.duplicates, figures.spam), (0.25, 0.25));
    assert_eq!((figures.stories, figures.recall), ([2, 1, 0], [0.5, 0.0, 0.0]));
    // One of two was missed, so the upper median is infinite.
    assert_eq!(figures.delay_median_min, None);
    assert_eq!((figures.common_stories, figures.common_recall), (1, 1.0));
    let both: Vec<Alert> =
        [of(441, About::Story(0)), of(452, About::Story(2))].into_iter().flatten().collect();
    // Bucket 441 ends 40 minutes after the one began, bucket 452 ends 90 after the other.
    assert_eq!(Truth::of(&posts).judge(&both).delay_median_min, Some(90.0));
}

#[test]
fn in_a_larger_stream_a_story_is_small_with_as_many_posts_more() {
    let mut stream = four_days();
    stream.size.posts_a_day *= 3;
    let figures = Truth::of(&Posts::of(&stream)).judge(&[]);
    assert_eq!((figures.sizes, figures.stories), ([60, 150, 300], [1, 0, 0]));
    stream.size.posts_a_day = 100;
    assert_eq!(Truth::of(&Posts::of(&stream)).judge(&[]).sizes, [20, 50, 100]);
}

#[test]
fn an_alert_names_what_half_of_its_posts_are_about() {
    let stream = four_days();
    let posts = Posts::of(&stream);
    let mixed = |own: usize, others: usize| {
        let own = numbers(&stream, About::Story(0)).into_iter().take(own);
        let said: Vec<u64> = own.chain(numbers(&stream, About::Spam).into_iter().take(others)).collect();
        let alerts: Vec<Alert> = Alert::of(&posts, 441, &said).into_iter().collect();
        Truth::of(&posts).judge(&alerts).precision
    };
    assert_eq!((mixed(3, 2), mixed(2, 3)), (1.0, 0.0));
}

#[test]
fn a_pair_over_the_threshold_is_told_once_and_only_with_three_texts() {
    let stream = four_days();
    let posts = Posts::of(&stream);
    let scored = |bucket: usize, text: &str, score: f64, scores: &mut Vec<Vec<Candidate>>| {
        scores[bucket].push(Candidate::of(pair(text), score));
    };
    let mut scores = vec![Vec::new(); posts.buckets()];
    scored(438, "小区 停水", 5.0, &mut scores);
    scored(439, "小区 停水", 6.0, &mut scores);
    scored(445, "青岚 爆炸", 2.0, &mut scores);
    let scores = Found::Pairs(scores);
    assert_eq!(alerts(&posts, &scores, 5.0).len(), 1);
    assert_eq!(alerts(&posts, &scores, 2.0).len(), 2);
    let limit = threshold(&posts, &scores, 1.0);
    assert!(limit > 2.0 && alerts(&posts, &scores, limit).len() <= 1, "{limit}");
    // Two texts only.
    let mut few = four_days();
    few.posts.retain(|post| post.about != About::Story(0) || post.minute < BEGIN + 62.0);
    assert_eq!(alerts(&Posts::of(&few), &scores, 5.0).len(), 0);
}

/// The first day of the one pair that is said: three posts in the first ten minutes, one half an hour later.
fn scores_of(rule: Rule, items: Items) -> Vec<Vec<Candidate>> {
    let mut posts = told(1.0, About::Chatter, 3, "停水 小区");
    posts.push(said(31.0, About::Chatter, 99, "停水 小区"));
    // The third of three copies counts nothing.
    posts.extend((0..3).map(|nth| said(61.0 + f64::from(nth), About::Chatter, 1_000, "停水 小区")));
    let stream = Stream::by_hand(posts, Vec::new(), 1);
    rival::scores(Rival { name: "", rule, items }, &Posts::of(&stream))
}

fn first(scores: &[Vec<Candidate>], bucket: usize) -> f64 {
    scores[bucket].first().map_or(0.0, |candidate| candidate.score)
}

#[test]
fn a_plain_count_is_the_posts_of_half_an_hour_without_copies() {
    let scores = scores_of(Rule::Count, Items::Pairs);
    let counts: Vec<f64> = (0..10).map(|bucket| first(&scores, bucket)).collect();
    assert_eq!(counts, [3.0, 3.0, 3.0, 1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 0.0]);
    let items = |items| scores_of(Rule::Count, items)[0].iter().map(|one| one.pair).collect::<BTreeSet<_>>();
    assert_eq!(items(Items::Pairs), BTreeSet::from([pair("停水 小区")]));
    assert_eq!(items(Items::Words), BTreeSet::from([pair("停水"), pair("小区")]));
    assert_eq!(items(Items::Both).len(), 3);
}

#[test]
fn signi_trend_measures_in_deviations_over_the_bias() {
    let rule = Rule::SigniTrend { half_life: 1.0, bias: 1.0, of_shares: false };
    let scores = scores_of(rule, Items::Pairs);
    // (3 − 1) ÷ (0 + 1), then mean 1.5 and variance 2.25: (3 − 1.5) ÷ (1.5 + 1).
    assert_eq!((first(&scores, 0), first(&scores, 1)), (2.0, 0.6));
}

#[test]
fn bngram_and_kleinberg_ask_how_much_was_said_before() {
    let bngram = scores_of(Rule::Bngram { history: 288 }, Items::Pairs);
    assert_eq!(first(&bngram, 0), 4.0);
    // Two posts now, but four were said before.
    assert!(first(&bngram, 6) < 3.0, "{}", first(&bngram, 6));
    let kleinberg = scores_of(Rule::Kleinberg { times: 4.0 }, Items::Pairs);
    assert!((0..10).all(|bucket| (0.0..=60.0).contains(&first(&kleinberg, bucket))));
    assert!(first(&kleinberg, 0) > 0.0);
}
