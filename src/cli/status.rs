//! `guanlan status`: how things stand, read beside whoever writes.

use alerts::format;
use alerts::journal::Journal;
use crawler::archive::Archive;
use jiff::SignedDuration;

use super::exit::{Done, Failure};
use super::limits;
use super::now;
use super::settings::Context;
use crate::folder::Held;

/// Sources are looked back at for so long.
const LOOK_BACK: SignedDuration = SignedDuration::from_hours(24);

/// Posts, sources, alerts, mails that wait. The answer is "no" when a source has stopped or a mail waits.
pub(super) fn status(context: &Context) -> Result<Done, Failure> {
    let config = context.config()?;
    let folder = &config.site.data_dir;
    let archive = Archive::open_read_only(folder).map_err(Failure::data)?;
    let running = folder.join("lock").exists() && Held::take(folder).is_err();
    let now = now();
    let zone = &config.site.zone;
    println!(
        "  {}  {}",
        context.say("运行", "running"),
        if running { context.say("是", "yes") } else { context.say("否", "no") }
    );
    let posts = archive.count().map_err(Failure::data)?;
    println!("  {}  {}", context.say("帖文", "posts"), format::exact(posts));
    let mut well = true;
    let seen = archive.observations(now - LOOK_BACK, now).map_err(Failure::data)?;
    for source in &config.sources {
        let last = seen.iter().rev().find(|seen| seen.source == source.id && seen.ok);
        let promised = !source.every.is_zero();
        let is_long_ago = |at| now.duration_since(at) > source.longest_interval() * 3;
        let late = promised && last.is_none_or(|seen| is_long_ago(seen.at));
        well &= !late;
        let mark = if late { "!" } else { "✓" };
        let when = last.map(|seen| format::moment(seen.at, now, zone, context.language));
        let never = context.say("24 小时内没有采到", "not read in 24 hours");
        println!("  {mark} {}  {}", source.name, when.unwrap_or_else(|| never.to_owned()));
    }
    if folder.join("alerts.db").exists() {
        let journal = Journal::open_to_read(folder).map_err(Failure::data)?;
        let open = journal.alerts().map_err(Failure::data)?.into_iter().filter(|alert| alert.is_open());
        for alert in open {
            println!(
                "  {} {}  {}  {}  {}",
                format::level_bars(alert.level),
                format::level_name(alert.level, context.language),
                alert.id,
                alert.concern,
                format::state_name(alert.state, context.language),
            );
        }
        let waiting = journal.undelivered().map_err(Failure::data)?.len();
        well &= waiting == 0;
        println!("  {}  {waiting}", context.say("未送达的邮件", "mails not delivered"));
    }
    println!("  {}", context.say("采集限额", "limits for fetching"));
    for (zh, en, value) in limits::shown(&config.fetch) {
        println!("    {}  {value}", context.say(zh, en));
    }
    Ok(if well { Done::Yes } else { Done::No })
}
