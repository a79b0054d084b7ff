//! One way of writing for what sites write in many: widths, dashes, Traditional and Korean units, and
//! numbers in characters. Judges nothing.

use crate::format::plain::from_html;
use crate::numeral::digit;

/// A date stands near the beginning of what it was found in; the rest is never looked at.
const CHARACTERS_AT_MOST: usize = 600;

/// The text in lower case and half width, with plain spaces, hyphens and simplified units.
pub(super) fn simple(text: &str) -> String {
    let beginning: String = text.trim_start().chars().take(CHARACTERS_AT_MOST).collect();
    // Some feeds escape twice: 17:58:13&#43;08:00.
    let decoded = beginning.contains('&').then(|| from_html(&beginning, CHARACTERS_AT_MOST));
    decoded.unwrap_or(beginning).chars().filter_map(simple_character).collect()
}

fn simple_character(c: char) -> Option<char> {
    let c = match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0)?,
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}' => return None,
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        '\u{2236}' => ':',
        '鐘' | '鍾' => '钟',
        '時' | '시' => '时',
        '剛' => '刚',
        '週' => '周',
        '個' => '个',
        '點' => '点',
        '號' => '号',
        '農' => '农',
        '曆' | '歷' => '历',
        '臘' => '腊',
        '陰' => '阴',
        '國' => '国',
        '後' => '后',
        '閏' => '闰',
        '兩' => '两',
        '禮' => '礼',
        '間' => '间',
        '년' => '年',
        '월' => '月',
        '일' => '日',
        '분' => '分',
        '초' => '秒',
        c if c.is_whitespace() || c.is_control() => ' ',
        c => c,
    };
    c.to_lowercase().next()
}

/// Numbers in characters become digits where a unit follows: 二〇二〇年二月三日, 两小时前.
pub(super) fn with_digits(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let run = rest.find(|c| numeral(c).is_none()).unwrap_or(rest.len());
        let (numerals, after) = rest.split_at(run);
        let unit_follows = after.trim_start().chars().next().is_some_and(|c| UNITS.contains(c));
        // 八点十五, but 八点一刻.
        let is_minute = written.ends_with(['点', '时']) && !after.starts_with('刻');
        match value(numerals).filter(|_| unit_follows || is_minute) {
            Some(value) => written.push_str(&value.to_string()),
            None => written.push_str(numerals),
        }
        rest = after;
        if run == 0 {
            written.push(first);
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
        }
    }
    written
}

const UNITS: &str = "年月日号时点分秒小钟天周个星礼";

/// Ten is no digit but a place.
const TEN: u32 = 10;

fn numeral(c: char) -> Option<u32> {
    match c {
        '十' => Some(TEN),
        '廿' => Some(20),
        '卅' => Some(30),
        c => digit(c),
    }
}

/// 二〇二〇 is read digit by digit, 二十三 by its tens.
fn value(numerals: &str) -> Option<u32> {
    let values: Vec<u32> = numerals.chars().filter_map(numeral).collect();
    match values.as_slice() {
        [] => None,
        [one] => Some(*one),
        [tens @ (20 | 30), ones] if *ones < TEN => Some(tens + ones),
        [TEN, ones] if *ones < TEN => Some(TEN + ones),
        [tens, TEN] if *tens < TEN => Some(tens * TEN),
        [tens, TEN, ones] if *tens < TEN && *ones < TEN => Some(tens * TEN + ones),
        digits if digits.len() <= 4 && digits.iter().all(|digit| *digit < TEN) => {
            Some(digits.iter().fold(0, |value, digit| value * TEN + digit))
        }
        _ => None,
    }
}
