//! From pages to posts: one module per way of writing posts down. Knows formats and no HTTP; never
//! fails, but says what it understood and what it could not.

pub mod counts;
pub mod feed;
pub mod file;
pub mod json;
pub mod list;
pub mod mend;
pub mod plain;
mod room;
pub mod sitemap;

use crate::charset::Decoded;
use crate::markup::Tame;
use crate::mask::Masks;
use crate::post::{IdKey, Post};
use crate::words::Words;
pub use room::Room;

/// Longest title in characters; what is behind is cut.
pub const TITLE_AT_MOST: usize = 500;

/// Longest text in bytes that [`Room`] may give; what is behind is cut.
pub const TEXT_AT_MOST: usize = 4 * 1024 * 1024;

/// What every format needs to keep people's data out of what it makes.
#[derive(Clone, Debug)]
pub struct Privacy {
    /// Hides the addresses of individuals' posts in their ids.
    pub key: IdKey,
    /// What is masked.
    pub masks: Masks,
}

/// What was read out of one page.
#[derive(Clone, Debug, PartialEq)]
pub struct Parsed {
    /// The posts, in the page's order.
    pub posts: Vec<Post>,
    /// What could not be understood.
    pub problems: Vec<Problem>,
    /// How much of the page was understood.
    pub reading: Reading,
}

/// How much of a page was understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// All of it, save single entries.
    Whole,
    /// It is damaged; the posts are those before and behind the damage. Fetch it again in full.
    Damaged,
    /// It is something else; the first problem says what.
    SomethingElse,
}

/// One thing that could not be understood. Quotes nothing of the page but its structure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Line in the page or file, from 1, where there is one.
    pub line: Option<u64>,
    /// What is wrong, and what to do if anything can be done.
    pub what: Words,
}

impl Problem {
    /// More than this of one page are not listed one by one.
    pub const AT_MOST: usize = 20;

    /// A problem of the page as a whole.
    pub fn of_page(what: Words) -> Problem {
        Problem { line: None, what }
    }

    /// Bytes of the page that its charset does not explain.
    pub(crate) fn unreadable(decoded: &Decoded) -> Option<Problem> {
        let (places, encoding) = (decoded.unreadable, decoded.encoding.name());
        (places > 0).then(|| {
            Problem::of_page(Words::new(
                format!("有 {places} 处不能按 {encoding} 读出；如果是乱码，在信源里写 encoding"),
                format!(
                    "{places} places could not be read as {encoding}; if the text looks garbled, set `encoding` in the source"
                ),
            ))
        })
    }

    /// A page that is larger or deeper than ours may be.
    pub(crate) fn untamed(tame: &Tame) -> Option<Problem> {
        let what = match tame {
            Tame { cut: true, .. } => Words::new(
                "网页的标签太多；只读了前面的",
                "the page has too many tags; its beginning was read",
            ),
            Tame { too_deep: true, .. } => Words::new(
                "网页的标签套得太深；深处只读了文字",
                "the page's tags stand too deep in each other; of the deepest only the text was read",
            ),
            _ => return None,
        };
        Some(Problem::of_page(what))
    }
}
