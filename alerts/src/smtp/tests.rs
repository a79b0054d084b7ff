//! The desk, the outbox and a real mail server over loopback (`tests/mail_server.py`).

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use analyzer::level::Level;
use jiff::SignedDuration;

use super::*;
use crate::alert::Event;
use crate::desk::tests::Room;
use crate::mail::Mailer;
use crate::mail_test::{Trial, Tried, mail_test};
use crate::message::Language;
use crate::outbox::{MailState, Road};

/// A mail server of our own for one test.
pub(crate) struct Server {
    child: Child,
    commands: ChildStdin,
    answers: BufReader<ChildStdout>,
    folder: tempfile::TempDir,
    port: u16,
}

impl Server {
    pub(crate) fn start(options: &[&str]) -> Server {
        let folder = tempfile::tempdir().unwrap();
        let mut child = Command::new("/usr/bin/python3")
            .arg(fixture("mail_server.py"))
            .arg(folder.path())
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let commands = child.stdin.take().unwrap();
        let mut answers = BufReader::new(child.stdout.take().unwrap());
        let port = line(&mut answers).strip_prefix("port ").unwrap().parse().unwrap();
        Server { child, commands, answers, folder, port }
    }

    pub(crate) fn tell(&mut self, command: &str) {
        writeln!(self.commands, "{command}").unwrap();
        assert_eq!(line(&mut self.answers), "done");
    }

    /// The mails it took, in order.
    pub(crate) fn mails(&self) -> Vec<Vec<u8>> {
        let paths = std::fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().path());
        let mut paths: Vec<_> = paths.filter(|path| path.extension().is_some_and(|e| e == "eml")).collect();
        paths.sort();
        paths.iter().map(|path| std::fs::read(path).unwrap()).collect()
    }

    /// One header of each of them.
    fn headers(&self, name: &str) -> Vec<String> {
        self.mails().iter().map(|mail| header(mail, name)).collect()
    }

    fn mailer(&self, security: Security) -> Mailer {
        Mailer::Smtp(Box::new(SmtpServer {
            host: "localhost".to_owned(),
            port: self.port,
            security,
            login: None,
            authority: Some(std::fs::read(fixture("localhost.pem")).unwrap()),
            signer: None,
            timeout: Duration::from_secs(10),
        }))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)
}

fn line(answers: &mut impl BufRead) -> String {
    let mut line = String::new();
    answers.read_line(&mut line).unwrap();
    line.trim_end().to_owned()
}

fn header(mail: &[u8], name: &str) -> String {
    let parsed = mail_parser::MessageParser::default().parse(mail).unwrap();
    parsed.header_raw(name).unwrap_or_default().trim().to_owned()
}

impl Room {
    pub(crate) fn minutes(&mut self, minutes: i64) {
        self.now += SignedDuration::from_mins(minutes);
    }

    fn deliver(&mut self, mailer: &Mailer) -> crate::outbox::Delivered {
        self.desk.deliver(mailer, self.now).unwrap()
    }
}

#[test]
fn a_mail_arrives_whole_and_threaded_and_is_journalled() {
    let server = Server::start(&[]);
    let mut room = Room::new();
    room.next(Some(Level::Orange));
    let delivered = room.deliver(&server.mailer(Security::Plain));
    assert_eq!((delivered.sent, delivered.waiting, delivered.unreachable), (3, 0, None));
    let expected = [
        ("In-Reply-To", "<20261124-01@guanlan.example>"),
        ("References", "<20261124-01@guanlan.example>"),
        ("List-Id", "<alerts.guanlan.example>"),
        ("Auto-Submitted", "auto-generated"),
        ("X-Auto-Response-Suppress", "All"),
        ("Importance", "high"),
        ("X-Guanlan-Level", "orange"),
        ("Date", "Tue, 24 Nov 2026 05:20:00 +0000"),
        ("To", "duty@qinglan.example"),
    ];
    let mails = server.mails();
    for (name, value) in expected {
        assert_eq!(header(&mails[0], name), value);
    }
    let ids = server.headers("Message-ID");
    assert!(ids[0].starts_with("<raised-20261124-01-") && ids[0].ends_with("@guanlan.example>"), "{ids:?}");
    let mailed: Vec<_> = room
        .alert()
        .events
        .into_iter()
        .filter_map(|(_, event)| if let Event::Mailed { message } = event { Some(message) } else { None })
        .collect();
    assert_eq!(mailed, ids);
}

