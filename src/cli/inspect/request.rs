//! One request of `guanlan inspect`: a JSON object whose fields may be missing.

use std::path::Path;

use crawler::fetch::Page;
use crawler::format::mend::mended;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};
use url::Url;

/// What a page's address is when none is given.
const NOWHERE: &str = "http://localhost/";

/// One request.
pub(super) struct Request {
    fields: Map<String, Value>,
}

impl Request {
    /// Reads one line; an error says what is wrong with it.
    pub(super) fn read(line: &[u8]) -> Result<Request, String> {
        let line = String::from_utf8_lossy(line);
        // Suites of addresses and mark-up hold halves of emoji, which are no JSON.
        match serde_json::from_str(&line)
            .or_else(|error| serde_json::from_str(&mended(&line)).map_err(|_| error))
        {
            Ok(Value::Object(fields)) => Ok(Request { fields }),
            Ok(_) => Err("a request is a JSON object, such as {\"id\": 1, \"text\": \"3分钟前\"}".to_owned()),
            Err(error) => Err(format!("this line is no JSON: {error}")),
        }
    }

    /// The name by which the answer is told from others.
    pub(super) fn id(&self) -> Option<&Value> {
        self.fields.get("id")
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
        let Some(now) = self.text("now") else { return Ok(crate::cli::now()) };
        now.parse().map_err(|error| format!("`now` is no time as 2026-11-24T10:00:00+08:00: {error}"))
    }

    /// The zone of times that name none.
    pub(super) fn zone(&self) -> Result<TimeZone, String> {
        let name = self.text("tz").unwrap_or(crawler::date::DEFAULT_ZONE);
        TimeZone::get(name).map_err(|error| format!("`tz`: {error}"))
    }

    /// A header by its name in lower case; of several the first.
    fn header(&self, name: &str) -> Option<&str> {
        let headers = self.fields.get("headers")?.as_object()?;
        let (_, value) = headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        value.as_str().or_else(|| value.get(0)?.as_str())
    }
}
