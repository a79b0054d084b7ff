//! The only place from which Guanlan asks other people's servers for pages. Knows HTTP and no format.
//! Every address, those a redirect leads to included, is checked by `guard` and by robots.txt first.

mod answer;
mod client;
mod error;
mod exchange;
mod limits;
mod permission;
mod post;
pub mod proxy;
mod queue;
mod request;
mod site;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use reqwest::Certificate;
use reqwest::header::{HeaderMap, HeaderValue};
use tokio::sync::Semaphore;
use url::{Host, Url};

use crate::guard::{Guard, Refusal};
use crate::pace::{History, Now, host_key, later};
use crate::words::Words;
use answer::{asks_for_pause, next_hop};
use client::Clients;
pub use error::{FetchError, Stage};
use exchange::{Answer, Size, exchange};
pub use limits::Limits;
pub use permission::Permission;
use permission::Permissions;
pub use post::{PostError, Posted, Posting};
use proxy::{Proxies, Way};
use queue::Queues;
pub use request::{Fetched, Page, Request, Wanted};

/// The name robots.txt files know us by.
pub const PRODUCT_TOKEN: &str = "Guanlan";

/// What is known of more hosts than this is not kept with one source.
const HOSTS_KEPT: usize = 50;

/// Fetches pages. Cheap to clone; all clones share queues, rules and connections.
#[derive(Clone)]
pub struct Fetcher {
    limits: Arc<Limits>,
    agent: HeaderValue,
    clients: Arc<Clients>,
    proxies: Arc<Proxies>,
    queues: Queues,
    /// The hosts that this clone has asked: see [`Fetcher::for_visit`].
    asked: Arc<Mutex<BTreeSet<String>>>,
    permissions: Permissions,
    at_once: Arc<Semaphore>,
}

/// What the installation adds to how we meet the outside.
#[derive(Clone, Debug, Default)]
pub struct Outside {
    /// Whom to ask about us: a web address or mailbox, told to every site.
    pub contact: Option<String>,
    /// Proxies on the way out.
    pub proxies: Proxies,
    /// Certificates (PEM) of authorities that are trusted beside those of the system.
    pub authorities: Option<Vec<u8>>,
}

/// Under what conditions one source's requests are made.
struct Terms<'a> {
    guard: Guard,
    way: Option<&'a Way>,
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
    /// The certificates of `[fetch] ca_file` are none.
    #[error("the certificates of [fetch] ca_file cannot be read: {0}; the file must be PEM")]
    Authorities(reqwest::Error),
    /// The HTTP client could not be made.
    #[error("cannot set up HTTPS: {0}; install the system's certificates (package ca-certificates)")]
    Client(#[from] reqwest::Error),
}

impl Fetcher {
    /// A fetcher that names itself and, if given, whom to ask about it.
    /// The program must have installed a rustls crypto provider before.
    ///
    /// # Errors
    /// A contact or certificates that cannot be used, or a machine without certificates.
    pub fn new(limits: Limits, outside: Outside) -> Result<Fetcher, SetupError> {
        let Outside { contact, proxies, authorities } = outside;
        let version = env!("CARGO_PKG_VERSION");
        let agent = match &contact {
            Some(contact) => format!("{PRODUCT_TOKEN}/{version} (+{contact})"),
            None => format!("{PRODUCT_TOKEN}/{version}"),
        };
        let agent =
            HeaderValue::from_str(&agent).map_err(|_| SetupError::Contact(contact.unwrap_or_default()))?;
        let authorities = authorities.map(|pem| Certificate::from_pem_bundle(&pem)).transpose();
        let authorities = authorities.map_err(SetupError::Authorities)?.unwrap_or_default();
        let limits = Arc::new(limits);
        let fetcher = Fetcher {
            at_once: Arc::new(Semaphore::new(limits.at_once.max(1))),
            clients: Arc::new(Clients::new(Arc::clone(&limits), authorities)),
            limits,
            agent,
            proxies: Arc::new(proxies),
            queues: Queues::default(),
            asked: Arc::default(),
            permissions: Permissions::default(),
        };
        // Made now, so that a machine without certificates is told at the start and not at a visit.
        fetcher.clients.get(client::Rules::Direct(Guard::default()))?;
        Ok(fetcher)
    }

    /// The same, knowing of hosts and of what they permit all that another fetcher has learnt: what is changed while the
    /// program runs makes nobody less polite.
    pub(crate) fn continuing(self, earlier: &Fetcher) -> Fetcher {
        Fetcher { queues: earlier.queues.clone(), permissions: earlier.permissions.clone(), ..self }
    }

    /// A clone that remembers by itself which hosts it asks.
    pub(crate) fn for_visit(&self) -> Fetcher {
        Fetcher { asked: Arc::default(), ..self.clone() }
    }

