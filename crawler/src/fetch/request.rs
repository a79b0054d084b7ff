//! What is asked for, and what comes back.

use std::fmt;

use jiff::SignedDuration;
use reqwest::header::{
    ACCEPT, CONTENT_TYPE, DATE, ETAG, HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH,
    LAST_MODIFIED,
};
use url::Url;

use super::answer::moment;
use super::exchange::Answer;
use super::proxy::Way;
use crate::source::Source;
use crate::wishes::Wishes;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// Address.
    pub url: &'a Url,
    /// What is hoped for behind it.
    pub wanted: Wanted,
    /// Private addresses that may be reached on the way (`Source::allow`).
    pub allow: &'a [String],
    /// The way it takes (`Source::proxy`); `None` takes the installation's.
    pub way: Option<&'a Way>,
    /// `ETag` of the copy we have.
    pub etag: Option<&'a str>,
    /// `Last-Modified` of the copy we have, as the server wrote it.
    pub last_modified: Option<&'a str>,
}

/// What is hoped for behind an address: decides what is said to be accepted, how large it may be, and
/// whether it counts as one of the web pages that a host gives us in a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// A feed.
    Feed,
    /// A web page: a list or an article.
    Html,
    /// Something else for programs: JSON, a sitemap.
    Data,
}

impl<'a> Request<'a> {
    /// A request on behalf of a source, without conditions.
    pub fn of(source: &'a Source, url: &'a Url, wanted: Wanted) -> Request<'a> {
        Request {
            url,
            wanted,
            allow: &source.allow,
            way: source.proxy.as_ref(),
            etag: None,
            last_modified: None,
        }
    }

    /// The headers that say what we want and what we have.
    pub(super) fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static(self.wanted.accepted()));
        for (name, value) in [(IF_NONE_MATCH, self.etag), (IF_MODIFIED_SINCE, self.last_modified)] {
            if let Some(value) = value.and_then(|value| HeaderValue::from_str(value).ok()) {
                headers.insert(name, value);
            }
        }
        headers
    }
}

impl Wanted {
    fn accepted(self) -> &'static str {
        match self {
            Wanted::Feed => {
                "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, \
                 text/xml;q=0.9, application/json;q=0.8, */*;q=0.5"
            }
            Wanted::Html => "text/html, application/xhtml+xml, */*;q=0.5",
            Wanted::Data => "application/json, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5",
        }
    }
}

/// What came back.
#[derive(Clone, Debug, PartialEq)]
pub enum Fetched {
    /// A page.
    Page(Box<Page>),
    /// Nothing new since the copy we have, or nothing at all (204).
    NotModified,
}

/// A page as it came, unpacked but not decoded.
#[derive(Clone, PartialEq)]
pub struct Page {
    /// Where it was found in the end; relative links in it start here.
    pub url: Url,
    /// Its new address, if every redirect on the way was a permanent one.
    pub moved: Option<Url>,
    /// `Content-Type`, which may name the charset.
    pub content_type: Option<String>,
    /// `ETag`, for the next visit.
    pub etag: Option<String>,
    /// `Last-Modified`, for the next visit.
    pub last_modified: Option<String>,
    /// What the answer's headers and, but for a feed, the site's tdmrep.json say about its use. Mark-up is
    /// not looked at here: add `Wishes::of_html`.
    pub wishes: Wishes,
    /// The bytes.
    pub body: Vec<u8>,
}

impl Page {
    /// The page that an answer holds.
    pub(super) fn of(url: Url, moved: Option<Url>, answer: Answer) -> Page {
        let header = |name: HeaderName| answer.header(name).map(str::to_owned);
        let said =
            answer.headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
        // Another change within the same second would go unseen: such a page is asked for in full once more.
        let is_settled = !changed_just_now(answer.header(LAST_MODIFIED), answer.header(DATE));
        Page {
            moved,
            content_type: header(CONTENT_TYPE),
            etag: header(ETAG).filter(|_| is_settled),
            last_modified: header(LAST_MODIFIED).filter(|_| is_settled),
            wishes: Wishes::of_headers(said),
            url,
            body: answer.body,
        }
    }
}

/// Whether a page changed in the second in which it was sent, or the one before. Its `Last-Modified` counts
/// seconds, and WordPress makes its `ETag` of that.
fn changed_just_now(last_modified: Option<&str>, date: Option<&str>) -> bool {
    let (Some(changed), Some(sent)) = (last_modified.and_then(moment), date.and_then(moment)) else {
        return false;
    };
    changed.duration_until(sent) < SignedDuration::from_secs(2)
}

/// Shows how long the page is and nothing of what it says: collected text has no place in a log.
impl fmt::Debug for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut page = f.debug_struct("Page");
        page.field("url", &self.url.as_str()).field("bytes", &self.body.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_has_just_changed_is_asked_for_in_full_once_more() {
        let at = |seconds: u32| format!("Sun, 13 Sep 2020 12:00:{seconds:02} GMT");
        for (changed, sent, expected) in [(10, 10, true), (10, 11, true), (10, 12, false), (12, 10, true)] {
            assert_eq!(changed_just_now(Some(&at(changed)), Some(&at(sent))), expected, "{changed} {sent}");
        }
        assert!(!changed_just_now(Some("then"), Some(&at(10))) && !changed_just_now(Some(&at(10)), None));
    }
}
