//! Dates as they are written, in machines' and in people's ways.

use super::*;

/// Wednesday 5 February 2020, 10:30:20 in Shanghai.
const WEDNESDAY: &str = "2020-02-05T02:30:20Z";

fn says_at(text: &str, zone: &str, now: &str) -> String {
    match super::read(text, &TimeZone::get(zone).unwrap(), now.parse().unwrap()) {
        Ok(reading) => {
            let from = reading.from.to_zoned_datetime(TimeZone::get(zone).unwrap());
            from.strftime("%Y-%m-%d %H:%M:%S%.f %:z").to_string()
        }
        Err(DateError::Lunar(_)) => "lunar".to_owned(),
        Err(DateError::Impossible(_)) => "impossible".to_owned(),
        Err(_) => "nothing".to_owned(),
    }
}

fn check_all(cases: &[(&str, &str)]) {
    let wrong: Vec<String> = cases
        .iter()
        .map(|(text, expected)| (text, says_at(text, DEFAULT_ZONE, WEDNESDAY), expected))
        .filter(|(_, said, expected)| said.strip_suffix(" +08:00").unwrap_or(said) != **expected)
        .map(|(text, said, expected)| format!("{text}: {said}, expected {expected}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// One case a line: the text, a tab, what it says.
fn table(table: &str) -> impl Iterator<Item = (&str, &str)> {
    table.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('\t'))
}

#[test]
fn what_is_written_is_read() {
    let tables = [
        include_str!("tests/machines.tsv"),
        include_str!("tests/pages.tsv"),
        include_str!("tests/reckoned.tsv"),
        include_str!("tests/refused.tsv"),
    ];
    let cases: Vec<(&str, &str)> = tables.into_iter().flat_map(table).collect();
    assert!(cases.len() > 500);
    check_all(&cases);
    check_all(&[
        (" 2020-02-03T08:15:00+08:00\n", "2020-02-03 08:15:00"),
        ("2020-02-03\n08:15:00", "2020-02-03 08:15:00"),
        ("2020-02-03\u{a0}08:15", "2020-02-03 08:15:00"),
        ("2020-02-03T08:15:00+08:00\u{feff}", "2020-02-03 08:15:00"),
        ("", "nothing"),
        (" ", "nothing"),
    ]);
}

#[test]
fn times_reckoned_from_now() {
    let edge = [
        ("昨天 23:50", "2020-03-01T00:05:00+08:00", "2020-02-29 23:50:00 +08:00"),
        ("10分钟前", "2020-01-01T00:05:00+08:00", "2019-12-31 23:55:00 +08:00"),
        ("1个月前", "2020-03-31T10:00:00+08:00", "2020-02-29 10:00:00 +08:00"),
        ("昨天", "2020-01-31T16:30:00Z", "2020-01-31 00:00:00 +08:00"),
        ("12月31日", "2020-01-01T00:00:00+08:00", "2019-12-31 00:00:00 +08:00"),
        // A little ahead is this year's, and remembered as a claim; far ahead is last year's.
        ("11-24 10:03", "2026-11-24T10:00:00+08:00", "2026-11-24 10:03:00 +08:00"),
        ("11月24日 10:05", "2026-11-24T10:00:00+08:00", "2026-11-24 10:05:00 +08:00"),
        ("11/25 00:10", "2026-11-24T23:58:00+08:00", "2026-11-25 00:10:00 +08:00"),
        ("01-01 00:10", "2026-12-31T23:58:00+08:00", "2027-01-01 00:10:00 +08:00"),
        ("10:03", "2026-11-24T10:00:00+08:00", "2026-11-24 10:03:00 +08:00"),
        ("00:10", "2026-11-24T23:58:00+08:00", "2026-11-24 00:10:00 +08:00"),
        ("31日10时", "2026-03-01T10:00:00+08:00", "2026-01-31 10:00:00 +08:00"),
    ];
    for (text, now, expected) in edge {
        assert_eq!(says_at(text, DEFAULT_ZONE, now), expected, "{text}");
    }
    // The site's zone decides what its words mean.
    assert_eq!(says_at("昨天 08:05", "America/New_York", WEDNESDAY), "2020-02-03 08:05:00 -05:00");
    assert_eq!(says_at("3 Feb 2020 08:15:00 CST", "UTC", WEDNESDAY), "2020-02-03 14:15:00 +00:00");
}

#[test]
fn a_hostile_text_costs_no_more_than_its_beginning() {
    for piece in [
        "1", "20", "2020-", "一", "零十", "(", "半", "周", "a", "1分", "今", " ", "\u{200b}", "1.", "2月",
        "8:", "T1",
    ] {
        let _ = says_at(&piece.repeat(300_000 / piece.len()), DEFAULT_ZONE, WEDNESDAY);
    }
}

#[test]
fn what_moves_with_the_reader_tells_no_posts_apart() {
    let zone = TimeZone::get(DEFAULT_ZONE).unwrap();
    let now: Timestamp = WEDNESDAY.parse().unwrap();
    let stated = |text| Stated::read(text, &zone, now);
    let at = |text: &str| -> Timestamp { text.parse().unwrap() };
    assert_eq!(stated("2020-02-03 08:15"), Stated::At(at("2020-02-03T08:15+08:00")));
    assert_eq!(stated("2020-02-05 10:31"), Stated::At(now));
    assert_eq!(stated("3分钟前"), Stated::About(at("2020-02-05T10:27:20+08:00")));
    assert_eq!(stated("昨天 08:15"), Stated::About(at("2020-02-04T08:15+08:00")));
    assert_eq!(stated("02-03 08:15"), Stated::About(at("2020-02-03T08:15+08:00")));
    assert_eq!(stated("02-05 10:45"), Stated::Ahead(at("2020-02-05T10:45+08:00")));
    assert_eq!(stated("10:45"), Stated::Ahead(at("2020-02-05T10:45+08:00")));
    assert_eq!(stated("昨天"), Stated::About(at("2020-02-04T23:59:59+08:00")));
    assert_eq!(stated("2020-02-05"), Stated::About(now));
    assert_eq!(stated("2020-02"), Stated::About(now));
    assert_eq!(stated("2020-03-01 08:00"), Stated::Ahead(at("2020-03-01T08:00+08:00")));
    assert_eq!(stated("明天"), Stated::Ahead(at("2020-02-06T00:00+08:00")));
    assert_eq!(stated("1970-01-01"), Stated::Nothing);
    assert_eq!(stated("正月初一"), Stated::Nothing);
}

const NOW: &str = "2021-01-21T03:00:00Z";

fn read(text: &str) -> Result<String, DateError> {
    let zone = TimeZone::get(DEFAULT_ZONE).unwrap();
    parse(text, &zone, NOW.parse().unwrap()).map(|time| time.to_string())
}

#[test]
fn every_documented_way_is_read() {
    let cases = [
        ("2021-01-20T16:48:00+08:00", "2021-01-20T08:48:00Z"),
        ("2021-01-20T08:48:00Z", "2021-01-20T08:48:00Z"),
        ("2021-01-20T16:48:00.250+08:00", "2021-01-20T08:48:00.25Z"),
        ("2021-01-20 16:48:00+08:00", "2021-01-20T08:48:00Z"),
        ("Wed, 20 Jan 2021 16:48:00 +0800", "2021-01-20T08:48:00Z"),
        ("Wed, 20 Jan 2021 08:48:00 GMT", "2021-01-20T08:48:00Z"),
        ("Mon, 20 Jan 2021 08:48:00 GMT", "2021-01-20T08:48:00Z"),
        ("1611132480", "2021-01-20T08:48:00Z"),
        ("1611132480123", "2021-01-20T08:48:00.123Z"),
        ("1611132480.5", "2021-01-20T08:48:00.5Z"),
        ("2021-01-20 16:48", "2021-01-20T08:48:00Z"),
        ("2021-01-20 16:48:07", "2021-01-20T08:48:07Z"),
        ("2021-01-20T16:48:07.5", "2021-01-20T08:48:07.5Z"),
        ("2021/1/20 6:48", "2021-01-19T22:48:00Z"),
        ("2021年1月20日 16时48分", "2021-01-20T08:48:00Z"),
        ("2021年1月20日16:48:07", "2021-01-20T08:48:07Z"),
    ];
    for (text, expected) in cases {
        assert_eq!(read(text).as_deref(), Ok(expected), "{text}");
    }
}

#[test]
fn a_bare_day_is_now_today_and_the_days_end_otherwise() {
    for today in ["2021-01-21", "2021/1/21", "20210121", "2021年1月21日", "2021.01.21"] {
        assert_eq!(read(today).as_deref(), Ok(NOW), "{today}");
    }
    for yesterday in ["2021-01-20", "2021/01/20", "20210120", "2021年1月20日"] {
        assert_eq!(read(yesterday).as_deref(), Ok("2021-01-20T15:59:59Z"), "{yesterday}");
    }
}

#[test]
fn what_is_no_date_is_refused() {
    let texts = ["", "-1611132480", "1e400", "99999999999999999999", "2021-01-20-16", "NaN"];
    for text in texts {
        assert!(matches!(read(text), Err(DateError::Unreadable(_))), "{text}: {:?}", read(text));
    }
    let DateError::Unreadable(shown) = read(&"长".repeat(100)).unwrap_err() else { panic!() };
    assert_eq!(shown.chars().count(), 41);
}

#[test]
fn the_future_and_the_distant_past_are_not_taken() {
    for text in ["2099-01-01", "2099-01-01T00:00:00Z", "2021-01-21T03:02:01Z", "2021-01-22", "4070908800"] {
        assert!(matches!(read(text), Err(DateError::Future(_))), "{text}: {:?}", read(text));
    }
    assert_eq!(read("2021-01-21T03:02:00Z").as_deref(), Ok("2021-01-21T03:02:00Z"));
    for text in ["1970-01-01T00:00:00Z", "000000000", "1989-12-31"] {
        assert!(matches!(read(text), Err(DateError::TooEarly(_))), "{text}: {:?}", read(text));
    }
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic(text in ".{0,40}", dateish in "[0-9年月日时点:T/ .,+e周一上本去今中午-]{0,24}") {
        let _ = (read(&text), read(&dateish));
    }
}

#[test]
fn a_file_may_be_read_later_so_its_times_must_last() {
    let zone = TimeZone::get(DEFAULT_ZONE).unwrap();
    let lasting = |text| parse_lasting(text, &zone, WEDNESDAY.parse().unwrap());
    for text in ["昨天", "3分钟前", "02-03 08:15", "周三", "刚刚", "08:15"] {
        assert_eq!(lasting(text), Err(DateError::Moves(text.to_owned())), "{text}");
        assert!(parse(text, &zone, WEDNESDAY.parse().unwrap()).is_ok(), "{text}");
    }
    assert!(lasting("2020年2月3日 上午8:15").is_ok());
}
