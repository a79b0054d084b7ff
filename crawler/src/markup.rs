//! HTML made harmless before a tree is built of it: well nested, without scripts, of bounded depth and
//! size. One pass, no recursion, and time that grows with the length alone, whatever somebody sends.
//!
//! HTML's own rules would allow a page of one megabyte that makes a tree of a hundred million nodes, or
//! one so deep that dropping it overflows the stack. What is balanced has neither.

pub(crate) mod meta;
mod rules;
mod tag;
pub(crate) mod text;

use rules::Nesting;
pub(crate) use rules::is_block;
use tag::Tag;

/// How large a tree may become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Elements within each other; deeper ones leave their text in the one around them.
    pub depth: usize,
    /// Elements, texts and attributes; the page is cut behind that many.
    pub nodes: usize,
    /// Attributes of one element; one with more loses them all.
    pub attributes: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { depth: 512, nodes: 200_000, attributes: 128 }
    }
}

/// A page made harmless.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tame {
    /// Well nested mark-up.
    pub html: String,
    /// The page's descriptions of itself (JSON-LD), unread.
    pub descriptions: Vec<String>,
    /// Some elements were deeper than allowed.
    pub too_deep: bool,
    /// The page had more than allowed and was cut.
    pub cut: bool,
}

/// Longest description of itself that is kept of a page.
const DESCRIPTION_AT_MOST: usize = 64 * 1024;

/// Makes a page harmless.
pub fn tame(html: &str, limits: Limits) -> Tame {
    let mut tamer = Tamer {
        html,
        limits,
        tame: Tame::default(),
        open: Vec::new(),
        nodes: 0,
        paragraphs: 0,
        never_ends: Vec::new(),
        page_tags: Vec::new(),
    };
    tamer.tame.html.reserve(html.len());
    tamer.run();
    tamer.tame
}

/// An element that is open.
struct Open<'a> {
    name: String,
    /// Its start tag, to open it again.
    tag: &'a str,
    /// Its end tag came while others were open in it: it ends with them.
    ended: bool,
}

struct Tamer<'a> {
    html: &'a str,
    limits: Limits,
    tame: Tame,
    open: Vec<Open<'a>>,
    nodes: usize,
    /// How many paragraphs are open: mostly none, and then nobody need look for one.
    paragraphs: usize,
    /// Elements whose end was looked for in vain once.
    never_ends: Vec<&'static str>,
    /// `html` and `body`, once they were seen.
    page_tags: Vec<&'static str>,
}

impl<'a> Tamer<'a> {
    fn run(&mut self) {
        let mut at = 0;
        while let Some(rest) = self.html.get(at..).filter(|rest| !rest.is_empty()) {
            if self.nodes >= self.limits.nodes {
                self.tame.cut = true;
                break;
            }
            at += match rest.find('<') {
                Some(0) => self.mark_up(rest),
                Some(length) => self.text(rest.get(..length).unwrap_or_default()),
                None => self.text(rest),
            };
        }
        self.close_to(0);
    }

    fn text(&mut self, text: &str) -> usize {
        self.nodes += 1;
        self.tame.html.push_str(text);
        text.len()
    }

    /// Takes what begins with `<`; its length.
    fn mark_up(&mut self, rest: &'a str) -> usize {
        let next = rest.as_bytes().get(1).copied().unwrap_or_default();
        match next {
            b'!' | b'?' => tag::comment(rest),
            b'/' if rest.as_bytes().get(2).is_some_and(u8::is_ascii_alphabetic) => {
                let Some(tag) = Tag::scan(rest, 2) else { return rest.len() };
                self.end(&tag);
                tag.length
            }
            b'/' => tag::comment(rest),
            next if next.is_ascii_alphabetic() => {
                let Some(tag) = Tag::scan(rest, 1) else { return rest.len() };
                self.start(&tag, rest)
            }
            _ => {
                self.tame.html.push_str("&lt;");
                1
            }
        }
    }

    /// Takes a start tag, with its content where that is no mark-up; their length.
    fn start(&mut self, tag: &Tag<'a>, rest: &'a str) -> usize {
        self.nodes += 1 + tag.attributes / 4;
        let name = tag.name.as_str();
        match rules::nesting(name) {
            Nesting::Unseen(name) => return tag.length + self.skip(name, tag, rest),
            Nesting::Title => return tag.length + self.title(rest.get(tag.length..).unwrap_or_default()),
            Nesting::Dropped => {}
            Nesting::Page(name) => {
                if !self.page_tags.contains(&name) {
                    self.page_tags.push(name);
                    self.write(tag);
                }
            }
            Nesting::Empty => {
                self.close_what_ends_before(name);
                self.write(tag);
            }
            Nesting::Alone if self.open.iter().any(|open| open.name == name) => {}
            Nesting::Alone | Nesting::Element => self.element(tag),
        }
        tag.length
    }

