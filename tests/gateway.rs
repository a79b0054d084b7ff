//! Login by a gateway that knows people: whom the program believes, and what others are told.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use socket2::{Domain, Socket, Type};

use crate::support::{Installation, code, form, said, stdout};

const CLOCK: &str = "2026-11-24T10:00:00+08:00";
/// Where the gateway runs, and where somebody else does.
const GATEWAY: &str = "127.0.0.1";
const OTHER: &str = "127.0.0.2";

/// One request of a machine with that address; status and page.
fn send(from: &str, port: u16, head: &str, body: &str) -> (u16, String) {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::new(from.parse().unwrap(), 0).into()).unwrap();
    socket.connect(&SocketAddr::from(([127, 0, 0, 1], port)).into()).unwrap();
    let mut stream = TcpStream::from(socket);
    let length = body.len();
    write!(
        stream,
        "{head}\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, page) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), page.to_owned())
}

#[test]
fn a_gateway_says_who_comes_and_nobody_else_does() {
    let mut house = Installation::new();
    house.know_by("header");
    house.configure_web(&format!("gateways = [\"{GATEWAY}\"]\nheader = \"X-Office-User\"\n"));
    let port = house.serve();
    for (name, role) in [("值班室", "duty"), ("宣传部", "view")] {
        let added = house.guanlan(&["user", "add", name, "--role", role, "--no-password"]);
        assert_eq!(code(&added), 0, "{}", said(&added));
    }
    let mut program = house.run(CLOCK);
    let get = |from: &str, path: &str, headers: &str| {
        send(from, port, &format!("GET {path} HTTP/1.1\r\nAccept: text/html{headers}"), "")
    };
    let duty = "\r\nX-Office-User: %E5%80%BC%E7%8F%AD%E5%AE%A4";

    let (status, page) = get(GATEWAY, "/", duty);
    assert!(status == 200 && !page.contains("退出"), "nobody logs out here: {status} {page}");
    assert!(page.contains("<span class=\"leave\">值班室</span>"), "and still everybody sees who it is");
    assert_eq!(get(GATEWAY, "/", "\r\nX-Office-User: 宣传部").0, 200, "UTF-8 as it is");
    let says = |(status, page): (u16, String), text: &str| {
        assert!(status == 403 && page.contains(text), "{text}: {status} {page}");
    };
    says(get(OTHER, "/", duty), "只能经由单位的登录网关打开");
    says(get(GATEWAY, "/", ""), "网关没有写明账号");
    says(get(GATEWAY, "/", "\r\nX-Office-User: root"), "没有账号");
    says(get(GATEWAY, "/", &format!("{duty}\r\nx-office-user: 宣传部")), "不止一个账号");
    says(get(GATEWAY, "/", &format!("{duty}{duty}")), "不止一个账号");
    says(get(GATEWAY, "/", "\r\nX-Remote-User: 宣传部"), "网关没有写明账号");
    // Where nobody logs in, the login page says what is in force instead.
    says(get(GATEWAY, "/login", ""), "网关没有写明账号");
    says(get(OTHER, "/login", ""), "只能经由单位的登录网关打开");
    assert_eq!(get(GATEWAY, "/login", duty).0, 303, "who is in goes on");
    let login = form(&[("name", "值班室"), ("password", "")]);
    says(send(GATEWAY, port, "POST /login HTTP/1.1", &login), "这里不用密码登录");

    let respond =
        |headers: &str| send(GATEWAY, port, &format!("POST /a/20261124-03/respond HTTP/1.1{headers}"), "");
    says(respond("\r\nX-Office-User: 宣传部"), "“宣传部”的权限不够");
    says(respond(duty), "刷新页面后再提交一次");
    let (status, body) = get(OTHER, "/api/v1/alerts", duty);
    assert!(status == 403 && body.contains("\"type\":\"/api#forbidden\""), "{status} {body}");
    let audit = stdout(&house.guanlan(&["user", "audit", "--json"]));
    assert!(!audit.contains("root"), "{audit}");
    assert_eq!(program.stop(), Some(0));
}
