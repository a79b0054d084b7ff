//! The only place from which Guanlan asks other people's servers for pages. Knows HTTP and no format.
//! Every address, those a redirect leads to included, is checked by `guard` and by robots.txt first.

mod error;
mod exchange;
mod permission;
mod queue;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use reqwest::Client;
use reqwest::header::{
    ACCEPT, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH,
    LAST_MODIFIED, LOCATION, RETRY_AFTER,
};
use tokio::sync::Semaphore;
use url::Url;

use crate::guard::Guard;
use crate::pace::{LONGEST_DELAY, Now, later};
use crate::robots::{READ_AT_MOST, Rules};
use crate::words::Words;
pub use error::{FetchError, Stage};
use exchange::{Answer, Size, exchange};
use permission::{Permissions, Reading};
use queue::Queues;

/// The name robots.txt files know us by.
pub const PRODUCT_TOKEN: &str = "Guanlan";

/// A longer address than this is no address.
const LONGEST_ADDRESS: usize = 8 * 1024;

/// RFC 9309 asks crawlers to follow at least five redirects of a robots.txt.
const ROBOTS_REDIRECTS: usize = 5;

/// The pause after a 429 that names none.
const USUAL_PAUSE: SignedDuration = SignedDuration::from_mins(1);

/// How much time and room one request may take, and how polite we are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Until the connection stands.
    pub connect: Duration,
    /// Until the answer's headers are there.
    pub headers: Duration,
    /// Between two pieces of the body.
    pub idle: Duration,
    /// For one request and its whole answer.
    pub whole: Duration,
    /// Largest body in bytes, unpacked.
    pub body: usize,
    /// Most redirects followed for one page.
    pub redirects: usize,
    /// Shortest pause between the starts of two requests to one host.
    pub minimum_delay: Duration,
    /// A host that wants a longer pause than this is not waited for but visited later.
    pub patience: Duration,
    /// Most requests under way at once, all hosts together.
    pub at_once: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            connect: Duration::from_secs(10),
            headers: Duration::from_secs(30),
            idle: Duration::from_secs(30),
            whole: Duration::from_secs(60),
            body: 20 * 1024 * 1024,
            redirects: 10,
            minimum_delay: Duration::from_secs(2),
            patience: Duration::from_secs(60),
            at_once: 16,
        }
    }
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// Address.
    pub url: &'a Url,
    /// Private addresses that may be reached on the way (`Source::allow`).
    pub allow: &'a [String],
    /// `ETag` of the copy we have.
    pub etag: Option<&'a str>,
    /// `Last-Modified` of the copy we have, as the server wrote it.
    pub last_modified: Option<&'a str>,
}

/// What came back.
#[derive(Clone, Debug, PartialEq)]
pub enum Fetched {
    /// A page.
    Page(Box<Page>),
    /// Nothing new since the copy we have, or nothing at all (204).
    NotModified,
}

/// A page as it came, unpacked but not decoded.
#[derive(Clone, PartialEq)]
pub struct Page {
    /// Where it was found in the end; relative links in it start here.
    pub url: Url,
    /// Its new address, if every redirect on the way was a permanent one.
    pub moved: Option<Url>,
    /// `Content-Type`, which may name the charset.
    pub content_type: Option<String>,
    /// `ETag`, for the next visit.
    pub etag: Option<String>,
    /// `Last-Modified`, for the next visit.
    pub last_modified: Option<String>,
    /// The bytes.
    pub body: Vec<u8>,
}

/// Shows how long the page is and nothing of what it says: collected text has no place in a log.
impl fmt::Debug for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut page = f.debug_struct("Page");
        page.field("url", &self.url.as_str()).field("bytes", &self.body.len()).finish_non_exhaustive()
    }
}

/// Fetches pages. Cheap to clone; all clones share queues, rules and connections.
#[derive(Clone)]
pub struct Fetcher {
    limits: Arc<Limits>,
    agent: HeaderValue,
    /// One client per set of allowed addresses: its connections were made under these rules.
    clients: Arc<Mutex<HashMap<Guard, Client>>>,
    queues: Queues,
    permissions: Permissions,
    at_once: Arc<Semaphore>,
}

/// Why no fetcher could be made.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The contact does not fit into a header.
    #[error("the crawler's contact \"{0}\" must be plain ASCII, such as a web address or a mailbox")]
    Contact(String),
    /// The HTTP client could not be made.
    #[error("cannot set up HTTPS: {0}; install the system's certificates (package ca-certificates)")]
    Client(#[from] reqwest::Error),
}

