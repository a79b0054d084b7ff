//! Sends what is due by one channel: a task of its own, so that a slow one keeps nobody waiting.

use alerts::channel::{Channel, send};
use alerts::desk::{Desk, DeskError};
use alerts::mail::Outcome;
use crawler::fetch::Fetcher;
use jiff::Timestamp;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tracing::{info, warn};

use crate::daemon::{BEAT, DaemonError, Running, flatten, until};
use crate::lookout::LookoutError;
use crate::ways::Current;

/// Sends by every channel there is until the program stops; changed ones begin when what is being sent has gone.
pub(crate) async fn deliver_all(
    running: Running,
    mut ways: Current,
    stopped: watch::Receiver<bool>,
) -> Result<(), DaemonError> {
    loop {
        let (channels, fetcher) = {
            let now = ways.borrow_and_update();
            (now.channels.clone(), now.fetcher.clone())
        };
        let known = channels.clone();
        let given_up =
            running.lookout.ask(move |lookout| lookout.desk.give_up_other_channels(&known)).await?;
        given_up.map_err(LookoutError::from)?;
        let (end, ended) = watch::channel(false);
        let mut senders = JoinSet::new();
        for channel in channels {
            senders.spawn(deliver(running.clone(), channel, fetcher.clone(), ended.clone()));
        }
        let (is_over, mut result) = tokio::select! {
            Ok(()) = ways.changed() => (false, Ok(())),
            () = until(stopped.clone()) => (true, Ok(())),
            Some(over) = senders.join_next() => (true, flatten(over)),
        };
        end.send_replace(true);
        while let Some(over) = senders.join_next().await {
            result = result.and(flatten(over));
        }
        if is_over || result.is_err() {
            return result;
        }
    }
}

/// Sends until the program stops. What a platform says goes into the log of tries, never into the log.
async fn deliver(
    running: Running,
    channel: Channel,
    fetcher: Fetcher,
    stopped: watch::Receiver<bool>,
) -> Result<(), DaemonError> {
    let mut was_unreachable = false;
    while !*stopped.borrow() {
        let (now, asked) = (running.clock.now(), channel.clone());
        let due = running.lookout.ask(move |lookout| lookout.desk.next_for(&asked, now)).await?;
        let Some(outgoing) = due.map_err(LookoutError::from)? else {
            tokio::select! { () = tokio::time::sleep(BEAT) => {}, () = until(stopped.clone()) => {} }
            continue;
        };
        let outcome = send(&fetcher, &channel, &outgoing, now).await;
        let is_unreachable = matches!(outcome, Outcome::Unreachable { .. });
        let now = running.clock.now();
        let recorded =
            running.lookout.ask(move |lookout| lookout.desk.record(&outgoing, &outcome, now)).await?;
        recorded.map_err(LookoutError::from)?;
        match (is_unreachable, was_unreachable) {
            (true, false) => {
                let name = &channel.name;
                warn!(channel.name = %name, "the channel cannot be used; messages wait (see guanlan channel test)");
            }
            (false, true) => info!(channel.name = %channel.name, "the channel can be used again"),
            _ => {}
        }
        was_unreachable = is_unreachable;
    }
    Ok(())
}

/// Sends what is due by these channels now, beside no running program.
pub(crate) async fn deliver_now(
    desk: &mut Desk,
    channels: &[Channel],
    fetcher: &Fetcher,
    now: &(dyn Fn() -> Timestamp + Sync),
) -> Result<(), DeskError> {
    for channel in channels {
        while let Some(outgoing) = desk.next_for(channel, now())? {
            let outcome = send(fetcher, channel, &outgoing, now()).await;
            desk.record(&outgoing, &outcome, now())?;
        }
    }
    Ok(())
}
