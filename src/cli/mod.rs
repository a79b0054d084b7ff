//! The command line: what can be asked, in which language, and with which exit code it ends.
//! One file per command; this one only parses and dispatches.

mod alert;
mod backtest;
mod calibrate;
mod cert;
mod channel;
mod check;
mod concern;
mod demo;
mod digest;
mod doctor;
mod drill;
mod exit;
mod import;
mod init;
mod inspect;
mod limits;
mod mail;
mod privacy;
mod reindex;
mod run;
mod search;
mod settings;
mod source;
mod status;
mod topic;
mod tune;
mod user;
mod words;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use alerts::message::Language;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use crawler::fetch::proxy::Proxies;

use exit::{Done, Failure};

/// Where `guanlan` looks for its configuration when nothing is said.
const DEFAULT_CONFIG: &str = "/etc/guanlan/guanlan.toml";

#[derive(Parser, Debug)]
#[command(name = "guanlan", version, disable_help_subcommand = true, arg_required_else_help = true)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Options every command takes.
#[derive(Args, Debug, Clone)]
struct Global {
    #[arg(short, long, global = true, env = "GUANLAN_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[arg(long, global = true, env = "GUANLAN_DATA_DIR", value_name = "DIR")]
    data_dir: Option<PathBuf>,
    #[arg(long, global = true, env = "GUANLAN_LANG", value_parser = ["zh", "en"])]
    lang: Option<String>,
    #[arg(long, global = true)]
    json: bool,
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    quiet: u8,
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
}

#[derive(Subcommand, Debug)]
enum Command {
    Demo(demo::Options),
    Drill(drill::Options),
    Status,
    Search(search::Options),
    #[command(subcommand)]
    Alert(alert::Command),
    #[command(subcommand)]
    Topic(topic::Command),
    Digest(digest::Options),
    Report(digest::ReportOptions),
    Init(init::Options),
    Check(check::Options),
    #[command(subcommand)]
    Source(source::Command),
    #[command(subcommand)]
    Mail(mail::Command),
    #[command(subcommand)]
    Channel(channel::Command),
    Import(import::Options),
    Inspect(inspect::Options),
    Run(run::Options),
    Backtest(Box<backtest::Options>),
    #[command(subcommand)]
    Concern(concern::Command),
    #[command(subcommand)]
    User(user::Command),
    Cert(cert::Options),
    Tune(tune::Options),
    Calibrate(calibrate::Options),
    Reindex,
    Privacy,
    Doctor,
}

/// Parses the arguments, runs the command, and turns its end into an exit code.
pub(crate) fn main() -> ExitCode {
    end_quietly_when_nobody_reads();
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let language = words::spoken(&arguments, environment("GUANLAN_LANG").as_deref());
    let command = words::dress(Cli::command(), language);
    let cli =
        match command.try_get_matches_from(arguments).and_then(|matches| Cli::from_arg_matches(&matches)) {
            Ok(cli) => cli,
            Err(error) => {
                let wrong = error.use_stderr()
                    && error.kind() != clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
                // Printing fails only when nobody listens any more.
                let _ = error.print();
                return if wrong { ExitCode::from(2) } else { ExitCode::SUCCESS };
            }
        };
    crate::logging::start(cli.global.verbose, cli.global.quiet);
    match dispatch(cli, language) {
        Ok(done) => done.code(),
        Err(failure) => {
            eprintln!("{}: {}", words::error(language), failure.say(language));
            failure.code()
        }
    }
}

/// Whoever reads our output may have seen enough (`guanlan status | head -4`): that is no failure of ours.
fn end_quietly_when_nobody_reads() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let said = panic.payload().downcast_ref::<String>();
        if said
            .is_some_and(|said| said.starts_with("failed printing to stdout") && said.contains("os error 32"))
        {
            std::process::exit(0);
        }
        usual(panic);
    }));
}

fn dispatch(cli: Cli, language: Language) -> Result<Done, Failure> {
    let context = settings::Context { global: cli.global, language, variables: variables() };
    match cli.command {
        Command::Demo(options) => demo::demo(&context, &options),
        Command::Drill(options) => drill::drill(&context, &options),
        Command::Status => status::status(&context),
        Command::Digest(options) => digest::digest(&context, &options),
        Command::Report(options) => digest::report(&context, &options),
        Command::Backtest(options) => backtest::backtest(&context, &options),
        Command::Search(options) => search::search(&context, &options),
        Command::Alert(command) => alert::alert(&context, &command),
        Command::Topic(command) => topic::topic(&context, &command),
        Command::Init(options) => init::init(&context, &options),
        Command::Check(options) => check::check(&context, &options),
        Command::Source(command) => source::source(&context, &command),
        Command::Mail(command) => mail::mail(&context, &command),
        Command::Channel(command) => channel::channel(&context, &command),
        Command::Import(options) => import::import(&context, &options),
        Command::Inspect(options) => inspect::inspect(&context, &options),
        Command::Run(options) => run::run(&context, &options),
        Command::Concern(command) => concern::concern(&context, &command),
        Command::Cert(options) => cert::cert(&context, &options),
        Command::User(command) => user::user(&context, &command),
        Command::Tune(options) => tune::tune(&context, &options),
        Command::Calibrate(options) => calibrate::calibrate(&context, &options),
        Command::Reindex => reindex::reindex(&context),
        Command::Privacy => privacy::privacy(&context),
        Command::Doctor => doctor::doctor(&context),
    }
}

/// One variable of the environment: only the command line asks for it.
#[expect(clippy::disallowed_methods, reason = "the command line is where the environment comes in")]
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The proxies that the environment names.
fn proxies(context: &settings::Context) -> Result<Proxies, Failure> {
    Proxies::of_variables(environment).map_err(|(variable, why)| {
        let heading = context.say("环境变量", "the environment variable");
        Failure::Usage(format!("{heading} {variable}: {}", context.words(&why)))
    })
}

/// The outgoing HTTP.
fn fetcher(context: &settings::Context, config: &config::Config) -> Result<crawler::fetch::Fetcher, Failure> {
    crate::orders::fetcher(config, proxies(context)?).map_err(|error| Failure::Outside(format!("{error:#}")))
}

/// The moment a command is given: only the command line and the daemon ask.
#[expect(clippy::disallowed_methods, reason = "the command line is where time comes in")]
fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

/// The variables that override single settings.
fn variables() -> std::collections::BTreeMap<String, String> {
    std::env::vars().filter(|(name, _)| name.starts_with("GUANLAN_")).collect()
}
