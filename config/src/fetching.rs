//! Reads `[fetch]`: the limits of every request, how we meet other people's sites, and the way out.

use std::time::Duration;

use crawler::fetch::Limits;
use crawler::fetch::proxy::{Proxy, Way};
use jiff::SignedDuration;

use crate::channels::key_file;
use crate::notes::KeyFile;
use crate::problem::{Mistake, Words};
use crate::section::{Item, Section};
use crate::settings::Fetch;
use crate::sources::duration_between;
use crate::value::{integer, text};

/// The smallest room for headers or text that is still of any use.
const LEAST_ROOM: u64 = 1024;

/// What one field of a page or one line of a file can hold.
const MOST_TEXT: u64 = crawler::format::TEXT_AT_MOST as u64;

/// More are never built of one page.
const MOST_ITEMS: u64 = 20_000;

pub(crate) fn fetch(section: Section<'_, '_>) -> Fetch {
    let fetch = Fetch {
        limits: limits(&section, &Limits::default()),
        contact: section.value("contact", text),
        proxy: section.value("proxy", way),
        ca_file: key_file(&section, "ca_file", KeyFile::Authorities),
    };
    section.finish();
    fetch
}

fn limits(section: &Section<'_, '_>, default: &Limits) -> Limits {
    let time = |key: &str, least: u64, most: u64, default: Duration| {
        let bounds = (SignedDuration::from_secs(least as i64), SignedDuration::from_secs(most as i64));
        let found = section.value(key, |item| duration_between(item, bounds.0, bounds.1));
        found.map_or(default, SignedDuration::unsigned_abs)
    };
    let number = |key: &str, least: u64, most: u64, default: usize| {
        let found = section.value(key, |item| integer(item, least, most));
        found.and_then(|number| usize::try_from(number).ok()).unwrap_or(default)
    };
    let a_day = |key: &str, default: u32| {
        let found = section.value(key, |item| integer(item, 1, 1_000_000));
        found.and_then(|number| u32::try_from(number).ok()).unwrap_or(default)
    };
    Limits {
        connect: time("connect_timeout", 1, 300, default.connect),
        headers: time("header_timeout", 1, 300, default.headers),
        // The client itself takes no more than about 400 KiB.
        header_bytes: number("max_header_bytes", LEAST_ROOM, 393_216, default.header_bytes),
        idle: time("idle_timeout", 1, 300, default.idle),
        whole: time("timeout", 1, 900, default.whole),
        page_bytes: number("max_bytes", 10_000, 1_000_000_000, default.page_bytes),
        feed_bytes: number("max_feed_bytes", 10_000, 1_000_000_000, default.feed_bytes),
        redirects: number("max_redirects", 0, 20, default.redirects),
        items: number("max_items", 1, MOST_ITEMS, default.items),
        text_bytes: number("max_text_bytes", LEAST_ROOM, MOST_TEXT, default.text_bytes),
        minimum_delay: time("delay", 0, 3600, default.minimum_delay),
        requests_a_day: a_day("requests_a_day", default.requests_a_day),
        pages_a_day: a_day("pages_a_day", default.pages_a_day),
        depth: number("depth", 1, 20, default.depth),
        xml_depth: number("max_xml_depth", 16, 1024, default.xml_depth),
        html_depth: number("max_html_depth", 64, 4096, default.html_depth),
        patience: time("patience", 0, 3600, default.patience),
        at_once: number("at_once", 1, 256, default.at_once),
    }
}

/// A proxy, or `none` for the direct way. What is wrong with one is said without repeating it: it may
/// hold a password.
pub(crate) fn way(item: &Item<'_>) -> Result<Way, Mistake> {
    let text = text(item)?;
    if text == "none" {
        return Ok(Way::Direct);
    }
    let bad = |why: Words| {
        let label = Words::new(
            "写成 http://10.0.0.2:3128 的样子；不用代理写 none",
            "like http://10.0.0.2:3128, or none",
        );
        Mistake::new("bad-proxy", why, label)
    };
    Proxy::parse(&text).map(Way::Through).map_err(bad)
}
