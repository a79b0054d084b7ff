//! `guanlan status`: how things stand, read beside whoever writes.

use alerts::format;
use alerts::journal::Journal;
use config::Config;
use crawler::archive::Archive;
use jiff::Timestamp;

use super::exit::{Done, Failure};
use super::limits;
use super::now;
use super::settings::Context;
use super::source;
use crate::folder::Held;
use crate::standing::{State, standings};

/// Posts, sources, alerts, mails that wait. The answer is "no" when a source has stopped or a mail waits.
pub(super) fn status(context: &Context) -> Result<Done, Failure> {
    let config = context.config()?;
    let folder = &config.site.data_dir;
    let archive = Archive::open_read_only(folder).map_err(Failure::data)?;
    let running = folder.join("lock").exists() && Held::take(folder).is_err();
    let now = now();
    println!(
        "  {}  {}",
        context.say("运行", "running"),
        if running { context.say("是", "yes") } else { context.say("否", "no") }
    );
    let posts = archive.count().map_err(Failure::data)?;
    println!("  {}  {}", context.say("帖文", "posts"), format::exact(posts));
    if let Some(file) = context.config_file() {
        let what = context
            .say("配置文件版本（启用的见设置页）", "version of the files (in force: page of settings)");
        println!("  {what}  {}", crate::reload::version(&file));
    }
    let mut well = sources(context, &config, &archive, now)?;
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

/// A line a source; whether all that promised to be read was. One that rests is told as such, and is no fault.
fn sources(context: &Context, config: &Config, archive: &Archive, now: Timestamp) -> Result<bool, Failure> {
    let standings = standings(archive, &config.sources, now).map_err(Failure::data)?;
    let mut well = true;
    for (source, standing) in config.sources.iter().zip(standings) {
        let was_promised = standing.state == State::New && !source.every.is_zero();
        well &= !was_promised && !standing.state.needs_a_look();
        let last = standing.last_success;
        let when = last.map(|last| format::moment(last, now, &config.site.zone, context.language));
        let said = source::in_words(context, config, &standing.state, now);
        let said: Vec<String> = when.into_iter().chain(said).collect();
        println!("  {} {}  {}", standing.state.mark(), source.name, said.join("  "));
    }
    Ok(well)
}
