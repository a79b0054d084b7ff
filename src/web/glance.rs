//! What pages may show as it was a moment ago: so they come at once, however busy the lookout is.

use std::sync::Arc;

use alerts::message::{Language, Site};
use axum::body::Bytes;
use tracing::error;

use super::latest::{Acts, Latest};
use super::pages::reference;
use super::view::{Chrome, trouble};
use crate::daemon::Running;
use crate::find::Reference;
use crate::lookout::{Lookout, LookoutError};
use crate::owner::Stopped;
use crate::reload::Configured;

/// The answers kept. Cloning it is cheap.
#[derive(Clone)]
pub(crate) struct Glance {
    acts: Acts,
    known: Latest<(), Option<Arc<Known>>>,
    /// Whole pages, by the language asked for and who sees them; none where one could not be made.
    pub(super) overviews: Latest<(Option<String>, String), Option<Bytes>>,
}

/// What a search needs to know of the installation.
#[derive(Clone)]
pub(super) struct Known {
    pub(super) reference: Reference,
    pub(super) site: Site,
    /// Open alerts.
    open: usize,
    configured: Configured,
    /// Searches kept, by name: the query part of their addresses.
    pub(super) saved: Vec<(String, String)>,
}

impl Glance {
    /// Nothing is kept yet.
    pub(crate) fn new() -> Glance {
        let acts = Acts::default();
        Glance { known: Latest::new(acts.clone()), overviews: Latest::new(acts.clone()), acts }
    }

    /// Something was done: whoever looks from now on sees it.
    pub(crate) fn acted(&self) {
        self.acts.note();
    }
}

/// What is known of the installation; none where it could not be read, which is in the log.
pub(super) async fn known(running: &Running) -> Result<Option<Arc<Known>>, Stopped> {
    let now = running.clock.now();
    let lookout = running.lookout.clone();
    let ask = || async move {
        lookout
            .ask(move |lookout| {
                let known = Known::of(lookout, now);
                known.inspect_err(|error| error!(%error, "what a search needs could not be read")).ok()
            })
            .await
    };
    running.glance.known.get((), ask).await
}

impl Known {
    fn of(lookout: &Lookout, now: jiff::Timestamp) -> Result<Arc<Known>, LookoutError> {
        Ok(Arc::new(Known {
            reference: reference(lookout, now),
            site: lookout.orders.site.clone(),
            open: lookout.desk.counts()?.open,
            configured: lookout.configured.clone(),
            saved: lookout.desk.saved_searches()?,
        }))
    }

    /// The names, with the present.
    pub(super) fn at(&self, now: jiff::Timestamp) -> Reference {
        Reference { now, ..self.reference.clone() }
    }

    /// The page's surroundings with what they tell on every page.
    pub(super) fn dress(&self, mut chrome: Chrome) -> Chrome {
        chrome.open = self.open;
        chrome.trouble = trouble(&self.configured, chrome.language);
        chrome
    }

    /// The language of the installation.
    pub(super) fn language(&self) -> Language {
        self.site.language
    }
}
