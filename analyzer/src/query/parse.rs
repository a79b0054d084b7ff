//! Reads a query. Never fails: returns what it understood and the list of what it did not.

use super::span::{Span, read_level};
use super::{By, Filter, Node, Problem, Query, What, Word};
use crate::normalize::normalize;

const MAX_CHARACTERS: usize = 1000;
const MAX_DEPTH: usize = 16;

pub(super) fn parse(typed: &str) -> (Query, Vec<Problem>) {
    let mut chars: Vec<char> = typed.chars().collect();
    let mut problems = Vec::new();
    if chars.len() > MAX_CHARACTERS {
        let length = chars.len() - MAX_CHARACTERS;
        problems.push(Problem { position: MAX_CHARACTERS, length, what: What::TooLong });
        chars.truncate(MAX_CHARACTERS);
    }
    let mut reader = Reader { chars, at: 0, depth: 0, problems };
    let mut nodes = reader.all();
    while reader.at < reader.chars.len() {
        // Only a closing bracket without its partner stops `all` before the end.
        reader.problem(reader.at, 1, What::StrayBracket);
        reader.at += 1;
        nodes.extend(reader.all());
    }
    if nodes.is_empty() && reader.problems.is_empty() {
        reader.problem(reader.chars.len(), 0, What::Empty);
    }
    let mut problems = reader.problems;
    problems.sort_by_key(|problem| problem.position);
    (Query { root: single(nodes, Node::All) }, problems)
}

struct Reader {
    chars: Vec<char>,
    at: usize,
    depth: usize,
    problems: Vec<Problem>,
}

impl Reader {
    /// Conditions side by side, up to a closing bracket or the end.
    fn all(&mut self) -> Vec<Node> {
        let mut nodes = Vec::new();
        while let Some(char) = self.skip_space() {
            if is_close(char) {
                break;
            }
            nodes.extend(self.any());
        }
        nodes
    }

    /// One condition, or several with bars between.
    fn any(&mut self) -> Option<Node> {
        let mut nodes = Vec::new();
        // Where the last bar stood that still waits for something behind it.
        let mut waiting = None;
        loop {
            match self.skip_space() {
                Some(char) if is_bar(char) => {
                    if nodes.is_empty() || waiting.is_some() {
                        self.problem(self.at, 1, What::LoneBar);
                    } else {
                        waiting = Some(self.at);
                    }
                    self.at += 1;
                }
                Some(char) if !is_close(char) && (nodes.is_empty() || waiting.is_some()) => {
                    if let Some(node) = self.one() {
                        nodes.push(node);
                        waiting = None;
                    } else if nodes.is_empty() {
                        return None;
                    }
                }
                _ => break,
            }
        }
        if let Some(bar) = waiting {
            self.problem(bar, 1, What::LoneBar);
        }
        match nodes.len() {
            0 => None,
            _ => Some(single(nodes, Node::Any)),
        }
    }

    /// One condition; `None` if it had to be left out.
    fn one(&mut self) -> Option<Node> {
        let start = self.at;
        match self.peek()? {
            char if is_minus(char) => {
                self.at += 1;
                let is_alone = self.peek().is_none_or(|next| {
                    next.is_whitespace() || is_close(next) || is_bar(next) || is_minus(next)
                });
                if is_alone {
                    self.problem(start, 1, What::LoneMinus);
                    return None;
                }
                self.one().map(|node| Node::Not(Box::new(node)))
            }
            char if is_open(char) => self.brackets(),
            char if is_quote(char) => {
                let typed = self.quoted();
                word(typed, true)
            }
            _ => self.filter().unwrap_or_else(|| {
                let typed = self.bare();
                word(typed, false)
            }),
        }
    }

    fn brackets(&mut self) -> Option<Node> {
        let start = self.at;
        self.at += 1;
        if self.depth == MAX_DEPTH {
            // Read on as if the bracket were not there; its partner then counts as stray.
            self.problem(start, 1, What::TooDeep);
            return None;
        }
        self.depth += 1;
        let nodes = self.all();
        self.depth -= 1;
        if self.at == self.chars.len() {
            self.problem(start, 1, What::OpenBracket);
        } else {
            self.at += 1;
            if nodes.is_empty() {
                self.problem(start, self.at - start, What::EmptyBrackets);
            }
        }
        (!nodes.is_empty()).then(|| single(nodes, Node::All))
    }

