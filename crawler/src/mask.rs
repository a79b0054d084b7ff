//! Takes personal data out of a text before it is stored: phones, id cards, plates, e-mail, mentions.
//! Works on the characters alone and keeps everything else as it was; replacing is final, by design.

mod number;
mod plate;
mod word;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// What stands where a number, plate or mailbox was.
const HIDDEN: &str = "***";

/// What stands where a mention was; itself a mention, so masking again changes nothing.
const SOMEBODY: &str = "@用户";

/// The same where the text goes on at once: the space keeps what follows out of the name next time.
const SOMEBODY_CUT: &str = "@用户 ";

/// Which kinds are masked (`[privacy] mask`). All by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Masks {
    /// Mobile and landline numbers.
    pub phone: bool,
    /// Resident identity card numbers.
    pub id_card: bool,
    /// Vehicle plates.
    pub plate: bool,
    /// Mailboxes.
    pub email: bool,
    /// `@name`.
    pub mention: bool,
}

/// One kind, as the configuration names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MaskKind {
    /// Mobile and landline numbers.
    Phone,
    /// Resident identity card numbers.
    IdCard,
    /// Vehicle plates.
    Plate,
    /// Mailboxes.
    Email,
    /// `@name`.
    Mention,
}

impl Default for Masks {
    fn default() -> Masks {
        Masks { phone: true, id_card: true, plate: true, email: true, mention: true }
    }
}

impl FromIterator<MaskKind> for Masks {
    fn from_iter<I: IntoIterator<Item = MaskKind>>(kinds: I) -> Masks {
        let mut masks = Masks { phone: false, id_card: false, plate: false, email: false, mention: false };
        for kind in kinds {
            match kind {
                MaskKind::Phone => masks.phone = true,
                MaskKind::IdCard => masks.id_card = true,
                MaskKind::Plate => masks.plate = true,
                MaskKind::Email => masks.email = true,
                MaskKind::Mention => masks.mention = true,
            }
        }
        masks
    }
}

impl Masks {
    /// The text with the chosen kinds replaced; borrowed when there was nothing to replace.
    pub fn apply<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if !may_hold_personal_data(text) {
            return Cow::Borrowed(text);
        }
        let letters: Vec<Letter> = text.char_indices().map(Letter::new).collect();
        let mut masked = String::new();
        let mut copied = 0;
        let mut place = 0;
        while place < letters.len() {
            let Some((end, replacement)) = self.at(&letters, place) else {
                place += 1;
                continue;
            };
            masked.push_str(&text[copied..letters[place].offset]);
            masked.push_str(replacement);
            copied = letters.get(end).map_or(text.len(), |letter| letter.offset);
            place = end;
        }
        if copied == 0 {
            return Cow::Borrowed(text);
        }
        masked.push_str(&text[copied..]);
        Cow::Owned(masked)
    }

    /// Whether something to be masked begins at `place`: where it ends and what replaces it.
    fn at(&self, letters: &[Letter], place: usize) -> Option<(usize, &'static str)> {
        let hidden = |end: usize| (end, HIDDEN);
        let letter = letters.get(place)?;
        if letter.folded == '@' {
            let end = word::mention(letters, place).filter(|_| self.mention)?;
            let replacement = if word::is_cut(letters, end) { SOMEBODY_CUT } else { SOMEBODY };
            return Some((end, replacement));
        }
        if self.email
            && let Some(end) = word::email(letters, place)
        {
            return Some(hidden(end));
        }
        if self.id_card
            && let Some(end) = number::id_card(letters, place)
        {
            return Some(hidden(end));
        }
        if self.phone
            && let Some(end) = number::phone(letters, place)
        {
            return Some(hidden(end));
        }
        if self.plate {
            return plate::plate(letters, place).map(hidden);
        }
        None
    }
}

/// The text with every kind of personal data replaced.
pub fn mask(text: &str) -> String {
    Masks::default().apply(text).into_owned()
}

/// A character with its place and its half-width form, so that １３８ reads as 138.
#[derive(Clone, Copy)]
struct Letter {
    offset: usize,
    folded: char,
}

impl Letter {
    fn new((offset, c): (usize, char)) -> Letter {
        // Full-width forms U+FF01–FF5E lie at a fixed distance from ASCII.
        let folded = match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
            '\u{3000}' | '\u{a0}' => ' ',
            c => c,
        };
        Letter { offset, folded }
    }

    fn is_digit(&self) -> bool {
        self.folded.is_ascii_digit()
    }
}

/// Every kind needs a digit or an @: most texts have neither and are done after one pass over bytes.
fn may_hold_personal_data(text: &str) -> bool {
    let ascii = text.bytes().any(|byte| byte.is_ascii_digit() || byte == b'@');
    // Full-width digits and ＠ begin with EF BC.
    ascii || text.as_bytes().windows(2).any(|pair| pair == [0xef, 0xbc])
}

fn folded(letters: &[Letter], place: usize) -> Option<char> {
    letters.get(place).map(|letter| letter.folded)
}

fn before(letters: &[Letter], place: usize) -> Option<char> {
    place.checked_sub(1).and_then(|place| folded(letters, place))
}

#[cfg(test)]
mod tests;
