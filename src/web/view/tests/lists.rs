//! Alerts, sources, settings, digests, a word list that is tried.

use config::{Document, Part, Problem, Setting, Severity, Words};
use crawler::health::Health;
use crawler::source::{Kind, Source};

use alerts::settings::Policy;

use super::*;
use crate::reload::{Configured, Refused};
use crate::standing::{Standing, State as Stands};
use crate::trial::Findings;

pub(super) fn alert_list(language: Language, text: &str) -> String {
    let concern = Concern { name: text.to_owned(), ..concern("数据公布") };
    let mut noted = alert("数据公布", Level::Orange);
    noted.apply(at("24T14:10"), Event::Noted { by: text.to_owned(), text: text.to_owned() });
    let mut muted = Alert { concern: text.to_owned(), ..alert("供水", Level::Blue) };
    let (by, reason) = ("值班室".to_owned(), text.to_owned());
    muted.apply(at("24T14:00"), Event::Muted { by, reason, until: at("24T18:00") });
    let data = AlertsData {
        site: &site(),
        alerts: &[muted, noted],
        concerns: &[concern],
        newest: &[signal("数据公布", 236)],
        tab: Tab::Open,
        offset: 0,
    };
    alerts_page(&chrome(language, Here::Alerts, "/alerts"), &data)
}

pub(super) fn source_list(language: Language, text: &str) -> String {
    let source = Source {
        id: "bbs".to_owned(),
        name: text.to_owned(),
        kind: Kind::Feed { url: "https://bbs.example/rss".parse().unwrap() },
        every: jiff::SignedDuration::from_mins(10),
        every_at_most: None,
        publisher: Publisher::Individual,
        group: text.to_owned(),
        encoding: None,
        zone: site().zone,
        allow: Vec::new(),
        proxy: None,
    };
    let why = Words::new(format!("{text}：robots.txt 不允许"), format!("{text}: forbidden by robots.txt"));
    let health = Health { last_success: Some(at("24T13:00")), ..Health::default() };
    let failing = Standing {
        state: Stands::Failing { failures: 3, since: Some(at("24T13:10")), why },
        last_success: health.last_success,
        next_visit: Some(at("24T14:40")),
        waits: None,
        usual: Some(240.0),
        last_day: 120,
        newest: Some(at("24T12:58")),
    };
    let standings = [(&source, Standing::NEW), (&source, failing)];
    let data = SourcesData { site: &site(), standings: &standings, states: &sources() };
    sources_page(&chrome(language, Here::Sources, "/sources"), &data)
}

fn configured(text: &str) -> Configured {
    let place = Document::new("concerns.toml", "a\nb = 1\n").place(&(2..3));
    let words = || Words::same(text);
    let setting = Setting { key: text.to_owned(), title: words(), value: words(), place: place.clone() };
    let problem = Problem {
        severity: Severity::Error,
        code: "x",
        place: Some(place.clone()),
        message: words(),
        label: words(),
        help: Some(words()),
    };
    Configured {
        file: None,
        since: Some(at("24T09:12")),
        version: "0a1b2c3d".to_owned(),
        parts: vec![Part { head: "[[concern]]".to_owned(), title: words(), place, settings: vec![setting] }],
        restart: vec!["[fetch]"],
        refused: Some(Refused { at: at("24T14:19"), problems: vec![problem] }),
    }
}

pub(super) fn settings(language: Language, text: &str) -> String {
    let configured = configured(&text.chars().take(500).collect::<String>());
    let trouble = trouble(&configured, language);
    let chrome = Chrome { trouble, ..chrome(language, Here::Settings, "/settings") };
    let policy = policy();
    let data = SettingsData {
        site: &site(),
        configured: &configured,
        policy: &policy,
        concerns: &[concern("数据公布")],
    };
    settings_page(&chrome, &data)
}

/// The duty desk is told of everything, the department of its own.
fn policy() -> Policy {
    let group = |name: &str| (name.to_owned(), vec!["duty@example.org".to_owned()]);
    let mut policy =
        Policy { people: [group("值班室"), group("市卫健委")].into(), ..Policy::default() };
    policy.routing.yellow = vec!["值班室".to_owned(), policy.department_word.clone()];
    policy.routing.blue = vec!["值班室".to_owned()];
    policy.routing.orange = Vec::new();
    policy.routing.red = Vec::new();
    policy
}

#[test]
fn the_settings_say_what_is_mailed_to_whoever_looks() {
    let page = |post: &str| {
        let chrome = chrome(Language::Chinese, Here::Settings, "/settings");
        let chrome = chrome.seen_by(&Visitor::new(post, Role::View, String::new()));
        let (configured, policy, concerns) = (configured("x"), policy(), [concern("数据公布")]);
        settings_page(
            &chrome,
            &SettingsData { site: &site(), configured: &configured, policy: &policy, concerns: &concerns },
        )
    };
    assert!(page("值班室").contains("“值班室”收到所有关切的预警：蓝色、黄色。"), "{}", page("值班室"));
    assert!(page("市卫健委").contains("“市卫健委”收到由它负责的关切的预警：黄色。"));
    assert!(!page("来访").contains("预警："));
}

