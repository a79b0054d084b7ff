//! `guanlan concern test`: what a word list matches among the stored posts, what it leaves out, and how often it
//! would have alerted. Changes nothing.

use alerts::format;
use analyzer::concern::Concern;
use analyzer::level::Level;
use clap::{Args, Subcommand};
use config::Config;
use jiff::civil::{Date, Time};
use jiff::{SignedDuration, ToSpan};
use serde_json::json;

use super::exit::{Done, Failure};
use super::now;
use super::settings::Context;
use crate::backtest::{self, Material, Raised};
use crate::orders::Orders;
use crate::replay::Span;
use crate::trial::{Findings, findings};

/// Days looked at when nothing is said.
const DAYS: i64 = 28;
/// History learnt before.
const WARM_UP: SignedDuration = SignedDuration::from_hours(35 * 24);
#[derive(Subcommand, Debug)]
pub(super) enum Command {
    Test(Options),
}

#[derive(Args, Debug)]
pub(super) struct Options {
    name: String,
    #[arg(long, value_name = "WORDS", num_args = 1..)]
    words: Vec<String>,
    #[arg(long, value_name = "WORDS", num_args = 1..)]
    not: Vec<String>,
    #[arg(long, value_name = "DATE")]
    from: Option<Date>,
    #[arg(long, value_name = "DATE")]
    to: Option<Date>,
    #[arg(long, value_name = "N", default_value_t = 10)]
    samples: usize,
}

/// Tests one concern's list, or a proposed one; the answer is "no" when it matches nothing.
pub(super) fn concern(context: &Context, Command::Test(options): &Command) -> Result<Done, Failure> {
    let config = context.config()?;
    let concern = proposed(context, &config, options)?;
    let zone = &config.site.zone;
    let today = zone.to_datetime(now()).date();
    let day = |date: Date| {
        let midnight = zone.to_timestamp(date.to_datetime(Time::midnight()));
        midnight.map_err(|error| Failure::Usage(format!("{date}: {error}")))
    };
    let to = day(options.to.unwrap_or(today.saturating_add(1.days())))?;
    let told_from = match options.from {
        Some(date) => day(date)?,
        None => to - SignedDuration::from_hours(24 * DAYS),
    };
    let span = Span { from: told_from - WARM_UP, told_from, to };
    let material = Material::stored(&config.site.data_dir, span.from, span.to).map_err(Failure::data)?;
    let orders = Orders::new(&config, alerts::staging::Staging::Real);
    let findings = findings(&orders, &concern, (&material, span), options.samples).map_err(Failure::data)?;
    if context.global.json {
        println!("{}", json!({ "schema": "guanlan.concern/1", "concern": concern, "findings": findings }));
    } else {
        print(context, &config, &concern, &findings);
    }
    Ok(if findings.matched > 0 { Done::Yes } else { Done::No })
}

/// The configured concern, with another list of words if one was typed; a new one needs words.
fn proposed(context: &Context, config: &Config, options: &Options) -> Result<Concern, Failure> {
    let named = |concern: &&Concern| concern.id == options.name || concern.name == options.name;
    let mut concern = match config.concerns.iter().find(named) {
        Some(concern) => concern.clone(),
        None if options.words.is_empty() => {
            let says = context.say(
                "没有这项关切：写配置里的名称，或用 --words 给出词表",
                "no such concern: give a name of the configuration, or a list with --words",
            );
            return Err(Failure::Usage(format!("{}: {says}", options.name)));
        }
        None => backtest::concern_named(&options.name, &config.levels),
    };
    if !options.words.is_empty() {
        concern.words.clone_from(&options.words);
    }
    if !options.not.is_empty() {
        concern.not.clone_from(&options.not);
    }
    Ok(concern)
}

fn print(context: &Context, config: &Config, concern: &Concern, findings: &Findings) {
    let share = 100.0 * findings.matched as f64 / findings.posts.max(1) as f64;
    println!(
        "  {}  {} {} / {}（{share:.2} %）",
        concern.name,
        context.say("对上", "matches"),
        findings.matched,
        findings.posts,
    );
    println!("\n  {}", context.say("各条词", "by entry"));
    for (entry, count) in &findings.entries {
        println!("    {count:>6}  {entry}");
    }
    println!("\n  {}", context.say("对上的帖文", "posts that match"));
    for (at, text, found) in &findings.samples {
        let at = format::date_time(*at, &config.site.zone, context.language);
        println!("    {at}  {text}  [{}]", found.join(", "));
    }
    if !findings.beside.is_empty() {
        let words: Vec<String> = findings
            .beside
            .iter()
            .map(|(word, count, times)| format!("{word} {count}（×{times:.0}）"))
            .collect();
        println!("\n  {}\n    {}", context.say("常同时出现的词", "words beside them"), words.join("  "));
    }
    println!("\n  {} {}", context.say("被 not 排除", "ruled out by not"), findings.excluded);
    for (text, refusing) in &findings.excluded_samples {
        println!("    {text}  [{}]", refusing.join(", "));
    }
    let alerts = &findings.alerts;
    println!(
        "\n  {} {}，{} {:.1}",
        context.say("会预警", "would have alerted"),
        alerts.len(),
        context.say("每周", "a week"),
        alerts.len() as f64 / findings.weeks.max(1.0 / 7.0),
    );
    for level in Level::ALL {
        let of_level = |raised: &&Raised| raised.alert.highest == level;
        for raised in alerts.iter().filter(of_level) {
            println!(
                "    {} {}  {}",
                format::level_bars(level),
                format::level_name(level, context.language),
                format::date_time(raised.alert.raised_at, &config.site.zone, context.language),
            );
        }
    }
}
