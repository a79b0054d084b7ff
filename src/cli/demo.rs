//! `guanlan demo`: the production path at simulated time, from bundled posts to mails in a folder, and
//! then the pages. No network, no mail server, no configuration.

mod cases;
mod report;
pub(super) mod story;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Instant;

use alerts::claim::Signer;
use alerts::format;
use alerts::mail::Mailer;
use alerts::message::Language;
use analyzer::level::Level;
use analyzer::segment::Segmenter;
use clap::Args;
use crawler::archive::Archive;
use crawler::pause::Pauses;
use crawler::post::{IdKey, Stored};
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::exit::{Done, Failure};
use super::settings::Context;
use crate::clock::Clock;
use crate::daemon::{Places, Running};
use crate::folder::Held;
use crate::intake::Intake;
use crate::lookout::Lookout;
use crate::orders::Orders;
use crate::owner::Owner;
use crate::replay::{Arrivals, replay};
use crate::web::Front;
use crate::web::access::Access;
use report::Outcome;
use story::Story;

/// Posts stored in one transaction.
const BATCH: usize = 2_000;
/// Ports tried one after the other when the first is taken.
const PORTS: u16 = 20;
/// Signs the links in the demonstration's mails: known to all, so that every run is the same.
const KEY: [u8; 32] = *b"guanlan demo: this is no secret.";
/// Says that a folder was made by the demonstration and may be used by it again.
const MARK: &str = "guanlan-demo.txt";

#[derive(Args, Debug)]
pub(super) struct Options {
    #[arg(long)]
    real: bool,
    #[arg(long)]
    no_serve: bool,
    #[arg(long, value_name = "FILE", requires = "real")]
    cases: Option<PathBuf>,
    #[arg(long, default_value = "guanlan-demo", value_name = "DIR")]
    dir: PathBuf,
    #[arg(long, default_value = "127.0.0.1:8417", value_name = "ADDRESS")]
    listen: SocketAddr,
}

/// Replays a story, says what came of it, and serves the pages.
pub(super) fn demo(context: &Context, options: &Options) -> Result<Done, Failure> {
    if let Some(file) = &options.cases {
        return cases::cases(file);
    }
    stays_here(context, options.listen)?;
    // Taken now: the mails that are written meanwhile lead there.
    let runtime = tokio::runtime::Runtime::new().map_err(Failure::outside)?;
    let listener = match options.no_serve {
        true => None,
        false => Some(runtime.block_on(free_port(options.listen)).map_err(Failure::outside)?),
    };
    let said = Progress { context };
    said.title();
    let story = said.step("载入内置样例", "bundled sample read", || {
        let story = if options.real { story::real() } else { story::invented() }.map_err(Failure::data)?;
        let (days, posts) = (days(&story), format::exact(story.posts.len() as u64));
        let (concerns, sources) = (story.config.concerns.len(), story.config.sources.len());
        let detail = match context.language {
            Language::Chinese => format!("{days} 天，{posts} 帖，{concerns} 项关切，{sources} 个信源"),
            Language::English => {
                format!("{days} days, {posts} posts, {concerns} concerns, {sources} sources")
            }
        };
        Ok((story, detail))
    })?;
    let [chinese, english] = &story.about;
    said.tell(&format!("    {}", context.say(chinese, english)));
    prepare(context, &options.dir)?;
    if let Some(credit) = story.credit {
        std::fs::write(options.dir.join("NOTICE"), credit).map_err(Failure::data)?;
    }
    let held = Held::take(&options.dir.join("data")).map_err(Failure::data)?;
    let archive = Archive::open(held.path()).map_err(Failure::data)?;
    let (intake, segmenter, stored) = said.step("分词、建索引", "segmented and indexed", || {
        let segmenter = Segmenter::new(&[]);
        let mut intake = Intake::open(held.path(), archive.clone(), &segmenter).map_err(Failure::data)?;
        let stored = store(&mut intake, &story)?;
        Ok(((intake, segmenter, stored), String::new()))
    })?;
    let outbox = options.dir.join("outbox");
    let lookout = said.step("回放", "replayed", || {
        let mut orders = Orders::new(&story.config, alerts::staging::Staging::Demo);
        orders.site.language = context.language;
        let address = listener.as_ref().and_then(|listener| listener.local_addr().ok());
        orders.site.public_url = Some(format!("http://{}", address.unwrap_or(options.listen)));
        let lookout = Lookout::open(held.path(), archive.clone(), orders).map_err(Failure::data)?;
        let mut lookout = lookout.with_words(segmenter).map_err(Failure::data)?;
        lookout = lookout.with_signer(Signer::new(IdKey::fixed(KEY).derived("acknowledge")));
        let arrivals = Arrivals { posts: &stored, observations: &story.observations, counts: &[] };
        let mailer = Mailer::Folder(outbox.clone());
        replay(&mut lookout, &arrivals, story.span, &mut |lookout, now| {
            lookout.desk.deliver(&mailer, now)?;
            Ok(())
        })
        .map_err(Failure::data)?;
        lookout.write_counts().map_err(Failure::data)?;
        let moment = |at| format::full_date_time(at, &story.config.site.zone, context.language);
        Ok((lookout, format!("{} → {}", moment(story.span.told_from), moment(story.span.to))))
    })?;
    let outcome = Outcome::of(&lookout, &outbox).map_err(Failure::data)?;
    if context.global.json {
        println!("{}", outcome.json());
    } else {
        println!("{}", outcome.text(&lookout, context.language));
    }
    let wanted = if options.real { Level::Blue } else { Level::Orange };
    let enough = outcome.highest() >= Some(wanted) && !outcome.digests.is_empty();
    if let Some(listener) = listener {
        let clock = Clock::standing(story.span.to);
        runtime.block_on(serve(context, listener, (intake, lookout, archive, clock)))?;
    }
    Ok(if enough { Done::Yes } else { Done::No })
}

