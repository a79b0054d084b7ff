//! `guanlan backtest --life`: how many mails one event brings, through the production detector and desk.

use std::path::{Path, PathBuf};

use alerts::format;
use clap::Args;

use crate::benchmark::life::{self, Idea, Life, Mails};
use crate::cli::exit::{Done, Failure};
use crate::cli::settings::Context;
use crate::orders::Orders;

#[derive(Args, Debug)]
#[group(id = "living")]
pub(super) struct Living {
    #[arg(long, value_name = "DIR", conflicts_with_all = ["from", "series", "growth"])]
    pub(super) life: Option<PathBuf>,
}

/// Replays, counts and prints.
pub(super) fn life(context: &Context, folder: &Path, json_file: Option<&Path>) -> Result<Done, Failure> {
    let config = context.config()?;
    let Orders { policy, site, detection, .. } = Orders::new(&config, alerts::staging::Staging::Real);
    let life = life::run(folder, policy, &site, detection).map_err(Failure::data)?;
    if super::has_only_json(context, json_file, &life)? {
        return Ok(Done::Yes);
    }
    print(context, &life);
    Ok(Done::Yes)
}

/// A Markdown table, so that the documentation's figures are the run's own.
fn print(context: &Context, life: &Life) {
    let row = |chinese: &str, english: &str, value: String| {
        println!("| {} | {value} |", context.say(chinese, english));
    };
    println!("| {} | |\n|---|---|", context.say("一次事件的邮件", "mails of one event"));
    row("峰值达平时两倍的事件", "events with a peak of at least twice the base", life.events.to_string());
    row("其中发过邮件的", "of these mailed", life.mailed.to_string());
    row(
        "每事件邮件数，平均（95% 不超过）：首次、升级、再次上升",
        "mails an event, mean (95 % at most): raised, risen, risen again",
        format!("{:.2} ({:.0})", life.rising.mean, life.rising.p95),
    );
    row(
        "同上，加上关闭通知",
        "the same with the mail that says it is over",
        format!("{:.2} ({:.0})", life.with_end.mean, life.with_end.p95),
    );
    row(
        "关闭后 24 小时内再次上升（6 小时内）",
        "rises again within 24 h of the end (within 6 h)",
        format!("{} ({})", life.again, life.flaps),
    );
    row(
        "再次上升而未升到更高级别时，最多几封邮件",
        "most mails after a rise again that reached no higher level",
        life.most_after_again.to_string(),
    );
    row(
        "每 100 关切·周的预警（含事件）",
        "alerts in 100 concern-weeks, events included",
        format!("{:.1}", life.alerts),
    );
    for (level, median, events) in &life.levels {
        let name = format::level_name(*level, context.language);
        let median = median.map_or("–".to_owned(), |median| format!("{median:.0}"));
        row(
            &format!("从第一帖到{name}，中位分钟（事件数）"),
            &format!("median minutes from the first post to {name} (events)"),
            format!("{median} ({events})"),
        );
    }
    ideas(context, &life.ideas);
}

/// What other rules would have made of the same alerts.
fn ideas(context: &Context, ideas: &[(Idea, Mails, Mails)]) {
    let head = context.say(
        "| 结束邮件从哪一级起 | 蓝、黄在上一封之后等（分钟） | 首封蓝色等（分钟） | 首次、升级、再次上升：平均（95% 不超过） | 加上关闭通知 |",
        "| end mailed from | blue and yellow wait after the last mail, min | first blue waits, min | raised, risen, risen again: mean (95 % at most) | with the end |",
    );
    println!("\n{head}\n|---|---|---|---|---|");
    for (idea, rising, all) in ideas {
        let from = idea.end_from.map_or_else(
            || context.say("从不", "never").to_owned(),
            |level| format::level_name(level, context.language).to_owned(),
        );
        println!(
            "| {from} | {} | {} | {:.2} ({:.0}) | {:.2} ({:.0}) |",
            idea.wait, idea.blue_waits, rising.mean, rising.p95, all.mean, all.p95
        );
    }
}
