//! The words of an element, as a reader would see them: blocks and line breaks begin lines.

use ego_tree::iter::Edge;
use scraper::{ElementRef, Node};

use super::rules::is_block;

/// The words of an element and of all in it; lines are not tidied yet.
pub(crate) fn of(element: ElementRef<'_>) -> String {
    let mut words = String::new();
    for edge in element.traverse() {
        let (node, opens) = match &edge {
            Edge::Open(node) => (node, true),
            Edge::Close(node) => (node, false),
        };
        match node.value() {
            Node::Text(text) if opens => {
                // Line ends in HTML are spaces; only elements begin a line.
                words.extend(text.chars().map(|c| if c == '\n' { ' ' } else { c }));
            }
            Node::Element(element) => match element.name() {
                "td" | "th" => words.push(' '),
                "br" if opens => words.push('\n'),
                name if is_block(name) => words.push('\n'),
                _ => {}
            },
            _ => {}
        }
    }
    words
}
