//! What an answer has instead of rows: an error under status 200, another shape, no titles. In words.

use serde_json::Value;

use super::document::{self, Wanted};
use super::path::{Path, Step};
use super::{Check, Map};
use crate::format::Problem;
use crate::mask::Masks;
use crate::words::Words;

/// Fields in which sites say that something failed.
const CODES: [&str; 11] = [
    "code",
    "errcode",
    "errno",
    "error_code",
    "err_code",
    "errorCode",
    "retcode",
    "ret",
    "status",
    "ok",
    "success",
];

/// Fields in which they say what.
const MESSAGES: [&str; 10] = [
    "message",
    "msg",
    "errmsg",
    "error_msg",
    "errMsg",
    "error_message",
    "errorMessage",
    "error",
    "reason",
    "detail",
];

/// Longest message quoted.
const QUOTED: usize = 60;

/// Adds the fields that explain a refusal.
pub(super) fn want(wanted: &mut Wanted) {
    let key = |name: &str| Step::Key(name.to_owned());
    for name in CODES.iter().chain(&MESSAGES) {
        wanted.add(&Path(vec![key(name)]));
    }
    for name in ["code", "message"] {
        wanted.add(&Path(vec![key("error"), key(name)]));
    }
}

/// The site's own error, if the document is one. Only asked of a document without rows.
pub(super) fn of_document(root: &Value) -> Option<Words> {
    let fault = CODES
        .iter()
        .find_map(|name| root.get(name).filter(|code| is_fault(name, code)).map(|code| (*name, code)));
    let nested = || root.pointer("/error/code").map(|code| ("error.code", code));
    let is_error = root
        .get("error")
        .is_some_and(|error| error.is_object() || error.as_str().is_some_and(|e| !e.is_empty()));
    let (name, code) = match fault.or_else(nested) {
        Some(fault) => fault,
        None if is_error => return Some(said("", &message(root))),
        None => return None,
    };
    Some(said(&format!("{name}={}", short(&plain(code))), &message(root)))
}

/// The answer is not what `ok` asks for.
pub(super) fn not_ok(ok: &Check, root: &Value) -> Words {
    let found = ok.path.find(root).first().map(|found| short(&plain(found)));
    match found {
        Some(found) => said(&format!("{}={found}", ok.path), &message(root)),
        None => {
            let path = &ok.path;
            Words::new(
                format!("对方的回答里没有 {path}，所以不算成功；请核对 ok"),
                format!("the answer has no {path}, so it does not count as good; check `ok`"),
            )
        }
    }
}

/// The path to the rows leads nowhere.
pub(super) fn changed_shape(items: &Path, text: &str) -> Words {
    let names = document::names_at_top(text).join(", ");
    let (has_zh, has_en) = if names.is_empty() {
        (String::new(), String::new())
    } else {
        (format!("（最外层有：{names}）"), format!(" (at the top there is: {names})"))
    };
    Words::new(
        format!("按 items = \"{items}\" 什么也没找到{has_zh}；对方可能改了格式，请核对 items"),
        format!(
            "items = \"{items}\" leads to nothing{has_en}; the site may have changed its shape: check `items`"
        ),
    )
}

/// There are rows, but none can be taken.
pub(super) fn no_words(rows: usize, map: &Map, first: Option<&Problem>) -> Words {
    let path = |path: &Option<Path>| path.as_ref().map(Path::to_string);
    let paths: Vec<String> = [path(&map.title), path(&map.text)].into_iter().flatten().collect();
    let paths = paths.join(", ");
    let (zh, en) = first.map_or((String::new(), String::new()), |problem| {
        (format!("：{}", problem.what.zh), format!(": {}", problem.what.en))
    });
    Words::new(
        format!("有 {rows} 条，一条也不能用{zh}；对方可能改了格式，请核对 items 和 map（{paths}）"),
        format!(
            "there are {rows} rows, none of any use{en}; the site may have changed its shape: check `items` and `map` ({paths})"
        ),
    )
}

fn said(code: &str, message: &str) -> Words {
    let (zh, en) = match (code.is_empty(), message.is_empty()) {
        (false, false) => (format!("{code}，“{message}”"), format!("{code}, \"{message}\"")),
        (true, _) => (format!("“{message}”"), format!("\"{message}\"")),
        (_, true) => (code.to_owned(), code.to_owned()),
    };
    Words::new(
        format!("对方回答说出错了：{zh}；可能是采得太快、要登录，或接口变了"),
        format!(
            "the site answered with an error: {en}; asked too often, a login is needed, or the interface changed"
        ),
    )
}

/// Whether the value of such a field means failure.
fn is_fault(name: &str, code: &Value) -> bool {
    let is_truth = matches!(name, "ok" | "success");
    match code {
        Value::Bool(truth) => is_truth && !truth,
        Value::Number(number) => {
            let number = number.as_f64().unwrap_or_default();
            if is_truth {
                number != 1.0 && number != 200.0
            } else {
                number != 0.0 && number != 1.0 && number != 200.0
            }
        }
        Value::String(text) => {
            let text = text.trim().to_ascii_lowercase();
            match text.parse::<f64>() {
                Ok(number) => number != 0.0 && number != 1.0 && number != 200.0,
                Err(_) => ["err", "fail", "false", "denied", "forbid", "invalid", "limit", "banned"]
                    .iter()
                    .any(|bad| text.contains(bad)),
            }
        }
        _ => false,
    }
}

/// What the site says of its error, short and without anybody's data.
fn message(root: &Value) -> String {
    let nested = root.pointer("/error/message");
    let first = MESSAGES.iter().filter_map(|name| root.get(name)).chain(nested).find_map(Value::as_str);
    short(first.unwrap_or_default())
}

fn short(text: &str) -> String {
    let masked = Masks::default().apply(text).into_owned();
    super::plain::from_html(&masked, QUOTED).replace('\n', " ")
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
