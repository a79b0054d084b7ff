//! A mail as bytes: alternative[text/plain, related[text/html, image/png]], equal for equal input.
//!
//! Date, Message-ID and boundaries come from the outbox; nothing is random and no clock is read.

use std::time::SystemTime;

use jiff::Timestamp;
use lettre::address::Envelope;
use lettre::message::header::{ContentDisposition, ContentId, ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, MultiPartKind, SinglePart};
use sha2::{Digest, Sha256};

use crate::outbox::Outgoing;

/// A mail ready to leave.
pub struct Sealed {
    /// From and to, for the server.
    pub envelope: Envelope,
    /// The whole mail.
    pub bytes: Vec<u8>,
}

/// Puts a mail together; the error says which address cannot be used.
pub fn seal(outgoing: &Outgoing, from: &str, host: &str) -> Result<Sealed, String> {
    let sender = mailbox(from)?;
    let recipient = mailbox(&outgoing.recipient)?;
    let root = format!("<{}@{host}>", outgoing.thread);
    let list = outgoing.thread.split_once('-').map_or("", |(kind, _)| kind);
    let list = if outgoing.alert.is_some() { "alerts" } else { list };
    let mut builder = lettre::Message::builder()
        .from(sender)
        .to(recipient)
        .subject(one_line(&outgoing.message.subject))
        .message_id(Some(outgoing.message_id.clone()))
        .in_reply_to(root.clone())
        .references(root)
        .date(date(outgoing.queued));
    let fixed = [
        ("List-Id", format!("<{list}.{host}>")),
        ("Auto-Submitted", "auto-generated".to_owned()),
        ("X-Auto-Response-Suppress", "All".to_owned()),
    ];
    let own = outgoing.message.headers.iter().map(|(name, value)| (name.as_str(), value));
    for (name, value) in fixed.iter().map(|(name, value)| (*name, value)).chain(own) {
        let header =
            HeaderName::new_from_ascii(name.to_owned()).map_err(|_| format!("no header name: {name}"))?;
        builder = builder.raw_header(HeaderValue::new(header, one_line(value)));
    }
    let mail = builder.multipart(parts(outgoing)).map_err(|error| error.to_string())?;
    Ok(Sealed { envelope: mail.envelope().clone(), bytes: mail.formatted() })
}

/// Reads an address, with or without a name before it.
pub fn mailbox(address: &str) -> Result<Mailbox, String> {
    address.parse().map_err(|error| format!("not a mail address: {address} ({error})"))
}

fn parts(outgoing: &Outgoing) -> MultiPart {
    let message = &outgoing.message;
    let part = |kind, name: &str| {
        MultiPart::builder().kind(kind).boundary(boundary(&outgoing.message_id, name)).build()
    };
    let text = SinglePart::plain(message.text.clone());
    let html = SinglePart::html(message.html.clone());
    let alternative = part(MultiPartKind::Alternative, "alternative").singlepart(text);
    let Some(chart) = &message.chart else { return alternative.singlepart(html) };
    let picture = SinglePart::builder()
        .header(png())
        .header(ContentDisposition::inline_with_name("chart.png"))
        .header(ContentId::from("<chart>".to_owned()))
        .body(chart.clone());
    let related = part(MultiPartKind::Related, "related").singlepart(html).singlepart(picture);
    alternative.multipart(related)
}

/// Forty characters that a base64 or quoted-printable body cannot contain as a line of its own.
fn boundary(message_id: &str, part: &str) -> String {
    let digest = Sha256::digest(format!("{part} {message_id}").as_bytes());
    let digits: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("=_guanlan_{digits}")
}

fn png() -> ContentType {
    ContentType::parse("image/png").unwrap_or(ContentType::TEXT_PLAIN)
}

/// A header is one line whatever its text says.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn date(time: Timestamp) -> SystemTime {
    // The writer of this header knows the years 1970 to 9999 only.
    let seconds = u64::try_from(time.as_second()).unwrap_or_default();
    SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(seconds)
}