#[test]
fn a_crash_between_send_and_record_repeats_that_mail_under_the_same_message_id() {
    let mut server = Server::start(&[]);
    let mailer = server.mailer(Security::Plain);
    let mut room = Room::new();
    room.next(Some(Level::Orange));
    // Sent, and the program dies before it is recorded.
    let outgoing = room.desk.next_due(Road::Mail, room.now).unwrap().unwrap();
    let mut courier = mailer.courier(&room.desk.policy.from, &room.desk.policy.host);
    assert_eq!(courier.send(&outgoing), Outcome::Sent);
    drop(courier);
    room = room.reopen();
    assert_eq!(room.deliver(&mailer).sent, 3);
    let mails = server.mails();
    assert_eq!(mails.len(), 4);
    assert_eq!(mails[0], mails[1]);
    // Taken, but the answer is lost on the way: the same.
    server.tell("vanish");
    room.next(Some(Level::Red));
    // The others do not wait for it.
    let delivered = room.deliver(&mailer);
    assert_eq!((delivered.sent, delivered.waiting), (2, 1));
    room.minutes(1);
    assert_eq!(room.deliver(&mailer).sent, 1);
    let ids = server.headers("Message-ID");
    assert_eq!((ids.len(), &ids[4]), (8, &ids[7]));
    assert!(ids[4].starts_with("<escalated-"));
}

#[test]
fn a_server_that_is_down_for_an_hour_loses_nothing_and_the_order_stays() {
    let mut server = Server::start(&[]);
    let mailer = server.mailer(Security::Plain);
    let mut room = Room::new();
    server.tell("down");
    let levels = [Level::Blue, Level::Yellow, Level::Orange, Level::Red];
    let mut tries = 0;
    for minute in 0..60 {
        if minute % 10 == 0 {
            room.next(levels.get(minute / 10).copied().or(Some(Level::Red)));
            room.minutes(-10);
        }
        room.minutes(1);
        let delivered = room.deliver(&mailer);
        assert_eq!(delivered.sent, 0);
        tries += usize::from(delivered.unreachable.is_some());
    }
    assert!((6..20).contains(&tries), "{tries} tries in an hour");
    assert_eq!(room.desk.undelivered().unwrap()[0].state, MailState::Waiting);
    server.tell("up");
    room = room.reopen();
    // Nothing is due for half an hour, but news of another concern finds the server back.
    assert_eq!(room.deliver(&mailer).sent, 0);
    let news = crate::desk::tests::signal("供水水质", room.now, Some(Level::Blue));
    room.desk.take(&[news], &mut |_| Default::default(), room.now).unwrap();
    let delivered = room.deliver(&mailer);
    assert_eq!((delivered.sent, delivered.waiting), (10, 0));
    let levels = server.headers("X-Guanlan-Level");
    let expected = ["blue", "yellow", "yellow", "orange", "orange", "orange", "red", "red", "red", "blue"];
    assert_eq!(levels, expected);
}

#[test]
fn a_refused_recipient_is_reported_and_the_others_are_written_to() {
    let mut server = Server::start(&[]);
    let mailer = server.mailer(Security::Plain);
    let mut room = Room::new();
    server.tell("refuse health@ 550");
    room.next(Some(Level::Orange));
    let delivered = room.deliver(&mailer);
    assert_eq!((delivered.sent, delivered.failed, delivered.waiting), (2, 1, 0));
    let refused = room.desk.undelivered().unwrap();
    assert_eq!((refused.len(), refused[0].state), (1, MailState::Refused));
    assert_eq!(refused[0].recipient, "health@qinglan.example");
    assert!(refused[0].problem.as_ref().unwrap().contains("told to fail"));
    let codes = room.alert().events.into_iter().filter_map(|(_, event)| match event {
        Event::Refused { code, .. } => Some(code),
        _ => None,
    });
    assert_eq!(codes.collect::<Vec<_>>(), [550]);
}

#[test]
fn a_server_that_goes_away_over_one_recipient_still_gets_the_others() {
    let mut server = Server::start(&[]);
    let mailer = server.mailer(Security::Plain);
    let mut room = Room::new();
    server.tell("refuse health@ 421");
    room.next(Some(Level::Orange));
    let delivered = room.deliver(&mailer);
    assert_eq!((delivered.sent, delivered.waiting, delivered.unreachable), (2, 1, None));
    // One that does so over everybody is down, and is left alone for a while.
    server.tell("fail content 421");
    room.next(Some(Level::Red));
    let delivered = room.deliver(&mailer);
    assert_eq!(delivered.sent, 0);
    assert!(delivered.unreachable.is_some(), "{delivered:?}");
    server.tell("ok");
    room.minutes(60);
    assert_eq!(room.deliver(&mailer).waiting, 0);
}

#[test]
fn a_greylisted_mail_is_tried_again_and_later_ones_of_its_thread_wait_for_it() {
    let mut server = Server::start(&[]);
    let mailer = server.mailer(Security::Plain);
    let mut room = Room::new();
    server.tell("refuse duty@ 450");
    room.next(Some(Level::Yellow));
    let delivered = room.deliver(&mailer);
    assert_eq!((delivered.sent, delivered.waiting, delivered.unreachable), (1, 1, None));
    for pause in [1, 2, 4] {
        room.minutes(pause);
        assert_eq!(room.deliver(&mailer).sent, 0);
    }
    server.tell("ok");
    room.minutes(-7);
    room.next(Some(Level::Orange));
    // The duty desk's first mail has five minutes to wait; the second must not come before it.
    let delivered = room.deliver(&mailer);
    assert_eq!((delivered.sent, delivered.waiting), (2, 2));
    room.minutes(5);
    assert_eq!(room.deliver(&mailer).sent, 2);
    let levels = server.headers("X-Guanlan-Level");
    assert_eq!(levels, ["yellow", "orange", "orange", "yellow", "orange"]);
}

