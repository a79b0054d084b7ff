//! Hands one message to an address that was configured for it: checked as every address is, but asked
//! neither politely nor twice. What is said of a failure never holds the address: it may be a secret.

use std::time::Duration;

use jiff::SignedDuration;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use url::Url;

use super::Fetcher;
use super::client::Rules;
use super::exchange::{cause, find_refusal};
use crate::guard::Guard;

/// Of an answer no more than this is read.
const ANSWER: usize = 64 * 1024;

/// A message and where it goes.
#[derive(Clone, Copy, Debug)]
pub struct Posting<'a> {
    /// Address.
    pub url: &'a Url,
    /// Private `host:port` pairs that may be reached.
    pub allow: &'a [String],
    /// Headers, name and value.
    pub headers: &'a [(String, String)],
    /// Body.
    pub body: &'a [u8],
    /// Longest wait for the whole answer.
    pub patience: Duration,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted {
    /// HTTP status.
    pub status: u16,
    /// Beginning of the body.
    pub body: Vec<u8>,
    /// How long the other side wants to be left alone.
    pub retry_after: Option<SignedDuration>,
}

/// Why there was no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PostError {
    /// An address that is not asked: not public, and not allowed by name.
    Blocked {
        /// Host and port, as they would stand in `allow`.
        place: String,
    },
    /// It took too long.
    Timeout,
    /// No connection, or no proper answer; in the library's words, without the address.
    Failed(String),
}

impl Fetcher {
    /// Hands a message over. Follows no redirect: whoever moved has to be configured anew.
    ///
    /// # Errors
    /// An address that is not asked, or no answer.
    pub async fn post(&self, posting: Posting<'_>) -> Result<Posted, PostError> {
        let Posting { url, allow, body, patience, .. } = posting;
        let guard = Guard::new(allow);
        guard.check(url).map_err(|_| PostError::Blocked { place: place(url) })?;
        let proxy = self.proxies.of(url, None);
        if proxy.is_some() && self.check_target(url, &guard).await.is_err() {
            return Err(PostError::Blocked { place: place(url) });
        }
        let rules = match proxy {
            Some(proxy) => Rules::Through(proxy.clone()),
            None => Rules::Direct(guard),
        };
        let client = self.clients.get(rules).map_err(|error| PostError::Failed(cause(&error)))?;
        let headers = self.posting_headers(posting.headers)?;
        let work = async {
            let sent = client.post(url.clone()).headers(headers).body(body.to_owned()).send().await;
            let mut response = sent.map_err(|error| failed(url, &error))?;
            let retry_after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
            let retry_after = retry_after.and_then(|value| value.trim().parse().ok());
            let mut answer = Vec::new();
            while let Some(chunk) = response.chunk().await.map_err(|error| failed(url, &error))? {
                answer.extend(chunk.iter().take(ANSWER - answer.len()));
                if answer.len() >= ANSWER {
                    break;
                }
            }
            let status = response.status().as_u16();
            let retry_after = retry_after.map(|seconds: u32| SignedDuration::from_secs(seconds.into()));
            Ok(Posted { status, body: answer, retry_after })
        };
        tokio::time::timeout(patience, work).await.unwrap_or(Err(PostError::Timeout))
    }

    fn posting_headers(&self, given: &[(String, String)]) -> Result<HeaderMap, PostError> {
        let mut headers = HeaderMap::new();
        headers.insert(reqwest::header::USER_AGENT, self.agent.clone());
        for (name, value) in given {
            let header = HeaderName::try_from(name).ok().zip(HeaderValue::from_str(value).ok());
            let (name, value) =
                header.ok_or_else(|| PostError::Failed(format!("no proper header: {name}")))?;
            headers.insert(name, value);
        }
        Ok(headers)
    }
}

fn place(url: &Url) -> String {
    format!("{}:{}", url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or_default())
}

fn failed(url: &Url, error: &reqwest::Error) -> PostError {
    if find_refusal(error).is_some() {
        return PostError::Blocked { place: place(url) };
    }
    if error.is_timeout() { PostError::Timeout } else { PostError::Failed(cause(error)) }
}
