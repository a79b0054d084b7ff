//! `guanlan tune`: reads what people said of alerts and proposes thresholds. Applies nothing.

use alerts::journal::Journal;
use clap::Args;
use serde_json::json;

use super::exit::{Done, Failure};
use super::now;
use super::settings::Context;
use crate::backtest::{Proposal, Rated, propose};

#[derive(Args, Debug)]
pub(super) struct Options {
    #[arg(long, default_value_t = 0, value_name = "N")]
    lose: usize,
}

/// Proposes; the answer is "no" when there is nothing to propose.
pub(super) fn tune(context: &Context, options: &Options) -> Result<Done, Failure> {
    let config = context.config()?;
    let journal = Journal::open_to_read(&config.site.data_dir).map_err(Failure::data)?;
    let rated = rated(&journal)?;
    let first = rated.iter().map(|alert| alert.at).min();
    let weeks = first.map_or(0.0, |first| now().duration_since(first).as_secs_f64() / (7.0 * 86_400.0));
    let proposals = propose(&rated, &config.concerns, weeks, options.lose);
    if context.global.json {
        println!("{}", json!({ "schema": "guanlan.tune/1", "proposals": proposals }));
    } else {
        print(context, &rated, &proposals);
    }
    Ok(if proposals.is_empty() { Done::No } else { Done::Yes })
}

/// Every alert of the journal with what was said of it and the counts it was raised with.
pub(super) fn rated(journal: &Journal) -> Result<Vec<Rated>, Failure> {
    let mut rated = Vec::new();
    for alert in journal.alerts().map_err(Failure::data)? {
        let signal = journal.first_signal(alert.id).map_err(Failure::data)?;
        rated.push(Rated {
            worth: alert.worth(),
            at: alert.raised_at,
            counts: signal.map(|signal| (signal.observed.voices, signal.ratio)),
            concern: alert.concern,
        });
    }
    Ok(rated)
}

fn print(context: &Context, rated: &[Rated], proposals: &[Proposal]) {
    let said = rated.iter().filter(|alert| alert.worth.is_some()).count();
    println!(
        "  {} {}，{} {said}",
        context.say("预警", "alerts"),
        rated.len(),
        context.say("有反馈的", "with feedback"),
    );
    for proposal in proposals {
        println!("\n  {}", proposal.name);
        println!("    [concern.levels]");
        if proposal.voices.0 != proposal.voices.1 {
            println!("    voices = {}        # {}", proposal.voices.1, proposal.voices.0);
        }
        if proposal.ratio.0 != proposal.ratio.1 {
            println!("    blue = {{ ratio = {:.1} }}   # {:.1}", proposal.ratio.1, proposal.ratio.0);
        }
        let kept = &proposal.kept;
        println!(
            "    {} {:.1} → {:.1}；{} {}/{}，{} {}/{}，{} {}/{}",
            context.say("每周预警", "alerts a week"),
            proposal.alerts_a_week.0,
            proposal.alerts_a_week.1,
            context.say("保留有用", "useful kept"),
            kept.useful.0,
            kept.useful.1,
            context.say("已知", "known"),
            kept.known.0,
            kept.known.1,
            context.say("噪声", "noise"),
            kept.noise.0,
            kept.noise.1,
        );
    }
    println!(
        "\n  {}",
        if proposals.is_empty() {
            context.say(
                "没有可提的：先用 guanlan alert feedback 说说预警有用没有，一项关切至少要有两次噪声",
                "nothing to propose: say with guanlan alert feedback what alerts were worth; a concern needs two of noise at least",
            )
        } else {
            context.say(
                "以上没有生效。改好 concerns.toml 后用 guanlan backtest 看看效果",
                "nothing of this is in force: change concerns.toml, and look at the effect with guanlan backtest",
            )
        }
    );
}
