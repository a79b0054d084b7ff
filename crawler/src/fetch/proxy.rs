//! Proxies: which requests go through which one. A proxy's login never appears in what this shows.

use std::fmt;
use std::net::IpAddr;

use url::{Host, Url};

use crate::words::Words;

/// A proxy for HTTP requests, reached by HTTP or HTTPS.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Proxy {
    url: Url,
}

/// The way that one source's requests take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// Straight to the site.
    Direct,
    /// Through this proxy, wherever they go.
    Through(Proxy),
}

/// The ways that requests take where a source says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proxies {
    /// For `http:` addresses.
    pub http: Option<Proxy>,
    /// For `https:` addresses.
    pub https: Option<Proxy>,
    /// Hosts that are asked directly, as `NO_PROXY` lists them: `*`, a host, a domain with all hosts in
    /// it, each with or without a port; a network such as `10.0.0.0/8`, for addresses written as numbers.
    pub except: Vec<String>,
}

impl Proxy {
    /// Reads `http://proxy.example:8080`, with or without a scheme and a login.
    ///
    /// # Errors
    /// What is wrong with it, without repeating it: it may hold a password.
    pub fn parse(text: &str) -> Result<Proxy, Words> {
        let text = text.trim();
        let full = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
        let url = Url::parse(&full)
            .map_err(|_| Words::new("代理的地址不完整", "the proxy's address is not complete"))?;
        if !matches!(url.scheme(), "http" | "https") {
            let scheme = url.scheme();
            return Err(Words::new(
                format!("只能用 http 和 https 代理，不能用 {scheme}"),
                format!("only http and https proxies are supported, not {scheme}"),
            ));
        }
        let is_bare = matches!(url.path(), "" | "/") && url.query().is_none() && url.host().is_some();
        if !is_bare {
            return Err(Words::new("代理的地址只写到端口为止", "a proxy's address ends with its port"));
        }
        Ok(Proxy { url })
    }

    /// The address with its login, for the client only.
    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    /// Host, for the client's resolver.
    pub(super) fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }
}

/// Without the login.
impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.url.scheme(), self.host())?;
        self.url.port().map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy({self})")
    }
}

impl Proxies {
    /// One proxy for everything but what `except` names.
    pub fn all(proxy: Proxy, except: Vec<String>) -> Proxies {
        Proxies { http: Some(proxy.clone()), https: Some(proxy), except }
    }

    /// What the usual variables say: `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`, in capitals or
    /// not. `variable` looks one up.
    ///
    /// # Errors
    /// The name of a variable that holds no proxy, and what is wrong with it.
    pub fn of_variables(variable: impl Fn(&str) -> Option<String>) -> Result<Proxies, (String, Words)> {
        let found = |name: &str| {
            let lower = name.to_ascii_lowercase();
            [name, &lower].into_iter().find_map(|name| Some((name.to_owned(), variable(name)?)))
        };
        let proxy = |name: &str| match found(name).filter(|(_, text)| !text.trim().is_empty()) {
            Some((name, text)) => Proxy::parse(&text).map(Some).map_err(|why| (name, why)),
            None => Ok(None),
        };
        let all = proxy("ALL_PROXY")?;
        let except = found("NO_PROXY").map(|(_, text)| text).unwrap_or_default();
        let except = except.split(',').map(|host| host.trim().to_owned()).filter(|host| !host.is_empty());
        Ok(Proxies {
            http: proxy("HTTP_PROXY")?.or_else(|| all.clone()),
            https: proxy("HTTPS_PROXY")?.or(all),
            except: except.collect(),
        })
    }

    /// The proxy that a request to this address goes through; `way` is what its source says.
    pub fn of<'a>(&'a self, url: &Url, way: Option<&'a Way>) -> Option<&'a Proxy> {
        match (way, url.scheme()) {
            (Some(Way::Direct), _) => None,
            (Some(Way::Through(proxy)), _) => Some(proxy),
            (None, _) if self.except.iter().any(|host| names(host, url)) => None,
            (None, "https") => self.https.as_ref(),
            (None, _) => self.http.as_ref(),
        }
    }
}

