//! `guanlan backtest --series`: our detector and its rivals on series of counts, as a table or as JSON.

use std::path::PathBuf;

use clap::Args;

use crate::benchmark::{self, Kind, Row, Sets};
use crate::cli::exit::{Done, Failure};
use crate::cli::settings::Context;

#[derive(Args, Debug)]
pub(super) struct Comparison {
    #[arg(long, value_name = "DIR", requires_all = ["check", "events"], conflicts_with = "from")]
    series: Option<PathBuf>,
    #[arg(long, value_name = "DIR", requires = "series")]
    check: Option<PathBuf>,
    #[arg(long, value_name = "DIR", requires = "series")]
    events: Option<PathBuf>,
    #[arg(long, value_name = "N", value_delimiter = ',', default_value = "1,10")]
    budget: Vec<f64>,
    #[arg(long, value_enum, default_value = "gated")]
    input: Kind,
    #[arg(value_name = "FILE")]
    pub(super) file: Option<PathBuf>,
}

/// Compares and prints; with `--json FILE` the rows go into the file as well.
pub(super) fn series(context: &Context, options: &Comparison) -> Result<Done, Failure> {
    let Comparison { series: Some(calibrate), check: Some(check), events: Some(events), .. } = options else {
        let text = context.say("--series 还需要 --check 和 --events", "--series needs --check and --events");
        return Err(Failure::Usage(text.to_owned()));
    };
    if let Some(wrong) = options.budget.iter().find(|budget| !budget.is_finite() || **budget <= 0.0) {
        return Err(Failure::Usage(format!(
            "--budget {wrong}: {}",
            context.say("须大于 0", "must be above 0")
        )));
    }
    let config = context.config()?;
    let sets = Sets { calibrate: calibrate.clone(), check: check.clone(), events: events.clone() };
    let detection = analyzer::detect::Detection::default();
    let rows = benchmark::run(&sets, &options.budget, options.input, &detection, &config.site.zone)
        .map_err(Failure::data)?;
    if super::has_only_json(context, options.file.as_deref(), &rows)? {
        return Ok(Done::Yes);
    }
    for budget in &options.budget {
        table(context, rows.iter().filter(|row| row.budget == *budget).cloned().collect());
    }
    Ok(Done::Yes)
}

fn table(context: &Context, mut rows: Vec<Row>) {
    rows.sort_by(|one, other| other.recall_before_peak.total_cmp(&one.recall_before_peak));
    let Some(first) = rows.first() else { return };
    println!(
        "{} {} / 100 {}；{} {}，{:.0} {}",
        context.say("误报预算", "false alarms allowed:"),
        first.budget,
        context.say("关切·周", "concern-weeks"),
        first.events,
        context.say("个事件", "events"),
        first.concern_weeks,
        context.say("关切·周", "concern-weeks"),
    );
    println!(
        "  {:<26} {:>9} {:>6} {:>6} {:>13} {:>6} {:>7} {:>7} {:>6}",
        context.say("method", "method"),
        "threshold",
        "false",
        "<peak",
        "95 %",
        "24 h",
        "median",
        "p75",
        "out"
    );
    for row in &rows {
        let (low, high) = row.recall_before_peak_95;
        println!(
            "  {:<26} {:>9.2} {:>6.2} {:>6.3}  {low:.3}–{high:.3} {:>6.3} {:>7} {:>7} {:>6}",
            row.name,
            row.threshold,
            row.false_alarms,
            row.recall_before_peak,
            row.recall_24h,
            super::or_infinite(row.delay_median_min, 0),
            super::or_infinite(row.delay_p75_min, 0),
            row.share_published_at_alarm.map_or("–".to_owned(), |share| format!("{share:.2}")),
        );
    }
}
