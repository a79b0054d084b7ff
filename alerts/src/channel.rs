//! Channels beside mail: a webhook of the office's own, and robots in group chats.
//!
//! A channel stands in the outbox as the recipient `channel:NAME`, so that everything written to people
//! reaches it the same way: in the journal's transaction, in order, tried again, each try logged.

mod answer;
mod payload;
mod send;
#[cfg(test)]
mod tests;
mod text;

use std::fmt;

use jiff::SignedDuration;
use url::Url;

pub use self::payload::{Payload, payload};
pub use self::send::{Trial, send};

/// Before a channel's name where an address stands otherwise.
pub const PREFIX: &str = "channel:";

/// A way to people beside mail.
#[derive(Clone)]
pub struct Channel {
    /// Its name in `[routing]`.
    pub name: String,
    /// Who is at the other end.
    pub kind: Kind,
    /// Where messages go. The address of a robot is its key: it is never shown.
    pub url: Url,
    /// Key of the signature, if messages are signed.
    pub secret: Option<String>,
    /// Private `host:port` pairs that may be reached.
    pub allow: Vec<String>,
}

/// Who is at the other end of a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A program of the office's own.
    Webhook,
    /// 企业微信
    WeCom,
    /// 钉钉
    DingTalk,
    /// 飞书
    Feishu,
}

/// How much may be sent at once, as the platform's own document states.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// So many messages within so many seconds.
    pub messages: &'static [(usize, SignedDuration)],
    /// Pause after the platform said that it was too much.
    pub pause: SignedDuration,
    /// Bytes of what is limited: the text of WeCom, the whole body of the others.
    pub bytes: usize,
}

impl Kind {
    /// Its limits.
    pub fn limits(self) -> Limits {
        const SECOND: SignedDuration = SignedDuration::from_secs(1);
        const MINUTE: SignedDuration = SignedDuration::from_mins(1);
        match self {
            // Nobody limits a webhook of one's own; a message a second is enough for people.
            Kind::Webhook => Limits { messages: &[(60, MINUTE)], pause: MINUTE, bytes: 4 << 20 },
            // developer.work.weixin.qq.com/document/path/91770: 20 a minute, 4096 bytes of markdown.
            Kind::WeCom => Limits { messages: &[(20, MINUTE)], pause: MINUTE, bytes: 4096 },
            // open.dingtalk.com, custom robots: 20 a minute, else 10 minutes of rest; 20000 bytes.
            Kind::DingTalk => {
                Limits { messages: &[(20, MINUTE)], pause: SignedDuration::from_mins(10), bytes: 20_000 }
            }
            // open.feishu.cn, custom bots: 100 a minute, 5 a second, 20 KB of body.
            Kind::Feishu => {
                Limits { messages: &[(5, SECOND), (100, MINUTE)], pause: MINUTE, bytes: 20 * 1024 }
            }
        }
    }
}

impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({:?} at {})", self.name, self.kind, self.url.host_str().unwrap_or_default())
    }
}

/// The recipient that stands for a channel.
pub fn address(name: &str) -> String {
    format!("{PREFIX}{name}")
}

/// The channel that a recipient stands for; `None`: a mail address.
pub fn name_of(recipient: &str) -> Option<&str> {
    recipient.strip_prefix(PREFIX)
}
