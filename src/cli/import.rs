//! `guanlan import`: brings files of posts in, without any configuration. A bad line never stops the rest.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, IsTerminal};
use std::path::{Path, PathBuf};

use analyzer::segment::Segmenter;
use clap::Args;
use crawler::archive::{Archive, Observation};
use crawler::format::file::{self, Defaults, FileError, Item, Rejection, heartbeats};
use crawler::mask::Masks;
use crawler::post::{IdKey, Post, Publisher};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::json;

use super::exit::{Done, Failure};
use super::now;
use super::settings::Context;
use crate::folder::{self, Entry};
use crate::intake::Intake;
use crate::socket::{Line, Reply, Request};

/// Posts stored in one transaction.
const BATCH: usize = 2_000;
/// Rejected lines shown one by one; all are counted.
const SHOWN: usize = 20;
/// Rejected lines whose reasons are kept, for JSON.
const KEPT: usize = 1_000;

#[derive(Args, Debug)]
pub(super) struct Options {
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[arg(long, value_name = "theirs=ours")]
    map: Vec<String>,
    #[arg(long, default_value = "import", value_name = "ID")]
    source: String,
    #[arg(long)]
    group: Option<String>,
    #[arg(long, default_value = "individual", value_parser = ["individual", "media", "gov", "platform"])]
    publisher: String,
    #[arg(long, value_name = "FILE")]
    heartbeats: Option<PathBuf>,
}

/// What became of the lines.
#[derive(Default)]
struct Tally {
    accepted: usize,
    duplicates: usize,
    rejected: usize,
    /// The first of the rejected lines: file, line number, reason.
    reasons: Vec<(PathBuf, u64, String)>,
    dropped: BTreeMap<String, u64>,
    observations: usize,
}

/// Imports every file; the answer is "no" when not one post was in them.
pub(super) fn import(context: &Context, options: &Options) -> Result<Done, Failure> {
    let config = context.config()?;
    let folder = &config.site.data_dir;
    let now = now();
    let mut sink = Sink::open(folder)?;
    let defaults = Defaults {
        source: options.source.clone(),
        source_from_line: true,
        ahead_is_claim: false,
        group: options.group.clone(),
        publisher: publisher(&options.publisher),
        rename: renames(&options.map)?,
        zone: config.site.zone.clone(),
        masks: Masks::default(),
        key: IdKey::load_or_create(folder).map_err(Failure::data)?,
        text_bytes: config.fetch.limits.text_bytes,
    };
    let mut tally = Tally::default();
    if let Some(path) = &options.heartbeats {
        tally.observations = observe(context, &mut sink, path, &options.source, now)?;
    }
    for path in &options.files {
        import_file(context, &mut sink, path, &defaults, now, &mut tally)?;
    }
    sink.finish()?;
    report(context, &tally);
    Ok(if tally.accepted + tally.duplicates > 0 { Done::Yes } else { Done::No })
}

fn import_file(
    context: &Context,
    sink: &mut Sink,
    path: &Path,
    defaults: &Defaults,
    now: Timestamp,
    tally: &mut Tally,
) -> Result<(), Failure> {
    let input = File::open(path).map_err(|error| unreadable(path, &error))?;
    let bar = bar(context, path, input.metadata().map_or(0, |data| data.len()));
    let mut batch = Vec::with_capacity(BATCH);
    let mut failed = None;
    let mut each = |item| match item {
        Item::Post(post) => {
            batch.push(*post);
            if batch.len() == BATCH && failed.is_none() {
                failed = sink.store(&std::mem::take(&mut batch), tally).err();
            }
        }
        Item::Rejected { line, reason } => {
            tally.reject(path, line, reason_in_words(context, &reason, &defaults.zone))
        }
    };
    let read = file::read(bar.wrap_read(BufReader::new(input)), defaults, now, &mut each);
    bar.finish_and_clear();
    match read {
        Ok(summary) => {
            for (field, count) in summary.dropped {
                *tally.dropped.entry(field).or_default() += count;
            }
        }
        Err(error) => tally.reject(path, 1, error_in_words(context, &error)),
    }
    match failed {
        Some(failure) => Err(failure),
        None => sink.store(&batch, tally),
    }
}

impl Tally {
    fn reject(&mut self, path: &Path, line: u64, reason: String) {
        self.rejected += 1;
        if self.reasons.len() < KEPT {
            self.reasons.push((path.to_owned(), line, reason));
        }
    }
}

/// Where imported posts go: into the folder itself, or to the program that holds it.
enum Sink {
    Own { archive: Archive, intake: Box<Intake>, _held: folder::Held },
    Running(Line),
}

impl Sink {
    fn open(path: &Path) -> Result<Sink, Failure> {
        match folder::enter(path).map_err(Failure::data)? {
            Entry::Held(held) => {
                let archive = Archive::open(held.path()).map_err(Failure::data)?;
                let intake = Intake::open(held.path(), archive.clone(), &Segmenter::new(&[]))
                    .map_err(Failure::data)?;
                Ok(Sink::Own { archive, intake: Box::new(intake), _held: held })
            }
            Entry::Running(line) => Ok(Sink::Running(line)),
        }
    }

