use crawler::post::{PostId, Publisher};

use super::*;

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
            restarted.restore(&Stored { sequence: 1, revision: 0, voice, post: post.clone() });
        }
        let rest: Vec<Voice> = posts[stop..].iter().map(|post| restarted.assign(post)).collect();
        assert_eq!(rest, voices[stop..], "stopped after {stop}");
    }
}

#[test]
fn a_restored_group_is_known_by_its_founder_in_whatever_order_posts_come_back() {
    let near = LONG_TEXT.replace("昨天晚上", "昨晚");
    let nearer = near.replace("跑来跑去", "来回跑");
    let posts = [post(1, 0, "", LONG_TEXT), post(2, 1, "", &near)];
    let mut whole = Duplicates::new(1 << 20);
    let voices = posts.each_ref().map(|post| whole.assign(post));
    assert_eq!(voices[0], voices[1]);
    let mut restarted = Duplicates::new(1 << 20);
    for (post, voice) in posts.iter().zip(voices).rev() {
        restarted.restore(&Stored { sequence: 1, revision: 0, voice, post: post.clone() });
    }
    assert_eq!(restarted.len(), 1);
    let (founder, copy) = (Print::of(&posts[0]).unwrap(), Print::of(&posts[1]).unwrap());
    assert_ne!(founder.bands, copy.bands);
    assert_eq!(restarted.groups[&0].print, founder);
    assert_eq!(restarted.by_band, whole.by_band);
    assert_eq!(restarted.assign(&post(3, 2, "", &nearer)), whole.assign(&post(3, 2, "", &nearer)));
}

#[test]
fn the_oldest_groups_go_first_when_memory_is_full() {
    let mut duplicates = Duplicates::new(10 * (GROUP_BYTES + CORE_BYTES));
    for number in 0..20 {
        duplicates.assign(&post(number, i64::from(number), &format!("第{number}件事"), ""));
    }
    assert_eq!(duplicates.len(), 10);
    let now = post(0, 20, "", "").time;
    assert_eq!(duplicates.hours_covered(now), 11.0);
    assert_eq!(duplicates.assign(&post(30, 20, "第19件事", "")), post(19, 0, "", "").id.voice());
    assert_eq!(duplicates.assign(&post(31, 20, "第3件事", "")), post(31, 0, "", "").id.voice());
    assert_eq!(duplicates.by_band.len(), 0);
    assert_eq!(duplicates.by_core.len(), duplicates.len());
    assert_eq!(duplicates.by_voice.len(), duplicates.len());
    assert_eq!(duplicates.by_age.len(), duplicates.len());
}

#[test]
fn an_empty_window_covers_all() {
    let duplicates = Duplicates::new(1000);
    assert_eq!(duplicates.hours_covered(Timestamp::UNIX_EPOCH), 72.0);
    assert!(duplicates.is_empty());
}
