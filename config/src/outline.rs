//! What the files say, for a page that shows it: each setting with its name in words, its value and its line.
//! Addresses and keys are left out.

use crawler::words::Words;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::document::{Document, Place};
use crate::problem::Report;

/// What sections and options are called.
const WORDS: &str = include_str!("../words.txt");
/// Longest value shown, in characters.
const LONGEST: usize = 200;

/// One section of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// As it stands in the file: `[mail.smtp]`, `[[source]]`.
    pub head: String,
    /// What it is called: `邮件服务器`; the name of a source or concern behind it.
    pub title: Words,
    /// Where it stands.
    pub place: Place,
    /// Its settings in their order.
    pub settings: Vec<Setting>,
}

/// One setting.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// As it stands in the file.
    pub key: String,
    /// What it is called.
    pub title: Words,
    /// Its value in words, on one line.
    pub value: Words,
    /// Where it stands.
    pub place: Place,
}

impl Report {
    /// What the files say, section by section.
    pub fn outline(&self) -> Vec<Part> {
        self.documents.iter().filter(|document| document.name.ends_with(".toml")).flat_map(outline).collect()
    }
}

/// What one file says.
fn outline(document: &Document) -> Vec<Part> {
    let table = DeTable::parse_recoverable(&document.text).0.into_inner();
    let mut parts = Vec::new();
    section(document, &table, (&[], 0..0, false), &mut parts);
    parts.retain(|part| !part.settings.is_empty());
    parts.sort_by_key(|part| part.place.line);
    parts
}

fn section(
    document: &Document,
    table: &DeTable<'_>,
    (path, head, is_list): (&[&str], std::ops::Range<usize>, bool),
    parts: &mut Vec<Part>,
) {
    let mut settings = Vec::new();
    let mut named = None;
    for (key, value) in table {
        let name: &str = key.get_ref();
        let inner: Vec<&str> = path.iter().copied().chain([name]).collect();
        let written = document.text.get(value.span()).unwrap_or_default();
        match value.get_ref() {
            DeValue::Table(table) if !written.starts_with('{') => {
                section(document, table, (&inner, key.span(), false), parts);
            }
            DeValue::Array(list) if !list.is_empty() && list.iter().all(|it| it.get_ref().is_table()) => {
                for entry in list {
                    if let DeValue::Table(table) = entry.get_ref() {
                        section(document, table, (&inner, entry.span(), true), parts);
                    }
                }
            }
            _ => {
                if name == "name" || name == "id" && named.is_none() {
                    named = value.get_ref().as_str().map(str::to_owned);
                }
                settings.push(setting(document, &inner, key, (value, written)));
            }
        }
    }
    settings.sort_by_key(|setting| (setting.place.line, setting.place.column));
    let (open, close) = if is_list { ("[[", "]]") } else { ("[", "]") };
    let name = path.join(".");
    let title = word(&name).map_or_else(|| Words::same(&name), |word| Words::new(word, &name));
    let title = match (named, is_list) {
        (Some(named), true) => Words::new(format!("{}：{named}", title.zh), format!("{}: {named}", title.en)),
        _ => title,
    };
    let place = document.place(&head);
    let head = if path.is_empty() { String::new() } else { format!("{open}{name}{close}") };
    parts.push(Part { head, title, place, settings });
}