    fn store(&mut self, posts: &[Post], tally: &mut Tally) -> Result<(), Failure> {
        let (stored, duplicates) = match self {
            Sink::Own { intake, .. } => {
                let appended = intake.store(posts).map_err(Failure::data)?;
                (appended.stored.len(), appended.duplicates)
            }
            Sink::Running(line) => match ask(line, &Request::Store { posts: posts.to_vec() })? {
                Reply::Stored { stored, duplicates } => (stored, duplicates),
                reply => return Err(unexpected(&reply)),
            },
        };
        tally.accepted += stored;
        tally.duplicates += duplicates;
        Ok(())
    }

    fn observe(&mut self, observations: &[Observation]) -> Result<(), Failure> {
        match self {
            Sink::Own { archive, .. } => archive.observe_all(observations).map_err(Failure::data),
            Sink::Running(line) => {
                let seen = observations.iter().map(|seen| (seen.source.clone(), seen.at, seen.ok)).collect();
                match ask(line, &Request::Observed { seen })? {
                    Reply::Done { .. } => Ok(()),
                    reply => Err(unexpected(&reply)),
                }
            }
        }
    }

    fn finish(self) -> Result<(), Failure> {
        match self {
            Sink::Own { intake, .. } => intake.close().map_err(Failure::data),
            Sink::Running(_) => Ok(()),
        }
    }
}

/// Asks the running program; what it refuses is this command's failure.
pub(super) fn ask(line: &mut Line, request: &Request) -> Result<Reply, Failure> {
    match line.ask(request).map_err(Failure::data)? {
        Reply::Refused { why, turn } => Err(Failure::Refused(why, turn)),
        reply => Ok(reply),
    }
}

/// The running program is of another version than this command.
pub(super) fn unexpected(reply: &Reply) -> Failure {
    Failure::Data(format!("the running guanlan answered {reply:?}: is it of another version? restart it"))
}

fn observe(
    context: &Context,
    sink: &mut Sink,
    path: &Path,
    source: &str,
    now: Timestamp,
) -> Result<usize, Failure> {
    let input = File::open(path).map_err(|error| unreadable(path, &error))?;
    let zone = context.config()?.site.zone;
    let read = heartbeats::read(BufReader::new(input), source, &zone, now).map_err(|error| {
        Failure::Usage(format!("{}: {}", path.display(), error_in_words(context, &error)))
    })?;
    for (line, reason) in read.rejected.iter().take(SHOWN) {
        eprintln!("  {}:{line}: {}", path.display(), reason_in_words(context, reason, &zone));
    }
    sink.observe(&read.observations)?;
    Ok(read.observations.len())
}

fn reason_in_words(context: &Context, reason: &Rejection, zone: &TimeZone) -> String {
    context.words(&reason.words(zone)).to_owned()
}

fn error_in_words(context: &Context, error: &FileError) -> String {
    context.words(&error.words()).to_owned()
}

fn report(context: &Context, tally: &Tally) {
    for (path, line, reason) in tally.reasons.iter().take(SHOWN) {
        eprintln!("  {}:{line}: {reason}", path.display());
    }
    if tally.rejected > SHOWN {
        eprintln!("  … {}", context.say("其余拒收行只计数", "the other rejected lines are only counted"));
    }
    if context.global.json {
        let rejected: Vec<_> = tally
            .reasons
            .iter()
            .map(|(path, line, reason)| json!({ "file": path, "line": line, "reason": reason }))
            .collect();
        println!(
            "{}",
            json!({
                "schema": "guanlan.import/1", "accepted": tally.accepted, "duplicates": tally.duplicates,
                "rejected": tally.rejected, "reasons": rejected, "dropped_fields": tally.dropped,
                "observations": tally.observations,
            })
        );
        return;
    }
    let (accepted, duplicates, rejected) = (tally.accepted, tally.duplicates, tally.rejected);
    println!(
        "{} {accepted}  {} {duplicates}  {} {rejected}",
        context.say("收下", "accepted"),
        context.say("重复", "duplicate"),
        context.say("拒收", "rejected"),
    );
    if tally.observations > 0 {
        println!("{} {}", context.say("采集时刻", "observations"), tally.observations);
    }
    if !tally.dropped.is_empty() {
        let fields: Vec<_> = tally.dropped.iter().map(|(name, count)| format!("{name} {count}")).collect();
        println!("{} {}", context.say("未采用的字段", "fields dropped"), fields.join(", "));
    }
}

fn bar(context: &Context, path: &Path, bytes: u64) -> ProgressBar {
    let quiet = context.global.quiet > 0 || context.global.json || !std::io::stderr().is_terminal();
    let target = if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
    let bar = ProgressBar::with_draw_target(Some(bytes), target);
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    match ProgressStyle::with_template("  {msg} {bar:30} {bytes}/{total_bytes} {eta}") {
        Ok(style) => bar.with_style(style).with_message(name),
        Err(_) => bar.with_message(name),
    }
}

/// Who speaks, as typed.
pub(super) fn publisher(name: &str) -> Publisher {
    match name {
        "media" => Publisher::Media,
        "gov" => Publisher::Gov,
        "platform" => Publisher::Platform,
        _ => Publisher::Individual,
    }
}

/// Fields to read under another name, as typed.
pub(super) fn renames(typed: &[String]) -> Result<Vec<(String, String)>, Failure> {
    let read = typed.iter().map(|text| file::parse_rename(text)).collect::<Result<_, _>>();
    read.map_err(|error| Failure::Usage(format!("--map: {error}")))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Usage(format!("{}: {error}", path.display()))
}
