//! What could not be understood in a query, where, and what was expected there.

use std::fmt;

use crate::language::Language;

/// One thing in a query that could not be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where it begins, in characters of the query as typed, from 0.
    pub position: usize,
    /// How many characters it covers; 0 at the end of the query.
    pub length: usize,
    /// What is the matter.
    pub what: What,
}

/// What is the matter with a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Nothing was asked.
    Empty,
    /// A quotation mark without its partner.
    OpenQuote,
    /// An opening bracket without its partner.
    OpenBracket,
    /// A closing bracket without its partner.
    StrayBracket,
    /// Brackets with nothing inside.
    EmptyBrackets,
    /// A minus with nothing right behind it.
    LoneMinus,
    /// A bar with nothing before or behind it.
    LoneBar,
    /// A filter without a value; its name.
    NoValue(String),
    /// Not a time; as typed.
    BadTime(String),
    /// A span that ends where it begins, or before; as typed.
    EndsBefore(String),
    /// Not a level; as typed.
    BadLevel(String),
    /// No such concern; its name.
    UnknownConcern(String),
    /// No such source or group of sources; its name.
    UnknownSource(String),
    /// More brackets inside brackets than anybody means.
    TooDeep,
    /// Longer than a query may be.
    TooLong,
}

impl Problem {
    /// One sentence: what was found and what was expected.
    pub fn describe(&self, language: Language) -> String {
        let place = self.position + 1;
        match language {
            Language::Chinese => format!("第 {place} 个字：{}", self.what.say(language)),
            Language::English => format!("character {place}: {}", self.what.say(language)),
        }
    }

    /// What the page says after it has answered as best it can.
    pub fn left_out(&self, language: Language) -> String {
        match (&self.what, language) {
            (What::StrayBracket, Language::Chinese) => "忽略了多余的 )".into(),
            (What::LoneMinus, Language::Chinese) => "忽略了后面没有词的 -".into(),
            (What::LoneBar, Language::Chinese) => "忽略了多余的 |".into(),
            (What::EmptyBrackets, Language::Chinese) => "忽略了空的括号".into(),
            (What::OpenQuote, Language::Chinese) => "引号没有写完，按写到末尾理解".into(),
            (What::OpenBracket, Language::Chinese) => "括号没有写完，按写到末尾理解".into(),
            (_, Language::Chinese) => format!("忽略了一处：{}", self.what.chinese()),
            (What::OpenQuote | What::OpenBracket, Language::English) => {
                format!("read up to the end: {}", self.what.english())
            }
            (_, Language::English) => format!("left out: {}", self.what.english()),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.describe(Language::English))
    }
}

impl std::error::Error for Problem {}

impl What {
    /// What is the matter, without its place.
    pub fn say(&self, language: Language) -> String {
        match language {
            Language::Chinese => self.chinese(),
            Language::English => self.english(),
        }
    }

    fn chinese(&self) -> String {
        match self {
            What::Empty => "这里要写查询词".into(),
            What::OpenQuote => "这个引号没有写完，后面要有另一半引号".into(),
            What::OpenBracket => "这个括号没有写完，后面要有 )".into(),
            What::StrayBracket => "多了一个 )，前面没有对应的 (".into(),
            What::EmptyBrackets => "括号里要有查询词".into(),
            What::LoneMinus => "减号后面要紧跟不要的词，如 -天气".into(),
            What::LoneBar => "竖线两边都要有词，如 公布|通报".into(),
            What::NoValue(name) => format!("“{name}:”后面要紧跟内容，如 {name}:{}", example(name)),
            What::BadTime(typed) => {
                format!("看不懂时间“{typed}”，可以写 7天、48小时、今天、2021-01-20、2021-01-20..2021-01-22")
            }
            What::EndsBefore(typed) => format!("时间“{typed}”的结束不晚于开始：把两头对调"),
            What::BadLevel(typed) => format!("没有级别“{typed}”，可以写 蓝、黄、橙、红"),
            What::UnknownConcern(name) => format!("没有名为“{name}”的关切"),
            What::UnknownSource(name) => format!("没有名为“{name}”的信源，也没有这样的信源类别"),
            What::TooDeep => "括号套得太多，最多 16 层".into(),
            What::TooLong => "查询太长，最多 1000 个字".into(),
        }
    }

    fn english(&self) -> String {
        match self {
            What::Empty => "expected a word to search for".into(),
            What::OpenQuote => "this quotation mark is never closed".into(),
            What::OpenBracket => "this bracket is never closed; expected )".into(),
            What::StrayBracket => "this ) has no ( before it".into(),
            What::EmptyBrackets => "expected words inside the brackets".into(),
            What::LoneMinus => "expected a word right behind the minus, like -天气".into(),
            What::LoneBar => "expected words on both sides of the bar, like 公布|通报".into(),
            What::NoValue(name) => {
                format!("expected a value right behind \"{name}:\", like {name}:{}", example(name))
            }
            What::BadTime(typed) => format!(
                "not a time: \"{typed}\"; expected 7d, 48h, today, 2021-01-20 or 2021-01-20..2021-01-22"
            ),
            What::EndsBefore(typed) => format!("\"{typed}\" ends where it begins, or before: swap the two"),
            What::BadLevel(typed) => {
                format!("not a level: \"{typed}\"; expected blue, yellow, orange or red")
            }
            What::UnknownConcern(name) => format!("no concern is named \"{name}\""),
            What::UnknownSource(name) => format!("no source and no group of sources is named \"{name}\""),
            What::TooDeep => "more than 16 brackets inside each other".into(),
            What::TooLong => "the query is longer than 1000 characters".into(),
        }
    }
}

fn example(filter: &str) -> &'static str {
    match filter {
        "信源" | "来源" => "微博",
        "关切" => "数据公布",
        "级别" => "橙",
        "时间" => "7天",
        "source" => "weibo",
        "concern" => "数据公布",
        "level" => "orange",
        _ => "7d",
    }
}