    /// What is known of the hosts that this clone asked, to be kept over a restart.
    pub(crate) fn histories(&self) -> BTreeMap<String, History> {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.iter().take(HOSTS_KEPT).map(|host| (host.clone(), self.queues.history(host))).collect()
    }

    /// Takes over what was known of hosts before a restart.
    pub(crate) fn remember(&self, histories: &BTreeMap<String, History>) {
        histories.iter().for_each(|(host, history)| self.queues.remember(host, history));
    }

    /// The limits in force.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Fetches a page: politely, within the limits, through checked redirects.
    pub async fn fetch(&self, request: &Request<'_>, now: &Now) -> Result<Fetched, FetchError> {
        let terms = Terms { guard: Guard::new(request.allow), way: request.way };
        let size = Size::AtMost(match request.wanted {
            Wanted::Feed => self.limits.feed_bytes,
            Wanted::Html | Wanted::Data => self.limits.page_bytes,
        });
        let mut url = request.url.clone();
        let mut asked: Vec<Url> = Vec::new();
        let mut moved_for_good = true;
        loop {
            self.check_robots(&url, &terms, now).await?;
            let ask = Ask { headers: request.headers(), size, wanted: Some(request.wanted) };
            let answer = self.ask(&url, &terms, ask, now).await?;
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
                    // Feeds are made to be read elsewhere, and say themselves what is reserved.
                    if request.wanted != Wanted::Feed {
                        page.wishes = self.reserved(&page.url, &terms, now).await?.and(page.wishes);
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
        terms: &Terms<'_>,
        Ask { mut headers, size, wanted }: Ask,
        now: &Now,
    ) -> Result<Answer, FetchError> {
        check(&terms.guard, url)?;
        let proxy = self.proxies.of(url, terms.way);
        if proxy.is_some() {
            // The proxy looks the name up itself, where nobody checks what it leads to: so we do before.
            self.check_target(url, &terms.guard).await?;
        }
        let rules = match proxy {
            Some(proxy) => client::Rules::Through(proxy.clone()),
            None => client::Rules::Direct(terms.guard.clone()),
        };
        let client = self.clients.get(rules).map_err(|error| FetchError::Other {
            url: url.to_string(),
            why: Words::new(format!("无法使用 HTTPS：{error}"), format!("cannot set up HTTPS: {error}")),
        })?;
        headers.insert(reqwest::header::USER_AGENT, self.agent.clone());
        let is_page = wanted == Some(Wanted::Html);
        let mut turn = self.queues.turn((url, is_page), &self.limits, now).await?;
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).insert(host_key(url));
        // Closed only when the program ends; then nobody waits for the answer either.
        let _one_of_many = self.at_once.acquire().await.ok();
        let answer = exchange((&client, proxy), url, headers, (size, &self.limits)).await;
        turn.over(now());
        let answer = answer?;
        if let Some((retry_after, why)) = asks_for_pause(&answer, now()) {
            turn.close_until(later(now(), retry_after));
            return Err(FetchError::Throttled { url: url.to_string(), retry_after, why });
        }
        Ok(answer)
    }

    /// Looks a target up as the guard would for a direct connection.
    async fn check_target(&self, url: &Url, guard: &Guard) -> Result<(), FetchError> {
        let Some(Host::Domain(name)) = url.host() else { return Ok(()) };
        let late = |_| FetchError::Timeout {
            url: url.to_string(),
            stage: Stage::Connecting,
            seconds: self.limits.connect.as_secs(),
        };
        let looked_up = tokio::time::timeout(self.limits.connect, guard.look_up(name)).await.map_err(late)?;
        looked_up.map(drop).map_err(|error| unknown_target(url, error.as_ref()))
    }
}

fn check(guard: &Guard, url: &Url) -> Result<(), FetchError> {
    guard.check(url).map_err(|why| FetchError::Blocked { url: url.to_string(), why })
}

fn unknown_target(url: &Url, error: &(dyn std::error::Error + 'static)) -> FetchError {
    if let Some(refusal) = error.downcast_ref::<Refusal>() {
        return FetchError::Blocked { url: url.to_string(), why: refusal.with_port(url) };
    }
    let why = Words::new(
        format!("查不到这个名字（{error}）；经过代理的地址也要先在本机查清楚，请检查 DNS"),
        format!(
            "its name cannot be looked up ({error}); what goes through a proxy is looked up here first, so check the DNS"
        ),
    );
    FetchError::Other { url: url.to_string(), why }
}

fn redirected_in_vain(url: &Url) -> FetchError {
    let why = Words::new(
        "转来转去或转得太多；请用浏览器打开，把最后到的地址写进信源",
        "redirects in a circle or too often; open the address in a browser and put the address it ends at \
         into the source",
    );
    FetchError::Other { url: url.to_string(), why }
}
