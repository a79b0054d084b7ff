//! The way out: TLS, proxies, cookies, long headers.

use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use url::Url;

use super::{noon, site_with};
use crate::fetch::proxy::{Proxies, Proxy, Way};
use crate::fetch::{FetchError, Fetched, Fetcher, Limits, Outside, Request, Wanted};
use crate::site::{Answer, Site, fetcher, limits, page, status};

/// An authority of our own, and certificates by it.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: Vec<u8>,
}

impl Authority {
    fn new() -> Authority {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem().into_bytes();
        Authority { issuer: Issuer::new(params, key), pem }
    }

    /// A server's certificate for a name, good until a year.
    fn certificate(&self, name: &str, until: i32) -> ServerConfig {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_after = date_time_ymd(until, 1, 1);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        server(certificate.der().clone(), &key)
    }
}

fn server(certificate: rustls::pki_types::CertificateDer<'static>, key: &KeyPair) -> ServerConfig {
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let _ = rustls::crypto::ring::default_provider().install_default();
    ServerConfig::builder().with_no_client_auth().with_single_cert(vec![certificate], key).unwrap()
}

/// A site behind TLS that says `x` to everything and has no robots.txt; its port and what it was asked.
async fn tls_site(config: ServerConfig) -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (acceptor, heads) = (TlsAcceptor::from(Arc::new(config)), Arc::new(Mutex::new(Vec::new())));
    let log = Arc::clone(&heads);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, log) = (acceptor.clone(), Arc::clone(&log));
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let head = read_head(&mut stream).await;
                let answer = if head.contains("/robots.txt") { status("404 x", "") } else { page("", b"x") };
                log.lock().unwrap().push(head);
                let _ = stream.write_all(&answer).await;
                let _ = stream.shutdown().await;
            });
        }
    });
    (port, heads)
}

async fn read_head(stream: &mut (impl AsyncReadExt + Unpin)) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = stream.read_u8().await else { break };
        head.push(byte);
    }
    String::from_utf8(head).unwrap()
}

fn fetcher_with(outside: Outside) -> Fetcher {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Fetcher::new(limits(), outside).unwrap()
}

async fn fetch(
    fetcher: &Fetcher,
    url: &str,
    (allow, way): (&[String], Option<&Way>),
) -> Result<Vec<u8>, FetchError> {
    let url = Url::parse(url).unwrap();
    let request = Request { url: &url, wanted: Wanted::Feed, allow, way, etag: None, last_modified: None };
    match fetcher.fetch(&request, &noon).await? {
        Fetched::Page(page) => Ok(page.body),
        Fetched::NotModified => panic!(),
    }
}

#[tokio::test]
async fn a_site_proves_who_it_is_or_is_not_read() {
    let authority = Authority::new();
    let own_key = KeyPair::generate().unwrap();
    let mut own = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    own.distinguished_name.push(DnType::CommonName, "nobody knows me");
    let own = own.self_signed(&own_key).unwrap();
    let cases = [
        ("good", authority.certificate("127.0.0.1", 4000), None),
        ("expired", authority.certificate("127.0.0.1", 2020), Some("expired")),
        ("other name", authority.certificate("other.example", 4000), Some("not valid for name")),
        (
            "an authority of the same name",
            Authority::new().certificate("127.0.0.1", 4000),
            Some("BadSignature"),
        ),
        ("its own authority", server(own.der().clone(), &own_key), Some("UnknownIssuer")),
    ];
    let trusting = fetcher_with(Outside { authorities: Some(authority.pem.clone()), ..Outside::default() });
    for (case, config, refused) in cases {
        let (port, heads) = tls_site(config).await;
        let allow = [format!("127.0.0.1:{port}")];
        let fetched = fetch(&trusting, &format!("https://127.0.0.1:{port}/a"), (&allow, None)).await;
        match refused {
            None => assert_eq!(fetched, Ok(b"x".to_vec()), "{case}"),
            Some(why) => {
                let error = fetched.unwrap_err().to_string();
                assert!(error.contains("certificate") && error.contains(why), "{case}: {error}");
                assert!(heads.lock().unwrap().is_empty(), "{case}: asked all the same");
            }
        }
    }
    // Without the office's authority its sites are refused, too.
    let (port, _) = tls_site(authority.certificate("127.0.0.1", 4000)).await;
    let allow = [format!("127.0.0.1:{port}")];
    assert!(
        fetch(&fetcher_with(Outside::default()), &format!("https://127.0.0.1:{port}/"), (&allow, None))
            .await
            .is_err()
    );
    let no_pem =
        Outside { authorities: Some(b"-----BEGIN CERTIFICATE-----\n!".to_vec()), ..Outside::default() };
    assert!(Fetcher::new(limits(), no_pem).is_err());
}

