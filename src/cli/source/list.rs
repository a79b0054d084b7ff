//! `guanlan source list`: a line a source, read beside whoever writes.

use alerts::format;
use config::Config;
use crawler::archive::{Archive, ArchiveError};
use crawler::source::Source;
use jiff::Timestamp;
use serde_json::json;

use super::kind;
use crate::cli::exit::{Done, Failure};
use crate::cli::now;
use crate::cli::settings::Context;
use crate::standing::{Standing, State, standings};

/// Lists the sources; the answer is "no" when there is none or one has to be looked at.
pub(super) fn list(context: &Context, config: &Config) -> Result<Done, Failure> {
    let now = now();
    let standings = match Archive::open_read_only(&config.site.data_dir) {
        Ok(archive) => standings(&archive, &config.sources, now).map_err(Failure::data)?,
        // Nothing has run yet.
        Err(ArchiveError::Missing { .. }) => Vec::new(),
        Err(error) => return Err(Failure::data(error)),
    };
    let standing = |place: usize| standings.get(place).cloned().unwrap_or(Standing::NEW);
    let mut well = !config.sources.is_empty();
    for (place, source) in config.sources.iter().enumerate() {
        let standing = standing(place);
        well &= !standing.state.needs_a_look();
        if context.global.json {
            println!("{}", as_json(source, &standing));
        } else {
            print(context, config, (source, &standing), now);
        }
    }
    if config.sources.is_empty() && !context.global.json {
        println!("  {}", context.say("没有配置信源", "no source is configured"));
    }
    Ok(if well { Done::Yes } else { Done::No })
}

fn as_json(source: &Source, standing: &Standing) -> serde_json::Value {
    let (kind, address) = kind(source);
    let (error, reason, until) = match &standing.state {
        State::Failing { why, .. } => (Some(json!({ "zh": why.zh, "en": why.en })), None, None),
        State::Paused(pause) => (None, pause.reason.clone(), pause.until),
        _ => (None, None, None),
    };
    json!({
        "id": source.id, "name": source.name, "kind": kind, "address": address, "group": source.group,
        "state": standing.state.word(), "last_success": standing.last_success,
        "next_visit": standing.next_visit, "usual_per_day": standing.usual, "last_day": standing.last_day,
        "newest": standing.newest, "error": error,
        "waits": standing.waits.as_ref().map(|why| json!({ "zh": why.zh, "en": why.en })), "paused_until": until, "reason": reason,
    })
}

fn print(context: &Context, config: &Config, (source, standing): (&Source, &Standing), now: Timestamp) {
    let at = |moment: Timestamp| format::moment(moment, now, &config.site.zone, context.language);
    let when = |moment: Option<Timestamp>| moment.map_or_else(|| "—".to_owned(), at);
    let usual = standing.usual.map_or_else(|| "—".to_owned(), |usual| format!("{usual:.0}"));
    println!(
        "  {} {}  {}  {}  {}",
        standing.state.mark(),
        source.id,
        source.name,
        kind(source).0,
        source.group
    );
    println!(
        "      {} {}  {} {}  {} {usual} {} {}  {} {}",
        context.say("上次成功", "last read"),
        when(standing.last_success),
        context.say("最新一帖", "newest post"),
        when(standing.newest),
        context.say("平时每天", "usually a day"),
        context.say("近一天", "last day"),
        standing.last_day,
        context.say("下次", "next"),
        when(standing.next_visit.filter(|_| !matches!(standing.state, State::Paused(_)))),
    );
    let waits = standing.waits.as_ref().map(|why| context.words(why).to_owned());
    for text in in_words(context, config, &standing.state, now).into_iter().chain(waits) {
        println!("      {text}");
    }
}

/// What is to be said of a state beyond its mark.
pub(in crate::cli) fn in_words(
    context: &Context,
    config: &Config,
    state: &State,
    now: Timestamp,
) -> Option<String> {
    state.in_words(&config.site.zone, now, context.language)
}
