//! How often a caller may ask, so that one broken loop does not take the pages' time.

use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::time::Instant;

use super::super::access::Visitor;
use super::super::pace::{Buckets, Rate};
use super::problem::Problem;

/// Requests of one caller.
const RATE: Rate = Rate { a_second: 20.0, at_once: 200.0 };

/// What is left to each.
pub(super) type Left = Arc<Mutex<Buckets<String>>>;

/// Nobody has asked yet.
pub(super) fn whole() -> Left {
    Arc::new(Mutex::new(Buckets::new(RATE)))
}

/// The layer that turns away who asks too often.
pub(super) async fn limited(State(left): State<Left>, request: Request, next: Next) -> Response {
    // Who hands posts in has places of its own, and no visitor.
    if let Some(visitor) = request.extensions().get::<Visitor>() {
        // Real time, also where a demonstration stands still.
        let now = Instant::now();
        let taken = left.lock().unwrap_or_else(PoisonError::into_inner).take(visitor.post.clone(), now);
        if let Err(seconds) = taken {
            return Problem::busy()
                .with_header(header::RETRY_AFTER, HeaderValue::from(seconds))
                .into_response();
        }
    }
    next.run(request).await
}
