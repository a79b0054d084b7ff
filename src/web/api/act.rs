//! `POST /api/v1/alerts/{id}/{action}`: what the page and `guanlan alert` do with an alert.

use alerts::alert::Worth;
use alerts::desk::DeskError;
use alerts::idempotency::{Key, Known};
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use crawler::words::Words;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::schema::{Object, Type};

use super::alerts::{One, alert, no_such_alert};
use super::ask;
use super::fresh::{Answer, fingerprint};
use super::problem::{Problem, Told};
use crate::acting::{is_done, refusal};
use crate::answering::{Typed, answer};
use crate::daemon::Running;
use crate::lookout::{Lookout, LookoutError};
use crate::socket::Action;
use crate::web::access::Visitor;

/// Characters of a key.
const LONGEST_KEY: usize = 255;

/// What an action needs; what it does not need is left out.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Action)]
#[serde(deny_unknown_fields)]
pub(super) struct Body {
    /// The post held by whoever acts, or the department that answered; never a person.
    #[schema(example = "值班室", max_length = 200)]
    by: String,
    /// Why: of mute, withdraw and false-alarm. The text of a note.
    #[serde(default)]
    #[schema(max_length = 2000)]
    text: Option<String>,
    /// End of a mute: at most three days away.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
    /// Address of an answer.
    #[serde(default)]
    url: Option<String>,
    /// When the answer was published; now when left out.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    at: Option<Timestamp>,
    /// Of respond: a found statement by its `key` in /api/v1/statements, instead of address and time.
    #[serde(default)]
    statement: Option<String>,
    /// Of respond: that it was given by word of mouth or on paper and has no address.
    #[serde(default)]
    spoken: bool,
    /// Of feedback: useful, known or noise.
    #[serde(default)]
    #[schema(schema_with = worths)]
    worth: Option<Worth>,
}

/// What an alert may have been worth.
fn worths() -> Object {
    let names = ["useful", "known", "noise"];
    Object::builder().schema_type(Type::String).enum_values(Some(names)).build()
}

