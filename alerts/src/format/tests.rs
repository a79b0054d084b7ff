use jiff::Timestamp;

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn counts_read_as_people_write_them() {
    for (number, chinese, english) in [
        (0, "0", "0"),
        (999, "999", "999"),
        (1025, "1,025", "1,025"),
        (9999, "9,999", "9,999"),
        (12_408, "1.2 万", "12,408"),
        (20_000, "2 万", "20,000"),
        (1_234_567, "123.5 万", "1,234,567"),
    ] {
        assert_eq!(count(number, Language::Chinese), chinese);
        assert_eq!(count(number, Language::English), english);
    }
}

#[test]
fn expected_counts_below_ten_keep_one_decimal() {
    for (mean, text) in [(43.4, "43"), (9.96, "10"), (1.04, "1"), (0.62, "0.6"), (0.0, "0"), (f64::NAN, "0")]
    {
        assert_eq!(expected(mean), text);
    }
}

#[test]
fn ratios_have_one_decimal_below_a_hundred() {
    assert_eq!([ratio(5.08), ratio(12.0), ratio(140.4)], ["5.1", "12.0", "140"]);
}

#[test]
fn durations_use_hours_up_to_three_days() {
    for (minutes, chinese, english) in [
        (0, "0 分", "0 min"),
        (52, "52 分", "52 min"),
        (235, "3 小时 55 分", "3 h 55 min"),
        (300, "5 小时", "5 h"),
        (2800, "46 小时 40 分", "46 h 40 min"),
        (6 * 1440 + 61, "6 天 1 小时", "6 d 1 h"),
        (-20, "20 分", "20 min"),
    ] {
        let length = SignedDuration::from_mins(minutes);
        assert_eq!(duration(length, Language::Chinese), chinese);
        assert_eq!(duration(length, Language::English), english);
    }
}

#[test]
fn moments_are_told_as_seen_from_now() {
    let zone = TimeZone::get("Asia/Shanghai").unwrap();
    let now = at("2026-11-24T14:20:00+08:00");
    for (time, chinese, english) in [
        ("2026-11-24T14:08:00+08:00", "14:08", "14:08"),
        ("2026-11-23T20:16:00+08:00", "昨天 20:16", "yesterday 20:16"),
        ("2026-11-25T08:30:00+08:00", "明天 08:30", "tomorrow 08:30"),
        ("2026-11-21T09:40:00+08:00", "11月21日 09:40", "21 Nov 09:40"),
        ("2025-12-31T23:59:00+08:00", "2025年12月31日 23:59", "31 Dec 2025 23:59"),
        // Days are cut at local midnight, not at UTC's.
        ("2026-11-23T16:30:00Z", "00:30", "00:30"),
    ] {
        assert_eq!(moment(at(time), now, &zone, Language::Chinese), chinese);
        assert_eq!(moment(at(time), now, &zone, Language::English), english);
    }
}

#[test]
fn hostile_text_is_one_plain_line() {
    assert_eq!(one_line("a\r\nBcc: x\u{202e}cod\u{200b}e \u{2066}z", 99), "a Bcc: xcode z");
    assert_eq!(one_line("  数据\t\t公布  ", 99), "数据 公布");
    assert_eq!(one_line(&"长".repeat(10_000), 5), "长长长长…");
    assert_eq!(one_line("四个字啊", 4), "四个字啊");
}

#[test]
fn only_plain_web_addresses_become_links() {
    for bad in ["javascript:alert(1)", "data:text/html,x", "https://a/\" onclick=x", "https://a/\n", "//a"] {
        assert_eq!(link(Some(bad)), None, "{bad}");
    }
    assert_eq!(
        link(Some("https://a.example/公告?x=1&y=2")).as_deref(),
        Some("https://a.example/公告?x=1&y=2")
    );
}
