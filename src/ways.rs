//! The ways into and out of the running program: what is visited, who calls, how mails and messages leave. They are
//! handed over whole when the configuration files change.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use alerts::channel::Channel;
use alerts::mail::Mailer;
use config::Config;
use crawler::crawl::Plan;
use crawler::fetch::Fetcher;
use crawler::fetch::proxy::Proxies;
use crawler::format::Privacy;
use crawler::post::IdKey;
use crawler::source::Source;
use tokio::sync::{mpsc, watch};
use tracing::{error, info};

use crate::daemon::{DaemonError, Running, until};
use crate::orders;
use crate::web::Caller;

/// Reading the store is tried again after this pause when it failed.
const AGAIN: Duration = Duration::from_secs(5);

/// Everything that connects the program with the outside and may change while it runs.
pub(crate) struct Ways {
    /// Where posts come from.
    pub sources: Vec<Source>,
    /// The outgoing HTTP.
    pub fetcher: Fetcher,
    /// Sources that call by themselves.
    pub callers: Vec<Caller>,
    /// Keeps personal data out of posts.
    pub privacy: Privacy,
    /// How mails leave.
    pub mailer: Mailer,
    /// Ways to people beside mail.
    pub channels: Vec<Channel>,
}

/// The ways in force; whoever uses them looks again for each use.
pub(crate) type Current = watch::Receiver<Arc<Ways>>;

impl Ways {
    /// What a configuration says, with the secrets from their files; `environment` is what variables say of proxies.
    ///
    /// # Errors
    /// A file that can't be read, with its path; an address or a key that is none.
    pub(crate) fn read(config: &Config, key: IdKey, environment: Proxies) -> anyhow::Result<Ways> {
        Ok(Ways {
            sources: config.sources.clone(),
            fetcher: orders::fetcher(config, environment)?,
            callers: orders::callers(config)?,
            privacy: Privacy { key, masks: orders::masks(config) },
            mailer: orders::mailer(config)?,
            channels: orders::channels(config)?,
        })
    }
}

/// Lets the crawl follow, with what is stored for sources it does not know, until the program stops.
pub(crate) async fn guide(
    running: Running,
    mut ways: Current,
    plans: mpsc::Sender<Plan>,
    stopped: watch::Receiver<bool>,
) -> Result<(), DaemonError> {
    loop {
        tokio::select! {
            changed = ways.changed() => if changed.is_err() {
                // Nobody can change them any more; the crawl goes on.
                until(stopped.clone()).await;
                return Ok(());
            },
            () = until(stopped.clone()) => return Ok(()),
        }
        let now = Arc::clone(&ways.borrow_and_update());
        let Some(cursors) = cursors(&running, &ways, &stopped).await? else { continue };
        let (sources, fetcher) = (now.sources.clone(), now.fetcher.clone());
        let plan = Plan { sources, fetcher, privacy: now.privacy.clone(), cursors };
        // The crawl has ended: the program is stopping.
        if plans.send(plan).await.is_err() {
            return Ok(());
        }
    }
}

/// What is stored of sources, read away from the threads that serve; `None` when newer ways are in force, or the program
/// stops. While the store cannot be read the crawl goes on as it was: that is said once, and tried again.
async fn cursors(
    running: &Running,
    ways: &Current,
    stopped: &watch::Receiver<bool>,
) -> Result<Option<HashMap<String, String>>, DaemonError> {
    let mut failed = false;
    while !*stopped.borrow() && !ways.has_changed().unwrap_or(false) {
        let archive = running.archive.clone();
        let read = tokio::task::spawn_blocking(move || archive.cursors());
        match read.await.map_err(std::io::Error::other)? {
            Ok(cursors) => {
                if failed {
                    info!("the store can be read again: the changed sources are visited");
                }
                return Ok(Some(cursors.into_iter().collect()));
            }
            Err(error) => {
                if !failed {
                    error!(%error, "the store cannot be read: sources are visited as before, tried again every 5 s");
                }
                failed = true;
                tokio::select! { () = tokio::time::sleep(AGAIN) => {}, () = until(stopped.clone()) => {} }
            }
        }
    }
    Ok(None)
}
