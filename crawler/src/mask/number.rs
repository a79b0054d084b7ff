//! Phone and identity card numbers, written together, in groups, or in full-width digits.
//! Dates, amounts, hotlines (12345, 120, 95xxx, 400) and long numbers of other kinds are left alone.

use super::{Letter, before, folded};

/// How the eleven digits of a mobile number are grouped by people who group them.
const MOBILE_GROUPS: &[&[usize]] = &[
    &[11],
    &[3, 4, 4],
    &[3, 8],
    &[7, 4],
    &[4, 4, 3],
    &[5, 6],
    &[3, 3, 5],
    &[3, 5, 3],
    &[4, 3, 4],
    &[3, 2, 2, 4],
    &[3, 2, 2, 2, 2],
    &[1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
];

/// Words after which a bare number of seven or eight digits is a telephone.
const TELEPHONE_CUES: &[&str] = &["电话", "座机", "致电", "拨打", "来电", "传真", "tel", "phone"];

/// Where a phone number that begins at `place` ends.
pub(super) fn phone(letters: &[Letter], place: usize) -> Option<usize> {
    let opens_bracket = folded(letters, place) == Some('(');
    if !opens_bracket && (!is_digit_at(letters, place) || before(letters, place).is_some_and(is_digit)) {
        return None;
    }
    if opens_bracket {
        return bracketed_landline(letters, place);
    }
    mobile(letters, place).or_else(|| landline(letters, place)).or_else(|| local_number(letters, place))
}

/// Where an identity card number that begins at `place` ends: 18 characters with a plausible region
/// and birth date (in 6-8-4 groups or together), or the old 15 digits.
pub(super) fn id_card(letters: &[Letter], place: usize) -> Option<usize> {
    if !is_digit_at(letters, place) || before(letters, place).is_some_and(is_digit) {
        return None;
    }
    let mut number = String::new();
    let mut end = place;
    while number.len() < 18 {
        let letter = folded(letters, end)?;
        let is_check_letter = number.len() == 17 && matches!(letter, 'x' | 'X');
        let is_group_border = matches!(number.len(), 6 | 14) && is_separator(letter);
        if is_digit(letter) || is_check_letter {
            number.push(letter);
        } else if !(is_group_border && is_digit_at(letters, end + 1)) {
            break;
        }
        end += 1;
        if number.len() == 18 {
            break;
        }
        if end >= letters.len() {
            break;
        }
    }
    let ends_here = !is_digit_at(letters, end);
    let plausible = match number.len() {
        18 => is_region(&number) && is_birth_date(&number, 6, 4),
        // The old form is only known by being written together.
        15 => end == place + 15 && is_region(&number) && is_birth_date(&number, 6, 2),
        _ => false,
    };
    (ends_here && plausible).then_some(end)
}

fn mobile(letters: &[Letter], place: usize) -> Option<usize> {
    let start = mobile_start(letters, place)?;
    let looks_mobile = folded(letters, start) == Some('1') && second_digit_is_mobile(letters, start);
    if !looks_mobile {
        return None;
    }
    let end = MOBILE_GROUPS.iter().find_map(|groups| grouped(letters, start, groups))?;
    (!is_amount(letters, end)).then_some(end)
}

/// Skips a country code or long-distance zero written together with the number.
fn mobile_start(letters: &[Letter], place: usize) -> Option<usize> {
    let length = digit_run(letters, place);
    let starts_with =
        |code: &str| code.chars().enumerate().all(|(i, c)| folded(letters, place + i) == Some(c));
    let skipped = match length {
        12 if starts_with("0") => 1,
        13 if starts_with("86") => 2,
        15 if starts_with("0086") => 4,
        _ => 0,
    };
    Some(place + skipped)
}

/// Second digit 3–9, possibly behind a separator when digits are spelled one by one.
fn second_digit_is_mobile(letters: &[Letter], start: usize) -> bool {
    let second = match folded(letters, start + 1) {
        Some(c) if is_separator(c) => folded(letters, start + 2),
        other => other,
    };
    second.is_some_and(|c| matches!(c, '3'..='9'))
}

/// Area code and seven or eight digits, written together or behind one separator, extension included.
fn landline(letters: &[Letter], place: usize) -> Option<usize> {
    let run = digit_run(letters, place);
    let area = area_code_length(letters, place)?;
    let local_length = if area == 3 { 8..=8 } else { 7..=8 };
    if run > area && local_length.contains(&(run - area)) {
        return local_is_landline(letters, place + area).then(|| extension(letters, place + run));
    }
    if run != area {
        return None;
    }
    let local = after_separator(letters, place + area)?;
    let end = local_part(letters, local, local_length)?;
    Some(extension(letters, end))
}

/// `(0591)87654321`.
fn bracketed_landline(letters: &[Letter], place: usize) -> Option<usize> {
    let area = area_code_length(letters, place + 1)?;
    let closing = place + 1 + area;
    if folded(letters, closing) != Some(')') {
        return None;
    }
    let local = if folded(letters, closing + 1) == Some(' ') { closing + 2 } else { closing + 1 };
    let local_length = if area == 3 { 8..=8 } else { 7..=8 };
    let end = local_part(letters, local, local_length)?;
    Some(extension(letters, end))
}

/// Seven or eight digits without an area code count only where a word before them says so: they might
/// be a date or an amount.
fn local_number(letters: &[Letter], place: usize) -> Option<usize> {
    if !follows_telephone_cue(letters, place) {
        return None;
    }
    let end = local_part(letters, place, 7..=8)?;
    (!is_amount(letters, end)).then(|| extension(letters, end))
}

/// Digits of a local number: together, or four and four (three and four) behind a separator.
fn local_part(letters: &[Letter], place: usize, length: std::ops::RangeInclusive<usize>) -> Option<usize> {
    if !local_is_landline(letters, place) {
        return None;
    }
    let run = digit_run(letters, place);
    if length.contains(&run) {
        return Some(place + run);
    }
    let second = after_separator(letters, place + run)?;
    let whole = run + digit_run(letters, second);
    let in_halves = matches!(run, 3 | 4) && whole - run == 4 && length.contains(&whole);
    in_halves.then_some(second + 4)
}

/// No subscriber's number begins with 0, 1 or 9; 95xxx and 96xxx are hotlines.
fn local_is_landline(letters: &[Letter], place: usize) -> bool {
    folded(letters, place).is_some_and(|c| matches!(c, '2'..='8'))
}

/// 010 and 02x are three digits long, 03xx to 09xx four.
fn area_code_length(letters: &[Letter], place: usize) -> Option<usize> {
    if folded(letters, place) != Some('0') {
        return None;
    }
    match (folded(letters, place + 1)?, folded(letters, place + 2)?) {
        ('1', '0') | ('2', '0'..='9') => Some(3),
        ('3'..='9', '0'..='9') if is_digit_at(letters, place + 3) => Some(4),
        _ => None,
    }
}

/// `-123` or `转123` after a number.
fn extension(letters: &[Letter], end: usize) -> usize {
    let marked = matches!(folded(letters, end), Some('-' | '转' | '－'));
    let digits = digit_run(letters, end + 1);
    if marked && (1..=5).contains(&digits) { end + 1 + digits } else { end }
}

fn follows_telephone_cue(letters: &[Letter], place: usize) -> bool {
    let start = place.saturating_sub(8);
    let near: String = letters[start..place].iter().map(|letter| letter.folded).collect();
    let near = near.to_lowercase();
    let near = near.trim_end_matches([':', ' ', '是', '为', '号', '码', '.']);
    TELEPHONE_CUES.iter().any(|cue| near.ends_with(cue))
}

/// Where digits in exactly these groups, one separator between groups, end.
fn grouped(letters: &[Letter], start: usize, groups: &[usize]) -> Option<usize> {
    let mut place = start;
    for (number, &group) in groups.iter().enumerate() {
        if number > 0 {
            place = after_separator(letters, place)?;
        }
        if digit_run(letters, place) != group {
            return None;
        }
        place += group;
    }
    Some(place)
}

/// `13800138000.00` and `13800138000元` are money.
fn is_amount(letters: &[Letter], end: usize) -> bool {
    match folded(letters, end) {
        Some('元' | '%') => true,
        Some('.' | ',') => is_digit_at(letters, end + 1),
        _ => false,
    }
}

fn after_separator(letters: &[Letter], place: usize) -> Option<usize> {
    folded(letters, place).filter(|&c| is_separator(c)).map(|_| place + 1)
}

fn is_separator(c: char) -> bool {
    matches!(c, ' ' | '-' | '.' | '_' | '·' | '‐' | '‑' | '–' | '—' | '\u{2002}'..='\u{200b}')
}

fn digit_run(letters: &[Letter], place: usize) -> usize {
    letters.iter().skip(place).take_while(|letter| letter.is_digit()).count()
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit()
}

fn is_digit_at(letters: &[Letter], place: usize) -> bool {
    folded(letters, place).is_some_and(is_digit)
}

/// The first two digits of a province.
fn is_region(number: &str) -> bool {
    let province = number.get(..2).and_then(|digits| digits.parse::<u32>().ok());
    province.is_some_and(
        |p| matches!(p, 11..=15 | 21..=23 | 31..=37 | 41..=46 | 50..=54 | 61..=65 | 71 | 81..=83),
    )
}

fn is_birth_date(number: &str, start: usize, year_digits: usize) -> bool {
    let read = |from: usize, length: usize| number.get(from..from + length)?.parse::<u32>().ok();
    let year = read(start, year_digits);
    let month = read(start + year_digits, 2);
    let day = read(start + year_digits + 2, 2);
    let year_fits = year.is_some_and(|year| year_digits == 2 || (1900..2100).contains(&year));
    year_fits && month.is_some_and(|m| (1..=12).contains(&m)) && day.is_some_and(|d| (1..=31).contains(&d))
}