impl Fetcher {
    /// A fetcher that names itself and, if given, whom to ask about it (a web address or mailbox).
    /// The program must have installed a rustls crypto provider before.
    pub fn new(limits: Limits, contact: Option<&str>) -> Result<Fetcher, SetupError> {
        let version = env!("CARGO_PKG_VERSION");
        let agent = match contact {
            Some(contact) => format!("{PRODUCT_TOKEN}/{version} (+{contact})"),
            None => format!("{PRODUCT_TOKEN}/{version}"),
        };
        let agent = HeaderValue::from_str(&agent)
            .map_err(|_| SetupError::Contact(contact.unwrap_or_default().to_owned()))?;
        let fetcher = Fetcher {
            at_once: Arc::new(Semaphore::new(limits.at_once.max(1))),
            limits: Arc::new(limits),
            agent,
            clients: Arc::default(),
            queues: Queues::default(),
            permissions: Permissions::default(),
        };
        // Made now, so that a machine without certificates is told at the start and not at a visit.
        fetcher.client(&Guard::default())?;
        Ok(fetcher)
    }

    /// Fetches a page: politely, within the limits, through checked redirects.
    pub async fn fetch(&self, request: &Request<'_>, now: &Now) -> Result<Fetched, FetchError> {
        let guard = Guard::new(request.allow);
        let headers = conditions(request);
        let mut url = request.url.clone();
        let mut asked: Vec<Url> = Vec::new();
        let mut moved_for_good = true;
        loop {
            self.check_robots(&url, &guard, now).await?;
            let size = Size::AtMost(self.limits.body);
            let answer = self.ask(&url, &guard, (headers.clone(), size), now).await?;
            asked.push(url.clone());
            match answer.status {
                301 | 302 | 303 | 307 | 308 => {
                    moved_for_good &= matches!(answer.status, 301 | 308);
                    url = next_hop(&url, &answer)?;
                    if asked.contains(&url) || asked.len() > self.limits.redirects {
                        let why = Words::new(
                            "转来转去或转得太多；请用浏览器打开，把最后到的地址写进信源",
                            "redirects in a circle or too often; open the address in a browser and put the \
                             address it ends at into the source",
                        );
                        return Err(FetchError::Other { url: request.url.to_string(), why });
                    }
                }
                204 | 304 => return Ok(Fetched::NotModified),
                200 => {
                    let moved = (asked.len() > 1 && moved_for_good).then(|| url.clone());
                    return Ok(Fetched::Page(Box::new(page(url, moved, answer))));
                }
                410 => return Err(FetchError::Gone { url: url.into() }),
                status => return Err(FetchError::Status { url: url.into(), status }),
            }
        }
    }

    /// Asks the site's robots.txt first if it is not known.
    async fn check_robots(&self, url: &Url, guard: &Guard, now: &Now) -> Result<(), FetchError> {
        check(guard, url)?;
        let site = self.permissions.site(url);
        let mut known = site.lock().await;
        if known.is_stale(now()) {
            let reading = self.read_robots(url, guard, now).await?;
            if let Reading::Rules(rules) = &reading {
                self.queues.set_crawl_delay(url, rules.crawl_delay()).await;
            }
            known.learn(reading, now());
        }
        known.permit(url).map_err(|why| FetchError::Disallowed { url: url.to_string(), why })
    }

    async fn read_robots(&self, url: &Url, guard: &Guard, now: &Now) -> Result<Reading, FetchError> {
        let Ok(mut robots) = url.join("/robots.txt") else { return Ok(Reading::Rules(Rules::default())) };
        let everything_else = Reading::Rules(Rules::default());
        for _ in 0..=ROBOTS_REDIRECTS {
            let asked =
                self.ask(&robots, guard, (HeaderMap::new(), Size::CutAt(READ_AT_MOST + 1)), now).await;
            let answer = match asked {
                Ok(answer) => answer,
                Err(error @ (FetchError::Blocked { .. } | FetchError::Throttled { .. })) => {
                    return Err(error);
                }
                Err(error) => return Ok(Reading::Unreachable(error.in_short())),
            };
            match answer.status {
                200..=299 => return Ok(Reading::Rules(Rules::parse(&answer.body, PRODUCT_TOKEN))),
                301 | 302 | 303 | 307 | 308 => match next_hop(&robots, &answer) {
                    Ok(next) => robots = next,
                    Err(_) => return Ok(everything_else),
                },
                500.. => {
                    let status = answer.status;
                    let why = Words::new(format!("返回 {status}"), format!("it answers {status}"));
                    return Ok(Reading::Unreachable(why));
                }
                _ => return Ok(everything_else),
            }
        }
        Ok(everything_else)
    }

