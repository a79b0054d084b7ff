//! JSON as careless programs write it, made readable: halves of emoji, `NaN`, numbers beyond any,
//! line ends inside strings, a comma before a bracket. Changes no word of a text.

/// The same text with what no reader of JSON takes replaced. One pass; call it when reading has failed.
pub fn mended(text: &str) -> String {
    let mut mended = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        rest = match first {
            '"' => string(rest, &mut mended),
            ',' => comma(rest, &mut mended),
            c if c.is_ascii_alphanumeric() || c == '-' || c == '+' => word(rest, &mut mended),
            c => {
                mended.push(c);
                rest.get(c.len_utf8()..).unwrap_or_default()
            }
        };
    }
    mended
}

/// A comma, unless nothing follows it; gives back what stands behind.
fn comma<'t>(text: &'t str, mended: &mut String) -> &'t str {
    let behind = text.get(1..).unwrap_or_default();
    if !behind.trim_start().starts_with([']', '}']) {
        mended.push(',');
    }
    behind
}

/// A number or a word outside strings.
fn word<'t>(text: &'t str, mended: &mut String) -> &'t str {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || "+-._".contains(c))).unwrap_or(text.len());
    let (word, behind) = text.split_at(end);
    let is_beyond = || word.parse::<f64>().is_ok_and(|number| !number.is_finite());
    mended.push_str(match word {
        "true" | "false" | "null" => word,
        "True" => "true",
        "False" => "false",
        "NaN" | "-NaN" | "undefined" | "None" => "null",
        _ if is_beyond() => "null",
        _ => word,
    });
    behind
}

/// A string with its quotation marks.
fn string<'t>(text: &'t str, mended: &mut String) -> &'t str {
    mended.push('"');
    let mut rest = text.get(1..).unwrap_or_default();
    loop {
        let special = rest.find(|c: char| c == '"' || c == '\\' || c < ' ');
        let Some(at) = special else {
            mended.push_str(rest);
            return "";
        };
        let (plain, behind) = rest.split_at(at);
        mended.push_str(plain);
        rest = match behind.as_bytes().first() {
            Some(b'"') => {
                mended.push('"');
                return behind.get(1..).unwrap_or_default();
            }
            Some(b'\\') => escape(behind, mended),
            _ => {
                mended.push(' ');
                behind.get(1..).unwrap_or_default()
            }
        };
    }
}

/// An escape. Programs that cut texts in the middle of an emoji write half of it as `\ud83d`.
fn escape<'t>(text: &'t str, mended: &mut String) -> &'t str {
    let code = |at: usize| {
        let digits = text.get(at..)?.strip_prefix(r"\u")?.get(..4)?;
        digits.bytes().all(|b| b.is_ascii_hexdigit()).then(|| u16::from_str_radix(digits, 16).ok())?
    };
    let is_pair = code(0).is_some_and(|code| (0xd800..0xdc00).contains(&code))
        && code(6).is_some_and(|code| (0xdc00..0xe000).contains(&code));
    let length = match (code(0), text.as_bytes().get(1)) {
        (Some(_), _) if is_pair => 12,
        (Some(code), _) if (0xd800..0xe000).contains(&code) => {
            mended.push_str(r"\ufffd");
            return text.get(6..).unwrap_or_default();
        }
        (Some(_), _) => 6,
        (None, Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't')) => 2,
        // Not an escape at all: the stroke goes, what follows it is a text like any other.
        (None, _) => return text.get(1..).unwrap_or_default(),
    };
    mended.push_str(text.get(..length).unwrap_or_default());
    text.get(length..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(text: &str) -> Value {
        serde_json::from_str(&mended(text)).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn careless_json_is_read() {
        let cases = [
            (r#"{"t":"\ud800热搜"}"#, json!({"t": "\u{fffd}热搜"})),
            (r#"{"t":"\udc00\ud83d\ude00\ud83d"}"#, json!({"t": "\u{fffd}😀\u{fffd}"})),
            (r#"{"t":"\\ud800"}"#, json!({"t": r"\ud800"})),
            (r#"{"t":"a\"b","u":1}"#, json!({"t": "a\"b", "u": 1})),
            (r#"{"t":"it\'s \x"}"#, json!({"t": "it's x"})),
            ("{\"t\":\"一\n\t二\"}", json!({"t": "一  二"})),
            (
                r#"[NaN, -Infinity, Infinity, 1e400, -1e999, undefined, 1.5]"#,
                json!([null, null, null, null, null, null, 1.5]),
            ),
            (r#"[1, 2 , ]"#, json!([1, 2])),
            (r#"{"a": [1,], "b": "NaN, ]",}"#, json!({"a": [1], "b": "NaN, ]"})),
            ("[True,False,None]", json!([true, false, null])),
        ];
        for (text, expected) in cases {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_mended_ends() {
        for text in ["", "\"", "\"\\", "\"\\u", "{\"a\":\"\\ud8", "nonsense", "é\"é"] {
            assert!(serde_json::from_str::<Value>(&mended(text)).is_err(), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_was_json_stays_the_same(text in "\\PC{0,40}", number in proptest::prelude::any::<i64>()) {
            let value = json!({ &text: [&text, number, {"b": [text, null, true]}] });
            proptest::prop_assert_eq!(read(&value.to_string()), value);
        }

        #[test]
        fn no_text_makes_it_panic(text in "[\\\\\"u0-9a-fd,\\]é{\n]{0,40}") {
            let _ = mended(&text);
        }
    }
}
