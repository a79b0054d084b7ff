//! A real mail server that tests drive, and the mails it has taken.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use mail_parser::{HeaderValue, MessageParser, MimeHeaders};
use tempfile::TempDir;

/// A running mail server.
pub(crate) struct Mailbox {
    pub port: u16,
    folder: TempDir,
    server: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
}

/// One mail as the server took it.
#[derive(Clone, Debug)]
pub(crate) struct Mail {
    pub id: String,
    pub references: Vec<String>,
    pub to: Vec<String>,
    pub subject: String,
    pub text: String,
    pub html: String,
    /// Bytes of each PNG in it.
    pub pictures: Vec<Vec<u8>>,
    /// Number of the alert, of an alert mail.
    pub alert: Option<String>,
    /// Day, of a digest.
    pub digest: Option<String>,
}

impl Mailbox {
    /// Starts the server of the alerts crate's tests.
    pub(crate) fn start() -> Mailbox {
        let folder = tempfile::tempdir().unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("alerts/tests/mail_server.py");
        let mut server = Command::new("/usr/bin/python3")
            .arg(script)
            .arg(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3 starts");
        let orders = server.stdin.take().unwrap();
        let mut answers = BufReader::new(server.stdout.take().unwrap());
        let mut first = String::new();
        answers.read_line(&mut first).unwrap();
        let port = first.trim().strip_prefix("port ").and_then(|port| port.parse().ok());
        let port = port.expect("the mail server starts; is python3-aiosmtpd installed?");
        Mailbox { port, folder, server, orders, answers }
    }

    /// Tells the server how to behave from now on.
    pub(crate) fn tell(&mut self, order: &str) {
        writeln!(self.orders, "{order}").unwrap();
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        assert_eq!(answer.trim(), "done", "{order}");
    }

    /// Everything taken so far, in order.
    pub(crate) fn mails(&self) -> Vec<Mail> {
        read_folder(self.folder.path())
    }

    /// The alert mails among them.
    pub(crate) fn alerts(&self) -> Vec<Mail> {
        self.mails().into_iter().filter(|mail| mail.alert.is_some()).collect()
    }
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// The mails of a folder, in the order of their names.
pub(crate) fn read_folder(folder: &Path) -> Vec<Mail> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|ending| ending == "eml")).collect();
    files.sort();
    files.iter().map(|file| Mail::read(&std::fs::read(file).unwrap())).collect()
}

/// The mails of one Maildir.
pub(crate) fn read_maildir(folder: &Path) -> Vec<Mail> {
    let Ok(entries) = std::fs::read_dir(folder.join("new")) else { return Vec::new() };
    entries.map(|entry| Mail::read(&std::fs::read(entry.unwrap().path()).unwrap())).collect()
}

impl Mail {
    fn read(bytes: &[u8]) -> Mail {
        let message = MessageParser::default().parse(bytes).expect("a mail that can be read");
        let header = |name: &str| message.header(name).and_then(|value| value.as_text()).map(str::to_owned);
        let references = match message.references() {
            HeaderValue::Text(one) => vec![one.to_string()],
            HeaderValue::TextList(several) => several.iter().map(|one| one.to_string()).collect(),
            _ => Vec::new(),
        };
        let to = message.to().expect("a mail has a recipient");
        let addresses = to.iter().filter_map(|address| address.address()).map(str::to_owned);
        let pictures = message
            .parts
            .iter()
            .filter(|part| part.content_type().is_some_and(|kind| kind.subtype() == Some("png")))
            .map(|part| part.contents().to_vec());
        Mail {
            id: message.message_id().expect("a mail has an id").to_owned(),
            references,
            to: addresses.collect(),
            subject: message.subject().unwrap_or_default().to_owned(),
            text: message.body_text(0).unwrap_or_default().into_owned(),
            html: message.body_html(0).unwrap_or_default().into_owned(),
            pictures: pictures.collect(),
            alert: header("X-Guanlan-Alert"),
            digest: header("X-Guanlan-Digest"),
        }
    }
}
