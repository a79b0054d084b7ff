//! The files that come with the program: they are sound, complete, and agree with the code.

#![allow(clippy::unwrap_used, reason = "a test that cannot read its files must fail")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use alerts::message::Language;
use config::{Config, File, InitError, Kind, Loaded, init, load, read};

fn read_text(administrator: &str, clerk: Option<&str>) -> Loaded {
    let file = |name: &str, text: &str| File { name: name.to_owned(), bytes: text.as_bytes().to_vec() };
    let clerk = clerk.map(|text| file("concerns.toml", text));
    read(Some(&file("guanlan.toml", administrator)), clerk.as_ref(), &BTreeMap::new())
}

#[test]
fn default_toml_says_what_the_code_does() {
    let loaded = read_text(config::DEFAULTS, None);
    assert_eq!(loaded.report.errors(), 0, "{}", loaded.report.draw(Language::English));
    assert_eq!(loaded.config, Config::default());
}

#[test]
fn every_option_has_a_line_of_why() {
    for line in config::DEFAULTS.lines() {
        let option = line.strip_prefix("# ").unwrap_or(line);
        let is_option = option.split_once(" = ").is_some_and(|(name, _)| !name.contains(' '));
        if is_option {
            let why = option.rsplit_once("# ").map(|(_, why)| why).unwrap_or_default();
            assert!(why.len() > 8, "{line}");
        }
    }
}

#[test]
fn options_without_a_default_are_understood_as_they_are_described() {
    let uncommented = |line: &str| {
        let option = line.strip_prefix("# ").unwrap_or(line);
        let is_option = option.split_once(" = ").is_some_and(|(name, _)| !name.contains(' '));
        if is_option || option.starts_with("[[") { option.to_owned() } else { line.to_owned() }
    };
    let text: Vec<String> = config::DEFAULTS.lines().map(uncommented).collect();
    let loaded = read_text(&text.join("\n"), None);
    let codes: Vec<&str> = loaded.report.problems.iter().map(|problem| problem.code).collect();
    let expected = [
        "sender-not-login",
        "dkim-domain",
        "no-people",
        "open-address",
        "unreachable-level",
        "quiet-without-levels",
        "later",
    ];
    assert_eq!(codes, expected, "{}", loaded.report.draw(Language::Chinese));
    assert_eq!(loaded.config.sources.len(), 2);
    assert_eq!(loaded.config.sources[0].allow, ["10.0.0.8:8080"]);
    let Kind::Json(json) = &loaded.config.sources[1].kind else { panic!("{:?}", loaded.config.sources) };
    assert_eq!((json.items.to_string().as_str(), json.pages), ("data.cards[*].list", 1));
    assert!(json.map.heat.is_some() && json.link.is_some() && json.ok.is_some() && json.next.is_some());
}

#[test]
fn init_writes_files_that_pass_but_for_what_the_user_must_fill_in() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("etc/guanlan");
    let paths = init(&target, Some("青岚\"市\"")).unwrap();
    let loaded = load(&paths[0], &BTreeMap::new());
    let codes: Vec<&str> = loaded.report.problems.iter().map(|problem| problem.code).collect();
    assert_eq!(codes, ["sample-address", "unreachable-level"], "{}", loaded.report.draw(Language::Chinese));
    assert_eq!(loaded.config.site.org, "青岚\"市\"");
    assert_eq!(loaded.config.concerns.len(), 4);
    let preset = paths[2].join("hot-lists.toml");
    assert!(fs::read_to_string(&preset).unwrap().contains("weibo-hot"));
    fs::remove_file(&paths[0]).unwrap();
    fs::write(&paths[1], "mine").unwrap();
    assert!(matches!(init(&target, None), Err(InitError::Exists(path)) if path == paths[1]));
    assert!(!paths[0].exists());
    assert_eq!(fs::read_to_string(&paths[1]).unwrap(), "mine");
    fs::remove_file(&paths[1]).unwrap();
    fs::write(&preset, "mine too").unwrap();
    init(&target, None).unwrap();
    assert_eq!(fs::read_to_string(&preset).unwrap(), "mine too");
}

#[test]
fn a_level_that_every_concern_lowers_is_not_said_to_be_out_of_reach() {
    let source = "[people]\n\"值班室\" = [\"duty@qinglan.cn\"]\n[[source]]\nid = \"a\"\nname = \"论坛\"\nkind = \"rss\"\nurl = \"https://a.qinglan.cn/feed\"\npublisher = \"individual\"\n";
    let own = "[concern.levels]\nyellow = { sources = 1 }\norange = { sources = 1 }\nred = { sources = 1 }\n";
    let (first, second) = (
        "[[concern]]\nname = \"供水\"\nwords = [\"停水\"]\n",
        "[[concern]]\nname = \"供电\"\nwords = [\"停电\"]\n",
    );
    let codes = |concerns: &str| {
        let problems = read_text(source, Some(concerns)).report.problems;
        problems.iter().map(|problem| problem.code).collect::<Vec<_>>()
    };
    assert_eq!(codes(&format!("{first}{own}{second}{own}")), [""; 0]);
    assert_eq!(codes(&format!("{first}{own}{second}")), ["unreachable-level"]);
    assert_eq!(codes(first), ["unreachable-level"]);
}