    /// What stands between quotation marks; any kind closes any other, as input methods mix them.
    fn quoted(&mut self) -> String {
        let start = self.at;
        self.at += 1;
        let inside = self.take_until(is_quote);
        if self.at == self.chars.len() {
            self.problem(start, 1, What::OpenQuote);
        } else {
            self.at += 1;
        }
        inside
    }

    fn bare(&mut self) -> String {
        self.take_until(|char| {
            char.is_whitespace() || is_bar(char) || is_open(char) || is_close(char) || is_quote(char)
        })
    }

    /// `Some` if a filter stands here, `Some(None)` if it had to be left out.
    fn filter(&mut self) -> Option<Option<Node>> {
        let start = self.at;
        let rest = self.chars.get(start..).unwrap_or_default();
        let colon = rest.iter().take(10).position(|&char| is_colon(char))?;
        let name: String = rest.iter().take(colon).collect();
        let kind = Kind::named(&normalize(&name))?;
        self.at += colon + 1;
        let value = match self.peek() {
            Some(char) if is_quote(char) => self.quoted(),
            _ => self.bare(),
        };
        let place = (start, self.at - start);
        let by = if normalize(&value).is_empty() { Err(What::NoValue(name)) } else { kind.read(&value) };
        Some(match by {
            Ok(by) => Some(Node::Filter(Filter { by, place })),
            Err(what) => {
                self.problem(place.0, place.1, what);
                None
            }
        })
    }

    fn take_until(&mut self, ends: impl Fn(char) -> bool) -> String {
        let taken: String = self.chars.iter().skip(self.at).take_while(|&&char| !ends(char)).collect();
        self.at += taken.chars().count();
        taken
    }

    fn skip_space(&mut self) -> Option<char> {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
        self.peek()
    }

    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn problem(&mut self, position: usize, length: usize, what: What) {
        self.problems.push(Problem { position, length, what });
    }
}

enum Kind {
    Source,
    Concern,
    Level,
    Time,
}

impl Kind {
    fn named(name: &str) -> Option<Kind> {
        match name {
            "信源" | "来源" | "source" => Some(Kind::Source),
            "关切" | "concern" => Some(Kind::Concern),
            "级别" | "level" => Some(Kind::Level),
            "时间" | "time" => Some(Kind::Time),
            _ => None,
        }
    }

    fn read(self, value: &str) -> Result<By, What> {
        let several = || value.split([',', '，', '、']).map(str::trim).filter(|one| !one.is_empty());
        match self {
            Kind::Source => Ok(By::Source(several().map(str::to_owned).collect())),
            Kind::Concern => Ok(By::Concern(several().map(str::to_owned).collect())),
            Kind::Level => several()
                .map(|one| read_level(&normalize(one)).ok_or_else(|| What::BadLevel(one.to_owned())))
                .collect::<Result<_, _>>()
                .map(By::Level),
            Kind::Time => Span::read(value).map(By::Time),
        }
    }
}

/// A list of one is that one.
fn single(mut nodes: Vec<Node>, list: fn(Vec<Node>) -> Node) -> Node {
    match nodes.len() {
        1 => nodes.remove(0),
        _ => list(nodes),
    }
}

/// `None` if nothing visible was typed.
fn word(typed: String, quoted: bool) -> Option<Node> {
    let text = normalize(&typed);
    (!text.is_empty()).then_some(Node::Word(Word { typed, text, quoted }))
}

fn is_bar(char: char) -> bool {
    matches!(char, '|' | '｜')
}

fn is_minus(char: char) -> bool {
    matches!(char, '-' | '－' | '−')
}

fn is_open(char: char) -> bool {
    matches!(char, '(' | '（')
}

fn is_close(char: char) -> bool {
    matches!(char, ')' | '）')
}

fn is_quote(char: char) -> bool {
    matches!(char, '"' | '“' | '”' | '＂')
}

fn is_colon(char: char) -> bool {
    matches!(char, ':' | '：')
}
