//! Finds the text by weight: sentences pull a block towards the text, links and the words of navigation
//! push it away; the block that weighs most is the article. One pass over the tree, one over its blocks.

use std::collections::HashMap;

use ego_tree::iter::Edge;
use scraper::{ElementRef, Html, Node, Selector};

use super::{boilerplate, teaser};
use crate::format::plain;
use crate::markup::{is_block, text};

/// A line without a punctuation mark is a sentence from this many characters on.
const SENTENCE_FROM: usize = 30;

/// A block within the best one that weighs so much of it is taken instead: the rest is trimmings.
const NEARLY_ALL: f64 = 0.92;

/// Pages whose best block weighs less have no article; all their lines are taken that are not links.
const LEAST_WEIGHT: f64 = 25.0;

/// A block of a thread that weighs less is none of its posts.
const LEAST_POST: f64 = 15.0;

/// Posts that make a thread.
const LEAST_THREAD: usize = 3;

/// Characters of a text before anything can be its end.
const LEAST_TEXT: usize = 20;

/// Lines at the head of a text that may be its date, source and counters.
const HEAD_LINES: usize = 8;

/// One line as a reader sees it.
#[derive(Debug, Default)]
pub(super) struct Line {
    text: String,
    /// Characters that are no white space.
    pub(super) length: usize,
    /// Those of them in links.
    linked: usize,
    /// Links that begin in it.
    links: usize,
    /// What its words say of its place.
    marks: boilerplate::Marks,
    /// The innermost block around it.
    block: usize,
    /// It stands in a block whose name says that it is no text, or is the teaser of another text.
    pub(super) named: bool,
    /// It stands at the foot of the page, by the name of its block.
    foot: bool,
}

/// An element that begins lines of its own, or the page.
#[derive(Debug, Default)]
struct Block {
    parent: Option<usize>,
    /// Its lines, and those in its inner blocks.
    lines: std::ops::Range<usize>,
    weight: f64,
    /// The class of its element.
    name: Option<String>,
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

/// The text of a page, paragraph by paragraph, without its title, and how many characters of sentences the
/// page has that may be text.
pub(super) fn text(html: &Html, title: &str) -> (String, usize) {
    let mut outline = Outline::of(html);
    teaser::mark(&mut outline.lines);
    outline.judge_names();
    let is_text = |line: &&Line| !line.named && !line.is_link() && line.is_sentence();
    let sentences = outline.lines.iter().filter(is_text).map(|line| line.length).sum();
    (outline.text(title), sentences)
}

/// All lines of a page that are text, wherever they stand.
pub(super) fn lines(html: &Html, title: &str) -> String {
    let mut outline = Outline::of(html);
    outline.lines.iter_mut().for_each(|line| line.named = false);
    outline.select(&[outline.whole()], title)
}

impl Line {
    pub(super) fn is_sentence(&self) -> bool {
        self.length >= SENTENCE_FROM || self.text.contains(['。', '，', '；', '！', '？', '：', '、'])
    }

    pub(super) fn is_link(&self) -> bool {
        self.linked * 2 > self.length
    }

    fn weight(&self) -> f64 {
        let length = self.length as f64;
        if self.marks.is_trimming {
            -8.0
        } else if self.is_link() {
            -2.0 - length.min(30.0) * 0.8
        } else if self.marks.is_contact {
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
        let mut block = 0;
        let (mut links, mut named, mut foot, mut hidden) = (0_usize, 0_usize, 0_usize, 0_usize);
        for edge in html.tree.root().traverse() {
            let (node, opens) = match edge {
                Edge::Open(node) => (node, true),
                Edge::Close(node) => (node, false),
            };
            if let (Node::Text(text), true, 0) = (node.value(), opens, hidden) {
                let line = Line { block, named: named > 0, foot: foot > 0, ..Line::default() };
                outline.take(text, links > 0, line);
            }
            let Some(element) = ElementRef::wrap(node) else { continue };
            let count = |counter: &mut usize, applies: bool| {
                *counter =
                    if opens { *counter + usize::from(applies) } else { *counter - usize::from(applies) };
            };
            let name = element.value().name();
            count(&mut hidden, is_hidden(element));
            count(&mut named, is_named(element, boilerplate::is_named_so));
            count(&mut foot, name == "footer" || is_named(element, boilerplate::is_foot));
            let is_link = name == "a" && element.attr("href").is_some();
            count(&mut links, is_link);
            if let (true, true, Some(line)) = (is_link, opens, outline.lines.last_mut()) {
                line.links += 1;
            }
            if name == "br" && opens {
                outline.break_line(block);
            } else if is_block(name) || name == "body" {
                block = if opens { outline.open(block, element.attr("class")) } else { outline.close(block) };
            }
        }
        outline.close(0);
        for line in &mut outline.lines {
            line.text = line.text.split_whitespace().collect::<Vec<_>>().join(" ");
            line.marks = boilerplate::Marks::of(&line.text);
        }
        outline
    }

    /// Takes a piece of text; `place` says where it stands.
    fn take(&mut self, text: &str, is_linked: bool, place: Line) {
        let Some(line) = self.lines.last_mut() else { return };
        let length = text.chars().filter(|c| !c.is_whitespace()).count();
        line.text.extend(text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }));
        line.length += length;
        line.linked += if is_linked { length } else { 0 };
        line.block = place.block;
        line.named |= place.named;
        line.foot |= place.foot;
    }

