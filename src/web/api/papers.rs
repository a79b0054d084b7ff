//! `/api/v1/digests`: daily and weekly digests as values and as plain text.

use alerts::digest::DigestContent;
use axum::extract::{Path, State};
use crawler::words::Words;
use jiff::ToSpan;
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

use super::ask;
use super::fresh::Answer;
use super::problem::{Problem, Told};
use crate::daemon::Running;
use crate::morning::Kind;

/// Days listed.
const LISTED: i64 = 60;

/// The digests that can be read.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Digests {
    #[schema(example = "guanlan.digests/1")]
    schema: &'static str,
    /// Days with a digest, newest first.
    #[schema(value_type = Vec<String>)]
    days: Vec<Date>,
}

/// One digest.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Digest)]
pub(super) struct Paper {
    #[schema(example = "guanlan.digest/1")]
    schema: &'static str,
    #[schema(value_type = String, format = Date)]
    day: Date,
    title: String,
    /// Day, number and span.
    subtitle: String,
    /// At most 200 characters.
    overview: String,
    /// Whether nothing notable happened.
    quiet: bool,
    concerns: Vec<Hot>,
    /// How alerts were answered, in a sentence.
    replies: String,
    /// Facts to judge by.
    references: Vec<String>,
    /// How it was counted, and what is missing.
    notes: Vec<String>,
    /// The whole digest as plain text.
    text: String,
}

/// One concern of a digest, in words.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DigestConcern)]
struct Hot {
    id: String,
    name: String,
    /// The highest level in the span: blue, yellow, orange or red.
    #[schema(value_type = Option<String>)]
    level: Option<&'static str>,
    posts: String,
    change: String,
}

/// Days with a digest.
#[utoipa::path(get, path = "/api/v1/digests", tag = "digests", operation_id = "digests",
    responses((status = 200, body = Digests), (status = "default", body = Told<'static>, content_type = "application/problem+json")))]
pub(super) async fn list(State(running): State<Running>) -> Result<Answer<Digests>, Problem> {
    let now = running.clock.now();
    ask(&running, move |lookout| {
        let (newest, oldest) = (lookout.newest_digest(now), lookout.oldest_digest()?);
        let days = (0..LISTED).map(|back| newest.saturating_sub(back.days()));
        let days = days.take_while(|day| oldest.is_some_and(|oldest| *day >= oldest)).collect();
        Ok(Answer { now, body: Digests { schema: "guanlan.digests/1", days } })
    })
    .await
}

/// The digest of a day.
#[utoipa::path(get, path = "/api/v1/digests/{date}", tag = "digests", operation_id = "digest",
    params(("date" = String, Path, description = "The day on which it ends, 2026-11-24")),
    responses((status = 200, body = Paper), (status = "default", body = Told<'static>, content_type = "application/problem+json")))]
pub(super) async fn day(
    State(running): State<Running>,
    Path(date): Path<String>,
) -> Result<Answer<Paper>, Problem> {
    paper(&running, Kind::Day, &date).await
}

/// The digest of a week.
#[utoipa::path(get, path = "/api/v1/digests/week/{date}", tag = "digests", operation_id = "weekly",
    params(("date" = String, Path, description = "The day on which it ends, 2026-11-24")),
    responses((status = 200, body = Paper), (status = "default", body = Told<'static>, content_type = "application/problem+json")))]
pub(super) async fn week(
    State(running): State<Running>,
    Path(date): Path<String>,
) -> Result<Answer<Paper>, Problem> {
    paper(&running, Kind::Week, &date).await
}

async fn paper(running: &Running, kind: Kind, typed: &str) -> Result<Answer<Paper>, Problem> {
    let now = running.clock.now();
    let day: Option<Date> = typed.parse().ok();
    ask(running, move |lookout| {
        let day = match day {
            Some(day) if lookout.has_digest(day, now)? => day,
            _ => return Err(no_such_day()),
        };
        let language = lookout.orders.site.language;
        let (content, text) = lookout.digest_told(&kind, day, language)?;
        Ok(Answer { now, body: Paper::of(content, day, text) })
    })
    .await
}

impl Paper {
    fn of(content: DigestContent, day: Date, text: String) -> Paper {
        let hot = |concern: alerts::digest::HotConcern| Hot {
            id: concern.id,
            name: concern.name,
            level: concern.level.map(|level| level.class),
            posts: concern.posts,
            change: concern.change,
        };
        Paper {
            schema: "guanlan.digest/1",
            day,
            title: content.title,
            subtitle: content.subtitle,
            overview: content.overview,
            quiet: content.quiet,
            concerns: content.hot.into_iter().map(hot).collect(),
            replies: content.replies_sum,
            references: content.references,
            notes: content.notes,
            text,
        }
    }
}

pub(super) fn no_such_day() -> Problem {
    Problem::not_found(Words::new(
        "没有这一天的报告：日期写成 2026-11-24，不晚于最新一期",
        "there is no digest of that day: write it as 2026-11-24, no later than the newest",
    ))
}
