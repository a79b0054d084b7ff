//! Reads `guanlan.toml`, the administrator's file: the installation, its pages, its mails. Each
//! section asks for the keys it knows; what nobody asks for is reported.

use std::collections::BTreeSet;
use std::path::PathBuf;

use alerts::message::Language;
use analyzer::concern::Concern;
use analyzer::level::{Level, Needs};

use crate::address::{address_of, listen_address, mailbox, web_address};
use crate::channels::key_file;
use crate::notes::KeyFile;
use crate::problem::{Mistake, Words};
use crate::section::{At, Found, Section};
use crate::settings::{Api, Config, Detail, Dkim, Mail, Security, Site, Smtp, Transport};
use crate::value::{choice, integer, text, zone};
use crate::{channels, duties, fetching, measures, sources, web};

/// Mail providers whose server is known: name in the file, host.
const PRESETS: [(&str, Option<&str>); 5] = [
    ("qq", Some("smtp.qq.com")),
    ("163", Some("smtp.163.com")),
    ("exmail", Some("smtp.exmail.qq.com")),
    ("aliyun", Some("smtp.qiye.aliyun.com")),
    ("custom", None),
];

/// The whole file.
pub(crate) fn read(root: Section<'_, '_>) -> Config {
    let web_section = root.section("web");
    let public_url = web_section.found("public_url", web_address);
    let mut config = Config {
        site: site(root.section("site")),
        mail: mail(root.section("mail"), public_url.as_ref()),
        people: duties::people(root.section("people")),
        ..Config::default()
    };
    config.web = web::web(web_section, public_url);
    config.api = api(root.section("api"));
    config.channels = channels::channels(&root, &config.people);
    let known = duties::Known::new(&config.people, &config.channels);
    config.routing = duties::routing(root.section("routing"), &known);
    config.handover = duties::handover(root.section("handover"), &known);
    config.heartbeat = duties::heartbeat(root.section("heartbeat"));
    config.digest = duties::digest(root.section("digest"), &known);
    config.quiet = duties::quiet(root.section("quiet"));
    config.levels = measures::levels(root.section("levels"));
    config.response = measures::response(root.section("response"));
    config.detect = measures::detect(root.section("detect"));
    config.topics = measures::topics(root.section("topics"));
    config.retention = measures::retention(root.section("retention"));
    config.privacy = sources::privacy(root.section("privacy"));
    config.fetch = fetching::fetch(root.section("fetch"));
    config.sources = sources::sources(&root);
    root.finish();
    config
}

/// Whether each level can be reached with the sources there are. A concern with a number of its own is checked
/// beside that number; once every concern has one, the number for all says nothing.
pub(crate) fn check_levels<'a>(root: &Section<'a, '_>, config: &Config) {
    let needs = &config.levels.needs;
    let inherits =
        |concern: &Concern, level: Level| concern.needs.of(level).sources == needs.of(level).sources;
    let is_used = |level: Level| {
        config.concerns.is_empty() || config.concerns.iter().any(|concern| inherits(concern, level))
    };
    check_groups((&root.section("levels"), Some(root.at_key("source"))), needs, config, &is_used);
}

/// A level that asks for more source groups than there are can never be reached. The lowest such
/// level is noted, where its number is written, else at `elsewhere`.
pub(crate) fn check_groups<'a>(
    (levels, elsewhere): (&Section<'a, '_>, Option<At<'a>>),
    needs: &Needs,
    config: &Config,
    is_used: &dyn Fn(Level) -> bool,
) {
    let groups: BTreeSet<&str> = config.sources.iter().map(|source| source.group.as_str()).collect();
    let is_too_high = |level: Level| usize::try_from(needs.of(level).sources).is_ok_and(|n| n > groups.len());
    let unreachable = measures::LEVELS.into_iter().find(|(_, level)| is_too_high(*level) && is_used(*level));
    let Some((name, level)) = unreachable.filter(|_| !groups.is_empty()) else { return };
    let section = levels.section(name);
    let written = section.item("sources").map(|_| section.at_key("sources"));
    let Some(at) = written.or(elsewhere) else { return };
    let (needed, there) = (needs.of(level).sources, groups.len());
    let message = Words::new(
        format!("{name} 及以上永远到不了：要 {needed} 组信源，一共只有 {there} 组"),
        format!("{name} can never be reached: it needs {needed} source groups, and there are {there}"),
    );
    let label =
        Words::new("增加信源，或降低 [levels] 里的 sources", "add sources, or lower sources in [levels]");
    levels.notes().warning(&at, Mistake::new("unreachable-level", message, label));
}

/// Notes that a setting is understood but does nothing yet, if it was set to something else than it
/// does anyway.
pub(crate) fn later(section: &Section<'_, '_>, key: &str, is_other: bool) {
    if is_other && section.item(key).is_some() {
        let message =
            Words::new(format!("“{key}”这一版还不起作用"), format!("\"{key}\" does nothing in this version"));
        let label = Words::new("以后的版本提供", "comes with a later version");
        section.notes().warning(&section.at_key(key), Mistake::new("later", message, label));
    }
}