    fn element(&mut self, tag: &Tag<'a>) {
        self.close_what_ends_before(&tag.name);
        if self.open.len() >= self.limits.depth {
            self.tame.too_deep = true;
            return;
        }
        let reopened = if tag.name == "a" { self.leave_link() } else { Vec::new() };
        for open in reopened {
            self.nodes += 1;
            self.tame.html.push_str(open.tag);
            self.paragraphs += usize::from(open.name == "p");
            self.open.push(open);
        }
        let written = self.write(tag);
        self.paragraphs += usize::from(tag.name == "p");
        self.open.push(Open { name: tag.name.clone(), tag: written, ended: false });
    }

    /// Writes a tag, without its attributes if there are too many of them; what was written.
    fn write(&mut self, tag: &Tag<'a>) -> &'a str {
        if tag.attributes <= self.limits.attributes {
            self.tame.html.push_str(tag.written);
            return tag.written;
        }
        let bare = tag.written.get(..=tag.name.len()).unwrap_or_default();
        self.tame.html.push_str(bare);
        self.tame.html.push('>');
        // Opened again it would be a bare name without its bracket: it is not opened again.
        ""
    }

    /// Links do not stand in links: an open one ends here, and what was opened in it goes on without it.
    fn leave_link(&mut self) -> Vec<Open<'a>> {
        let Some(link) = self.open.iter().rposition(|open| open.name == "a") else { return Vec::new() };
        let inner: Vec<Open<'a>> = self
            .open
            .iter()
            .skip(link + 1)
            .filter(|open| !open.ended && !open.tag.is_empty())
            .map(|open| Open { name: open.name.clone(), tag: open.tag, ended: false })
            .collect();
        self.close_to(link);
        inner
    }

    fn close_what_ends_before(&mut self, name: &str) {
        if self.paragraphs == 0 && rules::ends_paragraphs_only(name) {
            return;
        }
        let names = self.open.iter().map(|open| open.name.as_str());
        if let Some(place) = rules::ends_before(names.rev(), name).map(|above| self.open.len() - 1 - above) {
            self.close_to(place);
        }
    }

    fn end(&mut self, tag: &Tag<'a>) {
        self.nodes += 1;
        if tag.name == "br" {
            self.tame.html.push_str("<br>");
            return;
        }
        let names = self.open.iter().map(|open| open.name.as_str());
        match rules::end(names.rev(), &tag.name) {
            rules::End::Here(above) => self.close_to(self.open.len() - 1 - above),
            rules::End::WithOthers(above) => {
                let place = self.open.len() - 1 - above;
                if let Some(open) = self.open.get_mut(place) {
                    open.ended = true;
                }
            }
            rules::End::Nowhere => {}
        }
    }

    /// Closes all elements but the outermost so many, and those around that ended already.
    fn close_to(&mut self, keep: usize) {
        while self.open.len() > keep || self.open.last().is_some_and(|open| open.ended) {
            let Some(open) = self.open.pop() else { return };
            self.paragraphs -= usize::from(open.name == "p");
            self.tame.html.push_str("</");
            self.tame.html.push_str(&open.name);
            self.tame.html.push('>');
        }
    }

    /// Leaves out an element with its content; the content's length.
    fn skip(&mut self, name: &'static str, tag: &Tag<'a>, rest: &'a str) -> usize {
        let rest = rest.get(tag.length..).unwrap_or_default();
        if self.never_ends.contains(&name) {
            return 0;
        }
        match tag::end_of(rest, name) {
            Some(end) => {
                let content = rest.get(..end).unwrap_or_default();
                if name == "script" && tag.describes_the_page() && content.len() <= DESCRIPTION_AT_MOST {
                    self.tame.descriptions.push(content.to_owned());
                }
                end
            }
            // Browsers show nothing behind a script without an end.
            None if matches!(name, "script" | "style") => rest.len(),
            None => {
                self.never_ends.push(name);
                0
            }
        }
    }

    fn title(&mut self, rest: &str) -> usize {
        if self.never_ends.contains(&"title") {
            return 0;
        }
        let Some(end) = tag::end_of(rest, "title") else {
            self.never_ends.push("title");
            return 0;
        };
        let content = rest.get(..end).unwrap_or_default();
        self.tame.html.push_str("<title>");
        self.tame.html.push_str(&content.replace('<', "&lt;"));
        self.tame.html.push_str("</title>");
        end
    }
}

#[cfg(test)]
mod tests;
