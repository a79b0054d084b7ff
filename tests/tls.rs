//! The pages by TLS, and what a slow or endless other side gets.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use crate::support::{Installation, code, eventually, free_port, said, stdout, tls};

const CLOCK: &str = "2026-11-24T10:00:00+08:00";

/// What is answered by TLS to somebody who trusts that certificate alone.
fn ask(port: u16, cert: &Path, head: &str) -> std::io::Result<String> {
    let mut stream = tls(("localhost", port), cert)?;
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
    let api = free_port();
    house.add(&format!("[api]\nlisten = \"127.0.0.1:{api}\"\n"));
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

    let health = ask(api, &cert, "GET /healthz HTTP/1.1").unwrap();
    assert!(health.starts_with("HTTP/1.1 200"), "{health}");
    let handed_in = "POST /api/v1/posts HTTP/1.1\r\nContent-Length: 0";
    assert!(ask(api, &cert, handed_in).unwrap().starts_with("HTTP/1.1 401"), "programs show a token");
    assert!(ask(api, &cert, "GET /login HTTP/1.1").unwrap().starts_with("HTTP/1.1 404"), "no page is there");
    for port in [port, api] {
        let mut plain = TcpStream::connect(("127.0.0.1", port)).unwrap();
        plain.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        let mut answer = Vec::new();
        // A connection that is reset has ended as well.
        let _ = plain.read_to_end(&mut answer);
        assert!(!answer.starts_with(b"HTTP"), "nothing is told in the clear");
    }

    let before = house.path().join("before.crt");
    std::fs::copy(&cert, &before).unwrap();
    let doctor = stdout(&house.guanlan(&["doctor"]));
    assert!(doctor.contains("web.crt") && doctor.contains("有效，到期"), "{doctor}");
    let renewed = house.guanlan(&["cert", "localhost", "--dir", &dir, "--force"]);
    assert_eq!(code(&renewed), 0, "{}", said(&renewed));
    // The port for programs has the same certificate, and gets the new one as well.
    for port in [port, api] {
        eventually("the new certificate", || ask(port, &cert, "GET /healthz HTTP/1.1").ok());
        assert!(ask(port, &before, "GET /healthz HTTP/1.1").is_err(), "the old one is gone");
    }
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
        // A connection that is reset has ended as well; one that is left open has not.
        if let Err(error) = stream.read_to_end(&mut answer) {
            assert_ne!(error.kind(), ErrorKind::WouldBlock, "open after a minute");
        }
        String::from_utf8_lossy(&answer).into_owned()
    };
    let mut half = connect();
    half.write_all(b"GET / HTTP/1.1\r\nHost: 127").unwrap();
    let silent = connect();
    let drop_by_drop = |address: &str, kind: &str, first: &str| {
        let mut stream = connect();
        let head = format!(
            "POST {address} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\n\
             Content-Type: application/{kind}\r\nContent-Length: 100\r\n\r\n{first}"
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream
    };
    let form = drop_by_drop("/login", "x-www-form-urlencoded", "name=");
    let call = drop_by_drop("/api/v1/alerts/20261124-03/note", "json", "{");
    let mut long = connect();
    // It may be refused before all of it is sent.
    let _ = long
        .write_all(format!("GET / HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n", "x".repeat(64 << 10)).as_bytes());
    let refused = answer(long);
    assert!(refused.is_empty() || refused.starts_with("HTTP/1.1 431"), "{refused}");
    // What comes at once is read at once, and measured then.
    let mut longer = connect();
    let head = format!(
        "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX: {}\r\n\r\n",
        "x".repeat(33 << 10)
    );
    let _ = longer.write_all(head.as_bytes());
    let refused = answer(longer);
    assert!(refused.is_empty() || refused.starts_with("HTTP/1.1 431"), "{refused}");
    let mut many = connect();
    let lines = "X: y\r\n".repeat(100);
    many.write_all(format!("GET /healthz HTTP/1.1\r\nHost: x\r\n{lines}\r\n").as_bytes()).unwrap();
    assert!(answer(many).starts_with("HTTP/1.1 431"));
    assert!(answer(form).starts_with("HTTP/1.1 408") && answer(call).starts_with("HTTP/1.1 408"));
    let ended = answer(half);
    assert!(ended.is_empty() || ended.starts_with("HTTP/1.1 408"), "{ended}");
    assert_eq!(answer(silent), "");
    assert_eq!(program.stop(), Some(0));
}
