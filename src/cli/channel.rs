//! `guanlan channel test`: one message to a channel, and what the other side says.

use alerts::channel::{Trial, send};
use alerts::mail::Outcome;
use alerts::reply;
use alerts::staging::Staging;
use clap::Subcommand;

use super::exit::{Done, Failure};
use super::now;
use super::settings::Context;
use crate::orders::{self, Orders};

#[derive(Subcommand, Debug)]
pub(super) enum Command {
    Test {
        #[arg(value_name = "NAME")]
        channel: String,
    },
}

/// Sends a test message and says what to do if it is not taken.
pub(super) fn channel(context: &Context, command: &Command) -> Result<Done, Failure> {
    let Command::Test { channel: name } = command;
    let config = context.config()?;
    orders::provide_tls();
    let channels = orders::channels(&config).map_err(|error| Failure::Outside(format!("{error:#}")))?;
    let Some(channel) = channels.iter().find(|channel| channel.name == *name) else {
        let names: Vec<&str> = channels.iter().map(|channel| channel.name.as_str()).collect();
        let none =
            context.say("没有这个 [[channel]]；配置了的有：", "there is no such [[channel]]; there are:");
        return Err(Failure::Usage(format!("{name}: {none} {}", names.join(", "))));
    };
    let fetcher = super::fetcher(context, &config)?;
    let orders = Orders::new(&config, Staging::Real);
    let trial = Trial {
        channel,
        host: &orders.policy.host,
        link: orders.site.public_url.as_deref(),
        language: context.language,
        now: now(),
    };
    let runtime = tokio::runtime::Runtime::new().map_err(Failure::outside)?;
    let said = match runtime.block_on(send(&fetcher, channel, &trial.outgoing(), now())) {
        Outcome::Sent => {
            println!("  ✓ {}", context.say("已送出，请到群里确认", "taken; now look into the chat"));
            return Ok(Done::Yes);
        }
        Outcome::Refused { reply: said, .. } | Outcome::Later { reply: said } => said,
        Outcome::Throttled { problem: said } | Outcome::Unreachable { problem: said } => said,
    };
    println!("  ✗ {}", context.say("没有送出", "not taken"));
    Err(Failure::Outside(format!("{said}\n  {}", context.words(&reply::of_channel(&said)))))
}
