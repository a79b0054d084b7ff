//! How often a caller may ask: a bucket of tokens for each (RFC 2697's idea), so that one broken loop does not take the
//! pages' time. Pure but for the layer at the end.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use jiff::{SignedDuration, Timestamp};

use super::problem::Problem;
use crate::daemon::Running;
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
    at: Timestamp,
}

/// The buckets of all callers, by the post or the name of the token.
#[derive(Debug, Default)]
pub(super) struct Buckets(HashMap<String, Bucket>);

impl Buckets {
    /// Takes one request out of a caller's bucket; else says how many seconds it has to wait.
    fn take(&mut self, caller: &str, now: Timestamp) -> Result<(), u64> {
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

fn filled(bucket: Bucket, now: Timestamp) -> f64 {
    // A clock that is set back fills nothing.
    let passed = now.duration_since(bucket.at).max(SignedDuration::ZERO).as_secs_f64();
    (bucket.left + passed * A_SECOND).min(AT_ONCE)
}

/// The layer that turns away who asks too often.
pub(super) async fn limited(
    State((running, buckets)): State<(Running, Arc<Mutex<Buckets>>)>,
    request: Request,
    next: Next,
) -> Response {
    // Who hands posts in has places of its own, and no visitor.
    if let Some(visitor) = request.extensions().get::<Visitor>() {
        let now = running.clock.now();
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
    use super::*;

    #[test]
    fn who_asks_too_often_waits_and_the_others_do_not() {
        let start: Timestamp = "2026-11-24T06:00:00Z".parse().unwrap();
        let mut buckets = Buckets::default();
        let taken = (0..250).filter(|_| buckets.take("值班室", start).is_ok()).count();
        assert_eq!(taken, AT_ONCE as usize);
        assert_eq!(buckets.take("值班室", start), Err(1));
        assert_eq!(buckets.take("宣传部", start), Ok(()));
        let later = start + SignedDuration::from_millis(500);
        let taken = (0..250).filter(|_| buckets.take("值班室", later).is_ok()).count();
        assert_eq!(taken, A_SECOND as usize / 2);
        assert_eq!(buckets.take("值班室", start), Err(1), "a clock set back gives nothing");
    }

    #[test]
    fn callers_without_end_take_no_room_without_end() {
        let start: Timestamp = "2026-11-24T06:00:00Z".parse().unwrap();
        let mut buckets = Buckets::default();
        for number in 0..5 * CALLERS as i64 {
            let now = start + SignedDuration::from_secs(number);
            assert_eq!(buckets.take(&number.to_string(), now), Ok(()));
        }
        assert!(buckets.0.len() <= CALLERS + 1, "{}", buckets.0.len());
    }
}
