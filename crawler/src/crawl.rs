//! The loop that visits every source when it is due and hands on what it brought. Stores nothing and
//! reads no clock of its own: whoever receives a visit stores its posts first and its cursor afterwards.

mod articles;
mod counts;
mod cursor;
mod feed;
mod folder;
mod follow;
mod json;
mod list;
mod page;
mod push;
mod sitemap;
#[cfg(test)]
mod tests;
mod visit;

use std::collections::{BTreeSet, HashMap};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, Id, JoinSet};

use crate::category::CategoryCount;
use crate::fetch::Fetcher;
use crate::format::{Privacy, Problem};
use crate::health::{Change, Health, Trouble};
use crate::pace::{LONGEST_DELAY, Now, later};
use crate::pause::Pauses;
use crate::post::Post;
use crate::source::{Kind, Source};
use crate::words::Words;
pub use counts::unmapped;
use cursor::{Cursor, FeedCursor, PageCursor, settings_mark};
pub use push::{counted, pushed, silent};
use visit::{Again, Harvest, visit};

/// The clock is looked at this often: it may be set, the machine may have slept, and a rehearsal runs faster.
const LOOK_AT_CLOCK_EVERY: Duration = Duration::from_millis(if cfg!(test) { 2 } else { 250 });

/// A paused source is looked at again after so long: somebody may have resumed it.
const LOOK_AT_PAUSES_EVERY: SignedDuration = SignedDuration::from_secs(30);

/// One visit of one source.
#[derive(Clone, Debug, PartialEq)]
pub struct Visit {
    /// Id of the source.
    pub source: String,
    /// When it ended.
    pub at: Timestamp,
    /// The posts found, known ones among them.
    pub posts: Vec<Post>,
    /// The counts found, known ones among them.
    pub counts: Vec<CategoryCount>,
    /// What could not be understood.
    pub problems: Vec<Problem>,
    /// The charset that the source's page was read as, where it was read.
    pub charset: Option<String>,
    /// How it went.
    pub outcome: Outcome,
    /// What to store for the source, after the posts are stored; given back at the next start.
    pub cursor: Option<String>,
    /// How the source fares with this visit.
    pub health: Health,
    /// What the administrator is to be told.
    pub change: Option<Change>,
}

/// How a visit went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The source was read.
    Fetched,
    /// It has nothing new.
    NotModified,
    /// It could not be read; why, in words.
    Failed(Words),
}

/// What a crawl starts with.
pub struct Crawl {
    /// The sources, each with an id of its own.
    pub sources: Vec<Source>,
    /// Asks for pages.
    pub fetcher: Fetcher,
    /// Keeps personal data out of posts.
    pub privacy: Privacy,
    /// What the archive has stored for each source id.
    pub cursors: HashMap<String, String>,
    /// The sources that rest.
    pub pauses: Pauses,
}

/// What a crawl goes on with when the configuration changed.
pub struct Plan {
    /// The sources from now on, each with an id of its own.
    pub sources: Vec<Source>,
    /// Asks for pages from now on; what is known of hosts goes on.
    pub fetcher: Fetcher,
    /// Keeps personal data out of posts.
    pub privacy: Privacy,
    /// What the archive has stored for each source id; of sources known already the crawl knows better.
    pub cursors: HashMap<String, String>,
}

/// How a source fares, out of what the archive has stored for it.
pub fn health(cursor: &str) -> Health {
    Cursor::read(Some(cursor)).health
}

/// Visits one source once, from the beginning, for `guanlan source test`.
pub async fn visit_once(source: &Source, fetcher: &Fetcher, privacy: &Privacy, now: &Now) -> Visit {
    let mut cursor = Cursor { is_trial: true, ..Cursor::default() };
    let harvest = visit(source, &mut cursor, (fetcher, privacy), now).await;
    conclude(source, cursor, harvest, now())
}

/// Visits all sources when they are due, until `shutdown` or until nobody receives any more. A visit
/// under way at that moment is given up: it comes again at the next start.
pub async fn crawl(
    crawl: Crawl,
    send: mpsc::Sender<Visit>,
    now: Arc<Now>,
    shutdown: impl Future<Output = ()>,
) {
    let (_, no_plans) = mpsc::channel(1);
    crawl_following(crawl, no_plans, (send, now), shutdown).await;
}

/// The same with other sources whenever a plan comes. A visit under way is given up if its source is no longer
/// there or was changed; the others know nothing of it.
pub async fn crawl_following(
    crawl: Crawl,
    mut plans: mpsc::Receiver<Plan>,
    (send, now): (mpsc::Sender<Visit>, Arc<Now>),
    shutdown: impl Future<Output = ()>,
) {
    let mut shutdown = std::pin::pin!(shutdown);
    let mut round = Round::new(crawl, now);
    loop {
        round.start_due();
        let until_next = round.until_next();
        let visit = tokio::select! {
            () = &mut shutdown => return,
            visit = round.next_visit() => visit,
            Some(plan) = plans.recv() => {
                round.follow(plan);
                None
            }
            () = tokio::time::sleep(until_next) => None,
        };
        if let Some(visit) = visit {
            let received = tokio::select! {
                () = &mut shutdown => return,
                sent = send.send(visit) => sent.is_ok(),
            };
            if !received {
                return;
            }
        }
    }
}

