//! What a text says once all that people add when they pass it on is gone: links, mentions, emoji, signs,
//! particles, 转发微博, and topics and headings at its edges.

use super::hash::{SEED, mix};
use crate::normalize::normalize;

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
    pub(super) spelled: String,
}

impl Core {
    /// Nothing left means nothing to compare, as of a post that is only a picture.
    pub(super) fn of(title: &str, text: &str) -> Core {
        let text = without_emoticons(&without_links(&normalize(text)));
        let title = normalize(title);
        let mut core = Core::default();
        core.chars = words(core.trimmed(&text, true));
        if core.chars.len() < OWN_WORDS || core.tags != 0 && words(&text).len() >= FEW_WORDS {
            core.tags = 0;
            core.chars = words(core.trimmed(&text, false));
        }
        if core.chars.is_empty() {
            core.chars = words(&text);
        }
        if !title.is_empty() {
            let text = std::mem::take(&mut core.chars);
            core.chars = words(&without_links(&title));
            core.chars.extend(text);
        }
        core.spelled = format!("{title} {text}");
        if core.chars.is_empty() {
            // Only emoji or signs: these are compared as they stand.
            core.chars = core.spelled.chars().filter(|char| !char.is_whitespace()).collect();
        }
        core
    }

    /// The text without what stands at its edges.
    fn trimmed<'a>(&mut self, text: &'a str, tags_too: bool) -> &'a str {
        let mut rest = text;
        for at_start in [true, false] {
            loop {
                rest =
                    if at_start { rest.trim_start_matches(is_sign) } else { rest.trim_end_matches(is_sign) };
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
    fn without_tag<'a>(&mut self, text: &'a str, at_start: bool) -> Option<&'a str> {
        let (tag, rest) = [('#', '#'), ('【', '】')].into_iter().find_map(|(open, close)| {
            if at_start {
                text.strip_prefix(open)?.split_once(close)
            } else {
                text.strip_suffix(close)?.rsplit_once(open).map(|(rest, tag)| (tag, rest))
            }
        })?;
        let name = words(tag);
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

/// Without 转发微博, 转: and the like; a short one counts only with a sign behind it.
fn without_forward(text: &str) -> Option<&str> {
    FORWARDS.iter().find_map(|forward| {
        let rest = text.strip_prefix(forward)?;
        let is_said_clearly = forward.chars().count() == 4 || rest.starts_with(is_sign);
        is_said_clearly.then_some(rest)
    })
}

fn without_closing(text: &str) -> Option<&str> {
    CLOSINGS.iter().find_map(|closing| text.strip_suffix(closing))
}

/// Signs at an edge that are no part of a topic.
fn is_sign(char: char) -> bool {
    !char.is_alphanumeric() && !matches!(char, '#' | '【' | '】')
}

/// Letters, ideographs and digits without the particles that people add and drop.
fn words(text: &str) -> Vec<char> {
    const PARTICLES: &[char] =
        &['啊', '呀', '呢', '吧', '吗', '嘛', '啦', '哦', '哈', '喔', '哎', '唉', '诶', '了'];
    text.chars().filter(|char| char.is_alphanumeric() && !PARTICLES.contains(char)).collect()
}

/// Without [泪] and [doge], as platforms spell their little pictures.
fn without_emoticons(text: &str) -> String {
    const LONGEST: usize = 6;
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('[') {
        kept.push_str(before);
        let name = after.split_once(']').filter(|(name, _)| {
            (1..=LONGEST).contains(&name.chars().count()) && name.chars().all(char::is_alphabetic)
        });
        match name {
            Some((_, behind)) => rest = behind,
            None => {
                kept.push('[');
                rest = after;
            }
        }
    }
    kept.push_str(rest);
    kept
}

/// The text without web addresses and without @mentions, masked or not.
fn without_links(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = first_link(rest) {
        let (before, link) = rest.split_at(at);
        kept.push_str(before);
        kept.push(' ');
        // An address is ASCII without spaces; a name ends at a space or a sign.
        let is_mention = link.starts_with('@');
        let ends = |char: char| {
            if is_mention {
                !(char.is_alphanumeric() || "@_-*".contains(char))
            } else {
                !char.is_ascii_graphic()
            }
        };
        rest = link.find(ends).and_then(|end| link.get(end..)).unwrap_or("");
    }
    kept.push_str(rest);
    kept
}

fn first_link(text: &str) -> Option<usize> {
    text.match_indices(['h', '@'])
        .find(|(at, _)| {
            let link = text.get(*at..).unwrap_or("");
            link.starts_with('@') || link.starts_with("http://") || link.starts_with("https://")
        })
        .map(|(at, _)| at)
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
