//! The only place from which Guanlan asks other people's servers for pages. Knows HTTP and no format.
//! Every address, those a redirect leads to included, is checked by `guard` and by robots.txt first.

mod answer;
mod error;
mod exchange;
mod limits;
mod permission;
mod queue;
mod request;
mod site;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use reqwest::Client;
use reqwest::header::{HeaderMap, HeaderValue};
use tokio::sync::Semaphore;
use url::Url;

use crate::guard::Guard;
use crate::pace::{Now, later};
use crate::words::Words;
use answer::{asks_for_pause, next_hop};
pub use error::{FetchError, Stage};
use exchange::{Answer, Size, exchange};
pub use limits::Limits;
use permission::Permissions;
use queue::Queues;
pub use request::{Fetched, Page, Request, Wanted};

/// The name robots.txt files know us by.
pub const PRODUCT_TOKEN: &str = "Guanlan";

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

/// One request as the fetcher makes it.
struct Ask {
    headers: HeaderMap,
    size: Size,
    /// What it is for; `None` for the files in which a site says what it permits.
    wanted: Option<Wanted>,
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

    /// The limits in force.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Fetches a page: politely, within the limits, through checked redirects.
    pub async fn fetch(&self, request: &Request<'_>, now: &Now) -> Result<Fetched, FetchError> {
        let guard = Guard::new(request.allow);
        let size = Size::AtMost(match request.wanted {
            Wanted::Feed => self.limits.feed_bytes,
            Wanted::Html | Wanted::Data => self.limits.page_bytes,
        });
        let mut url = request.url.clone();
        let mut asked: Vec<Url> = Vec::new();
        let mut moved_for_good = true;
        loop {
            self.check_robots(&url, &guard, now).await?;
            let ask = Ask { headers: request.headers(), size, wanted: Some(request.wanted) };
            let answer = self.ask(&url, &guard, ask, now).await?;
            asked.push(url.clone());
            match answer.status {
                301 | 302 | 303 | 307 | 308 => {
                    moved_for_good &= matches!(answer.status, 301 | 308);
                    url = next_hop(&url, &answer)?;
                    if asked.contains(&url) || asked.len() > self.limits.redirects {
                        return Err(redirected_in_vain(request.url));
                    }
                }
                204 | 304 => return Ok(Fetched::NotModified),
                // 203 is a page that a gateway on the way has changed.
                200 | 203 => {
                    let moved = (asked.len() > 1 && moved_for_good).then(|| url.clone());
                    let mut page = Page::of(url, moved, answer);
                    if request.wanted == Wanted::Html {
                        page.wishes = self.reserved(&page.url, &guard, now).await?.and(page.wishes);
                    }
                    return Ok(Fetched::Page(Box::new(page)));
                }
                410 => return Err(FetchError::Gone { url: url.into() }),
                status => return Err(FetchError::Status { url: url.into(), status }),
            }
        }
    }

    /// One checked, polite request.
    async fn ask(
        &self,
        url: &Url,
        guard: &Guard,
        Ask { mut headers, size, wanted }: Ask,
        now: &Now,
    ) -> Result<Answer, FetchError> {
        check(guard, url)?;
        let client = self.client(guard).map_err(|error| FetchError::Other {
            url: url.to_string(),
            why: Words::new(format!("无法使用 HTTPS：{error}"), format!("cannot set up HTTPS: {error}")),
        })?;
        headers.insert(reqwest::header::USER_AGENT, self.agent.clone());
        let is_page = wanted == Some(Wanted::Html);
        let mut turn = self.queues.turn((url, is_page), &self.limits, now).await?;
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

fn redirected_in_vain(url: &Url) -> FetchError {
    let why = Words::new(
        "转来转去或转得太多；请用浏览器打开，把最后到的地址写进信源",
        "redirects in a circle or too often; open the address in a browser and put the address it ends at \
         into the source",
    );
    FetchError::Other { url: url.to_string(), why }
}
