//! From where a request comes: the connection, or what a trusted gateway says of it.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue};

/// Where gateways write down for whom they ask.
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The other side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::web) struct Peer {
    /// Who is connected.
    pub(super) direct: IpAddr,
    /// Who asks, as far as can be believed.
    pub(super) from: IpAddr,
}

/// An address, or what one line of IPv6 has: a household's or an office's network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::web) struct Block(IpAddr);

impl Block {
    pub(in crate::web) fn of(address: IpAddr) -> Block {
        match address.to_canonical() {
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                Block(IpAddr::from([a, b, c, d, 0, 0, 0, 0]))
            }
            address => Block(address),
        }
    }
}

impl Peer {
    pub(super) fn of(request: &Request, gateways: &[IpAddr]) -> Peer {
        let connection = request.extensions().get::<ConnectInfo<SocketAddr>>();
        let direct = connection.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| info.0.ip().to_canonical());
        Peer { direct, from: told(request.headers(), direct, gateways) }
    }
}

/// The last address in the list that is no gateway of ours: what stands before it anybody may have written.
fn told(headers: &HeaderMap, direct: IpAddr, gateways: &[IpAddr]) -> IpAddr {
    let mut from = direct;
    let lists = headers.get_all(FORWARDED_FOR).iter().filter_map(|value| value.to_str().ok());
    let named: Vec<&str> = lists.flat_map(|list| list.split(',')).map(str::trim).collect();
    for name in named.into_iter().rev() {
        if !gateways.contains(&from) {
            break;
        }
        match name.parse::<IpAddr>() {
            Ok(address) => from = address.to_canonical(),
            Err(_) => break,
        }
    }
    from
}

/// The name in a header: UTF-8 as it is, or with percent signs, as gateways write what is not ASCII.
pub(super) fn decoded(value: &HeaderValue) -> String {
    let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
    // A plus sign stands for itself in a header.
    let pair = format!("n={}", text.replace('+', "%2B").replace('&', "%26"));
    let name = url::form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned());
    name.unwrap_or_default().trim().to_owned()
}

impl<S: Sync> FromRequestParts<S> for Peer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Peer, Infallible> {
        let nowhere = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        Ok(parts.extensions.get().cloned().unwrap_or(Peer { direct: nowhere, from: nowhere }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_gateway_that_is_trusted_says_for_whom_it_asks() {
        let gateways = ["10.0.0.2".parse().unwrap(), "10.0.0.3".parse().unwrap()];
        let told = |direct: &str, lists: &[&str]| {
            let list = |list: &&str| (FORWARDED_FOR, list.parse().unwrap());
            let headers: HeaderMap = lists.iter().map(list).collect();
            super::told(&headers, direct.parse().unwrap(), &gateways).to_string()
        };
        assert_eq!(told("10.0.0.2", &["203.0.113.7"]), "203.0.113.7");
        assert_eq!(
            told("10.0.0.2", &["6.6.6.6, 203.0.113.7, 10.0.0.3"]),
            "203.0.113.7",
            "the first was made up"
        );
        assert_eq!(told("10.0.0.2", &["6.6.6.6", "203.0.113.7"]), "203.0.113.7");
        assert_eq!(told("10.0.0.9", &["203.0.113.7"]), "10.0.0.9", "not ours");
        assert_eq!(told("10.0.0.2", &["unknown"]), "10.0.0.2");
        assert_eq!(told("10.0.0.2", &[]), "10.0.0.2");
    }

    #[test]
    fn a_name_comes_as_it_is_or_with_percent_signs() {
        let decoded = |bytes: &[u8]| super::decoded(&HeaderValue::from_bytes(bytes).unwrap());
        assert_eq!(decoded("值班室".as_bytes()), "值班室");
        assert_eq!(decoded(b"%E5%80%BC%E7%8F%AD%E5%AE%A4"), "值班室");
        assert_eq!(decoded(b" a+b&c "), "a+b&c");
        assert_eq!(decoded(b""), "");
    }
}