fn setting(
    document: &Document,
    path: &[&str],
    key: &Spanned<std::borrow::Cow<'_, str>>,
    (value, written): (&Spanned<DeValue<'_>>, &str),
) -> Setting {
    let name = path.last().copied().unwrap_or_default();
    // A proxy's address may hold a login; a whole section on one line may hold anything.
    let hidden = path == ["channel", "url"]
        || ["password", "token", "secret", "proxy"].contains(&name)
        || matches!(value.get_ref(), DeValue::Table(_)) && (path == ["people"] || written.contains("proxy"));
    let value = match (path, value.get_ref()) {
        (["people", _], DeValue::Array(list)) => {
            Words::new(format!("{} 个地址", list.len()), format!("addresses: {}", list.len()))
        }
        (["people", _], _) => Words::new("1 个地址", "addresses: 1"),
        _ if hidden => Words::new("（不显示）", "(not shown)"),
        (_, value) => in_words(value, written),
    };
    let span = key.span();
    let key = document.text.get(span.clone()).unwrap_or(name).trim_matches(['"', '\'']).to_owned();
    let title = word(&path.join(".")).map_or_else(|| Words::same(&key), |word| Words::new(word, &key));
    Setting { key, title, value, place: document.place(&span) }
}

/// A value as people read it: texts without their marks, lists and tables joined, lengths of time with their unit.
fn in_words(value: &DeValue<'_>, written: &str) -> Words {
    match value {
        DeValue::String(text) => length(text).unwrap_or_else(|| Words::same(one_line(text))),
        DeValue::Boolean(true) => Words::new("是", "yes"),
        DeValue::Boolean(false) => Words::new("否", "no"),
        DeValue::Array(list) if list.is_empty() => Words::new("（无）", "(none)"),
        DeValue::Array(list) => {
            let each: Vec<Words> = list.iter().map(|one| in_words(one.get_ref(), "")).collect();
            joined(&each, ("、", ", "))
        }
        DeValue::Table(table) => {
            let pair = |(key, value): (&Spanned<std::borrow::Cow<'_, str>>, &Spanned<DeValue<'_>>)| {
                let name: &str = key.get_ref();
                let title = word(&format!("need.{name}")).unwrap_or(name);
                let value = in_words(value.get_ref(), "");
                Words::new(format!("{title} {}", value.zh), format!("{name} {}", value.en))
            };
            joined(&table.iter().map(pair).collect::<Vec<_>>(), ("，", ", "))
        }
        DeValue::Integer(number) => Words::same(number.as_str()),
        DeValue::Float(number) => Words::same(number.as_str()),
        DeValue::Datetime(_) => Words::same(one_line(written)),
    }
}

fn joined(each: &[Words], with: (&str, &str)) -> Words {
    let all =
        |of: fn(&Words) -> &str, with: &str| one_line(&each.iter().map(of).collect::<Vec<_>>().join(with));
    Words::new(all(|words| &words.zh, with.0), all(|words| &words.en, with.1))
}

/// `15m` as 15 分钟; `None` for any other text.
fn length(text: &str) -> Option<Words> {
    let digits = text.trim_end_matches(|char: char| char.is_ascii_lowercase());
    let (chinese, english) = match text.get(digits.len()..)? {
        "ms" => ("毫秒", "ms"),
        "s" => ("秒", "s"),
        "m" => ("分钟", "min"),
        "h" => ("小时", "h"),
        "d" => ("天", "days"),
        "w" => ("周", "weeks"),
        _ => return None,
    };
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| Words::new(format!("{digits} {chinese}"), format!("{digits} {english}")))
}

/// A value over several lines on one, without remarks.
fn one_line(written: &str) -> String {
    let lines = written.lines().map(|line| line.split(" #").next().unwrap_or(line).trim());
    let line = lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
    let mut short: String = line.chars().take(LONGEST).collect();
    if short.len() < line.len() {
        short.push('…');
    }
    short
}

fn word(path: &str) -> Option<&'static str> {
    let lines = WORDS.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once(" = ")).find(|(name, _)| *name == path).map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(text: &str) -> Vec<(String, String, String, usize)> {
        let parts = outline(&Document::new("guanlan.toml", text));
        let each = parts.iter().flat_map(|part| {
            let settings = part.settings.iter();
            settings
                .map(|it| (part.title.zh.clone(), it.title.zh.clone(), it.value.zh.clone(), it.place.line))
        });
        each.collect()
    }

    #[test]
    fn every_setting_is_named_with_its_line_and_no_address_is_shown() {
        let text = "[routing]\n# why\nblue = [\n  \"值班室\", # duty\n  \"宣传部\",\n]\nremind_after = \"15m\"\n\n[people]\n\"值班室\" = [\"duty@example.org\"]\n\n[[channel]]\nname = \"群\"\nurl = \"https://hooks.example.cn/key\"\n[mail.smtp]\nport = 465\n";
        let told = |a: &str, b: &str, c: &str, line| (a.to_owned(), b.to_owned(), c.to_owned(), line);
        assert_eq!(
            settings(text),
            [
                told("通知谁", "蓝色通知", "值班室、宣传部", 3),
                told("通知谁", "无人认领多久后再提醒", "15 分钟", 7),
                told("通讯录", "值班室", "1 个地址", 10),
                told("邮件以外的通知渠道：群", "名称", "群", 13),
                told("邮件以外的通知渠道：群", "地址", "（不显示）", 14),
                told("邮件服务器", "端口", "465", 16),
            ]
        );
    }

    #[test]
    fn every_option_has_a_name() {
        let mut section = String::new();
        for line in crate::DEFAULTS.lines() {
            let line = line.trim_start_matches("# ");
            if let Some(head) = line.strip_prefix('[') {
                section = head.trim_start_matches('[').split(']').next().unwrap_or_default().to_owned();
                assert!(word(&section).is_some(), "[{section}] has no name in words.txt");
            } else if let Some((key, _)) = line.split_once(" = ").filter(|(key, _)| {
                !section.is_empty() && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
            }) {
                assert!(
                    word(&format!("{section}.{key}")).is_some(),
                    "{section}.{key} has no name in words.txt"
                );
            }
        }
    }
}
