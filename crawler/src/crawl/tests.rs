//! The whole way from a site to visits, with simulated time.

mod day;
mod indexes;
mod limits;
mod lists;
mod pages;
mod plans;

use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering::SeqCst};

use jiff::SignedDuration;
use jiff::tz::TimeZone;

use super::*;
use crate::fetch::Limits;
use crate::mask::Masks;
use crate::post::{IdKey, Publisher};
use crate::site::{Answer, Site, fetcher, limits, page, status};
use crate::source::Kind;

const FEED: &[u8] = b"<rss><channel><item><title>one</title><guid>1</guid></item></channel></rss>";

/// A clock that stands still until it is moved.
#[derive(Clone, Default)]
struct Clock(Arc<AtomicI64>);

impl Clock {
    fn now(&self) -> Arc<Now> {
        let clock = self.clone();
        Arc::new(move || at(clock.0.load(SeqCst)))
    }

    fn set(&self, minutes: i64) {
        self.0.store(minutes, SeqCst);
    }
}

fn at(minutes: i64) -> Timestamp {
    Timestamp::from_second(1_600_000_000 + minutes * 60).unwrap()
}

fn privacy() -> Privacy {
    Privacy { key: IdKey::fixed([1; 32]), masks: Masks::default() }
}

fn source(id: &str, site: &Site, path: &str) -> Source {
    Source {
        id: id.to_owned(),
        name: id.to_owned(),
        kind: Kind::Feed { url: site.url(path) },
        every: SignedDuration::from_mins(10),
        publisher: Publisher::Media,
        group: id.to_owned(),
        encoding: None,
        zone: TimeZone::UTC,
        allow: vec![site.pair()],
        every_at_most: None,
        proxy: None,
    }
}

/// Visits each source once from what is stored for it, as a restarted program would.
async fn visits(
    sources: &[Source],
    stored: &HashMap<String, String>,
    (clock, limits): (&Clock, &Limits),
) -> HashMap<String, Visit> {
    let (send, mut receive) = mpsc::channel(1);
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let start = Crawl {
        sources: sources.to_vec(),
        fetcher: fetcher(limits.clone()),
        privacy: privacy(),
        cursors: stored.clone(),
        pauses: Pauses::default(),
    };
    let running = tokio::spawn(crawl(start, send, clock.now(), async {
        let _ = stopped.await;
    }));
    let mut visits = HashMap::new();
    while visits.len() < sources.len() {
        let visit = receive.recv().await.unwrap();
        assert!(visits.insert(visit.source.clone(), visit).is_none(), "visited twice in one moment");
    }
    stop.send(()).unwrap();
    running.await.unwrap();
    assert_eq!(receive.recv().await, None);
    visits
}

/// One source, visit after visit, with its cursor stored in between.
struct Series {
    source: Source,
    clock: Clock,
    limits: Limits,
    stored: HashMap<String, String>,
}

impl Series {
    fn new(source: Source) -> Series {
        Series { source, clock: Clock::default(), limits: limits(), stored: HashMap::new() }
    }

    async fn visit(&mut self, minutes: i64) -> Visit {
        self.clock.set(minutes);
        let sources = std::slice::from_ref(&self.source);
        let mut visits = visits(sources, &self.stored, (&self.clock, &self.limits)).await;
        let visit = visits.remove(&self.source.id).unwrap();
        assert_eq!(visit.at, at(minutes));
        self.stored.insert(visit.source.clone(), visit.cursor.clone().unwrap());
        visit
    }
}

