//! Mailboxes and mentions.

use super::{Letter, before, folded};

/// A name on the large platforms is at most thirty characters long.
const LONGEST_NAME: usize = 30;

/// Mail rules allow 64 characters before the @; a bound keeps a long row of letters cheap.
const LONGEST_LOCAL_PART: usize = 64;

/// Where a mailbox that begins at `place` ends.
pub(super) fn email(letters: &[Letter], place: usize) -> Option<usize> {
    let starts_word = folded(letters, place).is_some_and(|c| c.is_ascii_alphanumeric())
        && !before(letters, place).is_some_and(|c| c.is_ascii_alphanumeric());
    if !starts_word {
        return None;
    }
    let bounded = letters.iter().skip(place).take(LONGEST_LOCAL_PART + 1);
    let at = place + bounded.take_while(|letter| is_local(letter.folded)).count();
    if folded(letters, at) != Some('@') {
        return None;
    }
    let is_host =
        |letter: &&Letter| letter.folded.is_ascii_alphanumeric() || matches!(letter.folded, '.' | '-');
    let mut end = at + 1 + letters.iter().skip(at + 1).take_while(is_host).count();
    // The full stop of a sentence is no part of the host.
    while matches!(before(letters, end), Some('.' | '-')) && end > at + 1 {
        end -= 1;
    }
    let host: String = letters.get(at + 1..end)?.iter().map(|letter| letter.folded).collect();
    let (name, top) = host.rsplit_once('.')?;
    let is_mailbox = !name.is_empty() && top.len() >= 2 && top.bytes().all(|b| b.is_ascii_alphabetic());
    is_mailbox.then_some(end)
}

/// Where a mention that begins at `place` (an @) ends: the longest possible name, as platforms read it.
pub(super) fn mention(letters: &[Letter], place: usize) -> Option<usize> {
    let starts_name = folded(letters, place + 1).is_some_and(|c| c.is_alphanumeric() || c == '_');
    let name = letters.iter().skip(place + 1).take(LONGEST_NAME);
    let length = name.take_while(|letter| is_name(letter.folded)).count();
    starts_name.then_some(place + 1 + length)
}

/// Whether a name that ends at `end` was cut because it grew too long.
pub(super) fn is_cut(letters: &[Letter], end: usize) -> bool {
    folded(letters, end).is_some_and(is_name)
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '·')
}

fn is_local(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+' | '%')
}
