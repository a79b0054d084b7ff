//! Broken files and the reports they must give, in both languages. Each case is a file in
//! `tests/broken`, with what is printed beside it.

#![allow(clippy::unwrap_used, reason = "a test that cannot read its files must fail")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use alerts::message::Language;
use config::{File, Loaded, Report, read};
use expect_test::expect_file;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/broken")
}

fn file(name: &str) -> File {
    let bytes = fs::read(folder().join(name)).unwrap();
    // `x.concerns.toml` is shown as `concerns.toml`.
    File { name: name.split_once('.').unwrap().1.to_owned(), bytes }
}

fn load(case: &str) -> Loaded {
    let no_variables = BTreeMap::new();
    if case.ends_with(".guanlan") {
        read(Some(&file(&format!("{case}.toml"))), None, &no_variables)
    } else {
        read(Some(&file("sound.guanlan.toml")), Some(&file(&format!("{case}.toml"))), &no_variables)
    }
}

fn check(case: &str) -> Report {
    let report = load(case).report;
    expect_file![folder().join(format!("{case}.zh.txt"))].assert_eq(&report.draw(Language::Chinese));
    expect_file![folder().join(format!("{case}.en.txt"))].assert_eq(&report.draw(Language::English));
    report
}

#[test]
fn full_width_punctuation_is_one_report_and_hides_nothing() {
    check("full-width.concerns");
    let concern = &load("full-width.concerns").config.concerns[0];
    assert_eq!(concern.words, ["数据 公布", "数据 公开", "什么时候 通报"]);
}

#[test]
fn words_that_match_nothing_or_everything() {
    check("words.concerns");
}

#[test]
fn names_that_no_subject_and_no_table_holds() {
    let administrator = check("names.guanlan");
    let clerk = check("names.concerns");
    let long = |report: &Report| report.problems.iter().filter(|problem| problem.code == "long-name").count();
    assert_eq!((long(&administrator), long(&clerk)), (3, 3));
}

#[test]
fn examples_that_do_not_hold() {
    check("examples.concerns");
}

#[test]
fn levels_of_a_concern() {
    check("levels.concerns");
}

#[test]
fn a_broken_line_hides_no_other_mistake() {
    check("syntax.concerns");
}

#[test]
fn ten_mistakes_give_ten_reports() {
    assert_eq!(check("ten-mistakes.guanlan").problems.len(), 10);
}

#[test]
fn values_of_the_wrong_kind() {
    check("values.guanlan");
}

#[test]
fn sources() {
    check("sources.guanlan");
}

#[test]
fn single_sign_on() {
    check("login.guanlan");
}

#[test]
fn a_sound_single_sign_on_is_read_as_it_is_written() {
    let text = "[web]\nlogin = \"oidc\"\npublic_url = \"https://guanlan.example.cn/\"\n[web.oidc]\n\
        issuer = \"https://sso.example.cn/realms/office/\"\nclient_id = \"guanlan\"\n\
        view = [\"全体\", \"值班\"]\nduty = [\"值班\"]\n";
    let credentials = BTreeMap::from([("CREDENTIALS_DIRECTORY".to_owned(), "/run/credentials/x".to_owned())]);
    let file = File { name: "guanlan.toml".to_owned(), bytes: text.as_bytes().to_vec() };
    let web = read(Some(&file), None, &credentials).config.web;
    let oidc = web.oidc.expect("it is used");
    assert_eq!(oidc.issuer, "https://sso.example.cn/realms/office/", "to the letter, with its slash");
    assert_eq!(oidc.client_secret_file.as_deref(), Some(Path::new("/run/credentials/x/oidc.secret")));
    assert!(!oidc.is_secret_named, "it may be missing");
    let groups: Vec<(&str, &str)> =
        oidc.groups.iter().map(|(group, role)| (group.as_str(), role.word())).collect();
    assert_eq!(groups, [("值班", "duty"), ("全体", "view")], "the higher of two");
}

#[test]
fn a_login_by_header_needs_the_gateway_that_is_trusted() {
    let wrong = |web: &str| {
        let file = File { name: "guanlan.toml".to_owned(), bytes: format!("[web]\n{web}").into_bytes() };
        let problems = read(Some(&file), None, &BTreeMap::new()).report.problems;
        problems.iter().any(|problem| problem.message.en.contains("needs the gateway that is trusted"))
    };
    assert!(wrong("login = \"header\"\n") && wrong("login = \"header\"\ngateways = []\n"));
    assert!(!wrong("login = \"header\"\ngateways = [\"10.0.0.2\"]\n"));
}

