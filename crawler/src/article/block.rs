//! Finds the text by weight: sentences pull a block towards the text, links and the words of navigation
//! push it away; the block that weighs most is the article. One pass over the tree, one over its blocks.

use ego_tree::iter::Edge;
use scraper::{ElementRef, Html, Node, Selector};

use super::boilerplate;
use crate::format::plain;
use crate::markup::{is_block, text};

/// A line without a punctuation mark is a sentence from this many characters on.
const SENTENCE_FROM: usize = 30;

/// A block within the best one that weighs so much of it is taken instead: the rest is trimmings.
const NEARLY_ALL: f64 = 0.92;

/// Pages whose best block weighs less have no article; all their lines are taken that are not links.
const LEAST_WEIGHT: f64 = 25.0;

/// Lines at the head of a text that may be its date, source and counters.
const HEAD_LINES: usize = 8;

/// One line as a reader sees it.
#[derive(Debug, Default)]
struct Line {
    text: String,
    /// Characters that are no white space.
    length: usize,
    /// Those of them in links.
    linked: usize,
    /// The innermost block around it.
    block: usize,
    /// It stands in a block whose name says that it is no text.
    named: bool,
}

/// An element that begins lines of its own, or the page.
#[derive(Debug, Default)]
struct Block {
    parent: Option<usize>,
    /// Its lines, and those in its inner blocks.
    lines: std::ops::Range<usize>,
    weight: f64,
}

/// The lines of a page and the blocks they stand in.
#[derive(Default)]
struct Outline {
    lines: Vec<Line>,
    blocks: Vec<Block>,
}

/// Where forums keep what was posted.
const FORUM_POSTS: &str = "td.t_f, td.t_msgfont, div.t_msgfont, div.postmessage, div.bbs-content, div.d_post_content, div.post_message";

/// The posts of a thread, where a forum of a known kind shows them.
pub(super) fn thread(html: &Html) -> String {
    let Ok(posts) = Selector::parse(FORUM_POSTS) else { return String::new() };
    let posts: Vec<String> = html.select(&posts).map(text::of).collect();
    if posts.len() < 2 { String::new() } else { plain::from_text(&posts.join("\n"), usize::MAX) }
}

/// The text of a page, paragraph by paragraph, without its title.
pub(super) fn text(html: &Html, title: &str) -> String {
    let outline = Outline::of(html);
    let weight = |line: &Line| if line.length == 0 { 0.0 } else { line.weight() };
    let plain: f64 = outline.lines.iter().filter(|line| !line.named).map(weight).filter(|w| *w > 0.0).sum();
    let named: f64 = outline.lines.iter().filter(|line| line.named).map(weight).filter(|w| *w > 0.0).sum();
    // A site may call its article anything: names count only while they spare most of the text.
    let names_count = plain * 2.0 > named;
    outline.text(names_count, title)
}

/// All lines of a page that are text, wherever they stand.
pub(super) fn lines(html: &Html, title: &str) -> String {
    let outline = Outline::of(html);
    let lines: Vec<&Line> = outline.lines.iter().filter(|line| line.length > 0).collect();
    select(&lines, false, title)
}

impl Line {
    fn is_sentence(&self) -> bool {
        self.length >= SENTENCE_FROM || self.text.contains(['。', '，', '；', '！', '？', '：', '、'])
    }

    fn is_link(&self) -> bool {
        self.linked * 2 > self.length
    }

    fn weight(&self) -> f64 {
        let length = self.length as f64;
        if boilerplate::is_line(&self.text) {
            -8.0
        } else if self.is_link() {
            -2.0 - length.min(30.0) * 0.8
        } else if boilerplate::is_contact(&self.text) {
            0.0
        } else if self.is_sentence() {
            length - self.linked as f64 * 1.5
        } else {
            (length * 0.25).min(6.0)
        }
    }
}

impl Outline {
    fn of(html: &Html) -> Outline {
        let mut outline = Outline { lines: vec![Line::default()], blocks: vec![Block::default()] };
        let (mut block, mut links, mut named, mut hidden) = (0, 0_usize, 0_usize, 0_usize);
        for edge in html.tree.root().traverse() {
            let (node, opens) = match edge {
                Edge::Open(node) => (node, true),
                Edge::Close(node) => (node, false),
            };
            if let (Node::Text(text), true, 0) = (node.value(), opens, hidden) {
                outline.take(text, (block, links > 0, named > 0));
            }
            let Some(element) = ElementRef::wrap(node) else { continue };
            let count = |counter: &mut usize, applies: bool| {
                *counter =
                    if opens { *counter + usize::from(applies) } else { *counter - usize::from(applies) };
            };
            let name = element.value().name();
            count(&mut hidden, is_hidden(element));
            count(&mut named, is_named(element));
            count(&mut links, name == "a" && element.attr("href").is_some());
            if name == "br" && opens {
                outline.break_line(block);
            } else if is_block(name) || name == "body" {
                block = if opens { outline.open(block) } else { outline.close(block) };
            }
        }
        outline.close(0);
        outline
    }

