//! The fields of one line, under our names, and how they become a post.
//! A field that names a person is not even looked at.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Defaults, Rejection, RenameError};
use crate::date::{self, DateError};
use crate::post::{Draft, Post, Publisher};

/// The fields of the format, version 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Id,
    Url,
    Source,
    Time,
    Title,
    Text,
    Publisher,
    Rank,
    Heat,
}

/// What a field of the file is to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Known(Field),
    Dropped,
}

/// Field names of this file.
pub(super) struct Names {
    renamed: BTreeMap<String, Field>,
    /// Fields that are not this writer's to say.
    withheld: &'static [Field],
}

/// A value as it stands in the file.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Text(String),
    /// A number with a fraction or too large for an integer.
    Float(f64),
    /// A list, an object, true or false.
    Other,
}

/// The values of one line.
#[derive(Default)]
pub(super) struct Record {
    id: Option<Value>,
    url: Option<Value>,
    source: Option<Value>,
    time: Option<Value>,
    title: Option<Value>,
    text: Option<Value>,
    publisher: Option<Value>,
    rank: Option<Value>,
    heat: Option<Value>,
    /// A dropped field that looks like a time.
    time_hint: Option<String>,
}

/// Names under which other programs write the time.
const TIME_NAMES: &[&str] = &[
    "ts",
    "timestamp",
    "date",
    "datetime",
    "created_at",
    "published",
    "published_at",
    "pubdate",
    "时间",
    "发布时间",
];

/// Parts of names that name people.
const PERSON_NAMES: &[&str] = &[
    "author",
    "user",
    "nick",
    "uid",
    "avatar",
    "screen_name",
    "creator",
    "sender",
    "account",
    "follower",
    "fans",
    "作者",
    "用户",
    "昵称",
    "博主",
    "头像",
    "账号",
    "发布人",
    "粉丝",
];

/// Whether a field of that name is about who wrote a text: such a field is never read.
pub fn names_a_person(field: &str) -> bool {
    // A feed's guid and a uuid name the text.
    let lower = field.to_lowercase().replace("guid", "").replace("uuid", "");
    PERSON_NAMES.iter().any(|person| lower.contains(person))
}

impl Field {
    fn from_name(name: &str) -> Option<Field> {
        Some(match name {
            "id" => Field::Id,
            "url" => Field::Url,
            "source" => Field::Source,
            "time" => Field::Time,
            "title" => Field::Title,
            "text" => Field::Text,
            "publisher" => Field::Publisher,
            "rank" => Field::Rank,
            "heat" => Field::Heat,
            _ => return None,
        })
    }
}

impl Names {
    pub(super) fn new(rename: &[(String, String)]) -> Result<Names, RenameError> {
        let mut renamed = BTreeMap::new();
        for (theirs, ours) in rename {
            let field = Field::from_name(ours).ok_or_else(|| RenameError::Unknown(ours.clone()))?;
            if theirs.is_empty() {
                return Err(RenameError::Shape(format!("{theirs}={ours}")));
            }
            if names_a_person(theirs) {
                return Err(RenameError::Person(theirs.clone()));
            }
            renamed.insert(theirs.clone(), field);
        }
        Ok(Names { renamed, withheld: &[] })
    }

    /// The same for a writer who is known already: source and publisher are not read.
    pub(super) fn of_known_source(self) -> Names {
        Names { withheld: &[Field::Source, Field::Publisher], ..self }
    }

    /// What a field is to us. One that was mapped to takes the place of the one that bears the name itself.
    pub(super) fn column(&self, name: &str) -> Column {
        let field = self.renamed.get(name).copied();
        if field.or(Field::from_name(name)).is_some_and(|field| self.withheld.contains(&field)) {
            return Column::Dropped;
        }
        if let Some(field) = field {
            return Column::Known(field);
        }
        match Field::from_name(name) {
            Some(field) if !self.renamed.values().any(|&renamed| renamed == field) => Column::Known(field),
            _ => Column::Dropped,
        }
    }
}

impl Record {
    pub(super) fn set(&mut self, field: Field, value: Option<Value>) {
        let slot = match field {
            Field::Id => &mut self.id,
            Field::Url => &mut self.url,
            Field::Source => &mut self.source,
            Field::Time => &mut self.time,
            Field::Title => &mut self.title,
            Field::Text => &mut self.text,
            Field::Publisher => &mut self.publisher,
            Field::Rank => &mut self.rank,
            Field::Heat => &mut self.heat,
        };
        *slot = value;
    }

