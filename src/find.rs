//! One way to search, for the command and the page: the query as typed, the context it refers to, and
//! the texts of what was found.

pub(crate) mod levels;
pub(crate) mod row;

use std::sync::Arc;

use analyzer::concern::Concern;
use analyzer::index::{AsOf, Hit, Index, IndexError, Options, Results};
use analyzer::level::Level;
use analyzer::matcher::Matchers;
use analyzer::query::{Context, Query};
use analyzer::quote::Shown;
use crawler::archive::{Archive, ArchiveError};
use crawler::post::Stored;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Hits, or groups of them, that pages and cursors pass over at most.
pub(crate) const DEEPEST: usize = 10_000;

/// Why a search failed; a query that can't be read is no failure of ours and is told before.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FindError {
    /// The index.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The store, where the texts are.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
}

/// What the names and times of a query refer to; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Reference {
    /// The present.
    pub now: Timestamp,
    /// The zone in which days begin.
    pub zone: TimeZone,
    /// The configured concerns.
    pub concerns: Arc<[Concern]>,
    /// What tells to which of them a text belongs.
    pub matchers: Arc<Matchers>,
    /// Concern ids and the levels they stand at.
    pub levels: Arc<[(String, Level)]>,
    /// Source ids and the names shown for them.
    pub sources: Arc<[(String, String)]>,
    /// Groups of the configured sources.
    pub groups: Arc<[String]>,
    /// What is shown of a post.
    pub shown: Shown,
}

/// What was found, with its texts.
pub(crate) struct Found {
    /// Totals, histogram, counts by source.
    pub results: Results,
    /// The page of hits, each with the post the archive has for it.
    pub posts: Vec<(Hit, Stored)>,
    /// Normalised words to mark.
    pub words: Vec<String>,
    /// Most characters shown of a text; links that may not be shown are gone from the posts.
    pub excerpt: usize,
}

impl Reference {
    /// As the analyzer wants it.
    pub(crate) fn context(&self) -> Context<'_> {
        Context {
            now: self.now,
            zone: &self.zone,
            concerns: &self.concerns,
            levels: &self.levels,
            sources: &self.sources,
            groups: &self.groups,
        }
    }

    /// As of a moment, with the levels of then where they are known.
    pub(crate) fn then(self, as_of: AsOf, levels: Option<Vec<(String, Level)>>) -> Reference {
        Reference { now: as_of.moment, levels: levels.map_or(self.levels, Into::into), ..self }
    }

    /// Name shown for a source id.
    pub(crate) fn source_name<'a>(&'a self, id: &'a str) -> &'a str {
        self.sources.iter().find(|(known, _)| known == id).map_or(id, |(_, name)| name)
    }
}

/// Searches, and reads the texts of the hits. A hit that the store no longer has is left out.
pub(crate) fn find(
    index: &Index,
    archive: &Archive,
    query: &Query,
    reference: &Reference,
    options: &Options,
) -> Result<Found, FindError> {
    let results = index.search(query, &reference.context(), options)?;
    let ids: Vec<_> = results.hits.iter().map(|hit| hit.id).collect();
    let mut stored = archive.get_many(&ids)?.into_iter().peekable();
    let posts = results
        .hits
        .iter()
        .filter_map(|hit| {
            let mut stored = stored.next_if(|stored| stored.post.id == hit.id)?;
            stored.post.address = reference.shown.link(&stored.post);
            Some((hit.clone(), stored))
        })
        .collect();
    let words = query.marked_words(&reference.concerns);
    Ok(Found { posts, words, excerpt: reference.shown.excerpt, results })
}
