//! The page that asks whether a group takes an alert, and the hand-over sheet.

use alerts::message::{Sheet, SheetItem};
use askama::Template;

use super::{Badge, Chrome, set};

/// What the page behind the button of a mail shows.
pub(crate) struct ClaimData {
    /// Level.
    pub(crate) badge: Badge,
    /// Name of the concern.
    pub(crate) name: String,
    /// `1124-03`.
    pub(crate) number: String,
    /// Posts against expected; may be empty.
    pub(crate) numbers: String,
    /// The group that takes it.
    pub(crate) group: String,
    /// Who has it already, or that it is closed; then there is no button.
    pub(crate) settled: Option<String>,
    /// When the answer is due.
    pub(crate) due: String,
    /// Where the button posts to.
    pub(crate) action: String,
    /// Language of the answer: `zh` or `en`.
    pub(crate) language: &'static str,
    /// The alert's page.
    pub(crate) page: String,
    /// What the link carried.
    pub(crate) token: String,
}

#[derive(Template)]
#[template(path = "claim.html")]
struct ClaimHtml<'a> {
    chrome: &'a Chrome,
    data: &'a ClaimData,
}

#[derive(Template)]
#[template(path = "handover.html")]
struct HandoverHtml<'a> {
    chrome: &'a Chrome,
    sheet: &'a Sheet,
    items: Vec<Row<'a>>,
}

struct Row<'a> {
    item: &'a SheetItem,
    badge: Badge,
    link: String,
}

/// Asks whether the group takes the alert, or says who has it.
pub(crate) fn claim_page(chrome: &Chrome, data: &ClaimData) -> String {
    set(ClaimHtml { chrome, data })
}

/// The hand-over sheet as a page.
pub(crate) fn handover_page(chrome: &Chrome, sheet: &Sheet) -> String {
    let mut items = Vec::new();
    for item in &sheet.items {
        let badge = Badge::of(item.level, chrome.language);
        items.push(Row { item, badge, link: chrome.to(&item.path) });
    }
    set(HandoverHtml { chrome, sheet, items })
}
