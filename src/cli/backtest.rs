//! `guanlan backtest`: posts replayed at simulated time through the very code that runs, to show what would
//! have been alerted. Changes nothing in the data folder. With `--series` the detector meets its rivals on
//! series of counts instead, with `--growth` the forecast its own on curves of real topics; `--life` counts
//! the mails of an event, `--rarity` how seldom chance brings a score, `--stories` compares ways to find topics on made streams of posts.

mod growth;
mod life;
mod markdown;
mod posts;
mod rarity;
mod series;
mod table;
mod topics;

use std::path::Path;

use clap::Args;
use serde::Serialize;

use super::exit::{Done, Failure};
use super::settings::Context;

#[derive(Args, Debug)]
pub(super) struct Options {
    #[command(flatten)]
    posts: posts::Replay,
    #[command(flatten)]
    series: series::Comparison,
    #[command(flatten)]
    growing: growth::Growing,
    #[command(flatten)]
    living: life::Living,
    #[command(flatten)]
    seldom: rarity::Seldom,
    #[command(flatten)]
    emerging: topics::Emerging,
}

/// Replays and lists the alerts, the answer being "no" when there was none; or compares methods on series.
pub(super) fn backtest(context: &Context, options: &Options) -> Result<Done, Failure> {
    if let Some(folder) = &options.emerging.stories {
        return topics::topics(context, &options.emerging, folder, options.series.file.as_deref());
    }
    if !options.seldom.rarity.is_empty() {
        return rarity::rarity(context, &options.seldom, options.series.file.as_deref());
    }
    if let Some(folder) = &options.living.life {
        return life::life(context, folder, options.series.file.as_deref());
    }
    match options.posts.days() {
        Some(days) => posts::posts(context, &options.posts, days, options.series.file.as_deref()),
        None if options.growing.growth.is_some() => {
            growth::growth(context, &options.growing, options.series.file.as_deref())
        }
        None => series::series(context, &options.series),
    }
}

/// Writes what was found as JSON, into the file if one is named; says whether it was printed, so that nothing
/// else is.
fn has_only_json(context: &Context, file: Option<&Path>, found: &impl Serialize) -> Result<bool, Failure> {
    let json = || serde_json::to_string_pretty(found).map_err(Failure::data);
    match file {
        Some(file) => save(file, &(json()? + "\n"))?,
        None if context.global.json => println!("{}", json()?),
        None => {}
    }
    Ok(file.is_none() && context.global.json)
}

fn save(path: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(path, text).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Usage(format!("{}: {error}", path.display()))
}

/// A figure of which a miss is infinite.
fn or_infinite(value: Option<f64>, places: usize) -> String {
    value.map_or("∞".to_owned(), |value| format!("{value:.places$}"))
}
