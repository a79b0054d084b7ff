//! `guanlan demo`: the production path at simulated time, from bundled posts to mails in a folder.

use std::path::PathBuf;

use alerts::mail::Mailer;
use analyzer::segment::Segmenter;
use clap::Args;
use crawler::archive::{Archive, Observation};
use crawler::post::{Post, Stored};

use super::exit::{Done, Failure};
use super::settings::Context;
use crate::folder::Held;
use crate::intake::Intake;
use crate::lookout::Lookout;
use crate::orders::Orders;
use crate::replay::{Arrivals, Span, replay};
use crate::scenario::{self, Scenario};

#[derive(Args, Debug)]
pub(super) struct Options {
    #[arg(long)]
    real: bool,
    #[arg(long)]
    no_serve: bool,
    #[arg(long, default_value = "guanlan-demo", value_name = "DIR")]
    dir: PathBuf,
    #[arg(long, default_value = "127.0.0.1:8417", value_name = "ADDRESS")]
    listen: std::net::SocketAddr,
}

/// One story, ready to be replayed.
struct Story {
    config: config::Config,
    posts: Vec<Post>,
    observations: Vec<Observation>,
    span: Span,
}

/// Runs a story and says what came of it.
pub(super) fn demo(_context: &Context, options: &Options) -> Result<Done, Failure> {
    let story = invented()?;
    let held = Held::take(&options.dir.join("data")).map_err(Failure::data)?;
    let archive = Archive::open(held.path()).map_err(Failure::data)?;
    let mut intake =
        Intake::open(held.path(), archive.clone(), &Segmenter::new(&[])).map_err(Failure::data)?;
    let stored = store(&mut intake, &story)?;
    let orders = Orders::new(&story.config, true);
    let mut lookout = Lookout::open(held.path(), archive, orders).map_err(Failure::data)?;
    let mailer = Mailer::Folder(options.dir.join("outbox"));
    let arrivals = Arrivals { posts: &stored, observations: &story.observations };
    replay(&mut lookout, &arrivals, story.span, &mut |lookout, now| {
        lookout.desk.deliver(&mailer, now)?;
        Ok(())
    })
    .map_err(Failure::data)?;
    for alert in lookout.desk.alerts(alerts::desk::Filter::All).map_err(Failure::data)? {
        println!("{} {} {:?} {:?} {}", alert.id, alert.concern, alert.highest, alert.state, alert.raised_at);
        for (at, event) in &alert.events {
            println!("     {at} {event:?}");
        }
    }
    Ok(Done::Yes)
}

fn store(intake: &mut Intake, story: &Story) -> Result<Vec<Stored>, Failure> {
    let mut stored = Vec::with_capacity(story.posts.len());
    for day in story.posts.chunks(2_000) {
        let appended = intake.store(day).map_err(Failure::data)?;
        stored.extend(appended.stored);
    }
    intake.commit().map_err(Failure::data)?;
    Ok(stored)
}

fn invented() -> Result<Story, Failure> {
    let bundled = scenario::QINGLAN;
    let scenario = Scenario::parse(bundled.scenario).map_err(Failure::data)?;
    let file =
        |name: &str, text: &str| config::File { name: name.to_owned(), bytes: text.as_bytes().to_vec() };
    let administrator = file("guanlan.toml", bundled.guanlan);
    let clerk = file("concerns.toml", bundled.concerns);
    let loaded = config::read(Some(&administrator), Some(&clerk), &Default::default());
    if loaded.report.errors() > 0 {
        return Err(Failure::Data(loaded.report.draw(alerts::message::Language::English)));
    }
    let observations =
        scenario.heartbeats().into_iter().map(|(source, at, ok)| Observation { at, source, ok }).collect();
    Ok(Story {
        config: loaded.config,
        posts: scenario.posts().to_vec(),
        observations,
        span: Span { from: scenario.start(), told_from: scenario.show_from(), to: scenario.end() },
    })
}
