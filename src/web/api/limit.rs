//! How often a caller may ask: a bucket of tokens for each (RFC 2697's idea), so that one broken loop does not take the
//! pages' time. Pure but for the layer at the end.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::time::Instant;

use super::problem::Problem;
use crate::web::access::Visitor;

/// Requests a second in the long run.
const A_SECOND: f64 = 20.0;
/// Requests at once after a pause.
const AT_ONCE: f64 = 200.0;
/// Callers remembered; a full bucket need not be.
const CALLERS: usize = 1000;

/// What is left of one caller's bucket.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    left: f64,
    at: Instant,
}

/// The buckets of all callers, by the post or the name of the token.
#[derive(Debug, Default)]
pub(super) struct Buckets(HashMap<String, Bucket>);

impl Buckets {
    /// Takes one request out of a caller's bucket; else says how many seconds it has to wait.
    fn take(&mut self, caller: &str, now: Instant) -> Result<(), u64> {
        let bucket = self.0.get(caller).copied().unwrap_or(Bucket { left: AT_ONCE, at: now });
        let left = filled(bucket, now);
        let taken = left >= 1.0;
        self.0.insert(caller.to_owned(), Bucket { left: if taken { left - 1.0 } else { left }, at: now });
        if self.0.len() > CALLERS {
            self.0.retain(|_, bucket| filled(*bucket, now) < AT_ONCE);
        }
        if taken { Ok(()) } else { Err(((1.0 - left) / A_SECOND).ceil().max(1.0) as u64) }
    }
}

fn filled(bucket: Bucket, now: Instant) -> f64 {
    let passed = now.saturating_duration_since(bucket.at).as_secs_f64();
    (bucket.left + passed * A_SECOND).min(AT_ONCE)
}

/// The layer that turns away who asks too often.
pub(super) async fn limited(
    State(buckets): State<Arc<Mutex<Buckets>>>,
    request: Request,
    next: Next,
) -> Response {
    // Who hands posts in has places of its own, and no visitor.
    if let Some(visitor) = request.extensions().get::<Visitor>() {
        // Real time, also where a demonstration stands still.
        let now = Instant::now();
        let taken = buckets.lock().unwrap_or_else(PoisonError::into_inner).take(&visitor.post, now);
        if let Err(seconds) = taken {
            return Problem::busy()
                .with_header(header::RETRY_AFTER, HeaderValue::from(seconds))
                .into_response();
        }
    }
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn who_asks_too_often_waits_and_the_others_do_not() {
        let start = Instant::now();
        let mut buckets = Buckets::default();
        let taken = (0..250).filter(|_| buckets.take("值班室", start).is_ok()).count();
        assert_eq!(taken, AT_ONCE as usize);
        assert_eq!(buckets.take("值班室", start), Err(1));
        assert_eq!(buckets.take("宣传部", start), Ok(()));
        let later = start + Duration::from_millis(500);
        let taken = (0..250).filter(|_| buckets.take("值班室", later).is_ok()).count();
        assert_eq!(taken, A_SECOND as usize / 2);
        assert_eq!(buckets.take("值班室", start), Err(1), "an earlier moment gives nothing");
    }

    #[test]
    fn callers_without_end_take_no_room_without_end() {
        let start = Instant::now();
        let mut buckets = Buckets::default();
        for number in 0..5 * CALLERS as u64 {
            let now = start + Duration::from_secs(number);
            assert_eq!(buckets.take(&number.to_string(), now), Ok(()));
        }
        assert!(buckets.0.len() <= CALLERS + 1, "{}", buckets.0.len());
    }
}
