//! What an address needs. Whatever is not named here needs the role view to be read and duty to be sent to, so
//! that a page which nobody thought of is no hole.

use alerts::account::Role;
use axum::http::Method;

/// What an address asks of whoever visits it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    /// Nothing: it shows nothing of anybody's, or knows its callers by their tokens.
    Nothing,
    /// Nobody has to be known, and a form must still come from a page of ours.
    Anybody,
    /// At least this role.
    Role(Role),
}

impl Need {
    /// What a request needs.
    pub(super) fn of(method: &Method, path: &str) -> Need {
        let parts: Vec<&str> = path.split('/').skip(1).collect();
        match (method, parts.as_slice()) {
            (_, ["static", ..] | ["healthz" | "readyz"]) => Need::Nothing,
            // Known by the token of their source; a browser cannot be made to send one.
            (_, ["api", "v1", "posts" | "counts"]) if *method == Method::POST => Need::Nothing,
            // The signed link of a mail says which group takes which alert, and can do nothing else.
            (_, ["a", _, "claim"] | ["login"]) => Need::Anybody,
            // There to a provider of logins and back again.
            (_, ["login", "oidc"] | ["login", "oidc", "callback" | "left"]) if method.is_safe() => {
                Need::Anybody
            }
            (_, ["logout"]) => Need::Role(Role::View),
            _ if method.is_safe() => Need::Role(Role::View),
            _ => Need::Role(Role::Duty),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_named_needs_somebody() {
        let get = |path| Need::of(&Method::GET, path);
        let post = |path| Need::of(&Method::POST, path);
        for path in ["/", "/a/20261124-03", "/search", "/nowhere", "/static", "/metrics", "/api/v1/alerts"] {
            assert!(path == "/static" || get(path) == Need::Role(Role::View), "{path}");
        }
        for path in ["/api/v1/posts", "/healthz/x", "//healthz", "/A/1/claim", "/a/1/2/claim", "/x/static/y"]
        {
            assert_eq!(get(path), Need::Role(Role::View), "{path}");
        }
        for path in ["/a/20261124-03/respond", "/topics/T1/promote", "/nowhere", "/"] {
            assert_eq!(post(path), Need::Role(Role::Duty), "{path}");
        }
        assert_eq!((get("/login"), post("/login")), (Need::Anybody, Need::Anybody));
        for path in ["/login/oidc", "/login/oidc/callback", "/login/oidc/left"] {
            assert_eq!((get(path), post(path)), (Need::Anybody, Need::Role(Role::Duty)), "{path}");
        }
        assert_eq!((get("/login/x"), get("/login/oidc/x")), (Need::Role(Role::View), Need::Role(Role::View)));
        assert_eq!(post("/logout"), Need::Role(Role::View));
        assert_eq!((get("/static/guanlan.css"), get("/healthz")), (Need::Nothing, Need::Nothing));
        assert_eq!(get("/readyz"), Need::Nothing);
        assert_eq!((post("/api/v1/posts"), post("/api/v1/counts")), (Need::Nothing, Need::Nothing));
        assert_eq!((get("/a/1124-03/claim"), post("/a/1124-03/claim")), (Need::Anybody, Need::Anybody));
    }
}
