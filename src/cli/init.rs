//! `guanlan init`: writes the files a new installation starts from, and says what comes next.

use std::path::PathBuf;

use clap::Args;

use super::exit::{Done, Failure};
use super::settings::Context;

#[derive(Args, Debug)]
pub(super) struct Options {
    #[arg(default_value = "/etc/guanlan")]
    dir: PathBuf,
    #[arg(long)]
    org: Option<String>,
}

/// Writes both files and the presets, or nothing.
pub(super) fn init(context: &Context, options: &Options) -> Result<Done, Failure> {
    let [administrator, clerk, presets] = config::init(&options.dir, options.org.as_deref())
        .map_err(|error| Failure::Usage(error.to_string()))?;
    println!(
        "  ✓ {}  {}",
        administrator.display(),
        context.say("系统配置（管理员）", "settings (administrator)")
    );
    println!("  ✓ {}  {}", clerk.display(), context.say("关切词表（业务人员）", "concerns (clerk)"));
    println!(
        "  ✓ {}/  {}",
        presets.display(),
        context.say("现成的信源，供照抄", "presets of sources, to copy from")
    );
    let file = administrator.display();
    println!("{}", context.say("  接下来", "  Next"));
    println!(
        "    1. {}",
        context.say(
            "改 [site] org、[mail]、[people]，从 sources/ 抄来要用的 [[source]]",
            "edit [site] org, [mail], [people]; copy the [[source]]s you want from sources/"
        )
    );
    println!("    2. guanlan -c {file} check");
    println!("    3. guanlan -c {file} source test {}", context.say("信源", "SOURCE"));
    println!("    4. guanlan -c {file} mail test {}", context.say("收件地址", "ADDRESS"));
    println!("    5. guanlan -c {file} user add {} --role admin", context.say("值班室", "OFFICE"));
    println!("    6. guanlan -c {file} run");
    Ok(Done::Yes)
}