    fn take(&mut self, text: &str, (block, linked, named): (usize, bool, bool)) {
        let Some(line) = self.lines.last_mut() else { return };
        let length = text.chars().filter(|c| !c.is_whitespace()).count();
        line.text.extend(text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }));
        line.length += length;
        line.linked += if linked { length } else { 0 };
        line.block = block;
        line.named |= named;
    }

    fn break_line(&mut self, block: usize) {
        if self.lines.last().is_some_and(|line| line.length > 0) {
            self.lines.push(Line { block, ..Line::default() });
        } else if let Some(line) = self.lines.last_mut() {
            *line = Line { block, ..Line::default() };
        }
    }

    fn open(&mut self, parent: usize) -> usize {
        self.break_line(parent);
        let first = self.lines.len() - 1;
        self.blocks.push(Block { parent: Some(parent), lines: first..first, weight: 0.0 });
        self.blocks.len() - 1
    }

    /// Ends a block; the one around it.
    fn close(&mut self, block: usize) -> usize {
        self.break_line(block);
        let end = self.lines.len() - 1;
        let Some(closed) = self.blocks.get_mut(block) else { return 0 };
        closed.lines.end = end;
        let parent = closed.parent.unwrap_or_default();
        if let Some(line) = self.lines.last_mut() {
            line.block = parent;
        }
        parent
    }

    fn text(mut self, names_count: bool, title: &str) -> String {
        for line in &self.lines {
            let weight = match line.named && names_count {
                _ if line.length == 0 => 0.0,
                true => -2.0 - (line.length as f64 * 0.3).min(20.0),
                false => line.weight(),
            };
            if let Some(block) = self.blocks.get_mut(line.block) {
                block.weight += weight;
            }
        }
        // Inner blocks come behind the ones around them.
        for place in (1..self.blocks.len()).rev() {
            let (weight, parent) = match self.blocks.get(place) {
                Some(Block { weight, parent: Some(parent), .. }) => (*weight, *parent),
                _ => continue,
            };
            if let Some(parent) = self.blocks.get_mut(parent) {
                parent.weight += weight;
            }
        }
        let best = self.heaviest();
        let Some(block) = self.blocks.get(best) else { return String::new() };
        let is_article = block.weight >= LEAST_WEIGHT;
        let range = if is_article { block.lines.clone() } else { 0..self.lines.len() };
        let lines: Vec<&Line> =
            self.lines.get(range).unwrap_or_default().iter().filter(|line| line.length > 0).collect();
        select(&lines, names_count, title)
    }

    fn heaviest(&self) -> usize {
        let mut best = 0;
        for (place, block) in self.blocks.iter().enumerate() {
            if self.blocks.get(best).is_none_or(|known| block.weight >= known.weight) {
                best = place;
            }
        }
        // The blocks in it follow it, the nearest first.
        let end = self.blocks.get(best).map_or(0, |block| block.lines.end);
        let mut place = best + 1;
        while let Some(block) = self.blocks.get(place).filter(|block| block.lines.start < end) {
            if self.blocks.get(best).is_some_and(|known| block.weight >= known.weight * NEARLY_ALL) {
                best = place;
            }
            place += 1;
        }
        best
    }
}

/// The lines of the article among those of its block.
fn select(lines: &[&Line], names_count: bool, title: &str) -> String {
    let whole: usize = lines.iter().filter(|line| line.is_sentence()).map(|line| line.length).sum();
    let mut text = String::new();
    let (mut taken, mut sentences) = (0, 0);
    for (place, line) in lines.iter().enumerate() {
        let tidy = line.text.split_whitespace().collect::<Vec<_>>().join(" ");
        if sentences * 2 > whole && boilerplate::ends_text(&tidy) {
            break;
        }
        let has_link_beside = [place.checked_sub(1), Some(place + 1)]
            .into_iter()
            .flatten()
            .filter_map(|beside| lines.get(beside))
            .any(|beside| beside.is_link());
        let is_link_in_list = line.is_link() && (has_link_beside || line.length < 6 || sentences == 0);
        let is_head =
            taken < HEAD_LINES && sentences < 40 && (tidy == title || boilerplate::is_particulars(&tidy));
        if (line.named && names_count) || is_link_in_list || is_head || boilerplate::is_line(&tidy) {
            continue;
        }
        taken += 1;
        sentences += if line.is_sentence() { line.length } else { 0 };
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&tidy);
    }
    text
}

fn is_hidden(element: ElementRef<'_>) -> bool {
    let style = element.attr("style").unwrap_or_default();
    let is_invisible =
        style.len() < 1000 && style.to_ascii_lowercase().replace(' ', "").contains("display:none");
    is_invisible || element.attr("hidden").is_some() || element.value().name() == "head"
}

fn is_named(element: ElementRef<'_>) -> bool {
    let name = element.value().name();
    if matches!(name, "nav" | "footer" | "aside" | "menu") {
        return true;
    }
    if matches!(name, "body" | "html" | "a" | "p" | "td" | "tr" | "tbody" | "article" | "main") {
        return false;
    }
    let names = [element.attr("class"), element.attr("id")];
    names.into_iter().flatten().any(|name| name.len() < 200 && boilerplate::is_named_so(name))
}
