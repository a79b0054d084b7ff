//! One visit of a sitemap: what is new in it, and the pages that it names.

use std::cmp::Reverse;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use url::Url;

use super::Outcome;
use super::articles::{self, Brought, Entries};
use super::cursor::{Cursor, PageCursor};
use super::follow::Follow;
use super::page::{self, Fresh};
use super::visit::{Harvest, Pause};
use crate::address;
use crate::fetch::{Fetched, Fetcher, Request, Wanted};
use crate::format::list::{self, Entry};
use crate::format::sitemap::{self, Named, ParsedSitemap};
use crate::format::{Privacy, Problem};
use crate::pace::{Now, later};
use crate::source::{Sitemap, Source};
use crate::words::Words;

/// Sitemaps of an index that are read at one visit, those that changed last first.
const SITEMAPS_A_VISIT: usize = 10;

/// Addresses that are looked at closer at one visit, the newest first.
const CANDIDATES: usize = 2000;

/// At the first visit a site's history is left where it is: so much of it is read, and so many pages.
const FIRST_REACHES_BACK: SignedDuration = SignedDuration::from_hours(48);
const FIRST_AT_MOST: usize = 50;

/// If nothing is that new, so many pages show that the source works.
const FIRST_AT_LEAST: usize = 5;

/// A page may appear with the day of yesterday.
const OVERLAP: SignedDuration = SignedDuration::from_hours(24);

/// Undated addresses that are remembered.
const REMEMBERED: usize = 20_000;

/// What is kept of a sitemap between two visits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct SitemapCursor {
    /// The latest change that was seen.
    since: Option<Timestamp>,
    /// Addresses without a date that were seen, hashed.
    undated: Vec<u32>,
    /// It was visited before.
    visited: bool,
}

/// Visits a sitemap and moves its place in the cursor.
pub(super) async fn visit(
    (source, map): (&Source, &Sitemap),
    cursor: &mut Cursor,
    (fetcher, privacy): (&Fetcher, &Privacy),
    now: &Now,
) -> Harvest {
    if cursor.follow.wants_all(now()) {
        cursor.page = cursor.page.take().map(PageCursor::without_conditions);
    }
    let fresh = match page::fetch((source, &map.url, Wanted::Data), &mut cursor.page, fetcher, now).await {
        Ok(Some(fresh)) => fresh,
        Ok(None) => return Harvest::not_modified(),
        Err(harvest) => return harvest,
    };
    let Fresh { page, at, place } = fresh;
    let (wishes, found_at, zone) = (page.wishes, page.url.clone(), source.zone.clone());
    let mut read = match page::read(move || sitemap::parse(&page, &zone)).await {
        Ok(Ok(read)) => read,
        Ok(Err(why)) => return Harvest::failed(why, None),
        Err(harvest) => return harvest,
    };
    let is_index = !read.sitemaps.is_empty();
    if is_index {
        read_index(source, &mut read, &found_at, fetcher, now).await;
    }
    // An index may stay the same while what it names changes.
    cursor.page = Some(if is_index { place.without_conditions() } else { place });
    let mut problems = read.problems;
    let wanted = |named: &Named| map.include.as_ref().is_none_or(|part| named.url.as_str().contains(part));
    let named = read.pages.len();
    let pages: Vec<Named> = read.pages.into_iter().filter(wanted).collect();
    if pages.is_empty() && named > 0 {
        problems.push(nothing_included(named));
    }
    let entries = choose(pages, &mut cursor.sitemap, &cursor.follow, (source, privacy), at);
    let entries = Entries {
        source,
        list: &found_at,
        entries: &entries,
        articles: &map.article,
        // Sites keep their sitemaps themselves out of indexes, not what these name.
        may_store: wishes.reserved != Some(true),
        may_follow: wishes.follow,
        looks_again: false,
        is_trial: cursor.is_trial,
    };
    let Brought { posts, problems: more, again_in } =
        articles::read(entries, &mut cursor.follow, (fetcher, privacy), now).await;
    problems.extend(more);
    Harvest { posts, problems, outcome: Outcome::Fetched, pause: again_in.map(Pause::Exactly) }
}

