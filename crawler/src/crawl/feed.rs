//! One visit of a feed: fetch, parse, the pages behind it while they bring news, and what to remember.

use std::collections::HashSet;
use std::sync::Arc;

use jiff::Timestamp;
use url::Url;

use super::cursor::{Cursor, FeedCursor, PageCursor};
use super::page::{self, Fresh};
use super::visit::Harvest;
use crate::fetch::{Fetched, Fetcher, Page, Request, Wanted};
use crate::format::feed::{self, ParsedFeed, Sightings};
use crate::format::{Parsed, Privacy, Problem, Reading, Room};
use crate::pace::Now;
use crate::post::{Post, PostId};
use crate::source::Source;
use crate::wishes::Wishes;
use crate::words::Words;

/// Posts of a feed of several pages that are remembered.
const REMEMBERED: usize = 4000;

/// Visits a feed and moves its place in the cursor.
pub(super) async fn visit(
    (source, url): (&Source, &Url),
    cursor: &mut Cursor,
    (fetcher, privacy): (&Fetcher, &Privacy),
    now: &Now,
) -> Harvest {
    let (mut place, before, seen) = match cursor.feed.take() {
        Some(FeedCursor { page, sightings, seen }) => (Some(page), sightings, seen),
        None => (None, Sightings::default(), Vec::new()),
    };
    let fetched = page::fetch((source, url, Wanted::Feed), &mut place, fetcher, now).await;
    let kept = |page: PageCursor| FeedCursor { page, sightings: before.clone(), seen: seen.clone() };
    cursor.feed = place.map(kept);
    let Fresh { page, at, place } = match fetched {
        Ok(Some(fresh)) => fresh,
        Ok(None) => return Harvest::not_modified(),
        Err(harvest) => return harvest,
    };
    // `noindex` on a feed keeps the feed itself out of indexes, and stands on very many; what it names may
    // be read. A reservation of text mining is about its texts.
    let wishes = Wishes { index: true, ..page.wishes };
    if let Some(why) = wishes.forbid_text() {
        return Harvest::refused(why);
    }
    let found_at = page.url.clone();
    let room = Room::from(fetcher.limits());
    let first = match read(page, (source, privacy, room), &before, at).await {
        Ok(first) => first,
        Err(harvest) => return harvest,
    };
    let (is_whole, charset) = (first.parsed.reading == Reading::Whole, Some(first.charset.clone()));
    let mut pages = Pages { source, found_at, before: &before, seen: seen.iter().copied().collect() };
    let Read { parsed, sightings, ids, is_complete } = pages.following(first, (fetcher, privacy), now).await;
    // Behind a page that could not be had may be news: the next visit must come by again.
    let page = if is_whole && is_complete { place } else { place.without_conditions() };
    let seen = if is_complete { remembered(ids, seen) } else { seen };
    cursor.feed = Some(FeedCursor { page, sightings, seen });
    Harvest { charset, ..Harvest::fetched(parsed.posts, parsed.problems) }
}

/// What a visit read.
struct Read {
    parsed: Parsed,
    sightings: Sightings,
    /// Of a feed of several pages: the posts read.
    ids: Vec<u32>,
    /// Every page that was wanted came.
    is_complete: bool,
}

impl Read {
    /// Adds a later page; where the feed goes on.
    fn add(&mut self, more: ParsedFeed) -> Option<Url> {
        let known: HashSet<PostId> = self.parsed.posts.iter().map(|post| post.id).collect();
        let new = more.parsed.posts.into_iter().filter(|post| !known.contains(&post.id));
        self.parsed.posts.extend(new);
        self.parsed.problems.extend(more.parsed.problems);
        self.sightings.join(more.sightings);
        more.next
    }
}

/// The pages behind a feed's first one (`next_url`): read one after the other, as long as each brings
/// posts that never came before. At the first visit that is so of all of them.
struct Pages<'a> {
    source: &'a Source,
    found_at: Url,
    before: &'a Sightings,
    seen: HashSet<u32>,
}

