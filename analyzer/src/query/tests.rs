use proptest::prelude::*;

use super::*;
use crate::segment::Segmenter;

fn echo(typed: &str) -> String {
    Query::parse(typed).unwrap().echo(Language::Chinese)
}

#[test]
fn habits_are_understood() {
    let cases = [
        ("数据 公布|通报 -天气", "数据 且 (公布 或 通报) 且 不含 天气"),
        ("数据　公布｜通报　－天气", "数据 且 (公布 或 通报) 且 不含 天气"),
        ("返乡 核酸 | 证明", "返乡 且 (核酸 或 证明)"),
        ("“数据 公布”", "“数据 公布”"),
        ("\"a | b\"c", "“a | b” 且 c"),
        ("（返乡 核酸）|（返京 隔离）", "(返乡 且 核酸) 或 (返京 且 隔离)"),
        ("-(a|b) c", "不含 (a 或 b) 且 c"),
        ("((a))", "a"),
        ("COVID-19", "COVID-19"),
        ("12:30", "12:30"),
        ("信源:微博 数据", "信源为 微博 且 数据"),
        ("信源：微博、知乎", "信源为 微博、知乎"),
        ("source:weibo|source:zhihu", "信源为 weibo 或 信源为 zhihu"),
        ("-信源:微博 数据", "不含 (信源为 微博) 且 数据"),
        ("关切:数据公布", "关切为 数据公布"),
        ("关切:“老旧 小区”", "关切为 老旧 小区"),
        ("级别:橙色,red", "级别为 橙、红"),
        ("时间:7天", "近 7 天"),
        ("时间：４８Ｈ", "近 48 小时"),
        ("time:2w", "近 14 天"),
        ("时间:昨天", "昨天"),
        ("时间:2021-01-20", "2021-01-20"),
        ("时间:2021-01-20..2021-01-22", "2021-01-20 至 2021-01-22"),
        ("时间:2021-01-20T16:48..", "2021-01-20 16:48 起"),
        ("时间:..2021/1/22", "到 2021-01-22 为止"),
    ];
    for (typed, expected) in cases {
        assert_eq!(echo(typed), expected, "{typed}");
    }
    let english = Query::parse("数据 公布|通报 -天气 时间:7天").unwrap().echo(Language::English);
    assert_eq!(english, "数据 and (公布 or 通报) and without 天气 and last 7 days");
}

#[test]
fn a_mistake_is_pointed_at_and_the_rest_still_answered() {
    let cases = [
        ("", 0, 0, What::Empty, ""),
        ("  ", 2, 0, What::Empty, ""),
        ("数据)", 2, 1, What::StrayBracket, "数据"),
        ("数据) 公布", 2, 1, What::StrayBracket, "数据 且 公布"),
        ("(数据 公布", 0, 1, What::OpenBracket, "数据 且 公布"),
        ("数据 “公布", 3, 1, What::OpenQuote, "数据 且 “公布”"),
        ("数据 （）", 3, 2, What::EmptyBrackets, "数据"),
        ("数据 - 公布", 3, 1, What::LoneMinus, "数据 且 公布"),
        ("数据 --公布", 3, 1, What::LoneMinus, "数据 且 不含 公布"),
        ("数据|", 2, 1, What::LoneBar, "数据"),
        ("|数据", 0, 1, What::LoneBar, "数据"),
        ("数据||公布", 3, 1, What::LoneBar, "数据 或 公布"),
        ("信源: 数据", 0, 3, What::NoValue("信源".into()), "数据"),
        ("数据 时间:明年", 3, 5, What::BadTime("明年".into()), "数据"),
        ("时间:2021-02-30", 0, 13, What::BadTime("2021-02-30".into()), ""),
        ("时间:2021-01-22..2021-01-20", 0, 25, What::EndsBefore("2021-01-22..2021-01-20".into()), ""),
        ("级别:紫", 0, 4, What::BadLevel("紫".into()), ""),
    ];
    for (typed, position, length, what, answered) in cases {
        assert_eq!(Query::parse(typed), Err(Problem { position, length, what }), "{typed}");
        let (query, _) = Query::parse_leniently(typed);
        assert_eq!(query.echo(Language::Chinese), answered, "{typed}");
    }
    let stray = Query::parse("数据)").unwrap_err();
    assert_eq!(stray.left_out(Language::Chinese), "忽略了多余的 )");
    assert_eq!(stray.describe(Language::Chinese), "第 3 个字：多了一个 )，前面没有对应的 (");
}