    pub(super) fn note_dropped(&mut self, name: &str) {
        if self.time_hint.is_none() && TIME_NAMES.contains(&name.to_lowercase().as_str()) {
            self.time_hint = Some(name.to_owned());
        }
    }

    pub(super) fn into_post(self, defaults: &Defaults, now: Timestamp) -> Result<Post, Rejection> {
        let title = words("title", self.title, defaults.text_bytes)?;
        let text = words("text", self.text, defaults.text_bytes)?;
        if title.trim().is_empty() && text.trim().is_empty() {
            return Err(Rejection::NoWords);
        }
        let read = match self.time {
            Some(Value::Text(time)) if !time.trim().is_empty() => {
                date::parse_lasting(&time, &defaults.zone, now)
            }
            Some(Value::Float(time)) => date::parse_lasting(&time.to_string(), &defaults.zone, now),
            Some(Value::Other) => {
                return Err(Rejection::Field { field: "time", expected: "text or a number" });
            }
            _ => return Err(Rejection::NoTime { hint: self.time_hint }),
        };
        // A post cannot come from the future: it came now, and what it claims is remembered.
        let (time, claimed) = match read {
            Err(DateError::Future(claim)) if defaults.ahead_is_claim => (now, Some(claim)),
            read => (read?, None),
        };
        let source = match short("source", self.source)? {
            Some(source) if defaults.source_from_line => source,
            _ => defaults.source.clone(),
        };
        let guid = short("id", self.id)?;
        let address = short("url", self.url)?;
        let draft = Draft {
            group: defaults.group.as_deref().unwrap_or(&source),
            source: &source,
            publisher: publisher(short("publisher", self.publisher)?, defaults.publisher)?,
            guid: guid.as_deref(),
            address: address.as_deref(),
            time,
            first_seen: now,
            title: &title,
            text: &text,
            rank: number("rank", self.rank)?.map(|rank| rank as u32),
            heat: number("heat", self.heat)?,
            claimed,
        };
        Ok(draft.finish(&defaults.key, defaults.masks))
    }
}

fn words(field: &'static str, value: Option<Value>, limit: usize) -> Result<String, Rejection> {
    let text = match value {
        None => return Ok(String::new()),
        Some(Value::Text(text)) => text,
        Some(Value::Float(number)) => number.to_string(),
        Some(Value::Other) => return Err(Rejection::Field { field, expected: "text" }),
    };
    if text.len() > limit {
        return Err(Rejection::TextTooLong { field, bytes: text.len(), limit });
    }
    Ok(text)
}

/// Names and addresses. A number with a fraction is refused: rounding would make two ids one.
fn short(field: &'static str, value: Option<Value>) -> Result<Option<String>, Rejection> {
    match value {
        None => Ok(None),
        Some(Value::Text(text)) if text.len() <= 4_096 => {
            let text = text.trim();
            Ok((!text.is_empty()).then(|| text.to_owned()))
        }
        Some(_) => Err(Rejection::Field { field, expected: "a short text or a whole number" }),
    }
}

/// Rank and heat are a bonus: an unreadable or negative one is no reason to lose the post.
fn number(field: &'static str, value: Option<Value>) -> Result<Option<f64>, Rejection> {
    let number = match value {
        None => None,
        Some(Value::Float(number)) => Some(number),
        Some(Value::Text(text)) => text.trim().replace(',', "").parse().ok(),
        Some(Value::Other) => return Err(Rejection::Field { field, expected: "a number" }),
    };
    Ok(number.filter(|number: &f64| number.is_finite() && *number >= 0.0))
}

fn publisher(name: Option<String>, default: Publisher) -> Result<Publisher, Rejection> {
    match name.as_deref() {
        None => Ok(default),
        Some("individual") => Ok(Publisher::Individual),
        Some("media") => Ok(Publisher::Media),
        Some("gov") => Ok(Publisher::Gov),
        Some("platform") => Ok(Publisher::Platform),
        Some(_) => {
            Err(Rejection::Field { field: "publisher", expected: "individual, media, gov or platform" })
        }
    }
}
