//! What the tests share: the program as a process, a small web site, a real mail server.

mod mailbox;
mod program;
mod site;

pub(crate) use mailbox::Mailbox;
pub(crate) use program::{Program, guanlan};
pub(crate) use site::{Answer, Site};

use std::time::Duration;

/// The longest a test waits for anything that must happen.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
