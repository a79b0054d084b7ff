//! Decides which addresses may be asked: the public internet, and private addresses named one by one.
//! Names are judged after DNS, by the very addresses that are then connected to; nothing is cached.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use crate::words::Words;

/// Why an address is not asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Neither http nor https.
    Scheme(String),
    /// No host in it.
    NoHost,
    /// Inside some private network, or no single machine at all.
    Private {
        /// Host as written.
        host: String,
        /// What it stands for.
        address: IpAddr,
        /// Port that was asked for.
        port: u16,
    },
    /// The host is allowed at other ports only.
    Port {
        /// Host as written.
        host: String,
        /// Port that was asked for.
        port: u16,
    },
}

impl std::error::Error for Refusal {}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words().en)
    }
}

impl Refusal {
    /// Why not, and what to do if the address is meant.
    pub fn words(&self) -> Words {
        match self {
            Refusal::Scheme(scheme) => Words::new(
                format!("只采集 http 和 https 的地址，不采 {scheme}:"),
                format!("only http and https addresses are fetched, not {scheme}:"),
            ),
            Refusal::NoHost => Words::new("地址里没有主机名", "the address names no host"),
            Refusal::Private { host, address, port } => Words::new(
                format!(
                    "{host} 指向 {address}，不是公网地址；如果确实要采，在信源里写明：allow = [\"{host}:{port}\"]"
                ),
                format!(
                    "{host} leads to {address}, which is not a public address; if it is meant, name it in the \
                     source: allow = [\"{host}:{port}\"]"
                ),
            ),
            Refusal::Port { host, port } => Words::new(
                format!("{host} 只能访问信源的 allow 里写明的端口，不能访问 {port}"),
                format!("{host} may be asked only at the ports named in the source's `allow`, not at {port}"),
            ),
        }
    }
}

/// The addresses one source may reach.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Guard {
    /// Private `host:port` pairs, in lower case.
    allow: Vec<String>,
}

impl Guard {
    /// A guard that lets the public internet pass, and these private `host:port` pairs.
    pub fn new(allow: &[String]) -> Guard {
        let mut allow: Vec<String> = allow.iter().map(|pair| pair.trim().to_ascii_lowercase()).collect();
        allow.sort();
        allow.dedup();
        Guard { allow }
    }

    /// Judges an address by its text. A host given as an IP number is judged here, since it never
    /// reaches the resolver; a name's addresses are judged when they are known.
    pub fn check(&self, url: &Url) -> Result<(), Refusal> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Refusal::Scheme(url.scheme().to_owned()));
        }
        let host = url.host().ok_or(Refusal::NoHost)?;
        let port = url.port_or_known_default().ok_or(Refusal::NoHost)?;
        let name = plain_name(&host.to_string());
        if self.allow.contains(&format!("{name}:{port}")) {
            return Ok(());
        }
        // A host that is allowed somewhere is private, and its other ports are other services.
        if self.names(&name) {
            return Err(Refusal::Port { host: name, port });
        }
        let address = match host {
            Host::Ipv4(address) => IpAddr::V4(address),
            Host::Ipv6(address) => IpAddr::V6(address),
            Host::Domain(_) => return Ok(()),
        };
        if is_public(address) { Ok(()) } else { Err(Refusal::Private { host: name, address, port }) }
    }

    /// Whether `allow` names this host at any port.
    fn names(&self, host: &str) -> bool {
        self.allow.iter().filter_map(|pair| pair.rsplit_once(':')).any(|(allowed, _)| allowed == host)
    }
}

/// `LocalHost.` is localhost: one spelling for the judge of addresses and the judge of answers.
fn plain_name(host: &str) -> String {
    host.trim_end_matches('.').to_ascii_lowercase()
}

