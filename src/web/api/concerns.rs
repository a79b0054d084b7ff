//! `/api/v1/concerns`: where each concern stands, and its counts over time.

use alerts::alert::{AlertId, State};
use alerts::desk::Filter;
use analyzer::level::Level;
use analyzer::series::BUCKET_SECONDS;
use analyzer::signal::{Calm, Observed, Span};
use axum::extract::{Path, State as Shared};
use crawler::words::Words;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::fresh::Answer;
use super::problem::{Problem, Told};
use super::{Parameters, ask};
use crate::daemon::Running;
use crate::lookout::Lookout;

/// Counts of so long at most are told at once.
const LONGEST: SignedDuration = SignedDuration::from_hours(35 * 24);
/// Counts of so long when nothing else is asked for.
const USUAL: SignedDuration = SignedDuration::from_hours(24);

/// The concerns.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Concerns {
    #[schema(example = "guanlan.concerns/1")]
    schema: &'static str,
    /// In the order of the configuration.
    concerns: Vec<Standing>,
}

/// Where one concern stands.
#[derive(Debug, Serialize, ToSchema)]
struct Standing {
    id: String,
    name: String,
    /// The department that owns it.
    department: Option<String>,
    /// blue, yellow, orange or red; none when nothing is the matter.
    #[schema(value_type = Option<String>, example = "orange")]
    level: Option<Level>,
    /// Why there is no level.
    #[schema(value_type = Option<String>, example = "usual")]
    calm: Option<Calm>,
    /// End of the newest closed bucket; none before the first.
    #[schema(value_type = Option<String>, format = DateTime)]
    at: Option<Timestamp>,
    /// Over which the counts are taken: hour, six_hours or day.
    #[schema(value_type = Option<String>, example = "hour")]
    span: Option<Span>,
    /// Plain counts of that span.
    #[schema(value_type = Option<Counted>)]
    observed: Option<Observed>,
    expected: Option<Band>,
    /// Observed ÷ expected posts.
    ratio: Option<f64>,
    /// Its open alert.
    #[schema(value_type = Option<String>, example = "20261124-03")]
    alert: Option<AlertId>,
    /// Where that alert stands.
    #[schema(value_type = Option<String>, example = "firing")]
    state: Option<State>,
}

/// Plain counts.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Observed)]
#[allow(dead_code, reason = "describes Observed")]
struct Counted {
    /// Posts, copies included.
    posts: u32,
    /// Of these, posts beyond the first of each near-duplicate group.
    copies: u32,
    /// Near-duplicate groups.
    voices: u32,
    /// Source groups.
    sources: u32,
}

/// What was expected, posts.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
struct Band {
    mid: f64,
    /// 5th percentile.
    lo: f64,
    /// 95th percentile.
    hi: f64,
}

impl From<analyzer::signal::Expected> for Band {
    fn from(expected: analyzer::signal::Expected) -> Band {
        Band { mid: expected.mean, lo: expected.low, hi: expected.high }
    }
}