    fn break_line(&mut self, block: usize) {
        if self.lines.last().is_some_and(|line| line.length > 0) {
            self.lines.push(Line { block, ..Line::default() });
        } else if let Some(line) = self.lines.last_mut() {
            *line = Line { block, ..Line::default() };
        }
    }

    fn open(&mut self, parent: usize, name: Option<&str>) -> usize {
        self.break_line(parent);
        let first = self.lines.len() - 1;
        let name = name.filter(|name| !name.is_empty() && name.len() < 100).map(str::to_owned);
        self.blocks.push(Block { parent: Some(parent), lines: first..first, weight: 0.0, name });
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

    /// Decides whether names count. A site may call its article anything: they count only while they spare
    /// most of the text. The foot of a page, which may be longer than its text, has no say in that.
    fn judge_names(&mut self) {
        let sum = |wanted: fn(&Line) -> bool| -> f64 {
            let lines = self.lines.iter().filter(|line| line.length > 0 && wanted(line));
            lines.map(Line::weight).filter(|weight| *weight > 0.0).sum()
        };
        let plain = sum(|line| !line.named);
        let names_count = plain * 2.0 > sum(|line| line.named && !line.foot);
        self.lines.iter_mut().for_each(|line| line.named &= names_count);
    }

    fn text(mut self, title: &str) -> String {
        for line in &self.lines {
            let weight = match line.named {
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
        if block.weight < LEAST_WEIGHT {
            return self.select(&[self.whole()], title);
        }
        let alike = self.alike(best);
        if alike.is_empty() {
            self.select(std::slice::from_ref(&block.lines), title)
        } else {
            self.select(&alike, title)
        }
    }

    /// The posts of a thread: blocks of one name that share the text among them. A long article is none,
    /// although a page may use the name of its block for others.
    fn alike(&self, best: usize) -> Vec<std::ops::Range<usize>> {
        let Some(Block { name: Some(name), weight: most, .. }) = self.blocks.get(best) else {
            return Vec::new();
        };
        let (mut alike, mut others, mut end) = (Vec::new(), 0.0, 0);
        for (place, block) in self.blocks.iter().enumerate() {
            let is_alike = block.name.as_ref() == Some(name) && block.lines.start >= end;
            if is_alike && block.weight >= LEAST_POST {
                alike.push(block.lines.clone());
                end = block.lines.end;
                others += if place == best { 0.0 } else { block.weight };
            }
        }
        if alike.len() >= LEAST_THREAD && others * 2.0 > *most { alike } else { Vec::new() }
    }

    /// All lines.
    fn whole(&self) -> std::ops::Range<usize> {
        0..self.lines.len()
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

    /// The lines of the article among those of its blocks.
    fn select(&self, ranges: &[std::ops::Range<usize>], title: &str) -> String {
        let lines = ranges.iter().flat_map(|range| self.lines.get(range.clone()).unwrap_or_default());
        let lines: Vec<&Line> = lines.filter(|line| line.length > 0).collect();
        let last = self.last_sentences(&lines);
        let mut text = String::new();
        // `goes_on` is how far down there are sentences beside those taken.
        let (mut taken, mut sentences, mut goes_on) = (0, 0, 0);
        for (place, line) in lines.iter().enumerate() {
            let has_text = sentences >= LEAST_TEXT;
            let leads_away = line.marks.leads_away && goes_on < place;
            if has_text && (line.marks.ends_text || leads_away) {
                break;
            }
            let has_link_beside = [place.checked_sub(1), Some(place + 1)]
                .into_iter()
                .flatten()
                .filter_map(|beside| lines.get(beside))
                .any(|beside| beside.is_link());
            let is_link_in_list =
                line.is_link() && (has_link_beside || line.links > 1 || line.length < 6 || sentences == 0);
            let is_head = taken < HEAD_LINES
                && sentences < 40
                && (line.text == title || boilerplate::is_particulars(&line.text));
            if line.named || is_link_in_list || is_head || line.marks.is_trimming {
                continue;
            }
            taken += 1;
            if line.is_sentence() {
                sentences += line.length;
                goes_on = goes_on.max(last.get(&self.around(line)).copied().unwrap_or_default());
            }
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(&line.text);
        }
        text
    }

    /// For each block the place of the last sentence in one of its inner blocks.
    fn last_sentences(&self, lines: &[&Line]) -> HashMap<Option<usize>, usize> {
        let sentences = lines.iter().enumerate().filter(|(_, line)| {
            !line.named && !line.is_link() && line.is_sentence() && !line.marks.is_trimming
        });
        sentences.map(|(place, line)| (self.around(line), place)).collect()
    }

    /// The block around that of a line.
    fn around(&self, line: &Line) -> Option<usize> {
        self.blocks.get(line.block).and_then(|block| block.parent)
    }
}

fn is_hidden(element: ElementRef<'_>) -> bool {
    let style = element.attr("style").unwrap_or_default();
    let is_invisible =
        style.len() < 1000 && style.to_ascii_lowercase().replace(' ', "").contains("display:none");
    is_invisible || element.attr("hidden").is_some() || element.value().name() == "head"
}

/// Whether an element is named so that it holds no text of the article.
fn is_named(element: ElementRef<'_>, is_named_so: fn(&str) -> bool) -> bool {
    let name = element.value().name();
    if matches!(name, "nav" | "footer" | "aside" | "menu") {
        return true;
    }
    if matches!(name, "body" | "html" | "a" | "p" | "td" | "tr" | "tbody" | "article" | "main") {
        return false;
    }
    let names = [element.attr("class"), element.attr("id")];
    names.into_iter().flatten().any(|name| name.len() < 200 && is_named_so(name))
}
