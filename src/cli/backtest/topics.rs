//! `guanlan backtest --stories`: our emerging topics and their rivals on made streams, as a Markdown table or
//! as JSON.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};

use crate::benchmark::topics::{self, About, Cost, Load, Row, Wanted};
use crate::cli::exit::{Done, Failure};
use crate::cli::settings::Context;

#[derive(Args, Debug)]
#[group(id = "emerging")]
pub(super) struct Emerging {
    #[arg(long, value_name = "DIR", conflicts_with_all = ["from", "series"])]
    pub(super) stories: Option<PathBuf>,
    #[arg(long, value_name = "N", value_delimiter = ',', default_value = "1", requires = "stories")]
    seed: Vec<u64>,
    #[arg(long, value_name = "N", default_value = "8", requires = "stories")]
    days: usize,
    #[arg(long, value_name = "N", default_value = "20000", requires = "stories")]
    posts_a_day: usize,
    #[arg(long, value_name = "N", default_value = "80", requires = "stories")]
    alerts_a_day: f64,
    #[arg(long, value_name = "MIB", value_delimiter = ',', default_value = "256", requires = "stories")]
    memory: Vec<f64>,
    #[arg(long, value_name = "N", requires = "stories")]
    load: Option<usize>,
    #[arg(long, value_name = "N", value_delimiter = ',', default_value = "6", requires = "load")]
    words: Vec<usize>,
}

/// Makes a stream for each seed, compares, and prints.
pub(super) fn topics(
    context: &Context,
    options: &Emerging,
    folder: &Path,
    json_file: Option<&Path>,
) -> Result<Done, Failure> {
    if options.days < 4 {
        let text = context
            .say("--days 至少 4：前三天只学习", "--days must be at least 4: three days are only learnt");
        return Err(Failure::Usage(text.to_owned()));
    }
    let bytes = |mib: f64| (mib * f64::from(1 << 20)) as usize;
    // A line for each seed.
    let mut lines = Vec::new();
    for seed in &options.seed {
        let wanted = Wanted {
            seed: *seed,
            days: options.days,
            posts_a_day: options.posts_a_day,
            alerts_a_day: options.alerts_a_day,
            memory: options.memory.first().copied().map_or(1, bytes),
        };
        if let Some(posts_a_day) = options.load {
            let load = |(words, mib): (usize, f64)| Load { posts_a_day, words, memory: bytes(mib) };
            let each = options.words.iter().flat_map(|words| options.memory.iter().map(|mib| (*words, *mib)));
            let loads: Vec<Load> = each.map(load).collect();
            let found = topics::loads(folder, &wanted, &loads).map_err(Failure::data)?;
            let line = json!({ "schema": "guanlan.backtest-topics-load/1", "costs": found });
            tell(context, json_file, &line, || costs(&found));
            lines.push(line);
            continue;
        }
        let (about, rows) = topics::run(folder, &wanted).map_err(Failure::data)?;
        let line = json!({ "schema": "guanlan.backtest-topics/1", "stream": about, "rows": rows });
        tell(context, json_file, &line, || table(&wanted, &about, &rows));
        lines.push(line);
    }
    if let Some(file) = json_file {
        super::save(file, &lines.iter().map(|line| format!("{line}\n")).collect::<String>())?;
    }
    Ok(Done::Yes)
}

/// The table, or the same as JSON, unless that goes into a file.
fn tell(context: &Context, json_file: Option<&Path>, line: &Value, table: impl FnOnce()) {
    match context.global.json && json_file.is_none() {
        true => println!("{line}"),
        false => table(),
    }
}

/// What each load cost.
fn costs(costs: &[Cost]) {
    println!(
        "| posts a day | words | memory, MiB | added, MiB | µs a post | topics a day | precision | recall | common words |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for cost in costs {
        let [small, middle, large] = cost.recall;
        println!(
            "| {} | {} | {:.1} | {:.0} | {:.2} | {:.0} | {:.2} | {small:.2} / {middle:.2} / {large:.2} | {:.2} |",
            cost.posts_a_day,
            cost.words,
            cost.memory_mib,
            cost.added_mib,
            cost.microseconds_a_post,
            cost.topics_a_day,
            cost.precision,
            cost.common_recall,
        );
    }
    if let Some(first) = costs.first() {
        let ([small, middle, large], [few, fewer, fewest]) = (first.sizes, first.stories);
        println!(
            "\nRecall of stories of {small} / {middle} / {large} posts or more: {few} / {fewer} / {fewest} after the third day.\n"
        );
    }
}

/// A table that can stand in docs/detection.md as it is.
fn table(wanted: &Wanted, about: &About, rows: &[Row]) {
    let Wanted { seed, alerts_a_day, .. } = wanted;
    let About { posts, words_a_post, stories, .. } = about;
    println!(
        "Seed {seed}: {posts} posts, {words_a_post:.1} words each, {stories} stories, {alerts_a_day} alerts a day.\n"
    );
    let [least, fifty, hundred] = rows.first().map_or([0; 3], |row| row.figures.sizes);
    println!(
        "| method | precision | duplicates | recall ≥{least} / {fifty} / {hundred} posts | common words | median delay, min |"
    );
    println!("|---|---|---|---|---|---|");
    for row in rows {
        let figures = &row.figures;
        let [small, middle, large] = figures.recall;
        let delay = super::or_infinite(figures.delay_median_min, 0);
        println!(
            "| {} | {:.3} | {:.3} | {small:.2} / {middle:.2} / {large:.2} | {:.2} | {delay} |",
            row.name, figures.precision, figures.duplicates, figures.common_recall,
        );
    }
    if let Some(first) = rows.first() {
        let [small, middle, large] = first.figures.stories;
        println!(
            "\nStories after the third day: {small} / {middle} / {large}, of common words {}.\n",
            first.figures.common_stories
        );
    }
}
