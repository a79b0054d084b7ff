//! One conversation with a mail server, step by step, so that each failure is blamed on the right part.
//!
//! Never speaks in the clear to another machine. Knows no outbox: it is handed whole mails.

use std::collections::BTreeSet;
use std::fmt;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::time::Duration;

use lettre::address::Envelope;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{Certificate, SmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};

use crate::dkim::Signer;
use crate::mail::Outcome;
use crate::mime::Sealed;
use jiff::Timestamp;

/// A mail server and how to log in there.
#[derive(Clone)]
pub struct SmtpServer {
    /// Host name.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Encryption on the way.
    pub security: Security,
    /// Login name and password; spaces around the password are not part of it.
    pub login: Option<(String, String)>,
    /// Certificate (PEM) of an authority of the office's own, trusted beside those of the system.
    pub authority: Option<Vec<u8>>,
    /// Signs each mail for the sender's domain, if configured.
    pub signer: Option<Arc<Signer>>,
    /// Longest wait for one answer; 15 seconds suit most servers.
    pub timeout: Duration,
}

/// Encryption on the way to the mail server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte, usually port 465.
    Tls,
    /// TLS after a greeting in the clear, usually port 587; a server that does not offer it is refused.
    StartTls,
    /// None: to this machine only.
    Plain,
}

/// A part of the way to the inbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The name of the server becomes addresses.
    Resolve,
    /// The server takes the connection and greets.
    Connect,
    /// The connection is encrypted.
    Secure,
    /// The server takes name and password.
    Login,
    /// The server takes the sender.
    Sender,
    /// The server takes the recipient.
    Recipient,
    /// The server takes the mail.
    Content,
}

/// Why a stage failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// Where.
    pub stage: Stage,
    /// The server's reply code, if it replied.
    pub code: Option<u16>,
    /// What the server, or the system, said.
    pub said: String,
}

/// A run of mails over one connection.
pub(crate) struct SmtpCourier {
    server: SmtpServer,
    connection: Option<SmtpConnection>,
    /// Recipients over whose mails the server went away, since it last answered one.
    cut: BTreeSet<String>,
}

/// The server is down when it goes away over so many recipients in a row.
const CUTS: usize = 3;
/// Longest wait for the answer to a text. RFC 5321 §4.5.3.2.6 asks for ten minutes; the alerts behind it cannot wait so
/// long, and a copy under the same Message-ID does less harm.
const AFTER_TEXT: Duration = Duration::from_secs(120);

impl SmtpServer {
    /// The mail as it leaves: signed, if there is a key.
    pub(crate) fn signed(&self, mut sealed: Sealed, queued: Timestamp) -> Sealed {
        if let Some(signer) = &self.signer {
            sealed.bytes = signer.signed(&sealed.bytes, queued);
        }
        sealed
    }

    /// The addresses of its name.
    pub fn resolve(&self) -> Result<Vec<SocketAddr>, Trouble> {
        let found = (self.host.as_str(), self.port).to_socket_addrs();
        let addresses: Vec<_> = found.map_err(|error| Trouble::local(Stage::Resolve, &error))?.collect();
        if addresses.is_empty() {
            return Err(Trouble::local(Stage::Resolve, &"the name has no address"));
        }
        Ok(addresses)
    }

    /// Connects, encrypts and logs in; `hello` is the domain we say we are.
    pub(crate) fn open(&self, hello: &str) -> Result<SmtpConnection, Trouble> {
        let addresses = self.resolve()?;
        if self.security == Security::Plain && !addresses.iter().all(|address| address.ip().is_loopback()) {
            return Err(Trouble::local(Stage::Secure, &"mail without encryption goes to this machine only"));
        }
        let hello = ClientId::Domain(hello.to_owned());
        let tls = self.tls()?;
        let implicit = tls.as_ref().filter(|_| self.security == Security::Tls);
        let at = if implicit.is_some() { Stage::Secure } else { Stage::Connect };
        let mut connection =
            SmtpConnection::connect(addresses.as_slice(), Some(self.timeout), &hello, implicit, None)
                .map_err(|error| {
                    Trouble::of(if is_unconnected(&error) { Stage::Connect } else { at }, &error)
                })?;
        if let (Security::StartTls, Some(tls)) = (self.security, &tls) {
            connection.starttls(tls, &hello).map_err(|error| Trouble::of(Stage::Secure, &error))?;
        }
        if let Some((name, password)) = &self.login {
            let credentials = Credentials::new(name.trim().to_owned(), password.trim().to_owned());
            connection
                .auth(DEFAULT_MECHANISMS, &credentials)
                .map_err(|error| Trouble::of(Stage::Login, &error))?;
        }
        Ok(connection)
    }

    fn tls(&self) -> Result<Option<TlsParameters>, Trouble> {
        if self.security == Security::Plain {
            return Ok(None);
        }
        let mut builder = TlsParameters::builder(self.host.clone());
        if let Some(pem) = &self.authority {
            let certificate =
                Certificate::from_pem(pem).map_err(|error| Trouble::of(Stage::Secure, &error))?;
            builder = builder.add_root_certificate(certificate);
        }
        builder.build_rustls().map(Some).map_err(|error| Trouble::of(Stage::Secure, &error))
    }
}

impl fmt::Debug for SmtpServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{} {:?}", self.host, self.port, self.security)
    }
}

