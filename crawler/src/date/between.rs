//! What stands between a day and its time: weekdays, brackets, commas. Knows neither.

use super::Miss;
use super::clock::Clock;
use super::cursor::Cursor;

/// The time that stands behind a day, past weekdays, brackets and what else stands between the two.
pub(super) fn clock_behind(cursor: &mut Cursor<'_>) -> Result<Option<Clock>, Miss> {
    let mut ahead = *cursor;
    if ahead.eat("t") && ahead.digit_follows() {
        let clock = Clock::iso(&mut ahead)?;
        *cursor = ahead;
        return Ok(Some(clock));
    }
    ahead = *cursor;
    // So many things never stand between a day and its time.
    for _ in 0..8 {
        ahead.spaces();
        match Clock::read(&mut ahead) {
            Ok(clock) => {
                *cursor = ahead;
                return Ok(Some(clock));
            }
            Err(Miss::Impossible) => return Err(Miss::Impossible),
            Err(Miss::Nothing) => {}
        }
        if !between_day_and_time(&mut ahead) {
            return Ok(None);
        }
    }
    Ok(None)
}

/// The time that stands in front of a day and nothing else between them: `11:30 2020年2月3日`,
/// `上午 11:30 · 2020年2月3日`.
pub(super) fn clock_before(day: Cursor<'_>) -> Option<Clock> {
    let before = day.before().trim_end_matches([' ', ',', '|', '·', '-', '(', '[']);
    let far = before.char_indices().rev().nth(TIME_AT_MOST).map_or(0, |(at, _)| at);
    Cursor::places(before).filter(|place| place.before().len() >= far).find_map(|mut place| {
        let is_inside =
            place.before().ends_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '-'));
        let clock = Clock::read(&mut place).ok()?;
        (!is_inside && place.is_at_end()).then_some(clock)
    })
}

/// No time in front of a day is longer: 下午 11:30:00 +0800.
const TIME_AT_MOST: usize = 24;

fn between_day_and_time(cursor: &mut Cursor<'_>) -> bool {
    if cursor.eat_any(&[",", "、", "-", "|", "·", "at ", "at", "@", ";"]).is_some()
        || weekday(cursor).is_some()
    {
        return true;
    }
    // The lunar day of the same day, up to the next space.
    if cursor.eat_any(&["农历", "阴历"]).is_some() {
        let rest = cursor.rest();
        cursor.skip(rest.find(' ').unwrap_or(rest.len()));
        return true;
    }
    let mut inside = *cursor;
    let Some(open) = inside.eat_any(&["(", "[", "【", "〔"]) else { return false };
    if inside.digit_follows() {
        *cursor = inside;
        return true;
    }
    let close = match open {
        "(" => ')',
        "[" => ']',
        "【" => '】',
        _ => '〕',
    };
    let length = inside.rest().chars().take(16).position(|c| c == close);
    let bytes = length.and_then(|length| inside.rest().char_indices().nth(length));
    let Some((bytes, _)) = bytes else { return false };
    inside.skip(bytes + close.len_utf8());
    *cursor = inside;
    true
}

/// `星期一`, `周3`, `Mon.`; Monday is 1.
pub(super) fn weekday(cursor: &mut Cursor<'_>) -> Option<i8> {
    let mut ahead = *cursor;
    if ahead.eat_any(&["星期", "礼拜", "周"]).is_some() {
        let days = [
            ("一", 1),
            ("二", 2),
            ("三", 3),
            ("四", 4),
            ("五", 5),
            ("六", 6),
            ("日", 7),
            ("天", 7),
            ("1", 1),
            ("2", 2),
            ("3", 3),
            ("4", 4),
            ("5", 5),
            ("6", 6),
            ("7", 7),
        ];
        let day = ahead.eat_named(&days)?;
        *cursor = ahead;
        return Some(day);
    }
    let names = [
        ("monday", 1),
        ("mon", 1),
        ("tuesday", 2),
        ("tues", 2),
        ("tue", 2),
        ("wednesday", 3),
        ("wed", 3),
        ("thursday", 4),
        ("thurs", 4),
        ("thur", 4),
        ("thu", 4),
        ("friday", 5),
        ("fri", 5),
        ("saturday", 6),
        ("sat", 6),
        ("sunday", 7),
        ("sun", 7),
    ];
    let day = ahead.eat_named(&names).filter(|_| !ahead.letter_follows())?;
    ahead.eat(".");
    *cursor = ahead;
    Some(day)
}
