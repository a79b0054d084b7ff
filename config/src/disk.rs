//! What only the disk can tell about the settings: files that are missing, or open to everybody.

use std::fs;
use std::io;
use std::path::Path;

use crate::document::Place;
use crate::problem::{Problem, Severity, Words};
use crate::secret::{Secret, SecretError};

pub(crate) fn unreadable(path: &Path, error: &io::Error) -> Problem {
    let path = path.display();
    let (message, help) = match error.kind() {
        io::ErrorKind::NotFound => (
            Words::new(format!("没有文件 {path}"), format!("there is no file {path}")),
            Words::new("运行 guanlan init 生成", "guanlan init writes it"),
        ),
        _ => (
            Words::new(format!("读不了 {path}：{error}"), format!("cannot read {path}: {error}")),
            Words::new("检查文件的权限", "look at the permissions of the file"),
        ),
    };
    let label = Words::new("这个文件", "this file");
    Problem { severity: Severity::Error, code: "unreadable", place: None, message, label, help: Some(help) }
}

/// A password file must be there, hold something, and be closed to others. It is read and forgotten.
pub(crate) fn check_password_file(path: &Path, place: Option<Place>) -> Option<Problem> {
    let shown = path.display();
    let (severity, code, message, help) = match Secret::read(path) {
        Err(SecretError::Empty { .. }) => (
            Severity::Error,
            "empty-password-file",
            Words::new(format!("{shown} 是空的"), format!("{shown} is empty")),
            Words::new("把授权码写进去，单独一行", "put the authorisation code in it, alone on one line"),
        ),
        Err(SecretError::Unreadable { error, .. }) => (
            Severity::Error,
            "no-password-file",
            Words::new(
                format!("读不了 {shown}：{}", in_chinese(&error)),
                format!("cannot read {shown}: {error}"),
            ),
            Words::new(
                "新建这个文件，里面只写授权码",
                "make this file; it holds the authorisation code alone",
            ),
        ),
        Ok(_) if is_open_to_all(path) => (
            Severity::Warning,
            "open-password-file",
            Words::new(
                format!("{shown} 里有密码，但谁都能读"),
                format!("{shown} holds a password and everybody can read it"),
            ),
            Words::new(format!("运行 chmod 600 {shown}"), format!("run chmod 600 {shown}")),
        ),
        Ok(_) => return None,
    };
    let label = Words::new("这个文件", "this file");
    Some(Problem { severity, code, place, message, label, help: Some(help) })
}

fn in_chinese(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "没有这个文件".to_owned(),
        io::ErrorKind::PermissionDenied => "没有权限".to_owned(),
        _ => error.to_string(),
    }
}

#[cfg(unix)]
fn is_open_to_all(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o004 != 0)
}

#[cfg(not(unix))]
fn is_open_to_all(_: &Path) -> bool {
    false
}
