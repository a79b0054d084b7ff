//! Teasers of other articles: a title that is a link, a sentence or two below it, perhaps a line of
//! counters, and the same again. One may be a paragraph behind a link; three in a row are a list.

use super::block::Line;

/// Shorter links are names and buttons.
const TITLE_FROM: usize = 8;

/// Lines of counters and dates below a teaser.
const SMALL_LINES: usize = 2;

/// So many in a row are teasers.
const IN_A_ROW: usize = 3;

/// Marks the lines of teasers as none of the article's.
pub(super) fn mark(lines: &mut [Line]) {
    let shown: Vec<usize> =
        lines.iter().enumerate().filter(|(_, line)| line.length > 0).map(|(place, _)| place).collect();
    let mut at = 0;
    while at < shown.len() {
        let (mut end, mut teasers) = (at, 0);
        while let Some(length) = length(lines, shown.get(end..).unwrap_or_default()) {
            end += length;
            teasers += 1;
        }
        if teasers >= IN_A_ROW {
            for place in shown.get(at..end).unwrap_or_default() {
                if let Some(line) = lines.get_mut(*place) {
                    line.named = true;
                }
            }
        }
        at = end.max(at + 1);
    }
}

/// How many lines the teaser has that begins here.
fn length(lines: &[Line], shown: &[usize]) -> Option<usize> {
    let line = |place: usize| lines.get(*shown.get(place)?);
    let is_title = |line: &Line| line.is_link() && line.length >= TITLE_FROM;
    line(0).filter(|line| is_title(line))?;
    line(1).filter(|line| !line.is_link() && line.is_sentence())?;
    let small = (2..2 + SMALL_LINES).take_while(|place| {
        line(*place).is_some_and(|line| !line.is_sentence() && !is_title(line) && line.length < 20)
    });
    Some(2 + small.count())
}