#[tokio::test]
async fn the_second_visit_asks_only_for_what_is_new_and_once_a_day_for_all() {
    let site = Site::start(|path, head| {
        Answer::Send(match path {
            "/robots.txt" => Vec::new(),
            _ if head.contains("if-none-match: \"v1\"") => status("304 x", ""),
            _ => page("ETag: \"v1\"\r\n", FEED),
        })
    })
    .await;
    let mut series = Series::new(source("a", &site, "/feed"));
    let first = series.visit(0).await;
    assert_eq!((&first.outcome, first.posts.len(), first.change), (&Outcome::Fetched, 1, None));
    assert_eq!(first.health.next_try, Some(at(10)));
    let second = series.visit(10).await;
    assert_eq!((&second.outcome, second.posts.len()), (&Outcome::NotModified, 0));
    assert_eq!(series.visit(24 * 60).await.outcome, Outcome::Fetched);
    assert_eq!(series.visit(24 * 60 + 10).await.outcome, Outcome::NotModified);
}

#[tokio::test]
async fn a_spent_day_is_a_pause_and_no_failure() {
    let site =
        Site::start(|path, _| Answer::Send(if path == "/robots.txt" { Vec::new() } else { page("", FEED) }))
            .await;
    // robots.txt and one visit.
    let limits = Limits { requests_a_day: 2, ..limits() };
    let mut series = Series { limits, ..Series::new(source("a", &site, "/feed")) };
    assert_eq!(series.visit(0).await.outcome, Outcome::Fetched);
    let spent = series.visit(10).await;
    let Outcome::Failed(why) = &spent.outcome else { panic!("{:?}", spent.outcome) };
    assert!(why.en.contains("for 24 h (it is asked 2 times a day at most"), "{why}");
    let Health { failures, next_try, last_success, waits, .. } = &spent.health;
    assert_eq!((*failures, *next_try, *last_success), (0, Some(at(24 * 60)), Some(at(0))));
    assert_eq!((waits.as_ref(), spent.change), (Some(why), None));
    let next_day = series.visit(24 * 60).await;
    assert_eq!((next_day.outcome, next_day.health.waits), (Outcome::Fetched, None));
}

#[tokio::test]
async fn a_damaged_page_gives_its_posts_and_is_fetched_whole_again() {
    let cut = &FEED[..FEED.len() - 10];
    let site = Site::start(move |path, head| {
        assert!(!head.contains("if-none-match"), "{head}");
        Answer::Send(if path == "/robots.txt" { Vec::new() } else { page("ETag: \"v1\"\r\n", cut) })
    })
    .await;
    let mut series = Series::new(source("a", &site, "/feed"));
    for minutes in [0, 10] {
        let visit = series.visit(minutes).await;
        assert_eq!((&visit.outcome, visit.posts.len(), visit.problems.len()), (&Outcome::Fetched, 1, 1));
    }
}

#[tokio::test]
async fn a_lasting_move_is_remembered_until_the_new_address_fails() {
    let site = Site::start(|path, _| {
        Answer::Send(match path {
            "/old" => status("301 x", "Location: /new\r\n"),
            "/new" => page("", FEED),
            _ => Vec::new(),
        })
    })
    .await;
    let mut series = Series::new(source("a", &site, "/old"));
    series.visit(0).await;
    series.visit(10).await;
    let pages: Vec<String> = site.paths().into_iter().filter(|path| path != "/robots.txt").collect();
    assert_eq!(pages, ["/old", "/new", "/new"]);
    // Another address in the configuration voids what was learned about the old one.
    series.source.kind = Kind::Feed { url: site.url("/none") };
    assert!(matches!(series.visit(20).await.outcome, Outcome::Failed(_)));
    assert_eq!(site.paths().last().map(String::as_str), Some("/none"));
}

#[tokio::test]
async fn a_source_that_stops_and_comes_back_is_said_once_each_across_restarts() {
    let up = Arc::new(Mutex::new(false));
    let state = Arc::clone(&up);
    let site = Site::start(move |path, _| {
        Answer::Send(match path {
            "/robots.txt" => Vec::new(),
            _ if *state.lock().unwrap() => page("", FEED),
            _ => status("500 x", ""),
        })
    })
    .await;
    let mut series = Series::new(source("a", &site, "/feed"));
    // Each at the latest moment that back-off and chance allow.
    assert_eq!(series.visit(0).await.change, None);
    assert_eq!(series.visit(12).await.change, None);
    let stopped = series.visit(36).await;
    assert!(matches!(stopped.change, Some(Change::Stopped { since, .. }) if since == at(0)), "{stopped:?}");
    assert_eq!(series.visit(84).await.change, None);
    *up.lock().unwrap() = true;
    assert_eq!(series.visit(156).await.change, Some(Change::Back { since: at(0) }));
    assert_eq!(series.visit(166).await.change, None);
}

