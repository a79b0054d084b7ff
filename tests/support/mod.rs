//! What the tests share: the program as a process, an installation of it, a web site, a mail server.

mod browser;
mod crowd;
mod forms;
mod installation;
mod mailbox;
mod program;
mod provider;
mod real;
mod site;
mod tls;

pub(crate) use browser::Harness;
pub(crate) use crowd::Crowd;
pub(crate) use forms::{Answered, Browser, form};
pub(crate) use installation::{Installation, numbers, page};
pub(crate) use mailbox::{Mail, Mailbox, read_folder, read_maildir};
pub(crate) use program::{Program, code, command, guanlan, said, stdout};
pub(crate) use provider::{BACK, Person, Provider, SECRET};
pub(crate) use real::RealSite;
pub(crate) use site::{Answer, Site};
pub(crate) use tls::{Authority, tls};

use std::time::{Duration, Instant};

/// The longest a test waits for anything that must happen.
pub(crate) const PATIENCE: Duration = Duration::from_secs(90);

/// Waits until `look` finds something; says what was waited for when it never comes.
pub(crate) fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        if let Some(found) = look() {
            return found;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("it never came: {what}");
}

/// A port that nobody listens on just now.
pub(crate) fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
