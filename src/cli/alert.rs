//! `guanlan alert`: see alerts, and do with them what the page does.

mod evidence;
mod respond;

use alerts::alert::{Alert, Event, Worth};
use alerts::format;
use alerts::journal::Journal;
use alerts::message::Language;
use clap::{Args, Subcommand};
use config::Config;

use super::exit::{Done, Failure};
use super::import::{ask, unexpected};
use super::now;
use super::settings::Context;
use crate::folder::{self, Entry};
use crate::lookout::Lookout;
use crate::orders::Orders;
use crate::socket::{Action, Reply, Request};

#[derive(Subcommand, Debug)]
pub(super) enum Command {
    List(ListOptions),
    Show(Numbered),
    Ack(By),
    Respond(respond::Respond),
    Withdraw(WithReason),
    Mute(Mute),
    Close(By),
    FalseAlarm(WithReason),
    Note(Note),
    Feedback(Feedback),
}

#[derive(Args, Debug)]
pub(super) struct ListOptions {
    #[arg(long)]
    all: bool,
}

#[derive(Args, Debug)]
pub(super) struct Numbered {
    id: String,
}

#[derive(Args, Debug)]
pub(super) struct By {
    id: String,
    #[arg(long)]
    by: String,
}

#[derive(Args, Debug)]
pub(super) struct Mute {
    id: String,
    #[arg(long)]
    by: String,
    #[arg(long)]
    reason: String,
    #[arg(long, default_value = "2h")]
    r#for: String,
}

#[derive(Args, Debug)]
pub(super) struct WithReason {
    id: String,
    #[arg(long)]
    by: String,
    #[arg(long)]
    reason: String,
}

#[derive(Args, Debug)]
pub(super) struct Feedback {
    id: String,
    #[arg(value_parser = ["useful", "known", "noise"])]
    worth: String,
    #[arg(long)]
    by: String,
}

#[derive(Args, Debug)]
pub(super) struct Note {
    id: String,
    text: String,
    #[arg(long)]
    by: String,
}

/// Shows alerts, or acts on one.
pub(super) fn alert(context: &Context, command: &Command) -> Result<Done, Failure> {
    let config = context.config()?;
    match command {
        Command::List(options) => list(context, &config, options.all),
        Command::Show(options) => evidence::show(context, &config, &options.id),
        Command::Ack(options) => act(&config, &options.id, Action::Acknowledge { by: options.by.clone() }),
        Command::Close(options) => act(&config, &options.id, Action::Close { by: options.by.clone() }),
        Command::Respond(options) => respond::respond(context, &config, options),
        Command::Mute(options) => {
            let length: jiff::SignedDuration = options.r#for.parse().map_err(|_| {
                Failure::Usage(format!("--for {}: expected a length of time like 2h or 90m", options.r#for))
            })?;
            let until = now().checked_add(length).map_err(|error| Failure::Usage(error.to_string()))?;
            let action = Action::Mute { by: options.by.clone(), reason: options.reason.clone(), until };
            act(&config, &options.id, action)
        }
        Command::Withdraw(options) => {
            let action = Action::Withdraw { by: options.by.clone(), reason: options.reason.clone() };
            act(&config, &options.id, action)
        }
        Command::FalseAlarm(options) => {
            let action = Action::FalseAlarm { by: options.by.clone(), reason: options.reason.clone() };
            act(&config, &options.id, action)
        }
        Command::Feedback(options) => {
            let worth = match options.worth.as_str() {
                "useful" => Worth::Useful,
                "known" => Worth::Known,
                _ => Worth::Noise,
            };
            act(&config, &options.id, Action::Rate { by: options.by.clone(), worth })
        }
        Command::Note(options) => {
            act(&config, &options.id, Action::Note { by: options.by.clone(), text: options.text.clone() })
        }
    }
}

/// The folder's holder acts; without one this command holds the folder itself.
fn act(config: &Config, id: &str, action: Action) -> Result<Done, Failure> {
    match folder::enter(&config.site.data_dir).map_err(Failure::data)? {
        Entry::Running(mut line) => {
            let id = id.to_owned();
            match ask(&mut line, &Request::Act { id, action })? {
                Reply::Done { .. } => Ok(Done::Yes),
                reply => Err(unexpected(&reply)),
            }
        }
        Entry::Held(held) => {
            let archive = crawler::archive::Archive::open(held.path()).map_err(Failure::data)?;
            let orders = Orders::new(config, alerts::staging::Staging::Real);
            let mut lookout = Lookout::open(held.path(), archive, orders).map_err(Failure::data)?;
            lookout.act(id, action, now()).map_err(|error| Failure::Usage(error.to_string()))?;
            Ok(Done::Yes)
        }
    }
}

