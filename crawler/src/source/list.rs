//! A page that lists what is new, as the configuration describes it: what one entry is, and where in it
//! the title, the link, the time and the text stand. Selectors are compiled when the file is read.

use std::fmt;

use url::Url;

/// A CSS selector that was understood.
#[derive(Clone, PartialEq, Eq)]
pub struct Selector {
    written: String,
    compiled: scraper::Selector,
}

impl Selector {
    /// Compiles a selector; what is wrong with it, in the words of its parser, otherwise.
    pub fn parse(written: &str) -> Result<Selector, String> {
        match scraper::Selector::parse(written) {
            Ok(compiled) => Ok(Selector { written: written.to_owned(), compiled }),
            Err(error) => Err(error.to_string()),
        }
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.written
    }

    pub(crate) fn compiled(&self) -> &scraper::Selector {
        &self.compiled
    }
}

impl fmt::Debug for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.written, f)
    }
}

/// A page that lists entries (`kind = "html"`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List {
    /// Its address.
    pub url: Url,
    /// One entry.
    pub item: Selector,
    /// The title in an entry; the text of its link if missing.
    pub title: Option<Selector>,
    /// The link in an entry; its first one if missing.
    pub link: Option<Selector>,
    /// The time in an entry; whatever looks like a date if missing.
    pub time: Option<Selector>,
    /// The text in an entry; none if missing.
    pub text: Option<Selector>,
    /// The link to the next page of the list.
    pub next: Option<Selector>,
    /// Pages of the list that are read at one visit.
    pub pages: u32,
    /// Whether and how the page behind each link is read.
    pub article: Articles,
}

/// Whether and how the pages behind links are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Articles {
    /// They are read, and their text is found without help.
    Auto,
    /// They are not read.
    None,
    /// They are read, and their text is what the selector finds.
    By(Selector),
}

/// A sitemap (`kind = "sitemap"`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sitemap {
    /// Its address.
    pub url: Url,
    /// Only addresses that contain this are taken.
    pub include: Option<String>,
    /// Whether and how the page behind each address is read.
    pub article: Articles,
}
