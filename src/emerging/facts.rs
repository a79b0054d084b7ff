//! What the stored posts say of a topic: title, class and concern. Read again only when it has other posts.

use std::collections::BTreeMap;

use analyzer::analyst::Analyst;
use analyzer::topics::{Classes, title};
use crawler::archive::{Archive, ArchiveError};
use crawler::post::Stored;

use super::state::Account;

/// Posts of a topic that are read: the newest ones it knows.
const READ: usize = 32;
/// Titles of hot lists that are shown: the newest.
pub(super) const SHOWN: usize = 5;

/// What its posts say of a topic.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    pub(super) title: Option<String>,
    pub(super) class: Option<(String, String)>,
    pub(super) concern: Option<String>,
    /// Titles of hot lists.
    pub(super) titles: Vec<String>,
    pub(super) mailed: bool,
    /// How many posts it had when they were read, and which of them was the title.
    read: Option<(usize, u64)>,
}

/// Where facts come from.
#[derive(Clone, Copy)]
pub(super) struct Library<'a> {
    pub(super) archive: &'a Archive,
    pub(super) analyst: &'a Analyst,
    pub(super) classes: &'a Classes,
}

impl Facts {
    /// Whether the topic has other posts than were read.
    pub(super) fn is_stale(&self, topic: &Account) -> bool {
        self.read != Some((topic.numbers.len(), topic.title))
    }

    /// Reads the topic's posts.
    pub(super) fn learn(&mut self, topic: &Account, library: Library<'_>) -> Result<(), ArchiveError> {
        let newest = topic.numbers.get(topic.numbers.len().saturating_sub(READ)..).unwrap_or_default();
        let mut numbers: Vec<u64> = newest.iter().copied().chain([topic.title]).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let posts = library.archive.numbered(&numbers)?;
        let texts: Vec<&str> = posts.iter().map(text).collect();
        self.title = title(&posts, topic.title);
        let class = library.classes.of(self.title.as_deref().unwrap_or_default(), &texts);
        self.class = class.map(|class| (class.name.clone(), class.english.clone()));
        self.concern = concern(&posts, library.analyst);
        if topic.listed.is_some() {
            let shown = texts.get(texts.len().saturating_sub(SHOWN)..).unwrap_or_default();
            self.titles = shown.iter().map(|title| (*title).to_owned()).collect();
        }
        self.read = Some((topic.numbers.len(), topic.title));
        Ok(())
    }
}

/// The concern that at least half of these posts belong to.
fn concern(posts: &[Stored], analyst: &Analyst) -> Option<String> {
    let mut concerns: BTreeMap<&str, usize> = BTreeMap::new();
    for stored in posts {
        analyst.concerns_of(&stored.post).into_iter().for_each(|id| *concerns.entry(id).or_default() += 1);
    }
    let most = concerns.into_iter().max_by_key(|(_, count)| *count);
    most.filter(|(_, count)| 2 * count >= posts.len()).map(|(id, _)| id.to_owned())
}

/// The title of a post, or its text where it has none.
pub(super) fn text(stored: &Stored) -> &str {
    if stored.post.title.is_empty() { &stored.post.text } else { &stored.post.title }
}
