//! The three ways a mail leaves: to a mail server, into a folder, into memory.
//!
//! Blocks while a server thinks: call it off the async threads.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::mime::{self, SealError, Sealed};
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
        /// Reply code, of a channel its own; 0 if the mail could not even be put together.
        code: u32,
        /// What the server said.
        reply: String,
    },
    /// Not this mail, not now.
    Later {
        /// What the server said.
        reply: String,
    },
    /// Not by this road, for a while: too much was sent at once. The mail itself is fine.
    Throttled {
        /// What the other side said.
        problem: String,
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
            Err(error @ SealError::Sender(_)) => return Outcome::Unreachable { problem: error.to_string() },
            Err(error @ SealError::Mail(_)) => {
                return Outcome::Refused { code: 0, reply: error.to_string() };
            }
        };
        match &mut self.way {
            Way::Smtp(courier) => courier.send(sealed, outgoing.queued),
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
    let html = outgoing.message.html.replace("cid:chart@guanlan", &name("png"));
    write_whole(folder, &name("html"), html.as_bytes())?;
    // The mail comes last: where it is, its companions are complete.
    write_whole(folder, &name("eml"), &sealed.bytes)
}

/// Removes what [`Mailer::Folder`] wrote for these mails, and what a crash left half-written.
///
/// # Errors
/// A file that is there and cannot be removed; those before it are gone.
pub fn remove_files(folder: &Path, mails: &[String]) -> io::Result<()> {
    for mail in mails {
        for ending in ["eml", "html", "png"] {
            for name in [format!("{mail}.{ending}"), format!(".{mail}.{ending}.part")] {
                match fs::remove_file(folder.join(name)) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                    _ => {}
                }
            }
        }
    }
    Ok(())
}

/// A reader sees the whole file or none of it.
fn write_whole(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let unfinished = folder.join(format!(".{name}.part"));
    let mut file = fs::File::create(&unfinished)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(unfinished, folder.join(name))
}

#[cfg(test)]
mod tests {
    use analyzer::level::Level;

    use super::*;
    use crate::desk::tests::Room;
    use crate::outbox::Road;

    fn written(restart: bool) -> Vec<(String, Vec<u8>)> {
        let folder = tempfile::tempdir().unwrap();
        let mailer = Mailer::Folder(folder.path().join("outbox"));
        let mut room = Room::new();
        for level in [Level::Yellow, Level::Red] {
            room.next(Some(level));
            if restart {
                room = room.reopen();
            }
            room.desk.deliver(&mailer, room.now).unwrap();
        }
        let entries = fs::read_dir(folder.path().join("outbox")).unwrap().map(|entry| entry.unwrap().path());
        let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
        let mut files: Vec<_> = entries.map(|path| (name(&path), fs::read(&path).unwrap())).collect();
        files.sort();
        files
    }

    #[test]
    fn mails_in_a_folder_have_readable_names_and_are_the_same_every_time() {
        let files = written(false);
        let names: Vec<_> = files.iter().map(|(name, _)| name.as_str()).collect();
        let expected = [
            "1124-01.red.2.eml",
            "1124-01.red.2.html",
            "1124-01.red.3.eml",
            "1124-01.red.3.html",
            "1124-01.red.eml",
            "1124-01.red.html",
            "1124-01.yellow.2.eml",
            "1124-01.yellow.2.html",
            "1124-01.yellow.eml",
            "1124-01.yellow.html",
        ];
        assert_eq!(names, expected);
        assert_eq!(written(true), files);
    }

    #[test]
    fn the_html_beside_a_mail_shows_its_picture_in_a_browser() {
        let folder = tempfile::tempdir().unwrap();
        let mut room = Room::new();
        room.next(Some(Level::Blue));
        let mut outgoing = room.desk.next_due(Road::Mail, room.now).unwrap().unwrap();
        outgoing.message.html = "<img src=\"cid:chart@guanlan\">".to_owned();
        outgoing.message.chart = Some(vec![1, 2, 3]);
        let mut courier = Mailer::Folder(folder.path().to_owned()).courier("a@example.org", "h");
        assert_eq!(courier.send(&outgoing), Outcome::Sent);
        let html = fs::read_to_string(folder.path().join("1124-01.blue.html")).unwrap();
        assert_eq!(html, "<img src=\"1124-01.blue.png\">");
        assert_eq!(fs::read(folder.path().join("1124-01.blue.png")).unwrap(), [1, 2, 3]);
    }

    #[test]
    fn a_folder_that_cannot_be_written_loses_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let blocked = folder.path().join("outbox");
        fs::write(&blocked, "a file where the folder should be").unwrap();
        let mut room = Room::new();
        room.next(Some(Level::Blue));
        let delivered = room.desk.deliver(&Mailer::Folder(blocked.clone()), room.now).unwrap();
        assert_eq!((delivered.sent, delivered.waiting), (0, 1));
        assert!(delivered.unreachable.unwrap().contains("outbox"));
        fs::remove_file(&blocked).unwrap();
        room.now += jiff::SignedDuration::from_mins(1);
        assert_eq!(room.desk.deliver(&Mailer::Folder(blocked), room.now).unwrap().sent, 1);
    }
}
