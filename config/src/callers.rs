//! Reads the settings of sources that call by themselves: where their tokens are.

use std::path::{Path, PathBuf};

use crawler::source::{Counts, Kind, Push};

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

/// A source that counts calls.
pub(crate) fn counts<'a>(
    section: &Section<'a, '_>,
    path: Option<Found<'a, String>>,
    token_file: Option<Found<'a, PathBuf>>,
    concerns: Vec<(String, String)>,
) -> Kind {
    if section.item("path").is_none() && section.item("token_file").is_none() {
        let (zh, en) =
            ("计数文件的位置；由对方推送时写 token_file", "the files of counts, or token_file for a caller");
        missing(section, "path", zh, en);
    }
    if let Some(path) = path.as_ref().filter(|path| !Path::new(&path.value).is_absolute()) {
        section.notes().error(&path.at, relative(&path.value));
    }
    if let Some(token_file) = &token_file {
        section.notes().remember_token_file(&token_file.value, &token_file.at);
    }
    if concerns.is_empty() {
        let zh = "类别和关切编号，例如 { \"供水\" = \"water\" }";
        missing(section, "concerns", zh, "categories and concern ids, such as { \"供水\" = \"water\" }");
    }
    let (path, token_file) = (path.map(|path| path.value), token_file.map(|file| file.value));
    Kind::Counts(Counts { path, token_file, concerns })
}

/// `concerns = { "供水" = "water" }`: a category and the id of the concern it belongs to.
pub(crate) fn categories(section: &Section<'_, '_>) -> Vec<(String, String)> {
    let mut categories = Vec::new();
    for (category, item) in section.entries() {
        match text(&item) {
            Ok(concern) => {
                section.notes().remember_concern(&concern, &item.at);
                categories.push((category.value, concern));
            }
            Err(mistake) => section.notes().error(&item.at, mistake),
        }
    }
    categories
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
