//! Text for a chat: nothing collected may become a link, a mention or a heading, and nothing is cut
//! within a character.

/// Characters that some chat reads as markup, and what stands for them. Platforms differ in what they
/// take back with a backslash, so look-alikes stand there instead.
const MARKUP: [(char, char); 15] = [
    ('*', '＊'),
    ('_', '＿'),
    ('[', '［'),
    (']', '］'),
    ('<', '＜'),
    ('>', '＞'),
    ('`', '｀'),
    ('#', '＃'),
    ('|', '｜'),
    ('~', '～'),
    ('@', '＠'),
    ('&', '＆'),
    ('\\', '＼'),
    ('{', '｛'),
    ('}', '｝'),
];

/// One line that a chat shows as it is.
pub(super) fn plain(line: &str) -> String {
    let line: String = line
        .chars()
        .filter(|c| !c.is_control() && !is_direction(*c))
        .map(|c| MARKUP.iter().find(|(markup, _)| *markup == c).map_or(c, |(_, plain)| *plain))
        .collect();
    // A bare address becomes a link in every chat.
    line.replace("://", "：／／").trim().to_owned()
}

/// Marks that turn the direction of writing around.
fn is_direction(c: char) -> bool {
    matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// The lines that fit into `bytes`, joined by `between`; what is left out is said by `more`.
///
/// The last line that fits only in part is cut at a character.
pub(super) fn fitting(lines: &[String], between: &str, bytes: usize, more: &str) -> String {
    let whole = lines.join(between);
    if whole.len() <= bytes {
        return whole;
    }
    let room = bytes.saturating_sub(between.len() + more.len());
    let mut end = room.min(whole.len());
    while !whole.is_char_boundary(end) {
        end -= 1;
    }
    let kept = whole.get(..end).unwrap_or_default().trim_end();
    format!("{kept}{between}{more}")
}
