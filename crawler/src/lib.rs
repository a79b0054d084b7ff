//! Collects public posts: sources, formats, manners, the archive.
//!
//! First link of the chain `crawler ← analyzer ← alerts ← config ← src`: knows nothing of
//! words, counts or mail. Reads no clock: `now` is an argument everywhere.

pub mod address;
pub mod archive;
pub mod article;
pub mod attachment;
pub mod category;
pub mod charset;
pub mod crawl;
pub mod date;
pub mod fetch;
pub mod format;
pub mod guard;
pub mod habit;
pub mod health;
pub mod markup;
pub mod mask;
pub mod numeral;
pub mod pace;
pub mod pause;
pub mod post;
pub mod private;
pub mod rhythm;
pub mod robots;
pub mod source;
pub mod wishes;
pub mod words;

#[cfg(test)]
mod site;
