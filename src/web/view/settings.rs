//! The settings page: what is in force, in words, with file and line. Nothing is changed here: the files are the
//! truth, and a changed one is taken over by itself.

use alerts::format;
use alerts::message::{Language, Site};
use askama::Template;
use config::{Part, Problem};

use super::{Chrome, set};
use crate::reload::Configured;

/// Everything the page is made from.
pub(crate) struct SettingsData<'a> {
    /// The installation.
    pub(crate) site: &'a Site,
    /// What is in force.
    pub(crate) configured: &'a Configured,
}

struct Section {
    title: String,
    head: String,
    rows: Vec<Row>,
}

struct Row {
    title: String,
    key: String,
    value: String,
    place: String,
}

struct Wrong {
    place: String,
    text: String,
    help: Option<String>,
}

#[derive(Template)]
#[template(path = "settings.html")]
struct SettingsHtml<'a> {
    chrome: &'a Chrome,
    finding: String,
    refused: Option<(String, Vec<Wrong>)>,
    restart: String,
    sections: Vec<Section>,
}

/// Sets the settings page.
pub(crate) fn settings_page(chrome: &Chrome, data: &SettingsData<'_>) -> String {
    let (configured, language) = (data.configured, chrome.language);
    let when = |at| format::moment(at, chrome.now, &data.site.zone, language);
    let finding = match (configured.since.map(when), language) {
        (Some(since), Language::Chinese) => format!("设置：{since} 起使用现在的版本"),
        (Some(since), Language::English) => format!("Settings: this version is in force since {since}"),
        (None, Language::Chinese) => "设置：没有配置文件，都是默认值".to_owned(),
        (None, Language::English) => "Settings: no file, everything is as shipped".to_owned(),
    };
    let refused = configured.refused.as_ref().map(|refused| {
        let wrong = refused.problems.iter().map(|problem| wrong(chrome, problem)).collect();
        (when(refused.at), wrong)
    });
    set(SettingsHtml {
        chrome,
        finding,
        refused,
        restart: configured.restart.join(chrome.say("、", ", ")),
        sections: configured.parts.iter().map(|part| section(chrome, part)).collect(),
    })
}

fn section(chrome: &Chrome, part: &Part) -> Section {
    let line = |text: &str| format::one_line(text, 210);
    let row = |setting: &config::Setting| Row {
        title: line(chrome.language.say(&setting.title)),
        key: line(&setting.key),
        value: line(chrome.language.say(&setting.value)),
        place: format!("{}:{}", setting.place.file, setting.place.line),
    };
    Section {
        title: line(chrome.language.say(&part.title)),
        head: line(&part.head),
        rows: part.settings.iter().map(row).collect(),
    }
}

fn wrong(chrome: &Chrome, problem: &Problem) -> Wrong {
    let say = |words| format::one_line(chrome.language.say(words), 300);
    Wrong {
        place: problem
            .place
            .as_ref()
            .map(|place| format!("{}:{}", place.file, place.line))
            .unwrap_or_default(),
        text: format!("{}{}{}", say(&problem.message), chrome.say("：", ": "), say(&problem.label)),
        help: problem.help.as_ref().map(say),
    }
}

/// What stands on top of every page while a wrong file waits: where it is wrong, and what.
pub(crate) fn trouble(configured: &Configured, language: Language) -> Option<String> {
    let problem = configured.refused.as_ref()?.problems.first()?;
    let place = problem.place.as_ref().map(|place| match language {
        Language::Chinese => format!("{} 第 {} 行：", place.file, place.line),
        Language::English => format!("{}, line {}: ", place.file, place.line),
    });
    let (place, what) = (place.unwrap_or_default(), format::one_line(language.say(&problem.message), 160));
    Some(match language {
        Language::Chinese => format!("配置有错误，没有启用，仍按之前的版本运行。{place}{what}"),
        Language::English => format!("The changed configuration is wrong and not in force. {place}{what}"),
    })
}
