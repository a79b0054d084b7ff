//! `guanlan digest`: the digest of a day, printed, written to a file, or sent.

use std::path::{Path, PathBuf};

use alerts::issue::Series;
use alerts::mail::Mailer;
use alerts::message::{Attachment, Message};
use analyzer::segment::Segmenter;
use clap::Args;
use config::Config;
use crawler::archive::Archive;
use jiff::civil::Date;

use super::exit::{Done, Failure};
use super::import::{ask, unexpected};
use super::now;
use super::settings::Context;
use crate::folder::{self, Entry, Held};
use crate::intake::index_folder;
use crate::lookout::Lookout;
use crate::morning::Kind;
use crate::orders::{self, Orders};
use crate::socket::{Reply, Request};

#[derive(Args, Debug)]
pub(super) struct Options {
    #[arg(long, value_name = "DATE")]
    date: Date,
    #[arg(long, conflicts_with = "out")]
    send: bool,
    #[arg(long)]
    weekly: bool,
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Writes or sends the digest whose day ends on that date.
pub(super) fn digest(context: &Context, options: &Options) -> Result<Done, Failure> {
    let config = context.config()?;
    if options.send {
        let count = send(context, &config, (options.weekly, options.date))?;
        println!("{} {count}", context.say("写进发件箱的邮件", "mails put into the outbox:"));
        return Ok(Done::Yes);
    }
    let kind = if options.weekly { Kind::Week } else { Kind::Day };
    let read = read(context, &config, &kind, options.date)?;
    match &options.out {
        Some(path) => write(path, &read)?,
        None => print!("{}", read.0.text),
    }
    Ok(Done::Yes)
}

#[derive(Args, Debug)]
pub(super) struct ReportOptions {
    concern: String,
    #[arg(long, value_name = "DATE")]
    date: Option<Date>,
    #[arg(long, value_name = "FILE")]
    docx: Option<PathBuf>,
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

/// Writes the special report on one concern: the week up to a day.
pub(super) fn report(context: &Context, options: &ReportOptions) -> Result<Done, Failure> {
    let config = context.config()?;
    let named = |concern: &&analyzer::concern::Concern| {
        concern.id == options.concern || concern.name == options.concern
    };
    let Some(concern) = config.concerns.iter().find(named) else {
        let names: Vec<&str> = config.concerns.iter().map(|concern| concern.name.as_str()).collect();
        let none = context.say("没有这项关切；有的是：", "there is no such concern; there are:");
        return Err(Failure::Usage(format!("{}: {none} {}", options.concern, names.join(", "))));
    };
    let zone = &config.site.zone;
    let date = options.date.unwrap_or_else(|| zone.to_datetime(now()).date());
    let read = read(context, &config, &Kind::Concern(concern.id.clone()), date)?;
    for path in options.docx.iter().chain(&options.html) {
        write(path, &read)?;
    }
    if options.docx.is_none() && options.html.is_none() {
        print!("{}", read.0.text);
    }
    Ok(Done::Yes)
}

fn send(context: &Context, config: &Config, (weekly, date): (bool, Date)) -> Result<usize, Failure> {
    match folder::enter(&config.site.data_dir).map_err(Failure::data)? {
        Entry::Running(mut line) => match ask(&mut line, &Request::SendDigest { weekly, date })? {
            Reply::Done { count } => Ok(count),
            reply => Err(unexpected(&reply)),
        },
        Entry::Held(held) => {
            orders::provide_tls();
            let mut lookout = open(config, &held)?;
            let series = if weekly { Series::Week } else { Series::Day };
            let count = lookout.send_digest(series, date, now()).map_err(Failure::data)?;
            let mailer: Mailer = orders::mailer(config).map_err(Failure::outside)?;
            let delivered = lookout.desk.deliver(&mailer, now()).map_err(Failure::data)?;
            send_by_channels(context, config, &mut lookout)?;
            match delivered.unreachable {
                Some(problem) => Err(Failure::Outside(problem)),
                None => Ok(count),
            }
        }
    }
}

fn send_by_channels(context: &Context, config: &Config, lookout: &mut Lookout) -> Result<(), Failure> {
    let channels = orders::channels(config).map_err(|error| Failure::Outside(format!("{error:#}")))?;
    if channels.is_empty() {
        return Ok(());
    }
    let fetcher = super::fetcher(context, config)?;
    let runtime = tokio::runtime::Runtime::new().map_err(Failure::outside)?;
    let sent = crate::channels::deliver_now(&mut lookout.desk, &channels, &fetcher, &now);
    runtime.block_on(sent).map_err(Failure::data)
}

/// The digest from what is stored; a folder that `run` holds is read beside it.
fn read(
    context: &Context,
    config: &Config,
    kind: &Kind,
    date: Date,
) -> Result<(Message, Attachment), Failure> {
    match folder::enter(&config.site.data_dir).map_err(Failure::data)? {
        Entry::Held(held) => {
            let lookout = open(config, &held)?;
            lookout.read(kind, date, context.language).map_err(Failure::data)
        }
        Entry::Running(mut line) => {
            let language = context.language;
            match ask(&mut line, &Request::ReadPaper { kind: kind.clone(), date, language })? {
                Reply::Digest { text, html, docx } => {
                    Ok((Message { text, html, ..Message::default() }, docx))
                }
                reply => Err(unexpected(&reply)),
            }
        }
    }
}

fn open(config: &Config, held: &Held) -> Result<Lookout, Failure> {
    let archive = Archive::open(held.path()).map_err(Failure::data)?;
    let segmenter = Segmenter::new(&[]);
    // What counts as a rise decides what is learnt: the thresholds are those of the service.
    let orders =
        Orders::new(config, alerts::staging::Staging::Real).calibrated(held.path()).map_err(Failure::data)?;
    let lookout = Lookout::open(held.path(), archive, orders).map_err(Failure::data)?;
    let mut lookout = lookout.with_words(segmenter.clone()).map_err(Failure::data)?;
    let index = analyzer::index::Index::open(&index_folder(held.path()), &segmenter);
    lookout.remember(&index.map_err(Failure::data)?, now()).map_err(Failure::data)?;
    Ok(lookout)
}

/// `.txt` gets the text, `.docx` the document, anything else the HTML with its picture beside it.
fn write(path: &Path, (message, docx): &(Message, Attachment)) -> Result<(), Failure> {
    let io = |error: std::io::Error| Failure::Data(format!("{}: {error}", path.display()));
    if path.extension().is_some_and(|ending| ending == "docx") {
        return std::fs::write(path, &docx.bytes).map_err(io);
    }
    if path.extension().is_some_and(|ending| ending == "txt") {
        return std::fs::write(path, &message.text).map_err(io);
    }
    let mut html = message.html.clone();
    if let Some(chart) = &message.chart {
        let picture = path.with_extension("png");
        std::fs::write(&picture, chart).map_err(io)?;
        let name = picture.file_name().unwrap_or_default().to_string_lossy().into_owned();
        html = html.replace("cid:chart@guanlan", &name);
    }
    std::fs::write(path, html).map_err(io)
}
