//! Vehicle plates: 京A12345, 沪A·D12345 (new energy), 粤B1234警.

use super::{Letter, folded};

/// Where a plate that begins at `place` ends.
///
/// Three digits at least, so that a word of letters behind a province's short name is no plate.
pub(super) fn plate(letters: &[Letter], place: usize) -> Option<usize> {
    if !is_province(folded(letters, place)?) || !folded(letters, place + 1)?.is_ascii_alphabetic() {
        return None;
    }
    let is_dot = matches!(folded(letters, place + 2), Some('·' | '•' | '・' | '.' | '-' | ' '));
    let serial = if is_dot { place + 3 } else { place + 2 };
    let is_serial = |letter: &&Letter| letter.folded.is_ascii_alphanumeric();
    let length = letters.iter().skip(serial).take_while(is_serial).count();
    let end = serial + length;
    let digits = letters.get(serial..end)?.iter().filter(|letter| letter.is_digit()).count();
    let has_suffix = matches!(folded(letters, end), Some('警' | '挂' | '学' | '港' | '澳' | '领' | '使'));
    match length {
        4 if has_suffix && digits >= 3 => Some(end + 1),
        5 if digits >= 3 => Some(end),
        6 if digits >= 4 && is_new_energy(letters, serial) && !is_year(letters, end) => Some(end),
        _ => None,
    }
}

/// New-energy plates have six characters, with a letter first (cars) or last (lorries).
fn is_new_energy(letters: &[Letter], serial: usize) -> bool {
    let is_letter = |place: usize| folded(letters, place).is_some_and(|c| c.is_ascii_alphabetic());
    is_letter(serial) || is_letter(serial + 5)
}

/// `北京SKP2020年` names a year.
fn is_year(letters: &[Letter], end: usize) -> bool {
    let year: String =
        letters.iter().take(end).skip(end.saturating_sub(4)).map(|letter| letter.folded).collect();
    folded(letters, end) == Some('年') && (year.starts_with("19") || year.starts_with("20"))
}

#[rustfmt::skip]
fn is_province(c: char) -> bool {
    matches!(
        c,
        '京' | '津' | '沪' | '渝' | '冀' | '豫' | '云' | '辽' | '黑' | '湘' | '皖' | '鲁' | '新' | '苏' | '浙' | '赣'
            | '鄂' | '桂' | '甘' | '晋' | '蒙' | '陕' | '吉' | '闽' | '贵' | '粤' | '青' | '藏' | '川' | '宁' | '琼'
    )
}
