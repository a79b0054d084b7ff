//! From the two files to one value and one report.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use toml::de::DeTable;

use crate::document::Document;
use crate::encoding::{UNKNOWN, decode};
use crate::environment::Variables;
use crate::notes::{Notes, SecretFiles};
use crate::problem::{Mistake, Report, Words};
use crate::section::{At, Section};
use crate::settings::Config;
use crate::syntax::{self, Meant};
use crate::{administrator, clerk, disk, keys};

/// Name of the clerk's file, beside the administrator's.
pub const CONCERNS: &str = "concerns.toml";

/// One file as it lies on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Name shown to people.
    pub name: String,
    /// Its bytes, in whatever charset.
    pub bytes: Vec<u8>,
}

/// What was understood, and everything that is wrong with it.
#[derive(Clone, Debug, PartialEq)]
pub struct Loaded {
    /// The settings; to be used only if the report holds no error.
    pub config: Config,
    /// Every problem.
    pub report: Report,
}

/// Loads the administrator's file and `concerns.toml` beside it. `variables` is the environment:
/// `GUANLAN_WEB__LISTEN` and the like override the file.
pub fn load(administrator: &Path, variables: &BTreeMap<String, String>) -> Loaded {
    let mut problems = Vec::new();
    let clerk: PathBuf = administrator.with_file_name(CONCERNS);
    let mut open = |path: &Path| {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        match fs::read(path) {
            Ok(bytes) => Some(File { name, bytes }),
            Err(error) => {
                problems.push(disk::unreadable(path, &error));
                None
            }
        }
    };
    let (administrator, clerk) = (open(administrator), open(&clerk));
    let (mut loaded, secrets) = understand(administrator.as_ref(), clerk.as_ref(), variables);
    loaded.report.problems.splice(0..0, problems);
    if let Some(smtp) = &loaded.config.mail.smtp
        && let Some(path) = &smtp.password_file
    {
        loaded.report.problems.extend(disk::check_password_file(path, secrets.password));
    }
    loaded.report.problems.extend(disk::check_token_files(&secrets.tokens));
    loaded.report.problems.extend(keys::check(&secrets.keys));
    loaded
}

/// Reads the two files from memory; a file that is `None` reads as an empty one.
pub fn read(
    administrator: Option<&File>,
    clerk: Option<&File>,
    variables: &BTreeMap<String, String>,
) -> Loaded {
    understand(administrator, clerk, variables).0
}

fn understand(
    administrator: Option<&File>,
    clerk: Option<&File>,
    variables: &BTreeMap<String, String>,
) -> (Loaded, SecretFiles) {
    let variables = Variables::new(variables);
    let environment = variables.read();
    let notes = Notes::new(&environment);
    let files = [Understood::new(administrator), Understood::new(clerk)];
    let tables = files.each_ref().map(|file| DeTable::parse_recoverable(&file.meant.text).0.into_inner());
    let [administrator_file, clerk_file] = &files;
    let [administrator_table, clerk_table] = &tables;
    administrator_file.note(&notes);
    let root = Section::root(&notes, &administrator_file.document, administrator_table);
    let mut config = if administrator.is_some() { administrator::read(root) } else { Config::default() };
    environment.finish(&notes);
    if clerk.is_some() {
        clerk_file.note(&notes);
        let root = Section::root(&notes, &clerk_file.document, clerk_table);
        (config.concerns, config.intents) = clerk::read(root, &config);
        let ids: Vec<&str> = config.concerns.iter().map(|concern| concern.id.as_str()).collect();
        notes.check_concerns(&ids);
    }
    if administrator.is_some() {
        let root = Section::root(&notes, &administrator_file.document, administrator_table);
        administrator::check_levels(&root, &config);
    }
    let (mut problems, secrets) = notes.into_inner();
    drop((tables, environment));
    // The administrator's file first, then the clerk's, then the environment.
    problems.sort_by_key(|problem| {
        let place = problem.place.as_ref();
        let file = place.and_then(|place| files.iter().position(|file| file.document.name == place.file));
        (file.or(place.map(|_| files.len())), place.map(|place| (place.line, place.column)))
    });
    let mut documents = files.map(|file| file.document).to_vec();
    documents.extend(variables.into_documents());
    (Loaded { config, report: Report { problems, documents } }, secrets)
}

