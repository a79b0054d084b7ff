//! A mail server that people run (OpenSMTPD): every mail arrives once and belongs to its thread, also after
//! the server was away for an hour.

use std::collections::BTreeMap;
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::support::{Installation, Mail, Program, eventually, free_port, read_maildir};

/// OpenSMTPD on the loopback, which puts every mail into a folder. It keeps its queue in a place of its
/// own, so there is one on a machine at a time.
struct MailServer {
    folder: TempDir,
    port: u16,
    running: Option<Child>,
}

impl MailServer {
    fn new() -> MailServer {
        let server = MailServer { folder: tempfile::tempdir().unwrap(), port: free_port(), running: None };
        let open = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(server.folder.path(), open).unwrap();
        std::fs::create_dir(server.boxes()).unwrap();
        std::fs::set_permissions(server.boxes(), std::fs::Permissions::from_mode(0o777)).unwrap();
        let settings = format!(
            "table receivers {{ \"@\" = \"nobody\" }}\n\
             listen on 127.0.0.1 port {} hostname mail.qinglan.example\n\
             action \"box\" maildir \"{}/%{{rcpt}}\" user nobody virtual <receivers>\n\
             match from any for any action \"box\"\n",
            server.port,
            server.boxes().display()
        );
        std::fs::write(server.folder.path().join("smtpd.conf"), settings).unwrap();
        server
    }

    fn boxes(&self) -> PathBuf {
        self.folder.path().join("box")
    }

    fn start(&mut self) {
        let settings = self.folder.path().join("smtpd.conf");
        let mut smtpd = as_root("smtpd");
        smtpd.args(["-d", "-f"]).arg(settings).stdin(Stdio::null());
        let started = smtpd.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        self.running = Some(started.expect("OpenSMTPD is installed"));
        eventually("the mail server", || TcpStream::connect(("127.0.0.1", self.port)).ok());
    }

    fn stop(&mut self) {
        let Some(mut smtpd) = self.running.take() else { return };
        as_root("kill").args(["-TERM", &smtpd.id().to_string()]).status().unwrap();
        smtpd.wait().unwrap();
        eventually("its end", || TcpStream::connect(("127.0.0.1", self.port)).err());
    }

    fn queue_is_empty(&self) -> bool {
        let queue = as_root("smtpctl").args(["show", "queue"]).output().unwrap();
        queue.status.success() && queue.stdout.trim_ascii().is_empty()
    }

    fn mails(&self) -> Vec<Mail> {
        let boxes = std::fs::read_dir(self.boxes()).unwrap();
        boxes.flat_map(|one| read_maildir(&one.unwrap().path())).collect()
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A command of the superuser, without whom the mail server does not start.
fn as_root(command: &str) -> Command {
    let id = Command::new("id").arg("-u").output().unwrap();
    if id.stdout.trim_ascii() == b"0" {
        return Command::new(command);
    }
    let mut sudo = Command::new("sudo");
    sudo.arg(command);
    sudo
}

/// State and Message-ID of every mail in the outbox, in the order in which they were written.
fn outbox(data: &str) -> Vec<(String, String)> {
    let reading = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    let alerts = rusqlite::Connection::open_with_flags(format!("{data}/alerts.db"), reading).unwrap();
    let mut rows = alerts.prepare("select state, message from outbox order by id").unwrap();
    let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

#[test]
fn every_mail_arrives_once_though_the_server_is_away_for_an_hour() {
    let mut server = MailServer::new();
    server.start();
    let house = Installation::mailing(server.port);
    let config = house.path().join("guanlan.toml").display().to_string();
    let folder = house.path().join("drill");
    let (dir, data) = (folder.display().to_string(), folder.join("data").display().to_string());
    let clock = "2026-11-24T10:00:00+08:00x600";
    let listen = format!("127.0.0.1:{}", free_port());
    let arguments =
        ["--config", &config, "drill", "data", "--dir", &dir, "--listen", &listen, "--clock", clock];
    let mut drill = Program::start(&arguments);
    eventually("the first mail", || (!server.mails().is_empty()).then_some(()));
    // A server that ends between taking a mail and saying so gets it again, and one that ends between putting
    // it into its box and forgetting it puts it there twice: here it ends when nothing is under way.
    eventually("a quiet moment", || {
        let all_sent = outbox(&data).iter().all(|(state, _)| state == "sent");
        (all_sent && server.queue_is_empty()).then_some(())
    });
    server.stop();
    eventually("mails that wait", || {
        let waiting = outbox(&data).iter().filter(|(state, _)| state == "waiting").count();
        (waiting >= 2).then_some(())
    });
    // Ten seconds are well over an hour of the drill.
    std::thread::sleep(std::time::Duration::from_secs(10));
    server.start();
    eventually("the end of waiting", || {
        let rows = outbox(&data);
        rows.iter().all(|(state, _)| state == "sent").then_some(())
    });
    assert_eq!(drill.stop(), Some(0));
    let sent = outbox(&data);
    assert!(sent.len() > 3, "{sent:?}");
    eventually("all mails in their boxes", || (server.mails().len() >= sent.len()).then_some(()));
    let mut arrived: BTreeMap<String, usize> = BTreeMap::new();
    for mail in server.mails() {
        *arrived.entry(format!("<{}>", mail.id)).or_default() += 1;
        let thread = format!("{}@", mail.alert.clone().unwrap_or_default());
        let is_threaded = mail.references.iter().any(|reference| reference.starts_with(&thread));
        assert!(mail.alert.is_none() || is_threaded, "{} {:?}", mail.subject, mail.references);
        assert!(mail.subject.contains("【演练】"), "{}", mail.subject);
    }
    for (state, message) in &sent {
        assert_eq!((state.as_str(), arrived.get(message)), ("sent", Some(&1)), "{message}");
    }
    assert_eq!(arrived.len(), sent.len());
}
