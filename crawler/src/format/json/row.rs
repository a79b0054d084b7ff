//! One row of a list: its fields as values, and what is odd about it.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;
use url::Url;

use super::heat::{believable, figure};
use super::path::Path;
use super::template::Template;
use super::{Map, plain};
use crate::address;
use crate::date::Stated;
use crate::format::{Privacy, Room, TEXT_AT_MOST, TITLE_AT_MOST};
use crate::post::{Draft, Post};
use crate::source::Source;
use crate::words::Words;

/// A longer id or address than this is none.
const NAME_AT_MOST: usize = 4096;

/// What is odd about a row. Those of the first three kinds are left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Odd {
    /// Neither title nor text, or no text where a text should be.
    NoWords,
    /// A list, a number or nothing where an object should be.
    NoObject,
    /// Its address would run a program.
    UnsafeAddress,
    /// Its address is no web address.
    NoAddress,
    /// Another row with another title has the same id.
    SharedId,
    /// Its heat cannot be.
    Heat,
    /// Its time cannot be read.
    Time,
    /// Its time is still to come.
    Ahead,
    /// Its text is longer than is kept.
    Long,
}

/// A row's fields.
#[derive(Debug, Default)]
pub(super) struct Row {
    pub(super) id: Option<String>,
    pub(super) title: String,
    pub(super) rank: Option<u32>,
    text: String,
    address: Option<String>,
    time: Option<String>,
    heat: Option<f64>,
    /// What is odd, though the row is taken.
    pub(super) odd: Vec<Odd>,
}

/// A post but for its last step.
pub(super) struct Ready<'a> {
    draft: Draft<'a>,
    guid: Option<String>,
    address: Option<String>,
}

impl Row {
    /// Reads a row; an error says why it is left out.
    pub(super) fn read(value: &Value, map: &Map, (base, room): (&Url, Room)) -> Result<Row, Odd> {
        let reads_itself = [&map.title, &map.text].into_iter().flatten().any(|path| path.0.is_empty());
        if !value.is_object() && !reads_itself && !value.is_array() {
            return Err(Odd::NoObject);
        }
        let text_at = |path: &Option<Path>| path.as_ref().and_then(|path| scalar(path, value));
        let title = plain::from_html(&text_at(&map.title).unwrap_or_default(), TITLE_AT_MOST);
        let text = plain::from_html(&text_at(&map.text).unwrap_or_default(), TEXT_AT_MOST);
        if title.is_empty() && text.is_empty() {
            return Err(Odd::NoWords);
        }
        let mut odd = Vec::new();
        odd.extend((text.len() > room.text_bytes).then_some(Odd::Long));
        let text = room.text(text);
        let address = match text_at(&map.url).map(|written| address_of(&written, base)) {
            Some(Address::Unsafe) => return Err(Odd::UnsafeAddress),
            Some(Address::Web(address)) => Some(address),
            Some(Address::Other) => {
                odd.push(Odd::NoAddress);
                None
            }
            None => None,
        };
        let heat = text_at(&map.heat);
        let figure = heat.as_deref().and_then(heat_of);
        let is_impossible =
            heat.is_some_and(|heat| figure.is_none() && heat.contains(|c: char| c.is_ascii_digit()));
        odd.extend(is_impossible.then_some(Odd::Heat));
        Ok(Row {
            id: map.id.as_ref().and_then(|path| name(path, value)),
            // Titles of short posts are often the text once more.
            text: if text == title { String::new() } else { text },
            title,
            rank: text_at(&map.rank).as_deref().and_then(heat_of).and_then(whole),
            address,
            time: text_at(&map.time),
            heat: figure,
            odd,
        })
    }

    /// What the row says of its time; `None` if nothing.
    pub(super) fn time(&self, zone: &TimeZone, now: Timestamp) -> Option<Stated> {
        self.time.as_deref().map(|text| Stated::read(text, zone, now))
    }