fn list(context: &Context, config: &Config, all: bool) -> Result<Done, Failure> {
    let mut alerts = Journal::open_to_read(&config.site.data_dir)
        .and_then(|journal| journal.alerts())
        .map_err(Failure::data)?;
    alerts.retain(|alert| all || alert.is_open());
    for alert in &alerts {
        if context.global.json {
            println!("{}", serde_json::to_string(alert).map_err(Failure::data)?);
        } else {
            println!("{}", line(context, config, alert));
        }
    }
    Ok(if alerts.is_empty() { Done::No } else { Done::Yes })
}

fn line(context: &Context, config: &Config, alert: &Alert) -> String {
    let language = context.language;
    let name = &alert.concern_among(&config.concerns).name;
    let raised = format::date_time(alert.raised_at, &config.site.zone, language);
    format!(
        "  {}  {} {}  {name}  {raised}  {}",
        alert.id,
        format::level_bars(alert.level),
        format::level_name(alert.level, language),
        format::state_name(alert.state, language),
    )
}

/// One line of the journal, in words.
fn told(event: &Event, language: Language) -> String {
    let name = |level| format::level_name(level, language);
    let (chinese, english) = match event {
        Event::Raised { level, .. } => {
            (format!("首次提示{}", name(*level)), format!("raised to {}", name(*level)))
        }
        Event::Escalated { level, .. } => {
            (format!("升为{}", name(*level)), format!("escalated to {}", name(*level)))
        }
        Event::Lowered { level } => (format!("降为{}", name(*level)), format!("lowered to {}", name(*level))),
        Event::Subsiding => ("回到预期区间".to_owned(), "back inside the band".to_owned()),
        Event::RisenAgain => ("又超出预期区间".to_owned(), "out of the band again".to_owned()),
        Event::Resolved { by: None } => ("自动关闭".to_owned(), "closed by itself".to_owned()),
        Event::Resolved { by: Some(by) } => (format!("{by}关闭"), format!("closed by {by}")),
        Event::Acknowledged { by } => (format!("{by}认领"), format!("acknowledged by {by}")),
        Event::Responded { by, url, .. } => {
            let url = url.as_deref().unwrap_or_default();
            (format!("{by}回应 {url}"), format!("answered by {by} {url}"))
        }
        Event::Withdrawn { by, reason } => {
            (format!("{by}撤回回应：{reason}"), format!("answer withdrawn by {by}: {reason}"))
        }
        Event::Muted { by, reason, .. } => {
            (format!("{by}静默：{reason}"), format!("muted by {by}: {reason}"))
        }
        Event::Noted { by, text } => (format!("{by}备注：{text}"), format!("note by {by}: {text}")),
        Event::FalseAlarm { by, reason } => {
            (format!("{by}标为误报：{reason}"), format!("false alarm, says {by}: {reason}"))
        }
        Event::Rated { by, worth } => {
            let worth = format::worth_name(*worth, language);
            (format!("{by}反馈：{worth}"), format!("{by} found it {worth}"))
        }
        Event::Held { .. } => {
            ("静默时段，到时段结束再发".to_owned(), "quiet hours: told when they end".to_owned())
        }
        Event::Inhibited { by } => (
            format!("与 {} 帖文大多相同，不另发信", by.short()),
            format!("most posts are those of {}: no mail of its own", by.short()),
        ),
        Event::Unwatched { version } => {
            let version = version.as_deref().unwrap_or("-");
            (
                format!("关切已不在配置里（版本 {version}）"),
                format!("its concern left the configuration ({version})"),
            )
        }
        Event::WatchedAgain { version } => {
            let version = version.as_deref().unwrap_or("-");
            (
                format!("关切又在配置里（版本 {version}）"),
                format!("its concern is configured again ({version})"),
            )
        }
        Event::FirstNotice { .. } => {
            ("首次通知，回应计时开始".to_owned(), "first notice: the response clock starts".to_owned())
        }
        Event::Queued { .. } => ("写好一封邮件".to_owned(), "a mail was written".to_owned()),
        Event::Mailed { .. } => ("邮件已送达服务器".to_owned(), "the mail server took a mail".to_owned()),
        Event::Refused { code, .. } => {
            (format!("邮件被拒收（{code}）"), format!("the mail server refused a mail ({code})"))
        }
    };
    match language {
        Language::Chinese => chinese,
        Language::English => english,
    }
}