#[test]
fn a_mail_is_given_up_after_three_days_and_said_so() {
    let mut server = Server::start(&[]);
    let mailer = server.mailer(Security::Plain);
    let mut room = Room::new();
    room.next(Some(Level::Blue));
    server.tell("fail content 451");
    for _ in 0..12 {
        room.minutes(360);
        assert_eq!(room.deliver(&mailer).failed, 0);
    }
    room.minutes(30);
    let delivered = room.deliver(&mailer);
    assert_eq!((delivered.failed, delivered.waiting), (1, 0));
    assert_eq!(room.desk.undelivered().unwrap()[0].state, MailState::Expired);
}

fn trial(server: &Server, change: impl FnOnce(&mut SmtpServer)) -> Vec<Tried> {
    let Mailer::Smtp(mut settings) = server.mailer(Security::Plain) else { unreachable!() };
    change(&mut settings);
    let trial = Trial {
        from: "guanlan@qinglan.example".to_owned(),
        host: "guanlan.example".to_owned(),
        address: "duty@qinglan.example".to_owned(),
        language: Language::Chinese,
        now: crate::desk::tests::at("2026-11-24T06:00:00Z"),
    };
    mail_test(&Mailer::Smtp(settings), &trial)
}

fn told(tried: &[Tried]) -> String {
    let stages = tried.iter().map(|tried| match &tried.result {
        Ok(()) => format!("{:?}", tried.stage),
        Err(failure) => format!("!{:?} {}", tried.stage, failure.advice),
    });
    stages.collect::<Vec<_>>().join(" ")
}

#[test]
fn the_way_is_tried_stage_by_stage_with_encryption_and_login() {
    let pem = fixture("localhost.pem");
    let pem = pem.to_str().unwrap();
    for (tls, security) in [("starttls", Security::StartTls), ("implicit", Security::Tls)] {
        let server = Server::start(&["--tls", tls, "--certificate", pem, "--login", "guanlan:秘密"]);
        let login = |password: &str| Some(("guanlan".to_owned(), password.to_owned()));
        let tried = trial(&server, |s| (s.security, s.login) = (security, login(" 秘密\n")));
        assert_eq!(told(&tried), "Resolve Connect Secure Login Sender Recipient Content");
        let tried = trial(&server, |s| (s.security, s.login) = (security, login("wrong")));
        assert!(told(&tried).starts_with("Resolve Connect Secure !Login 账号或密码不对"), "{}", told(&tried));
        let failed = tried.last().unwrap().result.as_ref().unwrap_err();
        assert_eq!(failed.trouble.code, Some(535));
        let tried = trial(&server, |s| (s.security, s.authority) = (security, None));
        assert!(told(&tried).contains("!Secure 证书不可信"), "{}", told(&tried));
        assert_eq!(server.mails().len(), 1);
    }
}

#[test]
fn each_failing_stage_comes_with_advice() {
    let mut server = Server::start(&[]);
    let cases = [
        ("fail sender 553", "Resolve Connect !Sender 服务器不接受这个发件人"),
        ("fail recipient 550", "Resolve Connect !Recipient 收件地址不存在"),
        ("fail recipient 450", "Resolve Connect !Recipient 服务器请稍后再试"),
        ("fail content 554", "Resolve Connect !Content 内容被当作垃圾邮件拒收"),
        ("fail connect 554", "Resolve !Connect 连不上"),
        ("ok", "Resolve Connect Sender Recipient Content"),
        ("down", "Resolve !Connect 连不上"),
    ];
    for (command, expected) in cases {
        server.tell(command);
        let told = told(&trial(&server, |_| {}));
        assert!(told.starts_with(expected), "{command}: {told}");
    }
    server.tell("up");
    let no_starttls = told(&trial(&server, |s| s.security = Security::StartTls));
    assert!(no_starttls.contains("!Secure 服务器没有提供 STARTTLS"), "{no_starttls}");
    let unknown = told(&trial(&server, |s| s.host = "mail..invalid".to_owned()));
    assert!(unknown.starts_with("!Resolve 服务器名字解析不了"), "{unknown}");
}

#[test]
fn without_encryption_mail_goes_to_this_machine_only() {
    let server = Server::start(&[]);
    // An address reserved for documentation: nothing is connected to before the refusal.
    let Mailer::Smtp(mut settings) = server.mailer(Security::Plain) else { unreachable!() };
    settings.host = "192.0.2.1".to_owned();
    let trouble = settings.open("qinglan.example").err().unwrap();
    assert_eq!((trouble.stage, trouble.code), (Stage::Secure, None));
}
