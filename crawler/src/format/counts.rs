//! Counts without texts, as a hotline hands them out: one JSON object a line, or CSV with a header. Knows
//! bytes and no HTTP; a bad line costs itself alone.

use std::collections::BTreeMap;

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::Problem;
use crate::category::{CategoryCount, LONGEST_PERIOD};
use crate::date;
use crate::words::Words;

/// Counts taken at once; a hotline has some hundred categories.
pub const MOST_COUNTS: usize = 10_000;
/// The longest name of a category, in characters.
const LONGEST_NAME: usize = 100;

/// What a file or body of counts said.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counted {
    /// The counts, in order.
    pub counts: Vec<CategoryCount>,
    /// How many lines are no counts.
    pub rejected: usize,
    /// The first of them.
    pub problems: Vec<Problem>,
    /// More than [`MOST_COUNTS`]: the rest was not read.
    pub is_cut: bool,
}

/// Reads counts of one source; days are those of `zone`.
pub fn parse(bytes: &[u8], source: &str, zone: &TimeZone, now: Timestamp) -> Counted {
    let text = String::from_utf8_lossy(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes));
    let is_json = text.trim_start().starts_with('{');
    let mut counted = Counted::default();
    for (line, row) in if is_json { json_rows(&text) } else { csv_rows(&text) } {
        if counted.counts.len() >= MOST_COUNTS {
            counted.is_cut = true;
            break;
        }
        match row.and_then(|row| count(&row, source, zone, now)) {
            Ok(count) => counted.counts.push(count),
            Err(what) => {
                counted.rejected += 1;
                if counted.problems.len() < Problem::AT_MOST {
                    counted.problems.push(Problem { line: Some(line), what });
                }
            }
        }
    }
    counted
}

/// The fields of a line by their names.
type Row = BTreeMap<String, String>;

