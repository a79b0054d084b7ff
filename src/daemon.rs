//! `guanlan run`: starts every part, lets time go by, and stops in order.
//!
//! crawl → intake (owns posts.db and the index) → lookout (owns counts.db and alerts.db) → post office.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use alerts::mail::Mailer;
use anyhow::Context;
use crawler::crawl::Visit;
use jiff::{SignedDuration, Timestamp};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tracing::{error, info, warn};

use crate::clock::Clock;
use crate::intake::Intake;
use crate::lookout::Lookout;
use crate::owner::Owner;

/// Visits that wait for the intake before the crawl waits too.
const VISITS: usize = 64;
/// The heart beats that often: buckets close, the index commits, mails leave.
const BEAT: Duration = Duration::from_millis(500);
/// What is in the pipe gets this long to drain when the program stops.
const DRAIN: Duration = Duration::from_secs(20);
