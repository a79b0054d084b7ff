//! Queries made from queries: without names that nobody knows, and with words taken apart.

use super::{By, Filter, Node, Problem, Query, What, Word};
use crate::segment::Segmenter;

impl Query {
    /// The filters that hold for the whole query: those that stand beside everything else, not behind a bar or a minus.
    pub fn filters(&self) -> impl Iterator<Item = &Filter> {
        let nodes = match &self.root {
            Node::All(nodes) => nodes.as_slice(),
            single => std::slice::from_ref(single),
        };
        nodes.iter().filter_map(|node| if let Node::Filter(filter) = node { Some(filter) } else { None })
    }

    /// Whether it asks for everything.
    pub fn is_everything(&self) -> bool {
        self.root == Node::All(Vec::new())
    }

    /// The query without these unknown names; what then asks nothing is left out.
    pub fn without(self, unknown: &[Problem]) -> Query {
        Query { root: self.root.without(unknown).unwrap_or(Node::All(Vec::new())) }
    }

    /// The query, as one would type it, with its unquoted words cut into the words inside them, all of which must then
    /// occur: worth trying when nothing was found (北京数据 also finds 北京公布数据). `typed` is what it was read from.
    /// `None` if there is nothing to cut.
    pub fn loosened(&self, typed: &str, segmenter: &Segmenter) -> Option<String> {
        let root = self.root.loosened(segmenter);
        (root != self.root).then(|| root.typed(typed, Inside::Nothing))
    }
}

/// What a condition stands in, which tells whether it needs brackets.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Nothing,
    All,
    AnyOrNot,
}

impl Node {
    fn without(self, unknown: &[Problem]) -> Option<Node> {
        let each = |nodes: Vec<Node>| -> Vec<Node> {
            nodes.into_iter().filter_map(|node| node.without(unknown)).collect()
        };
        match self {
            Node::All(nodes) => Some(Node::All(each(nodes))).filter(|node| *node != Node::All(Vec::new())),
            Node::Any(nodes) => Some(Node::Any(each(nodes))).filter(|node| *node != Node::Any(Vec::new())),
            Node::Not(node) => node.without(unknown).map(|node| Node::Not(Box::new(node))),
            Node::Filter(filter) => filter.without(unknown).map(Node::Filter),
            Node::Word(_) => Some(self),
        }
    }

    fn loosened(&self, segmenter: &Segmenter) -> Node {
        let each = |nodes: &[Node]| nodes.iter().map(|node| node.loosened(segmenter)).collect();
        match self {
            Node::All(nodes) => Node::All(each(nodes)),
            Node::Any(nodes) => Node::Any(each(nodes)),
            Node::Word(word) if !word.quoted => {
                let parts = segmenter.parts(&word.text).into_iter();
                let parts: Vec<Node> = parts.map(|part| Node::Word(Word::unquoted(part))).collect();
                if parts.len() > 1 { Node::All(parts) } else { self.clone() }
            }
            // What is ruled out stays as exact as it was typed.
            Node::Word(_) | Node::Not(_) | Node::Filter(_) => self.clone(),
        }
    }

    fn typed(&self, original: &str, inside: Inside) -> String {
        let join = |nodes: &[Node], within: Inside, with: &str| {
            nodes.iter().map(|node| node.typed(original, within)).collect::<Vec<_>>().join(with)
        };
        let bracketed = |text: String, needed: bool| if needed { format!("({text})") } else { text };
        match self {
            Node::All(nodes) => bracketed(join(nodes, Inside::All, " "), inside == Inside::AnyOrNot),
            Node::Any(nodes) => bracketed(join(nodes, Inside::AnyOrNot, "|"), inside == Inside::AnyOrNot),
            Node::Not(node) => format!("-{}", node.typed(original, Inside::AnyOrNot)),
            Node::Word(word) if word.quoted => format!("\"{}\"", word.typed),
            Node::Word(word) => word.typed.clone(),
            Node::Filter(filter) => original.chars().skip(filter.place.0).take(filter.place.1).collect(),
        }
    }
}

impl Word {
    fn unquoted(text: &str) -> Word {
        Word { typed: text.to_owned(), text: text.to_owned(), quoted: false }
    }
}

impl Filter {
    fn without(mut self, unknown: &[Problem]) -> Option<Filter> {
        let is_known = |name: &String| {
            !unknown.iter().any(|problem| match &problem.what {
                What::UnknownConcern(left) | What::UnknownSource(left) => {
                    problem.position == self.place.0 && left == name
                }
                _ => false,
            })
        };
        match &mut self.by {
            By::Source(names) | By::Concern(names) => {
                names.retain(is_known);
                if names.is_empty() { None } else { Some(self) }
            }
            By::Level(_) | By::Time(_) => Some(self),
        }
    }
}
