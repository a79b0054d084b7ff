//! A login that has begun: the browser keeps it, signed, for some minutes, so that no stranger can fill our memory with
//! logins that never end. What the provider is to send back follows from its random part and our key.

use jiff::{SignedDuration, Timestamp};

use super::super::form::Key;
use super::super::session::{Token, is_same};

/// A login takes no longer, the provider's second factor included.
const LASTS: SignedDuration = SignedDuration::from_mins(10);
/// A longer address is not come back to: a cookie has 4096 bytes.
const LONGEST: usize = 2000;

/// A login that has begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pending {
    /// What stands in the cookie.
    pub(super) cookie: String,
    /// Comes back in the address.
    pub(super) state: String,
    /// Comes back in the token.
    pub(super) nonce: String,
    /// Shown when the code is exchanged (PKCE).
    pub(super) verifier: String,
    /// Where somebody wanted to go.
    pub(super) next: String,
}

impl Pending {
    /// A new one; none without random numbers.
    pub(super) fn new(key: &Key, next: &str, now: Timestamp) -> Option<Pending> {
        let token = Token::new()?;
        let next: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
        let next = if next.len() <= LONGEST { next } else { "%2F".to_owned() };
        let end = now.checked_add(LASTS).ok()?.as_second();
        Some(Pending::with(key, token.expose(), end, &next))
    }

    /// The one in a cookie, if we signed it and its time is not over.
    pub(super) fn read(key: &Key, cookie: &str, now: Timestamp) -> Option<Pending> {
        let mut parts = cookie.splitn(4, '.');
        let (end, token) = (parts.next()?.parse().ok()?, parts.next()?);
        let (_, next) = (parts.next()?, parts.next()?);
        let made = Pending::with(key, token, end, next);
        (is_same(&made.cookie, cookie) && now.as_second() < end).then_some(made)
    }

    /// Whether a browser comes back from this login.
    pub(super) fn is_of(&self, state: &str) -> bool {
        is_same(&self.state, state)
    }

    fn with(key: &Key, token: &str, end: i64, next: &str) -> Pending {
        let made = |what: &str| key.token(format!("oidc {what} {token}").as_bytes());
        let signature = key.token(format!("oidc login {end} {token} {next}").as_bytes());
        let pair = format!("n={next}");
        let next_in_full = url::form_urlencoded::parse(pair.as_bytes()).next();
        Pending {
            cookie: format!("{end}.{token}.{signature}.{next}"),
            state: made("state"),
            nonce: made("nonce"),
            verifier: format!("{}{}", made("verifier, first half"), made("verifier, second half")),
            next: next_in_full.map(|(_, next)| next.into_owned()).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_764_000_000 + 60 * minute).unwrap()
    }

    #[test]
    fn a_login_is_known_again_by_its_own_cookie_for_ten_minutes() {
        let key = Key::new([7; 32]);
        let pending = Pending::new(&key, "/search?q=停水&x=1.2", at(0)).unwrap();
        assert_eq!(pending.next, "/search?q=停水&x=1.2");
        assert_eq!(Pending::read(&key, &pending.cookie, at(9)), Some(pending.clone()));
        assert_eq!(Pending::read(&key, &pending.cookie, at(10)), None);
        assert_eq!(Pending::read(&Key::new([8; 32]), &pending.cookie, at(1)), None, "another key");
        let later = pending.cookie.replacen("1764", "1864", 1);
        let elsewhere = format!("{}x", pending.cookie);
        for wrong in ["", "...", "1.2.3", &later, &elsewhere, &pending.state] {
            assert_eq!(Pending::read(&key, wrong, at(1)), None, "{wrong}");
        }
        assert!(pending.is_of(&pending.state) && !pending.is_of(&pending.nonce) && !pending.is_of(""));
        assert!((43..=128).contains(&pending.verifier.len()), "RFC 7636");
        let parts = [&pending.state, &pending.nonce, &pending.verifier];
        assert!(
            parts.iter().all(|part| !pending.cookie.contains(part.as_str())),
            "the browser knows none of them"
        );
    }

    #[test]
    fn two_logins_have_nothing_in_common_and_no_cookie_is_too_long() {
        let key = Key::new([7; 32]);
        let (one, two) = (Pending::new(&key, "/", at(0)).unwrap(), Pending::new(&key, "/", at(0)).unwrap());
        assert!(one.state != two.state && one.nonce != two.nonce && one.verifier != two.verifier);
        let long = Pending::new(&key, &format!("/search?q={}", "停".repeat(1000)), at(0)).unwrap();
        assert!(long.cookie.len() < 200 && long.next == "/");
    }
}