/// Reads the sitemaps that an index names; those that name sitemaps in turn are left.
async fn read_index(source: &Source, all: &mut ParsedSitemap, index: &Url, fetcher: &Fetcher, now: &Now) {
    let mut sitemaps = std::mem::take(&mut all.sitemaps);
    sitemaps.retain(|named| named.url != *index);
    sitemaps.sort_by_key(|named| Reverse(named.changed));
    sitemaps.dedup_by(|one, other| one.url == other.url);
    for Named { url, .. } in sitemaps.into_iter().take(SITEMAPS_A_VISIT) {
        let request = Request::of(source, &url, Wanted::Data);
        let page = match fetcher.fetch(&request, now).await {
            Ok(Fetched::Page(page)) => *page,
            Ok(Fetched::NotModified) => continue,
            Err(error) => {
                all.problems.push(Problem::of_page(error.words()));
                continue;
            }
        };
        let zone = source.zone.clone();
        match page::read(move || sitemap::parse(&page, &zone)).await {
            Ok(Ok(more)) => {
                all.pages.extend(more.pages);
                all.problems.extend(more.problems);
            }
            Ok(Err(why)) => all.problems.push(Problem::of_page(why)),
            Err(_) => {}
        }
        if all.pages.len() >= sitemap::ADDRESSES_AT_MOST {
            break;
        }
    }
    all.problems.truncate(Problem::AT_MOST);
}

/// The pages that are new or changed since the last visit, and those that wait for their articles.
fn choose(
    pages: Vec<Named>,
    cursor: &mut SitemapCursor,
    follow: &Follow,
    (source, privacy): (&Source, &Privacy),
    now: Timestamp,
) -> Vec<Entry> {
    let is_first = !cursor.visited;
    let reaches_back =
        if is_first { later(now, -FIRST_REACHES_BACK) } else { later(cursor.since.unwrap_or(now), -OVERLAP) };
    let undated_before: std::collections::HashSet<u32> = cursor.undated.iter().copied().collect();
    let mut undated = Vec::new();
    let mut latest = cursor.since;
    let something_waits = follow.has_waiting();
    let mut chosen: Vec<(Timestamp, Entry)> = Vec::new();
    let mut older: Vec<(Timestamp, Entry)> = Vec::new();
    for named in pages {
        let changed = named.changed.map(|time| time.min(now));
        let entry = entry(named);
        let is_new = match changed {
            Some(time) => {
                latest = latest.max(Some(time));
                time >= reaches_back
            }
            None => {
                let name = hash(entry.link.as_ref().map(Url::as_str).unwrap_or_default());
                undated.push(name);
                !is_first && undated.len() <= REMEMBERED && !undated_before.contains(&name)
            }
        };
        let waits = || something_waits && follow.waits(list::post(&entry, (source, privacy), now).id);
        let time = changed.unwrap_or(now);
        if is_new || waits() {
            chosen.push((time, entry));
        } else if is_first {
            older.push((time, entry));
        }
    }
    undated.truncate(REMEMBERED);
    *cursor = SitemapCursor { since: latest, undated, visited: true };
    chosen.sort_by_key(|(time, _)| Reverse(*time));
    if is_first && chosen.is_empty() {
        older.sort_by_key(|(time, _)| Reverse(*time));
        older.truncate(FIRST_AT_LEAST);
        chosen = older;
    }
    chosen.truncate(if is_first { FIRST_AT_MOST } else { CANDIDATES });
    chosen.into_iter().map(|(_, entry)| entry).collect()
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

fn hash(address: &str) -> u32 {
    let digest: [u8; 32] = Sha256::digest(address.as_bytes()).into();
    let mut first = [0; 4];
    first.copy_from_slice(&digest[..4]);
    u32::from_be_bytes(first)
}

fn nothing_included(named: usize) -> Problem {
    Problem::of_page(Words::new(
        format!("站点地图有 {named} 个网址，没有一个含有 include 里的文字；请检查 include"),
        format!("none of the sitemap's {named} addresses contains what `include` says; check it"),
    ))
}
