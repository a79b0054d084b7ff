//! `guanlan check`: everything that is wrong with the configuration, at once; `--fix` mends what it can.

use std::path::{Path, PathBuf};

use clap::Args;
use config::Report;
use serde_json::json;

use super::DEFAULT_CONFIG;
use super::exit::{Done, Failure};
use super::settings::Context;

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
    if context.global.json {
        println!("{}", json!({ "schema": "guanlan.check/1", "problems": loaded.report.problems }));
    } else {
        print!("{}", text(context, &loaded.report));
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
