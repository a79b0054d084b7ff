//! `/api/v1/alerts`, one alert with its journal, and the record of answers.

use alerts::alert::{Alert, AlertId};
use alerts::clock::{Stamps, stamps};
use alerts::desk::Filter;
use alerts::record::{Record, records};
use analyzer::concern::Concern;
use axum::extract::{Path, State};
use crawler::words::Words;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use super::fresh::Answer;
use super::problem::{Problem, Told};
use super::{Parameters, ask};
use crate::daemon::Running;
use crate::lookout::{Lookout, LookoutError};

/// Which alerts.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// Only those not closed.
    open: bool,
    /// `open` or `closed`; all when left out.
    #[param(inline)]
    state: Option<Which>,
    /// Only those raised since then.
    #[param(value_type = Option<String>, format = DateTime)]
    since: Option<Timestamp>,
}

/// Open or closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Which {
    Open,
    Closed,
}

/// The alerts.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Alerts)]
pub(super) struct List {
    #[schema(example = "guanlan.alerts/1")]
    schema: &'static str,
    /// Newest first.
    alerts: Vec<Brief>,
}

/// One alert whole.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WholeAlert)]
pub(super) struct One {
    #[schema(example = "guanlan.alert/1")]
    schema: &'static str,
    alert: Brief,
    /// Its journal, oldest first.
    #[schema(value_type = Vec<Object>)]
    events: Vec<Value>,
    /// The detector's word; none once it has expired.
    #[schema(value_type = Option<Object>)]
    signal: Option<Value>,
    /// The evidence; none once it has expired.
    #[schema(value_type = Option<Object>)]
    explanation: Option<Value>,
}

/// How departments answered.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Records {
    #[schema(example = "guanlan.record/1")]
    schema: &'static str,
    /// Newest month first.
    #[schema(value_type = Vec<Object>)]
    records: Vec<Record>,
}

/// An alert as other programs see it. Later versions only add fields.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Alert)]
pub(super) struct Brief {
    #[schema(value_type = String, example = "20261124-03")]
    id: AlertId,
    /// Id of its concern.
    concern: String,
    /// As configured; of a concern that is no longer configured as it was when the alert was raised, and none where
    /// that was not noted.
    name: Option<String>,
    department: Option<String>,
    /// blue, yellow, orange or red.
    #[schema(value_type = String)]
    level: analyzer::level::Level,
    /// The highest it has reached.
    #[schema(value_type = String)]
    highest: analyzer::level::Level,
    /// pending, firing, acknowledged, responded, subsiding, resolved or false_alarm.
    #[schema(value_type = String)]
    state: alerts::alert::State,
    /// Version of the configuration under which it was raised, as the settings page names it; none without a file.
    #[schema(example = "1a2b3c4d")]
    settings: Option<String>,
    /// Since when its concern is not configured, while that is so: nothing is counted for it.
    #[schema(value_type = Option<String>, format = DateTime)]
    unwatched_since: Option<Timestamp>,
    #[schema(value_type = String, format = DateTime)]
    onset: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    deadline: Timestamp,
    /// Until the answer is due, negative when it is overdue; none before anybody was told and once it was
    /// answered or closed.
    seconds_left: Option<i64>,
    /// The post that took it.
    held_by: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    muted_until: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    closed_at: Option<Timestamp>,
    /// The response clock: first_post, detected, mailed, acknowledged, answered, fell_back.
    #[schema(value_type = Object)]
    stamps: Stamps,
}

impl Brief {
    fn of(alert: &Alert, concerns: &[Concern], now: Timestamp) -> Brief {
        let concern = alert.concern_among(concerns);
        let is_noted = alert.under().is_some() || concerns.iter().any(|known| known.id == alert.concern);
        Brief {
            id: alert.id,
            concern: alert.concern.clone(),
            name: is_noted.then(|| concern.name.clone()),
            department: concern.department.clone(),
            level: alert.level,
            highest: alert.highest,
            state: alert.state,
            settings: alert.under().and_then(|under| under.version.clone()),
            unwatched_since: alert.unwatched.as_ref().map(|lost| lost.since),
            onset: alert.onset,
            deadline: alert.deadline,
            seconds_left: alert.awaits_answer().then(|| alert.deadline.duration_since(now).as_secs()),
            held_by: alert.held_by().map(|(by, _)| by.to_owned()),
            muted_until: alert.muted_until.filter(|until| now < *until),
            closed_at: alert.closed_at,
            stamps: stamps(alert),
        }
    }
}

