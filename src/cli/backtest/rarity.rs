//! `guanlan backtest --rarity`: how seldom chance alone brings a score, counted on series without events and
//! held against others.

use std::path::{Path, PathBuf};

use analyzer::detect::Detection;
use analyzer::rarity::Rarity;
use analyzer::signal::Window;
use clap::Args;

use crate::benchmark::rarity::{self, Curve, Promise};
use crate::cli::exit::{Done, Failure};
use crate::cli::settings::Context;

#[derive(Args, Debug)]
#[group(id = "seldom")]
pub(super) struct Seldom {
    #[arg(long, value_name = "DIR", value_delimiter = ',', requires = "others",
        conflicts_with_all = ["from", "series", "growth", "life"])]
    pub(super) rarity: Vec<PathBuf>,
    #[arg(long, value_name = "DIR", value_delimiter = ',', requires = "rarity")]
    others: Vec<PathBuf>,
}

/// Counts, compares and prints.
pub(super) fn rarity(context: &Context, options: &Seldom, file: Option<&Path>) -> Result<Done, Failure> {
    let config = context.config()?;
    let (counted, others) = (&options.rarity, &options.others);
    let curves =
        rarity::rarity(counted, others, &Detection::default(), &config.site.zone).map_err(Failure::data)?;
    if super::has_only_json(context, file, &curves)? {
        return Ok(Done::Yes);
    }
    for curve in &curves {
        print(context, curve);
    }
    Ok(Done::Yes)
}

/// A Markdown table, so that the documentation's figures are the run's own.
fn print(context: &Context, curve: &Curve) {
    let windows = match curve.windows {
        Window::FAST => context.say("30 分钟与 90 分钟窗口", "Windows of 30 and 90 minutes"),
        _ => context.say("6 小时与 24 小时窗口", "Windows of 6 and 24 hours"),
    };
    println!(
        "{windows}: {} {:.0} {}: {}; {} {}\n",
        context.say("数自", "counted in"),
        curve.counted_in,
        context.say("关切·周", "concern-weeks"),
        told(curve.counted),
        context.say("现行", "in force"),
        told(curve.in_force),
    );
    println!(
        "| {} | {} | {} {:.0} | {} | {} |\n|---|---|---|---|---|",
        context.say("得分", "score"),
        context.say("说是多少周一次", "promised once in weeks"),
        context.say("应有次数，关切·周", "promised times in concern-weeks"),
        curve.concern_weeks,
        context.say("实有次数", "times it came"),
        context.say("实为多少周一次（95 %）", "came once in weeks (95 %)"),
    );
    for Promise { score, weeks, or_more, expected, seen, seen_weeks_95: (low, high) } in &curve.rows {
        let (over, under) = if *or_more { ("> ", "< ") } else { ("", "") };
        let came =
            if *seen > 0 { format!("{:.0}", curve.concern_weeks / *seen as f64) } else { "–".to_owned() };
        let high = if high.is_finite() { format!("{high:.0}") } else { "∞".to_owned() };
        println!("| {score} | {over}{weeks:.0} | {under}{expected:.1} | {seen} | {came} ({low:.0}–{high}) |");
    }
    println!();
}

fn told(rarity: Option<Rarity>) -> String {
    rarity.map_or("–".to_owned(), |Rarity { weeks, growth, most }| {
        format!("weeks {weeks:.1}, growth {growth:.2}, most {most:.0}")
    })
}
