//! `guanlan drill`: the people on duty get an invented rise as if it were real, in a data folder of its own.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use alerts::account::Account;
use alerts::claim::Signer;
use alerts::desk::Filter;
use alerts::format;
use alerts::journal::{Journal, JournalError};
use alerts::message::Language;
use alerts::staging::Staging;
use analyzer::segment::Segmenter;
use clap::Args;
use config::Config;
use crawler::archive::{Archive, Observation};
use crawler::format::Privacy;
use crawler::pause::Pauses;
use crawler::post::{IdKey, Post};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::demo::story::configuration;
use super::exit::{Done, Failure};
use super::settings::Context;
use crate::clock::{Clock, Start};
use crate::daemon::{self, Places, Running};
use crate::drill::{Course, Play, courses, play};
use crate::folder::Held;
use crate::intake::Intake;
use crate::lookout::Lookout;
use crate::orders::{self, Orders};
use crate::owner::Owner;
use crate::replay::{Arrivals, Span, replay};
use crate::scenario::{DRILL_CONCERNS, DRILLS, QINGLAN, Scenario};
use crate::ways::Ways;
use crate::web::Front;

/// Posts stored at once while history is written.
const BATCH: usize = 500;

/// Quarters of a second in which the last mails may leave.
const DRAIN: usize = 40;

/// Options of `guanlan drill`.
#[derive(Args, Debug)]
pub(super) struct Options {
    scenario: String,
    #[arg(long, default_value = "guanlan-drill", value_name = "DIR")]
    dir: PathBuf,
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    #[arg(long, value_name = "URL")]
    link: Option<String>,
    #[arg(long = "for", default_value = "6h", value_name = "TIME")]
    lasts: SignedDuration,
    #[arg(long, hide = true, value_name = "TIME")]
    clock: Option<Start>,
}

/// Runs a drill and tells how long people took at each step.
pub(super) fn drill(context: &Context, options: &Options) -> Result<Done, Failure> {
    let own = context.config()?;
    orders::provide_tls();
    let clock = options.clock.map_or_else(Clock::wall, Clock::rehearse);
    let began = clock.now();
    let (scenario, stage) = stage(context, &own, &options.scenario, began)?;
    let held = Held::take(&options.dir.join("data")).map_err(Failure::data)?;
    if held.path().join("posts.db").exists() {
        let used = context.say(
            "里面有上一次演练，请用 --dir 另选一个目录",
            "holds an earlier drill: choose another folder with --dir",
        );
        return Err(Failure::Usage(format!("{} {used}", options.dir.display())));
    }
    let runtime = tokio::runtime::Runtime::new().map_err(Failure::outside)?;
    runtime.block_on(perform(context, options, (own, scenario, stage), held, clock))
}

/// The scenario moved to now, and the concerns and sources it is played with.
fn stage(context: &Context, own: &Config, name: &str, now: Timestamp) -> Result<(Scenario, Config), Failure> {
    let bundled = DRILLS.iter().find(|(word, ..)| *word == name);
    let wrong = |error: anyhow::Error| Failure::Usage(format!("{name}: {error:#}"));
    if let Some((_, _, text)) = bundled {
        let config = configuration(QINGLAN.guanlan, DRILL_CONCERNS).map_err(Failure::data)?;
        return Ok((Scenario::parse_at(text, now).map_err(wrong)?, config));
    }
    let text = std::fs::read_to_string(name).map_err(|error| {
        let known = DRILLS.map(|(word, about, _)| format!("{word}（{}）", about[0])).join("、");
        let known_english = DRILLS.map(|(word, about, _)| format!("{word} ({})", about[1])).join(", ");
        Failure::Usage(match context.language {
            Language::Chinese => format!("{name}：{error}；现成的演练有 {known}，或给一个脚本文件"),
            Language::English => {
                format!("{name}: {error}; there are {known_english}, or give a scenario file")
            }
        })
    })?;
    Ok((Scenario::parse_at(&text, now).map_err(wrong)?, own.clone()))
}

