//! `guanlan user token`: a token for a program that reads the API or the metrics. It is shown once.

use alerts::account::{ApiToken, TokenScope};
use alerts::format;
use alerts::journal::Journal;
use clap::Args;
use config::Config;
use jiff::SignedDuration;

use super::super::exit::{Done, Failure};
use super::super::import::{ask, unexpected};
use super::super::now;
use super::super::settings::Context;
use super::read;
use crate::folder::{self, Entry};
use crate::socket::{Reply, Request};
use crate::web::access::{LOCAL, Token};

#[derive(Args, Debug)]
pub(in crate::cli) struct NewToken {
    name: String,
    #[arg(long, value_parser = ["metrics", "read", "act"], default_value = "read")]
    scope: String,
    #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(u16).range(1..=3660))]
    days: u16,
}

/// Makes a token and prints it alone, so that it can go into a file.
pub(super) fn add(context: &Context, config: &Config, options: &NewToken) -> Result<Done, Failure> {
    let scope: TokenScope = options.scope.parse().map_err(Failure::Usage)?;
    let made = now();
    let expires = made + SignedDuration::from_hours(24 * i64::from(options.days));
    let Some(secret) = Token::new() else {
        return Err(Failure::Outside(context.say("取不到随机数", "no random numbers").to_owned()));
    };
    let token = ApiToken { name: options.name.clone(), scope, hash: secret.hash(), made, expires };
    match folder::enter(&config.site.data_dir).map_err(Failure::data)? {
        Entry::Running(mut line) => {
            let hash = secret.hash();
            match ask(&mut line, &Request::AddToken { token, hash })? {
                Reply::Done { .. } => {}
                reply => return Err(unexpected(&reply)),
            }
        }
        Entry::Held(held) => {
            let mut journal = Journal::open(held.path()).map_err(Failure::data)?;
            journal.add_token(&token, LOCAL, made)?;
        }
    }
    println!("{}", secret.expose());
    if context.global.quiet == 0 {
        let until = format::full_date_time(expires, &config.site.zone, context.language);
        let note = context.say(
            "只显示这一次；请求头写 Authorization: Bearer 口令；到期",
            "shown this once; sent as Authorization: Bearer TOKEN; until",
        );
        eprintln!("  {note} {until}");
    }
    Ok(Done::Yes)
}

/// Ends a token at once.
pub(super) fn revoke(config: &Config, name: &str) -> Result<Done, Failure> {
    match folder::enter(&config.site.data_dir).map_err(Failure::data)? {
        Entry::Running(mut line) => match ask(&mut line, &Request::RevokeToken { name: name.to_owned() })? {
            Reply::Done { .. } => Ok(Done::Yes),
            reply => Err(unexpected(&reply)),
        },
        Entry::Held(held) => {
            let mut journal = Journal::open(held.path()).map_err(Failure::data)?;
            journal.revoke_token(name, LOCAL, now())?;
            Ok(Done::Yes)
        }
    }
}

/// The tokens without themselves.
pub(super) fn list(context: &Context, config: &Config) -> Result<Done, Failure> {
    let tokens = read(config, |journal| journal.tokens())?;
    for token in &tokens {
        if context.global.json {
            println!("{}", serde_json::to_string(token).map_err(Failure::data)?);
            continue;
        }
        let until = format::full_date_time(token.expires, &config.site.zone, context.language);
        let (name, scope) = (format::one_line(&token.name, 40), token.scope.word());
        println!("  {name}  {scope}  {} {until}", context.say("到期", "until"));
    }
    Ok(if tokens.is_empty() { Done::No } else { Done::Yes })
}
