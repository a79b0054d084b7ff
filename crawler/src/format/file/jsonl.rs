//! One JSON object per line. Fields that are not ours are skipped without being built.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, BufRead};

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::lines::{Line, Lines};
use super::record::{Column, Names, Record, Value};
use super::{Reading, Rejection, count_dropped};
use crate::format::mend::mended;

pub(super) fn read(lines: &mut Lines<impl BufRead>, reading: &mut Reading<'_>) -> io::Result<()> {
    while !reading.has_enough {
        let record = match lines.next()? {
            None => return Ok(()),
            Some(Line::TooLong(bytes)) => Err(Rejection::LineTooLong { bytes }),
            Some(Line::Whole(line)) if line.iter().all(u8::is_ascii_whitespace) => continue,
            Some(Line::Whole(line)) => parse(line, reading),
        };
        reading.take(lines.number(), record);
    }
    Ok(())
}

pub(super) fn parse(line: &[u8], reading: &mut Reading<'_>) -> Result<Record, Rejection> {
    let charset = reading.charset;
    let text = charset.decode(line).ok_or(Rejection::Garbled { charset: charset.name() })?;
    let has_half_an_emoji = text.contains(r"\ud") || text.contains(r"\uD");
    let text = if has_half_an_emoji { Cow::Owned(mended(&text)) } else { text };
    let seed = RecordSeed { names: &reading.names, dropped: &mut reading.summary.dropped };
    let mut json = serde_json::Deserializer::from_str(&text);
    let record = seed.deserialize(&mut json).and_then(|record| json.end().map(|()| record));
    record.map_err(|error| {
        let end = text.floor_char_boundary(error.column().min(text.len()));
        Rejection::Json { character: text.get(..end).map_or(0, |part| part.chars().count()).max(1) }
    })
}

struct RecordSeed<'a> {
    names: &'a Names,
    dropped: &'a mut BTreeMap<String, u64>,
}

impl<'de> DeserializeSeed<'de> for RecordSeed<'_> {
    type Value = Record;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Record, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for RecordSeed<'_> {
    type Value = Record;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Record, A::Error> {
        let mut record = Record::default();
        loop {
            let key = KeySeed { names: self.names, dropped: self.dropped, record: &mut record };
            match map.next_key_seed(key)? {
                None => return Ok(record),
                Some(Column::Known(field)) => record.set(field, map.next_value_seed(ValueSeed)?),
                Some(Column::Dropped) => drop(map.next_value::<IgnoredAny>()?),
            }
        }
    }
}

/// Decides by the name alone what happens to the value behind it.
struct KeySeed<'a> {
    names: &'a Names,
    dropped: &'a mut BTreeMap<String, u64>,
    record: &'a mut Record,
}

impl<'de> DeserializeSeed<'de> for KeySeed<'_> {
    type Value = Column;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Column, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for KeySeed<'_> {
    type Value = Column;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a field name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Column, E> {
        let column = self.names.column(name);
        if column == Column::Dropped {
            count_dropped(self.dropped, name);
            self.record.note_dropped(name);
        }
        Ok(column)
    }
}

struct ValueSeed;

impl<'de> DeserializeSeed<'de> for ValueSeed {
    type Value = Option<Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<Value>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ValueSeed {
    type Value = Option<Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_str<E>(self, text: &str) -> Result<Option<Value>, E> {
        Ok(Some(Value::Text(text.to_owned())))
    }

    fn visit_string<E>(self, text: String) -> Result<Option<Value>, E> {
        Ok(Some(Value::Text(text)))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Option<Value>, E> {
        Ok(Some(Value::Text(number.to_string())))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Option<Value>, E> {
        Ok(Some(Value::Text(number.to_string())))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Option<Value>, E> {
        Ok(Some(Value::Float(number)))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Option<Value>, E> {
        Ok(Some(Value::Other))
    }

    fn visit_unit<E>(self) -> Result<Option<Value>, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Option<Value>, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Some(Value::Other))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Option<Value>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Some(Value::Other))
    }
}