#[test]
fn days_are_local_and_ends_inclusive() {
    let zone = TimeZone::get("Asia/Shanghai").unwrap();
    let now: Timestamp = "2021-01-22T01:00:00+08:00".parse().unwrap();
    let cases = [
        ("7天", Some("2021-01-15T01:00:00+08:00"), None),
        ("今天", Some("2021-01-22T00:00:00+08:00"), Some("2021-01-23T00:00:00+08:00")),
        ("2021-01-20", Some("2021-01-20T00:00:00+08:00"), Some("2021-01-21T00:00:00+08:00")),
        ("2021-01-20至2021-01-21", Some("2021-01-20T00:00:00+08:00"), Some("2021-01-22T00:00:00+08:00")),
        ("..2021-01-20t16:48", None, Some("2021-01-20T16:48:00+08:00")),
    ];
    for (value, from, until) in cases {
        let time = |text: Option<&str>| text.map(|text| text.parse::<Timestamp>().unwrap());
        assert_eq!(Span::read(value).unwrap().bounds(now, &zone), (time(from), time(until)), "{value}");
    }
}

#[test]
fn words_to_mark_leave_out_what_is_ruled_out() {
    let words = Query::parse("數據 公布|通报 -天气 “公布 时间”").unwrap().marked_words(&[]);
    assert_eq!(words, ["公布", "公布 时间", "数据", "通报"]);
}

#[test]
fn a_level_is_asked_for_wherever_it_stands() {
    for (typed, asks) in
        [("停水 -(级别:橙|返乡)", true), ("级别:蓝", true), ("停水 时间:7天 关切:供水", false)]
    {
        assert_eq!(Query::parse(typed).unwrap().asks_for_levels(), asks, "{typed}");
    }
}

#[test]
fn a_query_can_be_loosened_word_by_word() {
    let segmenter = Segmenter::new(&[]);
    let cases = [
        ("北京数据 “返乡政策” -停水通知", Some("北京 数据 \"返乡政策\" -停水通知")),
        ("北京数据|核酸 信源：微博，知乎", Some("(北京 数据)|核酸 信源：微博，知乎")),
        (
            "-(停水|(断水 小区)) (北京数据 (核酸|(返乡政策 \"a b\")))",
            Some("-(停水|(断水 小区)) 北京 数据 核酸|(返乡 政策 \"a b\")"),
        ),
        ("核酸", None),
        ("“北京数据”", None),
    ];
    for (typed, expected) in cases {
        let loosened = Query::parse(typed).unwrap().loosened(typed, &segmenter);
        assert_eq!(loosened.as_deref(), expected, "{typed}");
        assert!(loosened.is_none_or(|typed| Query::parse(&typed).is_ok()), "{typed}");
    }
}

#[test]
fn deep_and_long_queries_are_refused_without_harm() {
    let deep = "(".repeat(500) + "数据" + &")".repeat(490);
    assert!(Query::parse(&deep).is_err());
    assert_eq!(Query::parse_leniently(&deep).0.echo(Language::Chinese), "数据");
    let long = "字".repeat(2000);
    assert_eq!(Query::parse(&long).unwrap_err().what, What::TooLong);
}

proptest! {
    #[test]
    fn nothing_typed_can_break_it(typed in "[数据a |｜()（）\"“”\\-－:：信源时间7天\\PC]{0,40}") {
        let (query, problems) = Query::parse_leniently(&typed);
        let characters = typed.chars().count();
        prop_assert!(problems.iter().all(|problem| problem.position + problem.length <= characters));
        if let Ok(strict) = Query::parse(&typed) {
            prop_assert_eq!(strict, query);
        }
    }
}
