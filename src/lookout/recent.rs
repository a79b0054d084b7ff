//! The posts of the last day that belong to some concern: read once and then only what has come since, because whoever
//! explains twenty alerts of one moment must not read the day twenty times.

use std::sync::Arc;

use analyzer::matcher::{Matchers, Text};
use crawler::archive::{Archive, ArchiveError};
use crawler::post::Stored;
use jiff::Timestamp;

/// Posts kept from one question to the next, at most: some 30 MB.
const MOST: usize = 30_000;

/// What was read last.
#[derive(Default)]
pub(super) struct Recent {
    /// By what posts were told apart; other concerns begin anew.
    matchers: Option<Arc<Matchers>>,
    /// Posts published from then on were read …
    from: Timestamp,
    /// … up to this place in the archive.
    sequence: u64,
    /// First revisions with the numbers of their concerns, by time and then by sequence.
    posts: Vec<(Stored, Vec<usize>)>,
}

/// Which posts are wanted.
pub(super) struct Wanted {
    /// The concern, by its number.
    pub(super) concern: usize,
    /// Its posts from here …
    pub(super) from: Timestamp,
    /// … to here, and those of all concerns …
    pub(super) to: Timestamp,
    /// … from here.
    pub(super) others_from: Timestamp,
}

impl Recent {
    /// The posts wanted, by time and then by sequence.
    pub(super) fn of(
        &mut self,
        archive: &Archive,
        matchers: &Arc<Matchers>,
        wanted: &Wanted,
    ) -> Result<Vec<Stored>, ArchiveError> {
        self.read(archive, matchers, wanted.from)?;
        let is_wanted = |(stored, concerns): &&(Stored, Vec<usize>)| {
            let time = stored.post.time;
            let is_own = concerns.contains(&wanted.concern);
            time >= wanted.from && time < wanted.to && (is_own || time >= wanted.others_from)
        };
        let posts = self.posts.iter().filter(is_wanted).map(|(stored, _)| stored.clone()).collect();
        if self.posts.len() > MOST {
            *self = Recent::default();
        }
        Ok(posts)
    }

    /// Reads what has come since the last time.
    fn read(
        &mut self,
        archive: &Archive,
        matchers: &Arc<Matchers>,
        from: Timestamp,
    ) -> Result<(), ArchiveError> {
        let is_same = self.matchers.as_ref().is_some_and(|known| Arc::ptr_eq(known, matchers));
        if !is_same || from < self.from {
            *self = Recent { matchers: Some(Arc::clone(matchers)), ..Recent::default() };
        }
        self.from = from;
        self.posts.retain(|(stored, _)| stored.post.time >= from);
        let behind = self.sequence;
        let (posts, sequence) = (&mut self.posts, &mut self.sequence);
        let mut each = |stored: Stored| {
            *sequence = (*sequence).max(stored.sequence);
            let concerns = matchers.matching(&Text::of(&stored.post));
            if !concerns.is_empty() {
                posts.push((stored, concerns));
            }
        };
        archive.arrived_behind(behind, from, &mut each)?;
        self.posts.sort_by_key(|(stored, _)| (stored.post.time, stored.sequence));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use analyzer::concern::Concern;
    use crawler::mask::Masks;
    use crawler::post::{Draft, IdKey, Post, Publisher, Voice};
    use jiff::SignedDuration;

    use super::*;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_mins(28_000_000 + minutes)
    }

    fn post(number: u32, minutes: i64, text: &str) -> Post {
        let draft = Draft {
            source: "forum",
            group: "论坛",
            publisher: Publisher::Individual,
            guid: Some(&number.to_string()),
            address: None,
            time: at(minutes),
            first_seen: at(minutes),
            title: "",
            text,
            rank: None,
            heat: None,
            claimed: None,
        };
        draft.finish(&IdKey::fixed([7; 32]), Masks::default())
    }

    fn concern(word: &str) -> Concern {
        Concern { id: word.to_owned(), ..Concern::of_words(vec![word.to_owned()]) }
    }

    #[test]
    fn what_was_read_before_and_what_came_since_is_what_a_fresh_look_finds() {
        let folder = tempfile::tempdir().unwrap();
        let archive = Archive::open(folder.path()).unwrap();
        let store = |posts: &[Post]| archive.append(posts, &mut |_| Voice(1)).unwrap();
        let matchers = Arc::new(Matchers::new(&[concern("停水"), concern("停电")]));
        let wanted =
            |concern, from, to| Wanted { concern, from: at(from), to: at(to), others_from: at(to - 10) };
        let mut recent = Recent::default();
        let mut found = |wanted: &Wanted, matchers: &Arc<Matchers>| -> Vec<String> {
            let kept = recent.of(&archive, matchers, wanted).unwrap();
            let fresh = Recent::default().of(&archive, matchers, wanted).unwrap();
            assert_eq!(kept, fresh);
            kept.into_iter().map(|stored| stored.post.text).collect()
        };
        store(&[post(1, 0, "停水一"), post(2, 50, "停水二"), post(3, 55, "停电"), post(4, 56, "下雨")]);
        store(&[post(5, 20, "停电早")]);
        assert_eq!(found(&wanted(0, 0, 60), &matchers), ["停水一", "停水二", "停电"]);
        // One that comes late, one after the end, an edit.
        store(&[post(6, 40, "停水晚"), post(7, 65, "停水三"), post(2, 50, "停水二改")]);
        assert_eq!(found(&wanted(0, 10, 60), &matchers), ["停水晚", "停水二", "停电"]);
        assert_eq!(found(&wanted(1, 20, 70), &matchers), ["停电早", "停电", "停水三"]);
        assert_eq!(found(&wanted(0, 0, 60), &matchers).len(), 4, "an earlier time is read anew");
        let others = Arc::new(Matchers::new(&[concern("下雨")]));
        assert_eq!(found(&wanted(0, 10, 70), &others), ["下雨"]);
    }
}
