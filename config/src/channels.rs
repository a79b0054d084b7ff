//! Reads `[[channel]]`: ways to people beside mail.

use std::path::{Path, PathBuf};

use crate::address::{host_and_port, web_address};
use crate::notes::KeyFile;
use crate::problem::{Mistake, Words};
use crate::section::{Found, Section};
use crate::settings::{Channel, ChannelKind, Group};
use crate::sources::{missing, unique};
use crate::value::{choice, name, text};

const KINDS: [(&str, ChannelKind); 4] = [
    ("webhook", ChannelKind::Webhook),
    ("wecom", ChannelKind::WeCom),
    ("dingtalk", ChannelKind::DingTalk),
    ("feishu", ChannelKind::Feishu),
];

/// All channels of the file. A name stands in lists of recipients, so no group may bear it too.
pub(crate) fn channels(root: &Section<'_, '_>, people: &[Group]) -> Vec<Channel> {
    let mut channels = Vec::new();
    let mut names: Vec<Found<'_, String>> = Vec::new();
    for section in root.sections("channel") {
        let name = section.found("name", name);
        if name.is_none() && section.item("name").is_none() {
            missing(&section, "name", "在 [routing] 里用的名称", "the name that [routing] uses");
        }
        unique(&section, name.as_ref(), &mut names);
        if let Some(name) = name.as_ref().filter(|name| people.iter().any(|group| group.name == name.value)) {
            let message = Words::new(
                format!("“{}”已经是通讯录里的一组", name.value),
                format!("\"{}\" is a group of [people] already", name.value),
            );
            let label = Words::new("换一个名称", "use another name");
            section.notes().error(&name.at, Mistake::new("reserved-name", message, label));
        }
        channels.extend(channel(&section, name.map(|name| name.value)));
        section.finish();
    }
    channels
}

/// A file named here, to be looked at once the configuration is read.
pub(crate) fn key_file(section: &Section<'_, '_>, key: &str, kind: KeyFile) -> Option<PathBuf> {
    let found = section.found(key, text)?;
    section.notes().remember_key_file(kind, Path::new(&found.value), &found.at);
    Some(PathBuf::from(found.value))
}

fn channel(section: &Section<'_, '_>, name: Option<String>) -> Option<Channel> {
    let kind = section.value("kind", |item| choice(item, &KINDS));
    if kind.is_none() && section.item("kind").is_none() {
        missing(section, "kind", "webhook、wecom、dingtalk 或 feishu", "webhook, wecom, dingtalk or feishu");
    }
    let url = section.found("url", web_address);
    let url_file = key_file(section, "url_file", KeyFile::Address);
    let secret_file = key_file(section, "secret_file", KeyFile::Signature);
    let allow = section.list("allow", host_and_port).unwrap_or_default();
    if section.item("url").is_none() && url_file.is_none() {
        let zh = "只放地址的文件；机器人的地址就是钥匙";
        missing(
            section,
            "url_file",
            zh,
            "the file that holds the address alone; a robot's address is its key",
        );
    }
    if let (Some(url), Some(kind)) = (&url, kind)
        && kind != ChannelKind::Webhook
    {
        let message = Words::new(
            "机器人的地址就是钥匙，不要写在大家都看的文件里",
            "a robot's address is its key and should not stand in a file that people show around",
        );
        let label = Words::new("改用 url_file", "use url_file");
        section.notes().warning(&url.at, Mistake::new("open-address", message, label));
    }
    if let (Some(ChannelKind::Webhook), true, Some(kind_at)) =
        (kind, secret_file.is_none(), section.item("kind"))
    {
        let message = Words::new(
            "没有 secret_file，接收方无法确认消息来自观澜",
            "without secret_file the other side cannot know that a message comes from Guanlan",
        );
        let label = Words::new("加一行 secret_file = …", "add secret_file = …");
        section.notes().warning(&kind_at.at, Mistake::new("unsigned-webhook", message, label));
    }
    let url = url.map(|url| url.value);
    if url.is_none() && url_file.is_none() {
        return None;
    }
    let allow = allow.into_iter().map(|found| found.value).collect();
    Some(Channel { name: name?, kind: kind?, url, url_file, secret_file, allow })
}
