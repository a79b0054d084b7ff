//! Sessions: 128 random bits that the browser holds, of which only a hash is kept, and the cookie they travel in.

use axum::http::{HeaderMap, HeaderValue, header};
use jiff::SignedDuration;
use ring::rand::{SecureRandom, SystemRandom};

/// Use is noted that often.
pub(super) const NOTED: SignedDuration = SignedDuration::from_mins(5);
/// Cookies of our name that are looked at: another program on this host may have set one, too.
const MOST_COOKIES: usize = 4;

/// SHA-256 of what the browser holds.
pub(crate) type Hash = [u8; 32];

/// What the browser holds.
pub(crate) struct Token(String);

impl Token {
    /// A new one; none without random numbers.
    pub(crate) fn new() -> Option<Token> {
        let mut bits = [0_u8; 16];
        SystemRandom::new().fill(&mut bits).ok()?;
        Some(Token(hex(&bits)))
    }

    /// The token itself, for whoever gets it.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    pub(crate) fn hash(&self) -> Hash {
        hash(&self.0)
    }
}

pub(super) fn hash(token: &str) -> Hash {
    let digest = ring::digest::digest(&ring::digest::SHA256, token.as_bytes());
    digest.as_ref().first_chunk().copied().unwrap_or_default()
}

/// Whether two secrets are the same. Digests are compared, so that the time it takes says nothing.
pub(super) fn is_same(one: &str, other: &str) -> bool {
    hash(one) == hash(other)
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// How the cookie is called and sent.
#[derive(Clone, Debug)]
pub(super) struct Cookie {
    /// Name without its prefix; a drill beside the service has one of its own.
    name: &'static str,
    /// Whether the browser speaks TLS, here or to the gateway before us.
    secure: bool,
}

impl Cookie {
    pub(super) fn new(name: &'static str, secure: bool) -> Cookie {
        Cookie { name, secure }
    }

    /// Whether browsers reach us by TLS.
    pub(super) fn is_secure(&self) -> bool {
        self.secure
    }

    /// A browser takes the prefix only with Secure, and sends what is Secure only by TLS.
    fn full_name(&self) -> String {
        let prefix = if self.secure { "__Host-" } else { "" };
        format!("{prefix}{}", self.name)
    }

    /// Gives the browser a token.
    pub(super) fn set(&self, token: &Token) -> Option<HeaderValue> {
        self.give(&token.0, "")
    }

    /// Takes it away.
    pub(super) fn clear(&self) -> Option<HeaderValue> {
        self.give("", "; Max-Age=0")
    }

    /// Gives the browser a value, with more attributes than every cookie has.
    pub(super) fn give(&self, value: &str, more: &str) -> Option<HeaderValue> {
        let secure = if self.secure { "; Secure" } else { "" };
        let text = format!("{}={value}; Path=/{secure}; HttpOnly; SameSite=Lax{more}", self.full_name());
        HeaderValue::from_str(&text).ok()
    }

    /// Hashes of the tokens that a browser sends.
    pub(super) fn read(&self, headers: &HeaderMap) -> Vec<Hash> {
        self.values(headers).filter(|value| value.len() == 32).map(hash).collect()
    }

    /// What a browser sends under that name.
    pub(super) fn values<'a>(&self, headers: &'a HeaderMap) -> impl Iterator<Item = &'a str> + use<'a> {
        let name = self.full_name();
        let values = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let pairs = values.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.filter(move |(known, _)| *known == name).map(|(_, value)| value).take(MOST_COOKIES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(text: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::COOKIE, text.parse().unwrap())])
    }

    #[test]
    fn the_cookie_goes_with_its_prefix_where_browsers_take_it() {
        let token = Token::new().unwrap();
        assert_eq!(token.0.len(), 32);
        let (tls, plain) = (Cookie::new("guanlan", true), Cookie::new("guanlan", false));
        let set = tls.set(&token).unwrap();
        let text = format!("__Host-guanlan={}; Path=/; Secure; HttpOnly; SameSite=Lax", token.0);
        assert_eq!(set.to_str().unwrap(), text);
        let set = plain.set(&token).unwrap();
        assert_eq!(set.to_str().unwrap(), format!("guanlan={}; Path=/; HttpOnly; SameSite=Lax", token.0));
        let both = sent(&format!("a=b; guanlan={}; __Host-guanlan={}", "0".repeat(32), token.0));
        assert_eq!(tls.read(&both), [token.hash()], "what came in the clear is not looked at");
        assert_eq!(plain.read(&both), [hash(&"0".repeat(32))]);
        for wrong in ["", "guanlan=", "guanlan=abc", "guanlanx=1", ";;;===", "__Host-guanlan"] {
            assert!(plain.read(&sent(wrong)).is_empty(), "{wrong}");
        }
    }
}
