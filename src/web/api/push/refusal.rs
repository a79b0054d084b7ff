//! Why a call is not taken: status, headers and a sentence in the caller's language.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use crawler::format::file::push::{HandedError, LONGEST_BODY, MOST_POSTS};
use crawler::words::Words;

use super::super::problem::Problem;

/// Why nothing of a call was taken.
#[derive(Debug)]
pub(super) enum Refusal {
    NoToken,
    WrongToken,
    /// The administrator lets the source rest.
    Paused,
    WrongType,
    WrongPacking,
    TooLarge,
    TooSlow,
    /// The connection broke off.
    BrokenOff,
    Unreadable(HandedError),
    /// Not one line is a post.
    NothingAcceptable(Vec<(u64, Words)>),
    Busy,
    NotStored,
    Stopping,
    Failed,
}

impl Refusal {
    /// Why a body could not be received.
    pub(super) fn of_body(error: &dyn std::error::Error) -> Refusal {
        let mut cause = error.source();
        while let Some(inner) = cause {
            // axum wraps the error of `http_body_util::Limited`, which says so in no other way.
            if inner.to_string() == "length limit exceeded" {
                return Refusal::TooLarge;
            }
            cause = inner.source();
        }
        Refusal::BrokenOff
    }

    /// As a problem of the API.
    pub(super) fn problem(self) -> Problem {
        let (status, detail) = self.said();
        let mut problem = Problem::new(self.kind(), status, detail);
        if let Some((name, value)) = self.header() {
            problem = problem.with_header(name, HeaderValue::from_static(value));
        }
        match self {
            Refusal::NothingAcceptable(rejected) => problem.with_rejected(rejected),
            _ => problem,
        }
    }

    fn kind(&self) -> &'static str {
        match self {
            Refusal::NoToken | Refusal::WrongToken => "no-token",
            Refusal::Paused => "paused",
            Refusal::WrongType | Refusal::WrongPacking => "wrong-type",
            Refusal::TooLarge | Refusal::Unreadable(HandedError::TooLarge | HandedError::TooMany) => {
                "too-large"
            }
            Refusal::TooSlow => "too-slow",
            Refusal::Failed | Refusal::Unreadable(HandedError::Rename(_)) => "failed",
            Refusal::BrokenOff | Refusal::Unreadable(_) | Refusal::NothingAcceptable(_) => "malformed",
            Refusal::Busy => "too-many",
            Refusal::NotStored => "not-stored",
            Refusal::Stopping => "stopping",
        }
    }

    fn header(&self) -> Option<(HeaderName, &'static str)> {
        match self {
            Refusal::NoToken => Some((header::WWW_AUTHENTICATE, "Bearer realm=\"guanlan\"")),
            Refusal::WrongToken => {
                Some((header::WWW_AUTHENTICATE, "Bearer realm=\"guanlan\", error=\"invalid_token\""))
            }
            Refusal::WrongPacking => Some((header::ACCEPT_ENCODING, "gzip, zstd, identity")),
            Refusal::Busy => Some((header::RETRY_AFTER, "5")),
            Refusal::Paused => Some((header::RETRY_AFTER, "600")),
            Refusal::NotStored | Refusal::Stopping | Refusal::Failed => Some((header::RETRY_AFTER, "30")),
            _ => None,
        }
    }

    fn said(&self) -> (StatusCode, Words) {
        let mebibytes = LONGEST_BODY >> 20;
        match self {
            Refusal::NoToken => (
                StatusCode::UNAUTHORIZED,
                Words::new(
                    "没有口令：请求头里写 Authorization: Bearer 口令",
                    "no token: send the header Authorization: Bearer TOKEN",
                ),
            ),
            Refusal::WrongToken => (
                StatusCode::UNAUTHORIZED,
                Words::new(
                    "口令不对：请与观澜管理员核对",
                    "wrong token: compare it with the administrator of Guanlan",
                ),
            ),
            Refusal::Paused => (
                StatusCode::FORBIDDEN,
                Words::new(
                    "管理员暂停了这个信源，这期间不收：保留好，恢复后再推送",
                    "the administrator has paused this source: keep the posts and push them when it is resumed",
                ),
            ),
            Refusal::WrongType => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                Words::new(
                    "Content-Type 应为 application/x-ndjson（每行一条）或 application/json（一条），UTF-8 编码",
                    "Content-Type must be application/x-ndjson (one object a line) or application/json (one object), in UTF-8",
                ),
            ),
            Refusal::WrongPacking => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                Words::new("压缩只认 gzip 和 zstd", "packed bodies may be gzip or zstd"),
            ),
            Refusal::TooLarge | Refusal::Unreadable(HandedError::TooLarge) => (
                StatusCode::PAYLOAD_TOO_LARGE,
                Words::new(
                    format!("一次最多 {mebibytes} MiB（解压后）：请分几次推送"),
                    format!("at most {mebibytes} MiB at once, unpacked: send it in parts"),
                ),
            ),
            Refusal::Unreadable(HandedError::TooMany) => (
                StatusCode::PAYLOAD_TOO_LARGE,
                Words::new(
                    format!("一次最多 {MOST_POSTS} 条：请分几次推送"),
                    format!("at most {MOST_POSTS} posts at once: send them in parts"),
                ),
            ),
            Refusal::Unreadable(HandedError::Broken(error)) => (
                StatusCode::BAD_REQUEST,
                Words::new(format!("内容解不开：{error}"), format!("the body cannot be unpacked: {error}")),
            ),
            Refusal::Unreadable(error @ HandedError::Rename(_)) => {
                (StatusCode::INTERNAL_SERVER_ERROR, Words::same(error.to_string()))
            }
            Refusal::TooSlow => (
                StatusCode::REQUEST_TIMEOUT,
                Words::new("内容没有在一分钟内传完", "the body did not arrive within a minute"),
            ),
            Refusal::BrokenOff => (StatusCode::BAD_REQUEST, Words::new("内容没有传完", "the body broke off")),
            Refusal::NothingAcceptable(_) => (
                StatusCode::BAD_REQUEST,
                Words::new(
                    "没有一行能收下；格式见 docs/api.md",
                    "not one line could be taken; docs/api.md describes the format",
                ),
            ),
            Refusal::Busy => (
                StatusCode::TOO_MANY_REQUESTS,
                Words::new(
                    "同时推送的太多：过几秒再发一次",
                    "too many calls at once: send it again in a few seconds",
                ),
            ),
            Refusal::NotStored => (
                StatusCode::SERVICE_UNAVAILABLE,
                Words::new(
                    "没有存下：过半分钟再发一次，重复发送无妨",
                    "not stored: send it again in half a minute, twice is harmless",
                ),
            ),
            Refusal::Stopping => (
                StatusCode::SERVICE_UNAVAILABLE,
                Words::new(
                    "程序正在停止：过半分钟再发一次",
                    "the program is stopping: send it again in half a minute",
                ),
            ),
            Refusal::Failed => (
                StatusCode::INTERNAL_SERVER_ERROR,
                Words::new(
                    "读内容时出了意外：请告诉观澜管理员",
                    "reading the body failed unexpectedly: tell the administrator of Guanlan",
                ),
            ),
        }
    }
}