pub(super) fn digest_list(language: Language) -> String {
    let bounds = |day: jiff::civil::Date| {
        let boundary = |day: jiff::civil::Date| site().zone.to_timestamp(day.at(8, 0, 0, 0)).ok();
        Some((boundary(day.yesterday().ok()?)?, boundary(day)?))
    };
    let data = DigestsData {
        alerts: &[alert("数据公布", Level::Orange)],
        span: &bounds,
        newest: date(2026, 11, 25),
        oldest: date(2026, 9, 1),
        weekly: jiff::civil::Weekday::Monday,
    };
    digests_page(&chrome(language, Here::Digest, "/digests"), &data)
}

pub(super) fn trial(language: Language, text: &str) -> String {
    let short: String = text.chars().take(100).collect();
    let draft = Concern { words: vec![short.clone()], not: vec![short.clone()], ..concern(&short) };
    let found = Findings {
        posts: 5_000,
        matched: 120,
        entries: vec![(short.clone(), 120)],
        samples: vec![(at("24T14:00"), text.to_owned(), vec![short.clone()])],
        beside: vec![(short.clone(), 40, 3.0)],
        excluded: 1,
        excluded_samples: vec![(text.to_owned(), vec![short.clone()])],
        alerts: Vec::new(),
        weeks: 4.0,
    };
    let data = TrialData {
        site: &site(),
        departments: &[short],
        draft: &draft,
        snippet: crate::trial::snippet(&draft),
        dropped: &[text.to_owned()],
        result: Some(&Ok(found)),
    };
    trial_page(&chrome(language, Here::Search, "/concerns/new"), &data)
}

#[test]
fn the_list_of_alerts_leads_with_what_is_due_and_says_what_to_do() {
    let page = alert_list(Language::Chinese, "数据公布");
    assert!(page.contains("<h1>2 条预警未关闭，2 条待认领</h1>") && page.contains("已静默 1<"), "{page}");
    assert!(page.find("橙色 · Ⅱ级") < page.find("蓝色 · Ⅳ级"));
    assert!(page.contains("?form=take#take") && page.contains("距回应时限 <b>23 小时 40 分</b>"), "{page}");
    let viewer = visitor(Role::View);
    let chrome =
        Chrome::new(&site(), Language::Chinese, at("24T14:20"), Here::Alerts, "/alerts").seen_by(&viewer);
    let data = AlertsData {
        site: &site(),
        alerts: &[alert("数据公布", Level::Orange)],
        concerns: &[],
        newest: &[],
        tab: Tab::Open,
        offset: 0,
    };
    assert!(!alerts_page(&chrome, &data).contains("?form="), "whoever may only look is offered no button");
}

#[test]
fn a_source_says_why_it_is_not_read_and_when_it_is_tried_again() {
    let page = source_list(Language::Chinese, "论坛");
    for text in ["1 个要看一看", "robots.txt 不允许", "13:00", "14:40", "5 <span class=\"quiet\">(10)</span>"]
    {
        assert!(page.contains(text), "{text}: {page}");
    }
}

#[test]
fn a_wrong_configuration_is_said_on_top_with_its_line() {
    let page = settings(Language::Chinese, "没有这个单位");
    assert!(page.contains("按之前的版本运行。concerns.toml 第 2 行：没有这个单位"), "{page}");
    assert!(page.contains("concerns.toml:2") && page.contains("[fetch]"));
}

#[test]
fn the_archive_goes_back_a_month_at_a_time() {
    let page = digest_list(Language::Chinese);
    assert!(page.contains("2026年11月25日 星期三") && page.contains("/digest/week/2026-11-23"));
    assert_eq!(page.matches(".docx\"").count(), 31);
    assert!(page.contains("/digests?until=2026-10-25"));
}

#[test]
fn what_an_empty_installation_shows_names_the_cause_and_the_command() {
    let unheard = |sources, here, path| Chrome {
        unheard: Some(Unheard { sources, ..Unheard::default() }),
        ..chrome(Language::Chinese, here, path).seen_by(&visitor(Role::Admin))
    };
    let data =
        AlertsData { site: &site(), alerts: &[], concerns: &[], newest: &[], tab: Tab::Open, offset: 0 };
    let alerts = alerts_page(&unheard(0, Here::Alerts, "/alerts"), &data);
    assert!(alerts.contains("还没有 [[source]]") && alerts.contains("guanlan source test"), "{alerts}");
    let topics = TopicsData { site: &site(), listed: &Listed::default(), concerns: &[] };
    let topics = topics_page(&unheard(2, Here::Concerns, "/topics"), &topics);
    assert!(topics.contains("说明每个信源上次为什么没有采到"), "{topics}");
    let draft = concern("数据公布");
    let tried = Ok(Findings {
        posts: 0,
        matched: 0,
        entries: vec![("公布".to_owned(), 0)],
        samples: Vec::new(),
        beside: Vec::new(),
        excluded: 0,
        excluded_samples: Vec::new(),
        alerts: Vec::new(),
        weeks: 4.0,
    });
    let filters = ["信源为 微博".to_owned()];
    let data = TrialData {
        site: &site(),
        departments: &[],
        draft: &draft,
        snippet: String::new(),
        dropped: &filters,
        result: Some(&tried),
    };
    let trial = trial_page(&unheard(2, Here::Concerns, "/concerns/new"), &data);
    assert!(
        trial.contains("<h1>近 28 天没有帖文，试不出来</h1>") && trial.contains("guanlan import"),
        "{trial}"
    );
    assert!(!trial.contains("减少每条里的词") && trial.contains("没有带过来：信源为 微博"), "{trial}");
}
