//! `guanlan alert respond`: records an answer, typed or chosen among the statements found.

use alerts::alert::AlertId;
use alerts::format;
use analyzer::explain::{Statement, StatementKind};
use clap::{ArgGroup, Args};
use config::Config;
use jiff::Timestamp;

use super::act;
use super::evidence::evidence;
use crate::answering::{Typed, answer};
use crate::cli::exit::{Done, Failure};
use crate::cli::now;
use crate::cli::settings::Context;

#[derive(Args, Debug)]
#[command(group(ArgGroup::new("shown").required(true).args(["url", "spoken", "statement"])))]
pub(in crate::cli) struct Respond {
    id: String,
    #[arg(long, required_unless_present = "statement")]
    by: Option<String>,
    #[arg(long)]
    url: Option<String>,
    #[arg(long)]
    spoken: bool,
    #[arg(long, conflicts_with = "statement")]
    at: Option<String>,
    #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = "")]
    statement: Option<String>,
}

/// Records the answer; with `--statement` alone, lists what there is to choose from.
pub(super) fn respond(context: &Context, config: &Config, options: &Respond) -> Result<Done, Failure> {
    let id: AlertId = options.id.parse().map_err(Failure::Usage)?;
    let found = options.statement.as_ref().map(|_| evidence(config, id)).transpose()?.flatten();
    let onset = found.as_ref().and_then(|found| found.signal.onset).unwrap_or(Timestamp::MIN);
    let statements = found.map(|found| found.explanation.statements).unwrap_or_default();
    if options.statement.as_deref() == Some("") {
        return list(context, config, &statements);
    }
    let typed = |text: &Option<String>| text.clone().unwrap_or_default();
    let typed = Typed {
        statement: typed(&options.statement),
        by: typed(&options.by),
        url: typed(&options.url),
        at: typed(&options.at),
        spoken: options.spoken,
    };
    let action = answer(&typed, (onset, &statements), &config.site.zone, now());
    let action = action.map_err(|why| Failure::Usage(context.words(&why).to_owned()))?;
    act(config, &options.id, action)
}

fn list(context: &Context, config: &Config, statements: &[Statement]) -> Result<Done, Failure> {
    if context.global.json {
        println!("{}", serde_json::to_string(statements).map_err(Failure::data)?);
        return Ok(if statements.is_empty() { Done::No } else { Done::Yes });
    }
    for (place, statement) in statements.iter().enumerate() {
        let kind = match statement.kind {
            StatementKind::Official => context.say("官方", "official"),
            StatementKind::Report => context.say("报道", "report"),
        };
        println!(
            "  {}  [{kind}] {}  {}  {}",
            place + 1,
            format::date_time(statement.time, &config.site.zone, context.language),
            format::one_line(&statement.source, 40),
            format::one_line(&statement.title, 100),
        );
    }
    let (none, some) = (
        context.say(
            "没有找到官方信息，也没有报道回应的标题；用 --by、--url（口头回应用 --spoken）、--at 登记",
            "no statement was found; record one with --by, --url (or --spoken) and --at",
        ),
        context.say(
            "再加上序号登记：--statement N（报道还要写 --by）",
            "now with its number: --statement N (for a report also --by)",
        ),
    );
    println!("  {}", if statements.is_empty() { none } else { some });
    Ok(if statements.is_empty() { Done::No } else { Done::Yes })
}
