//! `guanlan source`: which sources there are, and whether one answers. Stores nothing.

use alerts::format;
use clap::Subcommand;
use config::Config;
use crawler::crawl::{Outcome, visit_once};
use crawler::format::Privacy;
use crawler::pace::Now;
use crawler::post::IdKey;

use super::exit::{Done, Failure};
use super::now;
use super::settings::Context;
use crate::orders;

/// Items shown.
const SHOWN: usize = 3;
/// Characters shown of an item.
const EXCERPT: usize = 60;

#[derive(Subcommand, Debug)]
pub(super) enum Command {
    List,
    Test { name: String },
}

/// Lists the sources, or visits one.
pub(super) fn source(context: &Context, command: &Command) -> Result<Done, Failure> {
    let config = context.config()?;
    match command {
        Command::List => {
            for source in &config.sources {
                println!("  {}  {}  {}", source.id, source.name, source.group);
            }
            Ok(if config.sources.is_empty() { Done::No } else { Done::Yes })
        }
        Command::Test { name } => test(context, &config, name),
    }
}

fn test(context: &Context, config: &Config, name: &str) -> Result<Done, Failure> {
    let Some(source) = config.sources.iter().find(|source| source.id == name || source.name == name) else {
        let known: Vec<_> = config.sources.iter().map(|source| source.id.as_str()).collect();
        let none = context.say("没有这个信源", "there is no such source");
        let has = context.say("已配置", "configured");
        return Err(Failure::Usage(format!("{none}: {name}（{has}: {}）", known.join(", "))));
    };
    orders::provide_tls();
    let fetcher = super::fetcher(context, config)?;
    // Ids are not kept, so any key will do.
    let privacy = Privacy { key: IdKey::fixed([0; 32]), masks: orders::masks(config) };
    let runtime = tokio::runtime::Runtime::new().map_err(Failure::outside)?;
    let clock: &Now = &now;
    let visit = runtime.block_on(visit_once(source, &fetcher, &privacy, clock));
    if let Outcome::Failed(why) = &visit.outcome {
        return Err(Failure::Outside(format!("{}: {}", source.name, context.words(why))));
    }
    println!("  ✓ {}  {} {}", source.name, visit.posts.len(), context.say("条", "items"));
    for post in visit.posts.iter().take(SHOWN) {
        let when = format::full_date_time(post.time, &config.site.zone, context.language);
        let text = if post.title.is_empty() { &post.text } else { &post.title };
        println!("    {when}  {}", format::one_line(text, EXCERPT));
    }
    for problem in &visit.problems {
        let line = problem.line.map(|line| format!("{line}: ")).unwrap_or_default();
        println!("    ! {line}{}", context.words(&problem.what));
    }
    println!("  {}", context.say("没有保存任何东西", "nothing was stored"));
    Ok(if visit.posts.is_empty() { Done::No } else { Done::Yes })
}
