//! A password or token read from a file of its own. Never printed, and never part of the settings.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// Shorter tokens can be guessed.
const SHORTEST_TOKEN: usize = 16;

/// A password, authorisation code or token.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

/// Why a password could not be read.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The file cannot be opened.
    #[error("cannot read the password file {path}: {error}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The file is there and holds nothing.
    #[error("the password file {path} is empty: put the authorisation code in it, alone on one line")]
    Empty {
        /// The file.
        path: PathBuf,
    },
}

/// Why a caller's token could not be read.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The file cannot be opened.
    #[error("cannot read the token file {path}: {error}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The file holds nothing, something that no caller could send, or something anybody could guess.
    #[error("the token file {path} holds no token: at least 16 plain letters and digits, alone on one line")]
    NoToken {
        /// The file.
        path: PathBuf,
    },
}

impl Secret {
    /// Reads a password file. Blanks around the password are no part of it: a no-break space pasted
    /// with it is the most usual reason why a mail server refuses it.
    pub fn read(path: &Path) -> Result<Secret, SecretError> {
        let bytes =
            fs::read(path).map_err(|error| SecretError::Unreadable { path: path.to_owned(), error })?;
        let text = crate::encoding::decode(&bytes).text;
        let is_blank = |character: char| {
            character.is_whitespace()
                || character.is_control()
                || "\u{200B}\u{FEFF}\u{2060}".contains(character)
        };
        let secret = text.trim_matches(is_blank);
        if secret.is_empty() {
            return Err(SecretError::Empty { path: path.to_owned() });
        }
        Ok(Secret(secret.to_owned()))
    }

    /// Reads the file of a caller's token: at least sixteen visible ASCII characters, since it travels in
    /// a header and must not be guessed.
    pub fn read_token(path: &Path) -> Result<Secret, TokenError> {
        let token = Secret::read(path).map_err(|error| match error {
            SecretError::Unreadable { path, error } => TokenError::Unreadable { path, error },
            SecretError::Empty { path } => TokenError::NoToken { path },
        })?;
        let is_token = token.0.len() >= SHORTEST_TOKEN && token.0.bytes().all(|byte| byte.is_ascii_graphic());
        if is_token { Ok(token) } else { Err(TokenError::NoToken { path: path.to_owned() }) }
    }

    /// Whether this is what somebody presents. Digests are compared, so that the time it takes says nothing
    /// about where the two begin to differ.
    pub fn is(&self, presented: &str) -> bool {
        Sha256::digest(self.0.as_bytes()) == Sha256::digest(presented.as_bytes())
    }

    /// The password itself, for the one who logs in with it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_around_a_password_are_no_part_of_it_and_it_is_never_printed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("smtp.secret");
        fs::write(&path, "\u{FEFF}\u{a0} ab cd\u{a0}\r\n").unwrap();
        let secret = Secret::read(&path).unwrap();
        assert_eq!(secret.expose(), "ab cd");
        assert_eq!(format!("{secret:?}"), "***");
        assert!(secret.is("ab cd") && !secret.is("ab c") && !secret.is("ab cdd"));
        assert!(matches!(Secret::read_token(&path), Err(TokenError::NoToken { .. })));
        fs::write(&path, " \n").unwrap();
        assert!(matches!(Secret::read(&path), Err(SecretError::Empty { .. })));
        assert!(matches!(Secret::read(folder.path()), Err(SecretError::Unreadable { .. })));
    }
}
