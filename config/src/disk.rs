//! What only the disk can tell about the settings: files that are missing, or open to everybody.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::document::Place;
use crate::problem::{Problem, Severity, Words};
use crate::secret::{Secret, SecretError, TokenError};

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

/// Files with tokens of callers: each must be there, hold a token that cannot be guessed, be closed to
/// others, and differ from the others, since the token tells who calls. They are read and forgotten.
pub(crate) fn check_token_files(files: &[(PathBuf, Place)]) -> Vec<Problem> {
    let mut known: Vec<Secret> = Vec::new();
    let mut problems = Vec::new();
    for (path, place) in files {
        let token = Secret::read_token(path);
        let is_known = token.as_ref().is_ok_and(|token| known.contains(token));
        problems.extend(check_token_file(path, place.clone(), &token, is_known));
        known.extend(token);
    }
    problems
}

fn check_token_file(
    path: &Path,
    place: Place,
    token: &Result<Secret, TokenError>,
    is_known: bool,
) -> Option<Problem> {
    let shown = path.display();
    let make = || {
        Words::new(
            format!("运行 (umask 077; openssl rand -hex 32 > {shown})"),
            format!("run (umask 077; openssl rand -hex 32 > {shown})"),
        )
    };
    let (severity, code, message, help) = match token {
        Err(TokenError::Unreadable { error, .. }) => (
            Severity::Error,
            "no-token-file",
            Words::new(
                format!("读不了 {shown}：{}", in_chinese(error)),
                format!("cannot read {shown}: {error}"),
            ),
            make(),
        ),
        Err(TokenError::NoToken { .. }) => (
            Severity::Error,
            "bad-token",
            Words::new(
                format!("{shown} 里没有可用的口令：至少 16 个英文字母和数字，单独一行"),
                format!("{shown} holds no token: at least 16 plain letters and digits, alone on one line"),
            ),
            make(),
        ),
        Ok(_) if is_known => (
            Severity::Error,
            "same-token",
            Words::new(
                format!("{shown} 里的口令别的信源已经用了：口令说明是谁在推送"),
                format!("another source has the token in {shown}: it is the token that tells who calls"),
            ),
            make(),
        ),
        Ok(_) if is_open_to_all(path) => (
            Severity::Warning,
            "open-token-file",
            Words::new(
                format!("{shown} 里有口令，但谁都能读"),
                format!("{shown} holds a token and everybody can read it"),
            ),
            Words::new(format!("运行 chmod 600 {shown}"), format!("run chmod 600 {shown}")),
        ),
        Ok(_) => return None,
    };
    let label = Words::new("这个文件", "this file");
    Some(Problem { severity, code, place: Some(place), message, label, help: Some(help) })
}

pub(crate) fn in_chinese(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "没有这个文件".to_owned(),
        io::ErrorKind::PermissionDenied => "没有权限".to_owned(),
        _ => error.to_string(),
    }
}

#[cfg(unix)]
pub(crate) fn is_open_to_all(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o004 != 0)
}

#[cfg(not(unix))]
pub(crate) fn is_open_to_all(_: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_file_must_hold_a_token_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
            (path, Place { file: "guanlan.toml".into(), line: 1, column: 1, length: 1 })
        };
        let files = [
            file("a", "0123456789abcdef\n"),
            file("b", "0123456789abcdef"),
            file("c", "short"),
            file("d", ""),
            file("e", "口令口令口令口令口令"),
            file("f", "fedcba9876543210"),
        ];
        fs::set_permissions(&files[5].0, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
        let mut all = files.to_vec();
        all.push((folder.path().join("none"), files[0].1.clone()));
        let codes: Vec<&str> = check_token_files(&all).iter().map(|problem| problem.code).collect();
        assert_eq!(
            codes,
            ["same-token", "bad-token", "bad-token", "bad-token", "open-token-file", "no-token-file"]
        );
    }
}
