//! `POST /api/v1/posts` and `/api/v1/counts`: other systems hand posts and counts in. A token in a header tells which source calls; the
//! answer comes when the posts are on the disk, so whoever gets none may simply send again.
//! No cookies and no pages: a browser cannot be made to call here.

mod counts;
mod refusal;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{self, Body};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::response::Json;
use config::Secret;
use crawler::archive::Appended;
use crawler::crawl::{Visit, pushed, silent};
use crawler::format::Room;
use crawler::format::file::push::{self, Handed, LONGEST_BODY, Packing, Shape};
use crawler::format::file::{Defaults, Rejection};
use crawler::source::{Kind, Source};
use crawler::words::Words;
use jiff::Timestamp;
use serde::Serialize;
use tokio::sync::{Semaphore, watch};
use tracing::error;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::problem::{Language, Problem, Told};
use crate::daemon::{Running, until};
use crate::intake::IntakeError;
use crate::owner::Stopped;
use crate::ways::{Current, Ways};
use refusal::Refusal;

/// Calls answered at once; one takes at most some 30 MiB.
const AT_ONCE: usize = 4;
/// A body must be here within this time.
const BODY_WITHIN: Duration = Duration::from_secs(60);

/// A source that calls by itself.
pub(crate) struct Caller {
    /// The source.
    pub source: Source,
    /// By which it is known.
    pub token: Secret,
}

/// Where callers are received. Cloning it is cheap.
#[derive(Clone)]
pub(crate) struct Reception {
    running: Running,
    ways: Current,
    places: Arc<Semaphore>,
    stopped: watch::Receiver<bool>,
}

/// Where posts and counts are handed in.
pub(super) fn router(reception: Reception) -> OpenApiRouter {
    OpenApiRouter::default().routes(routes!(posts)).routes(routes!(counts::counts)).with_state(reception)
}

/// Posts handed in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PostsHandled)]
struct Handled {
    /// The source that called.
    source: String,
    /// Lines that are posts.
    accepted: usize,
    /// Of these, new ones.
    stored: usize,
    /// Known ones with other words.
    revisions: usize,
    /// Known already.
    duplicates: usize,
    /// Lines that are no posts.
    rejected_count: usize,
    /// The first twenty of them.
    rejected: Vec<Line>,
}

/// A line that could not be taken.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RejectedLine)]
struct Line {
    /// From 1.
    line: u64,
    reason: String,
}

