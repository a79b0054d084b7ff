//! Where a value lies inside a JSON document: `data.cards[*].content[*]`, `[0].list`, `"a.b".c`.

use std::fmt;

use serde_json::Value;

use crate::words::Words;

/// A longer path than this is a mistake.
const STEPS_AT_MOST: usize = 20;

/// A way from one value of a JSON document to others inside it.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Path(pub(super) Vec<Step>);

/// One step of the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The field of an object.
    Key(String),
    /// The element of an array, from 0.
    Index(usize),
    /// Every element of an array, every value of an object.
    Each,
}

/// Why a path cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathError {
    /// A name is missing, as in `a..b`.
    NoName,
    /// What stands between brackets is neither a number nor `*`.
    Bracket,
    /// A bracket or quotation mark without its end.
    Open,
    /// More steps than anybody needs.
    Long,
}

impl Path {
    /// Reads a path. `$`, or `$.` before it, is the value itself.
    pub fn parse(text: &str) -> Result<Path, PathError> {
        let text = text.trim();
        let mut rest = text.strip_prefix('$').unwrap_or(text);
        let mut steps = Vec::new();
        let mut at_start = rest.len() == text.len();
        while !rest.is_empty() {
            let (step, after) = step(rest, at_start)?;
            steps.push(step);
            (rest, at_start) = (after, false);
            if steps.len() > STEPS_AT_MOST {
                return Err(PathError::Long);
            }
        }
        if at_start { Err(PathError::NoName) } else { Ok(Path(steps)) }
    }

    /// The names it passes.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|step| match step {
            Step::Key(key) => Some(key.as_str()),
            _ => None,
        })
    }

    /// The values it leads to, in the document's order.
    pub(super) fn find<'v>(&self, root: &'v Value) -> Vec<&'v Value> {
        let mut values = vec![root];
        for step in &self.0 {
            let mut next = Vec::new();
            for value in values {
                match (step, value) {
                    (Step::Key(key), Value::Object(fields)) => next.extend(fields.get(key)),
                    (Step::Index(index), Value::Array(list)) => next.extend(list.get(*index)),
                    (Step::Each, Value::Array(list)) => next.extend(list),
                    (Step::Each, Value::Object(fields)) => next.extend(fields.values()),
                    _ => {}
                }
            }
            values = next;
        }
        values
    }

    /// Whether all but its last `[*]` or `.*` leads to a list, or an object, that has nothing in it.
    pub(super) fn ends_at_empty(&self, root: &Value) -> bool {
        let Some((Step::Each, before)) = self.0.split_last() else { return false };
        let is_empty = |value: &&Value| match value {
            Value::Array(list) => list.is_empty(),
            Value::Object(fields) => fields.is_empty(),
            _ => false,
        };
        Path(before.to_vec()).find(root).iter().any(is_empty)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("$");
        }
        for (place, step) in self.0.iter().enumerate() {
            let dot = if place == 0 { "" } else { "." };
            match step {
                Step::Key(key) if key.contains(['.', '[', ']', '*', '"']) => write!(f, "{dot}\"{key}\"")?,
                Step::Key(key) => write!(f, "{dot}{key}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Each => f.write_str("[*]")?,
            }
        }
        Ok(())
    }
}

impl PathError {
    /// What is wrong with it.
    pub fn words(self) -> Words {
        match self {
            PathError::NoName => Words::new("少了一个字段名", "a field name is missing"),
            PathError::Bracket => {
                Words::new("方括号里只能写数字或 *", "between brackets stands a number or *")
            }
            PathError::Open => {
                Words::new("方括号或引号没有结束", "a bracket or quotation mark is not closed")
            }
            PathError::Long => Words::new("层次太多", "it has too many steps"),
        }
    }
}

/// The first step of the text, and what stands behind it.
fn step(text: &str, at_start: bool) -> Result<(Step, &str), PathError> {
    if let Some(inside) = text.strip_prefix('[') {
        let (inside, after) = inside.split_once(']').ok_or(PathError::Open)?;
        let step = match inside.trim() {
            "*" => Step::Each,
            number => Step::Index(number.parse().map_err(|_| PathError::Bracket)?),
        };
        return Ok((step, after));
    }
    let text = match text.strip_prefix('.') {
        Some(behind_dot) if !at_start => behind_dot,
        _ if at_start => text,
        _ => return Err(PathError::Bracket),
    };
    if let Some(quoted) = text.strip_prefix(['"', '\'']) {
        let mark = if text.starts_with('"') { '"' } else { '\'' };
        let (key, after) = quoted.split_once(mark).ok_or(PathError::Open)?;
        return Ok((Step::Key(key.to_owned()), after));
    }
    let end = text.find(['.', '[']).unwrap_or(text.len());
    let (key, after) = text.split_at(end);
    match key.trim() {
        "" => Err(PathError::NoName),
        "*" => Ok((Step::Each, after)),
        key if key.contains(']') => Err(PathError::Open),
        key => Ok((Step::Key(key.to_owned()), after)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_path_leads_to_values() {
        let document = json!({
            "data": { "cards": [{"group": [1, 2]}, {"other": 0}, {"group": [3]}], "a.b": 4, "中文": 5 },
            "by_id": {"7": 8, "9": 10},
        });
        let cases = [
            ("data.cards[*].group[*]", json!([1, 2, 3])),
            ("data.cards.*.group.*", json!([1, 2, 3])),
            ("$.data.cards[0].group[1]", json!([2])),
            ("data.\"a.b\"", json!([4])),
            ("data.'a.b'", json!([4])),
            (" data.中文 ", json!([5])),
            ("by_id.*", json!([8, 10])),
            ("by_id[0]", json!([])),
            ("data.cards.group", json!([])),
            ("nothing.there", json!([])),
        ];
        for (path, expected) in cases {
            let found = Path::parse(path).unwrap();
            assert_eq!(json!(found.find(&document)), expected, "{path}");
            assert_eq!(Path::parse(&found.to_string()), Ok(found), "{path}");
        }
        assert_eq!(Path::parse("[*].a").unwrap().find(&json!([{"a": 1}, {"b": 2}])), [&json!(1)]);
        assert_eq!(Path::parse("$").unwrap().find(&json!("itself")), [&json!("itself")]);
    }

    #[test]
    fn what_is_no_path_says_why() {
        let long = "a.".repeat(30) + "a";
        let cases = [
            ("", PathError::NoName),
            ("a..b", PathError::NoName),
            (".a", PathError::NoName),
            ("a.", PathError::NoName),
            ("a[b]", PathError::Bracket),
            ("a[-1]", PathError::Bracket),
            ("a[0]b", PathError::Bracket),
            ("a[0", PathError::Open),
            ("a]", PathError::Open),
            ("\"a", PathError::Open),
            (long.as_str(), PathError::Long),
        ];
        for (path, expected) in cases {
            assert_eq!(Path::parse(path), Err(expected), "{path}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_a_path_or_none(text in "[a*.\\[\\]\"'0$ é]{0,16}") {
            if let Ok(path) = Path::parse(&text) {
                let _ = path.find(&json!([{"a": [1]}]));
            }
        }
    }
}