/// A proxy on the loopback: tunnels on CONNECT, answers what is asked in absolute form by itself.
async fn proxy() -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let heads = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&heads);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(relay(stream, port, Arc::clone(&log)));
        }
    });
    (port, heads)
}

async fn relay(mut stream: TcpStream, port: u16, log: Arc<Mutex<Vec<String>>>) {
    let head = read_head(&mut stream).await;
    log.lock().unwrap().push(head.clone());
    let target = head.split(' ').nth(1).unwrap().to_owned();
    if head.starts_with("CONNECT ") {
        let mut site = TcpStream::connect(&target).await.unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        let _ = tokio::io::copy_bidirectional(&mut stream, &mut site).await;
        return;
    }
    let answer = match target.rsplit('/').next().unwrap() {
        "robots.txt" => status("404 x", ""),
        "to-proxy" => status("302 x", &format!("Location: http://127.0.0.1:{port}/secret\r\n")),
        "to-private" => status("302 x", "Location: http://10.1.2.3/secret\r\n"),
        "to-local" => status("302 x", "Location: http://localhost/secret\r\n"),
        _ => page("", b"by proxy"),
    };
    let _ = stream.write_all(&answer).await;
}

#[tokio::test]
async fn through_a_proxy_targets_are_judged_before_it_is_asked() {
    let (port, heads) = proxy().await;
    let through = Proxy::parse(&format!("http://user:s3cret@127.0.0.1:{port}")).unwrap();
    let fetcher = fetcher_with(Outside { proxies: Proxies::all(through, Vec::new()), ..Outside::default() });
    // The site is on no port that listens: only the proxy can have answered.
    let allow = ["127.0.0.1:1".to_owned()];
    assert_eq!(fetch(&fetcher, "http://127.0.0.1:1/a", (&allow, None)).await, Ok(b"by proxy".to_vec()));
    let first = heads.lock().unwrap().last().unwrap().clone();
    assert!(first.starts_with("GET http://127.0.0.1:1/a HTTP/1.1\r\n"), "{first}");
    assert!(first.to_lowercase().contains("proxy-authorization: basic dxnlcjpzm2nyzxq="), "{first}");
    let before = heads.lock().unwrap().len();
    for url in [
        "http://10.1.2.3/",
        "http://localhost/",
        "https://169.254.169.254/",
        &format!("http://127.0.0.1:{port}/"),
    ] {
        let error = fetch(&fetcher, url, (&allow, None)).await.unwrap_err();
        assert!(matches!(error, FetchError::Blocked { .. }), "{url}: {error}");
    }
    assert_eq!(heads.lock().unwrap().len(), before);
    for path in ["to-proxy", "to-private", "to-local"] {
        let error = fetch(&fetcher, &format!("http://127.0.0.1:1/{path}"), (&allow, None)).await.unwrap_err();
        assert!(matches!(error, FetchError::Blocked { .. }), "{path}: {error}");
    }
    assert!(!heads.lock().unwrap().iter().any(|head| head.contains("secret ")));
}

#[tokio::test]
async fn a_name_that_leads_home_is_refused_before_the_proxy_is_asked() {
    let (port, heads) = proxy().await;
    let through = Way::Through(Proxy::parse(&format!("127.0.0.1:{port}")).unwrap());
    // Names without a dot are refused by their text; the guard's look-up is what stops the others.
    let guard = crate::guard::Guard::default();
    let error = guard.look_up("localhost").await.unwrap_err();
    assert!(error.downcast_ref::<crate::guard::Refusal>().is_some());
    let fetcher = fetcher_with(Outside::default());
    let error = fetch(&fetcher, "http://no-such-name.example/", (&[], Some(&through))).await.unwrap_err();
    assert!(error.to_string().contains("cannot be looked up"), "{error}");
    assert!(heads.lock().unwrap().is_empty());
}