async fn perform(
    context: &Context,
    options: &Options,
    (own, scenario, stage): (Config, Scenario, Config),
    held: Held,
    clock: Clock,
) -> Result<Done, Failure> {
    let began = scenario.show_from();
    let listen = options
        .listen
        .unwrap_or(SocketAddr::new(own.web.listen.ip(), own.web.listen.port().saturating_add(1)));
    if own.web.login == config::Login::None {
        super::demo::stays_here(context, listen)?;
    }
    let listener = super::demo::free_port(listen).await.map_err(Failure::outside)?;
    let address = listener.local_addr().map_err(Failure::outside)?;
    let link =
        options.link.clone().or_else(|| own.web.public_url.as_deref().map(|url| beside(url, address.port())));
    let orders = orders(&own, &stage, link.clone());
    let mailer = orders::mailer(&Config {
        site: config::Site { data_dir: held.path().to_owned(), ..own.site.clone() },
        ..own.clone()
    });
    let mailer = mailer.map_err(Failure::outside)?;
    let channels = orders::channels(&own).map_err(|error| Failure::Outside(format!("{error:#}")))?;
    let fetcher = super::fetcher(context, &own)?;
    let archive = Archive::open(held.path()).map_err(Failure::data)?;
    let segmenter = Segmenter::new(&[]);
    let mut intake = Intake::open(held.path(), archive.clone(), &segmenter).map_err(Failure::data)?;
    let (past, coming): (Vec<Post>, Vec<Post>) =
        scenario.posts().iter().cloned().partition(|post| post.time <= began);
    let observation = |(source, at, ok)| Observation { at, source, ok };
    let (seen, to_see): (Vec<Observation>, Vec<Observation>) =
        scenario.heartbeats().into_iter().map(observation).partition(|seen| seen.at <= began);
    let mut stored = Vec::new();
    for batch in past.chunks(BATCH) {
        stored.extend(intake.store(batch).map_err(Failure::data)?.stored);
    }
    intake.commit().map_err(Failure::data)?;
    let key = IdKey::load_or_create(held.path()).map_err(Failure::data)?;
    let lookout = Lookout::open(held.path(), archive.clone(), orders).map_err(Failure::data)?;
    let mut lookout = lookout
        .with_words(segmenter)
        .map_err(Failure::data)?
        .with_signer(Signer::new(key.derived("acknowledge")));
    let arrivals = Arrivals { posts: &stored, observations: &seen, counts: &[] };
    let history = Span { from: scenario.start(), told_from: began, to: began };
    replay(&mut lookout, &arrivals, history, &mut |_, _| Ok(())).map_err(Failure::data)?;
    announce(context, &options.dir, &scenario, address);
    let index = intake.index();
    let access =
        orders::access(&own, key.derived("forms"), Some(link.as_deref())).map_err(Failure::outside)?;
    // Who may enter the real pages may enter these; in a drill nobody has logged in before.
    let accounts = accounts(&own).map_err(Failure::data)?;
    lookout.desk.journal_mut().adopt_accounts(&accounts).map_err(Failure::data)?;
    access.fill(lookout.desk.journal_mut()).map_err(Failure::data)?;
    let (intake, _intake_thread) = Owner::start("intake", intake).map_err(Failure::outside)?;
    let (lookout, _lookout_thread) = Owner::start("lookout", lookout).map_err(Failure::outside)?;
    let running = Running {
        intake,
        lookout,
        archive,
        index,
        clock,
        pauses: Pauses::default(),
        access,
        places: Places::default(),
        glance: crate::web::Glance::new(),
    };
    let until = began.checked_add(options.lasts).unwrap_or(Timestamp::MAX).min(scenario.end());
    let to_come = Play { posts: coming, observations: to_see, until };
    // Nothing is visited and nobody is let in: the scenario brings every post.
    let privacy = Privacy { key, masks: orders::masks(&own) };
    let ways = Ways { sources: Vec::new(), fetcher, callers: Vec::new(), privacy, mailer, channels };
    run(&running, (to_come, ways, listener, held)).await?;
    let now = clock.now();
    let alerts =
        running.lookout.ask(|lookout| lookout.desk.alerts(Filter::All)).await.map_err(Failure::data)?;
    let courses = courses(&alerts.map_err(Failure::data)?, now);
    if context.global.json {
        println!("{}", serde_json::to_string_pretty(&courses).map_err(Failure::data)?);
    } else {
        println!("{}", told(context.language, &courses, &own, now));
    }
    Ok(if courses.is_empty() { Done::No } else { Done::Yes })
}

