//! The cases of `cases.txt`, and what a difference holds.

use super::*;

fn said<'a>(lines: &[&'a str]) -> Vec<Said<'a>> {
    let statement = |(place, line): (usize, &&'a str)| {
        let (source, text) = line.split_once('|').unwrap();
        Said {
            time: Timestamp::from_second(1_700_000_000 - 3_600 * i64::try_from(place).unwrap()).unwrap(),
            source: source.to_owned(),
            kind: StatementKind::Official,
            address: None,
            text,
        }
    };
    lines.iter().enumerate().map(statement).collect()
}

fn told(difference: &Difference) -> String {
    let values: Vec<&str> = difference.sides.iter().map(|side| side.value.as_str()).collect();
    let measure = serde_json::to_value(difference.measure).unwrap();
    format!("{}: {}", measure.as_str().unwrap(), values.join(" | "))
}

#[test]
fn differences_are_found_and_none_is_made_up() {
    let mut wrong = Vec::new();
    for case in include_str!("cases.txt").split("\n## ").skip(1) {
        let lines: Vec<&str> = case.lines().skip(1).filter(|line| !line.is_empty()).collect();
        let (wanted, statements): (Vec<&str>, Vec<&str>) =
            lines.iter().partition(|line| line.starts_with("= "));
        let wanted: Vec<&str> = wanted.iter().map(|line| line.trim_start_matches("= ")).collect();
        let found: Vec<String> = differences(&said(&statements)).iter().map(told).collect();
        if found != wanted {
            wrong.push(format!("{}: found {found:?}, wanted {wanted:?}", case.lines().next().unwrap()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_difference_quotes_both_sentences_and_the_newest_first() {
    let lines =
        ["区教育局|各校：小学开学时间为2月22日。请家长放心。", "市教育局|寒假安排。全市中小学3月1日开学。"];
    let found = differences(&said(&lines));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].about, "开学");
    let quoted: Vec<(&str, &str)> =
        found[0].sides.iter().map(|side| (side.source.as_str(), side.sentence.as_str())).collect();
    assert_eq!(
        quoted,
        [("区教育局", "各校：小学开学时间为2月22日。"), ("市教育局", "全市中小学3月1日开学。")]
    );
    // In any order, the newest stands first.
    let mut turned = said(&lines);
    turned.reverse();
    assert_eq!(differences(&turned), found);
}

#[test]
fn one_statement_does_not_differ_from_itself() {
    assert_eq!(differences(&said(&["市疫情防控办|居家隔离7天。居家隔离14天。"])), []);
    assert_eq!(differences(&[]), []);
}
