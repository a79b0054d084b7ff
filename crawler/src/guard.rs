//! Decides which addresses may be asked: the public internet, and private addresses named one by one.
//! Names are judged after DNS, by the very addresses that are then connected to; nothing is cached.

mod public;

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use crate::words::Words;
pub use public::is_public;

/// Names that lead into the own network wherever they are asked: those reserved for it, and metadata
/// services, of which the best known has an address of its own. The last two are never in public DNS:
/// whoever answers for them is the own resolver.
const LOCAL_SUFFIXES: [&str; 12] = [
    "localhost",
    "localdomain",
    "local",
    "internal",
    "intranet",
    "home.arpa",
    "lan",
    "home",
    "corp",
    "private",
    "invalid",
    "onion",
];

/// Why an address is not asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Neither http nor https.
    Scheme(String),
    /// No host in it, or no address at all.
    NoHost,
    /// A name that only the own network knows.
    LocalName {
        /// Host as written.
        host: String,
        /// Port that was asked for.
        port: u16,
    },
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
    /// The resolver knows no port: the same with that of the address.
    pub(crate) fn with_port(&self, url: &Url) -> Refusal {
        match self {
            Refusal::Private { host, address, .. } => Refusal::Private {
                host: host.clone(),
                address: *address,
                port: url.port_or_known_default().unwrap_or_default(),
            },
            other => other.clone(),
        }
    }

    /// Why not, and what to do if the address is meant.
    pub fn words(&self) -> Words {
        match self {
            Refusal::Scheme(scheme) => Words::new(
                format!("只采集 http 和 https 的地址，不采 {scheme}:"),
                format!("only http and https addresses are fetched, not {scheme}:"),
            ),
            Refusal::NoHost => Words::new("地址里没有主机名", "the address names no host"),
            Refusal::LocalName { host, port } => Words::new(
                format!("{host} 是内网的名字；如果确实要采，在信源里写明：allow = [\"{host}:{port}\"]"),
                format!(
                    "{host} is a name of the own network; if it is meant, name it in the source: \
                     allow = [\"{host}:{port}\"]"
                ),
            ),
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
            Host::Domain(_) if is_local(&name) => return Err(Refusal::LocalName { host: name, port }),
            Host::Domain(_) => return Ok(()),
        };
        if is_public(address) { Ok(()) } else { Err(Refusal::Private { host: name, address, port }) }
    }

    /// Whether `allow` names this host at any port.
    fn names(&self, host: &str) -> bool {
        self.allow.iter().filter_map(|pair| pair.rsplit_once(':')).any(|(allowed, _)| allowed == host)
    }
}

/// Judges an address as anybody may write it, for a source that allows no private one.
pub fn judge(address: &str) -> Result<(), Refusal> {
    let url = Url::parse(address).map_err(|_| Refusal::NoHost)?;
    Guard::default().check(&url)
}

/// Judges a host alone, a number or a name, for a source that allows no private one.
pub fn judge_name(host: &str) -> Result<(), Refusal> {
    let bare_v6 = host.parse::<std::net::Ipv6Addr>().is_ok();
    judge(&if bare_v6 { format!("http://[{host}]/") } else { format!("http://{host}/") })
}

/// Judges a host together with an address that DNS gave for it, for a source that allows no private one.
/// What is no address of a machine cannot be connected to.
pub fn judge_host(host: &str, address: &str) -> Result<(), Refusal> {
    let number = address.trim().trim_start_matches('[').trim_end_matches(']');
    let number = number.split('%').next().unwrap_or(number);
    let found: IpAddr = number.parse().map_err(|_| Refusal::NoHost)?;
    judge_name(host)?;
    if is_public(found) {
        return Ok(());
    }
    Err(Refusal::Private { host: host.to_owned(), address: found, port: 80 })
}

/// Whether a name is known in the own network only: a name without a dot is completed by it.
fn is_local(name: &str) -> bool {
    let within =
        |suffix: &&str| name.strip_suffix(*suffix).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    !name.contains('.') || LOCAL_SUFFIXES.iter().any(within)
}

/// `LocalHost.` is localhost: one spelling for the judge of addresses and the judge of answers.
fn plain_name(host: &str) -> String {
    host.trim_end_matches('.').to_ascii_lowercase()
}

