//! `guanlan run`: starts every part, lets time go by, and stops in order.
//!
//! crawl → intake (owns posts.db and the index) → lookout (owns counts.db and alerts.db) → post office.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use alerts::claim::Signer;
use alerts::mail::Outcome;
use alerts::outbox::Road;
use analyzer::index::Index;
use analyzer::segment::Segmenter;
use crawler::archive::Archive;
use crawler::crawl::{Crawl, Visit};
use crawler::pace::Now;
use crawler::pause::Pauses;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinSet;
use tracing::{error, info, warn};

use crate::clock::Clock;
use crate::folder::Held;
use crate::intake::{Intake, IntakeError};
use crate::lookout::{Lookout, LookoutError};
use crate::orders::Orders;
use crate::owner::{Owner, Stopped};
use crate::reload::Reload;
use crate::ways::{Current, Ways};
use crate::web::access::Access;
use crate::web::{Front, Glance, Reception};

/// Visits that wait for the intake before the crawl waits too.
const VISITS: usize = 64;
/// The heart beats that often: buckets close, the index commits, mails leave.
pub(crate) const BEAT: Duration = Duration::from_millis(250);
/// What is past its time is looked for that often.
const FORGET_EVERY: SignedDuration = SignedDuration::from_hours(1);
/// Sources that call by themselves are looked at that often.
const LISTEN_EVERY: SignedDuration = SignedDuration::from_secs(30);
/// What was deleted is taken out of the files in steps so far apart.
const SCRUB_EVERY: SignedDuration = SignedDuration::from_mins(1);
/// Storing is tried again after this pause when it failed.
const AGAIN: Duration = Duration::from_secs(5);

/// What the daemon is started with.
pub(crate) struct Parts {
    /// The data folder, held.
    pub held: Held,
    /// Where posts come from, who calls, and how mails and messages leave.
    pub ways: Ways,
    /// Cuts text into words.
    pub segmenter: Segmenter,
    /// What to watch for and whom to tell.
    pub orders: Orders,
    /// Where the pages are served.
    pub front: Front,
    /// A socket for other machines that serves no page, if there is to be one.
    pub api_front: Option<Front>,
    /// Who is let in to the pages.
    pub access: Access,
    /// The configuration files, to take over their changes; none without a file.
    pub reload: Option<Reload>,
    /// What time it is.
    pub clock: Clock,
}

