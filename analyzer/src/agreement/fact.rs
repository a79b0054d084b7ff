//! Facts in an official sentence: numbers with units, dates, opening times, money, and what is asked or forbidden.
//!
//! Finds less than there is: what it finds must be right.

use super::number::number;
use super::scope::{Scope, is_han};
use crate::normalize::normalize;

/// Characters looked at on each side of a number.
const AROUND: usize = 12;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Unit {
    /// Minutes.
    Time,
    /// Months.
    Months,
    /// Month × 100 + day.
    Date,
    /// Minute of the day; of a span, begin × 10,000 + end.
    Clock,
    /// Fen.
    Money,
    /// How often.
    Times,
    /// Doses.
    Doses,
    /// Whether something is asked: 1 or 0.
    Need,
    /// Whether something is allowed: 1 or 0.
    Leave,
}

/// One fact.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fact {
    pub(super) unit: Unit,
    pub(super) value: i64,
    /// As it is written.
    pub(super) written: String,
    /// What stands before it and what after it, without words that say nothing.
    pub(super) head: String,
    pub(super) tail: String,
    pub(super) scope: Scope,
    /// The sentence, as it is written.
    pub(super) sentence: String,
}

/// A number with its unit in a clause.
struct Found {
    unit: Unit,
    value: i64,
    /// Place after it.
    end: usize,
}

/// Words at the end of what stands before a number that say nothing about what is counted.
const EMPTY_BEFORE: &[&str] = &[
    "为",
    "是",
    "的",
    "共",
    "约",
    "满",
    "达",
    "至少",
    "不少于",
    "不超过",
    "不低于",
    "最少",
    "最多",
    "最长",
    "需",
    "须",
    "要",
    "应",
    "持",
    "凭",
    "实行",
    "实施",
    "进行",
    "采取",
    "开展",
    "执行",
    "连续",
    "为期",
    "期限",
    "时间",
    "调整",
    "改",
    "延长至",
    "延长到",
    "缩短至",
    "缩短到",
    "延长",
    "缩短",
    "从",
    "到",
    "至",
    "自",
    "于",
    "在",
    "将",
    "已",
    "再",
    "并",
    "提前",
    "最近",
    "近",
    "价格",
    "标准",
    "费用",
    "收费",
    "定",
    "预计",
    "推迟",
    "有效期",
    "降",
    "每人",
    "计划",
    "由",
    "日期",
    "原",
    "下午",
    "上午",
    "晚",
    "早",
    ":",
    " ",
];
/// Words at the beginning of what stands after it that say nothing either.
const EMPTY_AFTER: &[&str] = &[
    "以内", "之内", "内", "以上", "之后", "后", "的", "有效", "起", "正式", "前", "可", "方可", "统一",
    "陆续", "分批", "左右", "(含)", "以后", "之前", "将", "全面", "恢复", "进行", "开展", "时", " ",
];

/// The facts of a text.
pub(super) fn facts(text: &str) -> Vec<Fact> {
    crate::quote::sentences(text).flat_map(in_sentence).collect()
}

fn in_sentence(written: &str) -> Vec<Fact> {
    let sentence = normalize(written);
    let signs: Vec<char> = sentence.chars().collect();
    let mut facts: Vec<Fact> = Vec::new();
    for clause in clauses(&signs) {
        let text: String = clause.iter().collect();
        let scope = Scope::of(&sentence, &text);
        let fact = |unit, value, (from, end): (usize, usize)| Fact {
            unit,
            value,
            written: clause.get(from..end).unwrap_or_default().iter().collect(),
            head: head(clause.get(..from).unwrap_or_default()),
            tail: tail(clause.get(end..).unwrap_or_default()),
            scope: scope.clone(),
            sentence: written.trim().to_owned(),
        };
        let mut place = 0;
        while place < clause.len() {
            match measured(clause, place) {
                Some(Found { unit, value, end }) => {
                    let mut found = fact(unit, value, (place, end));
                    // 开放时间为9:00-12:00，14:00-17:00: the second span goes on with the first.
                    if found.head.is_empty() && found.tail.is_empty() && unit == Unit::Clock {
                        found.head = facts.last().map(|before| before.head.clone()).unwrap_or_default();
                    }
                    facts.push(found);
                    place = end;
                }
                None => place += 1,
            }
        }
        facts.extend(super::condition::conditions(&text).into_iter().map(|condition| Fact {
            unit: condition.unit,
            value: i64::from(condition.asked),
            written: condition.written,
            head: String::new(),
            tail: condition.object,
            scope: scope.clone(),
            sentence: written.trim().to_owned(),
        }));
    }
    facts
}

/// Clauses end at commas and brackets, not at the colon of a time.
fn clauses(signs: &[char]) -> Vec<&[char]> {
    let is_digit = |place: usize| signs.get(place).is_some_and(char::is_ascii_digit);
    let ends = |place: usize, sign: char| match sign {
        ':' => !(place > 0 && is_digit(place - 1) && is_digit(place + 1)),
        ',' | '、' | '。' | ';' | '!' | '?' | '"' | '“' | '”' | '《' | '》' | '【' | '】' => true,
        _ => false,
    };
    let (mut clauses, mut from) = (Vec::new(), 0);
    for (place, sign) in signs.iter().enumerate() {
        if ends(place, *sign) {
            clauses.extend(signs.get(from..place));
            from = place + 1;
        }
    }
    clauses.extend(signs.get(from..));
    clauses.retain(|clause| !clause.is_empty());
    clauses
}

