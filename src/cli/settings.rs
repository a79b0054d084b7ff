//! What every command works with: the configuration in force, the data folder, the language.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use alerts::message::Language;
use config::{Config, Words};

use super::exit::Failure;
use super::{DEFAULT_CONFIG, Global};

/// Where posts go when nothing was configured and nothing said.
const DEFAULT_DATA_DIR: &str = "guanlan-data";

/// The command line so far, before the command itself.
pub(super) struct Context {
    /// Options every command takes.
    pub global: Global,
    /// The language to speak.
    pub language: Language,
    /// Variables of the environment whose names begin with `GUANLAN_`.
    pub variables: BTreeMap<String, String>,
}

impl Context {
    /// The configuration file in force, if there is one: the one named, else the usual one.
    pub(super) fn config_file(&self) -> Option<PathBuf> {
        let usual = || Some(PathBuf::from(DEFAULT_CONFIG)).filter(|path| path.exists());
        self.global.config.clone().or_else(usual)
    }

    /// The configuration; built-in defaults when there is no file. One with errors is refused.
    pub(super) fn config(&self) -> Result<Config, Failure> {
        let Some(path) = self.config_file() else {
            let mut config = Config::default();
            config.site.data_dir = PathBuf::from(DEFAULT_DATA_DIR);
            return Ok(self.with_data_dir(config));
        };
        let loaded = config::load(&path, &self.variables);
        if loaded.report.errors() > 0 {
            return Err(Failure::Usage(self.refuse(&path, &loaded.report)));
        }
        Ok(self.with_data_dir(loaded.config))
    }

    /// One text in the language of the command.
    pub(super) fn say<'a>(&self, chinese: &'a str, english: &'a str) -> &'a str {
        match self.language {
            Language::Chinese => chinese,
            Language::English => english,
        }
    }

    /// What another part says, in the language of the command.
    pub(super) fn words<'a>(&self, words: &'a Words) -> &'a str {
        self.language.say(words)
    }

    fn with_data_dir(&self, mut config: Config) -> Config {
        if let Some(folder) = &self.global.data_dir {
            config.site.data_dir.clone_from(folder);
        }
        config
    }

    fn refuse(&self, path: &Path, report: &config::Report) -> String {
        let drawn = report.draw(self.language);
        let wrong = self.say("配置有错误，没有启动", "the configuration is wrong, nothing was started");
        let advice =
            self.say("改好后运行 guanlan check 再看一遍", "mend it and look again with guanlan check");
        format!("{wrong} ({})\n{drawn}{advice}", path.display())
    }
}
