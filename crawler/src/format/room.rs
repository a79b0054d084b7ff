//! How much of what a site says becomes posts, as the administrator set it in `[fetch]`.

use std::cmp::Reverse;

use jiff::Timestamp;

use super::Problem;
use crate::fetch::Limits;
use crate::markup;
use crate::words::Words;

/// How much of one visit becomes posts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Most posts of one visit; the newest are kept.
    pub items: usize,
    /// Most bytes of one post's text.
    pub text_bytes: usize,
    /// Elements of a feed within each other.
    pub xml_depth: usize,
    /// Elements of a web page within each other.
    pub html_depth: usize,
}

impl From<&Limits> for Room {
    fn from(limits: &Limits) -> Room {
        Room {
            items: limits.items,
            text_bytes: limits.text_bytes,
            xml_depth: limits.xml_depth,
            html_depth: limits.html_depth,
        }
    }
}

impl Default for Room {
    fn default() -> Room {
        Room::from(&Limits::default())
    }
}

impl Room {
    /// What a web page may be.
    pub(crate) fn page(self) -> markup::Limits {
        markup::Limits { depth: self.html_depth, ..markup::Limits::default() }
    }

    /// A text as far as there is room for it; a cut is shown by `…`.
    pub(crate) fn text(self, mut text: String) -> String {
        if text.len() > self.text_bytes {
            let kept = self.text_bytes.saturating_sub('…'.len_utf8());
            text.truncate(text.floor_char_boundary(kept));
            text.push('…');
        }
        text
    }

    /// Drops the oldest beyond what there is room for, and says so. The order stays; of equally old ones
    /// the first are kept.
    pub(crate) fn keep_newest<T>(
        self,
        items: &mut Vec<T>,
        time: impl Fn(&T) -> Timestamp,
    ) -> Option<Problem> {
        let (found, room) = (items.len(), self.items);
        if found <= room {
            return None;
        }
        let mut newest_first: Vec<(usize, Timestamp)> = items.iter().map(time).enumerate().collect();
        newest_first.sort_by_key(|(place, time)| (Reverse(*time), *place));
        let mut kept = vec![false; found];
        for (place, _) in newest_first.iter().take(room) {
            if let Some(kept) = kept.get_mut(*place) {
                *kept = true;
            }
        }
        let mut keeps = kept.into_iter();
        items.retain(|_| keeps.next().unwrap_or(false));
        Some(Problem::of_page(Words::new(
            format!("网页有 {found} 条；采了最新的 {room} 条"),
            format!("the page has {found} entries; the newest {room} were taken"),
        )))
    }

    /// Keeps the first as far as there is room for them, and says so: lists begin with the newest.
    pub(crate) fn keep_first<T>(self, items: &mut Vec<T>) -> Option<Problem> {
        let (found, room) = (items.len(), self.items);
        items.truncate(room);
        (found > room).then(|| {
            Problem::of_page(Words::new(
                format!("网页有 {found} 条；采了前 {room} 条"),
                format!("the page has {found} entries; the first {room} were taken"),
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_characters_and_says_so() {
        let room = |text_bytes| Room { text_bytes, ..Room::default() };
        assert_eq!(room(9).text("返乡吗".to_owned()), "返乡吗");
        assert_eq!(room(8).text("返乡吗".to_owned()), "返…");
        assert_eq!(room(2).text("返乡吗".to_owned()), "…");
    }

    #[test]
    fn the_newest_stay_in_their_order() {
        let at = |second: &i64| Timestamp::from_second(*second).unwrap();
        let mut items = vec![5, 1, 9, 5, 7];
        let said = Room { items: 3, ..Room::default() }.keep_newest(&mut items, at).unwrap();
        assert_eq!(items, [5, 9, 7]);
        assert_eq!(said.what.en, "the page has 5 entries; the newest 3 were taken");
        assert_eq!(Room { items: 3, ..Room::default() }.keep_newest(&mut items, at), None);
    }
}