/// Where every concern stands.
#[utoipa::path(get, path = "/api/v1/concerns", tag = "concerns", operation_id = "concerns",
    responses((status = 200, body = Concerns), (status = "default", body = Told<'static>, content_type = "application/problem+json")))]
pub(super) async fn list(Shared(running): Shared<Running>) -> Result<Answer<Concerns>, Problem> {
    let now = running.clock.now();
    ask(&running, move |lookout| {
        let alerts = lookout.desk.alerts(Filter::Open).map_err(crate::lookout::LookoutError::from)?;
        let standing = |concern: &analyzer::concern::Concern| {
            let signal = lookout.newest.iter().find(|signal| signal.concern == concern.id);
            let alert = alerts.iter().find(|alert| alert.concern == concern.id);
            Standing {
                id: concern.id.clone(),
                name: concern.name.clone(),
                department: concern.department.clone(),
                level: signal.and_then(|signal| signal.level.ok()),
                calm: signal.and_then(|signal| signal.level.err()),
                at: signal.map(|signal| signal.at),
                span: signal.map(|signal| signal.span),
                observed: signal.map(|signal| signal.observed),
                expected: signal.map(|signal| signal.expected.into()),
                ratio: signal.map(|signal| signal.ratio),
                alert: alert.map(|alert| alert.id),
                state: alert.map(|alert| alert.state),
            }
        };
        let concerns = lookout.orders.concerns.iter().map(standing).collect();
        Ok(Answer { now, body: Concerns { schema: "guanlan.concerns/1", concerns } })
    })
    .await
}

/// Which counts.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// First moment; 24 hours before the last when left out.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Last moment; now when left out.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Timestamp>,
    /// Minutes between two points, a multiple of 10; 10 when left out.
    #[param(minimum = 10, maximum = 1440, multiple_of = 10)]
    step: Option<u32>,
}

/// Counts of one concern over time.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Series {
    #[schema(example = "guanlan.series/1")]
    schema: &'static str,
    concern: String,
    /// Minutes counted in each point.
    minutes: u32,
    /// Oldest first.
    points: Vec<Point>,
}

/// Posts of the sixty minutes before a moment.
#[derive(Debug, Serialize, ToSchema)]
struct Point {
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// None where the sources could not be read.
    posts: Option<u32>,
    expected: Band,
}

/// The curve of one concern: 60-minute counts with what was expected, as on its page. At most 35 days.
#[utoipa::path(get, path = "/api/v1/concerns/{id}/series", tag = "concerns", operation_id = "series",
    params(("id" = String, Path, description = "Id of the concern"), Wanted),
    responses((status = 200, body = Series), (status = "default", body = Told<'static>, content_type = "application/problem+json")))]
pub(super) async fn series(
    Shared(running): Shared<Running>,
    Path(id): Path<String>,
    Parameters(wanted): Parameters<Wanted>,
) -> Result<Answer<Series>, Problem> {
    let now = running.clock.now();
    let (from, to, step) = span(&wanted, now)?;
    ask(&running, move |lookout| {
        known(lookout, &id)?;
        let curve = lookout.analyst.curve_at(&id, from, to, step);
        let points = curve
            .iter()
            .map(|point| Point { at: point.at, posts: point.posts, expected: point.expected.into() })
            .collect();
        Ok(Answer { now, body: Series { schema: "guanlan.series/1", concern: id, minutes: 60, points } })
    })
    .await
}

fn span(wanted: &Wanted, now: Timestamp) -> Result<(Timestamp, Timestamp, u32), Problem> {
    let step = wanted.step.unwrap_or(10);
    if step == 0 || i64::from(step) * 60 % BUCKET_SECONDS != 0 || step > 1440 {
        return Err(Problem::malformed(Words::new(
            "step 是分钟数，要是 10 的倍数，最多 1440",
            "step is a number of minutes, a multiple of 10, at most 1440",
        )));
    }
    // Nothing was counted of the time to come.
    let to = wanted.to.unwrap_or(now).min(now);
    let from = wanted.from.unwrap_or(to.checked_sub(USUAL).unwrap_or(to));
    if from > to || to.duration_since(from) > LONGEST {
        return Err(Problem::malformed(Words::new(
            "from 要早于 to，最多相隔 35 天",
            "from must be before to, and at most 35 days",
        )));
    }
    Ok((from, to, step))
}

/// A concern that is configured.
pub(super) fn known(lookout: &Lookout, id: &str) -> Result<(), Problem> {
    if lookout.orders.concerns.iter().any(|concern| concern.id == id) {
        return Ok(());
    }
    Err(Problem::not_found(Words::new(
        "没有这项关切；GET /api/v1/concerns 列出全部",
        "there is no such concern; GET /api/v1/concerns lists them",
    )))
}
