//! The page of topics nobody configured, and the one click that makes a concern of one.

use alerts::desk::Filter;
use axum::extract::{Path, Query as Parameters, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use tracing::warn;

use super::pages::{Asked, ask, missing};
use super::view::{Chrome, Here, TopicsData, notice_page, topics_page};
use crate::daemon::Running;

/// `/topics`: all of the last day, muted ones apart.
pub(super) async fn topics(State(running): State<Running>, Parameters(asked): Parameters<Asked>) -> Response {
    let now = running.clock.now();
    ask(&running, move |lookout| {
        let site = &lookout.orders.site;
        let mut chrome = Chrome::new(site, asked.language(site), now, Here::Elsewhere, "/topics");
        chrome.open = lookout.desk.alerts(Filter::Open)?.len();
        let listed = lookout.topics(now);
        let data = TopicsData { site, listed: &listed, concerns: &lookout.orders.concerns };
        Ok(Html(topics_page(&chrome, &data)).into_response())
    })
    .await
}

/// `POST /topics/{id}/promote`: adds the concern to the clerk's file. Only a click on our own page may.
pub(super) async fn promote(
    State(running): State<Running>,
    Path(typed): Path<String>,
    Parameters(asked): Parameters<Asked>,
    headers: HeaderMap,
) -> Response {
    if !is_from_here(&headers) {
        return elsewhere();
    }
    let now = running.clock.now();
    ask(&running, move |lookout| {
        let site = &lookout.orders.site;
        let language = asked.language(site);
        let listed = lookout.topics(now);
        let Some(topic) = listed.topics.iter().find(|topic| topic.id == typed) else {
            return Ok(missing(site, language, now, "/topics"));
        };
        let chrome = Chrome::new(site, language, now, Here::Elsewhere, "/topics");
        let proposal = topic.as_concern();
        let added = lookout.orders.file.as_ref().map(|file| proposal.add_to(file));
        if let Some(Err(error)) = &added {
            warn!(%error, "a topic could not be added to the concerns");
        }
        let is_chinese = chrome.carried.is_empty();
        let (title, text) = match (&added, is_chinese) {
            (Some(Ok(_)), true) => ("已加进关切词表", "在 concerns.toml 末尾；看看词表，再重启 guanlan run 生效。"),
            (Some(Ok(_)), false) => (
                "Added to the concerns",
                "It stands at the end of concerns.toml; look at the words, then restart guanlan run.",
            ),
            (_, true) => ("没有加进去", "关切词表写不进去，或已经有这一项：把上一页的那一段自己加到 concerns.toml。"),
            (_, false) => (
                "Not added",
                "concerns.toml cannot be written, or has it already: add the lines of the page before yourself.",
            ),
        };
        Ok(Html(notice_page(&chrome, title, text)).into_response())
    })
    .await
}

/// The answer to a form that is not ours.
pub(super) fn elsewhere() -> Response {
    (StatusCode::FORBIDDEN, "403: 只能在本页面上点 / only from the page itself\n").into_response()
}

/// Browsers say with every form where it was; another site's page is none of ours.
pub(super) fn is_from_here(headers: &HeaderMap) -> bool {
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let origin = text(header::ORIGIN).and_then(|origin| origin.split_once("://")).map(|(_, host)| host);
    origin.is_some() && origin == text(header::HOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_page_of_our_own_may_change_the_concerns() {
        let of = |origin: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, "10.0.0.8:8417".parse().unwrap());
            origin.into_iter().for_each(|origin| {
                headers.insert(header::ORIGIN, origin.parse().unwrap());
            });
            is_from_here(&headers)
        };
        assert!(of(Some("http://10.0.0.8:8417")));
        assert!(!of(Some("http://evil.example")));
        assert!(!of(Some("null")));
        assert!(!of(None));
    }
}
