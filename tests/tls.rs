//! The pages by TLS, and what a slow or endless other side gets.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::support::{Installation, code, eventually, said, stdout};

const CLOCK: &str = "2026-11-24T10:00:00+08:00";

/// What the pages answer by TLS to somebody who trusts that certificate alone.
fn ask(port: u16, cert: &Path, head: &str) -> std::io::Result<String> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(cert).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = Arc::new(config.with_root_certificates(roots).with_no_client_auth());
    let name = ServerName::try_from("localhost").unwrap();
    let connection = ClientConnection::new(config, name).map_err(std::io::Error::other)?;
    let mut stream = StreamOwned::new(connection, TcpStream::connect(("127.0.0.1", port))?);
    write!(stream, "{head}\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

#[test]
fn the_pages_speak_tls_and_take_a_new_certificate_without_a_restart() {
    let mut house = Installation::new();
    house.ask_for_passwords();
    let port = house.serve();
    let dir = house.path().join("tls").display().to_string();
    let made = house.guanlan(&["cert", "localhost", "127.0.0.1", "--dir", &dir]);
    assert_eq!(code(&made), 0, "{}", said(&made));
    assert!(house.guanlan(&["cert", "--dir", &dir]).status.code() == Some(2), "nothing is replaced unasked");
    let lines = stdout(&made).replace("[web]\n", "");
    house.configure_web(&lines);
    let mut program = house.run(CLOCK);

    let cert = house.path().join("tls/web.crt");
    let page = ask(port, &cert, "GET /login HTTP/1.1").unwrap();
    assert!(
        page.starts_with("HTTP/1.1 200") && page.contains("strict-transport-security: max-age=31536000"),
        "{page}"
    );
    let secret = house.write("secret", "停水-复课-返京-弹窗-2026");
    let added = house.guanlan(&["user", "add", "desk", "--role", "view", "--password-file", &secret]);
    assert_eq!(code(&added), 0, "{}", said(&added));
    let form =
        "name=desk&password=%E5%81%9C%E6%B0%B4-%E5%A4%8D%E8%AF%BE-%E8%BF%94%E4%BA%AC-%E5%BC%B9%E7%AA%97-2026";
    let head = format!(
        "POST /login HTTP/1.1\r\nOrigin: https://localhost:{port}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n{form}",
        form.len()
    );
    let entered = ask(port, &cert, &head).unwrap();
    let cookie = entered.lines().find(|line| line.starts_with("set-cookie: ")).expect("a cookie");
    assert!(
        cookie.starts_with("set-cookie: __Host-guanlan=") && cookie.contains("; Secure; HttpOnly"),
        "{cookie}"
    );

    let before = house.path().join("before.crt");
    std::fs::copy(&cert, &before).unwrap();
    let doctor = stdout(&house.guanlan(&["doctor"]));
    assert!(doctor.contains("web.crt") && doctor.contains("有效，到期"), "{doctor}");
    let renewed = house.guanlan(&["cert", "localhost", "--dir", &dir, "--force"]);
    assert_eq!(code(&renewed), 0, "{}", said(&renewed));
    eventually("the new certificate", || ask(port, &cert, "GET /healthz HTTP/1.1").ok());
    assert!(ask(port, &before, "GET /healthz HTTP/1.1").is_err(), "the old one is gone");
    // A pair that does not match changes nothing.
    std::fs::copy(&before, &cert).unwrap();
    program.wait_for("the one before stays");
    assert!(ask(port, &before, "GET /healthz HTTP/1.1").is_err());
    assert_eq!(program.stop(), Some(0));
}

#[test]
fn slow_and_endless_requests_are_ended() {
    let mut house = Installation::new();
    let port = house.serve();
    let mut program = house.run(CLOCK);
    let connect = || {
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        stream
    };
    let answer = |mut stream: TcpStream| {
        let mut answer = Vec::new();
        // A connection that is reset has ended as well.
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    };
    let began = Instant::now();
    let mut half = connect();
    half.write_all(b"GET / HTTP/1.1\r\nHost: 127").unwrap();
    let silent = connect();
    let mut drop_by_drop = connect();
    drop_by_drop
        .write_all(
            format!(
                "POST /login HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\n\
                 Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\nname="
            )
            .as_bytes(),
        )
        .unwrap();
    let mut long = connect();
    // It may be refused before all of it is sent.
    let _ = long
        .write_all(format!("GET / HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n", "x".repeat(64 << 10)).as_bytes());
    let refused = answer(long);
    assert!(refused.is_empty() || refused.starts_with("HTTP/1.1 431"), "{refused}");
    let mut many = connect();
    let lines = "X: y\r\n".repeat(100);
    many.write_all(format!("GET /healthz HTTP/1.1\r\nHost: x\r\n{lines}\r\n").as_bytes()).unwrap();
    assert!(answer(many).starts_with("HTTP/1.1 431"));
    assert!(answer(drop_by_drop).starts_with("HTTP/1.1 408"));
    let ended = answer(half);
    assert!(ended.is_empty() || ended.starts_with("HTTP/1.1 408"), "{ended}");
    assert_eq!(answer(silent), "");
    let took = began.elapsed();
    assert!((10..40).contains(&took.as_secs()), "{took:?}");
    assert_eq!(program.stop(), Some(0));
}