/// The accounts of the installation; none where it has never run.
fn accounts(own: &Config) -> Result<Vec<Account>, JournalError> {
    if !own.site.data_dir.join("alerts.db").exists() {
        return Ok(Vec::new());
    }
    Journal::open_to_read(&own.site.data_dir)?.accounts()
}

/// Plays until it is over or somebody ends it.
async fn run(
    running: &Running,
    (to_come, ways, listener, held): (Play, Ways, tokio::net::TcpListener, Held),
) -> Result<(), Failure> {
    let (stopping, stopped) = watch::channel(false);
    let stop = super::run::stop().map_err(Failure::outside)?;
    let mut tasks = JoinSet::new();
    tasks.spawn(daemon::beat(running.clone(), stopped.clone()));
    // Nobody changes them: a drill is over before its files matter again.
    let (_, ways) = watch::channel(Arc::new(ways));
    tasks.spawn(daemon::deliver(running.clone(), ways.clone(), stopped.clone()));
    tasks.spawn(crate::channels::deliver_all(running.clone(), ways, stopped.clone()));
    tasks.spawn(crate::door::serve(running.clone(), held.socket(), stopped.clone()));
    tasks.spawn(crate::web::serve(running.clone(), None, Front::plain(listener), stopped.clone()));
    let played = tokio::select! {
        () = stop => Ok(()),
        played = play(running.clone(), to_come, stopped.clone()) => played,
        Some(ended) = tasks.join_next() => ended.map_err(Failure::outside)?,
    };
    // What was written at the very end still leaves.
    for _ in 0..DRAIN {
        let waiting = running.lookout.ask(|lookout| lookout.desk.waiting()).await.map_err(Failure::data)?;
        if waiting.map_err(Failure::data)? == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    stopping.send_replace(true);
    let mut result = played;
    while let Some(ended) = tasks.join_next().await {
        result = result.and(ended.map_err(Failure::outside)?);
    }
    result.map_err(Failure::data)
}

/// The people, hours and limits of the installation with the concerns and sources of the scenario.
fn orders(own: &Config, stage: &Config, link: Option<String>) -> Orders {
    let mut orders = Orders::new(own, Staging::Drill);
    let played = Orders::new(stage, Staging::Drill);
    (orders.concerns, orders.feeds) = (played.concerns, played.feeds);
    orders.reporting.clear();
    // What comes by the clock comes from the real installation.
    (orders.handover.0, orders.heartbeat) = (Vec::new(), None);
    orders.digest.groups.clear();
    orders.site.public_url = link;
    orders
}

/// The address of the installation's pages, at another port.
fn beside(url: &str, port: u16) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
    let host = rest.split('/').next().unwrap_or(rest);
    // A port is what follows the last colon, unless that is inside an address of IPv6.
    let host = host
        .rsplit_once(':')
        .filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()))
        .map_or(host, |(host, _)| host);
    // The drill itself speaks plain HTTP.
    let scheme = if scheme == "https" { "http" } else { scheme };
    format!("{scheme}://{host}:{port}")
}

fn announce(context: &Context, dir: &std::path::Path, scenario: &Scenario, address: SocketAddr) {
    if context.global.json || context.global.quiet > 0 {
        return;
    }
    let data = dir.join("data");
    match context.language {
        Language::Chinese => println!(
            "演练：{}\n  {}\n  网页    http://{address}\n  认领    邮件里的按钮，或 guanlan --data-dir {} alert ack …\n  登记回应 guanlan --data-dir {} alert respond …\n  结束    Ctrl-C，或预警全部关闭后自动结束\n",
            scenario.name(),
            scenario.about(),
            data.display(),
            data.display()
        ),
        Language::English => println!(
            "Drill: {}\n  {}\n  pages    http://{address}\n  take it  the button in the mail, or guanlan --data-dir {} alert ack …\n  answer   guanlan --data-dir {} alert respond …\n  end      Ctrl-C, or when all alerts are closed\n",
            scenario.name(),
            scenario.about(),
            data.display(),
            data.display()
        ),
    }
}

