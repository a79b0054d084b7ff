//! What only the disk can tell about files with keys: channels, signatures, authorities. Each must be there, hold
//! what it should, and be closed to others where it is a secret. They are read and forgotten.

use std::path::{Path, PathBuf};

use alerts::dkim::Signer;

use crate::disk::{in_chinese, is_open_to_all};
use crate::document::Place;
use crate::notes::KeyFile;
use crate::problem::{Problem, Severity, Words};
use crate::secret::{Secret, SecretError};

/// What is wrong with these files.
pub(crate) fn check(files: &[(KeyFile, PathBuf, Place)]) -> Vec<Problem> {
    files.iter().filter_map(|(kind, path, place)| check_one(*kind, path, place.clone())).collect()
}

fn check_one(kind: KeyFile, path: &Path, place: Place) -> Option<Problem> {
    let shown = path.display();
    let (severity, code, message, help) = match Secret::read(path) {
        Err(SecretError::Unreadable { error, .. }) => (
            Severity::Error,
            "no-key-file",
            Words::new(
                format!("读不了 {shown}：{}", in_chinese(&error)),
                format!("cannot read {shown}: {error}"),
            ),
            holds(kind),
        ),
        Err(SecretError::Empty { .. }) => (
            Severity::Error,
            "empty-key-file",
            Words::new(format!("{shown} 是空的"), format!("{shown} is empty")),
            holds(kind),
        ),
        Ok(key) if !fits(kind, key.expose()) => (
            Severity::Error,
            "bad-key-file",
            Words::new(format!("{shown} 里的内容用不了"), format!("what {shown} holds cannot be used")),
            holds(kind),
        ),
        Ok(_) if kind != KeyFile::Authorities && is_open_to_all(path) => (
            Severity::Warning,
            "open-key-file",
            Words::new(
                format!("{shown} 里有密钥，但谁都能读"),
                format!("{shown} holds a key and everybody can read it"),
            ),
            Words::new(format!("运行 chmod 600 {shown}"), format!("run chmod 600 {shown}")),
        ),
        Ok(_) => return None,
    };
    let label = Words::new("这个文件", "this file");
    Some(Problem { severity, code, place: Some(place), message, label, help: Some(help) })
}

/// Whether the content is of its kind; a key that signs anything at all cannot be told from a wrong one.
fn fits(kind: KeyFile, content: &str) -> bool {
    match kind {
        KeyFile::Address => {
            url::Url::parse(content).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
        }
        KeyFile::Signature | KeyFile::Client => content.lines().count() == 1,
        KeyFile::Dkim => Signer::new("example.org", "check", content.as_bytes()).is_ok(),
        KeyFile::Authorities => content.contains("-----BEGIN CERTIFICATE-----"),
    }
}

fn holds(kind: KeyFile) -> Words {
    match kind {
        KeyFile::Address => Words::new(
            "里面只写机器人的完整地址（https://…），单独一行",
            "it holds the robot's whole address (https://…) alone on one line",
        ),
        KeyFile::Signature => Words::new(
            "里面只写签名用的密钥，单独一行",
            "it holds the key of the signature alone on one line",
        ),
        KeyFile::Client => Words::new(
            "里面只写统一登录给的客户端密钥，单独一行",
            "it holds the client's secret that the provider gave, alone on one line",
        ),
        KeyFile::Dkim => Words::new(
            "要 PEM 格式的私钥：2048 位以上的 RSA，或 Ed25519（做法见 docs/mail.md）",
            "it must be a private key in PEM: RSA of 2048 bits or more, or Ed25519 (docs/mail.md says how)",
        ),
        KeyFile::Authorities => Words::new(
            "要 PEM 格式的证书（-----BEGIN CERTIFICATE-----）",
            "it must hold certificates in PEM (-----BEGIN CERTIFICATE-----)",
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_key_file_must_be_there_hold_its_kind_of_key_and_be_closed_to_others() {
        let folder = tempfile::tempdir().unwrap();
        let mut number = 0;
        let mut code = |kind, content: Option<&str>, mode| {
            number += 1;
            let path = folder.path().join(number.to_string());
            if let Some(content) = content {
                fs::write(&path, content).unwrap();
                fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            }
            let place = Place { file: "guanlan.toml".into(), line: 1, column: 1, length: 1 };
            let problem = check_one(kind, &path, place)?;
            assert!(!problem.message.zh.contains("hunter2") && !problem.message.en.contains("hunter2"));
            Some(problem.code)
        };
        let (robot, key) = ("https://oapi.dingtalk.example/robot?access_token=hunter2\n", "SEChunter2\n");
        assert_eq!(code(KeyFile::Address, Some(robot), 0o600), None);
        assert_eq!(code(KeyFile::Address, Some("hunter2"), 0o600), Some("bad-key-file"));
        assert_eq!(code(KeyFile::Address, Some(robot), 0o644), Some("open-key-file"));
        assert_eq!(code(KeyFile::Signature, Some(key), 0o600), None);
        assert_eq!(code(KeyFile::Signature, Some(" \n"), 0o600), Some("empty-key-file"));
        assert_eq!(code(KeyFile::Signature, None, 0o600), Some("no-key-file"));
        let made = std::process::Command::new("openssl").args(["genpkey", "-algorithm", "ed25519"]).output();
        let pem = String::from_utf8(made.unwrap().stdout).unwrap();
        assert_eq!(code(KeyFile::Dkim, Some(&pem), 0o600), None);
        let cut = pem.lines().take(1).collect::<String>();
        assert_eq!(code(KeyFile::Dkim, Some(&cut), 0o600), Some("bad-key-file"));
        let authority = "-----BEGIN CERTIFICATE-----\n…\n-----END CERTIFICATE-----\n";
        assert_eq!(code(KeyFile::Authorities, Some(authority), 0o644), None);
        assert_eq!(code(KeyFile::Authorities, Some("PK"), 0o644), Some("bad-key-file"));
    }
}
