//! Turns a query, or a concern, into a question to the index. A word asks for an exact substring.

use std::ops::Bound;

use crawler::post::Publisher;
use tantivy::Term;
use tantivy::query::{
    AllQuery, BooleanQuery, BoostQuery, ConstScoreQuery, EmptyQuery, Occur, PhraseQuery, Query as Question,
    RangeQuery, TermQuery,
};
use tantivy::schema::{Field, IndexRecordOption};

use super::schema::{Fields, publisher_term};
use crate::concern::{Concern, Scope};
use crate::matcher::split_entry;
use crate::query::{By, Context, Node, UNASSIGNED};
use crate::segment::Segmenter;

type Boxed = Box<dyn Question>;

/// Posts that meet a condition.
pub(super) fn node(node: &Node, fields: &Fields, context: &Context<'_>) -> Boxed {
    match node {
        Node::All(nodes) => all(nodes, fields, context),
        Node::Any(nodes) => any(nodes.iter().map(|one| self::node(one, fields, context)).collect()),
        Node::Not(inner) => but(Box::new(AllQuery), vec![self::node(inner, fields, context)]),
        Node::Word(word) => substring(&word.text, Scope::All, fields),
        Node::Filter(filter) => self::filter(&filter.by, fields, context),
    }
}

/// Posts that belong to a concern, by the same rules as `matcher`.
pub(super) fn concern(concern: &Concern, fields: &Fields) -> Boxed {
    let entries = |typed: &[String]| -> Vec<Boxed> {
        typed
            .iter()
            .map(|entry| split_entry(entry))
            .filter(|parts| !parts.is_empty())
            .map(|parts| every(parts.iter().map(|part| substring(part, concern.scope, fields)).collect()))
            .collect()
    };
    but(any(entries(&concern.words)), entries(&concern.not))
}

/// Posts published from the one moment on and before the other, in Unix seconds.
pub(super) fn time(fields: &Fields, from: Option<i64>, until: Option<i64>) -> Boxed {
    let bound = |second: i64| Term::from_field_i64(fields.time, second);
    match (from, until) {
        (None, None) => Box::new(AllQuery),
        (from, until) => Box::new(RangeQuery::new(
            from.map_or(Bound::Unbounded, |second| Bound::Included(bound(second))),
            until.map_or(Bound::Unbounded, |second| Bound::Excluded(bound(second))),
        )),
    }
}

/// Posts by these publishers.
pub(super) fn publishers(publishers: &[Publisher], fields: &Fields) -> Boxed {
    any(publishers.iter().map(|&one| term(fields.publisher, publisher_term(one))).collect())
}

/// The same posts, ranked by the words they share with the query: titles count twice.
pub(super) fn ranked(posts: Boxed, words: &[String], fields: &Fields, segmenter: &Segmenter) -> Boxed {
    let mut clauses: Vec<(Occur, Boxed)> = vec![(Occur::Must, Box::new(ConstScoreQuery::new(posts, 0.0)))];
    for (word, _) in words.iter().flat_map(|word| segmenter.search_words(word)) {
        for (field, boost) in [(fields.title_words, 2.0), (fields.text_words, 1.0)] {
            let term = Term::from_field_text(field, word);
            let scored = Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs));
            clauses.push((Occur::Should, Box::new(BoostQuery::new(scored, boost))));
        }
    }
    Box::new(BooleanQuery::new(clauses))
}

pub(super) fn every(mut questions: Vec<Boxed>) -> Boxed {
    match questions.len() {
        0 => Box::new(AllQuery),
        1 => questions.remove(0),
        _ => Box::new(BooleanQuery::intersection(questions)),
    }
}

fn any(mut questions: Vec<Boxed>) -> Boxed {
    match questions.len() {
        0 => Box::new(EmptyQuery),
        1 => questions.remove(0),
        _ => Box::new(BooleanQuery::union(questions)),
    }
}

fn but(posts: Boxed, unwanted: Vec<Boxed>) -> Boxed {
    if unwanted.is_empty() {
        return posts;
    }
    let mut clauses = vec![(Occur::Must, posts)];
    clauses.extend(unwanted.into_iter().map(|question| (Occur::MustNot, question)));
    Box::new(BooleanQuery::new(clauses))
}