#[tokio::test]
async fn what_is_no_feed_is_a_failure_and_says_what_it_is() {
    let site = Site::start(|path, _| {
        Answer::Send(if path == "/robots.txt" { Vec::new() } else { page("", b"<html>login</html>") })
    })
    .await;
    let visit = Series::new(source("a", &site, "/feed")).visit(0).await;
    let Outcome::Failed(why) = &visit.outcome else { panic!("{visit:?}") };
    assert!(why.en.contains("a web page and no feed"), "{why}");
    assert_eq!(visit.health.last_error.as_ref(), Some(why));
}

#[tokio::test]
async fn a_site_that_wants_a_pause_or_refuses_is_visited_later() {
    let cases = [
        ("429 x", "Retry-After: 7200\r\n", 120),
        ("403 x", "", 60),
        ("410 x", "", 24 * 60),
        ("404 x", "", 10),
    ];
    for (line, header, expected) in cases {
        let site = Site::start(move |path, _| {
            Answer::Send(if path == "/robots.txt" { Vec::new() } else { status(line, header) })
        })
        .await;
        let visit = Series::new(source("a", &site, "/feed")).visit(0).await;
        let next_try = visit.health.next_try.unwrap();
        // Chance makes it up to a fifth longer.
        assert!(next_try >= at(expected) && next_try <= at(expected + expected / 5), "{line}: {visit:?}");
    }
}

#[tokio::test]
async fn a_refusal_and_another_kind_of_page_are_told_from_a_fault() {
    let cases: [(&'static str, &'static [u8], Trouble); 4] = [
        ("403 x", b"", Trouble::Refused),
        ("404 x", b"", Trouble::Changed),
        ("503 x", b"", Trouble::Unreachable),
        ("200 x", b"<html>login</html>", Trouble::Changed),
    ];
    for (line, body, expected) in cases {
        let site = Site::start(move |path, _| {
            Answer::Send(match (path, line) {
                ("/robots.txt", _) => Vec::new(),
                (_, "200 x") => page("", body),
                _ => status(line, ""),
            })
        })
        .await;
        let mut series = Series::new(source("a", &site, "/feed"));
        series.visit(0).await;
        let told = series.visit(200).await.change;
        let Some(Change::Stopped { trouble, .. }) = told else { panic!("{line}: {told:?}") };
        assert_eq!(trouble, expected, "{line}");
    }
}

#[tokio::test]
async fn one_dead_source_holds_up_no_other_and_a_stop_gives_it_up() {
    let dead = Site::start(|_, _| Answer::SendAndHang(Vec::new())).await;
    let alive =
        Site::start(|path, _| Answer::Send(if path == "/robots.txt" { Vec::new() } else { page("", FEED) }))
            .await;
    let (send, mut receive) = mpsc::channel(1);
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let clock = Clock::default();
    let start = Crawl {
        sources: vec![source("dead", &dead, "/feed"), source("alive", &alive, "/feed")],
        // The default limits: a dead site is waited for half a minute.
        fetcher: fetcher(crate::fetch::Limits { minimum_delay: Duration::ZERO, ..Default::default() }),
        privacy: privacy(),
        cursors: HashMap::new(),
        pauses: Pauses::default(),
    };
    let running = tokio::spawn(crawl(start, send, clock.now(), async {
        let _ = stopped.await;
    }));
    assert_eq!(receive.recv().await.unwrap().source, "alive");
    stop.send(()).unwrap();
    running.await.unwrap();
    assert_eq!(receive.recv().await, None);
}

