//! Reads the settings of sources that call by themselves: where their tokens are.

use std::path::{Path, PathBuf};

use crawler::source::{Kind, Push};

use crate::problem::{Mistake, Words};
use crate::section::{Found, Item, Section};
use crate::sources::missing;
use crate::value::text;

/// A source that hands posts in.
pub(crate) fn push(
    section: &Section<'_, '_>,
    token_file: Option<Found<'_, PathBuf>>,
    rename: Vec<(String, String)>,
) -> Option<Kind> {
    if section.item("token_file").is_none() {
        missing(section, "token_file", "只放口令的文件", "the file that holds the token alone");
    }
    let token_file = token_file?;
    section.notes().remember_token_file(&token_file.value, &token_file.at);
    Some(Kind::Push(Push { token_file: token_file.value, rename }))
}

/// A path from the root on.
pub(crate) fn absolute_path(item: &Item<'_>) -> Result<PathBuf, Mistake> {
    let path = text(item)?;
    if Path::new(&path).is_absolute() { Ok(PathBuf::from(path)) } else { Err(relative(&path)) }
}

/// The mistake of a path that begins anywhere.
pub(crate) fn relative(path: &str) -> Mistake {
    let message =
        Words::new(format!("“{path}”不是完整的路径"), format!("\"{path}\" is not an absolute path"));
    Mistake::new("relative-path", message, Words::new("从 / 开始写", "begin with /"))
}
