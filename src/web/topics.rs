//! The page of topics nobody configured, and the one click that makes a concern of one.

use alerts::audit::Deed;
use axum::extract::{Path, Query as Parameters, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use tracing::warn;

use super::access::{Admin, Visitor};
use super::pages::{Asked, around, ask, missing};
use super::view::{Chrome, Here, TopicsData, notice_page, topics_page};
use crate::daemon::Running;

/// `/topics`: all of the last day, muted ones apart.
pub(super) async fn topics(
    visitor: Visitor,
    State(running): State<Running>,
    Parameters(asked): Parameters<Asked>,
) -> Response {
    let now = running.clock.now();
    ask(&running, move |lookout| {
        let site = &lookout.orders.site;
        let chrome = around(lookout, (&asked, &visitor), (Here::Elsewhere, "/topics"), now)?;
        let listed = lookout.topics(now);
        let data = TopicsData { site, listed: &listed, concerns: &lookout.orders.concerns };
        Ok(Html(topics_page(&chrome, &data)).into_response())
    })
    .await
}

/// `POST /topics/{id}/promote`: adds the concern to the clerk's file. For administrators.
pub(super) async fn promote(
    Admin(visitor): Admin,
    State(running): State<Running>,
    Path(typed): Path<String>,
    Parameters(asked): Parameters<Asked>,
) -> Response {
    let now = running.clock.now();
    ask(&running, move |lookout| {
        let site = &lookout.orders.site;
        let language = asked.language(site);
        let listed = lookout.topics(now);
        let Some(topic) = listed.topics.iter().find(|topic| topic.id == typed) else {
            return Ok(missing(site, language, now, "/topics"));
        };
        let chrome = Chrome::new(site, language, now, Here::Elsewhere, "/topics").seen_by(&visitor);
        let proposal = topic.as_concern();
        let added = lookout.orders.file.as_ref().map(|file| proposal.add_to(file));
        if let Some(Ok(_)) = &added {
            lookout.desk.journal_mut().audit(now, &visitor.post, Deed::ConcernAdded, &typed)?;
        }
        if let Some(Err(error)) = &added {
            warn!(%error, "a topic could not be added to the concerns");
        }
        let is_chinese = chrome.carried.is_empty();
        let (title, text) = match (&added, is_chinese) {
            (Some(Ok(_)), true) => ("已加进关切词表", "在 concerns.toml 末尾；几秒内生效，请看看词表。"),
            (Some(Ok(_)), false) => (
                "Added to the concerns",
                "It stands at the end of concerns.toml; it is in force within seconds; look at the words.",
            ),
            (_, true) => ("没有加进去", "关切词表写不进去，或已经有这一项：把上一页的那一段自己加到 concerns.toml。"),
            (_, false) => (
                "Not added",
                "concerns.toml cannot be written, or has it already: add the lines of the page before yourself.",
            ),
        };
        let status = if matches!(added, Some(Ok(_))) { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        Ok((status, Html(notice_page(&chrome, title, text))).into_response())
    })
    .await
}
