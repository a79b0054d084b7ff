//! What a text says once all that people add when they pass it on is gone: links, mentions, emoji, signs,
//! particles, 转发微博, and topics and headings at its edges.

use crate::hash::{SEED, mix};
use crate::normalize::normalized_chars;

/// Topics and headings at the edges of a short text are left out; in a longer one they are few among the
/// rest, and a part that was cut from it should look like it.
const FEW_WORDS: usize = 40;
/// And only if so many characters of its own are left.
const OWN_WORDS: usize = 12;
/// Longest topic or heading in characters; whatever is longer is text.
const LONGEST_TAG: usize = 40;
/// What programs and people write before a text they pass on.
const FORWARDS: &[&str] =
    &["转发微博", "快转微博", "转发", "转载", "转帖", "转自", "转", "分享", "repost", "rt"];
/// What pages write behind a text.
const CLOSINGS: &[&str] = &["展开全文", "收起全文", "查看全文", "阅读全文", "网页链接", "全文", "转发微博"];

/// The words of a text.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Core {
    /// Letters, ideographs and digits.
    pub(super) chars: Vec<char>,
    /// Topics and headings that were left out, a bit each.
    pub(super) tags: u16,
    /// The text with its signs and topics, without links and mentions: where numbers are looked for.
    pub(super) spelled: Vec<char>,
}

impl Core {
    /// Nothing left means nothing to compare, as of a post that is only a picture.
    pub(super) fn of(title: &str, text: &str) -> Core {
        let mut core = Core::default();
        let title = normalized_chars(title);
        core.spelled.reserve(title.len() + text.len() / 2 + 1);
        core.spelled.extend(&title);
        core.spelled.push(' ');
        without_additions(&normalized_chars(text), true, &mut core.spelled);
        let text = core.spelled.split_off(title.len() + 1);
        core.chars.reserve(title.len() + text.len());
        core.read(&text);
        if !title.is_empty() {
            let text = std::mem::take(&mut core.chars);
            let mut plain = Vec::with_capacity(title.len());
            without_additions(&title, false, &mut plain);
            words(&plain, &mut core.chars);
            core.chars.extend(text);
        }
        core.spelled.extend(text);
        if core.chars.is_empty() {
            // Only emoji or signs: these are compared as they stand.
            core.chars = core.spelled.iter().copied().filter(|char| !char.is_whitespace()).collect();
        }
        core
    }

    /// The words of the text itself, without what stands at its edges unless that is much of it.
    fn read(&mut self, text: &[char]) {
        words(self.trimmed(text, true), &mut self.chars);
        let counts = |text: &[char]| text.iter().filter(|char| is_word(**char)).count();
        if self.chars.len() < OWN_WORDS || self.tags != 0 && counts(text) >= FEW_WORDS {
            self.tags = 0;
            self.chars.clear();
            words(self.trimmed(text, false), &mut self.chars);
        }
        if self.chars.is_empty() {
            words(text, &mut self.chars);
        }
    }

    /// The text without what stands at its edges.
    fn trimmed<'a>(&mut self, text: &'a [char], tags_too: bool) -> &'a [char] {
        let mut rest = text;
        for at_start in [true, false] {
            loop {
                let signs = if at_start {
                    rest.iter().take_while(|char| is_sign(**char)).count()
                } else {
                    rest.iter().rev().take_while(|char| is_sign(**char)).count()
                };
                rest = without(rest, signs, at_start);
                let plain = if at_start { without_forward(rest) } else { without_closing(rest) };
                let shorter = match plain {
                    None if tags_too => self.without_tag(rest, at_start),
                    _ => plain,
                };
                let Some(shorter) = shorter else { break };
                rest = shorter;
            }
        }
        rest
    }

    /// Without the topic or heading that stands at an edge.
    fn without_tag<'a>(&mut self, text: &'a [char], at_start: bool) -> Option<&'a [char]> {
        let (tag, rest) = [('#', '#'), ('【', '】')].into_iter().find_map(|(open, close)| {
            if at_start {
                let behind = text.strip_prefix(&[open])?;
                let end = behind.iter().position(|char| *char == close)?;
                Some((behind.get(..end)?, behind.get(end + 1..)?))
            } else {
                let before = text.strip_suffix(&[close])?;
                let begin = before.iter().rposition(|char| *char == open)?;
                Some((before.get(begin + 1..)?, before.get(..begin)?))
            }
        })?;
        let mut name = Vec::new();
        words(tag, &mut name);
        if name.len() > LONGEST_TAG {
            return None;
        }
        if !name.is_empty() {
            let hash = name.iter().fold(SEED, |hash, &char| mix(hash, u64::from(char)));
            self.tags |= 1 << (hash >> 60);
        }
        Some(rest)
    }
}

/// A text without so many characters at one of its edges.
fn without(text: &[char], count: usize, at_start: bool) -> &[char] {
    let rest = if at_start { text.get(count..) } else { text.get(..text.len().saturating_sub(count)) };
    rest.unwrap_or_default()
}

fn begins(text: &[char], with: &str) -> bool {
    let mut chars = text.iter();
    with.chars().all(|char| chars.next() == Some(&char))
}

