//! One visit of one source, whatever it is; each kind has a file of its own. Stores nothing.

use jiff::SignedDuration;

use super::cursor::Cursor;
use super::page::PAUSE_AFTER_REFUSAL;
use super::{Outcome, feed, folder, json, list, sitemap};
use crate::category::CategoryCount;
use crate::fetch::Fetcher;
use crate::format::{Privacy, Problem, Room};
use crate::health::Trouble;
use crate::pace::Now;
use crate::post::Post;
use crate::source::{Kind, Source};
use crate::words::Words;

/// What one visit brought.
pub(super) struct Harvest {
    pub(super) posts: Vec<Post>,
    pub(super) counts: Vec<CategoryCount>,
    pub(super) problems: Vec<Problem>,
    pub(super) outcome: Outcome,
    /// When to come again, where it is not the source's own interval.
    pub(super) again: Option<Again>,
    /// After a failure: what sort it was.
    pub(super) trouble: Trouble,
    /// The charset the page was read as.
    pub(super) charset: Option<String>,
}

/// When to come again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Again {
    /// After a failure not sooner than this: the site's answer makes it wise.
    NotBefore(SignedDuration),
    /// After exactly this: more is known to wait, or the pause of the host was not over and nothing was
    /// tried, which is no failure to be counted.
    In(SignedDuration),
}

impl Harvest {
    pub(super) fn failed(why: Words, again: Option<Again>) -> Harvest {
        let outcome = Outcome::Failed(why);
        Harvest { outcome, again, ..Harvest::not_modified() }
    }

    /// The page is not what it was or should be.
    pub(super) fn changed(why: Words) -> Harvest {
        Harvest { trouble: Trouble::Changed, ..Harvest::failed(why, None) }
    }

    /// The site does not want its words to be taken.
    pub(super) fn refused(why: Words) -> Harvest {
        let again = Some(Again::NotBefore(PAUSE_AFTER_REFUSAL));
        Harvest { trouble: Trouble::Refused, ..Harvest::failed(why, again) }
    }

    pub(super) fn fetched(posts: Vec<Post>, problems: Vec<Problem>) -> Harvest {
        Harvest { posts, problems, outcome: Outcome::Fetched, ..Harvest::not_modified() }
    }

    /// Why it failed, in words; nothing if it did not.
    pub(super) fn failure(&self) -> Option<Words> {
        match &self.outcome {
            Outcome::Failed(why) => Some(why.clone()),
            Outcome::Fetched | Outcome::NotModified => None,
        }
    }

    pub(super) fn not_modified() -> Harvest {
        Harvest {
            posts: Vec::new(),
            counts: Vec::new(),
            problems: Vec::new(),
            outcome: Outcome::NotModified,
            again: None,
            trouble: Trouble::default(),
            charset: None,
        }
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
        Kind::Feed { url } => feed::visit((source, url), cursor, (fetcher, privacy), now).await,
        Kind::List(list) => list::visit((source, list), cursor, (fetcher, privacy), now).await,
        Kind::Sitemap(map) => sitemap::visit((source, map), cursor, (fetcher, privacy), now).await,
        Kind::Files { pattern, .. } => {
            let room = Room::from(fetcher.limits());
            folder::visit((source, pattern), cursor, (privacy, room), now()).await
        }
        Kind::Push(_) => super::push::not_visited(source),
        Kind::Json(json) => json::visit((source, json), cursor, (fetcher, privacy), now).await,
        Kind::Counts(kind) => super::counts::visit((source, kind), cursor, now()).await,
    }
}
