//! `guanlan backtest --from --to`: stored posts or files through the production path, scored and drawn.

use std::path::{Path, PathBuf};
use std::time::Instant;

use alerts::journal::Journal;
use alerts::mail::{Mailbag, Mailer};
use alerts::settings::Policy;
use clap::Args;
use config::Config;
use jiff::civil::{Date, Time};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::{markdown, save, table, unreadable};
use crate::backtest::{
    self, Contest, Counted, Files, Incident, Kept, Lane, Material, MaterialError, Outcome,
};
use crate::cli::exit::{Done, Failure};
use crate::cli::import::{publisher, renames};
use crate::cli::now;
use crate::cli::settings::Context;
use crate::cli::tune::rated;
use crate::emerging::TopicState;
use crate::orders::Orders;
use crate::replay::Span;

/// History learnt before the first day, without telling anybody.
const WARM_UP: SignedDuration = SignedDuration::from_hours(35 * 24);

#[derive(Args, Debug)]
pub(super) struct Replay {
    #[arg(long, value_name = "DATE", required_unless_present_any = ["series", "growth", "life", "rarity", "stories"])]
    from: Option<Date>,
    #[arg(long, value_name = "DATE", required_unless_present_any = ["series", "growth", "life", "rarity", "stories"])]
    to: Option<Date>,
    #[arg(long, value_name = "FILE")]
    concerns: Option<PathBuf>,
    #[arg(long, value_name = "FILE", num_args = 1..)]
    posts: Vec<PathBuf>,
    #[arg(long, value_name = "SOURCE=FILE", num_args = 1.., requires = "posts")]
    heartbeats: Vec<String>,
    #[arg(long, value_name = "theirs=ours", requires = "posts")]
    map: Vec<String>,
    #[arg(long, default_value = "platform", value_parser = ["individual", "media", "gov", "platform"])]
    publisher: String,
    #[arg(long, value_name = "FILE")]
    incidents: Option<PathBuf>,
    #[arg(long, value_name = "FROM..TO")]
    without: Vec<String>,
    #[arg(long)]
    with_topics: bool,
    #[arg(long)]
    rivals: bool,
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    #[arg(long, value_name = "FILE")]
    alerts: Option<PathBuf>,
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// What a replay came to.
pub(super) struct Found {
    pub(super) config: Config,
    pub(super) outcome: Outcome,
    pub(super) incidents: Vec<Incident>,
    pub(super) counted: Counted,
    pub(super) score: backtest::Score,
    /// The rules people use today, ours among them; empty if nobody asked.
    pub(super) contests: Vec<Contest>,
    pub(super) posts: usize,
    pub(super) rejected: usize,
    /// Topics that were listed and not mailed.
    pub(super) muted: Vec<TopicState>,
    /// What people said of the real alerts of that time, and which of them come again.
    pub(super) kept: Kept,
    /// Hours of the stream that went by in a second.
    pub(super) hours_a_second: f64,
}

impl Replay {
    /// The days to replay, if posts are to be replayed at all.
    pub(super) fn days(&self) -> Option<(Date, Date)> {
        self.from.zip(self.to)
    }
}

/// Replays, scores, prints and writes what was asked for.
pub(super) fn posts(
    context: &Context,
    options: &Replay,
    days: (Date, Date),
    json: Option<&Path>,
) -> Result<Done, Failure> {
    let found = find(context, options, days)?;
    write(context, options, &found)?;
    if !super::has_only_json(context, json, &report(&found))? {
        table::print(context, &found);
    }
    Ok(answer(&found))
}

fn answer(found: &Found) -> Done {
    if found.outcome.raised.is_empty() { Done::No } else { Done::Yes }
}

#[expect(clippy::disallowed_methods, reason = "the command line is where time comes in")]
fn find(context: &Context, options: &Replay, days: (Date, Date)) -> Result<Found, Failure> {
    let config = config(context, options)?;
    let span = span(&config, days)?;
    let counted = backtest::whole(span, without(context, &config, &options.without)?);
    let material = material(context, options, &config, span)?;
    let mut incidents = incidents(context, &config, options.incidents.as_deref())?;
    incidents.iter_mut().for_each(|incident| incident.learn(&material.posts));
    let mut orders = Orders::new(&config, alerts::staging::Staging::Real)
        .calibrated(&config.site.data_dir)
        .map_err(Failure::data)?;
    if orders.policy.people.is_empty() {
        orders.policy = everybody_is_the_duty_desk(orders.policy);
    }
    let mailer = match &options.out {
        Some(folder) => Mailer::Folder(folder.clone()),
        None => Mailer::Memory(Mailbag::default()),
    };
    let began = Instant::now();
    let mut outcome = backtest::run(&material, orders, span, &mailer).map_err(Failure::data)?;
    let hours = span.to.duration_since(span.from).as_secs_f64() / 3_600.0;
    let hours_a_second = hours / began.elapsed().as_secs_f64().max(0.001);
    let zone = &config.site.zone;
    let mut contests = if options.rivals {
        let circumstances = (span, &counted, zone);
        backtest::contest(&outcome, &material.posts, &config.concerns, &incidents, circumstances)
    } else {
        Vec::new()
    };
    let kept = kept(options, &config, span, &outcome)?;
    let mut muted = Vec::new();
    if options.with_topics {
        muted = outcome.add_topics(span.told_from, zone);
    }
    let score = backtest::score(&outcome.told(), &incidents, &counted);
    if options.rivals && options.with_topics {
        let name = context.say("guanlan 连同新话题", "guanlan with topics").to_owned();
        contests.push(Contest { name, threshold: None, score: score.clone() });
    }
    Ok(Found {
        muted,
        kept,
        score,
        posts: material.posts.len(),
        rejected: material.rejected,
        config,
        outcome,
        incidents,
        counted,
        contests,
        hours_a_second,
    })
}

/// Which of the rated alerts in the data folder would be raised again; files bring no feedback.
fn kept(options: &Replay, config: &Config, span: Span, outcome: &Outcome) -> Result<Kept, Failure> {
    let folder = &config.site.data_dir;
    if !options.posts.is_empty() || !folder.join("alerts.db").exists() {
        return Ok(Kept::default());
    }
    let journal = Journal::open_to_read(folder).map_err(Failure::data)?;
    let mut rated = rated(&journal)?;
    rated.retain(|alert| span.told_from <= alert.at && alert.at < span.to);
    Ok(backtest::kept(&rated, &outcome.raised))
}

/// The configuration in force, with the concerns of another file if one is named.
fn config(context: &Context, options: &Replay) -> Result<Config, Failure> {
    let mut config = context.config()?;
    if let Some(path) = &options.concerns {
        config.concerns = concerns(context, path)?;
    }
    if config.concerns.is_empty() {
        let none = "没有关切：用 --concerns 指定一份关切词表";
        let none_english = "no concerns: name a file with --concerns";
        return Err(Failure::Usage(context.say(none, none_english).to_owned()));
    }
    Ok(config)
}

/// The concerns of a file, whatever departments there are.
pub(in crate::cli) fn concerns(
    context: &Context,
    path: &Path,
) -> Result<Vec<analyzer::concern::Concern>, Failure> {
    let bytes = std::fs::read(path).map_err(|error| unreadable(path, &error))?;
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

fn span(config: &Config, (from, to): (Date, Date)) -> Result<Span, Failure> {
    let (told_from, to) = (midnight(config, from)?, midnight(config, to)?);
    if to <= told_from {
        return Err(Failure::Usage(format!("--from {from} --to {to}")));
    }
    Ok(Span { from: told_from - WARM_UP, told_from, to })
}

fn midnight(config: &Config, date: Date) -> Result<Timestamp, Failure> {
    let moment = config.site.zone.to_timestamp(date.to_datetime(Time::midnight()));
    moment.map_err(|error| Failure::Usage(format!("{date}: {error}")))
}

fn without(
    context: &Context,
    config: &Config,
    typed: &[String],
) -> Result<Vec<(Timestamp, Timestamp)>, Failure> {
    let wrong = |text: &str| {
        let says = context.say("写作 2021-09-23..2021-11-18", "expected 2021-09-23..2021-11-18");
        Failure::Usage(format!("--without {text}: {says}"))
    };
    let mut spans = Vec::new();
    for text in typed {
        let days = text.split_once("..").ok_or_else(|| wrong(text))?;
        let day = |typed: &str| typed.parse::<Date>().map_err(|_| wrong(text));
        spans.push((midnight(config, day(days.0)?)?, midnight(config, day(days.1)?)?));
    }
    Ok(spans)
}

fn material(context: &Context, options: &Replay, config: &Config, span: Span) -> Result<Material, Failure> {
    if options.posts.is_empty() {
        return Material::stored(&config.site.data_dir, span.from, span.to).map_err(Failure::data);
    }
    let mut heartbeats = Vec::new();
    for typed in &options.heartbeats {
        let (source, path) = typed.split_once('=').ok_or_else(|| {
            let says = context.say("写作 信源=文件", "expected SOURCE=FILE");
            Failure::Usage(format!("--heartbeats {typed}: {says}"))
        })?;
        heartbeats.push((source.to_owned(), PathBuf::from(path)));
    }
    let files = Files {
        posts: options.posts.clone(),
        heartbeats,
        rename: renames(&options.map)?,
        publisher: publisher(&options.publisher),
        zone: config.site.zone.clone(),
        now: now(),
    };
    Material::read(&files, &config.sources, span.from, span.to).map_err(|error| match error {
        MaterialError::File { path, why } => {
            Failure::Usage(format!("{}: {}", path.display(), context.words(&why)))
        }
        other => Failure::data(other),
    })
}

fn incidents(context: &Context, config: &Config, path: Option<&Path>) -> Result<Vec<Incident>, Failure> {
    let Some(path) = path else { return Ok(Vec::new()) };
    let text = std::fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
    backtest::read_incidents(&text, &config.site.zone)
        .map_err(|why| Failure::Usage(format!("{}: {}", path.display(), context.words(&why))))
}

/// Without people nobody would be written to, and no mail would be seen.
fn everybody_is_the_duty_desk(mut policy: Policy) -> Policy {
    let duty = policy.duty.clone();
    policy.people.insert(duty, vec!["duty@backtest.example".to_owned()]);
    policy
}

fn write(context: &Context, options: &Replay, found: &Found) -> Result<(), Failure> {
    if let Some(path) = &options.svg {
        let lane = Lane {
            outcome: &found.outcome,
            incidents: &found.incidents,
            score: &found.score,
            counted: &found.counted,
            zone: &found.config.site.zone,
            language: context.language,
        };
        save(path, &backtest::picture(&lane))?;
    }
    if let Some(path) = &options.markdown {
        save(path, &markdown::markdown(found))?;
    }
    if let Some(path) = &options.alerts {
        let mut lines = String::new();
        for told in found.outcome.told() {
            lines.push_str(&serde_json::to_string(&told).map_err(Failure::data)?);
            lines.push('\n');
        }
        save(path, &lines)?;
    }
    Ok(())
}

fn report(found: &Found) -> serde_json::Value {
    json!({
        "schema": "guanlan.backtest/2",
        "from": found.counted.from, "to": found.counted.to,
        "posts": found.posts, "rejected": found.rejected, "mails": found.outcome.mails, "feedback": found.kept, "muted": found.muted,
        "score": found.score, "rivals": found.contests, "alerts": found.outcome.raised,
    })
}