#[test]
fn json_endpoints() {
    check("json.guanlan");
}

#[test]
fn files_in_other_charsets_are_named_and_still_read() {
    let no_variables = BTreeMap::new();
    let text = String::from_utf8(file("sound.guanlan.toml").bytes).unwrap();
    let (gbk, _, _) = encoding_rs::GBK.encode(&text);
    let utf16: Vec<u8> = [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let with_mark = format!("\u{FEFF}{text}").into_bytes();
    for (bytes, expected) in [
        (gbk.into_owned(), Some("这个文件是 GBK 编码，请另存为 UTF-8")),
        (utf16, Some("这个文件是 UTF-16 编码，请另存为 UTF-8")),
        (with_mark, None),
        (text.into_bytes(), None),
    ] {
        let loaded = read(Some(&File { name: "guanlan.toml".into(), bytes }), None, &no_variables);
        let said: Vec<&str> = loaded.report.problems.iter().map(|p| p.message.zh.as_str()).collect();
        assert_eq!(said, Vec::from_iter(expected));
        assert_eq!(loaded.config.site.org, "青岚市");
    }
}

#[test]
fn variables_override_the_file_and_are_checked_like_it() {
    let variables = [
        ("GUANLAN_SITE__ORG", "2026"),
        ("GUANLAN_WEB__LISTEN", "127.0.0.1:9000"),
        ("GUANLAN_DIGEST__TO", "[\"宣传部\"]"),
        ("GUANLAN_DIGEST__TOP", "3"),
        ("GUANLAN_MAIL__SMTP__PORT", "viele"),
        ("GUANLAN_WEB__LISTNE", "x"),
        ("GUANLAN_LANG", "zh"),
        ("HOME", "/"),
    ];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let loaded = read(Some(&file("sound.guanlan.toml")), None, &variables);
    let config = &loaded.config;
    assert_eq!((config.site.org.as_str(), config.digest.top), ("2026", 3));
    assert_eq!(config.web.listen.port(), 9000);
    assert_eq!(config.digest.to, [config::Recipient::Group("宣传部".into())]);
    expect_file![folder().join("variables.zh.txt")].assert_eq(&loaded.report.draw(Language::Chinese));
}

#[test]
fn a_missing_file_is_a_report_not_a_failure() {
    let report = config::load(Path::new("/nowhere/guanlan.toml"), &BTreeMap::new()).report;
    assert_eq!(report.errors(), 2);
    assert!(
        report
            .draw(Language::Chinese)
            .starts_with("  × 没有文件 /nowhere/guanlan.toml\n  怎么改：运行 guanlan init 生成\n")
    );
}

#[test]
fn own_rules_of_what_posts_want_are_read_and_a_slip_is_told() {
    let read = |text: &str| {
        let file = File { name: "concerns.toml".to_owned(), bytes: text.as_bytes().to_vec() };
        read(None, Some(&file), &BTreeMap::new())
    };
    let concern = "[[concern]]\nname = \"供水\"\nwords = [\"自来水\"]\n";
    let loaded = read(&format!("{concern}[intents]\nquestion = [\"啥辰光\"]\nnot_help = [\"搭把手\"]\n"));
    assert_eq!(loaded.report.problems, Vec::new());
    assert_eq!(loaded.config.intents.question, ["啥辰光"]);
    assert_eq!(loaded.config.intents.not_help, ["搭把手"]);
    let loaded = read(&format!("{concern}[intents]\nquestions = [\"啥辰光\"]\n"));
    assert_eq!(loaded.report.problems.len(), 1);
}

#[test]
fn channels_and_signatures() {
    check("channels.guanlan");
    let config = load("channels.guanlan").config;
    let names: Vec<&str> = config.channels.iter().map(|channel| channel.name.as_str()).collect();
    assert_eq!(names, ["值班群", "值班室", "值班群"]);
    // A dump of the configuration tells no robot's address.
    assert!(!format!("{config:?}").contains("key=abc"));
    assert_eq!(config.mail.dkim, None);
}
