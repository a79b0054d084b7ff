//! `/api/v1/sources` and `/api/v1/health`: whether what is read can still be read.

use analyzer::signal::SourceState;
use axum::extract::State;
use crawler::health::Health;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::ask;
use super::fresh::Answer;
use super::problem::{Problem, Told};
use crate::daemon::Running;
use crate::lookout::{Lookout, LookoutError};

/// The sources.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Sources {
    #[schema(example = "guanlan.sources/1")]
    schema: &'static str,
    /// In the order of the configuration.
    sources: Vec<Source>,
}

/// How one source fares.
#[derive(Debug, Serialize, ToSchema)]
struct Source {
    id: String,
    name: String,
    group: String,
    /// individual, media, gov or platform.
    #[schema(value_type = String)]
    publisher: crawler::post::Publisher,
    /// Minutes since it was last seen working, if later than due.
    late_minutes: Option<u32>,
    /// Until when it rests, if somebody told it to.
    #[schema(value_type = Option<Object>)]
    pause: Option<crawler::pause::Pause>,
    /// New posts of the last 24 hours.
    posts_last_day: u32,
    /// Failed visits since it was last read.
    failures: u32,
    #[schema(value_type = Option<String>, format = DateTime)]
    last_success: Option<Timestamp>,
    /// The latest failure, in Chinese and English.
    #[schema(value_type = Option<Object>)]
    last_error: Option<crawler::words::Words>,
    #[schema(value_type = Option<String>, format = DateTime)]
    next_try: Option<Timestamp>,
}

/// How each source fares.
#[utoipa::path(get, path = "/api/v1/sources", tag = "sources", operation_id = "sources",
    responses((status = 200, body = Sources), (status = "default", body = Told<'static>, content_type = "application/problem+json")))]
pub(super) async fn list(State(running): State<Running>) -> Result<Answer<Sources>, Problem> {
    let now = running.clock.now();
    ask(&running, move |lookout| {
        let sources = sources(lookout, now)?;
        Ok(Answer { now, body: Sources { schema: "guanlan.sources/1", sources } })
    })
    .await
}

fn sources(lookout: &Lookout, now: Timestamp) -> Result<Vec<Source>, LookoutError> {
    let states = lookout.source_states(now);
    let state = |id: &str| states.iter().find(|state: &&SourceState| state.id == id);
    let mut sources = Vec::new();
    for (feed, (_, failures, posts)) in lookout.orders.feeds.iter().zip(lookout.volumes(now)) {
        let cursor = lookout.archive.cursor(&feed.id)?;
        let health = cursor.as_deref().map(crawler::crawl::health).unwrap_or_default();
        let Health { last_success, last_error, next_try, .. } = health;
        sources.push(Source {
            id: feed.id.clone(),
            name: feed.name.clone(),
            group: feed.group.clone(),
            publisher: feed.publisher,
            late_minutes: state(&feed.id).and_then(|state| state.late_minutes),
            pause: state(&feed.id).and_then(|state| state.pause.clone()),
            posts_last_day: posts,
            failures,
            last_success,
            last_error,
            next_try,
        });
    }
    Ok(sources)
}

/// Whether the program is well.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Health)]
pub(super) struct Wellbeing {
    #[schema(example = "guanlan.health/1")]
    schema: &'static str,
    /// Posts that can be found.
    posts_searchable: u64,
    /// Sources later than due.
    sources_late: usize,
    /// Alerts not closed.
    alerts_open: usize,
    /// Open alerts nobody has taken.
    alerts_unacknowledged: usize,
    /// Mails that wait.
    mails_waiting: usize,
    /// Mails refused or given up.
    mails_failed: usize,
    /// The version of the configuration in force: eight hexadecimal digits, empty without a file.
    #[schema(example = "b616374f")]
    configuration: String,
    /// Whether a later version of the files is wrong and not in force.
    configuration_refused: bool,
}

/// Whether the program is well: what an operator looks at.
#[utoipa::path(get, path = "/api/v1/health", tag = "sources", operation_id = "health",
    responses((status = 200, body = Wellbeing), (status = "default", body = Told<'static>, content_type = "application/problem+json")))]
pub(super) async fn health(State(running): State<Running>) -> Result<Answer<Wellbeing>, Problem> {
    let now = running.clock.now();
    let posts_searchable = running.index.count();
    ask(&running, move |lookout| {
        let counts = lookout.desk.counts().map_err(LookoutError::from)?;
        let is_late = |state: &&SourceState| state.pause.is_none() && state.late_minutes.is_some();
        let body = Wellbeing {
            schema: "guanlan.health/1",
            posts_searchable,
            sources_late: lookout.source_states(now).iter().filter(is_late).count(),
            alerts_open: counts.open,
            alerts_unacknowledged: counts.unacknowledged,
            mails_waiting: counts.mails_waiting,
            mails_failed: counts.mails_failed,
            configuration: lookout.configured.version.clone(),
            configuration_refused: lookout.configured.refused.is_some(),
        };
        Ok(Answer { now, body })
    })
    .await
}
