use alerts::account::Role;
use axum::http::Method;

use super::*;

fn access() -> Access {
    of(KnownBy::Local, Vec::new())
}

fn of(known_by: KnownBy, gateways: Vec<IpAddr>) -> Access {
    let public_url = Some("https://guanlan.example.cn".to_owned());
    Access::new(Door { known_by, key: [7; 32], public_url, tls: false, gateways, cookie: "guanlan" })
}

fn now() -> Timestamp {
    "2026-11-24T06:00:00Z".parse().unwrap()
}

fn request(method: Method, path: &str, headers: &[(&str, &str)], body: &str) -> Request {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Body::from(body.to_owned())).unwrap()
}

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const HERE: [(&str, &str); 3] = [("host", "127.0.0.1:8417"), ("origin", "http://127.0.0.1:8417"), FORM];

fn token() -> String {
    format!("a=1&form_token={}", Visitor::local(&Key::new([7; 32])).form_token)
}

#[tokio::test]
async fn at_this_machine_everybody_is_the_local_desk() {
    let request = access().admit(request(Method::GET, "/", &HERE, ""), now()).await.unwrap();
    let visitor = request.extensions().get::<Visitor>().unwrap();
    assert_eq!((visitor.post.as_str(), visitor.role), ("本机", Role::Admin));
}

#[tokio::test]
async fn a_form_comes_from_a_page_of_ours_and_carries_its_token() {
    let sent = async |headers: &[(&str, &str)], body: &str| {
        access().admit(request(Method::POST, "/a/1/respond", headers, body), now()).await
    };
    let passed = sent(&HERE, &token()).await.unwrap();
    let body = axum::body::to_bytes(passed.into_body(), 1000).await.unwrap();
    assert_eq!(body, token(), "the handler still gets the form");
    let fetched = |site| [("host", "127.0.0.1:8417"), ("sec-fetch-site", site), FORM];
    assert!(sent(&fetched("same-origin"), &token()).await.is_ok());
    for site in ["cross-site", "same-site", "none", ""] {
        assert!(matches!(sent(&fetched(site), &token()).await, Err(Refusal::Elsewhere)), "{site}");
    }
    let from = |origin| [("host", "127.0.0.1:8417"), ("origin", origin), FORM];
    assert!(sent(&from("https://guanlan.example.cn"), &token()).await.is_ok());
    for origin in
        ["http://evil.example", "null", "http://127.0.0.1:9", "https://guanlan.example.cn.evil.example"]
    {
        assert!(matches!(sent(&from(origin), &token()).await, Err(Refusal::Elsewhere)), "{origin}");
    }
    assert!(matches!(sent(&[HERE[0], FORM], &token()).await, Err(Refusal::Elsewhere)), "from nowhere");
    for body in ["", "a=1", "form_token=", "form_token=00", &format!("{}0", token())] {
        assert!(matches!(sent(&HERE, body).await, Err(Refusal::OldForm)), "{body}");
    }
    let json = [HERE[0], HERE[1], ("content-type", "application/json")];
    assert!(matches!(sent(&json, &token()).await, Err(Refusal::NoForm)));
    let long = format!("{}&x={}", token(), "x".repeat(form::LONGEST));
    assert!(matches!(sent(&HERE, &long).await, Err(Refusal::TooLong)));
}

#[tokio::test]
async fn a_signed_link_needs_no_login_and_still_no_other_site_may_press_its_button() {
    let post = |headers: &[(&str, &str)]| request(Method::POST, "/a/1124-03/claim", headers, "k=x");
    assert!(access().admit(post(&HERE), now()).await.is_ok());
    let elsewhere = [("host", "127.0.0.1:8417"), ("origin", "http://evil.example"), FORM];
    assert!(matches!(access().admit(post(&elsewhere), now()).await, Err(Refusal::Elsewhere)));
}