fn measured(clause: &[char], place: usize) -> Option<Found> {
    // 第7天 and the middle of a number are no measures.
    let before = place.checked_sub(1).and_then(|before| clause.get(before));
    let is_inside = |sign: &char| sign.is_ascii_digit() || "第.一二三四五六七八九十百千:".contains(*sign);
    if before.is_some_and(is_inside) {
        return None;
    }
    let rest = clause.get(place..)?;
    clock(rest)
        .or_else(|| date(rest))
        .or_else(|| counted(rest))
        .map(|found| Found { end: place + found.end, ..found })
}

/// `8:30`, `8点半`, `8时30分`, and spans of two of them.
fn clock(rest: &[char]) -> Option<Found> {
    let (begin, length) = time_of_day(rest)?;
    let joint = |sign: &char| "-—–~至到".contains(*sign);
    let after = rest.get(length..)?;
    let joints = after.iter().take_while(|sign| joint(sign)).count();
    match after.get(joints..).and_then(time_of_day) {
        Some((end, more)) if joints > 0 => {
            Some(Found { unit: Unit::Clock, value: begin * 10_000 + end, end: length + joints + more })
        }
        _ => Some(Found { unit: Unit::Clock, value: begin, end: length }),
    }
}

fn time_of_day(text: &[char]) -> Option<(i64, usize)> {
    let (later, skipped) = match text {
        ['下', '午', ..] | ['晚', '上', ..] => (12 * 60, 2),
        ['上', '午', ..] | ['早', '上', ..] | ['凌', '晨', ..] | ['中', '午', ..] => (0, 2),
        _ => (0, 0),
    };
    let text = text.get(skipped..)?;
    let hour = number(text).filter(|hour| hour.value <= 24.0 && hour.value.fract() == 0.0)?;
    let rest = text.get(hour.length..)?;
    let minutes = |text: &[char]| number(text).filter(|it| it.value < 60.0 && it.value.fract() == 0.0);
    let (minute, more) = match rest {
        [':', after @ ..] => {
            minutes(after).filter(|it| it.length == 2).map(|it| (it.value, 1 + it.length))?
        }
        ['点', '半', ..] => (30.0, 2),
        ['点' | '时', after @ ..] => match minutes(after) {
            Some(it) if after.get(it.length) == Some(&'分') => (it.value, 2 + it.length),
            _ => (0.0, 1),
        },
        _ => return None,
    };
    let start = hour.value as i64 * 60;
    let start = if start < 12 * 60 { start + later } else { start };
    Some((start + minute as i64, skipped + hour.length + more))
}

/// `2月3日`, `2月3号`; the year before it is left out.
fn date(rest: &[char]) -> Option<Found> {
    let whole = |text: &[char]| number(text).filter(|it| it.value.fract() == 0.0 && it.value >= 1.0);
    let month = whole(rest).filter(|month| month.value <= 12.0)?;
    let after = rest.get(month.length..)?.strip_prefix(&['月'])?;
    let day = whole(after).filter(|day| day.value <= 31.0)?;
    let ends = matches!(after.get(day.length), Some('日' | '号'));
    let value = month.value as i64 * 100 + day.value as i64;
    ends.then_some(Found { unit: Unit::Date, value, end: month.length + 1 + day.length + 1 })
}

/// A number and a unit of time, money, times or doses.
fn counted(rest: &[char]) -> Option<Found> {
    const UNITS: &[(&str, Unit, f64)] = &[
        ("个小时", Unit::Time, 60.0),
        ("小时", Unit::Time, 60.0),
        ("分钟", Unit::Time, 1.0),
        ("个工作日", Unit::Times, 1_000.0),
        ("天", Unit::Time, 1_440.0),
        ("日内", Unit::Time, 1_440.0),
        ("日以内", Unit::Time, 1_440.0),
        ("日之内", Unit::Time, 1_440.0),
        ("个星期", Unit::Time, 10_080.0),
        ("星期", Unit::Time, 10_080.0),
        ("周", Unit::Time, 10_080.0),
        ("个月", Unit::Months, 1.0),
        ("万元", Unit::Money, 1_000_000.0),
        ("元", Unit::Money, 100.0),
        ("次", Unit::Times, 1.0),
        ("剂", Unit::Doses, 1.0),
    ];
    let amount = number(rest)?;
    let after: String = rest.get(amount.length..)?.iter().take(4).collect();
    let (name, unit, size) = UNITS.iter().find(|(name, ..)| after.starts_with(name))?;
    // 一次性, 一周年 and 14天津 are other words.
    let next = after.chars().nth(name.chars().count());
    let is_other = match (*name, next) {
        ("次", Some('性' | '日' | '密' | '数'))
        | ("周", Some('年' | '边' | '岁' | '末'))
        | ("天", Some('津' | '气' | '然')) => true,
        ("周" | "次" | "天", _) if amount.value < 1.0 => true,
        _ => false,
    };
    let name_length = name.chars().count()
        - usize::from(name.starts_with('日') && name.len() > 3) * (name.chars().count() - 1);
    let value = (amount.value * size).round() as i64;
    (!is_other).then_some(Found { unit: *unit, value, end: amount.length + name_length })
}

fn head(before: &[char]) -> String {
    let from = before.iter().rposition(|sign| !is_han(*sign)).map_or(0, |place| place + 1);
    let mut head: String =
        before.get(from.max(before.len().saturating_sub(AROUND))..).unwrap_or_default().iter().collect();
    while let Some(shorter) = EMPTY_BEFORE.iter().find_map(|word| head.strip_suffix(word)) {
        head = shorter.to_owned();
    }
    head
}

fn tail(after: &[char]) -> String {
    let mut tail: String = after.iter().take(AROUND).collect();
    while let Some(shorter) = EMPTY_AFTER.iter().find_map(|word| tail.strip_prefix(word)) {
        tail = shorter.to_owned();
    }
    tail.chars().take_while(|sign| is_han(*sign)).collect()
}
