//! `guanlan backtest --series`: our detector and its rivals on series of counts, as a table or as JSON.

use std::path::PathBuf;

use clap::Args;

use crate::benchmark::{self, Age, Kind, Outages, Row, Sets};
use crate::cli::exit::{Done, Failure};
use crate::cli::settings::Context;

#[derive(Args, Debug)]
pub(super) struct Comparison {
    #[arg(long, value_name = "DIR", requires_all = ["check", "events"], conflicts_with = "from")]
    series: Option<PathBuf>,
    #[arg(long, value_name = "DIR", value_delimiter = ',', requires = "series")]
    check: Vec<PathBuf>,
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
    let Comparison { series: Some(calibrate), check, events: Some(events), .. } = options else {
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
    println!();
    outages(context, &rows);
    rows.iter().filter(|row| !row.ages.is_empty()).for_each(|row| ages(context, row));
}

/// What began around outages, as a Markdown table, so that the documentation's figures are the run's own.
fn outages(context: &Context, rows: &[Row]) {
    let told: Vec<(&Row, Outages)> = rows.iter().filter_map(|row| Some((row, row.outages?))).collect();
    let Some((_, Outages { outages, .. })) = told.first() else { return };
    println!(
        "| {outages} {} | {} | {} | {} | {} |\n|---|---|---|---|---|",
        context.say("次中断", "outages"),
        context.say("预算", "budget"),
        context.say("18 小时内的误报", "false alarms within 18 h"),
        context.say("每次中断、每百项关切（95 %）", "by outage and 100 concerns (95 %)"),
        context.say("平时 18 小时", "in 18 h at other times"),
    );
    for (Row { name, budget, .. }, found) in told {
        let Outages { alarms, false_alarms, false_alarms_95: (low, high), at_other_times, .. } = found;
        println!(
            "| {name} | {budget} | {alarms} | {false_alarms:.2} ({low:.2}–{high:.2}) | {at_other_times:.2} |"
        );
    }
    println!();
}

/// Concerns that have just begun, as a Markdown table.
fn ages(context: &Context, row: &Row) {
    println!(
        "| {} | {} | {} | {} | {} | {} | {} |\n|---|---|---|---|---|---|---|",
        context.say("年龄（小时）", "age, h"),
        context.say("关切·周", "concern-weeks"),
        context.say("无历史的误报", "false alarms without history"),
        context.say("有历史的", "with history"),
        context.say("事件", "events"),
        context.say("无历史，峰值前发现", "found before the peak without history"),
        context.say("有历史", "with history"),
    );
    for age in &row.ages {
        let Age { from_hours, to_hours, concern_weeks, without_history, with_history, .. } = age;
        let Age { events, found_without_history, found_with_history, .. } = age;
        println!(
            "| {from_hours}–{to_hours} | {concern_weeks:.0} | {without_history} | {with_history} | {events} | \
             {found_without_history} | {found_with_history} |"
        );
    }
    println!();
}
