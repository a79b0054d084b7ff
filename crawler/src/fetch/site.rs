//! The two files in which a site says what it permits, each asked for once a day: robots.txt before
//! anything else, and tdmrep.json (W3C TDMRep) where pages or JSON are read. Feeds ask for the first only:
//! they name a reservation in their own headers, and a second request would be as many as the first.

use reqwest::header::HeaderMap;
use url::Url;

use super::answer::next_hop;
use super::exchange::Size;
use super::permission::{Permission, Reading};
use super::{Ask, FetchError, Fetcher, PRODUCT_TOKEN, Terms, check};
use crate::pace::Now;
use crate::robots::{READ_AT_MOST, Rules};
use crate::wishes::{Reservations, Wishes};
use crate::words::Words;

/// RFC 9309 asks crawlers to follow at least five redirects of a robots.txt.
const ROBOTS_REDIRECTS: usize = 5;

/// A file of reservations is not read further than this.
const RESERVATIONS_AT_MOST: usize = 256 * 1024;

impl Fetcher {
    /// Asks the site's robots.txt first if it is not known.
    pub(super) async fn check_robots(
        &self,
        url: &Url,
        terms: &Terms<'_>,
        now: &Now,
    ) -> Result<(), FetchError> {
        check(&terms.guard, url)?;
        let site = self.permissions.site(url);
        let mut known = site.lock().await;
        if known.is_stale(now()) {
            let reading = self.read_robots(url, terms, now).await?;
            if let Reading::Rules(rules) = &reading {
                self.queues.set_crawl_delay(url, rules.crawl_delay());
            }
            known.learn(reading, now());
        }
        let Err(why) = known.permit(url) else { return Ok(()) };
        let url_text = url.to_string();
        Err(match known.permission(url) {
            Some(Permission::Refused(_)) => FetchError::Disallowed { url: url_text, why },
            _ => FetchError::Unreadable { url: url_text, why },
        })
    }

    /// What the site's robots.txt says of an address; `None` if it was not asked for yet.
    pub async fn permission(&self, url: &Url) -> Option<Permission> {
        self.permissions.site(url).lock().await.permission(url)
    }

    async fn read_robots(&self, url: &Url, terms: &Terms<'_>, now: &Now) -> Result<Reading, FetchError> {
        let Ok(mut robots) = url.join("/robots.txt") else { return Ok(Reading::NoFile) };
        for _ in 0..=ROBOTS_REDIRECTS {
            let answer = match self.ask(&robots, terms, file(READ_AT_MOST + 1), now).await {
                Ok(answer) => answer,
                Err(
                    error @ (FetchError::Blocked { .. }
                    | FetchError::Throttled { .. }
                    | FetchError::Paced { .. }),
                ) => {
                    return Err(error);
                }
                Err(error) => return Ok(Reading::Unreachable(error.in_short())),
            };
            match answer.status {
                200..=299 => return Ok(Reading::Rules(Rules::parse(&answer.body, PRODUCT_TOKEN))),
                301 | 302 | 303 | 307 | 308 => match next_hop(&robots, &answer) {
                    Ok(next) => robots = next,
                    Err(_) => return Ok(Reading::NoFile),
                },
                500.. => {
                    let status = answer.status;
                    let why = Words::new(format!("返回 {status}"), format!("it answers {status}"));
                    return Ok(Reading::Unreachable(why));
                }
                _ => return Ok(Reading::NoFile),
            }
        }
        Ok(Reading::NoFile)
    }

    /// What the site's tdmrep.json says of this page. A file that cannot be had reserves nothing: unlike
    /// robots.txt it opens no door, since the page was fetched with the site's leave already.
    pub(super) async fn reserved(
        &self,
        url: &Url,
        terms: &Terms<'_>,
        now: &Now,
    ) -> Result<Wishes, FetchError> {
        let site = self.permissions.site(url);
        let mut known = site.lock().await;
        if known.reservations_are_stale(now()) {
            let reservations = match url.join("/.well-known/tdmrep.json") {
                Ok(file) if known.permit(&file).is_ok() => self.read_reservations(&file, terms, now).await?,
                _ => Some(Reservations::default()),
            };
            known.learn_reservations(reservations, now());
        }
        Ok(known.reserved(url))
    }

    /// `None` if the site could not answer.
    async fn read_reservations(
        &self,
        url: &Url,
        terms: &Terms<'_>,
        now: &Now,
    ) -> Result<Option<Reservations>, FetchError> {
        match self.ask(url, terms, file(RESERVATIONS_AT_MOST), now).await {
            Ok(answer) if answer.status == 200 => Ok(Some(Reservations::parse(&answer.body))),
            Ok(answer) if answer.status < 500 => Ok(Some(Reservations::default())),
            // The page itself waits until the site may be asked again.
            Err(error @ (FetchError::Throttled { .. } | FetchError::Paced { .. })) => Err(error),
            Ok(_) | Err(_) => Ok(None),
        }
    }
}

/// The beginning of a file is enough.
fn file(bytes: usize) -> Ask {
    Ask { headers: HeaderMap::new(), size: Size::CutAt(bytes), wanted: None }
}
