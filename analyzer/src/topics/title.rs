//! What a topic is called: the title of its most representative post where that may be quoted, else the
//! longest words that five people or more have in common, else nothing, and its words stand for it.

use std::collections::BTreeSet;

use crawler::post::{Publisher, Stored, Voice};

use crate::quote::{EXCERPT, LEAST_GROUP, shorten};

/// Characters of a common phrase at least: less is a word.
const PHRASE: usize = 5;
/// Characters of a post in which phrases are looked for.
const LOOKED_AT: usize = 120;

/// The title, from the topic's posts; `best` is the number of the most representative one.
pub fn title(posts: &[Stored], best: u64) -> Option<String> {
    let is_individual = |stored: &&Stored| stored.post.publisher == Publisher::Individual;
    let chosen = posts.iter().find(|stored| stored.sequence == best);
    let public = chosen.filter(|stored| !is_individual(stored));
    let public = public.or_else(|| posts.iter().find(|stored| !is_individual(stored)));
    let copies = |voice: Voice| posts.iter().filter(|stored| stored.voice == voice).count();
    let often = || chosen.filter(|stored| copies(stored.voice) >= LEAST_GROUP as usize);
    if let Some(stored) = public.or_else(often) {
        let short = shorten(text(stored), EXCERPT);
        return (!short.is_empty()).then_some(short);
    }
    phrase(posts, chosen.or(posts.first())?)
}

/// The longest piece of the best post that enough different texts have.
fn phrase(posts: &[Stored], best: &Stored) -> Option<String> {
    let texts: Vec<(Voice, &str)> = posts.iter().map(|stored| (stored.voice, text(stored))).collect();
    let characters: Vec<char> = text(best).chars().take(LOOKED_AT).collect();
    let is_said = |piece: &str| {
        let voices: BTreeSet<Voice> =
            texts.iter().filter(|(_, text)| text.contains(piece)).map(|(voice, _)| *voice).collect();
        voices.len() >= LEAST_GROUP as usize
    };
    for length in (PHRASE..=characters.len().min(EXCERPT)).rev() {
        for piece in characters.windows(length) {
            let has_edge = [piece.first(), piece.last()].into_iter().flatten().any(|c| !c.is_alphanumeric());
            let piece: String = piece.iter().collect();
            if !has_edge && is_said(&piece) {
                return Some(piece);
            }
        }
    }
    None
}

fn text(stored: &Stored) -> &str {
    if stored.post.title.is_empty() { &stored.post.text } else { &stored.post.title }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quote::tests::post as stored;

    #[test]
    fn an_individuals_own_words_are_no_title_but_what_five_say_is() {
        let posts: Vec<Stored> = (0..6u64)
            .map(|number| stored(number, number, &format!("我是{number}号，返京要不要隔离啊{number}")))
            .collect();
        assert_eq!(title(&posts, posts[0].sequence).as_deref(), Some("号，返京要不要隔离啊"));
        assert_eq!(title(&posts[..4], posts[0].sequence), None);
    }

    #[test]
    fn a_medium_or_a_platform_is_quoted() {
        let mut posts: Vec<Stored> =
            (0..3u64).map(|number| stored(number, number, &format!("各说各的{number}"))).collect();
        posts[1].post.publisher = Publisher::Platform;
        posts[1].post.title = "返京人员是否需要隔离".to_owned();
        assert_eq!(title(&posts, posts[0].sequence).as_deref(), Some("返京人员是否需要隔离"));
    }
}