/// The sources, when each is due, and the visits under way.
struct Round {
    sources: Vec<Arc<Source>>,
    cursors: Vec<Cursor>,
    /// Moments and places in `sources`; a source under way is not in it.
    due: BTreeSet<(Timestamp, usize)>,
    under_way: JoinSet<(Cursor, Harvest)>,
    places: HashMap<Id, (usize, AbortHandle)>,
    fetcher: Fetcher,
    privacy: Privacy,
    pauses: Pauses,
    now: Arc<Now>,
}

impl Round {
    fn new(crawl: Crawl, now: Arc<Now>) -> Round {
        let start = now();
        let cursors: Vec<Cursor> = crawl
            .sources
            .iter()
            .map(|source| Cursor::read(crawl.cursors.get(&source.id).map(String::as_str)))
            .collect();
        cursors.iter().for_each(|cursor| crawl.fetcher.remember(&cursor.hosts));
        let sources = crawl.sources.iter().zip(&cursors).enumerate();
        let visited = sources.filter(|(_, (source, _))| source.kind.is_visited());
        let due = visited.map(|(place, (source, cursor))| (first_due(source, cursor, start), place));
        Round {
            due: due.collect(),
            sources: crawl.sources.into_iter().map(Arc::new).collect(),
            cursors,
            under_way: JoinSet::new(),
            places: HashMap::new(),
            fetcher: crawl.fetcher,
            privacy: crawl.privacy,
            pauses: crawl.pauses,
            now,
        }
    }

    /// Goes on with other sources. One that stayed as it was is due when it was due, and its visit goes on.
    fn follow(&mut self, plan: Plan) {
        let start = (self.now)();
        self.fetcher = plan.fetcher.continuing(&self.fetcher);
        let privacy_stays = plan.privacy.masks == self.privacy.masks;
        let known: HashMap<&str, usize> =
            self.sources.iter().enumerate().map(|(place, source)| (source.id.as_str(), place)).collect();
        let was_due: HashMap<usize, Timestamp> = self.due.iter().map(|(due, place)| (*place, *due)).collect();
        let (mut due, mut cursors, mut moved) = (BTreeSet::new(), Vec::new(), HashMap::new());
        for (place, source) in plan.sources.iter().enumerate() {
            let old = known.get(source.id.as_str()).copied();
            let cursor = old.and_then(|old| self.cursors.get(old)).cloned().unwrap_or_else(|| {
                let stored = Cursor::read(plan.cursors.get(&source.id).map(String::as_str));
                self.fetcher.remember(&stored.hosts);
                stored
            });
            let is_as_it_was = |old: &usize| self.sources.get(*old).is_some_and(|known| **known == *source);
            match old.filter(|old| privacy_stays && is_as_it_was(old)) {
                Some(old) => {
                    moved.insert(old, place);
                    due.extend(was_due.get(&old).map(|moment| (*moment, place)));
                }
                None if source.kind.is_visited() => {
                    due.insert((first_due(source, &cursor, start), place));
                }
                None => {}
            }
            cursors.push(cursor);
        }
        self.places.retain(|_, (place, visit)| match moved.get(place) {
            Some(new) => {
                *place = *new;
                true
            }
            None => {
                visit.abort();
                false
            }
        });
        (self.due, self.cursors, self.privacy) = (due, cursors, plan.privacy);
        self.sources = plan.sources.into_iter().map(Arc::new).collect();
    }

    fn start_due(&mut self) {
        let moment = (self.now)();
        while let Some((_, place)) = self.due.first().copied().filter(|(due, _)| *due <= moment) {
            self.due.pop_first();
            let (Some(source), Some(cursor)) = (self.sources.get(place), self.cursors.get(place)) else {
                continue;
            };
            if self.pauses.of(&source.id, moment).is_some() {
                self.due.insert((later(moment, LOOK_AT_PAUSES_EVERY), place));
                continue;
            }
            let (source, mut cursor) = (Arc::clone(source), cursor.clone());
            let (fetcher, privacy, now) =
                (self.fetcher.for_visit(), self.privacy.clone(), Arc::clone(&self.now));
            let task = self.under_way.spawn(async move {
                let harvest = visit(&source, &mut cursor, (&fetcher, &privacy), now.as_ref()).await;
                cursor.hosts = fetcher.histories();
                cursor.keep_no_name(&source);
                (cursor, harvest)
            });
            self.places.insert(task.id(), (place, task));
        }
    }