    /// One checked, polite request.
    async fn ask(
        &self,
        url: &Url,
        guard: &Guard,
        (mut headers, size): (HeaderMap, Size),
        now: &Now,
    ) -> Result<Answer, FetchError> {
        check(guard, url)?;
        let client = self.client(guard).map_err(|error| FetchError::Other {
            url: url.to_string(),
            why: Words::new(format!("无法使用 HTTPS：{error}"), format!("cannot set up HTTPS: {error}")),
        })?;
        headers.insert(reqwest::header::USER_AGENT, self.agent.clone());
        let pauses = (self.limits.minimum_delay, self.limits.patience);
        let mut turn = self.queues.turn(url, pauses, now).await?;
        // Closed only when the program ends; then nobody waits for the answer either.
        let _one_of_many = self.at_once.acquire().await.ok();
        let answer = exchange(&client, url, headers, (size, &self.limits)).await?;
        if let Some((retry_after, why)) = asks_for_pause(&answer, now()) {
            turn.close_until(later(now(), retry_after));
            return Err(FetchError::Throttled { url: url.to_string(), retry_after, why });
        }
        Ok(answer)
    }

    fn client(&self, guard: &Guard) -> Result<Client, reqwest::Error> {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(guard) {
            return Ok(client.clone());
        }
        let client = Client::builder()
            .connect_timeout(self.limits.connect)
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            // A proxy would look names up itself, where nobody checks what they lead to.
            .no_proxy()
            .dns_resolver(Arc::new(guard.clone()))
            .build()?;
        clients.insert(guard.clone(), client.clone());
        Ok(client)
    }
}

fn check(guard: &Guard, url: &Url) -> Result<(), FetchError> {
    guard.check(url).map_err(|why| FetchError::Blocked { url: url.to_string(), why })
}

fn conditions(request: &Request<'_>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let accept = "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, \
                  text/xml;q=0.9, application/json;q=0.8, */*;q=0.5";
    headers.insert(ACCEPT, HeaderValue::from_static(accept));
    for (name, value) in [(IF_NONE_MATCH, request.etag), (IF_MODIFIED_SINCE, request.last_modified)] {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(value).ok()) {
            headers.insert(name, value);
        }
    }
    headers
}

fn page(url: Url, moved: Option<Url>, answer: Answer) -> Page {
    let header = |name: HeaderName| answer.header(name).map(str::to_owned);
    Page {
        moved,
        content_type: header(CONTENT_TYPE),
        etag: header(ETAG),
        last_modified: header(LAST_MODIFIED),
        url,
        body: answer.body,
    }
}

/// Where a redirect leads. Raw bytes beyond ASCII are kept as escapes, whatever charset they are in.
fn next_hop(url: &Url, answer: &Answer) -> Result<Url, FetchError> {
    let other = |zh: &str, en: &str| FetchError::Other { url: url.to_string(), why: Words::new(zh, en) };
    let location = answer.headers.get(LOCATION).ok_or_else(|| {
        other(
            "转走却不说去哪里；请用浏览器看看",
            "redirects without saying where to; see whether it works in a browser",
        )
    })?;
    if location.len() > LONGEST_ADDRESS {
        return Err(other("转去的地址太长，不像地址", "redirects to an address that is too long to be one"));
    }
    let text: String = location.as_bytes().iter().map(|byte| escape(*byte)).collect();
    let mut next =
        url.join(&text).map_err(|_| other("转去的不是地址", "redirects to something that is no address"))?;
    // Nobody else's user name and password are sent anywhere.
    let _ = next.set_username("");
    let _ = next.set_password(None);
    next.set_fragment(None);
    Ok(next)
}

fn escape(byte: u8) -> String {
    if byte.is_ascii() { char::from(byte).to_string() } else { format!("%{byte:02X}") }
}

/// Whether an answer asks for a pause: 429 always does, 503 if it says for how long.
fn asks_for_pause(answer: &Answer, now: Timestamp) -> Option<(SignedDuration, Words)> {
    let named = answer.header(RETRY_AFTER).and_then(|text| retry_after(text, now));
    let pause = match answer.status {
        429 => named.unwrap_or(USUAL_PAUSE),
        503 => named?,
        _ => return None,
    };
    let status = answer.status;
    let why = Words::new(format!("返回 {status}"), format!("it answered {status}"));
    Some((pause.min(LONGEST_DELAY), why))
}

/// Reads seconds or a date; `None` for what is neither or lies behind us.
fn retry_after(text: &str, now: Timestamp) -> Option<SignedDuration> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit is simply very long.
        return Some(SignedDuration::from_secs(text.parse().unwrap_or(i64::MAX)));
    }
    let moment =
        jiff::fmt::rfc2822::DateTimeParser::new().relaxed_weekday(true).parse_timestamp(text).ok()?;
    Some(now.duration_until(moment)).filter(|pause| pause.is_positive())
}