fn ends(text: &[char], with: &str) -> bool {
    let mut chars = text.iter().rev();
    with.chars().rev().all(|char| chars.next() == Some(&char))
}

/// Without 转发微博, 转: and the like; a short one counts only with a sign behind it.
fn without_forward(text: &[char]) -> Option<&[char]> {
    FORWARDS.iter().find_map(|forward| {
        let length = forward.chars().count();
        let rest = text.get(length..).filter(|_| begins(text, forward))?;
        let is_said_clearly = length == 4 || rest.first().is_some_and(|char| is_sign(*char));
        is_said_clearly.then_some(rest)
    })
}

fn without_closing(text: &[char]) -> Option<&[char]> {
    let closing = CLOSINGS.iter().find(|closing| ends(text, closing))?;
    Some(without(text, closing.chars().count(), false))
}

/// Signs at an edge that are no part of a topic.
fn is_sign(char: char) -> bool {
    !is_alphanumeric(char) && !matches!(char, '#' | '【' | '】')
}

/// Letters, ideographs and digits without the particles that people add and drop.
fn words(text: &[char], into: &mut Vec<char>) {
    into.extend(text.iter().copied().filter(|char| is_word(*char)));
}

fn is_word(char: char) -> bool {
    let is_particle = matches!(
        char,
        '啊' | '呀' | '呢' | '吧' | '吗' | '嘛' | '啦' | '哦' | '哈' | '喔' | '哎' | '唉' | '诶' | '了'
    );
    !is_particle && is_alphanumeric(char)
}

/// As the standard library has it; the ideographs, which are most, need no table.
fn is_alphanumeric(char: char) -> bool {
    matches!(char, '\u{4E00}'..='\u{9FFF}') || char.is_alphanumeric()
}

/// Appends the text without web addresses and without @mentions, masked or not; if wanted also without
/// [泪] and [doge], as platforms spell their little pictures.
fn without_additions(text: &[char], emoticons_too: bool, into: &mut Vec<char>) {
    let mut rest = text;
    while let Some((&char, behind)) = rest.split_first() {
        let length = match char {
            '@' => {
                let is_name = |char: &char| is_alphanumeric(*char) || matches!(char, '@' | '_' | '-' | '*');
                rest.iter().take_while(|char| is_name(char)).count()
            }
            // An address is ASCII without spaces.
            'h' if begins(rest, "http://") || begins(rest, "https://") => {
                rest.iter().take_while(|char| char.is_ascii_graphic()).count()
            }
            '[' if emoticons_too => emoticon(behind).map_or(0, |name| name + 2),
            _ => 0,
        };
        if length == 0 || char != '[' {
            into.push(if length == 0 { char } else { ' ' });
        }
        rest = rest.get(length.max(1)..).unwrap_or_default();
    }
}

/// Length of the name of a little picture, if one and its bracket stand here.
fn emoticon(text: &[char]) -> Option<usize> {
    const LONGEST: usize = 6;
    let length = text.iter().take(LONGEST + 1).take_while(|char| char.is_alphabetic()).count();
    ((1..=LONGEST).contains(&length) && text.get(length) == Some(&']')).then_some(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(Core::of("", text).chars.into_iter().collect::<String>(), expected, "{text}");
    }

    #[test]
    fn what_people_add_goes() {
        let plain = "今天早上八点开始整栋楼都没有水";
        for text in [
            "今天早上八点开始，整栋楼都没有水！！",
            "转发微博 今天早上八点开始整栋楼都没有水",
            "转发微博//@某某: 【求助】今天早上八点开始整栋楼都没有水",
            "转：今天早上八点开始整栋楼都没有水",
            "#停水#今天早上八点开始整栋楼都没有水#青岚市# ",
            "【突发】今天早上八点开始整栋楼都没有水了😡😡",
            "@青岚发布 今天早上八点开始整栋楼都没有水[泪][泪] https://t.cn/A6xYz",
            "//@某某:今天早上八点开始整栋楼都没有水...全文",
            "RT @某某: 今天早上八点开始整栋楼都没有水啊",
        ] {
            check(text, plain);
        }
    }

    #[test]
    fn a_long_text_keeps_its_topics_and_bears_none() {
        let text = "#青岚停水#今天早上八点开始整栋楼都没有水，打了三次热线也没有人来看一看，家里老人孩子怎么办，盼回复";
        let core = Core::of("", text);
        assert!(core.chars.starts_with(&['青', '岚', '停', '水', '今', '天']));
        assert_eq!(core.tags, 0);
        assert_ne!(Core::of("", text.split('，').next().unwrap()).tags, 0);
    }

    #[test]
    fn a_text_that_is_little_else_keeps_its_topics() {
        check("#青岚停水#", "青岚停水");
        check("【返鄉】需7天核酸", "返乡需7天核酸");
        check("#北京疫情# 加油", "北京疫情加油");
        check("转发微博", "转发微博");
        check("#没有完 今天早上八点开始整栋楼都没有水", "没有完今天早上八点开始整栋楼都没有水");
        check("[2021]号文件", "2021号文件");
        check("转身离开的时候才发现水龙头没有关", "转身离开的时候才发现水龙头没有关");
        check("😡😡", "😡😡");
        check("", "");
    }
}
