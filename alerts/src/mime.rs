//! A mail as bytes: alternative[text/plain, related[text/html, image/png]], within mixed[…, files] if files
//! go with it; equal for equal input.
//!
//! Date, Message-ID and boundaries come from the outbox; nothing is random and no clock is read.

use std::time::SystemTime;

use jiff::Timestamp;
use lettre::address::Envelope;
use lettre::message::header::{ContentDisposition, ContentId, ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, MultiPartKind, SinglePart};
use sha2::{Digest, Sha256};

use crate::message::Attachment;
use crate::outbox::Outgoing;

/// A mail ready to leave.
pub struct Sealed {
    /// From and to, for the server.
    pub envelope: Envelope,
    /// The whole mail.
    pub bytes: Vec<u8>,
}

/// Why a mail cannot be put together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The configuration is wrong: no mail can leave, and none is lost.
    #[error("[mail] from is {0}")]
    Sender(String),
    /// This one mail can go nowhere.
    #[error("{0}")]
    Mail(String),
}

/// Puts a mail together.
pub fn seal(outgoing: &Outgoing, from: &str, host: &str) -> Result<Sealed, SealError> {
    let sender = mailbox(from).map_err(SealError::Sender)?;
    let recipient = mailbox(&outgoing.recipient).map_err(SealError::Mail)?;
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
        let header = HeaderName::new_from_ascii(name.to_owned())
            .map_err(|_| SealError::Mail(format!("no header name: {name}")))?;
        builder = builder.raw_header(HeaderValue::new(header, one_line(value)));
    }
    let mail = builder.multipart(parts(outgoing)).map_err(|error| SealError::Mail(error.to_string()))?;
    Ok(Sealed { envelope: mail.envelope().clone(), bytes: mail.formatted() })
}

/// Reads an address, with or without a name before it.
pub fn mailbox(address: &str) -> Result<Mailbox, String> {
    address.parse().map_err(|error| format!("not a mail address: {address} ({error})"))
}

fn parts(outgoing: &Outgoing) -> MultiPart {
    let body = body(outgoing);
    if outgoing.message.attachments.is_empty() {
        return body;
    }
    let mixed = part(outgoing, MultiPartKind::Mixed, "mixed").multipart(body);
    let attach = |mixed: MultiPart, file: &Attachment| {
        let kind = ContentType::parse(&file.kind).unwrap_or_else(|_| any());
        mixed
            .singlepart(lettre::message::Attachment::new(one_line(&file.name)).body(file.bytes.clone(), kind))
    };
    outgoing.message.attachments.iter().fold(mixed, attach)
}

fn part(outgoing: &Outgoing, kind: MultiPartKind, name: &str) -> MultiPart {
    MultiPart::builder().kind(kind).boundary(boundary(&outgoing.message_id, name)).build()
}