/// Looks names up and gives back public addresses only, unless the guard names the host. The
/// connection is made to exactly these addresses, so a second, different answer changes nothing.
impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let host = plain_name(name.as_str());
        let any_address_will_do = self.names(&host);
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((host.as_str(), 0)).await?.collect();
            let private = found.iter().map(SocketAddr::ip).find(|address| !is_public(*address));
            // One private address among public ones is as suspicious as none but private ones.
            if let Some(address) = private.filter(|_| !any_address_will_do) {
                return Err(Refusal::Private { host, address, port: 0 }.into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// Whether an address belongs to one machine on the public internet.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let this_network = a == 0;
    // Carrier NAT, and in it the metadata service of Aliyun.
    let shared = a == 100 && (64..128).contains(&b);
    let protocol_assignments = a == 192 && b == 0 && c == 0;
    let relay_6to4 = a == 192 && b == 88 && c == 99;
    let benchmarks = a == 198 && (b == 18 || b == 19);
    let reserved = a >= 240;
    !(this_network
        || shared
        || protocol_assignments
        || relay_6to4
        || benchmarks
        || reserved
        || address.is_private()
        || address.is_loopback()
        // Among them 169.254.169.254, the usual metadata service.
        || address.is_link_local()
        || address.is_documentation()
        || address.is_multicast())
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    // Addresses that carry an IPv4 address lead where that one leads.
    let [_, _, _, _, _, _, high, low] = segments;
    let inner = Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    if let Some(inner) = address.to_ipv4_mapped() {
        return is_public_v4(inner);
    }
    let translated = segments.starts_with(&[0x64, 0xff9b, 0, 0, 0, 0]);
    if translated {
        return is_public_v4(inner);
    }
    if let [0x2002, high, low, ..] = segments {
        return is_public_v4(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)));
    }
    // Only 2000::/3 is handed out for use; the rest is loopback, unspecified, unique-local,
    // link-local, multicast, IPv4-compatible or nobody's.
    let [first, second, ..] = segments;
    let global_unicast = first & 0xe000 == 0x2000;
    let teredo = first == 0x2001 && second == 0;
    let documentation = (first == 0x2001 && second == 0xdb8) || (first == 0x3fff && second < 0x1000);
    global_unicast && !teredo && !documentation
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_single_machines_on_the_public_internet_are_public() {
        let public = ["1.1.1.1", "101.226.4.6", "223.5.5.5", "100.63.255.255", "172.32.0.1", "2400:3200::1"];
        let private = [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.100.100.200",
            "127.0.0.1",
            "127.8.8.8",
            "169.254.169.254",
            "172.16.0.1",
            "192.0.0.1",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ];
        for address in public {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
        for address in private {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
    }

    fn check(allow: &[&str], url: &str) -> Result<(), Refusal> {
        let allow: Vec<String> = allow.iter().map(|pair| (*pair).to_owned()).collect();
        Guard::new(&allow).check(&Url::parse(url).unwrap())
    }

    #[test]
    fn numbers_in_every_spelling_are_judged_without_dns() {
        let private = [
            "http://127.0.0.1/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://0177.0.0.1/",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://169.254.169.254/latest/meta-data/",
            "http://0/",
        ];
        for url in private {
            assert!(matches!(check(&[], url), Err(Refusal::Private { .. })), "{url}");
        }
        assert_eq!(check(&[], "http://1.1.1.1/"), Ok(()));
        assert_eq!(check(&[], "https://news.example.cn/rss"), Ok(()));
    }

    #[test]
    fn other_schemes_are_refused() {
        for url in ["file:///etc/passwd", "ftp://1.1.1.1/", "gopher://1.1.1.1/", "data:text/html,x"] {
            assert!(matches!(check(&[], url), Err(Refusal::Scheme(_))), "{url}");
        }
    }

    #[test]
    fn an_allowed_pair_opens_exactly_itself() {
        let allow = ["127.0.0.1:8099", "LocalHost:8099", "[::1]:8099"];
        for url in ["http://127.0.0.1:8099/a", "http://localhost:8099/", "http://[::1]:8099/"] {
            assert_eq!(check(&allow, url), Ok(()), "{url}");
        }
        let other_ports = [
            "http://127.0.0.1:8098/",
            "http://localhost/",
            "http://LOCALHOST.:8098/",
            "http://127.0.0.1:8099@127.0.0.1:8098/",
        ];
        for url in other_ports {
            assert!(matches!(check(&allow, url), Err(Refusal::Port { .. })), "{url}");
        }
        assert!(matches!(check(&allow, "http://127.0.0.2:8099/"), Err(Refusal::Private { .. })));
    }

    #[tokio::test]
    async fn a_name_that_leads_home_is_refused_by_the_resolver() {
        let name = || "localhost".parse::<Name>().unwrap();
        let error = Guard::default().resolve(name()).await.err().unwrap();
        assert!(error.downcast_ref::<Refusal>().is_some(), "{error}");
        assert!(Guard::new(&["localhost:1".to_owned()]).resolve(name()).await.is_ok());
    }
}
