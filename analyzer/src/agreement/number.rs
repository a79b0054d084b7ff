//! Numbers as officials write them: 14, １４ (already folded), 十四, 二十一, 一百二十, 两, 半.

use crawler::numeral::digit;

/// A number in a text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Number {
    /// Its value.
    pub(super) value: f64,
    /// Characters it takes.
    pub(super) length: usize,
}

/// The number that begins here, if one does.
pub(super) fn number(text: &[char]) -> Option<Number> {
    arabic(text).or_else(|| chinese(text))
}

fn arabic(text: &[char]) -> Option<Number> {
    let is_part = |(place, sign): (usize, &char)| {
        let digit_follows = || text.get(place + 1).is_some_and(char::is_ascii_digit);
        sign.is_ascii_digit() || (*sign == '.' && place > 0 && digit_follows())
    };
    let length = text.iter().enumerate().take_while(|(place, sign)| is_part((*place, sign))).count();
    let written: String = text.get(..length)?.iter().collect();
    Some(Number { value: written.parse().ok()?, length })
}

fn chinese(text: &[char]) -> Option<Number> {
    if text.first() == Some(&'半') {
        return Some(Number { value: 0.5, length: 1 });
    }
    let (mut total, mut ones, mut length) = (0.0, None, 0);
    for sign in text {
        match (digit(*sign).map(f64::from), weight_of(*sign)) {
            (Some(value), _) => {
                // Two digits beside one another are a year or a code, no number.
                if ones.is_some_and(|before: f64| before > 0.0) {
                    return None;
                }
                ones = Some(value);
            }
            (None, Some(weight)) => {
                total += ones.take().unwrap_or(1.0) * weight;
            }
            (None, None) => break,
        }
        length += 1;
    }
    (length > 0).then(|| Number { value: total + ones.unwrap_or(0.0), length })
}

fn weight_of(sign: char) -> Option<f64> {
    match sign {
        '十' => Some(10.0),
        '百' => Some(100.0),
        '千' => Some(1_000.0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_written() {
        let read = |text: &str| {
            let chars: Vec<char> = text.chars().collect();
            number(&chars).map(|number| (number.value, number.length))
        };
        assert_eq!(read("14天"), Some((14.0, 2)));
        assert_eq!(read("3.5元"), Some((3.5, 3)));
        assert_eq!(read("十四天"), Some((14.0, 2)));
        assert_eq!(read("二十一天"), Some((21.0, 3)));
        assert_eq!(read("一百零五元"), Some((105.0, 4)));
        assert_eq!(read("两周"), Some((2.0, 1)));
        assert_eq!(read("半小时"), Some((0.5, 1)));
        assert_eq!(read("二〇二一年"), None);
        assert_eq!(read("天"), None);
        assert_eq!(read("3."), Some((3.0, 1)));
    }
}
