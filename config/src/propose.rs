//! Adds one concern to the clerk's file: what is there stays as it is, byte by byte, and a file that could not
//! be read afterwards is not written.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::init::quoted;
use crate::problem::Severity;
use crate::read::{CONCERNS, File, read};

/// A concern that somebody proposes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its word list.
    pub words: Vec<String>,
    /// Where it comes from, as a remark.
    pub remark: String,
}

/// Why a concern was not added.
#[derive(Debug, thiserror::Error)]
pub enum ProposeError {
    /// The file can't be read or written.
    #[error("{path}: {error}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// There is a concern of that id or name already.
    #[error("{0} is in the file already")]
    Known(String),
    /// The file has errors, or would have.
    #[error("{0}: has errors, or would have; see guanlan check")]
    Wrong(PathBuf),
}

impl Proposal {
    /// The concern as it stands in the file.
    pub fn toml(&self) -> String {
        let words: String = self.words.iter().map(|word| format!("  {},\n", quoted(word))).collect();
        let remark: String = self.remark.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let (id, name) = (quoted(&self.id), quoted(&self.name));
        format!("# {remark}\n[[concern]]\nid    = {id}\nname  = {name}\nwords = [\n{words}]\n")
    }

    /// Adds it to the end of the clerk's file beside the administrator's.
    ///
    /// # Errors
    /// See [`ProposeError`]; the file is then as it was.
    pub fn add_to(&self, administrator: &Path) -> Result<PathBuf, ProposeError> {
        let path = administrator.with_file_name(CONCERNS);
        let file_error = |error| ProposeError::File { path: path.clone(), error };
        let before = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            read => read.map_err(file_error)?,
        };
        let understood = |bytes: Vec<u8>| {
            let loaded = read(None, Some(&File { name: CONCERNS.to_owned(), bytes }), &BTreeMap::new());
            let is_sound = loaded.report.problems.iter().all(|problem| problem.severity != Severity::Error);
            is_sound.then_some(loaded.config.concerns)
        };
        let known = if before.is_empty() { Some(Vec::new()) } else { understood(before.clone()) };
        let known = known.ok_or_else(|| ProposeError::Wrong(path.clone()))?;
        if let Some(same) = known.iter().find(|concern| concern.id == self.id || concern.name == self.name) {
            return Err(ProposeError::Known(same.name.clone()));
        }
        let mut after = before;
        if !after.is_empty() && !after.ends_with(b"\n") {
            after.push(b'\n');
        }
        after.extend_from_slice(format!("\n{}", self.toml()).as_bytes());
        if understood(after.clone()).is_none_or(|concerns| concerns.len() != known.len() + 1) {
            return Err(ProposeError::Wrong(path.clone()));
        }
        replace(&path, &after).map_err(file_error)?;
        Ok(path)
    }
}

/// Writes a new file and puts it in the old one's place, with the old one's rights.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let fresh = folder.join(format!(".{CONCERNS}.new"));
    let mut file = fs::File::create(&fresh)?;
    file.write_all(bytes)?;
    if let Ok(old) = fs::metadata(path) {
        file.set_permissions(old.permissions())?;
    }
    file.sync_all()?;
    fs::rename(&fresh, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proposal(name: &str) -> Proposal {
        Proposal {
            id: "topic-t7k3qm".to_owned(),
            name: name.to_owned(),
            words: vec!["返京 隔离".to_owned(), "返京 \\\"核酸".to_owned()],
            remark: "来自新话题\n[[concern]]".to_owned(),
        }
    }

    #[test]
    fn a_concern_is_added_behind_what_was_there_and_only_once() {
        let folder = tempfile::tempdir().unwrap();
        let administrator = folder.path().join("guanlan.toml");
        let before = "# 我的词表\r\n[[concern]]\nname = \"停水\"\nwords = [\"停水\"]";
        fs::write(folder.path().join(CONCERNS), before).unwrap();
        let plain = Proposal { words: vec!["返京 隔离".to_owned()], ..proposal("返京\"隔离") };
        let path = plain.add_to(&administrator).unwrap();
        let after = fs::read_to_string(&path).unwrap();
        assert!(after.starts_with(before), "{after}");
        let loaded =
            read(None, Some(&File { name: CONCERNS.to_owned(), bytes: after.into() }), &BTreeMap::new());
        let names: Vec<&str> = loaded.config.concerns.iter().map(|concern| concern.name.as_str()).collect();
        assert_eq!(names, ["停水", "返京\"隔离"]);
        assert!(matches!(plain.add_to(&administrator), Err(ProposeError::Known(_))));
    }

    #[test]
    fn a_file_that_would_be_wrong_is_left_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let administrator = folder.path().join("guanlan.toml");
        // A quotation mark in a word list is an error of the clerk's file.
        assert!(matches!(proposal("返京").add_to(&administrator), Err(ProposeError::Wrong(_))));
        assert!(!folder.path().join(CONCERNS).exists());
        fs::write(folder.path().join(CONCERNS), "[[concern]\n").unwrap();
        let plain = Proposal { words: vec!["返京 隔离".to_owned()], ..proposal("返京") };
        assert!(matches!(plain.add_to(&administrator), Err(ProposeError::Wrong(_))));
        assert_eq!(fs::read_to_string(folder.path().join(CONCERNS)).unwrap(), "[[concern]\n");
    }
}
