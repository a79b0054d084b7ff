//! A search as a person in China types it: space = all, `|` = any, `-` = not, `"…"` = adjacent, brackets,
//! `信源:` `关切:` `级别:` `时间:`, half- or full-width. Understands; does not search.

mod parse;
mod problem;
mod rewrite;
mod span;

use jiff::{Timestamp, tz::TimeZone};

pub use problem::{Problem, What};
pub use span::Span;

use crate::concern::Concern;
use crate::language::Language;
use crate::level::Level;
use crate::matcher::split_entry;

/// A query as understood.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// What a post must be like.
    pub root: Node,
}

/// One condition.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// Each must hold; an empty list always holds.
    All(Vec<Node>),
    /// One must hold.
    Any(Vec<Node>),
    /// Must not hold.
    Not(Box<Node>),
    /// The text has these characters side by side.
    Word(Word),
    /// About the post, not its text.
    Filter(Filter),
}

/// Characters that must stand side by side in the title or in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// As typed, without quotes.
    pub typed: String,
    /// Normalised; never empty.
    pub text: String,
    /// Whether it stood in quotes.
    pub quoted: bool,
}

/// A condition on something else than the text.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter {
    /// What is asked.
    pub by: By,
    /// Where it stands in the query, in characters from 0, and its length.
    pub place: (usize, usize),
}

/// What a filter asks.
#[derive(Clone, Debug, PartialEq)]
pub enum By {
    /// Source id, source name or source group is one of these.
    Source(Vec<String>),
    /// The post matches one of these concerns, or none at all for [`UNASSIGNED`].
    Concern(Vec<String>),
    /// The post matches a concern that now stands at one of these levels.
    Level(Vec<Level>),
    /// Published in this span.
    Time(Span),
}

/// What stands in the place of a concern's name for posts of no concern, in Chinese and English; a concern that is
/// called so goes before.
pub const UNASSIGNED: [&str; 2] = ["未归入关切", "unassigned"];

/// What a query's names and times refer to.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The present, for `时间:7天`.
    pub now: Timestamp,
    /// The zone in which days begin.
    pub zone: &'a TimeZone,
    /// The configured concerns.
    pub concerns: &'a [Concern],
    /// Concern ids and the levels they stand at now.
    pub levels: &'a [(String, Level)],
    /// Source ids and the names shown for them.
    pub sources: &'a [(String, String)],
    /// Groups of the configured sources.
    pub groups: &'a [String],
}

impl Query {
    /// Reads a query strictly: the first thing that cannot be understood is an error.
    pub fn parse(typed: &str) -> Result<Query, Problem> {
        let (query, problems) = parse::parse(typed);
        problems.into_iter().next().map_or(Ok(query), Err)
    }

    /// Reads a query as well as possible, and says what was left out. Nothing typed means everything.
    pub fn parse_leniently(typed: &str) -> (Query, Vec<Problem>) {
        let (query, mut problems) = parse::parse(typed);
        problems.retain(|problem| problem.what != What::Empty);
        (query, problems)
    }

    /// The query that every post answers.
    pub fn everything() -> Query {
        Query { root: Node::All(Vec::new()) }
    }

    /// This query and another condition.
    pub fn and(self, node: Node) -> Query {
        let root = match self.root {
            Node::All(mut nodes) => {
                nodes.push(node);
                Node::All(nodes)
            }
            single => Node::All(vec![single, node]),
        };
        Query { root }
    }

    /// Names in the query that nobody knows: concerns that are not configured, and sources and groups that neither
    /// are configured nor have `posts`.
    pub fn unknown_names<E>(
        &self,
        context: &Context<'_>,
        has_posts: impl Fn(&str) -> Result<bool, E>,
    ) -> Result<Vec<Problem>, E> {
        let (mut problems, mut failed) = (Vec::new(), None);
        self.root.each_filter(&mut |filter| {
            let mut told = |what| {
                problems.push(Problem { position: filter.place.0, length: filter.place.1, what });
            };
            match &filter.by {
                By::Concern(names) => {
                    let unknown = names.iter().filter(|name| !context.has_concern(name));
                    unknown.for_each(|name| told(What::UnknownConcern(name.clone())));
                }
                By::Source(names) => {
                    for name in names.iter().filter(|name| !context.has_source(name)) {
                        match has_posts(name) {
                            Ok(true) => {}
                            Ok(false) => told(What::UnknownSource(name.clone())),
                            Err(error) => failed = Some(error),
                        }
                    }
                }
                By::Level(_) | By::Time(_) => {}
            }
        });
        failed.map_or(Ok(problems), Err)
    }

