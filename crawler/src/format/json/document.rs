//! JSON text to the few values that are wanted of it. Everything else is passed over without being
//! built: a page of ten megabytes costs no more memory than its rows, and nobody's name is looked at.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::path::{Path, Step};
use crate::format::mend::mended;

/// More elements of lists than this are not built from one page.
pub(in crate::format) const ELEMENTS_AT_MOST: usize = 20_000;

/// Which values of a document are wanted. Texts, numbers and truths on the way are kept, too.
#[derive(Debug, Default)]
pub(in crate::format) struct Wanted {
    keys: BTreeMap<String, Wanted>,
    indices: BTreeMap<usize, Wanted>,
    /// Of lists and objects alike.
    each: Option<Box<Wanted>>,
    /// Of lists only.
    elements: Option<Box<Wanted>>,
}

/// A document as far as it was wanted.
#[derive(Debug)]
pub(in crate::format) struct Document {
    pub(in crate::format) root: Value,
    /// Lists had more elements than were built.
    pub(in crate::format) is_cut: bool,
}

impl Wanted {
    /// These fields of the rows of a list, and these values beside the list.
    pub(in crate::format) fn of_rows(list: &str, fields: &[&str], beside: &[&str]) -> Wanted {
        let named =
            |names: &[&str]| names.iter().map(|name| ((*name).to_owned(), Wanted::default())).collect();
        let row = Wanted { keys: named(fields), ..Wanted::default() };
        let mut all = Wanted { keys: named(beside), ..Wanted::default() };
        all.keys.insert(list.to_owned(), Wanted { each: Some(Box::new(row)), ..Wanted::default() });
        all
    }

    /// Adds the values at a path and gives their place, for more within them.
    pub(super) fn add(&mut self, path: &Path) -> &mut Wanted {
        let mut at = self;
        for step in &path.0 {
            at = match step {
                Step::Key(key) => at.keys.entry(key.clone()).or_default(),
                Step::Index(index) => at.indices.entry(*index).or_default(),
                Step::Each => at.each.get_or_insert_default(),
            };
        }
        at
    }

    /// The elements, should the value turn out to be a list.
    pub(super) fn elements(&mut self) -> &mut Wanted {
        self.elements.get_or_insert_default()
    }
}

/// The wanted values of a text; careless JSON is mended first.
pub(in crate::format) fn read(text: &str, wanted: &Wanted) -> Result<Document, serde_json::Error> {
    let text = without_call(text);
    parse(text, wanted).or_else(|error| parse(&mended(text), wanted).map_err(|_| error))
}

/// The names at the top of a document, for a report on its shape.
pub(super) fn names_at_top(text: &str) -> Vec<String> {
    let text = without_call(text);
    let fields: BTreeMap<String, IgnoredAny> = serde_json::from_str(text).unwrap_or_default();
    let short = |name: String| name.chars().filter(|c| !c.is_control()).take(20).collect();
    fields.into_keys().take(8).map(short).collect()
}

fn parse(text: &str, wanted: &Wanted) -> Result<Document, serde_json::Error> {
    let built = Cell::new(0);
    let mut json = serde_json::Deserializer::from_str(text);
    let root = Seed { wanted, built: &built }.deserialize(&mut json)?;
    json.end()?;
    Ok(Document { root, is_cut: built.get() > ELEMENTS_AT_MOST })
}

/// The JSON within `callback({…})`, `/**/cb([…]);` or `var data = {…};`; the text itself otherwise.
fn without_call(text: &str) -> &str {
    let mut text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    while let Some((_, behind)) = text.strip_prefix("/*").and_then(|comment| comment.split_once("*/")) {
        text = behind.trim_start();
    }
    let text = text.trim_end();
    let call =
        text.strip_prefix("var ").or_else(|| text.strip_prefix("window.")).unwrap_or(text).trim_start();
    let is_name = |c: char| c.is_alphanumeric() || "_$.".contains(c);
    let name = call.find(|c| !is_name(c)).unwrap_or(call.len());
    let (name, behind) = call.split_at(name);
    let behind = behind.trim_start();
    let end = behind.trim_end_matches(|c: char| c == ';' || c.is_whitespace());
    let begins_with_letter = name.starts_with(|c: char| c.is_alphabetic() || "_$".contains(c));
    if let (true, Some(inside)) = (begins_with_letter, end.strip_prefix('=')) {
        return inside;
    }
    let inside = end.strip_prefix('(').and_then(|inside| inside.strip_suffix(')'));
    match inside {
        Some(inside) if begins_with_letter || name.is_empty() => inside,
        _ => text,
    }
}

struct Seed<'w> {
    wanted: &'w Wanted,
    built: &'w Cell<usize>,
}

