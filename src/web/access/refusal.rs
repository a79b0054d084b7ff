//! Why somebody is turned away: a page for people, RFC 9457 for programs.

use alerts::account::Role;
use alerts::format;
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Json, Response};
use crawler::words::Words;
use serde_json::json;

use super::super::pages::{ask, spoken};
use super::super::view::{Chrome, Here, notice_page};
use crate::daemon::Running;

/// Why a request goes no further.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The role does not suffice.
    NotAllowed {
        /// What would.
        needs: Role,
        /// Whose it is.
        post: String,
    },
    /// A form of another site.
    Elsewhere,
    /// A form without the token of its visitor.
    OldForm,
    /// Sent, and no form.
    NoForm,
    /// A form beyond any of ours.
    TooLong,
    /// Asked for under a name that is not ours.
    UnknownHost,
}

/// What has to be known of a request to answer it.
pub(super) struct Asker {
    path: String,
    lang: Option<String>,
}

impl Asker {
    pub(super) fn of(request: &Request) -> Asker {
        Asker::new(request.uri())
    }

    pub(super) fn of_parts(parts: &Parts) -> Asker {
        Asker::new(&parts.uri)
    }

    fn new(uri: &Uri) -> Asker {
        let query = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
        let lang = { query }.find(|(name, _)| name == "lang").map(|(_, value)| value.into_owned());
        Asker { path: uri.path().to_owned(), lang }
    }

    fn is_program(&self) -> bool {
        self.path.starts_with("/api/") || self.path == "/metrics"
    }
}

impl Refusal {
    /// The answer.
    pub(super) async fn answer(self, running: &Running, asker: &Asker) -> Response {
        let (status, title, text) = self.said();
        if asker.is_program() {
            return problem(status, &title, &text);
        }
        let (lang, now) = (asker.lang.clone(), running.clock.now());
        ask(running, move |lookout| {
            let site = &lookout.orders.site;
            let language = spoken(lang.as_deref(), site);
            // What was sent is not asked for again in the other language: that leads to the beginning.
            let chrome = Chrome::new(site, language, now, Here::Elsewhere, "/");
            let page = notice_page(&chrome, language.say(&title), language.say(&text));
            Ok((status, Html(page)).into_response())
        })
        .await
    }

    fn said(&self) -> (StatusCode, Words, Words) {
        let not_allowed = Words::new("没有权限", "Not allowed");
        match self {
            Refusal::NotAllowed { needs, post } => {
                let (needs, post) = (needs.name(), format::one_line(post, 40));
                let text = Words::new(
                    format!(
                        "“{post}”的权限不够，这一步需要“{}”。请管理员用 guanlan user role 调整。",
                        needs.zh
                    ),
                    format!(
                        "{post} may not do that: it takes {}. An administrator changes that with guanlan user role.",
                        needs.en
                    ),
                );
                (StatusCode::FORBIDDEN, not_allowed, text)
            }
            Refusal::Elsewhere => (
                StatusCode::FORBIDDEN,
                not_allowed,
                Words::new(
                    "这次提交不是从观澜的页面上点的，没有执行。请打开观澜的页面再操作。",
                    "This was not sent by a page of Guanlan, so nothing was done. Open the page here and try again.",
                ),
            ),
            Refusal::OldForm => (
                StatusCode::FORBIDDEN,
                Words::new("页面已失效", "The page is too old"),
                Words::new(
                    "没有执行。请返回，刷新页面后再提交一次。",
                    "Nothing was done. Go back, load the page again, and send it once more.",
                ),
            ),
            Refusal::NoForm => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                not_allowed,
                Words::new(
                    "网页只接受表单提交；程序请用 /api/v1。",
                    "Pages take forms; programs use /api/v1.",
                ),
            ),
            Refusal::TooLong => (
                StatusCode::PAYLOAD_TOO_LARGE,
                Words::new("内容太长", "Too long"),
                Words::new("一次最多 256 KiB。请缩短后再提交。", "A form takes 256 KiB at most: shorten it."),
            ),
            Refusal::UnknownHost => (
                StatusCode::MISDIRECTED_REQUEST,
                Words::new("地址不对", "Wrong address"),
                Words::new(
                    "请用 http://127.0.0.1 或 [web] public_url 里的地址打开。",
                    "Open the pages at http://127.0.0.1, or at the address of [web] public_url.",
                ),
            ),
        }
    }
}

/// RFC 9457; programs read English.
fn problem(status: StatusCode, title: &Words, text: &Words) -> Response {
    let body =
        json!({ "type": "about:blank", "status": status.as_u16(), "title": title.en, "detail": text.en });
    let mut response = (status, Json(body)).into_response();
    let kind = header::HeaderValue::from_static("application/problem+json");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}