/// How long each step took.
fn told(language: Language, courses: &[Course], config: &Config, now: Timestamp) -> String {
    let mut lines = Vec::new();
    if courses.is_empty() {
        lines.push(match language {
            Language::Chinese => "演练结束：没有出现预警，时间太短，或级别设置得太高。".to_owned(),
            Language::English => {
                "The drill is over: no alert came; it was too short, or levels are too high.".to_owned()
            }
        });
    }
    for course in courses {
        let level = format::level_name(course.highest, language);
        let clock = |at: Timestamp| format::moment(at, now, &config.site.zone, language);
        let after = |at: Timestamp| format::duration(at.duration_since(course.stamps.detected), language);
        lines.push(format!(
            "{}  {}  {level}  {}",
            course.id.short(),
            course.concern,
            clock(course.stamps.detected)
        ));
        let steps: [(&str, &str, Option<Timestamp>, Option<&String>); 5] = [
            ("发信", "mailed", course.stamps.mailed, None),
            ("认领", "taken on", course.stamps.acknowledged, course.taken_by.as_ref()),
            ("回应", "answered", course.stamps.answered, course.answered_by.as_ref()),
            ("回落", "fell back", course.stamps.fell_back, None),
            ("关闭", "closed", course.closed, None),
        ];
        for (chinese, english, at, by) in steps {
            let by = by.map(|by| format!("（{}）", format::one_line(by, 40))).unwrap_or_default();
            lines.push(match (language, at) {
                (Language::Chinese, Some(at)) => {
                    format!("    {chinese}  发现后 {}  {}{by}", after(at), clock(at))
                }
                (Language::Chinese, None) => format!("    {chinese}  没有"),
                (Language::English, Some(at)) => {
                    format!("    {english}  after {}  {}{by}", after(at), clock(at))
                }
                (Language::English, None) => format!("    {english}  never"),
            });
        }
        let due = clock(course.deadline);
        lines.push(match (language, course.in_time) {
            (Language::Chinese, Some(true)) => format!("    时限 {due}：按时回应"),
            (Language::Chinese, Some(false)) => format!("    时限 {due}：没有按时回应"),
            (Language::Chinese, None) => format!("    时限 {due}：演练结束时还没有到"),
            (Language::English, Some(true)) => format!("    due {due}: answered in time"),
            (Language::English, Some(false)) => format!("    due {due}: not answered in time"),
            (Language::English, None) => format!("    due {due}: not yet passed when the drill ended"),
        });
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bundled_drill_is_found_and_its_concern_rises_in_it() {
        let now: Timestamp = "2026-12-02T06:00:00Z".parse().unwrap();
        let config = configuration(QINGLAN.guanlan, DRILL_CONCERNS).unwrap();
        for (word, [name, _], text) in DRILLS {
            let scenario = Scenario::parse_at(text, now).unwrap();
            assert_eq!((scenario.name(), scenario.show_from()), (name, now), "{word}");
            assert!(config.concerns.iter().any(|concern| concern.name == name), "{word}");
            let (day, hours) = (SignedDuration::from_hours(24), SignedDuration::from_hours(2));
            let within = |from: Timestamp, to: Timestamp| {
                scenario.posts().iter().filter(|post| from <= post.time && post.time < to).count()
            };
            let usual = within(now - day, now - day + hours);
            assert!(within(now, now + hours) > 2 * usual, "{word}: {usual}");
        }
    }

    #[test]
    fn links_lead_to_the_drill_and_not_to_the_running_service() {
        assert_eq!(beside("http://10.20.0.8:8417", 8418), "http://10.20.0.8:8418");
        assert_eq!(beside("https://guanlan.example.cn", 8418), "http://guanlan.example.cn:8418");
        assert_eq!(beside("http://[fd00::1]:8417", 9), "http://[fd00::1]:9");
    }
}
