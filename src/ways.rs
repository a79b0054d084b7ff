//! The ways into and out of the running program: what is visited, who calls, how mails and messages leave. They are
//! handed over whole when the configuration files change.

use std::sync::Arc;

use alerts::channel::Channel;
use alerts::mail::Mailer;
use config::Config;
use crawler::crawl::Plan;
use crawler::format::Privacy;
use crawler::post::IdKey;
use crawler::source::Source;
use tokio::sync::{mpsc, watch};

use crate::daemon::{DaemonError, Running, until};
use crate::intake::IntakeError;
use crate::orders;
use crate::web::Caller;

/// Everything that connects the program with the outside and may change while it runs.
pub(crate) struct Ways {
    /// Where posts come from.
    pub sources: Vec<Source>,
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
    /// What a configuration says, with the secrets from their files.
    ///
    /// # Errors
    /// A file that can't be read, with its path; an address or a key that is none.
    pub(crate) fn read(config: &Config, key: IdKey) -> anyhow::Result<Ways> {
        Ok(Ways {
            sources: config.sources.clone(),
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
        let cursors = running.archive.cursors().map_err(IntakeError::from)?.into_iter().collect();
        let plan = Plan { sources: now.sources.clone(), privacy: now.privacy.clone(), cursors };
        // The crawl has ended: the program is stopping.
        if plans.send(plan).await.is_err() {
            return Ok(());
        }
    }
}
