//! The three ways a mail leaves: to a mail server, into a folder, into memory.
//!
//! Blocks while a server thinks: call it off the async threads.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::mime::{self, Sealed};
use crate::outbox::Outgoing;
use crate::smtp::{SmtpCourier, SmtpServer};

/// A way out.
#[derive(Clone, Debug)]
pub enum Mailer {
    /// A mail server.
    Smtp(Box<SmtpServer>),
    /// Files: `1124-03.orange.eml` with `.html` and `.png` beside it.
    Folder(PathBuf),
    /// A list, for a backtest that writes nothing.
    Memory(Mailbag),
}

/// Mails kept in memory, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Mailbag {
    mails: Arc<Mutex<Vec<Outgoing>>>,
}

/// What became of one mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Taken.
    Sent,
    /// Refused for good: trying again is no use.
    Refused {
        /// Reply code; 0 if the mail could not even be put together.
        code: u16,
        /// What the server said.
        reply: String,
    },
    /// Not this mail, not now.
    Later {
        /// What the server said.
        reply: String,
    },
    /// No mail at all, now.
    Unreachable {
        /// What is wrong with the server or the way to it.
        problem: String,
    },
}

/// One run of deliveries; keeps its connection from one mail to the next.
pub struct Courier {
    way: Way,
    from: String,
    host: String,
}

enum Way {
    Smtp(Box<SmtpCourier>),
    Folder(PathBuf),
    Memory(Mailbag),
}

impl Mailer {
    /// Begins a run: `from` sends, `host` stands in thread headers.
    pub fn courier(&self, from: &str, host: &str) -> Courier {
        let way = match self {
            Mailer::Smtp(server) => Way::Smtp(Box::new(SmtpCourier::new(server.as_ref().clone()))),
            Mailer::Folder(folder) => Way::Folder(folder.clone()),
            Mailer::Memory(bag) => Way::Memory(bag.clone()),
        };
        Courier { way, from: from.to_owned(), host: host.to_owned() }
    }
}

impl Courier {
    /// Sends one mail and waits for the answer.
    pub fn send(&mut self, outgoing: &Outgoing) -> Outcome {
        let sealed = match mime::seal(outgoing, &self.from, &self.host) {
            Ok(sealed) => sealed,
            Err(problem) => return Outcome::Refused { code: 0, reply: problem },
        };
        match &mut self.way {
            Way::Smtp(courier) => courier.send(&sealed),
            Way::Folder(folder) => match write_files(folder, outgoing, &sealed) {
                Ok(()) => Outcome::Sent,
                Err(error) => Outcome::Unreachable { problem: format!("{}: {error}", folder.display()) },
            },
            Way::Memory(bag) => {
                bag.mails.lock().unwrap_or_else(PoisonError::into_inner).push(outgoing.clone());
                Outcome::Sent
            }
        }
    }
}

impl Mailbag {
    /// The mails so far.
    pub fn mails(&self) -> Vec<Outgoing> {
        self.mails.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Writes the mail, and beside it its HTML with the picture as a file, for a browser.
fn write_files(folder: &Path, outgoing: &Outgoing, sealed: &Sealed) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let name = |ending: &str| format!("{}.{ending}", outgoing.file);
    if let Some(chart) = &outgoing.message.chart {
        write_whole(folder, &name("png"), chart)?;
    }
    let html = outgoing.message.html.replace("cid:chart", &name("png"));
    write_whole(folder, &name("html"), html.as_bytes())?;
    // The mail comes last: where it is, its companions are complete.
    write_whole(folder, &name("eml"), &sealed.bytes)
}

/// A reader sees the whole file or none of it.
fn write_whole(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let unfinished = folder.join(format!(".{name}.part"));
    let mut file = fs::File::create(&unfinished)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(unfinished, folder.join(name))
}
