//! `guanlan privacy`: every field that is stored, why, and for how long under the configuration in
//! force. A test holds that no column of any table is missing.

mod fields;

use alerts::account::{SESSION_IDLE, SESSION_LONGEST};
use alerts::message::Language;
use config::Config;
use jiff::SignedDuration;
use serde_json::json;

use super::exit::{Done, Failure};
use super::settings::Context;
use fields::{FIELDS, Term};

/// Prints the list.
pub(super) fn privacy(context: &Context) -> Result<Done, Failure> {
    let config = context.config()?;
    let mut file = "";
    for field in FIELDS {
        let (what, why) = match context.language {
            Language::Chinese => (field.what.0, field.why.0),
            Language::English => (field.what.1, field.why.1),
        };
        let term = term(field.term, &config, context.language);
        if context.global.json {
            let line = json!({ "file": field.file, "table": field.table, "field": field.name,
                "what": what, "why": why, "kept": term });
            println!("{line}");
            continue;
        }
        if field.file != file {
            println!("{}", field.file);
            file = field.file;
        }
        let place = if field.table.is_empty() {
            field.name.to_owned()
        } else {
            format!("{}.{}", field.table, field.name)
        };
        println!("  {place}\n      {what}\n      {} {why}", context.say("为什么：", "why:"));
        println!("      {} {term}", context.say("多久：", "kept:"));
    }
    if !context.global.json {
        println!("{}", context.say(NEVER.0, NEVER.1));
    }
    Ok(Done::Yes)
}

/// What stands under the list.
const NEVER: (&str, &str) = (
    "从不保存：作者的名字、账号、头像、粉丝数、主页地址；电话、身份证、车牌、邮箱、@ 在保存之前遮盖；\n个人帖文的网址只存带密钥的摘要。到期后一天之内，文字从所有文件里消失。",
    "Never stored: names, accounts, pictures, followers or profile addresses of authors; phone numbers, id cards,\nplates, e-mail addresses and @mentions are masked before storage; of the address of an individual's post only a\nkeyed hash. Within a day after its time a text is in no file any more.",
);

fn term(term: Term, config: &Config, language: Language) -> String {
    let days = |duration: SignedDuration| duration.as_hours() / 24;
    let config::Retention { posts, counts, alerts, .. } = config.retention;
    let (posts, counts, alerts) = (days(posts), days(counts), days(alerts));
    let (idle, longest) = (SESSION_IDLE.as_hours(), days(SESSION_LONGEST));
    let chinese = match term {
        Term::Posts => format!("{posts} 天，从保存时算起（[retention] posts）"),
        Term::Texts => format!("{} 天：比所引的帖文早一天删", (posts - 1).max(1)),
        Term::Counts => format!("{counts} 天（[retention] counts）"),
        Term::Alerts => format!("关闭后 {alerts} 天（[retention] alerts）"),
        Term::Audit => format!("{alerts} 天（[retention] alerts）"),
        Term::Session => format!("退出为止，最长 {longest} 天；{idle} 小时不用即失效"),
        Term::Account => "账号删除为止".to_owned(),
        Term::Source => "信源采集期间，每次采集时更新".to_owned(),
        Term::Day => "1 天，之后有新请求时删".to_owned(),
        Term::Folder => "与数据目录同在".to_owned(),
    };
    let english = match term {
        Term::Posts => format!("{posts} days from storage on ([retention] posts)"),
        Term::Texts => format!("{} days: gone a day before the posts it quotes", (posts - 1).max(1)),
        Term::Counts => format!("{counts} days ([retention] counts)"),
        Term::Alerts => format!("{alerts} days after the alert is closed ([retention] alerts)"),
        Term::Audit => format!("{alerts} days ([retention] alerts)"),
        Term::Session => format!("until logged out, {longest} days at most, {idle} hours unused"),
        Term::Account => "until the account is removed".to_owned(),
        Term::Source => "while the source is read, replaced at each visit".to_owned(),
        Term::Day => "a day, then deleted at the next request".to_owned(),
        Term::Folder => "as long as the data folder".to_owned(),
    };
    match language {
        Language::Chinese => chinese,
        Language::English => english,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn listed(file: &str) -> BTreeSet<String> {
        let fields = FIELDS.iter().filter(|field| field.file == file);
        fields.map(|field| format!("{}.{}", field.table, field.name)).collect()
    }

    fn columns(path: &std::path::Path) -> BTreeSet<String> {
        let connection = rusqlite::Connection::open(path).unwrap();
        let sql = "SELECT m.name || '.' || c.name FROM sqlite_master m, pragma_table_info(m.name) c
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'";
        let mut select = connection.prepare(sql).unwrap();
        select.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    }

    #[test]
    fn every_column_of_every_table_and_every_field_of_the_index_is_named() {
        let folder = tempfile::tempdir().unwrap();
        drop(crawler::archive::Archive::open(folder.path()).unwrap());
        drop(analyzer::counts::Counts::open(folder.path()).unwrap());
        drop(alerts::journal::Journal::open(folder.path()).unwrap());
        for file in ["posts.db", "counts.db", "alerts.db"] {
            assert_eq!(listed(file), columns(&folder.path().join(file)), "{file}");
        }
        let index: BTreeSet<String> =
            analyzer::index::fields().into_iter().map(|field| format!(".{field}")).collect();
        assert_eq!(listed("index/"), index);
    }
}
