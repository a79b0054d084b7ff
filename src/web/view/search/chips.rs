//! "系统理解为": a query as understood, as chips, and what was typed with the place of a mistake marked.

use alerts::format;
use alerts::message::Language;
use analyzer::query::{Node, Problem, Query};

/// One piece of the query in words.
pub(crate) struct Chip {
    pub(crate) text: String,
    pub(crate) kind: Kind,
}

/// What a piece is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Looked for, or a filter.
    Wanted,
    /// Ruled out.
    Unwanted,
    /// A word of ours between two pieces.
    Joint,
}

/// What could not be understood, beside what was typed, cut at its place.
pub(crate) struct Mistake {
    pub(crate) text: String,
    pub(crate) before: String,
    pub(crate) here: String,
    pub(crate) after: String,
}

impl Chip {
    pub(super) fn is_joint(&self) -> bool {
        self.kind == Kind::Joint
    }

    pub(super) fn is_unwanted(&self) -> bool {
        self.kind == Kind::Unwanted
    }
}

/// The pieces of a query; none if it asks for everything.
pub(crate) fn chips(query: &Query, language: Language) -> Vec<Chip> {
    let mut chips = Vec::new();
    add(&query.root, language, (false, false), &mut chips);
    chips
}

fn add(node: &Node, language: Language, (inside, not): (bool, bool), chips: &mut Vec<Chip>) {
    let joint = |text: &str| Chip { text: text.to_owned(), kind: Kind::Joint };
    let (and, or, without) = match language {
        Language::Chinese => ("并且", "或", "不含"),
        Language::English => ("and", "or", "without"),
    };
    match node {
        Node::All(nodes) | Node::Any(nodes) => {
            let between = if matches!(node, Node::All(_)) { and } else { or };
            let brackets = inside && nodes.len() > 1;
            chips.extend(brackets.then(|| joint("（")));
            for (place, node) in nodes.iter().enumerate() {
                chips.extend((place > 0).then(|| joint(between)));
                add(node, language, (nodes.len() > 1, not), chips);
            }
            chips.extend(brackets.then(|| joint("）")));
        }
        Node::Not(node) => {
            chips.push(joint(without));
            add(node, language, (true, true), chips);
        }
        Node::Word(_) | Node::Filter(_) => {
            // Whoever sends somebody a link to a search chooses these words.
            let text = format::visible(&Query { root: node.clone() }.echo(language));
            chips.push(Chip { text, kind: if not { Kind::Unwanted } else { Kind::Wanted } });
        }
    }
}

/// A mistake with its place in what was typed.
pub(crate) fn mistake(typed: &str, problem: &Problem, language: Language) -> Mistake {
    let part =
        |skip: usize, take: usize| format::visible(&typed.chars().skip(skip).take(take).collect::<String>());
    let length = problem.length.max(1);
    let here = part(problem.position, length);
    Mistake {
        text: format::visible(&problem.left_out(language)),
        before: part(0, problem.position),
        // At the end of the query there is nothing to mark: the gap is.
        here: if here.is_empty() { "␣".to_owned() } else { here },
        after: part(problem.position + length, usize::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(typed: &str) -> String {
        let (query, _) = Query::parse_leniently(typed);
        chips(&query, Language::Chinese)
            .iter()
            .map(|chip| match chip.kind {
                Kind::Wanted => format!("[{}]", chip.text),
                Kind::Unwanted => format!("<{}>", chip.text),
                Kind::Joint => chip.text.clone(),
            })
            .collect()
    }

    #[test]
    fn a_query_is_told_in_pieces() {
        assert_eq!(told("数据 公布|通报 -天气"), "[数据]并且（[公布]或[通报]）并且不含<天气>");
        assert_eq!(told("\"数据公布\" 信源:微博"), "[“数据公布”]并且[信源为 微博]");
        assert_eq!(told("\u{202e}停水\u{1b}"), "[停水]");
        assert_eq!(told(""), "");
    }

    #[test]
    fn a_mistake_is_marked_where_it_stands() {
        let typed = "数据 公布)通报";
        let (_, problems) = Query::parse_leniently(typed);
        let told = mistake(typed, problems.first().unwrap(), Language::Chinese);
        assert_eq!(
            (told.before.as_str(), told.here.as_str(), told.after.as_str()),
            ("数据 公布", ")", "通报")
        );
        assert_eq!(told.text, "忽略了多余的 )");
    }
}
