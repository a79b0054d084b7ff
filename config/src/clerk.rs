//! Reads `concerns.toml`, the clerk's file: the concerns, and what can be wrong with their words.

use std::collections::BTreeSet;

use analyzer::concern::{AskRule, Concern, Scope};
use analyzer::intent::OwnRules;
use analyzer::level::Level;
use analyzer::normalize::normalize;

use crate::administrator::check_groups;
use crate::duties::unknown_group;
use crate::examples;
use crate::measures::{self, LEVELS};
use crate::problem::{Mistake, Words};
use crate::section::{Found, Item, Section};
use crate::settings::{Config, Levels};
use crate::sources::{missing, unique};
use crate::value::{choice, duration, long_name, name, text};

/// The whole file: concerns, and own rules of what posts want. `config` holds the people and levels that
/// concerns refer to.
pub(crate) fn read(root: Section<'_, '_>, config: &Config) -> (Vec<Concern>, OwnRules) {
    let mut concerns: Vec<Concern> = Vec::new();
    let mut names: Vec<Found<'_, String>> = Vec::new();
    let mut ids: Vec<Found<'_, String>> = Vec::new();
    let sections = root.sections("concern");
    if sections.is_empty() && root.item("concern").is_none() {
        let message = Words::new("这里一项关切也没有", "there is no concern in this file");
        let label = Words::new("从 [[concern]] 写起", "begin with [[concern]]");
        let mistake = Mistake::new("no-concern", message, label)
            .help("guanlan init 生成的文件里有样例", "guanlan init writes a file with examples");
        root.notes().warning(&root.at(), mistake);
    }
    let never = word_list(&root, "not");
    for section in sections {
        let name = section.found("name", name);
        let id = section.found("id", long_name);
        if name.is_none() && section.item("name").is_none() {
            missing(&section, "name", "这项关切的名称", "the name of the concern");
        }
        unique(&section, name.as_ref(), &mut names);
        unique(&section, id.as_ref(), &mut ids);
        let name = name.map(|name| name.value);
        let id = id.map(|id| id.value).or_else(|| name.clone());
        let concern = concern(&section, config, &never, name.zip(id));
        section.finish();
        concerns.extend(concern);
    }
    let intents = intents(root.section("intents"));
    root.finish();
    (concerns, intents)
}

fn intents(section: Section<'_, '_>) -> OwnRules {
    let list = |key: &str| values(word_list(&section, key));
    let rules = OwnRules {
        question: list("question"),
        not_question: list("not_question"),
        complaint: list("complaint"),
        not_complaint: list("not_complaint"),
        help: list("help"),
        not_help: list("not_help"),
    };
    section.finish();
    rules
}

/// `never`: what the head of the file excludes from every concern.
fn concern<'a>(
    section: &Section<'a, '_>,
    config: &Config,
    never: &[Found<'a, String>],
    name_and_id: Option<(String, String)>,
) -> Option<Concern> {
    let department = section.value("department", |item| department(item, config));
    let words = word_list(section, "words");
    let not: Vec<Found<'a, String>> =
        word_list(section, "not").into_iter().chain(never.iter().cloned()).collect();
    let replies = word_list(section, "replies");
    check_words(section, &words, &not);
    let scopes = [("all", Scope::All), ("title", Scope::Title)];
    let scope = section.value("in", |item| choice(item, &scopes)).unwrap_or_default();
    let max_level = section.found("max_level", |item| choice(item, &LEVELS));
    let levels = section.section("levels");
    let Levels { needs, min_voices, .. } = measures::needs_and_voices(&levels, &config.levels);
    check_reach(&levels, max_level.as_ref());
    check_groups((&levels, None), &needs, config, &|_| true);
    levels.finish();
    let examples = section.section("examples");
    let name_en = section.value("name_en", long_name);
    let advice = section.value("advice", text);
    let reply_within = section.value("reply_within", duration);
    let asks = asks(section.section("asks"));
    let (name, id) = name_and_id?;
    let concern = Concern {
        id,
        name,
        name_en,
        department,
        words: values(words),
        not: values(not),
        scope,
        asks,
        replies: values(replies),
        advice,
        reply_within,
        max_level: max_level.map(|level| level.value),
        needs,
        min_voices,
    };
    let concern = (!concern.words.is_empty()).then_some(concern);
    examples::check(examples, concern.as_ref());
    concern
}

fn asks(section: Section<'_, '_>) -> Vec<AskRule> {
    let mut asks = Vec::new();
    for (label, item) in section.entries() {
        let words = section.elements(&item, word);
        if words.is_empty() && item.elements().is_some_and(|elements| elements.is_empty()) {
            section.notes().error(&item.at, empty_list(&label.value));
        }
        asks.push(AskRule { label: label.value, words: values(words) });
    }
    section.finish();
    asks
}

