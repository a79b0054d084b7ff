//! Why somebody is turned away: a page for people, RFC 9457 for programs.

use std::convert::Infallible;

use alerts::account::Role;
use alerts::format;
use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use crawler::words::Words;

use super::super::api::{Language, Problem};
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
    /// The gateway named nobody.
    NoName,
    /// More than one name came.
    TwoNames,
    /// The gateway named nobody who has an account.
    NoAccount,
    /// A password, where none is asked for.
    NoPasswords,
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
pub(in crate::web) struct Asker {
    path: String,
    /// Where to come back to after a login: only what a person opened.
    back: Option<String>,
    lang: Option<String>,
    /// What a program reads.
    language: Language,
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
        Asker { path: uri.path().to_owned(), back, lang, language: Language::of(headers) }
    }

    fn is_program(&self) -> bool {
        self.path.starts_with("/api/") || self.path == "/metrics"
    }
}

impl<S: Sync> FromRequestParts<S> for Asker {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Asker, Infallible> {
        Ok(Asker::of_parts(parts))
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
            return problem(status, text).told(asker.language);
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
                    "登录已过期或还没有登录，没有执行。打开 /login 登录后再来一次；程序请带 Authorization: Bearer 口令。",
                    "Nobody is logged in, or no longer; nothing was done. Log in at /login and try again; programs send Authorization: Bearer and their token.",
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
            Refusal::NoName => (
                StatusCode::FORBIDDEN,
                not_allowed,
                Words::new(
                    "这里由单位的登录网关认人，网关没有写明账号。请先在网关登录；管理员请看 [web] header。",
                    "The gateway knows people here, and it named nobody: log in there. Administrators: see [web] header.",
                ),
            ),
            Refusal::TwoNames => (
                StatusCode::FORBIDDEN,
                not_allowed,
                Words::new(
                    "请求里写了不止一个账号，分不清是谁。管理员：网关要先删掉浏览器自带的 [web] header，再写自己的。",
                    "The request names more than one account. Administrators: the gateway must delete the [web] header that a browser sends before it writes its own.",
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
            Refusal::NoPasswords => (
                StatusCode::FORBIDDEN,
                not_allowed,
                Words::new(
                    "这里不用密码登录。请打开首页；管理员请看 [web] login。",
                    "Nobody logs in with a password here: open the first page. Administrators: see [web] login.",
                ),
            ),
            Refusal::NotAllowed { needs, post } => {
                let (needs, post) = (needs.name(), format::one_line(post, 40));
                let text = Words::new(
                    format!(
                        "“{post}”的权限不够，这一步需要“{}”。请管理员调整：账号用 guanlan user role，程序的口令用 guanlan user token --scope。",
                        needs.zh
                    ),
                    format!(
                        "{post} may not do that: it takes {}. An administrator changes that with guanlan user role, for a program's token with guanlan user token --scope.",
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
                Words::new("一次最多 256 KiB。请缩短后再提交。", "256 KiB at most at once: shorten it."),
            ),
            Refusal::TooSlow => (
                StatusCode::REQUEST_TIMEOUT,
                Words::new("太慢", "Too slow"),
                Words::new(
                    "内容没有在 15 秒内传完，没有执行。",
                    "It did not arrive within 15 s; nothing was done.",
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

/// The API's own problems say it.
fn problem(status: StatusCode, text: Words) -> Problem {
    match status {
        StatusCode::UNAUTHORIZED => Problem::new("no-token", status, text)
            .with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"guanlan\"")),
        StatusCode::FORBIDDEN => Problem::new("forbidden", status, text),
        StatusCode::PAYLOAD_TOO_LARGE => Problem::new("too-large", status, text),
        StatusCode::REQUEST_TIMEOUT => Problem::new("too-slow", status, text),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Problem::new("wrong-type", status, text),
        StatusCode::MISDIRECTED_REQUEST => Problem::new("wrong-host", status, text),
        _ => Problem::new("malformed", status, text),
    }
}
