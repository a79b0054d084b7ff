//! Mends what can be mended without asking: the charset and full-width punctuation outside strings.
//! Everything else stays as it was written, layout and remarks included. Mending twice is harmless.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use alerts::message::Language;

use crate::document::Document;
use crate::encoding::{self, Decoded, UNKNOWN};
use crate::punctuation;

/// One thing that was mended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The file was in another charset and is now UTF-8.
    Charset {
        /// The charset it was in.
        from: &'static str,
    },
    /// Full-width characters became ASCII.
    Punctuation {
        /// Line, from 1.
        line: usize,
        /// As written.
        written: String,
        /// As it is now.
        meant: String,
    },
}

/// A mended file: what was done, and where the old one is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fixed {
    /// What was mended, from top to bottom.
    pub changes: Vec<Change>,
    /// Copy of the file as it was.
    pub copy: PathBuf,
}

/// Mends a file in place and keeps a copy beside it; `None` if there was nothing to mend.
pub fn fix(path: &Path) -> io::Result<Option<Fixed>> {
    let bytes = fs::read(path)?;
    let Some((mended, changes)) = mend(&bytes) else { return Ok(None) };
    let copy = free_name(path)?;
    fs::copy(path, &copy)?;
    let mut new = path.as_os_str().to_owned();
    new.push(".new");
    let new = PathBuf::from(new);
    let mut file = fs::File::create(&new)?;
    file.write_all(mended.as_bytes())?;
    file.set_permissions(fs::metadata(path)?.permissions())?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    Ok(Some(Fixed { changes, copy }))
}

/// The text of a file as it should be, and what had to be changed; `None` if nothing had to be.
pub fn mend(bytes: &[u8]) -> Option<(String, Vec<Change>)> {
    let Decoded { text, foreign, .. } = encoding::decode(bytes);
    // Whatever fits no charset at all was damaged earlier; writing it anew would make that final.
    if foreign == Some(UNKNOWN) {
        return None;
    }
    let document = Document::new("", text);
    let replacements = punctuation::scan(&document.text);
    let mut changes: Vec<Change> = foreign.map(|from| Change::Charset { from }).into_iter().collect();
    changes.extend(replacements.iter().map(|replacement| Change::Punctuation {
        line: document.place(&replacement.range).line,
        written: document.text.get(replacement.range.clone()).unwrap_or_default().to_owned(),
        meant: replacement.meant.clone(),
    }));
    (!changes.is_empty()).then(|| (punctuation::mended(&document.text, &replacements), changes))
}

impl Change {
    /// What was done, for people.
    pub fn say(&self, language: Language) -> String {
        match (self, language) {
            (Change::Charset { from }, Language::Chinese) => format!("由 {from} 编码转为 UTF-8"),
            (Change::Charset { from }, Language::English) => format!("converted from {from} to UTF-8"),
            (Change::Punctuation { line, written, meant }, Language::Chinese) => {
                format!("第 {line} 行：{written} 改成 {meant}")
            }
            (Change::Punctuation { line, written, meant }, Language::English) => {
                format!("line {line}: {written} is now {meant}")
            }
        }
    }
}

/// `concerns.toml.bak`, or `.bak2` … : an older copy is never overwritten.
fn free_name(path: &Path) -> io::Result<PathBuf> {
    let name = |ending: String| {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        PathBuf::from(name)
    };
    let names = (1..1000).map(|number| match number {
        1 => name(".bak".to_owned()),
        number => name(format!(".bak{number}")),
    });
    for name in names {
        if !name.try_exists()? {
            return Ok(name);
        }
    }
    Err(io::Error::new(io::ErrorKind::AlreadyExists, "there are 999 copies (.bak) already: delete some"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_mended_once_and_the_old_one_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("concerns.toml");
        let written = "# 说明，“保留”\r\n[[concern]]\r\nname ＝ “供水”   # 名称：水\r\nwords = [\"停水\"，\"水质，差\"]\r\n";
        let (gbk, _, _) = encoding_rs::GBK.encode(written);
        fs::write(&path, &gbk).unwrap();
        let fixed = fix(&path).unwrap().unwrap();
        let said: Vec<String> = fixed.changes.iter().map(|change| change.say(Language::Chinese)).collect();
        assert_eq!(
            said,
            [
                "由 GBK 编码转为 UTF-8",
                "第 3 行：＝ 改成 =",
                "第 3 行：“ 改成 \"",
                "第 3 行：” 改成 \"",
                "第 4 行：， 改成 ,",
            ]
        );
        assert_eq!(
            fs::read_to_string(&path).unwrap(),
            "# 说明，“保留”\r\n[[concern]]\r\nname = \"供水\"   # 名称：水\r\nwords = [\"停水\",\"水质，差\"]\r\n"
        );
        assert_eq!(fs::read(&fixed.copy).unwrap(), gbk.as_ref());
        assert_eq!(fix(&path).unwrap(), None);
        fs::write(&path, "a ＝ 1").unwrap();
        assert_eq!(fix(&path).unwrap().unwrap().copy, folder.path().join("concerns.toml.bak2"));
    }

    #[test]
    fn a_damaged_file_is_left_alone() {
        let damaged = b"a = \"\xff\xff\xfe\" \xa1";
        assert_eq!(mend(damaged), None);
        // Two charsets in one file: read as GBK, all that is right would be spoilt.
        let (gbk, _, _) = encoding_rs::GBK.encode("words = [\"断水\"]");
        let mixed = [b"[[concern]]\nname = \"\xe4\xbe\x9b\xe6\xb0\xb4\xe6\xb0\xb4\xe8\xb4\xa8\xe5\xb0\x8f\xe5\x8c\xba\"\n", gbk.as_ref()].concat();
        assert_eq!(mend(&mixed), None);
        let decoded = encoding::decode(&mixed);
        let line = Document::new("", decoded.text).place(&(decoded.broken_at..decoded.broken_at)).line;
        assert_eq!((decoded.foreign, line), (Some(UNKNOWN), 3));
    }
}
