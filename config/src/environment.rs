//! Environment variables that override single settings: `GUANLAN_WEB__LISTEN=0.0.0.0:8417`. The
//! variables arrive as an argument; only the CLI reads the environment.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use toml::de::DeValue;

use crate::document::Document;
use crate::notes::Notes;
use crate::problem::{Mistake, Words};
use crate::section::{At, Item};

/// The variables, each as a small document of its own.
pub(crate) struct Variables {
    documents: Vec<Document>,
    /// `CREDENTIALS_DIRECTORY`, where a service manager hands over secrets.
    credentials: Option<PathBuf>,
}

/// The variables as values.
pub(crate) struct Environment<'a> {
    entries: BTreeMap<Vec<String>, (&'a Document, DeValue<'a>)>,
    pub(crate) credentials: Option<PathBuf>,
    asked: RefCell<BTreeSet<Vec<String>>>,
}

impl Variables {
    /// Picks the settings out of all variables: those that name a section, too.
    pub(crate) fn new(variables: &BTreeMap<String, String>) -> Variables {
        let documents = variables
            .iter()
            .filter(|(name, _)| name.starts_with("GUANLAN_") && name.contains("__"))
            .map(|(name, text)| Document::new(name, text))
            .collect();
        let credentials = variables.get("CREDENTIALS_DIRECTORY").map(PathBuf::from);
        Variables { documents, credentials }
    }

    /// Reads them. A value that is no list, table, number or true/false is text.
    pub(crate) fn read(&self) -> Environment<'_> {
        let entries = self
            .documents
            .iter()
            .map(|document| {
                let path = document.name.trim_start_matches("GUANLAN_").to_lowercase();
                let path = path.split("__").map(str::to_owned).collect();
                let text = document.text.trim();
                let value = match DeValue::parse(text) {
                    Ok(value) if !text.is_empty() => value.into_inner(),
                    _ => DeValue::String(text.into()),
                };
                (path, (document, value))
            })
            .collect();
        Environment { entries, credentials: self.credentials.clone(), asked: RefCell::default() }
    }

    pub(crate) fn into_documents(self) -> Vec<Document> {
        self.documents
    }
}

impl<'a> Environment<'a> {
    /// The value that overrides a setting, if there is one.
    pub(crate) fn get(&'a self, section: &[String], key: &str) -> Option<Item<'a>> {
        let mut path = section.to_vec();
        path.push(key.to_owned());
        let found = self.entries.get(&path);
        self.asked.borrow_mut().insert(path);
        let (document, value) = found?;
        Some(Item { value, at: At { document, span: 0..document.text.len() }, loose: true })
    }

    /// Every setting somebody asked for, as `section.key`.
    #[cfg(test)]
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.borrow().iter().map(|path| path.join(".")).collect()
    }

    /// Notes every variable that no section asked for.
    pub(crate) fn finish(&self, notes: &Notes<'a>) {
        let asked = self.asked.borrow();
        for (path, (document, _)) in &self.entries {
            if asked.contains(path) {
                continue;
            }
            let known = asked.iter().map(|path| variable_name(path));
            let known: Vec<String> = known.collect();
            let near = crate::section::nearest(&document.name, known.iter().map(String::as_str));
            let message = Words::new(
                format!("环境变量 {} 不对应任何一项设置", document.name),
                format!("environment variable {} names no setting", document.name),
            );
            let mistake =
                Mistake::new("unknown-variable", message, Words::new("不认识这个变量", "unknown variable"));
            let mistake = match near {
                Some(near) => mistake.help(format!("你是不是想写 {near}？"), format!("did you mean {near}?")),
                None => mistake.help("不需要就取消这个变量", "unset it if it is not needed"),
            };
            notes.error(&At { document, span: 0..document.text.len() }, mistake);
        }
    }
}

fn variable_name(path: &[String]) -> String {
    format!("GUANLAN_{}", path.join("__").to_uppercase())
}
