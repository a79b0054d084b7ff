//! `guanlan backtest --series`: our detector and its rivals on series of counts, as a table or as JSON.

use std::path::PathBuf;

use clap::Args;

use crate::benchmark::{self, Age, Kind, Row, Sets};
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
        "  {:<26} {:>9} {:>6} {:>6} {:>13} {:>6} {:>7} {:>7} {:>6} {:>7}",
        context.say("method", "method"),
        "threshold",
        "false",
        "<peak",
        "95 %",
        "24 h",
        "median",
        "p75",
        "out",
        "outage"
    );
    for row in &rows {
        let (low, high) = row.recall_before_peak_95;
        println!(
            "  {:<26} {:>9.2} {:>6.2} {:>6.3}  {low:.3}–{high:.3} {:>6.3} {:>7} {:>7} {:>6} {:>7}",
            row.name,
            row.threshold,
            row.false_alarms,
            row.recall_before_peak,
            row.recall_24h,
            super::or_infinite(row.delay_median_min, 0),
            super::or_infinite(row.delay_p75_min, 0),
            row.share_published_at_alarm.map_or("–".to_owned(), |share| format!("{share:.2}")),
            row.outages.map_or("–".to_owned(), |outages| format!("{:.2}", outages.false_alarms)),
        );
    }
    rows.iter().for_each(|row| trouble(context, row));
}

/// Where ours is most easily fooled: outages, and concerns that have just begun.
fn trouble(context: &Context, row: &Row) {
    if row.ages.is_empty() {
        return;
    }
    if let Some(outages) = row.outages {
        println!(
            "\n  {}: {} {}, {:.3} {} ({:.3} {})",
            row.name,
            outages.outages,
            context.say("次中断", "outages"),
            outages.false_alarms,
            context.say(
                "次误报/中断·百项关切，18 小时内",
                "false alarms by outage and 100 concerns within 18 h"
            ),
            outages.at_other_times,
            context.say("平时", "at other times"),
        );
    }
    println!(
        "  {}",
        context.say(
            "关切的年龄（小时）: 关切·周；无历史的误报；有历史的误报",
            "age of a concern (h): concern-weeks; false alarms without history; with history",
        )
    );
    for age in &row.ages {
        let Age { from_hours, to_hours, concern_weeks, without_history, with_history } = age;
        println!(
            "  {from_hours:>4}–{to_hours:<4} {concern_weeks:>8.1} {without_history:>4} {with_history:>4}"
        );
    }
    println!();
}
