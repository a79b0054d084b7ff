//! A simulated day with sites that flap: nothing is lost, and no host is asked sooner than it allows.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::*;
use crate::site::{Answer, Site, fetcher, limits, page, status};

const DAY: i64 = 24 * 3600;
/// The shortest pause between two requests to one host, in simulated seconds.
const DELAY: i64 = 20;
/// What the patient site's robots.txt asks for.
const CRAWL_DELAY: i64 = 90;
/// What a site asks for in `Retry-After`.
const RETRY_AFTER: i64 = 600;
/// Items a feed shows: enough to bridge an outage and the longest back-off after it.
const SHOWN: i64 = 150;

/// How a site fares at a moment; each has its own rhythm.
#[derive(Clone, Copy, PartialEq)]
enum Weather {
    Fair,
    Down,
    Busy,
    BreaksOff,
}

#[derive(Clone, Copy)]
struct Habit {
    /// Seconds between two items.
    publishes_every: i64,
    /// Seconds from one kind of weather to the next.
    changes_every: i64,
    patient: bool,
}

impl Habit {
    fn weather(self, now: i64) -> Weather {
        match now / self.changes_every % 5 {
            0 | 2 => Weather::Fair,
            1 => Weather::Down,
            3 => Weather::Busy,
            _ => Weather::BreaksOff,
        }
    }

    fn newest(self, now: i64) -> i64 {
        now / self.publishes_every
    }

    fn feed(self, site: usize, now: i64) -> Vec<u8> {
        let newest = self.newest(now);
        let mut feed = "<rss><channel>".to_owned();
        for item in ((newest - SHOWN).max(0)..=newest).rev() {
            let at = second(item * self.publishes_every).strftime("%Y-%m-%dT%H:%M:%SZ");
            let _ = write!(
                feed,
                "<item><title>帖{site}-{item}</title><guid>{site}-{item}</guid><pubDate>{at}</pubDate></item>"
            );
        }
        (feed + "</channel></rss>").into_bytes()
    }

    fn answer(self, site: usize, path: &str, now: i64) -> Answer {
        if path == "/robots.txt" {
            let rules = if self.patient {
                format!("User-agent: *\nCrawl-delay: {CRAWL_DELAY}\n")
            } else {
                String::new()
            };
            return Answer::Send(page("", rules.as_bytes()));
        }
        Answer::Send(match self.weather(now) {
            Weather::Fair => page("", &self.feed(site, now)),
            Weather::Down => status("500 x", ""),
            Weather::Busy => status("429 x", &format!("Retry-After: {RETRY_AFTER}\r\n")),
            Weather::BreaksOff => {
                let whole = page("", &self.feed(site, now));
                whole[..whole.len() - 20].to_vec()
            }
        })
    }
}

fn second(second: i64) -> Timestamp {
    Timestamp::from_second(1_600_000_000 + second).unwrap()
}

/// When each site was asked, in simulated seconds, and for what.
type Log = Arc<Mutex<BTreeMap<usize, Vec<(i64, String)>>>>;

async fn start(number: usize, habit: Habit, clock: &Arc<AtomicI64>, log: &Log) -> Site {
    let (clock, log) = (Arc::clone(clock), Arc::clone(log));
    Site::start(move |path, _| {
        let now = clock.load(SeqCst);
        log.lock().unwrap().entry(number).or_default().push((now, path.to_owned()));
        habit.answer(number, path, now)
    })
    .await
}

fn habits() -> Vec<Habit> {
    let site = |publishes_every, changes_every, patient| Habit { publishes_every, changes_every, patient };
    vec![
        site(300, 3600, false),
        site(700, 1700, false),
        site(120, 900, false),
        site(450, 2500, true),
        site(1800, 5000, false),
        site(240, 1234, true),
    ]
}

#[tokio::test]
async fn in_a_day_of_outages_nothing_is_lost_and_nobody_is_pressed() {
    let (clock, log) = (Arc::new(AtomicI64::new(0)), Log::default());
    let habits = habits();
    let mut sites = Vec::new();
    for (number, habit) in habits.iter().enumerate() {
        sites.push(start(number, *habit, &clock, &log).await);
    }
    // Two sources on each host, so that the host's pause is what keeps them apart.
    let mut sources = Vec::new();
    for (number, site) in sites.iter().enumerate() {
        for page in ["a", "b"] {
            let source = source(&format!("{number}{page}"), site, &format!("/{page}"));
            sources.push(Source { every: SignedDuration::from_mins(2), ..source });
        }
    }
    let limits = Limits { minimum_delay: Duration::from_secs(DELAY.unsigned_abs()), ..limits() };
    let (send, mut receive) = mpsc::channel(64);
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let now: Arc<Now> = {
        let clock = Arc::clone(&clock);
        Arc::new(move || second(clock.load(SeqCst)))
    };
    let (cursors, pauses) = (HashMap::new(), Pauses::default());
    let start = Crawl { sources, fetcher: fetcher(limits), privacy: privacy(), cursors, pauses };
    let running = tokio::spawn(crawl(start, send, now, async {
        let _ = stopped.await;
    }));
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut last_success: BTreeMap<String, i64> = BTreeMap::new();
    let mut step = 1;
    // Steps of one to forty seconds, in an order of their own.
    while clock.load(SeqCst) < DAY {
        step = (step * 17 + 11) % 41;
        clock.fetch_add(step.max(1), SeqCst);
        let_requests_end().await;
        while let Ok(visit) = receive.try_recv() {
            if let (Outcome::Fetched, Some(post)) = (&visit.outcome, visit.posts.first()) {
                // When the page was fetched: reading it may take the clock a step or two.
                last_success.insert(visit.source.clone(), post.first_seen.as_second() - 1_600_000_000);
            }
            found.entry(visit.source).or_default().extend(visit.posts.into_iter().map(|post| post.title));
        }
    }
    stop.send(()).unwrap();
    running.await.unwrap();
    for (number, habit) in habits.iter().enumerate() {
        let log = log.lock().unwrap()[&number].clone();
        for id in [format!("{number}a"), format!("{number}b")] {
            // Reading a page takes the clock some steps further: what was out well before its visit ended has been found.
            let published: BTreeSet<String> = (0..=habit.newest(last_success[&id] - 600))
                .map(|item| format!("帖{number}-{item}"))
                .collect();
            let lost: Vec<_> = published.difference(&found[&id]).collect();
            assert!(lost.is_empty(), "site {number} lost {lost:?}");
            assert!(published.len() > 30, "site {number} was hardly read");
        }
        check_manners(*habit, &log);
    }
}

/// Everything runs on one thread, so these rounds carry a request that was started to its answer: the
/// clock stands still meanwhile, and a request arrives at the moment at which it was allowed.
async fn let_requests_end() {
    tokio::time::sleep(Duration::from_millis(3)).await;
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

fn check_manners(habit: Habit, log: &[(i64, String)]) {
    let mut closed_until = 0;
    let mut rules_known = false;
    for pair in log.windows(2) {
        let [(before, path), (after, _)] = pair else { continue };
        let least = if habit.patient && rules_known { CRAWL_DELAY } else { DELAY };
        assert!(after - before >= least, "{path} at {before}, the next at {after}");
        rules_known |= path == "/robots.txt";
        if path != "/robots.txt" && habit.weather(*before) == Weather::Busy {
            closed_until = before + RETRY_AFTER;
        }
        assert!(*after >= closed_until, "asked at {after}, but not before {closed_until} was said");
    }
    assert!(log.len() > 100, "only {} requests", log.len());
}
