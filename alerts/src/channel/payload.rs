//! What is sent to a channel: address, headers and body. Pure; the moment is an argument.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::Sha256;
use url::Url;

use super::text::{fitting, plain};
use super::{Channel, Kind};
use crate::message::{JSON_KIND, LINK_HEADER};
use crate::outbox::Outgoing;

/// One request.
#[derive(Clone, Debug, PartialEq)]
pub struct Payload {
    /// Where to, the signature of DingTalk included.
    pub url: Url,
    /// Headers, name and value.
    pub headers: Vec<(String, String)>,
    /// JSON.
    pub body: Vec<u8>,
}

/// Said where a message was longer than the platform takes.
const MORE: &str = "……";

/// The message as this channel takes it.
pub fn payload(channel: &Channel, outgoing: &Outgoing, now: Timestamp) -> Payload {
    let parts = Parts::of(outgoing);
    let mut url = channel.url.clone();
    let mut headers = vec![("Content-Type".to_owned(), "application/json; charset=utf-8".to_owned())];
    let body = match channel.kind {
        Kind::Webhook => {
            let body = webhook(outgoing, &parts).to_string();
            headers.extend(webhook_headers(channel, outgoing, (&body, now)));
            body
        }
        Kind::WeCom => wecom(&parts, channel.kind.limits().bytes).to_string(),
        Kind::DingTalk => {
            if let Some(secret) = &channel.secret {
                let moment = now.as_millisecond();
                let sign = STANDARD.encode(hmac(secret, format!("{moment}\n{secret}").as_bytes()));
                url.query_pairs_mut()
                    .append_pair("timestamp", &moment.to_string())
                    .append_pair("sign", &sign);
            }
            within(channel.kind, &parts, dingtalk).to_string()
        }
        Kind::Feishu => {
            let mut message = within(channel.kind, &parts, feishu);
            if let (Some(secret), Some(fields)) = (&channel.secret, message.as_object_mut()) {
                let moment = now.as_second();
                // Their document: the key is timestamp and secret, and nothing is signed with it.
                let sign = STANDARD.encode(hmac(&format!("{moment}\n{secret}"), b""));
                fields.insert("timestamp".to_owned(), json!(moment.to_string()));
                fields.insert("sign".to_owned(), json!(sign));
            }
            message.to_string()
        }
    };
    Payload { url, headers, body: body.into_bytes() }
}

/// What a chat shows of a message.
struct Parts {
    title: String,
    lines: Vec<String>,
    link: Option<String>,
    level: Option<String>,
    is_english: bool,
}

impl Parts {
    fn of(outgoing: &Outgoing) -> Parts {
        let message = &outgoing.message;
        let header = |name: &str| {
            let found = message.headers.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.clone())
        };
        // The title says the first line already.
        let lines = message.text.lines().map(plain).filter(|line| !line.is_empty() && line != "--");
        let title = plain(&message.subject);
        let lines = lines.filter(|line| *line != title).collect();
        let is_english = header("Content-Language").is_some_and(|language| language == "en");
        // Only our own pages are linked.
        let link = header(LINK_HEADER).filter(|link| Url::parse(link).is_ok());
        Parts { title, lines, link, level: header("X-Guanlan-Level"), is_english }
    }

    fn open(&self) -> &'static str {
        if self.is_english { "Open in Guanlan" } else { "在观澜中打开" }
    }

    /// The word that robots may ask for in every message.
    fn sign_off(&self) -> &'static str {
        if self.is_english { "Guanlan 观澜" } else { "观澜" }
    }

    /// The last line: our page, and our name.
    fn last(&self) -> String {
        match &self.link {
            Some(link) => format!("[{}]({})", self.open(), link_target(link)),
            None => self.sign_off().to_owned(),
        }
    }
}

/// A link ends at a bracket.
fn link_target(link: &str) -> String {
    link.replace('(', "%28").replace(')', "%29").replace(' ', "%20")
}

fn wecom(parts: &Parts, bytes: usize) -> Value {
    let (head, last) = (format!("### {}\n", parts.title), format!("\n{}", parts.last()));
    let text = fitting(&parts.lines, "\n", bytes.saturating_sub(head.len() + last.len()), MORE);
    json!({ "msgtype": "markdown", "markdown": { "content": format!("{head}{text}{last}") } })
}

