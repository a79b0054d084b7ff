//! What is kept of a sitemap between two visits, and which of its pages are new by it. Pure.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use url::Url;

use crate::address;
use crate::crawl::follow::Follow;
use crate::format::Privacy;
use crate::format::list::{self, Entry};
use crate::format::sitemap::Named;
use crate::pace::later;
use crate::post::{Identity, PostId};
use crate::source::Source;

/// At the first visit a site's history is left where it is: so much of it is read, and so many pages.
const FIRST_REACHES_BACK: SignedDuration = SignedDuration::from_hours(48);
const FIRST_AT_MOST: usize = 50;

/// If nothing is that new, so many pages show that the source works.
const FIRST_AT_LEAST: usize = 5;

/// A page may appear with the day of yesterday.
const OVERLAP: SignedDuration = SignedDuration::from_hours(24);

/// Undated addresses that are remembered of one source.
pub(super) const REMEMBERED: usize = 20_000;

/// What is kept of a sitemap between two visits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::crawl) struct SitemapCursor {
    /// The sitemap, or all that an index names, by their addresses, hashed.
    pub(super) maps: BTreeMap<u32, Known>,
    /// Those among them of whose pages some wait for their articles.
    pub(super) waiting: Vec<u32>,
    /// It was visited before.
    pub(super) visited: bool,
}

/// What is known of one sitemap.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Known {
    /// When it was last asked for.
    #[serde(rename = "a", skip_serializing_if = "Option::is_none")]
    pub(super) asked: Option<Timestamp>,
    /// The latest change that was seen in it.
    #[serde(rename = "s", skip_serializing_if = "Option::is_none")]
    pub(super) since: Option<Timestamp>,
    /// Its addresses without a date, each as the beginning of its post's id.
    #[serde(rename = "u", skip_serializing_if = "Vec::is_empty")]
    pub(super) undated: Vec<u32>,
    /// Its history was seen: an address that is not in it is new.
    #[serde(rename = "k")]
    pub(super) is_known: bool,
}

/// A sitemap that was read.
pub(super) struct Map {
    pub(super) name: u32,
    pub(super) pages: Vec<Named>,
}

/// What is worth a closer look.
#[derive(Default)]
pub(super) struct Chosen {
    /// Entries, and the sitemaps they stand in.
    pub(super) entries: Vec<Entry>,
    pub(super) maps: Vec<u32>,
    /// Undated addresses beyond what is remembered: nobody can say whether they are new.
    pub(super) unwatched: usize,
}

impl SitemapCursor {
    /// Takes note of a sitemap that could not be had: the others get their turn before it is tried again.
    pub(super) fn missed(&mut self, name: u32, now: Timestamp) {
        if let Some(known) = self.maps.get_mut(&name) {
            known.asked = Some(now);
        }
    }

    /// Takes note of the sitemaps whose pages could not all be read yet.
    pub(super) fn note_waiting(
        &mut self,
        chosen: &Chosen,
        follow: &Follow,
        (source, privacy): (&Source, &Privacy),
        now: Timestamp,
    ) {
        for (name, entry) in chosen.maps.iter().zip(&chosen.entries) {
            let waits = || follow.waits(list::post(entry, (source, privacy), now).id);
            if !self.waiting.contains(name) && waits() {
                self.waiting.push(*name);
            }
        }
    }
}

impl Known {
    /// Pages that changed before this moment are history.
    pub(super) fn reaches_back(&self, now: Timestamp) -> Timestamp {
        match self.since {
            Some(since) => later(since, -OVERLAP),
            None => later(now, -FIRST_REACHES_BACK),
        }
    }
}