fn body(outgoing: &Outgoing) -> MultiPart {
    let message = &outgoing.message;
    let part = |kind, name: &str| part(outgoing, kind, name);
    let text = SinglePart::plain(message.text.clone());
    let html = SinglePart::html(message.html.clone());
    let alternative = part(MultiPartKind::Alternative, "alternative").singlepart(text);
    let Some(chart) = &message.chart else { return alternative.singlepart(html) };
    let picture = SinglePart::builder()
        .header(png())
        .header(ContentDisposition::inline_with_name("chart.png"))
        .header(ContentId::from("<chart@guanlan>".to_owned()))
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

/// Bytes of a kind that nobody knows.
fn any() -> ContentType {
    ContentType::parse("application/octet-stream").unwrap_or(ContentType::TEXT_PLAIN)
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

#[cfg(test)]
mod tests {
    use mail_parser::{MessageParser, MimeHeaders};

    use super::*;
    use crate::message::Message;

    fn outgoing() -> Outgoing {
        Outgoing {
            number: 1,
            message_id: "<raised-20261124-03-7f3a.9@guanlan.example>".to_owned(),
            thread: "20261124-03".to_owned(),
            alert: "20261124-03".parse().ok(),
            file: "1124-03.orange".to_owned(),
            recipient: "值班室 <duty@qinglan.example>".to_owned(),
            queued: "2026-11-24T06:00:00Z".parse().unwrap(),
            message: Message {
                subject: "【橙色·Ⅱ级】数据公布：1 小时 219 帖\nBcc: all@example.org".to_owned(),
                text: format!("{}\n.\n--=_guanlan\n", "数据什么时候公布？".repeat(300)),
                html: "<p><img src=\"cid:chart@guanlan\"></p>".to_owned(),
                chart: Some(vec![0x89, b'P', b'N', b'G', 13, 10, 0]),
                headers: vec![("X-Guanlan-Level".to_owned(), "orange\r\nBcc: x@example.org".to_owned())],
                attachments: Vec::new(),
            },
        }
    }

    const FROM: &str = "青岚网络关切值守 <guanlan@qinglan.example>";

    #[test]
    fn text_html_and_picture_stand_where_mail_programs_look_for_them() {
        let sealed = seal(&outgoing(), FROM, "guanlan.example").unwrap();
        let mail = MessageParser::default().parse(&sealed.bytes).unwrap();
        let kinds: Vec<_> = mail
            .parts
            .iter()
            .map(|part| part.content_type().map_or("", |kind| kind.subtype().unwrap_or_default()))
            .collect();
        assert_eq!(kinds, ["alternative", "plain", "related", "html", "png"]);
        assert_eq!(mail.body_text(0).unwrap().replace("\r\n", "\n"), outgoing().message.text);
        assert_eq!(mail.parts[4].content_id(), Some("chart@guanlan"));
        assert_eq!(mail.parts[4].contents(), outgoing().message.chart.unwrap());
        assert_eq!(mail.from().unwrap().first().unwrap().name(), Some("青岚网络关切值守"));
        assert!(mail.header("Bcc").is_none() && mail.bcc().is_none());
        assert_eq!(mail.subject().unwrap(), "【橙色·Ⅱ级】数据公布：1 小时 219 帖 Bcc: all@example.org");
        assert!(sealed.bytes.is_ascii());
        assert!(sealed.bytes.split(|byte| *byte == b'\n').all(|line| line.len() <= 998));
    }

    #[test]
    fn a_file_goes_with_the_mail_under_its_chinese_name() {
        let kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
        let bytes: Vec<u8> = (0..=255).cycle().take(3_000).collect();
        let file = Attachment {
            name: "网络关切日报 11月24日.docx".to_owned(),
            kind: kind.to_owned(),
            bytes: bytes.clone(),
        };
        let mut mail = outgoing();
        mail.message.attachments = vec![file];
        let sealed = seal(&mail, FROM, "guanlan.example").unwrap();
        assert_eq!(sealed.bytes, seal(&mail, FROM, "guanlan.example").unwrap().bytes);
        let parsed = MessageParser::default().parse(&sealed.bytes).unwrap();
        assert_eq!(parsed.body_text(0).unwrap().replace("\r\n", "\n"), mail.message.text);
        let attached: Vec<_> = parsed.attachments().filter(|part| part.content_id().is_none()).collect();
        assert_eq!(attached.len(), 1);
        assert_eq!(attached[0].attachment_name(), Some("网络关切日报 11月24日.docx"));
        assert_eq!(attached[0].contents(), bytes);
        assert_eq!(attached[0].content_type().unwrap().subtype(), kind.strip_prefix("application/"));
        assert!(sealed.bytes.is_ascii());
    }

    #[test]
    fn the_same_mail_is_the_same_bytes() {
        let seal = |mail: &Outgoing| seal(mail, FROM, "guanlan.example").unwrap().bytes;
        assert_eq!(seal(&outgoing()), seal(&outgoing()));
        let another = Outgoing { message_id: "<another@guanlan.example>".to_owned(), ..outgoing() };
        assert_ne!(boundary(&another.message_id, "related"), boundary(&outgoing().message_id, "related"));
    }

    #[test]
    fn a_wrong_sender_is_not_the_mails_fault() {
        let mut mail = outgoing();
        assert!(matches!(seal(&mail, "no address", "h"), Err(SealError::Sender(_))));
        mail.recipient = "no address".to_owned();
        assert!(matches!(seal(&mail, FROM, "h"), Err(SealError::Mail(_))));
        mail = outgoing();
        mail.message.chart = None;
        mail.queued = Timestamp::MIN;
        assert!(seal(&mail, "guanlan@localhost", "h").is_ok());
    }
}
