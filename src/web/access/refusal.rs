//! Why somebody is turned away: a page for people, RFC 9457 for programs.

use alerts::account::Role;
use alerts::format;
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Json, Redirect, Response};
use crawler::words::Words;
use serde_json::json;

use super::super::pages::{ask, spoken};
use super::super::view::{Chrome, Here, encoded, notice_page};
use crate::daemon::Running;

/// Why a request goes no further.
#[derive(Debug)]
pub(super) enum Refusal {
    /// Nobody is logged in.
    NoLogin,
    /// A token that nobody has, or that has ended.
    WrongToken,
    /// A token that is not good for this.
    NotForThat,
    /// Not by way of the gateway that knows people.
    NoGateway,
    /// The gateway named nobody who has an account.
    NoAccount,
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
    /// A form beyond any of ours, or one that broke off.
    TooLong,
    /// A form that did not come in time.
    TooSlow,
    /// Asked for under a name that is not ours.
    UnknownHost,
}

/// What has to be known of a request to answer it.
pub(super) struct Asker {
    path: String,
    /// Where to come back to after a login: only what a person opened.
    back: Option<String>,
    lang: Option<String>,
    /// A program that prefers English.
    is_english: bool,
}

impl Asker {
    pub(super) fn of(request: &Request) -> Asker {
        Asker::new(request.uri(), request.method(), request.headers())
    }

    pub(super) fn of_parts(parts: &Parts) -> Asker {
        Asker::new(&parts.uri, &parts.method, &parts.headers)
    }

    fn new(uri: &Uri, method: &Method, headers: &HeaderMap) -> Asker {
        let query = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
        let lang = { query }.find(|(name, _)| name == "lang").map(|(_, value)| value.into_owned());
        let accepts = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let is_opened = method == Method::GET && accepts.contains("text/html");
        let back = uri.path_and_query().filter(|_| is_opened).map(|back| back.as_str().to_owned());
        let speaks = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let is_english =
            speaks.is_some_and(|speaks| speaks.trim_start().to_ascii_lowercase().starts_with("en"));
        Asker { path: uri.path().to_owned(), back, lang, is_english }
    }

    fn is_program(&self) -> bool {
        self.path.starts_with("/api/") || self.path == "/metrics"
    }
}

impl Refusal {
    /// The answer.
    pub(super) async fn answer(self, running: &Running, asker: &Asker) -> Response {
        let (status, title, text) = self.said();
        if let (Refusal::NoLogin, Some(back), false) = (&self, &asker.back, asker.is_program()) {
            let lang = if asker.lang.as_deref() == Some("en") { "&lang=en" } else { "" };
            return Redirect::to(&format!("/login?next={}{lang}", encoded(back))).into_response();
        }
        if asker.is_program() {
            return problem(asker.is_english, status, &title, &text);
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
            Refusal::NoLogin => (
                StatusCode::UNAUTHORIZED,
                Words::new("请先登录", "Log in first"),
                Words::new(
                    "登录已过期或还没有登录，没有执行。打开 /login 登录后再来一次。",
                    "Nobody is logged in, or no longer; nothing was done. Log in at /login and try again.",
                ),
            ),
            Refusal::WrongToken => (
                StatusCode::UNAUTHORIZED,
                Words::new("口令不对", "Wrong token"),
                Words::new(
                    "口令不对，或已到期。请管理员用 guanlan user token 新建。",
                    "The token is wrong or has ended: an administrator makes one with guanlan user token.",
                ),
            ),
            Refusal::NotForThat => (
                StatusCode::FORBIDDEN,
                not_allowed,
                Words::new(
                    "这个口令只能读 /metrics。请管理员用 guanlan user token --scope read 新建。",
                    "This token reads /metrics alone: guanlan user token --scope read makes another.",
                ),
            ),
            Refusal::NoGateway => (
                StatusCode::FORBIDDEN,
                not_allowed,
                Words::new(
                    "这里只能经由单位的登录网关打开。请用网关的地址；管理员请看 [web] gateways。",
                    "These pages open by way of the gateway alone: use its address. Administrators: see [web] gateways.",
                ),
            ),
            Refusal::NoAccount => (
                StatusCode::FORBIDDEN,
                not_allowed,
                Words::new(
                    "网关给出的名称在观澜里没有账号。请管理员用 guanlan user add 名称 --no-password 添加。",
                    "The name that the gateway gave has no account here: an administrator adds it with guanlan user add NAME --no-password.",
                ),
            ),
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
            Refusal::TooSlow => (
                StatusCode::REQUEST_TIMEOUT,
                Words::new("太慢", "Too slow"),
                Words::new(
                    "内容没有在 15 秒内传完，没有执行。",
                    "The form did not arrive within 15 s; nothing was done.",
                ),
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

/// RFC 9457, as the API's own problems are.
fn problem(is_english: bool, status: StatusCode, title: &Words, text: &Words) -> Response {
    let kind = if status == StatusCode::UNAUTHORIZED { "/api#no-token" } else { "/api#forbidden" };
    let [title, text] = [title, text].map(|words| if is_english { &words.en } else { &words.zh });
    let body =
        json!({ "type": kind, "title": title, "status": status.as_u16(), "detail": text, "error": text });
    let mut response = (status, Json(body)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"guanlan\""));
    }
    response
}