/// One file, decoded and read as it was meant.
struct Understood {
    document: Document,
    meant: Meant,
    foreign: Option<&'static str>,
    /// Where bytes begin that fit no charset.
    broken_at: usize,
}

impl Understood {
    fn new(file: Option<&File>) -> Understood {
        let decoded = decode(file.map(|file| file.bytes.as_slice()).unwrap_or_default());
        let name = file.map(|file| file.name.as_str()).unwrap_or_default();
        let document = Document::new(name, decoded.text);
        let meant = syntax::understand(&document);
        Understood { document, meant, foreign: decoded.foreign, broken_at: decoded.broken_at }
    }

    /// Notes what is wrong with the file as a text: charset, punctuation, syntax.
    fn note<'a>(&'a self, notes: &Notes<'a>) {
        let at = |span| At { document: &self.document, span };
        match self.foreign {
            Some(UNKNOWN) => {
                let message = Words::new(
                    "从这里起有不是 UTF-8 的字：文件混了两种编码，或者已经损坏",
                    "from here on there are bytes that are no UTF-8: two charsets in one file, or it is damaged",
                );
                let mistake = Mistake::new("not-text", message, Words::new("读不出", "cannot be read"));
                let (zh, en) = (
                    "重新输入显示成乱码的几行并存为 UTF-8，或换上备份的一份",
                    "type the garbled lines anew and save as UTF-8, or put a copy back",
                );
                let broken = self.document.text.get(self.broken_at..).and_then(|rest| rest.chars().next());
                let end = self.broken_at + broken.map_or(0, char::len_utf8);
                notes.error(&at(self.broken_at..end), mistake.help(zh, en));
            }
            Some(charset) => {
                let message = Words::new(
                    format!("这个文件是 {charset} 编码，请另存为 UTF-8"),
                    format!("this file is in {charset}; save it as UTF-8"),
                );
                let mistake = Mistake::new("not-utf8", message, Words::new("整个文件", "the whole file"));
                let (zh, en) = ("运行 guanlan check --fix 可自动转换", "guanlan check --fix converts it");
                notes.error(&at(0..0), mistake.help(zh, en));
            }
            None => {}
        }
        if let Some(first) = self.meant.replaced.first() {
            notes.error(&at(first.range.clone()), self.full_width(&first.meant));
        }
        for (span, mistake) in &self.meant.mistakes {
            notes.error(&at(span.clone()), mistake.clone());
        }
    }

    /// One report for all full-width punctuation of a file: a clerk's input method does it all over.
    fn full_width(&self, meant: &str) -> Mistake {
        let replaced = &self.meant.replaced;
        let written = replaced.first().and_then(|first| self.document.text.get(first.range.clone()));
        let written = written.unwrap_or_default();
        let mut lines: Vec<usize> = replaced.iter().map(|one| self.document.place(&one.range).line).collect();
        lines.dedup();
        let numbers: Vec<String> = lines.iter().take(10).map(usize::to_string).collect();
        let (more, etc) = if lines.len() > 10 { ("等", " and more") } else { ("", "") };
        let (zh_lines, en_lines) = (numbers.join("、"), numbers.join(", "));
        let count = replaced.len();
        let message = Words::new(
            format!("这里用了中文标点“{written}”，应为英文半角 {meant}"),
            format!("full-width \"{written}\" here, where {meant} is expected"),
        );
        Mistake::new("full-width", message, Words::new(format!("改成 {meant}"), format!("write {meant}")))
            .help(
                format!(
                    "运行 guanlan check --fix 可自动改正全部 {count} 处中文标点（第 {zh_lines} 行{more}）"
                ),
                format!("guanlan check --fix mends all {count} of them (lines {en_lines}{etc})"),
            )
    }
}