#[tokio::test]
async fn after_a_restart_a_healthy_source_keeps_its_rhythm() {
    let site =
        Site::start(|path, _| Answer::Send(if path == "/robots.txt" { Vec::new() } else { page("", FEED) }))
            .await;
    let mut series = Series::new(source("a", &site, "/feed"));
    series.visit(0).await;
    let cursor = Cursor::read(series.stored.get("a").map(String::as_str));
    assert_eq!(first_due(&series.source, &cursor, at(3)), at(10));
    let hourly = Source { every: SignedDuration::from_mins(2), ..series.source.clone() };
    assert_eq!(first_due(&hourly, &cursor, at(3)), at(5));
    assert_eq!(first_due(&series.source, &Cursor::read(Some("{]")), at(3)), at(3));
}

#[tokio::test]
async fn after_a_restart_a_failed_source_keeps_its_pause_unless_its_settings_were_mended() {
    let site = Site::start(|path, _| {
        Answer::Send(if path == "/robots.txt" {
            Vec::new()
        } else {
            status("429 x", "Retry-After: 7200\r\n")
        })
    })
    .await;
    let mut series = Series::new(source("a", &site, "/feed"));
    let next_try = series.visit(0).await.health.next_try.unwrap();
    let cursor = Cursor::read(series.stored.get("a").map(String::as_str));
    assert_eq!(first_due(&series.source, &cursor, at(3)), next_try);
    let mended = Source { kind: Kind::Feed { url: site.url("/other") }, ..series.source.clone() };
    assert_eq!(first_due(&mended, &cursor, at(3)), at(3));
    // Mended or not: the pause that the host asked for holds, and it is not even asked.
    series.source = mended;
    let again = series.visit(3).await;
    assert!(matches!(&again.outcome, Outcome::Failed(why) if why.en.contains("left alone")), "{again:?}");
    assert_eq!(site.paths(), ["/robots.txt", "/feed"]);
    let cursor = Cursor::read(series.stored.get("a").map(String::as_str));
    assert!(first_due(&series.source, &cursor, at(4)) >= at(120), "tried at once only once");
}

#[tokio::test]
async fn a_source_that_publishes_seldom_is_visited_seldom() {
    let feed = |date: &str| {
        let item = |n: u32, date: &str| {
            format!("<item><title>t{n}</title><guid>{n}</guid><pubDate>{date}</pubDate></item>")
        };
        let (old, new) = (item(1, "Thu, 10 Sep 2020 12:00:00 GMT"), item(2, date));
        format!("<rss><channel>{old}{new}</channel></rss>").into_bytes()
    };
    let (daily, burst) = (feed("Fri, 11 Sep 2020 12:00:00 GMT"), feed("Thu, 10 Sep 2020 12:03:00 GMT"));
    let dates = [(daily.clone(), None, 10), (daily, Some(90), 90), (burst, Some(90 * 24), 90 * 24)];
    for (body, at_most, expected) in dates {
        let site = Site::start(move |path, _| {
            Answer::Send(if path == "/robots.txt" { Vec::new() } else { page("", &body) })
        })
        .await;
        let every_at_most = at_most.map(SignedDuration::from_mins);
        let visit = Series::new(Source { every_at_most, ..source("a", &site, "/feed") }).visit(0).await;
        // The quiet since the newest post is three days by now: a quarter of it, or the bound.
        let quarter = visit.posts.iter().map(|post| post.time).max().unwrap().duration_until(at(0)) / 4;
        let bounded = quarter.min(SignedDuration::from_mins(expected));
        assert_eq!(visit.health.next_try, Some(at(0) + bounded), "{at_most:?}");
    }
}

#[tokio::test]
async fn a_trial_visit_needs_nothing_stored() {
    let site =
        Site::start(|path, _| Answer::Send(if path == "/robots.txt" { Vec::new() } else { page("", FEED) }))
            .await;
    let now = || at(0);
    let visit = visit_once(&source("a", &site, "/feed"), &fetcher(limits()), &privacy(), &now).await;
    assert_eq!((visit.outcome, visit.posts.len()), (Outcome::Fetched, 1));
}
