//! The digest as a page.

use alerts::digest::DigestContent;
use askama::Template;
use jiff::ToSpan;
use jiff::civil::Date;

use super::{Chrome, set};

#[derive(Template)]
#[template(path = "digest.html")]
struct DigestHtml<'a> {
    chrome: &'a Chrome,
    digest: &'a DigestContent,
    before: String,
    after: Option<String>,
}

/// Sets the digest of `day`; a link to the day after stands there up to `newest`.
pub(crate) fn digest_page(chrome: &Chrome, digest: &DigestContent, day: Date, newest: Date) -> String {
    let link = |day: Date| chrome.to(&format!("/digest/{day}"));
    let before = link(day.saturating_sub(1.day()));
    let after = (day < newest).then(|| link(day.saturating_add(1.day())));
    set(DigestHtml { chrome, digest, before, after })
}