#[test]
fn every_file_of_presets_is_shipped() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("sources");
    let names = fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name.ends_with(".toml")).collect();
    names.sort();
    assert_eq!(names, config::PRESETS.map(|(name, _)| name));
}

#[test]
fn example_sources_are_sound() {
    for (file, text) in config::PRESETS {
        let loaded = read_text(text, None);
        let codes: Vec<&str> = loaded.report.problems.iter().map(|problem| problem.code).collect();
        assert!(
            codes.iter().all(|code| ["no-people", "unreachable-level"].contains(code)),
            "{file}: {codes:?}"
        );
        assert!(!loaded.config.sources.is_empty());
    }
}

#[test]
fn example_concerns_are_sound_and_each_is_complete() {
    let loaded = read_text(config::EXAMPLE, Some(config::EXAMPLE_CONCERNS));
    let codes: Vec<&str> = loaded.report.problems.iter().map(|problem| problem.code).collect();
    assert_eq!(codes, ["sample-address", "unreachable-level"], "{}", loaded.report.draw(Language::Chinese));
    assert!(loaded.config.concerns.len() >= 16);
    let examples = config::EXAMPLE_CONCERNS.split("[[concern]]").skip(1);
    for (concern, text) in loaded.config.concerns.iter().zip(examples) {
        let name = &concern.name;
        assert!(concern.department.is_some() && concern.advice.is_some(), "{name}");
        assert!(concern.asks.len() >= 3 && !concern.not.is_empty(), "{name}");
        let count = |key: &str| {
            text.lines().find(|line| line.trim_start().starts_with(key)).unwrap().matches('"').count() / 2
        };
        assert!(count("should_match") >= 3 && count("should_not_match") >= 2, "{name}");
    }
}

#[test]
fn city_concerns_are_sound_and_none_takes_what_the_head_of_the_file_excludes() {
    let loaded = read_text("", Some(config::CITY_CONCERNS));
    let codes: Vec<&str> = loaded.report.problems.iter().map(|problem| problem.code).collect();
    assert_eq!(codes, ["no-people"], "{}", loaded.report.draw(Language::Chinese));
    assert!(loaded.config.concerns.len() >= 25);
    for concern in &loaded.config.concerns {
        assert!(concern.not.iter().any(|word| word == "电影") && concern.min_voices == 3, "{}", concern.name);
    }
}

#[test]
fn a_word_that_the_head_of_the_file_excludes_is_named_where_it_is_wanted() {
    let text = "not = [\"暴雨\"]\n[[concern]]\nname = \"天气\"\nwords = [\"暴雨 预警\"]\n";
    let loaded = read_text("", Some(text));
    let codes: Vec<&str> = loaded.report.problems.iter().map(|problem| problem.code).collect();
    assert_eq!(codes, ["no-people", "word-also-in-not"], "{}", loaded.report.draw(Language::Chinese));
}

#[test]
fn a_password_file_is_looked_at_but_never_said() {
    let folder = tempfile::tempdir().unwrap();
    let (path, secret) = (folder.path().join("guanlan.toml"), folder.path().join("smtp.secret"));
    let smtp = "[mail]\ntransport = \"smtp\"\nfrom = \"a@qinglan.cn\"\n[mail.smtp]\npreset = \"qq\"\nusername = \"a@qinglan.cn\"\n";
    let text = format!("{smtp}password_file = {secret:?}\n[people]\n\"值班室\" = [\"a@qinglan.cn\"]\n");
    fs::write(&path, text).unwrap();
    fs::write(folder.path().join("concerns.toml"), "[[concern]]\nname = \"供水\"\nwords = [\"停水\"]\n")
        .unwrap();
    let problem = || {
        let report = load(&path, &BTreeMap::new()).report;
        assert!(!report.draw(Language::English).contains("hunter2"));
        let problem =
            report.problems.first().map(|problem| (problem.code, problem.place.clone().unwrap().line));
        (problem, report.problems.len())
    };
    assert_eq!(problem(), (Some(("no-password-file", 7)), 1));
    fs::write(&secret, "\n").unwrap();
    assert_eq!(problem(), (Some(("empty-password-file", 7)), 1));
    fs::write(&secret, "hunter2\n").unwrap();
    set_mode(&secret, 0o644);
    assert_eq!(problem(), (Some(("open-password-file", 7)), 1));
    set_mode(&secret, 0o600);
    assert_eq!(problem(), (None, 0));
}

fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}
