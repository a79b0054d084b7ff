//! One visit of a feed: fetch, parse, and what to remember.

use std::sync::Arc;

use url::Url;

use super::cursor::{Cursor, FeedCursor, PageCursor};
use super::page::{self, Fresh};
use super::visit::Harvest;
use crate::fetch::{Fetcher, Wanted};
use crate::format::feed::{self, ParsedFeed};
use crate::format::{Parsed, Privacy, Reading};
use crate::pace::Now;
use crate::source::Source;
use crate::words::Words;

/// Visits a feed and moves its place in the cursor.
pub(super) async fn visit(
    (source, url): (&Source, &Url),
    cursor: &mut Cursor,
    (fetcher, privacy): (&Fetcher, &Privacy),
    now: &Now,
) -> Harvest {
    let (mut place, before) = match cursor.feed.take() {
        Some(FeedCursor { page, sightings }) => (Some(page), sightings),
        None => (None, feed::Sightings::default()),
    };
    let fetched = page::fetch((source, url, Wanted::Feed), &mut place, fetcher, now).await;
    cursor.feed = place.map(|page| FeedCursor { page, sightings: before.clone() });
    let Fresh { page, at, place } = match fetched {
        Ok(Some(fresh)) => fresh,
        Ok(None) => return Harvest::not_modified(),
        Err(harvest) => return harvest,
    };
    let (source, privacy) = (source.clone(), privacy.clone());
    let read = move || feed::parse(&Arc::clone(&page), (&source, &privacy), &before, at);
    match page::read(read).await {
        Ok(read) => take(read, cursor, place),
        Err(harvest) => harvest,
    }
}

fn take(read: ParsedFeed, cursor: &mut Cursor, place: PageCursor) -> Harvest {
    let ParsedFeed { parsed: Parsed { posts, problems, reading }, sightings } = read;
    let page = match reading {
        Reading::SomethingElse => {
            let why = problems.into_iter().next().map(|problem| problem.what);
            let why = why.unwrap_or_else(|| Words::new("这不是订阅源", "this is no feed"));
            return Harvest::changed(why);
        }
        Reading::Whole => place,
        Reading::Damaged => place.without_conditions(),
    };
    cursor.feed = Some(FeedCursor { page, sightings });
    Harvest::fetched(posts, problems)
}
