//! `/api/v1/statements`: what offices have said on a concern, as far as it was collected.

use analyzer::explain::Statement;
use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use super::concerns::known;
use super::fresh::Answer;
use super::problem::{Problem, Told};
use super::{Parameters, ask};
use crate::daemon::Running;

/// On which concern.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// Id of the concern.
    concern: String,
}

/// Official texts on a concern.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Statements {
    #[schema(example = "guanlan.statements/1")]
    schema: &'static str,
    concern: String,
    /// Newest first.
    statements: Vec<Said>,
    /// Whether the rise that goes on has been answered, and why that is said; none without one.
    #[schema(value_type = Option<Object>)]
    answered: Option<Value>,
    /// What they do not say alike, both sentences quoted.
    #[schema(value_type = Vec<Object>)]
    differences: Vec<Value>,
}

/// One of them.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Statement)]
struct Said {
    /// By which `respond` chooses it.
    key: String,
    /// official, or report: a title of somebody else's that reports a reply.
    #[schema(value_type = String)]
    kind: analyzer::explain::StatementKind,
    #[schema(value_type = String, format = DateTime)]
    time: Timestamp,
    source: String,
    title: String,
    url: Option<String>,
}

impl From<Statement> for Said {
    fn from(statement: Statement) -> Said {
        let key = statement.key();
        let Statement { kind, time, source, title, address } = statement;
        Said { key, kind, time, source, title, url: address }
    }
}

/// Official texts on a concern, whether its rise was answered, and where offices differ.
#[utoipa::path(get, path = "/api/v1/statements", tag = "statements", operation_id = "statements", params(Wanted),
    responses((status = 200, body = Statements), (status = "default", body = Told<'static>, content_type = "application/problem+json")))]
pub(super) async fn list(
    State(running): State<Running>,
    Parameters(wanted): Parameters<Wanted>,
) -> Result<Answer<Statements>, Problem> {
    let now = running.clock.now();
    let concern = wanted.concern;
    ask(&running, move |lookout| {
        known(lookout, &concern)?;
        let shown = lookout.evidence(&concern, now)?.unwrap_or_default();
        let body = Statements {
            schema: "guanlan.statements/1",
            concern,
            statements: shown.statements.into_iter().map(Said::from).collect(),
            answered: shown.answered.map(|answered| json!(answered)),
            differences: shown.differences.iter().map(|difference| json!(difference)).collect(),
        };
        Ok(Answer { now, body })
    })
    .await
}