/// Does something with an alert, and tells it as it then stands. Sent again within a day with the same Idempotency-Key, it
/// is not done again and answered as the first time.
#[utoipa::path(post, path = "/api/v1/alerts/{id}/{action}", tag = "alerts", operation_id = "act",
    params(("id" = String, Path, description = "Number of the alert, 20261124-03"),
        ("action" = String, Path, description = "claim, respond, withdraw, mute, close, false-alarm, note or feedback"),
        ("Idempotency-Key" = Option<String>, Header, description = "Anything that is another for each thing to be done, at most 255 characters")),
    request_body = Body,
    responses((status = 200, body = One), (status = "default", body = Told<'static>, content_type = "application/problem+json")))]
pub(super) async fn act(
    visitor: Visitor,
    State(running): State<Running>,
    Path((id, name)): Path<(String, String)>,
    headers: HeaderMap,
    body: Result<Json<Body>, JsonRejection>,
) -> Result<Answer<Value>, Problem> {
    let key = key(&headers)?;
    let Json(body) = body.map_err(unreadable)?;
    let whole = serde_json::to_string(&(&id, &name, &body)).map_err(|_| Problem::failed())?;
    let request = fingerprint(&whole);
    let now = running.clock.now();
    ask(&running, move |lookout| {
        let key = key.as_deref().map(|key| Key { caller: &visitor.post, key, request: &request });
        if let Some(key) = key {
            match lookout.desk.answered(key, now).map_err(LookoutError::from)? {
                Known::New => {}
                Known::Answered(answer) => return again(&answer, now),
                Known::Reused => return Err(reused()),
            }
        }
        let body = done(lookout, &visitor.post, (&id, &name, body), now)?;
        if let Some(key) = key {
            lookout.desk.keep_answer(key, &body.to_string(), now).map_err(LookoutError::from)?;
        }
        Ok(Answer { now, body })
    })
    .await
}

/// Does it, and tells the alert as it then stands.
fn done(
    lookout: &mut Lookout,
    post: &str,
    (id, name, body): (&str, &str, Body),
    now: Timestamp,
) -> Result<Value, Problem> {
    let Some(known) = lookout.alert_named(id)? else { return Err(no_such_alert()) };
    let action = action(lookout, &known, (name, body), now)?.masked(&lookout.orders.masks);
    // What takes or closes an alert is told by the desk when it comes too late.
    let is_of_the_desk =
        matches!(action, Action::Acknowledge { .. } | Action::Close { .. } | Action::FalseAlarm { .. });
    if is_of_the_desk || !is_done(&known, &action, now) {
        lookout.act_as(post, &known.id.to_string(), action, now).map_err(refused)?;
    }
    let changed = lookout.alert_named(id)?.unwrap_or(known);
    serde_json::to_value(alert(lookout, &changed, now)?).map_err(|_| Problem::failed())
}

fn again(answer: &str, now: Timestamp) -> Result<Answer<Value>, Problem> {
    let body = serde_json::from_str(answer).map_err(|_| Problem::failed())?;
    Ok(Answer { now, body })
}

fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(key) = headers.get("idempotency-key") else { return Ok(None) };
    let key = key.to_str().ok().filter(|key| !key.is_empty() && key.len() <= LONGEST_KEY);
    let wrong = || {
        Problem::malformed(Words::new(
            format!("Idempotency-Key 要是 1 到 {LONGEST_KEY} 个 ASCII 字符"),
            format!("Idempotency-Key must be 1 to {LONGEST_KEY} ASCII characters"),
        ))
    };
    key.map(|key| Some(key.to_owned())).ok_or_else(wrong)
}

fn reused() -> Problem {
    unacceptable(Words::new(
        "这个 Idempotency-Key 已用于另一个请求：换一个",
        "this Idempotency-Key was used for another request: use another",
    ))
}

fn action(
    lookout: &Lookout,
    alert: &alerts::alert::Alert,
    (name, body): (&str, Body),
    now: Timestamp,
) -> Result<Action, Problem> {
    let Body { by, text, until, url, at, statement, spoken, worth } = body;
    match name {
        "claim" => Ok(Action::Acknowledge { by }),
        "close" => Ok(Action::Close { by }),
        "note" => Ok(Action::Note { by, text: needed(text, "text")? }),
        "false-alarm" => Ok(Action::FalseAlarm { by, reason: needed(text, "text")? }),
        "withdraw" => Ok(Action::Withdraw { by, reason: needed(text, "text")? }),
        "mute" => Ok(Action::Mute { by, reason: needed(text, "text")?, until: needed(until, "until")? }),
        "feedback" => Ok(Action::Rate { by, worth: needed(worth, "worth")? }),
        "respond" => {
            let statements =
                lookout.shown(alert, now)?.map(|(_, shown)| shown.statements).unwrap_or_default();
            let typed = Typed {
                statement: statement.unwrap_or_default(),
                by,
                url: url.unwrap_or_default(),
                at: at.map(|at| at.to_string()).unwrap_or_default(),
                spoken,
            };
            answer(&typed, (alert.onset, &statements), &lookout.orders.site.zone, now).map_err(unacceptable)
        }
        _ => Err(Problem::not_found(Words::new(
            "没有这种操作：有 claim、respond、withdraw、mute、close、false-alarm、note、feedback",
            "there is no such action: claim, respond, withdraw, mute, close, false-alarm, note, feedback",
        ))),
    }
}

fn needed<T>(value: Option<T>, name: &str) -> Result<T, Problem> {
    value.ok_or_else(|| unacceptable(Words::new(format!("缺少 {name}"), format!("{name} is missing"))))
}

fn unacceptable(detail: Words) -> Problem {
    Problem::new("unacceptable", StatusCode::UNPROCESSABLE_ENTITY, detail)
}

fn unreadable(rejection: JsonRejection) -> Problem {
    let (status, what) = (rejection.status(), rejection.body_text());
    Problem::new(
        match status {
            StatusCode::UNSUPPORTED_MEDIA_TYPE => "wrong-type",
            StatusCode::UNPROCESSABLE_ENTITY => "unacceptable",
            _ => "malformed",
        },
        status,
        Words::new(format!("内容看不懂：{what}"), format!("the body cannot be understood: {what}")),
    )
}

/// Why the desk does not do it.
fn refused(error: LookoutError) -> Problem {
    match (refusal(&error), &error) {
        (Some(why), LookoutError::Desk(DeskError::Closed(_))) => {
            Problem::new("closed", StatusCode::CONFLICT, why)
        }
        (Some(why), _) => unacceptable(why),
        (None, _) => error.into(),
    }
}
