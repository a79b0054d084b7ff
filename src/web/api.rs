//! `/api/v1`: for programs, what the pages are for people. Reading goes through the same owners and the same search;
//! the OpenAPI document is made from these handlers (`/api/openapi.json`, readable at `/api`).

mod act;
mod alerts;
mod concerns;
mod document;
mod events;
mod fresh;
mod limit;
mod papers;
mod posts;
mod problem;
mod push;
mod sources;
mod statements;

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::Uri;
use axum::http::request::Parts;
use axum::middleware;
use axum::routing::{any, get};
use axum::{Extension, Router};
use crawler::words::Words;
use serde::de::DeserializeOwned;
use tokio::sync::{Semaphore, watch};
use tracing::error;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::daemon::Running;
use crate::lookout::{Lookout, LookoutError};
pub(super) use problem::{Language, Problem};

pub(crate) use push::{Caller, Reception};

/// Everything under `/api`: what is read, and where posts are handed in if there is somebody to receive.
pub(super) fn router(
    running: Running,
    reception: Option<Reception>,
    stopped: watch::Receiver<bool>,
) -> Router {
    let read = OpenApiRouter::with_openapi(document::head())
        .routes(routes!(concerns::list))
        .routes(routes!(concerns::series))
        .routes(routes!(posts::list))
        .routes(routes!(alerts::list))
        .routes(routes!(alerts::one))
        .routes(routes!(act::act))
        .routes(routes!(alerts::record))
        .routes(routes!(papers::list))
        .routes(routes!(papers::day))
        .routes(routes!(papers::week))
        .routes(routes!(sources::list))
        .routes(routes!(statements::list))
        .routes(routes!(sources::health))
        .routes(routes!(events::events))
        .route("/api/openapi.json", get(document::json))
        .route("/api", get(document::page))
        .with_state(running);
    let received = reception.map(push::router).unwrap_or_default();
    let (router, document) = read.merge(received).split_for_parts();
    let seats = Arc::new(Semaphore::new(events::LISTENERS));
    let limit = middleware::from_fn_with_state(limit::whole(), limit::limited);
    let shared = (Extension(Arc::new(document)), Extension(events::House { stopped, seats }));
    layered(router.layer(shared.0).layer(shared.1).layer(limit))
}

fn layered(router: Router) -> Router {
    router
        .route("/api/{*rest}", any(not_found))
        .layer(middleware::from_fn(fresh::unless_known))
        .layer(middleware::from_fn(problem::in_words))
}

/// Any other address.
async fn not_found() -> Problem {
    Problem::not_found(Words::new(
        "没有这个接口；/api 列出全部接口",
        "nothing is here; /api lists every address",
    ))
}

/// Where posts are handed in and nothing else is, beside the routes given.
pub(super) fn push_alone(beside: Router, reception: Reception) -> Router {
    let pushed: Router = push::router(reception).into();
    beside.merge(pushed).fallback(not_found).layer(middleware::from_fn(problem::in_words))
}

/// What stands behind the question mark of an address. A parameter without a value counts as left out, as a form sends
/// what nobody filled in.
struct Parameters<T>(T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Parameters<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let read = axum::extract::Query::<T>::try_from_uri(&filled_in(&parts.uri));
        let wrong = |error: axum::extract::rejection::QueryRejection| {
            let what = error.body_text();
            Problem::malformed(Words::new(
                format!("地址里的参数看不懂：{what}"),
                format!("the parameters in the address cannot be understood: {what}"),
            ))
        };
        read.map(|query| Parameters(query.0)).map_err(wrong)
    }
}

fn filled_in(uri: &Uri) -> Uri {
    let is_filled_in = |part: &&str| part.split_once('=').is_none_or(|(_, value)| !value.is_empty());
    let parts: Vec<&str> = uri.query().unwrap_or_default().split('&').filter(is_filled_in).collect();
    let path = format!("{}?{}", uri.path(), parts.join("&"));
    path.parse().unwrap_or_else(|_| uri.clone())
}

/// Lets the owner of alerts answer.
async fn ask<T: Send + 'static>(
    running: &Running,
    make: impl FnOnce(&mut Lookout) -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    running.lookout.ask(make).await.map_err(|_| Problem::stopping())?
}

impl From<LookoutError> for Problem {
    fn from(error: LookoutError) -> Problem {
        if let LookoutError::NoSuchDay(_) = error {
            return papers::no_such_day();
        }
        error!(%error, "an answer of the API could not be made");
        Problem::failed()
    }
}
