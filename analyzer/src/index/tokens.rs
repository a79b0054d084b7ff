//! Cuts normalised texts for the index: into jieba's words, and into pairs of neighbouring characters.
//! One token is in memory at a time, however long the text.

use std::ops::Range;

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

use crate::segment::Segmenter;

/// Words for relevance.
#[derive(Clone)]
pub(super) struct Words(pub(super) Segmenter);

/// Every pair of neighbouring characters at its character position; the last character alone.
#[derive(Clone, Copy)]
pub(super) struct Pairs;

pub(super) struct WordStream<'a> {
    text: &'a str,
    words: std::vec::IntoIter<Range<usize>>,
    token: Token,
}

pub(super) struct PairStream<'a> {
    /// What is still to be cut.
    rest: &'a str,
    token: Token,
}

impl Tokenizer for Words {
    type TokenStream<'a> = WordStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> WordStream<'a> {
        let words: Vec<Range<usize>> =
            self.0.search_words(text).into_iter().map(|(_, range)| range).collect();
        WordStream { text, words: words.into_iter(), token: Token::default() }
    }
}

impl Tokenizer for Pairs {
    type TokenStream<'a> = PairStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> PairStream<'a> {
        PairStream { rest: text, token: Token::default() }
    }
}

impl TokenStream for WordStream<'_> {
    fn advance(&mut self) -> bool {
        let Some(word) = self.words.next().and_then(|range| self.text.get(range)) else { return false };
        next_position(&mut self.token);
        self.token.text.push_str(word);
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

impl TokenStream for PairStream<'_> {
    fn advance(&mut self) -> bool {
        let mut chars = self.rest.chars();
        let Some(first) = chars.next() else { return false };
        self.rest = chars.as_str();
        next_position(&mut self.token);
        self.token.text.push(first);
        self.token.text.extend(chars.next());
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

/// A fresh token stands before position 0.
fn next_position(token: &mut Token) {
    token.text.clear();
    token.position = token.position.wrapping_add(1);
}
