//! `guanlan source pause` and `resume`: kept in the data folder, so that a restart changes nothing.

use alerts::account::LOCAL;
use alerts::audit::Deed;
use alerts::format;
use alerts::journal::Journal;
use clap::Args;
use config::Config;
use crawler::archive::Archive;
use crawler::pause::Pause;
use crawler::source::Source;
use jiff::{SignedDuration, Timestamp};

use crate::cli::exit::{Done, Failure};
use crate::cli::import::{ask, unexpected};
use crate::cli::now;
use crate::cli::settings::Context;
use crate::folder::{self, Entry};
use crate::socket::{Reply, Request};

#[derive(Args, Debug)]
pub(in crate::cli) struct Options {
    pub(super) name: String,
    #[arg(long = "for", value_name = "DURATION", conflicts_with = "until")]
    duration: Option<SignedDuration>,
    #[arg(long, value_name = "TIME")]
    until: Option<Timestamp>,
    #[arg(long)]
    reason: Option<String>,
}

/// Lets a source rest.
pub(super) fn pause(
    context: &Context,
    config: &Config,
    source: &Source,
    options: &Options,
) -> Result<Done, Failure> {
    let since = now();
    let until = options.until.or_else(|| options.duration.and_then(|length| since.checked_add(length).ok()));
    if until.is_some_and(|until| until <= since) {
        let past = context.say("暂停的终点已经过去", "the pause would end in the past");
        return Err(Failure::Usage(past.to_owned()));
    }
    let pause = Pause { since, until, reason: options.reason.clone() };
    set(config, source, Some(pause))?;
    let until = match until {
        Some(until) => format::moment(until, since, &config.site.zone, context.language),
        None => context.say("恢复为止", "it is resumed").to_owned(),
    };
    println!("  ‖ {}  {} {until}", source.name, context.say("暂停到", "paused until"));
    println!(
        "    {}",
        context.say(
            "这期间不采集、不告警，统计里算缺口；恢复：guanlan source resume",
            "not read and not reported meanwhile; the time counts as a gap; guanlan source resume ends it"
        )
    );
    Ok(Done::Yes)
}

/// Ends a source's rest.
pub(super) fn resume(context: &Context, config: &Config, source: &Source) -> Result<Done, Failure> {
    set(config, source, None)?;
    println!(
        "  ✓ {}  {}",
        source.name,
        context.say("已恢复，半分钟内采集", "resumed, read within half a minute")
    );
    Ok(Done::Yes)
}

fn set(config: &Config, source: &Source, pause: Option<Pause>) -> Result<(), Failure> {
    match folder::enter(&config.site.data_dir).map_err(Failure::data)? {
        Entry::Running(mut line) => {
            match ask(&mut line, &Request::Pause { source: source.id.clone(), pause })? {
                Reply::Done { .. } => Ok(()),
                reply => Err(unexpected(&reply)),
            }
        }
        Entry::Held(held) => {
            let archive = Archive::open(held.path()).map_err(Failure::data)?;
            archive.set_pause(&source.id, pause.as_ref()).map_err(Failure::data)?;
            let deed = if pause.is_some() { Deed::SourcePaused } else { Deed::SourceResumed };
            let mut journal = Journal::open(held.path()).map_err(Failure::data)?;
            journal.audit(now(), LOCAL, deed, &source.id).map_err(Failure::data)
        }
    }
}