fn all(nodes: &[Node], fields: &Fields, context: &Context<'_>) -> Boxed {
    let (unwanted, wanted): (Vec<&Node>, Vec<&Node>) =
        nodes.iter().partition(|one| matches!(one, Node::Not(_)));
    let wanted = every(wanted.into_iter().map(|one| node(one, fields, context)).collect());
    let inner = |one: &Node| match one {
        Node::Not(inner) => node(inner, fields, context),
        other => node(other, fields, context),
    };
    but(wanted, unwanted.into_iter().map(inner).collect())
}

fn filter(by: &By, fields: &Fields, context: &Context<'_>) -> Boxed {
    match by {
        By::Source(names) => any(names.iter().flat_map(|name| source(name, fields, context)).collect()),
        By::Concern(names) => {
            let one = |name: &String| match context.concern(name) {
                Some(known) => Some(concern(known, fields)),
                None if UNASSIGNED.contains(&name.as_str()) => {
                    let all = context.concerns.iter().map(|one| concern(one, fields)).collect();
                    Some(but(Box::new(AllQuery), vec![any(all)]))
                }
                None => None,
            };
            any(names.iter().filter_map(one).collect())
        }
        By::Level(levels) => {
            let standing = context.levels.iter().filter(|(_, level)| levels.contains(level));
            let known = standing.filter_map(|(id, _)| context.concern(id));
            any(known.map(|one| concern(one, fields)).collect())
        }
        By::Time(span) => {
            let (from, until) = span.bounds(context.now, context.zone);
            time(fields, from.map(|from| from.as_second()), until.map(|until| until.as_second()))
        }
    }
}

/// A name may be that of a group, the id of a source or the name shown for it.
fn source(name: &str, fields: &Fields, context: &Context<'_>) -> Vec<Boxed> {
    let ids = context.sources.iter().filter(|(_, shown)| shown == name).map(|(id, _)| id.as_str());
    let mut questions: Vec<Boxed> = ids.map(|id| term(fields.source, id)).collect();
    questions.extend([term(fields.source, name), term(fields.group, name)]);
    questions
}

/// Posts with these characters side by side.
fn substring(text: &str, scope: Scope, fields: &Fields) -> Boxed {
    let in_title = row_of_pairs(text, fields.title_grams);
    match scope {
        Scope::Title => in_title,
        Scope::All => any(vec![in_title, row_of_pairs(text, fields.text_grams)]),
    }
}

fn row_of_pairs(text: &str, field: Field) -> Boxed {
    let chars: Vec<char> = text.chars().collect();
    let pair = |start: usize| -> Option<Term> {
        let pair: String = chars.get(start..start + 2)?.iter().collect();
        Some(Term::from_field_text(field, &pair))
    };
    match chars.as_slice() {
        [] => Box::new(EmptyQuery),
        [only] => one_character(*only, field),
        [_, _] => Box::new(TermQuery::new(Term::from_field_text(field, text), IndexRecordOption::Basic)),
        _ => {
            // Every second pair covers all characters; the last pair closes an odd end.
            let last = chars.len() - 2;
            let starts = (0..last).step_by(2).chain([last]);
            let terms = starts.filter_map(|start| pair(start).map(|term| (start, term))).collect();
            Box::new(PhraseQuery::new_with_offset(terms))
        }
    }
}

/// All pairs that begin with the character; the last character of a text stands alone for this.
fn one_character(char: char, field: Field) -> Boxed {
    let first = Term::from_field_text(field, &char.to_string());
    let next = (char as u32 + 1..=char::MAX as u32).find_map(char::from_u32);
    let end = next
        .map_or(Bound::Unbounded, |next| Bound::Excluded(Term::from_field_text(field, &next.to_string())));
    Box::new(RangeQuery::new(Bound::Included(first), end))
}

fn term(field: Field, value: &str) -> Boxed {
    Box::new(TermQuery::new(Term::from_field_text(field, value), IndexRecordOption::Basic))
}
