//! One request of `guanlan inspect`: a JSON object whose fields may be missing.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::path::Path;

use crawler::fetch::Page;
use crawler::format::mend::mended;
use jiff::Timestamp;
use jiff::fmt::temporal::DateTimeParser;
use jiff::tz::TimeZone;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use url::Url;

/// What a page's address is when none is given.
const NOWHERE: &str = "http://localhost/";

/// The fields of a line, unread.
fn parts(line: &str) -> serde_json::Result<BTreeMap<String, Box<RawValue>>> {
    serde_json::from_str(line)
}

/// One request.
pub(super) struct Request {
    fields: Map<String, Value>,
    id: Option<Box<RawValue>>,
}

impl Request {
    /// Reads one line; an error says what is wrong with it.
    pub(super) fn read(line: &[u8]) -> Result<Request, String> {
        let line = String::from_utf8_lossy(line);
        let line = line.trim_start_matches('\u{feff}').trim();
        // Suites of addresses and mark-up hold halves of emoji, which are no JSON.
        let read = parts(line).or_else(|error| parts(&mended(line)).map_err(|_| error));
        let mut parts = match read {
            Ok(parts) => parts,
            Err(error) if error.is_data() => {
                return Err(
                    "a request is a JSON object, such as {\"id\": 1, \"text\": \"3分钟前\"}".to_owned()
                );
            }
            Err(error) => return Err(format!("this line is no JSON: {error}")),
        };
        let id = parts.remove("id");
        let value = |(name, part): (String, Box<RawValue>)| {
            serde_json::from_str(part.get()).map(|value| (name, value))
        };
        let fields: Result<Map<String, Value>, _> = parts.into_iter().map(value).collect();
        let fields = fields.map_err(|error| format!("this line is no JSON: {error}"))?;
        Ok(Request { fields, id })
    }

    /// The name by which the answer is told from others, as it was written: no number is too large for it.
    pub(super) fn id(&self) -> Option<&RawValue> {
        self.id.as_deref()
    }

    /// A text, if it was given.
    pub(super) fn text(&self, field: &str) -> Option<&str> {
        self.fields.get(field).and_then(Value::as_str)
    }

    /// A text without which there is nothing to answer.
    pub(super) fn needed(&self, field: &str) -> Result<&str, String> {
        self.text(field).ok_or_else(|| format!("the request has no text `{field}`"))
    }

    /// The page of `file`, as if it had been fetched from `url` with `content_type` and `headers`.
    pub(super) fn page(&self) -> Result<Page, String> {
        let file = self.needed("file")?;
        let body = std::fs::read(Path::new(file)).map_err(|error| format!("{file}: {error}"))?;
        let url = self.url()?;
        let header = |name| self.header(name).map(str::to_owned);
        Ok(Page {
            // Relative links start where the page says it lies.
            url: self.header("content-location").and_then(|location| url.join(location).ok()).unwrap_or(url),
            moved: None,
            content_type: self.text("content_type").map(str::to_owned).or_else(|| header("content-type")),
            etag: header("etag"),
            last_modified: header("last-modified"),
            wishes: Default::default(),
            body,
        })
    }

    /// The address of the page.
    pub(super) fn url(&self) -> Result<Url, String> {
        let url = self.text("url").filter(|url| !url.is_empty()).unwrap_or(NOWHERE);
        Url::parse(url).map_err(|error| format!("{url} is no address: {error}"))
    }

    /// The moment that counts as now.
    pub(super) fn now(&self) -> Result<Timestamp, String> {
        let wrong = |error: &dyn Display| format!("`now` is no time as 2026-11-24T10:00:00+08:00: {error}");
        match self.fields.get("now") {
            None | Some(Value::Null) => Ok(crate::cli::now()),
            Some(Value::String(now)) => now.parse().map_err(|error: jiff::Error| wrong(&error)),
            Some(Value::Number(seconds)) => {
                let milliseconds = seconds.as_f64().unwrap_or(f64::MAX) * 1000.0;
                Timestamp::from_millisecond(milliseconds as i64).map_err(|error| wrong(&error))
            }
            Some(other) => Err(wrong(other)),
        }
    }

    /// The zone of times that name none: `Asia/Shanghai`, `+08:00`, `UTC+8`.
    pub(super) fn zone(&self) -> Result<TimeZone, String> {
        let name = match self.fields.get("tz") {
            None | Some(Value::Null) => crawler::date::DEFAULT_ZONE,
            Some(Value::String(name)) => name,
            Some(other) => return Err(format!("`tz` is Asia/Shanghai, +08:00 or UTC+8, not {other}")),
        };
        let offset = name.strip_prefix("UTC").or_else(|| name.strip_prefix("GMT")).unwrap_or(name);
        let zone = match offset.split_at_checked(1) {
            Some((sign @ ("+" | "-"), hour)) if !hour.is_empty() => {
                DateTimeParser::new().parse_time_zone(format!("{sign}{hour:0>2}"))
            }
            _ => TimeZone::get(name),
        };
        zone.map_err(|error| format!("`tz`: {error}"))
    }

    /// A header by its name in lower case; of several the first.
    fn header(&self, name: &str) -> Option<&str> {
        let headers = self.fields.get("headers")?.as_object()?;
        let (_, value) = headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        value.as_str().or_else(|| value.get(0)?.as_str())
    }
}
