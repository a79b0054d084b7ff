//! What is wrong with the files, as it is found, and what has to be looked at later: on the disk, or in
//! the other file.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use crate::document::Place;
use crate::environment::Environment;
use crate::problem::{Mistake, Problem, Said, Severity, Words};
use crate::section::{At, nearest};

/// What has been noted so far, and the environment that overrides the files.
pub(crate) struct Notes<'a> {
    problems: RefCell<Vec<Problem>>,
    /// Where the password file is named, for a check that needs the disk.
    password_file: RefCell<Option<Place>>,
    /// Files with tokens, and where they are named.
    token_files: RefCell<Vec<(PathBuf, Place)>>,
    /// Files with keys, what each holds, and where they are named.
    key_files: RefCell<Vec<(KeyFile, PathBuf, Place)>>,
    /// Ids of concerns that the administrator's file names, for a check once the clerk's is read.
    concerns: RefCell<Vec<(String, Place)>>,
    pub(crate) environment: &'a Environment<'a>,
}

/// Where files with secrets are named, for checks that need the disk.
pub(crate) struct SecretFiles {
    pub(crate) password: Option<Place>,
    pub(crate) tokens: Vec<(PathBuf, Place)>,
    pub(crate) keys: Vec<(KeyFile, PathBuf, Place)>,
}

/// What a file beside the configuration holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyFile {
    /// The address of a channel, which is its key.
    Address,
    /// The key of a channel's signature.
    Signature,
    /// The private key with which mails are signed.
    Dkim,
    /// The secret with which the pages ask a provider of logins.
    Client,
    /// Certificates of further authorities, which are no secret.
    Authorities,
}

impl<'a> Notes<'a> {
    pub(crate) fn new(environment: &'a Environment<'a>) -> Notes<'a> {
        Notes {
            problems: RefCell::default(),
            password_file: RefCell::default(),
            token_files: RefCell::default(),
            key_files: RefCell::default(),
            concerns: RefCell::default(),
            environment,
        }
    }

    pub(crate) fn error(&self, at: &At<'a>, mistake: Mistake) {
        self.note(Severity::Error, at.document.place(&at.span), mistake);
    }

    pub(crate) fn warning(&self, at: &At<'a>, mistake: Mistake) {
        self.note(Severity::Warning, at.document.place(&at.span), mistake);
    }

    pub(crate) fn add(&self, problem: Problem) {
        self.problems.borrow_mut().push(problem);
    }

    pub(crate) fn remember_password_file(&self, at: &At<'a>) {
        *self.password_file.borrow_mut() = Some(at.document.place(&at.span));
    }

    pub(crate) fn remember_token_file(&self, path: &Path, at: &At<'a>) {
        self.token_files.borrow_mut().push((path.to_owned(), at.document.place(&at.span)));
    }

    pub(crate) fn remember_key_file(&self, kind: KeyFile, path: &Path, at: &At<'a>) {
        self.key_files.borrow_mut().push((kind, path.to_owned(), at.document.place(&at.span)));
    }

    pub(crate) fn remember_concern(&self, id: &str, at: &At<'a>) {
        self.concerns.borrow_mut().push((id.to_owned(), at.document.place(&at.span)));
    }

    /// Notes every id of a concern that is none of these.
    pub(crate) fn check_concerns(&self, known: &[&str]) {
        let named = self.concerns.borrow();
        for (id, place) in named.iter().filter(|(id, _)| !known.contains(&id.as_str())) {
            let message =
                Words::new(format!("没有编号为“{id}”的关切"), format!("there is no concern \"{id}\""));
            let label = Words::new("用 concerns.toml 里的 id", "use an id of concerns.toml");
            let mistake = Mistake::new("unknown-concern", message, label);
            let mistake = match nearest(id, known.iter().copied()) {
                Some(near) => {
                    mistake.help(format!("你是不是想写“{near}”？"), format!("did you mean \"{near}\"?"))
                }
                None => mistake,
            };
            self.note(Severity::Error, place.clone(), mistake);
        }
    }

    /// All problems, and where the files with secrets are named.
    pub(crate) fn into_inner(self) -> (Vec<Problem>, SecretFiles) {
        let secrets = SecretFiles {
            password: self.password_file.into_inner(),
            tokens: self.token_files.into_inner(),
            keys: self.key_files.into_inner(),
        };
        (self.problems.into_inner(), secrets)
    }

    fn note(&self, severity: Severity, place: Place, mistake: Mistake) {
        let Mistake { code, said } = mistake;
        let Said { message, label, help } = *said;
        self.add(Problem { severity, code, place: Some(place), message, label, help });
    }
}
