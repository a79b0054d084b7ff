mod pairs;

use std::collections::BTreeSet;

use crawler::post::{PostId, Publisher};

use super::*;
use crate::hash;

fn post(number: u8, hour: i64, title: &str, text: &str) -> Post {
    let time = Timestamp::from_second(1_611_000_000 + hour * 3600).unwrap();
    Post {
        id: PostId::from_bytes(&[number; 16]).unwrap(),
        source: "weibo".into(),
        group: "微博".into(),
        publisher: Publisher::Individual,
        time,
        first_seen: time,
        title: title.into(),
        text: text.into(),
        address: None,
        rank: None,
        heat: None,
        claimed: None,
    }
}

fn joined(one: &str, other: &str) -> bool {
    let mut duplicates = Duplicates::new(1 << 20);
    duplicates.assign(&post(1, 0, "", one)) == duplicates.assign(&post(2, 1, "", other))
}

const LONG_TEXT: &str = "昨天晚上开始我们小区就不让外卖进门了，保安说是街道通知的，可是街道电话打过去又说没有这个规定，\
    到底应该听谁的？家里有老人需要送药，希望能有个明确的说法，不要让大家跑来跑去。";

#[test]
fn what_is_one_voice() {
    let cases = [
        ("返乡需7天核酸", "返乡需７天核酸！！", true),
        ("返乡需7天核酸", "【返鄉】需7天核酸😡😡", true),
        ("什么时候公布数据", "什么时候公布数据啊？？？ https://t.cn/A6xYz", true),
        ("什么时候公布数据", "@用户 什么时候公布数据 @某某_12:", true),
        ("返乡隔离14天", "返乡隔离7天", false),
        ("返乡隔离14天", "返乡人员要隔离14天", false),
        ("明天停课吗", "明天复课吗", false),
        ("北京昨日新增1例确诊", "南京昨日新增1例确诊", false),
        (
            "31省区市新增12例本土确诊病例，其中河北11例，北京1例",
            "31省区市新增15例本土确诊病例，其中河北14例，北京1例",
            false,
        ),
        (
            "31省区市昨日新增12例本土确诊病例，其中河北11例，北京1例，上海没有",
            "31省区市昨日新增13例本土确诊病例，其中河北11例，北京1例，上海没有",
            false,
        ),
        ("😡😡😡", "😡😡😡", true),
        ("😡😡😡", "👍", false),
        ("", "", false),
        (
            LONG_TEXT,
            "转：昨天晚上开始我们小区就不让外卖进门了,保安说是街道通知的,可是街道电话打过去又说没有这规定，\
            到底应该听谁的？家里有老人需要送药，希望能有个明确的说法，不要让大家跑来跑去。#小区封闭管理#",
            true,
        ),
        (
            LONG_TEXT,
            "我们小区今天起外卖也不让进了，物业说接到街道通知，打电话问街道却说没有规定，\
            老人要吃的药送不进来，能不能给个准话，别让人两头跑。",
            false,
        ),
    ];
    for (one, other, expected) in cases {
        assert_eq!(joined(one, other), expected, "{one} / {other}");
        assert_eq!(joined(other, one), expected, "{other} / {one}");
    }
}

#[test]
fn a_hot_lists_title_alone_is_its_voice() {
    let mut duplicates = Duplicates::new(1 << 20);
    let listed = |number, title| Post { publisher: Publisher::Platform, ..post(number, 0, title, LONG_TEXT) };
    let first = duplicates.assign(&listed(1, "如何看待小区不让外卖进门？"));
    assert_ne!(duplicates.assign(&listed(2, "小区封闭管理应该听谁的？")), first);
    assert_eq!(duplicates.assign(&listed(3, "如何看待小区不让外卖进门")), first);
}