/// Alerts, newest first.
#[utoipa::path(get, path = "/api/v1/alerts", tag = "alerts", operation_id = "alerts", params(Wanted),
    responses((status = 200, body = List), (status = "default", body = Told<'static>, content_type = "application/problem+json")))]
pub(super) async fn list(
    State(running): State<Running>,
    Parameters(wanted): Parameters<Wanted>,
) -> Result<Answer<List>, Problem> {
    let now = running.clock.now();
    ask(&running, move |lookout| {
        let open_only = wanted.open || wanted.state == Some(Which::Open);
        let filter = if open_only { Filter::Open } else { Filter::All };
        let mut alerts = lookout.desk.alerts(filter).map_err(LookoutError::from)?;
        alerts.retain(|alert| wanted.since.is_none_or(|since| alert.raised_at >= since));
        alerts.retain(|alert| wanted.state != Some(Which::Closed) || !alert.is_open());
        let brief = |alert| Brief::of(alert, &lookout.orders.concerns, now);
        let alerts = alerts.iter().rev().map(brief).collect();
        Ok(Answer { now, body: List { schema: "guanlan.alerts/1", alerts } })
    })
    .await
}

/// One alert, with its journal and the last evidence kept.
#[utoipa::path(get, path = "/api/v1/alerts/{id}", tag = "alerts", operation_id = "alert",
    params(("id" = String, Path, description = "Number of the alert, 20261124-03")),
    responses((status = 200, body = One), (status = "default", body = Told<'static>, content_type = "application/problem+json")))]
pub(super) async fn one(
    State(running): State<Running>,
    Path(typed): Path<String>,
) -> Result<Answer<One>, Problem> {
    let now = running.clock.now();
    ask(&running, move |lookout| {
        let Some(known) = lookout.alert_named(&typed)? else { return Err(no_such_alert()) };
        Ok(Answer { now, body: alert(lookout, &known, now)? })
    })
    .await
}

/// One alert as it stands.
pub(super) fn alert(lookout: &Lookout, alert: &Alert, now: Timestamp) -> Result<One, LookoutError> {
    let (signal, explanation) = lookout.shown(alert, now)?.unzip();
    Ok(One {
        schema: "guanlan.alert/1",
        alert: Brief::of(alert, &lookout.orders.concerns, now),
        events: alert.events.iter().map(|(at, event)| json!({ "at": at, "what": event })).collect(),
        signal: signal.map(|signal| json!(signal)),
        explanation: explanation.map(|explanation| json!(explanation)),
    })
}

pub(super) fn no_such_alert() -> Problem {
    Problem::not_found(Words::new(
        "没有这个编号的预警；GET /api/v1/alerts 列出全部",
        "there is no alert of that number; GET /api/v1/alerts lists them",
    ))
}

/// How soon alerts were answered, by month and department.
#[utoipa::path(get, path = "/api/v1/record", tag = "alerts", operation_id = "record",
    responses((status = 200, body = Records), (status = "default", body = Told<'static>, content_type = "application/problem+json")))]
pub(super) async fn record(State(running): State<Running>) -> Result<Answer<Records>, Problem> {
    let now = running.clock.now();
    ask(&running, move |lookout| {
        let alerts = lookout.desk.alerts(Filter::All).map_err(LookoutError::from)?;
        let records = records(&alerts, &lookout.orders.concerns, &lookout.orders.site.zone, now);
        Ok(Answer { now, body: Records { schema: "guanlan.record/1", records } })
    })
    .await
}
