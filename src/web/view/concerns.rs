//! Every concern on a page of its own.

use alerts::message::{Language, Site};
use askama::Template;

use super::overview::{Row, Standing, rows};
use super::{Chrome, set};

#[derive(Template)]
#[template(path = "concerns.html")]
struct ConcernsHtml<'a> {
    chrome: &'a Chrome,
    finding: String,
    table_link: String,
    rows: Vec<Row>,
}

/// Sets the list of all concerns; of none is anything known before the first post has come.
pub(crate) fn concerns_page(chrome: &Chrome, site: &Site, standings: &[Standing<'_>]) -> String {
    let is_unheard = chrome.unheard.is_some();
    let open = standings.iter().filter(|standing| standing.alert.is_some()).count();
    let all = standings.len();
    let finding = match (chrome.language, all, open) {
        (_, 0, _) => chrome.say("还没有关切", "No concern yet").to_owned(),
        (Language::Chinese, _, 0) if is_unheard => format!("{all} 项关切，还没有采到帖文，无从判断"),
        (Language::English, _, 0) if is_unheard => format!("Concerns: {all}, nothing known: no posts yet"),
        (Language::Chinese, _, 0) => format!("{all} 项关切，都没有预警"),
        (Language::Chinese, ..) => format!("{all} 项关切，{open} 项有预警"),
        (Language::English, _, 0) => format!("Concerns: {all}, no alert on any"),
        (Language::English, ..) => format!("Concerns: {all}, with an alert: {open}"),
    };
    set(ConcernsHtml {
        chrome,
        finding,
        table_link: chrome.to("/concerns.csv"),
        rows: rows(chrome, site, standings),
    })
}