#[test]
fn a_group_slides_with_its_copies_and_ends_after_72_hours_of_silence() {
    let mut duplicates = Duplicates::new(1 << 20);
    let first = duplicates.assign(&post(1, 0, "停水通知", ""));
    assert_eq!(first, post(1, 0, "", "").id.voice());
    assert_eq!(duplicates.assign(&post(2, 72, "停水通知", "")), first);
    assert_eq!(duplicates.assign(&post(3, 144, "停水通知", "")), first);
    let fresh = duplicates.assign(&post(4, 217, "停水通知", ""));
    assert_eq!(fresh, post(4, 0, "", "").id.voice());
    // A late post that was published before the group began still belongs to it.
    assert_eq!(duplicates.assign(&post(5, 216, "停水通知", "")), fresh);
}

#[test]
fn restoring_goes_on_where_it_ended() {
    let texts = ["停水通知", LONG_TEXT, "停水通知！", "几点来水", LONG_TEXT, "停水通知", "几点来水呀"];
    let posts: Vec<Post> =
        (0..).zip(texts).map(|(number, text)| post(number + 1, i64::from(number), "", text)).collect();
    let mut whole = Duplicates::new(1 << 20);
    let voices: Vec<Voice> = posts.iter().map(|post| whole.assign(post)).collect();
    for stop in 0..posts.len() {
        let mut restarted = Duplicates::new(1 << 20);
        for (post, &voice) in posts[..stop].iter().zip(&voices) {
            restarted.restore(&stored(post, voice), &mut |_| None);
        }
        let rest: Vec<Voice> = posts[stop..].iter().map(|post| restarted.assign(post)).collect();
        assert_eq!(rest, voices[stop..], "stopped after {stop}");
    }
}

#[test]
fn a_founder_older_than_the_window_is_asked_for() {
    let near = LONG_TEXT.replace("昨天晚上", "昨晚").replace("有个明确的说法", "给一个说法");
    let nearer = near.replace("跑来跑去", "来回跑").replace("送药", "买药");
    let posts = [post(1, 0, "", LONG_TEXT), post(2, 60, "", &near), post(3, 61, "", &nearer)];
    let mut whole = Duplicates::new(1 << 20);
    let voices = posts.each_ref().map(|post| whole.assign(post));
    assert_eq!(voices, [posts[0].id.voice(); 3]);
    let mut restarted = Duplicates::new(1 << 20);
    let mut asked = Vec::new();
    for (post, voice) in posts.iter().zip(voices).skip(1) {
        restarted.restore(&stored(post, voice), &mut |voice| {
            asked.push(voice);
            Some(posts[0].clone())
        });
    }
    assert_eq!(asked, [voices[0]]);
    assert_eq!(format!("{:?}", restarted.groups), format!("{:?}", whole.groups));
    // When it has expired, a copy stands for it.
    let mut expired = Duplicates::new(1 << 20);
    expired.restore(&stored(&posts[1], voices[1]), &mut |_| None);
    assert_eq!(expired.assign(&post(4, 100, "", &near)), voices[0]);
}

/// Texts of every kind, some of them copies, some late, in the order of arrival.
fn stream(length: u32) -> Vec<Post> {
    let places = ["解放路", "中山路", "新华街", "东湖村"];
    (0..length)
        .map(|number| {
            let draw = hash::mix(hash::SEED, u64::from(number)) >> 20;
            let kind = draw % 7;
            let topic = (draw >> 8) % 60;
            let place = places[(draw >> 16) as usize % 4];
            let text = match kind {
                0 => format!("{place}停水第{topic}天"),
                1 => format!("#停水# {place}停水第{topic}天！！"),
                2 => format!("{LONG_TEXT}{place}的邻居第{topic}次打电话"),
                3 => format!("说得对：{LONG_TEXT}{place}的邻居们第{topic}次去打电话"),
                4 => format!("第{number}个人说的话都不一样，{draw}这一次也是，别处听不到{draw}的"),
                5 => format!("{}，{place}", &LONG_TEXT[..LONG_TEXT.len() / 2]),
                _ => String::new(),
            };
            let late = i64::from(draw.is_multiple_of(11)) * 20;
            let mut post = post(0, i64::from(number / 8) - late, "", &text);
            let mut id = [0; 16];
            id[..8].copy_from_slice(&hash::mix(7, u64::from(number)).to_be_bytes());
            post.id = PostId::from_bytes(&id).unwrap();
            post
        })
        .collect()
}

