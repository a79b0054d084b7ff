//! `guanlan user`: accounts of the pages. A password comes from a prompt, from a file or from standard input, and
//! leaves this process only as argon2id made it; it never stands among the arguments, which everybody can see.

mod prompt;
mod token;

use std::path::PathBuf;

use alerts::account::{AccountChange, Role};
use alerts::format;
use alerts::journal::{Journal, JournalError};
use clap::{Args, Subcommand};
use config::{Config, Login};

use super::exit::{Done, Failure};
use super::import::{ask, unexpected};
use super::now;
use super::settings::Context;
use crate::folder::{self, Entry};
use crate::socket::{Reply, Request};
use crate::web::access::{LOCAL, password};

#[derive(Subcommand, Debug)]
pub(super) enum Command {
    Add(Add),
    List,
    Remove(Named),
    Password(NewPassword),
    Role(NewRole),
    Unlock(Named),
    Token(token::NewToken),
    Tokens,
    Revoke(Named),
    Audit(Audit),
}

#[derive(Args, Debug)]
pub(super) struct Add {
    name: String,
    #[arg(long, value_parser = ["view", "duty", "admin"])]
    role: String,
    #[command(flatten)]
    from: From,
    #[arg(long, conflicts_with = "password_file")]
    no_password: bool,
}

#[derive(Args, Debug)]
pub(super) struct From {
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(super) struct Named {
    name: String,
}

#[derive(Args, Debug)]
pub(super) struct NewPassword {
    name: String,
    #[command(flatten)]
    from: From,
}

#[derive(Args, Debug)]
pub(super) struct NewRole {
    name: String,
    #[arg(value_parser = ["view", "duty", "admin"])]
    role: String,
}

#[derive(Args, Debug)]
pub(super) struct Audit {
    #[arg(long, default_value_t = 50)]
    limit: usize,
}

/// Lists accounts or what was done, or changes one account.
pub(super) fn user(context: &Context, command: &Command) -> Result<Done, Failure> {
    let config = context.config()?;
    let role = |word: &str| word.parse::<Role>().map_err(Failure::Usage);
    let change = match command {
        Command::List => return list(context, &config),
        Command::Audit(options) => return audit(context, &config, options.limit),
        Command::Token(options) => return token::add(context, &config, options),
        Command::Tokens => return token::list(context, &config),
        Command::Revoke(options) => return token::revoke(&config, &options.name),
        Command::Add(options) => {
            let (name, role) = (options.name.clone(), role(&options.role)?);
            let password = match options.no_password {
                // Nothing is equal to it: such an account is for a gateway that knows its people.
                true => String::new(),
                false => kept(context, &name, &options.from)?,
            };
            AccountChange::Add { name, role, password }
        }
        Command::Password(options) => {
            let password = kept(context, &options.name, &options.from)?;
            AccountChange::Password { name: options.name.clone(), password }
        }
        Command::Remove(options) => AccountChange::Remove { name: options.name.clone() },
        Command::Role(options) => {
            AccountChange::Role { name: options.name.clone(), role: role(&options.role)? }
        }
        Command::Unlock(options) => AccountChange::Unlock { name: options.name.clone() },
    };
    make(&config, change)?;
    if context.global.quiet == 0 {
        println!("  {}", done(context, &config, command));
    }
    Ok(Done::Yes)
}

/// A new password, as it is kept.
fn kept(context: &Context, name: &str, from: &From) -> Result<String, Failure> {
    let typed = prompt::password(context, from.password_file.as_deref())?;
    password::hashed(&typed, name).map_err(|why| Failure::Usage(context.words(&why).to_owned()))
}

/// The folder's holder changes it; without one this command holds the folder itself.
fn make(config: &Config, change: AccountChange) -> Result<(), Failure> {
    match folder::enter(&config.site.data_dir).map_err(Failure::data)? {
        Entry::Running(mut line) => match ask(&mut line, &Request::Account { change })? {
            Reply::Done { .. } => Ok(()),
            reply => Err(unexpected(&reply)),
        },
        Entry::Held(held) => {
            let mut journal = Journal::open(held.path()).map_err(Failure::data)?;
            let changed = journal.change_account(&change, LOCAL, now());
            Ok(changed?)
        }
    }
}

fn done<'a>(context: &'a Context, config: &Config, command: &Command) -> &'a str {
    match command {
        Command::Add(_) if config.web.login == Login::None => context.say(
            "已新建；[web] login 现在是 none，网页还不问账号",
            "added; [web] login is none now, so the pages ask for no account yet",
        ),
        Command::Add(_) => context.say("已新建，可以登录了", "added: it can log in now"),
        Command::Password(_) => {
            context.say("密码已换，原来的登录都已失效", "password set; whoever was logged in with it is out")
        }
        Command::Remove(_) => context.say("已删除", "removed"),
        Command::Unlock(_) => context.say("可以再试登录了", "it may try to log in again"),
        _ => context.say("已调整", "done"),
    }
}

fn list(context: &Context, config: &Config) -> Result<Done, Failure> {
    let accounts = read(config, |journal| journal.accounts())?;
    for account in &accounts {
        if context.global.json {
            println!("{}", serde_json::to_string(account).map_err(Failure::data)?);
            continue;
        }
        let set = format::full_date_time(account.password_set, &config.site.zone, context.language);
        let words = account.role.name();
        let (role, name) = (context.words(&words), format::one_line(&account.name, 40));
        let password = match account.password.is_empty() {
            true => context
                .say("没有密码，由网关或统一登录", "no password: let in by a gateway or single sign-on")
                .to_owned(),
            false => format!("{} {set}", context.say("密码设于", "password set")),
        };
        println!("  {name}  {} {role}  {password}", account.role.word());
    }
    Ok(if accounts.is_empty() { Done::No } else { Done::Yes })
}

fn audit(context: &Context, config: &Config, limit: usize) -> Result<Done, Failure> {
    let mut lines = read(config, |journal| journal.audited(None, limit))?;
    lines.reverse();
    for line in &lines {
        if context.global.json {
            println!("{}", serde_json::to_string(line).map_err(Failure::data)?);
            continue;
        }
        let time = format::full_date_time(line.time, &config.site.zone, context.language);
        let post = match line.post.is_empty() {
            true => context.say("（没有这个账号）", "(no such account)").to_owned(),
            false => format::one_line(&line.post, 40),
        };
        println!(
            "  {time}  {post}  {}  {}",
            context.words(&line.deed.name()),
            format::one_line(&line.subject, 60)
        );
    }
    Ok(if lines.is_empty() { Done::No } else { Done::Yes })
}

/// Reads beside the program that writes; a folder without the file has no accounts.
fn read<T: Default>(
    config: &Config,
    look: impl FnOnce(&Journal) -> Result<T, JournalError>,
) -> Result<T, Failure> {
    if !config.site.data_dir.join("alerts.db").exists() {
        return Ok(T::default());
    }
    Journal::open_to_read(&config.site.data_dir).and_then(|journal| look(&journal)).map_err(Failure::data)
}
