//! What each site's robots.txt permits, asked once a day. The rules themselves are `robots`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex as AsyncMutex;
use url::Url;

use crate::pace::later;
use crate::robots::Rules;
use crate::wishes::{Reservations, Wishes};
use crate::words::Words;

/// RFC 9309: a copy is not used for longer than a day, unless the file cannot be reached.
const GOOD_FOR: SignedDuration = SignedDuration::from_hours(24);

/// A site whose robots.txt cannot be read is asked for it again after this.
const AGAIN_AFTER: SignedDuration = SignedDuration::from_mins(5);

/// What a site's robots.txt says of one address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Permission {
    /// There is no robots.txt, which permits everything.
    NoFile,
    /// No rule is about the address, which permits it.
    NoRule,
    /// This rule permits it.
    Allowed(String),
    /// This rule forbids it.
    Refused(String),
    /// It cannot be read, which forbids everything until it can be; why, in words.
    Unreadable(Words),
}

/// What is known about one site.
#[derive(Default)]
pub(super) struct Known {
    rules: Option<Rules>,
    /// The latest reading found no file.
    no_file: bool,
    /// Why the latest reading failed.
    closed: Option<Words>,
    fresh_until: Option<Timestamp>,
    reservations: Reservations,
    reservations_fresh_until: Option<Timestamp>,
}

/// The outcome of one reading.
pub(super) enum Reading {
    /// The file was read.
    Rules(Rules),
    /// There is none, which permits everything.
    NoFile,
    /// A fault of the site: nothing may be fetched until it is over.
    Unreachable(Words),
}

impl Known {
    /// Whether the file must be read (again) now.
    pub(super) fn is_stale(&self, now: Timestamp) -> bool {
        self.fresh_until.is_none_or(|until| until <= now)
    }

    /// Takes a reading over.
    pub(super) fn learn(&mut self, reading: Reading, now: Timestamp) {
        self.no_file = matches!(reading, Reading::NoFile);
        match reading {
            Reading::Rules(_) | Reading::NoFile => {
                let rules = if let Reading::Rules(rules) = reading { rules } else { Rules::default() };
                (self.rules, self.closed) = (Some(rules), None);
                self.fresh_until = Some(later(now, GOOD_FOR));
            }
            Reading::Unreachable(why) => {
                self.closed = Some(why);
                self.fresh_until = Some(later(now, AGAIN_AFTER));
            }
        }
    }

    /// What it says of an address; `None` before the first reading.
    pub(super) fn permission(&self, url: &Url) -> Option<Permission> {
        let Some(rules) = &self.rules else { return self.closed.clone().map(Permission::Unreadable) };
        Some(match rules.rule_about(url) {
            None if self.no_file => Permission::NoFile,
            None => Permission::NoRule,
            Some(rule) if rules.permit(url) => Permission::Allowed(rule),
            Some(rule) => Permission::Refused(rule),
        })
    }

    /// Whether the address may be fetched; if not, why. Old rules hold while new ones cannot be had.
    pub(super) fn permit(&self, url: &Url) -> Result<(), Words> {
        match (&self.rules, &self.closed) {
            (Some(rules), _) if rules.permit(url) => Ok(()),
            (Some(_), _) => Err(Words::new(
                "网站的 robots.txt 不许采集；请问问网站，或者删去这个信源",
                "the site's robots.txt forbids it; ask the site, or remove the source",
            )),
            (None, Some(why)) => Err(Words::new(
                format!("读不到网站的 robots.txt（{}）；读到之前别的也不采", why.zh),
                format!(
                    "the site could not be asked for its robots.txt ({}); nothing else is asked before that works",
                    why.en
                ),
            )),
            (None, None) => Err(Words::new(
                "还没有读过网站的 robots.txt；会再去",
                "the site's robots.txt was not read yet; it is asked again",
            )),
        }
    }
}

impl Known {
    /// Whether the site's tdmrep.json must be read (again) now.
    pub(super) fn reservations_are_stale(&self, now: Timestamp) -> bool {
        self.reservations_fresh_until.is_none_or(|until| until <= now)
    }

    /// Takes a reading of tdmrep.json over; without one the old copy holds and is asked for again soon.
    pub(super) fn learn_reservations(&mut self, reservations: Option<Reservations>, now: Timestamp) {
        let good_for = if reservations.is_some() { GOOD_FOR } else { AGAIN_AFTER };
        self.reservations = reservations.unwrap_or_else(|| std::mem::take(&mut self.reservations));
        self.reservations_fresh_until = Some(later(now, good_for));
    }

    /// What tdmrep.json says of a page.
    pub(super) fn reserved(&self, url: &Url) -> Wishes {
        self.reservations.of(url)
    }
}

/// The sites met so far. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Permissions {
    sites: Arc<Mutex<HashMap<String, Arc<AsyncMutex<Known>>>>>,
}

impl Permissions {
    /// What is known about the site of this address; locked while somebody reads its robots.txt.
    pub(super) fn site(&self, url: &Url) -> Arc<AsyncMutex<Known>> {
        let mut sites = self.sites.lock().unwrap_or_else(PoisonError::into_inner);
        sites.entry(url.origin().ascii_serialization()).or_default().clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_second(1_600_000_000 + hours * 3600).unwrap()
    }

    #[test]
    fn rules_hold_for_a_day_and_longer_while_the_site_is_down() {
        let url = Url::parse("http://site.example/a").unwrap();
        let mut known = Known::default();
        assert!(known.is_stale(at(0)) && known.permit(&url).is_err());
        known.learn(Reading::Unreachable(Words::same("503")), at(0));
        assert!(known.permit(&url).unwrap_err().en.contains("503"));
        assert!(!known.is_stale(at(0)) && known.is_stale(at(1)));
        assert!(matches!(known.permission(&url), Some(Permission::Unreadable(_))));
        known.learn(Reading::NoFile, at(0));
        assert_eq!(known.permission(&url), Some(Permission::NoFile));
        let rules = b"User-agent: *\nDisallow: /b\nAllow: /b/c";
        known.learn(Reading::Rules(Rules::parse(rules, "Guanlan")), at(1));
        let said = ["/a", "/b", "/b/c"].map(|path| known.permission(&url.join(path).unwrap()).unwrap());
        let (refused, allowed) = ("Disallow: /b".to_owned(), "Allow: /b/c".to_owned());
        assert_eq!(said, [Permission::NoRule, Permission::Refused(refused), Permission::Allowed(allowed)]);
        assert!(!known.is_stale(at(24)) && known.is_stale(at(25)));
        known.learn(Reading::Unreachable(Words::same("503")), at(25));
        assert_eq!(known.permit(&url), Ok(()));
        assert!(known.permit(&url.join("/b").unwrap()).unwrap_err().en.contains("forbids"));
    }
}
