//! Errors of the API: RFC 9457 problem details. A handler says what is wrong in both languages; one layer puts it
//! into the caller's.

use axum::Json;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use crawler::words::Words;
use serde::Serialize;
use utoipa::ToSchema;

/// The media type of RFC 9457.
const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");

/// What the caller reads: Chinese unless it prefers English.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::web) enum Language {
    Chinese,
    English,
}

impl Language {
    /// The first of ours that `Accept-Language` names.
    pub(in crate::web) fn of(headers: &HeaderMap) -> Language {
        let value = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let mut names = value.unwrap_or_default().split(',').map(|name| name.trim().to_ascii_lowercase());
        let first = names.find(|name| name.starts_with("zh") || name.starts_with("en"));
        if first.is_some_and(|name| name.starts_with("en")) { Language::English } else { Language::Chinese }
    }

    pub(super) fn of_words(self, words: &Words) -> &str {
        match self {
            Language::Chinese => &words.zh,
            Language::English => &words.en,
        }
    }
}

/// What is wrong with a request, or with us. Behind a pointer: most answers carry none.
#[derive(Clone, Debug)]
pub(in crate::web) struct Problem(Box<Wrong>);

#[derive(Clone, Debug)]
struct Wrong {
    kind: &'static str,
    status: StatusCode,
    detail: Words,
    place: Option<(usize, usize)>,
    rejected: Vec<(u64, Words)>,
    header: Option<(HeaderName, HeaderValue)>,
}

/// A problem as it is sent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(super) struct Told<'a> {
    /// What sort of problem it is; described on the API's page.
    #[serde(rename = "type")]
    #[schema(example = "/api#not-found")]
    kind: String,
    /// The status in words.
    title: &'a str,
    /// The HTTP status.
    status: u16,
    /// What happened and what to do next, in the language asked for.
    detail: &'a str,
    /// The same as `detail`, where earlier callers look for it.
    error: &'a str,
    /// Of a query: where it cannot be read, in characters from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<usize>,
    /// Of a query: how many characters that concerns.
    #[serde(skip_serializing_if = "Option::is_none")]
    length: Option<usize>,
    /// Of posts and counts handed in: the lines that could not be taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    rejected: Option<Vec<Rejected<'a>>>,
}

/// One line that could not be taken.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProblemLine)]
pub(super) struct Rejected<'a> {
    /// From 1.
    line: u64,
    /// Why.
    reason: &'a str,
}

impl Problem {
    pub(in crate::web) fn new(kind: &'static str, status: StatusCode, detail: Words) -> Problem {
        Problem(Box::new(Wrong { kind, status, detail, place: None, rejected: Vec::new(), header: None }))
    }

    /// Where a query cannot be read, and for how many characters.
    pub(super) fn at(mut self, position: usize, length: usize) -> Problem {
        self.0.place = Some((position, length));
        self
    }

    pub(super) fn with_rejected(mut self, rejected: Vec<(u64, Words)>) -> Problem {
        self.0.rejected = rejected;
        self
    }

    pub(in crate::web) fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Problem {
        self.0.header = Some((name, value));
        self
    }

    /// Something in the address or the body cannot be understood.
    pub(super) fn malformed(detail: Words) -> Problem {
        Problem::new("malformed", StatusCode::BAD_REQUEST, detail)
    }

    /// There is no such thing.
    pub(super) fn not_found(detail: Words) -> Problem {
        Problem::new("not-found", StatusCode::NOT_FOUND, detail)
    }

    /// Our own failure; the log knows more.
    pub(super) fn failed() -> Problem {
        let detail = Words::new("程序出错，详情见日志", "the program failed; its log says more");
        Problem::new("failed", StatusCode::INTERNAL_SERVER_ERROR, detail)
    }

    /// Too much at once.
    pub(super) fn busy() -> Problem {
        let detail = Words::new("请求太多：过几秒再试", "too many requests: try again in a few seconds");
        Problem::new("too-many", StatusCode::TOO_MANY_REQUESTS, detail)
            .with_header(header::RETRY_AFTER, HeaderValue::from_static("5"))
    }

    /// The program ends.
    pub(super) fn stopping() -> Problem {
        let detail =
            Words::new("程序正在停止：过半分钟再试", "the program is stopping: try again in half a minute");
        let again = (header::RETRY_AFTER, HeaderValue::from_static("30"));
        Problem::new("stopping", StatusCode::SERVICE_UNAVAILABLE, detail).with_header(again.0, again.1)
    }

    /// The answer in a language.
    pub(in crate::web) fn told(&self, language: Language) -> Response {
        let told = Told {
            kind: format!("/api#{}", self.0.kind),
            title: self.0.status.canonical_reason().unwrap_or("Error"),
            status: self.0.status.as_u16(),
            detail: language.of_words(&self.0.detail),
            error: language.of_words(&self.0.detail),
            position: self.0.place.map(|(position, _)| position),
            length: self.0.place.map(|(_, length)| length),
            rejected: (!self.0.rejected.is_empty()).then(|| {
                self.0
                    .rejected
                    .iter()
                    .map(|(line, why)| Rejected { line: *line, reason: language.of_words(why) })
                    .collect()
            }),
        };
        let mut response = (self.0.status, Json(told)).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, PROBLEM_JSON);
        if let Some((name, value)) = self.0.header.clone() {
            response.headers_mut().insert(name, value);
        }
        response
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.0.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// The layer that puts problems into the caller's words.
pub(super) async fn in_words(request: Request, next: Next) -> Response {
    let language = Language::of(request.headers());
    let mut response = next.run(request).await;
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        return problem.told(language);
    }
    let status = response.status();
    let is_told = !response.headers().contains_key(header::CONTENT_TYPE) || is_plain(response.headers());
    match status {
        StatusCode::METHOD_NOT_ALLOWED => {
            let detail = Words::new("这个地址要用别的方法", "another method works here");
            Problem::new("wrong-method", status, detail).told(language)
        }
        // What axum itself refuses, such as an address that is no UTF-8.
        _ if status.is_client_error() && is_told => {
            let detail = Words::new("请求看不懂", "the request cannot be understood");
            Problem::new("malformed", status, detail).told(language)
        }
        _ => response,
    }
}

fn is_plain(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"text/plain"))
}