fn site(section: Section<'_, '_>) -> Site {
    let default = Site::default();
    let site = Site {
        org: section.value("org", text).unwrap_or(default.org),
        zone: section.value("timezone", zone).unwrap_or(default.zone),
        language: section
            .value("language", |item| {
                choice(item, &[("zh-CN", Language::Chinese), ("en", Language::English)])
            })
            .unwrap_or(default.language),
        data_dir: section.value("data_dir", text).map_or(default.data_dir, PathBuf::from),
    };
    section.finish();
    site
}

fn api(section: Section<'_, '_>) -> Api {
    let api = Api { listen: section.value("listen", listen_address) };
    section.finish();
    api
}

fn mail(section: Section<'_, '_>, public_url: Option<&Found<'_, url::Url>>) -> Mail {
    let default = Mail::default();
    let transports = [("file", Transport::File), ("smtp", Transport::Smtp)];
    let transport = section.value("transport", |item| choice(item, &transports)).unwrap_or(default.transport);
    let from = section.found("from", mailbox);
    let details = [("full", Detail::Full), ("brief", Detail::Brief)];
    let detail = section.value("detail", |item| choice(item, &details)).unwrap_or(default.detail);
    if detail == Detail::Brief && public_url.is_none() {
        let message = Words::new(
            "邮件只写级别、名称和编号，又没有链接：收到的人无处可看",
            "mails say level, name and number only and have no link: nobody can see more",
        );
        let label = Words::new("在 [web] 里写 public_url", "give public_url in [web]");
        section
            .notes()
            .warning(&section.at_key("detail"), Mistake::new("brief-without-link", message, label));
    }
    let smtp_section = section.section("smtp");
    let smtp = smtp(&smtp_section, transport, from.as_ref());
    if transport == Transport::Smtp {
        check_links(&section, public_url);
        if section.item("from").is_none() {
            let message = Words::new("没有写发件人", "there is no sender");
            let label = Words::new("加一行 from = \"…\"", "add a line from = \"…\"");
            section.notes().error(&section.at(), Mistake::new("missing", message, label));
        }
    }
    smtp_section.finish();
    let dkim = dkim(section.section("dkim"), from.as_ref());
    section.finish();
    Mail { transport, from: from.map_or(default.from, |from| from.value), detail, smtp, dkim }
}

/// A link to this machine means nothing to whoever reads the mail elsewhere.
fn check_links(section: &Section<'_, '_>, public_url: Option<&Found<'_, url::Url>>) {
    let Some(url) = public_url else { return };
    let is_local = match url.value.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback() || address.is_unspecified(),
        Some(url::Host::Ipv6(address)) => address.is_loopback() || address.is_unspecified(),
        None => false,
    };
    if is_local {
        let message = Words::new(
            "邮件要真正发出去，但链接指向本机，收件人打不开",
            "mails leave this machine, but their links lead to it: nobody else can open them",
        );
        let label = Words::new("改成同事打得开的地址", "use an address that colleagues can open");
        let mistake = Mistake::new("local-link", message, label)
            .help("没有这样的地址就删掉这一行，邮件里只写预警编号", "without one, delete the line");
        section.notes().error(&url.at, mistake);
    }
}

fn smtp(section: &Section<'_, '_>, transport: Transport, from: Option<&Found<'_, String>>) -> Option<Smtp> {
    let names: Vec<(&str, &str)> = PRESETS.iter().map(|(name, _)| (*name, *name)).collect();
    let preset = section.value("preset", |item| choice(item, &names)).unwrap_or("custom");
    let known_host = PRESETS.iter().find(|(name, _)| *name == preset).and_then(|(_, host)| *host);
    let host = section.value("host", text).or_else(|| known_host.map(str::to_owned));
    let securities = [("tls", Security::Tls), ("starttls", Security::StartTls), ("plain", Security::Plain)];
    let security = section.found("security", |item| choice(item, &securities));
    let port = section.value("port", |item| integer(item, 1, 65_535));
    let username = section.found("username", text);
    let password_file = password_file(section);
    let ca_file = section.value("ca_file", text).map(PathBuf::from);
    if let (Some(from), Some(username)) = (from, &username) {
        check_sender(section, from, &username.value, preset);
    }
    if transport == Transport::Smtp {
        check_complete(section, host.is_some(), username.is_none() || password_file.is_some());
    }
    let host = host?;
    let security_value = security.as_ref().map_or(
        if port == Some(587) || port == Some(25) { Security::StartTls } else { Security::Tls },
        |security| security.value,
    );
    if let Some(security) = &security {
        check_plain(section, security, &host);
    }
    let usual_port = match security_value {
        Security::Tls => 465,
        Security::StartTls => 587,
        Security::Plain => 25,
    };
    Some(Smtp {
        host,
        port: port.and_then(|port| u16::try_from(port).ok()).unwrap_or(usual_port),
        security: security_value,
        username: username.map(|username| username.value),
        password_file,
        ca_file,
    })
}

