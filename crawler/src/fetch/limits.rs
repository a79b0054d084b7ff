//! How much time and room one request may take, and how often a host is asked.

use std::time::Duration;

use crate::words::Words;

/// How much time and room one request may take, and how polite we are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Until the connection stands.
    pub connect: Duration,
    /// Until the answer's headers are there.
    pub headers: Duration,
    /// Largest headers of one answer, in bytes.
    pub header_bytes: usize,
    /// Between two pieces of the body.
    pub idle: Duration,
    /// For one request and its whole answer.
    pub whole: Duration,
    /// Largest page in bytes, unpacked.
    pub page_bytes: usize,
    /// Largest feed in bytes, unpacked.
    pub feed_bytes: usize,
    /// Most redirects followed for one page; each is checked again.
    pub redirects: usize,
    /// Most posts taken from one visit; the newest are kept.
    pub items: usize,
    /// Most bytes of one post's text.
    pub text_bytes: usize,
    /// Shortest pause between the starts of two requests to one host.
    pub minimum_delay: Duration,
    /// Most requests to one host in 24 hours.
    pub requests_a_day: u32,
    /// Most web pages (lists and articles, not feeds) from one host in 24 hours.
    pub pages_a_day: u32,
    /// Most steps from the address in the configuration to a page: list to next list, list to article.
    pub depth: usize,
    /// Elements of a feed within each other; deeper ones are not opened.
    pub xml_depth: usize,
    /// Elements of a web page within each other; deeper ones leave their text in the one around them.
    pub html_depth: usize,
    /// A host that wants a longer pause than this is not waited for but visited later.
    pub patience: Duration,
    /// Most requests under way at once, all hosts together.
    pub at_once: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            connect: Duration::from_secs(10),
            headers: Duration::from_secs(30),
            header_bytes: 256 * 1024,
            idle: Duration::from_secs(30),
            whole: Duration::from_secs(60),
            page_bytes: 10 * 1024 * 1024,
            feed_bytes: 20 * 1024 * 1024,
            redirects: 10,
            items: 2000,
            text_bytes: 1024 * 1024,
            minimum_delay: Duration::from_secs(2),
            requests_a_day: 10_000,
            pages_a_day: 500,
            depth: 5,
            xml_depth: 256,
            html_depth: 512,
            patience: Duration::from_secs(60),
            at_once: 16,
        }
    }
}

impl Limits {
    /// Why a page so many steps from the configured address is not asked for; `None` if it may be.
    pub(crate) fn too_deep(&self, steps: u32) -> Option<Words> {
        let depth = self.depth;
        (usize::try_from(steps).unwrap_or(usize::MAX) > depth).then(|| {
            Words::new(
                format!("[fetch] depth 是 {depth}；再往后的网页没有读"),
                format!("[fetch] depth is {depth}: the pages behind were not read"),
            )
        })
    }

    /// Why a visit that has so many items asks for no further page, so many steps away.
    pub(crate) fn enough(&self, steps: u32, items: usize) -> Option<Words> {
        let most = self.items;
        let is_full = (items >= most).then(|| {
            Words::new(
                format!("已经有 {most} 条（[fetch] max_items）；后面的页没有读"),
                format!("{most} entries are enough ([fetch] max_items): the pages behind were not read"),
            )
        });
        is_full.or_else(|| self.too_deep(steps))
    }
}