/// Whether an entry of `NO_PROXY` means this address.
fn names(entry: &str, url: &Url) -> bool {
    if entry == "*" {
        return true;
    }
    let address = match url.host() {
        Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
        Some(Host::Domain(_)) | None => None,
    };
    if let Some((first, bits)) = entry.split_once('/') {
        let network = first.trim_matches(['[', ']']).parse().ok().zip(bits.parse().ok());
        return address.zip(network).is_some_and(|(address, network)| is_within(address, network));
    }
    let entry = entry.to_ascii_lowercase();
    // A port stands behind the last colon, unless that one belongs to an IPv6 address.
    let (name, port) = match entry.rsplit_once(':') {
        Some((name, port)) if !name.contains(':') || name.ends_with(']') => (name, port.parse::<u16>().ok()),
        _ => (entry.as_str(), None),
    };
    if port.is_some() && port != url.port_or_known_default() {
        return false;
    }
    let name = name.trim_start_matches("*.").trim_start_matches('.').trim_matches(['[', ']']);
    if let Some(address) = address {
        return name.parse() == Ok(address);
    }
    let host = url.host_str().unwrap_or_default().trim_end_matches('.');
    let rest = host.strip_suffix(name).filter(|_| !name.is_empty());
    rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// Whether an address lies in a network, written as its first address and how many bits name it.
fn is_within(address: IpAddr, (first, bits): (IpAddr, u32)) -> bool {
    // Shifting all bits away leaves nothing to compare: a network of everything.
    match (address, first) {
        (IpAddr::V4(address), IpAddr::V4(first)) if bits <= 32 => {
            (address.to_bits() ^ first.to_bits()).checked_shr(32 - bits).unwrap_or(0) == 0
        }
        (IpAddr::V6(address), IpAddr::V6(first)) if bits <= 128 => {
            (address.to_bits() ^ first.to_bits()).checked_shr(128 - bits).unwrap_or(0) == 0
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn a_proxy_never_shows_its_login() {
        let proxy = Proxy::parse("http://user:s3cret@proxy.example:3128").unwrap();
        assert_eq!(
            format!("{proxy} {proxy:?}"),
            "http://proxy.example:3128 Proxy(http://proxy.example:3128)"
        );
        assert_eq!(Proxy::parse("proxy.example:3128").unwrap().to_string(), "http://proxy.example:3128");
        for wrong in ["", "http://", "socks5://s3cret@p:1", "http://p:1/s3cret", "http://s3cret@p:99999"] {
            let why = Proxy::parse(wrong).unwrap_err();
            assert!(!why.en.contains("s3cret") && !why.zh.contains("s3cret"), "{wrong}: {why}");
        }
    }

    #[test]
    fn the_usual_variables_are_understood() {
        let variables = HashMap::from([
            ("https_proxy", "proxy.example:1"),
            ("HTTP_PROXY", "http://proxy.example:2"),
            (
                "NO_PROXY",
                "a.example, .b.example,*.c.example,d.example:8080,10.0.0.8,[::1]:80,\
                 172.16.0.0/12,192.168.7.9/32,fd00::/8,1.2.3.0/99,x/8",
            ),
        ]);
        let proxies =
            Proxies::of_variables(|name| variables.get(name).map(|text| (*text).to_owned())).unwrap();
        let cases = [
            ("https://x.example/", Some("http://proxy.example:1")),
            ("http://x.example/", Some("http://proxy.example:2")),
            ("http://a.example/", None),
            ("https://www.a.example/", None),
            ("https://www.aa.example/", Some("http://proxy.example:1")),
            ("http://b.example/", None),
            ("http://x.c.example/", None),
            ("http://d.example/", Some("http://proxy.example:2")),
            ("http://d.example:8080/", None),
            ("http://10.0.0.8:99/", None),
            ("http://[::1]/", None),
            ("http://[::1]:81/", Some("http://proxy.example:2")),
            ("http://172.31.255.1/", None),
            ("https://172.32.0.1/", Some("http://proxy.example:1")),
            ("http://172.16.1.1.example/", Some("http://proxy.example:2")),
            ("http://192.168.7.9/", None),
            ("http://192.168.7.8/", Some("http://proxy.example:2")),
            ("http://1.2.3.4/", Some("http://proxy.example:2")),
            ("http://[fd12::1]/", None),
            ("http://[fe80::1]/", Some("http://proxy.example:2")),
        ];
        for (url, expected) in cases {
            let proxy = proxies.of(&Url::parse(url).unwrap(), None).map(Proxy::to_string);
            assert_eq!(proxy.as_deref(), expected, "{url}");
        }
        let all = Proxy::parse("proxy.example:3").unwrap();
        for (except, url) in [("0.0.0.0/0", "http://8.8.8.8/"), ("::/0", "http://[2001::1]/")] {
            let proxies = Proxies::all(all.clone(), vec![except.to_owned()]);
            assert_eq!(proxies.of(&Url::parse(url).unwrap(), None), None, "{except}");
        }
        // The end of a number is no domain.
        let tail = Proxies::all(all.clone(), vec!["0.0.8".to_owned()]);
        assert_eq!(tail.of(&Url::parse("http://10.0.0.8/").unwrap(), None), Some(&all));
        let none = Proxies::of_variables(|name| (name == "NO_PROXY").then(|| "*".to_owned())).unwrap();
        assert_eq!(none.of(&Url::parse("http://x.example/").unwrap(), None), None);
        let wrong = Proxies::of_variables(|name| (name == "ALL_PROXY").then(|| "ftp://a:b@c".to_owned()));
        assert_eq!(wrong.unwrap_err().0, "ALL_PROXY");
    }
}
