//! `POST /api/v1/counts`: a hotline hands in how many calls it had about which category.

use axum::Json;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use crawler::archive::Tallied;
use crawler::crawl::{counted, unmapped};
use crawler::format::Problem as Unread;
use crawler::format::counts::parse;
use crawler::format::file::push::{HandedError, unpacked};
use crawler::source::Kind;
use crawler::words::Words;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::problem::{Language, Problem, Told};
use super::refusal::Refusal;
use super::{Line, Reception, lines, packing, shape};

/// Counts handed in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CountsHandled)]
pub(super) struct Counted {
    /// The source that called.
    source: String,
    /// Lines that are counts.
    accepted: usize,
    /// Of these, new ones.
    stored: usize,
    /// Known periods with another count.
    corrected: usize,
    /// Known already.
    duplicates: usize,
    /// Lines that are no counts.
    rejected_count: usize,
    /// The first twenty of them.
    rejected: Vec<Line>,
    /// Categories that belong to no concern: stored, and counted nowhere.
    left_out: Vec<String>,
}

/// Hands counts without texts in, as CSV or an object a line.
#[utoipa::path(post, path = "/api/v1/counts", tag = "handing in", operation_id = "push_counts",
    request_body(content((String = "text/csv"), (String = "application/x-ndjson"), (Object = "application/json"))),
    responses((status = 200, body = Counted), (status = "default", body = Told<'static>, content_type = "application/problem+json")))]
pub(super) async fn counts(
    State(reception): State<Reception>,
    request: Request,
) -> Result<Json<Counted>, Problem> {
    let (parts, body) = request.into_parts();
    let language = Language::of(&parts.headers);
    let taken = reception.receive_counts(&parts.headers, body).await.map_err(Refusal::problem)?;
    Ok(Json(taken.in_words(language)))
}

/// What was taken of a call.
struct Taken {
    source: String,
    accepted: usize,
    rejected: usize,
    rejections: Vec<(u64, Words)>,
    /// Categories of no concern.
    left_out: Vec<Words>,
    tallied: Tallied,
}

impl Reception {
    async fn receive_counts(&self, headers: &HeaderMap, body: Body) -> Result<Taken, Refusal> {
        let source = self.caller(headers, |kind| matches!(kind, Kind::Counts(_)))?;
        if self.running.pauses.of(&source.id, self.now()).is_some() {
            return Err(Refusal::Paused);
        }
        let packing = packing(headers)?;
        if !is_csv(headers) {
            shape(headers)?;
        }
        let _place = self.places.try_acquire().map_err(|_| Refusal::Busy)?;
        let body = self.whole(headers, body).await?;
        let (id, zone, now) = (source.id.clone(), source.zone.clone(), self.now());
        let read = tokio::task::spawn_blocking(move || {
            Ok::<_, HandedError>(parse(&unpacked(&body, packing)?, &id, &zone, now))
        });
        let read = read.await.map_err(|_| Refusal::Failed)?.map_err(Refusal::Unreadable)?;
        if read.is_cut {
            return Err(Refusal::Unreadable(HandedError::TooMany));
        }
        let in_words = |problem: &Unread| (problem.line.unwrap_or(0), problem.what.clone());
        let rejections: Vec<(u64, Words)> = read.problems.iter().map(in_words).collect();
        if read.counts.is_empty() && read.rejected > 0 {
            return Err(Refusal::NothingAcceptable(rejections));
        }
        let left_out = match &source.kind {
            Kind::Counts(kind) => unmapped(kind, &read.counts),
            _ => Vec::new(),
        };
        let (accepted, rejected) = (read.counts.len(), read.rejected);
        let cursor = self.running.archive.cursor(&source.id).map_err(|_| Refusal::NotStored)?;
        let visit = counted(&source, cursor.as_deref(), (read.counts, read.problems), now);
        let tallied = self.store(visit).await?.tallied;
        let left_out = left_out.into_iter().map(|problem| problem.what).collect();
        Ok(Taken { source: source.id, accepted, rejected, rejections, left_out, tallied })
    }
}

impl Taken {
    fn in_words(&self, language: Language) -> Counted {
        Counted {
            source: self.source.clone(),
            accepted: self.accepted,
            stored: self.tallied.fresh.len() - self.tallied.corrected,
            corrected: self.tallied.corrected,
            duplicates: self.tallied.duplicates,
            rejected_count: self.rejected,
            rejected: lines(&self.rejections, language),
            left_out: self.left_out.iter().map(|what| language.of_words(what).to_owned()).collect(),
        }
    }
}

fn is_csv(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().is_some_and(|essence| essence.trim().eq_ignore_ascii_case("text/csv"))
}
