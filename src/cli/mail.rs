//! `guanlan mail`: the way to an inbox, step by step, and mails that came back.

use std::io::Read;
use std::path::{Path, PathBuf};

use alerts::bounce::{self, Bounce, NoBounce};
use alerts::mail_test::{Trial, mail_test};
use alerts::smtp::Stage;
use clap::Subcommand;
use config::Config;
use crawler::archive::Archive;

use super::exit::{Done, Failure};
use super::import::{ask, unexpected};
use super::now;
use super::settings::Context;
use crate::folder::{self, Entry};
use crate::lookout::Lookout;
use crate::orders::{self, Orders};
use crate::socket::{Reply, Request};

/// No report is longer.
const LONGEST: u64 = 16 << 20;

#[derive(Subcommand, Debug)]
pub(super) enum Command {
    Test { address: String },
    Bounced { file: Option<PathBuf> },
}

/// Does one of them.
pub(super) fn mail(context: &Context, command: &Command) -> Result<Done, Failure> {
    match command {
        Command::Test { address } => test(context, address),
        Command::Bounced { file } => bounced(context, file.as_deref()),
    }
}

/// Notes that a mail came back, as a report of a mail server says.
fn bounced(context: &Context, file: Option<&Path>) -> Result<Done, Failure> {
    let mut mail = Vec::new();
    let shown = file.map_or("-".into(), |file| file.display().to_string());
    let read = match file.filter(|file| *file != Path::new("-")) {
        Some(file) => std::fs::read(file).map(|bytes| mail = bytes),
        None => std::io::stdin().take(LONGEST).read_to_end(&mut mail).map(drop),
    };
    read.map_err(|error| Failure::Usage(format!("{shown}: {error}")))?;
    let bounce = match bounce::read(&mail) {
        Ok(bounce) => bounce,
        Err(why) => {
            eprintln!("{}", not_one(context, why));
            return Ok(Done::No);
        }
    };
    let config = context.config()?;
    if report(&config, &bounce)? {
        println!("{}", context.say("已记为没有送到。", "Noted as not delivered."));
        return Ok(Done::Yes);
    }
    let unknown =
        ("这封退信说的不是观澜发出的邮件，或那封已过保存期限。", "It is about none of the mails kept here.");
    eprintln!("{}", context.say(unknown.0, unknown.1));
    Ok(Done::No)
}

/// The folder's holder notes it; without one this command holds the folder itself.
fn report(config: &Config, bounce: &Bounce) -> Result<bool, Failure> {
    match folder::enter(&config.site.data_dir).map_err(Failure::data)? {
        Entry::Running(mut line) => {
            let Bounce { message_id, code, said } = bounce.clone();
            match ask(&mut line, &Request::Bounced { message_id, code, said })? {
                Reply::Done { count } => Ok(count > 0),
                reply => Err(unexpected(&reply)),
            }
        }
        Entry::Held(held) => {
            let orders = Orders::new(config, alerts::staging::Staging::Real);
            let archive = Archive::open(held.path()).map_err(Failure::data)?;
            let mut lookout = Lookout::open(held.path(), archive, orders).map_err(Failure::data)?;
            lookout.desk.bounced(bounce, now()).map_err(Failure::data)
        }
    }
}

fn not_one<'a>(context: &Context, why: NoBounce) -> &'a str {
    match why {
        NoBounce::OtherMail => context.say(
            "这不是退信（RFC 3464 投递报告）：请把退信原样存成 .eml，或由邮件服务器转交。",
            "This is no report of a failed delivery (RFC 3464): save the report as it came, or pipe it in.",
        ),
        NoBounce::NotFailed => context.say(
            "这份报告说的不是投递失败（也许只是延迟），没有要记的。",
            "This report does not say that delivery failed (a delay, perhaps): nothing to note.",
        ),
        NoBounce::Nameless => context.say(
            "退信里没有附上原邮件的 Message-ID，看不出是哪一封。",
            "The report does not return the Message-ID of the mail it is about.",
        ),
    }
}

/// Tries every stage and says what to do at the one that fails.
fn test(context: &Context, address: &str) -> Result<Done, Failure> {
    let config = context.config()?;
    orders::provide_tls();
    let mailer = orders::mailer(&config).map_err(Failure::outside)?;
    let policy = Orders::new(&config, alerts::staging::Staging::Real).policy;
    let trial = Trial {
        from: policy.from,
        host: policy.host,
        address: address.to_owned(),
        language: context.language,
        now: now(),
    };
    for tried in mail_test(&mailer, &trial) {
        let stage = stage_name(context, tried.stage);
        match tried.result {
            Ok(()) => println!("  ✓ {stage}"),
            Err(failure) => {
                println!("  ✗ {stage}");
                return Err(Failure::Outside(format!("{}\n  {}", failure.trouble.said, failure.advice)));
            }
        }
    }
    match &mailer {
        alerts::mail::Mailer::Folder(folder) => {
            let written =
                context.say("transport = \"file\"：邮件写到", "transport = \"file\": mails are written to");
            println!("  {written} {}", folder.display());
        }
        _ => println!("  {}", context.say("请到收件箱确认", "now look into the inbox")),
    }
    Ok(Done::Yes)
}

fn stage_name<'a>(context: &Context, stage: Stage) -> &'a str {
    let (chinese, english) = match stage {
        Stage::Resolve => ("解析", "resolve"),
        Stage::Connect => ("连接", "connect"),
        Stage::Secure => ("加密", "TLS"),
        Stage::Login => ("登录", "login"),
        Stage::Sender => ("发件人", "sender"),
        Stage::Recipient => ("收件人", "recipient"),
        Stage::Content => ("投递", "accept"),
    };
    context.say(chinese, english)
}
