//! `guanlan calibrate`: thresholds for the configured number of false alarms, from the stored history. Shows
//! them; `--apply` puts them in force at the next start of the service.

use std::path::Path;

use alerts::alert::Worth;
use alerts::journal::Journal;
use analyzer::rarity::Rarity;
use analyzer::signal::Window;
use clap::Args;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::exit::{Done, Failure};
use super::now;
use super::settings::Context;
use crate::backtest::Material;
use crate::calibration::{self, Class, Known, Thresholds};
use crate::orders::Orders;
use crate::replay::Span;

/// Before the weeks that count, history teaches what is usual.
const WARM_UP: SignedDuration = SignedDuration::from_hours(28 * 24);

/// A rise that people knew may cross a lower threshold earlier and sink under it later than its alert.
const AROUND: SignedDuration = SignedDuration::from_hours(6);

#[derive(Args, Debug)]
pub(super) struct Options {
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(i64).range(1..=520))]
    weeks: i64,
    #[arg(long)]
    apply: bool,
}

/// Replays and proposes; the answer is "no" where history is too short for either pair of windows.
pub(super) fn calibrate(context: &Context, options: &Options) -> Result<Done, Failure> {
    let config = context.config()?;
    let folder = &config.site.data_dir;
    let span = calibration::span(now(), options.weeks, WARM_UP);
    let material = Material::stored(folder, span.from, span.to).map_err(Failure::data)?;
    let orders =
        Orders::new(&config, alerts::staging::Staging::Real).calibrated(folder).map_err(Failure::data)?;
    let budget = config.detect.false_alarms;
    let known = known(folder)?;
    let classes = calibration::calibrate(&material, &orders, span, budget, &known).map_err(Failure::data)?;
    let thresholds = thresholds(&classes, &orders, span, budget);
    if context.global.json {
        println!(
            "{}",
            json!({ "schema": "guanlan.calibrate/1", "false_alarms": budget, "classes": classes,
            "thresholds": thresholds, "applied": options.apply && thresholds.is_some() })
        );
    } else {
        print(context, &classes, span, budget);
    }
    let Some(thresholds) = thresholds else { return Ok(Done::No) };
    if options.apply {
        thresholds.keep(folder).map_err(Failure::data)?;
    }
    if !context.global.json {
        println!("\n  {}", ending(context, options.apply));
    }
    Ok(Done::Yes)
}

/// Rises that people called useful or already known: they were none.
fn known(folder: &Path) -> Result<Vec<Known>, Failure> {
    let journal = Journal::open_to_read(folder).map_err(Failure::data)?;
    let alerts = journal.alerts().map_err(Failure::data)?.into_iter();
    let real = alerts.filter(|alert| matches!(alert.worth(), Some(Worth::Useful | Worth::Known)));
    let known = real.map(|alert| Known {
        from: alert.raised_at - AROUND,
        to: alert.closed_at.unwrap_or(Timestamp::MAX - AROUND) + AROUND,
        concern: alert.concern,
    });
    Ok(known.collect())
}

/// What is to be in force: thresholds found, and for windows without enough history those in force now.
fn thresholds(classes: &[Class; 2], orders: &Orders, span: Span, budget: f64) -> Option<Thresholds> {
    if classes.iter().all(|class| class.found.is_none()) {
        return None;
    }
    let of = |window: Window| {
        let found = classes.iter().find_map(|class| {
            let pairs = class.windows.iter().zip(class.found.map(|found| found.thresholds)?);
            pairs.filter(|(other, _)| **other == window).map(|(_, threshold)| threshold).next()
        });
        found.unwrap_or_else(|| orders.detection.threshold(window))
    };
    // Without enough rises in history the curve in force is carried over to the new thresholds.
    let rarity = |fast: bool, class: &Class, window: Window| {
        let detection = &orders.detection;
        let in_force = if fast { detection.fast_rarity } else { detection.slow_rarity };
        let factor = of(window) / detection.threshold(window);
        class.found.and_then(|found| found.rarity).or(in_force.map(|rarity| rarity.scaled(factor)))
    };
    let [fast, slow] = classes;
    Some(Thresholds {
        fast_rarity: rarity(true, fast, Window::HalfHour),
        slow_rarity: rarity(false, slow, Window::SixHours),
        false_alarms: budget,
        from: span.told_from,
        to: span.to,
        half_hour: of(Window::HalfHour),
        ninety_minutes: of(Window::NinetyMinutes),
        six_hours: of(Window::SixHours),
        day: of(Window::Day),
    })
}

fn print(context: &Context, classes: &[Class; 2], span: Span, budget: f64) {
    let title = context.say("每百项关切每周允许的误报", "false alarms allowed in 100 concern-weeks");
    println!("  {title} {budget}；{} – {}", span.told_from, span.to);
    for class in classes {
        let [one, other] = class.windows.map(|window| name(context, window));
        println!(
            "\n  {one} + {other}\n    {} {:.1}，{} {:.1}，{} {}",
            context.say("关切周数", "concern-weeks"),
            class.concern_weeks,
            context.say("允许误报", "allowed"),
            class.allowed,
            context.say("现行阈值报了", "raised by the thresholds in force"),
            class.now,
        );
        match class.found {
            Some(found) => {
                let [first, second] = found.thresholds;
                let (proposed, raised) =
                    (context.say("拟用阈值", "proposed"), context.say("重放报了", "raised in the replay"));
                println!("    {proposed} {first:.2} / {second:.2}，{raised} {}", found.alarms);
                if let Some(rarity) = found.rarity {
                    println!("    {}", seldom(context, &rarity));
                }
            }
            None => println!(
                "    {}",
                context.say(
                    "历史太短（允许的误报不足一次），沿用现行阈值；多留几周帖文，或加大 --weeks",
                    "history is too short (less than one false alarm allowed): the thresholds in force stay; keep posts longer, or more --weeks",
                )
            ),
        }
    }
}

/// What mails will say of some scores.
fn seldom(context: &Context, rarity: &Rarity) -> String {
    let told = [1.0, 1.5, 2.0].map(|score| {
        let once = rarity.once_in(score);
        format!("{score} – {}{:.0}", if once.or_more { "> " } else { "" }, once.weeks)
    });
    let said = context.say("得分 – 约多少周偶然一次", "score – by chance about once in so many weeks");
    format!("{said}: {}", told.join(", "))
}

fn name(context: &Context, window: Window) -> &'static str {
    match window {
        Window::HalfHour => context.say("30 分钟", "30 min"),
        Window::NinetyMinutes => context.say("90 分钟", "90 min"),
        Window::SixHours => context.say("6 小时", "6 h"),
        Window::Day => context.say("24 小时", "24 h"),
    }
}

fn ending(context: &Context, applied: bool) -> &'static str {
    if applied {
        context.say(
            "已写入数据目录，服务下次启动起生效",
            "written to the data folder: in force from the next start of the service",
        )
    } else {
        context
            .say("没有生效；加 --apply 写入数据目录", "not in force; --apply writes them to the data folder")
    }
}
