//! Asks for the page that a source is read from: where it moved to, and with what its server said of the
//! copy we have. Knows no format.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use url::Url;

use super::cursor::{Cursor, PageCursor};
use super::visit::{Again, Harvest};
use crate::fetch::{FetchError, Fetched, Fetcher, Page, Request, Wanted};
use crate::health::Trouble;
use crate::pace::Now;
use crate::source::Source;
use crate::words::Words;

/// A site that refuses us is not asked every few minutes.
pub(super) const PAUSE_AFTER_REFUSAL: SignedDuration = SignedDuration::from_hours(1);

/// What is gone for good is looked for once a day, in case it was a mistake.
const PAUSE_AFTER_GONE: SignedDuration = SignedDuration::from_hours(24);

/// A page that is not the copy we have.
pub(super) struct Fresh {
    pub(super) page: Arc<Page>,
    /// When it came.
    pub(super) at: Timestamp,
    /// What to remember once the page turned out to be what it should be. Until then the cursor is left
    /// without conditions, so that the next visit fetches it in full.
    pub(super) place: PageCursor,
}

/// Asks for a source's page; `None` if it is still the one we have. A failure is told as a visit tells it.
pub(super) async fn fetch(
    (source, url, wanted): (&Source, &Url, Wanted),
    place: &mut Option<PageCursor>,
    fetcher: &Fetcher,
    now: &Now,
) -> Result<Option<Fresh>, Harvest> {
    let known = place.take();
    let (etag, last_modified) = known.as_ref().map_or((None, None), |known| known.conditions(url, now()));
    let address = known.as_ref().map_or(url, |known| known.address(url));
    let request = Request { etag, last_modified, ..Request::of(source, address, wanted) };
    match fetcher.fetch(&request, now).await {
        Ok(Fetched::NotModified) => {
            *place = known;
            Ok(None)
        }
        Ok(Fetched::Page(page)) => {
            let (page, at) = (Arc::<Page>::from(page), now());
            *place = known.map(PageCursor::without_conditions);
            let fresh = PageCursor::of_page(url, &page, at);
            Ok(Some(Fresh { page, at, place: fresh }))
        }
        Err(error) => {
            *place = known.map(PageCursor::without_move);
            let failed = Harvest::failed(error.words(), again_after(&error));
            Err(Harvest { trouble: Trouble::of(&error), ..failed })
        }
    }
}

/// Asks for the page that leads to others. While some of these wait, it is fetched though it is still the same.
pub(super) async fn fetch_leading(
    asked: (&Source, &Url, Wanted),
    cursor: &mut Cursor,
    fetcher: &Fetcher,
    now: &Now,
) -> Result<Option<Fresh>, Harvest> {
    if cursor.follow.wants_all(now()) {
        cursor.page = cursor.page.take().map(PageCursor::without_conditions);
    }
    fetch(asked, &mut cursor.page, fetcher, now).await
}

/// Reading a page is work for the processor: it must not hold up the other sources' answers.
pub(super) async fn read<T: Send + 'static>(read: impl FnOnce() -> T + Send + 'static) -> Result<T, Harvest> {
    tokio::task::spawn_blocking(read).await.map_err(|_| {
        let why = Words::new(
            "读网页时出了意外；请连同地址告诉开发者",
            "reading the page failed unexpectedly; please report this with its address",
        );
        Harvest::failed(why, None)
    })
}

pub(super) fn again_after(error: &FetchError) -> Option<Again> {
    match error {
        FetchError::Paced { retry_after, .. } => Some(Again::In(*retry_after)),
        FetchError::Throttled { retry_after, .. } => Some(Again::NotBefore(*retry_after)),
        FetchError::Gone { .. } => Some(Again::NotBefore(PAUSE_AFTER_GONE)),
        FetchError::Status { status: 401 | 403 | 451, .. } => Some(Again::NotBefore(PAUSE_AFTER_REFUSAL)),
        _ => None,
    }
}
