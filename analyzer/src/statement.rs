//! Official texts on a concern: what offices have already said, so that nobody is asked for an answer that exists.

use crawler::post::{Publisher, Stored};

use crate::concern::{Concern, Scope};
use crate::explain::Statement;
use crate::matcher::{Text, split_entry};
use crate::quote::{EXCERPT, shorten};

/// Statements shown at most.
const MOST: usize = 5;

/// Entries that mark a text as reporting an official reply, ready to be looked for.
#[derive(Clone, Debug)]
pub(crate) struct Replies {
    entries: Vec<Vec<String>>,
    scope: Scope,
}

impl Replies {
    pub(crate) fn new(concern: &Concern) -> Replies {
        let entries =
            concern.replies.iter().map(|typed| split_entry(typed)).filter(|parts| !parts.is_empty());
        Replies { entries: entries.collect(), scope: concern.scope }
    }

    /// Whether a post that matches the concern is an office's own text, or reports one.
    pub(crate) fn is_statement(&self, stored: &Stored, text: &Text) -> bool {
        let in_text = |part: &String| {
            text.title.contains(part) || (self.scope == Scope::All && text.text.contains(part))
        };
        stored.post.publisher == Publisher::Gov || self.entries.iter().any(|parts| parts.iter().all(in_text))
    }
}

/// The newest statements first; the same text from one source once.
pub(crate) fn statements(posts: &[&Stored], source_name: impl Fn(&str) -> String) -> Vec<Statement> {
    let mut newest: Vec<&&Stored> = posts.iter().collect();
    newest.sort_by_key(|stored| std::cmp::Reverse((stored.post.time, stored.post.id)));
    let mut found: Vec<Statement> = Vec::new();
    for stored in newest {
        let post = &stored.post;
        let title = shorten(if post.title.is_empty() { &post.text } else { &post.title }, EXCERPT);
        let source = source_name(&post.source);
        let is_known = found.iter().any(|other| other.title == title && other.source == source);
        if !is_known && found.len() < MOST {
            // Individuals who merely repeat an office's words are no link to follow.
            let address = post.address.clone().filter(|_| post.publisher != Publisher::Individual);
            found.push(Statement { time: post.time, source, title, address });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quote::tests::post;

    #[test]
    fn an_office_speaks_officially_and_a_title_may_report_it() {
        let concern: Concern = serde_json::from_value(serde_json::json!({
            "id": "返乡", "name": "返乡", "words": ["返乡"], "not": [], "scope": "title", "asks": [],
            "replies": ["国家卫健委 回应"], "needs": crate::level::Needs::default(), "min_voices": 3,
        }))
        .unwrap();
        let replies = Replies::new(&concern);
        let said = |publisher, title: &str| {
            let mut stored = post(1, 1, "国家卫健委 回应");
            stored.post.title = title.to_owned();
            stored.post.publisher = publisher;
            replies.is_statement(&stored, &Text::of(&stored.post))
        };
        assert!(said(Publisher::Gov, "返乡须知"));
        assert!(said(Publisher::Platform, "国家卫健委回应返乡政策"));
        assert!(!said(Publisher::Platform, "返乡要不要核酸"));
    }

    #[test]
    fn the_newest_comes_first_and_copies_once() {
        let posts = [post(1, 1, "通报一"), post(2, 2, "通报二"), post(3, 2, "通报二")];
        let found = statements(&posts.iter().collect::<Vec<_>>(), |id| id.to_owned());
        let titles: Vec<&str> = found.iter().map(|statement| statement.title.as_str()).collect();
        assert_eq!(titles, ["通报二", "通报一"]);
        assert_eq!(found[0].address, None);
    }
}
