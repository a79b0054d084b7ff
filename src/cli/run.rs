//! `guanlan run`: the daemon, in the foreground.

use analyzer::segment::Segmenter;
use clap::Args;
use config::Config;
use crawler::post::IdKey;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use super::exit::{Done, Failure};
use super::settings::Context;
use crate::clock::{Clock, Start};
use crate::daemon::{self, Parts};
use crate::folder::Held;
use crate::orders::{self, Orders};
use crate::reload::Reload;
use crate::ways::Ways;
use crate::web::{Certificate, Front};

#[derive(Args, Debug)]
pub(super) struct Options {
    #[arg(long, value_name = "START[xSPEED]")]
    clock: Option<Start>,
}

/// Runs until SIGINT or SIGTERM.
pub(super) fn run(context: &Context, options: &Options) -> Result<Done, Failure> {
    let config = context.config()?;
    if config.concerns.is_empty() {
        let none = "没有关切可看：在 guanlan.toml 旁边写 concerns.toml，或先运行 guanlan init";
        let none_english =
            "no concerns to watch: write concerns.toml beside guanlan.toml, or begin with guanlan init";
        return Err(Failure::Usage(context.say(none, none_english).to_owned()));
    }
    orders::provide_tls();
    let held = Held::take(&config.site.data_dir).map_err(Failure::data)?;
    let key = IdKey::load_or_create(held.path()).map_err(Failure::data)?;
    let runtime = tokio::runtime::Runtime::new().map_err(Failure::outside)?;
    let listen = config.web.listen;
    let listener = runtime.block_on(TcpListener::bind(listen)).map_err(|error| {
        let taken = context.say(
            "端口用不了，换一个 [web] listen，或停掉占用它的程序",
            "cannot listen there: choose another [web] listen, or stop what uses it",
        );
        Failure::Outside(format!("{listen}: {error}; {taken}"))
    })?;
    let api_listener = match config.api.listen {
        Some(listen) => Some(runtime.block_on(TcpListener::bind(listen)).map_err(|error| {
            let taken = context.say(
                "端口用不了，换一个 [api] listen，或停掉占用它的程序",
                "cannot listen there: choose another [api] listen, or stop what uses it",
            );
            Failure::Outside(format!("{listen}: {error}; {taken}"))
        })?),
        None => None,
    };
    let certificate = match &config.web.certificate {
        Some((cert, key)) => {
            let read = Certificate::read((cert, key));
            Some(read.map_err(|why| Failure::Usage(format!("[web] {}", context.words(&why))))?)
        }
        None => None,
    };
    let access = orders::access(&config, key.derived("forms"), None).map_err(Failure::outside)?;
    let proxies = super::proxies(context)?;
    let parts = Parts {
        held,
        ways: Ways::read(&config, key.clone(), proxies.clone())
            .map_err(|error| Failure::Outside(format!("{error:#}")))?,
        segmenter: Segmenter::new(&[]),
        orders: Orders {
            file: context.config_file(),
            ..Orders::new(&config, alerts::staging::Staging::Real)
                .calibrated(&config.site.data_dir)
                .map_err(Failure::data)?
        },
        api_front: api_listener.map(|listener| front(&config, listener, certificate.clone())),
        front: front(&config, listener, certificate),
        access,
        reload: context
            .config_file()
            .map(|file| Reload::new(file, context.variables.clone(), config.clone(), (key.clone(), proxies))),
        clock: options.clock.map_or_else(Clock::wall, Clock::rehearse),
    };
    runtime.block_on(async {
        let stop = stop().map_err(Failure::outside)?;
        daemon::run(parts, stop).await.map_err(Failure::data)
    })?;
    Ok(Done::Yes)
}

fn front(config: &Config, listener: TcpListener, certificate: Option<Certificate>) -> Front {
    Front { listener, certificate, gateways: config.web.gateways.clone() }
}

/// Done at the first SIGINT or SIGTERM.
pub(super) fn stop() -> std::io::Result<impl Future<Output = ()> + Send + 'static> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