fn dingtalk(parts: &Parts, bytes: usize) -> Value {
    // Only an empty line ends a line there.
    let text = fitting(&parts.lines, "\n\n", bytes, MORE);
    let text = format!("### {}\n\n{text}\n\n{}", parts.title, parts.last());
    json!({ "msgtype": "markdown", "markdown": { "title": parts.title, "text": text } })
}

fn feishu(parts: &Parts, bytes: usize) -> Value {
    let is_colour = |level: &&str| ["blue", "yellow", "orange", "red"].contains(level);
    let template = parts.level.as_deref().filter(is_colour).unwrap_or("grey");
    let plain = |text: String| json!({ "tag": "plain_text", "content": text });
    let text = fitting(&parts.lines, "\n", bytes, MORE);
    let mut elements = vec![json!({ "tag": "div", "text": plain(text) })];
    if let Some(link) = &parts.link {
        let button = json!({ "tag": "button", "text": plain(parts.open().to_owned()), "type": "primary", "url": link });
        elements.push(json!({ "tag": "action", "actions": [button] }));
    }
    elements.push(json!({ "tag": "note", "elements": [plain(parts.sign_off().to_owned())] }));
    json!({
        "msg_type": "interactive",
        "card": {
            "config": { "wide_screen_mode": true },
            "header": { "title": plain(parts.title.clone()), "template": template },
            "elements": elements,
        },
    })
}

/// The body with as much text as it may hold; quotation marks and the like grow in JSON.
fn within(kind: Kind, parts: &Parts, write: fn(&Parts, usize) -> Value) -> Value {
    // Room for the signature, which comes last.
    let most = kind.limits().bytes.saturating_sub(200);
    let mut bytes = most;
    loop {
        let body = write(parts, bytes);
        let over = body.to_string().len().saturating_sub(most);
        if over == 0 || bytes == 0 {
            return body;
        }
        bytes = bytes.min(parts.lines.iter().map(|line| line.len() + 2).sum()).saturating_sub(over.max(16));
    }
}

fn webhook(outgoing: &Outgoing, parts: &Parts) -> Value {
    let kept = outgoing.message.attachments.iter().find(|file| file.kind == JSON_KIND);
    let kept = kept.and_then(|file| serde_json::from_slice::<Value>(&file.bytes).ok());
    let mut value = kept.filter(Value::is_object).unwrap_or_else(|| json!({}));
    if let Some(fields) = value.as_object_mut() {
        fields.insert("id".to_owned(), json!(identity(outgoing)));
        fields.insert("event".to_owned(), json!(event(outgoing)));
        fields.insert("thread".to_owned(), json!(outgoing.thread));
        fields.insert("written".to_owned(), json!(outgoing.queued));
        fields.insert("subject".to_owned(), json!(outgoing.message.subject));
        fields.insert("text".to_owned(), json!(outgoing.message.text));
        fields.insert("link".to_owned(), json!(parts.link));
    }
    value
}

fn webhook_headers(
    channel: &Channel,
    outgoing: &Outgoing,
    (body, now): (&str, Timestamp),
) -> Vec<(String, String)> {
    let moment = now.as_second();
    let mut headers = vec![
        ("X-Guanlan-Id".to_owned(), identity(outgoing)),
        ("X-Guanlan-Event".to_owned(), event(outgoing)),
        ("X-Guanlan-Timestamp".to_owned(), moment.to_string()),
    ];
    if let Some(secret) = &channel.secret {
        let signature = hmac(secret, format!("{moment}.{body}").as_bytes());
        let digits: String = signature.iter().map(|byte| format!("{byte:02x}")).collect();
        headers.push(("X-Guanlan-Signature".to_owned(), format!("sha256={digits}")));
    }
    headers
}

/// The same however often it is sent.
fn identity(outgoing: &Outgoing) -> String {
    outgoing.message_id.trim_matches(['<', '>']).to_owned()
}

/// `alert`, or the first word of the thread: `digest`, `notice`, `topic`, `test`.
fn event(outgoing: &Outgoing) -> String {
    match outgoing.alert {
        Some(_) => "alert".to_owned(),
        None => outgoing.thread.split('-').next().unwrap_or_default().to_owned(),
    }
}

fn hmac(key: &str, text: &[u8]) -> Vec<u8> {
    // HMAC takes keys of any length: the empty vector cannot come back.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.as_bytes()) else { return Vec::new() };
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}
