//! The figures of hot lists as sites write them: `1.2万`, `3,456`, `热度 345 万`, `"12345"`.

/// A figure beyond this is a mistake or malice: nothing on earth is read so often.
const LARGEST: f64 = 1e15;

/// The figure a text means; `None` where it names none, several, or one that cannot be.
pub(super) fn figure(text: &str) -> Option<f64> {
    let text = half_width(text);
    let mut plain = None;
    let mut plain_ones = 0;
    let mut rest = text.as_str();
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let is_negative = rest.get(..start).is_some_and(|before| before.ends_with(['-', '−']));
        let (digits, after) = split_number(rest.get(start..)?);
        let number: f64 = digits.replace(',', "").parse().ok()?;
        let number = if is_negative { -number } else { number };
        // A figure with a unit is what is meant, whatever other numbers stand beside it.
        if let Some(factor) = unit(after) {
            return believable(number * factor);
        }
        plain = Some(number);
        plain_ones += 1;
        rest = after;
    }
    if plain_ones == 1 { plain.and_then(believable) } else { None }
}

/// A number that may be stored as somebody's figure.
pub(super) fn believable(number: f64) -> Option<f64> {
    (number.is_finite() && (0.0..=LARGEST).contains(&number)).then_some(number)
}

/// The digits at the beginning with their commas and one point, and the rest.
fn split_number(text: &str) -> (&str, &str) {
    let mut has_point = false;
    let mut end = 0;
    for (at, c) in text.char_indices() {
        let digit_follows =
            text.get(at + 1..).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        match c {
            '0'..='9' => {}
            ',' if digit_follows && !has_point => {}
            '.' if digit_follows && !has_point => has_point = true,
            _ => break,
        }
        end = at + 1;
    }
    text.split_at(end)
}

fn unit(after: &str) -> Option<f64> {
    let after = after.trim_start().trim_start_matches('+');
    let next_is_letter = || after.chars().nth(1).is_some_and(char::is_alphabetic);
    match after.chars().next()? {
        '亿' => Some(1e8),
        '万' | '萬' => Some(1e4),
        '千' => Some(1e3),
        'w' | 'W' if !next_is_letter() => Some(1e4),
        'k' | 'K' if !next_is_letter() => Some(1e3),
        _ => None,
    }
}

fn half_width(text: &str) -> String {
    text.chars()
        .map(|c| match u32::from(c) {
            code @ 0xFF01..=0xFF5E => char::from_u32(code - 0xFEE0).unwrap_or(c),
            _ => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_as_sites_write_them() {
        let cases = [
            ("12345", Some(12_345.0)),
            ("3,456", Some(3_456.0)),
            ("１，２３４", Some(1_234.0)),
            ("1.2万", Some(12_000.0)),
            ("1.2亿", Some(120_000_000.0)),
            ("热度 345万", Some(3_450_000.0)),
            ("345 万热度", Some(3_450_000.0)),
            ("3 个回答 · 120 万热度", Some(1_200_000.0)),
            ("10万+", Some(100_000.0)),
            ("1.5w", Some(15_000.0)),
            ("2k", Some(2_000.0)),
            ("综艺 98765", Some(98_765.0)),
            ("5 weeks", Some(5.0)),
            ("0", Some(0.0)),
            ("-5", None),
            ("爆", None),
            ("", None),
            ("NaN", None),
            ("inf", None),
            ("3 和 5", None),
            ("99999999999999999999", None),
            ("99999999999亿", None),
        ];
        for (text, expected) in cases {
            assert_eq!(figure(text), expected, "{text}");
        }
        assert_eq!(figure(&"9".repeat(100_000)), None);
        assert_eq!((believable(1e40), believable(f64::NAN)), (None, None));
    }

    proptest::proptest! {
        #[test]
        fn no_text_gives_an_impossible_figure(text in "[0-9.,万亿 a-zé+-]{0,20}") {
            if let Some(figure) = figure(&text) {
                proptest::prop_assert!(believable(figure).is_some());
            }
        }
    }
}
