//! The login page. What was typed is shown again as text, and the password never.

use alerts::message::Language;
use askama::Template;
use crawler::words::Words as Both;

use super::super::access::Turned;
use super::{Chrome, set};

/// What the page shows.
pub(crate) struct LoginData<'a> {
    /// The name typed before.
    pub(crate) name: &'a str,
    /// Where the visitor wanted to go.
    pub(crate) next: &'a str,
    /// Why the last try did not succeed, or what else is to be said.
    pub(crate) said: Option<Both>,
    /// Nobody has an account yet.
    pub(crate) is_empty: bool,
    /// What is typed travels in the clear.
    pub(crate) is_plain: bool,
    /// The way to where people log in, when that is not here.
    pub(crate) button: Option<&'a Button>,
}

/// A link that looks like a button.
pub(crate) struct Button {
    /// Where it leads.
    pub(crate) href: String,
    /// What stands on it.
    pub(crate) label: Both,
}

#[derive(Template)]
#[template(path = "login.html")]
struct LoginHtml<'a> {
    chrome: &'a Chrome,
    data: &'a LoginData<'a>,
    words: &'static Words,
    trouble: Option<&'a str>,
    button: Option<(&'a str, &'a str)>,
    language: &'static str,
}

struct Words {
    title: &'static str,
    name: &'static str,
    password: &'static str,
    enter: &'static str,
    nobody: &'static str,
    help: &'static str,
    elsewhere: &'static str,
}

const CHINESE: Words = Words {
    title: "登录",
    name: "账号（岗位名称）",
    password: "密码",
    enter: "登录",
    nobody: "还没有账号。请管理员在运行观澜的机器上执行：",
    help: "忘了密码，请管理员用 guanlan user password 重设。邮件里的认领按钮不用登录。",
    elsewhere: "用单位的统一登录进入。邮件里的认领按钮不用登录。",
};

const ENGLISH: Words = Words {
    title: "Log in",
    name: "Account (post held)",
    password: "Password",
    enter: "Log in",
    nobody: "There is no account yet. On the machine that runs Guanlan an administrator enters:",
    help: "Forgotten? An administrator sets another with guanlan user password. The buttons in mails need no login.",
    elsewhere: "Log in with the office's single sign-on. The buttons in mails need no login.",
};

/// Asks for a name and a password.
pub(crate) fn login_page(chrome: &Chrome, data: &LoginData<'_>) -> String {
    let (words, language) = match chrome.language {
        Language::Chinese => (&CHINESE, "zh"),
        Language::English => (&ENGLISH, "en"),
    };
    let trouble = data.said.as_ref().map(|said| chrome.language.say(said));
    let button = data.button.map(|button| (button.href.as_str(), chrome.language.say(&button.label)));
    set(LoginHtml { chrome, data, words, trouble, button, language })
}

/// Why nobody was let in.
pub(crate) fn turned_away(turned: Turned) -> Both {
    match turned {
        Turned::Away => Both::new("账号或密码不对。", "Account or password is wrong."),
        Turned::Waiting(seconds) => Both::new(
            format!("试错的次数太多，请过 {seconds} 秒再试，或请管理员用 guanlan user unlock 解锁。"),
            format!(
                "Too many wrong tries: wait {seconds} s, or ask an administrator for guanlan user unlock."
            ),
        ),
        Turned::Busy => Both::new(
            "同时登录的人太多，请过几秒再试。",
            "Too many log in at once: try again in some seconds.",
        ),
        Turned::Failed => Both::new(
            "登录没有记下来，原因在日志里。请告诉管理员。",
            "The login could not be recorded; the log says why. Tell the administrator.",
        ),
    }
}