#[tokio::test]
async fn https_goes_through_a_tunnel_that_the_proxy_cannot_read() {
    let authority = Authority::new();
    let (site, site_heads) = tls_site(authority.certificate("127.0.0.1", 4000)).await;
    let (port, heads) = proxy().await;
    let through = Proxy::parse(&format!("http://user:s3cret@127.0.0.1:{port}")).unwrap();
    let proxies = Proxies::all(through, Vec::new());
    let fetcher = fetcher_with(Outside { proxies, authorities: Some(authority.pem), contact: None });
    let allow = [format!("127.0.0.1:{site}")];
    let url = format!("https://127.0.0.1:{site}/a");
    assert_eq!(fetch(&fetcher, &url, (&allow, None)).await, Ok(b"x".to_vec()));
    let asked = heads.lock().unwrap().clone();
    assert!(
        asked.iter().all(|head| head.starts_with(&format!("CONNECT 127.0.0.1:{site} HTTP/1.1\r\n"))),
        "{asked:?}"
    );
    assert!(asked[0].to_lowercase().contains("proxy-authorization"), "{asked:?}");
    let seen = site_heads.lock().unwrap().clone();
    assert!(seen.iter().all(|head| !head.to_lowercase().contains("proxy")), "{seen:?}");
    // A source with a word of its own goes its own way.
    let direct = fetch(&fetcher, &url, (&allow, Some(&Way::Direct))).await;
    assert_eq!((direct, heads.lock().unwrap().len()), (Ok(b"x".to_vec()), asked.len()));
}

#[tokio::test]
async fn a_proxy_that_fails_is_named_without_its_login() {
    // Bound and dropped: nobody listens there.
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let through = Way::Through(Proxy::parse(&format!("http://user:s3cret@127.0.0.1:{port}")).unwrap());
    let fetcher = fetcher_with(Outside::default());
    for url in ["http://1.1.1.1/", "https://1.1.1.1/"] {
        let error = fetch(&fetcher, url, (&[], Some(&through))).await.unwrap_err();
        let said = format!("{error} {error:?} {}", error.words().zh);
        assert!(said.contains(&format!("127.0.0.1:{port}")), "{said}");
        assert!(!said.contains("s3cret") && !said.contains("user"), "{said}");
    }
}

#[tokio::test]
async fn cookies_are_neither_kept_nor_sent() {
    let site = Site::start(|path, _| {
        Answer::Send(match path {
            "/robots.txt" => Vec::new(),
            "/in" => status("302 x", "Set-Cookie: a=1; Path=/\r\nLocation: /out\r\n"),
            _ => page("Set-Cookie: b=2\r\n", b"x"),
        })
    })
    .await;
    let fetcher = fetcher(limits());
    for path in ["/in", "/in", "/out"] {
        fetch(&fetcher, site.url(path).as_str(), (&[site.pair()], None)).await.unwrap();
    }
    assert_eq!(site.heads().len(), 6);
    assert!(site.heads().iter().all(|head| !head.to_lowercase().contains("cookie")));
}

#[tokio::test]
async fn headers_have_a_limit_of_their_own_and_a_flood_of_beginnings_ends() {
    let long = |bytes: usize| page(&format!("X-Long: {}\r\n", "a".repeat(bytes)), b"x");
    let fits = site_with(long(200 * 1024)).await;
    assert!(fetch(&fetcher(limits()), fits.url("/").as_str(), (&[fits.pair()], None)).await.is_ok());
    let strict = fetcher(Limits { header_bytes: 100 * 1024, ..limits() });
    let error = fetch(&strict, fits.url("/").as_str(), (&[fits.pair()], None)).await.unwrap_err();
    assert!(error.to_string().contains("longer than 102400 bytes"), "{error}");
    let too_long = site_with(long(257 * 1024)).await;
    assert!(fetch(&fetcher(limits()), too_long.url("/").as_str(), (&[too_long.pair()], None)).await.is_err());
    let flood = Site::start(|path, _| match path {
        "/robots.txt" => Answer::Send(Vec::new()),
        _ => Answer::SendAndHang(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n".repeat(5000)),
    })
    .await;
    let error =
        fetch(&fetcher(limits()), flood.url("/").as_str(), (&[flood.pair()], None)).await.unwrap_err();
    assert!(matches!(error, FetchError::Timeout { .. }), "{error}");
}
