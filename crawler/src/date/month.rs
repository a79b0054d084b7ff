//! Names of months: English in full and short, Greek and Hungarian as feeds have them, and 2月. Knows no
//! days.

use super::cursor::Cursor;

/// English names by their first three letters.
const ENGLISH: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// The rest of an English name, if it is written.
const ENGLISH_ENDS: [&str; 12] =
    ["uary", "ruary", "ch", "il", "", "e", "y", "ust", "tember", "ober", "ember", "ember"];

/// How names in other languages begin, with the slips that feeds are known for (μάώ, máujus).
const BEGINNINGS: &[(&str, i64)] = &[
    ("ιαν", 1),
    ("φεβ", 2),
    ("μάώ", 3),
    ("μαώ", 3),
    ("μάρ", 3),
    ("μαρ", 3),
    ("απρ", 4),
    ("μάι", 5),
    ("μαϊ", 5),
    ("μαΐ", 5),
    ("μαι", 5),
    ("ιούν", 6),
    ("ιουν", 6),
    ("ιον", 6),
    ("ιούλ", 7),
    ("ιουλ", 7),
    ("ιολ", 7),
    ("αύγ", 8),
    ("αυγ", 8),
    ("σεπ", 9),
    ("οκτ", 10),
    ("νοέ", 11),
    ("νοε", 11),
    ("δεκ", 12),
    ("január", 1),
    ("február", 2),
    ("március", 3),
    ("április", 4),
    ("május", 5),
    ("máujus", 5),
    ("június", 6),
    ("július", 7),
    ("augusztus", 8),
    ("szeptember", 9),
    ("október", 10),
];

/// `feb`, `february`, `sept`, `ιούλ`, `július`.
pub(super) fn name(cursor: &mut Cursor<'_>) -> Option<i64> {
    let mut ahead = *cursor;
    if let Some(month) = ahead.eat_named(BEGINNINGS) {
        let rest = ahead.rest();
        // Greek and Hungarian bend their names at the end.
        let end = rest.find(|c: char| !c.is_alphabetic() || c >= '\u{2e80}').unwrap_or(rest.len());
        ahead.skip(end);
        *cursor = ahead;
        return Some(month);
    }
    let word = ahead.word();
    let place = ENGLISH.iter().position(|name| word.get(..3) == Some(name))?;
    let end = word.get(3..)?;
    if !end.is_empty() && ENGLISH_ENDS.get(place) != Some(&end) && word != "sept" {
        return None;
    }
    *cursor = ahead;
    i64::try_from(place + 1).ok()
}

/// `2月`, as programs with a Chinese locale name February.
pub(super) fn numbered(cursor: &mut Cursor<'_>) -> Option<i64> {
    let mut ahead = *cursor;
    let (month, _) = ahead.digits(1, 2)?;
    ahead.spaces();
    if !ahead.eat("月") {
        return None;
    }
    *cursor = ahead;
    Some(month)
}
