//! `GET /api/v1/events`: what happens to alerts, as it happens (server-sent events).

use std::convert::Infallible;
use std::time::Duration;

use alerts::journal::Line;
use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use crawler::words::Words;
use futures_util::stream::{self, Stream, StreamExt};
use serde_json::json;
use tokio::sync::watch;
use tokio::time::Instant;

use super::ask;
use super::problem::{Problem, Told};
use crate::daemon::{Running, until};
use crate::lookout::LookoutError;

/// The journal is looked at that often.
const PAUSE: Duration = Duration::from_secs(1);
/// Proxies and callers see that the line is alive.
const BREATH: Duration = Duration::from_secs(15);
/// Lines told at once.
const MOST: usize = 100;
/// A stream ends then: whoever goes on listening is asked again who it is.
const LONGEST: Duration = Duration::from_secs(600);
/// Callers that listen at the same time.
pub(super) const LISTENERS: usize = 16;

/// Where a caller has got to.
struct Place {
    running: Running,
    stopped: watch::Receiver<bool>,
    line: i64,
    since: Instant,
    /// Held while the caller listens.
    _seat: tokio::sync::OwnedSemaphorePermit,
}

/// Every new line of the journal of alerts as an event named after what happened, with its number as id: whoever
/// comes back with `Last-Event-ID` misses nothing.
#[utoipa::path(get, path = "/api/v1/events", tag = "alerts", operation_id = "events",
    params(("Last-Event-ID" = Option<i64>, Header, description = "Number of the last line seen")),
    responses((status = 200, description = "Lines as they are written", body = String, content_type = "text/event-stream"),
        (status = "default", body = Told<'static>, content_type = "application/problem+json")))]
pub(super) async fn events(
    State(running): State<Running>,
    Extension(house): Extension<House>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let seat = house.seats.try_acquire_owned().map_err(|_| Problem::busy())?;
    let line = match headers.get("last-event-id") {
        Some(seen) => seen.to_str().ok().and_then(|seen| seen.parse().ok()).ok_or_else(unreadable)?,
        None => ask(&running, |lookout| Ok(lookout.desk.journal().last_line().map_err(failed)?)).await?,
    };
    let place = Place { running, stopped: house.stopped, line, since: Instant::now(), _seat: seat };
    let events = stream::unfold(place, next).map(stream::iter).flatten();
    Ok(Sse::new(events.map(Ok)).keep_alive(KeepAlive::new().interval(BREATH)))
}

/// What listeners share.
#[derive(Clone)]
pub(super) struct House {
    pub(super) stopped: watch::Receiver<bool>,
    pub(super) seats: std::sync::Arc<tokio::sync::Semaphore>,
}

/// Waits for the next lines; ends when the program does.
async fn next(mut place: Place) -> Option<(Vec<Event>, Place)> {
    while !*place.stopped.borrow() && place.since.elapsed() < LONGEST {
        let line = place.line;
        let read =
            move |lookout: &mut crate::lookout::Lookout| lookout.desk.journal().lines_after(line, MOST);
        let lines = place.running.lookout.ask(read).await.ok()?.ok()?;
        if let Some(last) = lines.last() {
            place.line = last.number;
            return Some((lines.iter().map(event).collect(), place));
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            () = until(place.stopped.clone()) => {}
        }
    }
    None
}

fn event(line: &Line) -> Event {
    let what = json!(line.event);
    let name = what.get("event").and_then(|name| name.as_str()).unwrap_or("event").to_owned();
    let data = json!({ "schema": "guanlan.event/1", "alert": line.id, "at": line.time, "what": what });
    Event::default().id(line.number.to_string()).event(name).data(data.to_string())
}

fn failed(error: alerts::journal::JournalError) -> LookoutError {
    LookoutError::Desk(error.into())
}

fn unreadable() -> Problem {
    Problem::malformed(Words::new(
        "Last-Event-ID 要是看到的最后一行的编号",
        "Last-Event-ID must be the number of the last line seen",
    ))
}