fn department(item: &Item<'_>, config: &Config) -> Result<String, Mistake> {
    let name = text(item)?;
    let is_known = config.people.iter().any(|group| group.name == name);
    if is_known || config.people.is_empty() {
        return Ok(name);
    }
    let mut mistake =
        unknown_group("unknown-department", &name, config.people.iter().map(|group| group.name.as_str()));
    mistake.said.message = Words::new(
        format!("责任单位“{name}”不在通讯录 [people] 里"),
        format!("the department \"{name}\" is not in [people]"),
    );
    Err(mistake)
}

fn word_list<'a>(section: &Section<'a, '_>, key: &str) -> Vec<Found<'a, String>> {
    let Some(item) = section.item(key) else {
        if key == "words" {
            missing(section, key, "关切词的列表", "the list of words");
        }
        return Vec::new();
    };
    let is_empty_list = item.elements().is_some_and(|elements| elements.is_empty());
    if is_empty_list && key == "words" {
        section.notes().error(&item.at, empty_list(key));
    }
    section.elements(&item, word)
}

/// One entry: parts that must all occur. Never empty: an empty entry would match every post.
fn word(item: &Item<'_>) -> Result<String, Mistake> {
    let entry = text(item).map_err(|mistake| {
        if mistake.code != "empty" {
            return mistake;
        }
        let message = Words::new("空的词会对上所有帖子", "an empty entry would match every post");
        Mistake::new("empty-word", message, Words::new("删掉它，或写上词", "delete it, or give a word"))
    })?;
    if let Some(operator) = entry.chars().find(|character| "|｜\"“”".contains(*character)) {
        let message = Words::new(
            format!("词里有“{operator}”：这里不是搜索框，它会被当作要找的字"),
            format!("\"{operator}\" in a word: here it would be looked for as a character"),
        );
        let mistake = Mistake::new("operator-in-word", message, Words::new("去掉它", "leave it out"));
        return Err(mistake.help(
            "“或者”写成两条；“不含”写进 not",
            "\"or\" is a second entry, \"not\" an entry of the list not",
        ));
    }
    Ok(entry)
}

fn check_words<'a>(section: &Section<'a, '_>, words: &[Found<'a, String>], not: &[Found<'a, String>]) {
    let mut seen = BTreeSet::new();
    for word in words {
        let parts: BTreeSet<String> = parts(&word.value);
        let is_single = parts.len() == 1 && parts.iter().all(|part| part.chars().count() == 1);
        if is_single {
            let message = Words::new(
                format!("“{}”只有一个字，会对上太多不相干的帖子", word.value),
                format!("\"{}\" is a single character and matches far too much", word.value),
            );
            let label = Words::new("写成词，或再加一个要同时出现的词", "use a word, or add a second one");
            section.notes().error(&word.at, Mistake::new("one-character-word", message, label));
        }
        if let Some(same) = not.iter().find(|not| always_has(&parts, &self::parts(&not.value))) {
            let message = Words::new(
                format!("“{}”永远对不上：not 里有“{}”", word.value, same.value),
                format!("\"{}\" can never match: \"{}\" is in not", word.value, same.value),
            );
            let label = Words::new("两处只能留一处", "keep one of the two, or make the other narrower");
            section.notes().error(&word.at, Mistake::new("word-also-in-not", message, label));
        }
        if !seen.insert(parts) {
            let message = Words::new(
                format!("“{}”写了两次", word.value),
                format!("\"{}\" is written twice", word.value),
            );
            let label = Words::new("可以删掉", "can go");
            section.notes().warning(&word.at, Mistake::new("duplicate-word", message, label));
        }
    }
}

/// A level that is described but cannot be reached, because `max_level` is below it.
fn check_reach(levels: &Section<'_, '_>, max_level: Option<&Found<'_, Level>>) {
    let Some(max_level) = max_level else { return };
    for (name, level) in LEVELS {
        if level > max_level.value && levels.item(name).is_some() {
            let message = Words::new(
                format!("{name} 永远到不了：max_level 已经限在它下面"),
                format!("{name} can never be reached: max_level is below it"),
            );
            let label = Words::new("删掉这一行，或提高 max_level", "delete this, or raise max_level");
            levels.notes().warning(&levels.at_key(name), Mistake::new("unreachable-level", message, label));
        }
    }
}

fn parts(entry: &str) -> BTreeSet<String> {
    normalize(entry).split_whitespace().map(str::to_owned).collect()
}

/// Whether every text that has all of `parts` has all of `others` as well.
fn always_has(parts: &BTreeSet<String>, others: &BTreeSet<String>) -> bool {
    others.iter().all(|other| parts.iter().any(|part| part.contains(other.as_str())))
}

fn empty_list(key: &str) -> Mistake {
    let message =
        Words::new(format!("{key} 是空的，永远对不上"), format!("{key} is empty and never matches"));
    Mistake::new("empty-list", message, Words::new("写上至少一个词", "give at least one word"))
}

fn values(found: Vec<Found<'_, String>>) -> Vec<String> {
    found.into_iter().map(|found| found.value).collect()
}
