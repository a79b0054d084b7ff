//! A browser on this machine, as far as forms and cookies go.

use std::io::{Read, Write};
use std::net::TcpStream;

/// What a page answered.
pub(crate) struct Answered {
    /// The status.
    pub(crate) status: u16,
    /// The whole head.
    pub(crate) headers: String,
    /// The page.
    pub(crate) body: String,
}

impl Answered {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.headers.lines().filter_map(|line| line.split_once(": "));
        { lines }.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The cookie given, as a browser sends it back.
    pub(crate) fn cookie(&self) -> String {
        let set = self.header("set-cookie").expect("a cookie");
        set.split(';').next().unwrap().to_owned()
    }

    /// The token of the forms on the page.
    pub(crate) fn token(&self) -> &str {
        let (_, rest) = self.body.split_once("name=\"form_token\" value=\"").expect("a form");
        rest.split('"').next().unwrap()
    }
}

/// A browser on this machine.
pub(crate) struct Browser {
    /// Where it goes.
    pub(crate) port: u16,
    /// The cookies it sends.
    pub(crate) cookie: String,
}

impl Browser {
    /// One without any cookie.
    pub(crate) fn new(port: u16) -> Browser {
        Browser { port, cookie: String::new() }
    }

    pub(crate) fn get(&self, path: &str) -> Answered {
        self.send(&format!("GET {path} HTTP/1.1\r\nAccept: text/html"), "")
    }

    pub(crate) fn post(&self, path: &str, form: &str) -> Answered {
        let origin = format!("http://127.0.0.1:{}", self.port);
        self.post_from(&origin, path, form)
    }

    pub(crate) fn post_from(&self, origin: &str, path: &str, form: &str) -> Answered {
        let kind = "Content-Type: application/x-www-form-urlencoded";
        self.send(&format!("POST {path} HTTP/1.1\r\nOrigin: {origin}\r\n{kind}"), form)
    }

    pub(crate) fn send(&self, head: &str, body: &str) -> Answered {
        self.send_over(TcpStream::connect(("127.0.0.1", self.port)).unwrap(), head, body)
    }

    /// The same over a connection that is there.
    pub(crate) fn send_over(&self, mut stream: impl Read + Write, head: &str, body: &str) -> Answered {
        let (host, length) = (format!("127.0.0.1:{}", self.port), body.len());
        let cookie =
            if self.cookie.is_empty() { String::new() } else { format!("\r\nCookie: {}", self.cookie) };
        let head = format!(
            "{head}\r\nHost: {host}{cookie}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let (headers, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = headers.split(' ').nth(1).unwrap().parse().unwrap();
        Answered { status, headers: headers.to_owned(), body: body.to_owned() }
    }

    pub(crate) fn log_in(&self, name: &str, password: &str) -> Answered {
        self.post("/login", &form(&[("name", name), ("password", password), ("next", "/topics")]))
    }

    /// The same browser after a login.
    pub(crate) fn known_as(&self, name: &str, password: &str) -> Browser {
        let entered = self.log_in(name, password);
        assert_eq!((entered.status, entered.header("location")), (303, Some("/topics")), "{}", entered.body);
        Browser { port: self.port, cookie: entered.cookie() }
    }
}

/// Fields as a form sends them.
pub(crate) fn form(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}