/// Looks names up and gives back public addresses only, unless the guard names the host. The
/// connection is made to exactly these addresses, so a second, different answer changes nothing.
impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let (guard, name) = (self.clone(), name.as_str().to_owned());
        Box::pin(async move {
            let found = guard.look_up(&name).await?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

impl Guard {
    /// The addresses of a name; an error that holds a [`Refusal`] if one of them may not be asked.
    pub(crate) async fn look_up(
        &self,
        name: &str,
    ) -> Result<Vec<SocketAddr>, Box<dyn std::error::Error + Send + Sync>> {
        let host = plain_name(name);
        let found: Vec<SocketAddr> = tokio::net::lookup_host((host.as_str(), 0)).await?.collect();
        let private = found.iter().map(SocketAddr::ip).find(|address| !is_public(*address));
        // One private address among public ones is as suspicious as none but private ones.
        if let Some(address) = private.filter(|_| !self.names(&host)) {
            return Err(Refusal::Private { host, address, port: 0 }.into());
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn every_way_to_write_a_private_host_is_refused_and_public_ones_pass() {
        let blocked = [
            "http://127.1/",
            "http://127.0.1/",
            "http://017700000001/",
            "http://0x7f000001/",
            "http://0x7f.0x0.0x0.0x1/",
            "http://0300.0250.0.1/",
            "http://3232235777/",
            "http://127.0.0.1./",
            "http://１２７.０.０.１/",
            "http://127。0。0。1/",
            "http://①②⑦.⓪.⓪.①/",
            "http://%31%32%37.0.0.1/",
            "http://127%2e0%2e0%2e1/",
            "http:127.0.0.1/",
            "http:\\\\127.0.0.1\\",
            "http:///127.0.0.1/",
            "  http://127.0.0.1/",
            "ht\ntp://127.0.0.1/",
            "HTTP://127.0.0.1:80/",
            "http://1.1.1.1@127.0.0.1/",
            "http://a:b@[::1]/",
            "http://[::]/",
            "http://[0:0:0:0:0:0:0:1]/",
            "http://[::ffff:7f00:1]/",
            "http://[::127.0.0.1]/",
            "http://[64:ff9b::169.254.169.254]/",
            "http://[2002:7f00:0001::]/",
            "http://[fe80::1%25eth0]/",
            "http://[fe80::1%eth0]/",
            "http://localhost/",
            "http://LOCALHOST./",
            "http://ｌｏｃａｌｈｏｓｔ/",
            "http://ⓛocalhost:8080/",
            "http://a.b.localhost/",
            "http://localhost.localdomain/",
            "http://printer.local/",
            "http://metadata.google.internal/computeMetadata/v1/",
            "http://metadata/",
            "http://nobody.invalid/",
            "http://abc.onion/",
            "http://intranet/",
            "http://router.home.arpa/",
            "http://kubernetes.default.svc.cluster.local/",
            "https://169.254.169.254./",
            "http://1.2.3.4.5/",
            "http://0x/",
            "http://256.1.1.1/",
            "http://",
            "",
            "//127.0.0.1/",
            "127.0.0.1",
            "file:///etc/passwd",
            "ftp://1.1.1.1/",
            "jar:http://1.1.1.1!/",
            "unix:///var/run/docker.sock",
            "dict://1.1.1.1:11211/",
        ];
        let passing = [
            "http://1.1.1.1/",
            "http://16843009/",
            "https://news.example.cn:8443/rss?u=http://127.0.0.1/",
            "http://user:pass@news.example.cn/",
            "http://[2400:3200::1]/",
            "http://[::ffff:101:101]/",
            "https://例子.中国/",
            "http://localhost.example.cn/",
            "http://notlocal.cn/",
            "http://internal.gov.cn/",
            "http://mylocalhost.cn/",
            "http://0.0.0.0.example.cn/",
            // A backslash ends the host, for us and for the client.
            "http://1.1.1.1\\@127.0.0.1/",
        ];
        for (addresses, expected) in [(&blocked[..], false), (&passing[..], true)] {
            for address in addresses {
                assert_eq!(judge(address).is_ok(), expected, "{address:?}");
            }
        }
    }

    #[test]
    fn a_host_is_judged_with_what_dns_says_of_it() {
        let blocked = [
            ("news.example.cn", "127.0.0.1"),
            ("news.example.cn", "::ffff:10.0.0.1"),
            ("news.example.cn", "fe80::1%eth0"),
            ("news.example.cn", "[::1]"),
            ("news.example.cn", "no address"),
            ("localhost", "1.1.1.1"),
            ("127.0.0.1", "1.1.1.1"),
            ("::1", "1.1.1.1"),
            ("a b", "1.1.1.1"),
            ("", "8.8.8.8"),
            ("x.onion", "8.8.8.8"),
        ];
        for (host, address) in blocked {
            assert!(judge_host(host, address).is_err(), "{host} {address}");
        }
        for (host, address) in [("news.example.cn", "101.226.4.6"), ("2400:3200::1", "2400:3200::1")] {
            assert!(judge_host(host, address).is_ok(), "{host} {address}");
        }
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
