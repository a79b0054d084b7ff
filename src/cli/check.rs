//! `guanlan check`: everything that is wrong with the configuration, at once; `--fix` mends what it can.

use std::path::{Path, PathBuf};

use alerts::format;
use alerts::message::Language;
use clap::Args;
use config::Report;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::json;

use super::exit::{Done, Failure};
use super::settings::Context;
use super::{DEFAULT_CONFIG, now};
use crate::reload::version;
use crate::socket::{Line, Reply, Request};

#[derive(Args, Debug)]
pub(super) struct Options {
    #[arg(long)]
    fix: bool,
}

/// Prints the report; the answer is "no" when something was found.
pub(super) fn check(context: &Context, options: &Options) -> Result<Done, Failure> {
    let path = context.config_file().unwrap_or_else(|| PathBuf::from(DEFAULT_CONFIG));
    if options.fix {
        for file in [path.clone(), path.with_file_name(config::CONCERNS)] {
            fix(context, &file)?;
        }
    }
    let loaded = config::load(&path, &context.variables);
    let zone = &loaded.config.site.zone;
    let folder = context.global.data_dir.as_ref().unwrap_or(&loaded.config.site.data_dir);
    let service = Service::ask(folder, (&version(&path), loaded.report.errors() == 0));
    if context.global.json {
        let problems = &loaded.report.problems;
        println!("{}", json!({ "schema": "guanlan.check/1", "problems": problems, "service": service }));
    } else {
        print!("{}", text(context, &loaded.report));
        service.iter().for_each(|service| println!("{}", service.told(context, (&version(&path), zone))));
    }
    Ok(if loaded.report.problems.is_empty() { Done::Yes } else { Done::No })
}

fn text(context: &Context, report: &Report) -> String {
    if report.problems.is_empty() {
        format!("{}\n", report.summary(context.language))
    } else {
        report.draw(context.language)
    }
}

fn fix(context: &Context, path: &Path) -> Result<(), Failure> {
    if !path.exists() {
        return Ok(());
    }
    let fixed = config::fix(path).map_err(|error| Failure::Usage(format!("{}: {error}", path.display())))?;
    let Some(fixed) = fixed else { return Ok(()) };
    let kept = context.say("原文件留在", "the old file is kept as");
    println!("{}（{kept} {}）", path.display(), fixed.copy.display());
    for change in &fixed.changes {
        println!("  {}", change.say(context.language));
    }
    Ok(())
}

/// What the running service has in force.
#[derive(Debug, Serialize)]
struct Service {
    version: String,
    since: Option<Timestamp>,
    /// What was changed and waits for a restart.
    restart: Vec<String>,
}

impl Service {
    /// Asks the service of that folder, if one runs; files without errors are given the time to be taken over.
    fn ask(folder: &Path, (wanted, is_right): (&str, bool)) -> Option<Service> {
        let wanted = is_right.then(|| wanted.to_owned());
        // One of another version does not know the question.
        match Line::connect(folder).ok()?.ask(&Request::InForce { wanted }) {
            Ok(Reply::InForce { version, since, restart }) if !version.is_empty() => {
                Some(Service { version, since, restart })
            }
            _ => None,
        }
    }

    fn told(&self, context: &Context, (wanted, zone): (&str, &TimeZone)) -> String {
        let since = self.since.map(|since| format::moment(since, now(), zone, context.language));
        let (version, since) = (&self.version, since.unwrap_or_default());
        let joint = context.say("、", ", ");
        match (context.language, self.version == wanted, self.restart.join(joint)) {
            (Language::Chinese, false, _) => format!("服务仍在使用 {since} 的版本 {version}。"),
            (Language::English, false, _) => {
                format!("The running service still uses version {version} of {since}.")
            }
            (Language::Chinese, true, waits) if waits.is_empty() => {
                format!("服务已在使用这个版本（{version}，{since} 起）。")
            }
            (Language::English, true, waits) if waits.is_empty() => {
                format!("The running service uses this version ({version}, since {since}).")
            }
            (Language::Chinese, true, waits) => {
                format!("服务已在使用这个版本（{version}），但这些修改要重启 guanlan run 才生效：{waits}。")
            }
            (Language::English, true, waits) => format!(
                "The running service uses this version ({version}), but these changes wait for a restart of guanlan run: {waits}."
            ),
        }
    }
}
