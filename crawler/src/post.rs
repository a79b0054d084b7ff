//! What one public text looks like once it is ours. No field says who wrote it.

mod draft;
mod identity;

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use draft::Draft;
pub use identity::{IdKey, IdKeyError, Identity};

/// Who speaks: decides whether a text may be quoted alone and linked (docs/architecture.md, "Never people").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub enum Publisher {
    /// A person's own post: shortened, never linked, never quoted from a group of fewer than five.
    #[default]
    Individual,
    /// A newspaper, agency or broadcaster.
    Media,
    /// A public office; its texts are official statements.
    Gov,
    /// A platform's own listing, such as a hot-list title.
    Platform,
}

/// Identity of a post: 128 bits of a hash of source and guid, or of the canonical address.
///
/// Shown as `p_` and 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PostId(pub(crate) [u8; 16]);

/// Identity of a group of near-duplicate texts: the unit in which people are counted.
///
/// Equal to the first 64 bits of the id of the group's first post, so it never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Voice(pub u64);

/// One public text. `title` and `text` are already masked (personal data out).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Post {
    /// Identity; the same text fetched twice has the same id.
    pub id: PostId,
    /// Id of the source it came from.
    pub source: String,
    /// Source group shown to people and counted as one source (`group` in the file), e.g. 微博.
    pub group: String,
    /// Who speaks.
    pub publisher: Publisher,
    /// When it was published, UTC; for a hot list when it was first recorded.
    pub time: Timestamp,
    /// When we first saw it, UTC.
    pub first_seen: Timestamp,
    /// Title; empty where the source has none.
    pub title: String,
    /// Body text without mark-up; empty where the source has only a title.
    pub text: String,
    /// Canonical address; kept only for media, offices and platforms.
    pub address: Option<String>,
    /// Place on a hot list, 0 = top.
    pub rank: Option<u32>,
    /// The platform's own heat figure, in its own unit.
    pub heat: Option<f64>,
    /// The time it claimed, where that was still to come when it was first seen: then `time` is not its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed: Option<Timestamp>,
}

/// A post as the archive holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// Place in the append-only log, from 1, without holes for readers.
    pub sequence: u64,
    /// 0 for the first text seen under this id, then 1, 2 … for edits.
    pub revision: u32,
    /// The near-duplicate group it belongs to.
    pub voice: Voice,
    /// The text.
    pub post: Post,
}

impl PostId {
    /// The id as 16 bytes, for storage.
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// Reads the id back from storage; `None` if it is not 16 bytes long.
    pub fn from_bytes(bytes: &[u8]) -> Option<PostId> {
        bytes.try_into().ok().map(PostId)
    }

    /// The voice that a group founded by this post bears.
    pub fn voice(&self) -> Voice {
        let mut first = [0; 8];
        first.copy_from_slice(&self.0[..8]);
        Voice(u64::from_be_bytes(first))
    }
}

impl fmt::Display for PostId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("p_")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for PostId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for PostId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PostId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse_hex(&text).ok_or_else(|| serde::de::Error::custom(format!("not a post id: {text}")))
    }
}

fn parse_hex(text: &str) -> Option<PostId> {
    let digits = text.strip_prefix("p_").filter(|digits| digits.len() == 32)?;
    u128::from_str_radix(digits, 16).ok().map(|number| PostId(number.to_be_bytes()))
}
