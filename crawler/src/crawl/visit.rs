//! One visit of one source: fetch, parse, and what to remember. Stores nothing.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use url::Url;

use super::cursor::{Cursor, FeedCursor};
use super::{Outcome, folder};
use crate::fetch::{FetchError, Fetched, Fetcher, Page, Request, Wanted};
use crate::format::feed::{self, ParsedFeed, Sightings};
use crate::format::{Parsed, Privacy, Problem, Reading};
use crate::pace::Now;
use crate::post::Post;
use crate::source::{Kind, Source};
use crate::words::Words;

/// A site that refuses us is not asked every few minutes.
const PAUSE_AFTER_REFUSAL: SignedDuration = SignedDuration::from_hours(1);

/// What is gone for good is looked for once a day, in case it was a mistake.
const PAUSE_AFTER_GONE: SignedDuration = SignedDuration::from_hours(24);

/// What one visit brought.
pub(super) struct Harvest {
    pub(super) posts: Vec<Post>,
    pub(super) problems: Vec<Problem>,
    pub(super) outcome: Outcome,
    /// After a failure: the pause that the site's answer makes wise. After a success: when to come
    /// again, where more is known to wait.
    pub(super) pause: Option<SignedDuration>,
}

impl Harvest {
    pub(super) fn failed(why: Words, pause: Option<SignedDuration>) -> Harvest {
        let outcome = Outcome::Failed(why);
        Harvest { posts: Vec::new(), problems: Vec::new(), outcome, pause }
    }
}

/// Visits a source and moves its place in the cursor; its health is the caller's.
pub(super) async fn visit(
    source: &Source,
    cursor: &mut Cursor,
    (fetcher, privacy): (&Fetcher, &Privacy),
    now: &Now,
) -> Harvest {
    match &source.kind {
        Kind::Feed { url } => {
            let place = cursor.feed.take();
            let request = request(source, url, place.as_ref(), now());
            match fetcher.fetch(&request, now).await {
                Ok(Fetched::NotModified) => {
                    cursor.feed = place;
                    let outcome = Outcome::NotModified;
                    Harvest { posts: Vec::new(), problems: Vec::new(), outcome, pause: None }
                }
                Ok(Fetched::Page(page)) => {
                    let (page, fetched_at) = (Arc::<Page>::from(page), now());
                    let before = place.as_ref().map(|place| place.sightings.clone()).unwrap_or_default();
                    // Until the page turns out to be a feed, the next visit fetches it in full.
                    cursor.feed = place.map(FeedCursor::without_conditions);
                    let read = parse(source, privacy, (Arc::clone(&page), before), fetched_at).await;
                    take(read, cursor, |seen| FeedCursor::of_page(url, &page, seen, fetched_at))
                }
                Err(error) => {
                    cursor.feed = place.map(FeedCursor::without_move);
                    let pause = pause_after(&error);
                    Harvest::failed(error.words(), pause)
                }
            }
        }
        Kind::Files { pattern, rename } => {
            folder::visit((source, pattern, rename), cursor, privacy, now()).await
        }
    }
}

fn request<'a>(
    source: &'a Source,
    url: &'a Url,
    place: Option<&'a FeedCursor>,
    now: Timestamp,
) -> Request<'a> {
    let (etag, last_modified) = place.map_or((None, None), |place| place.conditions(url, now));
    let url = place.map_or(url, |place| place.address(url));
    Request { etag, last_modified, ..Request::of(source, url, Wanted::Feed) }
}

/// Parsing is work for the processor: it must not hold up the other sources' answers.
async fn parse(
    source: &Source,
    privacy: &Privacy,
    (page, before): (Arc<Page>, Sightings),
    now: Timestamp,
) -> Option<ParsedFeed> {
    let (source, privacy) = (source.clone(), privacy.clone());
    let parse = move || feed::parse(&page, (&source, &privacy), &before, now);
    tokio::task::spawn_blocking(parse).await.ok()
}

fn take(
    read: Option<ParsedFeed>,
    cursor: &mut Cursor,
    place: impl FnOnce(Sightings) -> FeedCursor,
) -> Harvest {
    let Some(ParsedFeed { parsed, sightings }) = read else {
        let why = Words::new(
            "读网页时出了意外；请连同地址告诉开发者",
            "reading the page failed unexpectedly; please report this with its address",
        );
        return Harvest::failed(why, None);
    };
    let Parsed { posts, problems, reading } = parsed;
    cursor.feed = match reading {
        Reading::SomethingElse => {
            let why = problems.into_iter().next().map(|problem| problem.what);
            return Harvest::failed(
                why.unwrap_or_else(|| Words::new("这不是订阅源", "this is no feed")),
                None,
            );
        }
        Reading::Whole => Some(place(sightings)),
        Reading::Damaged => Some(place(sightings).without_conditions()),
    };
    Harvest { posts, problems, outcome: Outcome::Fetched, pause: None }
}

fn pause_after(error: &FetchError) -> Option<SignedDuration> {
    match error {
        FetchError::Throttled { retry_after, .. } => Some(*retry_after),
        FetchError::Gone { .. } => Some(PAUSE_AFTER_GONE),
        FetchError::Status { status: 401 | 403 | 451, .. } => Some(PAUSE_AFTER_REFUSAL),
        _ => None,
    }
}
