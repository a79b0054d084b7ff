//! `guanlan topic`: topics that nobody configured: list them, make a concern of one, mute a class of them.

use alerts::format;
use clap::{Args, Subcommand};
use config::{Config, ProposeError};

use super::exit::{Done, Failure};
use super::import::{ask, unexpected};
use super::now;
use super::settings::Context;
use crate::emerging::{Listed, TopicState};
use crate::folder::{self, Entry};
use crate::lookout::Lookout;
use crate::orders::Orders;
use crate::socket::{Reply, Request};

#[derive(Subcommand, Debug)]
pub(super) enum Command {
    List,
    Promote(Promote),
    Mute(Class),
    Unmute(Class),
}

#[derive(Args, Debug)]
pub(super) struct Promote {
    id: String,
    #[arg(long)]
    print: bool,
}

#[derive(Args, Debug)]
pub(super) struct Class {
    class: String,
}

/// Lists topics, or does something with one.
pub(super) fn topic(context: &Context, command: &Command) -> Result<Done, Failure> {
    let config = context.config()?;
    match command {
        Command::List => {
            let listed = asked(&config, Request::Topics)?;
            list(context, &config, &listed)?;
            Ok(if listed.topics.is_empty() { Done::No } else { Done::Yes })
        }
        Command::Promote(options) => promote(context, &config, options),
        Command::Mute(options) => mute(context, &config, &options.class, true),
        Command::Unmute(options) => mute(context, &config, &options.class, false),
    }
}

/// The folder's holder answers; without one this command reads what the last run kept.
fn asked(config: &Config, request: Request) -> Result<Listed, Failure> {
    match folder::enter(&config.site.data_dir).map_err(Failure::data)? {
        Entry::Running(mut line) => match ask(&mut line, &request)? {
            Reply::Topics { listed } => Ok(listed),
            reply => Err(unexpected(&reply)),
        },
        Entry::Held(held) => {
            let archive = crawler::archive::Archive::open(held.path()).map_err(Failure::data)?;
            let lookout =
                Lookout::open(held.path(), archive, Orders::new(config, alerts::staging::Staging::Real));
            let lookout = lookout.map_err(Failure::data)?;
            let segmenter = analyzer::segment::Segmenter::new(&[]);
            let mut lookout = lookout.with_words(segmenter).map_err(Failure::data)?;
            lookout.remember_topics(now()).map_err(Failure::data)?;
            if let Request::MuteTopics { class, on } = &request {
                lookout.mute_topics(class, *on, now()).map_err(Failure::Usage)?;
            }
            Ok(lookout.topics(now()))
        }
    }
}

fn list(context: &Context, config: &Config, listed: &Listed) -> Result<(), Failure> {
    if context.global.json {
        println!("{}", serde_json::to_string(listed).map_err(Failure::data)?);
        return Ok(());
    }
    if listed.learning {
        println!(
            "  {}",
            context
                .say("帖文还太少，话题要先看半天才说得准", "too few posts yet: topics need half a day first")
        );
    }
    let (muted, told): (Vec<&TopicState>, Vec<&TopicState>) =
        listed.topics.iter().partition(|topic| topic.muted);
    told.iter().for_each(|topic| println!("{}", line(context, config, topic)));
    if !listed.muted.is_empty() {
        let classes = listed.muted.join("、");
        println!(
            "  {} {classes}",
            context.say("静默的类别（照列，不发邮件）：", "muted (listed, not mailed):")
        );
    }
    muted.iter().for_each(|topic| println!("{}", line(context, config, topic)));
    Ok(())
}

/// One topic on a line; everything collected is cleared of what could move a terminal's cursor.
fn line(context: &Context, config: &Config, topic: &TopicState) -> String {
    let found = format::date_time(topic.found, &config.site.zone, context.language);
    let known = |id: &String| config.concerns.iter().find(|concern| concern.id == *id);
    let concern = topic.concern.as_ref().and_then(known);
    let notes = [
        topic.class.as_ref().map(|(chinese, english)| context.say(chinese, english).to_owned()),
        concern.map(|concern| format!("{} {}", context.say("属于关切", "belongs to"), concern.name)),
        topic.mailed.then(|| context.say("已发邮件", "mailed").to_owned()),
    ];
    let notes: Vec<String> = notes.into_iter().flatten().collect();
    format!(
        "  {}  {found}  {} {} / {}  {}  [{}]  {}",
        topic.id,
        topic.posts,
        context.say("帖", "posts"),
        topic.voices,
        format::one_line(&topic.title, 60),
        format::one_line(&topic.words.join(" "), 60),
        format::one_line(&notes.join("，"), 60),
    )
}

/// Writes the concern into the clerk's file, or prints it where that can't be done.
fn promote(context: &Context, config: &Config, options: &Promote) -> Result<Done, Failure> {
    let listed = asked(config, Request::Topics)?;
    let wanted = options.id.trim().to_ascii_uppercase();
    let Some(topic) = listed.topics.iter().find(|topic| topic.id == wanted) else {
        let advice =
            context.say("没有这个话题；guanlan topic list 列出有的", "no such topic; see guanlan topic list");
        return Err(Failure::Usage(format!("{}: {advice}", options.id)));
    };
    let proposal = topic.as_concern();
    let file = context.config_file().filter(|_| !options.print);
    let Some(file) = file else {
        print!("{}", proposal.toml());
        return Ok(Done::Yes);
    };
    match proposal.add_to(&file) {
        Ok(path) => {
            println!("{}", proposal.toml());
            eprintln!(
                "  {} {}；{}",
                context.say("已加进", "added to"),
                path.display(),
                context.say(
                    "看看词表；运行中的 guanlan run 几秒内启用",
                    "look at the words; a running guanlan run takes them over within seconds"
                ),
            );
            Ok(Done::Yes)
        }
        Err(error @ ProposeError::Known(_)) => Err(Failure::Usage(error.to_string())),
        Err(error) => {
            print!("{}", proposal.toml());
            let advice =
                context.say("没有写进去，请自己加上面这一段", "not written: add the lines above yourself");
            Err(Failure::Data(format!("{error}；{advice}")))
        }
    }
}

fn mute(context: &Context, config: &Config, class: &str, on: bool) -> Result<Done, Failure> {
    let listed = asked(config, Request::MuteTopics { class: class.to_owned(), on })?;
    println!("  {} {}", context.say("静默的类别：", "muted classes:"), listed.muted.join("、"));
    Ok(Done::Yes)
}
