//! `guanlan backtest`: posts replayed at simulated time through the very code that runs, to show what would
//! have been alerted. Changes nothing in the data folder. With `--series` the detector meets its rivals on
//! series of counts instead, with `--growth` the forecast its own on curves of real topics; `--life` counts
//! the mails of an event, `--stories` compares ways to find topics on made streams of posts.

mod growth;
mod life;
mod markdown;
mod posts;
mod series;
mod table;
mod topics;

use clap::Args;

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
    emerging: topics::Emerging,
}

/// Replays and lists the alerts, the answer being "no" when there was none; or compares methods on series.
pub(super) fn backtest(context: &Context, options: &Options) -> Result<Done, Failure> {
    if let Some(folder) = &options.emerging.stories {
        return topics::topics(context, &options.emerging, folder);
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

/// A figure of which a miss is infinite.
fn or_infinite(value: Option<f64>, places: usize) -> String {
    value.map_or("∞".to_owned(), |value| format!("{value:.places$}"))
}
