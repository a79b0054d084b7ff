//! A mail before it is one: subject, text, HTML, picture and the headers that thread it.

mod after;
mod alert_mail;
mod brief;
mod due;
mod evidence;
mod labels;
mod letter;
mod news;
mod offices;
mod outlook;
mod palette;
#[cfg(test)]
pub(crate) mod sample;
mod sentences;
mod sheet;
mod short;
mod text;

pub use analyzer::language::Language;

use crate::staging::Staging;
use serde::{Deserialize, Serialize};

pub use self::after::{After, in_a_cell};
pub(crate) use self::alert_mail::Matter;
pub use self::alert_mail::{AlertMail, alert_mail};
pub use self::brief::{JSON_KIND, LINK_HEADER, alert_brief};
pub use self::due::Due;
pub use self::evidence::{asks, quotes};
pub(crate) use self::evidence::{may_quote, once_in};
pub use self::letter::{Ask, Cited, CurveRow, Letter, Why};
pub use self::news::unwatched;
pub use self::offices::{Compared, Offices, verdict};
pub use self::outlook::{NextHours, in_one_line};
pub use self::sentences::{against_expected, concern_name, counts, coverage, intents, shares, wanted};
pub use self::sheet::{Sheet, SheetItem};
pub use self::short::Bare;
pub(crate) use self::short::{short_item, short_mail};

/// What mails and pages say about the installation.
#[derive(Clone, Debug)]
pub struct Site {
    /// Name of the organisation, e.g. 青岚市.
    pub org: String,
    /// Prefix of links, without a slash at its end; `None` leaves buttons out.
    pub public_url: Option<String>,
    /// Zone in which "today" and "yesterday" are cut.
    pub zone: jiff::tz::TimeZone,
    /// Default language.
    pub language: Language,
    /// Whether it is real, a demonstration or a drill: every mail and page says so.
    pub staging: Staging,
}

/// Another alarming concern that shares most of its posts with the one a mail is about.
#[derive(Clone, Debug, PartialEq)]
pub struct Beside {
    /// Its name.
    pub name: String,
    /// The larger share of shared posts, 0–1.
    pub share: f64,
    /// Whether it is part of the one the mail is about; else that one is part of it.
    pub is_part: bool,
}

/// One rendered mail, the same for every recipient but for the group named at its foot.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Message {
    /// Subject, at most 40 characters of ours.
    pub subject: String,
    /// Complete plain-text part.
    pub text: String,
    /// HTML part: tables and inline styles only.
    pub html: String,
    /// PNG shown inside the HTML as `cid:chart@guanlan`.
    pub chart: Option<Vec<u8>>,
    /// Extra headers, name and value (X-Guanlan-Level, X-Guanlan-Alert, Importance …).
    pub headers: Vec<(String, String)>,
    /// Files that go with it.
    pub attachments: Vec<Attachment>,
}

/// A file that goes with a mail.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attachment {
    /// Name of the file.
    pub name: String,
    /// Its MIME type.
    pub kind: String,
    /// Its content.
    #[serde(with = "base64_text")]
    pub bytes: Vec<u8>,
}

/// Bytes in JSON.
mod base64_text {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        STANDARD.decode(String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}