    /// The row as a post's draft. It is known by its id, else its own address, else its title: never by
    /// its time or place, which change while it stays in the list.
    pub(super) fn draft<'a>(
        &'a self,
        link: Option<&Template>,
        (source, now): (&'a Source, Timestamp),
        (time, claimed): (Timestamp, Option<Timestamp>),
    ) -> Ready<'a> {
        let guid = match (&self.id, &self.address) {
            (Some(id), _) => Some(id.clone()),
            (None, Some(_)) => None,
            (None, None) => {
                Some(format!("{}\n{}", self.title, if self.title.is_empty() { &self.text } else { "" }))
            }
        };
        let made = || link.and_then(|link| link.address(self.id.as_deref(), &self.title));
        let draft = Draft {
            source: &source.id,
            group: &source.group,
            publisher: source.publisher,
            guid: None,
            address: None,
            time,
            first_seen: now,
            title: &self.title,
            text: &self.text,
            rank: self.rank,
            heat: self.heat,
            claimed,
        };
        Ready { draft, guid, address: self.address.clone().or_else(made) }
    }
}

impl Ready<'_> {
    pub(super) fn finish(&self, privacy: &Privacy) -> Post {
        let draft =
            Draft { guid: self.guid.as_deref(), address: self.address.as_deref(), ..self.draft.clone() };
        draft.finish(&privacy.key, privacy.masks)
    }
}

impl Odd {
    /// So many rows were odd in this way.
    pub(super) fn words(self, count: u32) -> Words {
        let (zh, en) = match self {
            Odd::NoWords => {
                ("条没有标题，也没有正文；没有采", "rows have neither title nor text; they were left out")
            }
            Odd::NoObject => ("条不是对象；没有采", "rows are no objects; they were left out"),
            Odd::UnsafeAddress => (
                "条的网址会运行程序；没有采",
                "rows have an address that would run a program; they were left out",
            ),
            Odd::NoAddress => (
                "条的网址打不开；没有留网址",
                "rows have an address that is none of the web; it was left out",
            ),
            Odd::SharedId => (
                "条的编号和别的条相同；改按网址或标题区分，请核对 map 里的 id",
                "rows share an id with others; they are told apart by address or title; check `id` in map",
            ),
            Odd::Heat => ("条的热度看不懂；没有留热度", "rows have a heat that cannot be; it was left out"),
            Odd::Time => (
                "条的时间看不懂；按第一次见到的时间算",
                "rows have a time that cannot be read; they count as new when first seen",
            ),
            Odd::Ahead => (
                "条的时间在将来；按第一次见到的时间算",
                "rows are dated in the future; they count as new when first seen",
            ),
            Odd::Long => (
                "条的正文太长；只取了前面的部分",
                "rows have a text that is too long; only its beginning was taken",
            ),
        };
        Words::new(format!("{count} {zh}"), format!("{count} {en}"))
    }
}

/// The first text or whole number at a path. One with a fraction may have been rounded, which would
/// make two ids one.
fn name(path: &Path, row: &Value) -> Option<String> {
    let is_rounded = path.find(row).first().is_some_and(|value| value.is_f64());
    scalar(path, row).filter(|name| !is_rounded && name.len() <= NAME_AT_MOST)
}

/// The first text or number at a path; empty ones are none.
fn scalar(path: &Path, row: &Value) -> Option<String> {
    path.find(row).into_iter().find_map(|value| match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    })
}

fn heat_of(text: &str) -> Option<f64> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    match text.parse() {
        Ok(number) if is_number => believable(number),
        _ => figure(text),
    }
}

fn whole(number: f64) -> Option<u32> {
    let is_whole = number.fract() == 0.0 && number <= f64::from(u32::MAX);
    is_whole.then_some(number as u32)
}

enum Address {
    Web(String),
    /// `javascript:` and its like.
    Unsafe,
    /// An address of some app, or none at all.
    Other,
}

/// An address as a row writes it: complete, relative, or from `//` on.
fn address_of(written: &str, base: &Url) -> Address {
    let written = written.replace("&amp;", "&");
    if written.len() > NAME_AT_MOST {
        return Address::Other;
    }
    match address::join(&written, Some(base.as_str())) {
        Some(url) if matches!(url.scheme(), "http" | "https") => Address::Web(url.into()),
        Some(url) if matches!(url.scheme(), "javascript" | "data" | "vbscript" | "file" | "blob") => {
            Address::Unsafe
        }
        _ => Address::Other,
    }
}
