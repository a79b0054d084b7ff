//! The settings page: what is in force, in words, with file and line. Nothing is changed here: the files are the
//! truth, and a changed one is taken over by itself.

use alerts::format;
use alerts::message::{Language, Site};
use alerts::settings::Policy;
use analyzer::concern::Concern;
use analyzer::level::Level;
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
    /// Who is told of what.
    pub(crate) policy: &'a Policy,
    /// The concerns, for their departments.
    pub(crate) concerns: &'a [Concern],
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
    delivery: Option<String>,
    restart: String,
    sections: Vec<Section>,
}

/// Sets the settings page.
pub(crate) fn settings_page(chrome: &Chrome, data: &SettingsData<'_>) -> String {
    let (configured, language) = (data.configured, chrome.language);
    let when = |at| format::moment(at, chrome.now, &data.site.zone, language);
    let finding = match (configured.since.map(when), language) {
        (Some(since), Language::Chinese) => format!("设置：{since} 起使用现在的版本 {}", configured.version),
        (Some(since), Language::English) => {
            format!("Settings: version {} is in force since {since}", configured.version)
        }
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
        delivery: delivery(chrome, data),
        restart: configured.restart.join(chrome.say("、", ", ")),
        sections: configured.parts.iter().map(|part| section(chrome, part)).collect(),
    })
}

/// Which alerts are mailed to the post that looks at the page; nothing where its name is no group's.
fn delivery(chrome: &Chrome, data: &SettingsData<'_>) -> Option<String> {
    let SettingsData { policy, concerns, .. } = *data;
    let post = chrome.post();
    policy.people.get(post)?;
    let told = |group: &str| -> Vec<&'static str> {
        let is_told = |level: &Level| policy.routing.of(*level).iter().any(|known| known == group);
        let levels = [Level::Blue, Level::Yellow, Level::Orange, Level::Red].into_iter();
        levels.filter(is_told).map(|level| format::level_name(level, chrome.language)).collect()
    };
    let joint = chrome.say("、", ", ");
    let all = told(post).join(joint);
    let is_department = concerns.iter().any(|concern| concern.department.as_deref() == Some(post));
    let own = if is_department { told(&policy.department_word).join(joint) } else { String::new() };
    let post = format::one_line(post, 40);
    Some(match (chrome.language, all.is_empty(), own.is_empty()) {
        (Language::Chinese, true, true) => format!("“{post}”不收预警邮件。"),
        (Language::Chinese, true, false) => format!("“{post}”收到由它负责的关切的预警：{own}。"),
        (Language::Chinese, false, true) => format!("“{post}”收到所有关切的预警：{all}。"),
        (Language::Chinese, false, false) => {
            format!("“{post}”收到所有关切的预警：{all}；由它负责的关切：{own}。")
        }
        (Language::English, true, true) => format!("No alerts are mailed to “{post}”."),
        (Language::English, true, false) => format!("“{post}” is told of its own concerns: {own}."),
        (Language::English, false, true) => format!("“{post}” is told of all concerns: {all}."),
        (Language::English, false, false) => {
            format!("“{post}” is told of all concerns: {all}; of its own: {own}.")
        }
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

/// What stands on top of every page while a wrong file waits: where it is wrong, and what; or what waits for a restart.
pub(crate) fn trouble(configured: &Configured, language: Language) -> Option<String> {
    let both = [refusal(configured, language), waiting(configured, language)];
    let said: Vec<String> = both.into_iter().flatten().collect();
    (!said.is_empty()).then(|| said.join(" "))
}

fn waiting(configured: &Configured, language: Language) -> Option<String> {
    let all = |joint: &str| configured.restart.join(joint);
    match language {
        _ if configured.restart.is_empty() => None,
        Language::Chinese => Some(format!("这些修改要重启 guanlan run 才生效：{}。", all("、"))),
        Language::English => Some(format!("These changes wait for a restart of guanlan run: {}.", all(", "))),
    }
}

fn refusal(configured: &Configured, language: Language) -> Option<String> {
    let (problem, others) = configured.refused.as_ref()?.problems.split_first()?;
    let place = problem.place.as_ref().map(|place| match language {
        Language::Chinese => format!("{} 第 {} 行：", place.file, place.line),
        Language::English => format!("{}, line {}: ", place.file, place.line),
    });
    let (place, what) = (place.unwrap_or_default(), format::one_line(language.say(&problem.message), 160));
    let more = match (others.len(), language) {
        (0, _) => String::new(),
        (others, Language::Chinese) => format!("（另有 {others} 处）"),
        (others, Language::English) => format!(" (and {others} more)"),
    };
    Some(match language {
        Language::Chinese => format!("配置有错误，没有启用，仍按之前的版本运行。{place}{what}{more}"),
        Language::English => {
            format!("The changed configuration is wrong and not in force. {place}{what}{more}")
        }
    })
}
