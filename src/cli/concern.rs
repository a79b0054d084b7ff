//! `guanlan concern test`: what a word list matches among the stored posts, what it leaves out, and how often it
//! would have alerted. Changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use alerts::format;
use alerts::mail::{Mailbag, Mailer};
use analyzer::concern::Concern;
use analyzer::excerpt::excerpt;
use analyzer::level::Level;
use analyzer::matcher::{Matcher, Text};
use analyzer::normalize::normalize;
use analyzer::segment::Segmenter;
use clap::{Args, Subcommand};
use config::Config;
use crawler::post::{Post, Stored};
use jiff::civil::{Date, Time};
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde::Serialize;
use serde_json::json;

use super::exit::{Done, Failure};
use super::now;
use super::settings::Context;
use crate::backtest::{self, Material, Raised};
use crate::orders::Orders;
use crate::replay::Span;

/// Days looked at when nothing is said.
const DAYS: i64 = 28;
/// History learnt before.
const WARM_UP: SignedDuration = SignedDuration::from_hours(35 * 24);
/// Characters of a post shown, and words that often stand beside the list's own.
const SHOWN: usize = 60;
const BESIDE: usize = 12;

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

/// What a word list does.
#[derive(Serialize)]
struct Findings {
    posts: usize,
    matched: usize,
    /// Posts by entry; one post may have several.
    entries: Vec<(String, usize)>,
    /// Matched posts, spread over the time: when, text, entries found.
    samples: Vec<(Timestamp, String, Vec<String>)>,
    /// Words beside the list's own, with matched posts and how many times their usual share that is.
    beside: Vec<(String, usize, f64)>,
    /// Posts that only `not` ruled out, with the entry that did.
    excluded: usize,
    excluded_samples: Vec<(String, Vec<String>)>,
    alerts: Vec<Raised>,
    weeks: f64,
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
    let findings = findings(&config, &concern, &material, span, options.samples)?;
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

fn findings(
    config: &Config,
    concern: &Concern,
    material: &Material,
    span: Span,
    samples: usize,
) -> Result<Findings, Failure> {
    let matcher = Matcher::new(concern);
    let without_not = Matcher::new(&Concern { not: Vec::new(), ..concern.clone() });
    let told = |stored: &&Stored| stored.revision == 0 && stored.post.time >= span.told_from;
    let (mut matched, mut excluded) = (Vec::new(), Vec::new());
    let mut entries: BTreeMap<String, usize> = concern.words.iter().map(|entry| (entry.clone(), 0)).collect();
    let mut posts = 0;
    for stored in material.posts.iter().filter(told) {
        posts += 1;
        let text = Text::of(&stored.post);
        let found = matcher.matched_words(&text);
        if !found.is_empty() {
            found.iter().for_each(|entry| *entries.entry(entry.clone()).or_default() += 1);
            matched.push((stored, found));
        } else if without_not.matches(&text) {
            excluded.push((stored, matcher.refusing_words(&text)));
        }
    }
    let mut entries: Vec<(String, usize)> = entries.into_iter().collect();
    entries.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    let sample = |(stored, found): &(&Stored, Vec<String>)| {
        (stored.post.time, shown(&stored.post, found), found.clone())
    };
    let excluded_sample =
        |(stored, refusing): &(&Stored, Vec<String>)| (shown(&stored.post, refusing), refusing.clone());
    let own: Vec<&Stored> = matched.iter().map(|(stored, _)| *stored).collect();
    Ok(Findings {
        posts,
        matched: matched.len(),
        entries,
        samples: spread(&matched, samples).map(sample).collect(),
        beside: beside(&own, &material.posts, concern),
        excluded: excluded.len(),
        excluded_samples: spread(&excluded, samples.div_ceil(2)).map(excluded_sample).collect(),
        alerts: alerts(config, concern, material, span)?,
        weeks: span.to.duration_since(span.told_from).as_secs_f64() / (7.0 * 86_400.0),
    })
}

/// So many of these, evenly over them.
fn spread<T>(all: &[T], most: usize) -> impl Iterator<Item = &T> {
    let step = all.len().div_ceil(most.max(1)).max(1);
    all.iter().step_by(step).take(most)
}

/// The part of a post where the entries stand.
fn shown(post: &Post, entries: &[String]) -> String {
    let whole = match (post.title.is_empty(), post.text.is_empty()) {
        (_, true) => post.title.clone(),
        (true, false) => post.text.clone(),
        (false, false) => format!("{}。{}", post.title, post.text),
    };
    excerpt(&whole, &parts(entries), SHOWN).text
}

/// The parts of entries, normalised.
fn parts(entries: &[String]) -> Vec<String> {
    let parts =
        |entry: &String| -> Vec<String> { normalize(entry).split_whitespace().map(str::to_owned).collect() };
    entries.iter().flat_map(parts).collect()
}

/// Words of the matched posts that are none of the list's, by how far they exceed their share in all posts.
fn beside(matched: &[&Stored], all: &[Stored], concern: &Concern) -> Vec<(String, usize, f64)> {
    let segmenter = Segmenter::new(&[]);
    let parts = parts(&concern.words);
    let count = |posts: &mut dyn Iterator<Item = &Stored>| {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for stored in posts {
            let text = normalize(&format!("{} {}", stored.post.title, stored.post.text));
            let words: BTreeSet<&str> = segmenter.words(&text).into_iter().collect();
            words.into_iter().for_each(|word| *counts.entry(word.to_owned()).or_default() += 1);
        }
        counts
    };
    let own = count(&mut matched.iter().copied());
    // A sample of all posts is enough to know a word's usual share.
    let others: Vec<&Stored> = spread(all, 5_000).collect();
    let usual = count(&mut others.iter().copied());
    let share = |count: usize, of: usize| count as f64 / of.max(1) as f64;
    let is_new = |word: &str| parts.iter().all(|part| !part.contains(word) && !word.contains(part.as_str()));
    let mut beside: Vec<(String, usize, f64)> = own
        .into_iter()
        .filter(|(word, count)| *count >= 2 && is_new(word))
        .map(|(word, count)| {
            let known = usual.get(&word).copied().unwrap_or(0);
            let times = share(count, matched.len()) / share(known + 1, others.len() + 1);
            (word, count, times)
        })
        .filter(|(_, _, times)| *times > 1.0)
        .collect();
    let weight = |(_, count, times): &(String, usize, f64)| *count as f64 * times.ln();
    beside.sort_by(|one, other| weight(other).total_cmp(&weight(one)).then_with(|| one.0.cmp(&other.0)));
    beside.truncate(BESIDE);
    beside
}

fn alerts(
    config: &Config,
    concern: &Concern,
    material: &Material,
    span: Span,
) -> Result<Vec<Raised>, Failure> {
    let mut orders = Orders::new(config, alerts::staging::Staging::Real);
    orders.concerns = vec![concern.clone()];
    let mailer = Mailer::Memory(Mailbag::default());
    Ok(backtest::run(material, orders, span, &mailer).map_err(Failure::data)?.raised)
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
