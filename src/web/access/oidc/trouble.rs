//! Why a login at the provider came to nothing: for whoever wanted in, for the log, for `guanlan doctor`. Nothing of what
//! a token says of somebody gets into any of them, but the name that its owner is shown.

use crawler::words::Words;
use openidconnect::core::CoreErrorResponseType;
use openidconnect::{
    ClaimsVerificationError, RequestTokenError, SignatureVerificationError, StandardErrorResponse,
};

use super::chain;
use super::wire::DISTRUSTED;

/// Why a login at the provider came to nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// It does not answer, or not as it should; in the library's words.
    Unreachable(String),
    /// It does not take the code, or the secret that we show.
    Refused(&'static str),
    /// Its token is not to be believed.
    Untrusted(&'static str),
    /// It names nobody: the claim is missing.
    Nameless,
    /// Whom it names has no account.
    Stranger(String),
    /// It names no group that has a role.
    Groupless,
    /// The way back does not belong to a login that began here lately.
    Stale,
    /// Whoever began it gave up, or may not.
    Cancelled,
    /// Too many at once.
    Busy,
}

impl Trouble {
    /// What is told to whoever wanted to log in, and what is to be done.
    pub(super) fn said(&self) -> Words {
        match self {
            Trouble::Unreachable(_) => Words::new(
                "统一登录现在打不开，请过一会儿再试。管理员：guanlan doctor 会说明原因。",
                "The sign-on does not answer now: try again in a while. Administrators: guanlan doctor says why.",
            ),
            Trouble::Refused(_) => Words::new(
                "统一登录没有认可这次登录，请重新登录。再不行请告诉管理员：原因在日志里。",
                "The sign-on did not confirm this login: begin it again. If that does not help, tell the administrator: the log says why.",
            ),
            Trouble::Untrusted(_) => Words::new(
                "统一登录给的凭证不可信，没有登录。请告诉管理员：原因在日志里。",
                "What the sign-on sent is not to be trusted, so nobody was let in. Tell the administrator: the log says why.",
            ),
            Trouble::Nameless => Words::new(
                "统一登录没有给出账号名称。管理员：看 [web.oidc] claim 和 scopes。",
                "The sign-on gave no name of an account. Administrators: see claim and scopes in [web.oidc].",
            ),
            Trouble::Stranger(name) => {
                // Pasted into a shell, it is a name and nothing else.
                let typed = format!("'{}'", name.replace('\'', r"'\''"));
                Words::new(
                    format!(
                        "统一登录给出的名称“{name}”在观澜里没有账号。请管理员执行：guanlan user add {typed} --role view --no-password"
                    ),
                    format!(
                        "The sign-on calls you {name}, and there is no such account. An administrator adds it: guanlan user add {typed} --role view --no-password"
                    ),
                )
            }
            Trouble::Groupless => Words::new(
                "您不在可以使用观澜的用户组里。请统一登录的管理员把您加进去；组名在 [web.oidc] view、duty、admin 里。",
                "You are in no group that may use these pages. The sign-on's administrator adds you; the groups stand in [web.oidc] view, duty and admin.",
            ),
            Trouble::Stale => Words::new(
                "这次登录已过期，或不是在这个浏览器里开始的。请重新登录。",
                "This login is too old, or did not begin in this browser: begin it again.",
            ),
            Trouble::Cancelled => Words::new(
                "没有在统一登录完成登录。请重新登录。",
                "The login was not completed at the sign-on: begin it again.",
            ),
            Trouble::Busy => Words::new(
                "同时登录的人太多，请过几秒再试。",
                "Too many log in at once: try again in some seconds.",
            ),
        }
    }

    /// Whether its certificate is what is wrong.
    pub(crate) fn is_of_certificate(&self) -> bool {
        matches!(self, Trouble::Unreachable(why) if why.contains(DISTRUSTED))
    }

    /// What the log says; nobody's name.
    pub(crate) fn cause(&self) -> Option<&str> {
        match self {
            Trouble::Unreachable(why) => Some(why),
            Trouble::Refused(why) | Trouble::Untrusted(why) => Some(why),
            Trouble::Nameless => Some("the claim that names the account is missing"),
            _ => None,
        }
    }
}

/// What is wrong with a token, without anything that stands in it.
pub(super) fn distrust(error: &ClaimsVerificationError) -> &'static str {
    match error {
        ClaimsVerificationError::Expired(_) => "it has expired: compare the clocks",
        ClaimsVerificationError::InvalidAudience(_) => "it is for somebody else: compare client_id",
        ClaimsVerificationError::InvalidIssuer(_) => "it is of another issuer",
        ClaimsVerificationError::InvalidNonce(_) => "it belongs to another login",
        ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoSignature) => {
            "it is not signed"
        }
        ClaimsVerificationError::SignatureVerification(_) => "its signature is wrong",
        _ => "it cannot be read",
    }
}

pub(super) fn refused<E: std::error::Error + 'static>(
    error: RequestTokenError<E, StandardErrorResponse<CoreErrorResponseType>>,
) -> Trouble {
    match error {
        RequestTokenError::ServerResponse(said) => Trouble::Refused(match said.error() {
            CoreErrorResponseType::InvalidClient | CoreErrorResponseType::UnauthorizedClient => {
                "it does not know client_id and secret"
            }
            CoreErrorResponseType::InvalidGrant => "the code was used before, or is not its own",
            _ => "it refused the code",
        }),
        RequestTokenError::Request(error) => Trouble::Unreachable(chain(&error)),
        // The answer may quote what it says of somebody.
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
            Trouble::Unreachable("its answer cannot be read".to_owned())
        }
    }
}
