//! The digest as a page.

use alerts::digest::DigestContent;
use askama::Template;

use super::{Chrome, set};

/// The digests before and after, as addresses of ours.
pub(crate) struct Neighbours {
    pub(crate) before: String,
    pub(crate) after: Option<String>,
}

#[derive(Template)]
#[template(path = "digest.html")]
struct DigestHtml<'a> {
    chrome: &'a Chrome,
    digest: &'a DigestContent,
    neighbours: Option<Neighbours>,
    docx: String,
}

/// Sets a digest or report; `docx` is where it lies as a document.
pub(crate) fn digest_page(
    chrome: &Chrome,
    digest: &DigestContent,
    neighbours: Option<Neighbours>,
    docx: &str,
) -> String {
    let neighbours = neighbours.map(|Neighbours { before, after }| Neighbours {
        before: chrome.to(&before),
        after: after.map(|after| chrome.to(&after)),
    });
    set(DigestHtml { chrome, digest, neighbours, docx: chrome.to(docx) })
}
