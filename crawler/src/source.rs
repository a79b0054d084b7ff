//! One place that posts come from, as the configuration describes it.
//! Holds no state: health and cursors belong to the crawl.

mod list;
use std::path::PathBuf;

use encoding_rs::Encoding;
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use url::Url;

use crate::fetch::proxy::Way;
use crate::format::json::Json;
use crate::post::Publisher;
pub use list::{Articles, List, Selector, Sitemap};

/// One place that posts come from. Built by the configuration, which has checked every field.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// Unique short id, e.g. `qinglan-bbs`; part of the identity of its posts.
    pub id: String,
    /// Name shown to people, e.g. 青岚论坛.
    pub name: String,
    /// What it is and where it lies.
    pub kind: Kind,
    /// How often it is visited; with `every_at_most` the shortest interval.
    pub every: SignedDuration,
    /// The longest interval, for a source that publishes seldom; `None` visits it always at `every`.
    pub every_at_most: Option<SignedDuration>,
    /// Who speaks there.
    pub publisher: Publisher,
    /// Sources with the same group count as one source.
    pub group: String,
    /// Charset of a source that states a wrong one; `None` finds out by itself.
    pub encoding: Option<&'static Encoding>,
    /// Zone of dates that name none.
    pub zone: TimeZone,
    /// Private addresses it may be fetched from, exactly as `host:port`. A host named here may be
    /// asked at the named ports only. Empty for sources on the public internet.
    pub allow: Vec<String>,
    /// The way its requests take; `None` takes the installation's.
    pub proxy: Option<Way>,
}

impl Source {
    /// The longest time between two visits of a healthy source.
    pub fn longest_interval(&self) -> SignedDuration {
        self.every_at_most.unwrap_or(self.every).max(self.every)
    }
}

/// What a source is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// RSS, Atom or JSON Feed over HTTP.
    Feed {
        /// Its address.
        url: Url,
    },
    /// A page that lists entries, with or without the pages behind them.
    List(Box<List>),
    /// A sitemap and the pages it names.
    Sitemap(Box<Sitemap>),
    /// Files that something else writes: JSONL or CSV, plain, gzip or zstd.
    Files {
        /// Path with `*` and `?` in its last part.
        pattern: String,
        /// Field names to read under another name: (theirs, ours).
        rename: Vec<(String, String)>,
    },
    /// A JSON endpoint, such as a hot list.
    Json(Box<Json>),
    /// Calls by itself and hands posts in: `POST /api/v1/posts`. Never visited.
    Push(Push),
    /// Counts without texts, such as a hotline's daily numbers: from files, or `POST /api/v1/counts`.
    Counts(Counts),
}

/// A source of counts: files, a token to call with, or both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Files of counts: a path with `*` and `?` in its last part.
    pub path: Option<String>,
    /// File with the token by which a caller is known, alone.
    pub token_file: Option<PathBuf>,
    /// Categories and the ids of the concerns they belong to; others belong to none.
    pub concerns: Vec<(String, String)>,
}

/// A source that calls by itself. Its [`Source::every`] is how often it promises to call; zero is no
/// promise, and then its silence means nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Push {
    /// File with the token by which it is known, alone.
    pub token_file: PathBuf,
    /// Field names to read under another name: (theirs, ours).
    pub rename: Vec<(String, String)>,
}

impl Kind {
    /// The address that is visited; `None` of what comes from files or by itself.
    pub fn url(&self) -> Option<&Url> {
        match self {
            Kind::Feed { url } => Some(url),
            Kind::List(list) => Some(&list.url),
            Kind::Sitemap(sitemap) => Some(&sitemap.url),
            Kind::Json(json) => Some(&json.url),
            Kind::Files { .. } | Kind::Push(_) | Kind::Counts(_) => None,
        }
    }

    /// Whether the crawl visits it; the others come by themselves.
    pub fn is_visited(&self) -> bool {
        !matches!(self, Kind::Push(_) | Kind::Counts(Counts { path: None, .. }))
    }
}

/// The charset of a name such as `gbk` or `utf-8`; `None` for a name nobody knows.
pub fn encoding(name: &str) -> Option<&'static Encoding> {
    Encoding::for_label(name.trim().as_bytes())
}