    /// The filters in words, for where only words can be taken over: 信源为 微博.
    pub fn filters_in_words(&self, language: Language) -> Vec<String> {
        let mut filters = Vec::new();
        self.root.each_filter(&mut |filter| filters.push(filter.by.echo(language)));
        filters
    }

    /// Whether it asks for the level that concerns stand at, which changes with time.
    pub fn asks_for_levels(&self) -> bool {
        let mut asks = false;
        self.root.each_filter(&mut |filter| asks |= matches!(filter.by, By::Level(_)));
        asks
    }

    /// The query in words: 数据 且 (公布 或 通报) 且 不含 天气. Empty if it asks for everything.
    pub fn echo(&self, language: Language) -> String {
        self.root.echo(language, false)
    }

    /// Normalised words that make a post match, for highlights: those not ruled out, and the words of
    /// concerns asked for.
    pub fn marked_words(&self, concerns: &[Concern]) -> Vec<String> {
        let mut words = Vec::new();
        self.root.mark(concerns, &mut words);
        words.sort();
        words.dedup();
        words
    }
}

impl Context<'_> {
    /// The concern of this id or name.
    pub fn concern(&self, name: &str) -> Option<&Concern> {
        self.concerns.iter().find(|concern| concern.id == name || concern.name == name)
    }

    fn has_concern(&self, name: &str) -> bool {
        self.concern(name).is_some() || UNASSIGNED.contains(&name)
    }

    /// Whether a source or a group that is configured has this id or name.
    fn has_source(&self, name: &str) -> bool {
        self.groups.iter().any(|group| group == name)
            || self.sources.iter().any(|(id, shown)| id == name || shown == name)
    }
}

impl Node {
    fn each_filter(&self, visit: &mut impl FnMut(&Filter)) {
        match self {
            Node::All(nodes) | Node::Any(nodes) => nodes.iter().for_each(|node| node.each_filter(visit)),
            Node::Not(node) => node.each_filter(visit),
            Node::Filter(filter) => visit(filter),
            Node::Word(_) => {}
        }
    }

    fn mark(&self, concerns: &[Concern], words: &mut Vec<String>) {
        match self {
            Node::All(nodes) | Node::Any(nodes) => nodes.iter().for_each(|node| node.mark(concerns, words)),
            Node::Word(word) => words.push(word.text.clone()),
            Node::Filter(Filter { by: By::Concern(names), .. }) => {
                let asked = concerns.iter().filter(|it| names.contains(&it.id) || names.contains(&it.name));
                words.extend(asked.flat_map(|it| &it.words).flat_map(|entry| split_entry(entry)));
            }
            Node::Not(_) | Node::Filter(_) => {}
        }
    }

    fn echo(&self, language: Language, inside: bool) -> String {
        let chinese = language == Language::Chinese;
        let (and, or, not) =
            if chinese { (" 且 ", " 或 ", "不含 ") } else { (" and ", " or ", "without ") };
        let join = |nodes: &[Node], with: &str| {
            let parts: Vec<String> = nodes.iter().map(|node| node.echo(language, nodes.len() > 1)).collect();
            let joined = parts.join(with);
            if inside && nodes.len() > 1 { format!("({joined})") } else { joined }
        };
        match self {
            Node::All(nodes) => join(nodes, and),
            Node::Any(nodes) => join(nodes, or),
            Node::Not(node) => match **node {
                Node::Filter(_) => format!("{not}({})", node.echo(language, true)),
                _ => format!("{not}{}", node.echo(language, true)),
            },
            Node::Word(word) if word.quoted && chinese => format!("“{}”", word.typed),
            Node::Word(word) if word.quoted => format!("\"{}\"", word.typed),
            Node::Word(word) => word.typed.clone(),
            Node::Filter(filter) => filter.by.echo(language),
        }
    }
}

impl By {
    fn echo(&self, language: Language) -> String {
        match (self, language) {
            (By::Source(names), Language::Chinese) => format!("信源为 {}", names.join("、")),
            (By::Source(names), Language::English) => format!("source {}", names.join(", ")),
            (By::Concern(names), Language::Chinese) => format!("关切为 {}", names.join("、")),
            (By::Concern(names), Language::English) => format!("concern {}", names.join(", ")),
            (By::Level(levels), Language::Chinese) => {
                let names: Vec<&str> = levels.iter().map(|&level| span::level_names(level).0).collect();
                format!("级别为 {}", names.join("、"))
            }
            (By::Level(levels), Language::English) => {
                let names: Vec<&str> = levels.iter().map(|&level| span::level_names(level).1).collect();
                format!("level {}", names.join(", "))
            }
            (By::Time(span), language) => span.echo(language),
        }
    }
}

#[cfg(test)]
mod tests;
