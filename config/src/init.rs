//! Writes the two files a new installation starts from, and the presets of sources to copy from. Never
//! overwrites anything.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::read::CONCERNS;

/// Name of the administrator's file.
pub const ADMINISTRATOR: &str = "guanlan.toml";

/// Name of the folder with the presets. Nothing reads it: what is wanted of it is copied.
pub const PRESETS_FOLDER: &str = "sources";

/// Stands in the shipped example for the organisation's name.
const ORG: &str = "org      = \"某某市\"";

/// Why the files were not written.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// One of them is there already.
    #[error("{0} exists already and is left as it is: delete or rename it first, or choose another folder")]
    Exists(PathBuf),
    /// The folder or a file cannot be written.
    #[error("cannot write {path}: {error}")]
    Write {
        /// The folder or file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
}

/// Writes `guanlan.toml`, `concerns.toml` and a folder of presets into a folder and tells their paths, in
/// this order. A preset that is there already is left as it is.
pub fn init(folder: &Path, org: Option<&str>) -> Result<[PathBuf; 3], InitError> {
    let paths = [folder.join(ADMINISTRATOR), folder.join(CONCERNS)];
    if let Some(path) = paths.iter().find(|path| path.exists()) {
        return Err(InitError::Exists(path.clone()));
    }
    let presets = folder.join(PRESETS_FOLDER);
    fs::create_dir_all(&presets).map_err(|error| InitError::Write { path: presets.clone(), error })?;
    let administrator = match org {
        Some(org) => crate::EXAMPLE.replacen(ORG, &format!("org      = {}", quoted(org)), 1),
        None => crate::EXAMPLE.to_owned(),
    };
    for (path, text) in paths.iter().zip([administrator.as_str(), crate::FIRST_CONCERNS]) {
        write_new(path, text).map_err(|error| InitError::Write { path: path.clone(), error })?;
    }
    for (name, text) in crate::PRESETS {
        let path = presets.join(name);
        match write_new(&path, text) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(InitError::Write { path, error });
            }
            _ => {}
        }
    }
    let [administrator, clerk] = paths;
    Ok([administrator, clerk, presets])
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// A name as a TOML string.
pub fn quoted(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    format!("\"{}\"", plain.trim().replace('\\', "\\\\").replace('"', "\\\""))
}
