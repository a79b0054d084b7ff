//! Numbers and places of a text: 北京新增3例 and 北京新增5例, or the notices of two streets, differ in little
//! else and are two matters. Kept as small sets of bits, so that a text that was cut or got something added,
//! which has fewer or more of them, is told from one that has others.

mod places;

use crate::hash::{SEED, mix};

/// Numbers and places.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Names {
    /// A place name has two bits and more; two names share one in every sixteenth case.
    places: u64,
    /// A number has one bit.
    numbers: u32,
    /// Hash of the numbers in their order.
    order: u16,
    /// How many numbers there are, up to 255.
    count: u8,
}

/// From this length on one character of a place may differ.
const LENGTHY: usize = 64;
/// From this length on a few numbers may differ: nobody publishes a long text again for one of them.
const LENGTH_PER_NUMBER: usize = 160;
/// At most so many.
const MOST_NUMBERS: u32 = 2;

impl Names {
    /// What a normalised text names.
    pub(super) fn of(text: &[char]) -> Names {
        let mut names = Names { places: places::bits(text), numbers: 0, order: 0, count: 0 };
        let mut rest = text;
        let mut order = SEED;
        while let Some(&first) = rest.first() {
            let (number, length) = if first.is_ascii_digit() { digits(rest) } else { numeral(rest) };
            if let Some(number) = number {
                names.numbers |= 1 << (number >> 59);
                names.count = names.count.saturating_add(1);
                order = mix(order, number);
            }
            rest = rest.get(length.max(1)..).unwrap_or_default();
        }
        names.order = (order >> 48) as u16;
        names
    }

    /// Whether two texts, the shorter one `length` characters long, speak of different numbers or places:
    /// each names something that the other does not.
    pub(super) fn contradict(&self, other: &Names, length: usize) -> bool {
        self.other_places(other, length) || self.other_numbers(other, length)
    }

    fn other_places(&self, other: &Names, length: usize) -> bool {
        let here = (self.places & !other.places).count_ones();
        let there = (other.places & !self.places).count_ones();
        // One bit on either side may be one mistyped character: forgiven where there are many.
        here.min(there) >= 1 && (length < LENGTHY || here.max(there) >= 2)
    }

    fn other_numbers(&self, other: &Names, length: usize) -> bool {
        if self.count == other.count && self.order == other.order {
            return false;
        }
        let here = (self.numbers & !other.numbers).count_ones();
        let there = (other.numbers & !self.numbers).count_ones();
        let mut differ = here.min(there);
        if self.count == other.count {
            // As many, but others: bits can coincide.
            differ = differ.max(1);
        }
        differ > MOST_NUMBERS.min((length / LENGTH_PER_NUMBER) as u32)
    }
}

/// A number in digits, 1,200 as 1200 and 3.5 as itself, and its length in characters.
fn digits(text: &[char]) -> (Option<u64>, usize) {
    let mut hash = SEED;
    let mut length = 0;
    while let Some(&char) = text.get(length) {
        let goes_on = text.get(length + 1).is_some_and(char::is_ascii_digit);
        match char {
            '0'..='9' => hash = mix(hash, u64::from(char)),
            '.' if goes_on => hash = mix(hash, u64::from(char)),
            ',' if goes_on => {}
            _ => break,
        }
        length += 1;
    }
    (Some(hash), length)
}

/// A number in Chinese, if one stands here. 一 and 十 alone are rather words (一直, 十分).
fn numeral(text: &[char]) -> (Option<u64>, usize) {
    let length = text.iter().take_while(|&&char| is_numeral(char)).count();
    let run = text.get(..length).unwrap_or_default();
    let counts =
        run.iter().any(|&char| !matches!(char, '零' | '〇' | '一' | '十' | '百' | '千' | '万' | '亿'));
    (counts.then(|| run.iter().fold(SEED, |hash, &char| mix(hash, u64::from(char)))), length)
}

fn is_numeral(char: char) -> bool {
    matches!(
        char,
        '零' | '〇'
            | '一'
            | '二'
            | '三'
            | '四'
            | '五'
            | '六'
            | '七'
            | '八'
            | '九'
            | '十'
            | '百'
            | '千'
            | '万'
            | '亿'
            | '两'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(one: &str, other: &str, length: usize, expected: bool) {
        let of = |text: &str| Names::of(&text.chars().collect::<Vec<char>>());
        let (names, others) = (of(one), of(other));
        assert_eq!(names.contradict(&others, length), expected, "{one} / {other}");
        assert_eq!(others.contradict(&names, length), expected, "{other} / {one}");
    }

    #[test]
    fn other_numbers_contradict() {
        check("北京新增3例", "北京新增5例", 30, true);
        check("新增三例", "新增五例", 30, true);
        check("新增12例,治愈3例", "新增3例,治愈12例", 30, true);
        check("新增12例", "新增12例,其中3例在东区", 30, false);
        check("新增12例", "新增", 30, false);
        check("花了1,200元", "花了1200元", 30, false);
        check("下降3.5%", "下降35%", 30, true);
        check("十分着急,一直没水", "非常着急,总是没水", 30, false);
        check("停水8时至18时", "停水8时至20时", 30, true);
        check("停水8时至18时", "停水8时至20时", 200, false);
    }

    #[test]
    fn other_places_contradict() {
        check("北京昨日新增", "南京昨日新增", 30, true);
        check("解放路今晚停水", "中山路今晚停水", 30, true);
        check("解放路今晚停水", "解放街今晚停水", 30, true);
        check("中山东路今晚停水", "中山西路今晚停水", 30, true);
        check("阳光花园停水", "锦绣花园停水", 30, true);
        check("翠竹苑停水", "东湖路停水", 30, true);
        check("阳光小区停水", "锦绣小区停水", 30, true);
        check("解放路今晚停水", "今晚停水", 30, false);
        check("解放路今晚停水", "解方路今晚停水", 30, true);
        check("解放路今晚停水", "解方路今晚停水", 100, false);
        check("我们小区没有水", "咱们小区没有水", 30, false);
        check("石家庄停课", "哈尔滨停课", 30, true);
    }
}
