//! Reads and checks the files an administrator and a clerk write. Reading never fails: it returns
//! what was understood, and a report of every problem with its place and its remedy. Reads no clock
//! and no environment: variables come in as an argument.

mod address;
mod administrator;
mod callers;
mod channels;
mod clerk;
mod defaults;
mod disk;
mod document;
mod draw;
mod duties;
mod encoding;

mod environment;
mod examples;
mod fetching;
mod fix;
mod init;
mod json;
mod keys;
mod measures;
mod notes;
mod oidc;
mod outline;
mod pages;
mod problem;
mod propose;
mod punctuation;
mod read;
mod secret;
mod section;
mod settings;
mod sources;
mod syntax;
mod unclosed;
mod value;
mod web;

/// Every option of `guanlan.toml` with its default and one line of why.
pub const DEFAULTS: &str = include_str!("../default.toml");
/// What a new `guanlan.toml` looks like.
pub const EXAMPLE: &str = include_str!("../guanlan.example.toml");
/// The first concerns of a new `concerns.toml`.
pub const FIRST_CONCERNS: &str = include_str!("../concerns.start.toml");
/// Concerns of a city in an epidemic, to copy from.
pub const EXAMPLE_CONCERNS: &str = include_str!("../concerns.example.toml");
/// What a city is usually concerned about, for hot lists.
pub const CITY_CONCERNS: &str = include_str!("../concerns.city.toml");
/// Sources to copy from: file names in `sources/` and what they hold.
pub const PRESETS: [(&str, &str); 12] = [
    ("discuz.toml", include_str!("../sources/discuz.toml")),
    ("feed.toml", include_str!("../sources/feed.toml")),
    ("files.toml", include_str!("../sources/files.toml")),
    ("hot-lists.toml", include_str!("../sources/hot-lists.toml")),
    ("hotline.toml", include_str!("../sources/hotline.toml")),
    ("html.toml", include_str!("../sources/html.toml")),
    ("leader-board.toml", include_str!("../sources/leader-board.toml")),
    ("portal.toml", include_str!("../sources/portal.toml")),
    ("push.toml", include_str!("../sources/push.toml")),
    ("rsshub.toml", include_str!("../sources/rsshub.toml")),
    ("wiki.toml", include_str!("../sources/wiki.toml")),
    ("wordpress.toml", include_str!("../sources/wordpress.toml")),
];

pub use address::is_closed;
pub use crawler::source::{Kind, Source};
pub use document::{Document, Place};
pub use fix::{Change, Fixed, fix, mend};
pub use init::{ADMINISTRATOR, InitError, PRESETS_FOLDER, init, quoted};
pub use outline::{Part, Setting};
pub use problem::{Problem, Report, Severity, Words};
pub use propose::{Proposal, ProposeError};
pub use read::{CONCERNS, File, Loaded, load, read};
pub use secret::{Secret, SecretError, TokenError};
pub use settings::*;