impl SmtpCourier {
    pub(crate) fn new(server: SmtpServer) -> SmtpCourier {
        SmtpCourier { server, connection: None, cut: BTreeSet::new() }
    }

    pub(crate) fn send(&mut self, sealed: Sealed, queued: Timestamp) -> Outcome {
        let sealed = &self.server.signed(sealed, queued);
        let reused = self.connection.is_some();
        let mut result = self.try_once(sealed);
        // Some servers close a connection after a few mails: not a failure of this one.
        if reused && matches!(&result, Err(trouble) if trouble.stage == Stage::Sender) {
            self.connection = None;
            result = self.try_once(sealed);
        }
        let is_cut = matches!(&result, Err(Trouble { code: None | Some(421), .. }));
        let outcome = result.map_or_else(|trouble| trouble.outcome(), |()| Outcome::Sent);
        if is_cut || matches!(outcome, Outcome::Unreachable { .. }) {
            self.connection = None;
        }
        self.judged(outcome, is_cut, sealed)
    }

    /// A server that goes away over one recipient is not down; one that does so over several in a row is.
    fn judged(&mut self, outcome: Outcome, is_cut: bool, sealed: &Sealed) -> Outcome {
        if !is_cut {
            self.cut.clear();
            return outcome;
        }
        self.cut.extend(sealed.envelope.to().iter().map(ToString::to_string));
        match outcome {
            Outcome::Later { reply: problem } if self.cut.len() >= CUTS => Outcome::Unreachable { problem },
            outcome => outcome,
        }
    }

    fn try_once(&mut self, sealed: &Sealed) -> Result<(), Trouble> {
        let connection = match &mut self.connection {
            Some(connection) => connection,
            None => self.connection.insert(self.server.open(hello(&sealed.envelope))?),
        };
        let result = hand_over(connection, sealed, self.server.timeout);
        if let Err(trouble) = &result
            && matches!(trouble.stage, Stage::Recipient | Stage::Content)
            && connection.command(Rset).is_err()
        {
            self.connection = None;
        }
        result
    }
}

impl Drop for SmtpCourier {
    /// Says goodbye, without waiting long for an answer.
    fn drop(&mut self) {
        if let Some(connection) = &mut self.connection
            && connection.set_timeout(Some(Duration::from_secs(2))).is_ok()
        {
            let _ = connection.quit();
        }
    }
}

/// Hands one mail over an open connection.
pub(crate) fn hand_over(
    connection: &mut SmtpConnection,
    sealed: &Sealed,
    timeout: Duration,
) -> Result<(), Trouble> {
    let envelope = &sealed.envelope;
    let mut parameters = Vec::new();
    let plain = |address: &lettre::Address| AsRef::<str>::as_ref(address).is_ascii();
    if !envelope.from().into_iter().chain(envelope.to()).all(plain) {
        parameters.push(MailParameter::SmtpUtfEight);
    }
    if !sealed.bytes.is_ascii() && connection.server_info().supports_feature(Extension::EightBitMime) {
        parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    let at = |stage| move |error: Error| Trouble::of(stage, &error);
    connection.command(Mail::new(envelope.from().cloned(), parameters)).map_err(at(Stage::Sender))?;
    for recipient in envelope.to() {
        connection.command(Rcpt::new(recipient.clone(), Vec::new())).map_err(at(Stage::Recipient))?;
    }
    connection.command(Data).map_err(at(Stage::Content))?;
    // Giving up here may send the mail twice.
    let cut = |error: std::io::Error| Trouble::local(Stage::Content, &error);
    connection.set_timeout(Some(AFTER_TEXT)).map_err(cut)?;
    let taken = connection.message(&sealed.bytes).map_err(at(Stage::Content));
    // The text was answered: what fails now fails at the next command.
    let _ = connection.set_timeout(Some(timeout));
    taken.map(drop)
}

/// The domain we greet with: the sender's.
pub(crate) fn hello(envelope: &Envelope) -> &str {
    envelope.from().map(lettre::Address::domain).filter(|domain| domain.is_ascii()).unwrap_or("localhost")
}

impl Trouble {
    fn of(stage: Stage, error: &Error) -> Trouble {
        Trouble { stage, code: error.status().map(u16::from), said: error.to_string() }
    }

    pub(crate) fn local(stage: Stage, said: &dyn fmt::Display) -> Trouble {
        Trouble { stage, code: None, said: said.to_string() }
    }

    /// What it means for the mail. A wrong password or sender is the office's to mend, and no mail is
    /// lost meanwhile; only a server that refuses this recipient or this text refuses the mail.
    fn outcome(self) -> Outcome {
        let about_this_mail = matches!(self.stage, Stage::Recipient | Stage::Content);
        match self.code {
            // A server that goes away over one mail may take the others: only this one waits.
            Some(421) | None if about_this_mail => Outcome::Later { reply: self.said },
            // 421: going away. 53x: login wanted or wrong.
            Some(421 | 530..=539) | None => Outcome::Unreachable { problem: self.said },
            Some(_) if !about_this_mail => Outcome::Unreachable { problem: self.said },
            Some(code @ 500..) => Outcome::Refused { code: code.into(), reply: self.said },
            Some(_) => Outcome::Later { reply: self.said },
        }
    }
}

fn is_unconnected(error: &Error) -> bool {
    // The library tells this kind by its words only.
    error.to_string().starts_with("Connection error")
}

#[cfg(test)]
pub(crate) mod tests;
