//! `GET /api/v1/alerts`, `/api/v1/alerts/{id}` and `/api/v1/record`: what the pages show, as JSON. Read-only, and
//! on the listener of the pages alone.

use alerts::alert::{Alert, AlertId};
use alerts::clock::{Stamps, stamps};
use alerts::desk::Filter;
use alerts::record::records;
use analyzer::concern::Concern;
use axum::extract::{Path, Query as Parameters, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Json, Response};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::api::not_found_in_words;
use super::pages::ask;
use crate::daemon::Running;

/// What stands behind the question mark.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    /// Only those not closed.
    open: bool,
    /// Only those raised since then.
    since: Option<Timestamp>,
}

/// An alert as other programs see it. Later versions only add fields.
#[derive(Debug, Serialize)]
struct Told<'a> {
    id: AlertId,
    concern: &'a str,
    /// `None` once the concern is no longer configured.
    name: Option<&'a str>,
    department: Option<&'a str>,
    level: analyzer::level::Level,
    highest: analyzer::level::Level,
    state: alerts::alert::State,
    onset: Timestamp,
    deadline: Timestamp,
    /// Until the answer is due, negative when it is overdue; `None` before anybody was told and once it was
    /// answered or closed.
    seconds_left: Option<i64>,
    held_by: Option<&'a str>,
    muted_until: Option<Timestamp>,
    closed_at: Option<Timestamp>,
    stamps: Stamps,
}

impl<'a> Told<'a> {
    fn of(alert: &'a Alert, concerns: &'a [Concern], now: Timestamp) -> Told<'a> {
        let concern = concerns.iter().find(|concern| concern.id == alert.concern);
        // The clock of an alert that nobody has been told of yet does not run.
        let waits = alert.is_open() && alert.answered_at().is_none() && alert.noticed_at().is_some();
        Told {
            id: alert.id,
            concern: &alert.concern,
            name: concern.map(|concern| concern.name.as_str()),
            department: concern.and_then(|concern| concern.department.as_deref()),
            level: alert.level,
            highest: alert.highest,
            state: alert.state,
            onset: alert.onset,
            deadline: alert.deadline,
            seconds_left: waits.then(|| alert.deadline.duration_since(now).as_secs()),
            held_by: alert.held_by().map(|(by, _)| by),
            muted_until: alert.muted_until.filter(|until| now < *until),
            closed_at: alert.closed_at,
            stamps: stamps(alert),
        }
    }
}

/// `GET /api/v1/alerts`: newest first.
pub(super) async fn list(State(running): State<Running>, Parameters(wanted): Parameters<Wanted>) -> Response {
    let now = running.clock.now();
    ask(&running, move |lookout| {
        let mut alerts = lookout.desk.alerts(if wanted.open { Filter::Open } else { Filter::All })?;
        alerts.retain(|alert| wanted.since.is_none_or(|since| alert.raised_at >= since));
        let told: Vec<Told<'_>> =
            alerts.iter().rev().map(|alert| Told::of(alert, &lookout.orders.concerns, now)).collect();
        Ok(Json(json!({ "schema": "guanlan.alerts/1", "now": now, "alerts": told })).into_response())
    })
    .await
}

/// `GET /api/v1/alerts/{id}`: one, with its journal and the last evidence kept.
pub(super) async fn one(
    State(running): State<Running>,
    Path(typed): Path<String>,
    headers: HeaderMap,
) -> Response {
    let now = running.clock.now();
    ask(&running, move |lookout| {
        let Some(alert) = lookout.alert_named(&typed)? else { return Ok(not_found_in_words(&headers)) };
        let (signal, explanation) = lookout.shown(&alert, now)?.unzip();
        let told = Told::of(&alert, &lookout.orders.concerns, now);
        let events: Vec<_> =
            alert.events.iter().map(|(at, event)| json!({ "at": at, "what": event })).collect();
        let answer = json!({
            "schema": "guanlan.alert/1",
            "now": now,
            "alert": told,
            "events": events,
            "signal": signal,
            "explanation": explanation,
        });
        Ok(Json(answer).into_response())
    })
    .await
}

/// `GET /api/v1/record`: how soon alerts were answered, by month and department.
pub(super) async fn record(State(running): State<Running>) -> Response {
    let now = running.clock.now();
    ask(&running, move |lookout| {
        let alerts = lookout.desk.alerts(Filter::All)?;
        let records = records(&alerts, &lookout.orders.concerns, &lookout.orders.site.zone, now);
        Ok(Json(json!({ "schema": "guanlan.record/1", "now": now, "records": records })).into_response())
    })
    .await
}