    /// The next visit that ends; never, while none is under way.
    async fn next_visit(&mut self) -> Option<Visit> {
        let Some(ended) = self.under_way.join_next_with_id().await else {
            return std::future::pending().await;
        };
        let id = match &ended {
            Ok((id, _)) => *id,
            Err(error) => error.id(),
        };
        // One that was given up has no place any more.
        let (place, _) = self.places.remove(&id)?;
        let source = Arc::clone(self.sources.get(place)?);
        let (cursor, harvest) = match ended {
            Ok((_, visited)) => visited,
            Err(_) => {
                let why = Words::new(
                    "采集时出了意外；请连同信源的地址告诉开发者",
                    "the visit failed unexpectedly; please report this with the source's address",
                );
                (self.cursors.get(place)?.clone(), Harvest::failed(why, None))
            }
        };
        let moment = (self.now)();
        let visit = conclude(&source, cursor, harvest, moment);
        if let Some(known) = self.cursors.get_mut(place) {
            *known = Cursor::read(visit.cursor.as_deref());
        }
        self.due.insert((visit.health.next_try.unwrap_or(moment), place));
        Some(visit)
    }

    fn until_next(&self) -> Duration {
        let Some((due, _)) = self.due.first() else { return LOOK_AT_CLOCK_EVERY };
        let wait = (self.now)().duration_until(*due);
        Duration::try_from(wait).unwrap_or_default().min(LOOK_AT_CLOCK_EVERY)
    }
}

/// After a start a source keeps its rhythm, and one that failed its pause: a restart is no reason to
/// knock again. Whoever mended its settings has changed them, so then it is tried at once, whatever had
/// failed; and files of this machine may be looked at any time.
fn first_due(source: &Source, cursor: &Cursor, start: Timestamp) -> Timestamp {
    let is_mended = cursor.health.failures > 0 && cursor.settings != settings_mark(source);
    let is_here = matches!(source.kind, Kind::Files { .. });
    match cursor.health.next_try {
        // Its interval may have been shortened meanwhile, or the clock set back.
        Some(next_try) if cursor.health.failures == 0 => {
            next_try.min(later(start, source.longest_interval()))
        }
        Some(next_try) if !is_mended && !is_here => next_try.min(later(start, LONGEST_DELAY)),
        _ => start,
    }
}

/// A feed of which nothing could be understood is another page than before, and no silence. Lists, JSON
/// and sitemaps say so themselves: an article that could not be had is a problem of that article.
fn without_sense(source: &Source, cursor: &mut Cursor, harvest: Harvest) -> Harvest {
    let is_feed = matches!(source.kind, Kind::Feed { .. });
    let first = harvest.problems.first().filter(|_| is_feed && harvest.posts.is_empty());
    let (Outcome::Fetched, Some(first)) = (&harvest.outcome, first) else { return harvest };
    let why = Words::new(
        format!("页面里一条也读不出来：{}", first.what.zh),
        format!("nothing of the page could be understood: {}", first.what.en),
    );
    // Asked "is there anything new?" the site would say no, and that would pass for success.
    cursor.page = cursor.page.take().map(PageCursor::without_conditions);
    cursor.feed = cursor.feed.take().map(FeedCursor::without_conditions);
    Harvest { outcome: Outcome::Failed(why), trouble: Trouble::Changed, ..harvest }
}

/// Puts a visit together and takes note of how the source fares.
fn conclude(source: &Source, mut cursor: Cursor, harvest: Harvest, now: Timestamp) -> Visit {
    let harvest = without_sense(source, &mut cursor, harvest);
    let Harvest { posts, counts, problems, outcome, again, trouble, charset } = harvest;
    cursor.settings = settings_mark(source);
    // A post without a time of its own has that of the visit, which says nothing of the source.
    cursor.rhythm.learn(posts.iter().filter(|post| post.time < post.first_seen).map(|post| post.time));
    let interval = cursor.rhythm.interval((source.every, source.every_at_most), now);
    let change = match (&outcome, again) {
        (Outcome::Failed(why), Some(Again::In(_))) => {
            cursor.health.waits = Some(why.clone());
            None
        }
        (Outcome::Failed(why), again) => {
            let pause = match again {
                Some(Again::NotBefore(pause)) => Some(pause),
                _ => None,
            };
            cursor.health.failed((why, trouble, pause), (&source.id, source.every), now)
        }
        (Outcome::Fetched | Outcome::NotModified, _) => cursor.health.succeeded(interval, now),
    };
    if let Some(Again::In(pause)) = again {
        cursor.health.next_try = Some(later(now, pause));
    }
    Visit {
        source: source.id.clone(),
        at: now,
        posts,
        counts,
        problems,
        charset,
        outcome,
        cursor: cursor.write(),
        health: cursor.health,
        change,
    }
}
