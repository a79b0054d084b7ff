//! A web site on loopback whose pages the test decides, and which remembers what it was asked for.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// One answer.
#[derive(Clone)]
pub(crate) struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    /// 200 with a content type.
    pub(crate) fn page(content_type: &str, body: impl Into<Vec<u8>>) -> Answer {
        Answer { status: 200, headers: vec![("Content-Type".into(), content_type.into())], body: body.into() }
    }
}

#[derive(Default)]
struct State {
    pages: BTreeMap<String, Answer>,
    asked: Vec<String>,
}

/// A running site.
pub(crate) struct Site {
    pub address: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl Site {
    /// Starts on a free port; it ends with the test process.
    pub(crate) fn start() -> Site {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback is there");
        let address = listener.local_addr().expect("it has an address");
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let shared = Arc::clone(&shared);
                std::thread::spawn(move || answer(stream, &shared));
            }
        });
        Site { address, state }
    }

    /// What the site answers from now on at a path.
    pub(crate) fn set(&self, path: &str, answer: Answer) {
        self.state.lock().unwrap().pages.insert(path.to_owned(), answer);
    }

    /// Address of a path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Paths asked for so far.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.state.lock().unwrap().asked.clone()
    }
}

fn answer(mut stream: TcpStream, state: &Mutex<State>) {
    let mut reader = BufReader::new(stream.try_clone().expect("a socket can be shared"));
    let mut first = String::new();
    if reader.read_line(&mut first).is_err() {
        return;
    }
    let mut line = String::new();
    while reader.read_line(&mut line).is_ok_and(|read| read > 2) {
        line.clear();
    }
    let path = first.split(' ').nth(1).unwrap_or("/").to_owned();
    let missing = Answer { status: 404, headers: vec![], body: b"not here".to_vec() };
    let answer = {
        let mut state = state.lock().unwrap();
        state.asked.push(path.clone());
        state.pages.get(&path).cloned().unwrap_or(missing)
    };
    let mut head = format!(
        "HTTP/1.1 {} x\r\nContent-Length: {}\r\nConnection: close\r\n",
        answer.status,
        answer.body.len()
    );
    for (name, value) in &answer.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    // The client may have gone away: its affair.
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&answer.body));
}
