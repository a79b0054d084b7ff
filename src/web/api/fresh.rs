//! Answers that a caller need not read twice: each says by an ETag what it holds (RFC 9110 §8.8.3), and one that the
//! caller has already is not sent again.

use axum::Json;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tracing::error;

use super::problem::Problem;

/// Callers may keep what they got, and must ask before they use it again.
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("private, no-cache");

/// What changes with the clock alone. A cursor of before leads on as well: through the posts of its own moment.
const PASSING: [&str; 4] = ["now", "seconds_left", "as_of", "next"];

/// A JSON answer with the moment it speaks of.
#[derive(Debug)]
pub(super) struct Answer<T> {
    pub(super) now: Timestamp,
    pub(super) body: T,
}

impl<T: Serialize> IntoResponse for Answer<T> {
    fn into_response(self) -> Response {
        let mut value = match serde_json::to_value(&self.body) {
            Ok(value) => value,
            Err(error) => {
                error!(%error, "an answer of the API could not be written");
                return Problem::failed().into_response();
            }
        };
        let tag = tag(value.clone());
        if let Some(fields) = value.as_object_mut() {
            fields.insert("now".to_owned(), Value::String(self.now.to_string()));
        }
        tagged(Json(value).into_response(), tag)
    }
}

/// An answer that always reads the same for the same text, tagged by that.
pub(super) fn of_text(text: &str, response: Response) -> Response {
    tagged(response, weak(text))
}

fn tagged(mut response: Response, tag: String) -> Response {
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// A weak tag: the same for answers that differ by the clock alone.
fn tag(mut steady: Value) -> String {
    without_passing(&mut steady);
    weak(&steady.to_string())
}

fn weak(text: &str) -> String {
    format!("W/\"{}\"", fingerprint(text))
}

/// Stands for a text where only sameness matters: the first 16 bytes of its SHA-256, in hexadecimal.
pub(super) fn fingerprint(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

fn without_passing(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, _| !PASSING.contains(&name.as_str()));
            fields.values_mut().for_each(without_passing);
        }
        Value::Array(values) => values.iter_mut().for_each(without_passing),
        _ => {}
    }
}

/// The layer that answers 304 where the caller holds the answer already.
pub(super) async fn unless_known(request: Request, next: Next) -> Response {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    let known: Vec<HeaderValue> = request.headers().get_all(header::IF_NONE_MATCH).iter().cloned().collect();
    let mut response = next.run(request).await;
    response.headers_mut().insert(header::CACHE_CONTROL, ASK_AGAIN);
    let Some(tag) = response.headers().get(header::ETAG).cloned().filter(|_| is_read) else {
        return response;
    };
    if !known.iter().any(|known| names(known, &tag)) {
        return response;
    }
    let mut unchanged = StatusCode::NOT_MODIFIED.into_response();
    unchanged.headers_mut().insert(header::ETAG, tag);
    unchanged.headers_mut().insert(header::CACHE_CONTROL, ASK_AGAIN);
    unchanged
}

/// Weak comparison (RFC 9110 §8.8.3.2).
fn names(known: &HeaderValue, tag: &HeaderValue) -> bool {
    let opaque = |text: &str| text.trim().trim_start_matches("W/").to_owned();
    let (Ok(known), Ok(tag)) = (known.to_str(), tag.to_str()) else { return false };
    known.trim() == "*" || known.split(',').any(|one| opaque(one) == opaque(tag))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_clock_alone_changes_no_tag() {
        let at = |now, left, level| {
            tag(json!({ "now": now, "alerts": [{ "seconds_left": left, "level": level }] }))
        };
        assert_eq!(at(1, 100, "blue"), at(2, 99, "blue"));
        assert_ne!(at(1, 100, "blue"), at(1, 100, "red"));
    }

    #[test]
    fn tags_are_compared_weakly_and_in_lists() {
        let known = |value| names(&HeaderValue::from_static(value), &HeaderValue::from_static("W/\"a\""));
        assert!(known("\"b\", W/\"a\"") && known("\"a\"") && known("*"));
        assert!(!known("\"b\"") && !known(""));
    }
}