impl Pages<'_> {
    async fn following(
        &mut self,
        first: ParsedFeed,
        (fetcher, privacy): (&Fetcher, &Privacy),
        now: &Now,
    ) -> Read {
        let ParsedFeed { parsed, sightings, mut next, .. } = first;
        let mut all = Read { parsed, sightings, ids: Vec::new(), is_complete: true };
        let room = Room::from(fetcher.limits());
        let (has_pages, is_first_visit) = (next.is_some(), self.seen.is_empty());
        let mut asked = vec![self.found_at.clone()];
        let mut brings_news = self.take_note(&all.parsed.posts);
        while let Some(url) = next.take().filter(|next| brings_news && self.may_ask(next, &asked)) {
            let steps = u32::try_from(asked.len()).unwrap_or(u32::MAX);
            if let Some(enough) = fetcher.limits().enough(steps, all.parsed.posts.len()) {
                // At the first visit a feed's history is left where it is.
                all.parsed.problems.extend((!is_first_visit).then(|| Problem::of_page(enough)));
                break;
            }
            let fetched = fetcher.fetch(&Request::of(self.source, &url, Wanted::Feed), now).await;
            asked.push(url);
            let more = match fetched {
                Ok(Fetched::Page(page)) => {
                    read(page.into(), (self.source, privacy, room), self.before, now()).await
                }
                Ok(Fetched::NotModified) => break,
                Err(error) => Err(Harvest::failed(error.words(), None)),
            };
            match more {
                Ok(more) => {
                    brings_news = self.take_note(&more.parsed.posts);
                    next = all.add(more);
                }
                Err(harvest) => {
                    all.is_complete = false;
                    all.parsed.problems.extend(harvest.failure().map(Problem::of_page));
                    break;
                }
            }
        }
        let cut = room.keep_newest(&mut all.parsed.posts, |post| post.time);
        all.parsed.problems.extend(cut);
        if has_pages {
            all.ids = all.parsed.posts.iter().map(|post| post.id.short()).collect();
        }
        all
    }

    /// Whether any of these posts never came before, at this visit or another.
    fn take_note(&mut self, posts: &[Post]) -> bool {
        let new = posts.iter().filter(|post| self.seen.insert(post.id.short())).count();
        new > 0
    }

    /// On the feed's own host, or one that the source allows by name; and never twice.
    fn may_ask(&self, next: &Url, asked: &[Url]) -> bool {
        let place = |url: &Url| {
            (url.scheme().to_owned(), url.host_str().map(str::to_owned), url.port_or_known_default())
        };
        let is_named = || {
            let (Some(host), Some(port)) = (next.host_str(), next.port_or_known_default()) else {
                return false;
            };
            self.source.allow.contains(&format!("{host}:{port}"))
        };
        let may =
            matches!(next.scheme(), "http" | "https") && (place(next) == place(&self.found_at) || is_named());
        may && !asked.contains(next)
    }
}

/// Reads one page; what it is instead, otherwise.
async fn read(
    page: Arc<Page>,
    (source, privacy, room): (&Source, &Privacy, Room),
    before: &Sightings,
    at: Timestamp,
) -> Result<ParsedFeed, Harvest> {
    let (source, privacy, before) = (source.clone(), privacy.clone(), before.clone());
    let read = page::read(move || feed::parse(&page, (&source, &privacy, room), &before, at)).await?;
    if read.parsed.reading == Reading::SomethingElse {
        let why = read.parsed.problems.into_iter().next().map(|problem| problem.what);
        return Err(Harvest::changed(why.unwrap_or_else(|| Words::new("这不是订阅源", "this is no feed"))));
    }
    Ok(read)
}

/// Those that came now first, then older ones.
fn remembered(now: Vec<u32>, before: Vec<u32>) -> Vec<u32> {
    if now.is_empty() {
        return now;
    }
    let known: HashSet<u32> = now.iter().copied().collect();
    let older = before.into_iter().filter(|id| !known.contains(id));
    let mut all: Vec<u32> = now.iter().copied().chain(older).collect();
    all.truncate(REMEMBERED);
    all
}
