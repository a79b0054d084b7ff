//! Reads and checks the files an administrator and a clerk write. Reading never fails: it returns
//! what was understood, and a report of every problem with its place and its remedy. Reads no clock
//! and no environment: variables come in as an argument.

mod address;
mod administrator;
mod clerk;
mod defaults;
mod document;
mod draw;
mod duties;
mod encoding;
mod environment;
mod problem;
mod punctuation;
mod read;
mod section;
mod settings;
mod sources;
mod syntax;
mod unclosed;
mod value;

pub use document::{Document, Place};
pub use problem::{Problem, Report, Severity, Words};
pub use read::{CONCERNS, File, Loaded, load, read};
pub use settings::*;
