//! Why a page could not be had, split by what the caller does about it.

use jiff::SignedDuration;
use thiserror::Error;

use crate::guard::Refusal;

/// Why a page could not be had. Each message says what was asked, what happened and what to do.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum FetchError {
    /// The site asked for a pause. Not a mistake of anybody's: come back later.
    #[error("{url} asks to be left alone for {} s ({why}); it is asked again after that", retry_after.as_secs())]
    Throttled {
        /// What was asked.
        url: String,
        /// How long to wait.
        retry_after: SignedDuration,
        /// What the site said.
        why: String,
    },
    /// The page is gone for good.
    #[error("{url} is gone for good (410); look for the site's new address and put it into the source")]
    Gone {
        /// What was asked.
        url: String,
    },
    /// robots.txt forbids it, or cannot be read, which counts as forbidding.
    #[error("{url} is not fetched: {why}")]
    Disallowed {
        /// What would have been asked.
        url: String,
        /// What robots.txt says, or why it cannot be read.
        why: String,
    },
    /// The address is not one we ask.
    #[error("{url} is not asked: {why}")]
    Blocked {
        /// What would have been asked.
        url: String,
        /// Why not.
        why: Refusal,
    },
    /// The page is larger than the limit.
    #[error(
        "{url} is larger than {limit} bytes when unpacked; ask the site for a shorter list, or raise the limit"
    )]
    TooLarge {
        /// What was asked.
        url: String,
        /// The limit in bytes.
        limit: usize,
    },
    /// The site was too slow.
    #[error("{url}: {stage} took longer than {seconds} s; see whether the site works in a browser")]
    Timeout {
        /// What was asked.
        url: String,
        /// What took so long.
        stage: &'static str,
        /// The limit in seconds.
        seconds: u64,
    },
    /// The page broke off or could not be unpacked.
    #[error("{url} broke off before its end ({why}); nothing of it was taken, it is fetched again")]
    Truncated {
        /// What was asked.
        url: String,
        /// What was noticed.
        why: String,
    },
    /// An answer that is neither a page nor a redirect.
    #[error("{url} answered {status}{}", advice(*status))]
    Status {
        /// What was asked.
        url: String,
        /// HTTP status.
        status: u16,
    },
    /// No usable answer.
    #[error("{url}: {why}")]
    Other {
        /// What was asked.
        url: String,
        /// What happened and what to do.
        why: String,
    },
}

impl FetchError {
    /// What happened, without the address and without advice.
    pub(super) fn in_short(&self) -> String {
        match self {
            FetchError::Throttled { why, .. }
            | FetchError::Truncated { why, .. }
            | FetchError::Disallowed { why, .. } => why.clone(),
            FetchError::Gone { .. } => "gone".to_owned(),
            FetchError::Blocked { why, .. } => why.to_string(),
            FetchError::TooLarge { .. } => "too large".to_owned(),
            FetchError::Timeout { stage, seconds, .. } => format!("{stage} took longer than {seconds} s"),
            FetchError::Status { status, .. } => format!("it answers {status}"),
            FetchError::Other { why, .. } => why.split("; ").next().unwrap_or(why).to_owned(),
        }
    }
}

fn advice(status: u16) -> &'static str {
    match status {
        401 => {
            " (asks for a password); only public pages are read, so remove the source or find its public address"
        }
        403 | 451 => " (refused); ask the site whether it may be read, or remove the source",
        404 => " (not found); see whether the address is still right",
        500..=599 => " (the site has a fault of its own); it is asked again",
        _ => "; open the address in a browser to see what it is",
    }
}