fn json_rows(text: &str) -> Vec<(u64, Result<Row, Words>)> {
    let row = |line: &str| {
        let object: BTreeMap<String, Value> =
            serde_json::from_str(line).map_err(|_| Words::new("不是 JSON 对象", "not a JSON object"))?;
        let value = |value: Value| match value {
            Value::String(text) => Some(text),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        Ok(object.into_iter().filter_map(|(name, field)| Some((name, value(field)?))).collect())
    };
    let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    lines.map(|(number, line)| (number, row(line))).collect()
}

fn csv_rows(text: &str) -> Vec<(u64, Result<Row, Words>)> {
    let mut reader =
        csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let names = reader.headers().cloned().unwrap_or_default();
    let row = |record: csv::Result<csv::StringRecord>| {
        let record = record.map_err(|error| Words::same(error.to_string()))?;
        Ok(names.iter().zip(record.iter()).map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    };
    (2..).zip(reader.records()).map(|(number, record)| (number, row(record))).collect()
}

fn count(row: &Row, source: &str, zone: &TimeZone, now: Timestamp) -> Result<CategoryCount, Words> {
    let field = |names: &[&str]| {
        let value = names.iter().find_map(|name| row.get(*name));
        value.map(|value| value.trim()).filter(|value| !value.is_empty())
    };
    let missing = |name: &str| Words::new(format!("没有 {name}"), format!("no {name}"));
    let category = field(&["category", "类别", "分类"]).ok_or_else(|| missing("category"))?;
    if category.chars().count() > LONGEST_NAME {
        return Err(Words::new("类别的名字太长", "the name of the category is too long"));
    }
    let number = field(&["count", "数量", "件数"]).ok_or_else(|| missing("count"))?;
    let number = number
        .parse()
        .map_err(|_| Words::new("count 应为不小于 0 的整数", "count should be a whole number, 0 or more"))?;
    let moment = |text: &str| moment(text, zone, now);
    let (from, to) = if let Some(text) = field(&["day", "日期"]) {
        let day = day(text).ok_or_else(|| unreadable(text))?;
        (midnight(day, zone)?, midnight(day.tomorrow().map_err(|_| unreadable(text))?, zone)?)
    } else if let (Some(from), Some(to)) = (field(&["from"]), field(&["to"])) {
        (moment(from)?, moment(to)?)
    } else if let (Some(time), Some(period)) = (field(&["time"]), field(&["period"])) {
        let from = moment(time)?;
        let length = length(period).ok_or_else(|| unreadable(period))?;
        (from, from.checked_add(length).map_err(|_| unreadable(period))?)
    } else {
        return Err(Words::new(
            "没有日期：写 day，或 from 和 to，或 time 和 period",
            "no day: give day, or from and to, or time and period",
        ));
    };
    let is_sound = from < to && to.duration_since(from) <= LONGEST_PERIOD && from <= now;
    if !is_sound {
        return Err(Words::new(
            "这段时间不对：应先起后止、不超过 31 天、不在将来",
            "not a period: it must end after it begins, last at most 31 days, and not lie ahead",
        ));
    }
    Ok(CategoryCount { source: source.to_owned(), category: category.to_owned(), from, to, count: number })
}

fn unreadable(text: &str) -> Words {
    let text: String = text.chars().take(40).collect();
    Words::new(format!("看不懂的时间：{text}"), format!("not a time: {text}"))
}

fn moment(text: &str, zone: &TimeZone, now: Timestamp) -> Result<Timestamp, Words> {
    if let Some(day) = day(text) {
        return midnight(day, zone);
    }
    // A period that is still running ends ahead of now.
    let ahead = now.checked_add(LONGEST_PERIOD).unwrap_or(now);
    date::parse_lasting(text, zone, ahead).map_err(|_| unreadable(text))
}

/// 2026-11-24, 2026/11/24, 20261124, 2026年11月24日; nothing behind it.
fn day(text: &str) -> Option<Date> {
    let parts: Vec<&str> =
        text.split(|character: char| !character.is_ascii_digit()).filter(|part| !part.is_empty()).collect();
    let (year, month, day) = match parts.as_slice() {
        [year, month, day] if year.len() == 4 && month.len() <= 2 && day.len() <= 2 => (*year, *month, *day),
        [all] if all.len() == 8 => (all.get(..4)?, all.get(4..6)?, all.get(6..)?),
        _ => return None,
    };
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

fn midnight(day: Date, zone: &TimeZone) -> Result<Timestamp, Words> {
    zone.to_timestamp(day.to_datetime(Time::midnight())).map_err(|error| Words::same(error.to_string()))
}

/// 10m, 1h, 1d, 1w, or hour, day, week.
fn length(text: &str) -> Option<SignedDuration> {
    let text = match text {
        "hour" => "1h",
        "day" => "1d",
        "week" => "1w",
        text => text,
    };
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let number: i64 = number.parse().ok().filter(|number| (1..=1_000_000).contains(number))?;
    let minutes = match unit {
        "m" => 1,
        "h" => 60,
        "d" => 24 * 60,
        "w" => 7 * 24 * 60,
        _ => return None,
    };
    Some(SignedDuration::from_mins(number * minutes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Counted {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        parse(text.as_bytes(), "hotline", &zone, "2026-11-25T08:00:00+08:00".parse().unwrap())
    }

    fn shown(counted: &Counted) -> Vec<String> {
        let shown =
            |count: &CategoryCount| format!("{} {} {} {}", count.category, count.from, count.to, count.count);
        counted.counts.iter().map(shown).collect()
    }

    const DAY: &str = "供水 2026-11-23T16:00:00Z 2026-11-24T16:00:00Z 20";

    #[test]
    fn a_day_may_be_written_in_many_ways() {
        for text in [
            "{\"day\":\"2026-11-24\",\"category\":\"供水\",\"count\":20,\"caller\":\"张三\"}",
            "{\"day\":20261124,\"category\":\"供水\",\"count\":\"20\"}\n",
            "{\"from\":\"2026-11-24\",\"to\":\"2026-11-25\",\"category\":\"供水\",\"count\":20}",
            "{\"time\":\"2026-11-24 00:00\",\"period\":\"1d\",\"category\":\"供水\",\"count\":20}",
            "\u{feff}日期,类别,数量\n2026年11月24日,供水,20\n",
            "day,category,count\r\n2026/11/24,供水,20\r\n",
        ] {
            let counted = read(text);
            assert_eq!((shown(&counted), counted.rejected), (vec![DAY.to_owned()], 0), "{text}: {counted:?}");
        }
    }

    #[test]
    fn a_bad_line_costs_itself_alone_and_says_why() {
        let cases = [
            ("{\"category\":\"供水\",\"count\":1}", "no day"),
            ("{\"day\":\"2026-11-24\",\"count\":1}", "no category"),
            ("{\"day\":\"2026-11-24\",\"category\":\"供水\",\"count\":-1}", "whole number"),
            ("{\"day\":\"2026-11-24\",\"category\":\"供水\",\"count\":1.5}", "whole number"),
            ("{\"day\":\"昨天\",\"category\":\"供水\",\"count\":1}", "not a time"),
            ("{\"day\":\"2027-11-24\",\"category\":\"供水\",\"count\":1}", "not a period"),
            (
                "{\"from\":\"2026-11-24\",\"to\":\"2026-11-24\",\"category\":\"供水\",\"count\":1}",
                "not a period",
            ),
            ("{\"time\":\"2026-11-24\",\"period\":\"1y\",\"category\":\"供水\",\"count\":1}", "not a time"),
            ("{[", "not a JSON object"),
        ];
        for (line, why) in cases {
            let text = format!("{{\"day\":\"2026-11-24\",\"category\":\"供水\",\"count\":20}}\n{line}\n");
            let counted = read(&text);
            assert_eq!((counted.counts.len(), counted.rejected), (1, 1), "{line}");
            assert_eq!(counted.problems[0].line, Some(2));
            assert!(counted.problems[0].what.en.contains(why), "{line}: {:?}", counted.problems);
        }
    }
}
