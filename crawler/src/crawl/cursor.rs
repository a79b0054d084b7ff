//! What is kept between two visits of a source, as the text that the archive stores for it.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use url::Url;

use super::follow::Follow;
use super::sitemap::SitemapCursor;
use crate::fetch::Page;
use crate::format::feed::Sightings;
use crate::health::Health;
use crate::pace::{History, host_key};
use crate::post::Publisher;
use crate::rhythm::Rhythm;
use crate::source::Source;

/// Some servers say "not modified" for ever: once a day the whole page is asked for.
const WHOLE_PAGE_EVERY: SignedDuration = SignedDuration::from_hours(24);

/// What is kept between two visits. Whatever cannot be read begins anew: it costs one whole fetch.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Cursor {
    pub(super) health: Health,
    /// How often it publishes.
    pub(super) rhythm: Rhythm,
    /// A mark of the settings it was visited under: other settings, another chance.
    pub(super) settings: String,
    /// What the hosts it asked wished and were asked, which a restart must not forget.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) hosts: BTreeMap<String, History>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) feed: Option<FeedCursor>,
    /// The page that a source of another kind is read from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) page: Option<PageCursor>,
    /// Which articles of a list or sitemap were read.
    pub(super) follow: Follow,
    /// How far a sitemap was read.
    pub(super) sitemap: SitemapCursor,
    /// The visit is a trial: nothing of it is stored.
    #[serde(skip)]
    pub(super) is_trial: bool,
    /// The place in a folder of files, which only `format::file` understands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) files: Option<String>,
}

/// The page of a feed, and the entries it had.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct FeedCursor {
    #[serde(flatten)]
    pub(super) page: PageCursor,
    #[serde(default)]
    pub(super) sightings: Sightings,
    /// Of a feed of several pages the posts that came before, by the beginnings of their ids.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) seen: Vec<u32>,
}

/// What a server said of the copy we have.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct PageCursor {
    /// The address in the configuration; with another one all of this is void.
    configured: Url,
    /// Where it moved for good.
    moved: Option<Url>,
    etag: Option<String>,
    last_modified: Option<String>,
    /// When the page was last fetched in full.
    whole_at: Timestamp,
}

impl Cursor {
    pub(super) fn read(text: Option<&str>) -> Cursor {
        text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    }

    /// Of individuals' posts not even the host is kept, which may bear the author's name; of the source's own
    /// page it is known anyway.
    pub(super) fn keep_no_name(&mut self, source: &Source) {
        if source.publisher == Publisher::Individual {
            let own = source.kind.url().map(host_key);
            self.hosts.retain(|host, _| Some(host) == own.as_ref());
        }
    }

    pub(super) fn write(&self) -> Option<String> {
        serde_json::to_string(self).ok()
    }
}

/// A mark that changes when the settings of a source do.
pub(super) fn settings_mark(source: &Source) -> String {
    let digest = Sha256::digest(format!("{source:?}"));
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

impl FeedCursor {
    /// The same of a page that made no sense, which is fetched in full again.
    pub(super) fn without_conditions(self) -> FeedCursor {
        FeedCursor { page: self.page.without_conditions(), ..self }
    }
}

impl PageCursor {
    /// What to remember of a page.
    pub(super) fn of_page(configured: &Url, page: &Page, now: Timestamp) -> PageCursor {
        PageCursor {
            configured: configured.clone(),
            moved: page.moved.clone(),
            etag: page.etag.clone(),
            last_modified: page.last_modified.clone(),
            whole_at: now,
        }
    }

    /// The same of a damaged page, which is fetched in full again.
    pub(super) fn without_conditions(self) -> PageCursor {
        PageCursor { etag: None, last_modified: None, ..self }
    }

    /// The same without the address it moved to, which did not answer.
    pub(super) fn without_move(self) -> PageCursor {
        if self.moved.is_none() {
            return self;
        }
        PageCursor { moved: None, ..self.without_conditions() }
    }

    /// The address to ask, given the one in the configuration.
    pub(super) fn address<'a>(&'a self, configured: &'a Url) -> &'a Url {
        self.moved.as_ref().filter(|_| self.configured == *configured).unwrap_or(configured)
    }

    /// `ETag` and `Last-Modified` to send, if they are still about this address and not a day old.
    pub(super) fn conditions(&self, configured: &Url, now: Timestamp) -> (Option<&str>, Option<&str>) {
        let is_fresh = self.whole_at.duration_until(now) < WHOLE_PAGE_EVERY;
        if self.configured != *configured || !is_fresh {
            return (None, None);
        }
        (self.etag.as_deref(), self.last_modified.as_deref())
    }
}