/// What a program does that stops before post `stop` and starts again.
fn after_a_restart(posts: &[Post], voices: &[Voice], stop: usize, budget: usize) -> Duplicates {
    let newest = posts[..stop].iter().map(|post| post.time).max().unwrap_or_default();
    let past: Vec<_> = posts.iter().zip(voices).take(stop).collect();
    let mut restarted = Duplicates::new(budget);
    for (post, voice) in past.iter().filter(|(post, _)| post.time >= newest - KEPT) {
        restarted.restore(&stored(post, **voice), &mut |voice| {
            past.iter().find(|(post, _)| post.id.voice() == voice).map(|(post, _)| (*post).clone())
        });
    }
    restarted
}

#[test]
fn a_restart_changes_no_answer_whether_memory_is_short_or_not() {
    let posts = stream(2_000);
    for budget in [1 << 20, 20_000, 5_000] {
        let mut whole = Duplicates::new(budget);
        let voices: Vec<Voice> = posts.iter().map(|post| whole.assign(post)).collect();
        let groups: BTreeSet<Voice> = voices.iter().copied().collect();
        assert!(groups.len() < voices.len() * 9 / 10, "{} groups", groups.len());
        assert!(whole.bytes() <= budget);
        for stop in (0..posts.len()).step_by(97) {
            let mut restarted = after_a_restart(&posts, &voices, stop, budget);
            for (post, voice) in posts.iter().zip(&voices).skip(stop) {
                assert_eq!(restarted.assign(post), *voice, "stopped before {stop}: {}", post.text);
            }
        }
    }
}

#[test]
fn groups_heard_of_longest_ago_go_first_when_memory_is_full() {
    let mut one = Duplicates::new(usize::MAX);
    one.assign(&post(0, 0, "", "一件事"));
    let mut duplicates = Duplicates::new(10 * one.bytes());
    for number in 0..20 {
        duplicates.assign(&post(number, i64::from(number), &format!("第{number}件事"), ""));
        if number == 12 {
            // Repeated, so it stays.
            duplicates.assign(&post(40, i64::from(number), "第5件事", ""));
        }
    }
    assert_eq!(duplicates.len(), 10);
    assert_eq!(duplicates.bytes(), 10 * one.bytes());
    let now = post(0, 20, "", "").time;
    assert_eq!(duplicates.hours_covered(now), 10.0);
    let voice_of = |number| post(number, 0, "", "").id.voice();
    assert_eq!(duplicates.assign(&post(30, 20, "第19件事", "")), voice_of(19));
    assert_eq!(duplicates.assign(&post(31, 20, "第5件事", "")), voice_of(5));
    assert_eq!(duplicates.assign(&post(32, 20, "第10件事", "")), voice_of(32));
}

#[test]
fn what_is_too_old_leaves_by_itself_but_one_wrong_date_empties_nothing() {
    let mut duplicates = Duplicates::new(1 << 20);
    let say = |duplicates: &mut Duplicates, number, hour| {
        duplicates.assign(&post(number, hour, &format!("第{number}件事"), ""));
    };
    (0..100).for_each(|number| say(&mut duplicates, number, 0));
    duplicates.assign(&post(100, 9_000, "从未来来的", ""));
    assert_eq!(duplicates.len(), 99);
    (101..200).for_each(|number| say(&mut duplicates, number, 97));
    assert_eq!(duplicates.len(), 100);
    assert_eq!(duplicates.hours_covered(post(0, 97, "", "").time), 72.0);
}

fn stored(post: &Post, voice: Voice) -> Stored {
    Stored { sequence: 1, revision: 0, voice, post: post.clone() }
}

#[test]
fn an_empty_window_covers_all() {
    let duplicates = Duplicates::new(1000);
    assert_eq!(duplicates.hours_covered(Timestamp::UNIX_EPOCH), 72.0);
    assert!(duplicates.is_empty());
}