#[tokio::test]
async fn a_name_that_is_not_ours_reads_nothing() {
    for host in
        ["127.0.0.1:8417", "localhost:8417", "LOCALHOST", "[::1]:8417", "10.0.0.8", "guanlan.example.cn"]
    {
        assert!(
            access().admit(request(Method::GET, "/", &[("host", host)], ""), now()).await.is_ok(),
            "{host}"
        );
    }
    for host in ["evil.example:8417", "127.0.0.1.evil.example", "localhost.evil.example", ""] {
        let admitted = access().admit(request(Method::GET, "/", &[("host", host)], ""), now()).await;
        assert!(matches!(admitted, Err(Refusal::UnknownHost)), "{host}");
    }
}

#[tokio::test]
async fn a_program_needs_no_form_and_a_page_of_another_site_is_no_program() {
    let sent = async |more: &[(&str, &str)]| {
        let headers = [&[("host", "127.0.0.1:8417"), ("content-type", "application/json")], more].concat();
        access().admit(request(Method::POST, "/api/v1/alerts/1/claim", &headers, "{}"), now()).await
    };
    assert!(sent(&[]).await.is_ok());
    assert!(sent(&[("sec-fetch-site", "same-origin")]).await.is_ok());
    let long = request(Method::POST, "/api/v1/alerts/1/note", &[HERE[0]], &"x".repeat(form::LONGEST + 1));
    assert!(matches!(access().admit(long, now()).await, Err(Refusal::TooLong)));
    for other in [("sec-fetch-site", "cross-site"), ("origin", "http://evil.example"), ("origin", "null")] {
        assert!(matches!(sent(&[other]).await, Err(Refusal::Elsewhere)), "{other:?}");
    }
}

#[test]
fn a_connection_is_plain_unless_it_is_tls_or_within_this_machine() {
    let plain = |tls, public_url: Option<&str>, from: &str| {
        let (known_by, public_url) = (KnownBy::Password, public_url.map(str::to_owned));
        let door = Door { known_by, key: [7; 32], public_url, tls, gateways: Vec::new(), cookie: "guanlan" };
        let from: IpAddr = from.parse().unwrap();
        Access::new(door).is_plain(&Peer { direct: from, from })
    };
    assert!(plain(false, None, "10.0.0.9") && plain(false, Some("http://10.0.0.8"), "fd00::9"));
    assert!(!plain(false, None, "127.0.0.1") && !plain(false, None, "::1"));
    assert!(!plain(true, None, "10.0.0.9") && !plain(false, Some("https://guanlan.example.cn"), "10.0.0.9"));
}

#[tokio::test]
async fn only_the_gateway_says_who_somebody_is_and_only_of_accounts() {
    let dir = tempfile::tempdir().unwrap();
    let mut journal = Journal::open(dir.path()).unwrap();
    let access = of(KnownBy::Header("x-remote-user".parse().unwrap()), vec!["10.0.0.2".parse().unwrap()]);
    let add = AccountChange::Add { name: "值班室".to_owned(), role: Role::Duty, password: String::new() };
    access.change(&mut journal, &add, now()).unwrap();
    let sent = async |from: &str, name: &str| {
        let mut request = request(Method::GET, "/", &[("x-remote-user", name), ("accept", "text/html")], "");
        let from = std::net::SocketAddr::new(from.parse().unwrap(), 9);
        request.extensions_mut().insert(axum::extract::ConnectInfo(from));
        access
            .admit(request, now())
            .await
            .map(|request| request.extensions().get::<Visitor>().unwrap().clone())
    };
    let visitor = sent("10.0.0.2", "%E5%80%BC%E7%8F%AD%E5%AE%A4").await.unwrap();
    assert_eq!((visitor.post.as_str(), visitor.role, visitor.is_plain), ("值班室", Role::Duty, false));
    assert!(matches!(sent("10.0.0.3", "值班室").await, Err(Refusal::NoGateway)));
    assert!(matches!(sent("10.0.0.2", "root").await, Err(Refusal::NoAccount)));
    assert!(matches!(sent("10.0.0.2", "").await, Err(Refusal::NoName)));
}
