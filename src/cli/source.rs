//! `guanlan source`: how the sources stand, whether one answers, and rest for one. Only `pause` and
//! `resume` write, through the running program where there is one.

mod list;
mod rest;
mod test;

pub(super) use list::in_words;

use clap::Subcommand;
use config::Config;
use crawler::source::{Kind, Source};

use super::exit::{Done, Failure};
use super::settings::Context;

#[derive(Subcommand, Debug)]
pub(super) enum Command {
    List,
    Test { name: String },
    Pause(rest::Options),
    Resume { name: String },
}

/// Lists the sources, visits one, or lets one rest.
pub(super) fn source(context: &Context, command: &Command) -> Result<Done, Failure> {
    let config = context.config()?;
    match command {
        Command::List => list::list(context, &config),
        Command::Test { name } => test::test(context, &config, named(context, &config, name)?),
        Command::Pause(options) => {
            rest::pause(context, &config, named(context, &config, &options.name)?, options)
        }
        Command::Resume { name } => rest::resume(context, &config, named(context, &config, name)?),
    }
}

fn named<'a>(context: &Context, config: &'a Config, name: &str) -> Result<&'a Source, Failure> {
    let found = config.sources.iter().find(|source| source.id == name || source.name == name);
    found.ok_or_else(|| {
        let known: Vec<_> = config.sources.iter().map(|source| source.id.as_str()).collect();
        let none = context.say("没有这个信源", "there is no such source");
        let has = context.say("已配置", "configured");
        Failure::Usage(format!("{none}: {name}（{has}: {}）", known.join(", ")))
    })
}

/// The kind as the configuration names it, and where it lies.
fn kind(source: &Source) -> (&'static str, String) {
    match &source.kind {
        Kind::Feed { url } => ("rss", url.to_string()),
        Kind::List(list) => ("html", list.url.to_string()),
        Kind::Json(json) => ("json", json.url.to_string()),
        Kind::Sitemap(sitemap) => ("sitemap", sitemap.url.to_string()),
        Kind::Files { pattern, .. } => ("files", pattern.clone()),
        Kind::Counts(counts) => {
            ("counts", counts.path.clone().unwrap_or_else(|| "POST /api/v1/counts".to_owned()))
        }
        Kind::Push(_) => ("push", "POST /api/v1/posts".to_owned()),
    }
}