/// The domain's signature; receivers compare its domain with the sender's.
fn dkim(section: Section<'_, '_>, from: Option<&Found<'_, String>>) -> Option<Dkim> {
    let selector = section.found("selector", text);
    let written = section.found("domain", text);
    let key_file = key_file(&section, "key_file", KeyFile::Dkim);
    if selector.is_some() || written.is_some() || key_file.is_some() {
        for (key, is_given) in [("selector", selector.is_some()), ("key_file", key_file.is_some())] {
            if !is_given {
                sources::missing(&section, key, "签名要用到", "needed for signing");
            }
        }
    }
    let host =
        from.and_then(|from| address_of(&from.value).rsplit_once('@')).map(|(_, host)| host.to_owned());
    if let (Some(domain), Some(host)) = (&written, &host)
        && !host.eq_ignore_ascii_case(&domain.value)
        && !host.to_ascii_lowercase().ends_with(&format!(".{}", domain.value.to_ascii_lowercase()))
    {
        let message = Words::new(
            format!("签名的域名 {} 不是发件人的域名 {host}，收信方不认", domain.value),
            format!("the signing domain {} is not the sender's, {host}: receivers ignore it", domain.value),
        );
        let label = Words::new(format!("改成 {host}"), format!("use {host}"));
        section.notes().error(&domain.at, Mistake::new("dkim-domain", message, label));
    }
    section.finish();
    let domain = written.map(|domain| domain.value).or(host)?;
    Some(Dkim { selector: selector?.value, domain, key_file: key_file? })
}

/// The password's own file: from the settings, else where the service manager puts credentials.
fn password_file(section: &Section<'_, '_>) -> Option<PathBuf> {
    let found = section.found("password_file", text);
    if let Some(found) = &found {
        section.notes().remember_password_file(&found.at);
    }
    let credentials = section.notes().environment.credentials.as_deref();
    found.map(|found| PathBuf::from(found.value)).or(credentials.map(|folder| folder.join("smtp.secret")))
}

/// What must be written before mail can be sent.
fn check_complete(section: &Section<'_, '_>, has_host: bool, has_password: bool) {
    if !has_password {
        let (zh, en) = ("放授权码的文件", "the file that holds the authorisation code");
        sources::missing(section, "password_file", zh, en);
    }
    if !has_host {
        let message = Words::new("没有写邮件服务器", "there is no mail server");
        let label = Words::new("写 preset，或者写 host", "give a preset, or a host");
        section.notes().error(&section.at(), Mistake::new("missing", message, label));
    }
}

/// Mail in the clear may not leave this machine.
fn check_plain(section: &Section<'_, '_>, security: &Found<'_, Security>, host: &str) {
    if security.value == Security::Plain && !["localhost", "127.0.0.1", "::1"].contains(&host) {
        let message =
            Words::new("不加密只允许发给本机的邮件服务", "mail in the clear is allowed to this machine only");
        let label = Words::new("改成 tls 或 starttls", "use tls or starttls");
        section.notes().error(&security.at, Mistake::new("plain-mail", message, label));
    }
}

/// Some providers refuse mail whose sender is not the login.
fn check_sender(section: &Section<'_, '_>, from: &Found<'_, String>, username: &str, preset: &str) {
    if !["qq", "163", "exmail"].contains(&preset) || address_of(&from.value) == username {
        return;
    }
    let message = Words::new(
        format!("发件人与登录账号 {username} 不一致，{preset} 会拒收"),
        format!("the sender is not the login {username}: {preset} refuses that"),
    );
    let label = Words::new(format!("地址改成 {username}"), format!("use {username}"));
    section.notes().error(&from.at, Mistake::new("sender-not-login", message, label));
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use toml::de::DeTable;

    use crate::document::Document;
    use crate::environment::Variables;
    use crate::notes::Notes;

    use super::*;

    #[test]
    fn every_option_stands_in_default_toml() {
        let variables = Variables::new(&BTreeMap::new());
        let environment = variables.read();
        let notes = Notes::new(&environment);
        let document = Document::new("default.toml", crate::DEFAULTS);
        let table = DeTable::parse(&document.text).unwrap().into_inner();
        read(Section::root(&notes, &document, &table));
        let mut section = String::new();
        let mut described = std::collections::BTreeSet::new();
        for line in crate::DEFAULTS.lines() {
            if let Some(heading) = line.strip_prefix('[').and_then(|line| line.split_once(']')) {
                section = heading.0.to_owned();
            }
            if let Some((key, rest)) = line.trim_start_matches("# ").split_once(" = ") {
                described.insert(format!("{section}.{key}"));
                // blue = { ratio = 2.0, posts = 5, sources = 1 }
                let inner = rest.split(['{', '}']).nth(1).unwrap_or_default().split(", ");
                let inner = inner.filter_map(|part| part.trim().split_once(" = "));
                described.extend(inner.map(|(name, _)| format!("{section}.{key}.{name}")));
            }
        }
        for path in environment.asked() {
            assert!(described.contains(&path), "{path} is not in default.toml");
        }
    }
}