impl Seed<'_> {
    /// Whether one more element may be built.
    fn has_room(&self) -> bool {
        self.built.set(self.built.get().saturating_add(1));
        self.built.get() <= ELEMENTS_AT_MOST
    }

    fn within<'w>(&'w self, wanted: &'w Wanted) -> Seed<'w> {
        Seed { wanted, built: self.built }
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut fields = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            let wanted = match (self.wanted.keys.get(&name), self.wanted.each.as_deref()) {
                (Some(wanted), _) => Some(wanted),
                (None, Some(each)) if self.has_room() => Some(each),
                _ => None,
            };
            match wanted {
                Some(wanted) => drop(fields.insert(name, map.next_value_seed(self.within(wanted))?)),
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(Value::Object(fields))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut elements = Vec::new();
        let last_index = self.wanted.indices.keys().next_back().copied();
        loop {
            let place = elements.len();
            let every = self.wanted.each.as_deref().or(self.wanted.elements.as_deref());
            let is_awaited = every.is_some() || last_index.is_some_and(|last| place <= last);
            if !is_awaited || !self.has_room() {
                break;
            }
            let element = match self.wanted.indices.get(&place).or(every) {
                Some(wanted) => list.next_element_seed(self.within(wanted))?,
                None => list.next_element::<IgnoredAny>()?.map(|_| Value::Null),
            };
            let Some(element) = element else { return Ok(Value::Array(elements)) };
            elements.push(element);
        }
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Value::Array(elements))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.to_owned()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Number(number.into()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Number(number.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Value, E> {
        Number::from_f64(number).map(Value::Number).ok_or_else(|| E::custom("no number"))
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Value, E> {
        Ok(Value::Bool(truth))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn wanted(paths: &[&str]) -> Wanted {
        let mut wanted = Wanted::default();
        for path in paths {
            wanted.add(&Path::parse(path).unwrap());
        }
        wanted
    }

    fn check(text: &str, paths: &[&str], expected: Value) {
        assert_eq!(read(text, &wanted(paths)).unwrap().root, expected, "{text} {paths:?}");
    }

    #[test]
    fn only_what_is_wanted_is_built() {
        let text = r#"{"code":0,"data":[{"t":"一","user":{"name":"张三"}},7,{"t":["x"]}],"more":{"a":1}}"#;
        check(text, &["data[*].t"], json!({"data": [{"t": "一"}, 7, {"t": []}]}));
        check(text, &["data[1]", "code"], json!({"code": 0, "data": [null, 7]}));
        check(text, &["*.a"], json!({"code": 0, "data": [], "more": {"a": 1}}));
        check("[[1,2],[3]]", &["[*][0]"], json!([[1], [3]]));
        check("\"alone\"", &["a"], json!("alone"));
    }

    #[test]
    fn a_call_around_the_json_is_taken_off() {
        let texts = [
            r#"{"a":1}"#,
            "\u{feff} {\"a\":1} ",
            r#"cb({"a":1})"#,
            r#"/**/ jQuery123_45.cb( {"a":1} ) ;"#,
            "/* x */callback({\"a\":1});\n",
            r#"({"a":1})"#,
            r#"var data = {"a":1};"#,
            r#"window.__DATA__={"a":1}"#,
        ];
        for text in texts {
            check(text, &["a"], json!({"a": 1}));
        }
        assert!(read("<html>", &wanted(&["a"])).is_err());
        assert!(read("1({\"a\":1})", &wanted(&["a"])).is_err());
    }

    #[test]
    fn careless_json_is_mended_and_broken_json_has_its_line() {
        check(r#"{"a":NaN,"b":"\ud800"}"#, &["a", "b"], json!({"a": null, "b": "\u{fffd}"}));
        assert_eq!(read("{\n\"a\":}", &wanted(&["a"])).unwrap_err().line(), 2);
    }

    #[test]
    fn depth_and_length_cost_nothing() {
        let deep = format!("{}{}", "[".repeat(1_000_000), "]".repeat(1_000_000));
        for paths in [&["a"], &["[*]"], &["[*][*][*].a"]] {
            let read = read(&deep, &wanted(paths));
            assert!(read.is_ok_and(|document| !document.is_cut));
        }
        assert!(read(&"[".repeat(1_000_000), &wanted(&["[*]"])).is_err());
        let long = format!("{{\"data\":[{}0],\"next\":\"n\"}}", "{\"t\":1},".repeat(ELEMENTS_AT_MOST + 5));
        let document = read(&long, &wanted(&["data[*].t", "next"])).unwrap();
        assert!(document.is_cut);
        assert_eq!(document.root["data"].as_array().unwrap().len(), ELEMENTS_AT_MOST);
        assert_eq!(document.root["next"], "n");
    }

    #[test]
    fn names_at_the_top_are_few_and_short() {
        assert_eq!(names_at_top("cb({\"code\":1,\"data\":[]})"), ["code", "data"]);
        assert_eq!(names_at_top("[1]"), Vec::<String>::new());
    }
}
