//! `guanlan backtest`: stored posts replayed at simulated time through the very code that runs, to show
//! what would have been alerted. Changes nothing in the data folder. With `--series` the detector meets its
//! rivals on series of counts instead.

mod series;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use alerts::alert::Alert;
use alerts::desk::Filter;
use alerts::format;
use alerts::mail::{Mailbag, Mailer};
use alerts::settings::Policy;
use analyzer::segment::Segmenter;
use analyzer::signal::Signal;
use clap::Args;
use crawler::archive::Archive;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::exit::{Done, Failure};
use super::settings::Context;
use crate::lookout::{Lookout, evidence_between};
use crate::orders::Orders;
use crate::replay::{Arrivals, Span, replay};

/// History learnt before the first day, without telling anybody.
const WARM_UP: SignedDuration = SignedDuration::from_hours(35 * 24);

#[derive(Args, Debug)]
pub(super) struct Options {
    #[arg(long, value_name = "DATE", required_unless_present = "series")]
    from: Option<Date>,
    #[arg(long, value_name = "DATE", required_unless_present = "series")]
    to: Option<Date>,
    #[arg(long, value_name = "FILE")]
    concerns: Option<PathBuf>,
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    series: series::Comparison,
}

/// Replays and lists the alerts, the answer being "no" when there was none; or compares methods on series.
pub(super) fn backtest(context: &Context, options: &Options) -> Result<Done, Failure> {
    match (options.from, options.to) {
        (Some(from), Some(to)) => posts(context, options, (from, to)),
        _ => series::series(context, &options.series),
    }
}

fn posts(context: &Context, options: &Options, (from, to): (Date, Date)) -> Result<Done, Failure> {
    let mut config = context.config()?;
    if let Some(path) = &options.concerns {
        config.concerns = concerns(context, path)?;
    }
    if config.concerns.is_empty() {
        let none = "没有关切：用 --concerns 指定一份关切词表";
        let none_english = "no concerns: name a file with --concerns";
        return Err(Failure::Usage(context.say(none, none_english).to_owned()));
    }
    let zone = config.site.zone.clone();
    let midnight = |date: Date| zone.to_timestamp(date.to_datetime(jiff::civil::Time::midnight()));
    let moment = |date| midnight(date).map_err(|error| Failure::Usage(format!("{date}: {error}")));
    let (told_from, to) = (moment(from)?, moment(to)?);
    let from = told_from - WARM_UP;

    let archive = Archive::open_read_only(&config.site.data_dir).map_err(Failure::data)?;
    let posts = evidence_between(&archive, from, to).map_err(Failure::data)?;
    let observations = archive.observations(from, to).map_err(Failure::data)?;
    let counts = archive.category_counts(from, to).map_err(Failure::data)?;
    // Counts and alerts of the backtest are its own: they go into a folder that is thrown away.
    let scratch = tempfile::tempdir().map_err(Failure::data)?;
    let mut orders = Orders::new(&config, false);
    if orders.policy.people.is_empty() {
        orders.policy = everybody_is_the_duty_desk(orders.policy);
    }
    let lookout = Lookout::open(scratch.path(), archive, orders).map_err(Failure::data)?;
    let mut lookout = lookout.with_words(Segmenter::new(&[]));
    let mailer = match &options.out {
        Some(folder) => Mailer::Folder(folder.clone()),
        None => Mailer::Memory(Mailbag::default()),
    };
    let span = Span { from, told_from, to };
    let arrivals = Arrivals { posts: &posts, observations: &observations, counts: &counts };
    // The counts with which each alert was raised; later evidence takes their place on the disk.
    let mut raised: BTreeMap<String, Signal> = BTreeMap::new();
    replay(&mut lookout, &arrivals, span, &mut |lookout, now| {
        lookout.desk.deliver(&mailer, now)?;
        for alert in lookout.desk.alerts(Filter::Open)? {
            if let (false, Some((signal, _))) =
                (raised.contains_key(&alert.id.to_string()), lookout.desk.snapshot(alert.id)?)
            {
                raised.insert(alert.id.to_string(), signal);
            }
        }
        Ok(())
    })
    .map_err(Failure::data)?;
    let alerts = lookout.desk.alerts(Filter::All).map_err(Failure::data)?;
    for alert in &alerts {
        print(context, &lookout, alert, raised.get(&alert.id.to_string()));
    }
    summary(context, &alerts, told_from, to);
    Ok(if alerts.is_empty() { Done::No } else { Done::Yes })
}

fn concerns(context: &Context, path: &Path) -> Result<Vec<analyzer::concern::Concern>, Failure> {
    let bytes =
        std::fs::read(path).map_err(|error| Failure::Usage(format!("{}: {error}", path.display())))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let loaded = config::read(None, Some(&config::File { name, bytes }), &context.variables);
    // Without an administrator's file no department has an address, which matters to nobody here.
    let wrong =
        loaded.report.problems.iter().any(|problem| {
            problem.severity == config::Severity::Error && problem.code != "unknown-department"
        });
    if wrong {
        return Err(Failure::Usage(loaded.report.draw(context.language)));
    }
    Ok(loaded.config.concerns)
}

/// Without people nobody would be written to, and no mail would be seen.
fn everybody_is_the_duty_desk(mut policy: Policy) -> Policy {
    let duty = policy.duty.clone();
    policy.people.insert(duty, vec!["duty@backtest.example".to_owned()]);
    policy
}

fn print(context: &Context, lookout: &Lookout, alert: &Alert, raised: Option<&Signal>) {
    if context.global.json {
        println!("{}", json!({ "schema": "guanlan.backtest/1", "alert": alert, "raised": raised }));
        return;
    }
    let zone = &lookout.orders.site.zone;
    let when = |at: Timestamp| at.to_zoned_datetime(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string();
    let counts = raised.map(|signal| {
        let span = format::span(signal.span, context.language);
        let (posts, voices) = (signal.observed.posts, signal.observed.voices);
        let (unit, expected) = (context.say("帖", "posts"), context.say("预期", "expected"));
        format!("{span} {posts} {unit} / {voices}，{expected} {:.1}", signal.expected.mean)
    });
    println!(
        "  {}  {} {}  {}  {}",
        when(alert.raised_at),
        format::level_bars(alert.highest),
        format::level_name(alert.highest, context.language),
        alert.concern,
        counts.unwrap_or_default(),
    );
}

fn summary(context: &Context, alerts: &[Alert], from: Timestamp, to: Timestamp) {
    let weeks = to.duration_since(from).as_secs_f64() / (7.0 * 86_400.0);
    let rate = alerts.len() as f64 / weeks.max(f64::MIN_POSITIVE);
    eprintln!(
        "  {} {}，{} {rate:.1}",
        context.say("预警", "alerts"),
        alerts.len(),
        context.say("每周", "per week"),
    );
}