/// The pages that are new or changed since the last visit, and those that wait for their articles; the
/// newest first.
pub(super) fn choose(
    maps: Vec<Map>,
    cursor: &mut SitemapCursor,
    follow: &Follow,
    (source, privacy): (&Source, &Privacy),
    now: Timestamp,
) -> Chosen {
    let is_first = !cursor.visited;
    let something_waits = follow.has_waiting();
    let waits = |entry: &Entry| something_waits && follow.waits(list::post(entry, (source, privacy), now).id);
    let read_now: HashSet<u32> = maps.iter().map(|map| map.name).collect();
    cursor.waiting.retain(|name| something_waits && !read_now.contains(name));
    let elsewhere = cursor.maps.iter().filter(|(name, _)| !read_now.contains(name));
    let taken: usize = elsewhere.map(|(_, known)| known.undated.len()).sum();
    let mut room = REMEMBERED.saturating_sub(taken);
    let (mut new, mut older, mut unwatched) = (Vec::new(), Vec::new(), 0);
    for Map { name, pages } in maps {
        let known = cursor.maps.entry(name).or_default();
        let mut news = News::of(known, now, (source, privacy));
        for named in pages {
            let time = named.changed.map_or(now, |time| time.min(now));
            let is_new = news.take(&named, &mut room);
            let entry = entry(named);
            if is_new || waits(&entry) {
                new.push((Reverse(time), name, entry));
            } else if is_first {
                older.push((Reverse(time), name, entry));
            }
        }
        unwatched += news.unwatched;
        *known = Known { asked: Some(now), since: news.latest, undated: news.undated, is_known: true };
    }
    cursor.visited = true;
    if is_first && new.is_empty() {
        older.sort_by_key(|(time, ..)| *time);
        older.truncate(FIRST_AT_LEAST);
        new = older;
    }
    new.sort_by_key(|(time, ..)| *time);
    if is_first {
        new.truncate(FIRST_AT_MOST);
    }
    let (maps, entries) = new.into_iter().map(|(_, name, entry)| (name, entry)).unzip();
    Chosen { entries, maps, unwatched }
}

/// Tells what is new in one sitemap, and gathers what is to be remembered of it.
struct News<'a> {
    source: &'a Source,
    privacy: &'a Privacy,
    reaches_back: Timestamp,
    now: Timestamp,
    is_known: bool,
    before: HashSet<u32>,
    latest: Option<Timestamp>,
    undated: Vec<u32>,
    unwatched: usize,
}

impl<'a> News<'a> {
    fn of(known: &Known, now: Timestamp, (source, privacy): (&'a Source, &'a Privacy)) -> News<'a> {
        News {
            source,
            privacy,
            reaches_back: known.reaches_back(now),
            now,
            is_known: known.is_known,
            before: known.undated.iter().copied().collect(),
            latest: known.since,
            undated: Vec::new(),
            unwatched: 0,
        }
    }

    /// Whether a page is new; `room` is how many undated ones may still be remembered.
    fn take(&mut self, named: &Named, room: &mut usize) -> bool {
        if let Some(changed) = named.changed {
            let changed = changed.min(self.now);
            self.latest = self.latest.max(Some(changed));
            return changed >= self.reaches_back;
        }
        if *room == 0 {
            self.unwatched += 1;
            return false;
        }
        *room -= 1;
        // Of an individual's post not even a hash is kept that anybody could make.
        let address = Identity::Address(named.url.as_str());
        let name = PostId::new(address, self.source.publisher, &self.privacy.key).short();
        self.undated.push(name);
        self.is_known && !self.before.contains(&name)
    }
}

fn entry(named: Named) -> Entry {
    Entry {
        title: named.title,
        text: String::new(),
        address: address::link(named.url.as_str()),
        link: Some(named.url),
        nofollow: false,
        time: named.published,
        changed: named.changed.map(|time| time.to_string()),
    }
}

/// A short name of a sitemap's address.
pub(super) fn hash(url: &Url) -> u32 {
    let digest: [u8; 32] = Sha256::digest(url.as_str().as_bytes()).into();
    let mut first = [0; 4];
    first.copy_from_slice(&digest[..4]);
    u32::from_be_bytes(first)
}