/// Why the daemon ended by itself.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DaemonError {
    /// The store or the index.
    #[error(transparent)]
    Intake(#[from] IntakeError),
    /// Counts or alerts.
    #[error(transparent)]
    Lookout(#[from] LookoutError),
    /// The operating system.
    #[error("the program cannot go on: {0}")]
    Io(#[from] std::io::Error),
    /// A part ended before it was told to.
    #[error("a part of the program ended unexpectedly; see the log above, then start it again")]
    Stopped(#[from] Stopped),
}

/// The running parts that pages and the socket talk to.
#[derive(Clone)]
pub(crate) struct Running {
    pub(crate) intake: Owner<Intake>,
    pub(crate) lookout: Owner<Lookout>,
    pub(crate) archive: Archive,
    pub(crate) index: Index,
    pub(crate) clock: Clock,
    /// The sources that rest.
    pub(crate) pauses: Pauses,
    /// How many may ask for much at once.
    pub(crate) places: Places,
    /// Who may see and do what on the pages.
    pub(crate) access: Access,
    /// What pages may show as it was a moment ago.
    pub(crate) glance: Glance,
}

/// Places for what takes long or holds much.
#[derive(Clone)]
pub(crate) struct Places {
    /// One trial of a word list at a time: each reads all posts of weeks.
    pub(crate) trials: Arc<Semaphore>,
    /// Four searches at once: each holds all its hits for a moment.
    pub(crate) searches: Arc<Semaphore>,
}

impl Default for Places {
    fn default() -> Places {
        Places { trials: Arc::new(Semaphore::new(1)), searches: Arc::new(Semaphore::new(4)) }
    }
}

/// Runs until `stop` is done, then lets what is in the pipe drain.
pub(crate) async fn run(
    parts: Parts,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), DaemonError> {
    let Parts { held, ways, segmenter, orders, front, api_front, access, reload, clock } = parts;
    let (sources, fetcher, privacy) = (ways.sources.clone(), ways.fetcher.clone(), ways.privacy.clone());
    let (changing, ways) = watch::channel(Arc::new(ways));
    let folder = held.path().to_owned();
    let archive = Archive::open(&folder).map_err(IntakeError::from)?;
    let intake = Intake::open(&folder, archive.clone(), &segmenter)?;
    let index = intake.index();
    let pauses = Pauses::new(archive.pauses().map_err(IntakeError::from)?);
    let lookout = Lookout::open(&folder, archive.clone(), orders)?.with_words(segmenter)?;
    let signer = Signer::new(privacy.key.derived("acknowledge"));
    let mut lookout = lookout.with_pauses(pauses.clone()).with_signer(signer);
    lookout.remember(&index, clock.now())?;
    access.fill(lookout.desk.journal_mut()).map_err(LookoutError::from)?;
    lookout.configure(reload.as_ref().map(|reload| reload.configured(clock.now())).unwrap_or_default());
    let cursors = archive.cursors().map_err(IntakeError::from)?.into_iter().collect();
    let (intake, intake_thread) = Owner::start("intake", intake)?;
    let (lookout, lookout_thread) = Owner::start("lookout", lookout)?;
    let running = Running {
        intake,
        lookout,
        archive,
        index,
        clock,
        pauses: pauses.clone(),
        access,
        places: Places::default(),
        glance: Glance::new(),
    };

    let (stopping, stopped) = watch::channel(false);
    let mut tasks = JoinSet::new();
    let (send, visits) = mpsc::channel(VISITS);
    let now: Arc<Now> = Arc::new(move || clock.now());
    let reception = Reception::new(running.clone(), ways.clone(), stopped.clone());
    let crawl = Crawl { sources, fetcher, privacy, cursors, pauses };
    let (plan, plans) = mpsc::channel(1);
    let crawl = crawler::crawl::crawl_following(crawl, plans, (send, now), until(stopped.clone()));
    tasks.spawn(async move {
        crawl.await;
        Ok(())
    });
    tasks.spawn(crate::ways::guide(running.clone(), ways.clone(), plan, stopped.clone()));
    tasks.spawn(take_in(running.clone(), visits, stopped.clone()));
    tasks.spawn(beat(running.clone(), stopped.clone()));
    tasks.spawn(forget(running.clone(), stopped.clone()));
    tasks.spawn(deliver(running.clone(), ways.clone(), stopped.clone()));
    tasks.spawn(crate::channels::deliver_all(running.clone(), ways, stopped.clone()));
    tasks.spawn(crate::door::serve(running.clone(), held.socket(), stopped.clone()));
    tasks.spawn(crate::web::serve(running.clone(), Some(reception.clone()), front, stopped.clone()));
    if let Some(front) = api_front {
        tasks.spawn(crate::web::serve_api(reception.clone(), front, stopped.clone()));
    }
    if let Some(reload) = reload {
        tasks.spawn(crate::reload::watch(running.clone(), (reload, changing), stopped.clone()));
    }
    tasks.spawn(listen_for_silence(reception, stopped.clone()));
    info!(folder = %folder.display(), "guanlan is running");

    let ended = tokio::select! {
        () = stop => Ok(()),
        Some(ended) = tasks.join_next() => flatten(ended),
    };
    info!("stopping: what was fetched is still stored");
    stopping.send_replace(true);
    let mut result = ended;
    while let Some(ended) = tasks.join_next().await {
        result = result.and(flatten(ended));
    }
    running.lookout.ask(Lookout::write_counts).await??;
    running.lookout.ask(|lookout| lookout.save_topics()).await?;
    drop(running);
    // Each thread ends when its last handle is gone; what it owned is closed in this order.
    let closed = tokio::task::spawn_blocking(move || {
        let intake = intake_thread.join().map_err(|_| Stopped)?;
        intake.close()?;
        lookout_thread.join().map_err(|_| Stopped)?;
        Ok::<(), DaemonError>(())
    });
    closed.await.map_err(std::io::Error::other)??;
    drop(held);
    info!("stopped");
    result
}

pub(crate) fn flatten(
    ended: Result<Result<(), DaemonError>, tokio::task::JoinError>,
) -> Result<(), DaemonError> {
    ended.map_err(std::io::Error::other)?
}

/// Done when the program is told to stop.
pub(crate) async fn until(mut stopped: watch::Receiver<bool>) {
    // A closed channel means that the program has ended already.
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

/// Takes in what visits bring, one after the other. A full disk makes the crawl wait: nothing is dropped.
async fn take_in(
    running: Running,
    mut visits: mpsc::Receiver<Visit>,
    stopped: watch::Receiver<bool>,
) -> Result<(), DaemonError> {
    // What could not be understood is said when it changes, not at every visit.
    let mut problems: HashMap<String, usize> = HashMap::new();
    while let Some(visit) = visits.recv().await {
        let visit = Arc::new(visit);
        let before = problems.insert(visit.source.clone(), visit.problems.len()).unwrap_or(0);
        if let (Some(first), true) = (visit.problems.first(), visit.problems.len() != before) {
            let (count, line, what) = (visit.problems.len(), first.line.unwrap_or(0), &first.what.en);
            warn!(source.name = %visit.source, count, line, %what, "some of a source could not be understood");
        }
        let mut failed = false;
        loop {
            let same = Arc::clone(&visit);
            match running.intake.ask(move |intake| intake.visit(&same)).await? {
                Ok(appended) => {
                    let (same, now) = (Arc::clone(&visit), running.clock.now());
                    let visited = move |lookout: &mut Lookout| lookout.visited(&same, &appended, now);
                    running.lookout.ask(visited).await??;
                    break;
                }
                Err(error) if *stopped.borrow() => {
                    // Its cursor has not moved: the next start fetches it again.
                    error!(source.name = %visit.source, %error, "not stored before stopping");
                    break;
                }
                Err(error) => {
                    if !failed {
                        error!(source.name = %visit.source, %error, "cannot store; trying again every 5 s");
                    }
                    failed = true;
                    let pause = tokio::time::sleep(AGAIN);
                    tokio::select! { () = pause => {}, () = until(stopped.clone()) => {} }
                }
            }
        }
        if failed {
            info!(source.name = %visit.source, "storing works again");
        }
    }
    Ok(())
}

/// Lets buckets close and the index commit while time goes by.
pub(crate) async fn beat(running: Running, stopped: watch::Receiver<bool>) -> Result<(), DaemonError> {
    let mut failing = false;
    while !*stopped.borrow() {
        let now = running.clock.now();
        let committed = running.intake.ask(move |intake| intake.commit_if_due(now)).await?;
        let judged = running.lookout.ask(move |lookout| lookout.tick(now)).await?;
        let result = committed.map_err(DaemonError::from).and(judged.map_err(DaemonError::from));
        match (&result, failing) {
            (Err(error), false) => error!(%error, "cannot go on judging; trying again"),
            (Ok(()), true) => info!("judging works again"),
            _ => {}
        }
        failing = result.is_err();
        tokio::select! { () = tokio::time::sleep(BEAT) => {}, () = until(stopped.clone()) => {} }
    }
    Ok(())
}

/// Notices when a source that calls by itself has not called for too long.
async fn listen_for_silence(reception: Reception, stopped: watch::Receiver<bool>) -> Result<(), DaemonError> {
    // Since when each is listened to: one that joined later had no time to call.
    let mut since = HashMap::new();
    let mut next = reception.now();
    while !*stopped.borrow() {
        let now = reception.now();
        if now >= next {
            reception.listen_for_silence(&mut since, now).await?;
            next = now + LISTEN_EVERY;
        }
        tokio::select! { () = tokio::time::sleep(BEAT) => {}, () = until(stopped.clone()) => {} }
    }
    Ok(())
}

/// Deletes what is older than it may be, at the start and then every hour, until no file holds it any more.
async fn forget(running: Running, stopped: watch::Receiver<bool>) -> Result<(), DaemonError> {
    let (mut next, mut next_scrub, mut posts_gone) = (Timestamp::MIN, Timestamp::MAX, 0);
    while !*stopped.borrow() {
        let now = running.clock.now();
        if now >= next {
            let keep = |lookout: &mut Lookout| (lookout.orders.keep_posts, lookout.orders.keep_counts);
            let (keep_posts, keep_counts) = running.lookout.ask(keep).await?;
            let expire = move |intake: &mut Intake| {
                intake.expire_counts(now - keep_counts)?;
                intake.expire(now - keep_posts)
            };
            let gone = running.intake.ask(expire).await?;
            let expired = running.lookout.ask(move |lookout| lookout.expire(now)).await?;
            match (gone, expired) {
                (Ok(posts), Ok(())) => posts_gone += posts,
                (Err(error), _) => error!(%error, "posts past their time could not be deleted"),
                (_, Err(error)) => error!(%error, "counts or texts past their time could not be deleted"),
            }
            running.lookout.ask(|lookout| lookout.save_topics()).await?;
            (next, next_scrub) = (now + FORGET_EVERY, now);
        }
        if now >= next_scrub {
            next_scrub = if scrub(&running, now).await? {
                if posts_gone > 0 {
                    info!(posts = posts_gone, "texts past their time are in no file any more");
                }
                posts_gone = 0;
                Timestamp::MAX
            } else {
                now + SCRUB_EVERY
            };
        }
        tokio::select! { () = tokio::time::sleep(BEAT) => {}, () = until(stopped.clone()) => {} }
    }
    Ok(())
}

/// Takes what was deleted out of every file; `false` while that has to go on.
async fn scrub(running: &Running, now: Timestamp) -> Result<bool, DaemonError> {
    let posts = running.intake.ask(move |intake| intake.scrub(now)).await?;
    let texts = running.lookout.ask(|lookout| lookout.scrub()).await?;
    match (posts, texts) {
        (Ok(posts), Ok(texts)) => return Ok(posts && texts),
        (Err(error), _) => error!(%error, "deleted posts could not be taken out of the files"),
        (_, Err(error)) => error!(%error, "deleted texts could not be taken out of the files"),
    }
    Ok(false)
}

/// Sends what is due, one mail at a time, away from the thread that owns the journal.
pub(crate) async fn deliver(
    running: Running,
    mut ways: Current,
    stopped: watch::Receiver<bool>,
) -> Result<(), DaemonError> {
    let (mut from, mut host) = running.lookout.ask(|lookout| lookout.sender()).await?;
    let mut unreachable = false;
    while !*stopped.borrow() {
        let has_changed = ways.has_changed().unwrap_or(false);
        let way = Arc::clone(&ways.borrow_and_update());
        // Whoever mails is known before the way changes, so it is asked for after it.
        if has_changed {
            (from, host) = running.lookout.ask(|lookout| lookout.sender()).await?;
        }
        let mut courier = Some(way.mailer.courier(&from, &host));
        loop {
            let now = running.clock.now();
            let due = running.lookout.ask(move |lookout| lookout.desk.next_due(Road::Mail, now)).await?;
            let Some(outgoing) = due.map_err(LookoutError::from)? else { break };
            let Some(mut sending) = courier.take() else { break };
            let sent = tokio::task::spawn_blocking(move || {
                let outcome = sending.send(&outgoing);
                (sending, outgoing, outcome)
            });
            let (back, outgoing, outcome) = sent.await.map_err(std::io::Error::other)?;
            courier = Some(back);
            let waits = matches!(outcome, Outcome::Unreachable { .. });
            let now = running.clock.now();
            let recorded =
                running.lookout.ask(move |lookout| lookout.desk.record(&outgoing, &outcome, now)).await?;
            recorded.map_err(LookoutError::from)?;
            // What the server said may quote an address: `guanlan mail test` tells it, the log does not.
            match (waits, unreachable) {
                (true, false) => warn!("the mail server cannot be used; mails wait (see guanlan mail test)"),
                (false, true) => info!("the mail server can be used again"),
                _ => {}
            }
            unreachable = waits;
            if unreachable || *stopped.borrow() {
                break;
            }
        }
        // Taking leave of the server may take a moment.
        drop(tokio::task::spawn_blocking(move || drop(courier)).await);
        tokio::select! { () = tokio::time::sleep(BEAT) => {}, () = until(stopped.clone()) => {} }
    }
    Ok(())
}