/// Hands posts in: an object a line. The token is the one of the source that calls; the answer comes when the posts are
/// on the disk.
#[utoipa::path(post, path = "/api/v1/posts", tag = "handing in", operation_id = "push_posts",
    request_body(content((String = "application/x-ndjson"), (Object = "application/json"))),
    responses((status = 200, body = Handled), (status = "default", body = Told<'static>, content_type = "application/problem+json")))]
async fn posts(State(reception): State<Reception>, request: Request) -> Result<Json<Handled>, Problem> {
    let (parts, body) = request.into_parts();
    let language = Language::of(&parts.headers);
    let taken = reception.receive(&parts.headers, body).await.map_err(Refusal::problem)?;
    Ok(Json(taken.in_words(language)))
}

/// What was taken of a call.
struct Taken {
    handed: Counted,
    appended: Appended,
}

/// What a body brought, after its posts have gone on.
struct Counted {
    accepted: usize,
    rejected: usize,
    rejections: Vec<(u64, Rejection)>,
    source: Source,
}

impl Reception {
    /// Knows the callers, and those that come while it runs.
    pub(crate) fn new(running: Running, ways: Current, stopped: watch::Receiver<bool>) -> Reception {
        let places = Arc::new(Semaphore::new(AT_ONCE));
        Reception { running, ways, places, stopped }
    }

    /// The running parts.
    pub(in crate::web) fn running(&self) -> &Running {
        &self.running
    }

    /// Who calls, and what is kept out of what they bring, as it is now.
    fn ways(&self) -> Arc<Ways> {
        Arc::clone(&self.ways.borrow())
    }

    /// What time it is.
    pub(crate) fn now(&self) -> Timestamp {
        self.running.clock.now()
    }

    /// Notes, and tells, which callers have been silent for too long.
    pub(crate) async fn listen_for_silence(
        &self,
        since: &mut HashMap<String, Timestamp>,
        now: Timestamp,
    ) -> Result<(), Stopped> {
        let ways = self.ways();
        for Caller { source, .. } in &ways.callers {
            // Who is turned away cannot be blamed for its silence.
            if self.running.pauses.of(&source.id, now).is_some() {
                continue;
            }
            let listened = *since.entry(source.id.clone()).or_insert(now);
            let Ok(cursor) = self.running.archive.cursor(&source.id) else { continue };
            let Some(visit) = silent(source, cursor.as_deref(), listened, now) else { continue };
            if let Err(error) = self.take_in(visit).await? {
                error!(source.name = %source.id, %error, "a silence could not be noted; trying again");
            }
        }
        Ok(())
    }

    async fn receive(&self, headers: &HeaderMap, body: Body) -> Result<Taken, Refusal> {
        let source = self.caller(headers, |kind| matches!(kind, Kind::Push(_)))?;
        if self.running.pauses.of(&source.id, self.now()).is_some() {
            return Err(Refusal::Paused);
        }
        let how = (shape(headers)?, packing(headers)?);
        let _place = self.places.try_acquire().map_err(|_| Refusal::Busy)?;
        let body = self.whole(headers, body).await?;
        let (ways, now) = (self.ways(), self.now());
        let defaults = Defaults::of(&source, &ways.privacy, Room::from(ways.fetcher.limits()));
        let read = tokio::task::spawn_blocking(move || push::read(&body, how, &defaults, now));
        let handed = read.await.map_err(|_| Refusal::Failed)?.map_err(Refusal::Unreadable)?;
        let (handed, posts) = counted(handed, source);
        if posts.is_empty() && handed.rejected > 0 {
            return Err(Refusal::NothingAcceptable(handed.in_words()));
        }
        let problems = handed.problems();
        let cursor = self.running.archive.cursor(&handed.source.id).map_err(|_| Refusal::NotStored)?;
        let visit = pushed(&handed.source, cursor.as_deref(), (posts, problems), now);
        let appended = self.store(visit).await?;
        Ok(Taken { handed, appended })
    }

    /// Stores what a caller brought, or says why not.
    async fn store(&self, visit: Visit) -> Result<Appended, Refusal> {
        let source = visit.source.clone();
        match self.take_in(visit).await {
            Ok(Ok(appended)) => Ok(appended),
            Ok(Err(error)) => {
                error!(source.name = %source, %error, "a push could not be stored; its sender was told");
                Err(Refusal::NotStored)
            }
            Err(Stopped) => Err(Refusal::Stopping),
        }
    }

    /// Stores a visit; the answer comes when it is on the disk. Counting it may fail without harm: what is
    /// stored is counted again at the next start.
    async fn take_in(&self, visit: Visit) -> Result<Result<Appended, IntakeError>, Stopped> {
        let (visit, now) = (Arc::new(visit), self.now());
        let same = Arc::clone(&visit);
        let appended = match self.running.intake.ask(move |intake| intake.visit(&same)).await? {
            Ok(appended) => appended,
            Err(error) => return Ok(Err(error)),
        };
        let (taken, source) = (appended.clone(), visit.source.clone());
        let counted = self.running.lookout.ask(move |lookout| lookout.visited(&visit, &taken, now)).await?;
        if let Err(error) = counted {
            error!(source.name = %source, %error, "posts are stored, and could not be told further");
        }
        Ok(Ok(appended))
    }

    /// Who calls. Every token is compared, so that the time it takes does not tell how many there are before.
    fn caller(&self, headers: &HeaderMap, brings: impl Fn(&Kind) -> bool) -> Result<Source, Refusal> {
        let presented = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let presented = presented.and_then(|value| {
            let (scheme, token) = value.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
        });
        let presented = presented.ok_or(Refusal::NoToken)?;
        let ways = self.ways();
        let known: Option<&Source> = ways.callers.iter().fold(None, |known, caller| {
            if caller.token.is(presented) { Some(&caller.source) } else { known }
        });
        known.filter(|source| brings(&source.kind)).cloned().ok_or(Refusal::WrongToken)
    }

    async fn whole(&self, headers: &HeaderMap, body: Body) -> Result<body::Bytes, Refusal> {
        let announced =
            headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
        if announced.is_some_and(|length: u64| length > LONGEST_BODY as u64) {
            return Err(Refusal::TooLarge);
        }
        let read = tokio::time::timeout(BODY_WITHIN, body::to_bytes(body, LONGEST_BODY));
        let read = tokio::select! {
            read = read => read.map_err(|_| Refusal::TooSlow)?,
            () = until(self.stopped.clone()) => return Err(Refusal::Stopping),
        };
        read.map_err(|error| Refusal::of_body(&error))
    }
}

fn counted(handed: Handed, source: Source) -> (Counted, Vec<crawler::post::Post>) {
    let Handed { posts, rejected, rejections } = handed;
    (Counted { accepted: posts.len(), rejected, rejections, source }, posts)
}

impl Counted {
    fn problems(&self) -> Vec<crawler::format::Problem> {
        let problem = |(line, why): &(u64, Rejection)| crawler::format::Problem {
            line: Some(*line),
            what: why.words(&self.source.zone),
        };
        self.rejections.iter().map(problem).collect()
    }

    /// Rejected lines with their reasons in both languages.
    fn in_words(&self) -> Vec<(u64, Words)> {
        self.rejections.iter().map(|(line, why)| (*line, why.words(&self.source.zone))).collect()
    }
}

impl Taken {
    fn in_words(&self, language: Language) -> Handled {
        let revisions = self.appended.stored.iter().filter(|stored| stored.revision > 0).count();
        Handled {
            source: self.handed.source.id.clone(),
            accepted: self.handed.accepted,
            stored: self.appended.stored.len() - revisions,
            revisions,
            duplicates: self.appended.duplicates,
            rejected_count: self.handed.rejected,
            rejected: lines(&self.handed.in_words(), language),
        }
    }
}

fn lines(rejected: &[(u64, Words)], language: Language) -> Vec<Line> {
    let line = |(line, why): &(u64, Words)| Line { line: *line, reason: language.of_words(why).to_owned() };
    rejected.iter().map(line).collect()
}

fn shape(headers: &HeaderMap) -> Result<Shape, Refusal> {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut parts = value.split(';').map(|part| part.trim().to_ascii_lowercase());
    let essence = parts.next().unwrap_or_default();
    let is_utf8 = parts.all(|part| match part.strip_prefix("charset=") {
        Some(charset) => ["utf-8", "utf8", "us-ascii"].contains(&charset.trim_matches('"')),
        None => true,
    });
    match essence.as_str() {
        "application/x-ndjson" | "application/ndjson" | "application/jsonl" if is_utf8 => Ok(Shape::Lines),
        "application/json" if is_utf8 => Ok(Shape::Object),
        _ => Err(Refusal::WrongType),
    }
}

fn packing(headers: &HeaderMap) -> Result<Packing, Refusal> {
    let value = headers.get(header::CONTENT_ENCODING).map(|value| value.to_str().unwrap_or("?").trim());
    match value.map(str::to_ascii_lowercase).as_deref() {
        None | Some("" | "identity") => Ok(Packing::Plain),
        Some("gzip" | "x-gzip") => Ok(Packing::Gzip),
        Some("zstd") => Ok(Packing::Zstd),
        Some(_) => Err(Refusal::WrongPacking),
    }
}

#[cfg(test)]
mod tests;