/// Uses the folder of an earlier demonstration again, and no other that holds something.
fn prepare(context: &Context, folder: &Path) -> Result<(), Failure> {
    let io = |error: std::io::Error| Failure::Data(format!("{}: {error}", folder.display()));
    let mark = folder.join(MARK);
    let holds_something = std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
    if holds_something && !mark.exists() {
        let other = context.say(
            "不是演示用的目录，请用 --dir 另选一个",
            "is not a folder of the demonstration: choose another with --dir",
        );
        return Err(Failure::Usage(format!("{} {other}", folder.display())));
    }
    std::fs::create_dir_all(folder).map_err(io)?;
    std::fs::write(
        &mark,
        "guanlan demo writes data/ and outbox/ here and empties them when it runs again.\n",
    )
    .map_err(io)?;
    for part in ["data", "outbox"] {
        match std::fs::remove_dir_all(folder.join(part)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(io(error)),
            _ => {}
        }
    }
    Ok(())
}

fn store(intake: &mut Intake, story: &Story) -> Result<Vec<Stored>, Failure> {
    let mut stored = Vec::with_capacity(story.posts.len());
    for batch in story.posts.chunks(BATCH) {
        stored.extend(intake.store(batch).map_err(Failure::data)?.stored);
    }
    intake.commit().map_err(Failure::data)?;
    Ok(stored)
}

/// Serves the pages as of the story's end until Ctrl-C.
async fn serve(
    context: &Context,
    listener: TcpListener,
    (intake, lookout, archive, clock): (Intake, Lookout, Archive, Clock),
) -> Result<(), Failure> {
    let address = listener.local_addr().map_err(Failure::outside)?;
    let (page, next) = (context.say("网页    ", "pages   "), context.say("下一步  ", "next    "));
    println!("\n  {page}http://{address}    {}", context.say("按 Ctrl-C 结束", "Ctrl-C ends"));
    println!("  {next}guanlan init");
    let index = intake.index();
    let (intake, _intake_thread) = Owner::start("intake", intake).map_err(Failure::outside)?;
    let (lookout, _lookout_thread) = Owner::start("lookout", lookout).map_err(Failure::outside)?;
    let pauses = Pauses::default();
    let access = Access::local(IdKey::fixed(KEY).derived("forms"));
    let running = Running {
        intake,
        lookout,
        archive,
        index,
        clock,
        pauses,
        access,
        places: Places::default(),
        glance: crate::web::Glance::new(),
    };
    let (stopping, stopped) = watch::channel(false);
    let stop = super::run::stop().map_err(Failure::outside)?;
    tokio::spawn(async move {
        stop.await;
        stopping.send_replace(true);
    });
    crate::web::serve(running, None, Front::plain(listener), stopped).await.map_err(Failure::outside)
}

/// Pages that ask for no login are served on this machine alone.
pub(super) fn stays_here(context: &Context, listen: SocketAddr) -> Result<(), Failure> {
    if listen.ip().is_loopback() {
        return Ok(());
    }
    let open = context.say(
        "网页不用登录，只能开在本机：--listen 127.0.0.1:端口",
        "the pages ask for no login, so they stay on this machine: --listen 127.0.0.1:PORT",
    );
    Err(Failure::Usage(format!("{listen}: {open}")))
}

/// The port asked for, or the next free one.
pub(super) async fn free_port(listen: SocketAddr) -> std::io::Result<TcpListener> {
    let mut tried = TcpListener::bind(listen).await;
    for further in 1..PORTS {
        if tried.is_ok() {
            break;
        }
        let port = listen.port().saturating_add(further);
        tried = TcpListener::bind(SocketAddr::new(listen.ip(), port)).await;
    }
    tried
}

fn days(story: &Story) -> i64 {
    story.span.to.duration_since(story.span.from).as_hours().div_euclid(24)
}

/// The steps of the demonstration as they are done, with the seconds they took.
struct Progress<'a> {
    context: &'a Context,
}

impl Progress<'_> {
    fn title(&self) {
        let about = self.context.say(
            "演示：不联网、不发邮件、不改动系统",
            "demonstration: no network, no mail sent, nothing on this system changed",
        );
        self.tell(&format!("观澜 {} · {about}\n", env!("CARGO_PKG_VERSION")));
    }

    #[expect(clippy::disallowed_methods, reason = "the command line is where time comes in")]
    fn step<T>(
        &self,
        chinese: &str,
        english: &str,
        work: impl FnOnce() -> Result<(T, String), Failure>,
    ) -> Result<T, Failure> {
        let began = Instant::now();
        let (done, detail) = work()?;
        let seconds = began.elapsed().as_secs_f64();
        let (name, unit) = (self.context.say(chinese, english), self.context.say("秒", "s"));
        self.tell(&format!("  ✓ {name}  {detail}  {seconds:.1} {unit}"));
        Ok(done)
    }

    fn tell(&self, text: &str) {
        if self.context.global.quiet == 0 && !self.context.global.json {
            println!("{text}");
        }
    }
}
