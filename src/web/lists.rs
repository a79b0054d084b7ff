//! The pages that list: alerts, sources, digests, settings.

use alerts::desk::Filter;
use axum::extract::{Query as Parameters, State};
use axum::response::{Html, IntoResponse, Response};
use jiff::civil::{Date, Weekday};
use serde::Deserialize;

use super::access::Visitor;
use super::pages::{Asked, around, ask};
use super::view::{
    AlertsData, DigestsData, Here, SettingsData, SourcesData, Tab, alerts_page, digests_page, settings_page,
    sources_page,
};
use crate::daemon::Running;
use crate::morning::Kind;

/// What stands behind the question mark beside the language.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    /// Which alerts.
    show: String,
    /// Alerts skipped.
    offset: usize,
    /// Newest digest listed.
    until: String,
}

/// `/alerts`: what is open, muted, closed, or was none.
pub(super) async fn alerts(
    visitor: Visitor,
    State(running): State<Running>,
    Parameters(asked): Parameters<Asked>,
    Parameters(wanted): Parameters<Wanted>,
) -> Response {
    let now = running.clock.now();
    ask(&running, move |lookout| {
        let site = &lookout.orders.site;
        let tab = Tab::named(&wanted.show);
        let path = format!("/alerts?show={}", tab.name());
        let chrome = around(lookout, (&asked, &visitor), (Here::Alerts, &path), now)?;
        let alerts = lookout.desk.alerts(Filter::All)?;
        let data = AlertsData {
            site,
            alerts: &alerts,
            concerns: &lookout.orders.concerns,
            newest: &lookout.newest,
            tab,
            offset: wanted.offset,
        };
        Ok(Html(alerts_page(&chrome, &data)).into_response())
    })
    .await
}

/// `/sources`: how each stands.
pub(super) async fn sources(
    visitor: Visitor,
    State(running): State<Running>,
    Parameters(asked): Parameters<Asked>,
) -> Response {
    let now = running.clock.now();
    ask(&running, move |lookout| {
        let site = &lookout.orders.site;
        let chrome = around(lookout, (&asked, &visitor), (Here::Sources, "/sources"), now)?;
        let standings: Vec<_> = lookout.orders.sources.iter().zip(lookout.standings(now)?).collect();
        let data = SourcesData { site, standings: &standings, states: &lookout.source_states(now) };
        Ok(Html(sources_page(&chrome, &data)).into_response())
    })
    .await
}

/// `/settings`: what is in force.
pub(super) async fn settings(
    visitor: Visitor,
    State(running): State<Running>,
    Parameters(asked): Parameters<Asked>,
) -> Response {
    let now = running.clock.now();
    ask(&running, move |lookout| {
        let site = &lookout.orders.site;
        let chrome = around(lookout, (&asked, &visitor), (Here::Settings, "/settings"), now)?;
        let data = SettingsData {
            site,
            configured: &lookout.configured,
            policy: &lookout.orders.policy,
            concerns: &lookout.orders.concerns,
        };
        Ok(Html(settings_page(&chrome, &data)).into_response())
    })
    .await
}

/// `/digests`: the archive.
pub(super) async fn digests(
    visitor: Visitor,
    State(running): State<Running>,
    Parameters(asked): Parameters<Asked>,
    Parameters(wanted): Parameters<Wanted>,
) -> Response {
    let now = running.clock.now();
    ask(&running, move |lookout| {
        let chrome = around(lookout, (&asked, &visitor), (Here::Digest, "/digests"), now)?;
        let newest = lookout.newest_digest(now);
        let until = wanted.until.parse::<Date>().ok().filter(|day| *day <= newest);
        let data = DigestsData {
            alerts: &lookout.desk.alerts(Filter::All)?,
            span: &|day| lookout.span(&Kind::Day, day).ok(),
            newest: until.unwrap_or(newest),
            oldest: lookout.oldest_digest()?.unwrap_or(Date::MAX),
            weekly: lookout.orders.digest.weekly.unwrap_or(Weekday::Monday),
        };
        Ok(Html(digests_page(&chrome, &data)).into_response())
    })
    .await
}
