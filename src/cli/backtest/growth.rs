//! `guanlan backtest --growth`: fits the table of growth to real topics, judges it on later ones, writes it.

use std::path::{Path, PathBuf};

use clap::Args;
use jiff::civil::Date;

use crate::benchmark::growth::{self, Report};
use crate::cli::exit::{Done, Failure};
use crate::cli::settings::Context;

/// Credit of the table that ships, as its source asks.
const CREDIT: &str = "\
# How rises go on: quantiles of ln((posts ahead + 5) / (posts at the present pace, as the day goes + 5)).
# Fitted by `guanlan backtest --growth` to discussion counts of topics on Weibo's hot-search board from
# https://github.com/lxw15337674/weibo-trending-hot-history (MIT), which holds no texts here.";

#[derive(Args, Debug)]
#[group(id = "growing")]
pub(super) struct Growing {
    #[arg(long, value_name = "FILE", requires = "train_before", conflicts_with_all = ["from", "series"])]
    pub(super) growth: Option<PathBuf>,
    #[arg(long, value_name = "DATE", requires = "growth")]
    train_before: Option<Date>,
    #[arg(long, value_name = "FILE", requires = "growth")]
    table: Option<PathBuf>,
}

/// Fits, judges, prints, and writes the table where it is asked for.
pub(super) fn growth(
    context: &Context,
    options: &Growing,
    json_file: Option<&Path>,
) -> Result<Done, Failure> {
    let (Some(file), Some(day)) = (&options.growth, options.train_before) else {
        let text = context.say("--growth 还需要 --train-before", "--growth needs --train-before");
        return Err(Failure::Usage(text.to_owned()));
    };
    let report = growth::run(file, &day.to_string()).map_err(Failure::data)?;
    if let Some(table) = &options.table {
        let head = format!("{CREDIT}\n# Topics first seen before {day}; {} cases.\n", report.cases);
        super::save(table, &(head + &report.growth.write()))?;
    }
    if super::has_only_json(context, json_file, &report)? {
        return Ok(Done::Yes);
    }
    print(context, &report, day);
    Ok(Done::Yes)
}

/// A Markdown table, so that the documentation's figures are the run's own.
fn print(context: &Context, report: &Report, day: Date) {
    let (earlier, later) = report.topics;
    let (first, last) = &report.judged;
    let (cases, rows) = (report.cases, report.rows);
    let (chinese, english) = (
        format!(
            "拟合：{day} 之前的 {earlier} 个话题，{cases} 例，{rows} 行；评估：{first} 至 {last} 的 {later} 个话题"
        ),
        format!(
            "Fitted to {earlier} topics before {day} ({cases} cases, {rows} rows); judged on {later} topics of {first} to {last}"
        ),
    );
    println!("{}\n", context.say(&chinese, &english));
    let heads = match context.say("zh", "en") {
        "zh" => ["小时", "方法", "预测数", "分位损失", "中位误差", "80 %", "95 %", "翻倍", "Brier", "技巧分"],
        _ => [
            "hours",
            "forecast",
            "forecasts",
            "pinball",
            "median error",
            "80 %",
            "95 %",
            "doubled",
            "Brier",
            "skill",
        ],
    };
    println!("| {} |", heads.join(" | "));
    println!("|{}", "---|".repeat(heads.len()));
    for row in &report.results {
        println!(
            "| {} | {} | {} | {:.2} | {:.1} | {:.3} | {:.3} | {:.3} | {:.4} | {:.3} |",
            row.hours,
            row.name,
            row.forecasts,
            row.pinball,
            row.median_error,
            row.cover_80,
            row.cover_95,
            row.doubled,
            row.brier,
            row.brier_skill,
        );
    }
}
