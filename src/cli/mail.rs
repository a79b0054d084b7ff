//! `guanlan mail test`: the way to an inbox, step by step.

use alerts::mail_test::{Trial, mail_test};
use alerts::smtp::Stage;
use clap::Subcommand;

use super::exit::{Done, Failure};
use super::now;
use super::settings::Context;
use crate::orders::{self, Orders};

#[derive(Subcommand, Debug)]
pub(super) enum Command {
    Test { address: String },
}

/// Tries every stage and says what to do at the one that fails.
pub(super) fn mail(context: &Context, command: &Command) -> Result<Done, Failure> {
    let Command::Test { address } = command;
    let config = context.config()?;
    orders::provide_tls();
    let mailer = orders::mailer(&config).map_err(Failure::outside)?;
    let policy = Orders::new(&config, alerts::staging::Staging::Real).policy;
    let trial = Trial {
        from: policy.from,
        host: policy.host,
        address: address.clone(),
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
